//! Which changes are told, to whom and when.

use bistro_engine::{Context, Engine};
use bistro_ir::Caller;

use crate::seat::{NOW, Seat, seats, wait};

const ROWS: &str = "insert User id=1 name=ada / id=2 name=bob; \
    insert Post id=1 title=a author_id=1 / id=2 title=b author_id=1 / id=3 title=c author_id=2; \
    insert Note id=1 text=x post_id=1 parent_id=null / id=2 text=y post_id=2 parent_id=1 / id=3 text=z post_id=2 parent_id=null; \
    insert Tag id=1 word=w";

/// A case: who listens to which types, the transactions (each a line), and what is heard.
struct Case {
    name: &'static str,
    listens: &'static str,
    transactions: &'static [&'static str],
    heard: &'static [&'static str],
}

const fn case(
    name: &'static str,
    listens: &'static str,
    transactions: &'static [&'static str],
    heard: &'static [&'static str],
) -> Case {
    Case { name, listens, transactions, heard }
}

const CASES: &[Case] = &[
    case("an insert", "Post", &["insert Post id=7 title=n"], &["+Post 7"]),
    case("rows of one insert", "Post", &["insert Post id=7 title=n / id=8 title=m"], &["+Post 7, +Post 8"]),
    case("an update", "Post", &["update Post id=1 set title=n"], &["~Post 1"]),
    case("an update of many", "Post", &["update Post author_id=1 set title=n"], &["~Post 1, ~Post 2"]),
    case("an update of none", "Post", &["update Post id=99 set title=n"], &[]),
    case("an update of the key", "Post", &["update Post id=3 set id=30 title=n"], &["-Post 3, +Post 30"]),
    case("an update that sends the key again", "Post", &["update Post id=3 set id=3 title=n"], &["~Post 3"]),
    case("a delete", "Post", &["delete Post id=3"], &["-Post 3, *Note, *PostTags"]),
    case("a delete of none", "Post", &["delete Post id=99"], &[]),
    case("an upsert", "Post", &["upsert Post id=1 title=n / id=9 title=m"], &["~Post 1, +Post 9"]),
    case(
        "several operations are one commit, in order",
        "Post",
        &["insert Post id=7 title=n; update Post id=1 set title=m; delete Post id=3"],
        &["+Post 7, ~Post 1, -Post 3, *Note, *PostTags"],
    ),
    case(
        "a row is told once, as the transaction leaves it",
        "Tag",
        &[
            "insert Tag id=7 word=n; update Tag id=7 set word=m",
            "update Tag id=7 set word=o; update Tag id=7 set word=p",
        ],
        &["+Tag 7", "~Tag 7"],
    ),
    case(
        "a row that came and went is not told",
        "Tag",
        &["insert Tag id=7 word=n; update Tag id=7 set word=m; delete Tag id=7"],
        &["*Tag, *PostTags"],
    ),
    case(
        "a row that went and came has changed",
        "Tag",
        &["delete Tag id=1; insert Tag id=1 word=n"],
        &["~Tag 1, *PostTags"],
    ),
    case(
        "commits come in order",
        "Post",
        &["insert Post id=7 title=n", "delete Post id=7", "insert Post id=7 title=m"],
        &["+Post 7", "-Post 7, *Note, *PostTags", "+Post 7"],
    ),
    case("what is rolled back is not told", "Post", &["insert Post id=7 title=n; fail"], &[]),
    case("nor what is refused", "Post", &["insert Post id=7 title=n; insert Post id=7 title=m"], &[]),
    case("other types are not told", "Post", &["insert User id=5 name=x", "insert Tag id=9 word=v"], &[]),
    case(
        "types beside those asked for come without their rows",
        "Post",
        &["insert Tag id=9 word=v; insert Post id=7 title=n"],
        &["+Post 7, *Tag"],
    ),
    case(
        "links are rows of the join type",
        "PostTags",
        &["insert PostTags post_id=1 tag_id=1", "delete Tag id=1"],
        &["+PostTags 1/1", "-PostTags 1/1, *Tag"],
    ),
    case(
        "rows that go with others",
        "Post Note",
        &["delete Post id=1"],
        &["-Post 1, -Note 1, -Note 2, *PostTags"],
    ),
    case(
        "a row that goes twice",
        "Note",
        &["delete Note id=1", "delete Note post_id=2"],
        &["-Note 1, -Note 2", "-Note 3"],
    ),
    case(
        "rows that go with others of one delete",
        "Note",
        &["delete Note text=x; delete Note id=3"],
        &["-Note 1, -Note 2, -Note 3"],
    ),
    case("references that become null", "Post", &["delete User id=1"], &["~Post 1, ~Post 2, *User"]),
    case(
        "steps over a type that nobody asked for",
        "Note",
        &["delete Post id=2"],
        &["-Note 2, -Note 3, *Post, *PostTags"],
    ),
];

