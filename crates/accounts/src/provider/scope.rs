//! Scopes: what an application asks for, in the words of OpenID Connect and of data.

use std::collections::BTreeSet;

/// The scopes that are not about data.
pub(super) const PERSONAL: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// The longest scope, in bytes.
pub(super) const LONGEST: usize = 2_000;

/// Whether there is such a scope.
pub(super) fn known(word: &str) -> bool {
    PERSONAL.contains(&word) || data(word).is_some()
}

/// The collection (`None` for all) and the verb of a scope about data.
fn data(word: &str) -> Option<(Option<&str>, &str)> {
    let rest = word.strip_prefix("data:")?;
    let (collection, verb) = rest.rsplit_once(':').map_or((None, rest), |(name, verb)| (Some(name), verb));
    let named = collection.is_none_or(|name| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
    });
    (named && matches!(verb, "read" | "write")).then_some((collection, verb))
}

/// Whether an application that is registered for these may ask for this one.
pub(super) fn covered(word: &str, registered: &[String]) -> bool {
    let has = |wanted: &str| registered.iter().any(|one| one == wanted);
    has(word) || matches!(data(word), Some((Some(_), verb)) if has(&format!("data:{verb}")))
}

/// The words of a scope, each once, in order.
pub(super) fn words(scope: &str) -> Vec<&str> {
    let mut seen = BTreeSet::new();
    scope.split_ascii_whitespace().filter(|word| seen.insert(*word)).collect()
}

/// Whether a scope has a word.
pub(crate) fn has(scope: &str, word: &str) -> bool {
    scope.split_ascii_whitespace().any(|one| one == word)
}

/// What a scope means to a person.
pub(crate) fn meaning(word: &str) -> String {
    match (word, data(word)) {
        ("openid", _) => "know that it is you".to_owned(),
        ("profile", _) => "see your name and picture".to_owned(),
        ("email", _) => "see your e-mail address".to_owned(),
        ("offline_access", _) => "stay signed in while you are away".to_owned(),
        (_, Some((Some(name), "read"))) => format!("read what you may read of {name}"),
        (_, Some((Some(name), _))) => format!("change what you may change of {name}"),
        (_, Some((None, "read"))) => "read all that you may read".to_owned(),
        (_, Some((None, _))) => "change all that you may change".to_owned(),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{covered, known, words};

    #[test]
    fn scopes_are_known_by_their_form() {
        let check = |word: &str, expected: bool| assert_eq!(known(word), expected, "{word}");
        check("openid", true);
        check("data:read", true);
        check("data:posts:write", true);
        check("data:posts:delete", false);
        check("data::read", false);
        check("data:po\"sts:read", false);
        check("data:", false);
        check("admin", false);
    }

    #[test]
    fn the_whole_covers_its_parts() {
        let check = |word: &str, registered: &[&str], expected: bool| {
            let registered: Vec<String> = registered.iter().map(|&one| one.to_owned()).collect();
            assert_eq!(covered(word, &registered), expected, "{word} of {registered:?}");
        };
        check("data:posts:read", &["data:read"], true);
        check("data:posts:write", &["data:read"], false);
        check("data:read", &["data:posts:read"], false);
        check("openid", &["openid"], true);
        check("email", &["openid"], false);
    }

    #[test]
    fn words_come_once() {
        assert_eq!(words(" openid  email openid "), ["openid", "email"]);
    }
}
