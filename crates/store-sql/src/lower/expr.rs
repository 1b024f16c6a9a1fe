//! Conditions.

use bistro_ir::{Compare, Expr, Operand, Root};
use bistro_schema::{FieldId, FieldKind, TypeId};
use bistro_store::StoreError;

use super::operand::{loose, untyped};
use super::{Emitter, Hint, Piece, Slot};
use crate::ddl;
use crate::decode::element_form;
use crate::encode::{Encode, Round};
use crate::form::Form;

impl Emitter<'_> {
    /// Writes a condition; it can stand anywhere in another.
    pub(super) fn expr(&mut self, expr: &Expr) -> Result<String, StoreError> {
        Ok(match expr {
            Expr::Const(Some(true)) => "1".into(),
            Expr::Const(Some(false)) => "0".into(),
            Expr::Const(None) => "NULL".into(),
            Expr::And(parts) if parts.is_empty() => "1".into(),
            Expr::Or(parts) if parts.is_empty() => "0".into(),
            Expr::And(parts) => self.joined(parts, " AND ")?,
            Expr::Or(parts) => self.joined(parts, " OR ")?,
            Expr::Not(inner) => format!("(NOT {})", self.expr(inner)?),
            Expr::Is(inner, Some(true)) => format!("({} IS TRUE)", self.expr(inner)?),
            Expr::Is(inner, Some(false)) => format!("({} IS FALSE)", self.expr(inner)?),
            Expr::Is(inner, None) => format!("({} IS NULL)", self.expr(inner)?),
            Expr::Compare(how, a, b) => {
                let (a, b) = self.comparable(a, b, Some(*how))?;
                format!("({a} {} {b})", sign(*how))
            }
            Expr::Distinct(a, b) => {
                let (a, b) = self.comparable(a, b, None)?;
                format!("({a} IS NOT {b})")
            }
            Expr::IsNull(a) => format!("({} IS NULL)", self.operand(a, Hint::NONE)?.text),
            Expr::In(a, list) => self.within(a, list)?,
            Expr::Like { operand, pattern, fold } => self.like(operand, pattern, *fold)?,
            Expr::Match { operand, pattern, fold } => {
                let (text, pattern) = (self.as_text(operand)?, self.as_text(pattern)?);
                format!("bistro_match({text}, {pattern}, {})", u8::from(*fold))
            }
            Expr::Contains(a, b) => self.lists("bistro_contains", a, b)?,
            Expr::Overlaps(a, b) => self.lists("bistro_overlaps", a, b)?,
            Expr::Search { field, mode, query } => self.search(*field, *mode, query)?,
            Expr::Some { root, via, filter } => self.some(*root, via, filter)?,
            Expr::Truth(a) => self.operand(a, Hint::form(Some(Form::Bool)))?.text,
        })
    }

    fn joined(&mut self, parts: &[Expr], by: &str) -> Result<String, StoreError> {
        let parts = parts.iter().map(|p| self.expr(p)).collect::<Result<Vec<_>, _>>()?;
        Ok(format!("({})", chain(&parts, by)))
    }

    /// A value as text; null stays null.
    pub(super) fn as_text(&mut self, operand: &Operand) -> Result<String, StoreError> {
        let piece = self.operand(operand, Hint::form(Some(Form::Text)))?;
        Ok(match piece.form {
            Some(Form::Text | Form::Json) | None => piece.text,
            Some(form) => format!("bistro_text({}, '{}')", piece.text, form.code()),
        })
    }

    /// Two values side by side in forms that compare as the values do.
    fn comparable(
        &mut self,
        a: &Operand,
        b: &Operand,
        how: Option<Compare>,
    ) -> Result<(String, String), StoreError> {
        let (left, right) = match (untyped(a), untyped(b)) {
            (true, true) => (self.operand(a, Hint::NONE)?, self.operand(b, Hint::NONE)?),
            (false, true) => {
                let left = self.operand(a, Hint::NONE)?;
                let right = self.operand(b, Hint { form: left.form, round: rounding(how) })?;
                (left, right)
            }
            (true, false) => {
                let right = self.operand(b, Hint::NONE)?;
                let left = self.operand(a, Hint { form: right.form, round: rounding(how.map(mirrored)) })?;
                (left, right)
            }
            (false, false) => (self.operand(a, Hint::NONE)?, self.operand(b, Hint::NONE)?),
        };
        Ok(level(left, right, matches!(how, None | Some(Compare::Eq | Compare::Ne))))
    }

    fn within(&mut self, a: &Operand, list: &Operand) -> Result<String, StoreError> {
        if let Operand::Param(id) = list {
            if untyped(a) {
                let Operand::Param(one) = a else {
                    return Err(StoreError::bug("`in` needs a field or a bind on its left"));
                };
                let (one, all) =
                    (self.slot(Slot::Bind(*one, Encode::Json)), self.slot(Slot::Bind(*id, Encode::JsonEach)));
                return Ok(format!("({one} IN (SELECT value FROM json_each({all})))"));
            }
            let value = self.operand(a, Hint::NONE)?;
            let form = value.form.unwrap_or(Form::Text);
            let all = self.slot(Slot::Bind(*id, Encode::Each(form)));
            let (left, item) = match form {
                Form::Uuid | Form::Bytes | Form::Sortable(_) => (value.text, "unhex(value)"),
                Form::Decimal => (format!("bistro_key({})", value.text), "bistro_key(unhex(value))"),
                Form::Real => (value.text, "bistro_bits(value)"),
                Form::Json => (format!("bistro_json_key({})", value.text), "bistro_json_key(value)"),
                _ => (value.text, "value"),
            };
            return Ok(format!("({left} IN (SELECT {item} FROM json_each({all})))"));
        }
        let all = self.operand(list, Hint::NONE)?;
        let Some(Form::List(kind)) = all.form else {
            return Err(StoreError::bug("`in` needs a list on its right"));
        };
        let element = element_form(kind);
        let value = self.operand(a, Hint::form(Some(element)))?;
        let code = value.form.unwrap_or(element).code();
        Ok(format!("bistro_has({}, {}, '{code}')", all.text, value.text))
    }

    /// `LIKE`. Bounds beside it let an index on the column narrow what the pattern's beginning says.
    fn like(&mut self, operand: &Operand, pattern: &Operand, fold: bool) -> Result<String, StoreError> {
        let text = self.as_text(operand)?;
        let written = self.as_text(pattern)?;
        if fold {
            return Ok(format!("bistro_ilike({text}, {written})"));
        }
        match (operand, pattern) {
            (Operand::Field(Root::Scope(_), _), Operand::Param(id)) => {
                let low = self.slot(Slot::Bind(*id, Encode::LikeLow));
                let high = self.slot(Slot::Bind(*id, Encode::LikeHigh));
                Ok(format!("({text} >= {low} AND {text} < {high} AND bistro_like({text}, {written}))"))
            }
            _ => Ok(format!("bistro_like({text}, {written})")),
        }
    }

    fn lists(&mut self, name: &str, a: &Operand, b: &Operand) -> Result<String, StoreError> {
        let (left, right) = if untyped(a) {
            let right = self.operand(b, Hint::NONE)?;
            (self.operand(a, Hint::form(right.form))?, right)
        } else {
            let left = self.operand(a, Hint::NONE)?;
            let right = self.operand(b, Hint::form(left.form))?;
            (left, right)
        };
        Ok(format!("{name}({}, {})", left.text, right.text))
    }

    fn search(
        &mut self,
        field: Option<FieldId>,
        mode: bistro_ir::SearchMode,
        query: &Operand,
    ) -> Result<String, StoreError> {
        let scope = self.scope(0)?.clone();
        let ty = self.schema.ty(scope.ty);
        let fields = ty.search_fields();
        let position = field.map(|f| fields.iter().position(|s| *s == f));
        if fields.is_empty() || position == Some(None) {
            return Err(StoreError::bug(format!("{} has no full-text index for this search", ty.collection)));
        }
        let how = Encode::Query { mode, field: position.flatten(), of: fields.len() };
        let Operand::Param(id) = query else {
            return Err(StoreError::bug("a full-text query must be a bind"));
        };
        let slot = self.slot(Slot::Bind(*id, how));
        let index = self.dialect.quote(&ddl::search_table(ty));
        let row = self.dialect.quote(&ddl::row_column(ty));
        Ok(format!("({}.{row} IN (SELECT rowid FROM {index} WHERE {index} MATCH {slot}))", scope.alias))
    }

    fn some(
        &mut self,
        root: Root,
        via: &[bistro_schema::RelationId],
        filter: &Expr,
    ) -> Result<String, StoreError> {
        let way = self.way(root, via)?;
        self.scopes.push(way.last);
        let filter = if filter.is_true() { Ok(None) } else { self.expr(filter).map(Some) };
        self.scopes.pop();
        let and = filter?.map_or_else(String::new, |f| format!(" AND {f}"));
        Ok(format!("EXISTS (SELECT 1 FROM {} WHERE {}{and})", way.from, way.tie))
    }

    /// Whether a value of a row in scope can be null.
    pub(super) fn nullable(&self, operand: &Operand) -> bool {
        let Operand::Field(Root::Scope(back), field) = operand else { return true };
        let Ok(scope) = self.scope(*back) else { return true };
        let ty: TypeId = scope.ty;
        let (ty, field) = (self.schema.ty(ty), self.schema.ty(ty).field(*field));
        !ty.writable() || field.nullable || matches!(field.kind, FieldKind::Computed(_))
    }
}

