//! What one read costs the store, without anything above it: by key, a list of 50, 20 posts with author and comments,
//! and how many durable inserts a second the writer commits.
#![allow(clippy::print_stdout, reason = "the figures are what it is for")]

use std::sync::Arc;
use std::time::Instant;

use bistro_ir::{Bound, Compare, Expr, Operand, Order, ParamId, Root};
use bistro_schema::text::write_json;
use bistro_schema::{Schema, Value, ValueRef};
use bistro_store::{
    Change, Cost, Insert, Nested, NestedForm, NewRow, Output, Prepared, ReadNow, Select, Sink, Statement,
    Store,
};
use bistro_store_sqlite::{Options, SqliteStore};
use futures_util::future::join_all;

const SCHEMA: &str = r#"
type User @model { id: Int! @id  name: String! }
type Post @model @index(fields: ["author", "created_at"]) {
  id: Int! @id
  author: User!
  title: String!
  body: String!
  published: Boolean!
  created_at: DateTime!
  comments: [Comment!]! @inverse(of: "post")
}
type Comment @model { id: Int! @id  post: Post!  author: User!  body: String! }
"#;

/// A sink as a surface has one: JSON into a buffer.
#[derive(Default)]
struct Json(Vec<u8>);

impl Sink for Json {
    fn begin_row(&mut self) {
        self.0.push(b'{');
    }

    fn value(&mut self, _: usize, value: ValueRef<'_>) {
        self.0.extend_from_slice(b"\"column\":");
        write_json(value, &mut self.0);
    }

    fn begin_nested(&mut self, _: usize) {
        self.0.push(b'[');
    }

    fn end_nested(&mut self, _: usize) {
        self.0.push(b']');
    }

    fn end_row(&mut self) -> bool {
        self.0.push(b'}');
        true
    }

    fn reset(&mut self) {
        self.0.clear();
    }

    fn into_any(self: Box<Self>) -> Box<dyn std::any::Any + Send> {
        self
    }
}

struct Bench {
    store: Arc<SqliteStore>,
    schema: Arc<Schema>,
}

impl Bench {
    fn field(&self, ty: &str, name: &str) -> Operand {
        let id = self.schema.by_name(ty).expect("the type is in the schema above");
        Operand::Field(Root::Scope(0), self.schema.ty(id).field_named(name).expect("and so is the field"))
    }

    fn select(&self, ty: &str, filter: Expr, limit: Option<u64>) -> Select {
        let id = self.schema.by_name(ty).expect("the type is in the schema above");
        let output = |(f, field): (_, &bistro_schema::Field)| {
            Output::Value(Operand::Field(Root::Scope(0), f), field.scalar)
        };
        Select {
            ty: id,
            outputs: self.schema.ty(id).fields().map(output).collect(),
            filter,
            order: Vec::new(),
            limit: limit.map(Bound::Fixed),
            offset: None,
            total: false,
            new: NewRow::default(),
            lock: false,
            cost: Cost::Bounded,
        }
    }

    fn nested(&self, ty: &str, relation: &str, select: Select) -> Output {
        let id = self.schema.by_name(ty).expect("the type is in the schema above");
        let relation = self.schema.ty(id).relation_named(relation).expect("and so is the relation");
        Output::Nested(Box::new(Nested {
            relation,
            select,
            when: Expr::TRUE,
            link: Expr::TRUE,
            form: NestedForm::Many,
        }))
    }

    fn insert(&self, ty: &str, columns: &[&str]) -> Prepared {
        let id = self.schema.by_name(ty).expect("the type is in the schema above");
        let field = |name: &&str| self.schema.ty(id).field_named(name).expect("and so is the field");
        let values = columns.iter().enumerate().map(|(n, c)| (field(c), ParamId(n as u16))).collect();
        self.store
            .prepare(&Statement::Insert(Insert { ty: id, values, guarded: false }))
            .expect("it is a plain insert")
    }

