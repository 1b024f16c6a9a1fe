//! Migrations: folders with SQL for every engine, the history that a database keeps of them, and the way between.
//!
//! `new` writes a folder from the schema file and the last folder's snapshot ([`write`]), never from a database. `up`,
//! `down` and `redo` run folders under a lock ([`run`], [`lock`]), after [`guard`] has looked for data that would be lost and
//! [`drift`] for what somebody did by hand; [`baseline`] takes tables that somebody else made into the history. `serve` asks [`gate`] whether it may begin, an older node among newer ones
//! [`ahead`]. [`state`] says where a database stands, [`report`] tells it to people.
//!
//! Invariants: a snapshot never changes after it was written; the history keeps the checksum of what was run; nothing is
//! run but under the lock; nothing that loses data is run without being told to.

mod ahead;
mod baseline;
mod checksum;
mod count;
mod drift;
mod engine;
mod folder;
mod gate;
mod guard;
mod lock;
mod order;
mod progress;
mod report;
mod run;
mod state;
mod write;

pub(crate) use self::lock::take as lock;
pub(crate) use engine::Engine;
pub(crate) use folder::{BASELINE, Folders};
pub(crate) use gate::{Gate, gate, offer, refuse_pending};
pub(crate) use order::{Order, carry_out, plan_alone, status_alone};
pub(crate) use run::Leave;
pub(crate) use write::{Written, write};
