//! ID tokens: who signed in, for the application alone.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bistro_auth::IdTokenAlgorithm;
use bistro_problem::Problem;
use serde_json::json;

use super::code::Exchanged;
use super::userinfo::claims;
use crate::accounts::Accounts;
use crate::data::records::Client;
use crate::visit::Visit;

/// The life of an ID token, in seconds: it is read when it comes.
const TTL_S: i64 = 3_600;

/// Signs the ID token of an exchange.
pub(super) async fn sign(
    accounts: &Accounts,
    visit: &Visit,
    client: &Client,
    exchanged: &Exchanged,
) -> Result<String, Problem> {
    let now_s = visit.now.seconds();
    let mut all = claims(&exchanged.issued.account, &exchanged.scope);
    let mut put = |name: &str, value: serde_json::Value| all.insert(name.to_owned(), value);
    put("iss", json!(accounts.settings.issuer()));
    put("aud", json!(client.id.to_string()));
    put("iat", json!(now_s));
    put("exp", json!(now_s + TTL_S));
    put("auth_time", json!(exchanged.signed_in_s));
    put("at_hash", json!(half(&exchanged.issued.access_token)));
    if let Some(nonce) = &exchanged.nonce {
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

/// The left half of a hash of the access token, which ties both tokens together (OpenID Connect, 3.1.3.6).
fn half(access_token: &str) -> String {
    let digest = digest::digest(&digest::SHA256, access_token.as_bytes());
    URL_SAFE_NO_PAD.encode(&digest.as_ref()[..16])
}
