//! The driver's errors as the contract's, by SQLSTATE: texts of servers are translated, codes and fields are not.

use bistro_problem::Code;
use bistro_schema::{FieldId, RelationKind, Schema, TypeId};
use bistro_store::{BrokenReference, StoreError, StoreErrorKind};
use bistro_store_sql::ddl;
use tokio_postgres::Error;
use tokio_postgres::error::{DbError, Severity, SqlState};

use crate::address::said;

/// What was being written when an error came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Writing<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) ty: TypeId,
    pub(crate) verb: Verb<'a>,
}

/// How a row was written; an error does not tell it in words that all servers share.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Verb<'a> {
    Insert,
    /// With the fields that it sets.
    Update(&'a [FieldId]),
    Delete,
    /// A change of the table itself.
    Change,
}

/// An error without a write in sight.
pub(crate) fn from_driver(error: &Error) -> StoreError {
    StoreError::new(kind(error), cause(error))
}

/// An error of a write: constraints get their names of the schema.
pub(crate) fn from_write(error: &Error, writing: Writing<'_>) -> StoreError {
    let kind = error.as_db_error().and_then(|db| constraint(db, writing));
    StoreError::new(kind.unwrap_or_else(|| self::kind(error)), cause(error))
}

/// Whether the connection is gone, so that nothing is known of what was sent and not answered.
pub(crate) fn lost(error: &Error) -> bool {
    match error.as_db_error() {
        Some(db) => {
            let fatal = matches!(db.parsed_severity(), Some(Severity::Fatal | Severity::Panic));
            let code = db.code().code();
            fatal || code.starts_with("08") || code.starts_with("57P0")
        }
        None => {
            error.is_closed() || std::error::Error::source(error).is_some_and(|s| s.is::<std::io::Error>())
        }
    }
}

/// Whether the statement has to be prepared again: tables changed under it, or the server forgot it.
pub(crate) fn stale(error: &Error) -> bool {
    let Some(db) = error.as_db_error() else { return false };
    match *db.code() {
        // "cached plan must not change result type"; the text is translated, the routine's name is not.
        SqlState::FEATURE_NOT_SUPPORTED => db.routine() == Some("RevalidateCachedQuery"),
        SqlState::INVALID_SQL_STATEMENT_NAME => true,
        _ => false,
    }
}

fn cause(error: &Error) -> String {
    let Some(db) = error.as_db_error() else { return said(error) };
    let mut text = format!("{} ({})", db.message(), db.code().code());
    for more in [db.detail(), db.hint()].into_iter().flatten() {
        text = format!("{text}; {more}");
    }
    text
}

fn kind(error: &Error) -> StoreErrorKind {
    // What a parameter's type cannot hold is refused before it is sent.
    if let Some(ours) = std::error::Error::source(error).and_then(|s| s.downcast_ref::<StoreError>()) {
        return ours.kind.clone();
    }
    match error.as_db_error() {
        Some(db) => by_code(db),
        None if lost(error) => StoreErrorKind::Unavailable,
        None => StoreErrorKind::Bug,
    }
}

fn by_code(db: &DbError) -> StoreErrorKind {
    let code = db.code().code();
    let refused = |code, words: &str| StoreErrorKind::Rejected(code, words.to_owned());
    match code {
        "57014" | "55P03" | "25P03" | "25P04" => StoreErrorKind::TimedOut,
        "25006" => StoreErrorKind::ReadOnly,
        "53100" => StoreErrorKind::Full,
        "23503" | "23001" => StoreErrorKind::ForeignKey(None),
        "23514" => StoreErrorKind::Check { constraint: db.constraint().unwrap_or_default().to_owned() },
        "22021" | "22P05" => refused(Code::BadText, "text may not hold the character U+0000"),
        "22003" => refused(Code::OutOfRange, db.message()),
        "22001" => refused(Code::TextTooLong, db.message()),
        "2201B" => refused(Code::BadRegex, db.message()),
        "22025" => refused(Code::BadPattern, db.message()),
        "22007" => refused(Code::DateSyntax, db.message()),
        "22008" => refused(Code::DateRange, db.message()),
        "22P02" => refused(Code::InvalidText, db.message()),
        "42501" => refused(Code::StoreUnavailable, "the database's user may not do this"),
        // The cached plan of a table that is being changed; the next try has a new one.
        "0A000" if db.routine() == Some("RevalidateCachedQuery") => StoreErrorKind::Serialization,
        _ => match &code[..2] {
            "40" => StoreErrorKind::Serialization,
            "22" => refused(Code::BadParameter, db.message()),
            "54" => refused(Code::TooComplex, "the statement is too large for the database"),
            "08" | "53" | "57" | "58" | "F0" | "XX" | "28" | "3D" => StoreErrorKind::Unavailable,
            _ => StoreErrorKind::Bug,
        },
    }
}

