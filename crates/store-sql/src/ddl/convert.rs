//! Values of one kind as values of another: as SQL text, and for SQLite as the function `bistro_convert` that the text calls.
//!
//! A value without a counterpart stops the script with an error that shows it; it never becomes null or nought.

use bistro_problem::Code;
use bistro_schema::datetime::DAY;
use bistro_schema::text::write_plain;
use bistro_schema::{Decimal, Kind, Scalar, Schema, Value, ValueRef, literal};
use bistro_store::{StoreError, StoreErrorKind};

use crate::dialect::Dialect;

/// A UUID's text, for regular expressions of MySQL and MariaDB.
const UUID: &str = "^[0-9A-Fa-f]{8}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{12}$";

/// The value of `column` as one of the kind `to`; `None` where it stays as it is, or where the engine's own change of the
/// column's type does what is wanted.
pub(crate) fn expression(dialect: Dialect, from: Kind, to: Kind, column: &str) -> Option<String> {
    match dialect {
        Dialect::Sqlite => sqlite(from, to, column),
        Dialect::Postgres => postgres(from, to, column),
        Dialect::Mysql => mysql(from, to, column),
    }
}

/// Whether values are the same in both kinds, so that only the column's type is another.
pub(crate) fn same(from: Kind, to: Kind) -> bool {
    from == to || from.is_uuid() && to.is_uuid() || from.is_text() && to.is_text()
}

fn sqlite(from: Kind, to: Kind, column: &str) -> Option<String> {
    let counts = |k: Kind| matches!(k, Kind::Int | Kind::BigInt);
    if same(from, to) || to == Kind::BigInt && from == Kind::Int || counts(to) && from == Kind::Boolean {
        return None;
    }
    Some(format!("bistro_convert({column}, '{}', '{}')", code(from), code(to)))
}

fn postgres(from: Kind, to: Kind, c: &str) -> Option<String> {
    if same(from, to) {
        return None;
    }
    Some(match (from, to) {
        (Kind::Date, to) if to.is_text() => format!("to_char({c}, 'YYYY-MM-DD')"),
        (Kind::Decimal { bare: true, .. }, to) if to.is_text() => format!("trim_scale({c})::text"),
        (Kind::DateTime, to) if to.is_text() => {
            let text = format!("to_char({c} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')");
            format!("regexp_replace({text}, '\\.?0+$', '') || '+00:00'")
        }
        (Kind::Date, Kind::DateTime) => format!("{c}::timestamp AT TIME ZONE 'UTC'"),
        (Kind::DateTime, Kind::Date) => format!("({c} AT TIME ZONE 'UTC')::date"),
        (Kind::Float, Kind::Int | Kind::BigInt) => format!("round({c}::numeric)::{}", cast(to)),
        (from, to) if from.is_text() => format!("{}::{}", guarded(to, c), cast(to)),
        (_, to) => format!("{c}::{}", cast(to)),
    })
}

/// A text that PostgreSQL reads no special word in: `today`, `infinity` and `NaN` are values of its types, not of ours.
fn guarded(to: Kind, c: &str) -> String {
    let (pattern, what) = match to {
        Kind::Date => ("^\\s*\\d{4}-\\d{2}-\\d{2}\\s*$", "a date"),
        Kind::Time => ("^\\s*\\d{2}:", "a time"),
        Kind::DateTime => ("^\\s*\\d{4}-\\d{2}-\\d{2}([Tt ].*[0-9Zz])?\\s*$", "an instant"),
        Kind::Float | Kind::Decimal { .. } => ("^\\s*[-+]?[.0-9]", "a number"),
        _ => return c.to_owned(),
    };
    format!("(CASE WHEN {c} ~ '{pattern}' THEN {c} ELSE 'not {what}: ' || {c} END)")
}

/// The type of a cast on PostgreSQL.
fn cast(kind: Kind) -> String {
    match kind {
        Kind::Decimal { precision, scale, .. } => format!("numeric({precision},{scale})"),
        Kind::DateTime => "timestamptz".into(),
        Kind::Time => "time(6)".into(),
        other => Scalar::one(other).postgres_name().to_owned(),
    }
}

