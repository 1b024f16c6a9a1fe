//! Operators: comparisons, `in`, arithmetic, `?:`.

use bistro_ir::{AuthValue, Compare, Expr, Function, Operand, Root};
use bistro_schema::{Kind, Scalar, Value};

use super::value::{Val, Way, comparable, looks_like, scalar_name};
use super::{Made, Scope};
use crate::codes;
use crate::roots;
use crate::syntax::{Binary, Node, NodeKind, Place};

const BIGINT: Scalar = Scalar::one(Kind::BigInt);

/// A part of a rule and where it stands.
type Side = (Val, Place);

impl Scope<'_> {
    pub(super) fn binary(&mut self, op: Binary, left: &Node, right: &Node, place: Place) -> Made<Val> {
        let (a, b) = (self.value(left), self.value(right));
        let (a, b) = ((a?, left.place), (b?, right.place));
        let compare = match op {
            Binary::In => return self.is_in(a, b).map(Val::Condition),
            Binary::Add | Binary::Subtract | Binary::Multiply | Binary::Divide | Binary::Remainder => {
                return self.arithmetic(op, a, b, place);
            }
            Binary::Eq => Compare::Eq,
            Binary::Ne => Compare::Ne,
            Binary::Lt => Compare::Lt,
            Binary::Le => Compare::Le,
            Binary::Gt => Compare::Gt,
            Binary::Ge => Compare::Ge,
        };
        self.compare(compare, a, b, place).map(Val::Condition)
    }

    fn compare(&mut self, how: Compare, a: Side, b: Side, place: Place) -> Made<Expr> {
        let tested = match (&a.0, &b.0) {
            (Val::Null, Val::Null) => {
                return self.error(codes::TYPES, place, "null is compared with null", None);
            }
            (Val::Null, _) => Some(b.clone()),
            (_, Val::Null) => Some(a.clone()),
            _ => None,
        };
        if let Some((value, at)) = tested {
            return match how {
                Compare::Eq => self.is_null(value, at),
                Compare::Ne => Ok(Expr::Not(Box::new(self.is_null(value, at)?))),
                _ => {
                    let hint = Some("use `== null` or `!= null`".to_owned());
                    self.error(codes::TYPES, place, "null is neither less nor greater than anything", hint)
                }
            };
        }
        let (x, y, scalar) = self.together(a, b, place)?;
        let ordered = !matches!(how, Compare::Eq | Compare::Ne);
        let orderable =
            !scalar.list && !matches!(scalar.kind, Kind::Boolean | Kind::Enum(_) | Kind::Bytes | Kind::Json);
        if ordered && !orderable {
            let name = scalar_name(&self.schema, scalar);
            let hint =
                matches!(scalar.kind, Kind::Enum(_)).then(|| "list the values: `in ['a', 'b']`".to_owned());
            return self.error(
                codes::TYPES,
                place,
                format!("{name} is neither less nor greater than another"),
                hint,
            );
        }
        Ok(Expr::Compare(how, x, y))
    }

    /// Two sides as values of one type (or of two that compare); the type is the left one's, or the typed one's.
    fn together(&mut self, a: Side, b: Side, place: Place) -> Made<(Operand, Operand, Scalar)> {
        let (loose_a, loose_b) = (is_loose(&a.0), is_loose(&b.0));
        let (x, y, left, right) = match (loose_a, loose_b) {
            (false, true) => {
                let (x, scalar) = self.typed(a.0, a.1)?;
                let y = self.loose(&x, &b, scalar)?;
                (x, y, scalar, scalar)
            }
            (true, false) => {
                let (y, scalar) = self.typed(b.0, b.1)?;
                let x = self.loose(&y, &a, scalar)?;
                (x, y, scalar, scalar)
            }
            (true, true) => self.both_loose(a, b)?,
            (false, false) => {
                let (x, left) = self.typed(a.0, a.1)?;
                let (y, right) = self.typed(b.0, b.1)?;
                (x, y, left, right)
            }
        };
        if comparable(left, right) {
            return Ok((x, y, left));
        }
        let (l, r) = (scalar_name(&self.schema, left), scalar_name(&self.schema, right));
        let json = left.kind == Kind::Json || right.kind == Kind::Json;
        let subject =
            matches!((&x, &y), (Operand::Auth(AuthValue::Id, _), _) | (_, Operand::Auth(AuthValue::Id, _)));
        let hint = if subject && (left.kind.is_text() || right.kind.is_text()) {
            Some("`auth.claims.sub` is the subject as text".to_owned())
        } else {
            json.then(|| "keep what rules need in fields of their own".to_owned())
        };
        self.error(codes::TYPES, place, format!("{l} cannot be compared with {r}"), hint)
    }

    /// A constant or a claim as the type of the other side.
    fn loose(&mut self, other: &Operand, side: &Side, scalar: Scalar) -> Made<Operand> {
        self.role_name(other, &side.0, side.1)?;
        match &side.0 {
            Val::Claim(path) => Ok(Operand::Auth(AuthValue::Claim(path.clone()), scalar)),
            value => self.constant(value, scalar, side.1),
        }
    }

    fn both_loose(&mut self, a: Side, b: Side) -> Made<(Operand, Operand, Scalar, Scalar)> {
        let scalar = match (&a.0, &b.0) {
            (Val::Claim(_), Val::Claim(_)) => Scalar::one(Kind::String),
            (Val::Claim(_), Val::Int(_)) | (Val::Int(_), Val::Claim(_)) => BIGINT,
            (Val::Claim(_), other) | (other, _) => looks_like(other),
        };
        let none = Operand::Now;
        let x = self.loose(&none, &a, scalar)?;
        let y = self.loose(&none, &b, scalar)?;
        Ok((x, y, scalar, scalar))
    }

    /// `a in b`.
    fn is_in(&mut self, a: Side, b: Side) -> Made<Expr> {
        match b.0 {
            Val::List(parts) => self.in_parts(a, parts, b.1),
            Val::Value(list, scalar) if scalar.list => {
                let element = scalar.element();
                let x = if is_loose(&a.0) {
                    self.loose(&list, &a, element)?
                } else {
                    let (x, has) = self.typed(a.0, a.1)?;
                    if !comparable(has, element) {
                        let (l, r) = (scalar_name(&self.schema, has), scalar_name(&self.schema, scalar));
                        return self.error(codes::TYPES, a.1, format!("{l} cannot be in {r}"), None);
                    }
                    x
                };
                Ok(Expr::In(x, list))
            }
            Val::Claim(path) => {
                let (x, scalar) = self.typed(a.0, a.1)?;
                Ok(Expr::In(x, Operand::Auth(AuthValue::Claim(path), Scalar::list(scalar.kind))))
            }
            Val::Each(way, operand, scalar) => self.in_rows(a, way, (operand, scalar), b.1),
            Val::Rows(way) => {
                let one = Way { root: Root::Scope(0), from: way.ty, via: Vec::new(), ty: way.ty };
                let key = self.key_of(one, b.1)?;
                self.in_rows(a, way, key, b.1)
            }
            other => {
                let message = format!("`in` takes a list, not {}", other.described(&self.schema));
                let hint =
                    "a list is `['a', 'b']`, `auth.roles`, a list field, or `row.members.map(m, m.user)`";
                self.error(codes::TYPES, b.1, message, Some(hint.to_owned()))
            }
        }
    }

    /// In a list that is written out: one list of constants, or alternatives.
    fn in_parts(&mut self, a: Side, parts: Vec<Side>, place: Place) -> Made<Expr> {
        let constants = !parts.is_empty()
            && parts
                .iter()
                .all(|(v, _)| matches!(v, Val::Text(_) | Val::Int(_) | Val::Float(_) | Val::Bool(_)));
        if !constants {
            let made: Vec<Made<Expr>> =
                parts.into_iter().map(|p| self.compare(Compare::Eq, a.clone(), p, place)).collect();
            return Ok(Expr::any(made.into_iter().collect::<Made<Vec<_>>>()?));
        }
        let like = parts.first().map(|p| looks_like(&p.0));
        let (x, scalar) = match (&a.0, like) {
            (Val::Claim(path), Some(scalar)) => {
                (Operand::Auth(AuthValue::Claim(path.clone()), scalar), scalar)
            }
            _ => self.typed(a.0, a.1)?,
        };
        for (value, at) in &parts {
            self.role_name(&x, value, *at)?;
        }
        let list = self.constant(&Val::List(parts), Scalar { list: true, ..scalar }, place)?;
        Ok(Expr::In(x, list))
    }

    /// Whether some row has the value.
    fn in_rows(&mut self, a: Side, way: Way, (each, scalar): (Operand, Scalar), place: Place) -> Made<Expr> {
        let outer = match a.0 {
            value @ (Val::Claim(_) | Val::Text(_) | Val::Int(_) | Val::Float(_) | Val::Bool(_)) => {
                (value, a.1)
            }
            value => {
                let (operand, scalar) = self.typed(value, a.1)?;
                (Val::Value(roots::sink_operand(&operand), scalar), a.1)
            }
        };
        let filter = Box::new(self.compare(Compare::Eq, (Val::Value(each, scalar), place), outer, place)?);
        Ok(Expr::Some { root: way.root, via: way.via, filter })
    }

    fn arithmetic(&mut self, op: Binary, a: Side, b: Side, place: Place) -> Made<Val> {
        match (op, &a.0, &b.0) {
            (Binary::Add, Val::Duration(x), Val::Duration(y)) => {
                return Ok(Val::Duration(x.saturating_add(*y)));
            }
            (Binary::Subtract, Val::Duration(x), Val::Duration(y)) => {
                return Ok(Val::Duration(x.saturating_sub(*y)));
            }
            (Binary::Add | Binary::Subtract, _, Val::Duration(by)) => {
                let by = if op == Binary::Add { *by } else { -*by };
                return self.later(a, by);
            }
            (Binary::Add, Val::Duration(by), _) => return self.later(b, *by),
            _ => {}
        }
        let (a, b) = (self.widened(a, &b.0), b);
        let (x, y, left, right) = self.operands(a, b)?;
        let texts = op == Binary::Add && left.kind.is_text() && right.kind.is_text();
        if texts && !left.list && !right.list {
            return Ok(Val::Value(Operand::Call(Function::Concat, vec![x, y]), Scalar::one(Kind::String)));
        }
        if left.list || right.list || !left.kind.is_number() || !right.kind.is_number() {
            let (l, r) = (scalar_name(&self.schema, left), scalar_name(&self.schema, right));
            let instants = left.kind == Kind::DateTime && right.kind == Kind::DateTime;
            let hint = instants.then(|| "compare the instants: `row.at > now - duration('24h')`".to_owned());
            return self.error(codes::TYPES, place, format!("there is no arithmetic of {l} and {r}"), hint);
        }
        let function = match op {
            Binary::Subtract => Function::Subtract,
            Binary::Multiply => Function::Multiply,
            Binary::Divide => Function::Divide,
            Binary::Remainder => Function::Remainder,
            _ => Function::Add,
        };
        let whole = |s: Scalar| matches!(s.kind, Kind::Int | Kind::BigInt);
        if function == Function::Remainder && !(whole(left) && whole(right)) {
            return self.error(codes::TYPES, place, "`%` is for whole numbers", None);
        }
        Ok(Val::Value(Operand::Call(function, vec![x, y]), result(op, left, right)))
    }

    /// A claim in a calculation is the kind of number of the other side.
    fn widened(&self, a: Side, other: &Val) -> Side {
        match (&a.0, other) {
            (Val::Claim(path), Val::Int(_)) => {
                (Val::Value(Operand::Auth(AuthValue::Claim(path.clone()), BIGINT), BIGINT), a.1)
            }
            _ => a,
        }
    }

    /// The sides of a calculation: a constant takes the other side's kind of number where it can.
    fn operands(&mut self, a: Side, b: Side) -> Made<(Operand, Operand, Scalar, Scalar)> {
        let number = |v: &Val| matches!(v, Val::Int(_) | Val::Float(_));
        let fits = |v: &Val, s: Scalar| match v {
            Val::Int(_) => s.kind.is_number(),
            _ => matches!(s.kind, Kind::Float | Kind::Decimal { .. }),
        };
        if number(&a.0) && !number(&b.0) {
            let (y, x, right, left) = self.operands(b, a)?;
            return Ok((x, y, left, right));
        }
        let (x, left) = self.typed(a.0, a.1)?;
        let (y, right) = match &b.0 {
            v if number(v) && fits(v, left) => {
                let scalar = roomy(v, left);
                (self.constant(v, scalar, b.1)?, scalar)
            }
            Val::Claim(path) => (Operand::Auth(AuthValue::Claim(path.clone()), left), left),
            _ => self.typed(b.0, b.1)?,
        };
        Ok((x, y, left, right))
    }

    /// An instant moved by a duration.
    fn later(&mut self, at: Side, micros: i64) -> Made<Val> {
        let scalar = Scalar::one(Kind::DateTime);
        let operand = match &at.0 {
            Val::Claim(path) => Operand::Auth(AuthValue::Claim(path.clone()), scalar),
            _ => {
                let (operand, has) = self.typed(at.0, at.1)?;
                if has != scalar {
                    let name = scalar_name(&self.schema, has);
                    let hint = Some("a duration is added to a DateTime".to_owned());
                    return self.error(
                        codes::TYPES,
                        at.1,
                        format!("a duration cannot be added to {name}"),
                        hint,
                    );
                }
                operand
            }
        };
        let by = Operand::Literal(Value::Int(micros), BIGINT);
        Ok(Val::Value(Operand::Call(Function::AddMicros, vec![operand, by]), scalar))
    }

    /// `-inner`.
    pub(super) fn negate(&mut self, inner: &Node) -> Made<Val> {
        match (self.value(inner)?, &inner.kind) {
            (Val::Int(int), NodeKind::Int(_)) => Ok(Val::Int(int.wrapping_neg())),
            (Val::Float(float), NodeKind::Float(_)) => Ok(Val::Float(-float)),
            (Val::Duration(micros), _) => Ok(Val::Duration(-micros)),
            (value, _) => self.arithmetic(
                Binary::Subtract,
                (Val::Int(0), inner.place),
                (value, inner.place),
                inner.place,
            ),
        }
    }

    /// `test ? yes : no`.
    pub(super) fn choose(&mut self, parts: &[Node; 3]) -> Made<Val> {
        let [test, yes, no] = parts;
        let (test, a, b) = (self.condition(test), self.value(yes), self.value(no));
        let (test, a, b) = (Box::new(test?), (a?, yes.place), (b?, no.place));
        if matches!(
            (&a.0, &b.0),
            (Val::Condition(_) | Val::Bool(_), _) | (_, Val::Condition(_) | Val::Bool(_))
        ) {
            let (a, b) = (self.as_condition(a.0, a.1)?, self.as_condition(b.0, b.1)?);
            let truth = |e| Box::new(Operand::Truth(Box::new(e)));
            return Ok(Val::Condition(Expr::Truth(Operand::Choose(test, truth(a), truth(b)))));
        }
        if let (Val::Null, _) | (_, Val::Null) = (&a.0, &b.0) {
            let first = matches!(a.0, Val::Null);
            let (value, at) = if first { b } else { a };
            let (value, scalar) = self.typed(value, at)?;
            let (value, null) = (Box::new(value), Box::new(Operand::Literal(Value::Null, scalar)));
            let chosen =
                if first { Operand::Choose(test, null, value) } else { Operand::Choose(test, value, null) };
            return Ok(Val::Value(chosen, scalar));
        }
        let (x, y, scalar) = self.together(a, b, (yes.place.0, no.place.1))?;
        Ok(Val::Value(Operand::Choose(test, Box::new(x), Box::new(y)), scalar))
    }
}

