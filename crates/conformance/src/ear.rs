//! What the change feed of a subject tells of its operations.

use bistro_engine::{Changed, Engine, Listener, Types};
use futures_util::FutureExt as _;

/// Somebody who listens to every type.
pub(crate) struct Ear(Listener);

impl Ear {
    /// A listener to an engine.
    pub(crate) fn to(engine: &Engine) -> Self {
        let types: Types = engine.schema().types().map(|(id, _)| id).collect();
        Self(engine.feed().listen(&types))
    }

    /// What was committed since the last time, a line a commit. Rows that one statement writes come in a store's own order.
    pub(crate) fn heard(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(Some(next)) = self.0.next().now_or_never() {
            lines.push(match next {
                Ok(commit) => {
                    let mut changes: Vec<String> = commit.changes().iter().map(shown).collect();
                    changes.sort();
                    changes.join(", ")
                }
                Err(lagged) => format!("{lagged:?}"),
            });
        }
        lines
    }
}

fn shown(change: &Changed) -> String {
    match change {
        Changed::Row { ty, event, key, old } => {
            format!("{event:?} {} {key:?}{}", ty.0, if old.is_some() { " as it was" } else { "" })
        }
        Changed::Rows(ty) => format!("some of {}", ty.0),
        Changed::Unknown(ty) => format!("unknown of {}", ty.0),
    }
}
