//! PostgreSQL's text of each construct. Every text here has been prepared by a server, on tables of this schema.

use bistro_ir::JsonStep;

use super::*;
use crate::encode::Width;

const THINGS: &str = r#"
enum State { OPEN CLOSED }
type Owner @model { id: ID!  name: String!  things: [Thing!]! @inverse(of: "owner") }
type Label @model { id: ID!  name: String!  things: [Thing!]! @inverse(of: "labels") }
type Thing @model {
  id: Int! @id
  name: String! @search
  body: String @search
  n: Int
  big: BigInt
  real: Float
  price: Decimal @decimal(precision: 10, scale: 2)
  long: Decimal
  flag: Boolean
  day: Date
  clock: Time
  at: DateTime
  doc: JSON
  code: UUID
  raw: Bytes
  state: State
  words: [String!]
  ints: [Int!]
  owner: Owner @relation(onDelete: CASCADE)
  labels: [Label!]!
}
"#;

const POSTGRES: Dialect = Dialect::Postgres;
const NUMBERS: Width = Width { numbers: true, ..Width::NARROW };
const PATTERNS: Width = Width { patterns: true, ..Width::NARROW };

fn things() -> Words {
    let checked = bistro_sdl::read("schema.graphql", THINGS);
    assert!(!checked.has_errors(), "{:?}", checked.diagnostics);
    Words(checked.schema)
}

fn call(function: Function, args: impl Into<Vec<Operand>>) -> Operand {
    Operand::Call(function, args.into())
}

fn compare(how: Compare, a: Operand, b: Operand) -> Expr {
    Expr::Compare(how, a, b)
}

