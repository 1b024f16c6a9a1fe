//! What an engine cannot hold.

use bistro_schema::{FieldId, Schema, Span, Type};

use crate::ddl::{column, index};
use crate::dialect::Dialect;

/// A part of a schema that an engine cannot hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// Where the schema file says it.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// What of a schema the engine cannot hold: on MySQL keys and indexes over texts without a bound, or over too many.
pub fn unfit(dialect: Dialect, schema: &Schema) -> Vec<Unfit> {
    if dialect != Dialect::Mysql {
        return Vec::new();
    }
    schema.types.iter().filter(|t| t.writable()).flat_map(|ty| of_type(schema, ty)).collect()
}

fn of_type(schema: &Schema, ty: &Type) -> Vec<Unfit> {
    let mut out: Vec<Unfit> = Vec::new();
    let indexes = ty.indexes.iter().map(|i| ("index", i.fields.clone()));
    for (what, fields) in std::iter::once(("key", ty.key.clone())).chain(indexes) {
        for unfit in of_set(schema, ty, what, &fields) {
            if !out.iter().any(|u| u.span == unfit.span) {
                out.push(unfit);
            }
        }
    }
    out
}

fn of_set(schema: &Schema, ty: &Type, what: &str, fields: &[FieldId]) -> Vec<Unfit> {
    let unbounded = |f: &&FieldId| index::index_bytes(schema, ty, ty.field(**f)).is_none();
    let found: Vec<&FieldId> = fields.iter().filter(unbounded).collect();
    if found.is_empty() && !index::fits(schema, ty, fields) {
        let longest = fields.iter().max_by_key(|f| index::index_bytes(schema, ty, ty.field(**f)));
        let span = longest.map_or(ty.span, |f| ty.field(*f).span);
        let names: Vec<&str> = fields.iter().map(|f| ty.field(*f).name.as_str()).collect();
        let message = format!(
            "the {what} over {} of `{}` is longer than the 3,072 bytes of MySQL",
            names.join(", "),
            ty.name
        );
        return vec![Unfit { span, message, hint: "give its texts a smaller @length(max:)".to_owned() }];
    }
    let one = |f: &FieldId| {
        let field = ty.field(*f);
        let article = if what.starts_with('i') { "an" } else { "a" };
        let message = format!(
            "`{}.{}` is in {article} {what}, and MySQL cannot index a text without a bound",
            ty.name, field.name
        );
        let hint = if field.scalar.kind.is_text() {
            format!("add `@length(max: {})`", column::INDEXED_MAX)
        } else {
            format!("leave it out of the {what}")
        };
        Unfit { span: field.span, message, hint }
    };
    found.into_iter().map(one).collect()
}