    /// Runs a read many times; prints microseconds a run and bytes of its result.
    fn time(&self, name: &str, runs: i64, select: Select, most: i64) {
        let prepared = self.store.prepare(&Statement::Select(select)).expect("a plain select");
        let mut sink = Json(Vec::with_capacity(64 * 1024));
        let mut bytes = 0;
        let started = Instant::now();
        for n in 0..runs {
            sink.0.clear();
            let bind = [Value::Int(n * 7_919 % most + 1)];
            let done = self.store.read_now(&prepared, &bind, &mut sink).expect("the read works");
            assert!(matches!(done, ReadNow::Done(_)), "a bounded read runs here");
            bytes += sink.0.len();
        }
        let each = started.elapsed().as_secs_f64() * 1e6 / runs as f64;
        println!("{name:<28} {each:>9.2} µs  {:>7} bytes", bytes / runs as usize);
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let schema = Arc::new(bistro_sdl::read("schema.graphql", SCHEMA).schema);
    let store = SqliteStore::open(dir.path(), schema.clone(), Options::default()).expect("a new database");
    let all = schema.types().map(|(id, _)| Change::CreateType(id)).collect();
    store.apply(schema.clone(), all, String::new()).await.expect("its tables");
    let bench = Bench { store, schema };
    fill(&bench).await;

    let eq = |operand| Expr::Compare(Compare::Eq, operand, Operand::Param(ParamId(0)));
    let order = |operand| vec![Order { operand, descending: true, nulls_first: true }];
    bench.time(
        "by key, 6 columns",
        300_000,
        bench.select("Post", eq(bench.field("Post", "id")), None),
        100_000,
    );
    let mut list = bench.select("Post", eq(bench.field("Post", "author_id")), Some(50));
    list.order = order(bench.field("Post", "created_at"));
    bench.time("list of 50 by index", 20_000, list, 1_000);
    let below = Expr::Compare(Compare::Le, bench.field("Post", "id"), Operand::Param(ParamId(0)));
    let mut feed = bench.select("Post", below, Some(20));
    feed.order = order(bench.field("Post", "id"));
    feed.outputs.push(bench.nested("Post", "author", bench.select("User", Expr::TRUE, None)));
    feed.outputs.push(bench.nested("Post", "comments", bench.select("Comment", Expr::TRUE, Some(1_000))));
    bench.time("20 with author and comments", 20_000, feed, 100_000);
    inserts(&bench).await;
}

async fn fill(bench: &Bench) {
    let user = bench.insert("User", &["name"]);
    let post = bench.insert("Post", &["author_id", "title", "body", "published", "created_at"]);
    let comment = bench.insert("Comment", &["post_id", "author_id", "body"]);
    let started = Instant::now();
    let job = bench.store.transact(Box::new(move |open| {
        Box::pin(async move {
            for n in 0..1_000 {
                open.write(&user, &[Value::text(format!("user {n}"))]).await?;
            }
            let body = "lorem ipsum dolor sit amet ".repeat(19);
            for n in 0..100_000 {
                let author = Value::Int(n % 1_000 + 1);
                let (title, body) = (Value::text(format!("post {n}")), Value::text(body.as_str()));
                open.write(&post, &[author, title, body, Value::Bool(true), Value::DateTime(n)]).await?;
            }
            for n in 0..300_000 {
                let (post, author) = (Value::Int(n / 3 + 1), Value::Int(n % 1_000 + 1));
                open.write(
                    &comment,
                    &[post, author, Value::text("a remark of some forty characters, roughly")],
                )
                .await?;
            }
            Ok(())
        })
    }));
    job.await.expect("the rows fit");
    bench.store.checkpoint().await.expect("the log is folded");
    println!("seeded 401,000 rows in {:.2} s", started.elapsed().as_secs_f64());
}

/// Inserts from 32 waiting clients, each durable before it is answered.
async fn inserts(bench: &Bench) {
    let post = bench.insert("Post", &["author_id", "title", "body", "published", "created_at"]);
    let (clients, rounds) = (32, 300);
    let started = Instant::now();
    let client = |_| {
        let post = post.clone();
        async move {
            for _ in 0..rounds {
                let post = post.clone();
                let job = bench.store.transact(Box::new(move |open| {
                    Box::pin(async move {
                        let body = Value::text("x".repeat(500));
                        let binds =
                            [Value::Int(1), Value::text("t"), body, Value::Bool(true), Value::DateTime(0)];
                        open.write(&post, &binds).await.map(drop)
                    })
                }));
                job.await.expect("the insert commits");
            }
        }
    };
    join_all((0..clients).map(client)).await;
    let each = started.elapsed().as_secs_f64() * 1e6 / f64::from(clients * rounds);
    println!("{:<28} {each:>9.2} µs  {:>7.0} a second", "durable insert of 32 clients", 1e6 / each);
}
