//! ID tokens: who signed in, for the application alone.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bistro_auth::IdTokenAlgorithm;
use bistro_problem::Problem;
use serde_json::json;

use super::userinfo::claims;
use crate::accounts::Accounts;
use crate::data::records::{Client, Session};
use crate::flows::Issued;
use crate::flows::session::Method;
use crate::visit::Visit;

/// The life of an ID token, in seconds: it is read when it comes.
const TTL_S: i64 = 3_600;

/// What an ID token tells.
pub(super) struct Told<'a> {
    /// The tokens that it comes with.
    pub(super) issued: &'a Issued,
    /// What was granted.
    pub(super) scope: &'a str,
    /// What it must repeat; nothing after the first one.
    pub(super) nonce: Option<&'a str>,
    /// The session that says how and when the person had signed in.
    pub(super) of: &'a Session,
}

/// Signs an ID token.
pub(super) async fn sign(
    accounts: &Accounts,
    visit: &Visit,
    client: &Client,
    told: Told<'_>,
) -> Result<String, Problem> {
    let now_s = visit.now.seconds();
    let mut all = claims(&told.issued.account, told.scope);
    let mut put = |name: &str, value: serde_json::Value| all.insert(name.to_owned(), value);
    put("iss", json!(accounts.settings.issuer()));
    put("aud", json!(client.id.to_string()));
    put("iat", json!(now_s));
    put("exp", json!(now_s + TTL_S));
    put("auth_time", json!(told.of.proved_s()));
    put("acr", json!(told.of.aal));
    put("amr", json!(methods(told.of)));
    put("at_hash", json!(half(&told.issued.access_token)));
    if let Some(nonce) = told.nonce {
        put("nonce", json!(nonce));
    }
    let algorithm = match client.id_token_algorithm.as_str() {
        "ES256" => IdTokenAlgorithm::Es256,
        _ => IdTokenAlgorithm::Rs256,
    };
    accounts.keys.ready_to_sign(algorithm).await?;
    let signed = accounts.keys.sign_id_token(algorithm, &all, now_s);
    signed.map_err(|error| Problem::bug(format!("an ID token could not be signed: {error}")))
}

/// How the person had signed in, in the words of RFC 8176.
fn methods(session: &Session) -> Vec<&'static str> {
    let word = |(method, _): (&str, i64)| {
        Some(match Method::of(method) {
            Method::Password => "pwd",
            Method::Webauthn | Method::Passkey => "pop",
            Method::Application | Method::Anonymous | Method::Oauth => return None,
            _ => "otp",
        })
    };
    let several = (session.aal == "aal2").then_some("mfa");
    let mut all: Vec<&str> = session.steps().filter_map(word).chain(several).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The left half of a hash of the access token, which ties both tokens together (OpenID Connect, 3.1.3.6).
fn half(access_token: &str) -> String {
    let digest = digest::digest(&digest::SHA256, access_token.as_bytes());
    URL_SAFE_NO_PAD.encode(&digest.as_ref()[..16])
}
