//! What a verified token says: whether it holds now, and whom it names.

use std::sync::Arc;

use bistro_ir::{Caller, CallerKind};
use bistro_problem::{Code, Problem};
use bistro_schema::Roles;
use serde_json::{Map, Value};

use crate::token::Verified;

/// How many seconds the clocks of two servers may differ.
pub const SKEW_S: i64 = 30;

/// The `aud` of our own accounts' tokens.
pub const AUDIENCE: &str = "authenticated";

/// When a token holds, in seconds since the epoch; the skew is not in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    /// `exp`.
    pub(crate) expires: i64,
    /// The later of `nbf` and `iat`, each with its own sentence.
    not_before: Option<i64>,
    issued: Option<i64>,
}

impl Window {
    /// As long as something else says.
    pub(crate) const ALWAYS: Self = Self { expires: i64::MAX / 4, not_before: None, issued: None };

    /// From now on for so many seconds, by the clock of this server alone.
    pub(crate) fn of(now_s: i64, seconds: i64) -> Self {
        Self { expires: now_s + seconds - SKEW_S, not_before: None, issued: Some(now_s) }
    }

    /// Whether the token holds at `now_s`.
    pub(crate) fn check(self, now_s: i64) -> Result<(), Problem> {
        if now_s - SKEW_S > self.expires {
            return Err(claim("JWT expired"));
        }
        if self.not_before.is_some_and(|at| now_s + SKEW_S < at) {
            return Err(claim("JWT not yet valid"));
        }
        if self.issued.is_some_and(|at| now_s + SKEW_S < at) {
            return Err(claim("JWT issued at future"));
        }
        Ok(())
    }

    /// Whether it is over.
    pub(crate) fn over(self, now_s: i64) -> bool {
        now_s - SKEW_S > self.expires
    }
}

/// What the configuration asks of tokens besides.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// The `iss` of tokens that the key set verifies.
    pub issuer: Option<String>,
    /// The `aud` of users' tokens.
    pub audience: Option<String>,
    /// The `iss` of our own accounts' tokens.
    pub own_issuer: Option<String>,
}

/// A token's caller before the schema's roles are looked up.
pub(crate) struct Named {
    /// The caller with its built-in role.
    pub(crate) caller: Caller,
    /// The names in `app_metadata.roles`.
    pub(crate) roles: Box<[String]>,
    /// When it holds.
    pub(crate) window: Window,
    /// Which turn of its session a cookie is of; `None` for tokens, which run out by themselves.
    pub(crate) turn: Option<i64>,
}

/// Reads the claims. Errors are `PGRST303`, or `22023` for a role that is not.
pub(crate) fn read(token: Verified, expected: &Expected) -> Result<Named, Problem> {
    let Verified { claims, own, accounts } = token;
    let window = Window {
        expires: time(&claims, "exp")?.ok_or_else(|| claim("The JWT 'exp' claim must be a number"))?,
        not_before: time(&claims, "nbf")?,
        issued: time(&claims, "iat")?,
    };
    // The project's secret signs other tokens too, whether or not it signs those of accounts at present.
    let of_account = accounts || (own && is_account(&claims, expected)?);
    let (caller, roles) = match of_account {
        true => (account(&claims, expected)?, Box::default()),
        false => other(&claims, own, expected)?,
    };
    let text = serde_json::to_string(&claims).map_err(|_| claim("Parsing claims failed"))?;
    Ok(Named { caller: Caller { claims: Arc::from(text), ..caller }, roles, window, turn: None })
}

/// Whether a token of the project's secret is one of our own accounts': those of others name another issuer, or no session.
fn is_account(claims: &Map<String, Value>, expected: &Expected) -> Result<bool, Problem> {
    let issuer = text(claims, "iss")?;
    Ok(issuer.is_some() && issuer == expected.own_issuer.as_deref() && claims.contains_key("session_id"))
}

/// The person of a token of our own accounts. Every claim that says so must be there and of its type: key pairs sign ID
/// tokens as well, which name no session.
fn account(claims: &Map<String, Value>, expected: &Expected) -> Result<Caller, Problem> {
    if expected.own_issuer.as_deref() != Some(needed(claims, "iss")?) {
        return Err(claim("JWT not of the expected issuer"));
    }
    check_audience(claims, Some(AUDIENCE))?;
    if needed(claims, "role")? != "authenticated" {
        return Err(claim("The JWT 'role' claim must be authenticated"));
    }
    let id = |name: &str| {
        let wrong = || claim(format!("The JWT '{name}' claim must be a UUID"));
        uuid(needed(claims, name)?).ok_or_else(wrong)
    };
    Ok(Caller { session: Some(id("session_id")?), ..Caller::user(id("sub")?) })
}

