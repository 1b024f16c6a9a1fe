//! A project whose accounts have sessions, for the tests of this crate.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bistro_ir::Caller;
use bistro_problem::Problem;
use bistro_schema::model::Role;
use bistro_schema::{Roles, Schema};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Map, Value, json};

use crate::authenticator::{Authenticator, Credentials, Options};
use crate::claims::Expected;
use crate::keyring::Keyring;
use crate::secrets::Secrets;
use crate::session::{SessionId, SessionSource, SessionState};
use crate::user_token::UserClaims;

pub(crate) const NOW: i64 = 1_800_000_000;
pub(crate) const ISSUER: &str = "http://127.0.0.1:4000/auth/v1";
pub(crate) const SECRET: &str = "a secret of the project, long enough to sign";
pub(crate) const ADA: [u8; 16] = [0xad; 16];
pub(crate) const BOB: [u8; 16] = [0xb0; 16];
/// Ada's session.
pub(crate) const SEAT: SessionId = [0x5e; 16];

/// What the records say that a token would.
pub(crate) const CLAIMS: &str = r#"{"from":"the record"}"#;

/// The schema: an editor is a writer too.
pub(crate) fn schema() -> Arc<Schema> {
    let role = |name: &str, closure: Roles| Role { name: name.to_owned(), closure, description: None };
    let (writer, editor) = (Roles::declared(0), Roles::declared(1));
    let roles = vec![role("writer", writer), role("editor", writer.with(editor))];
    Arc::new(Schema { roles, ..Schema::default() })
}

/// The records of sessions.
#[derive(Clone, Default)]
pub(crate) struct Records {
    pub(crate) sessions: Arc<Mutex<HashMap<SessionId, SessionState>>>,
    /// How often somebody looked.
    pub(crate) looks: Arc<AtomicUsize>,
    /// Whether they cannot be read.
    pub(crate) gone: Arc<std::sync::atomic::AtomicBool>,
}

impl Records {
    pub(crate) fn put(&self, id: SessionId, state: SessionState) {
        self.sessions.lock().unwrap().insert(id, state);
    }
}

impl SessionSource for Records {
    fn session(
        &self,
        id: SessionId,
        claims: bool,
    ) -> BoxFuture<'static, Result<Option<SessionState>, Problem>> {
        let records = self.clone();
        async move {
            records.looks.fetch_add(1, Ordering::Relaxed);
            let found = records.sessions.lock().unwrap().get(&id).cloned();
            let told = claims.then(|| Arc::from(CLAIMS));
            let found = found.map(|state| SessionState { claims: told, ..state });
            // Read before, answered after: what changes meanwhile is not in it.
            tokio::task::yield_now().await;
            match records.gone.load(Ordering::Relaxed) {
                true => Err(Problem::bug("the records are gone")),
                false => Ok(found),
            }
        }
        .boxed()
    }

    /// Accounts are kept beside the sessions.
    fn account(&self, id: [u8; 16]) -> BoxFuture<'static, Result<Option<SessionState>, Problem>> {
        self.session(id, true)
    }
}

pub(crate) fn state(account: [u8; 16], roles: &[&str]) -> SessionState {
    let roles = roles.iter().map(|name| (*name).to_owned()).collect();
    SessionState { account, roles, scopes: None, ends_s: None, turn: 0, claims: None }
}

/// A project with its keys.
pub(crate) struct Project {
    pub(crate) secrets: Secrets,
    pub(crate) algorithm: &'static str,
    pub(crate) auth: Authenticator,
    pub(crate) records: Records,
}

/// A project that signs with an algorithm, and in which Ada is an editor and signed in.
pub(crate) fn project(algorithm: &'static str) -> Project {
    let mut secrets = Secrets::generate(NOW).unwrap();
    secrets.complete(algorithm, NOW).unwrap();
    let expected = Expected { own_issuer: Some(ISSUER.to_owned()), ..Expected::default() };
    let auth = Authenticator::new(keyring(&secrets, algorithm), Options { expected, ..Options::default() });
    let records = Records::default();
    records.put(SEAT, state(ADA, &["editor"]));
    auth.attach_sessions(Arc::new(records.clone()));
    Project { secrets, algorithm, auth, records }
}

fn keyring(secrets: &Secrets, algorithm: &str) -> Keyring {
    Keyring::new(secrets, Some(SECRET), None).unwrap().signing_with(algorithm)
}

impl Project {
    /// Takes the secrets as they are now.
    pub(crate) fn reload(&self) {
        self.auth.replace_keys(keyring(&self.secrets, self.algorithm));
    }

    /// A token of Ada's that is issued at a time.
    pub(crate) fn token_at(&self, issued_s: i64) -> String {
        self.auth.mint_user(&claims_at(issued_s)).unwrap()
    }

    /// The key id of a token that is issued at a time.
    pub(crate) fn signs_at(&self, issued_s: i64) -> String {
        jsonwebtoken::decode_header(self.token_at(issued_s)).unwrap().kid.unwrap()
    }

    /// A caller as one line, or a problem as status, code and message.
    pub(crate) fn ask(&self, token: &str, now_s: i64) -> String {
        let schema = schema();
        let authorization = format!("Bearer {token}");
        let shown =
            Credentials { apikey: None, authorization: Some(&authorization), ..Credentials::default() };
        let asked = self.auth.caller(&schema, &shown, now_s, None);
        match asked.and_then(|asked| wait(asked.wait())) {
            Ok(Caller { kind, roles, session, .. }) => {
                let seat = if session.is_some() { " seat" } else { "" };
                format!("{kind:?} [{}]{seat}", schema.role_names(roles).join(" "))
            }
            Err(problem) => {
                format!("{} {} {}", problem.status, problem.code.wire_text(), problem.message)
            }
        }
    }
}

/// Waits without a runtime: what is waited for here is ready after a few polls.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let polls = std::iter::repeat_with(|| future.as_mut().now_or_never());
    polls.take(100).flatten().next().expect("the future ends")
}

/// What Ada's token says.
pub(crate) fn claims_at(issued_s: i64) -> UserClaims {
    let app_metadata: Value = json!({"provider": "email", "roles": ["admin"]});
    UserClaims {
        account: ADA,
        session: Some(SEAT),
        email: "ada@example.org".to_owned(),
        phone: String::new(),
        app_metadata: app_metadata.as_object().cloned().unwrap_or_default(),
        user_metadata: Map::new(),
        aal: "aal1".to_owned(),
        amr: vec![("password".to_owned(), issued_s)],
        is_anonymous: false,
        issued_s,
        ttl_s: 3_600,
        client_id: None,
        scope: None,
        audience: "authenticated".to_owned(),
        issuer: ISSUER.to_owned(),
    }
}

/// A token signed with a secret.
pub(crate) fn hs256(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let part = |v: &Value| URL_SAFE_NO_PAD.encode(v.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let key = EncodingKey::from_secret(secret);
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

/// A part of a token.
pub(crate) fn part(token: &str, n: usize) -> Value {
    let text = token.split('.').nth(n).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
}
