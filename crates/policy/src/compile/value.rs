//! What parts of a rule are worth: values of a known type, constants that take the other side's type, rows, and the
//! objects `auth` and `request`.

use bistro_ir::{AuthValue, Expr, Operand, Root};
use bistro_schema::{Kind, RelationId, Scalar, Schema, TypeId};

use super::{Made, Scope};
use crate::codes;
use crate::syntax::Place;

/// A way to rows.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    /// Where it starts.
    pub(crate) root: Root,
    /// The type of the row that it starts from.
    pub(crate) from: TypeId,
    /// The relations.
    pub(crate) via: Vec<RelationId>,
    /// The type that it leads to.
    pub(crate) ty: TypeId,
}

/// What a part of a rule is worth.
#[derive(Clone, Debug)]
pub(crate) enum Val {
    /// A value of a known type.
    Value(Operand, Scalar),
    /// A condition.
    Condition(Expr),
    /// A claim: takes the type of what it is compared with.
    Claim(Vec<String>),
    /// Constants take the type of what they are compared with.
    Text(String),
    Int(i64),
    Float(f64),
    Bool(bool),
    Null,
    /// A list of parts.
    List(Vec<(Val, Place)>),
    /// One row, or none.
    Row(Way),
    /// Rows.
    Rows(Way),
    /// A value of each of rows, in the scope of the row.
    Each(Way, Operand, Scalar),
    /// `duration('…')` in microseconds.
    Duration(i64),
    /// `auth`.
    Auth,
    /// `request`.
    Request,
    /// `request.headers`.
    Headers,
}

impl Val {
    /// What it is, for messages.
    pub(crate) fn described(&self, schema: &Schema) -> String {
        match self {
            Val::Value(_, scalar) => scalar_name(schema, *scalar),
            Val::Condition(_) | Val::Bool(_) => "a Boolean".to_owned(),
            Val::Claim(_) => "a claim".to_owned(),
            Val::Text(text) => format!("the String '{}'", text.chars().take(40).collect::<String>()),
            Val::Int(int) => format!("the Int {int}"),
            Val::Float(float) => format!("the Float {float}"),
            Val::Null => "null".to_owned(),
            Val::List(_) => "a list".to_owned(),
            Val::Row(way) => format!("a row of {}", schema.ty(way.ty).name),
            Val::Rows(way) => format!("rows of {}", schema.ty(way.ty).name),
            Val::Each(..) => "values of rows".to_owned(),
            Val::Duration(_) => "a duration".to_owned(),
            Val::Auth => "the object `auth`".to_owned(),
            Val::Request => "the object `request`".to_owned(),
            Val::Headers => "the object `request.headers`".to_owned(),
        }
    }
}

/// A scalar as the schema language writes it, with its article.
pub(crate) fn scalar_name(schema: &Schema, scalar: Scalar) -> String {
    let name = schema.kind_name(scalar.kind);
    let article = if name.starts_with(['A', 'E', 'I', 'O']) { "an" } else { "a" };
    if scalar.list { format!("a list of {name}") } else { format!("{article} {name}") }
}

const BOOLEAN: Scalar = Scalar::one(Kind::Boolean);

