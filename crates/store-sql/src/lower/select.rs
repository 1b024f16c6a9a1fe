//! Selects with what hangs on them, and judgements of rows that are not stored.

use bistro_ir::{Aggregate, Bound, Expr, Operand, Order};
use bistro_schema::{FieldId, Kind, RelationKind, Scalar, Schema, TypeId};
use bistro_store::{Judge, Nested, Output, Select, StoreError};

use super::expr::chain;
use super::operand::loose;
use super::{Emitter, Hint, New, Piece, Query, Scope, Slot, Sql, Step};
use crate::dialect::Dialect;
use crate::encode::Encode;
use crate::form::Form;

/// Lowers a select and all that hangs on it.
///
/// # Errors
/// A bug if the statement names what is not in scope.
pub fn select(schema: &Schema, dialect: Dialect, select: &Select) -> Result<Query, StoreError> {
    level(schema, dialect, select, None, &mut 0)
}

/// Lowers a judgement: one row with one Boolean a condition.
///
/// # Errors
/// As [`select()`].
pub fn judge(schema: &Schema, dialect: Dialect, judge: &Judge) -> Result<Query, StoreError> {
    let mut emitter = Emitter::new(schema, dialect, 0);
    emitter.new = Some(New { ty: judge.ty, row: &judge.new, stored: None });
    let (mut columns, mut steps) = (Vec::new(), Vec::new());
    for (index, condition) in judge.conditions.iter().enumerate() {
        columns.push(emitter.expr(condition)?);
        steps.push(Step::Value { index, column: index, form: Form::Bool });
    }
    if columns.is_empty() {
        columns.push("1".into());
    }
    let text = format!("SELECT {}", columns.join(", "));
    Ok(Query {
        sql: emitter.finish(text),
        steps,
        nested: Vec::new(),
        total: None,
        limit: None,
        offset: None,
        always: false,
    })
}

/// The enclosing type and the way from it.
type Above<'a> = (TypeId, &'a Nested);

fn level(
    schema: &Schema,
    dialect: Dialect,
    select: &Select,
    above: Option<Above<'_>>,
    aliases: &mut usize,
) -> Result<Query, StoreError> {
    let mut emitter = Emitter::new(schema, dialect, *aliases);
    let (from, ties) = emitter.start(select, above)?;
    let Outputs { columns, steps, grouped, nested: hanging } = emitter.outputs(select)?;
    let mut columns = columns;
    let mut groups: Vec<usize> = grouped.clone();
    let way = |n: &&Nested| emitter.ways(select.ty, n, &mut columns, &mut groups);
    let ways = hanging.iter().map(way).collect::<Result<Vec<_>, _>>()?;
    let conditions = emitter.conditions(select, ties)?;
    let aggregated = select.outputs.iter().any(|o| matches!(o, Output::Aggregate { .. }));
    if columns.is_empty() {
        columns.push("1".into());
    }
    let mut text = format!("SELECT {} FROM {from}{conditions}", columns.join(", "));
    if aggregated && !groups.is_empty() {
        text = format!("{text} GROUP BY {}", places(&columns, &steps, &groups));
    }
    let to_one = above.is_some_and(|(ty, n)| schema.ty(ty).relation(n.relation).to_one());
    if !to_one {
        text += &emitter.order(&select.order)?;
    }
    let limit = if to_one { Some(Bound::Fixed(1)) } else { select.limit };
    text += &emitter.page(limit, select.offset);
    *aliases = emitter.next_alias;
    let sql = emitter.finish(text);
    let mut nested = Vec::with_capacity(hanging.len());
    for (child, way) in hanging.iter().zip(ways) {
        let mut query = level(schema, dialect, &child.select, Some((select.ty, child)), aliases)?;
        resolve(&mut query.sql, &way);
        nested.push(query);
    }
    let total = if select.total { Some(total(schema, dialect, select, above, aggregated)?) } else { None };
    let always =
        select.outputs.iter().all(|o| matches!(o, Output::Aggregate { .. })) && !select.outputs.is_empty();
    Ok(Query { sql, steps, nested, total, limit, offset: select.offset, always })
}

/// Slots of a nested select count the pairs of its relation; the row that it hangs on knows their columns.
fn resolve(sql: &mut Sql, columns: &[usize]) {
    for slot in &mut sql.slots {
        if let Slot::Parent(pair) = slot {
            *pair = columns[*pair];
        }
    }
}

