//! Selects with what hangs on them, and judgements of rows that are not stored.

use bistro_ir::{Aggregate, Bound, Expr, Operand, Order};
use bistro_schema::{FieldId, RelationKind, Scalar, Schema, TypeId, Value};
use bistro_store::{Judge, Nested, Output, Select, StoreError};

use super::expr::chain;
use super::{Batch, Emitter, Hint, New, Piece, Query, Scope, Slot, Sql, Step};
use crate::dialect::Dialect;
use crate::encode::{Encode, Width};
use crate::form::Form;
use crate::words::{Batched, Words};

/// Lowers a select and all that hangs on it.
///
/// # Errors
/// A bug if the statement names what is not in scope.
pub fn select(schema: &Schema, dialect: Dialect, select: &Select) -> Result<Query, StoreError> {
    select_wide(schema, dialect, select, Width::NARROW)
}

/// Lowers a select for values that did not fit the narrow text, see [`crate::fit::Fit::Wide`].
///
/// # Errors
/// As [`select()`].
pub fn select_wide(
    schema: &Schema,
    dialect: Dialect,
    select: &Select,
    width: Width,
) -> Result<Query, StoreError> {
    level(&To { schema, dialect, width }, select, None, &mut 0)
}

/// Lowers a judgement: one row with one Boolean a condition.
///
/// # Errors
/// As [`select()`].
pub fn judge(schema: &Schema, dialect: Dialect, judge: &Judge) -> Result<Query, StoreError> {
    judge_wide(schema, dialect, judge, Width::NARROW)
}

/// As [`select_wide`].
///
/// # Errors
/// As [`select()`].
pub fn judge_wide(
    schema: &Schema,
    dialect: Dialect,
    judge: &Judge,
    width: Width,
) -> Result<Query, StoreError> {
    let mut emitter = Emitter::new(schema, dialect, width, 0);
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
        batch: None,
    })
}

/// What is lowered to.
struct To<'a> {
    schema: &'a Schema,
    dialect: Dialect,
    width: Width,
}

/// The enclosing type and the way from it.
type Above<'a> = (TypeId, &'a Nested);

fn level(
    to: &To<'_>,
    select: &Select,
    above: Option<Above<'_>>,
    aliases: &mut usize,
) -> Result<Query, StoreError> {
    let mut emitter = Emitter::new(to.schema, to.dialect, to.width, *aliases);
    let (from, ties) = emitter.start(select, above)?;
    let Outputs { columns, mut steps, grouped, nested: hanging } = emitter.outputs(select)?;
    let mut columns = columns;
    let mut groups: Vec<usize> = grouped.clone();
    let way = |n: &&Nested| emitter.ways(select.ty, n, &mut columns, &mut groups);
    let mut ways = hanging.iter().map(way).collect::<Result<Vec<_>, _>>()?;
    let conditions = emitter.conditions(select, ties)?;
    let always =
        select.outputs.iter().all(|o| matches!(o, Output::Aggregate { .. })) && !select.outputs.is_empty();
    if columns.is_empty() {
        columns.push("1".into());
    }
    let parts = Parts { columns, from, conditions, groups, always };
    let (text, batch) = emitter.compose(select, above, parts, &steps)?;
    if batch.is_some() {
        // The number of the enclosing row stands first.
        for step in &mut steps {
            if let Step::Value { column, .. } = step {
                *column += 1;
            }
        }
        ways.iter_mut().flatten().for_each(|(column, _)| *column += 1);
    }
    *aliases = emitter.next_alias;
    let sql = emitter.finish(text);
    let mut nested = Vec::with_capacity(hanging.len());
    for (child, way) in hanging.iter().zip(ways) {
        let mut query = level(to, &child.select, Some((select.ty, child)), aliases)?;
        match &mut query.batch {
            Some(batch) => batch.keys = way,
            None => resolve(&mut query.sql, &way),
        }
        nested.push(query);
    }
    let total = if select.total && above.is_none() { Some(total(to, select)?) } else { None };
    let to_one = above.is_some_and(|(ty, n)| to.schema.ty(ty).relation(n.relation).to_one());
    let limit = if to_one { Some(Bound::Fixed(1)) } else { select.limit };
    Ok(Query { sql, steps, nested, total, limit, offset: select.offset, always, batch })
}

