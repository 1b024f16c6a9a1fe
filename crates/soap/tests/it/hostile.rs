//! Envelopes that mean harm: each is refused with its code, soon, and nothing of it is expanded or followed.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::seat::{Backend, Running, envelope};

/// Much more than any of them takes, without optimisation and beside other tests.
const SOON: Duration = Duration::from_secs(2);

/// No refusal says more, whatever it is of.
pub(crate) const BRIEF: usize = 8 << 10;

pub(crate) const V11: &str = "text/xml; charset=utf-8";

/// What a body is answered with: the status, and the code of the catalogue or the rows' element.
pub(crate) fn check(running: &Running, content_type: &str, body: impl AsRef<[u8]>, expected: (u16, &str)) {
    let body = body.as_ref();
    let began = Instant::now();
    let response = running.send("anon", content_type, body);
    let took = began.elapsed();
    let (body, text) = (String::from_utf8_lossy(body), String::from_utf8_lossy(&response.body));
    let [start, said]: [String; 2] = [&body, &text].map(|text| text.chars().take(600).collect());
    assert!(took < SOON, "{start} took {took:?}");
    assert_eq!(response.status, expected.0, "{start}: {said}");
    assert!(text.contains(expected.1), "{start}: {said}");
    assert!(text.len() < BRIEF, "{start}: {} bytes of {said}", text.len());
}

pub(crate) fn repeated(part: &str, count: usize) -> String {
    part.repeat(count)
}

fn numbered(count: usize, mut part: impl FnMut(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut all, n| {
        all.push_str(&part(n));
        all
    })
}

#[test]
fn nothing_is_expanded_or_followed() {
    let running = Running::over(Backend::Memory);
    let refuse = |before: &str, inner: &str| {
        let body =
            format!("{before}{}", envelope(&format!("<GetPost><key><slug>{inner}</slug></key></GetPost>")));
        check(&running, V11, &body, (500, "BIS-420"));
    };
    refuse("<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>", "&e;");
    refuse("<!DOCTYPE x SYSTEM \"http://127.0.0.1:1/x.dtd\">", "a");
    refuse("<!DOCTYPE x [<!ENTITY % p SYSTEM \"http://127.0.0.1:1/p\">%p;]>", "a");
    let mut bomb = String::from("<!DOCTYPE l [<!ENTITY a \"aaaaaaaaaa\">");
    for (name, before) in ('b'..='j').zip('a'..='i') {
        write!(bomb, "<!ENTITY {name} \"{}\">", repeated(&format!("&{before};"), 10)).unwrap();
    }
    refuse(&format!("{bomb}]>"), "&j;");
    refuse("", "&nbsp;");
    refuse("", "&#0;");
    refuse("", "&#xD800;");
    refuse("", "&#99999999999;");
    refuse("", "<!DOCTYPE x>");
    refuse("", "<?xml-stylesheet href=\"http://127.0.0.1:1/\"?>");
    refuse("", "\u{1}");
    refuse("", "\u{FFFE}");
    let include = "<i:include xmlns:i=\"http://www.w3.org/2001/XInclude\" href=\"file:///etc/passwd\"/>";
    let followed = envelope(&format!("<GetPost><key><slug>{include}</slug></key></GetPost>"));
    check(&running, V11, &followed, (500, "/GetPost/key/slug"));
    check(&running, V11, envelope("<GetPost href=\"#1\"><key/></GetPost>"), (500, "BIS-425"));
}

