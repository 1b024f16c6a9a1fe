//! Writes: insert and upsert, update, delete, and PUT of one row.

use bistro_ir::{Action, Body, Conflict, Expr, Input, Operation, Read, Write};
use bistro_problem::{Code, Problem};
use bistro_schema::{Action as Right, FieldId, FieldKind, SchemaView, TypeId, Value};

use super::body::{self, Reader, Rows};
use super::column::unknown;
use super::cursor::Cursor;
use super::gather::{self, Draft, first};
use super::literal::{self, Reading};
use super::node::{Condition, Nodes, not_implemented};
use super::operator::{self, Simple};
use super::query::{self, Parameter, Role};
use super::{Compiled, Limits, Request, Verb, path, read};
use crate::prefer::{Missing, Resolution, Return};

/// Compiles a request that writes.
pub(crate) fn compile(
    view: &SchemaView,
    request: &Request<'_>,
    limits: &Limits,
) -> Result<Compiled, Problem> {
    let parameters = query::split(request.query, limits.parameters)?;
    let writing = Writing { view, request, limits, parameters: &parameters };
    match request.verb {
        Verb::Post => writing.insert(),
        Verb::Patch => writing.update(),
        Verb::Put => writing.put(),
        Verb::Delete | Verb::Get | Verb::Head => writing.delete(),
    }
}

struct Writing<'w> {
    view: &'w SchemaView,
    request: &'w Request<'w>,
    limits: &'w Limits,
    parameters: &'w [Parameter<'w>],
}