/// Only what a change of the column's type would do wrongly has an expression.
fn mysql(from: Kind, to: Kind, c: &str) -> Option<String> {
    if same(from, to) {
        return None;
    }
    let trimmed = |text: String| format!("TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM {text}))");
    Some(match (from, to) {
        (Kind::Id | Kind::Uuid, to) if to.is_text() => {
            let part = |at: u8, n: u8| format!("SUBSTR(HEX({c}), {at}, {n})");
            let parts = [part(1, 8), part(9, 4), part(13, 4), part(17, 4), part(21, 12)];
            format!("LOWER(CONCAT({}))", parts.join(", '-', "))
        }
        (Kind::Decimal { scale, bare: true, .. }, to) if to.is_text() && scale > 0 => trimmed(c.to_owned()),
        (Kind::Boolean, to) if to.is_text() => format!("CASE {c} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END"),
        (Kind::Time, to) if to.is_text() => trimmed(format!("TIME_FORMAT({c}, '%H:%i:%s.%f')")),
        (Kind::DateTime, to) if to.is_text() => {
            let text = trimmed(format!("DATE_FORMAT({c}, '%Y-%m-%dT%H:%i:%s.%f')"));
            format!("CONCAT({text}, '+00:00')")
        }
        (Kind::DateTime, Kind::Date) => format!("DATE({c})"),
        (from, Kind::Id | Kind::Uuid) if from.is_text() => format!(
            "CASE WHEN {c} REGEXP '{UUID}' THEN UNHEX(REPLACE({c}, '-', '')) ELSE CAST(CONCAT('this is not a UUID: ', {c}) AS BINARY) END"
        ),
        (from, Kind::Boolean) if from.is_text() => format!(
            "CASE WHEN LOWER(TRIM({c})) IN ('t', 'true', 'y', 'yes', 'on', '1') THEN '1' \
             WHEN LOWER(TRIM({c})) IN ('f', 'false', 'n', 'no', 'off', '0') THEN '0' \
             ELSE CONCAT('not a truth value: ', {c}) END"
        ),
        (from, Kind::Date) if from.is_text() => format!(
            "CASE WHEN {c} REGEXP '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}$' THEN {c} ELSE CONCAT('not a date: ', {c}) END"
        ),
        (from, Kind::Time) if from.is_text() => format!(
            "CASE WHEN {c} REGEXP '^([01][0-9]|2[0-3]):[0-5][0-9]' THEN {c} ELSE CONCAT('not a time: ', {c}) END"
        ),
        (from, Kind::DateTime) if from.is_text() => format!(
            "CASE WHEN {c} NOT REGEXP '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}' THEN CONCAT('not an instant: ', {c}) \
             WHEN {c} REGEXP '[Zz]$' THEN LEFT({c}, CHAR_LENGTH({c}) - 1) \
             WHEN {c} REGEXP ':.*[+-][0-9]{{2}}:[0-9]{{2}}$' \
             THEN CONVERT_TZ(CAST(LEFT({c}, CHAR_LENGTH({c}) - 6) AS DATETIME(6)), RIGHT({c}, 6), '+00:00') ELSE {c} END"
        ),
        _ => return None,
    })
}

/// A kind as the arguments of `bistro_convert` name it.
fn code(kind: Kind) -> String {
    match kind {
        Kind::Decimal { precision, scale, bare } => {
            format!("numeric({precision},{scale}{})", if bare { ",bare" } else { "" })
        }
        other => Scalar::one(other).postgres_name().to_owned(),
    }
}

/// The kind that [`code`] named.
pub fn kind(code: &str) -> Option<Kind> {
    if let Some(digits) = code.strip_prefix("numeric(").and_then(|c| c.strip_suffix(')')) {
        let mut parts = digits.split(',');
        let (precision, scale) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        return Some(Kind::Decimal { precision, scale, bare: parts.next() == Some("bare") });
    }
    let all = [
        Kind::Uuid,
        Kind::Int,
        Kind::BigInt,
        Kind::Float,
        Kind::String,
        Kind::Boolean,
        Kind::Date,
        Kind::Time,
        Kind::DateTime,
        Kind::Json,
    ];
    all.into_iter().find(|k| Scalar::one(*k).postgres_name() == code)
}

/// A value as one of another kind; null stays null.
///
/// # Errors
/// [`StoreErrorKind::Rejected`], with the value, if it has no counterpart.
pub fn convert(value: ValueRef<'_>, from: Kind, to: Kind) -> Result<Value, StoreError> {
    match (value, to) {
        (ValueRef::Null, _) => return Ok(Value::Null),
        (ValueRef::DateTime(at), Kind::Date) => {
            let day =
                i32::try_from(at.div_euclid(DAY)).map_err(|_| StoreError::bug("a day beyond all days"))?;
            return Ok(Value::Date(day));
        }
        (ValueRef::Date(day), Kind::DateTime) => return Ok(Value::DateTime(i64::from(day) * DAY)),
        (ValueRef::Bool(b), Kind::Int | Kind::BigInt) => return Ok(Value::Int(i64::from(b))),
        _ => {}
    }
    let mut text = Vec::new();
    match (value, from) {
        (ValueRef::Decimal(d), Kind::Decimal { bare, .. }) => d.write(&mut text, bare),
        _ => write_plain(value, &mut text),
    }
    let mut text = String::from_utf8_lossy(&text).into_owned();
    if matches!(to, Kind::Int | Kind::BigInt) && from.is_number() {
        // Rounded half away from zero, as a column of a smaller scale would.
        let whole = Decimal::parse_at(&text, 0).map(|d| d.to_string());
        text = whole.unwrap_or(text);
    }
    literal::parse(&Schema::default(), Scalar::one(to), &text).map_err(|error| {
        let message = error.message;
        StoreError::new(StoreErrorKind::Rejected(Code::BadParameter, message.clone()), message)
    })
}
