//! Who an envelope comes from: keys and tokens in HTTP, names and passwords in the envelope.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bistro_schema::ValueRef;
use bistro_schema::text::write_plain;
use bistro_testkit::Database;
use serde_json::Value;

use crate::harness::{Answer, Folder, Server};

/// Notes are for who is signed in, drafts for editors, stories for everybody.
const SCHEMA: &str = r#"
enum Role @roles { editor }
type User @account @allow(to: [READ]) { id: ID!  name: String }
type Note @model @allow(to: [READ], roles: ["authenticated"]) { id: Int! @id  text: String! }
type Draft @model @allow(to: [READ], roles: ["editor"]) { id: Int! @id  text: String! }
type Story @model @allow(to: [READ]) { id: Int! @id  text: String! }
"#;

const ADA: &str = "ada@example.org";
const PASSWORD: &str = "kolibri im garten";
const DIGEST: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest";

/// A UsernameToken with more in it.
fn token_with(name: &str, password: &str, more: &str) -> String {
    format!(
        "<wsse:UsernameToken><wsse:Username>{name}</wsse:Username><wsse:Password>{password}</wsse:Password>{more}</wsse:UsernameToken>"
    )
}

fn token(name: &str, password: &str) -> String {
    token_with(name, password, "")
}

/// The nonce of a token that was made so many seconds ago.
fn nonce(text: &str, seconds: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_micros();
    let made = i64::try_from(now).expect("a time") - seconds * 1_000_000;
    let mut created = Vec::new();
    write_plain(ValueRef::DateTime(made), &mut created);
    let created = String::from_utf8(created).expect("a time is ASCII");
    format!("<wsse:Nonce>{}</wsse:Nonce><wsu:Created>{created}</wsu:Created>", STANDARD.encode(text))
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

/// An operation without members, by a token and with headers.
fn call(server: &Server, operation: &str, token: &str, headers: &[(&str, &str)]) -> Answer {
    send(server, &format!("<{operation} xmlns=\"urn:bistro:v1\"/>"), token, headers)
}

fn send(server: &Server, body: &str, token: &str, headers: &[(&str, &str)]) -> Answer {
    let envelope = format!(
        "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:wsse=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd\" \
         xmlns:wsu=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd\"><soap:Header>\
         <wsse:Security soap:mustUnderstand=\"1\">{token}</wsse:Security></soap:Header><soap:Body>{body}</soap:Body></soap:Envelope>"
    );
    let request = server.request("POST", "/soap/v1").body("text/xml; charset=utf-8", &envelope);
    headers.iter().fold(request, |request, (name, value)| request.header(name, value)).send()
}

/// What a call comes to in a word: `ok`, the code of a fault, or the status and code of HTTP.
fn told(answer: &Answer) -> String {
    let between = |from: &str, to: &str| {
        let (_, rest) = answer.body.split_once(from)?;
        rest.split_once(to).map(|(found, _)| found.to_owned())
    };
    match answer.status {
        200 => "ok".to_owned(),
        500 => {
            let code = between("<faultcode", "</faultcode>").expect("a fault");
            let code = code.split_once('>').map_or("", |(_, code)| code);
            match between("<kind>", "</kind>") {
                Some(kind) => format!("{code} {kind}"),
                None => code.to_owned(),
            }
        }
        status => {
            let problem: Value = serde_json::from_str(&answer.body).expect("a problem");
            format!("{status} {}", problem["code"].as_str().unwrap_or(""))
        }
    }
}

const FAILED: &str = "wsse:FailedAuthentication";
const UNSUPPORTED: &str = "wsse:UnsupportedSecurityToken";

/// Somebody signs up; the id.
fn signs_up(server: &Server, email: &str) -> String {
    let body = serde_json::json!({"email": email, "password": PASSWORD}).to_string();
    let answer = server.post("/auth/v1/signup", &body).key(&server.publishable()).send();
    let session: Value = serde_json::from_str(answer.with(200)).expect("a session");
    session["user"]["id"].as_str().expect("an id").to_owned()
}

fn changes(server: &Server, secret: &str, id: &str, body: &str) {
    let request = server.request("PUT", &format!("/auth/v1/admin/users/{id}")).json(body);
    request.key(secret).token(secret).send().with(200);
}

#[test]
fn a_key_comes_by_header_by_basic_or_in_the_envelope() {
    let server = Server::dev(SCHEMA);
    let (publishable, secret) = (server.publishable(), server.secret());
    let machine = server.folder.run(&["keys", "add", "erp", "--role", "editor"]).well();
    let machine = machine.split_whitespace().find(|word| word.starts_with("sb_secret_")).expect("a key");
    let by_basic = |key: &str| basic("apikey", key);
    let check = |operation: &str, token: &str, headers: &[(&str, &str)], expected: &str| {
        let answer = call(&server, operation, token, headers);
        assert_eq!(told(&answer), expected, "{operation} {headers:?}: {}", answer.body);
        if answer.status == 401 {
            let asked: Vec<_> =
                answer.headers.iter().filter(|(name, _)| name == "www-authenticate").collect();
            assert_eq!((asked.len(), asked[1].1.as_str()), (2, "Basic realm=\"bistro\""), "{asked:?}");
        }
    };
    let hidden = "soap:Client BadRequest";
    let (stories, drafts) = ("CountStories", "CountDrafts");
    check(stories, "", &[], "401 BIS-301");
    check(stories, "", &[("apikey", "wrong")], "401 BIS-302");
    check(stories, "", &[("apikey", &publishable)], "ok");
    check(stories, "", &[("authorization", &by_basic(&publishable))], "ok");
    check(stories, &token("apikey", &publishable), &[], "ok");
    for (key, expected) in [(publishable.as_str(), hidden), (&secret, "ok"), (machine, "ok")] {
        check(drafts, "", &[("apikey", key)], expected);
        check(drafts, "", &[("authorization", &by_basic(key))], expected);
        check(drafts, &token("apikey", key), &[], expected);
    }
    for (user, password) in [("apikey", "wrong"), ("apikey", ""), ("ada", &secret), ("", &secret)] {
        check(drafts, "", &[("authorization", &basic(user, password))], "401 BIS-302");
    }
    check(drafts, "", &[("authorization", "Basic ???")], "401 BIS-302");
    check(drafts, &token("apikey", "wrong"), &[], FAILED);
    check(drafts, &token("apikey", &format!("{secret}x")), &[], FAILED);
    check(drafts, &token("APIKEY", &secret), &[], FAILED);
    // The WSDL is what a key may see, and Basic means nothing elsewhere.
    let seen = |header: &str| server.get("/soap/v1?wsdl").header("authorization", header).send();
    assert!(seen(&by_basic(&secret)).ok().contains("CountDrafts"));
    assert!(!seen(&by_basic(&publishable)).ok().contains("CountDrafts"));
    seen(&by_basic("wrong")).with(401);
    for path in ["/rest/v1/stories", "/graphql/v1?query={stories{totalCount}}", "/auth/v1/settings"] {
        server.get(path).header("authorization", &by_basic(&secret)).send().with(401);
    }
}

#[test]
fn a_name_and_its_password_act_as_the_account() {
    let server = Server::dev(SCHEMA);
    let (publishable, secret) = (server.publishable(), server.secret());
    let ada = signs_up(&server, ADA);
    let check = |operation: &str, token: &str, headers: &[(&str, &str)], expected: &str| {
        let answer = call(&server, operation, token, headers);
        assert_eq!(told(&answer), expected, "{operation} {token} {headers:?}: {}", answer.body);
        answer
    };
    let hidden = "soap:Client BadRequest";
    let good = token(ADA, PASSWORD);
    check("CountNotes", &good, &[], "ok");
    check("CountDrafts", &good, &[], hidden);
    // Nobody learns which of the two was wrong.
    let wrong = check("CountNotes", &token(ADA, "wrong"), &[], FAILED).body;
    assert!(!wrong.contains("<detail>") && wrong.contains("Invalid login credentials"), "{wrong}");
    let unknown = check("CountNotes", &token("eve@example.org", PASSWORD), &[], FAILED).body;
    assert_eq!(wrong, unknown);
    // Both hold where both are sent, and the envelope's decides.
    let bearer = basic("apikey", "wrong");
    check("CountNotes", &good, &[("apikey", &publishable)], "ok");
    check("CountDrafts", &good, &[("apikey", &secret)], hidden);
    check("CountNotes", &good, &[("authorization", &bearer)], "401 BIS-302");
    check("CountNotes", &token(ADA, "wrong"), &[("apikey", &secret)], FAILED);
    // What changes is seen with the next envelope.
    changes(&server, &secret, &ada, r#"{"app_metadata": {"roles": ["editor"]}}"#);
    check("CountDrafts", &good, &[], "ok");
    changes(&server, &secret, &ada, r#"{"ban_duration": "1h"}"#);
    check("CountNotes", &good, &[], FAILED);
    changes(&server, &secret, &ada, r#"{"ban_duration": "none"}"#);
    check("CountNotes", &good, &[], "ok");
    changes(&server, &secret, &ada, r#"{"password": "der zaun ist blau"}"#);
    check("CountNotes", &good, &[], FAILED);
    check("CountNotes", &token(ADA, "der zaun ist blau"), &[], "ok");
}

#[test]
fn tokens_that_cannot_be_judged_are_refused_by_name() {
    let server = Server::dev(SCHEMA);
    signs_up(&server, ADA);
    let check = |token: &str, expected: &str, text: &str| {
        let answer = call(&server, "CountNotes", token, &[]);
        assert_eq!(told(&answer), expected, "{token}: {}", answer.body);
        assert!(answer.body.contains(text), "{text:?} is not in {}", answer.body);
    };
    let good = token(ADA, PASSWORD);
    let digest = good.replace("<wsse:Password>", &format!("<wsse:Password Type=\"{DIGEST}\">"));
    check(&digest, UNSUPPORTED, "stored as hashes");
    check("<wsse:BinarySecurityToken>x</wsse:BinarySecurityToken>", UNSUPPORTED, "BinarySecurityToken");
    check(&format!("{good}<d:Signature xmlns:d=\"urn:d\"/>"), UNSUPPORTED, "Signature");
    check(&format!("{good}{good}"), "wsse:InvalidSecurity", "two UsernameTokens");
    check("<wsse:UsernameToken/>", "wsse:InvalidSecurity", "no Username");
    let stamp = |name: &str, year: u16| {
        let time = format!("<wsu:{name}>{year}-01-01T00:00:00Z</wsu:{name}>");
        format!("<wsu:Timestamp>{time}</wsu:Timestamp>{good}")
    };
    check(&stamp("Expires", 2020), "wsu:MessageExpired", "over");
    check(&stamp("Expires", 2999), "ok", "<count>0</count>");
    check(&stamp("Created", 2020), "ok", "<count>0</count>");
    check(&stamp("Created", 2999), "wsu:MessageExpired", "ahead of this clock");
    let made =
        |year: u16| token_with(ADA, PASSWORD, &format!("<wsu:Created>{year}-01-01T00:00:00Z</wsu:Created>"));
    check(&made(2020), "wsu:MessageExpired", "five minutes ago");
    check(&made(2999), "wsu:MessageExpired", "ahead of this clock");
}

#[test]
fn a_nonce_is_used_once() {
    let server = Server::dev(SCHEMA);
    let (publishable, secret) = (server.publishable(), server.secret());
    for email in [ADA, "bob@example.org"] {
        signs_up(&server, email);
    }
    let check = |token: &str, expected: &str| {
        let answer = call(&server, "CountUsers", token, &[]);
        assert_eq!(told(&answer), expected, "{token}: {}", answer.body);
    };
    let (first, used) = ("ok", "wsu:MessageExpired");
    let (fresh, third) = (nonce("first", 0), nonce("third", 0));
    // What was refused used nothing up.
    check(&token_with(ADA, "wrong", &fresh), FAILED);
    for (name, password) in [(ADA, PASSWORD), ("bob@example.org", PASSWORD), ("apikey", &secret)] {
        check(&token_with(name, password, &fresh), first);
        check(&token_with(name, password, &fresh), used);
        check(&token_with(name, password, &nonce("second", 0)), first);
    }
    check(&token_with("ADA@example.org", PASSWORD, &fresh), used);
    check(&token_with("apikey", &publishable, &third), first);
    check(&token_with("apikey", &publishable, &third), used);
    check(&token_with(ADA, PASSWORD, &nonce("old", 290)), first);
    check(&token_with(ADA, PASSWORD, &nonce("old", 310)), used);
    check(&token_with(ADA, PASSWORD, &nonce("ahead", -290)), first);
    check(&token_with(ADA, PASSWORD, &nonce("ahead", -310)), used);
    let long = format!("<wsse:Nonce>{}</wsse:Nonce>", STANDARD.encode([0; 2_000]));
    check(&token_with(ADA, PASSWORD, &long), "wsse:InvalidSecurity");
}

#[test]
fn a_password_is_not_taken_where_others_could_read_it() {
    let check = |server: &Server, headers: &[(&str, &str)], expected: &str| {
        let answer = call(server, "CountNotes", &token(ADA, PASSWORD), headers);
        assert_eq!(told(&answer), expected, "{headers:?}: {}", answer.body);
    };
    let (client, https) = (("x-forwarded-for", "198.51.100.1"), ("x-forwarded-proto", "https"));
    let server = Server::dev(SCHEMA);
    signs_up(&server, ADA);
    check(&server, &[], "ok");
    check(&server, &[client], UNSUPPORTED);
    check(&server, &[client, https], UNSUPPORTED);
    let folder = Folder::with(SCHEMA);
    folder.write("bistro.toml", "[server]\nproxies = [\"127.0.0.1\"]\n");
    let server = Server::start(folder, &["dev"]);
    signs_up(&server, ADA);
    check(&server, &[client, https], "ok");
    check(&server, &[client, ("x-forwarded-proto", "http")], UNSUPPORTED);
    check(&server, &[client], UNSUPPORTED);
    // A key in a header is what every client sends, whatever the way.
    let answer = call(&server, "CountNotes", "", &[client, ("apikey", &server.secret())]);
    assert_eq!(told(&answer), "ok", "{}", answer.body);
}

#[test]
fn somebody_signs_in_by_an_operation() {
    let server = Server::dev(SCHEMA);
    let publishable = server.publishable();
    signs_up(&server, ADA);
    let sign_in = |password: &str, key: &str| {
        let body = format!(
            "<SignIn xmlns=\"urn:bistro:v1\"><email>{ADA}</email><password>{password}</password></SignIn>"
        );
        send(&server, &body, "", &[("apikey", key)])
    };
    let answer = sign_in(PASSWORD, &publishable);
    assert!(answer.ok().contains("<SignInResponse xmlns=\"urn:bistro:v1\"><accessToken>"), "{}", answer.body);
    let member = |name: &str| {
        let (_, rest) = answer.ok().split_once(&format!("<{name}>")).expect("a member");
        rest.split_once("</").expect("its end").0.to_owned()
    };
    assert_eq!((member("tokenType").as_str(), member("expiresIn").as_str()), ("bearer", "3600"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let read = server.get("/rest/v1/notes").key(&publishable).token(&member("accessToken")).send();
    assert_eq!(read.ok(), "[]");
    let body = format!(r#"{{"refresh_token": "{}"}}"#, member("refreshToken"));
    server.post("/auth/v1/token?grant_type=refresh_token", &body).key(&publishable).send().with(200);
    assert_eq!(told(&sign_in("wrong", &publishable)), "soap:Client FailedAuthentication");
    assert_eq!(told(&sign_in(PASSWORD, "wrong")), "401 BIS-302");
}

#[test]
fn failures_are_counted_and_a_good_password_goes_on() {
    let folder = Folder::with(SCHEMA);
    folder.write(
        "bistro.toml",
        "[server]\npublic_url = \"http://127.0.0.1:4000\"\n[auth]\nconfirm_email = false\n",
    );
    let server = Server::start(folder, &["serve"]);
    signs_up(&server, ADA);
    let ask = |password: &str| call(&server, "CountNotes", &token(ADA, password), &[]);
    assert_eq!(told(&ask(PASSWORD)), "ok");
    let all: Vec<String> = (0..12).map(|_| told(&ask("wrong"))).collect();
    assert_eq!(all.iter().filter(|told| *told == FAILED).count(), 10, "{all:?}");
    let refused = ask("wrong");
    assert_eq!(told(&refused), "soap:Client TooManyRequests", "{}", refused.body);
    assert!(refused.header("retry-after").is_some());
    assert_eq!(told(&ask(PASSWORD)), "ok", "it is remembered");
}

#[test]
fn without_accounts_only_keys_are_taken() {
    let folder = Folder::with("type Story @model @allow(to: [READ]) { id: Int! @id }");
    folder.write("bistro.toml", "[auth]\nenabled = false\n");
    let server = Server::start(folder, &["dev"]);
    let wsdl = server.get("/soap/v1?wsdl").key(&server.publishable()).send();
    assert!(!wsdl.ok().contains("SignIn"), "{}", wsdl.body);
    let (first, used) = (nonce("first", 0), "wsu:MessageExpired");
    let by_key = token_with("apikey", &server.secret(), &first);
    assert_eq!(told(&call(&server, "CountStories", &by_key, &[])), "ok");
    assert_eq!(told(&call(&server, "CountStories", &by_key, &[])), used);
    assert_eq!(told(&call(&server, "CountStories", &token(ADA, PASSWORD), &[])), FAILED);
}

#[test]
fn a_nonce_is_used_once_where_nothing_is_kept_in_the_database() {
    let database = bistro_testkit::postgres();
    database
        .sql("CREATE TABLE stories (id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY)")
        .expect("a table");
    let folder = Folder::with("type Story @model @allow(to: [READ]) { id: Int! @id }");
    folder.write("bistro.toml", &format!("[database]\nurl = \"{}\"\nmanaged = false\n", database.url()));
    let server = Server::start(folder, &["serve"]);
    for key in [server.publishable(), server.secret()] {
        let once = token_with("apikey", &key, &nonce("once", 0));
        assert_eq!(told(&call(&server, "CountStories", &once, &[])), "ok");
        assert_eq!(told(&call(&server, "CountStories", &once, &[])), "wsu:MessageExpired");
    }
    let tables = "SELECT string_agg(tablename, ',') FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(database.sql(tables).expect("the tables").trim(), "stories");
}

/// Two nodes: what is used up on one is used up on the other, and what ends a password ends it there within a second.
fn check_nodes(database: &Database) {
    let node = || {
        let folder = Folder::with(SCHEMA);
        let settings = format!(
            "[database]\nurl = \"{}\"\n[server]\npublic_url = \"http://127.0.0.1:4000\"\n[auth]\nconfirm_email = false\n",
            database.url()
        );
        folder.write("bistro.toml", &settings);
        Server::start(folder, &["serve"])
    };
    let (one, two) = (node(), node());
    let (secret, ada) = (one.secret(), signs_up(&one, ADA));
    let once = token_with(ADA, PASSWORD, &nonce("once", 0));
    assert_eq!(told(&call(&one, "CountNotes", &once, &[])), "ok");
    assert_eq!(told(&call(&two, "CountNotes", &once, &[])), "wsu:MessageExpired");
    let asks = |server: &Server| told(&call(server, "CountNotes", &token(ADA, PASSWORD), &[]));
    assert_eq!((asks(&one), asks(&two)), ("ok".into(), "ok".into()));
    for (body, expected) in [(r#"{"ban_duration": "1h"}"#, FAILED), (r#"{"ban_duration": "none"}"#, "ok")] {
        changes(&one, &secret, &ada, body);
        assert_eq!(asks(&one), expected, "{body}");
        let began = Instant::now();
        while asks(&two) != expected {
            assert!(began.elapsed() < Duration::from_secs(2), "{body} does not act on the other node");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

#[test]
fn nodes_of_postgres_share_what_was_used_and_what_ended() {
    check_nodes(&bistro_testkit::postgres());
}

#[test]
fn nodes_of_mysql_share_what_was_used_and_what_ended() {
    check_nodes(&bistro_testkit::mysql());
}
