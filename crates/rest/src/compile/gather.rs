//! The parameters of a query string, in order, become a tree of reads with their filters, orders and pages.

use bistro_ir::{Bound, Compare, Expr, Operand, Root};
use bistro_problem::{Code, Problem};
use bistro_schema::{FieldId, Kind, Scalar, SchemaView, TypeId, Value};

use super::filter::Maker;
use super::literal::{self, Reading, Slots};
use super::node::{Condition, Nodes};
use super::query::{self, Parameter, Role};
use super::tree::{self, Filters};
use super::{Limits, Request, order, page, path, select};

const ROWS: Scalar = Scalar::one(Kind::BigInt);

/// A request with its names looked up.
pub(crate) struct Draft<'a> {
    pub(crate) ty: TypeId,
    pub(crate) nodes: Nodes<'a>,
    pub(crate) slots: Slots,
    /// The key of an item's path, where it is not a filter (PUT).
    pub(crate) key: Vec<(FieldId, Value)>,
}

/// Looks up everything that the path and the query name.
pub(crate) fn gather<'a>(
    view: &SchemaView,
    request: &Request<'_>,
    limits: &Limits,
    parameters: &'a [Parameter<'a>],
) -> Result<Draft<'a>, Problem> {
    let ty = path::collection(view, request.collection)?;
    let text = first(parameters, "select").unwrap_or("*");
    let nodes = Nodes::build(view, limits, ty, select::parse(text, limits)?)?;
    let draft = Draft { ty, nodes, slots: Slots::default(), key: Vec::new() };
    let mut gathering =
        Gathering { view, limits, draft, pages: Pages::of(request)?, limit: None, offset: None };
    if let Some(segment) = request.item {
        gathering.item(segment, request.verb == super::Verb::Put)?;
    }
    for (at, parameter) in parameters.iter().enumerate() {
        // Of repeated limits and offsets the last counts.
        let again = || parameters[at + 1..].iter().any(|p| p.key == parameter.key);
        gathering.parameter(parameter, again)?;
    }
    gathering.header_range()?;
    Ok(gathering.draft)
}

