//! What other readers and writers of a table notice while a step runs.

use bistro_store::Change;

use crate::step::Class;

/// What others notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// Nothing: no rows are touched.
    None,
    /// All wait for a moment, however many rows there are.
    Moment,
    /// Writes wait while rows are read once; reads go on.
    Scan,
    /// Writes wait for about the time of a copy of the table; reads go on.
    CopyReadable,
    /// Reads and writes wait for about the time of a copy of the table.
    Copy,
}

impl Lock {
    /// For people.
    pub const fn words(self) -> &'static str {
        match self {
            Lock::None => "nobody waits",
            Lock::Moment => "a moment",
            Lock::Scan => "reads all rows; writes wait meanwhile, reads go on",
            Lock::CopyReadable => "rewrites the table; writes wait for about the time of a copy, reads go on",
            Lock::Copy => "rewrites the table; reads and writes wait for about the time of a copy",
        }
    }
}

/// The same for each engine, by the name that [`bistro_store::Capabilities::sql`] has for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locks {
    /// SQLite: one writes at any time, reads always go on.
    pub sqlite: Lock,
    /// PostgreSQL.
    pub postgres: Lock,
    /// MySQL and MariaDB.
    pub mysql: Lock,
}

impl Locks {
    const fn all(lock: Lock) -> Self {
        Self { sqlite: lock, postgres: lock, mysql: lock }
    }

    /// That of the engine with this name.
    pub fn of(&self, engine: &str) -> Option<Lock> {
        match engine {
            "sqlite" => Some(self.sqlite),
            "postgres" => Some(self.postgres),
            "mysql" => Some(self.mysql),
            _ => None,
        }
    }
}

pub(crate) fn locks(change: &Change, class: &Class) -> Locks {
    let rebuilt = |postgres, mysql| Locks { sqlite: Lock::CopyReadable, postgres, mysql };
    match change {
        Change::CreateType(_) | Change::Narrow(..) | Change::AddCheck(..) => Locks::all(Lock::None),
        Change::DropView(_)
        | Change::DropType(_)
        | Change::RenameType(..)
        | Change::RenameField(..)
        | Change::DropIndex(..)
        | Change::AddField(..) => Locks::all(Lock::Moment),
        Change::RenameIndex(..) => Locks { sqlite: Lock::Scan, ..Locks::all(Lock::Moment) },
        Change::AddIndex(..) | Change::AddUnique(..) => Locks::all(Lock::Scan),
        Change::RebuildSearch(_) => Locks { mysql: Lock::CopyReadable, ..Locks::all(Lock::Scan) },
        Change::AddRelation(..) => Locks { mysql: Lock::CopyReadable, ..Locks::all(Lock::Moment) },
        Change::DropField(..) => rebuilt(Lock::Moment, Lock::CopyReadable),
        Change::Convert(..) => rebuilt(Lock::Copy, Lock::CopyReadable),
        Change::Fit(..) => Locks { mysql: Lock::CopyReadable, ..Locks::all(Lock::None) },
        Change::Require(..) if *class == Class::Backfill => rebuilt(Lock::Copy, Lock::CopyReadable),
        Change::Require(..) => rebuilt(Lock::Scan, Lock::CopyReadable),
        Change::Release(..) => rebuilt(Lock::Moment, Lock::CopyReadable),
        Change::AddForeign(..) => rebuilt(Lock::Scan, Lock::CopyReadable),
        Change::DropForeign(..) => rebuilt(Lock::Moment, Lock::Moment),
        Change::RenameForeign(..) => Locks { mysql: Lock::CopyReadable, ..Locks::all(Lock::Moment) },
    }
}
