//! Conditions and values over rows, with SQL's three truths.

use bistro_ir::{Compare, Expr, Function, JsonStep, Operand, Root};
use bistro_schema::{Decimal, FieldId, FieldKind, RelationId, RelationKind, Schema, TypeId, Value};
use bistro_store::NewRow;

use crate::compare::{compare, decimal, float, same};
use crate::data::{Data, Row, cell};
use crate::{pattern, search};

/// Everything an evaluation looks at besides the rows in scope.
pub(crate) struct Env<'e> {
    pub(crate) schema: &'e Schema,
    pub(crate) data: &'e Data,
    pub(crate) binds: &'e [Value],
    /// The row being written, where there is one.
    pub(crate) new: Option<(TypeId, &'e NewRow)>,
}

/// Rows in scope, innermost last.
pub(crate) type Scopes<'s> = Vec<(TypeId, &'s Row)>;

impl<'e> Env<'e> {
    /// The truth of a condition; `None` is unknown.
    pub(crate) fn truth(&self, scopes: &Scopes<'e>, expr: &Expr) -> Option<bool> {
        let value = |o: &Operand| self.value(scopes, o);
        match expr {
            Expr::Const(truth) => *truth,
            Expr::And(parts) => all(parts.iter().map(|p| self.truth(scopes, p))),
            Expr::Or(parts) => all(parts.iter().map(|p| self.truth(scopes, p).map(|t| !t))).map(|t| !t),
            Expr::Not(inner) => self.truth(scopes, inner).map(|t| !t),
            Expr::Is(inner, wanted) => Some(self.truth(scopes, inner) == *wanted),
            Expr::Compare(op, a, b) => {
                let order = compare(&value(a), &value(b))?;
                Some(match op {
                    Compare::Eq => order.is_eq(),
                    Compare::Ne => order.is_ne(),
                    Compare::Lt => order.is_lt(),
                    Compare::Le => order.is_le(),
                    Compare::Gt => order.is_gt(),
                    Compare::Ge => order.is_ge(),
                })
            }
            Expr::Distinct(a, b) => Some(!same(&value(a), &value(b))),
            Expr::IsNull(a) => Some(value(a).is_null()),
            Expr::In(a, list) => within(&value(a), &value(list)),
            Expr::Like { operand, pattern, fold } => {
                Some(pattern::like(&text(&value(operand))?, &text(&value(pattern))?, *fold))
            }
            Expr::Match { operand, pattern, fold } => {
                pattern::find(&text(&value(operand))?, &text(&value(pattern))?, *fold)
            }
            Expr::Contains(a, b) => contains(&value(a), &value(b)),
            Expr::Overlaps(a, b) => match (value(a), value(b)) {
                (Value::List(a), Value::List(b)) => {
                    Some(a.iter().any(|x| b.iter().any(|y| !x.is_null() && same(x, y))))
                }
                _ => None,
            },
            Expr::Search { field, mode, query } => self.search(scopes, *field, *mode, &value(query)),
            Expr::Some { root, via, filter } => {
                Some(self.lead(scopes, *root, via).into_iter().any(|(ty, row)| {
                    let mut inner = scopes.clone();
                    inner.push((ty, row));
                    self.truth(&inner, filter) == Some(true)
                }))
            }
            Expr::Truth(a) => match value(a) {
                Value::Bool(b) => Some(b),
                _ => None,
            },
        }
    }

    fn search(
        &self,
        scopes: &Scopes<'e>,
        field: Option<FieldId>,
        mode: bistro_ir::SearchMode,
        query: &Value,
    ) -> Option<bool> {
        let (ty, row) = *scopes.last()?;
        let t = self.schema.ty(ty);
        let fields = field.map_or_else(|| t.search_fields(), |f| vec![f]);
        let texts: Vec<String> = fields.iter().filter_map(|f| text(&cell(row, t.field(*f)))).collect();
        Some(search::finds(&texts, mode, &text(query)?))
    }

    /// The value of an operand.
    pub(crate) fn value(&self, scopes: &Scopes<'e>, operand: &Operand) -> Value {
        match operand {
            Operand::Field(root, field) => self.field(scopes, *root, *field),
            Operand::Via { root, via, operand } => match self.lead(scopes, *root, via).first() {
                Some((ty, row)) => {
                    let mut inner = scopes.clone();
                    inner.push((*ty, row));
                    self.value(&inner, operand)
                }
                None => Value::Null,
            },
            Operand::Param(id) => self.binds[id.0 as usize].clone(),
            Operand::Literal(value, _) => value.clone(),
            // The planner has turned these into binds.
            Operand::Auth(..) | Operand::Now | Operand::Request(_) => Value::Null,
            Operand::Json { base, path, text } => json(&self.value(scopes, base), path, *text),
            Operand::If(when, then) => match self.truth(scopes, when) {
                Some(true) => self.value(scopes, then),
                _ => Value::Null,
            },
            Operand::Choose(when, a, b) => match self.truth(scopes, when) {
                Some(true) => self.value(scopes, a),
                _ => self.value(scopes, b),
            },
            Operand::Truth(inner) => self.truth(scopes, inner).map_or(Value::Null, Value::Bool),
            Operand::Call(function, args) => {
                let args: Vec<Value> = args.iter().map(|a| self.value(scopes, a)).collect();
                call(*function, &args)
            }
        }
    }