/// How many conditions stand in one chain.
const CHAIN: usize = 64;

/// Conditions joined, many of them in halves: databases count a chain as an expression as deep as it is long, and limit
/// the depth.
pub(super) fn chain(parts: &[String], by: &str) -> String {
    if parts.len() <= CHAIN {
        return parts.join(by);
    }
    let (left, right) = parts.split_at(parts.len() / 2);
    format!("({}){by}({})", chain(left, by), chain(right, by))
}

fn sign(how: Compare) -> &'static str {
    match how {
        Compare::Eq => "=",
        Compare::Ne => "<>",
        Compare::Lt => "<",
        Compare::Le => "<=",
        Compare::Gt => ">",
        Compare::Ge => ">=",
    }
}

fn mirrored(how: Compare) -> Compare {
    match how {
        Compare::Lt => Compare::Gt,
        Compare::Le => Compare::Ge,
        Compare::Gt => Compare::Lt,
        Compare::Ge => Compare::Le,
        same => same,
    }
}

/// How to round what stands right of a column.
fn rounding(how: Option<Compare>) -> Round {
    match how {
        Some(Compare::Lt | Compare::Ge) => Round::Ceil,
        Some(Compare::Le | Compare::Gt) => Round::Floor,
        _ => Round::Exact,
    }
}

