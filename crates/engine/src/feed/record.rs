//! What one transaction writes, noted while it runs: always the types, and the rows only where somebody asked for them.

use bistro_schema::{TypeId, Value};

use super::{Changed, Event, Feed, OldRow, Types};

/// Rows that are noted of one transaction; of a type that goes beyond, it is said that they are too many.
pub(super) const ROWS: usize = 10_000;

/// The notes of one transaction.
#[derive(Debug, Default)]
pub(crate) struct Record {
    types: Types,
    rows: Vec<Changed>,
    unknown: Types,
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
        if self.rows.len() >= ROWS {
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
        let mut changes = self.rows;
        let told: Types = changes.iter().map(Changed::ty).collect();
        for ty in self.types.iter().filter(|ty| !told.contains(*ty)) {
            let many = self.unknown.contains(ty);
            changes.push(if many { Changed::Unknown(ty) } else { Changed::Rows(ty) });
        }
        changes
    }
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