/// The value of the first parameter with this key.
pub(crate) fn first<'a>(parameters: &'a [Parameter<'a>], key: &str) -> Option<&'a str> {
    parameters.iter().find(|p| p.key == key).map(|p| p.value.as_ref())
}

/// What becomes of the root's limit and offset.
#[derive(Clone, Copy)]
enum Pages {
    /// They bound the page.
    Query,
    /// They bound the page together with the header `Range`.
    Header((u64, Option<u64>)),
    /// One row has no pages.
    Item,
    /// They never restrict what is written.
    Ignored,
}

impl Pages {
    fn of(request: &Request<'_>) -> Result<Self, Problem> {
        Ok(match (request.verb, request.item) {
            (verb, _) if !verb.reads() => Pages::Ignored,
            (_, Some(_)) => Pages::Item,
            (super::Verb::Get, None) => match request.range.map(page::header).transpose()?.flatten() {
                Some(range) => Pages::Header(range),
                None => Pages::Query,
            },
            _ => Pages::Query,
        })
    }
}

struct Gathering<'g, 'a> {
    view: &'g SchemaView,
    limits: &'g Limits,
    draft: Draft<'a>,
    pages: Pages,
    /// The root's own, where a header has a say too.
    limit: Option<u64>,
    offset: Option<u64>,
}

impl<'a> Gathering<'_, 'a> {
    fn item(&mut self, segment: &str, put: bool) -> Result<(), Problem> {
        let ty = self.draft.ty;
        for (field, text) in path::key(self.view, ty, segment)? {
            let scalar = self.view.schema().ty(ty).field(field).scalar.compared();
            let value = literal::read(self.view.schema(), self.limits, (scalar, Reading::Plain), &text)?;
            if put {
                // A PUT carries the key among its values.
                self.draft.key.push((field, value));
                continue;
            }
            let slot = Operand::Param(self.draft.slots.push(scalar, value)?);
            let equal = Expr::Compare(Compare::Eq, Operand::Field(Root::Scope(0), field), slot);
            self.draft.nodes.0[0].conditions.push(Condition::Expr(equal));
        }
        Ok(())
    }

    fn parameter(&mut self, parameter: &'a Parameter<'a>, again: impl Fn() -> bool) -> Result<(), Problem> {
        let (key, value) = (parameter.key.as_ref(), parameter.value.as_ref());
        match query::role(key) {
            Role::Select | Role::Columns | Role::OnConflict => Ok(()),
            Role::Filter => self.filters().filter(key, value),
            Role::Tree => self.filters().tree(key, value),
            Role::Order => self.order(query::prefix(key), value),
            Role::Limit if again() => Ok(()),
            Role::Offset if again() => Ok(()),
            Role::Limit => self.limit(query::prefix(key), value),
            Role::Offset => self.offset(query::prefix(key), value),
        }
    }

    fn filters(&mut self) -> Filters<'_, 'a> {
        let maker = Maker { schema: self.view.schema(), limits: self.limits, slots: &mut self.draft.slots };
        Filters { view: self.view, nodes: &mut self.draft.nodes, maker }
    }

    /// Of repeated orders the first counts.
    fn order(&mut self, path: &str, text: &str) -> Result<(), Problem> {
        let node = self.draft.nodes.at(&tree::parse_path(path)?)?;
        if self.draft.nodes.0[node].order.is_none() && !text.trim().is_empty() {
            let terms = order::parse(self.view, &self.draft.nodes, node, text, self.limits)?;
            self.draft.nodes.0[node].order = Some(terms);
        }
        Ok(())
    }

    fn limit(&mut self, path: &str, text: &str) -> Result<(), Problem> {
        let Some(digits) = page::limit(text)? else { return Ok(()) };
        if path.is_empty() {
            match self.pages {
                Pages::Query => {
                    let bound = self.rows(Reading::Limit, digits)?;
                    self.draft.nodes.0[0].limit = Some(bound);
                }
                Pages::Header(_) => self.limit = digits.parse().ok(),
                Pages::Item => return Err(one_row("limit")),
                Pages::Ignored => {}
            }
            return Ok(());
        }
        let node = self.draft.nodes.at(&tree::parse_path(path)?)?;
        self.draft.nodes.0[node].limit = Some(self.rows(Reading::EmbedLimit, digits)?);
        Ok(())
    }

    fn offset(&mut self, path: &str, text: &str) -> Result<(), Problem> {
        let Some(digits) = page::offset(text) else { return Ok(()) };
        if path.is_empty() {
            match self.pages {
                Pages::Query => {
                    let bound = self.rows(Reading::Offset, digits)?;
                    self.draft.nodes.0[0].offset = Some(bound);
                }
                Pages::Header(_) => self.offset = digits.parse().ok(),
                Pages::Item => return Err(one_row("offset")),
                Pages::Ignored => {}
            }
            return Ok(());
        }
        let node = self.draft.nodes.at(&tree::parse_path(path)?)?;
        self.draft.nodes.0[node].offset = Some(self.rows(Reading::Offset, digits)?);
        Ok(())
    }

    fn rows(&mut self, reading: Reading, digits: &str) -> Result<Bound, Problem> {
        let schema = self.view.schema();
        let operand = self.draft.slots.literal(schema, self.limits, (ROWS, reading), digits)?;
        match operand {
            Operand::Param(id) => Ok(Bound::Param(id)),
            _ => Err(Problem::bug("a literal's operand is its parameter")),
        }
    }

    fn header_range(&mut self) -> Result<(), Problem> {
        if let Pages::Header(range) = self.pages {
            let (start, rows) = page::intersect(range, self.offset.unwrap_or(0), self.limit)?;
            if let Some(rows) = rows {
                let bound = self.rows(Reading::Limit, &rows.to_string())?;
                self.draft.nodes.0[0].limit = Some(bound);
            }
            let bound = self.rows(Reading::Offset, &start.to_string())?;
            self.draft.nodes.0[0].offset = Some(bound);
        }
        let root = &mut self.draft.nodes.0[0];
        if matches!(self.pages, Pages::Query | Pages::Header(_)) && root.limit.is_none() {
            root.limit = Some(Bound::Fixed(self.limits.max_rows));
        }
        Ok(())
    }
}

fn one_row(word: &str) -> Problem {
    Problem::new(Code::BadRequest, format!("{word} has no meaning where the path names one row"))
        .hint("Remove it, or ask the collection with a filter.")
}