/// The caller of an API key, of a minted token or of another issuer's, and the names of its further roles.
fn other(
    claims: &Map<String, Value>,
    own: bool,
    expected: &Expected,
) -> Result<(Caller, Box<[String]>), Problem> {
    let subject = text(claims, "sub")?;
    let api_key = own && subject.is_none();
    let role = role(claims, api_key)?;
    check_audience(claims, expected.audience.as_deref().filter(|_| !api_key))?;
    let issuer = text(claims, "iss")?;
    if !own && expected.issuer.is_some() && issuer != expected.issuer.as_deref() {
        return Err(claim("JWT not of the expected issuer"));
    }
    if role == "authenticated" && subject.is_none() {
        return Err(claim("The JWT 'sub' claim must be a string"));
    }
    let (kind, roles) = match role {
        "service_role" => (CallerKind::Service, Roles::SERVICE),
        "authenticated" => (CallerKind::User, Roles::AUTHENTICATED),
        _ => (CallerKind::Anonymous, Roles::ANON),
    };
    let id = subject.and_then(uuid);
    // Schema roles belong to signed-in users: the anonymous role and the service key have none.
    let names = if kind == CallerKind::User { schema_roles(claims, own) } else { Box::default() };
    Ok((Caller { kind, role, roles, id, ..Caller::anonymous() }, names))
}

/// The claim `role`; a token without one is anonymous.
fn role(claims: &Map<String, Value>, api_key: bool) -> Result<&'static str, Problem> {
    match claims.get("role") {
        None | Some(Value::Null) => Ok("anon"),
        Some(Value::String(name)) => match name.as_str() {
            "anon" => Ok("anon"),
            "authenticated" => Ok("authenticated"),
            "service_role" if api_key => Ok("service_role"),
            "service_role" => Err(claim("The role service_role belongs to the project's own API keys")
                .hint("Send the secret key, or a token without sub that the project's secret signed.")),
            _ => Err(Problem::new(Code::UnknownRole, format!("role \"{name}\" does not exist"))
                .hint("The claim role is anon, authenticated or service_role; roles of the schema travel in app_metadata.roles.")),
        },
        Some(other) => Err(Problem::new(Code::UnknownRole, format!("role \"{other}\" does not exist"))),
    }
}

/// `aud` has the right form and, where the configuration names one, holds it.
fn check_audience(claims: &Map<String, Value>, wanted: Option<&str>) -> Result<(), Problem> {
    let wrong = || claim("The JWT 'aud' claim must be a string or an array of strings");
    let named: Vec<&str> = match claims.get("aud") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(all)) => all.iter().map(Value::as_str).collect::<Option<_>>().ok_or_else(wrong)?,
        Some(_) => return Err(wrong()),
    };
    match wanted {
        Some(wanted) if !named.contains(&wanted) => Err(claim("JWT not in audience")),
        _ => Ok(()),
    }
}

/// A claim that is a time in seconds, whole or not.
fn time(claims: &Map<String, Value>, name: &str) -> Result<Option<i64>, Problem> {
    match claims.get(name) {
        None | Some(Value::Null) => Ok(None),
        // Whole seconds are enough, and the bounds keep sums with the skew from overflowing.
        Some(Value::Number(n)) => {
            let seconds = n.as_i64().or_else(|| n.as_f64().map(|f| f.floor() as i64));
            Ok(Some(seconds.unwrap_or(i64::MAX).clamp(i64::MIN / 4, i64::MAX / 4)))
        }
        Some(_) => Err(claim(format!("The JWT '{name}' claim must be a number"))),
    }
}

/// A claim that is text.
fn text<'c>(claims: &'c Map<String, Value>, name: &str) -> Result<Option<&'c str>, Problem> {
    match claims.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(claim(format!("The JWT '{name}' claim must be a string"))),
    }
}

/// A claim that is text and must be there.
fn needed<'c>(claims: &'c Map<String, Value>, name: &str) -> Result<&'c str, Problem> {
    text(claims, name)?.ok_or_else(|| claim(format!("The JWT '{name}' claim must be a string")))
}

/// The texts in `app_metadata.roles`; anything else there names no role. Only tokens of our own (`own`) make an
/// administrator: another issuer vouches for who somebody is, not for passing every rule here.
fn schema_roles(claims: &Map<String, Value>, own: bool) -> Box<[String]> {
    let roles = claims.get("app_metadata").and_then(|m| m.get("roles")).and_then(Value::as_array);
    let names = roles.into_iter().flatten().filter_map(Value::as_str);
    names.filter(|name| own || *name != "admin").map(str::to_owned).collect()
}

/// A UUID in its usual form of 36 characters, in either case.
pub(crate) fn uuid(text: &str) -> Option<[u8; 16]> {
    let bytes = text.as_bytes();
    let dashes = [8, 13, 18, 23];
    if bytes.len() != 36 || dashes.iter().any(|at| bytes[*at] != b'-') {
        return None;
    }
    let digits = bytes.iter().enumerate().filter(|(at, _)| !dashes.contains(at));
    let mut id = [0_u8; 16];
    for (n, (_, byte)) in digits.enumerate() {
        let digit = char::from(*byte).to_digit(16)? as u8;
        id[n / 2] = id[n / 2] << 4 | digit;
    }
    Some(id)
}

fn claim(message: impl Into<String>) -> Problem {
    Problem::new(Code::TokenClaims, message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn regress_another_issuer_makes_no_administrator() {
        let value = json!({ "app_metadata": { "roles": ["editor", "admin", 7] } });
        let claims = value.as_object().expect("an object");
        assert_eq!(*schema_roles(claims, true), ["editor", "admin"]);
        assert_eq!(*schema_roles(claims, false), ["editor"]);
    }
}
