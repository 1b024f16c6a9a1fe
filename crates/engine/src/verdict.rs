//! Conditions on a row that is about to be written, decided here where plain values decide them: a round trip less for
//! most rules. What needs the store's own comparison (numbers of different kinds, documents, patterns, other rows) is
//! left to it.

use bistro_ir::{Compare, Expr, Operand, ParamId, Root};
use bistro_schema::{FieldId, RelationId, Value};

/// The row, and the binds that conditions speak of.
pub(crate) struct Row<'a> {
    /// The fields that are known, each with its bind.
    pub(crate) values: &'a [(FieldId, ParamId)],
    /// The binds of the statement.
    pub(crate) binds: &'a [Value],
    /// What a field is that is not among `values`; `None` where only the store knows.
    pub(crate) absent: &'a (dyn Fn(FieldId) -> Option<Value> + Sync),
    /// The row that a to-one relation leads to, where it is known.
    pub(crate) over: Option<(RelationId, &'a Row<'a>)>,
}

/// SQL's three truths; the outer `None` says that the store must be asked.
type Verdict = Option<Option<bool>>;

impl Row<'_> {
    /// Whether the condition holds for the row, as [`Root::New`] and as scope 0.
    pub(crate) fn judge(&self, condition: &Expr) -> Verdict {
        match condition {
            Expr::Const(truth) => Some(*truth),
            Expr::And(parts) => self.all(parts, true),
            Expr::Or(parts) => self.all(parts, false),
            Expr::Not(inner) => Some(self.judge(inner)?.map(|truth| !truth)),
            Expr::Is(inner, truth) => Some(Some(self.judge(inner)? == *truth)),
            Expr::Compare(how, a, b) => compare(*how, &self.value(a)?, &self.value(b)?),
            Expr::Distinct(a, b) => {
                let (a, b) = (self.value(a)?, self.value(b)?);
                match (a.is_null(), b.is_null()) {
                    (true, true) => Some(Some(false)),
                    (true, false) | (false, true) => Some(Some(true)),
                    (false, false) => compare(Compare::Ne, &a, &b),
                }
            }
            Expr::IsNull(a) => Some(Some(self.value(a)?.is_null())),
            Expr::In(a, list) => within(&self.value(a)?, &self.value(list)?),
            Expr::Truth(a) => match self.value(a)? {
                Value::Bool(truth) => Some(Some(truth)),
                Value::Null => Some(None),
                _ => None,
            },
            Expr::Like { .. }
            | Expr::Match { .. }
            | Expr::Contains(..)
            | Expr::Overlaps(..)
            | Expr::Search { .. } => None,
            Expr::Some { root: Root::Scope(0), via, filter } => {
                Some(Some(self.along(via)?.judge(filter)? == Some(true)))
            }
            Expr::Some { .. } => None,
        }
    }

    /// The row that to-one relations lead to, as far as it is known.
    fn along(&self, via: &[RelationId]) -> Option<&Row<'_>> {
        match via.split_first() {
            None => Some(self),
            Some((first, rest)) => {
                let (_, row) = self.over.filter(|(relation, _)| relation == first)?;
                row.along(rest)
            }
        }
    }

    /// A conjunction where `neutral` is true, otherwise a disjunction. A part that decides it makes the others idle.
    fn all(&self, parts: &[Expr], neutral: bool) -> Verdict {
        let (mut unknown, mut unasked) = (false, false);
        for part in parts {
            match self.judge(part) {
                Some(Some(truth)) if truth != neutral => return Some(Some(truth)),
                Some(Some(_)) => {}
                Some(None) => unknown = true,
                None => unasked = true,
            }
        }
        if unasked { None } else { Some(if unknown { None } else { Some(neutral) }) }
    }

    fn value(&self, operand: &Operand) -> Option<Value> {
        match operand {
            Operand::Param(id) => self.binds.get(usize::from(id.0)).cloned(),
            Operand::Literal(value, _) => Some(value.clone()),
            Operand::Field(Root::New | Root::Scope(0), field) => {
                match self.values.iter().find(|(f, _)| f == field) {
                    Some((_, id)) => self.binds.get(usize::from(id.0)).cloned(),
                    None => (self.absent)(*field),
                }
            }
            Operand::Via { root: Root::Scope(0), via, operand } => self.along(via)?.value(operand),
            Operand::Truth(condition) => Some(self.judge(condition)?.map_or(Value::Null, Value::Bool)),
            _ => None,
        }
    }
}

