//! What a file is written from: the types, fields and enums that tables became, and what was left out.

use bistro_store::catalogue::Table;

/// A file on its way.
#[derive(Debug, Default)]
pub(crate) struct Made<'c> {
    /// In the order of the tables' names.
    pub(crate) types: Vec<Type<'c>>,
    /// In the order of their first use.
    pub(crate) enums: Vec<Enum>,
    /// Tables that are no types: name and why.
    pub(crate) left_out: Vec<(String, String)>,
}

/// A table or view as a type.
#[derive(Debug)]
pub(crate) struct Type<'c> {
    pub(crate) table: &'c Table,
    pub(crate) name: String,
    /// Whether its name by rule is another than the table's.
    pub(crate) named: bool,
    /// Whether it is only read: a view, or a table without a usable key.
    pub(crate) view: bool,
    pub(crate) fields: Vec<Field>,
    /// The fields of the key, by their places.
    pub(crate) key: Vec<usize>,
    /// Lists and single rows of other types that refer to this one.
    pub(crate) inverses: Vec<Inverse>,
    /// What a comment above the type says.
    pub(crate) notes: Vec<String>,
}

/// A column as a field; or as the relation over it.
#[derive(Debug)]
pub(crate) struct Field {
    /// The column's place in the table.
    pub(crate) column: usize,
    /// The field's name; with a relation, the name of the relation's column.
    pub(crate) name: String,
    /// The word of the type.
    pub(crate) word: String,
    pub(crate) list: bool,
    pub(crate) required: bool,
    /// Further directives, each with its `@`.
    pub(crate) marks: Vec<String>,
    /// What a comment above the field says.
    pub(crate) notes: Vec<String>,
    /// The relation that is written in its place.
    pub(crate) relation: Option<Relation>,
    /// Relations over this and other fields, written after the last of them.
    pub(crate) over: Vec<Over>,
    /// Marked as unique by itself.
    pub(crate) unique: bool,
    /// Marked as indexed by itself.
    pub(crate) indexed: bool,
}

/// A relation that owns one column.
#[derive(Debug)]
pub(crate) struct Relation {
    pub(crate) name: String,
    /// The place of the target type.
    pub(crate) target: usize,
    /// `onDelete`, unless nothing.
    pub(crate) on_delete: Option<&'static str>,
}

/// A relation over fields that are written by themselves.
#[derive(Debug)]
pub(crate) struct Over {
    pub(crate) relation: Relation,
    /// The fields, in the order of the key there.
    pub(crate) fields: Vec<usize>,
    pub(crate) required: bool,
}

/// The other side of a relation.
#[derive(Debug)]
pub(crate) struct Inverse {
    pub(crate) name: String,
    /// The place of the type there.
    pub(crate) of: usize,
    pub(crate) list: bool,
    /// What it is the other side of, or the join that it goes through.
    pub(crate) by: By,
}

/// What a list leads over.
#[derive(Debug)]
pub(crate) enum By {
    /// The field there.
    Field(String),
    /// The join type.
    Through(usize),
}

/// An enum.
#[derive(Debug)]
pub(crate) struct Enum {
    pub(crate) name: String,
    /// The type of the database, where it has one.
    pub(crate) database: Option<String>,
    pub(crate) values: Vec<String>,
}

impl Field {
    /// The name that stands in the file: the relation's, or its own.
    pub(crate) fn shown(&self) -> &str {
        self.relation.as_ref().map_or(&self.name, |r| &r.name)
    }
}

impl Type<'_> {
    /// The place of the field of a column.
    pub(crate) fn field_of(&self, column: &str) -> Option<usize> {
        self.fields.iter().position(|f| self.table.columns[f.column].name == column)
    }

    /// The places of the fields of these columns, if all have one.
    pub(crate) fn fields_of(&self, columns: &[String]) -> Option<Vec<usize>> {
        columns.iter().map(|c| self.field_of(c)).collect()
    }

    /// Whether a name is free for another field: compared without case, as engines do.
    pub(crate) fn is_free(&self, name: &str) -> bool {
        let same = |other: &str| other.eq_ignore_ascii_case(name);
        let fields = self.fields.iter().any(|f| {
            same(&f.name)
                || f.relation.as_ref().is_some_and(|r| same(&r.name))
                || f.over.iter().any(|o| same(&o.relation.name))
        });
        !fields && !self.inverses.iter().any(|i| same(&i.name))
    }
}
