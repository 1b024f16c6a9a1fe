//! Conditions on single values that hold on every store alike: required, length, range, pattern. Enums and number ranges
//! were checked when the text became a value.

use std::collections::HashMap;

use bistro_problem::{Code, Problem};
use bistro_schema::{Field, FieldId, Kind, Schema, Type, TypeId, Value};
use regex::Regex;

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
            let counts_up = inserts && f.kind == bistro_schema::FieldKind::Counter;
            return if f.nullable || counts_up { Ok(()) } else { Err(required(t, f)) };
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
