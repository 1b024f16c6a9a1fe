//! The key of the row being written: where it waits, how it moves, and who is told that it did.

use bistro_ir::ParamId;
use bistro_plan::{UpsertPlan, WriteStep};
use bistro_problem::Problem;
use bistro_schema::{FieldId, Value};

use super::Writing;
use crate::feed::{Event, OldRow};

impl Writing<'_> {
    /// The key that waits in its slots.
    pub(super) fn key(&self) -> Vec<Value> {
        self.body.plan.key.iter().map(|slot| self.binds[slot.0 as usize].clone()).collect()
    }

    /// Puts a key into its slots.
    pub(super) fn set_key(&mut self, key: &[Value]) {
        for (slot, value) in self.body.plan.key.iter().zip(key) {
            self.binds[slot.0 as usize] = value.clone();
        }
    }

    /// A key sent as null asks for a new one; the row that an upsert found keeps its own.
    pub(super) fn keep_key(&mut self, plan: &UpsertPlan, key: &[Value]) {
        let set: &[(FieldId, ParamId)] = plan.update.as_ref().map_or(&[], |u| &u.set);
        for (field, value) in self.engine.schema().ty(self.body.plan.ty).key.iter().zip(key) {
            if let Some((_, cell)) = set.iter().find(|(f, _)| f == field) {
                let given = &mut self.binds[cell.0 as usize];
                if given.is_null() {
                    *given = value.clone();
                }
            }
        }
    }

    /// After an update that wrote key fields, the row is found under its new key.
    pub(super) fn move_key(&mut self) {
        let moved: Vec<(ParamId, ParamId)> = self.new_key().collect();
        for (slot, cell) in moved {
            self.binds[slot.0 as usize] = self.binds[cell.0 as usize].clone();
        }
    }

    /// The slots of the key that an update writes, each with the cell of its new value.
    fn new_key(&self) -> impl Iterator<Item = (ParamId, ParamId)> {
        let set: &[(FieldId, ParamId)] = match &self.body.plan.step {
            WriteStep::Update { update, .. } => &update.set,
            WriteStep::Insert { upsert: Some(plan), .. } => plan.update.as_ref().map_or(&[], |u| &u.set),
            _ => &[],
        };
        let key = self.ty().key.iter().zip(&self.body.plan.key);
        key.filter_map(|(field, slot)| Some((*slot, set.iter().find(|(f, _)| f == field)?.1)))
    }

    /// The row that is about to get another key, if somebody wants to be told of it.
    pub(super) async fn before_move(
        &mut self,
        key: &[Value],
    ) -> Result<Option<(Vec<Value>, OldRow)>, Problem> {
        let value = |slot: ParamId| &self.binds[slot.0 as usize];
        if self.new_key().all(|(slot, cell)| value(slot) == value(cell)) {
            return Ok(None);
        }
        self.record.before_move(self.engine, &mut *self.tx, self.body.plan.ty, key).await
    }

    /// Notes the update of the row whose key waits in the slots.
    pub(super) fn note_update(&mut self, before: Option<(Vec<Value>, OldRow)>) {
        let ty = self.body.plan.ty;
        let (key, binds) = (&self.body.plan.key, &self.binds);
        let key = || key.iter().map(|slot| binds[slot.0 as usize].clone()).collect();
        match before {
            None => self.record.wrote(self.engine.feed(), ty, Event::Update, key),
            Some(old) => self.record.moved(ty, old, key()),
        }
    }

    /// Notes what an update wrote over what an account holds, where somebody follows that.
    pub(super) fn note_account(&mut self) {
        if self.engine.attached().is_none() {
            return;
        }
        if let Some(mirrored) = self.ready.touches.mirrored(&self.key(), &self.binds) {
            self.record.accounts.mirrored.push(mirrored);
        }
    }
}
