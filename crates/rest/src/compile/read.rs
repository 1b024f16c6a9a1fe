//! The finished tree of nodes becomes the IR's read: filters meet their embeds, empty embeds vanish, aggregates in to-one
//! spreads move up to the row that they are printed in.

use bistro_ir::{Embed, Expr, Item, Operand, Order, Read, Root};
use bistro_problem::Problem;
use bistro_schema::RelationId;

use super::node::{NodeItem, Nodes, Way, not_implemented};
use super::size;

/// The read of the root node.
pub(crate) fn lower(nodes: &Nodes<'_>, total: bool) -> Result<Read, Problem> {
    size::check(nodes)?;
    let lowering = Lowering { nodes, filters: filters(nodes) };
    let mut read = lowering.read(0)?;
    read.total = total;
    Ok(read)
}

/// The filter of each node, its embeds' demands included.
fn filters(nodes: &Nodes<'_>) -> Vec<Expr> {
    let mut filters = vec![Expr::TRUE; nodes.0.len()];
    // Children stand behind their parents, so that backwards every child comes first.
    for (at, node) in nodes.0.iter().enumerate().rev() {
        let some = |child: usize| {
            let via = vec![way(nodes, child).relation];
            Expr::Some { root: Root::Scope(0), via, filter: Box::new(filters[child].clone()) }
        };
        let own = node.conditions.iter().map(|c| c.lower(&some));
        let inner = node.children.iter().filter(|c| way(nodes, **c).inner).map(|c| some(*c));
        let filter = Expr::all(own.chain(inner).collect::<Vec<_>>());
        filters[at] = filter;
    }
    filters
}

fn way<'n, 'a>(nodes: &'n Nodes<'a>, child: usize) -> &'n Way<'a> {
    nodes.0[child].way.as_ref().expect("every node but the root hangs on a relation")
}

struct Lowering<'n, 'a> {
    nodes: &'n Nodes<'a>,
    filters: Vec<Expr>,
}

impl Lowering<'_, '_> {
    fn read(&self, at: usize) -> Result<Read, Problem> {
        let node = &self.nodes.0[at];
        let mut select = Vec::with_capacity(node.items.len());
        for item in &node.items {
            self.item(item, &mut select)?;
        }
        let order = node.order.iter().flatten().map(|term| {
            let operand = match term.child {
                Some(child) => self.via(child, term.operand.clone()),
                None => term.operand.clone(),
            };
            Order { operand, descending: term.descending, nulls_first: term.nulls_first }
        });
        Ok(Read {
            ty: node.ty,
            select,
            filter: self.filters[at].clone(),
            order: order.collect(),
            limit: node.limit,
            offset: node.offset,
            total: false,
        })
    }

    fn item(&self, item: &NodeItem, out: &mut Vec<Item>) -> Result<(), Problem> {
        match item {
            NodeItem::Value { key, operand, cast } => {
                out.push(Item::Value { key: key.clone(), operand: operand.clone(), cast: *cast });
            }
            NodeItem::Aggregate { key, function, operand, cast } => {
                let (key, operand) = (key.clone(), operand.clone());
                out.push(Item::Aggregate { key, function: *function, operand, cast: *cast });
            }
            NodeItem::Child(child) => {
                let way = way(self.nodes, *child);
                if way.spread && way.to_one && self.aggregates(*child) {
                    return self.hoist(*child, out);
                }
                let read = self.read(*child)?;
                if read.select.is_empty() {
                    // An empty embed filters and orders, and prints nothing.
                    return Ok(());
                }
                let key = way.alias.as_ref().unwrap_or(&way.name).clone().into_owned();
                let read = Box::new(read);
                out.push(Item::Embed(Embed {
                    key,
                    relation: way.relation,
                    read,
                    when: Box::new(Expr::TRUE),
                    link: Box::new(Expr::TRUE),
                    spread: way.spread,
                }));
            }
        }
        Ok(())
    }

    /// Whether a to-one spread holds aggregates of the row that it is printed in.
    fn aggregates(&self, at: usize) -> bool {
        self.nodes.0[at].items.iter().any(|item| match item {
            NodeItem::Aggregate { .. } => true,
            NodeItem::Child(child) => {
                let way = way(self.nodes, *child);
                way.spread && way.to_one && self.aggregates(*child)
            }
            NodeItem::Value { .. } => false,
        })
    }

    /// Puts a spread's items into the enclosing row's, reached over the relation.
    fn hoist(&self, child: usize, out: &mut Vec<Item>) -> Result<(), Problem> {
        let mut inner = Vec::new();
        for item in &self.nodes.0[child].items {
            self.item(item, &mut inner)?;
        }
        for item in inner {
            out.push(match item {
                Item::Value { key, operand, cast } => {
                    Item::Value { key, operand: self.via(child, operand), cast }
                }
                Item::Aggregate { key, function, operand, cast } => {
                    let operand = operand.map(|operand| self.via(child, operand));
                    Item::Aggregate { key, function, operand, cast }
                }
                Item::Embed(_) => {
                    return Err(not_implemented("A spread with aggregates holds no further embeds."));
                }
            });
        }
        Ok(())
    }

    /// A value of a to-one embed's row; null where the embed's own filters hide that row.
    fn via(&self, child: usize, operand: Operand) -> Operand {
        let relation: RelationId = way(self.nodes, child).relation;
        let filter = &self.filters[child];
        let operand =
            if filter.is_true() { operand } else { Operand::If(Box::new(filter.clone()), Box::new(operand)) };
        Operand::Via { root: Root::Scope(0), via: vec![relation], operand: Box::new(operand) }
    }
}