fn constraint(db: &DbError, writing: Writing<'_>) -> Option<StoreErrorKind> {
    let name = || db.constraint().unwrap_or_default().to_owned();
    let ty = by_table(db, writing);
    match *db.code() {
        SqlState::UNIQUE_VIOLATION => {
            Some(StoreErrorKind::Unique { ty, constraint: unique(db, writing.schema, ty) })
        }
        SqlState::NOT_NULL_VIOLATION => {
            let column = db.column().unwrap_or_default();
            let field = writing.schema.ty(ty).fields.iter().find(|f| f.column == column);
            Some(StoreErrorKind::NotNull { ty, field: field.map_or(column, |f| &f.name).to_owned() })
        }
        // 23001 is what newer servers answer for ON DELETE RESTRICT.
        SqlState::RESTRICT_VIOLATION => Some(StoreErrorKind::ForeignKey(Some(BrokenReference {
            constraint: name(),
            still_referenced: true,
        }))),
        SqlState::FOREIGN_KEY_VIOLATION => {
            let still_referenced = still_referenced(db, writing);
            let constraint = name();
            Some(StoreErrorKind::ForeignKey(
                (!constraint.is_empty()).then_some(BrokenReference { constraint, still_referenced }),
            ))
        }
        _ => None,
    }
}

/// The type of the table that the error names.
fn by_table(db: &DbError, writing: Writing<'_>) -> TypeId {
    let named = |table: &str| writing.schema.types().find(|(_, t)| t.collection == table).map(|(id, _)| id);
    db.table().and_then(named).unwrap_or(writing.ty)
}

/// The schema's name of the constraint. Tables that Bistro did not make call theirs as they like: then the columns in
/// "Key (a, b)=…" tell, which stand there in every language.
fn unique(db: &DbError, schema: &Schema, ty: TypeId) -> String {
    let name = db.constraint().unwrap_or_default();
    let ty = schema.ty(ty);
    let key = ddl::key_name(ty);
    if name == key || ty.uniques.iter().any(|u| u.name == name) {
        return name.to_owned();
    }
    let columns = db.detail().and_then(columns).unwrap_or_default();
    let over = |fields: &[FieldId]| {
        fields.len() == columns.len() && fields.iter().all(|f| columns.contains(&ty.field(*f).column))
    };
    match ty.uniques.iter().find(|u| over(&u.fields)) {
        Some(unique) => unique.name.clone(),
        None if over(&ty.key) => key,
        None => name.to_owned(),
    }
}

/// The columns in the first brackets of a text like `Key (a, "b c")=(1, 2) already exists.`
fn columns(detail: &str) -> Option<Vec<String>> {
    let (_, rest) = detail.split_once('(')?;
    let (list, _) = rest.split_once(")=(")?;
    Some(list.split(", ").map(|c| c.trim_matches('"').replace("\"\"", "\"")).collect())
}

/// Whether others still refer to the row, rather than it to one that is not there. The fields of the error are the same
/// for both, so that the write itself tells; only an update of both ends of a type's reference to itself needs the words.
fn still_referenced(db: &DbError, writing: Writing<'_>) -> bool {
    let set = match writing.verb {
        Verb::Insert | Verb::Change => return false,
        Verb::Delete => return true,
        Verb::Update(set) => set,
    };
    let ty = writing.schema.ty(writing.ty);
    let own = ty
        .relations
        .iter()
        .find(|r| r.kind == RelationKind::ToOne && Some(r.constraint.as_str()) == db.constraint());
    let Some(own) = own else { return true };
    if own.target != writing.ty {
        return false;
    }
    let near = own.pairs.iter().any(|(near, _)| set.contains(near));
    let far = own.pairs.iter().any(|(_, far)| set.contains(far));
    match (near, far) {
        (true, false) => false,
        (false, true) => true,
        _ => db.message().starts_with("update or delete"),
    }
}

#[cfg(test)]
mod tests {
    use super::columns;

    #[test]
    fn columns_are_read_from_the_detail_in_any_language() {
        let check = |detail: &str, expected: Option<&[&str]>| {
            assert_eq!(
                columns(detail).as_deref(),
                expected.map(|e| e.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>()).as_deref(),
                "{detail}"
            );
        };
        check("Key (slug)=(a) already exists.", Some(&["slug"]));
        check(
            "Schlüssel »(tenant, \"Full Name\")=(1, (x))« existiert bereits.",
            Some(&["tenant", "Full Name"]),
        );
        check("nothing of the kind", None);
    }
}
