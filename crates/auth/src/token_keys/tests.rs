use serde_json::Value;

use crate::jwks::Jwks;
use crate::secrets::{ANNOUNCED_S, Secrets, TOKEN_TTL_MAX_S, TokenKeyState};
use crate::tests::{NOW, Project, project};

const EDITOR: &str = "User [authenticated writer editor] seat";
const REFUSED: &str = "401 PGRST301 No suitable key or wrong key type";

/// The ids of the published keys at a time.
fn published(p: &Project, now_s: i64) -> Vec<String> {
    let set: Value = serde_json::from_str(&p.auth.jwks(now_s)).unwrap();
    let kid = |key: &Value| key["kid"].as_str().unwrap().to_owned();
    set["keys"].as_array().unwrap().iter().map(kid).collect()
}

#[test]
fn a_new_key_is_published_before_it_signs_and_an_old_one_as_long_as_its_tokens_live() {
    for algorithm in ["ES256", "EdDSA", "RS256"] {
        let mut p = project(algorithm);
        let old = p.signs_at(NOW);
        let token = p.token_at(NOW);
        let new = p.secrets.rotate_token_keys(algorithm, NOW + 5).unwrap().remove(0);
        let (new, from) = (new.kid, new.signs_from);
        p.reload();
        assert_eq!(from, NOW + 5 + ANNOUNCED_S);
        let end = from + TOKEN_TTL_MAX_S + crate::claims::SKEW_S;
        // Time, who signs, who is published.
        let (both, one) = (vec![old.clone(), new.clone()], vec![new.clone()]);
        let cases = [
            (NOW + 5, &old, &both),
            (from - 1, &old, &both),
            (from, &new, &both),
            (end - 1, &new, &both),
            (end, &new, &one),
        ];
        for (now_s, signs, expected) in cases {
            assert_eq!(p.signs_at(now_s), *signs, "{algorithm} at {}", now_s - NOW);
            assert_eq!(published(&p, now_s), *expected, "{algorithm} at {}", now_s - NOW);
        }
        assert_eq!(p.ask(&token, NOW + 3_600), EDITOR);
        let fresh = p.token_at(from - 1);
        assert_eq!(p.ask(&fresh, from + 3_000), EDITOR, "it was signed just before the change");
        assert_eq!(p.ask(&p.token_at(from), from), EDITOR);
        // Whoever steals an old key can sign nothing that lives on.
        let mut late = crate::tests::claims_at(from - 1);
        late.ttl_s = 10 * TOKEN_TTL_MAX_S;
        let late = p.auth.mint_user(&late).unwrap();
        assert_eq!(p.ask(&late, end), REFUSED);
    }
}

#[test]
fn keys_whose_tokens_are_over_are_forgotten_when_the_next_one_comes() {
    let mut p = project("ES256");
    let first = p.secrets.tokens[0].kid.clone();
    let mut count = |now_s| {
        p.secrets.rotate_token_keys("ES256", now_s).unwrap();
        p.secrets.tokens.len()
    };
    let end = NOW + ANNOUNCED_S + TOKEN_TTL_MAX_S + crate::claims::SKEW_S;
    assert_eq!([count(NOW), count(NOW + 1_000), count(end)], [2, 3, 3]);
    assert!(p.secrets.tokens.iter().all(|key| key.kid != first));
}

#[test]
fn a_revoked_key_ends_at_once_what_it_signed() {
    // Whether another key was announced, and which one signs next.
    for announced in [false, true] {
        let mut p = project("ES256");
        let (old, token) = (p.signs_at(NOW), p.token_at(NOW));
        assert_eq!(p.ask(&token, NOW), EDITOR);
        let next = announced.then(|| p.secrets.rotate_token_keys("ES256", NOW).unwrap().remove(0).kid);
        p.secrets.revoke_signing(&old, NOW + 1).unwrap();
        p.reload();
        assert_eq!(p.ask(&token, NOW + 1), REFUSED);
        assert_eq!(published(&p, NOW + 1).len(), 1);
        let signs = p.signs_at(NOW + 1);
        assert!(next.is_none_or(|next| next == signs) && signs != old);
        assert_eq!(p.ask(&p.token_at(NOW + 1), NOW + 1), EDITOR);
    }
    let mut p = project("ES256");
    let next = p.secrets.rotate_token_keys("ES256", NOW).unwrap().remove(0);
    p.secrets.revoke_signing(&next.kid, NOW).unwrap();
    assert_eq!(p.secrets.tokens.len(), 1, "the one that signs goes on");
    let unknown = p.secrets.revoke_signing("nobody", NOW).unwrap_err().to_string();
    assert!(unknown.contains(&p.secrets.tokens[0].kid), "{unknown}");
}

