//! Conditions.

use bistro_ir::{Compare, Expr, Operand, Root};
use bistro_schema::{FieldId, FieldKind, TypeId};
use bistro_store::StoreError;

use super::{Emitter, Hint, Piece, Slot};
use crate::decode::element_form;
use crate::encode::{Encode, Round};
use crate::form::Form;
use crate::words::Search;

impl Emitter<'_> {
    /// Writes a condition; it can stand anywhere in another.
    pub(super) fn expr(&mut self, expr: &Expr) -> Result<String, StoreError> {
        Ok(match expr {
            Expr::Const(Some(truth)) => self.words.truth(*truth).into(),
            Expr::Const(None) => self.words.null(Form::Bool),
            Expr::And(parts) if parts.is_empty() => self.words.truth(true).into(),
            Expr::Or(parts) if parts.is_empty() => self.words.truth(false).into(),
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
                self.words.distinct(&a, &b)
            }
            Expr::IsNull(a) => format!("({} IS NULL)", self.operand(a, Hint::NONE)?.text),
            Expr::In(a, list) => self.within(a, list)?,
            Expr::Like { operand, pattern, fold } => self.like(operand, pattern, *fold)?,
            Expr::Match { operand, pattern, fold } => {
                let (text, pattern) = (self.as_text(operand)?, self.pattern(pattern, *fold)?);
                self.words.regex(&text, &pattern, *fold)
            }
            Expr::Contains(a, b) => {
                let (a, b) = self.lists(a, b)?;
                self.words.contains((&a.text, a.form), (&b.text, b.form))
            }
            Expr::Overlaps(a, b) => {
                let (a, b) = self.lists(a, b)?;
                self.words.overlaps((&a.text, a.form), (&b.text, b.form))
            }
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
            Some(Form::Text) if piece.label.is_some() => self.words.label_text(&piece.text),
            Some(Form::Text) | None => piece.text,
            Some(Form::Json) if self.words.unknown().is_none() => piece.text,
            Some(form) => self.words.text(&piece.text, form),
        })
    }

    /// The pattern of a regular expression, in the engine's own words where it is a bind.
    fn pattern(&mut self, pattern: &Operand, fold: bool) -> Result<String, StoreError> {
        match (pattern, self.words.pattern(fold)) {
            (Operand::Param(id), Some(how)) => Ok(self.slot(Slot::Bind(*id, how))),
            (Operand::Literal(value, _), Some(how)) => Ok(self.slot(Slot::Constant(value.clone(), how))),
            _ => self.as_text(pattern),
        }
    }

    /// Two values side by side in forms that compare as the values do.
    fn comparable(
        &mut self,
        a: &Operand,
        b: &Operand,
        how: Option<Compare>,
    ) -> Result<(String, String), StoreError> {
        let (left, right) = match (self.untyped(a), self.untyped(b)) {
            (true, true) => (self.operand(a, Hint::NONE)?, self.operand(b, Hint::NONE)?),
            (false, true) => {
                let left = self.operand(a, Hint::NONE)?;
                let right = self.operand(b, Hint::beside(&left, rounding(how)))?;
                (left, right)
            }
            (true, false) => {
                let right = self.operand(b, Hint::NONE)?;
                let left = self.operand(a, Hint::beside(&right, rounding(how.map(mirrored))))?;
                (left, right)
            }
            (false, false) => (self.operand(a, Hint::NONE)?, self.operand(b, Hint::NONE)?),
        };
        Ok(self.level(left, right, matches!(how, None | Some(Compare::Eq | Compare::Ne))))
    }

    fn within(&mut self, a: &Operand, list: &Operand) -> Result<String, StoreError> {
        if let Operand::Param(id) = list {
            if self.untyped(a) {
                let Operand::Param(one) = a else {
                    return Err(StoreError::bug("`in` needs a field or a bind on its left"));
                };
                let (one, all) =
                    (self.slot(Slot::Bind(*one, Encode::Json)), self.slot(Slot::Bind(*id, Encode::JsonEach)));
                return Ok(self.words.within_unknown(&one, &all));
            }
            let value = self.operand(a, Hint::NONE)?;
            let form = self.widened(value.form.unwrap_or(Form::Text));
            let label = value.label.and_then(|of| self.words.label(of));
            let all = self.slot(Slot::Bind(*id, label.unwrap_or(Encode::Each(form))));
            return Ok(self.words.within(&value.text, form, &all));
        }
        let all = self.operand(list, Hint::NONE)?;
        let Some(Form::List(kind)) = all.form else {
            return Err(StoreError::bug("`in` needs a list on its right"));
        };
        let element = element_form(kind);
        let value = self.operand(a, Hint::form(Some(element)))?;
        Ok(self.words.has(&all.text, kind, &value.text, value.form.unwrap_or(element)))
    }

    /// `LIKE`. Bounds beside it let an index on the column narrow what the pattern's beginning says.
    fn like(&mut self, operand: &Operand, pattern: &Operand, fold: bool) -> Result<String, StoreError> {
        let text = self.as_text(operand)?;
        let written = match (pattern, self.words.like_pattern()) {
            (Operand::Param(id), Some(how)) => self.slot(Slot::Bind(*id, how)),
            _ => self.as_text(pattern)?,
        };
        match (operand, pattern) {
            (Operand::Field(Root::Scope(_), _), Operand::Param(id)) if !fold && !self.width.patterns => {
                let low = self.slot(Slot::Bind(*id, Encode::LikeLow));
                let high = self.slot(Slot::Bind(*id, Encode::LikeHigh));
                Ok(self.words.like_between(&text, &written, &low, &high))
            }
            _ => Ok(self.words.like(&text, &written, fold)),
        }
    }

    /// Two lists or documents; a bind has the form of what stands beside it.
    fn lists(&mut self, a: &Operand, b: &Operand) -> Result<(Piece, Piece), StoreError> {
        let (left, right) = if self.untyped(a) {
            let right = self.operand(b, Hint::NONE)?;
            (self.operand(a, Hint::form(right.form))?, right)
        } else {
            let left = self.operand(a, Hint::NONE)?;
            let right = self.operand(b, Hint::form(left.form))?;
            (left, right)
        };
        Ok((left, right))
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
        let how = Encode::Query { dialect: self.dialect, mode, field: position.flatten(), of: fields.len() };
        let Operand::Param(id) = query else {
            return Err(StoreError::bug("a full-text query must be a bind"));
        };
        let slot = self.slot(Slot::Bind(*id, how));
        let search = Search { alias: &scope.alias, ty, field: position.flatten(), query: &slot };
        Ok(self.words.search(&search))
    }

    fn some(
        &mut self,
        root: Root,
        via: &[bistro_schema::RelationId],
        filter: &Expr,
    ) -> Result<String, StoreError> {
        let way = self.way(root, via)?;
        let earlier = self.exists;
        self.exists += 1;
        self.scopes.push(way.last);
        let filter = if filter.is_true() { Ok(None) } else { self.expr(filter).map(Some) };
        self.scopes.pop();
        let and = filter?.map_or_else(String::new, |f| format!(" AND {f}"));
        Ok(self.words.exists(&format!("SELECT 1 FROM {} WHERE {}{and}", way.from, way.tie), earlier))
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

impl Emitter<'_> {
    /// Brings two values to forms that the engine compares rightly.
    fn level(&self, a: Piece, b: Piece, equality: bool) -> (String, String) {
        let words = self.words;
        match (a.form, b.form) {
            (Some(Form::Json), Some(Form::Json)) => (words.json_key(a.text), words.json_key(b.text)),
            (Some(Form::List(x)), Some(Form::List(y))) => {
                let (a, b) = words.lists((&a.text, x), (&b.text, y));
                if equality { (a, b) } else { (words.list_key(a, x), words.list_key(b, y)) }
            }
            (Some(x), Some(y)) if x == y && x != Form::Decimal => (a.text, b.text),
            (Some(Form::Real), Some(y)) if y.is_decimal() => (a.text, words.real(&b.text, y)),
            (Some(x), Some(Form::Real)) if x.is_decimal() => (words.real(&a.text, x), b.text),
            (Some(x), Some(y)) if x.is_decimal() || y.is_decimal() => {
                (words.key(words.loose(&a.text, x)), words.key(words.loose(&b.text, y)))
            }
            (Some(Form::Date), Some(Form::DateTime)) => (words.instant(&a.text), b.text),
            (Some(Form::DateTime), Some(Form::Date)) => (a.text, words.instant(&b.text)),
            (Some(Form::Uuid), Some(Form::Text)) => (words.text(&a.text, Form::Uuid), b.text),
            (Some(Form::Text), Some(Form::Uuid)) => (a.text, words.text(&b.text, Form::Uuid)),
            (None, None) if !equality => (words.key(a.text), words.key(b.text)),
            _ => (a.text, b.text),
        }
    }
}
