//! One condition on one value: comparisons, lists, patterns, nulls, documents, full text.

use bistro_ir::{Compare, Expr, JsonStep, Operand, Root, SearchMode};
use bistro_schema::{Decimal, Field, FieldId, FieldKind, Kind, Scalar, TypeId, Value};

use super::Maker;

const COMPARES: [Compare; 6] = [Compare::Eq, Compare::Ne, Compare::Lt, Compare::Le, Compare::Gt, Compare::Ge];
const LIKES: [&str; 12] =
    ["%a%", "B%", "_lpha", "100\\%", "%ü%", "%Ü%", "%", "", "%\\\\%", "a\\_b", "日_", "alpha "];
const PATTERNS: [&str; 11] = [
    "^a",
    "a$",
    "b.t",
    "[a-f]+ ?g",
    "ü",
    "(alpha|beta)$",
    "^$",
    "\\d{3}%",
    "^[^a-z]+$",
    "a.b|O'B",
    "[[:upper:]]",
];

impl Maker<'_> {
    /// A condition on one value of a row.
    pub(super) fn condition(&mut self, ty: TypeId) -> Expr {
        let fields: Vec<_> = self.stored(ty);
        let (id, field) = self.rng.pick(&fields);
        let (scope, near) = (Root::Scope(0), Operand::Field(Root::Scope(0), *id));
        if self.able.relations
            && self.rng.once_in(10)
            && let Some((way, target)) = self.way_to_one(ty)
        {
            let fields = self.stored(target);
            let (id, field) = self.rng.pick(&fields);
            let operand = Box::new(Operand::Field(Root::Scope(0), *id));
            let far = Operand::Via { root: scope, via: vec![way], operand };
            return self.on(far, field, None);
        }
        self.on(near, field, Some((ty, *id)))
    }

    fn stored(&self, ty: TypeId) -> Vec<(FieldId, Field)> {
        let stored = |f: &Field| !matches!(f.kind, FieldKind::Computed(_));
        self.schema.ty(ty).fields().filter(|(_, f)| stored(f)).map(|(id, f)| (id, f.clone())).collect()
    }

    /// A condition on this value; `place` says whose field it is, where it is one of the row's own.
    fn on(&mut self, operand: Operand, field: &Field, place: Option<(TypeId, FieldId)>) -> Expr {
        match (field.scalar.list, field.scalar.kind) {
            (true, _) => self.on_list(operand, field),
            (false, Kind::Json) => self.on_document(operand, field),
            _ => self.on_one(operand, field, place),
        }
    }

    fn on_list(&mut self, operand: Operand, field: &Field) -> Expr {
        let elements: Vec<Value> = (0..1 + self.rng.below(2)).map(|_| self.one(field)).collect();
        let wanted = Operand::Param(self.slot(field.scalar, Value::List(elements)));
        match self.rng.below(6) {
            0 => Expr::IsNull(operand),
            1 | 2 => Expr::Overlaps(operand, wanted),
            3 => Expr::Contains(wanted, operand),
            4 => Expr::Compare(*self.rng.pick(&COMPARES), operand, wanted),
            _ => Expr::Contains(operand, wanted),
        }
    }

    fn on_document(&mut self, operand: Operand, field: &Field) -> Expr {
        let wanted = self.one(field);
        let path = self.path();
        let part = |text| Operand::Json { base: Box::new(operand.clone()), path: path.clone(), text };
        match self.rng.below(if self.able.json { 8 } else { 2 }) {
            0 => Expr::IsNull(operand),
            1 | 2 => Expr::Contains(operand, Operand::Param(self.slot(field.scalar, wanted))),
            3 => Expr::IsNull(part(self.rng.once_in(2))),
            4 => {
                let inside = matches!(&wanted, Value::Json(text) if text.starts_with(['[', '{']));
                let known = if inside && !self.able.documents_in_order { 2 } else { COMPARES.len() };
                let compare = *self.rng.pick(&COMPARES[..known]);
                let slot = self.slot(Scalar::one(Kind::Json), wanted);
                Expr::Compare(compare, part(false), Operand::Param(slot))
            }
            5 => Expr::Distinct(operand, Operand::Param(self.slot(field.scalar, wanted))),
            _ => {
                let text = Value::text(*self.rng.pick(&["1", "x", "two", "[1, 2]", "true", "1.5"]));
                let slot = self.slot(Scalar::one(Kind::String), text);
                Expr::Compare(*self.rng.pick(&COMPARES), part(true), Operand::Param(slot))
            }
        }
    }

    /// A way into a document.
    pub(super) fn path(&mut self) -> Vec<JsonStep> {
        let key = |name: &str| JsonStep::Key(name.to_owned());
        match self.rng.below(8) {
            0 | 1 => vec![key("a")],
            2 => vec![key("a"), key("b")],
            3 => vec![key("a"), key("b"), JsonStep::Index(1)],
            4 => vec![JsonStep::Index(0)],
            5 => vec![JsonStep::Index(-1)],
            6 => vec![key("it's \"ü\"")],
            _ => vec![key("none")],
        }
    }

    fn on_one(&mut self, operand: Operand, field: &Field, place: Option<(TypeId, FieldId)>) -> Expr {
        let kind = field.scalar.kind;
        let text = kind.is_text() && !matches!(kind, Kind::Enum(_));
        match self.rng.below(10) {
            0 => Expr::IsNull(operand),
            1 => {
                let many = Value::List((0..self.rng.below(4)).map(|_| self.one(field)).collect());
                Expr::In(operand, Operand::Param(self.slot(Scalar::list(kind), many)))
            }
            2 => {
                let one = self.one(field);
                Expr::Distinct(operand, Operand::Param(self.slot(field.scalar, one)))
            }
            3 if text => {
                let pattern = Value::text(*self.rng.pick(&LIKES));
                let pattern = Operand::Param(self.slot(Scalar::one(Kind::String), pattern));
                Expr::Like { operand, pattern, fold: self.rng.once_in(2) }
            }
            4 if text && self.able.regex => {
                let pattern = Value::text(*self.rng.pick(&PATTERNS));
                let pattern = Operand::Param(self.slot(Scalar::one(Kind::String), pattern));
                Expr::Match { operand, pattern, fold: self.rng.once_in(2) }
            }
            5 | 6 if field.search && self.search && place.is_some() => self.searched(place),
            5 if kind == Kind::Boolean => Expr::Truth(operand),
            6 => match self.like_field(place, field) {
                Some(other) => Expr::Compare(*self.rng.pick(&COMPARES), operand, other),
                None => Expr::Not(Box::new(Expr::IsNull(operand))),
            },
            n => {
                let wanted = match kind {
                    // More digits than the column has: it equals none of its values.
                    Kind::Decimal { .. } if self.rng.once_in(2) => Value::Decimal(*self.rng.pick(&[
                        Decimal { mantissa: 10_001, scale: 3 },
                        Decimal { mantissa: 1, scale: 0 },
                        Decimal { mantissa: 10_000, scale: 3 },
                        Decimal { mantissa: -1, scale: 30 },
                        Decimal { mantissa: 10_i128.pow(37), scale: 0 },
                    ])),
                    _ => self.one(field),
                };
                let op = COMPARES[(n + self.rng.below(6)) % 6];
                Expr::Compare(op, operand, Operand::Param(self.slot(field.scalar, wanted)))
            }
        }
    }

    /// Another field of the row with values of the same kind.
    fn like_field(&mut self, place: Option<(TypeId, FieldId)>, field: &Field) -> Option<Operand> {
        let (ty, own) = place?;
        let others: Vec<FieldId> = self
            .stored(ty)
            .into_iter()
            .filter(|(id, f)| *id != own && f.scalar == field.scalar)
            .map(|(id, _)| id)
            .collect();
        let other = (!others.is_empty()).then(|| *self.rng.pick(&others))?;
        Some(Operand::Field(Root::Scope(0), other))
    }

    /// Full text, in what every store takes for words.
    fn searched(&mut self, place: Option<(TypeId, FieldId)>) -> Expr {
        let (mode, query) = *self.rng.pick(&[
            (SearchMode::Plain, "beta"),
            (SearchMode::Plain, "ALPHA"),
            (SearchMode::Plain, "gamma beta"),
            (SearchMode::Plain, "ünïcode"),
            (SearchMode::Phrase, "beta gamma"),
            (SearchMode::Phrase, "gamma beta"),
            (SearchMode::Query, "alpha | gamma"),
            (SearchMode::Query, "beta & !gamma"),
            (SearchMode::Query, "(alpha | beta) & gamma"),
            (SearchMode::Query, "beta <-> gamma"),
            (SearchMode::Web, "beta -gamma"),
            (SearchMode::Web, "\"beta gamma\" or alpha"),
        ]);
        let query = Operand::Param(self.slot(Scalar::one(Kind::String), Value::text(query)));
        Expr::Search { field: place.map(|(_, id)| id), mode, query }
    }
}
