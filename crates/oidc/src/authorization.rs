//! The address at the provider that a browser is sent to.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::metadata::Metadata;
use crate::preset::Preset;
use crate::settings::Settings;
use crate::trip::Trip;

/// What stays as it is in a query.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Parameters that callers cannot set: they decide where the answer goes, or what it proves.
const RESERVED: [&str; 14] = [
    "client_id",
    "client_secret",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "request",
    "request_uri",
    "registration",
    "iss",
];

/// The most parameters that a caller may add, and the most bytes of one.
const EXTRA_MOST: (usize, usize) = (16, 512);

/// The address. `scopes` are added to those of the settings, `extra` to the parameters.
pub(crate) fn address(
    metadata: &Metadata,
    settings: &Settings,
    trip: &Trip,
    redirect_uri: &str,
    scopes: &str,
    extra: &[(String, String)],
) -> String {
    let challenge = trip.challenge();
    let scope = scope(settings, scopes);
    let mut pairs = vec![
        ("client_id", settings.client_id.as_str()),
        ("redirect_uri", redirect_uri),
        ("response_type", "code"),
        ("scope", &scope),
        ("state", &trip.state),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    if metadata.jwks_uri.is_some() {
        pairs.push(("nonce", &trip.nonce));
    }
    if settings.preset.form_post() {
        pairs.push(("response_mode", "form_post"));
    }
    // Google gives a refresh token to those alone who ask for it so.
    let offline = settings.preset == Preset::Google && scope.split(' ').any(|s| s == "offline_access");
    if offline {
        pairs.push(("access_type", "offline"));
    }
    let (count, size) = EXTRA_MOST;
    let free = |(name, value): &&(String, String)| {
        !RESERVED.contains(&name.as_str()) && name.len() + value.len() <= size
    };
    pairs.extend(extra.iter().filter(free).take(count).map(|(name, value)| (name.as_str(), value.as_str())));
    let endpoint = &metadata.authorization_endpoint;
    let joint = if endpoint.contains('?') { '&' } else { '?' };
    let pair = |(name, value): &(&str, &str)| {
        format!("{}={}", utf8_percent_encode(name, PLAIN), utf8_percent_encode(value, PLAIN))
    };
    format!("{endpoint}{joint}{}", pairs.iter().map(pair).collect::<Vec<_>>().join("&"))
}

/// The scopes of the settings or the preset, and those that were asked for besides.
fn scope(settings: &Settings, more: &str) -> String {
    let own: Vec<&str> = match &settings.scopes {
        Some(scopes) => scopes.iter().map(String::as_str).collect(),
        None => settings.preset.scopes().to_vec(),
    };
    let mut scopes = own;
    for scope in more.split([' ', ',']).filter(|scope| !scope.is_empty()) {
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    scopes.join(" ")
}

#[cfg(test)]
mod tests {
    use super::address;
    use crate::metadata::Metadata;
    use crate::preset::Preset;
    use crate::settings::{Secret, Settings};
    use crate::trip::Trip;

    fn settings(preset: Preset) -> Settings {
        Settings {
            name: "id".into(),
            preset,
            client_id: "me & you".into(),
            client_ids: Vec::new(),
            secret: Secret::None,
            issuer: "https://id.example".into(),
            scopes: None,
            token_auth: None,
        }
    }

    fn written(preset: Preset, endpoint: &str, scopes: &str, extra: &[(&str, &str)]) -> String {
        let document = serde_json::json!({
            "issuer": "https://id.example", "authorization_endpoint": endpoint,
            "token_endpoint": "https://id.example/t", "jwks_uri": "https://id.example/k",
        });
        let metadata: Metadata = serde_json::from_value(document).expect("it is whole");
        let trip = Trip { state: "s".into(), nonce: "n".into(), verifier: "v".into() };
        let extra: Vec<_> = extra.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        address(&metadata, &settings(preset), &trip, "https://me.example/cb?x=1", scopes, &extra)
    }

    #[test]
    fn the_address_has_all_that_protects_the_trip() {
        assert_eq!(
            written(Preset::Oidc, "https://id.example/a", "", &[]),
            "https://id.example/a?client_id=me%20%26%20you&redirect_uri=https%3A%2F%2Fme.example%2Fcb%3Fx%3D1\
             &response_type=code&scope=openid%20email%20profile&state=s\
             &code_challenge=TJRIXgwhrmxBzh3-e2v6zupato5AokdvUCCOUm9QYIA&code_challenge_method=S256&nonce=n",
        );
    }

    #[test]
    fn callers_add_what_they_may() {
        let check = |scopes: &str, extra: &[(&str, &str)], with: &[&str], without: &[&str]| {
            let address = written(Preset::Google, "https://id.example/a?b=c", scopes, extra);
            assert!(address.starts_with("https://id.example/a?b=c&client_id="), "{address}");
            assert!(with.iter().all(|part| address.contains(part)), "{address} lacks one of {with:?}");
            assert!(!without.iter().any(|part| address.contains(part)), "{address} has one of {without:?}");
        };
        check("calendar,openid  mail", &[], &["scope=openid%20email%20profile%20calendar%20mail"], &[]);
        check(
            "",
            &[("prompt", "consent"), ("login_hint", "a@b")],
            &["&prompt=consent", "&login_hint=a%40b"],
            &[],
        );
        check("", &[("redirect_uri", "https://evil.example"), ("state", "x")], &[], &["evil", "state=x"]);
        check("", &[("request", "x"), ("response_mode", "fragment")], &[], &["request=", "fragment"]);
        check("", &[("long", &"x".repeat(600))], &[], &["long="]);
        check("offline_access", &[], &["access_type=offline"], &[]);
        assert!(written(Preset::Apple, "https://id.example/a", "", &[]).contains("response_mode=form_post"));
    }
}
