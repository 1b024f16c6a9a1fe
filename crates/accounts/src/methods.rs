//! Which methods an endpoint answers, for who asks by another.

/// What the header `Allow` says of a path's parts; nothing where no endpoint is. The pages speak for themselves.
pub(crate) fn allowed(parts: &[&str]) -> Option<&'static str> {
    Some(match parts {
        [".well-known", "jwks.json" | "openid-configuration" | "oauth-authorization-server"]
        | ["health" | "settings" | "authorize" | "reauthenticate" | "passkeys"]
        | ["user", "sessions"]
        | ["oauth", "authorizations", _]
        | ["admin", "audit"]
        | ["admin", "users", _, "factors" | "passkeys"] => "GET, HEAD",
        ["signup" | "token" | "logout" | "invite" | "factors" | "sso" | "otp" | "recover" | "resend"]
        | ["factors", "recovery-codes", "verify"]
        | ["factors", _, "challenge" | "verify"]
        | ["passkeys", "registration" | "authentication", "options" | "verify"]
        | ["oauth", "token" | "revoke" | "introspect"]
        | ["oauth", "authorizations", _, "consent"]
        | ["admin", "generate_link"]
        | ["admin", "oauth", "clients", _, "regenerate_secret"] => "POST",
        ["callback" | "verify"]
        | ["oauth", "authorize" | "userinfo"]
        | ["admin", "users"]
        | ["admin", "oauth", "clients"] => "GET, HEAD, POST",
        ["user"] => "GET, HEAD, PUT",
        ["user", "oauth", "grants"] => "GET, HEAD, DELETE",
        // The last word could be an id as well.
        ["user", "identities", "authorize"] => "GET, HEAD, DELETE",
        ["factors", "recovery-codes"] => "POST, DELETE",
        ["admin", "users", _] | ["admin", "oauth", "clients", _] => "GET, HEAD, PUT, DELETE",
        ["passkeys", _] => "PATCH, DELETE",
        ["user", "sessions" | "identities", _]
        | ["factors", _]
        | ["admin", "users", _, "factors" | "passkeys", _] => "DELETE",
        _ => return None,
    })
}
