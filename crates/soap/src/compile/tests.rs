//! Elements of bodies and what they come to: the text of an operation, or a problem with its place.

use std::sync::Arc;

use bistro_ir::text;
use bistro_schema::{Roles, Schema, SchemaView, Value, ValueRef};

use super::{Compiled, Compiler, Includes, Selection, Selections};
use crate::Limits;
use crate::describe::Described;
use crate::envelope::{Envelope, Version};
use crate::names::NAMESPACE;

const SCHEMA: &str = r#"
enum Status { draft published }
type User @model @allow(to: [READ, CREATE]) {
  id: ID!
  name: String! @unique
  posts: [Post!]! @inverse(of: "author")
  secret: String @hidden
}
type Post @model @allow(to: [READ, CREATE, UPDATE, DELETE]) {
  id: ID!
  title: String! @search
  slug: String! @unique
  status: Status! @default(value: draft)
  price: Decimal @decimal(precision: 10, scale: 2)
  data: JSON
  tags: [String!]
  sent: DateTime
  day: Date
  at: Time
  big: BigInt
  raw: Bytes
  done: Boolean
  author: User
}
type Seat @model(key: ["row_no", "seat_no"]) @allow(to: [READ, UPDATE, DELETE]) {
  row_no: Int!
  seat_no: Int!
  guest: String
}
"#;

struct Fresh;

impl Selections for Fresh {
    fn find(&self, _: bistro_schema::TypeId, _: &Includes, make: &dyn Fn() -> Selection) -> Arc<Selection> {
        Arc::new(make())
    }
}

fn described() -> Described {
    let read = bistro_sdl::read("schema.graphql", SCHEMA);
    assert!(!read.diagnostics.iter().any(|d| d.is_error()), "the schema has mistakes");
    Described::new(Arc::new(SchemaView::new(Arc::new(read.schema), Roles::ANON)), false)
}

/// What the element of a body comes to: `CODE place message`, or the operation.
fn compiled(described: &Described, body: &str) -> Result<Compiled, String> {
    let xsi = "http://www.w3.org/2001/XMLSchema-instance";
    let start = body.find([' ', '>', '/']).expect("an element");
    let body = format!("{} xmlns=\"{NAMESPACE}\" xmlns:xsi=\"{xsi}\"{}", &body[..start], &body[start..]);
    let soap = Version::V11.namespace();
    let text = format!("<s:Envelope xmlns:s=\"{soap}\"><s:Body>{body}</s:Body></s:Envelope>");
    let said = |problem: bistro_problem::Problem| {
        let place = problem.pointer.as_deref().unwrap_or("-");
        format!("{} {place} {}", problem.code.wire_text(), problem.message)
    };
    let payload = Envelope::read(&text, Version::V11, NAMESPACE).map_err(said)?.payload;
    let operation = described.asked(&payload, NAMESPACE).map_err(said)?;
    let compiler = Compiler { described, limits: &Limits::default(), selections: &Fresh };
    compiler.compile(operation.verb, operation.ty, &payload).map_err(said)
}

fn check(cases: &[(&str, &str)]) {
    let described = described();
    for (body, expected) in cases {
        let found = match compiled(&described, body) {
            Ok(compiled) => shown(described.view().schema(), &compiled),
            Err(said) => said,
        };
        assert_eq!(found.trim(), expected.trim(), "{body}");
    }
}

/// The operation without its select, and its values.
fn shown(schema: &Schema, compiled: &Compiled) -> String {
    let operation = text::operation(schema, &compiled.main.operation);
    let lines = operation.lines().filter(|line| !line.trim_start().starts_with("select "));
    let lines: Vec<&str> = lines.map(str::trim).filter(|line| !line.starts_with("params")).collect();
    let plain = |value: &Value| {
        let mut out = Vec::new();
        match value {
            Value::Null => out.extend_from_slice(b"null"),
            value => bistro_schema::text::write_plain(value.borrow(), &mut out),
        }
        String::from_utf8_lossy(&out).into_owned()
    };
    let values: Vec<String> = compiled.main.input.params.iter().map(plain).collect();
    let rows: Vec<String> = compiled
        .main
        .input
        .rows
        .iter()
        .map(|row| {
            let cells = row.iter().map(|cell| cell.as_ref().map_or("default".to_owned(), plain));
            cells.collect::<Vec<_>>().join(", ")
        })
        .collect();
    let parts = [lines.join(" "), values.join(", "), rows.join(" / ")];
    parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" | ")
}

const ID: &str = "01920000-0000-7000-8000-000000000001";

