//! Rows that go, and rows that the database deletes or changes with them: read before they do, if somebody asked.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use bistro_problem::{Code, Problem};
use bistro_schema::{FieldId, OnDelete, RelationId, RelationKind, Schema, Type, TypeId, Value};
use bistro_store::{Prepared, StoreError, Transaction};

use super::record::ROWS;
use super::stored::{key_of, prepared, read, read_row, stored};
use super::{Event, OfType, OldRow, Record, Types};
use crate::engine::Engine;
use crate::problem::problem;

/// A type whose rows refer to those of another, and go or change with them.
pub(super) struct Follower {
    ty: TypeId,
    relation: RelationId,
    /// The fields that refer, and those of the other type that they refer to.
    pairs: Vec<(FieldId, FieldId)>,
    /// Whether its rows are deleted; otherwise their reference becomes null.
    goes: bool,
    /// The select of the stored fields of the rows that refer to one.
    rows: OnceLock<Prepared>,
}

/// Who refers to a type so that a delete goes on to it.
pub(super) fn followers(schema: &Schema, ty: TypeId) -> Vec<Follower> {
    let of = |(id, other): (TypeId, &Type)| {
        let refers = other.relations().filter(|(_, r)| r.kind == RelationKind::ToOne && r.target == ty);
        let follows = refers.filter_map(|(name, relation)| {
            let goes = match relation.on_delete {
                OnDelete::Cascade => true,
                OnDelete::SetNull => false,
                OnDelete::NoAction | OnDelete::Restrict => return None,
            };
            Some(Follower {
                ty: id,
                relation: name,
                pairs: relation.pairs.clone(),
                goes,
                rows: OnceLock::new(),
            })
        });
        follows.collect::<Vec<_>>()
    };
    schema.types().filter(|(_, other)| other.writable()).flat_map(of).collect()
}

/// The types whose rows go or change when a row of a type is deleted.
pub(super) fn reached(schema: &Schema, ty: TypeId) -> Types {
    let (mut reached, mut gone, mut todo) = (Types::default(), Types::default(), vec![ty]);
    while let Some(ty) = todo.pop() {
        if gone.contains(ty) {
            continue;
        }
        gone.insert(ty);
        for follower in followers(schema, ty) {
            reached.insert(follower.ty);
            if follower.goes {
                todo.push(follower.ty);
            }
        }
    }
    reached
}

impl Record {
    /// Notes that the rows of these keys are about to be deleted, with what goes along.
    pub(crate) async fn deletes(
        &mut self,
        engine: &Engine,
        tx: &mut dyn Transaction,
        ty: TypeId,
        keys: &[Vec<Value>],
    ) -> Result<(), Problem> {
        let feed = engine.feed();
        let Some(of) = feed.of(ty).filter(|_| !keys.is_empty()) else { return Ok(()) };
        let mut all = of.reached.clone();
        all.insert(ty);
        // Looked up once: who comes or leaves meanwhile must not make it tell less.
        let wanted: Types = all.iter().filter(|ty| feed.wants(*ty)).collect();
        self.touched(all.iter().filter(|ty| !wanted.contains(*ty)));
        let account = engine.attached().and_then(|_| engine.schema().account());
        let along = account.filter(|account| of.reached.contains(*account));
        if account == Some(ty) && along.is_none() {
            keys.iter().for_each(|key| self.accounts.goes(key));
        }
        if wanted.is_empty() && along.is_none() {
            return Ok(());
        }
        if keys.len() > ROWS {
            wanted.iter().for_each(|ty| self.give_up(ty));
            return along.map_or(Ok(()), |_| Err(too_many()));
        }
        let todo = Vec::new();
        let mut going =
            Going { engine, tx, record: self, wanted, account: along, todo, gone: HashSet::new() };
        for key in keys {
            going.row(ty, key).await?;
        }
        Ok(())
    }

    /// The row of a key, before another key is given to it; `None` where nobody asked.
    pub(crate) async fn before_move(
        &mut self,
        engine: &Engine,
        tx: &mut dyn Transaction,
        ty: TypeId,
        key: &[Value],
    ) -> Result<Option<(Vec<Value>, OldRow)>, Problem> {
        if !engine.feed().wants(ty) {
            return Ok(None);
        }
        let row = read_row(engine, tx, ty, key).await.map_err(|e| told(engine, e))?;
        Ok(row.map(|row| (key.to_vec(), OldRow::new(row))))
    }
}

