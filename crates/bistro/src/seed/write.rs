//! Rows in: one transaction, one plan for each collection and set of columns.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bistro_engine::{Context, Engine, Ready, Session};
use bistro_ir::{
    Action, Body, Caller, Compare, Conflict, Expr, Input, Operand, Operation, Param, ParamId, Root, Write,
};
use bistro_problem::Problem;
use bistro_schema::{FieldId, Roles, Schema, TypeId, Value};
use bistro_store::Collect;

use super::order::Ordered;
use super::place::{Mistake, Place};
use super::progress::Progress;
use super::row::Row;
use super::{Failure, Seeded};
use crate::clock::now_us;
use crate::error::told;

/// What went wrong inside the transaction, beside the problem that rolled it back.
#[derive(Default)]
struct Fault {
    place: Option<Place>,
    failure: Option<Failure>,
}

/// Writes all rows, or none.
pub(super) async fn write(
    engine: &Arc<Engine>,
    ordered: Ordered,
    upsert: bool,
    progress: &Arc<Progress>,
) -> Result<Seeded, Failure> {
    let fault: Arc<Mutex<Fault>> = Arc::default();
    let ordered = Arc::new(ordered);
    let (rows, inside, progress) = (Arc::clone(&ordered), Arc::clone(&fault), Arc::clone(progress));
    let context = Context::new(Caller::service(), now_us());
    let done = engine.transact(
        context,
        Box::new(move |session| {
            Box::pin(async move {
                let mut writing =
                    Writing { session, ordered: &rows, upsert, plans: HashMap::new(), progress: &progress };
                let mut at = Fault::default();
                let result = writing.all(&mut at).await;
                *inside.lock().unwrap_or_else(PoisonError::into_inner) = at;
                result
            })
        }),
    );
    let result = done.await;
    let fault = std::mem::take(&mut *fault.lock().unwrap_or_else(PoisonError::into_inner));
    match (result, fault) {
        (Ok(seeded), _) => Ok(seeded),
        (Err(_), Fault { failure: Some(failure), .. }) => Err(failure),
        (Err(problem), Fault { place: Some(place), .. }) => {
            Err(Mistake::at(place.line, told(&problem)).in_file(&ordered.seeds.files[place.file].name))
        }
        (Err(problem), _) => Err(problem.into()),
    }
}

/// The transaction under way.
struct Writing<'w, 's> {
    session: &'w mut Session<'s>,
    ordered: &'w Ordered,
    upsert: bool,
    plans: HashMap<(TypeId, Vec<FieldId>), Arc<Ready>>,
    progress: &'w Progress,
}

/// A row whose relation is filled in at the end.
struct Late {
    place: Place,
    ty: TypeId,
    key: Vec<Value>,
    columns: Vec<FieldId>,
    values: Vec<Option<Value>>,
}

impl Writing<'_, '_> {
    async fn all(&mut self, fault: &mut Fault) -> Result<Seeded, Problem> {
        let schema = Arc::clone(self.session.engine().schema());
        let mut late = Vec::new();
        let mut seeded = Seeded::default();
        let ordered = self.ordered;
        for table in &ordered.seeds.tables {
            let put_off = ordered.later.get(&table.ty).map_or(&[][..], Vec::as_slice);
            for raw in &table.rows {
                fault.place = Some(raw.place);
                let row = ordered.seeds.decode(&schema, table.ty, raw).map_err(|failure| {
                    let problem = Problem::bug("a row that was read before cannot be read again");
                    fault.failure = Some(failure);
                    problem
                })?;
                self.row(&schema, table.ty, row, raw.place, put_off, &mut late).await?;
                seeded.rows += 1;
                self.progress.step();
            }
            seeded.collections.push(schema.ty(table.ty).collection.clone());
        }
        for row in late {
            fault.place = Some(row.place);
            self.fill_in(&schema, row).await?;
        }
        fault.place = None;
        Ok(seeded)
    }

    async fn row(
        &mut self,
        schema: &Schema,
        ty: TypeId,
        mut row: Row,
        place: Place,
        put_off: &[FieldId],
        late: &mut Vec<Late>,
    ) -> Result<(), Problem> {
        let mut filled_later = (Vec::new(), Vec::new());
        for field in put_off {
            let Some(at) = row.columns.iter().position(|f| f == field) else { continue };
            if let Some(value) = row.values[at].replace(Value::Null).filter(|v| !v.is_null()) {
                filled_later.0.push(*field);
                filled_later.1.push(Some(value));
            }
        }
        let given: Option<Vec<Value>> = schema.ty(ty).key.iter().map(|f| row.value(*f).cloned()).collect();
        let ready = self.insert(schema, ty, &row.columns)?;
        let input = Input { rows: vec![row.values], ..Input::default() };
        let outcome = self.session.run(&ready, &input, &mut Collect::new()).await?;
        if !filled_later.0.is_empty() {
            let key = given.or(outcome.key).ok_or_else(|| Problem::bug("a new row has no key"))?;
            late.push(Late { place, ty, key, columns: filled_later.0, values: filled_later.1 });
        }
        Ok(())
    }

    /// The plan of an insert of these columns.
    fn insert(&mut self, schema: &Schema, ty: TypeId, columns: &[FieldId]) -> Result<Arc<Ready>, Problem> {
        let name = (ty, columns.to_vec());
        if let Some(ready) = self.plans.get(&name) {
            return Ok(Arc::clone(ready));
        }
        let key = &schema.ty(ty).key;
        let known = !key.is_empty() && key.iter().all(|f| columns.contains(f));
        let conflict = (self.upsert && known).then(|| Conflict { fields: key.clone(), merge: true });
        let action = Action::Insert { columns: columns.to_vec(), conflict };
        let body = Body::Write(Write { ty, action, returning: None });
        let ready = self.session.engine().ready(Roles::SERVICE, &Operation { body, params: Vec::new() })?;
        self.plans.insert(name, Arc::clone(&ready));
        Ok(ready)
    }

    async fn fill_in(&mut self, schema: &Schema, late: Late) -> Result<(), Problem> {
        let key = &schema.ty(late.ty).key;
        let params: Vec<Param> =
            key.iter().map(|f| Param { scalar: schema.ty(late.ty).field(*f).scalar }).collect();
        let same = key.iter().enumerate().map(|(n, field)| {
            let slot = Operand::Param(ParamId(u16::try_from(n).expect("a key has few fields")));
            Expr::Compare(Compare::Eq, Operand::Field(Root::Scope(0), *field), slot)
        });
        let action = Action::Update { filter: Expr::all(same), columns: late.columns };
        let body = Body::Write(Write { ty: late.ty, action, returning: None });
        let ready = self.session.engine().ready(Roles::SERVICE, &Operation { body, params })?;
        let input =
            Input { params: late.key, rows: vec![late.values], exactly_one: true, ..Input::default() };
        self.session.run(&ready, &input, &mut Collect::new()).await.map(drop)
    }
}
