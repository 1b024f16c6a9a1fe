//! Hidden and unknown are the same to a caller, at every place where a request can name something.
//!
//! Each template is asked twice, with a name that is hidden and with one that nobody has; but for the name itself the
//! answers must be equal to the byte.

use crate::case::header;
use crate::seat::{Backend, Running, Seat};
use bistro_wire::Response;

/// Hidden from the caller, and unknown to all; equally long and equally far from every visible name.
const FIELDS: &[(&str, &str)] = &[
    ("veiled_pin", "zzzzzz_pin"),
    ("veiled_pay", "zzzzzz_pay"),
    ("veiled_code", "zzzzzz_code"),
    ("veiled_doc", "zzzzzz_doc"),
];

const FIELD_PLACES: &str = "
GET /rest/v1/people?select=NAME
GET /rest/v1/people?select=x:NAME
GET /rest/v1/people?select=NAME::text
GET /rest/v1/people?select=NAME-%3Ek
GET /rest/v1/people?select=NAME-%3E%3Ek
GET /rest/v1/people?select=NAME.count()
GET /rest/v1/people?select=NAME.sum()
GET /rest/v1/people?select=NAME.max()
GET /rest/v1/people?select=name,count()&NAME=is.null
GET /rest/v1/people?NAME=eq.1
GET /rest/v1/people?NAME=is.null
GET /rest/v1/people?NAME=in.(1)
GET /rest/v1/people?NAME=like.*
GET /rest/v1/people?NAME=fts.a
GET /rest/v1/people?NAME=nonsense
GET /rest/v1/people?NAME-%3Ek=eq.1
GET /rest/v1/people?NAME-%3E%3Ek=eq.1
GET /rest/v1/people?or=(NAME.eq.1,name.eq.Ada)
GET /rest/v1/people?and=(NAME.is.null,name.eq.Ada)
GET /rest/v1/people?not.or=(not.and(NAME.eq.1,name.eq.a),name.eq.b)
GET /rest/v1/people?order=NAME
GET /rest/v1/people?order=NAME.desc.nullslast
GET /rest/v1/people?order=NAME-%3Ek
GET /rest/v1/people?select=NAME(name)
GET /rest/v1/people?select=...NAME(name)
GET /rest/v1/people?select=boss:people!NAME(name)
GET /rest/v1/people?select=x:NAME!inner(name)
GET /rest/v1/posts?select=id,author(NAME)
GET /rest/v1/posts?select=id,author(x:NAME::text)
GET /rest/v1/posts?select=id,author(name)&author.NAME=eq.1
GET /rest/v1/posts?select=id,author(name)&author.NAME-%3Ek=eq.1
GET /rest/v1/posts?select=id,author(name)&author.or=(NAME.eq.1,name.eq.Ada)
GET /rest/v1/posts?select=id,author!inner(name)&author.NAME=is.null
GET /rest/v1/posts?select=id,author(name)&order=author(NAME)
GET /rest/v1/posts?select=id,author(NAME.count())
GET /rest/v1/posts?select=id,...author(NAME)
GET /rest/v1/posts?select=id,...author(NAME.max())
GET /rest/v1/people?select=name,reports(name)&reports.order=NAME
GET /rest/v1/people?select=name,reports(name)&reports.NAME=eq.1
GET /rest/v1/people?select=name,...reports(NAME)
GET /rest/v1/people/01000000-0000-7000-8000-000000000001?select=NAME
GET /rest/v1/people?NAME.x=eq.1
GET /rest/v1/people?NAME.order=x
GET /rest/v1/people?NAME.limit=1
HEAD /rest/v1/people?NAME=eq.1
POST /rest/v1/people {\"name\":\"N\",\"NAME\":\"1\"}
POST /rest/v1/people [{\"name\":\"N\",\"NAME\":\"1\"}]
POST /rest/v1/people?columns=name,NAME [{\"name\":\"N\"}]
POST /rest/v1/people?columns=\"NAME\" [{\"name\":\"N\"}]
POST /rest/v1/people?on_conflict=NAME {\"name\":\"N\"}
POST /rest/v1/people?on_conflict=nick,NAME {\"name\":\"N\"}
POST /rest/v1/people?select=NAME {\"name\":\"N\"}
PATCH /rest/v1/people?name=eq.Ada {\"NAME\":\"1\"}
PATCH /rest/v1/people?name=eq.Ada {\"NAME\":null}
PATCH /rest/v1/people?NAME=eq.1 {\"name\":\"N\"}
PATCH /rest/v1/people?name=eq.Ada&select=NAME {\"name\":\"N\"}
PATCH /rest/v1/people?name=eq.Ada&columns=NAME {\"name\":\"N\"}
PATCH /rest/v1/people/01000000-0000-7000-8000-000000000001 {\"NAME\":\"1\"}
PUT /rest/v1/people/01000000-0000-7000-8000-000000000001 {\"name\":\"N\",\"NAME\":\"1\"}
PUT /rest/v1/people?NAME=eq.1 {\"name\":\"N\"}
DELETE /rest/v1/people?NAME=eq.1
DELETE /rest/v1/people?or=(NAME.eq.1,NAME.is.null)
POST /batch/v1 {\"operations\":[{\"method\":\"GET\",\"path\":\"/rest/v1/people?NAME=eq.1\"}]}
POST /batch/v1 {\"operations\":[{\"method\":\"PATCH\",\"path\":\"/rest/v1/people?name=eq.Ada\",\"body\":{\"NAME\":1}}]}
";

const TYPES: &[(&str, &str)] =
    &[("veiled_notes", "zzzzzz_notes"), ("veiled_notes_post_id_fkey", "zzzzzz_notes_post_id_fkey")];

const TYPE_PLACES: &str = "
GET /rest/v1/NAME
GET /rest/v1/NAME?select=id
GET /rest/v1/NAME?nonsense=x&order=(
GET /rest/v1/NAME/1
HEAD /rest/v1/NAME
OPTIONS /rest/v1/NAME
OPTIONS /rest/v1/NAME/1
POST /rest/v1/NAME {\"id\":1}
POST /rest/v1/NAME not json
PATCH /rest/v1/NAME?id=eq.1 {}
PUT /rest/v1/NAME?id=eq.1 {\"id\":1}
DELETE /rest/v1/NAME?id=eq.1
DELETE /rest/v1/NAME
DELETE /rest/v1/NAME/1
GET /rest/v1/posts?select=id,NAME(id)
GET /rest/v1/posts?select=id,NAME(*)
GET /rest/v1/posts?select=id,NAME()&NAME=is.null
GET /rest/v1/posts?select=id,NAME(count)
GET /rest/v1/posts?select=id,...NAME(id)
GET /rest/v1/posts?select=id,x:NAME!inner(id)
GET /rest/v1/posts?select=id,people!NAME(name)
GET /rest/v1/posts?select=id,author!NAME(name)
GET /rest/v1/posts?select=NAME
GET /rest/v1/posts?select=id&NAME.id=eq.1
GET /rest/v1/posts?select=id&NAME=is.null
GET /rest/v1/posts?select=id&or=(NAME.is.null,id.eq.1)
GET /rest/v1/posts?select=id&order=NAME(id)
GET /rest/v1/posts?select=id&NAME.order=id
GET /rest/v1/people?select=name,posts(id,NAME(id))
GET /rest/v1/people?select=name,posts(id)&posts.NAME.id=eq.1
POST /rest/v1/posts?select=id,NAME(id) {\"title\":\"t\",\"slug\":\"new\"}
POST /rest/v1/posts {\"title\":\"t\",\"slug\":\"new\",\"NAME\":1}
POST /batch/v1 {\"operations\":[{\"method\":\"GET\",\"path\":\"/rest/v1/NAME\"}]}
";

/// Fields of relations that only editors may read: the field itself, and its column.
const RELATIONS: &[(&str, &str)] = &[
    ("veiled_boss", "zzzzzz_boss"),
    ("veiled_boss_id", "zzzzzz_boss_id"),
    ("posts_veiled_boss_id_fkey", "posts_zzzzzz_boss_id_fkey"),
];

const RELATION_PLACES: &str = "
GET /rest/v1/posts?select=NAME
GET /rest/v1/posts?select=NAME(id)
GET /rest/v1/posts?select=id,...NAME(id)
GET /rest/v1/posts?select=x:NAME!inner(id)
GET /rest/v1/posts?NAME=is.null
GET /rest/v1/posts?NAME=eq.1
GET /rest/v1/posts?order=NAME
GET /rest/v1/posts?order=NAME(id)
GET /rest/v1/posts?NAME.id=eq.1
GET /rest/v1/posts?select=people!NAME(name)
POST /rest/v1/posts {\"title\":\"t\",\"slug\":\"new\",\"NAME\":1}
PATCH /rest/v1/posts?id=eq.1 {\"NAME\":1}
POST /rest/v1/posts?on_conflict=NAME {\"title\":\"t\",\"slug\":\"new\"}
POST /rest/v1/posts?columns=title,NAME {\"title\":\"t\",\"slug\":\"new\"}
";

#[test]
fn what_is_hidden_answers_like_what_is_not_there() {
    let seat = Seat::new();
    let mut wrong = Vec::new();
    for backend in Backend::ALL {
        let running = seat.take(backend, true);
        let tables = [(FIELDS, FIELD_PLACES), (TYPES, TYPE_PLACES), (RELATIONS, RELATION_PLACES)];
        for (names, places) in tables {
            for (place, pair) in
                places.lines().filter(|l| !l.is_empty()).flat_map(|l| names.iter().map(move |n| (l, n)))
            {
                for caller in ["anon", "ada", "vic"] {
                    wrong.extend(
                        check(&running, caller, place, *pair).map(|w| format!("{backend:?} {caller}: {w}")),
                    );
                }
            }
        }
        seat.give_back(running);
    }
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
}

/// Asks with both names; what differs.
fn check(running: &Running, caller: &str, place: &str, (hidden, unknown): (&str, &str)) -> Option<String> {
    let mut parts = place.splitn(3, ' ');
    let mut part = || parts.next().unwrap_or_default();
    let (method, target, body) = (part(), part(), part());
    let headers = vec![("prefer".to_owned(), "return=representation,resolution=merge-duplicates".to_owned())];
    let ask = |name: &str| {
        let (target, body) = (target.replace("NAME", name), body.replace("NAME", name));
        plain(&running.send(caller, method, &target, &headers, body.into()), name)
    };
    let (hidden, unknown) = (ask(hidden), ask(unknown));
    let refused = !hidden.starts_with('2') || method == "HEAD";
    (hidden != unknown || !refused).then(|| format!("{place}\n  hidden  {hidden}\n  unknown {unknown}"))
}

/// A response as text, without the name.
fn plain(response: &Response, name: &str) -> String {
    let body = String::from_utf8_lossy(&response.body).replace(name, "NAME");
    let proxy = header(response, "proxy-status").unwrap_or_default();
    format!("{} {proxy} {} {body}", response.status, response.headers.len())
}
