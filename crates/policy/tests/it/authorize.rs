//! Whole operations, before and after.

use bistro_ir::{
    Action, Body, Compare, Conflict, Embed, Expr, Item, Operand, Operation, Order, Read, Root, SearchMode,
    Write, text,
};
use bistro_policy::{
    AuthorizeError, Authorized, AuthorizedBody, AuthorizedWrite, Rules, authorize, authorize_system,
};
use bistro_problem::{Code, Problem};
use bistro_schema::{Kind, Roles, Scalar, Schema, TypeId, Value};

use crate::schema::{compile, field, relation, sound, ty};

const FILE: &str = r#"
enum Role @roles { editor }
type User @account
  @allow(to: [READ], when: "row.public || row.id == auth.id")
  @allow(to: [UPDATE], when: "row.id == auth.id") {
  id: ID!
  name: String!
  public: Boolean!
  email: Email @allow(to: [READ], when: "row.id == auth.id")
  password: String @hidden
  posts: [Post!]! @inverse(of: "author")
  reviews: [Post!]! @inverse(of: "reviewer")
}
type Post @model
  @allow(to: [READ], when: "row.live || row.author == auth.id")
  @allow(to: [CREATE], when: "new.author == auth.id")
  @allow(to: [UPDATE, DELETE], when: "row.author == auth.id")
  @allow(to: [READ, UPDATE], roles: ["editor"])
  @check(expr: "new.title != 'spam'", message: "No spam.") {
  id: ID!
  slug: String! @unique
  title: String! @search
  draft: String @search @allow(to: [READ], when: "row.author == auth.id")
  live: Boolean! @default(value: false) @allow(to: [READ]) @allow(to: [CREATE], when: "!new.live")
    @allow(to: [UPDATE], roles: ["editor"], when: "new.title != ''")
  author: User!
  reviewer: User @allow(to: [READ], when: "row.author == auth.id")
  note: String @allow(to: [READ, CREATE, UPDATE], roles: ["editor"])
  loud: String @computed(expr: "row.title + '!'")
  tags: [Tag!]!
  topics: [Topic!]! @relation(through: "PostTopic")
  comments: [Comment!]! @inverse(of: "post")
  badges: [Badge!]! @allow(to: [READ], when: "row.live")
  replies: [Comment!]! @inverse(of: "answered") @allow(to: [READ], when: "row.author == auth.id")
}
type Badge @model @allow(to: [READ], when: "row.level == 1") { id: ID! level: Int! }
type Comment @model @allow(to: [READ], when: "row.body != ''") @allow(to: [CREATE]) { id: ID! post: Post! answered: Post body: String! }
type Tag @model @allow(to: [READ], when: "row.name != ''") { id: ID! name: String! posts: [Post!]! @inverse(of: "tags") }
type Topic @model @allow(to: [READ]) { id: ID! name: String! }
type PostTopic @model @allow(to: [READ], when: "row.shown") { id: ID! post: Post! topic: Topic! shown: Boolean! }
type Inbox @model @allow(to: [CREATE]) { id: ID! body: String! }
type Vault @model { id: ID! body: String! }
type Stats @view(sql: "select 1 as n") @allow(to: [READ]) { n: Int! @id }
"#;

struct Case {
    rules: Rules,
    schema: std::sync::Arc<Schema>,
}

impl Case {
    fn new() -> Self {
        let (rules, schema) = sound(FILE);
        Self { rules, schema }
    }

    fn ty(&self, name: &str) -> TypeId {
        ty(&self.schema, name)
    }

    fn value(&self, of: &str, name: &str) -> Operand {
        Operand::Field(Root::Scope(0), field(&self.schema, self.ty(of), name))
    }

    fn some(&self, of: &str, via: &[&str], filter: Expr) -> Expr {
        Expr::Some { root: Root::Scope(0), via: self.way(of, via), filter: Box::new(filter) }
    }

    fn way(&self, of: &str, via: &[&str]) -> Vec<bistro_schema::RelationId> {
        let mut at = self.ty(of);
        let step = |name: &&str| {
            let id = relation(&self.schema, at, name);
            at = self.schema.ty(at).relation(id).target;
            id
        };
        via.iter().map(step).collect()
    }

    fn read(&self, of: &str) -> Read {
        let ty = self.ty(of);
        Read {
            ty,
            select: vec![],
            filter: Expr::TRUE,
            order: vec![],
            limit: None,
            offset: None,
            total: false,
        }
    }

    fn authorize(&self, roles: Roles, body: Body) -> Result<Authorized, AuthorizeError> {
        authorize(&self.rules, roles, &Operation { body, params: vec![] })
    }

