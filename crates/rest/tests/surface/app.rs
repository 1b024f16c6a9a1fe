//! A small blog under the surface, and the one function that knows how to ask it.

use std::sync::Arc;
use std::task::{Context as Task, Poll, Waker};

use bistro_engine::Engine;
use bistro_ir::Caller;
use bistro_policy::Rules;
use bistro_rest::{Options, Rest};
use bistro_store_memory::MemoryStore;
use bistro_wire::{Answer, Request, Response};
use bytes::Bytes;

const FILE: &str = r#"
enum Role @roles { editor }
enum Status { draft published }
type Person @model
  @allow(to: [READ])
  @allow(to: [CREATE, UPDATE, DELETE], roles: ["editor"]) {
  id: ID!
  name: String! @length(min: 1, max: 40)
  email: Email @allow(to: [READ], when: "row.id == auth.id")
  posts: [Post!]! @inverse(of: "author")
}
type Post @model
  @allow(to: [READ], when: "row.status == 'published' || row.author == auth.id")
  @allow(to: [CREATE], when: "new.author == auth.id")
  @allow(to: [UPDATE, DELETE], when: "row.author == auth.id")
  @allow(to: [READ, CREATE, UPDATE, DELETE], roles: ["editor"]) {
  id: BigInt! @id
  title: String!
  status: Status! @default(value: published)
  price: Decimal @decimal(precision: 8, scale: 2)
  author: Person!
  tags: [Tag!]!
}
type Tag @model @allow(to: [READ]) { id: Int! @id name: String! @unique posts: [Post!]! @inverse(of: "tags") }
type Stock @model(key: ["place", "part"]) @allow(to: [READ, CREATE, UPDATE, DELETE]) { place: String! part: Int! number: Int! @default(value: 0) }
type Secret @model { id: ID! text: String! }
"#;

/// Ada's id.
pub(crate) const ADA: &str = "0198c0de-0000-7000-8000-00000000ada0";

/// A surface over a store with a few rows.
pub(crate) struct App {
    rest: Rest,
}

/// A request in short.
#[derive(Clone, Default)]
pub(crate) struct Ask {
    pub(crate) as_ada: bool,
    pub(crate) as_service: bool,
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// `GET /rest/v1/posts`, with headers in lines under it and a body after an empty line, as the service key asks.
pub(crate) fn ask(text: &str) -> Ask {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let first = lines.next().expect("a request line");
    let (method, target) = first.split_once(' ').expect("a method and a target");
    let headers =
        lines.map(|line| line.split_once(": ").expect("a header")).map(|(n, v)| (n.to_lowercase(), v.into()));
    Ask {
        as_service: true,
        as_ada: false,
        method: method.into(),
        target: target.into(),
        headers: headers.collect(),
        body: body.trim().into(),
    }
}

impl Ask {
    pub(crate) fn ada(mut self) -> Self {
        (self.as_ada, self.as_service) = (true, false);
        self
    }

    pub(crate) fn anonymous(mut self) -> Self {
        (self.as_ada, self.as_service) = (false, false);
        self
    }
}

/// What came back.
pub(crate) struct Answered(pub(crate) Response);

impl Answered {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.0.headers.iter().find(|(n, _)| *n == name).map_or("", |(_, v)| v)
    }

    pub(crate) fn body(&self) -> &str {
        std::str::from_utf8(&self.0.body).expect("bodies are UTF-8")
    }