/// Whether a part takes the other side's type.
fn is_loose(value: &Val) -> bool {
    matches!(value, Val::Claim(_) | Val::Text(_) | Val::Int(_) | Val::Float(_) | Val::Bool(_) | Val::List(_))
}

/// A type in which a constant is exact, of the same sort of number as the other side.
fn roomy(value: &Val, other: Scalar) -> Scalar {
    let digits = match value {
        Val::Float(float) => float.to_string().split_once('.').map_or(0, |(_, part)| part.len().min(18)),
        _ => 0,
    };
    Scalar::one(match other.kind {
        Kind::Decimal { .. } => Kind::Decimal { precision: 38, scale: digits as u8, bare: false },
        Kind::Int => Kind::BigInt,
        kind => kind,
    })
}

/// The type of a calculation, with room for its largest results.
fn result(op: Binary, left: Scalar, right: Scalar) -> Scalar {
    let scale = |s: Scalar| match s.kind {
        Kind::Decimal { scale, .. } => scale,
        _ => 0,
    };
    let wider = if rank(right.kind) > rank(left.kind) { right } else { left };
    Scalar::one(match wider.kind {
        Kind::Decimal { .. } => {
            let scale = match op {
                Binary::Multiply => (scale(left) + scale(right)).min(18),
                Binary::Divide => 18,
                _ => scale(left).max(scale(right)),
            };
            Kind::Decimal { precision: 38, scale, bare: false }
        }
        Kind::Int => Kind::BigInt,
        kind => kind,
    })
}

/// Which of two kinds of number a calculation with both gives.
fn rank(kind: Kind) -> u8 {
    match kind {
        Kind::Int => 1,
        Kind::BigInt => 2,
        Kind::Decimal { .. } => 3,
        _ => 4,
    }
}
