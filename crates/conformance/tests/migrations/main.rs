//! Scripts of table changes on real engines: for each pair of schemas of `crates/migrate/tests/pairs`, tables with rows go
//! up and down again. The catalogue is then that of a fresh creation, and the rows are those that are pinned, on every
//! engine alike. `UPDATE=1` writes what SQLite answers; `BISTRO_TEST_STORE` and `BISTRO_TEST_PAIR` choose one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod generated;
mod rows;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bistro_conformance::place::{PLACES, Place};
use bistro_conformance::runtime::{enter, wait};
use bistro_migrate::{Difference, difference, everything};
use bistro_schema::Schema;
use bistro_store::{Direction, Migration, Progress, Store};
use bistro_store_sql::{Dialect, ddl};

fn read(text: &str) -> Arc<Schema> {
    let checked = bistro_sdl::read("schema.graphql", text);
    assert!(
        !checked.has_errors(),
        "{}",
        bistro_sdl::report("schema.graphql", text, &checked.diagnostics, false)
    );
    Arc::new(checked.schema)
}

fn dialect(store: &Arc<dyn Store>) -> Dialect {
    match store.capabilities().sql {
        Some("sqlite") => Dialect::Sqlite,
        Some("postgres") => Dialect::Postgres,
        Some("mysql") => Dialect::Mysql,
        other => panic!("no dialect {other:?}"),
    }
}

/// Tables of a schema, and nothing else.
fn made(place: &Place, schema: &Arc<Schema>) -> Option<(bistro_conformance::place::Home, Arc<dyn Store>)> {
    let home = place.home()?;
    let store = home.open(schema);
    let changes = everything(schema).steps.into_iter().map(|s| s.change).collect();
    wait(store.with_schema(Arc::default()).apply(Arc::clone(schema), changes, "made".into())).unwrap();
    Some((home, store))
}

/// What the database says of its tables, apart from what depends on the way that led there.
fn catalogue(store: &Arc<dyn Store>) -> String {
    let mut all = wait(store.catalogue()).unwrap();
    for table in &mut all.tables {
        table.columns.sort_by(|a, b| a.name.cmp(&b.name));
        // A required column keeps the default that filled it, for nodes that do not know it yet.
        table.columns.iter_mut().for_each(|c| c.default = None);
        table.uniques.sort_by(|a, b| a.name.cmp(&b.name));
        table.indexes.sort_by(|a, b| a.name.cmp(&b.name));
        if dialect(store) == Dialect::Sqlite {
            // SQLite tells no names, and renames leave those in its texts.
            table.references.iter_mut().for_each(|r| r.name = None);
        }
        table.references.sort_by(|a, b| (&a.columns, &a.name).cmp(&(&b.columns, &b.name)));
        table.checks.sort();
    }
    all.to_string()
}

/// Runs the script of a difference, as a migration folder would hold it.
fn run(
    store: &Arc<dyn Store>,
    old: &Schema,
    new: &Schema,
    found: &Difference,
    direction: Direction,
) -> Result<(), String> {
    let dialect = dialect(store);
    let changes: Vec<_> = found.steps.iter().map(|s| s.change.clone()).collect();
    let titles: Vec<&str> = found.steps.iter().map(|s| s.text.as_str()).collect();
    let text = ddl::script(dialect, old, new, &changes).map_err(|e| e.to_string())?.text(&titles);
    let migration = Migration {
        name: "0001_pair".into(),
        checksum: "sum".into(),
        direction,
        statements: ddl::split(dialect, &text).map_err(|e| e.to_string())?,
        schema: "made".into(),
        at: 1,
        progress: Progress::default(),
    };
    wait(store.migrate(migration)).map_err(|e| format!("{e}\n{text}"))
}

/// A pair on an engine: what its rows are at each point, and what is wrong.
fn take(
    place: &Place,
    old: &Arc<Schema>,
    new: &Arc<Schema>,
    given: Option<&str>,
) -> Option<Result<String, String>> {
    let (_fresh, like_new) = made(place, new)?;
    let (_home, store) = made(place, old)?;
    rows::fill(&store, old, given);
    Some(there_and_back(&store, &like_new, place, old, new))
}

