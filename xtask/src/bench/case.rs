//! The requests of each workload: the same URLs and bodies for every server.

use std::sync::Arc;

use crate::bench::data::{self, USERS, mix};
use crate::bench::graphql::{self, Dialect, Graph};
use crate::bench::soap::{self, Envelope};

/// The user who calls.
pub(super) const CALLER: u64 = 7;
/// How many different keys, authors and moments a workload asks for, at most.
const MOST_VALUES: u64 = 500_000;

/// What is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Workload {
    /// One post by its key.
    ReadOne,
    /// The newest 50 posts of an author, by an index.
    List50,
    /// 20 posts before a moment, each with its author and its newest three comments.
    Feed20,
    /// 20 posts before a moment, flat: a keyset page.
    Page20,
    /// One durable insert.
    Insert,
    /// Nine reads to one insert.
    Mixed,
    /// A GraphQL document.
    Graph(Graph),
    /// A SOAP envelope.
    Soap(Envelope),
}

/// How the caller shows who they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller {
    /// A signed-in user, whose token the server has seen before.
    Known,
    /// The public key alone.
    Anonymous,
    /// Somebody who signed up, as clients send it: the public key and the token of their session.
    Session,
}

/// The header lines of each [`Caller`].
pub(super) struct Credentials {
    pub(super) known: String,
    pub(super) anonymous: String,
    /// Nothing where nobody signed up.
    pub(super) session: String,
}

/// Texts of one width, to be put into a request.
pub(super) struct Slots {
    width: usize,
    bytes: Vec<u8>,
}

impl Slots {
    pub(super) fn of(texts: impl Iterator<Item = String>) -> Self {
        let mut bytes = Vec::new();
        let mut width = 0;
        for text in texts {
            width = text.len();
            bytes.extend_from_slice(text.as_bytes());
        }
        Self { width, bytes }
    }

    /// Bytes of each text.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    fn pick(&self, random: u64) -> &[u8] {
        let count = (self.bytes.len() / self.width) as u64;
        let at = (random % count) as usize * self.width;
        &self.bytes[at..at + self.width]
    }
}

/// What the requests ask of a data set.
pub(super) struct Values {
    /// Published posts.
    posts: Arc<Slots>,
    /// Every user but the caller, whose list grows by the inserts.
    authors: Arc<Slots>,
    /// Moments with at least a hundred posts before them.
    times: Arc<Slots>,
}

impl Values {
    /// The values of a data set of that many posts.
    pub(super) fn new(posts: u64) -> Self {
        let step = posts.div_ceil(MOST_VALUES) as usize;
        let published = (0..posts).filter(|&post| !data::is_draft(post)).step_by(step);
        let authors = (0..USERS).filter(|&user| user != CALLER);
        Self {
            posts: Arc::new(Slots::of(published.map(data::post_id))),
            authors: Arc::new(Slots::of(authors.map(data::user_id))),
            times: Arc::new(Slots::of((100..posts).step_by(step).map(data::post_time))),
        }
    }
}

/// A request with at most one gap, ready to be sent.
pub(super) struct Template {
    pub(super) head: Vec<u8>,
    pub(super) gap: Option<Arc<Slots>>,
    pub(super) tail: Vec<u8>,
    /// The status of a right answer.
    pub(super) expected: u16,
    /// How often of a hundred.
    pub(super) share: u64,
}

impl Template {
    /// Writes the request with a value chosen by the random number.
    pub(super) fn write(&self, random: u64, out: &mut Vec<u8>) {
        out.clear();
        out.extend_from_slice(&self.head);
        if let Some(gap) = &self.gap {
            out.extend_from_slice(gap.pick(random));
        }
        out.extend_from_slice(&self.tail);
    }

    /// A request of its own.
    pub(super) fn rendered(&self, random: u64) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(random, &mut out);
        out
    }
}

/// The requests of a workload as that caller.
pub(super) fn templates(
    workload: Workload,
    values: &Values,
    credentials: &Credentials,
    (caller, dialect): (Caller, Dialect),
) -> Vec<Template> {
    let lines = match caller {
        Caller::Known => &credentials.known,
        Caller::Anonymous => &credentials.anonymous,
        Caller::Session => &credentials.session,
    };
    let read = |before: &str, gap: &Arc<Slots>, after: &str| Template {
        head: format!("GET /rest/v1/posts{before}").into_bytes(),
        gap: Some(gap.clone()),
        tail: get_tail(after, lines),
        expected: 200,
        share: 100,
    };
    match workload {
        Workload::ReadOne => vec![read("/", &values.posts, "")],
        Workload::List50 => {
            vec![read("?author_id=eq.", &values.authors, "&order=created_at.desc&limit=50")]
        }
        Workload::Feed20 => vec![read(
            "?select=id,title,body,status,created_at,author(id,name),comments(id,body,created_at)\
             &comments.order=created_at.desc&comments.limit=3&created_at=lt.",
            &values.times,
            "&order=created_at.desc&limit=20",
        )],
        Workload::Page20 => {
            vec![read("?created_at=lt.", &values.times, "&order=created_at.desc&limit=20")]
        }
        Workload::Insert => vec![insert(lines)],
        Workload::Graph(graph) => {
            let values = match graph {
                Graph::One => &values.posts,
                Graph::List50 | Graph::FeedOf => &values.authors,
                Graph::Feed20 => &values.times,
            };
            vec![graphql::template(graph, dialect, values, lines)]
        }
        Workload::Soap(envelope) => {
            let values = match envelope {
                Envelope::One => &values.posts,
                Envelope::List50 => &values.authors,
            };
            vec![soap::template(envelope, values, lines)]
        }
        Workload::Mixed => vec![
            Template { share: 90, ..read("/", &values.posts, "") },
            Template { share: 10, ..insert(lines) },
        ],
    }
}

/// Asks for one path.
pub(super) fn get(path: &str, lines: &str) -> Vec<u8> {
    let mut request = format!("GET {path}").into_bytes();
    request.extend_from_slice(&get_tail("", lines));
    request
}

fn get_tail(after: &str, lines: &str) -> Vec<u8> {
    format!("{after} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}Accept: application/json\r\n\r\n").into_bytes()
}

fn insert(lines: &str) -> Template {
    let author = data::user_id(CALLER);
    let body = data::json_text(&data::text(mix(1), data::BODY));
    let body =
        format!(r#"{{"author_id":"{author}","title":"A new post","body":{body},"status":"published"}}"#);
    let head = format!(
        "POST /rest/v1/posts HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}Content-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    Template { head: head.into_bytes(), gap: None, tail: Vec::new(), expected: 201, share: 100 }
}
