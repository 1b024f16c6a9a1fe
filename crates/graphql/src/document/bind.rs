//! A request's values are put into a plan, and what they come to is judged.

use apollo_compiler::response::JsonMap;
use bistro_ir::{Bound as RowBound, Input};
use bistro_problem::{Code, Problem};
use bistro_schema::Value;

use super::bound::{Bound, BoundRoot, PageNow};
use crate::compile::{self, Rules, Source};
use crate::failure::Failure;
use crate::plan::{Cost, Judged, PageBounds, Part, Plan, Reading, Work};

/// The values of these variables in the plan.
pub(super) fn bind(plan: &Plan, rules: Rules<'_>, variables: &JsonMap) -> Result<Bound, Vec<Failure>> {
    for Judged { scalar, source, place } in &plan.judged {
        compile::bind(rules, *scalar, source, variables).map_err(|p| vec![Failure::at(p, *place)])?;
    }
    let (mut roots, mut rows) = (Vec::with_capacity(plan.roots.len()), 0_u64);
    for root in &plan.roots {
        let bound = match &root.work {
            Work::Known(_) => Ok(BoundRoot::Nothing),
            Work::Read(reading) | Work::Live(reading) => read(reading, rules, variables, &mut rows),
            Work::Entities(entities) => read(&entities.reading, rules, variables, &mut rows),
            Work::Write(writing) => writing.bind(rules, variables).map(|bound| {
                rows = rows.saturating_add(bound.rows);
                BoundRoot::Write(bound)
            }),
            Work::Changes(changes) => {
                let nodes = changes.nodes.iter().map(|node| read(node, rules, variables, &mut rows));
                nodes.collect::<Result<_, _>>().map(BoundRoot::Changes)
            }
        };
        roots.push(bound.map_err(|problem| vec![Failure::at(problem, root.place)])?);
    }
    let limit = rules.limits.rows;
    if rows > limit {
        let message = format!("The document asks for up to {rows} rows; the limit is {limit}");
        let problem = Problem::new(Code::TooComplex, message)
            .hint("Lists within lists multiply: ask for smaller pages with first.");
        return Err(vec![problem.into()]);
    }
    Ok(Bound { roots, rows })
}

fn read(
    reading: &Reading,
    rules: Rules<'_>,
    variables: &JsonMap,
    rows: &mut u64,
) -> Result<BoundRoot, Problem> {
    let inputs = reading.parts.iter().map(|part| input(part, rules, variables));
    let inputs: Vec<Input> = inputs.collect::<Result<_, _>>()?;
    *rows = rows.saturating_add(cost(&reading.cost, &inputs));
    let pages = reading.pages.iter().map(|page| cut(page, &inputs)).collect();
    Ok(BoundRoot::Read { inputs, pages })
}

fn input(part: &Part, rules: Rules<'_>, variables: &JsonMap) -> Result<Input, Problem> {
    let params = part.operation.params.iter().zip(&part.sources);
    let params = params.map(|(param, source)| compile::bind(rules, param.scalar, source, variables));
    Ok(Input { params: params.collect::<Result<_, _>>()?, ..Input::default() })
}

/// How a page is cut by these inputs of its parts.
pub(crate) fn cut(page: &PageBounds, inputs: &[Input]) -> PageNow {
    let most = number(page.limit, &inputs[page.part]).saturating_sub(u64::from(page.extra));
    let offset = page.offset.map_or(0, |offset| number(offset, &inputs[page.part]));
    PageNow { most, skipped: page.from_cursor || offset > 0 }
}

/// The rows of the lists, each times those within a row of it.
pub(crate) fn cost(cost: &Cost, inputs: &[Input]) -> u64 {
    let lists = cost.lists.iter().map(|(rows, inner)| {
        let here = number(rows.bound, &inputs[rows.part]).saturating_sub(rows.plus);
        here.saturating_mul(self::cost(inner, inputs).max(1))
    });
    lists.fold(0, u64::saturating_add)
}

fn number(bound: RowBound, input: &Input) -> u64 {
    match bound {
        RowBound::Fixed(n) => n,
        RowBound::Param(id) => match input.params.get(usize::from(id.0)) {
            Some(Value::Int(n)) => u64::try_from(*n).unwrap_or(0),
            _ => 0,
        },
    }
}

/// Whether the plan is good for other variables of the same structure.
pub(super) fn is_lasting(plan: &Plan) -> bool {
    let lasting = |part: &Part| !part.sources.iter().any(|source| matches!(source, Source::Mixed(_)));
    plan.roots.iter().all(|root| match &root.work {
        Work::Read(reading) | Work::Live(reading) => reading.parts.iter().all(lasting),
        Work::Entities(_) => false,
        Work::Changes(changes) => changes.nodes.iter().flat_map(|node| &node.parts).all(lasting),
        Work::Known(_) | Work::Write(_) => true,
    })
}
