//! What a store declares that it can do, exercised one by one.

mod bench;
mod history;
mod nodes;
mod query;
mod transaction;

use std::sync::Arc;

use bistro_policy::Rules;
use bistro_store::Capabilities;

use crate::place::Home;
use crate::subject::Subject;
use bench::Bench;

/// How one line of the matrix came out for one store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It does what it declares.
    Pass,
    /// It declares that it does not.
    Unsupported,
    /// No server was named.
    NotRun,
    /// It declares it and does not do it.
    Fail(String),
}

/// One ability.
pub struct Ability {
    /// Its line in the matrix.
    pub name: &'static str,
    declared: fn(&Capabilities) -> bool,
    check: fn(&Bench<'_>) -> Result<(), String>,
}

const fn ability(
    name: &'static str,
    declared: fn(&Capabilities) -> bool,
    check: fn(&Bench<'_>) -> Result<(), String>,
) -> Ability {
    Ability { name, declared, check }
}

/// All of them, in the matrix's order.
pub const ABILITIES: &[Ability] = &[
    ability("transactions: all or nothing", |c| c.transactions, transaction::whole),
    ability("a refused insert leaves the transaction open", |c| c.transactions, transaction::guarded),
    ability("foreign keys", |c| c.foreign_keys, transaction::foreign_keys),
    ability("unique keys name their constraint", |_| true, transaction::unique),
    ability("upserts of one key at the same time", |_| true, nodes::upserts_at_once),
    ability("records of Bistro's own, and waiting for them", |_| true, nodes::records),
    ability("relations in conditions", |c| c.relations, query::relations),
    ability("aggregates", |c| c.aggregates, query::aggregates),
    ability("paths into JSON", |c| c.json, query::json),
    ability("regular expressions", |c| c.regex, query::regex),
    ability("full text", |c| c.full_text, query::full_text),
    ability("full text: words of one or two letters", |c| c.short_words, query::short_words),
    ability("full text: what the open transaction wrote", |c| c.fresh_words, query::fresh_words),
    ability("rows outlive the store", |c| c.durable, nodes::durable),
    ability("several nodes on one database", |c| !c.embedded, nodes::two_nodes),
    ability("loading rows in bulk", |c| c.sql.is_some(), history::load),
    ability("one node changes tables, others wait", |c| c.sql.is_some(), history::lock),
    ability("a history of migrations", |c| c.sql.is_some(), history::migrations),
    ability("a change of tables is all or nothing", |c| c.whole_changes, history::whole_changes),
    ability("a catalogue of its tables", |c| c.sql.is_some(), history::catalogue),
];

/// Exercises every ability on an empty home; the marks in the order of [`ABILITIES`].
pub fn exercise(name: &'static str, home: &Home, rules: &Arc<Rules>) -> Vec<Mark> {
    let store = home.open(rules.schema());
    let subject = Subject::new(name, Arc::clone(&store), rules);
    let bench = Bench { home, store, subject };
    let mark = |ability: &Ability| {
        if !(ability.declared)(&bench.subject.able) {
            return Mark::Unsupported;
        }
        (ability.check)(&bench).map_or_else(Mark::Fail, |()| Mark::Pass)
    };
    ABILITIES.iter().map(mark).collect()
}
