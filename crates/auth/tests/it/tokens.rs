use std::sync::{Arc, LazyLock};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bistro_auth::{Authenticator, Credentials, UserClaims};
use bistro_schema::Schema;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::{NOW, OWN, authenticator, changed};

/// Keys of each algorithm, and a token of theirs that is good.
static SIGNED: LazyLock<Vec<(Authenticator, String)>> = LazyLock::new(|| {
    let sign = |algorithm: &&str| {
        let keys = authenticator(algorithm);
        let token = keys.mint_user(&claims()).unwrap();
        (keys, token)
    };
    ["ES256", "EdDSA", "HS256"].iter().map(sign).collect()
});

fn claims() -> UserClaims {
    UserClaims {
        account: [1; 16],
        session: Some([2; 16]),
        email: "ada@example.org".to_owned(),
        phone: String::new(),
        app_metadata: Map::new(),
        user_metadata: Map::new(),
        aal: "aal1".to_owned(),
        amr: vec![("password".to_owned(), NOW)],
        is_anonymous: false,
        issued_s: NOW,
        ttl_s: 3_600,
        client_id: None,
        scope: None,
        audience: "authenticated".to_owned(),
        issuer: format!("{OWN}/auth/v1"),
    }
}

/// Whether it is refused, as a bearer of the data surfaces and as a session of ours.
fn refused(keys: &Authenticator, token: &str) -> bool {
    let bearer = format!("Bearer {token}");
    let shown = Credentials { apikey: None, authorization: Some(&bearer), ..Credentials::default() };
    let as_caller = keys.caller(&Arc::new(Schema::default()), &shown, NOW, None);
    as_caller.is_err_and(|problem| problem.code.status() == 401) && keys.verify_own(token, NOW).is_err()
}

/// A header or a payload with a member changed.
fn with(part: &str, name: &str, value: &Value) -> String {
    let mut object: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    object[name] = value.clone();
    URL_SAFE_NO_PAD.encode(object.to_string())
}

#[test]
fn what_was_signed_is_good() {
    for (keys, token) in &*SIGNED {
        assert_eq!(keys.verify_own(token, NOW).unwrap().account, [1; 16]);
        assert!(keys.verify_own(token, NOW + 3_700).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A token that was changed anywhere is refused, with a good key at hand.
    #[test]
    fn a_changed_token_is_refused(
        which in 0_usize..3,
        changes in vec((0_usize..900, any::<u8>(), "[A-Za-z0-9_.=-]{1,4}|\\PC{1,2}"), 1..4),
    ) {
        let (keys, token) = &SIGNED[which];
        let other = changed(token, &changes);
        // Blanks around a token are none of it.
        prop_assert!(other.trim() == token || refused(keys, &other), "{} became {}", token, other);
    }

    /// Another header or other claims before the old signature, or before none, convince nobody.
    #[test]
    fn no_member_makes_up_for_a_signature(
        which in 0_usize..3, other in 0_usize..3,
        member in prop::sample::select(vec!["alg", "kid", "typ", "crit", "jwk", "jku", "x5u", "b64", "zip"]),
        value in prop_oneof![
            Just(json!("none")), Just(json!("None")), Just(json!("HS256")), Just(json!("RS256")), Just(json!("EdDSA")),
            Just(json!("ES256")), Just(Value::Null), Just(json!([])), Just(json!({"kty": "oct", "k": "AA"})), "\\PC{0,8}".prop_map(Value::from),
        ],
        signature in prop::option::of(vec(any::<u8>(), 0..80)),
    ) {
        let (keys, token) = &SIGNED[which];
        let parts: Vec<&str> = token.split('.').collect();
        let header = with(parts[0], member, &value);
        let kept = signature.map_or_else(|| parts[2].to_owned(), |bytes| URL_SAFE_NO_PAD.encode(bytes));
        let forged = format!("{header}.{}.{kept}", parts[1]);
        prop_assert!(forged == *token || refused(keys, &forged), "{}", forged);
        let promoted = with(parts[1], "role", &json!("service_role"));
        let forged = format!("{}.{promoted}.{kept}", parts[0]);
        prop_assert!(refused(keys, &forged), "{}", forged);
        // Another project's signature is none here.
        prop_assert!(which == other || refused(&SIGNED[other].0, token));
    }
}