    /// A read as authorised, in one line.
    fn shown(&self, roles: Roles, read: Read) -> String {
        let made = self.authorize(roles, Body::Read(read)).unwrap();
        let AuthorizedBody::Read(read) = made.body() else { unreachable!() };
        let text =
            text::operation(&self.schema, &Operation { body: Body::Read(read.clone()), params: vec![] });
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn filtered(&self, filter: Expr) -> String {
        self.shown(Roles::ANON, Read { filter, ..self.read("Post") })
    }

    fn write(&self, roles: Roles, of: &str, action: Action) -> AuthorizedWrite {
        let made =
            self.authorize(roles, Body::Write(Write { ty: self.ty(of), action, returning: None })).unwrap();
        let AuthorizedBody::Write(write) = made.body() else { unreachable!() };
        write.clone()
    }

    fn expr(&self, of: &str, expr: &Expr) -> String {
        text::expr(&self.schema, self.ty(of), expr)
    }

    fn embed(&self, of: &str, name: &str, read: Read) -> Read {
        let relation = relation(&self.schema, self.ty(of), name);
        let embed = Embed {
            key: name.into(),
            relation,
            read: Box::new(read),
            when: Box::new(Expr::TRUE),
            link: Box::new(Expr::TRUE),
            spread: false,
        };
        Read { select: vec![Item::Embed(embed)], ..self.read(of) }
    }
}

fn is(operand: Operand, text: &str) -> Expr {
    Expr::Compare(Compare::Eq, operand, Operand::Literal(Value::text(text), Scalar::one(Kind::String)))
}

fn item(operand: Operand) -> Item {
    Item::Value { key: "x".into(), operand, cast: None }
}

#[test]
fn reads_hold_the_rules_of_every_row_on_their_way() {
    let c = Case::new();
    let name = |of| is(c.value(of, "name"), "x");
    let cases = [
        (c.filtered(Expr::TRUE), "read posts where (live or author_id = auth.id)"),
        (
            c.filtered(c.some("Post", &["author"], name("User"))),
            "read posts where ((live or author_id = auth.id) and some author (((public or id = auth.id) and name = \"x\")))",
        ),
        (
            c.filtered(c.some("Post", &["tags", "posts", "author"], name("User"))),
            "read posts where ((live or author_id = auth.id) and some tags ((name <> \"\" and some posts (((live or author_id = auth.id) and some author (((public or id = auth.id) and name = \"x\")))))))",
        ),
        (
            c.filtered(c.some("Post", &["comments"], Expr::TRUE)),
            "read posts where ((live or author_id = auth.id) and some comments (body <> \"\"))",
        ),
        (
            c.filtered(c.some("Post", &["reviewer"], name("User"))),
            "read posts where (author_id = auth.id and some reviewer (((public or id = auth.id) and name = \"x\")))",
        ),
        (
            c.filtered(c.some("Post", &["topics"], name("Topic"))),
            "read posts where ((live or author_id = auth.id) and some post_topics!post_topics_post_id_fkey ((shown and some topic (name = \"x\"))))",
        ),
        (
            c.filtered(is(c.value("Post", "draft"), "x")),
            "read posts where ((live or author_id = auth.id) and if(author_id = auth.id, draft) = \"x\")",
        ),
        (
            c.filtered(is(c.value("Post", "loud"), "x")),
            "read posts where ((live or author_id = auth.id) and concat(title, \"!\") = \"x\")",
        ),
        (
            c.shown(Roles::ANON, c.embed("User", "posts", c.embed("Post", "comments", c.read("Comment")))),
            "read users embed posts = posts -> posts embed comments = comments -> comments where body <> \"\" where (live or author_id = auth.id) where (public or id = auth.id)",
        ),
        (
            c.shown(Roles::SERVICE, c.embed("User", "posts", c.embed("Post", "comments", c.read("Comment")))),
            "read users embed posts = posts -> posts embed comments = comments -> comments",
        ),
        (
            c.shown(Roles::ANON, c.embed("User", "reviews", c.read("Post"))),
            "read users embed reviews = reviews -> posts where author_id = auth.id where (public or id = auth.id)",
        ),
        (
            c.shown(Roles::ANON, c.embed("Post", "reviewer", c.read("User"))),
            "read posts embed reviewer = reviewer -> users when author_id = auth.id where (public or id = auth.id) where (live or author_id = auth.id)",
        ),
        (
            c.shown(Roles::ANON, c.embed("Post", "topics", c.read("Topic"))),
            "read posts embed topics = topics -> topics link shown where (live or author_id = auth.id)",
        ),
        (
            c.shown(Roles::ANON, c.embed("Post", "badges", c.read("Badge"))),
            "read posts embed badges = badges -> badges when live where level = 1 where (live or author_id = auth.id)",
        ),
        (
            c.shown(Roles::ANON, c.embed("Post", "replies", c.read("Comment"))),
            "read posts embed replies = replies -> comments when author_id = auth.id where body <> \"\" where (live or author_id = auth.id)",
        ),
        (
            c.shown(Roles::SERVICE, c.embed("Post", "topics", c.read("Topic"))),
            "read posts embed topics = topics -> topics",
        ),
        (
            c.shown(Roles::ANON, Read { select: vec![item(c.value("User", "email"))], ..c.read("User") }),
            "read users select x = if(id = auth.id, email) where (public or id = auth.id)",
        ),
    ];
    let wrong: Vec<String> = cases
        .iter()
        .enumerate()
        .filter(|(_, (has, want))| has != want)
        .map(|(n, (has, _))| format!("{n}: {has}"))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn values_over_relations_are_null_where_a_row_is_hidden() {
    let c = Case::new();
    let operand = Box::new(c.value("User", "email"));
    let over = |via: &[&str]| Operand::Via {
        root: Root::Scope(0),
        via: c.way("Comment", via),
        operand: operand.clone(),
    };
    let order = |via| Order { operand: over(via), descending: false, nulls_first: false };
    let read =
        Read { order: vec![order(&["post", "author"]), order(&["post", "reviewer"])], ..c.read("Comment") };
    assert_eq!(
        c.shown(Roles::ANON, read),
        "read comments where body <> \"\" order post.if((live or author_id = auth.id), author.if((public or id = auth.id), if(id = auth.id, email))) asc nulls last, post.if(((live or author_id = auth.id) and author_id = auth.id), reviewer.if((public or id = auth.id), if(id = auth.id, email))) asc nulls last"
    );
}

#[test]
fn an_outer_row_keeps_its_meaning_when_rules_come_between() {
    let c = Case::new();
    let author = field(&c.schema, c.ty("Post"), "author");
    let id = field(&c.schema, c.ty("User"), "id");
    let same = Expr::Compare(
        Compare::Eq,
        Operand::Field(Root::Scope(0), id),
        Operand::Field(Root::Scope(1), author),
    );
    assert_eq!(
        c.filtered(c.some("Post", &["comments", "post", "author"], same)),
        "read posts where ((live or author_id = auth.id) and some comments ((body <> \"\" and some post (((live or author_id = auth.id) and some author (((public or id = auth.id) and id = ^^^author_id)))))))"
    );
}

#[test]
fn searches_see_only_readable_fields() {
    let c = Case::new();
    let search = |field| Expr::Search { field, mode: SearchMode::Web, query: Operand::Now };
    let draft = field(&c.schema, c.ty("Post"), "draft");
    assert_eq!(
        c.filtered(search(None)),
        "read posts where ((live or author_id = auth.id) and (search(title, Web, now) or (author_id = auth.id and search(draft, Web, now))))"
    );
    assert_eq!(
        c.filtered(search(Some(draft))),
        "read posts where (author_id = auth.id and search(draft, Web, now))"
    );
}

#[test]
fn writes_carry_their_judges() {
    let c = Case::new();
    let columns =
        |names: &[&str]| names.iter().map(|n| field(&c.schema, c.ty("Post"), n)).collect::<Vec<_>>();
    let editor = Roles::AUTHENTICATED.with(Roles::declared(0));
    let insert =
        c.write(Roles::ANON, "Post", Action::Insert { columns: columns(&["title", "live"]), conflict: None });
    assert_eq!(c.expr("Post", &insert.create), "(new.author_id = auth.id and not new.live)");
    assert_eq!(c.expr("Post", &insert.readable), "(live or author_id = auth.id)");
    assert_eq!((insert.checks.len(), insert.checks[0].message.as_deref()), (1, Some("No spam.")));
    let conflict = Some(Conflict { fields: columns(&["slug"]), merge: true });
    let upsert =
        c.write(Roles::ANON, "Post", Action::Insert { columns: columns(&["slug", "title"]), conflict });
    assert_eq!(c.expr("Post", &upsert.update_row), "author_id = auth.id");
    assert_eq!(c.expr("Post", &upsert.update_new), "new.author_id = auth.id");
    let update = c.write(editor, "Post", Action::Update { filter: Expr::TRUE, columns: columns(&["live"]) });
    assert_eq!(c.expr("Post", &update.update_new), "new.title <> \"\"");
    let filter = is(c.value("Post", "title"), "x");
    let Action::Delete { filter } = c.write(Roles::ANON, "Post", Action::Delete { filter }).action else {
        unreachable!()
    };
    assert_eq!(c.expr("Post", &filter), "(author_id = auth.id and title = \"x\")");
    let service =
        c.write(Roles::SERVICE, "Post", Action::Insert { columns: columns(&["title"]), conflict: None });
    assert!(service.create.is_true() && service.readable.is_true() && service.checks.len() == 1);
}

#[test]
fn links_are_judged_by_their_ends() {
    let c = Case::new();
    let (join, _) = c.schema.types().find(|(_, t)| t.collection == "posts_tags").unwrap();
    let name = c.schema.ty(join).name.clone();
    let read = c.shown(Roles::ANON, c.read(&name));
    assert_eq!(
        read,
        "read posts_tags where (some post ((live or author_id = auth.id)) and some tag (name <> \"\"))"
    );
    let insert = c.write(Roles::ANON, &name, Action::Insert { columns: vec![], conflict: None });
    assert_eq!(
        c.expr(&name, &insert.create),
        "(some new.post (author_id = auth.id) and some new.tag (name <> \"\"))"
    );
    let Action::Delete { filter } = c.write(Roles::ANON, &name, Action::Delete { filter: Expr::TRUE }).action
    else {
        unreachable!()
    };
    assert_eq!(c.expr(&name, &filter), "(some post (author_id = auth.id) and some tag (name <> \"\"))");
}

#[test]
fn refusals_say_what_callers_of_postgresql_know() {
    let c = Case::new();
    let read = |of: &str, select: &[&str]| {
        let select = select.iter().map(|n| item(c.value(of, n))).collect();
        Body::Read(Read { select, ..c.read(of) })
    };
    let write = |of: &str, action| Body::Write(Write { ty: c.ty(of), action, returning: None });
    let columns =
        |of: &str, names: &[&str]| names.iter().map(|n| field(&c.schema, c.ty(of), n)).collect::<Vec<_>>();
    let insert =
        |of: &str, names: &[&str]| write(of, Action::Insert { columns: columns(of, names), conflict: None });
    let update = |of: &str, names: &[&str]| {
        write(of, Action::Update { filter: Expr::TRUE, columns: columns(of, names) })
    };
    let embed = |of: &str, name: &str, to: &str| Body::Read(c.embed(of, name, c.read(to)));
    let returning = Body::Write(Write {
        ty: c.ty("Inbox"),
        action: Action::Insert { columns: vec![], conflict: None },
        returning: Some(c.read("Inbox")),
    });
    let new_row = Body::Read(Read {
        filter: Expr::IsNull(Operand::Field(Root::New, columns("Post", &["id"])[0])),
        ..c.read("Post")
    });
    let mut judged = c.embed("Post", "tags", c.read("Tag"));
    let Item::Embed(embedded) = &mut judged.select[0] else { unreachable!() };
    *embedded.when = Expr::FALSE;
    let judged = Body::Read(judged);
    let cases = [
        (
            read("Vault", &[]),
            Code::UnknownTable,
            "Could not find the table 'public.vaults' in the schema cache",
        ),
        (
            insert("Vault", &[]),
            Code::UnknownTable,
            "Could not find the table 'public.vaults' in the schema cache",
        ),
        (read("Inbox", &[]), Code::Forbidden, "permission denied for table inboxes"),
        (returning, Code::Forbidden, "permission denied for table inboxes"),
        (insert("Tag", &[]), Code::Forbidden, "permission denied for table tags"),
        (insert("Stats", &[]), Code::Forbidden, "permission denied for table statses"),
        (read("User", &["password"]), Code::UnknownColumn, "column users.password does not exist"),
        (read("Post", &["note"]), Code::UnknownColumn, "column posts.note does not exist"),
        (
            insert("Post", &["note"]),
            Code::UnknownWriteColumn,
            "Could not find the 'note' column of 'posts' in the schema cache",
        ),
        (update("Post", &["live"]), Code::Forbidden, "permission denied for table posts"),
        (
            update("User", &["password"]),
            Code::UnknownWriteColumn,
            "Could not find the 'password' column of 'users' in the schema cache",
        ),
        (
            insert("Post", &["loud"]),
            Code::GeneratedColumn,
            "cannot insert a non-DEFAULT value into column \"loud\"",
        ),
        (judged, Code::Bug, "Something went wrong on our side; the log has the cause under this request id"),
        (new_row, Code::Bug, "Something went wrong on our side; the log has the cause under this request id"),
    ];
    for (body, code, message) in cases {
        let problem: Problem = c.authorize(Roles::ANON, body).unwrap_err().into();
        assert_eq!((problem.code, problem.message.as_str()), (code, message));
    }
    for roles in [Roles::SERVICE, Roles::ADMIN] {
        assert!(c.authorize(roles, read("Vault", &["body"])).is_ok());
        assert!(c.authorize(roles, read("Post", &["note"])).is_ok());
        assert!(c.authorize(roles, read("User", &["password"])).is_err());
        assert!(c.authorize(roles, insert("Stats", &[])).is_err());
        assert!(c.authorize(roles, embed("Post", "topics", "Topic")).is_ok());
    }
}

#[test]
fn the_system_passes_rules_but_not_checks() {
    let c = Case::new();
    let body = Body::Read(Read { select: vec![item(c.value("User", "password"))], ..c.read("User") });
    let made = authorize_system(&c.rules, "sign-in", &Operation { body, params: vec![] }).unwrap();
    assert_eq!(made.system_reason(), Some("sign-in"));
    let AuthorizedBody::Read(read) = made.body() else { unreachable!() };
    assert!(read.filter.is_true());
    let columns = vec![field(&c.schema, c.ty("Post"), "title")];
    let action = Action::Update { filter: Expr::TRUE, columns };
    let body = Body::Write(Write { ty: c.ty("Post"), action, returning: None });
    let made = authorize_system(&c.rules, "import", &Operation { body, params: vec![] }).unwrap();
    let AuthorizedBody::Write(write) = made.body() else { unreachable!() };
    assert_eq!(write.checks.len(), 1);
}

#[test]
fn the_log_can_name_the_rules_that_applied() {
    let c = Case::new();
    let editor = Roles::AUTHENTICATED.with(Roles::declared(0));
    let made = c.authorize(editor, Body::Read(c.read("Post"))).unwrap();
    assert_eq!(made.rule_texts(bistro_schema::Action::Read), "row.live || row.author == auth.id\nalways");
    let made = c.authorize(Roles::ANON, Body::Read(c.read("Post"))).unwrap();
    assert_eq!(made.rule_texts(bistro_schema::Action::Read), "row.live || row.author == auth.id");
    assert_eq!(made.rule_texts(bistro_schema::Action::Delete), "row.author == auth.id");
}

#[test]
fn a_rule_with_a_mistake_lets_nobody_through() {
    let (rules, diagnostics, schema) =
        compile(r#"type A @model @allow(to: [READ], when: "row.nope == 1") { id: ID! }"#);
    assert_eq!(diagnostics.len(), 1);
    let ty = ty(&schema, "A");
    let read = Read {
        ty,
        select: vec![],
        filter: Expr::TRUE,
        order: vec![],
        limit: None,
        offset: None,
        total: false,
    };
    let made = authorize(&rules, Roles::ANON, &Operation { body: Body::Read(read), params: vec![] }).unwrap();
    let AuthorizedBody::Read(read) = made.body() else { unreachable!() };
    assert!(read.filter.is_false());
}

#[test]
fn the_examples_compile() {
    for (name, text) in [
        ("blog", include_str!("../../../../examples/blog/schema.graphql")),
        ("todo", include_str!("../../../../examples/todo/schema.graphql")),
        ("chinook", include_str!("../../../../examples/chinook/schema.graphql")),
    ] {
        let (_, diagnostics, _) = compile(text);
        assert!(diagnostics.is_empty(), "{name}: {diagnostics:#?}");
    }
}

#[test]
fn regress_links_over_hidden_columns_do_not_exist() {
    let file = |allow: &str| {
        format!(
            r#"
enum Role @roles {{ boss }}
type Student @model @allow(to: [READ]) {{ id: Int! @id  courses: [Course!]! @relation(through: "Enrol") }}
type Course @model @allow(to: [READ]) {{ id: Int! @id }}
type Enrol @model(key: ["student", "course"]) @allow(to: [READ]) {{ student: Student! {allow}  course: Course! }}"#
        )
    };
    let exists = |allow: &str, roles: Roles| {
        let (_, diagnostics, schema) = compile(&file(allow));
        assert!(diagnostics.is_empty(), "{diagnostics:#?}");
        let of = ty(&schema, "Student");
        let courses = relation(&schema, of, "courses");
        bistro_schema::SchemaView::new(schema, roles).relation_exists(of, courses)
    };
    let hidden = r#"@allow(to: [READ], roles: ["boss"])"#;
    assert!(exists("", Roles::ANON) && exists(hidden, Roles::ANON.with(Roles::declared(0))));
    assert!(!exists(hidden, Roles::ANON));
}
