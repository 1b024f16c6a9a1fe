//! The driver's errors as the contract's.

use bistro_problem::Code;
use bistro_schema::{Schema, Type, TypeId};
use bistro_store::{BrokenReference, StoreError, StoreErrorKind};
use bistro_store_sql::ddl;
use mysql_async::{DriverError, Error, ServerError};

/// An error without a write in sight.
pub(crate) fn from_driver(error: Error) -> StoreError {
    let kind = match &error {
        Error::Server(server) => kind(server),
        Error::Io(_) => StoreErrorKind::Unavailable,
        Error::Driver(DriverError::ConnectionClosed) => StoreErrorKind::Unavailable,
        Error::Driver(DriverError::PacketTooLarge) => too_large(),
        _ => StoreErrorKind::Bug,
    };
    StoreError::new(kind, error.to_string())
}

/// An error of a write to a type: constraints get their names of the schema.
pub(crate) fn from_write(error: Error, schema: &Schema, ty: TypeId) -> StoreError {
    if let Error::Server(server) = &error
        && let Some(kind) = constraint(server, schema, ty)
    {
        return StoreError::new(kind, error.to_string());
    }
    from_driver(error)
}

/// Whether it is an answer of the server, rather than that there was none.
pub(crate) fn answered(error: &StoreError) -> bool {
    error.cause.starts_with("Server error")
}

/// Whether the connection is gone or cannot be trusted any more.
pub(crate) fn lost(error: &StoreError) -> bool {
    match error.kind {
        StoreErrorKind::Unavailable => true,
        // A refusal that has no name here is still an answer, and the connection waits for what comes next.
        StoreErrorKind::Bug => !answered(error),
        _ => false,
    }
}

fn too_large() -> StoreErrorKind {
    StoreErrorKind::Rejected(Code::TooComplex, "the value is too large".into())
}

fn kind(error: &ServerError) -> StoreErrorKind {
    let rejected = |code: Code, text: &str| StoreErrorKind::Rejected(code, text.to_owned());
    let invalid = || rejected(Code::InvalidText, "the value is not one of its column's type");
    match error.code {
        1153 | 1301 => too_large(),
        1969 | 3024 | 1317 | 1205 => StoreErrorKind::TimedOut,
        1213 | 1020 | 1615 | 3572 => StoreErrorKind::Serialization,
        1290 | 1836 | 1792 => StoreErrorKind::ReadOnly,
        1021 | 1114 | 1041 | 1037 => StoreErrorKind::Full,
        // The connection ended, the server stops or takes no more, or does not let us in.
        1040
        | 1053
        | 1077
        | 1152..=1161
        | 1184
        | 1203
        | 1226
        | 1927
        | 2006
        | 2013
        | 1044
        | 1045
        | 1049
        | 4031
        | 3159 => StoreErrorKind::Unavailable,
        167 | 1264 | 1467 | 1690 | 1916 => rejected(Code::OutOfRange, words_of_range(&error.message)),
        1406 => rejected(Code::TextTooLong, "value too long for its column"),
        // Of a text it is the characters, of all else the form.
        1366 if !error.message.contains("string value") => invalid(),
        1265 | 3140 => invalid(),
        1366 | 1300 | 3988 | 3854 => rejected(Code::BadText, "the text holds what the database cannot store"),
        1292 | 1411 | 3143 | 3141 | 4038 => rejected(Code::BadParameter, "invalid input"),
        1644 => rejected(signalled(&error.state), &error.message),
        1139 | 3685 | 3688..=3700 => rejected(Code::BadRegex, "invalid regular expression"),
        1451 => StoreErrorKind::ForeignKey(reference(&error.message, true)),
        1452 | 1216 | 1217 => StoreErrorKind::ForeignKey(reference(&error.message, false)),
        1191 => StoreErrorKind::Unsupported("this full-text search"),
        1064 if error.message.contains("syntax error, unexpected") => {
            rejected(Code::SearchQuery, "the full-text query cannot be read")
        }
        _ => StoreErrorKind::Bug,
    }
}

/// The code for what a trigger or routine of the database refuses by `SIGNAL`: its own, where it is one for values.
fn signalled(state: &str) -> Code {
    let own = Code::from_text(state).filter(|_| state.starts_with("22") || state.starts_with("23"));
    own.unwrap_or(Code::CheckViolation)
}

/// What PostgreSQL says of the same.
fn words_of_range(message: &str) -> &'static str {
    if message.contains("BIGINT") { "bigint out of range" } else { "value out of range" }
}

