//! The tree of reads that `select` asks for, with every name looked up, while parameters still add to it.

use std::borrow::Cow;

use bistro_ir::{Aggregate, Bound, Expr, Function, Operand};
use bistro_problem::{Code, Problem};
use bistro_schema::{Kind, RelationId, Scalar, SchemaView, TypeId};

use super::column::{self, Column, type_name};
use super::cursor::JsonPath;
use super::select::{Embed, Item};
use super::{Limits, cast, relation};

/// A read in the making.
#[derive(Debug)]
pub(crate) struct Node<'a> {
    pub(crate) ty: TypeId,
    /// The way from the enclosing node; `None` at the root.
    pub(crate) way: Option<Way<'a>>,
    pub(crate) items: Vec<NodeItem>,
    pub(crate) children: Vec<usize>,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) order: Option<Vec<Term>>,
    pub(crate) limit: Option<Bound>,
    pub(crate) offset: Option<Bound>,
}

impl Node<'_> {
    /// Whether the node's rows are groups.
    pub(crate) fn grouped(&self) -> bool {
        self.items.iter().any(|item| matches!(item, NodeItem::Aggregate { .. }))
    }

    /// Whether the node's rows have this one value to be ordered by: groups have only what they are grouped by.
    pub(crate) fn orders_by(&self, wanted: &Operand) -> bool {
        let is = |item: &NodeItem| matches!(item, NodeItem::Value { operand, cast: None, .. } if operand == wanted);
        !self.grouped() || self.items.iter().any(is)
    }
}

/// How an embedded node hangs on its parent.
#[derive(Debug)]
pub(crate) struct Way<'a> {
    pub(crate) relation: RelationId,
    pub(crate) to_one: bool,
    pub(crate) name: Cow<'a, str>,
    pub(crate) alias: Option<Cow<'a, str>>,
    pub(crate) inner: bool,
    pub(crate) spread: bool,
}

/// What a node's rows hold.
#[derive(Debug)]
pub(crate) enum NodeItem {
    Value { key: String, operand: Operand, cast: Option<Scalar> },
    Aggregate { key: String, function: Aggregate, operand: Option<Operand>, cast: Option<Scalar> },
    Child(usize),
}

/// A condition on a node's rows; embeds are looked at when all of their own conditions are known.
#[derive(Debug)]
pub(crate) enum Condition {
    Expr(Expr),
    /// Whether an embed has rows.
    Embed {
        child: usize,
        present: bool,
    },
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
}

/// One term of an order: of the node's own row or of a to-one embed's.
#[derive(Debug)]
pub(crate) struct Term {
    pub(crate) child: Option<usize>,
    pub(crate) operand: Operand,
    pub(crate) descending: bool,
    pub(crate) nulls_first: bool,
}

/// All nodes; the root is the first, and a child stands behind its parent.
#[derive(Debug)]
pub(crate) struct Nodes<'a>(pub(crate) Vec<Node<'a>>);

impl<'a> Nodes<'a> {
    /// Looks up what `select` names, from `ty` on.
    pub(crate) fn build(
        view: &SchemaView,
        limits: &Limits,
        ty: TypeId,
        items: Vec<Item<'a>>,
    ) -> Result<Self, Problem> {
        let mut builder = Builder { view, limits, nodes: Vec::new(), columns: 0 };
        builder.add(ty, None, items)?;
        Ok(Self(builder.nodes))
    }

    /// The embed of `node` that the caller calls `name`: by alias, or by the name it was asked with.
    pub(crate) fn child(&self, node: usize, name: &str) -> Option<usize> {
        let way = |child: usize| self.0[child].way.as_ref();
        let children = &self.0[node].children;
        let exact = |child: &usize| way(*child).is_some_and(|w| w.alias.as_ref().unwrap_or(&w.name) == name);
        let by_target = |child: &usize| way(*child).is_some_and(|w| w.name == name);
        children.iter().copied().find(exact).or_else(|| children.iter().copied().find(by_target))
    }