impl Writing<'_> {
    fn insert(&self) -> Result<Compiled, Problem> {
        if self.request.item.is_some() {
            return Err(Problem::new(Code::Method, "Unsupported HTTP method: POST")
                .hint("Rows of a collection take GET, PATCH, PUT and DELETE; post to the collection."));
        }
        let draft = gather::gather(self.view, self.request, self.limits, self.parameters)?;
        let rows = self.rows(draft.ty, Right::Create)?;
        let conflict = self.conflict(draft.ty)?;
        let noop = rows.rows.is_empty();
        let Rows { columns, rows } = rows;
        self.finish(draft, rows, noop, |_| Action::Insert { columns, conflict })
    }

    fn update(&self) -> Result<Compiled, Problem> {
        let draft = gather::gather(self.view, self.request, self.limits, self.parameters)?;
        let Rows { columns, rows } = self.rows(draft.ty, Right::Update)?;
        if rows.len() > 1 {
            return Err(Problem::new(Code::Body, "An update takes one object, not several")
                .hint("To change several rows to different values, POST them with Prefer: resolution=merge-duplicates."));
        }
        let noop = rows.is_empty() || columns.is_empty();
        if !noop {
            self.check_filtered(&draft, "UPDATE")?;
        }
        self.finish(draft, rows, noop, |filter| Action::Update { filter, columns })
    }

    fn delete(&self) -> Result<Compiled, Problem> {
        let draft = gather::gather(self.view, self.request, self.limits, self.parameters)?;
        self.check_filtered(&draft, "DELETE")?;
        self.finish(draft, Vec::new(), false, |filter| Action::Delete { filter })
    }

    fn put(&self) -> Result<Compiled, Problem> {
        let is_filter = |p: &&Parameter<'_>| {
            let of_root = !p.key.contains('.') || p.key.starts_with("not.");
            of_root && matches!(query::role(&p.key), Role::Filter | Role::Tree)
        };
        if self.parameters.iter().any(|p| matches!(p.key.as_ref(), "limit" | "offset")) {
            return Err(Problem::new(
                Code::PutRange,
                "limit/offset querystring parameters are not allowed for PUT",
            ));
        }
        let ty = path::collection(self.view, self.request.collection)?;
        let others: Vec<Parameter<'_>> = self.parameters.iter().filter(|p| !is_filter(p)).cloned().collect();
        let mut draft = gather::gather(self.view, self.request, self.limits, &others)?;
        let mut filters = self.parameters.iter().filter(is_filter);
        let key = match self.request.item {
            _ if self.parameters.iter().filter(is_filter).any(|p| query::role(&p.key) == Role::Tree) => {
                return Err(put_filter());
            }
            Some(_) if filters.next().is_some() => return Err(put_filter()),
            Some(_) => std::mem::take(&mut draft.key),
            None => self.put_key(ty, filters)?,
        };
        let Rows { mut columns, mut rows } = self.rows(ty, Right::Create)?;
        let [row] = rows.as_mut_slice() else {
            return Err(Problem::new(Code::Body, "PUT takes exactly one object"));
        };
        for (field, value) in &key {
            match columns.iter().position(|c| c == field) {
                Some(at) if row[at].as_ref() == Some(value) => {}
                None if self.request.item.is_some() => {
                    columns.push(*field);
                    row.push(Some(value.clone()));
                }
                _ => {
                    let message = "Payload values do not match URL in primary key column(s)";
                    return Err(Problem::new(Code::PutKey, message));
                }
            }
        }
        for field in self.replaced(ty, &columns) {
            columns.push(field);
            row.push(None);
        }
        let fields = key.into_iter().map(|(field, _)| field).collect();
        let conflict = Some(Conflict { fields, merge: true });
        self.finish(draft, rows, false, |_| Action::Insert { columns, conflict })
    }

    /// The fields that a PUT sets to their default because its body leaves them out: a row is replaced whole, but for
    /// what is written at creation only or what the caller may not write.
    fn replaced(&self, ty: TypeId, given: &[FieldId]) -> Vec<FieldId> {
        let may = |id| {
            self.view.field_allows(ty, id, Right::Create) && self.view.field_allows(ty, id, Right::Update)
        };
        let of = self.view.schema().ty(ty);
        let fields = of.fields().filter(|(id, f)| {
            let settable = f.kind == FieldKind::Stored && !f.updated && !f.immutable && !f.hidden;
            settable && !of.key.contains(id) && !given.contains(id) && may(*id)
        });
        fields.map(|(id, _)| id).collect()
    }

    /// The key that the filters of a PUT name: every field of it with `eq`, and nothing else.
    fn put_key<'p>(
        &self,
        ty: TypeId,
        filters: impl Iterator<Item = &'p Parameter<'p>>,
    ) -> Result<Vec<(FieldId, Value)>, Problem> {
        let of = self.view.schema().ty(ty);
        let mut key: Vec<(FieldId, Value)> = Vec::new();
        for filter in filters {
            let mut cursor = Cursor::new("filter", &filter.value);
            let test = operator::test(&mut cursor, false, self.limits.in_list)?;
            let field =
                self.view.readable(ty, &filter.key).filter(|f| of.key.contains(f)).ok_or_else(put_filter)?;
            match test {
                operator::Test {
                    negated: false,
                    operation: operator::Operation::Simple(Simple::Compare(bistro_ir::Compare::Eq), text),
                } if !key.iter().any(|(f, _)| *f == field) => {
                    let slot = (of.field(field).scalar, Reading::Plain);
                    key.push((field, literal::read(self.view.schema(), self.limits, slot, &text)?));
                }
                _ => return Err(put_filter()),
            }
        }
        if key.is_empty() || key.len() != of.key.len() { Err(put_filter()) } else { Ok(key) }
    }

    fn rows(&self, ty: TypeId, action: Right) -> Result<Rows, Problem> {
        let missing_default = self.request.prefer.missing == Some(Missing::Default);
        let mut reader = Reader { view: self.view, ty, action, columns: None, missing_default };
        if let Some(text) = first(self.parameters, "columns").filter(|text| !text.trim().is_empty()) {
            let names = body::names_list("columns parameter", text)?;
            let fields = reader.fields(names.iter().map(AsRef::as_ref));
            // These names stand in the query, where no pointer leads.
            reader.columns = Some(fields.map_err(|problem| Problem { pointer: None, ..problem })?);
        }
        body::read(&reader, self.request.content_type, self.request.body)
    }

    /// What an upsert compares rows by; `None` for a plain insert.
    fn conflict(&self, ty: TypeId) -> Result<Option<Conflict>, Problem> {
        let Some(resolution) = self.request.prefer.resolution else { return Ok(None) };
        let merge = resolution == Resolution::Merge;
        let of = self.view.schema().ty(ty);
        let Some(text) = first(self.parameters, "on_conflict").filter(|text| !text.trim().is_empty()) else {
            return Ok((!of.key.is_empty()).then(|| Conflict { fields: of.key.clone(), merge }));
        };
        let names = body::names_list("on_conflict parameter", text)?;
        let mut fields = Vec::with_capacity(names.len());
        for name in &names {
            let field = self.view.readable(ty, name).ok_or_else(|| unknown(self.view, ty, name))?;
            if !fields.contains(&field) {
                fields.push(field);
            }
        }
        if of.unique_over(&fields) {
            return Ok(Some(Conflict { fields, merge }));
        }
        let message = "there is no unique or exclusion constraint matching the ON CONFLICT specification";
        Err(Problem::new(Code::NoConflictKey, message))
    }

    /// A write without any filter of the root is refused, unless the server is told otherwise.
    fn check_filtered(&self, draft: &Draft<'_>, word: &str) -> Result<(), Problem> {
        if self.limits.unfiltered_writes || !draft.nodes.0[0].conditions.is_empty() {
            return Ok(());
        }
        Err(Problem::new(Code::UnfilteredWrite, format!("{word} requires a WHERE clause"))
            .hint("Filter the rows to write; limit does not restrict a write."))
    }

    fn finish(
        &self,
        mut draft: Draft<'_>,
        rows: Vec<Vec<Option<Value>>>,
        noop: bool,
        action: impl FnOnce(Expr) -> Action,
    ) -> Result<Compiled, Problem> {
        let conditions = std::mem::take(&mut draft.nodes.0[0].conditions);
        check_rows_chosen(&draft.nodes, &conditions)?;
        let filter = Expr::all(conditions.iter().map(|c| c.lower(&|_| Expr::TRUE)).collect::<Vec<_>>());
        let returning = self.returning(&draft.nodes)?;
        let write = Write { ty: draft.ty, action: action(filter), returning };
        let operation = Operation { body: Body::Write(write), params: draft.slots.params };
        let prefer = self.request.prefer;
        let bounded = matches!(self.request.verb, Verb::Patch | Verb::Delete);
        let input = Input {
            params: draft.slots.values,
            rows,
            max_affected: if bounded { prefer.max_affected() } else { None },
            exactly_one: self.request.singular,
        };
        Ok(Compiled { ty: draft.ty, operation, input, noop })
    }

    fn returning(&self, nodes: &Nodes<'_>) -> Result<Option<Read>, Problem> {
        let read = read::lower(nodes, false)?;
        // A row's own path answers the row, unless the caller wants less.
        let wanted = match self.request.prefer.returning {
            Some(returning) => returning == Return::Representation,
            None => self.request.item.is_some() && self.request.verb != Verb::Delete,
        };
        if wanted && nodes.0[0].grouped() {
            return Err(not_implemented(
                "Aggregates of the rows that a write returns are not served: read them.",
            ));
        }
        Ok(wanted.then_some(read))
    }
}

/// Embedded rows never choose which rows are written.
fn check_rows_chosen(nodes: &Nodes<'_>, conditions: &[Condition]) -> Result<(), Problem> {
    fn embeds(condition: &Condition) -> bool {
        match condition {
            Condition::Expr(_) => false,
            Condition::Embed { .. } => true,
            Condition::All(parts) | Condition::Any(parts) => parts.iter().any(embeds),
            Condition::Not(inner) => embeds(inner),
        }
    }
    let root = &nodes.0[0];
    let inner = root.children.iter().any(|c| nodes.0[*c].way.as_ref().is_some_and(|way| way.inner));
    if inner || conditions.iter().any(embeds) {
        return Err(not_implemented(
            "Embedded relations do not choose the rows to write: use !left and a filter of the columns.",
        ));
    }
    Ok(())
}

fn put_filter() -> Problem {
    Problem::new(Code::PutFilter, "Filters must include all and only primary key columns with 'eq' operators")
}
