//! Whatever a database holds, its draft checks without errors, says the same twice, and fits the tables it came from.

use std::sync::Arc;

use bistro_problem::Diagnostic;
use bistro_schema::{Kind, OnDelete};
use bistro_store::Catalogue;
use bistro_store::catalogue::{Column, ColumnSet, Nature, Reference, Table};
use proptest::prelude::*;

/// Names that files and people have trouble with, besides plain ones.
const NAMES: &[&str] = &[
    "id",
    "Id",
    "ID",
    "name",
    "Name",
    "order",
    "orders",
    "Order Details",
    "UnitPrice",
    "unit_price",
    "select",
    "and",
    "limit",
    "user",
    "users",
    "user_id",
    "UserId",
    "author_id",
    "author",
    "post",
    "posts",
    "Post",
    "PostFilter",
    "PostConnection",
    "Query",
    "String",
    "Date",
    "Key",
    "news",
    "new",
    "status",
    "Größe",
    "価格",
    "2fa",
    "__x",
    "bistro_x",
    "sqlite_y",
    "rpc",
    "a/b",
    "a\"b",
    "a`b",
    "",
    " ",
    "x y z",
    ".hidden",
    "id_post",
    "country",
    "countries",
    "node",
    "none",
    "type",
    "true",
    "null",
    "people",
    "averyveryveryveryveryveryveryveryveryveryveryverylongnamethatgoeson",
    "averyveryveryveryveryveryveryveryveryveryverylongname",
];
const VALUES: &[&str] = &[
    "new",
    "done",
    "in progress",
    "true",
    "",
    "it's",
    "a|b",
    "__x",
    "é",
    "NEW",
    "\"q\"",
    "back\\slash",
    "a\nb",
];
const DEFAULTS: &[&str] = &[
    "'new'::text",
    "0",
    "-1",
    "1.50",
    "now()",
    "CURRENT_TIMESTAMP",
    "nextval('s'::regclass)",
    "gen_random_uuid()",
    "true",
    "'x'",
    "'{}'",
    "NULL::character varying",
    "'2020-01-01'",
    "b'1'",
    "uuid()",
    "99999999999",
    "'it''s'",
    "((1))",
    "'\\x00'::bytea",
    "",
];
const CHECKS: &[&str] = &[
    "id > 0",
    "(name)::text = ANY (ARRAY['new'::text, 'done'::text])",
    "status IN ('new', 'in progress')",
    "unit_price >= 0",
    "unit_price >= 5 and unit_price <= 1",
    "length(name) <= 5",
    "length(name) > 7",
    "name <> status",
    "\"UnitPrice\" between 1 and 2.5",
    "user_id > 99999999999",
    "name in ()",
    "id < 1e5",
    "status in ('__x')",
    "line\nbreak",
];

fn word(of: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(of).prop_map(str::to_owned)
}

fn names(most: usize) -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(word(NAMES), 0..=most)
}

fn kind() -> impl Strategy<Value = Kind> {
    prop::sample::select(vec![
        Kind::Int,
        Kind::BigInt,
        Kind::Float,
        Kind::String,
        Kind::Boolean,
        Kind::Date,
        Kind::Time,
        Kind::DateTime,
        Kind::Json,
        Kind::Bytes,
        Kind::Uuid,
        Kind::Decimal { precision: 10, scale: 2, bare: false },
        Kind::Decimal { precision: 38, scale: 9, bare: true },
    ])
}

fn nature() -> impl Strategy<Value = Option<Nature>> {
    prop_oneof![
        8 => kind().prop_map(|k| Some(Nature::Kind(k))),
        1 => Just(None),
        2 => (prop::option::of(word(NAMES)), prop::collection::vec(word(VALUES), 0..4))
            .prop_map(|(name, values)| Some(Nature::Enum { name, values })),
    ]
}

fn column() -> impl Strategy<Value = Column> {
    let flags =
        (prop::bool::weighted(0.1), any::<bool>(), prop::bool::weighted(0.1), prop::bool::weighted(0.1));
    let words =
        (prop::option::of(word(DEFAULTS)), prop::option::of("(?s).{0,20}"), prop::option::of(0u32..30));
    (word(NAMES), nature(), flags, words).prop_map(
        |(name, nature, (list, nullable, counted, generated), (default, comment, length))| {
            let declared = "some type".to_owned();
            Column { name, declared, nature, list, length, nullable, default, counted, generated, comment }
        },
    )
}

fn set() -> impl Strategy<Value = ColumnSet> {
    (word(NAMES), names(3)).prop_map(|(name, columns)| ColumnSet { name, columns })
}