#[test]
fn keys_name_one_row() {
    check(&[
        (
            &format!("<GetPost><key><id>{ID}</id></key></GetPost>"),
            &format!("read posts where id = $0 | {ID}"),
        ),
        ("<GetPost><key><slug>a &amp; b</slug></key></GetPost>", "read posts where slug = $0 | a & b"),
        (
            "<DeleteSeat><key><seat_no>2</seat_no><row_no>1</row_no></key></DeleteSeat>",
            "delete seats where (row_no = $0 and seat_no = $1) returning | 1, 2",
        ),
        ("<GetPost/>", "BIS-425 /GetPost GetPost wants an element key"),
        ("<GetPost><key/></GetPost>", "BIS-425 /GetPost/key The key does not name one Post"),
        (
            "<GetPost><key><title>x</title></key></GetPost>",
            "BIS-425 /GetPost/key The key does not name one Post",
        ),
        (
            "<GetPost><key><slug>a</slug><slug>b</slug></key></GetPost>",
            "BIS-425 /GetPost/key/slug slug is there more than once",
        ),
        (
            "<GetPost><key><id>x</id></key></GetPost>",
            "22P02 /GetPost/key/id invalid input syntax for type uuid: \"x\"",
        ),
        (
            "<GetPost><key><slug xsi:nil=\"true\"/></key></GetPost>",
            "22023 /GetPost/key/slug slug cannot be null: it names one row",
        ),
        (
            "<GetPost><key><slug>a</slug></key><more/></GetPost>",
            "BIS-425 /GetPost/more GetPost has no element more",
        ),
    ]);
}

#[test]
fn filters_become_conditions() {
    let list = |filter: &str, expected: &str| {
        let body = format!("<CountPosts><filter>{filter}</filter></CountPosts>");
        check(&[(&body, expected)]);
    };
    list("", "read posts");
    list("<status><eq>draft</eq></status>", "read posts where status = $0 | draft");
    list(
        "<status><in>draft</in><in>published</in></status>",
        "read posts where status in $0 | [\"draft\",\"published\"]",
    );
    list(
        "<title><like>a%</like><startsWith>5%_\\</startsWith></title>",
        r"read posts where (title like $0 and title like $1) | a%, 5\%\_\\%",
    );
    list("<price><gte>10.001</gte></price>", "read posts where price >= $0 | 10.001");
    list("<sent><isNull>1</isNull></sent>", "read posts where sent is null");
    list("<sent><isNull>false</isNull></sent>", "read posts where not sent is null");
    list("<done><not><eq> true </eq></not></done>", "read posts where not done = $0 | true");
    list("<tags><contains><item>a</item></contains></tags>", "read posts where tags contains $0 | [\"a\"]");
    list(
        "<data><at><path>a</path><path>0</path><text><eq>x</eq></text></at></data>",
        "read posts where data->a->>0 = $0 | x",
    );
    list(
        "<or><slug><eq>a</eq></slug></or><status><eq>draft</eq></status><or><slug><eq>b</eq></slug></or>",
        "read posts where ((slug = $0 or slug = $1) and status = $2) | a, b, draft",
    );
    list(
        "<not><slug><eq>a</eq></slug></not><and><slug><eq>b</eq></slug></and>",
        "read posts where (not slug = $0 and slug = $1) | a, b",
    );
    list("<author><name><eq>n</eq></name></author>", "read posts where some author (name = $0) | n");
    check(&[
        (
            "<CountUsers><filter><posts><every><slug><eq>a</eq></slug></every></posts></filter></CountUsers>",
            "read users where not some posts (not (slug = $0 is true)) | a",
        ),
        (
            "<CountUsers><filter><posts><none/></posts></filter></CountUsers>",
            "read users where not some posts",
        ),
    ]);
}

