//! The operations that a caller sees, and what each does.

use std::collections::HashSet;
use std::sync::Arc;

use bistro_schema::{Schema, TypeId, TypeKind};

use super::shown::Shown;
use crate::names;

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Verb {
    Get,
    List,
    Count,
    Create,
    CreateMany,
    Update,
    Delete,
    SignIn,
}

/// An operation of the service.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    /// Its name, and that of the element which asks for it.
    pub(crate) name: Arc<str>,
    /// The name of the element which answers.
    pub(crate) answer: Arc<str>,
    pub(crate) verb: Verb,
    /// Whose rows; of no meaning to `SignIn`.
    pub(crate) ty: TypeId,
}

/// All operations, in the order of the file.
pub(super) fn all(schema: &Schema, shown: &[Shown], signs_in: bool) -> Vec<Operation> {
    let mut found = Vec::new();
    for (id, ty) in schema.types() {
        let (own, many) = (&shown[usize::from(id.0)], names::many(ty));
        let keyed = !own.keys.is_empty();
        // The links of a many-to-many list have no other column than their key.
        let changes = !own.update.is_empty() && !matches!(ty.kind, TypeKind::Join { .. });
        let offered = [
            (Verb::Get, own.rows() && keyed, format!("Get{}", ty.name)),
            (Verb::List, own.rows(), format!("List{many}")),
            (Verb::Count, own.rows(), format!("Count{many}")),
            (Verb::Create, !own.create.is_empty(), format!("Create{}", ty.name)),
            (Verb::CreateMany, !own.create.is_empty(), format!("Create{many}")),
            (Verb::Update, changes && keyed, format!("Update{}", ty.name)),
            (Verb::Delete, own.delete && keyed, format!("Delete{}", ty.name)),
        ];
        for (verb, _, name) in offered.into_iter().filter(|(_, offered, _)| *offered) {
            // Only the links of two old tables could share a name with something else: the first keeps it.
            if found.iter().all(|other: &Operation| *other.name != name) {
                found.push(operation(&name, verb, id));
            }
        }
    }
    if signs_in {
        found.push(operation("SignIn", Verb::SignIn, TypeId(0)));
    }
    name_answers(&mut found);
    found
}

fn operation(name: &str, verb: Verb, ty: TypeId) -> Operation {
    Operation { name: name.into(), answer: format!("{name}Response").into(), verb, ty }
}

/// Where types are called `Survey` and `SurveyResponse`, the answer of `GetSurvey` may not be called as the other operation
/// is: it is `GetSurveyReply` then, as no element may be there twice.
fn name_answers(all: &mut [Operation]) {
    let mut taken: HashSet<Arc<str>> = all.iter().map(|operation| Arc::clone(&operation.name)).collect();
    for operation in all {
        let mut end = "Response".to_owned();
        while !taken.insert(format!("{}{end}", operation.name).into()) {
            end = if end == "Response" { "Reply".into() } else { format!("{end}_") };
        }
        operation.answer = format!("{}{end}", operation.name).into();
    }
}
