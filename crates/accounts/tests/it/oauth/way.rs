//! A browser on its way to a provider and back.

use bistro_accounts::after::After;
use bistro_accounts::data::records::Account;
use bistro_accounts::data::{Rows as _, is};
use bistro_accounts::{Settings, Visit};
use bistro_oidc::{Preset, Secret};
use bistro_outgoing::Allow;
use bistro_testkit::Idp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::seat::{Backend, RUNTIME, Reply, SCHEMA, Seat, settings};

/// A verifier and its challenge, from RFC 7636.
pub(super) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(super) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// The cookie that binds a trip to a browser.
pub(super) const COOKIE: &str = "__Host-bistro-oauth";

/// Accounts with a provider called `idp`.
pub(super) struct Way {
    pub(super) seat: Seat,
    pub(super) idp: Idp,
}

/// A trip that a browser has set out on.
#[derive(Clone, Debug)]
pub(super) struct Trip {
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) cookie: String,
}

/// The settings of `idp`.
pub(super) fn with(idp: &Idp, base: Settings) -> Settings {
    let provider = bistro_oidc::Settings {
        name: "idp".into(),
        preset: Preset::Oidc,
        client_id: "me".into(),
        client_ids: Vec::new(),
        secret: Secret::Text("secret".into()),
        issuer: idp.address.clone(),
        scopes: None,
        token_auth: None,
    };
    let outgoing = Allow::default().and_loopback();
    Settings { providers: vec![provider], outgoing, manual_linking: true, ..base }
}

impl Way {
    pub(super) fn new() -> Self {
        Self::by(settings())
    }

    pub(super) fn by(base: Settings) -> Self {
        Self::on(Backend::Sqlite, base)
    }

    pub(super) fn on(backend: Backend, base: Settings) -> Self {
        let idp = Idp::start();
        let seat = Seat::on(backend, SCHEMA, with(&idp, base));
        Self { seat, idp }
    }

    /// Asks as a browser does: without a key.
    pub(super) fn browse(&self, line: &str, headers: &[(&str, &str)]) -> Reply {
        self.seat.call(line, headers, Value::Null)
    }

    /// Sets out: what is written after `/authorize?provider=idp`.
    pub(super) fn set_out(&self, more: &str) -> Trip {
        let reply = self.browse(&format!("GET /authorize?provider=idp{more}"), &[]);
        self.on_board(&reply)
    }

    /// The trip of a browser that was sent to the provider.
    pub(super) fn on_board(&self, reply: &Reply) -> Trip {
        let to = reply.header("location");
        assert!(
            reply.status == 302 && to.starts_with(&format!("{}/authorize?", self.idp.address)),
            "{reply:?}"
        );
        let set = reply.header("set-cookie");
        assert!(set.starts_with(COOKIE) && set.ends_with("; HttpOnly; Secure; SameSite=None"), "{set}");
        let cookie = set.split(';').next().unwrap_or("").to_owned();
        Trip { state: member(to, "state"), nonce: member(to, "nonce"), cookie }
    }

    /// Lets the provider say who comes back: these claims, beside `sub` `ada`.
    pub(super) fn says(&self, trip: &Trip, claims: Value) {
        let mut claims = claims;
        claims["nonce"] = json!(trip.nonce);
        let token = self.idp.token("a", self.seat.now() / 1_000_000, &claims);
        self.idp.put("/token", &json!({"access_token": "pa", "refresh_token": "pr", "id_token": token}));
        self.idp.put("/me", &json!({"sub": claims.get("sub").unwrap_or(&json!("ada"))}));
    }

    /// Comes back with a code; where the browser is sent.
    pub(super) fn come_back(&self, trip: &Trip) -> String {
        let line = format!("GET /callback?code=c&state={}", trip.state);
        let reply = self.browse(&line, &[("cookie", &trip.cookie)]);
        assert_eq!(reply.status, 302, "{}", reply.text);
        reply.header("location").to_owned()
    }

    /// A whole trip of somebody.
    pub(super) fn walk(&self, more: &str, claims: Value) -> String {
        let trip = self.set_out(more);
        self.says(&trip, claims);
        self.come_back(&trip)
    }

    /// Exchanges the code that an address has.
    pub(super) fn exchange(&self, to: &str, verifier: &str) -> Reply {
        let body = json!({"auth_code": member(to, "code"), "code_verifier": verifier});
        self.seat.ask("POST /token?grant_type=pkce", body, None)
    }

    /// Bans an account for ever.
    pub(super) fn ban(&self, id: &str) {
        let id = Uuid::parse_str(id).expect("accounts have UUIDs");
        let visit = Visit::command(self.seat.now());
        let until = vec![("banned_until", bistro_schema::Value::DateTime(i64::MAX / 2))];
        let done = self.seat.accounts.transact(
            &visit,
            Box::new(move |tx| {
                Box::pin(
                    async move { Ok((tx.update::<Account>(is("id", id), until).await?, After::default())) },
                )
            }),
        );
        assert_eq!(RUNTIME.block_on(done).expect("the store is there"), 1);
    }

    /// The account of a session.
    pub(super) fn user(&self, token: &str) -> Reply {
        let user = self.seat.ask("GET /user", Value::Null, Some(token));
        assert_eq!(user.status, 200, "{}", user.text);
        user
    }

    /// The account that an address with a session in its fragment brings.
    pub(super) fn user_of(&self, to: &str) -> Reply {
        let token = member(to, "access_token");
        assert!(!token.is_empty(), "no session in {to}");
        self.user(&token)
    }
}

/// A member of the query or the fragment of an address, decoded as far as these tests need; empty if there is none.
pub(super) fn member(address: &str, name: &str) -> String {
    let pairs = address.split(['?', '#', '&']).filter_map(|pair| pair.split_once('='));
    let found = pairs.filter(|(known, _)| *known == name).map(|(_, value)| value).next();
    found.unwrap_or("").replace("%20", " ").replace("%40", "@").replace("%3A", ":").replace("%2F", "/")
}

/// Claims of somebody whose address the provider has verified.
pub(super) fn verified(email: &str) -> Value {
    json!({"email": email, "email_verified": true, "name": "Ada"})
}

/// Claims of somebody whose address nobody has verified.
pub(super) fn unverified(email: &str) -> Value {
    json!({"email": email, "email_verified": false, "name": "Ada"})
}