/// Slots of a nested select count the pairs of its relation; the row that it hangs on knows their columns.
fn resolve(sql: &mut Sql, columns: &[(usize, Form)]) {
    for slot in &mut sql.slots {
        if let Slot::Parent(pair) = slot {
            *pair = columns[*pair].0;
        }
    }
}

/// Whether values stand beside aggregates.
fn aggregated(select: &Select) -> bool {
    select.outputs.iter().any(|o| matches!(o, Output::Aggregate { .. }))
}

fn total(to: &To<'_>, select: &Select) -> Result<Sql, StoreError> {
    let mut emitter = Emitter::new(to.schema, to.dialect, to.width, 0);
    let (from, ties) = emitter.start(select, None)?;
    if !aggregated(select) {
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
        false => format!(" GROUP BY {}", places(emitter.words, &columns, &steps, &grouped)),
    };
    // No engine minds two columns of one name in a result, but some do in a table.
    let named = columns.iter().enumerate().map(|(at, column)| match columns[..at].contains(column) {
        true => format!("{column} AS again{at}"),
        false => column.clone(),
    });
    let inner = format!("SELECT {} FROM {from}{conditions}{groups}", named.collect::<Vec<_>>().join(", "));
    let text = format!("SELECT count(*) FROM {}", emitter.words.derived(&inner));
    Ok(emitter.finish(text))
}

/// What makes groups.
fn places(words: &dyn Words, columns: &[String], steps: &[Step], groups: &[usize]) -> String {
    let form = |at: usize| {
        steps.iter().find_map(|s| match s {
            Step::Value { column, form, .. } if *column == at => Some(*form),
            _ => None,
        })
    };
    let place = |at: &usize| words.group(&columns[*at], at + 1, form(*at));
    groups.iter().map(place).collect::<Vec<_>>().join(", ")
}

/// The parts of one level's text.
struct Parts {
    columns: Vec<String>,
    from: String,
    conditions: String,
    /// The columns that make groups, if there are aggregates.
    groups: Vec<usize>,
    always: bool,
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
    /// The text of a level, and how it runs for all rows of the enclosing one.
    fn compose(
        &mut self,
        select: &Select,
        above: Option<Above<'_>>,
        parts: Parts,
        steps: &[Step],
    ) -> Result<(String, Option<Batch>), StoreError> {
        let words = self.words;
        let Parts { columns, from, conditions, groups, always } = parts;
        let groups = match aggregated(select) && !groups.is_empty() {
            true => format!(" GROUP BY {}", places(words, &columns, steps, &groups)),
            false => String::new(),
        };
        let to_one = above.is_some_and(|(ty, n)| self.schema.ty(ty).relation(n.relation).to_one());
        let order = if to_one { String::new() } else { self.order(&select.order)? };
        let keys = above.map(|above| self.key_forms(above)).unwrap_or_default();
        let batched = above.is_some() && words.parent(0, Form::Int).is_some();
        let limit = if to_one && !batched { Some(Bound::Fixed(1)) } else { select.limit };
        let limit = limit.filter(|_| !(to_one && batched)).map(|l| self.bound_of(l, Encode::Limit));
        let offset = select.offset.map(|o| self.bound_of(o, Encode::Offset));
        let (limit, offset) = (limit.as_deref(), offset.as_deref());
        if batched {
            let parts = Batched {
                columns: &columns,
                from: &from,
                conditions: &conditions,
                groups: &groups,
                order: &order,
                limit,
                offset,
                keys: &keys,
                always,
                one: to_one,
            };
            let text = words.batch(&parts, &mut |slot| self.slot(slot));
            let empty = (always && !words.batch_answers_all()).then(|| nothing(select));
            return Ok((text, Some(Batch { keys: Vec::new(), one: to_one, empty })));
        }
        let page = words.page(limit, offset);
        let lock = match select.lock && above.is_none() && !aggregated(select) {
            true => words.lock(&self.scopes[0].alias),
            false => String::new(),
        };
        let columns = columns.join(", ");
        Ok((format!("SELECT {columns} FROM {from}{conditions}{groups}{order}{page}{lock}"), None))
    }