#[test]
fn sizes_end_at_limits() {
    let running = Running::over(Backend::Memory);
    let refuse = |body: &str, code: &str| check(&running, V11, body, (500, code));
    let of = |element: String| envelope(&element);
    refuse(&repeated("<a>", 200_000), "BIS-106");
    refuse(&of(format!("<GetPost {}/>", numbered(100_000, |n| format!("a{n}=\"1\" ")))), "BIS-106");
    refuse(&of(format!("<GetPost {}/>", numbered(100_000, |n| format!("xmlns:a{n}=\"u\" ")))), "BIS-106");
    refuse(&of(format!("<GetPost>{}</GetPost>", repeated("<a/>", 240_000))), "BIS-106");
    refuse(
        &of(format!("<GetPost><key><slug>{}</slug></key></GetPost>", repeated("x", 1_000_000))),
        "BIS-408",
    );
    refuse(&of(format!("<GetPost><key>{}</key></GetPost>", repeated("<slug/>", 90_000))), "BIS-425");
    refuse(
        &of(format!("<GetPost><key>{}</key></GetPost>", numbered(50_000, |n| format!("<k{n}/>")))),
        "BIS-425",
    );
    refuse(&format!("<!--{}-->", repeated("x", 1_000_000)), "BIS-420");
    refuse(
        &of(format!("<GetPost><key><slug>{}</slug></key></GetPost>", repeated("&amp;", 190_000))),
        "BIS-408",
    );
    let count = |filter: String| of(format!("<CountPosts><filter>{filter}</filter></CountPosts>"));
    refuse(&count(format!("<slug>{}</slug>", repeated("<in>a</in>", 10_000))), "BIS-106");
    refuse(&count(repeated("<or><slug><eq>a</eq></slug></or>", 6_000)), "BIS-106");
    refuse(&count(format!("{}{}", repeated("<not>", 70), repeated("</not>", 70))), "BIS-106");
    refuse(&count(format!("<title><match>{}</match></title>", repeated("(", 100_000))), "BIS-106");
    refuse(&count(format!("<title><like>{}</like></title>", repeated("%", 100_000))), "BIS-106");
    let list = |inner: String| of(format!("<ListPosts>{inner}</ListPosts>"));
    refuse(&list(repeated("<include>author</include>", 101)), "BIS-106");
    // Each way has relations of its own below the first.
    let first = ["author", "reviewer", "comments.author", "author.boss", "reviewer.boss"];
    let then = [
        "posts.tags",
        "posts.comments",
        "reviews.tags",
        "reviews.comments",
        "reports.badge",
        "reports.posts",
    ];
    let ways = first.iter().flat_map(|first| then.map(|then| format!("<include>{first}.{then}</include>")));
    let all: String = ways.collect();
    refuse(&list(all), "50 relations");
    refuse(&list(format!("<include>{}author</include>", repeated("author.posts.", 50_000))), "BIS-106");
    refuse(&list(repeated("<orderBy><field>slug</field></orderBy>", 101)), "BIS-106");
    refuse(&list(format!("<orderBy><field>{}x</field></orderBy>", repeated("author.", 100_000))), "BIS-106");
    refuse(&list(format!("<first>{}</first>", repeated("9", 900_000))), "BIS-425");
    refuse(&list(format!("<after>{}</after>", repeated("A", 900_000))), "BIS-407");
    let path = repeated("<path>a</path>", 33);
    let at = format!("<doc><at>{path}<text><eq>x</eq></text></at></doc>");
    refuse(&of(format!("<CountSamples><filter>{at}</filter></CountSamples>")), "BIS-106");
    refuse(&of(format!("<CreateSamples>{}</CreateSamples>", repeated("<input/>", 99_000))), "BIS-106");
    let inner =
        |space: &str| format!("<GetPost><a xmlns=\"{space}\">{}</a></GetPost>", repeated("<a/>", 99_000));
    refuse(&of(inner(&repeated("u", 500_000))), "BIS-106");
    refuse(&of(inner("u")), "BIS-425");
    let levels = numbered(60, |n| format!("<a {}>", numbered(60, |m| format!("xmlns:p{n}_{m}=\"u\" "))));
    refuse(&of(format!("<GetPost>{levels}")), "BIS-106");
}

