use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;

use crate::tests::{NOW, project};

/// A JSON text of a few levels.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("1e309".to_owned()),
        Just("-0.5".to_owned()),
        Just("99999999999999999999".to_owned()),
        any::<i64>().prop_map(|n| n.to_string()),
        "\"[a-z0-9-]{0,40}\"",
        Just("\"ES256\"".to_owned()),
        Just("\"authenticated\"".to_owned()),
    ];
    let names = prop_oneof![
        Just("alg"),
        Just("kid"),
        Just("exp"),
        Just("iat"),
        Just("nbf"),
        Just("iss"),
        Just("aud"),
        Just("sub"),
        Just("role"),
        Just("session_id"),
        Just("app_metadata"),
        Just("roles"),
        Just("crit"),
    ];
    leaf.prop_recursive(3, 24, 6, move |inner| {
        let list =
            proptest::collection::vec(inner.clone(), 0..4).prop_map(|all| format!("[{}]", all.join(",")));
        let object = proptest::collection::vec((names.clone(), inner), 0..8).prop_map(|all| {
            let members: Vec<String> =
                all.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
            format!("{{{}}}", members.join(","))
        });
        prop_oneof![list, object]
    })
}

proptest! {
    #[test]
    fn no_text_makes_a_token_panic(text in "\\PC{0,200}") {
        let p = project("HS256");
        prop_assert!(p.ask(&text, NOW).starts_with("401 "), "{}", text);
    }

    #[test]
    fn no_parts_make_a_token_panic(header in json(), claims in json(), signature in any::<Vec<u8>>()) {
        let p = project("HS256");
        let part = |text: &[u8]| URL_SAFE_NO_PAD.encode(text);
        let token = format!("{}.{}.{}", part(header.as_bytes()), part(claims.as_bytes()), part(&signature));
        prop_assert!(p.ask(&token, NOW).starts_with("401 "), "{}", token);
    }

    /// Claims behind a good signature: callers, or refusals, and never another's fault.
    #[test]
    fn no_signed_claims_panic(claims in json()) {
        let p = project("HS256");
        let header = r#"{"alg":"HS256"}"#;
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(&claims));
        let key = jsonwebtoken::EncodingKey::from_secret(crate::tests::SECRET.as_bytes());
        let signature =
            jsonwebtoken::crypto::sign(message.as_bytes(), &key, jsonwebtoken::Algorithm::HS256).unwrap();
        let said = p.ask(&format!("{message}.{signature}"), NOW);
        let known = ["401 ", "User ", "Anonymous ", "Service "];
        prop_assert!(known.iter().any(|start| said.starts_with(start)), "{}: {}", claims, said);
    }
}
