//! The pages of `/auth/v1/ui`, as browsers without JavaScript ask for them.

use std::cell::RefCell;
use std::collections::BTreeMap;

use bistro_accounts::Settings;
use serde_json::Value;

use crate::seat::{Backend, PASSWORD, Reply, SCHEMA, Seat, URL, settings};

/// A browser with its cookies.
struct Browser<'s> {
    seat: &'s Seat,
    kept: RefCell<BTreeMap<String, String>>,
}

impl<'s> Browser<'s> {
    fn new(seat: &'s Seat) -> Self {
        Self { seat, kept: RefCell::default() }
    }

    fn ask(&self, method: &str, path: &str, origin: &str, body: &str) -> Reply {
        let cookies: Vec<String> = self.kept.borrow().iter().map(|(n, v)| format!("{n}={v}")).collect();
        let cookies = cookies.join("; ");
        let mut headers = vec![("cookie", cookies.as_str())];
        if method == "POST" {
            headers.extend([("origin", origin), ("content-type", "application/x-www-form-urlencoded")]);
        }
        let body = if body.is_empty() { Value::Null } else { Value::from(body) };
        let path = if path.starts_with("/auth") { path.to_owned() } else { format!("/auth/v1/ui{path}") };
        let reply = self.seat.call(&format!("{method} {path}"), &headers, body);
        for (_, set) in reply.headers.iter().filter(|(name, _)| *name == "set-cookie") {
            let (pair, rest) = set.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            match rest.contains("Max-Age=0;") {
                true => self.kept.borrow_mut().remove(name),
                false => self.kept.borrow_mut().insert(name.to_owned(), value.to_owned()),
            };
        }
        reply
    }

    fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, "", "")
    }

    fn post(&self, path: &str, body: &str) -> Reply {
        self.ask("POST", path, URL, body)
    }

    fn session(&self) -> Option<String> {
        self.kept.borrow().get("__Host-bistro-session").cloned()
    }

    /// Signed up, with the code of the mail.
    fn signed_up(seat: &'s Seat, email: &str) -> Self {
        let browser = Self::new(seat);
        let asked = browser.post("/sign-up", &format!("email={email}&password={PASSWORD}"));
        assert!(asked.text.contains("Look into your mail"), "{}", asked.text);
        let (code, _) = seat.mail(email);
        let entered = browser.post("/code", &format!("type=signup&email={email}&code={code}"));
        assert_eq!((entered.status, entered.header("location")), (303, "/auth/v1/ui"), "{}", entered.text);
        browser
    }
}

/// The heading of a page, or where it leads.
fn told(reply: &Reply) -> String {
    let heading = reply.text.split("<h1>").nth(1).and_then(|rest| rest.split("</h1>").next());
    match reply.header("location") {
        "" => format!("{} {}", reply.status, heading.unwrap_or_default()),
        to => format!("{} to {to}", reply.status),
    }
}

#[test]
fn people_sign_up_in_and_out_on_every_engine() {
    for backend in Backend::ALL {
        let seat = Seat::on(backend, SCHEMA, settings());
        let ada = Browser::signed_up(&seat, "ada@example.org");
        assert_eq!(told(&ada.get("")), "200 Your account", "{backend:?}");
        assert_eq!(told(&ada.post("/sign-out", "scope=local")), "303 to /auth/v1/ui/sign-in");
        assert_eq!(ada.session(), None);
        let back = ada.post(
            "/sign-in",
            &format!("email=ada@example.org&password={PASSWORD}&next=/auth/v1/ui/sessions"),
        );
        assert_eq!(told(&back), "303 to /auth/v1/ui/sessions");
        assert_eq!(told(&ada.get("/sessions")), "200 Where you are signed in");
    }
}

