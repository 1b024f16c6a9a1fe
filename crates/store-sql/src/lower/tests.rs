//! The text of each construct, on a small schema: stable, quoted, bound.

use bistro_ir::{Aggregate, Bound, Compare, Expr, Function, Operand, Order, ParamId, Root, SearchMode};
use bistro_schema::{FieldId, RelationId, Schema, TypeId};
use bistro_store::{Cost, Delete, Insert, Judge, Nested, NestedForm, NewRow, Output, Select, Update};

use super::*;
use crate::ddl;

mod postgres;

const SCHEMA: &str = r#"
type User @model { id: ID!  name: String!  posts: [Post!]! @inverse(of: "author") }
type Post @model @index(fields: ["status", "at"]) {
  id: Int! @id
  title: String! @search @unique
  status: String
  at: DateTime!
  price: Decimal @decimal(precision: 8, scale: 2)
  words: [String!]
  author: User @relation(onDelete: CASCADE)
  tags: [Tag!]!
}
type Tag @model { id: ID!  name: String!  posts: [Post!]! @inverse(of: "tags") }
"#;

const SQLITE: Dialect = Dialect::Sqlite;

fn schema() -> Schema {
    let checked = bistro_sdl::read("schema.graphql", SCHEMA);
    assert!(!checked.has_errors(), "{:?}", checked.diagnostics);
    checked.schema
}

struct Words(Schema);

impl Words {
    fn ty(&self, name: &str) -> TypeId {
        self.0.by_name(name).unwrap()
    }

    fn field(&self, ty: &str, name: &str) -> FieldId {
        self.0.ty(self.ty(ty)).field_named(name).unwrap()
    }

    fn relation(&self, ty: &str, name: &str) -> RelationId {
        self.0.ty(self.ty(ty)).relation_named(name).unwrap()
    }

    fn own(&self, ty: &str, name: &str) -> Operand {
        Operand::Field(Root::Scope(0), self.field(ty, name))
    }

    fn select(&self, ty: &str, fields: &[&str], filter: Expr) -> Select {
        let scalar = |f: &str| self.0.ty(self.ty(ty)).field(self.field(ty, f)).scalar;
        Select {
            ty: self.ty(ty),
            outputs: fields.iter().map(|f| Output::Value(self.own(ty, f), scalar(f))).collect(),
            filter,
            order: Vec::new(),
            limit: None,
            offset: None,
            total: false,
            new: NewRow::default(),
            lock: false,
            cost: Cost::Bounded,
        }
    }
}

fn param(id: u16) -> Operand {
    Operand::Param(ParamId(id))
}

fn eq(a: Operand, b: Operand) -> Expr {
    Expr::Compare(Compare::Eq, a, b)
}

