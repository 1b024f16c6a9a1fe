//! Orders that leave no choice.

use bistro_ir::{Operand, Order, Root};
use bistro_schema::{FieldId, Kind, TypeId};

use super::Maker;

impl Maker<'_> {
    /// A term or none, and then the key.
    pub(super) fn order(&mut self, ty: TypeId) -> Vec<Order> {
        let first = match self.rng.below(6) {
            0..=2 => None,
            3 if self.able.relations => self.far(ty),
            4 if self.able.json => self.within(ty),
            _ => self.sortable(ty).map(|id| Operand::Field(Root::Scope(0), id)),
        };
        let key = self.schema.ty(ty).key.clone();
        let keys = key.into_iter().map(|id| Operand::Field(Root::Scope(0), id));
        let terms: Vec<Operand> = first.into_iter().chain(keys).collect();
        terms
            .into_iter()
            .map(|operand| Order {
                operand,
                descending: self.rng.once_in(2),
                nulls_first: self.rng.once_in(2),
            })
            .collect()
    }

    fn sortable(&mut self, ty: TypeId) -> Option<FieldId> {
        let fields: Vec<_> = self
            .schema
            .ty(ty)
            .fields()
            .filter(|(_, f)| !matches!(f.scalar.kind, Kind::Json) && !f.scalar.list)
            .map(|(id, _)| id)
            .collect();
        (!fields.is_empty()).then(|| *self.rng.pick(&fields))
    }

    /// A value of the one row that a relation leads to.
    fn far(&mut self, ty: TypeId) -> Option<Operand> {
        let (way, target) = self.way_to_one(ty)?;
        let operand = Box::new(Operand::Field(Root::Scope(0), self.sortable(target)?));
        Some(Operand::Via { root: Root::Scope(0), via: vec![way], operand })
    }

    /// A part of a document, as text.
    fn within(&mut self, ty: TypeId) -> Option<Operand> {
        let schema = self.schema;
        let (id, _) = schema.ty(ty).fields().find(|(_, f)| f.scalar.kind == Kind::Json)?;
        let base = Box::new(Operand::Field(Root::Scope(0), id));
        Some(Operand::Json { base, path: self.path(), text: true })
    }
}