fn constraint(error: &ServerError, schema: &Schema, id: TypeId) -> Option<StoreErrorKind> {
    let ty = schema.ty(id);
    match error.code {
        1062 | 1586 => {
            let key = last_quoted(&error.message)?;
            Some(StoreErrorKind::Unique { ty: id, constraint: unique_named(ty, key) })
        }
        1048 | 1364 => {
            let column = first_quoted(&error.message)?;
            let field = ty.fields.iter().find(|f| f.column == column);
            Some(StoreErrorKind::NotNull { ty: id, field: field.map_or(column, |f| &f.name).to_owned() })
        }
        4025 | 3819 => {
            let name = first_quoted(&error.message)?;
            let name = name.rsplit_once('.').map_or(name, |(_, n)| n);
            Some(StoreErrorKind::Check { constraint: name.to_owned() })
        }
        _ => None,
    }
}

/// The constraint of the schema that a key of the database carries. MySQL says `table.key`, MariaDB `key`.
fn unique_named(ty: &Type, key: &str) -> String {
    let key = key.strip_prefix(&ty.collection).and_then(|k| k.strip_prefix('.')).unwrap_or(key);
    if key == "PRIMARY" { ddl::key_name(ty) } else { key.to_owned() }
}

/// The foreign key of a message: `… CONSTRAINT `name` FOREIGN KEY …`.
fn reference(message: &str, still_referenced: bool) -> Option<BrokenReference> {
    let (_, rest) = message.split_once("CONSTRAINT ")?;
    let quote = rest.chars().next()?;
    let (name, _) = rest[1..].split_once(quote)?;
    Some(BrokenReference { constraint: name.to_owned(), still_referenced })
}

/// The text between the first two quotes.
fn first_quoted(message: &str) -> Option<&str> {
    let start = message.find(['\'', '`', '"'])?;
    let quote = message[start..].chars().next()?;
    message[start + 1..].split(quote).next()
}

/// The text between the last two apostrophes; the values before may hold some.
fn last_quoted(message: &str) -> Option<&str> {
    message.trim_end().strip_suffix('\'')?.rsplit_once('\'').map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_their_constraints() {
        let mariadb = "Cannot add or update a child row: a foreign key constraint fails (`b`.`books`, CONSTRAINT \
                       `books_author_id_fkey` FOREIGN KEY (`author_id`) REFERENCES `authors` (`id`))";
        let found = reference(mariadb, false).map(|r| r.constraint);
        assert_eq!(found.as_deref(), Some("books_author_id_fkey"));
        let quoted = "… (\"b\".\"books\", CONSTRAINT \"x\" FOREIGN KEY …";
        assert_eq!(reference(quoted, true).map(|r| r.constraint).as_deref(), Some("x"));
        assert_eq!(
            last_quoted("Duplicate entry 'it''s 'x' for key 'books_slug_key'"),
            Some("books_slug_key")
        );
        assert_eq!(first_quoted("Column 'title' cannot be null"), Some("title"));
        assert_eq!(first_quoted("CONSTRAINT `b.c` failed for `x`.`y`"), Some("b.c"));
    }

    #[test]
    fn regress_every_answer_of_the_server_keeps_the_connection_and_known_ones_have_kinds() {
        let check = |code: u16, message: &str, expected: Option<StoreErrorKind>| {
            let server = ServerError { code, message: message.into(), state: "HY000".into() };
            let error = from_driver(Error::Server(server));
            assert!(!lost(&error), "{code}");
            assert_eq!(error.kind, expected.unwrap_or(StoreErrorKind::Bug), "{code}");
        };
        let rejected = |code, words: &str| Some(StoreErrorKind::Rejected(code, words.into()));
        let invalid = || rejected(Code::InvalidText, "the value is not one of its column's type");
        let bad = "the text holds what the database cannot store";
        check(1205, "Lock wait timeout exceeded", Some(StoreErrorKind::TimedOut));
        check(1213, "Deadlock found", Some(StoreErrorKind::Serialization));
        check(1265, "Data truncated for column 'a' at row 1", invalid());
        check(1366, "Incorrect integer value: 'x' for column 'a'", invalid());
        check(1366, "Incorrect string value: '\\xF0' for column 'a'", rejected(Code::BadText, bad));
        check(3140, "Invalid JSON text", invalid());
        check(167, "Out of range value for column 'a'", rejected(Code::OutOfRange, "value out of range"));
        check(1467, "Failed to read auto-increment", rejected(Code::OutOfRange, "value out of range"));
        check(1644, "not today", rejected(Code::CheckViolation, "not today"));
        check(9_999, "what nobody knows", None);
    }
}
