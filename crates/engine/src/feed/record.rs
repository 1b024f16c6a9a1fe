//! What one transaction writes, noted while it runs: always the types, and the rows only where somebody asked for them.

use std::collections::HashMap;

use bistro_schema::{TypeId, Value};

use super::commit::size;
use super::{Changed, Event, Feed, OldRow, Types};
use crate::attached::Touched;

/// Rows that are noted of one transaction; of a type that goes beyond, it is said that they are too many.
pub(super) const ROWS: usize = 10_000;

/// Bytes of deleted rows that are noted of one transaction; beyond they are too many, too.
pub(super) const BYTES: usize = 32 << 20;

/// The notes of one transaction.
#[derive(Debug, Default)]
pub(crate) struct Record {
    types: Types,
    rows: Vec<Changed>,
    bytes: usize,
    unknown: Types,
    /// What is done to accounts, for who follows them.
    pub(crate) accounts: Touched,
}

impl Record {
    /// A row was inserted or updated; its key is made where somebody wants it.
    pub(crate) fn wrote(&mut self, feed: &Feed, ty: TypeId, event: Event, key: impl FnOnce() -> Vec<Value>) {
        self.types.insert(ty);
        if feed.wants(ty) {
            self.note(ty, event, key(), None);
        }
    }

    /// A row got another key: it is gone under the old one.
    pub(crate) fn moved(&mut self, ty: TypeId, old: (Vec<Value>, OldRow), key: Vec<Value>) {
        self.note(ty, Event::Delete, old.0, Some(old.1));
        self.note(ty, Event::Insert, key, None);
    }

    /// Rows of these types changed; which is not noted.
    pub(super) fn touched(&mut self, types: impl Iterator<Item = TypeId>) {
        types.for_each(|ty| self.types.insert(ty));
    }

    pub(super) fn note(&mut self, ty: TypeId, event: Event, key: Vec<Value>, old: Option<OldRow>) {
        self.types.insert(ty);
        if self.unknown.contains(ty) {
            return;
        }
        self.bytes += old.as_ref().map_or(0, |old| size(&old.values));
        if self.rows.len() >= ROWS || self.bytes > BYTES {
            return self.give_up(ty);
        }
        self.rows.push(Changed::Row { ty, event, key, old });
    }

    /// The rows of the type are too many to be told one by one.
    pub(super) fn give_up(&mut self, ty: TypeId) {
        self.types.insert(ty);
        self.unknown.insert(ty);
        self.rows.retain(|change| change.ty() != ty);
    }

    pub(super) fn gave_up(&self, ty: TypeId) -> bool {
        self.unknown.contains(ty)
    }

    /// What is to be told; `unknown` where it may not have happened.
    pub(super) fn changes(self, unknown: bool) -> Vec<Changed> {
        if unknown {
            return self.types.iter().map(Changed::Unknown).collect();
        }
        let mut changes = settled(self.rows);
        let told: Types = changes.iter().map(Changed::ty).collect();
        for ty in self.types.iter().filter(|ty| !told.contains(*ty)) {
            let many = self.unknown.contains(ty);
            changes.push(if many { Changed::Unknown(ty) } else { Changed::Rows(ty) });
        }
        changes
    }
}

/// One change a row: from how it was before the transaction to how it is after it.
fn settled(changes: Vec<Changed>) -> Vec<Changed> {
    let mut places: HashMap<(TypeId, Vec<Value>), usize> = HashMap::new();
    let mut kept: Vec<Option<Changed>> = Vec::with_capacity(changes.len());
    for change in changes {
        let Changed::Row { ty, event, key, old } = change else {
            kept.push(Some(change));
            continue;
        };
        let place = *places.entry((ty, key.clone())).or_insert_with(|| {
            kept.push(None);
            kept.len() - 1
        });
        let before = match &kept[place] {
            Some(Changed::Row { event, .. }) => Some(*event),
            _ => None::<Event>,
        };
        let (event, old) = match (before, event) {
            (Some(Event::Insert), Event::Delete) => {
                kept[place] = None;
                places.remove(&(ty, key));
                continue;
            }
            (Some(Event::Insert), _) => (Event::Insert, None),
            // What it held before the transaction is not known: it is told to nobody.
            (Some(Event::Update), Event::Delete) => (Event::Delete, None),
            (Some(Event::Delete), Event::Insert) => (Event::Update, None),
            (_, event) => (event, old),
        };
        kept[place] = Some(Changed::Row { ty, event, key, old });
    }
    kept.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use bistro_schema::{Schema, TypeId};

    use super::*;

    #[test]
    fn without_listeners_nothing_is_collected() {
        let feed = Feed::new(&Schema::default());
        let mut record = Record::default();
        record.wrote(&feed, TypeId(3), Event::Insert, || panic!("a key is made that nobody asked for"));
        assert_eq!((record.rows.capacity(), record.types.contains(TypeId(3))), (0, true));
    }
}