#[test]
fn mistakes_in_filters_are_told_with_their_place() {
    let list = |filter: &str, expected: &str| {
        let body = format!("<CountPosts><filter>{filter}</filter></CountPosts>");
        check(&[(&body, expected)]);
    };
    list("<staus/>", "BIS-425 /CountPosts/filter/staus filter has no element staus");
    list(
        "<author><secret><eq>x</eq></secret></author>",
        "BIS-425 /CountPosts/filter/author/secret author has no element secret",
    );
    list("<slug><ew>x</ew></slug>", "BIS-425 /CountPosts/filter/slug/ew slug has no element ew");
    list("<done><gt>true</gt></done>", "BIS-425 /CountPosts/filter/done/gt done has no element gt");
    list(
        "<slug><eq>a</eq><eq>b</eq></slug>",
        "BIS-425 /CountPosts/filter/slug/eq eq is there more than once",
    );
    list(
        "<slug><eq>a</eq></slug><slug><eq>a</eq></slug>",
        "BIS-425 /CountPosts/filter/slug slug is there more than once",
    );
    list(
        "<slug><eq xsi:nil=\"1\"/></slug>",
        "22023 /CountPosts/filter/slug/eq The condition eq cannot be null",
    );
    list(
        "<or><slug><eq>a</eq></slug></or><or><status><eq>x</eq></status></or>",
        "22P02 /CountPosts/filter/or[2]/status/eq invalid input value for enum Status: \"x\"",
    );
    list(
        "<status><in>draft</in><in>x</in></status>",
        "22P02 /CountPosts/filter/status/in[2] invalid input value for enum Status: \"x\"",
    );
    list("text", "BIS-425 /CountPosts/filter Elements are wanted in filter, not text");
    list("<slug xmlns=\"\"><eq>a</eq></slug>", "BIS-425 /CountPosts/filter slug is in no namespace");
    list("<slug a=\"1\"><eq>a</eq></slug>", "BIS-425 /CountPosts/filter/slug slug takes no attribute a");
    list(
        "<title><imatch>(?&lt;x&gt;a)</imatch></title>",
        "2201B /CountPosts/filter/title/imatch invalid regular expression: named groups are not supported",
    );
}

#[test]
fn lists_have_an_order_that_tells_rows_apart() {
    check(&[
        ("<ListPosts/>", "read posts order id asc nulls last limit $0 | 31"),
        ("<ListPosts><first>0</first></ListPosts>", "read posts order id asc nulls last limit $0 | 1"),
        (
            "<ListPosts><orderBy><field>author.name</field><direction>DESC</direction></orderBy>\
             <orderBy><field>slug</field></orderBy><first>1000</first></ListPosts>",
            "read posts order author.name desc nulls first, slug asc nulls last limit $0 | 1001",
        ),
        (
            "<ListPosts><search>lazy -dog</search></ListPosts>",
            "read posts where search(*, Web, $0) order id asc nulls last limit $1 | lazy -dog, 31",
        ),
        (
            "<ListUsers><search>x</search></ListUsers>",
            "BIS-425 /ListUsers/search Rows of User cannot be searched",
        ),
        (
            "<ListPosts><first>1001</first></ListPosts>",
            "BIS-106 /ListPosts/first A page has at most 1000 rows; 1001 were asked for",
        ),
        (
            "<ListPosts><first>-1</first></ListPosts>",
            "BIS-425 /ListPosts/first first is a whole number of at least 0",
        ),
        (
            "<ListPosts><orderBy><field>data</field></orderBy></ListPosts>",
            "BIS-425 /ListPosts/orderBy[1]/field Rows cannot be ordered by data",
        ),
        (
            "<ListUsers><orderBy><field>posts.slug</field></orderBy></ListUsers>",
            "BIS-425 /ListUsers/orderBy[1]/field Rows cannot be ordered by posts.slug",
        ),
        (
            "<ListPosts><orderBy><field>slug</field><direction>UP</direction></orderBy></ListPosts>",
            "BIS-425 /ListPosts/orderBy[1]/direction There is no direction UP",
        ),
        (
            "<ListPosts><after>AAAA</after></ListPosts>",
            "BIS-407 /ListPosts/after The cursor does not belong to this list in this order",
        ),
        (
            "<ListPosts><include>author.posts</include><include>author</include></ListPosts>",
            "read posts embed author = author -> users embed posts = posts -> posts order id asc nulls last \
             limit 1001 order id asc nulls last limit $0 | 31",
        ),
        (
            "<ListPosts><include>author</include><include>status</include></ListPosts>",
            "BIS-425 /ListPosts/include[2] Post has no relation status",
        ),
    ]);
}