#[test]
fn changes_are_told_after_their_commit() {
    for case in CASES {
        for seat in seats() {
            check(&seat, case);
        }
    }
}

fn check(seat: &Seat, case: &Case) {
    seat.transact(ROWS).unwrap();
    let feed = seat.engine.feed();
    let mut listener = feed.listen(&seat.types(case.listens));
    let mut heard = Vec::new();
    for line in case.transactions {
        let transaction = seat.begin(line);
        assert!(seat.heard(&mut listener).is_empty() || seat.name != "memory", "told before the commit");
        let _ = wait(transaction);
        heard.extend(seat.heard(&mut listener));
    }
    assert_eq!(heard, case.heard, "{} on {}", case.name, seat.name);
}

#[test]
fn who_watches_hears_that_something_changed_and_only_the_latest() {
    for seat in seats() {
        let mut watcher = seat.engine.feed().watch(&seat.types("Post User"));
        assert!(seat.heard(&mut watcher).is_empty());
        for n in 0..300 {
            seat.transact(&format!("insert Post id={n} title=n; insert User id=1 name=n; delete User id=1"))
                .unwrap();
        }
        assert_eq!(seat.heard(&mut watcher), ["*User, *Post"].map(sorted(&seat)), "{}", seat.name);
        assert!(seat.heard(&mut watcher).is_empty());
    }
}

/// Types that are told without their rows come in the order of the file.
fn sorted(seat: &Seat) -> impl Fn(&str) -> String {
    |line| {
        let mut parts: Vec<&str> = line.split(", ").collect();
        parts.sort_by_key(|part| seat.ty(&part[1..]));
        parts.join(", ")
    }
}

#[test]
fn a_listener_that_lags_hears_so_once_and_no_more() {
    for seat in seats() {
        let mut slow = seat.engine.feed().listen(&seat.types("Post"));
        let mut watcher = seat.engine.feed().watch(&seat.types("Post"));
        for n in 0..257 {
            seat.transact(&format!("insert Post id={n} title=n")).unwrap();
        }
        assert_eq!(seat.heard(&mut slow), ["Lagged", "closed"], "{}", seat.name);
        seat.transact("insert Post id=999 title=n").unwrap();
        assert_eq!(seat.heard(&mut slow), ["closed"]);
        assert_eq!(seat.heard(&mut watcher).len(), 1, "who watches never lags");
    }
}

#[test]
fn too_many_rows_of_a_transaction_are_told_as_unknown() {
    // The store in memory is too slow for so many.
    for seat in seats().into_iter().skip(1) {
        let mut listener = seat.engine.feed().listen(&seat.types("Post Tag"));
        let rows: Vec<String> = (0..10_001).map(|n| format!("id={n} title=n")).collect();
        seat.transact(&format!("insert Tag id=1 word=w; insert Post {}", rows.join(" / "))).unwrap();
        assert_eq!(seat.heard(&mut listener), ["+Tag 1, ?Post"], "{}", seat.name);
        seat.transact("delete Post title=n").unwrap();
        assert_eq!(
            seat.heard(&mut listener),
            ["?Post, *Note, *PostTags"].map(sorted(&seat)),
            "{}",
            seat.name
        );
    }
}

#[test]
fn a_closed_feed_ends_its_listeners_after_what_they_have_to_hear() {
    for seat in seats() {
        let mut listener = seat.engine.feed().listen(&seat.types("Post"));
        let mut end = seat.engine.feed().watch(&seat.types(""));
        seat.transact("insert Post id=1 title=n").unwrap();
        assert!(seat.heard(&mut end).is_empty());
        seat.engine.feed().close();
        assert_eq!(seat.heard(&mut end), ["closed"], "{}", seat.name);
        seat.transact("insert Post id=2 title=n").unwrap();
        assert_eq!(seat.heard(&mut listener), ["+Post 1", "closed"], "{}", seat.name);
        let mut ended = seat.engine.feed().watch(&seat.types(""));
        assert_eq!(seat.heard(&mut ended), ["closed"]);
        let mut late = seat.engine.feed().listen(&seat.types("Post"));
        assert_eq!(seat.heard(&mut late), ["closed"]);
    }
}