    fn field(&self, scopes: &Scopes<'e>, root: Root, field: FieldId) -> Value {
        match root {
            Root::Scope(n) => {
                let (ty, row) = scopes[scopes.len() - 1 - n as usize];
                debug_assert!(!matches!(self.schema.ty(ty).field(field).kind, FieldKind::Computed(_)));
                cell(row, self.schema.ty(ty).field(field))
            }
            Root::New => self.new_field(scopes, field),
        }
    }

    /// A field of the row being written: given, or of the stored row in the outermost scope.
    fn new_field(&self, scopes: &Scopes<'e>, field: FieldId) -> Value {
        let Some((ty, new)) = self.new else { return Value::Null };
        if let Some((_, id)) = new.0.iter().find(|(f, _)| *f == field) {
            return self.binds[id.0 as usize].clone();
        }
        scopes.first().map_or(Value::Null, |(_, row)| cell(row, self.schema.ty(ty).field(field)))
    }

    /// The rows that relations lead to.
    pub(crate) fn lead(&self, scopes: &Scopes<'e>, root: Root, via: &[RelationId]) -> Vec<(TypeId, &'e Row)> {
        let Some((first, rest)) = via.split_first() else { return Vec::new() };
        let ty = match root {
            Root::Scope(n) => scopes[scopes.len() - 1 - n as usize].0,
            Root::New => self.new.map_or(TypeId(0), |(ty, _)| ty),
        };
        let mut found = self.related(ty, &|f| self.field(scopes, root, f), *first, &Expr::TRUE);
        for relation in rest {
            let step = found.into_iter().flat_map(|(ty, row)| {
                self.related(ty, &|f| cell(row, self.schema.ty(ty).field(f)), *relation, &Expr::TRUE)
            });
            found = step.collect();
        }
        found
    }

    /// The rows that one relation leads to, from a row known by its fields; over those rows of a join type that meet `link`.
    pub(crate) fn related(
        &self,
        ty: TypeId,
        value: &dyn Fn(FieldId) -> Value,
        relation: RelationId,
        link: &Expr,
    ) -> Vec<(TypeId, &'e Row)> {
        let r = self.schema.ty(ty).relation(relation);
        if let RelationKind::ManyToMany(through) = &r.kind {
            let near = self.schema.ty(through.join).relation(through.near);
            let back: Vec<(FieldId, FieldId)> = near.pairs.iter().map(|(join, own)| (*own, *join)).collect();
            let links = self.matching(through.join, &back, value);
            return links
                .into_iter()
                .filter(|at| link.is_true() || self.truth(&vec![*at], link) == Some(true))
                .flat_map(|(join, row)| {
                    let value = |f: FieldId| cell(row, self.schema.ty(join).field(f));
                    self.related(join, &value, through.far, &Expr::TRUE)
                })
                .collect();
        }
        self.matching(r.target, &r.pairs, value)
    }

    fn matching(
        &self,
        target: TypeId,
        pairs: &[(FieldId, FieldId)],
        value: &dyn Fn(FieldId) -> Value,
    ) -> Vec<(TypeId, &'e Row)> {
        let t = self.schema.ty(target);
        let fits = |row: &&Row| {
            pairs.iter().all(|(near, far)| {
                compare(&value(*near), &cell(row, t.field(*far))).is_some_and(|o| o.is_eq())
            })
        };
        self.data.rows(self.schema, target).iter().filter(fits).map(|row| (target, row)).collect()
    }
}

/// Conjunction with unknown.
fn all(mut parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut unknown = false;
    let refuted = parts.any(|p| {
        unknown |= p.is_none();
        p == Some(false)
    });
    if refuted {
        return Some(false);
    }
    (!unknown).then_some(true)
}

fn within(value: &Value, list: &Value) -> Option<bool> {
    let Value::List(items) = list else { return None };
    if items.is_empty() {
        return Some(false);
    }
    if value.is_null() {
        return None;
    }
    if items.iter().any(|i| !i.is_null() && same(i, value)) {
        return Some(true);
    }
    if items.iter().any(Value::is_null) { None } else { Some(false) }
}

/// `@>` on lists and JSON documents.
fn contains(a: &Value, b: &Value) -> Option<bool> {
    match (a, b) {
        (Value::List(a), Value::List(b)) => {
            Some(b.iter().all(|y| !y.is_null() && a.iter().any(|x| !x.is_null() && same(x, y))))
        }
        (Value::Json(a), Value::Json(b)) => {
            let parse = |t: &str| serde_json::from_str::<serde_json::Value>(t).ok();
            Some(holds(&parse(a)?, &parse(b)?, true))
        }
        _ => None,
    }
}

