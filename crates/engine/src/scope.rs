//! What an application was granted, asked of each operation that it runs for somebody.
//!
//! An operation is judged by the types that it names itself: those that it reads, embeds, filters or orders through,
//! aggregates, returns and writes. What rules look at is the project's own business and needs no grant.

use bistro_ir::{Action, Body, Operation, Scopes};
use bistro_problem::{Code, Problem};
use bistro_schema::{Schema, TypeId, TypeKind};

use crate::context::Context;
use crate::feed::{Types, filtered_by, read_by};

/// The types that an operation names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Named {
    read: Types,
    written: Option<TypeId>,
}

impl Named {
    /// The types of an operation as its caller wrote it.
    pub(crate) fn of(schema: &Schema, operation: &Operation) -> Self {
        let write = match &operation.body {
            Body::Read(read) => return Self { read: read_by(schema, read), written: None },
            Body::Write(write) => write,
        };
        let mut read = match &write.action {
            Action::Update { filter, .. } | Action::Delete { filter } => {
                filtered_by(schema, write.ty, filter)
            }
            // It looks for rows that are there.
            Action::Insert { conflict: Some(_), .. } => Types::from_iter([write.ty]),
            Action::Insert { conflict: None, .. } => Types::default(),
        };
        let returned = write.returning.as_ref().map(|returning| read_by(schema, returning));
        returned.iter().flat_map(Types::iter).for_each(|ty| read.insert(ty));
        Self { read, written: Some(write.ty) }
    }

    /// Refuses an application that was not granted all of them; who asks in person is not held up.
    pub(crate) fn check(&self, schema: &Schema, cx: &Context) -> Result<(), Problem> {
        let Some(scopes) = &cx.caller.scopes else { return Ok(()) };
        if let Some(ty) = self.written.filter(|ty| !writes(schema, scopes, *ty)) {
            return Err(lacking(schema, ty, "write"));
        }
        match self.read.iter().find(|ty| !reads(schema, scopes, *ty)) {
            Some(ty) => Err(lacking(schema, ty, "read")),
            None => Ok(()),
        }
    }
}

/// Whether the caller may be told of rows of the type, as far as scopes say.
pub(crate) fn may_read(schema: &Schema, cx: &Context, ty: TypeId) -> bool {
    cx.caller.scopes.as_ref().is_none_or(|scopes| reads(schema, scopes, ty))
}

/// Whether rows of the type may be read. Links belong to the rows that declare them, too.
fn reads(schema: &Schema, scopes: &Scopes, ty: TypeId) -> bool {
    names(schema, ty).any(|collection| scopes.reads(collection))
}

fn writes(schema: &Schema, scopes: &Scopes, ty: TypeId) -> bool {
    names(schema, ty).any(|collection| scopes.writes(collection))
}

/// The collections whose scope holds the rows of a type.
fn names(schema: &Schema, ty: TypeId) -> impl Iterator<Item = &str> {
    let of = schema.ty(ty);
    let owner = match of.kind {
        TypeKind::Join { owner, .. } => Some(schema.ty(owner).collection.as_str()),
        TypeKind::Model | TypeKind::Account | TypeKind::View { .. } => None,
    };
    std::iter::once(of.collection.as_str()).chain(owner)
}

fn lacking(schema: &Schema, ty: TypeId, verb: &str) -> Problem {
    let collection = &schema.ty(ty).collection;
    Problem::new(Code::InsufficientScope, format!("the application was not granted data:{collection}:{verb}"))
        .hint(format!("Ask for the scope data:{verb} or data:{collection}:{verb}."))
}