fn reference() -> impl Strategy<Value = Reference> {
    let action = prop::sample::select(vec![
        OnDelete::NoAction,
        OnDelete::Cascade,
        OnDelete::SetNull,
        OnDelete::Restrict,
    ]);
    (names(2), word(NAMES), names(2), action).prop_map(|(columns, table, to, on_delete)| Reference {
        name: None,
        columns,
        table,
        to,
        on_delete,
    })
}

fn table() -> impl Strategy<Value = Table> {
    let parts = (
        prop::collection::vec(column(), 0..7),
        names(2),
        prop::collection::vec(set(), 0..3),
        prop::collection::vec(set(), 0..3),
        prop::collection::vec(reference(), 0..4),
        prop::collection::vec((word(NAMES), word(CHECKS)), 0..3),
    );
    (word(NAMES), prop::bool::weighted(0.1), prop::option::of("(?s).{0,30}"), parts).prop_map(
        |(name, view, comment, (mut columns, key, uniques, indexes, references, checks))| {
            // A database tells its own names apart.
            let mut seen = std::collections::BTreeSet::new();
            columns.retain(|c| seen.insert(c.name.clone()));
            let mut table = Table { name, view, comment, columns, key, uniques, indexes, references, checks };
            sound(&mut table);
            table
        },
    )
}

/// What no database would say is mended: sets of columns that are not there, or of one column twice.
fn sound(table: &mut Table) {
    let known: Vec<String> = table.columns.iter().map(|c| c.name.clone()).collect();
    let mend = |set: &mut Vec<String>| {
        let mut seen = std::collections::BTreeSet::new();
        set.retain(|c| known.contains(c) && seen.insert(c.clone()));
    };
    mend(&mut table.key);
    table.uniques.iter_mut().chain(&mut table.indexes).for_each(|s| mend(&mut s.columns));
    table.uniques.retain(|s| !s.columns.is_empty());
    table.indexes.retain(|s| !s.columns.is_empty());
}

/// The columns of a table, with what their values are.
type Natures = Vec<(String, Option<Nature>)>;

/// References mostly lead from columns that are there to keys that are there.
fn catalogue() -> impl Strategy<Value = Catalogue> {
    (prop::collection::vec(table(), 0..7), any::<u64>()).prop_map(|(mut tables, seed)| {
        let mut seen = std::collections::BTreeSet::new();
        tables.retain(|t| seen.insert(t.name.clone()));
        let keys: Vec<(String, Vec<String>)> =
            tables.iter().map(|t| (t.name.clone(), t.key.clone())).collect();
        let mut random = seed;
        let mut pick = |n: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) as usize % n.max(1)
        };
        for table in &mut tables {
            let columns: Vec<String> = table.columns.iter().map(|c| c.name.clone()).collect();
            for reference in &mut table.references {
                let (name, key) = &keys[pick(keys.len())];
                if key.is_empty() || key.len() > columns.len() || pick(8) == 0 {
                    continue;
                }
                reference.table.clone_from(name);
                reference.to.clone_from(key);
                let first = pick(columns.len());
                reference.columns =
                    (0..key.len()).map(|n| columns[(first + n) % columns.len()].clone()).collect();
            }
        }
        // Columns that refer are mostly of the kind that they refer to.
        let natures: Vec<(String, Natures)> = tables
            .iter()
            .map(|t| (t.name.clone(), t.columns.iter().map(|c| (c.name.clone(), c.nature.clone())).collect()))
            .collect();
        for table in &mut tables {
            for reference in table.references.clone() {
                for (mine, there) in reference.columns.iter().zip(&reference.to) {
                    let nature = natures
                        .iter()
                        .find(|(n, _)| *n == reference.table)
                        .and_then(|(_, all)| all.iter().find(|(n, _)| n == there));
                    if let (Some((_, nature)), Some(column)) =
                        (nature, table.columns.iter_mut().find(|c| c.name == *mine))
                        && pick(6) > 0
                    {
                        column.nature.clone_from(nature);
                    }
                }
            }
        }
        Catalogue { tables }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_draft_checks_and_fits(catalogue in catalogue()) {
        let text = bistro_draft::draft(&catalogue, "PostgreSQL");
        let checked = bistro_sdl::read("schema.graphql", &text);
        let (rules, more) = bistro_policy::Rules::compile(Arc::new(checked.schema));
        let errors: Vec<Diagnostic> = checked.diagnostics.into_iter().chain(more).filter(Diagnostic::is_error).collect();
        prop_assert!(errors.is_empty(), "{}\n{text}\n{catalogue}", bistro_sdl::report("schema.graphql", &text, &errors, false));
        let fits = bistro_draft::fit(rules.schema(), &catalogue);
        prop_assert!(fits.is_ok(), "{:?}\n{text}\n{catalogue}", fits.err());
        let mut turned = catalogue.clone();
        turned.tables.reverse();
        prop_assert_eq!(bistro_draft::draft(&turned, "PostgreSQL"), text);
    }
}