    /// The node at the end of an embed path, or PGRST108.
    pub(crate) fn at(&self, path: &[Cow<'_, str>]) -> Result<usize, Problem> {
        path.iter().try_fold(0, |node, name| self.child(node, name).ok_or_else(|| not_embedded(name)))
    }
}

/// PGRST108.
pub(crate) fn not_embedded(name: &str) -> Problem {
    Problem::new(Code::NotEmbedded, format!("'{name}' is not an embedded resource in this request"))
        .hint(format!("Verify that '{name}' is included in the 'select' query parameter."))
}

struct Builder<'v, 'a> {
    view: &'v SchemaView,
    limits: &'v Limits,
    nodes: Vec<Node<'a>>,
    /// What `*` came to so far.
    columns: usize,
}

impl<'a> Builder<'_, 'a> {
    fn add(&mut self, ty: TypeId, way: Option<Way<'a>>, items: Vec<Item<'a>>) -> Result<usize, Problem> {
        let at = self.nodes.len();
        let (items_out, children, conditions) = (Vec::with_capacity(items.len()), Vec::new(), Vec::new());
        let (order, limit, offset) = (None, None, None);
        self.nodes.push(Node { ty, way, items: items_out, children, conditions, order, limit, offset });
        for item in items {
            self.item(at, ty, item)?;
        }
        Ok(at)
    }

    fn item(&mut self, at: usize, ty: TypeId, item: Item<'a>) -> Result<(), Problem> {
        match item {
            Item::All => {
                let view = self.view;
                self.columns += view.readable_fields(ty).count();
                let most = self.limits.select_columns;
                if self.columns > most {
                    let message = format!("select stands for more than {most} columns");
                    return Err(Problem::new(Code::TooComplex, message));
                }
                for (field, of) in view.readable_fields(ty) {
                    let operand = Operand::Field(bistro_ir::Root::Scope(0), field);
                    self.nodes[at].items.push(NodeItem::Value { key: of.name.clone(), operand, cast: None });
                }
            }
            Item::Count { alias, cast: to } => {
                let cast = self.cast(Scalar::one(Kind::BigInt), to)?;
                let key = alias.map_or_else(|| "count".into(), Cow::into_owned);
                self.aggregate(at, key, Aggregate::Count, None, cast)?;
            }
            Item::Field { alias, name, path: None, cast: None, aggregate: None, .. }
                if name == "count" && self.view.readable(ty, "count").is_none() =>
            {
                // The old form works even where aggregates are off: clients count embedded rows with it.
                let key = alias.map_or_else(|| "count".into(), Cow::into_owned);
                let item = NodeItem::Aggregate { key, function: Aggregate::Count, operand: None, cast: None };
                self.push_aggregate(at, item)?;
            }
            Item::Field { alias, name, path, cast, aggregate: None, .. } => {
                let key = alias.map_or_else(|| output_key(&name, path.as_ref()), Cow::into_owned);
                let column = column::resolve(self.view, ty, &name, path)?;
                let cast = self.cast(column.scalar, cast)?;
                self.nodes[at].items.push(NodeItem::Value { key, operand: column.operand, cast });
            }
            Item::Field { alias, name, path, cast, aggregate: Some(function), cast_after } => {
                let column = column::resolve(self.view, ty, &name, path)?;
                let column = self.cast_before(column, cast)?;
                let result = self.aggregated(function, column.scalar)?;
                let cast = self.cast(result, cast_after)?;
                let key = alias.map_or_else(|| word(function).into(), Cow::into_owned);
                self.aggregate(at, key, function, Some(column.operand), cast)?;
            }
            Item::Embed(embed) => self.embed(at, ty, embed)?,
        }
        Ok(())
    }

    fn embed(&mut self, at: usize, ty: TypeId, embed: Embed<'a>) -> Result<(), Problem> {
        let id = relation::resolve(self.view, ty, &embed.relation, embed.hint.as_deref())?;
        let relation = self.view.schema().ty(ty).relation(id);
        let (target, to_one) = (relation.target, relation.to_one());
        let Embed { alias, relation: name, inner, spread, items, .. } = embed;
        let way = Way { relation: id, to_one, name, alias, inner, spread };
        let child = self.add(target, Some(way), items)?;
        self.nodes[at].children.push(child);
        self.nodes[at].items.push(NodeItem::Child(child));
        Ok(())
    }

