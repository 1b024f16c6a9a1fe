//! Who signed in, in one form, whatever the provider calls it; and where an e-mail address counts as verified.

use serde_json::{Map, Value, json};

use crate::preset::Preset;

/// The longest address that is taken.
const EMAIL_MOST: usize = 320;

/// The longest of the other claims that is kept, in bytes.
const CLAIM_MOST: usize = 2048;

/// Somebody whom a provider vouches for.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// Who vouches.
    pub issuer: String,
    /// Who it is there: for ever, and for this issuer only.
    pub subject: String,
    /// The address in lower case, if the provider gives one.
    pub email: Option<String>,
    /// Whether the provider has verified the address.
    pub email_verified: bool,
    /// What else it says, under the names of OpenID Connect and those that clients of the dialect read.
    pub claims: Map<String, Value>,
}

/// A person from the claims of an issuer, in the provider's own words. `None` without a subject.
pub fn person(preset: Preset, issuer: &str, said: &Map<String, Value>) -> Option<Person> {
    let text = |name: &str| {
        said.get(name).and_then(Value::as_str).filter(|t| !t.is_empty() && t.len() <= CLAIM_MOST)
    };
    let subject = match preset {
        Preset::Github | Preset::Discord | Preset::Facebook => identifier(said.get("id")?)?,
        _ => text("sub")?.to_owned(),
    };
    let email = text("email").filter(|email| email.len() <= EMAIL_MOST && email.contains('@'));
    let email = email.map(|email| email.trim().to_lowercase());
    let email_verified = email.is_some() && verified(preset, said);
    let (name, user_name, picture) = match preset {
        Preset::Github => {
            (text("name").or(text("login")), text("login"), text("avatar_url").map(str::to_owned))
        }
        Preset::Discord => {
            (text("global_name").or(text("username")), text("username"), discord_picture(said, &subject))
        }
        Preset::Facebook => {
            let picture = said.get("picture").and_then(|p| p.pointer("/data/url")).and_then(Value::as_str);
            (text("name"), None, picture.map(str::to_owned))
        }
        _ => (text("name"), text("preferred_username"), text("picture").map(str::to_owned)),
    };
    let mut claims = Map::new();
    let mut put =
        |claim: &str, value: Option<Value>| value.map(|value| claims.insert(claim.to_owned(), value));
    put("iss", Some(json!(issuer)));
    put("sub", Some(json!(subject)));
    put("provider_id", Some(json!(subject)));
    put("email", email.as_ref().map(|email| json!(email)));
    put("email_verified", Some(json!(email_verified)));
    put("phone_verified", Some(json!(false)));
    put("name", name.map(Value::from));
    put("full_name", name.map(Value::from));
    put("user_name", user_name.map(Value::from));
    put("preferred_username", user_name.map(Value::from));
    put("picture", picture.clone().map(Value::from));
    put("avatar_url", picture.map(Value::from));
    for claim in ["given_name", "family_name", "nickname", "profile", "website", "locale", "zoneinfo"] {
        put(claim, text(claim).map(Value::from));
    }
    put("given_name", text("first_name").map(Value::from));
    put("family_name", text("last_name").map(Value::from));
    Some(Person { issuer: issuer.to_owned(), subject, email, email_verified, claims })
}

/// Whether the provider says that it has verified the address, and is known to mean it.
fn verified(preset: Preset, said: &Map<String, Value>) -> bool {
    let claim = |name: &str| match said.get(name) {
        Some(Value::Bool(truth)) => *truth,
        Some(Value::String(text)) => text == "true",
        _ => false,
    };
    match preset {
        Preset::Oidc | Preset::Google | Preset::Gitlab | Preset::Apple => claim("email_verified"),
        Preset::Discord => claim("verified"),
        // Put there by `github_email`, from the list of addresses.
        Preset::Github => said.get("email_verified") == Some(&Value::Bool(true)),
        // Security: Microsoft's addresses are what a tenant's administrator writes; Facebook's may be years old.
        Preset::Microsoft | Preset::Facebook => false,
    }
}

/// GitHub's user with the address that is primary there, and whether that is verified. The address of the profile is only
/// shown, so it counts for nothing.
pub(crate) fn github_email(user: &mut Map<String, Value>, emails: &Value) {
    let primary = emails
        .as_array()
        .and_then(|all| all.iter().find(|entry| entry.get("primary") == Some(&Value::Bool(true))));
    user.remove("email");
    user.remove("email_verified");
    if let Some(primary) = primary
        && let Some(email) = primary.get("email").and_then(Value::as_str)
    {
        let verified = primary.get("verified") == Some(&Value::Bool(true));
        user.insert("email".to_owned(), json!(email));
        user.insert("email_verified".to_owned(), json!(verified));
    }
}

/// An id, which some providers write as a number.
fn identifier(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() && text.len() <= 255 => Some(text.clone()),
        Value::Number(number) => number.as_u64().map(|id| id.to_string()),
        _ => None,
    }
}