    /// The forms of the parts of a key that ties a nested select to its row.
    fn key_forms(&self, (ty, nested): Above<'_>) -> Vec<Form> {
        self.near(ty, nested).into_iter().map(|field| self.form_of(ty, field)).collect()
    }

    /// The fields of the enclosing type that a nested select is tied to.
    fn near(&self, ty: TypeId, nested: &Nested) -> Vec<FieldId> {
        let relation = self.schema.ty(ty).relation(nested.relation);
        match &relation.kind {
            RelationKind::ManyToMany(through) => {
                let join = self.schema.ty(through.join);
                join.relation(through.near).pairs.iter().map(|(_, owner)| *owner).collect()
            }
            _ => relation.pairs.iter().map(|(near, _)| *near).collect(),
        }
    }

    /// What stands for a part of the enclosing row's key.
    fn tie(&mut self, pair: usize, keys: &[Form]) -> String {
        match self.words.parent(pair, keys[pair]) {
            Some(text) => text,
            None => self.slot(Slot::Parent(pair)),
        }
    }

    /// What is known of a bind that stands for itself.
    fn value_hint(&self, operand: &Operand, scalar: Scalar) -> Hint {
        match self.words.unknown().is_some() && self.untyped(operand) {
            true => Hint::form(Some(Form::loose(scalar))),
            false => Hint::NONE,
        }
    }

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
        let keys = self.key_forms((ty, nested));
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
                let slot = self.tie(pair, &keys);
                ties.push(format!("{} = {slot}", self.column(&middle, through.join, *j)));
            }
            if !nested.link.is_true() {
                self.scopes.push(Scope { ty: through.join, alias: middle });
                ties.push(self.expr(&nested.link)?);
                self.scopes.pop();
            }
        } else {
            for (pair, (_, far)) in relation.pairs.iter().enumerate() {
                let slot = self.tie(pair, &keys);
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
                    let known = match operand {
                        Operand::Json { base, path, text: true } if !aggregated(select) => {
                            self.shown(base, path)?
                        }
                        operand => self.operand(operand, self.value_hint(operand, *scalar))?,
                    };
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
    ) -> Result<Vec<(usize, Form)>, StoreError> {
        let near = self.near(ty, nested);
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
        Ok(near.into_iter().map(|field| (place(field), self.form_of(ty, field))).collect())
    }

    fn aggregate(
        &mut self,
        function: Aggregate,
        of: Option<&(Operand, Scalar)>,
    ) -> Result<Piece, StoreError> {
        let Some((operand, scalar)) = of else { return Ok(Piece::new("count(*)", Form::Int)) };
        let value = self.operand(operand, self.value_hint(operand, *scalar))?;
        let form = value.form.unwrap_or(Form::loose(*scalar));
        let (text, form) = self.words.aggregate(function, &value.text, form, scalar.kind);
        Ok(Piece::new(text, form))
    }

    fn order(&mut self, terms: &[Order]) -> Result<String, StoreError> {
        let mut out = Vec::with_capacity(terms.len());
        for term in terms {
            let piece = self.operand(&term.operand, Hint::NONE)?;
            let text = match piece.form {
                Some(Form::Decimal) => self.words.key(piece.text),
                Some(Form::Json) => self.words.json_key(piece.text),
                Some(Form::List(of)) => self.words.list_key(piece.text, of),
                _ => piece.text,
            };
            let nullable = self.nullable(&term.operand);
            out.push(self.words.order(&text, term.descending, term.nulls_first, nullable));
        }
        Ok(if out.is_empty() { String::new() } else { format!(" ORDER BY {}", out.join(", ")) })
    }

    fn bound_of(&mut self, bound: Bound, how: Encode) -> String {
        match bound {
            Bound::Fixed(n) => n.min(i64::MAX as u64).to_string(),
            Bound::Param(id) => self.slot(Slot::Bind(id, how)),
        }
    }
}

/// What aggregates over no rows are.
fn nothing(select: &Select) -> Vec<Value> {
    let counts = |o: &Output| matches!(o, Output::Aggregate { function: Aggregate::Count, .. });
    select.outputs.iter().map(|o| if counts(o) { Value::Int(0) } else { Value::Null }).collect()
}
