//! Accounts with all that hangs on them: whoever had a password, an authenticator, recovery codes, a session or an application
//! before a move has them after it.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use totp_rs::{Algorithm, Builder, Secret, Totp};

use super::end::{End, On};
use super::moved;
use crate::harness::{Folder, Server};

const SCHEMA: &str = r#"
enum Role @roles { editor }
type User @account @allow(to: [READ]) { id: ID!  name: String }
type Draft @model @allow(to: [READ], roles: ["editor"]) { id: Int! @id  text: String! }
"#;
const PASSWORD: &str = "kolibri im garten";
/// The proof key of RFC 7636, appendix B, and its challenge.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const BACK: &str = "https%3A%2F%2Fclient.example.org%2Fback";

/// A server on one of the databases.
struct Here {
    server: Server,
    publishable: String,
    secret: String,
}

impl Here {
    fn on(folder: Folder, end: &End) -> Self {
        // Another port would be another issuer.
        let settings = "[server]\npublic_url = \"http://127.0.0.1:4000\"\n";
        folder.write("bistro.toml", &format!("[database]\nurl = \"{}\"\n{settings}", end.url));
        let server = Server::start(folder, &["dev"]);
        let (publishable, secret) = (server.publishable(), server.secret());
        Self { server, publishable, secret }
    }

    /// Asks accounts: `"POST /signup"`. A text is the body of a form.
    fn ask(&self, line: &str, body: &Value, token: Option<&str>) -> (u16, Value) {
        let (method, path) = line.split_once(' ').expect("a method and a path");
        let key = if token == Some(&self.secret) { &self.secret } else { &self.publishable };
        let mut request = self.server.request(method, &format!("/auth/v1{path}")).key(key);
        request = match body {
            Value::Null => request,
            Value::String(form) => request.body("application/x-www-form-urlencoded", form),
            body => request.json(&body.to_string()),
        };
        if let Some(token) = token {
            request = request.token(token);
        }
        let answer = request.send();
        let location = answer.header("location").map(Value::from);
        (answer.status, serde_json::from_str(&answer.body).ok().or(location).unwrap_or_default())
    }

    /// What a question that is answered well brings.
    fn told(&self, line: &str, body: &Value, token: Option<&str>) -> Value {
        let (status, said) = self.ask(line, body, token);
        assert!(status < 400, "{line}: {status} {said}");
        said
    }

    /// A session by the password.
    fn signs_in(&self) -> Value {
        let body = json!({"email": "ada@example.org", "password": PASSWORD});
        self.told("POST /token?grant_type=password", &body, None)
    }
}

fn text(value: &Value, pointer: &str) -> String {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("no {pointer} in {value}"))
        .to_owned()
}

fn token(session: &Value) -> String {
    text(session, "/access_token")
}

fn member(address: &Value, name: &str) -> String {
    let address = address.as_str().expect("an address");
    let value = address.split(&format!("{name}=")).nth(1).and_then(|rest| rest.split('&').next());
    value.unwrap_or_else(|| panic!("no {name} in {address}")).to_owned()
}

/// Somebody with everything that an account can have.
struct Ada {
    factor: String,
    device: Totp,
    /// The last step of time whose code was shown.
    step: u64,
    recovery: Vec<String>,
    /// The refresh token of a session with both factors.
    refresh: String,
    /// The application: `client_id=…&client_secret=…`, and its refresh token.
    application: String,
    granted: String,
}

impl Ada {
    fn settles(here: &Here) -> Self {
        let body = json!({"email": "ada@example.org", "password": PASSWORD, "data": {"name": "Ada"}});
        let low = here.told("POST /signup", &body, None);
        let user = format!("PUT /admin/users/{}", text(&low, "/user/id"));
        here.told(&user, &json!({"app_metadata": {"roles": ["editor"]}}), Some(&here.secret));
        let body = json!({"factor_type": "totp", "friendly_name": "phone"});
        let made = here.told("POST /factors", &body, Some(&token(&low)));
        let secret = Secret::try_from_base32(text(&made, "/totp/secret")).expect("base32");
        let device = Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_secret(secret)
            .build()
            .expect("an authenticator");
        let mut ada = Self {
            factor: text(&made, "/id"),
            device,
            // A clock may be a step off: the one before leaves this one and the next for later.
            step: now() / 30 - 2,
            recovery: Vec::new(),
            refresh: String::new(),
            application: String::new(),
            granted: String::new(),
        };
        let high = ada.proves(here, &token(&low));
        ada.refresh = text(&high, "/refresh_token");
        let made = here.told("POST /factors/recovery-codes", &json!({}), Some(&token(&high)));
        let codes = made["codes"].as_array().or(made.as_array()).unwrap_or_else(|| panic!("{made}"));
        ada.recovery = codes.iter().map(|code| code.as_str().expect("a code").to_owned()).collect();
        ada.lets_in(here, &token(&high));
        ada
    }