fn total(
    schema: &Schema,
    dialect: Dialect,
    select: &Select,
    above: Option<Above<'_>>,
    aggregated: bool,
) -> Result<Sql, StoreError> {
    let mut emitter = Emitter::new(schema, dialect, 0);
    let (from, ties) = emitter.start(select, above)?;
    if !aggregated {
        let conditions = emitter.conditions(select, ties)?;
        return Ok(emitter.finish(format!("SELECT count(*) FROM {from}{conditions}")));
    }
    let Outputs { mut columns, steps, mut grouped, nested } = emitter.outputs(select)?;
    for way in nested {
        emitter.ways(select.ty, way, &mut columns, &mut grouped)?;
    }
    let conditions = emitter.conditions(select, ties)?;
    let groups = match grouped.is_empty() {
        true => String::new(),
        false => format!(" GROUP BY {}", places(&columns, &steps, &grouped)),
    };
    let inner = format!("SELECT {} FROM {from}{conditions}{groups}", columns.join(", "));
    Ok(emitter.finish(format!("SELECT count(*) FROM ({inner})")))
}

/// What makes groups: columns by their place, documents by a key that is one for equal documents.
fn places(columns: &[String], steps: &[Step], groups: &[usize]) -> String {
    let json = |at: usize| {
        steps.iter().any(|s| matches!(s, Step::Value { column, form: Form::Json, .. } if *column == at))
    };
    let place = |at: &usize| match json(*at) {
        true => format!("bistro_json_key({})", columns[*at]),
        false => (at + 1).to_string(),
    };
    groups.iter().map(place).collect::<Vec<_>>().join(", ")
}

/// The columns of a select's outputs.
struct Outputs<'s> {
    columns: Vec<String>,
    steps: Vec<Step>,
    /// The columns that make groups.
    grouped: Vec<usize>,
    nested: Vec<&'s Nested>,
}

impl<'a> Emitter<'a> {
    /// Opens the outermost scope: the tables, and what ties them to the enclosing row.
    fn start(
        &mut self,
        select: &'a Select,
        above: Option<Above<'_>>,
    ) -> Result<(String, Vec<String>), StoreError> {
        let alias = self.alias();
        self.scopes.push(Scope { ty: select.ty, alias: alias.clone() });
        self.new = Some(New { ty: select.ty, row: &select.new, stored: Some(alias.clone()) });
        let mut from = format!("{} AS {alias}", self.table(select.ty));
        let Some((ty, nested)) = above else { return Ok((from, Vec::new())) };
        let schema = self.schema;
        let relation = schema.ty(ty).relation(nested.relation);
        let mut ties = Vec::new();
        if let RelationKind::ManyToMany(through) = &relation.kind {
            let (join, middle) = (schema.ty(through.join), self.alias());
            let pairs = join.relation(through.far).pairs.iter();
            let on: Vec<String> = pairs
                .map(|(j, t)| {
                    let (near, far) =
                        (self.column(&middle, through.join, *j), self.column(&alias, select.ty, *t));
                    format!("{far} = {near}")
                })
                .collect();
            from = format!("{} AS {middle} JOIN {from} ON {}", self.table(through.join), on.join(" AND "));
            for (pair, (j, _)) in join.relation(through.near).pairs.iter().enumerate() {
                let slot = self.slot(Slot::Parent(pair));
                ties.push(format!("{} = {slot}", self.column(&middle, through.join, *j)));
            }
            if !nested.link.is_true() {
                self.scopes.push(Scope { ty: through.join, alias: middle });
                ties.push(self.expr(&nested.link)?);
                self.scopes.pop();
            }
        } else {
            for (pair, (_, far)) in relation.pairs.iter().enumerate() {
                let slot = self.slot(Slot::Parent(pair));
                ties.push(format!("{} = {slot}", self.column(&alias, select.ty, *far)));
            }
        }
        Ok((from, ties))
    }

    fn conditions(&mut self, select: &Select, mut ties: Vec<String>) -> Result<String, StoreError> {
        match &select.filter {
            filter if filter.is_true() => {}
            Expr::And(parts) => {
                for part in parts {
                    ties.push(self.expr(part)?);
                }
            }
            filter => ties.push(self.expr(filter)?),
        }
        Ok(if ties.is_empty() { String::new() } else { format!(" WHERE {}", chain(&ties, " AND ")) })
    }