#[test]
fn forms_of_other_sites_do_nothing() {
    let seat = Seat::new(settings());
    let ada = Browser::signed_up(&seat, "ada@example.org");
    let kept = ada.session();
    for (path, body) in [
        ("/sign-out", "scope=local"),
        ("/sign-out", "scope=others"),
        ("/password", "password=another+password+here"),
        ("/email", "email=eve@example.org"),
        ("/factors", "name=Eve"),
        ("/sign-in", "email=eve@example.org&password=x"),
        ("/sign-up", "email=eve@example.org&password=x"),
        ("/link", "token=x&type=signup"),
        ("/mfa", "code=000000"),
    ] {
        for origin in ["https://evil.example", "null", "", "https://app.example.org"] {
            let reply = ada.ask("POST", path, origin, body);
            assert_eq!(told(&reply), "403 That did not work", "{path} from {origin:?}");
            assert!(!reply.headers.iter().any(|(_, value)| value.contains("bistro-session")), "{path}");
        }
    }
    assert_eq!(ada.session(), kept);
    assert_eq!(told(&ada.get("")), "200 Your account");
}

#[test]
fn no_session_is_taken_over_by_who_signs_in() {
    let seat = Seat::new(settings());
    let ada = Browser::signed_up(&seat, "ada@example.org");
    let before = ada.session().unwrap();
    let eve = Browser::signed_up(&seat, "eve@example.org");
    // The browser of one signs in as another: a new session, and the one before is over.
    ada.post("/sign-in", &format!("email=eve@example.org&password={PASSWORD}"));
    assert_ne!(ada.session().unwrap(), before);
    let stolen = Browser::new(&seat);
    stolen.kept.borrow_mut().insert("__Host-bistro-session".to_owned(), before.clone());
    assert!(told(&stolen.get("")).starts_with("303 to /auth/v1/ui/sign-in"));
    // What is damaged, or made up of two, is nobody's.
    let other = eve.session().unwrap();
    let crossed = format!("{}{}", &before[..21], &other[21..]);
    for cookie in ["", "x", &other[1..], crossed.as_str()] {
        stolen.kept.borrow_mut().insert("__Host-bistro-session".to_owned(), cookie.to_owned());
        assert!(told(&stolen.get("")).starts_with("303 to /auth/v1/ui/sign-in"), "{cookie}");
    }
    assert_eq!(told(&eve.get("")), "200 Your account", "only the browser's own session ended");
}

#[test]
fn every_page_wants_who_it_is_for() {
    let seat = Seat::new(settings());
    let nobody = Browser::new(&seat);
    for path in ["", "/password", "/email", "/mfa", "/sessions", "/factors"] {
        let expected =
            format!("303 to /auth/v1/ui/sign-in?next={}", format!("/auth/v1/ui{path}").replace('/', "%2F"));
        assert_eq!(told(&nobody.get(path)), expected, "{path}");
    }
    for path in ["/password", "/email", "/mfa", "/factors", "/factors/codes"] {
        let reply = nobody.post(path, "code=000000&password=x&email=a@b.example");
        assert!(told(&reply).starts_with("303 to /auth/v1/ui/sign-in"), "{path}: {}", told(&reply));
    }
    assert_eq!(told(&nobody.get("/nothing")), "404 That did not work");
    assert_eq!(told(&nobody.get("/sign-in/with/nobody")), "404 That did not work");
}

#[test]
fn known_and_unknown_addresses_see_the_same_pages() {
    let seat = Seat::new(Settings { mail_interval_s: 0, ..settings() });
    Browser::signed_up(&seat, "ada@example.org");
    let text = |path: &str, body: &str, who: &str| {
        let reply = Browser::new(&seat).post(path, &format!("email={who}@example.org&{body}"));
        format!("{} {}", reply.status, reply.text.replace(who, "WHO"))
    };
    for (path, body) in [
        ("/sign-up", "password=kolibri+im+garten"),
        ("/sign-up", "password=x"),
        ("/sign-in", "password=wrong+password"),
        ("/sign-in/mail", ""),
        ("/forgot", ""),
        ("/sign-up/mail", ""),
        ("/code", "type=recovery&code=000000"),
    ] {
        assert_eq!(text(path, body, "ada"), text(path, body, "eve"), "{path} {body}");
    }
}

