//! From what the driver hands out to our values, without a copy but for lists and documents that hold blanks.

use std::borrow::Cow;

use bistro_problem::Code;
use bistro_schema::datetime::{DAY, SECOND, days_from_civil, parse_date, parse_datetime, parse_time};
use bistro_schema::{Decimal, ValueRef};
use bistro_store::{Sink, StoreError, StoreErrorKind};
use bistro_store_sql::{Form, parse_list};
use mysql_async::Value as Cell;

/// Pushes a column in its form.
#[inline]
pub(crate) fn push(cell: &Cell, form: Form, index: usize, sink: &mut dyn Sink) -> Result<(), StoreError> {
    match (form, cell) {
        (Form::List(kind), Cell::Bytes(text)) => {
            sink.value(index, ValueRef::List(&parse_list(text, kind)?));
        }
        (Form::Json, Cell::Bytes(text)) => match compact(utf8(text)?) {
            Cow::Borrowed(text) => sink.value(index, ValueRef::Json(text)),
            Cow::Owned(text) => sink.value(index, ValueRef::Json(&text)),
        },
        _ => sink.value(index, decode(cell, form)?),
    }
    Ok(())
}

/// Reads a column in its form; lists and documents are not read here.
#[inline]
pub(crate) fn decode(cell: &Cell, form: Form) -> Result<ValueRef<'_>, StoreError> {
    Ok(match (form, cell) {
        (_, Cell::NULL) => ValueRef::Null,
        (Form::Text, Cell::Bytes(text)) => ValueRef::Text(utf8(text)?),
        (Form::Int, Cell::Int(i)) => ValueRef::Int(*i),
        (Form::Uuid, Cell::Bytes(bytes)) => match bytes.as_slice().try_into() {
            Ok(uuid) => ValueRef::Uuid(uuid),
            Err(_) => return Err(mismatch(form, cell)),
        },
        (Form::Bool, Cell::Int(i)) => ValueRef::Bool(*i != 0),
        (Form::Real, Cell::Double(f)) => ValueRef::Float(*f),
        (Form::Bytes, Cell::Bytes(bytes)) => ValueRef::Bytes(bytes),
        (Form::DateTime, Cell::Date(..)) => {
            moment(cell).map_or(ValueRef::Null, |(day, rest)| ValueRef::DateTime(i64::from(day) * DAY + rest))
        }
        (Form::Date, Cell::Date(..)) => moment(cell).map_or(ValueRef::Null, |(day, _)| ValueRef::Date(day)),
        (Form::Time, Cell::Time(false, 0, hours, minutes, seconds, micros)) if *hours < 24 => {
            let seconds = i64::from(*hours) * 3600 + i64::from(*minutes) * 60 + i64::from(*seconds);
            ValueRef::Time(seconds * SECOND + i64::from(*micros))
        }
        _ if form.is_decimal() => ValueRef::Decimal(number(cell, form)?),
        _ => rare(cell, form)?,
    })
}

/// What calculations make of a form, rather than columns.
#[cold]
fn rare(cell: &Cell, form: Form) -> Result<ValueRef<'_>, StoreError> {
    let bad = || mismatch(form, cell);
    Ok(match (form, cell) {
        (Form::Int, Cell::UInt(u)) => match i64::try_from(*u) {
            Ok(i) => ValueRef::Int(i),
            Err(_) => return Err(outside(&u.to_string(), "BigInt")),
        },
        (Form::Time, Cell::Time(negative, days, hours, minutes, seconds, _)) => {
            let (sign, hours) = (if *negative { "-" } else { "" }, u64::from(*days) * 24 + u64::from(*hours));
            return Err(outside(&format!("{sign}{hours:02}:{minutes:02}:{seconds:02}"), "Time"));
        }
        (Form::Real, Cell::Int(i)) => ValueRef::Float(*i as f64),
        (Form::Real, Cell::Float(f)) => ValueRef::Float(f64::from(*f)),
        (Form::Text, Cell::Int(_) | Cell::Double(_) | Cell::UInt(_)) => return Err(bad()),
        (_, Cell::Bytes(text)) => {
            let text = utf8(text)?;
            match form {
                Form::Int => match text.parse() {
                    Ok(i) => ValueRef::Int(i),
                    Err(_) if text.parse::<u64>().is_ok() => return Err(outside(text, "BigInt")),
                    Err(_) => return Err(bad()),
                },
                Form::Real => ValueRef::Float(text.parse().map_err(|_| bad())?),
                Form::Bool => ValueRef::Bool(text != "0"),
                Form::Date => ValueRef::Date(parse_date(text).map_err(|_| bad())?),
                Form::Time => ValueRef::Time(parse_time(text).map_err(|_| bad())?),
                Form::DateTime => ValueRef::DateTime(parse_datetime(text).map_err(|_| bad())?),
                _ => return Err(bad()),
            }
        }
        _ => return Err(bad()),
    })
}