#[test]
fn a_commit_is_told_though_nobody_waits_for_it() {
    for seat in seats() {
        let mut listener = seat.engine.feed().listen(&seat.types("Post"));
        drop(seat.begin("insert Post id=1 title=n"));
        // The store runs what has begun; the next transaction comes behind it.
        seat.transact("insert Post id=2 title=n").unwrap();
        let heard = seat.heard(&mut listener);
        assert_eq!(heard.last().map(String::as_str), Some("+Post 2"), "{}", seat.name);
        let stored = count(&seat.engine, &seat) as usize;
        assert_eq!(heard.len(), stored, "all that was stored was told, on {}", seat.name);
    }
}

fn count(engine: &std::sync::Arc<Engine>, seat: &Seat) -> u64 {
    let body = bistro_ir::Body::Read(crate::depends::read(seat.ty("Post"), bistro_ir::Expr::TRUE));
    let operation = bistro_ir::Operation { body, params: Vec::new() };
    let cx = Context::new(Caller::service(), NOW);
    let ready = engine.ready(cx.caller.roles, &operation).unwrap();
    let read = engine.read(cx, ready, Default::default(), Box::new(bistro_store::Collect::new()));
    wait(read).unwrap().1.rows
}

#[test]
fn a_listener_that_comes_during_a_transaction_hears_that_it_ended() {
    let [_, seat] = seats();
    let feed = std::sync::Arc::clone(seat.engine.feed());
    let types = seat.types("Post");
    let (engine, later) = (std::sync::Arc::clone(&seat.engine), std::sync::Arc::default());
    let put: std::sync::Arc<std::sync::Mutex<Option<bistro_engine::Listener>>> =
        std::sync::Arc::clone(&later);
    let (operation, input) = seat.operation("insert Post id=1 title=n");
    let done = engine.transact(
        crate::seat::service(),
        Box::new(move |session| {
            Box::pin(async move {
                let ready = session.engine().ready(session.context().caller.roles, &operation)?;
                session.run(&ready, &input, &mut bistro_store::Collect::new()).await?;
                *put.lock().unwrap() = Some(feed.listen(&types));
                Ok(())
            })
        }),
    );
    wait(done).unwrap();
    let mut listener = later.lock().unwrap().take().unwrap();
    assert_eq!(seat.heard(&mut listener), ["*Post"]);
}

#[test]
fn a_listener_that_left_is_forgotten() {
    for seat in seats() {
        let listener = seat.engine.feed().listen(&seat.types("Post"));
        let mut other = seat.engine.feed().listen(&seat.types("Note"));
        drop(listener);
        seat.transact("insert Post id=1 title=n; insert Note id=1 text=x post_id=1").unwrap();
        // Rows of posts are not noted any more.
        assert_eq!(seat.heard(&mut other), ["+Note 1, *Post"], "{}", seat.name);
    }
}

#[test]
fn rows_that_are_too_large_together_are_told_as_unknown() {
    for seat in seats() {
        let large = "x".repeat(9 << 20);
        for id in 0..4 {
            seat.transact(&format!("insert Tag id={id} word={large}")).unwrap();
        }
        let mut listener = seat.engine.feed().listen(&seat.types("Tag"));
        let mut slow = seat.engine.feed().listen(&seat.types("Tag"));
        seat.transact("delete Tag id=0").unwrap();
        assert_eq!(seat.heard(&mut listener), ["-Tag 0, *PostTags"], "{}", seat.name);
        seat.transact("insert Tag id=0 word=w").unwrap();
        seat.transact(&format!("update Tag id=0 set word={large}")).unwrap();
        assert_eq!(seat.heard(&mut listener), ["+Tag 0", "~Tag 0"]);
        seat.transact(&format!("delete Tag word={large}")).unwrap();
        assert_eq!(seat.heard(&mut listener), ["?Tag, *PostTags"].map(sorted(&seat)), "{}", seat.name);
        assert_eq!(seat.heard(&mut slow).len(), 4, "what is unknown is small");
    }
}
