//! Conditions on single values that hold on every store alike: required, length, range, pattern. Enums and number ranges
//! were checked when the text became a value.

use std::collections::HashMap;

use bistro_problem::{Code, Problem};
use bistro_schema::{Field, FieldId, FieldKind, Kind, Schema, Type, TypeId, Value};
use regex::Regex;

/// The largest key that may be given where keys count up (`BigInt! @id`): counting goes on from the largest ever given,
/// and a key at the very end would leave it nowhere to go.
const LAST_GIVEN_KEY: i64 = i64::MAX - (1 << 32);

/// The compiled patterns of a schema.
#[derive(Debug, Default)]
pub(crate) struct Patterns(HashMap<(TypeId, FieldId), Regex>);

impl Patterns {
    /// Compiles every `@pattern`; the schema was checked, so a pattern that fails here matches nothing.
    pub(crate) fn new(schema: &Schema) -> Self {
        let all = schema.types().flat_map(|(t, ty)| ty.fields().map(move |(f, field)| (t, f, field)));
        let compiled = all.filter_map(|(t, f, field)| {
            let pattern = field.pattern.as_deref()?;
            Regex::new(pattern).ok().map(|regex| ((t, f), regex))
        });
        Self(compiled.collect())
    }

    /// Refuses a value that its field does not take. In a new row (`inserts`), null asks a counting key for its next.
    pub(crate) fn check(
        &self,
        schema: &Schema,
        (ty, field): (TypeId, FieldId),
        value: &Value,
        inserts: bool,
    ) -> Result<(), Problem> {
        let (t, f) = (schema.ty(ty), schema.ty(ty).field(field));
        if value.is_null() {
            let counts_up = inserts && f.kind == FieldKind::Counter;
            return if f.nullable || counts_up { Ok(()) } else { Err(required(t, f)) };
        }
        if f.kind == FieldKind::Counter {
            leaves_room(f, value)?;
        }
        match value {
            Value::List(items) if items.iter().any(Value::is_null) => {
                Err(required(t, f).hint(format!("The list {} holds no nulls.", f.name)))
            }
            Value::List(items) => items.iter().try_for_each(|item| self.one(t, ty, f, field, item)),
            one => self.one(t, ty, f, field, one),
        }
    }

    fn one(&self, t: &Type, ty: TypeId, f: &Field, field: FieldId, value: &Value) -> Result<(), Problem> {
        if let (Some((min, max)), Value::Text(text)) = (&f.length, value) {
            let chars = text.chars().count() as u64;
            if let Some(max) = max.filter(|max| chars > *max) {
                let message = format!("value too long for type character varying({max})");
                let hint = format!("{} holds at most {max} characters; this has {chars}.", f.name);
                return Err(Problem::new(Code::TextTooLong, message).hint(hint));
            }
            if let Some(min) = min.filter(|min| chars < *min) {
                return Err(broken(
                    t,
                    f,
                    format!("{} needs at least {min} characters; this has {chars}.", f.name),
                ));
            }
        }
        if let Some((min, max)) = &f.range {
            let below = min.as_ref().is_some_and(|min| less(value, min));
            let above = max.as_ref().is_some_and(|max| less(max, value));
            if below || above {
                let show = |v: &Option<Value>| v.as_ref().map_or("…".to_owned(), plain);
                let hint = format!("{} lies between {} and {}.", f.name, show(min), show(max));
                return Err(broken(t, f, hint));
            }
        }
        if let (Some(pattern), Value::Text(text)) = (&f.pattern, value)
            && !self.0.get(&(ty, field)).is_some_and(|regex| regex.is_match(text))
        {
            return Err(broken(t, f, format!("{} matches {pattern}.", f.name)));
        }
        Ok(())
    }
}

/// A counting key goes on from the largest that was ever given, so its very last numbers are not for giving.
fn leaves_room(field: &Field, value: &Value) -> Result<(), Problem> {
    match value {
        Value::Int(given) if *given > LAST_GIVEN_KEY => {
            let message = format!("value \"{given}\" is out of range for the key {}", field.name);
            let hint = format!("Keys that count up can be given up to {}.", LAST_GIVEN_KEY);
            Err(Problem::new(Code::OutOfRange, message).hint(hint))
        }
        _ => Ok(()),
    }
}

/// A counted key that its type cannot hold: the table is full.
pub(crate) fn counted(ty: &Type, key: &[Value]) -> Result<(), Problem> {
    let narrow = |f: &Field| f.kind == FieldKind::Counter && f.scalar.kind == Kind::Int;
    let last = i64::from(i32::MAX);
    let full = |(f, value): (&FieldId, &Value)| {
        narrow(ty.field(*f)) && matches!(value, Value::Int(given) if *given > last)
    };
    if !ty.key.iter().zip(key).any(full) {
        return Ok(());
    }
    let message = format!("nextval: reached maximum value of the keys of \"{}\" ({last})", ty.collection);
    Err(Problem::new(Code::OutOfRange, message).hint(
        "A row with the last key of the type is, or was, there; a key of the type BigInt counts further.",
    ))
}

/// A required column without a value.
fn required(ty: &Type, field: &Field) -> Problem {
    let message = format!(
        "null value in column \"{}\" of relation \"{}\" violates not-null constraint",
        field.name, ty.collection
    );
    Problem::new(Code::NotNull, message).hint(format!("Send a value for {}.", field.name))
}

/// A value that breaks its field's own condition.
fn broken(ty: &Type, field: &Field, hint: String) -> Problem {
    let name = bistro_schema::names::constraint(&[&ty.collection, &field.name, "check"]);
    check_violation(ty, &name).hint(hint)
}

/// The dialect's words for a broken check.
pub(crate) fn check_violation(ty: &Type, constraint: &str) -> Problem {
    let message =
        format!("new row for relation \"{}\" violates check constraint \"{constraint}\"", ty.collection);
    Problem::new(Code::CheckViolation, message)
}

/// The text of a value.
pub(crate) fn plain(value: &Value) -> String {
    let mut out = Vec::new();
    bistro_schema::text::write_plain(value.borrow(), &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// Whether `a < b`, for values of one kind.
fn less(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Int(a), Value::Int(b))
        | (Value::Time(a), Value::Time(b))
        | (Value::DateTime(a), Value::DateTime(b)) => a < b,
        (Value::Float(a), Value::Float(b)) => a < b,
        (Value::Decimal(a), Value::Decimal(b)) => a.compare(*b).is_lt(),
        (Value::Date(a), Value::Date(b)) => a < b,
        _ => false,
    }
}

/// Whether text of this kind is sanitised on the way in.
pub(crate) const fn is_html(kind: Kind) -> bool {
    matches!(kind, Kind::Html)
}