fn there_and_back(
    store: &Arc<dyn Store>,
    like_new: &Arc<dyn Store>,
    place: &Place,
    old: &Arc<Schema>,
    new: &Arc<Schema>,
) -> Result<String, String> {
    let mut out = format!("== before\n{}", rows::all(store, old));
    let up = difference(old, new);
    assert!(up.refused.is_empty(), "{:?}", up.refused);
    run(store, old, new, &up, Direction::Up).map_err(|e| format!("up: {e}"))?;
    let after = store.with_schema(Arc::clone(new));
    same("up", &catalogue(&after), &catalogue(like_new))?;
    write!(out, "== up\n{}", rows::all(&after, new)).unwrap();
    let down = difference(new, old);
    if !down.refused.is_empty() {
        rows::one_more(&after, new);
        return Ok(out);
    }
    run(store, new, old, &down, Direction::Down).map_err(|e| format!("down: {e}"))?;
    let (_fresh, like_old) = made(place, old).ok_or("the server is gone")?;
    same("down", &catalogue(store), &catalogue(&like_old))?;
    write!(out, "== down\n{}", rows::all(store, old)).unwrap();
    rows::one_more(store, old);
    Ok(out)
}

fn same(way: &str, found: &str, wanted: &str) -> Result<(), String> {
    if found == wanted {
        return Ok(());
    }
    let lines = |a: &str, b: &str, mark: &str| -> String {
        let other: Vec<&str> = b.lines().collect();
        a.lines().filter(|l| !other.contains(l)).map(|l| format!("{mark} {l}\n")).collect()
    };
    Err(format!(
        "{way}: the catalogue is not that of a new database\n{}{}",
        lines(wanted, found, "wanted"),
        lines(found, wanted, "found ")
    ))
}

fn pairs() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrate/tests/pairs");
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    let chosen = std::env::var("BISTRO_TEST_PAIR").ok();
    all.retain(|p| {
        let named = |name: &String| p.file_stem().is_some_and(|s| s.to_string_lossy() == *name);
        p.extension().is_some_and(|e| e == "graphql") && chosen.as_ref().is_none_or(named)
    });
    all.sort();
    all
}

/// All pairs on one engine; answers what failed.
fn engine(place: &Place, update: bool) -> Vec<String> {
    let _inside = enter();
    let mut failed = Vec::new();
    for pair in pairs() {
        let text = std::fs::read_to_string(&pair).unwrap();
        let Some((old, new)) = text.split_once("# becomes\n") else { continue };
        let given = std::fs::read_to_string(pair.with_extension("rows")).ok();
        let Some(answer) = take(place, &read(old), &read(new), given.as_deref()) else { return failed };
        let expected = pair.with_extension("data");
        match answer {
            Err(error) => failed.push(format!("{} on {}: {error}", pair.display(), place.name)),
            Ok(found) if update => std::fs::write(expected, found).unwrap(),
            Ok(found) => {
                let wanted = std::fs::read_to_string(&expected).unwrap_or_default();
                if let Err(error) = same("rows", &found, &wanted) {
                    failed.push(format!("{} on {}: {error}", pair.display(), place.name));
                }
            }
        }
    }
    failed
}

/// A value without a counterpart in the new kind stops the script, and is not lost.
fn stops(place: &Place, from: &str, value: &str, to: &str) -> Option<String> {
    let schema = |kind: &str| read(&format!("type T @model {{ id: ID!  v: {kind} }}"));
    let (old, new) = (schema(from), schema(to));
    let (_home, store) = made(place, &old)?;
    let row = format!("ts {{\"id\": \"00000000-0000-4000-8000-000000000001\", \"v\": {value:?}}}");
    rows::fill(&store, &old, Some(&row));
    let before = rows::all(&store, &old);
    let error = match run(&store, &old, &new, &difference(&old, &new), Direction::Up) {
        Ok(()) => return Some(format!("{}: {value:?} of {from} became something of {to}", place.name)),
        Err(error) => error,
    };
    if store.capabilities().whole_changes && rows::all(&store, &old) != before {
        return Some(format!("{}: {value:?} of {from} was changed on the way to {to}: {error}", place.name));
    }
    None
}

