//! Tokens whose session has to be looked up.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bistro_auth::claims::Expected;
use bistro_auth::{CookieRules, Options, SessionCookie, SessionId, SessionSource, SessionState, UserClaims};
use bistro_http::{Config, Limits};
use bistro_problem::Problem;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::Map;

use crate::harness::{PUBLISHABLE, Running, check, quick, start_as};

const ISSUER: &str = "http://localhost/auth/v1";
const OWN: &str = "https://api.example";
const LISTED: &str = "https://app.example";

/// What the record of a session does when it is read: the first byte of its id says so.
const FINE: u8 = 0;
const SLOW: u8 = 1;
const OVER: u8 = 2;
const NEVER: u8 = 3;
const BROKEN: u8 = 4;
const LOST: u8 = 5;

#[derive(Default)]
struct Records(Arc<AtomicUsize>);

impl SessionSource for Records {
    fn session(&self, id: SessionId, _: bool) -> BoxFuture<'static, Result<Option<SessionState>, Problem>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        let state = SessionState {
            account: [7; 16],
            roles: Box::default(),
            scopes: None,
            ends_s: None,
            turn: 0,
            claims: None,
        };
        async move {
            match id[0] {
                FINE => Ok(Some(state)),
                SLOW => {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    Ok(Some(state))
                }
                OVER => Ok(None),
                NEVER => std::future::pending().await,
                BROKEN => panic!("on purpose, in the records"),
                _ => Err(Problem::bug("the records are gone")),
            }
        }
        .boxed()
    }

    fn account(&self, _: [u8; 16]) -> BoxFuture<'static, Result<Option<SessionState>, Problem>> {
        async { Ok(None) }.boxed()
    }
}

async fn running(limits: Limits) -> (Running, Arc<AtomicUsize>) {
    let expected = Expected { own_issuer: Some(ISSUER.to_owned()), ..Expected::default() };
    let config = Config { limits, ..Config::default() };
    let cookies = CookieRules { own: OWN.to_owned(), origins: vec![LISTED.to_owned()] };
    let running = start_as(config, Options { expected, cookies, ..Options::default() }).await;
    let records = Records::default();
    let looks = Arc::clone(&records.0);
    running.authenticator.attach_sessions(Arc::new(records));
    (running, looks)
}

/// The header with a token of a session whose record does this.
fn bearer(running: &Running, does: u8) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let mut session = [9; 16];
    session[0] = does;
    let claims = UserClaims {
        account: [7; 16],
        session: Some(session),
        email: String::new(),
        phone: String::new(),
        app_metadata: Map::new(),
        user_metadata: Map::new(),
        aal: "aal1".to_owned(),
        amr: Vec::new(),
        is_anonymous: false,
        issued_s: i64::try_from(now).unwrap(),
        ttl_s: 60,
        client_id: None,
        scope: None,
        audience: "authenticated".to_owned(),
        issuer: ISSUER.to_owned(),
    };
    format!("Authorization: Bearer {}", running.authenticator.mint_user(&claims).unwrap())
}

#[tokio::test]
async fn a_request_waits_for_its_session() {
    // A record, the status, what is said, and how often two requests with a body and two without looked.
    let cases: &[(u8, u16, &str, usize)] = &[
        (FINE, 200, "authenticated", 1),
        (SLOW, 200, "authenticated", 1),
        (OVER, 401, "JWT session is over", 1),
        (NEVER, 504, "limits.request", 4),
        (BROKEN, 500, "BIS-900", 4),
        (LOST, 500, "BIS-900", 4),
    ];
    let (running, looks) = running(quick()).await;
    for (does, status, text, expected) in cases {
        let before = looks.load(Ordering::Relaxed);
        let bearer = bearer(&running, *does);
        for _ in 0..2 {
            check(&running.ask("GET /data", &[&bearer]).await, *status, &[text]);
            let post = format!(
                "POST /data HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2\r\n{bearer}\r\n\r\n{{}}"
            );
            check(&running.send(post).await, *status, &[text]);
        }
        assert_eq!(looks.load(Ordering::Relaxed) - before, *expected, "{does}");
    }
    let over = running.ask("GET /data", &[&bearer(&running, OVER)]).await;
    check(
        &over,
        401,
        &["session_not_found", "error=\"invalid_token\", error_description=\"JWT session is over\""],
    );
}