fn holds(a: &serde_json::Value, b: &serde_json::Value, top: bool) -> bool {
    use serde_json::Value::{Array, Object};
    match (a, b) {
        (Object(a), Object(b)) => b.iter().all(|(k, y)| a.get(k).is_some_and(|x| holds(x, y, false))),
        (Array(a), Array(b)) => b.iter().all(|y| a.iter().any(|x| holds(x, y, false))),
        // A top-level array holds a bare scalar, as PostgreSQL has it.
        (Array(a), y) if top && !matches!(y, Object(_)) => a.iter().any(|x| x == y),
        (x, y) => x == y || x.as_f64().is_some_and(|f| y.as_f64() == Some(f)),
    }
}

/// A part of a JSON document.
fn json(base: &Value, path: &[JsonStep], as_text: bool) -> Value {
    let Value::Json(document) = base else { return Value::Null };
    let Ok(document) = serde_json::from_str::<serde_json::Value>(document) else { return Value::Null };
    let step = |at: &serde_json::Value, step: &JsonStep| match step {
        JsonStep::Key(key) => at.as_object()?.get(key).cloned(),
        JsonStep::Index(n) => {
            let items = at.as_array()?;
            let index =
                if *n < 0 { items.len().checked_sub(n.unsigned_abs() as usize)? } else { *n as usize };
            items.get(index).cloned()
        }
    };
    match path.iter().try_fold(document, |at, s| step(&at, s)) {
        None => Value::Null,
        Some(serde_json::Value::Null) if as_text => Value::Null,
        Some(serde_json::Value::String(text)) if as_text => Value::text(text),
        Some(found) if as_text => Value::text(found.to_string()),
        Some(found) => Value::Json(found.to_string().into()),
    }
}

/// The text of a value that is not null.
pub(crate) fn text(value: &Value) -> Option<String> {
    if value.is_null() {
        return None;
    }
    let mut out = Vec::new();
    bistro_schema::text::write_plain(value.borrow(), &mut out);
    String::from_utf8(out).ok()
}

fn call(function: Function, args: &[Value]) -> Value {
    let first = args.first().cloned().unwrap_or(Value::Null);
    let of_text = |f: &dyn Fn(String) -> Value| text(&first).map_or(Value::Null, f);
    match function {
        Function::Lower => of_text(&|t| Value::text(t.to_lowercase())),
        Function::Upper => of_text(&|t| Value::text(t.to_uppercase())),
        Function::Trim => of_text(&|t| Value::text(t.trim())),
        Function::Text => of_text(&Value::text),
        Function::Size => match &first {
            Value::Text(t) => Value::Int(t.chars().count() as i64),
            Value::Bytes(b) => Value::Int(b.len() as i64),
            Value::List(l) => Value::Int(l.len() as i64),
            _ => Value::Null,
        },
        Function::Concat => {
            let parts: Option<Vec<String>> = args.iter().map(text).collect();
            parts.map_or(Value::Null, |p| Value::text(p.concat()))
        }
        Function::Coalesce => args.iter().find(|a| !a.is_null()).cloned().unwrap_or(Value::Null),
        Function::AddMicros => match (&first, args.get(1)) {
            (Value::DateTime(at), Some(Value::Int(by))) => {
                at.checked_add(*by).map_or(Value::Null, Value::DateTime)
            }
            _ => Value::Null,
        },
        Function::Add | Function::Subtract | Function::Multiply | Function::Divide | Function::Remainder => {
            let second = args.get(1).cloned().unwrap_or(Value::Null);
            calculate(function, &first, &second).unwrap_or(Value::Null)
        }
    }
}

fn calculate(function: Function, a: &Value, b: &Value) -> Option<Value> {
    let ints = |a: i64, b: i64| match function {
        Function::Add => a.checked_add(b),
        Function::Subtract => a.checked_sub(b),
        Function::Multiply => a.checked_mul(b),
        Function::Divide => a.checked_div(b),
        _ => a.checked_rem(b),
    };
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => ints(*a, *b).map(Value::Int),
        (Value::Float(_), _) | (_, Value::Float(_)) => {
            let (a, b) = (float(a)?, float(b)?);
            let result = match function {
                Function::Add => a + b,
                Function::Subtract => a - b,
                Function::Multiply => a * b,
                Function::Divide => a / b,
                _ => a % b,
            };
            result.is_finite().then_some(Value::Float(result))
        }
        _ => {
            let (a, b) = (decimal(a)?, decimal(b)?);
            let scale = a.scale.max(b.scale);
            let (x, y) = (a.rescale(scale)?.mantissa, b.rescale(scale)?.mantissa);
            match function {
                Function::Add => Some(Value::Decimal(Decimal { mantissa: x.checked_add(y)?, scale })),
                Function::Subtract => Some(Value::Decimal(Decimal { mantissa: x.checked_sub(y)?, scale })),
                _ => None,
            }
        }
    }
}