/// The day and the microseconds of it; `None` of a date without a day, as `0000-00-00`, which other programs may have left.
fn moment(cell: &Cell) -> Option<(i32, i64)> {
    let Cell::Date(year, month, day, hours, minutes, seconds, micros) = cell else { return None };
    if *month == 0 || *day == 0 {
        return None;
    }
    let day = days_from_civil(i32::from(*year), u32::from(*month), u32::from(*day));
    let seconds = i64::from(*hours) * 3600 + i64::from(*minutes) * 60 + i64::from(*seconds);
    Some((day, seconds * SECOND + i64::from(*micros)))
}

/// An exact number; a mean comes as sum and count.
fn number(cell: &Cell, form: Form) -> Result<Decimal, StoreError> {
    let bad = || mismatch(form, cell);
    match cell {
        Cell::Int(i) => Ok(Decimal::from_int(*i)),
        Cell::UInt(u) => Decimal::parse(&u.to_string()).map_err(|_| bad()),
        Cell::Bytes(text) => {
            let text = utf8(text)?;
            if let Some((sum, count)) = text.split_once('/') {
                let sum = Decimal::parse(sum).map_err(|_| bad())?;
                return Ok(Decimal::avg(sum.mantissa, sum.scale, count.parse().map_err(|_| bad())?));
            }
            match form {
                Form::Decimal => Decimal::parse(text).map_err(|_| bad()),
                _ => Decimal::parse_at(text, form.scale().unwrap_or(0)).map_err(|_| bad()),
            }
        }
        Cell::Double(f) => Decimal::parse(&f.to_string()).map_err(|_| bad()),
        _ => Err(bad()),
    }
}

/// A document without blanks between its parts, as MySQL writes them.
fn compact(text: &str) -> Cow<'_, str> {
    if !text.contains(' ') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let (mut within, mut escaped) = (false, false);
    for c in text.chars() {
        if within {
            (within, escaped) = (escaped || c != '"', c == '\\' && !escaped);
        } else if c == '"' {
            within = true;
        } else if c.is_ascii_whitespace() {
            continue;
        }
        out.push(c);
    }
    if out.len() == text.len() { Cow::Borrowed(text) } else { Cow::Owned(out) }
}

#[inline]
fn utf8(text: &[u8]) -> Result<&str, StoreError> {
    std::str::from_utf8(text).map_err(|e| StoreError::bug(format!("a stored text is not UTF-8: {e}")))
}

/// A stored value that none of ours can be.
#[cold]
fn outside(value: &str, kind: &str) -> StoreError {
    let words = format!("the stored value {value} is outside the range of {kind}");
    StoreError::new(StoreErrorKind::Rejected(Code::OutOfRange, words.clone()), words)
}

#[cold]
fn mismatch(form: Form, cell: &Cell) -> StoreError {
    let found = match cell {
        Cell::NULL => "null",
        Cell::Bytes(_) => "text or bytes",
        Cell::Int(_) | Cell::UInt(_) => "an integer",
        Cell::Float(_) | Cell::Double(_) => "a float",
        Cell::Date(..) => "a date",
        Cell::Time(..) => "a time",
    };
    StoreError::bug(format!("a column of form {form:?} holds {found}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_lose_their_blanks() {
        for (text, expected) in [
            (r#"{"a": 1, "b": [1, 2]}"#, r#"{"a":1,"b":[1,2]}"#),
            (r#"{"a b": "c \" d"}"#, r#"{"a b":"c \" d"}"#),
            (r#"["\\", " "]"#, r#"["\\"," "]"#),
            ("[1,2]", "[1,2]"),
        ] {
            assert_eq!(compact(text), expected, "{text}");
        }
    }

    #[test]
    fn means_are_made_of_sum_and_count() {
        let cell = Cell::Bytes(b"10/4".to_vec());
        let Ok(ValueRef::Decimal(mean)) = decode(&cell, Form::Decimal) else { panic!("no decimal") };
        assert_eq!(mean.to_string(), "2.5000000000000000");
    }
}