/// Brings two values to forms that the engine compares rightly.
fn level(a: Piece, b: Piece, equality: bool) -> (String, String) {
    let key = |text: String| format!("bistro_key({text})");
    match (a.form, b.form) {
        (Some(Form::Json), Some(Form::Json)) => {
            (format!("bistro_json_key({})", a.text), format!("bistro_json_key({})", b.text))
        }
        (Some(Form::List(_)), Some(Form::List(_))) if !equality => {
            (format!("bistro_list_key({})", a.text), format!("bistro_list_key({})", b.text))
        }
        (Some(x), Some(y)) if x == y && x != Form::Decimal => (a.text, b.text),
        (Some(Form::Real), Some(y)) if y.is_decimal() => {
            (a.text, format!("bistro_real({})", loose(&b.text, y)))
        }
        (Some(x), Some(Form::Real)) if x.is_decimal() => {
            (format!("bistro_real({})", loose(&a.text, x)), b.text)
        }
        (Some(x), Some(y)) if x.is_decimal() || y.is_decimal() => {
            (key(loose(&a.text, x)), key(loose(&b.text, y)))
        }
        (Some(Form::Date), Some(Form::DateTime)) => (format!("({} * 86400000000)", a.text), b.text),
        (Some(Form::DateTime), Some(Form::Date)) => (a.text, format!("({} * 86400000000)", b.text)),
        (Some(Form::Uuid), Some(Form::Text)) => (format!("bistro_text({}, 'u')", a.text), b.text),
        (Some(Form::Text), Some(Form::Uuid)) => (a.text, format!("bistro_text({}, 'u')", b.text)),
        (None, None) if !equality => (key(a.text), key(b.text)),
        _ => (a.text, b.text),
    }
}
