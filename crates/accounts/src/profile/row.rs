//! Reading and writing the row, beside the transaction of the system tables.

use std::sync::Arc;

use bistro_engine::{Context, Engine, Outcome, Work};
use bistro_ir::{
    Action, Body, Bound, Caller, Compare, Expr, Input, Item, Operand, Operation, Param, ParamId, Read, Root,
    Write,
};
use bistro_problem::{Code, Problem};
use bistro_schema::{FieldId, FieldKind, Schema, SchemaView, Type, TypeId, Unique, Value, literal};
use bistro_store::Collect;
use uuid::Uuid;

use super::fields::{Given, invalid, unfit};
use super::person;
use crate::accounts::Accounts;
use crate::data::records::Account;
use crate::data::{Column as _, Tx};
use crate::visit::Visit;

/// How many rows are looked at that have one e-mail address.
const ALIKE_MOST: u64 = 100;

/// The row of an account, whether it is there or not.
pub(super) struct Row {
    engine: Arc<Engine>,
    ty: TypeId,
    account: Uuid,
    /// When it is asked for, in microseconds since the epoch.
    now: i64,
}

impl Row {
    /// The row of this account; `None` where the schema has no such type.
    pub(super) fn of(accounts: &Accounts, visit: &Visit, account: Uuid) -> Option<Self> {
        let engine = accounts.data.project();
        let ty = engine.schema().account()?;
        Some(Self { engine, ty, account, now: visit.now.0 })
    }

    pub(super) fn ty(&self) -> TypeId {
        self.ty
    }

    pub(super) fn schema(&self) -> &Schema {
        self.engine.schema()
    }

    /// What a caller can see.
    pub(super) fn view(&self, caller: &Caller) -> Arc<SchemaView> {
        self.engine.view(caller.roles)
    }

    fn name(&self, field: FieldId) -> &str {
        &self.shape().field(field).name
    }

    fn shape(&self) -> &Type {
        self.schema().ty(self.ty)
    }

    /// Whether a new row has to bring the field.
    pub(super) fn needs(&self, id: FieldId) -> bool {
        let field = self.shape().field(id);
        let filled = field.nullable || field.default.is_some() || field.updated;
        !filled && field.kind == FieldKind::Stored && !self.shape().key.contains(&id)
    }

    /// Whether the row is there.
    pub(super) async fn exists(&self, tx: &mut Tx<'_>) -> Result<bool, Problem> {
        let read = self.keys(self.is_own());
        Ok(self.run(tx, Caller::service(), Body::Read(read), self.own(), None).await?.0.rows > 0)
    }

    /// Makes the row, and fills in what the person may.
    pub(super) async fn make(
        &self,
        tx: &mut Tx<'_>,
        person: &Caller,
        account: &Account,
        given: &[Given],
    ) -> Result<(), Problem> {
        self.insert(tx, person, account, given).await?;
        let refused = self.fill(tx, person, given).await?;
        match refused.into_iter().find(|field| self.needs(*field)) {
            Some(field) => Err(invalid(self.name(field), "is required, and is not yours to fill in")),
            None => Ok(()),
        }
    }

    /// Makes the row, with what no row is without. `person` is who it is about.
    async fn insert(
        &self,
        tx: &mut Tx<'_>,
        person: &Caller,
        account: &Account,
        given: &[Given],
    ) -> Result<(), Problem> {
        let mut columns = vec![self.shape().key[0]];
        let mut row = vec![Some(self.account.give())];
        for (field, value) in self.mirrored(account)? {
            if value.is_null() && self.needs(field) {
                return Err(invalid(self.name(field), "is required"));
            }
            columns.push(field);
            row.push(Some(value));
        }
        for (id, field) in
            self.shape().fields().filter(|(id, _)| self.needs(*id) && !self.shape().mirrors(*id))
        {
            let found = given.iter().find(|given| given.field == id);
            let given = found.ok_or_else(|| invalid(&field.name, "is required"))?;
            columns.push(id);
            row.push(Some(given.value.clone()));
        }
        let action = Action::Insert { columns, conflict: None };
        let body = Body::Write(Write { ty: self.ty, action, returning: None });
        let done = self.run(tx, person::on_behalf(person), body, Vec::new(), Some(row)).await;
        done.map(drop).map_err(|problem| self.taken(problem))
    }

    /// Writes, as the person, what they may; the fields that they may not.
    pub(super) async fn fill(
        &self,
        tx: &mut Tx<'_>,
        person: &Caller,
        given: &[Given],
    ) -> Result<Vec<FieldId>, Problem> {
        if given.is_empty() || self.update(tx, person.clone(), given).await? {
            return Ok(Vec::new());
        }
        let mut refused = Vec::new();
        for one in given {
            if given.len() == 1 || !self.update(tx, person.clone(), std::slice::from_ref(one)).await? {
                refused.push(one.field);
            }
        }
        Ok(refused)
    }

    /// Writes what the account holds.
    pub(super) async fn mirror(&self, tx: &mut Tx<'_>, account: &Account) -> Result<(), Problem> {
        let mirrored: Vec<Given> =
            self.mirrored(account)?.into_iter().map(|(field, value)| Given { field, value }).collect();
        if mirrored.is_empty() {
            return Ok(());
        }
        let done = self.update(tx, Caller::service(), &mirrored).await;
        done.map(drop).map_err(|problem| self.taken(problem))
    }

    /// Deletes the row, if it is there.
    pub(super) async fn delete(&self, tx: &mut Tx<'_>) -> Result<(), Problem> {
        let action = Action::Delete { filter: self.is_own() };
        let body = Body::Write(Write { ty: self.ty, action, returning: None });
        self.run(tx, Caller::service(), body, self.own(), None).await.map(drop)
    }

