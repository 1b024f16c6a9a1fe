//! `order=a.desc.nullslast,data->>k,author(name).asc`.

use bistro_problem::{Code, Problem};
use bistro_schema::{SchemaView, TypeId};

use super::Limits;
use super::column;
use super::cursor::Cursor;
use super::node::{Nodes, Term, not_embedded};

/// The terms of an order of `node`'s rows.
pub(crate) fn parse(
    view: &SchemaView,
    nodes: &Nodes<'_>,
    node: usize,
    text: &str,
    limits: &Limits,
) -> Result<Vec<Term>, Problem> {
    let mut cursor = Cursor::new("order", text);
    let mut terms = Vec::new();
    loop {
        cursor.skip_space();
        if terms.len() == limits.order_terms {
            let message = format!("order has more than {} terms", limits.order_terms);
            return Err(Problem::new(Code::TooComplex, message));
        }
        terms.push(term(view, nodes, node, &mut cursor)?);
        cursor.skip_space();
        if cursor.done() {
            return Ok(terms);
        }
        cursor.expect(",", "\".asc\", \".desc\", \".nullsfirst\", \".nullslast\", \",\" or end of input")?;
    }
}

fn term(view: &SchemaView, nodes: &Nodes<'_>, node: usize, cursor: &mut Cursor<'_>) -> Result<Term, Problem> {
    let name = cursor.name()?;
    let (child, operand) = if cursor.eat("(") {
        let child = nodes.child(node, &name).ok_or_else(|| not_embedded(&name))?;
        let related = &nodes.0[child];
        if !related.way.as_ref().is_some_and(|way| way.to_one) {
            return Err(related_order(view, nodes, node, child, &name));
        }
        let column = cursor.name()?;
        let json = cursor.json_path()?;
        cursor.expect(")", "\")\"")?;
        (Some(child), column::resolve(view, related.ty, &column, json)?.operand)
    } else {
        let json = cursor.json_path()?;
        let operand = column::resolve(view, nodes.0[node].ty, &name, json)?.operand;
        if !nodes.0[node].orders_by(&operand) {
            return Err(ungrouped(view, nodes.0[node].ty, &name));
        }
        (None, operand)
    };
    let descending = direction(cursor)?;
    // As in PostgreSQL, null is greater than every value.
    let nulls_first = if cursor.eat(".nullsfirst") {
        true
    } else if cursor.eat(".nullslast") {
        false
    } else {
        descending
    };
    Ok(Term { child, operand, descending, nulls_first })
}

fn direction(cursor: &mut Cursor<'_>) -> Result<bool, Problem> {
    if cursor.eat(".desc") {
        return Ok(true);
    }
    let known = [".asc", ".nullsfirst", ".nullslast"].iter().any(|word| cursor.rest().starts_with(word));
    if cursor.peek() == Some('.') && !known {
        cursor.advance(1);
        return Err(cursor.fail("\"asc\", \"desc\", \"nullsfirst\" or \"nullslast\""));
    }
    cursor.eat(".asc");
    Ok(false)
}

/// Rows that are grouped have no one value of a column that they are not grouped by.
fn ungrouped(view: &SchemaView, ty: TypeId, name: &str) -> Problem {
    let table = &view.schema().ty(ty).collection;
    let message = format!(
        "column \"{table}.{name}\" must appear in the GROUP BY clause or be used in an aggregate function"
    );
    Problem::new(Code::BadGrouping, message).hint("Select the column that the groups are ordered by.")
}

fn related_order(view: &SchemaView, nodes: &Nodes<'_>, node: usize, child: usize, name: &str) -> Problem {
    let collection = |at: usize| &view.schema().ty(nodes.0[at].ty).collection;
    let details = format!(
        "'{}' and '{}' do not form a many-to-one or one-to-one relationship",
        collection(node),
        collection(child)
    );
    Problem::new(Code::RelatedOrder, format!("A related order on '{name}' is not possible")).details(details)
}