#[tokio::test]
async fn a_look_counts_in_the_time_of_its_request() {
    let limits = Limits { request_time: Duration::from_millis(300), ..quick() };
    let (running, _) = running(limits).await;
    let bearer = bearer(&running, SLOW);
    // 200 ms for the record and 200 ms for the answer are more than 300.
    check(&running.ask("GET /data/slow", &[&bearer]).await, 504, &["limits.request"]);
    check(&running.ask("GET /data/slow", &[&bearer]).await, 200, &["slow"]);
}

#[tokio::test]
async fn a_session_that_ends_is_refused_with_the_next_request() {
    let (running, looks) = running(quick()).await;
    let bearer = bearer(&running, FINE);
    check(&running.ask("GET /data", &[&bearer]).await, 200, &[]);
    let mut session = [9; 16];
    session[0] = FINE;
    running.authenticator.session_changed(session);
    check(&running.ask("GET /data", &[&bearer]).await, 200, &[]);
    assert_eq!(looks.load(Ordering::Relaxed), 2, "it was looked up again");
}

/// The header with the cookie of a session whose record does this.
fn cookie(running: &Running, does: u8) -> String {
    let mut session = [9; 16];
    session[0] = does;
    let value = SessionCookie { session, account: [7; 16], turn: 0 }.text(&running.authenticator.pepper());
    format!("Cookie: a=b; {}={value}", running.authenticator.cookies().name())
}

#[tokio::test]
async fn a_cookie_says_who_sits_there_and_its_page_whether_that_counts() {
    let (running, _) = running(quick()).await;
    let (fine, over) = (cookie(&running, FINE), cookie(&running, OVER));
    let foreign = "BIS-301";
    let (own, listed, evil) =
        ("Origin: https://api.example", "Origin: https://app.example", "Origin: https://evil.example");
    let apikey = format!("apikey: {PUBLISHABLE}");
    let cases: &[(&str, &[&str], u16, &str)] = &[
        ("POST /data", &[own, &fine], 200, "authenticated"),
        ("POST /data", &[listed, &fine], 200, "authenticated"),
        ("POST /data", &[evil, &fine], 401, foreign),
        ("POST /data", &["Origin: null", &fine], 401, foreign),
        ("POST /data", &[&fine], 401, foreign),
        ("GET /data", &[&fine], 401, foreign),
        ("GET /data", &["Sec-Fetch-Site: same-origin", &fine], 200, "authenticated"),
        ("GET /data", &["Sec-Fetch-Site: cross-site", &fine], 401, foreign),
        ("GET /data", &["X-Requested-With: fetch", &fine], 200, "authenticated"),
        // What a header says is meant.
        ("POST /data", &[own, &apikey, &fine], 200, " anon "),
        ("POST /data", &[own, "Authorization: Bearer e30.e30.x", &fine], 401, "PGRST301"),
        // One that is over is as good as none, where none is needed.
        ("POST /data", &[own, &over], 401, "session_not_found"),
        ("POST /view", &[own, &over], 200, " anon "),
        ("POST /view", &[own, &over], 200, " anon "),
        ("POST /view", &[own, &fine], 200, "authenticated"),
        ("POST /view", &[evil, &fine], 200, " anon "),
        ("POST /view", &[own, "Authorization: Bearer e30.e30.x", &fine], 401, "PGRST301"),
        ("POST /page", &[own, &fine], 200, " anon "),
    ];
    for (line, headers, status, text) in cases {
        check(&running.ask(line, headers).await, *status, &[text]);
    }
    let mut session = [9; 16];
    session[0] = FINE;
    let before = SessionCookie { session, account: [7; 16], turn: -1 }.text(&running.authenticator.pepper());
    let before = format!("Cookie: {}={before}", running.authenticator.cookies().name());
    check(&running.ask("POST /data", &[own, &before]).await, 401, &["session_not_found"]);
    let damaged = fine.replace("session=", "session=A");
    check(&running.ask("POST /data", &[own, &damaged]).await, 401, &["BIS-301"]);
    // The cookie over plain http has another name, and is none here.
    let plain = fine.replace("__Host-", "");
    check(&running.ask("POST /data", &[own, &plain]).await, 401, &["BIS-301"]);
}
