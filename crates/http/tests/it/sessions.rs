//! Tokens whose session has to be looked up.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bistro_auth::claims::Expected;
use bistro_auth::{Options, SessionId, SessionSource, SessionState, UserClaims};
use bistro_http::{Config, Limits};
use bistro_problem::Problem;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::Map;

use crate::harness::{Running, check, quick, start_as};

const ISSUER: &str = "http://localhost/auth/v1";

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
    fn session(&self, id: SessionId) -> BoxFuture<'static, Result<Option<SessionState>, Problem>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        let state = SessionState { account: [7; 16], roles: Box::default(), scopes: None, ends_s: None };
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
}

async fn running(limits: Limits) -> (Running, Arc<AtomicUsize>) {
    let expected = Expected { own_issuer: Some(ISSUER.to_owned()), ..Expected::default() };
    let config = Config { limits, ..Config::default() };
    let running = start_as(config, Options { open: false, expected }).await;
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
        session,
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