#[test]
fn a_link_of_a_mail_uses_nothing_up_before_it_is_meant() {
    let seat = Seat::new(settings());
    let browser = Browser::new(&seat);
    browser.post("/sign-up", &format!("email=ada@example.org&password={PASSWORD}"));
    let (_, link) = seat.mail("ada@example.org");
    let path = link.strip_prefix(URL).unwrap();
    for _ in 0..2 {
        assert_eq!(browser.ask("HEAD", path, "", "").status, 200);
        let led = browser.get(path);
        let page = browser.get(led.header("location"));
        assert_eq!(told(&page), "200 Confirm your address");
        assert!(page.text.contains("ada@example.org"));
    }
    let led = browser.get(path);
    let query = led.header("location").split_once('?').unwrap().1.to_owned();
    assert_eq!(told(&browser.post("/link", &query)), "303 to /auth/v1/ui");
    assert_eq!(told(&browser.post("/link", &query)), "403 That did not work", "once");
    assert_eq!(told(&browser.get(led.header("location"))), "403 That did not work");
}

#[test]
fn browsers_go_on_where_they_may() {
    let seat = Seat::new(settings());
    Browser::signed_up(&seat, "ada@example.org");
    let on = |members: &str| {
        let browser = Browser::new(&seat);
        let reply = browser.post("/sign-in", &format!("email=ada@example.org&password={PASSWORD}&{members}"));
        match reply.header("refresh") {
            "" => told(&reply),
            to => to.to_owned(),
        }
    };
    for (members, expected) in [
        ("next=/auth/v1/ui/factors", "303 to /auth/v1/ui/factors"),
        ("next=/auth/v1/ui/consent?authorization_id=1", "0;url=/auth/v1/ui/consent?authorization_id=1"),
        ("redirect_to=https://app.example.org/in?x=1", "0;url=https://app.example.org/in?x=1"),
        ("redirect_to=https://evil.example", "303 to /auth/v1/ui"),
        ("next=//evil.example", "303 to /auth/v1/ui"),
        ("next=https://evil.example", "303 to /auth/v1/ui"),
        ("next=javascript:alert(1)", "303 to /auth/v1/ui"),
        ("next=/auth/v1/ui/%0d%0aset-cookie:x", "303 to /auth/v1/ui"),
    ] {
        assert_eq!(on(members), expected, "{members}");
    }
}

#[test]
fn limits_are_pages_that_say_how_long() {
    let seat = Seat::new(settings());
    let browser = Browser::new(&seat);
    let mut last = browser.get("/sign-in");
    for _ in 0..60 {
        last = browser.post("/sign-in", "email=ada@example.org&password=wrong+password");
        if last.status == 429 {
            break;
        }
        assert_eq!(last.status, 400, "{}", last.text);
    }
    assert_eq!(last.status, 429);
    assert!(last.header("retry-after").parse::<u64>().unwrap() > 0);
    assert!(last.text.contains("Wait ") && last.text.contains("name=\"password\""), "{}", last.text);
}

#[test]
fn what_the_schema_needs_is_asked_for() {
    let schema = "
type User @account @allow(to: [READ]) @allow(to: [UPDATE], when: \"row.id == auth.id\") {
  id: ID!
  email: Email
  \"As others see it\"
  display_name: String! @length(min: 1, max: 80)
  colour: Colour!
  born: Date!
  karma: Int! @default(value: 0) @allow(to: [READ])
}
enum Colour { red green }";
    let seat = Seat::on(Backend::Sqlite, schema, Settings { mail_interval_s: 0, ..settings() });
    let browser = Browser::new(&seat);
    let page = browser.get("/sign-up").text;
    for part in [
        "<label for=\"data.display_name\">Display name</label>",
        "As others see it",
        "<option value=\"green\">",
        "name=\"data.born\" type=\"date\"",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("karma"), "{page}");
    let body = format!(
        "email=ada@example.org&password={PASSWORD}&data.colour=red&data.born=1815-12-10&data.karma=9"
    );
    let missing = browser.post("/sign-up", &body);
    assert_eq!(missing.status, 400);
    assert!(
        missing.text.contains("Display name is missing") && missing.text.contains("1815-12-10"),
        "{}",
        missing.text
    );
    let markup = "%3Cscript%3Ealert(1)%3C/script%3E";
    let wrong = browser.post("/sign-up", &format!("{body}x&data.display_name={markup}"));
    assert!(!wrong.text.contains("<script>"), "{}", wrong.text);
    let made = browser.post("/sign-up", &format!("{body}&data.display_name=Ada"));
    assert_eq!(told(&made), "200 Look into your mail", "{}", made.text);
}