/// Names are the client's to choose, and some faults say them.
#[test]
fn long_names_are_cut() {
    let running = Running::over(Backend::Memory);
    let long = repeated("x", 400_000);
    let nil = "xsi:nil=\"true\"";
    let refuse = |element: &str, code: &str| {
        check(&running, V11, envelope(&element.replace("LONG", &long)), (500, code));
    };
    refuse("<LONG/>", "BIS-424");
    refuse("<GetPost xmlns:p=\"urn:x\"><p:LONG/></GetPost>", "BIS-425");
    refuse("<GetPost LONG=\"1\"><key/></GetPost>", "BIS-425");
    refuse("<GetPost><LONG/></GetPost>", "BIS-425");
    refuse("<GetPost><key/><LONG xmlns=\"\"/></GetPost>", "BIS-425");
    refuse("<GetPost><key><slug><LONG/></slug></key></GetPost>", "BIS-425");
    refuse("<GetPost><key><slug LONG=\"1\"/></key></GetPost>", "BIS-425");
    refuse("<CountPosts><filter><LONG/></filter></CountPosts>", "BIS-425");
    refuse("<CountPosts><filter><comments><LONG/></comments></filter></CountPosts>", "BIS-425");
    refuse(
        &format!("<CountPosts><filter><title><LONG {nil}/></title></filter></CountPosts>"),
        "cannot be null",
    );
    refuse(
        &format!("<CountPosts><filter><title><LONG {nil}>x</LONG></title></filter></CountPosts>"),
        "BIS-425",
    );
    refuse("<CountPosts><filter><title><eq><LONG/></eq></title></filter></CountPosts>", "BIS-425");
    refuse("<CountPosts><filter><stars><eq>LONG</eq></stars></filter></CountPosts>", "22P02");
    refuse("<CreatePost><input><LONG/></input></CreatePost>", "BIS-425");
    refuse("<CreatePost><input><id>LONG</id></input></CreatePost>", "22P02");
    refuse("<UpdatePost><key><id>1</id></key><clear>LONG</clear></UpdatePost>", "BIS-425");
    refuse("<ListPosts><include>LONG</include></ListPosts>", "BIS-425");
    refuse("<ListPosts><orderBy><field>LONG</field></orderBy></ListPosts>", "BIS-425");
    refuse(
        "<ListPosts><orderBy><field>slug</field><direction>LONG</direction></orderBy></ListPosts>",
        "BIS-425",
    );
    refuse("<ListPosts><withTotal>LONG</withTotal></ListPosts>", "22P02");
    refuse("<CountPosts><x>&LONG;</x></CountPosts>", "BIS-420");
    refuse("<CountPosts><LONG:x/></CountPosts>", "BIS-420");
    refuse("<CountPosts></LONG>", "BIS-420");
}

/// What is just within the limits is answered by every store: none of them has a lower limit of its own.
#[test]
fn the_largest_that_is_let_through_is_answered() {
    for backend in Backend::ALL {
        let running = Running::over(backend);
        let check = |filter: String, expected: &str| {
            let element = format!("<CountPosts><filter>{filter}</filter></CountPosts>");
            check(&running, V11, envelope(&element), (200, expected));
        };
        let one = |n: usize| format!("<or><stars><eq>{}</eq></stars></or>", 1_000 + n);
        check(numbered(1_200, one), "<count>0</count>");
        check(format!("<slug>{}</slug>", numbered(2_000, |n| format!("<in>s{n}</in>"))), "<count>0</count>");
        let related =
            |n: usize| format!("<or><comments><some><id><eq>{}</eq></id></some></comments></or>", 1_000 + n);
        check(numbered(700, related), "<count>0</count>");
        check(numbered(700, related).replace("or>", "and>"), "<count>0</count>");
        let author = |n: usize| format!("<and><author><name><neq>n{n}</neq></name></author></and>");
        check(numbered(700, author), "<count>");
        let within = |names: [&str; 2], inner: &str| {
            let (open, close) = (names.map(|n| format!("<{n}>")).concat(), names.map(|n| format!("</{n}>")));
            let close = close.into_iter().rev().collect::<String>();
            format!("{}{inner}{}", repeated(&open, 28), repeated(&close, 28))
        };
        let lasting = "<slug><eq>none</eq></slug>";
        check(within(["not", "not"], lasting), "<count>0</count>");
        check(within(["and", "or"], lasting), "<count>0</count>");
        let both = "<and><stars><isNull>true</isNull></stars></and>";
        check(within(["or", "not"], &format!("{both}{lasting}")), "<count>0</count>");
    }
}