#[test]
fn conditions_have_one_text_each() {
    let w = Words(schema());
    let own = |name| w.own("Post", name);
    let some = |ty: &str, via: &[(&str, &str)], root, filter| Expr::Some {
        root,
        via: via.iter().map(|(t, r)| w.relation(t, r)).collect(),
        filter: Box::new(eq(w.own(ty, "name"), filter)),
    };
    let author = Operand::Via {
        root: Root::Scope(0),
        via: vec![w.relation("Post", "author")],
        operand: Box::new(w.own("User", "name")),
    };
    let cases = [
        (eq(own("author"), param(0)), r#"t0."author_id" = ?1"#),
        (
            Expr::all([eq(own("id"), param(0)), eq(own("status"), param(1))]),
            r#"(t0."id" = ?1) AND (t0."status" = ?2)"#,
        ),
        (Expr::Distinct(own("status"), param(0)), r#"t0."status" IS NOT ?1"#),
        (Expr::In(own("id"), param(0)), r#"t0."id" IN (SELECT value FROM json_each(?1))"#),
        (Expr::In(own("author"), param(0)), r#"t0."author_id" IN (SELECT unhex(value) FROM json_each(?1))"#),
        (Expr::In(param(0), own("words")), r#"bistro_has(t0."words", ?1, 't')"#),
        (Expr::In(param(0), param(1)), "?1 IN (SELECT value FROM json_each(?2))"),
        (
            Expr::Like { operand: own("title"), pattern: param(0), fold: false },
            r#"t0."title" >= ?2 AND t0."title" < ?3 AND bistro_like(t0."title", ?1)"#,
        ),
        (Expr::Is(Box::new(Expr::Truth(param(0))), Some(false)), "?1 IS FALSE"),
        (
            Expr::Search { field: None, mode: SearchMode::Plain, query: param(0) },
            r#"t0."id" IN (SELECT rowid FROM "bistro_fts_posts" WHERE "bistro_fts_posts" MATCH ?1)"#,
        ),
        (
            some("User", &[("Post", "author")], Root::Scope(0), param(0)),
            r#"EXISTS (SELECT 1 FROM "users" AS t1 WHERE t1."id" = t0."author_id" AND (t1."name" = ?1))"#,
        ),
        (
            some("Tag", &[("Post", "tags")], Root::Scope(0), param(0)),
            r#"EXISTS (SELECT 1 FROM "posts_tags" AS t1 JOIN "tags" AS t2 ON t2."id" = t1."tag_id" WHERE t1."post_id" = t0."id" AND (t2."name" = ?1))"#,
        ),
        (
            eq(author, param(0)),
            r#"(SELECT t1."name" FROM "users" AS t1 WHERE t1."id" = t0."author_id" LIMIT 1) = ?1"#,
        ),
        (
            Expr::Compare(Compare::Lt, Operand::Call(Function::Add, vec![own("price"), param(0)]), param(1)),
            r#"bistro_key(bistro_decimal('+', bistro_loose(t0."price", 2), bistro_loose(?1, 2))) < bistro_key(?2)"#,
        ),
    ];
    for (filter, expected) in cases {
        let query = super::select(&w.0, SQLITE, &w.select("Post", &["id"], filter)).unwrap();
        let found = query.sql.text.strip_prefix(r#"SELECT t0."id" FROM "posts" AS t0 WHERE "#).unwrap();
        let bare = found.strip_prefix('(').and_then(|f| f.strip_suffix(')')).unwrap_or(found);
        assert!(found == expected || bare == expected, "{found}\n{expected}");
    }
}

#[test]
fn selects_carry_what_hangs_on_them() {
    let w = Words(schema());
    let mut select = w.select("Post", &["title"], eq(w.own("Post", "status"), param(3)));
    let nested = |ty: &str, relation: &str, form| {
        let select = w.select(ty, &["name"], Expr::TRUE);
        let relation = w.relation("Post", relation);
        Output::Nested(Box::new(Nested { relation, select, when: Expr::TRUE, link: Expr::TRUE, form }))
    };
    select.outputs.push(nested("User", "author", NestedForm::One));
    select.outputs.push(nested("Tag", "tags", NestedForm::Many));
    let order =
        |name, descending, nulls_first| Order { operand: w.own("Post", name), descending, nulls_first };
    select.order = vec![order("at", true, true), order("status", false, false)];
    (select.limit, select.offset) = (Some(Bound::Fixed(20)), Some(Bound::Param(ParamId(1))));
    select.total = true;
    let query = super::select(&w.0, SQLITE, &select).unwrap();
    assert_eq!(
        query.sql.text,
        r#"SELECT t0."title", t0."author_id", t0."id" FROM "posts" AS t0 WHERE (t0."status" = ?1) ORDER BY t0."at" DESC, t0."status" NULLS LAST LIMIT 20 OFFSET ?2"#
    );
    assert_eq!(query.sql.slots[1], Slot::Bind(ParamId(1), Encode::Offset));
    let texts: Vec<&str> = query.nested.iter().map(|n| n.sql.text.as_str()).collect();
    let expected = [
        r#"SELECT t1."name" FROM "users" AS t1 WHERE t1."id" = ?1 LIMIT 1"#,
        r#"SELECT t2."name" FROM "posts_tags" AS t3 JOIN "tags" AS t2 ON t2."id" = t3."tag_id" WHERE t3."post_id" = ?1"#,
    ];
    assert_eq!(texts, expected);
    assert_eq!(query.nested[0].sql.slots, [Slot::Parent(1)]);
    assert_eq!(query.nested[1].sql.slots, [Slot::Parent(2)]);
    let total = query.total.unwrap();
    assert_eq!(total.text, r#"SELECT count(*) FROM "posts" AS t0 WHERE (t0."status" = ?1)"#);
}

#[test]
fn aggregates_group_by_plain_values_and_to_one_embeds() {
    let w = Words(schema());
    let mut select = w.select("Post", &["status"], Expr::TRUE);
    let price = (w.own("Post", "price"), w.0.ty(w.ty("Post")).field(w.field("Post", "price")).scalar);
    select.outputs.push(Output::Aggregate { function: Aggregate::Sum, operand: Some(price) });
    let author = w.select("User", &["name"], Expr::TRUE);
    let relation = w.relation("Post", "author");
    let mut nested = Box::new(Nested {
        relation,
        select: author,
        when: Expr::TRUE,
        link: Expr::TRUE,
        form: NestedForm::One,
    });
    select.outputs.push(Output::Nested(nested.clone()));
    select.total = true;
    let query = super::select(&w.0, SQLITE, &select).unwrap();
    let groups = r#"SELECT t0."status", bistro_sum(bistro_loose(t0."price", 2)), t0."author_id" FROM "posts" AS t0 GROUP BY 1, 3"#;
    assert_eq!(query.sql.text, groups);
    assert_eq!(query.total.unwrap().text, format!("SELECT count(*) FROM ({groups})"));
    nested.when = eq(w.own("Post", "status"), param(0));
    select.outputs[2] = Output::Nested(nested);
    let query = super::select(&w.0, SQLITE, &select).unwrap();
    assert_eq!(
        query.sql.text,
        r#"SELECT t0."status", bistro_sum(bistro_loose(t0."price", 2)), CASE WHEN (t0."status" = ?1) THEN t0."author_id" END FROM "posts" AS t0 GROUP BY 1, 3"#
    );
}

#[test]
fn embeds_hold_the_conditions_of_their_way() {
    let w = Words(schema());
    let mut select = w.select("Post", &["title"], Expr::TRUE);
    let tags = w.0.ty(w.ty("Post")).relation(w.relation("Post", "tags"));
    let bistro_schema::RelationKind::ManyToMany(through) = &tags.kind else { unreachable!() };
    let key = w.0.ty(through.join).relation(through.far).pairs[0].0;
    select.outputs.push(Output::Nested(Box::new(Nested {
        relation: w.relation("Post", "tags"),
        select: w.select("Tag", &["name"], Expr::TRUE),
        when: eq(w.own("Post", "status"), param(0)),
        link: eq(Operand::Field(Root::Scope(0), key), param(1)),
        form: NestedForm::Many,
    })));
    let query = super::select(&w.0, SQLITE, &select).unwrap();
    assert_eq!(
        query.sql.text,
        r#"SELECT t0."title", CASE WHEN (t0."status" = ?1) THEN t0."id" END FROM "posts" AS t0"#
    );
    assert_eq!(
        query.nested[0].sql.text,
        r#"SELECT t1."name" FROM "posts_tags" AS t2 JOIN "tags" AS t1 ON t1."id" = t2."tag_id" WHERE t2."post_id" = ?1 AND (t2."tag_id" = ?2)"#
    );
}

#[test]
fn writes_and_judgements_bind_everything() {
    let w = Words(schema());
    let (post, user) = (w.ty("Post"), w.ty("User"));
    let values = vec![(w.field("Post", "title"), ParamId(0)), (w.field("Post", "price"), ParamId(1))];
    let insert =
        super::insert(&w.0, SQLITE, &Insert { ty: post, values: values.clone(), guarded: false }).unwrap();
    assert_eq!(insert.sql.text, r#"INSERT INTO "posts" ("title", "price") VALUES (?1, ?2)"#);
    assert_eq!(insert.key, [WriteKey::Counted]);
    let update =
        super::update(&w.0, SQLITE, &Update { ty: post, set: values, key: vec![ParamId(2)] }).unwrap();
    assert_eq!(update.sql.text, r#"UPDATE "posts" SET "title" = ?1, "price" = ?2 WHERE "id" = ?3"#);
    let delete = super::delete(&w.0, SQLITE, &Delete { ty: user, key: vec![ParamId(0)] }).unwrap();
    assert_eq!(delete.sql.text, r#"DELETE FROM "users" WHERE "id" = ?1"#);
    let name = Expr::Some {
        root: Root::New,
        via: vec![w.relation("Post", "author")],
        filter: Box::new(eq(w.own("User", "name"), param(1))),
    };
    let new = NewRow(vec![(w.field("Post", "author"), ParamId(0))]);
    let judge = super::judge(&w.0, SQLITE, &Judge { ty: post, new, conditions: vec![name] }).unwrap();
    assert_eq!(
        judge.sql.text,
        r#"SELECT EXISTS (SELECT 1 FROM "users" AS t0 WHERE t0."id" = ?1 AND (t0."name" = ?2))"#
    );
}

#[test]
fn tables_are_strict_and_their_constraints_named() {
    let w = Words(schema());
    let post = ddl::create_type(&w.0, SQLITE, w.ty("Post"));
    let expected = [
        r#"CREATE TABLE "posts" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "title" TEXT NOT NULL, "status" TEXT, "at" INTEGER NOT NULL, "price" INTEGER, "words" TEXT, "author_id" BLOB, CONSTRAINT "posts_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "users" ("id") ON DELETE CASCADE) STRICT"#,
        r#"CREATE UNIQUE INDEX "posts_title_key" ON "posts" ("title")"#,
        r#"CREATE INDEX "posts_status_at_idx" ON "posts" ("status", "at")"#,
        r#"CREATE INDEX IF NOT EXISTS "bistro_fk_posts_author_id_fkey" ON "posts" ("author_id")"#,
    ];
    assert_eq!(post[..4], expected);
    let user = ddl::create_type(&w.0, SQLITE, w.ty("User"));
    assert_eq!(
        user,
        [
            r#"CREATE TABLE "users" (bistro_rowid INTEGER PRIMARY KEY, "id" BLOB NOT NULL, "name" TEXT NOT NULL, CONSTRAINT "users_pkey" UNIQUE ("id")) STRICT"#
        ]
    );
}