#[test]
fn rows_fill_columns() {
    check(&[
        (
            "<CreatePost><input><slug>a</slug><title/><price>1.5</price><tags><item>x</item><item/></tags>\
             <data>{\"a\": 1}</data><raw> AP 8/ </raw><big>+7</big></input></CreatePost>",
            "insert posts(slug, title, price, tags, data, raw, big) returning | \
             a, , 1.50, [\"x\",\"\"], {\"a\":1}, \\x00ff3f, 7",
        ),
        (
            "<CreatePosts><input><slug>a</slug></input><input><title>b</title><slug>c</slug></input></CreatePosts>",
            "insert posts(slug, title) returning | a, default / c, b",
        ),
        ("<CreatePosts/>", "insert posts() returning"),
        (
            "<UpdatePost><key><slug>a</slug></key><set><sent>2026-11-22T18:30:00+01:00</sent>\
             <day>2026-11-22+02:00</day><at>18:30:00.5Z</at><price xsi:nil=\"true\"/></set></UpdatePost>",
            "update posts(sent, day, at, price) where slug = $0 returning | a | \
             2026-11-22T17:30:00+00:00, 2026-11-22, 18:30:00.5, null",
        ),
        (
            "<UpdatePost><key><slug>a</slug></key><set/></UpdatePost>",
            "update posts() where slug = $0 returning | a",
        ),
        (
            "<UpdatePost><key><slug>a</slug></key></UpdatePost>",
            "update posts() where slug = $0 returning | a",
        ),
        (
            "<UpdatePost><key><slug>a</slug></key><set><title>b</title></set><clear>sent</clear><clear>day</clear></UpdatePost>",
            "update posts(title, sent, day) where slug = $0 returning | a | b, null, null",
        ),
        (
            "<UpdatePost><key><slug>a</slug></key><set><sent xsi:nil=\"1\"/></set><clear>sent</clear></UpdatePost>",
            "BIS-425 /UpdatePost/clear[1] sent is set or cleared twice",
        ),
        (
            "<UpdatePost><key><slug>a</slug></key><clear>id</clear><clear>author</clear></UpdatePost>",
            "BIS-425 /UpdatePost/clear[1] id cannot be null",
        ),
        (
            "<CreatePosts><input/><input><slug>a</slug><sent/></input></CreatePosts>",
            "22007 /CreatePosts/input[2]/sent invalid input syntax for type timestamp with time zone: \"\"",
        ),
        (
            "<CreatePost><input><slugg>a</slugg></input></CreatePost>",
            "BIS-425 /CreatePost/input/slugg input has no element slugg",
        ),
        (
            "<CreatePost><input><slug><b>a</b></slug></input></CreatePost>",
            "BIS-425 /CreatePost/input/slug slug holds a value, not the element b",
        ),
        (
            "<CreatePost><input><done>yes</done></input></CreatePost>",
            "22P02 /CreatePost/input/done invalid input syntax for type boolean: \"yes\"",
        ),
        (
            "<CreatePost><input><raw>AP8</raw></input></CreatePost>",
            "22P02 /CreatePost/input/raw invalid input syntax for type base64Binary: \"AP8\"",
        ),
        (
            "<CreatePost><input><tags><tag>a</tag></tags></input></CreatePost>",
            "BIS-425 /CreatePost/input/tags/tag tags has no element tag",
        ),
        (
            "<CreatePost><input><sent xsi:nil=\"true\">2026-11-22T00:00:00Z</sent></input></CreatePost>",
            "BIS-425 /CreatePost/input/sent sent says that it is nil, and holds something",
        ),
        (
            "<CreatePosts><input/><input xsi:nil=\"true\"/></CreatePosts>",
            "BIS-425 /CreatePosts/input[2] input cannot be null",
        ),
        (
            "<CreatePost><input><sent xsi:nil=\"yes\"/></input></CreatePost>",
            "BIS-425 /CreatePost/input/sent xsi:nil of sent is true or false",
        ),
        (
            "<CreatePost><input href=\"#1\"/></CreatePost>",
            "BIS-425 /CreatePost/input References (href) are not followed",
        ),
    ]);
}

#[test]
fn a_cursor_is_read_as_it_was_written() {
    use super::{append_cursor, cursor, write_cursor};
    let described = described();
    let (view, ty) = (described.view(), described.view().schema().by_name("Post").expect("a type"));
    let of = view.schema().ty(ty);
    let terms: Vec<_> = ["price", "sent", "slug"]
        .map(|name| of.field_named(name).expect("a field"))
        .map(|id| bistro_ir::keyset::Term::of(of.field(id), id))
        .into();
    let price = bistro_schema::Decimal::parse("1.50").expect("a decimal");
    let values = [ValueRef::Decimal(price), ValueRef::Null, ValueRef::Text("ä\u{0}b")];
    let mut bytes = Vec::new();
    values.iter().for_each(|value| append_cursor(*value, &mut bytes));
    let text = write_cursor(7, &bytes);
    let read = |text: &str, signature| cursor::read(view.schema(), text, (signature, &terms));
    // A text with NUL is no value of a column, so that this one was made by hand.
    assert!(read(&text, 7).is_err());
    bytes.clear();
    let values = [values[0], values[1], ValueRef::Text("ä")];
    values.iter().for_each(|value| append_cursor(*value, &mut bytes));
    let text = write_cursor(7, &bytes);
    let expected = vec![Value::Decimal(price), Value::Null, Value::text("ä")];
    assert_eq!(read(&text, 7).ok(), Some(expected));
    assert!(read(&text, 8).is_err());
    for end in 0..text.len() {
        assert!(read(&text[..end], 7).is_err(), "{end}");
    }
}
