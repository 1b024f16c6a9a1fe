//! What cannot be planned.

use bistro_problem::{Code, Problem};

/// Why an operation has no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The store of the type lacks a capability.
    #[error("the store of {collection} cannot {what}")]
    Unsupported {
        /// The collection.
        collection: String,
        /// What it cannot do.
        what: &'static str,
    },
    /// A function over values of a kind that it does not take.
    #[error("function {function}({kind}) does not exist")]
    Aggregate {
        /// The function's name.
        function: &'static str,
        /// The kind's PostgreSQL name.
        kind: &'static str,
    },
    /// The embeds are nested deeper than the limit.
    #[error("relations are embedded more than {limit} deep")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
}

impl PlanError {
    /// The problem that a caller reads.
    pub fn problem(&self) -> Problem {
        match self {
            PlanError::Unsupported { .. } => Problem::new(Code::Unsupported, self.to_string()),
            PlanError::Aggregate { .. } => Problem::new(Code::BadGrouping, self.to_string())
                .hint("Aggregate a number, or use count, min or max."),
            PlanError::TooDeep { limit } => Problem::new(Code::TooComplex, self.to_string())
                .hint(format!("Embed at most {limit} levels at once.")),
        }
    }
}