#[test]
fn browsers_are_not_signed_in_where_others_listen() {
    let seat = Seat::over_http(settings());
    let reply = Browser::new(&seat).get("/sign-in");
    assert_eq!(told(&reply), "403 That did not work");
    assert!(reply.text.contains("needs https"), "{}", reply.text);
    let at_home = Seat::over_http(Settings { dev: true, ..settings() });
    assert_eq!(told(&Browser::new(&at_home).get("/sign-in")), "200 Sign in to Bistro");
}

#[test]
fn pages_say_who_may_frame_and_keep_them() {
    let seat = Seat::new(settings());
    let reply = Browser::new(&seat).get("/sign-in");
    for (name, part) in [
        ("content-security-policy", "default-src 'none'"),
        ("content-security-policy", "frame-ancestors 'none'"),
        ("content-security-policy", "form-action 'self'"),
        ("x-frame-options", "DENY"),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
    ] {
        assert!(reply.header(name).contains(part), "{name}: {}", reply.header(name));
    }
    assert!(!reply.text.contains("<script"));
}

#[test]
fn regress_people_get_to_the_page_that_they_need() {
    // A session of before the second factor comes to what it wanted after it.
    let seat = Seat::new(Settings { mail_interval_s: 0, require_current_password: true, ..settings() });
    let ada = Browser::signed_up(&seat, "ada@example.org");
    let asked = ada.post("/forgot", "email=ada@example.org");
    assert_eq!(told(&asked), "200 Look into your mail");
    let (code, _) = seat.mail("ada@example.org");
    let entered = ada.post("/code", &format!("type=recovery&email=ada@example.org&code={code}"));
    assert_eq!(told(&entered), "303 to /auth/v1/ui/password");
    let page = ada.get("/password").text;
    assert!(!page.contains("name=\"current_password\" type=\"password\" value=\"\" autocomplete=\"current-password\" required"), "{page}");
    assert_eq!(told(&ada.post("/password", "")), "400 Choose a password", "an empty one is none");
    assert_eq!(told(&ada.post("/password", "password=der+zaun+ist+blau")), "303 to /auth/v1/ui");
    // Two sign-ups with two passwords leave none: who confirms chooses.
    let eve = Browser::new(&seat);
    for password in ["kolibri+im+garten", "der+zaun+ist+blau"] {
        eve.post("/sign-up", &format!("email=eve@example.org&password={password}"));
    }
    let (code, _) = seat.mail("eve@example.org");
    let entered = eve.post("/code", &format!("type=signup&email=eve@example.org&code={code}"));
    assert_eq!(told(&entered), "303 to /auth/v1/ui/password");
    // Where a form leads whose session is over, there is a page.
    let nobody = Browser::new(&seat);
    for path in [
        "/keys",
        "/passkeys/x/remove",
        "/applications/x",
        "/factors/x",
        "/sessions/x",
        "/password",
        "/email",
        "/mfa",
    ] {
        let reply = nobody.post(path, "challenge=x&credential=x");
        let next =
            reply.header("location").split_once("next=").map_or("", |(_, next)| next).replace("%2F", "/");
        if reply.status == 303 {
            assert_ne!(told(&eve.get(&next)), "404 That did not work", "{path} leads to {next}");
        }
    }
    // Who signs in as somebody else goes on to the same place.
    let out = eve.post("/sign-out", "scope=local&next=/auth/v1/ui/email");
    assert_eq!(told(&out), "303 to /auth/v1/ui/sign-in?next=%2Fauth%2Fv1%2Fui%2Femail");
}

#[test]
fn regress_a_cookie_lasts_as_long_as_its_session_may_be_used() {
    let seat = Seat::new(Settings { session_idle_s: 3_600, ..settings() });
    let ada = Browser::signed_up(&seat, "ada@example.org");
    for _ in 0..5 {
        seat.pass(3_000);
        assert_eq!(told(&ada.get("")), "200 Your account");
    }
    let kept = ada.post("/sign-in", &format!("email=ada@example.org&password={PASSWORD}"));
    let set = kept.headers.iter().find(|(_, value)| value.starts_with("__Host-bistro-session"));
    assert!(set.unwrap().1.contains("Max-Age=34560000;"), "{kept:?}");
    seat.pass(3_700);
    assert!(told(&ada.get("")).starts_with("303 to /auth/v1/ui/sign-in"));
}
