//! Who is known by the cookie of their browser.

use bistro_accounts::Settings;
use bistro_auth::{Credentials, SessionCookie};
use bistro_ir::Caller;
use bistro_problem::Problem;
use bistro_wire::Browser;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::seat::{RUNTIME, Reply, Seat, URL, settings};

/// Somebody's browser: the cookie of a session.
struct Kept(String);

impl Kept {
    /// Signs somebody up, and keeps their session as a browser would.
    fn of(seat: &Seat, email: &str) -> (Self, Reply) {
        let reply = seat.sign_up(email);
        let claims =
            seat.accounts.keys.verify_own(reply.at("/access_token"), seat.now() / 1_000_000).unwrap();
        let cookie = SessionCookie { session: claims.session, account: claims.account, turn: 0 };
        let (name, value) = (seat.accounts.keys.cookies().name(), cookie.text(&seat.accounts.keys.pepper()));
        (Self(format!("{name}={value}")), reply)
    }

    fn ask(&self, seat: &Seat, line: &str, origin: &str, body: Value) -> Reply {
        seat.call(line, &[("cookie", &self.0), ("origin", origin)], body)
    }

    /// Who the data surfaces take the browser for.
    fn caller(&self, seat: &Seat) -> Result<Caller, Problem> {
        let headers = vec![("cookie".to_owned(), self.0.clone()), ("origin".to_owned(), URL.to_owned())];
        let browser = Browser::of("POST", &headers);
        let shown = Credentials { browser: Some(&browser), ..Credentials::default() };
        let asked = seat.accounts.keys.caller(seat.engine.schema(), &shown, seat.now() / 1_000_000, None)?;
        RUNTIME.block_on(asked.wait())
    }
}

#[test]
fn a_browser_acts_for_who_is_signed_in_there() {
    let seat = Seat::new(settings());
    let (ada, _) = Kept::of(&seat, "ada@example.org");
    let check = |line: &str, origin: &str, body: Value, expected: &str| {
        let reply = ada.ask(&seat, line, origin, body);
        assert!(reply.told().starts_with(expected), "{line} from {origin}: {}", reply.text);
    };
    for evil in
        ["https://evil.example.org", "null", "https://api.example.org.evil.example", "http://api.example.org"]
    {
        check("GET /user", evil, Value::Null, "401");
        check("PUT /user", evil, json!({"data": {"name": "Eve"}}), "401");
        check("POST /logout", evil, Value::Null, "401");
    }
    check("GET /user", URL, Value::Null, "200");
    check("PUT /user", URL, json!({"data": {"name": "Ada"}}), "200");
    check("GET /admin/users", URL, Value::Null, "403 not_admin");
    check("POST /logout?scope=local", URL, Value::Null, "204");
    check("GET /user", URL, Value::Null, "401 session_not_found");
}

#[test]
fn rules_see_the_claims_that_a_token_would_have() {
    let seat = Seat::new(settings());
    let (ada, reply) = Kept::of(&seat, "ada@example.org");
    let claims = |caller: &Caller| -> Value {
        let mut claims: Value = serde_json::from_str(&caller.claims).unwrap();
        claims["iat"] = Value::Null;
        claims["exp"] = Value::Null;
        claims
    };
    let (by_cookie, by_token) = (ada.caller(&seat).unwrap(), seat.caller(reply.at("/access_token")).unwrap());
    assert_eq!(claims(&by_cookie), claims(&by_token));
    assert_eq!((by_cookie.id, by_cookie.role, by_cookie.roles), (by_token.id, by_token.role, by_token.roles));
    // What was granted since is known to both, and what is said of the person to the cookie.
    let id = Uuid::from_bytes(by_token.id.unwrap());
    let changed =
        seat.admin(&format!("PUT /admin/users/{id}"), json!({"user_metadata": {"name": "Countess"}}));
    assert_eq!(changed.status, 200, "{}", changed.text);
    let now = claims(&ada.caller(&seat).unwrap());
    assert_eq!(now["user_metadata"]["name"], "Countess");
    assert_eq!(seat.admin(&format!("PUT /admin/users/{id}"), json!({"ban_duration": "1h"})).status, 200);
    assert_eq!(ada.caller(&seat).unwrap_err().message, "JWT session is over");
}

#[test]
fn regress_a_session_that_a_browser_uses_is_not_idle() {
    let seat = Seat::new(Settings { session_idle_s: 1_000, ..settings() });
    let ((ada, _), (eve, _)) = (Kept::of(&seat, "ada@example.org"), Kept::of(&seat, "eve@example.org"));
    for _ in 0..10 {
        seat.pass(400);
        seat.accounts.keys.all_changed();
        assert!(ada.caller(&seat).is_ok());
    }
    assert_eq!(eve.caller(&seat).unwrap_err().message, "JWT session is over");
    seat.pass(90_000);
    RUNTIME.block_on(seat.accounts.sweep(seat.now())).unwrap();
    seat.accounts.keys.all_changed();
    assert_eq!(ada.caller(&seat).unwrap_err().message, "JWT session is over");
}