    /// A problem's `code`.
    pub(crate) fn code(&self) -> String {
        let body: serde_json::Value = serde_json::from_str(self.body()).unwrap_or_default();
        body["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl App {
    /// The surface, with Ada, Bo, three posts (1 Ada's, 2 Ada's draft, 3 Bo's), two tags and a stock.
    pub(crate) fn new() -> Self {
        let app = Self::empty();
        let ok = |text: &str| {
            let made = app.ask(&ask(text));
            assert_eq!(made.0.status, 201, "{text}: {}", made.body());
        };
        ok(&format!(
            "POST /rest/v1/persons\n\n[{{\"id\":\"{ADA}\",\"name\":\"Ada\",\"email\":\"ada@x.org\"}},
            {{\"id\":\"0198c0de-0000-7000-8000-0000000000b0\",\"name\":\"Bo\",\"email\":null}}]"
        ));
        ok(&format!(
            "POST /rest/v1/posts\n\n[
            {{\"id\":1,\"title\":\"One\",\"status\":\"published\",\"price\":\"10.00\",\"author\":\"{ADA}\"}},
            {{\"id\":2,\"title\":\"Two\",\"status\":\"draft\",\"price\":null,\"author\":\"{ADA}\"}},
            {{\"id\":3,\"title\":\"Three, \\\"3\\\"\",\"status\":\"published\",\"price\":3.5,
              \"author\":\"0198c0de-0000-7000-8000-0000000000b0\"}}]"
        ));
        ok("POST /rest/v1/tags\n\n[{\"id\":1,\"name\":\"red\"},{\"id\":2,\"name\":\"blue\"}]");
        ok("POST /rest/v1/posts_tags\n\n[{\"post_id\":1,\"tag_id\":1},{\"post_id\":1,\"tag_id\":2}]");
        ok("POST /rest/v1/stocks\n\n{\"place\":\"a,b\",\"part\":7,\"number\":5}");
        app
    }

    fn empty() -> Self {
        let checked = bistro_sdl::read("schema.graphql", FILE);
        assert!(!checked.has_errors(), "{:?}", checked.diagnostics);
        let schema = Arc::new(checked.schema);
        let (rules, diagnostics) = Rules::compile(Arc::clone(&schema));
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        let engine =
            Engine::new(MemoryStore::new(schema), Arc::new(rules), bistro_engine::Options::default());
        Self { rest: Rest::new(engine, Options::default()) }
    }

    /// Asks and waits.
    pub(crate) fn ask(&self, ask: &Ask) -> Answered {
        let caller = match (ask.as_service, ask.as_ada) {
            (true, _) => Caller::service(),
            (_, true) => {
                let id: Vec<u8> = ADA
                    .replace('-', "")
                    .as_bytes()
                    .chunks(2)
                    .map(|pair| {
                        u8::from_str_radix(std::str::from_utf8(pair).expect("digits"), 16).expect("digits")
                    })
                    .collect();
                Caller::user(id.try_into().expect("16 bytes"))
            }
            _ => Caller::anonymous(),
        };
        let (path, query) = ask.target.split_once('?').unwrap_or((&ask.target, ""));
        let body = Bytes::from(ask.body.clone());
        let request = Request {
            method: &ask.method,
            path,
            query,
            headers: &ask.headers,
            body: &body,
            id: "r1",
            now: 0,
        };
        let cx = self.rest.context(&request, caller);
        Answered(wait(self.rest.handle(request, cx)))
    }

    /// Asks, and compares status, body and headers. A body that begins with `!` is a problem's code.
    pub(crate) fn check(&self, asked: Ask, status: u16, body: &str, headers: &[(&str, &str)]) {
        let answer = self.ask(&asked);
        let what = format!("{} {} {:?}\n{}", asked.method, asked.target, asked.headers, answer.body());
        assert_eq!(answer.0.status, status, "{what}");
        match body.strip_prefix('!') {
            Some(code) => assert_eq!(answer.code(), code, "{what}"),
            None => assert_eq!(answer.body(), body, "{what}"),
        }
        for (name, value) in headers {
            assert_eq!(answer.header(name), *value, "{name} of {what}");
        }
    }
}

/// Polls until the answer is there; nothing here waits for anything outside.
fn wait(answer: Answer) -> Response {
    let mut future = Box::pin(answer.wait());
    let mut task = Task::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(response) = future.as_mut().poll(&mut task) {
            return response;
        }
        std::thread::yield_now();
    }
}
