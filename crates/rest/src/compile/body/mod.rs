//! A body becomes the fields that it fills and rows of typed values.
//!
//! Values are read as text by the columns' own types; no tree of JSON is built.

mod form;
mod json;
mod table;

use std::borrow::Cow;

use bistro_engine::misread;
use bistro_problem::{Code, Problem};
use bistro_schema::{Action, FieldId, FieldKind, Scalar, SchemaView, TypeId, Value, names};

use super::cursor::Cursor;

/// The rows of a body.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Rows {
    pub(crate) columns: Vec<FieldId>,
    /// `None` asks for the column's default.
    pub(crate) rows: Vec<Vec<Option<Value>>>,
}

/// How a body is read.
pub(crate) struct Reader<'r> {
    pub(crate) view: &'r SchemaView,
    pub(crate) ty: TypeId,
    /// CREATE or UPDATE.
    pub(crate) action: Action,
    /// The fields of `columns=`.
    pub(crate) columns: Option<Vec<FieldId>>,
    /// Whether a member that is missing under `columns=` asks for the default instead of null.
    pub(crate) missing_default: bool,
}

/// Reads a body by its content type.
pub(crate) fn read(reader: &Reader<'_>, content_type: Option<&str>, body: &[u8]) -> Result<Rows, Problem> {
    let full = content_type.unwrap_or("application/json");
    let media = full.split(';').next().unwrap_or(full).trim().to_ascii_lowercase();
    match media.as_str() {
        "" | "application/json" => json::read(reader, text(body)?),
        "application/vnd.pgrst.object+json" | "application/vnd.pgrst.array+json" => {
            json::read(reader, text(body)?)
        }
        "text/csv" => table::read(reader, text(body)?),
        "application/x-www-form-urlencoded" => form::read(reader, text(body)?),
        _ => Err(Problem::new(Code::Body, format!("Content-Type not acceptable: {media}"))
            .hint("Send application/json, text/csv or application/x-www-form-urlencoded.")),
    }
}

fn text(body: &[u8]) -> Result<&str, Problem> {
    std::str::from_utf8(body).map_err(|_| Problem::new(Code::Body, "The body is not valid UTF-8"))
}

/// The names of `columns=` and `on_conflict=`.
pub(crate) fn names_list<'a>(what: &'static str, text: &'a str) -> Result<Vec<Cow<'a, str>>, Problem> {
    let mut cursor = Cursor::new(what, text);
    let mut out = Vec::new();
    loop {
        out.push(cursor.name()?);
        if cursor.done() {
            return Ok(out);
        }
        cursor.expect(",", "\",\" or end of input")?;
    }
}

impl Reader<'_> {
    /// The field that a member of the body means, if the caller may write it: otherwise PGRST204, 42501 or 428C9.
    pub(crate) fn writable(&self, name: &str) -> Result<FieldId, Problem> {
        let of = self.view.schema().ty(self.ty);
        let found = of.field_named(name);
        let table = &of.collection;
        let allowed = |field: &FieldId| self.view.field_allows(self.ty, *field, self.action);
        let Some(field) = found.filter(allowed) else {
            let readable = found.is_some_and(|field| self.view.field_allows(self.ty, field, Action::Read));
            return Err(if readable { forbidden(table, name) } else { self.unknown(name) });
        };
        if matches!(of.field(field).kind, FieldKind::Computed(_) | FieldKind::Generated) {
            let name = &of.field(field).name;
            let message = match self.action {
                Action::Update => format!("column \"{name}\" can only be updated to DEFAULT"),
                _ => format!("cannot insert a non-DEFAULT value into column \"{name}\""),
            };
            return Err(Problem::new(Code::GeneratedColumn, message)
                .details(format!("Column \"{name}\" is a generated column.")));
        }
        Ok(field)
    }

    fn unknown(&self, name: &str) -> Problem {
        let of = self.view.schema().ty(self.ty);
        let known =
            of.fields().filter(|(id, f)| !f.hidden && self.view.field_allows(self.ty, *id, self.action));
        let near = names::nearest(name, known.map(|(_, f)| f.name.as_str()));
        let message =
            format!("Could not find the '{name}' column of '{}' in the schema cache", of.collection);
        Problem::new(Code::UnknownWriteColumn, message)
            .hint_opt(near.map(|n| format!("Perhaps you meant the column '{n}'.")))
    }

    /// The fields that names mean, each once.
    pub(crate) fn fields<'n>(&self, names: impl Iterator<Item = &'n str>) -> Result<Vec<FieldId>, Problem> {
        let mut fields = Vec::new();
        for name in names {
            let field = self.writable(name).map_err(|p| p.pointer(pointer(None, name)))?;
            if fields.contains(&field) {
                let column = &self.view.schema().ty(self.ty).field(field).name;
                let message = format!("The column '{column}' is given twice: once as '{name}'");
                return Err(Problem::new(Code::Body, message).pointer(pointer(None, name)));
            }
            fields.push(field);
        }
        Ok(fields)
    }

    fn scalar(&self, field: FieldId) -> Scalar {
        self.view.schema().ty(self.ty).field(field).scalar
    }

    /// A value from text.
    fn parse(&self, field: FieldId, text: &str) -> Result<Value, Problem> {
        bistro_schema::literal::parse(self.view.schema(), self.scalar(field), text).map_err(|e| misread(&e))
    }

    /// What stands where the payload has no member for a column.
    fn absent(&self) -> Option<Value> {
        if self.missing_default { None } else { Some(Value::Null) }
    }
}

/// A readable column that the caller may not write.
fn forbidden(table: &str, name: &str) -> Problem {
    Problem::new(Code::Forbidden, format!("permission denied for table {table}"))
        .details(format!("The column \"{name}\" is not yours to write."))
}

/// A JSON pointer to a member, of one row or of a row of many.
fn pointer(row: Option<usize>, member: &str) -> String {
    let member = member.replace('~', "~0").replace('/', "~1");
    match row {
        Some(row) => format!("/{row}/{member}"),
        None => format!("/{member}"),
    }
}
