//! A request becomes an operation and its input.
//!
//! Every name goes through [`SchemaView`], so that hidden and unknown answer alike; every literal becomes a parameter, in
//! the order of the query string, so that requests of one shape give equal operations. Start reading at [`compile`];
//! [`template`] is the short way for a shape that was seen before.

mod body;
mod cast;
mod column;
mod cursor;
mod filter;
mod gather;
mod list;
mod literal;
mod node;
mod operator;
mod order;
mod page;
pub mod path;
mod pattern;
mod query;
mod read;
mod relation;
mod select;
mod size;
pub mod template;
mod tree;
mod write;

use bistro_ir::{Body, Bound, Input, Operation};
use bistro_problem::Problem;
use bistro_schema::{SchemaView, TypeId, Value};

use crate::prefer::Prefer;

pub use path::Path;
pub use template::Template;

/// The verbs on collections and rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    /// `GET`
    Get,
    /// `HEAD`: as GET, without a body in the reply.
    Head,
    /// `POST`: insert or upsert.
    Post,
    /// `PATCH`: update.
    Patch,
    /// `PUT`: make or replace one row.
    Put,
    /// `DELETE`
    Delete,
}

impl Verb {
    /// Whether the verb only reads.
    pub const fn reads(self) -> bool {
        matches!(self, Verb::Get | Verb::Head)
    }
}

/// A request as the compiler sees it.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// What to do.
    pub verb: Verb,
    /// The collection's name, decoded.
    pub collection: &'a str,
    /// For one row: the last segment of the path, still encoded.
    pub item: Option<&'a str>,
    /// The query string, still encoded.
    pub query: &'a str,
    /// The header `Range`; counts on GET alone.
    pub range: Option<&'a str>,
    /// The header `Prefer`.
    pub prefer: &'a Prefer,
    /// The header `Content-Type`.
    pub content_type: Option<&'a str>,
    /// The body.
    pub body: &'a [u8],
    /// Whether the reply is one object (`application/vnd.pgrst.object`).
    pub singular: bool,
}

/// What a request may ask for at most.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Rows of a page.
    pub max_rows: u64,
    /// Rows of an embedded list.
    pub embed_rows: u64,
    /// How deep relations may be embedded.
    pub embed_depth: usize,
    /// How deep `and` and `or` may nest.
    pub tree_depth: usize,
    /// Parameters of the query string.
    pub parameters: usize,
    /// Items of `select`, at all depths together.
    pub select_items: usize,
    /// Columns that they stand for, `*` counted as what it prints.
    pub select_columns: usize,
    /// Terms of one `order`.
    pub order_terms: usize,
    /// Values that a request compares with; an `in` list is one.
    pub values: usize,
    /// Values of an `in` list.
    pub in_list: usize,
    /// Bytes of a pattern.
    pub pattern_bytes: usize,
    /// Whether aggregates may be used (a bare `count` always may).
    pub aggregates: bool,
    /// Whether PATCH and DELETE without a filter are carried out.
    pub unfiltered_writes: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_rows: 1_000,
            embed_rows: 1_000,
            embed_depth: 5,
            tree_depth: 16,
            parameters: 100,
            select_items: 500,
            select_columns: 1_500,
            order_terms: 100,
            values: 2_000,
            in_list: 2_000,
            pattern_bytes: 256,
            aggregates: false,
            unfiltered_writes: false,
        }
    }
}

/// A compiled request. Which embeds are objects, lists or spreads follows from the operation's read and the schema.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// Whose rows.
    pub ty: TypeId,
    /// What to do.
    pub operation: Operation,
    /// With which values.
    pub input: Input,
    /// There is nothing to do: an insert of no rows, or an update of no fields. The operation must not be run.
    pub noop: bool,
}

/// Compiles a request, or says what is wrong with it.
pub fn compile(view: &SchemaView, request: &Request<'_>, limits: &Limits) -> Result<Compiled, Problem> {
    if !request.verb.reads() {
        return write::compile(view, request, limits);
    }
    let parameters = query::split(request.query, limits.parameters)?;
    let draft = gather::gather(view, request, limits, &parameters)?;
    let read = read::lower(&draft.nodes, request.prefer.count.is_some())?;
    let operation = Operation { body: Body::Read(read), params: draft.slots.params };
    let input = Input { params: draft.slots.values, exactly_one: request.singular, ..Input::default() };
    Ok(Compiled { ty: draft.ty, operation, input, noop: false })
}

/// The number behind a bound of a read: its limit or its offset.
pub fn bound(bound: Option<Bound>, input: &Input) -> Option<u64> {
    match bound? {
        Bound::Fixed(n) => Some(n),
        Bound::Param(id) => match input.params.get(usize::from(id.0)) {
            Some(Value::Int(n)) => u64::try_from(*n).ok(),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests;