/// Lowers each condition and compares what stands after `WHERE`.
fn check(cases: Vec<(Expr, Width, &str)>) {
    let w = things();
    for (filter, width, expected) in cases {
        let query = select_wide(&w.0, POSTGRES, &w.select("Thing", &["id"], filter), width).unwrap();
        let found = query.sql.text.strip_prefix(r#"SELECT t0."id" FROM "things" AS t0 WHERE "#).unwrap();
        assert_eq!(found, expected);
    }
}

#[test]
fn values_are_compared_in_the_servers_own_types() {
    let w = things();
    let own = |name: &str| w.own("Thing", name);
    let is = |name: &str| eq(own(name), param(0));
    let narrow = [
        ("id", r#"(t0."id" = $1::int8)"#),
        ("name", r#"(t0."name" = $1::text)"#),
        ("real", r#"(t0."real" = $1::float8)"#),
        ("price", r#"(t0."price" = $1::numeric)"#),
        ("long", r#"(t0."long" = $1::numeric)"#),
        ("flag", r#"(t0."flag" = $1::boolean)"#),
        ("day", r#"(t0."day" = $1::date)"#),
        ("clock", r#"(t0."clock" = $1::time)"#),
        ("at", r#"(t0."at" = $1::timestamptz)"#),
        ("doc", r#"(t0."doc" = $1::jsonb)"#),
        ("code", r#"(t0."code" = $1::uuid)"#),
        ("raw", r#"(t0."raw" = $1::bytea)"#),
        ("state", r#"(t0."state" = $1)"#),
        ("words", r#"(t0."words" = $1::text[])"#),
        ("ints", r#"(t0."ints" = $1::int4[])"#),
    ];
    check(narrow.map(|(name, text)| (is(name), Width::NARROW, text)).into());
    let contains = |name: &str| Expr::Contains(own(name), param(0));
    check(vec![
        (is("id"), NUMBERS, r#"(t0."id" = $1::numeric)"#),
        (is("ints"), NUMBERS, r#"(t0."ints"::numeric[] = $1::numeric[]::numeric[])"#),
        (Expr::In(own("n"), param(0)), Width::NARROW, r#"(t0."n" = ANY ($1::int8[]))"#),
        (Expr::In(own("n"), param(0)), NUMBERS, r#"(t0."n" = ANY ($1::numeric[]))"#),
        (Expr::In(own("code"), param(0)), Width::NARROW, r#"(t0."code" = ANY ($1::uuid[]))"#),
        (Expr::In(own("state"), param(0)), Width::NARROW, r#"(t0."state" = ANY ($1))"#),
        (Expr::In(param(0), own("words")), Width::NARROW, r#"($1::text = ANY (t0."words"))"#),
        (Expr::In(param(0), param(1)), Width::NARROW, "($1::jsonb = ANY ($2::jsonb[]))"),
        (contains("words"), Width::NARROW, r#"(t0."words" @> $1::text[])"#),
        (contains("ints"), NUMBERS, r#"(t0."ints"::numeric[] @> $1::numeric[]::numeric[])"#),
        (contains("doc"), Width::NARROW, r#"(t0."doc" @> $1::jsonb)"#),
        (Expr::Overlaps(own("ints"), param(0)), Width::NARROW, r#"(t0."ints" && $1::int4[])"#),
        (Expr::Distinct(own("name"), param(0)), Width::NARROW, r#"(t0."name" IS DISTINCT FROM $1::text)"#),
        (eq(param(0), param(1)), Width::NARROW, "($1::jsonb = $2::jsonb)"),
        (Expr::IsNull(param(0)), Width::NARROW, "($1::jsonb IS NULL)"),
        (
            compare(Compare::Gt, own("at"), own("day")),
            Width::NARROW,
            r#"(t0."at" > (t0."day"::timestamp AT TIME ZONE 'UTC'))"#,
        ),
        (compare(Compare::Gt, own("long"), own("real")), Width::NARROW, r#"(t0."long"::float8 > t0."real")"#),
        (compare(Compare::Gt, own("price"), own("n")), Width::NARROW, r#"(t0."price" > t0."n")"#),
    ]);
}

#[test]
fn texts_are_bytewise_and_patterns_keep_their_bounds() {
    let w = things();
    let own = |name: &str| w.own("Thing", name);
    let like = |name, fold| Expr::Like { operand: own(name), pattern: param(0), fold };
    let matches = |name, fold| Expr::Match { operand: own(name), pattern: param(0), fold };
    let text = |name| eq(call(Function::Text, [own(name)]), param(0));
    let cases = [
        (
            like("name", false),
            r#"(t0."name" COLLATE "C" >= $2::text AND t0."name" COLLATE "C" < $3::text AND t0."name" LIKE $1::text)"#,
        ),
        (like("name", true), r#"(t0."name" COLLATE "und-x-icu" ILIKE $1::text)"#),
        (matches("name", false), r#"(t0."name" COLLATE "und-x-icu" ~ $1::text)"#),
        (matches("code", true), r#"((t0."code"::text COLLATE "C") COLLATE "und-x-icu" ~* $1::text)"#),
        (
            eq(call(Function::Lower, [own("name")]), param(0)),
            r#"((lower(t0."name" COLLATE "und-x-icu") COLLATE "C") = $1::text)"#,
        ),
        (
            eq(call(Function::Concat, [own("name"), own("n"), param(1)]), param(0)),
            r#"((t0."name" || (t0."n"::text COLLATE "C") || $1::text) = $2::text)"#,
        ),
        (text("day"), r#"((to_char(t0."day", 'YYYY-MM-DD') COLLATE "C") = $1::text)"#),
        (
            text("at"),
            r#"(((rtrim(rtrim(to_char(t0."at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '0'), '.') || '+00:00') COLLATE "C") = $1::text)"#,
        ),
        (text("words"), r#"((array_to_json(t0."words")::text COLLATE "C") = $1::text)"#),
        (
            Expr::Search { field: None, mode: SearchMode::Plain, query: param(0) },
            r#"(bistro_words(coalesce(t0."name", '') || ' bistro0between ' || coalesce(t0."body", '')) @@ $1::text::tsquery)"#,
        ),
        (
            Expr::Search { field: Some(w.field("Thing", "body")), mode: SearchMode::Web, query: param(0) },
            r#"(bistro_words(coalesce(t0."body", '')) @@ $1::text::tsquery)"#,
        ),
    ];
    check(cases.into_iter().map(|(filter, text)| (filter, Width::NARROW, text)).collect());
    check(vec![(like("name", false), PATTERNS, r#"(t0."name" LIKE $1::text)"#)]);
}

#[test]
fn calculations_are_exact_and_paths_native() {
    let w = things();
    let own = |name: &str| w.own("Thing", name);
    let above = |function, a, b| compare(Compare::Gt, call(function, [a, b]), param(0));
    let json =
        |path: &[JsonStep], text| Operand::Json { base: Box::new(own("doc")), path: path.to_vec(), text };
    let key = |k: &str| JsonStep::Key(k.into());
    let cases = [
        (above(Function::Add, own("n"), param(1)), r#"((t0."n"::int8 + $1::int8::int8) > $2::int8)"#),
        (
            above(Function::Divide, own("n"), own("big")),
            r#"((t0."n"::int8 / nullif(t0."big"::int8, 0)) > $1::int8)"#,
        ),
        (above(Function::Multiply, own("price"), own("n")), r#"((t0."price" * t0."n") > $1::numeric)"#),
        (
            above(Function::Divide, own("price"), own("price")),
            r#"(round(round(t0."price"::numeric, 60) / nullif(t0."price", 0), 16) > $1::numeric)"#,
        ),
        (
            above(Function::Divide, own("real"), param(1)),
            r#"((t0."real" / nullif($1::float8, 0)) > $2::float8)"#,
        ),
        (
            above(Function::Add, param(1), param(2)),
            r#"((($1::jsonb #>> '{}')::numeric + ($2::jsonb #>> '{}')::numeric) > $3::numeric)"#,
        ),
        (
            compare(Compare::Gt, own("at"), call(Function::AddMicros, [param(0), param(1)])),
            r#"(t0."at" > ($1::timestamptz + ($2::int8::int8 / 1000000) * interval '1 second' + ($2::int8::int8 % 1000000) * interval '1 microsecond'))"#,
        ),
        (
            eq(json(&[key("a"), JsonStep::Index(-1), key("it's")], true), param(0)),
            r#"(((CASE jsonb_typeof((t0."doc" -> 'a')) WHEN 'array' THEN (t0."doc" -> 'a') -> -1 END ->> 'it''s') COLLATE "C") = $1::text)"#,
        ),
        (compare(Compare::Gt, json(&[key("a")], false), param(0)), r#"((t0."doc" -> 'a') > $1::jsonb)"#),
        (
            compare(Compare::Gt, call(Function::Size, [own("words")]), param(0)),
            r#"(cardinality(t0."words") > $1::int8)"#,
        ),
    ];
    check(cases.into_iter().map(|(filter, text)| (filter, Width::NARROW, text)).collect());
}

#[test]
fn aggregates_have_a_function_for_every_type() {
    let w = things();
    let scalar = |name: &str| w.0.ty(w.ty("Thing")).field(w.field("Thing", name)).scalar;
    let cases = [
        (Aggregate::Sum, "n", r#"sum(t0."n")::int8"#, Form::Int),
        (Aggregate::Sum, "big", r#"sum(t0."big"::int8)"#, Form::Decimal),
        (Aggregate::Sum, "real", r#"sum(t0."real")"#, Form::Real),
        (Aggregate::Avg, "n", r#"avg(t0."n")"#, Form::Decimal),
        (Aggregate::Max, "price", r#"max(t0."price")"#, Form::Scaled(2)),
        (Aggregate::Min, "flag", r#"bool_and(t0."flag")"#, Form::Bool),
        (Aggregate::Min, "code", r#"min(t0."code"::text COLLATE "C")::uuid"#, Form::Uuid),
        (Aggregate::Max, "raw", r#"decode(max(encode(t0."raw", 'hex') COLLATE "C"), 'hex')"#, Form::Bytes),
        (
            Aggregate::Max,
            "doc",
            r#"(array_agg(t0."doc" ORDER BY t0."doc" DESC) FILTER (WHERE t0."doc" IS NOT NULL))[1]"#,
            Form::Json,
        ),
    ];
    for (function, name, expected, form) in cases {
        let mut select = w.select("Thing", &["doc"], Expr::TRUE);
        select
            .outputs
            .push(Output::Aggregate { function, operand: Some((w.own("Thing", name), scalar(name))) });
        select.order = vec![Order { operand: w.own("Thing", "doc"), descending: true, nulls_first: false }];
        (select.total, select.lock) = (true, true);
        let query = super::super::select(&w.0, POSTGRES, &select).unwrap();
        let groups = format!(r#"SELECT t0."doc", {expected} FROM "things" AS t0 GROUP BY 1"#);
        assert_eq!(query.sql.text, format!(r#"{groups} ORDER BY t0."doc" DESC NULLS LAST"#));
        assert_eq!(query.total.unwrap().text, format!("SELECT count(*) FROM ({groups}) AS x"));
        assert_eq!(query.steps[1], Step::Value { index: 1, column: 1, form });
    }
}

fn nested(w: &Words, ty: &str, relation: &str, select: Select) -> Output {
    let relation = w.relation(ty, relation);
    let form = NestedForm::Many;
    Output::Nested(Box::new(Nested { relation, select, when: Expr::TRUE, link: Expr::TRUE, form }))
}

fn batch(keys: Vec<(usize, Form)>, one: bool) -> Option<Batch> {
    Some(Batch { keys, one, empty: None })
}

#[test]
fn a_level_of_related_rows_is_one_statement() {
    let w = things();
    let mut things = w.select("Thing", &["name"], Expr::TRUE);
    things.order = vec![Order { operand: w.own("Thing", "at"), descending: true, nulls_first: true }];
    (things.limit, things.offset) = (Some(Bound::Fixed(3)), Some(Bound::Param(ParamId(2))));
    let mut labels = w.select("Label", &["name"], eq(w.own("Label", "name"), param(1)));
    labels.outputs.push(nested(&w, "Label", "things", things));
    let mut select = w.select("Thing", &["name"], eq(w.own("Thing", "n"), param(0)));
    select.outputs.push(nested(&w, "Thing", "owner", w.select("Owner", &["name"], Expr::TRUE)));
    select.outputs.push(nested(&w, "Thing", "labels", labels));
    (select.limit, select.lock) = (Some(Bound::Param(ParamId(3))), true);
    let query = super::super::select(&w.0, POSTGRES, &select).unwrap();
    assert_eq!(
        query.sql.text,
        r#"SELECT t0."name", t0."owner_id", t0."id" FROM "things" AS t0 WHERE (t0."n" = $1::int8) LIMIT $2::int8 FOR UPDATE OF t0"#
    );
    let (owner, labels) = (&query.nested[0], &query.nested[1]);
    assert_eq!(
        owner.sql.text,
        r#"SELECT p.i, x.* FROM unnest($1::uuid[]) WITH ORDINALITY AS p(k0, i) CROSS JOIN LATERAL (SELECT t1."name" FROM "owners" AS t1 WHERE t1."id" = p.k0 LIMIT 1) AS x"#
    );
    assert_eq!(
        (&owner.batch, &owner.sql.slots[0]),
        (&batch(vec![(1, Form::Uuid)], true), &Slot::Keys(0, Form::Uuid))
    );
    assert_eq!(owner.steps, [Step::Value { index: 0, column: 1, form: Form::Text }]);
    assert_eq!(
        labels.sql.text,
        r#"SELECT p.i, x.* FROM unnest($2::int8[]) WITH ORDINALITY AS p(k0, i) CROSS JOIN LATERAL (SELECT t2."name", t2."id" FROM "things_labels" AS t3 JOIN "labels" AS t2 ON t2."id" = t3."label_id" WHERE t3."thing_id" = p.k0 AND (t2."name" = $1::text)) AS x"#
    );
    assert_eq!(labels.batch, batch(vec![(2, Form::Int)], false));
    let things = &labels.nested[0];
    assert_eq!(
        things.sql.text,
        r#"SELECT p.i, x.* FROM unnest($2::uuid[]) WITH ORDINALITY AS p(k0, i) CROSS JOIN LATERAL (SELECT t4."name" FROM "things_labels" AS t5 JOIN "things" AS t4 ON t4."id" = t5."thing_id" WHERE t5."label_id" = p.k0 ORDER BY t4."at" DESC LIMIT 3 OFFSET $1::int8) AS x"#
    );
    assert_eq!(things.batch, batch(vec![(2, Form::Uuid)], false));
}

#[test]
fn conditions_on_related_rows_become_joins_while_they_are_few() {
    let w = things();
    let owner = Expr::some(w.relation("Thing", "owner"), Expr::TRUE);
    let filter = Expr::And(vec![owner; 20]);
    let query = select_wide(&w.0, POSTGRES, &w.select("Thing", &["id"], filter), Width::NARROW).unwrap();
    let (found, apart) =
        (query.sql.text.matches("EXISTS (").count(), query.sql.text.matches(" OFFSET 0)").count());
    assert_eq!((found, apart), (20, 4));
}

#[test]
fn writes_leave_the_types_to_the_columns_and_answer_what_was_counted() {
    let w = things();
    let (thing, field) = (w.ty("Thing"), |name: &str| w.field("Thing", name));
    let values = |names: &[&str]| -> Vec<(FieldId, ParamId)> {
        names.iter().enumerate().map(|(n, name)| (field(name), ParamId(n as u16))).collect()
    };
    let sequence = r#"pg_get_serial_sequence('"things"', 'id')"#;
    let counted = format!(
        "CASE WHEN $1::int8 IS NULL THEN nextval({sequence}) WHEN $1::int8 > coalesce(pg_sequence_last_value({sequence}), 0) THEN (SELECT $1::int8 FROM (SELECT setval({sequence}, greatest($1::int8, pg_sequence_last_value({sequence}))) FROM (SELECT pg_advisory_xact_lock(1801812339, hashtext({sequence}))) AS l) AS s) ELSE $1::int8 END"
    );
    let cases = [
        (
            &["name", "state"][..],
            r#"INSERT INTO "things" ("name", "state") VALUES ($1, $2) RETURNING "id""#.to_owned(),
        ),
        (
            &["id", "name"],
            format!(r#"INSERT INTO "things" ("id", "name") VALUES ({counted}, $2) RETURNING "id""#),
        ),
        (&[], r#"INSERT INTO "things" DEFAULT VALUES RETURNING "id""#.to_owned()),
    ];
    for (names, expected) in cases {
        let insert = Insert { ty: thing, values: values(names), guarded: false };
        let write = super::super::insert(&w.0, POSTGRES, &insert).unwrap();
        assert_eq!((write.sql.text, write.returning), (expected, vec![0]));
    }
    let update = Update { ty: thing, set: values(&["name", "price"]), key: vec![ParamId(2)] };
    let update = super::super::update(&w.0, POSTGRES, &update).unwrap();
    assert_eq!(update.sql.text, r#"UPDATE "things" SET "name" = $1, "price" = $2 WHERE "id" = $3::int8"#);
    let owner = Insert {
        ty: w.ty("Owner"),
        values: vec![(w.field("Owner", "id"), ParamId(0)), (w.field("Owner", "name"), ParamId(1))],
        guarded: false,
    };
    let owner = super::super::insert(&w.0, POSTGRES, &owner).unwrap();
    assert_eq!(owner.sql.text, r#"INSERT INTO "owners" ("id", "name") VALUES ($1, $2)"#);
    assert_eq!(
        recount(&w.0, POSTGRES, thing).unwrap(),
        format!(
            r#"SELECT setval({sequence}, m.top) FROM (SELECT max("id") AS top FROM "things") AS m WHERE m.top > coalesce(pg_sequence_last_value({sequence}), 0)"#
        )
    );
    let new = NewRow(values(&["price"]));
    let price = eq(Operand::Field(Root::New, field("price")), param(1));
    let unset = Expr::IsNull(Operand::Field(Root::New, field("at")));
    let judge = Judge { ty: thing, new, conditions: vec![price, unset, Expr::Const(None)] };
    let judge = super::super::judge(&w.0, POSTGRES, &judge).unwrap();
    assert_eq!(
        judge.sql.text,
        "SELECT ($1::numeric = $2::numeric), (NULL::timestamptz IS NULL), NULL::boolean"
    );
}