impl Scope<'_> {
    /// The value as a condition.
    pub(super) fn as_condition(&mut self, value: Val, place: Place) -> Made<Expr> {
        match value {
            Val::Condition(expr) => Ok(expr),
            Val::Bool(truth) => Ok(Expr::Const(Some(truth))),
            Val::Value(operand, BOOLEAN) => Ok(Expr::Truth(operand)),
            Val::Claim(path) => Ok(Expr::Truth(Operand::Auth(AuthValue::Claim(path), BOOLEAN))),
            other => {
                let message = format!("a condition is wanted here, not {}", other.described(&self.schema));
                let hint = match other {
                    Val::Rows(_) => "ask whether there is one: `.exists(m, true)`",
                    Val::Row(_) => "compare it: `!= null`, or with `auth.id`",
                    _ => "compare it with something",
                };
                self.error(codes::RESULT, place, message, Some(hint.to_owned()))
            }
        }
    }

    /// The value as a typed operand; a constant gets the type that it looks like.
    pub(super) fn typed(&mut self, value: Val, place: Place) -> Made<(Operand, Scalar)> {
        match value {
            Val::Value(operand, scalar) => Ok((operand, scalar)),
            Val::Condition(expr) => Ok((Operand::Truth(Box::new(expr)), BOOLEAN)),
            Val::Row(way) => self.key_of(way, place),
            Val::Claim(path) => {
                let text = Scalar::one(Kind::String);
                Ok((Operand::Auth(AuthValue::Claim(path), text), text))
            }
            Val::Text(_) | Val::Int(_) | Val::Float(_) | Val::Bool(_) => {
                let scalar = looks_like(&value);
                Ok((self.constant(&value, scalar, place)?, scalar))
            }
            other => {
                let message = format!("a value is wanted here, not {}", other.described(&self.schema));
                let hint = match other {
                    Val::Rows(_) => Some("go through the rows: `.exists(m, …)`".to_owned()),
                    Val::Auth => Some("`auth` has id, role, roles, email, aal and claims".to_owned()),
                    Val::Request | Val::Headers => Some("`request` has ip and headers['name']".to_owned()),
                    Val::Duration(_) => Some("add it to an instant: `now - duration('24h')`".to_owned()),
                    _ => None,
                };
                self.error(codes::TYPES, place, message, hint)
            }
        }
    }

    /// The value as a result of `scalar`: a default, or a computed field.
    pub(super) fn as_result(&mut self, value: Val, scalar: Scalar, place: Place) -> Made<Operand> {
        let described = value.described(&self.schema);
        let operand = match value {
            Val::Null => Operand::Literal(bistro_schema::Value::Null, scalar),
            Val::Claim(path) => Operand::Auth(AuthValue::Claim(path), scalar),
            Val::Text(_) | Val::Int(_) | Val::Float(_) | Val::Bool(_) | Val::List(_) => {
                self.constant(&value, scalar, place)?
            }
            other => {
                let (operand, has) = self.typed(other, place)?;
                if !assignable(has, scalar) {
                    let want = scalar_name(&self.schema, scalar);
                    let message = format!("the field is {want}, but this is {described}");
                    return self.error(codes::RESULT, place, message, None);
                }
                operand
            }
        };
        let single =
            matches!(operand, Operand::Auth(..) | Operand::Literal(..) | Operand::Now | Operand::Request(_));
        if self.purpose == super::Purpose::Default && !single {
            let hint = "a default is a constant, `now`, or one value of `auth` or `request`".to_owned();
            return self.error(codes::RESULT, place, "a default cannot be calculated", Some(hint));
        }
        Ok(operand)
    }
}

/// The type that a constant looks like.
pub(super) fn looks_like(value: &Val) -> Scalar {
    Scalar::one(match value {
        Val::Int(int) if i32::try_from(*int).is_ok() => Kind::Int,
        Val::Int(_) => Kind::BigInt,
        Val::Float(_) => Kind::Float,
        Val::Bool(_) => Kind::Boolean,
        _ => Kind::String,
    })
}

/// Whether a value of one type can be stored in a field of another as it is.
fn assignable(has: Scalar, want: Scalar) -> bool {
    has.list == want.list
        && match (has.kind, want.kind) {
            (a, b) if a == b => true,
            (a, b) if a.is_uuid() && b.is_uuid() => true,
            (Kind::Enum(_), _) | (_, Kind::Enum(_)) => want.kind == Kind::String,
            (a, b) if a.is_text() && b.is_text() => true,
            (Kind::Int, b) | (b, Kind::Int) => b.is_number(),
            (a, b) => a.is_number() && b.is_number(),
        }
}

/// Whether values of two types can be compared.
pub(super) fn comparable(a: Scalar, b: Scalar) -> bool {
    a.list == b.list
        && match (a.kind, b.kind) {
            (Kind::Enum(x), Kind::Enum(y)) => x == y,
            (Kind::Json, _) | (_, Kind::Json) => false,
            (x, y) => {
                x == y
                    || (x.is_number() && y.is_number())
                    || (x.is_text() && y.is_text())
                    || (x.is_uuid() && y.is_uuid())
            }
        }
}