    /// Whether every row has the account's e-mail address.
    pub(super) fn needs_address(&self) -> bool {
        let shape = self.shape();
        let needed = |id| shape.mirrors(id) && !shape.field(id).nullable;
        shape.field_named("email").is_some_and(needed)
    }

    /// Whether no two rows have the same e-mail address.
    pub(super) fn holds_addresses_once(&self) -> bool {
        let shape = self.shape();
        let once = |field| shape.mirrors(field) && shape.unique_over(&[field]);
        shape.field_named("email").is_some_and(once)
    }

    /// The keys of the rows that have this e-mail address.
    pub(super) async fn with_email(&self, tx: &mut Tx<'_>, email: &str) -> Result<Vec<Uuid>, Problem> {
        let shape = self.shape();
        let field = shape.field_named("email").filter(|field| shape.mirrors(*field));
        let Some(field) = field else { return Ok(Vec::new()) };
        let scalar = shape.field(field).scalar;
        let Ok(value) = literal::parse(self.schema(), scalar, email) else { return Ok(Vec::new()) };
        let own = Operand::Field(Root::Scope(0), field);
        let read = self.keys(Expr::Compare(Compare::Eq, own, Operand::Param(ParamId(0))));
        let params = vec![(Param { scalar }, value)];
        let (_, rows) = self.run(tx, Caller::service(), Body::Read(read), params, None).await?;
        Ok(rows.into_iter().flatten().filter_map(Uuid::take).collect())
    }

    /// Writes fields of the row; whether the caller may.
    async fn update(&self, tx: &mut Tx<'_>, caller: Caller, given: &[Given]) -> Result<bool, Problem> {
        let columns = given.iter().map(|given| given.field).collect();
        let row = given.iter().map(|given| Some(given.value.clone())).collect();
        let action = Action::Update { filter: self.is_own(), columns };
        let body = Body::Write(Write { ty: self.ty, action, returning: None });
        match self.run(tx, caller, body, self.own(), Some(row)).await {
            Ok((outcome, _)) => Ok(outcome.affected == 1),
            Err(problem) if is_refusal(problem.code) => Ok(false),
            Err(problem) => Err(unfit(self.shape(), problem)),
        }
    }

    /// The fields that repeat what the account holds, with that.
    fn mirrored(&self, account: &Account) -> Result<Vec<(FieldId, Value)>, Problem> {
        let shape = self.shape();
        let mirrored = shape.fields().filter(|(id, _)| shape.mirrors(*id));
        let value = |(id, field): (FieldId, &bistro_schema::Field)| {
            let held = if field.name == "email" { &account.email } else { &account.phone };
            let Some(held) = held else { return Ok((id, Value::Null)) };
            let value = literal::parse(self.schema(), field.scalar, held);
            value.map(|value| (id, value)).map_err(|error| invalid(&field.name, &error.message))
        };
        mirrored.map(value).collect()
    }

    /// What a clash means where the account's own values were written.
    fn taken(&self, problem: Problem) -> Problem {
        let shape = self.shape();
        let of_address = |unique: &&Unique| unique.fields.iter().any(|field| shape.mirrors(*field));
        let broken = |unique: &Unique| problem.message.contains(&format!("\"{}\"", unique.name));
        if problem.code == Code::UniqueViolation && shape.uniques.iter().filter(of_address).any(broken) {
            let message = "A user with this email address has already been registered";
            return Problem::new(Code::UserAlreadyExists, message).cause(problem.to_string());
        }
        unfit(shape, problem)
    }

    fn is_own(&self) -> Expr {
        let key = Operand::Field(Root::Scope(0), self.shape().key[0]);
        Expr::Compare(Compare::Eq, key, Operand::Param(ParamId(0)))
    }

    fn own(&self) -> Vec<(Param, Value)> {
        let scalar = self.shape().field(self.shape().key[0]).scalar;
        vec![(Param { scalar }, self.account.give())]
    }

    fn keys(&self, filter: Expr) -> Read {
        let operand = Operand::Field(Root::Scope(0), self.shape().key[0]);
        let select = vec![Item::Value { key: "id".to_owned(), operand, cast: None }];
        let limit = Some(Bound::Fixed(ALIKE_MOST));
        Read { ty: self.ty, select, filter, order: Vec::new(), limit, offset: None, total: false }
    }

    async fn run(
        &self,
        tx: &mut Tx<'_>,
        caller: Caller,
        body: Body,
        params: Vec<(Param, Value)>,
        row: Option<Vec<Option<Value>>>,
    ) -> Result<(Outcome, Vec<Vec<Value>>), Problem> {
        let cx = Context::new(caller, self.now);
        let (params, values) = params.into_iter().unzip();
        let operation = Operation { body, params };
        let input = Input { params: values, rows: row.into_iter().collect(), ..Input::default() };
        let work: Work<(Outcome, Vec<Vec<Value>>)> = Box::new(move |session| {
            Box::pin(async move {
                let ready = session.engine().ready(session.context().caller.roles, &operation)?;
                let mut found = Collect::new();
                let outcome = session.run(&ready, &input, &mut found).await?;
                Ok((outcome, found.values()))
            })
        });
        tx.beside(&self.engine, cx, work).await
    }
}

/// Whether rules or what somebody can see stand in the way, rather than a value.
const fn is_refusal(code: Code) -> bool {
    matches!(
        code,
        Code::Forbidden
            | Code::UnknownTable
            | Code::UnknownColumn
            | Code::UnknownWriteColumn
            | Code::NoRelationship
    )
}