/// Compares two values of one kind whose order is plain.
fn compare(how: Compare, a: &Value, b: &Value) -> Verdict {
    if a.is_null() || b.is_null() {
        return Some(None);
    }
    let order = match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
        (Value::Uuid(a), Value::Uuid(b)) => a.cmp(b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::Time(a), Value::Time(b)) => a.cmp(b),
        (Value::DateTime(a), Value::DateTime(b)) => a.cmp(b),
        _ => return None,
    };
    Some(Some(match how {
        Compare::Eq => order.is_eq(),
        Compare::Ne => order.is_ne(),
        Compare::Lt => order.is_lt(),
        Compare::Le => order.is_le(),
        Compare::Gt => order.is_gt(),
        Compare::Ge => order.is_ge(),
    }))
}

fn within(one: &Value, list: &Value) -> Verdict {
    let items = match list {
        Value::Null => return Some(None),
        Value::List(items) => items,
        _ => return None,
    };
    let mut unknown = one.is_null() && !items.is_empty();
    for item in items.iter() {
        match compare(Compare::Eq, one, item)? {
            Some(true) => return Some(Some(true)),
            Some(false) => {}
            None => unknown = true,
        }
    }
    Some(if unknown { None } else { Some(false) })
}

#[cfg(test)]
mod tests {
    use bistro_ir::{Compare, Expr, Operand, ParamId, Root};
    use bistro_schema::{FieldId, Value};

    use super::{Row, Verdict};

    /// Field 0 is "draft", field 1 is null, field 2 is only known to the store; bind 1 is a list.
    fn check(condition: &Expr, expected: Verdict) {
        let binds = [Value::text("draft"), Value::List(vec![Value::text("a"), Value::text("draft")])];
        let values = [(FieldId(0), ParamId(0))];
        let absent = |field: FieldId| (field == FieldId(1)).then_some(Value::Null);
        let row = Row { values: &values, binds: &binds, absent: &absent, over: None };
        assert_eq!(row.judge(condition), expected, "{condition:?}");
    }

    #[test]
    fn plain_conditions_are_decided_and_others_left_to_the_store() {
        let field = |n| Operand::Field(Root::New, FieldId(n));
        let text = |t: &str| {
            let scalar = bistro_schema::Scalar::one(bistro_schema::Kind::String);
            Operand::Literal(Value::text(t), scalar)
        };
        let equal = |a: Operand, b: Operand| Expr::Compare(Compare::Eq, a, b);
        let draft = || equal(field(0), text("draft"));
        let null = || equal(field(1), text("draft"));
        let store = || equal(field(2), text("draft"));
        check(&draft(), Some(Some(true)));
        check(&equal(field(0), text("b")), Some(Some(false)));
        check(&null(), Some(None));
        check(&store(), None);
        check(&Expr::Not(Box::new(null())), Some(None));
        check(&Expr::Is(Box::new(null()), None), Some(Some(true)));
        check(&Expr::And(vec![draft(), null()]), Some(None));
        check(&Expr::And(vec![store(), Expr::FALSE]), Some(Some(false)));
        check(&Expr::And(vec![store(), draft()]), None);
        check(&Expr::Or(vec![store(), draft()]), Some(Some(true)));
        check(&Expr::Or(vec![null(), store()]), None);
        check(&Expr::In(field(0), Operand::Param(ParamId(1))), Some(Some(true)));
        check(&Expr::In(text("z"), Operand::Param(ParamId(1))), Some(Some(false)));
        check(&Expr::In(field(1), Operand::Param(ParamId(1))), Some(None));
        check(&Expr::Distinct(field(0), field(1)), Some(Some(true)));
        check(&Expr::IsNull(field(1)), Some(Some(true)));
        check(&Expr::IsNull(field(2)), None);
        let one = Operand::Literal(Value::Int(1), bistro_schema::Scalar::one(bistro_schema::Kind::Int));
        let real =
            Operand::Literal(Value::Float(1.0), bistro_schema::Scalar::one(bistro_schema::Kind::Float));
        check(&equal(one, real), None);
    }
}