#[test]
fn a_value_without_a_counterpart_stops_the_change() {
    let cases = [
        ("String", "12 apples", "Int"),
        ("String", "", "Int"),
        ("String", "3000000000", "Int"),
        ("BigInt", "3000000000", "Int"),
        ("String", "9223372036854775808", "BigInt"),
        ("String", "maybe", "Boolean"),
        ("String", "2024-02-30", "Date"),
        ("String", "today", "Date"),
        ("String", "25:00:00", "Time"),
        ("String", "yesterday", "DateTime"),
        ("String", "2024-13-01T00:00:00Z", "DateTime"),
        ("String", "abc", "UUID"),
        ("String", "00000000-0000-4000-8000-00000000000g", "UUID"),
        ("String", "1,5", "Float"),
        ("String", "1.5x", "Decimal"),
        ("String", "NaN", "Float"),
        ("String", "infinity", "DateTime"),
        ("String", "20240101", "Date"),
        ("String", "12.7", "Int"),
        ("String", "{", "JSON"),
        ("Decimal", "12345678", "Decimal @decimal(precision: 6, scale: 2)"),
        ("Float", "3e9", "Int"),
    ];
    let only = std::env::var("BISTRO_TEST_STORE").ok();
    let mut failed = Vec::new();
    let _inside = enter();
    for place in PLACES.into_iter().filter(|p| only.as_ref().is_none_or(|o| p.name.eq_ignore_ascii_case(o))) {
        failed.extend(cases.iter().filter_map(|(from, value, to)| stops(&place, from, value, to)));
    }
    assert!(failed.is_empty(), "\n{}", failed.join("\n"));
}

/// Generated pairs on an engine, with empty tables; answers what failed.
fn generated_pairs(place: &Place, count: u64) -> Vec<String> {
    let _inside = enter();
    let chosen: Option<u64> = std::env::var("BISTRO_TEST_SEED").ok().and_then(|s| s.parse().ok());
    let seeds = chosen.map_or(1..1 + count, |seed| seed..seed + 1);
    let (mut failed, mut taken) = (Vec::new(), 0);
    for seed in seeds.clone() {
        let (before, after) = generated::pair(seed);
        let (old, new) = (read(&before), read(&after));
        if !difference(&old, &new).refused.is_empty() {
            continue;
        }
        taken += 1;
        match take(place, &old, &new, Some("")) {
            Some(Err(error)) => {
                failed.push(format!(
                    "BISTRO_TEST_SEED={seed} on {}: {error}\n{before}\n# becomes\n{after}",
                    place.name
                ));
            }
            Some(Ok(_)) => {}
            None => return failed,
        }
    }
    if chosen.is_none() && taken * 3 < count {
        failed.push(format!("only {taken} of {count} generated pairs could be taken"));
    }
    failed
}

#[test]
fn generated_changes_lead_to_the_tables_of_a_new_database() {
    let full = std::env::var("BISTRO_TEST_COUNTS").as_deref() == Ok("full");
    let only = std::env::var("BISTRO_TEST_STORE").ok();
    let wanted = |p: &Place| only.as_ref().is_none_or(|o| p.name.eq_ignore_ascii_case(o));
    let failed: Vec<String> = std::thread::scope(|scope| {
        let count = |place: &Place| match (place.name, full) {
            ("SQLite", false) => 100,
            ("SQLite", true) => 2_000,
            (_, false) => 15,
            (_, true) => 60,
        };
        let places = PLACES.into_iter().filter(wanted);
        let running: Vec<_> =
            places.map(|place| scope.spawn(move || generated_pairs(&place, count(&place)))).collect();
        running.into_iter().flat_map(|t| t.join().expect("a thread ends")).collect()
    });
    assert!(failed.is_empty(), "\n{}", failed.join("\n\n"));
}

#[test]
fn tables_and_rows_go_up_and_down_alike_on_every_engine() {
    let only = std::env::var("BISTRO_TEST_STORE").ok();
    let update = std::env::var_os("UPDATE").is_some();
    let wanted = |place: &Place| match (&only, update) {
        (_, true) => place.name == "SQLite",
        (Some(only), _) => place.name.eq_ignore_ascii_case(only),
        (None, _) => true,
    };
    let places: Vec<Place> = PLACES.into_iter().filter(wanted).collect();
    assert!(!places.is_empty() && !pairs().is_empty());
    let failed: Vec<String> = std::thread::scope(|scope| {
        let running: Vec<_> = places.iter().map(|place| scope.spawn(move || engine(place, update))).collect();
        running.into_iter().flat_map(|t| t.join().expect("a thread ends")).collect()
    });
    assert!(failed.is_empty(), "\n{}", failed.join("\n\n"));
}
