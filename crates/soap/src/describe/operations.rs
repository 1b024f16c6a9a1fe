//! The operations that a caller sees, and what each does.

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
    pub(crate) name: Arc<str>,
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
                found.push(Operation { name: name.into(), verb, ty: id });
            }
        }
    }
    if signs_in {
        found.push(Operation { name: "SignIn".into(), verb: Verb::SignIn, ty: TypeId(0) });
    }
    found
}