fn discord_picture(said: &Map<String, Value>, id: &str) -> Option<String> {
    let hash = said.get("avatar")?.as_str()?;
    let plain = hash.bytes().chain(id.bytes()).all(|b| b.is_ascii_alphanumeric() || b == b'_');
    plain.then(|| format!("https://cdn.discordapp.com/avatars/{id}/{hash}.png"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{github_email, person};
    use crate::preset::Preset;

    fn claims(value: Value) -> serde_json::Map<String, Value> {
        value.as_object().expect("the table holds objects").clone()
    }

    #[test]
    fn an_address_is_verified_where_the_provider_means_it() {
        let check = |preset: Preset, said: Value, email: Option<&str>, verified: bool| {
            let person =
                person(preset, "https://id.example", &claims(said.clone())).expect("it names somebody");
            assert_eq!(
                (person.email.as_deref(), person.email_verified),
                (email, verified),
                "{preset:?} {said}"
            );
            assert_eq!(person.claims["email_verified"], json!(verified));
        };
        let ada = Some("ada@example.org");
        for preset in [Preset::Oidc, Preset::Google, Preset::Gitlab, Preset::Apple] {
            check(preset, json!({"sub": "1", "email": "Ada@Example.org", "email_verified": true}), ada, true);
            check(
                preset,
                json!({"sub": "1", "email": "ada@example.org", "email_verified": "true"}),
                ada,
                true,
            );
            for no in [json!(false), json!("false"), json!("TRUE"), json!(1), json!(null)] {
                check(
                    preset,
                    json!({"sub": "1", "email": "ada@example.org", "email_verified": no}),
                    ada,
                    false,
                );
            }
            check(preset, json!({"sub": "1", "email": "ada@example.org", "verified": true}), ada, false);
            check(preset, json!({"sub": "1", "email_verified": true}), None, false);
            check(preset, json!({"sub": "1", "email": "ada", "email_verified": true}), None, false);
        }
        let microsoft =
            json!({"sub": "1", "email": "ada@example.org", "email_verified": true, "xms_edov": true});
        check(Preset::Microsoft, microsoft, ada, false);
        check(Preset::Facebook, json!({"id": "1", "email": "ada@example.org", "verified": true}), ada, false);
        check(Preset::Discord, json!({"id": "1", "email": "ada@example.org", "verified": true}), ada, true);
        check(Preset::Discord, json!({"id": "1", "email": "ada@example.org", "verified": false}), ada, false);
        check(
            Preset::Discord,
            json!({"id": "1", "email": "ada@example.org", "email_verified": true}),
            ada,
            false,
        );
    }

    #[test]
    fn only_the_primary_address_of_github_counts() {
        let check = |emails: Value, email: Option<&str>, verified: bool| {
            let mut user = claims(
                json!({"id": 7, "login": "ada", "email": "shown@example.org", "email_verified": true}),
            );
            github_email(&mut user, &emails);
            let person = person(Preset::Github, "https://github.com", &user).expect("it names somebody");
            assert_eq!((person.email.as_deref(), person.email_verified), (email, verified), "{emails}");
            assert_eq!(person.subject, "7");
        };
        let ada = Some("ada@example.org");
        check(json!([{"email": "ada@example.org", "primary": true, "verified": true}]), ada, true);
        check(json!([{"email": "ada@example.org", "primary": true, "verified": false}]), ada, false);
        check(
            json!([
                {"email": "x@example.org", "primary": false, "verified": true},
                {"email": "ada@example.org", "primary": true, "verified": false},
            ]),
            ada,
            false,
        );
        check(json!([{"email": "x@example.org", "primary": false, "verified": true}]), None, false);
        check(json!({"message": "Not Found"}), None, false);
    }

    #[test]
    fn claims_have_one_form() {
        let facebook = json!({"id": "9", "name": "Ada L", "first_name": "Ada", "picture": {"data": {"url": "https://p"}}});
        let found =
            person(Preset::Facebook, "https://www.facebook.com", &claims(facebook)).expect("somebody");
        let shown = |name: &str| found.claims.get(name).and_then(Value::as_str);
        assert_eq!(
            (shown("full_name"), shown("given_name"), shown("avatar_url")),
            (Some("Ada L"), Some("Ada"), Some("https://p"))
        );
        let discord = json!({"id": "9", "username": "ada", "avatar": "../x"});
        let found = person(Preset::Discord, "https://discord.com", &claims(discord)).expect("somebody");
        assert_eq!((found.claims.get("avatar_url"), found.claims["name"].as_str()), (None, Some("ada")));
        for nobody in [json!({}), json!({"sub": ""}), json!({"sub": 7}), json!({"id": "7"})] {
            assert_eq!(person(Preset::Oidc, "https://id.example", &claims(nobody)), None);
        }
    }
}
