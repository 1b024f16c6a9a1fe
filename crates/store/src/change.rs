//! Changes of tables, in the words of the schema that follows them. `bistro-migrate` finds them; a store carries them out.

use bistro_schema::{FieldId, RelationId, TypeId};

/// One change; ids are those of the next schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A new type with its fields, keys, uniques, indexes and foreign keys; for a view, nothing is stored.
    CreateType(TypeId),
    /// A new field. Existing rows get null, the literal default, or the time of the change for `expr: "now"`.
    AddField(TypeId, FieldId),
    /// A new foreign key field with its relation; existing rows get null.
    AddRelation(TypeId, RelationId),
    /// A new index, by position in `Type::indexes`.
    AddIndex(TypeId, usize),
    /// An index or unique set that is gone, by name.
    DropIndex(TypeId, String),
    /// A new unique set, by position in `Type::uniques`; rows must keep it.
    AddUnique(TypeId, usize),
    /// The full-text index of the type changed its fields.
    RebuildSearch(TypeId),
    /// A value condition of a field is new or narrower (enum, length, range, pattern); rows must keep it.
    Narrow(TypeId, FieldId),
    /// A check of the type is new, by position in `Type::checks`; rows must keep it. The condition is compiled by the
    /// engine, which counts violations itself.
    AddCheck(TypeId, usize),
}
