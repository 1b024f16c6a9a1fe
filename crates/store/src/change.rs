//! Changes of tables, in the words of the schema that follows them. `bistro-migrate` finds them; a store carries them out.

use bistro_schema::{FieldId, RelationId, TypeId};

/// One change; ids are those of the next schema, where nothing else is said.
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
    /// A table that is gone with all its rows; the id is of the schema before.
    DropType(TypeId),
    /// A view that is gone, by name.
    DropView(String),
    /// A table has another name: the id before, the id now.
    RenameType(TypeId, TypeId),
    /// A column has another name: the field before, the field now.
    RenameField(TypeId, FieldId, FieldId),
    /// A field that is gone with all its values; the field is of the schema before.
    DropField(TypeId, FieldId),
    /// Values become values of another kind: the field before, the field now.
    Convert(TypeId, FieldId, FieldId),
    /// The kind or the bounds of values changed in a way that some engines store otherwise: the field before, the field
    /// now. Values stay as they are.
    Fit(TypeId, FieldId, FieldId),
    /// A field is required now; rows with null get its literal default or the time of the change.
    Require(TypeId, FieldId),
    /// A field may be null now.
    Release(TypeId, FieldId),
    /// A foreign key over fields that have values.
    AddForeign(TypeId, RelationId),
    /// A foreign key that is gone, by name.
    DropForeign(TypeId, String),
    /// A foreign key has another name.
    RenameForeign(TypeId, String, RelationId),
    /// An index or unique set has another name: before, now.
    RenameIndex(TypeId, String, String),
}