    /// A cast's scalar; `None` where it changes nothing.
    fn cast(&self, from: Scalar, name: Option<&str>) -> Result<Option<Scalar>, Problem> {
        let Some(name) = name else { return Ok(None) };
        cast::cast(self.view.schema(), from, name).map(|to| Some(to).filter(|to| *to != from))
    }

    /// An aggregate's operand can become text; other casts in front of one are not served.
    fn cast_before(&self, column: Column, name: Option<&str>) -> Result<Column, Problem> {
        match self.cast(column.scalar, name)? {
            None => Ok(column),
            Some(to) if to == Scalar::one(Kind::String) => {
                let operand = Operand::Call(Function::Text, vec![column.operand]);
                Ok(Column { operand, scalar: to, field: None })
            }
            Some(_) => Err(not_implemented("A cast in front of an aggregate is served to text alone.")),
        }
    }

    fn aggregate(
        &mut self,
        at: usize,
        key: String,
        function: Aggregate,
        operand: Option<Operand>,
        cast: Option<Scalar>,
    ) -> Result<(), Problem> {
        if !self.limits.aggregates {
            return Err(Problem::new(Code::AggregatesOff, "Use of aggregate functions is not allowed"));
        }
        self.push_aggregate(at, NodeItem::Aggregate { key, function, operand, cast })
    }

    fn push_aggregate(&mut self, at: usize, item: NodeItem) -> Result<(), Problem> {
        if self.nodes[at].way.as_ref().is_some_and(|way| way.spread && !way.to_one) {
            let details = "Aggregates are not implemented for one-to-many or many-to-many spreads.";
            return Err(not_implemented(details));
        }
        self.nodes[at].items.push(item);
        Ok(())
    }

    /// What an aggregate of `scalar` yields, or 42883.
    fn aggregated(&self, function: Aggregate, scalar: Scalar) -> Result<Scalar, Problem> {
        let decimal = Scalar::one(Kind::Decimal { precision: 38, scale: 9, bare: true });
        let number = scalar.kind.is_number() && !scalar.list;
        match function {
            Aggregate::Count => Ok(Scalar::one(Kind::BigInt)),
            Aggregate::Sum if number => Ok(match scalar.kind {
                Kind::Int | Kind::BigInt => Scalar::one(Kind::BigInt),
                _ => scalar,
            }),
            Aggregate::Avg if number && scalar.kind == Kind::Float => Ok(scalar),
            Aggregate::Avg if number => Ok(decimal),
            Aggregate::Min | Aggregate::Max if comparable(scalar) => Ok(scalar),
            _ => {
                let name = type_name(self.view.schema(), scalar);
                let message = format!("function {}({name}) does not exist", word(function));
                Err(Problem::new(Code::BadOperator, message)
                    .hint("No function matches the given name and argument types."))
            }
        }
    }
}

/// PGRST127.
pub(crate) fn not_implemented(details: &str) -> Problem {
    Problem::new(Code::NotImplemented, "Feature not implemented").details(details)
}

/// Whether PostgreSQL has `min` and `max` of the type.
fn comparable(scalar: Scalar) -> bool {
    !scalar.list && !matches!(scalar.kind, Kind::Boolean | Kind::Json | Kind::Bytes | Kind::Id | Kind::Uuid)
}

const fn word(function: Aggregate) -> &'static str {
    match function {
        Aggregate::Count => "count",
        Aggregate::Sum => "sum",
        Aggregate::Avg => "avg",
        Aggregate::Min => "min",
        Aggregate::Max => "max",
    }
}

fn output_key(name: &str, path: Option<&JsonPath>) -> String {
    path.and_then(JsonPath::last_key).unwrap_or(name).to_owned()
}