    /// Lets an application in.
    fn lets_in(&mut self, here: &Here, token: &str) {
        let body = json!({
            "client_name": "Calendar", "redirect_uris": ["https://client.example.org/back"],
            "scope": "openid email offline_access", "id_token_signed_response_alg": "ES256",
        });
        let made = here.told("POST /admin/oauth/clients", &body, Some(&here.secret));
        let id = text(&made, "/client_id");
        self.application = format!("client_id={id}&client_secret={}", text(&made, "/client_secret"));
        let asks = format!(
            "GET /oauth/authorize?client_id={id}&redirect_uri={BACK}&response_type=code&scope=openid%20offline_access\
             &state=s&code_challenge={CHALLENGE}&code_challenge_method=S256"
        );
        let asked = member(&here.told(&asks, &Value::Null, None), "authorization_id");
        let consent = format!("POST /oauth/authorizations/{asked}/consent");
        let on = here.told(&consent, &json!({"action": "approve"}), Some(token));
        let code = member(&on["redirect_url"], "code");
        let form =
            format!("grant_type=authorization_code&code={code}&redirect_uri={BACK}&code_verifier={VERIFIER}");
        self.exchanges(here, &form);
    }

    fn exchanges(&mut self, here: &Here, form: &str) {
        let form = Value::from(format!("{form}&{}", self.application));
        self.granted = text(&here.told("POST /oauth/token", &form, None), "/refresh_token");
    }

    /// Shows the code of a step.
    fn shows(&self, here: &Here, token: &str, step: u64) -> (u16, Value) {
        let challenge =
            here.told(&format!("POST /factors/{}/challenge", self.factor), &json!({}), Some(token));
        let code = self.device.generate(step * 30).to_string();
        let body = json!({"challenge_id": text(&challenge, "/id"), "code": code});
        here.ask(&format!("POST /factors/{}/verify", self.factor), &body, Some(token))
    }

    /// Proves the second factor by a code that was not shown before.
    fn proves(&mut self, here: &Here, token: &str) -> Value {
        self.step = (self.step + 1).max(now() / 30 - 1);
        let (status, said) = self.shows(here, token, self.step);
        assert_eq!(status, 200, "{said}");
        said
    }

    /// Whether everything that was hers works here.
    fn is_at_home(&mut self, here: &Here) {
        let body = json!({"refresh_token": self.refresh});
        let session = here.told("POST /token?grant_type=refresh_token", &body, None);
        self.refresh = text(&session, "/refresh_token");
        let low = here.signs_in();
        let drafts = here.server.get("/rest/v1/drafts").key(&here.publishable).token(&token(&low));
        assert_eq!(drafts.send().status, 200, "she is an editor");
        let (status, said) = self.shows(here, &token(&low), self.step);
        assert_eq!(status, 422, "a code that was shown before the move: {said}");
        self.proves(here, &token(&low));
        let low = here.signs_in();
        let body = json!({"code": self.recovery.pop().expect("a code is left")});
        here.told("POST /factors/recovery-codes/verify", &body, Some(&token(&low)));
        let again = here.ask("POST /factors/recovery-codes/verify", &body, Some(&token(&here.signs_in())));
        assert!(again.0 >= 400, "a recovery code is good once: {}", again.1);
        self.exchanges(here, &format!("grant_type=refresh_token&refresh_token={}", self.granted));
        let grants = here.told("GET /user/oauth/grants", &Value::Null, Some(&token(&session)));
        assert!(grants.to_string().contains("Calendar"), "{grants}");
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

#[test]
fn people_keep_factors_sessions_and_grants_wherever_they_were_moved() {
    let ends = [On::Sqlite("bistro.db"), On::Postgres, On::Mysql].map(End::new);
    let here = Here::on(Folder::with(SCHEMA), &ends[0]);
    let mut ada = Ada::settles(&here);
    let mut folder = here.server.stop();
    for pair in ends.windows(2) {
        let out = pair[0].move_to(&folder, &pair[1], &["--yes"]).well();
        let rows = |name: &str| {
            moved(&out)
                .into_iter()
                .find(|(n, ..)| n == name)
                .map_or(0, |(_, rows, _)| rows.parse().expect("a number"))
        };
        for (table, least) in [
            ("bistro_accounts", 1),
            ("bistro_identities", 1),
            ("bistro_factors", 1),
            ("bistro_recovery_codes", 8),
            ("bistro_sessions", 2),
            ("bistro_oauth_clients", 1),
            ("bistro_oauth_grants", 1),
            ("bistro_audit_log", 5),
            ("users", 1),
        ] {
            assert!(rows(table) >= least, "{table}: {out}");
        }
        // What sealed her authenticator came along.
        let _ = std::fs::remove_file(folder.path().join("data/keys.json"));
        let here = Here::on(folder, &pair[1]);
        ada.is_at_home(&here);
        folder = here.server.stop();
    }
}