#[test]
fn another_algorithm_is_announced_too() {
    let mut p = project("ES256");
    let (old, token) = (p.signs_at(NOW), p.token_at(NOW));
    assert!(p.secrets.complete("EdDSA", NOW).unwrap());
    assert!(!p.secrets.complete("EdDSA", NOW).unwrap(), "it is made once");
    p.algorithm = "EdDSA";
    p.reload();
    assert_eq!(p.signs_at(NOW + ANNOUNCED_S - 1), old);
    assert_ne!(p.signs_at(NOW + ANNOUNCED_S), old);
    assert_eq!(p.ask(&token, NOW + ANNOUNCED_S), EDITOR);
    // A key for ID tokens need not wait: nobody has been sent one.
    assert!(p.secrets.need_id_token_key("RS256", NOW).unwrap());
    p.reload();
    let claims = serde_json::Map::new();
    assert!(p.auth.sign_id_token(crate::IdTokenAlgorithm::Rs256, &claims, NOW).is_ok());
    assert_eq!(published(&p, NOW).len(), 3);
    // What signs ID tokens is rotated with the rest.
    let new: Vec<String> =
        p.secrets.rotate_token_keys("EdDSA", NOW).unwrap().into_iter().map(|key| key.algorithm).collect();
    assert_eq!(new, ["EdDSA", "RS256", "ES256"]);
}

#[test]
fn keys_do_not_grow_without_end() {
    let mut p = project("ES256");
    let refused = (0..100).find_map(|n| p.secrets.rotate_token_keys("ES256", NOW + n).err()).unwrap();
    assert!(refused.to_string().contains("--revoke"), "{refused}");
    assert_eq!(p.secrets.tokens.len(), 64);
    p.reload();
    assert_eq!(Jwks::parse(&p.auth.jwks(NOW)).unwrap().keys.len(), 64, "who follows us reads them all");
}

#[test]
fn a_key_says_what_it_is_there_for() {
    let mut p = project("ES256");
    p.secrets.rotate_token_keys("ES256", NOW).unwrap();
    let until = NOW + ANNOUNCED_S + TOKEN_TTL_MAX_S + crate::claims::SKEW_S;
    let cases = [
        (NOW, [TokenKeyState::Signs, TokenKeyState::Announced]),
        (NOW + ANNOUNCED_S - 1, [TokenKeyState::Signs, TokenKeyState::Announced]),
        (NOW + ANNOUNCED_S, [TokenKeyState::Verifies { until }, TokenKeyState::Signs]),
    ];
    for (now_s, expected) in cases {
        let states = p.secrets.tokens.iter().map(|key| p.secrets.token_key_state(key, now_s));
        assert_eq!(states.collect::<Vec<_>>(), expected, "{}", now_s - NOW);
    }
}

#[test]
fn a_secret_is_not_published() {
    let mut p = project("HS256");
    assert_eq!(published(&p, NOW), Vec::<String>::new());
    assert!(p.secrets.rotate_token_keys("HS256", NOW).unwrap().is_empty());
    assert_eq!(p.signs_at(NOW), "configured");
}

#[test]
fn only_public_halves_are_published() {
    for algorithm in ["ES256", "EdDSA", "RS256"] {
        let p = project(algorithm);
        let text = p.auth.jwks(NOW);
        let set: Value = serde_json::from_str(&text).unwrap();
        let key = set["keys"][0].as_object().unwrap();
        assert_eq!((&key["alg"], &key["use"]), (&algorithm.into(), &"sig".into()));
        assert_eq!(key["key_ops"], serde_json::json!(["verify"]));
        let known = ["kty", "crv", "alg", "x", "y", "n", "e", "kid", "use", "key_ops"];
        assert!(key.keys().all(|name| known.contains(&name.as_str())), "{text}");
    }
}

#[test]
fn a_file_of_an_older_version_is_completed() {
    let mut file: Value = serde_json::from_str(&Secrets::generate(NOW).unwrap().text()).unwrap();
    let members = file.as_object_mut().unwrap();
    members.remove("tokens").unwrap();
    members.remove("pepper").unwrap();
    let mut secrets = Secrets::parse(file.to_string().as_bytes()).unwrap();
    assert!(secrets.complete("ES256", NOW).unwrap());
    assert!(secrets.pepper.len() >= 32 && secrets.tokens[0].signs_from == NOW);
    let again = Secrets::parse(secrets.text().as_bytes()).unwrap();
    assert_eq!((&again.pepper, again.tokens.len()), (&secrets.pepper, 1));
    assert!(!format!("{again:?}").contains(&again.pepper));
    assert!(!format!("{again:?}").contains(&again.tokens[0].private));
}
