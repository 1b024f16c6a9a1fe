//! Reads: fields, casts, embeds, aggregates, pages.

use bistro_ir::{Aggregate, Bound, Embed, Expr, Item, Operand, Order, Read, Root};
use bistro_schema::{FieldKind, Kind, RelationId, RelationKind, Scalar, TypeId, Value};

use super::Maker;

impl Maker<'_> {
    /// A read of some type.
    pub(super) fn read(&mut self) -> Read {
        let ty = TypeId(self.rng.below(self.schema.types.len()) as u16);
        if self.able.aggregates && self.rng.once_in(6) {
            return self.grouped(ty);
        }
        let mut read = self.plain(ty, 2);
        read.total = self.rng.once_in(5);
        if self.rng.once_in(3) {
            read.limit = self.number();
            read.offset = if self.rng.once_in(2) { self.number() } else { None };
        }
        read
    }

    fn number(&mut self) -> Option<Bound> {
        let n = Value::Int(self.rng.below(6) as i64);
        Some(Bound::Param(self.slot(Scalar::one(Kind::BigInt), n)))
    }

    /// Fields and embeds, in an order that leaves no choice.
    pub(super) fn plain(&mut self, ty: TypeId, depth: usize) -> Read {
        let schema = self.schema;
        let t = schema.ty(ty);
        let mut select: Vec<Item> = Vec::new();
        for (id, field) in t.fields().filter(|(_, f)| !f.hidden) {
            if t.key.contains(&id) || self.rng.once_in(2) {
                let operand = Operand::Field(Root::Scope(0), id);
                let operand = match field.scalar.kind {
                    Kind::Json if self.able.json && self.rng.once_in(3) => {
                        let (base, path) = (Box::new(operand), self.path());
                        Operand::Json { base, path, text: self.rng.once_in(2) }
                    }
                    _ => operand,
                };
                let cast = if self.rng.once_in(12) { cast(field.scalar) } else { None };
                let cast = cast.filter(|_| matches!(operand, Operand::Field(..)));
                select.push(Item::Value { key: field.name.clone(), operand, cast });
            }
        }
        if depth > 0 && self.able.relations {
            for (id, relation) in t.relations().filter(|(_, r)| r.declared) {
                if self.rng.once_in(3) {
                    select.push(self.embedded(&relation.name, id, relation.to_one(), relation.target, depth));
                }
            }
        }
        let filter = if self.rng.once_in(3) { Expr::TRUE } else { self.filter(ty, 2) };
        Read { ty, select, filter, order: self.order(ty), limit: None, offset: None, total: false }
    }

    fn embedded(&mut self, name: &str, id: RelationId, to_one: bool, target: TypeId, depth: usize) -> Item {
        if !to_one && self.able.aggregates && self.rng.once_in(4) {
            return embed(name, id, self.counted(target));
        }
        let mut read = self.plain(target, depth - 1);
        if !to_one && self.rng.once_in(3) {
            read.limit = self.number();
            read.offset = if self.rng.once_in(3) { self.number() } else { None };
        }
        embed(name, id, read)
    }

    /// How many rows there are: one row, also over nothing.
    fn counted(&mut self, ty: TypeId) -> Read {
        let count =
            Item::Aggregate { key: "count".into(), function: Aggregate::Count, operand: None, cast: None };
        let filter = if self.rng.once_in(2) { Expr::TRUE } else { self.filter(ty, 1) };
        Read { ty, select: vec![count], filter, order: vec![], limit: None, offset: None, total: false }
    }

    /// Groups and aggregates.
    fn grouped(&mut self, ty: TypeId) -> Read {
        let schema = self.schema;
        let t = schema.ty(ty);
        let groups: Vec<_> = t
            .fields()
            .filter(|(_, f)| f.kind == FieldKind::Stored && !f.scalar.list && f.scalar.kind != Kind::Json)
            .map(|(id, _)| id)
            .collect();
        let by: Vec<_> = match self.rng.below(4) {
            0 | 1 => Vec::new(),
            n => (0..n - 1).map(|_| *self.rng.pick(&groups)).collect(),
        };
        let operand = |id| Operand::Field(Root::Scope(0), id);
        let mut select: Vec<Item> = Vec::new();
        for (n, id) in by.iter().enumerate() {
            select.push(Item::Value { key: format!("by{n}"), operand: operand(*id), cast: None });
        }
        select.push(aggregate("count", Aggregate::Count, None));
        for (id, field) in t.fields().filter(|(_, f)| !f.scalar.list) {
            if self.rng.once_in(2)
                && let Some(function) = self.function(field.scalar.kind)
            {
                select.push(aggregate(&field.name, function, Some(operand(id))));
            }
        }
        let mut order: Vec<_> = by;
        let ways: Vec<_> = t.relations().filter(|(_, r)| r.kind == RelationKind::ToOne).collect();
        if !ways.is_empty() && self.able.relations && self.rng.once_in(2) {
            let (id, way) = *self.rng.pick(&ways);
            select.push(embed(&way.name, id, self.plain(way.target, 0)));
            order.extend(way.pairs.iter().map(|(near, _)| *near));
        }
        let term = |id| Order { operand: operand(id), descending: false, nulls_first: true };
        let order = order.into_iter().map(term).collect();
        let filter = self.filter(ty, 1);
        let limit = self.rng.once_in(3).then_some(Bound::Fixed(1));
        Read { ty, select, filter, order, limit, offset: None, total: self.rng.once_in(2) }
    }

    /// An aggregate whose result does not depend on the order of the rows.
    fn function(&mut self, kind: Kind) -> Option<Aggregate> {
        use Aggregate::{Avg, Count, Max, Min, Sum};
        let all: &[Aggregate] = match kind {
            Kind::Int | Kind::BigInt | Kind::Decimal { .. } => &[Sum, Avg, Min, Max, Count],
            Kind::Json | Kind::Boolean | Kind::Id | Kind::Uuid | Kind::Bytes => &[Count],
            _ => &[Min, Max, Count],
        };
        Some(*self.rng.pick(all))
    }
}

/// What a value of this scalar may be converted to, so that its text is told by what it is.
fn cast(from: Scalar) -> Option<Scalar> {
    let to = match from.kind {
        _ if from.list => return None,
        Kind::Int | Kind::Boolean | Kind::Date | Kind::Time | Kind::Id | Kind::Uuid => Kind::String,
        Kind::BigInt => Kind::Decimal { precision: 38, scale: 9, bare: true },
        Kind::Decimal { .. } => Kind::String,
        Kind::DateTime => Kind::Date,
        _ => return None,
    };
    Some(Scalar::one(to))
}

fn embed(key: &str, relation: RelationId, read: Read) -> Item {
    let (key, read) = (key.to_owned(), Box::new(read));
    Item::Embed(Embed {
        key,
        relation,
        read,
        when: Box::new(Expr::TRUE),
        link: Box::new(Expr::TRUE),
        spread: false,
    })
}

fn aggregate(key: &str, function: Aggregate, operand: Option<Operand>) -> Item {
    Item::Aggregate { key: key.to_owned(), function, operand, cast: None }
}