    fn outputs<'s>(&mut self, select: &'s Select) -> Result<Outputs<'s>, StoreError> {
        let mut out =
            Outputs { columns: Vec::new(), steps: Vec::new(), grouped: Vec::new(), nested: Vec::new() };
        for (index, output) in select.outputs.iter().enumerate() {
            let piece = match output {
                Output::Nested(nested) => {
                    out.steps.push(Step::Nested { index, query: out.nested.len() });
                    out.nested.push(nested);
                    continue;
                }
                Output::Value(operand, scalar) => {
                    out.grouped.push(out.columns.len());
                    let known = self.operand(operand, Hint::NONE)?;
                    Piece::new(known.text, known.form.unwrap_or(Form::loose(*scalar)))
                }
                Output::Aggregate { function, operand } => self.aggregate(*function, operand.as_ref())?,
            };
            let form = piece.form.expect("both arms give a form");
            out.steps.push(Step::Value { index, column: out.columns.len(), form });
            out.columns.push(piece.text);
        }
        Ok(out)
    }

    /// The columns of this row that a nested select is tied to, added where no output has them; null where the way is
    /// closed, so that nothing is related and closed rows make one group.
    fn ways(
        &mut self,
        ty: TypeId,
        nested: &Nested,
        columns: &mut Vec<String>,
        groups: &mut Vec<usize>,
    ) -> Result<Vec<usize>, StoreError> {
        let relation = self.schema.ty(ty).relation(nested.relation);
        let near: Vec<FieldId> = match &relation.kind {
            RelationKind::ManyToMany(through) => {
                let join = self.schema.ty(through.join);
                join.relation(through.near).pairs.iter().map(|(_, owner)| *owner).collect()
            }
            _ => relation.pairs.iter().map(|(near, _)| *near).collect(),
        };
        let when = if nested.when.is_true() { None } else { Some(self.expr(&nested.when)?) };
        let alias = &self.scopes[0].alias;
        let mut place = |field: FieldId| {
            let column = self.column(alias, ty, field);
            let text = when.as_ref().map_or(column.clone(), |w| format!("CASE WHEN {w} THEN {column} END"));
            if let Some(found) = columns.iter().position(|c| *c == text) {
                return found;
            }
            columns.push(text);
            groups.push(columns.len() - 1);
            columns.len() - 1
        };
        Ok(near.into_iter().map(&mut place).collect())
    }

    fn aggregate(
        &mut self,
        function: Aggregate,
        of: Option<&(Operand, Scalar)>,
    ) -> Result<Piece, StoreError> {
        let Some((operand, scalar)) = of else { return Ok(Piece::new("count(*)", Form::Int)) };
        let value = self.operand(operand, Hint::NONE)?;
        let form = value.form.unwrap_or(Form::loose(*scalar));
        let text = value.text;
        Ok(match function {
            Aggregate::Count => Piece::new(format!("count({text})"), Form::Int),
            Aggregate::Sum if form == Form::Real => Piece::new(format!("sum({text})"), Form::Real),
            Aggregate::Avg if form == Form::Real => Piece::new(format!("avg({text})"), Form::Real),
            Aggregate::Sum if form == Form::Int && scalar.kind == Kind::Int => {
                Piece::new(format!("sum({text})"), Form::Int)
            }
            Aggregate::Sum => Piece::new(format!("bistro_sum({})", loose(&text, form)), Form::Decimal),
            Aggregate::Avg => Piece::new(format!("bistro_avg({})", loose(&text, form)), Form::Decimal),
            Aggregate::Min if form == Form::Decimal => Piece::new(format!("bistro_min({text})"), form),
            Aggregate::Max if form == Form::Decimal => Piece::new(format!("bistro_max({text})"), form),
            Aggregate::Min => Piece::new(format!("min({text})"), form),
            Aggregate::Max => Piece::new(format!("max({text})"), form),
        })
    }

    /// Where nulls stand is written only where it differs from the engine's own way, so that indexes serve.
    fn order(&mut self, terms: &[Order]) -> Result<String, StoreError> {
        let mut out = Vec::with_capacity(terms.len());
        for term in terms {
            let piece = self.operand(&term.operand, Hint::NONE)?;
            let text = match piece.form {
                Some(Form::Decimal) => format!("bistro_key({})", piece.text),
                Some(Form::Json) => format!("bistro_json_key({})", piece.text),
                Some(Form::List(_)) => format!("bistro_list_key({})", piece.text),
                _ => piece.text,
            };
            let nullable = self.nullable(&term.operand);
            out.push(match (term.descending, term.nulls_first) {
                (false, false) if nullable => format!("{text} NULLS LAST"),
                (true, true) if nullable => format!("{text} DESC NULLS FIRST"),
                (false, _) => text,
                (true, _) => format!("{text} DESC"),
            });
        }
        Ok(if out.is_empty() { String::new() } else { format!(" ORDER BY {}", out.join(", ")) })
    }

    fn page(&mut self, limit: Option<Bound>, offset: Option<Bound>) -> String {
        let limit = limit.map(|l| self.bound_of(l, Encode::Limit));
        let offset = offset.map(|o| self.bound_of(o, Encode::Offset));
        match (limit, offset) {
            (None, None) => String::new(),
            (Some(limit), None) => format!(" LIMIT {limit}"),
            (limit, Some(offset)) => {
                format!(" LIMIT {} OFFSET {offset}", limit.unwrap_or_else(|| "-1".into()))
            }
        }
    }

    fn bound_of(&mut self, bound: Bound, how: Encode) -> String {
        match bound {
            Bound::Fixed(n) => n.min(i64::MAX as u64).to_string(),
            Bound::Param(id) => self.slot(Slot::Bind(id, how)),
        }
    }
}