/// Rows on their way out.
struct Going<'a> {
    engine: &'a Engine,
    tx: &'a mut dyn Transaction,
    record: &'a mut Record,
    /// The types whose rows are noted.
    wanted: Types,
    /// The account type, where accounts may go along.
    account: Option<TypeId>,
    todo: Vec<(TypeId, OldRow)>,
    gone: HashSet<(TypeId, Vec<Value>)>,
}

impl Going<'_> {
    /// A row that is deleted, and all that goes with it.
    async fn row(&mut self, ty: TypeId, key: &[Value]) -> Result<(), Problem> {
        let row = read_row(self.engine, self.tx, ty, key).await.map_err(|e| told(self.engine, e))?;
        if let Some(row) = row {
            self.goes(ty, OldRow::new(row));
        }
        while let Some((ty, row)) = self.todo.pop() {
            let engine = self.engine;
            for follower in engine.feed().of(ty).into_iter().flat_map(|of| &of.followers) {
                if self.matters(follower) {
                    let whole = self.follow(ty, &row, follower).await.map_err(|e| told(engine, e))?;
                    if !whole && self.takes_accounts(follower) {
                        return Err(too_many());
                    }
                }
            }
        }
        Ok(())
    }

    fn matters(&self, follower: &Follower) -> bool {
        if self.takes_accounts(follower) {
            return true;
        }
        if self.record.gave_up(follower.ty) {
            return false;
        }
        let beyond = |of: &OfType| of.reached.iter().any(|ty| self.wanted.contains(ty));
        self.wanted.contains(follower.ty)
            || follower.goes && self.engine.feed().of(follower.ty).is_some_and(beyond)
    }

    /// Whether accounts may go with the rows of a follower.
    fn takes_accounts(&self, follower: &Follower) -> bool {
        let beyond = |account| {
            self.engine.feed().of(follower.ty).is_some_and(|of: &OfType| of.reached.contains(account))
        };
        follower.goes && self.account.is_some_and(|account| account == follower.ty || beyond(account))
    }

    fn goes(&mut self, ty: TypeId, old: OldRow) {
        let key = key_of(self.engine.schema().ty(ty), &old.values);
        if !self.gone.insert((ty, key.clone())) {
            return;
        }
        if self.account == Some(ty) {
            self.record.accounts.goes(&key);
        }
        if self.wanted.contains(ty) {
            self.record.note(ty, Event::Delete, key, Some(old.clone()));
        }
        self.todo.push((ty, old));
    }

    /// The rows that follow one that goes; whether these are all of them.
    async fn follow(&mut self, ty: TypeId, row: &OldRow, follower: &Follower) -> Result<bool, StoreError> {
        let schema = self.engine.schema();
        let of = schema.ty(ty);
        let value =
            |far: &FieldId| stored(of).position(|f| f == *far).and_then(|n| row.values.get(n)).cloned();
        let values: Option<Vec<Value>> = follower.pairs.iter().map(|(_, far)| value(far)).collect();
        let Some(values) = values.filter(|values| !values.iter().any(Value::is_null)) else {
            return Ok(true);
        };
        let near: Vec<FieldId> = follower.pairs.iter().map(|(near, _)| *near).collect();
        let store = self.engine.store.as_ref();
        let prepared = prepared(&follower.rows, store, schema, (follower.ty, &near))?;
        let (rows, whole) = read(self.tx, prepared, &values).await?;
        if !whole {
            let beyond = self.engine.feed().of(follower.ty).filter(|_| follower.goes);
            let beyond = beyond.into_iter().flat_map(|of| of.reached.iter());
            let wanted = beyond.chain([follower.ty]).filter(|ty| self.wanted.contains(*ty));
            wanted.for_each(|ty| self.record.give_up(ty));
            return Ok(false);
        }
        let parent = Arc::new(row.clone());
        for row in rows {
            match follower.goes {
                true => {
                    let over = Some((follower.relation, ty, Arc::clone(&parent)));
                    self.goes(follower.ty, OldRow { over, ..OldRow::new(row) });
                }
                false => {
                    let key = key_of(schema.ty(follower.ty), &row);
                    self.record.note(follower.ty, Event::Update, key, None);
                }
            }
        }
        Ok(true)
    }
}

/// Accounts that go with other rows must all be known by name.
fn too_many() -> Problem {
    let message = "the delete takes more accounts along than can be followed at once";
    Problem::new(Code::TooComplex, message).hint("Delete in smaller parts, or the accounts themselves first.")
}

fn told(engine: &Engine, error: StoreError) -> Problem {
    problem(&engine.view(bistro_schema::Roles::SERVICE), error, &[])
}
