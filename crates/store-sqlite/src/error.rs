//! The driver's errors as the contract's.

use bistro_problem::Code;
use bistro_schema::{Schema, TypeId};
use bistro_store::{StoreError, StoreErrorKind};
use bistro_store_sql::ddl;
use rusqlite::ffi::{self, ErrorCode};

/// What a function of ours puts before a refusal that the caller is to read.
pub(crate) const REFUSED: &str = "bistro refuses: ";

/// An error without a write in sight.
pub(crate) fn from_driver(error: rusqlite::Error) -> StoreError {
    StoreError::new(kind(&error), error.to_string())
}

/// An error of a write to a type: constraints get their names of the schema.
pub(crate) fn from_write(error: rusqlite::Error, schema: &Schema, ty: TypeId) -> StoreError {
    let kind = match &error {
        rusqlite::Error::SqliteFailure(code, Some(message)) => {
            constraint(code.extended_code, message, schema, ty)
        }
        _ => None,
    };
    let kind = kind.unwrap_or_else(|| self::kind(&error));
    StoreError::new(kind, error.to_string())
}

/// Whether the statement was stopped by its watch.
pub(crate) fn stopped(error: &StoreError) -> bool {
    error.kind == StoreErrorKind::TimedOut
}

fn kind(error: &rusqlite::Error) -> StoreErrorKind {
    let rusqlite::Error::SqliteFailure(code, message) = error else { return StoreErrorKind::Bug };
    match code.code {
        ErrorCode::OperationInterrupted => StoreErrorKind::TimedOut,
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreErrorKind::Serialization,
        ErrorCode::DiskFull => StoreErrorKind::Full,
        ErrorCode::ReadOnly => StoreErrorKind::ReadOnly,
        ErrorCode::CannotOpen
        | ErrorCode::NotADatabase
        | ErrorCode::DatabaseCorrupt
        | ErrorCode::SystemIoFailure
        | ErrorCode::PermissionDenied
        | ErrorCode::OutOfMemory => StoreErrorKind::Unavailable,
        ErrorCode::ConstraintViolation if code.extended_code == ffi::SQLITE_CONSTRAINT_FOREIGNKEY => {
            StoreErrorKind::ForeignKey(None)
        }
        ErrorCode::TooBig => StoreErrorKind::Rejected(Code::TooComplex, "the value is too large".into()),
        _ => match message.as_deref().and_then(|m| m.strip_prefix(REFUSED)) {
            Some(text) => {
                let (code, words) = text.split_once(' ').unwrap_or(("", text));
                StoreErrorKind::Rejected(Code::from_text(code).unwrap_or(Code::BadParameter), words.into())
            }
            None => StoreErrorKind::Bug,
        },
    }
}

fn constraint(code: i32, message: &str, schema: &Schema, ty: TypeId) -> Option<StoreErrorKind> {
    match code {
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY | ffi::SQLITE_CONSTRAINT_TRIGGER => {
            Some(StoreErrorKind::ForeignKey(None))
        }
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
            let columns = columns(message)?;
            Some(StoreErrorKind::Unique { ty, constraint: unique_over(schema, ty, &columns) })
        }
        ffi::SQLITE_CONSTRAINT_NOTNULL => {
            let columns = columns(message)?;
            let named = schema.ty(ty).fields.iter().find(|f| columns.first() == Some(&f.column.as_str()));
            let field = named
                .map_or_else(|| columns.first().copied().unwrap_or_default().to_owned(), |f| f.name.clone());
            Some(StoreErrorKind::NotNull { ty, field })
        }
        ffi::SQLITE_CONSTRAINT_CHECK => Some(StoreErrorKind::Check {
            constraint: message.split_once(": ").map_or(message, |(_, name)| name).to_owned(),
        }),
        _ => None,
    }
}

/// The columns after `… constraint failed: table.a, table.b`.
fn columns(message: &str) -> Option<Vec<&str>> {
    let (_, list) = message.split_once("failed: ")?;
    Some(list.split(", ").map(|c| c.rsplit_once('.').map_or(c, |(_, column)| column)).collect())
}

fn unique_over(schema: &Schema, ty: TypeId, columns: &[&str]) -> String {
    let ty = schema.ty(ty);
    let is = |fields: &[bistro_schema::FieldId]| {
        fields.len() == columns.len() && fields.iter().zip(columns).all(|(f, c)| ty.field(*f).column == *c)
    };
    let unique = ty.uniques.iter().find(|u| is(&u.fields));
    unique.map_or_else(|| ddl::key_name(ty), |u| u.name.clone())
}
