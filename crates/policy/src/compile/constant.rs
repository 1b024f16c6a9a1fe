//! Constants, read as the type of what they are compared with.

use bistro_ir::{AuthValue, Operand};
use bistro_schema::{Decimal, Kind, Scalar, Value, literal, names};

use super::value::{Val, scalar_name};
use super::{Made, Scope};
use crate::codes;
use crate::syntax::Place;

impl Scope<'_> {
    /// A constant as a literal of `scalar`.
    pub(super) fn constant(&mut self, value: &Val, scalar: Scalar, place: Place) -> Made<Operand> {
        let value = self.literal(value, scalar, place)?;
        Ok(Operand::Literal(value, scalar))
    }

    fn literal(&mut self, value: &Val, scalar: Scalar, place: Place) -> Made<Value> {
        let kind = scalar.kind;
        let text = match (value, scalar.list) {
            (Val::Null, _) => return Ok(Value::Null),
            (Val::List(parts), true) => {
                let made: Vec<Made<Value>> =
                    parts.iter().map(|(part, at)| self.literal(part, scalar.element(), *at)).collect();
                return Ok(Value::List(made.into_iter().collect::<Made<Vec<_>>>()?));
            }
            (Val::Text(text), false) if !kind.is_number() && !matches!(kind, Kind::Boolean | Kind::Json) => {
                text.clone()
            }
            (Val::Int(int), false) if kind.is_number() => int.to_string(),
            (Val::Float(float), false) if matches!(kind, Kind::Float | Kind::Decimal { .. }) => {
                self.fits_scale(*float, kind, place)?
            }
            (Val::Bool(truth), false) if kind == Kind::Boolean => return Ok(Value::Bool(*truth)),
            (Val::Value(Operand::Literal(value, has), _), _) if *has == scalar => return Ok(value.clone()),
            _ => return self.mismatch(value, scalar, place),
        };
        literal::parse(&self.schema, scalar, &text).or_else(|e| {
            let hint = self.enum_hint(kind, &text);
            self.error(codes::LITERAL, place, e.message, hint)
        })
    }

    /// A fraction must not be rounded away: `row.price > 1.999` with two digits would ask something else.
    fn fits_scale(&mut self, float: f64, kind: Kind, place: Place) -> Made<String> {
        let text = float.to_string();
        if let (Kind::Decimal { scale, bare: false, .. }, Ok(decimal)) = (kind, Decimal::parse(&text))
            && decimal.trimmed().scale > scale
        {
            let message =
                format!("{text} has more than the {scale} digits that the field has after the point");
            return self.error(codes::LITERAL, place, message, None);
        }
        Ok(text)
    }

    fn enum_hint(&self, kind: Kind, text: &str) -> Option<String> {
        let Kind::Enum(id) = kind else { return None };
        let values = || self.schema.enum_type(id).values.iter().map(|(name, _)| name.as_str());
        let near = names::nearest(text, values()).map(|n| format!("did you mean '{n}'?"));
        Some(near.unwrap_or_else(|| format!("it has {}", values().collect::<Vec<_>>().join(", "))))
    }

    /// Two sides that do not fit.
    pub(super) fn mismatch<T>(&mut self, value: &Val, scalar: Scalar, place: Place) -> Made<T> {
        let (has, want) = (value.described(&self.schema), scalar_name(&self.schema, scalar));
        self.error(codes::TYPES, place, format!("{has} cannot be compared with {want}"), None)
    }

    /// A role's name, wherever a constant meets `auth.role` or `auth.roles`.
    pub(super) fn role_name(&mut self, of: &Operand, value: &Val, place: Place) -> Made<()> {
        let (Operand::Auth(what, _), Val::Text(name)) = (of, value) else { return Ok(()) };
        let claims = ["anon", "authenticated", "service_role"];
        let schema = std::sync::Arc::clone(&self.schema);
        let declared = schema.roles.iter().map(|r| r.name.as_str());
        match what {
            AuthValue::Role if !claims.contains(&name.as_str()) => {
                let message = format!("`auth.role` is never '{name}'");
                let hint = if schema.roles.iter().any(|r| r.name == *name) {
                    format!("roles of the schema are in `auth.roles`: '{name}' in auth.roles")
                } else {
                    "it is 'anon', 'authenticated' or 'service_role'".to_owned()
                };
                self.error(codes::LITERAL, place, message, Some(hint))
            }
            AuthValue::Roles => {
                let known: Vec<&str> = claims.into_iter().chain(["admin"]).chain(declared).collect();
                if known.contains(&name.as_str()) {
                    return Ok(());
                }
                let near =
                    names::nearest(name, known.iter().copied()).map(|n| format!("did you mean '{n}'?"));
                let hint = near.unwrap_or_else(|| format!("there are {}", known.join(", ")));
                self.error(codes::LITERAL, place, format!("there is no role '{name}'"), Some(hint))
            }
            _ => Ok(()),
        }
    }
}
