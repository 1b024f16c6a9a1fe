//! The texts of two headers become a caller, or the cookie of a browser does.

mod browser;
mod remembered;
mod seated;

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;
use bistro_ir::{Caller, CallerKind};
use bistro_problem::{Code, Problem};
use bistro_schema::{Roles, Schema};
use bistro_wire::Browser;

pub use remembered::PasswordTag;
pub use seated::{Asked, Look};

use crate::cache::{Entry, Verified};
use crate::claims::{self, Expected};
use crate::cookie::CookieRules;
use crate::keyring::{KeyOwner, Keyring};
use crate::pepper::Pepper;
use crate::secrets::MachineKey;
use crate::session::{Found, Seats, SessionSource, Whose, over};
use crate::token;
use crate::user_token::{IdTokenAlgorithm, KeyMaker, OwnToken};

/// What the configuration says about callers.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// A request without any credentials is `service_role`; the front then refuses hosts that are not this machine.
    pub open: bool,
    /// What tokens must say besides.
    pub expected: Expected,
    /// Which browsers' cookies count.
    pub cookies: CookieRules,
}

/// Knows the keys and tells callers apart. One for a server, used by all its threads.
pub struct Authenticator {
    keys: ArcSwap<Keyring>,
    verified: Verified,
    /// Cookies whose hash was verified: apart from tokens, so that neither is taken for the other.
    seen: Verified,
    /// Passwords that were verified a short while ago.
    remembered: Verified,
    unknown: AtomicU64,
    options: Options,
    seats: Seats,
    source: OnceLock<Arc<dyn SessionSource>>,
    maker: OnceLock<Arc<dyn KeyMaker>>,
}

/// What a client shows of itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Credentials<'a> {
    /// The header `apikey`.
    pub apikey: Option<&'a str>,
    /// The header `Authorization`.
    pub authorization: Option<&'a str>,
    /// What its browser says, if it is one with cookies.
    pub browser: Option<&'a Browser<'a>>,
}

impl Authenticator {
    /// One that knows these keys.
    pub fn new(keys: Keyring, options: Options) -> Self {
        Self {
            keys: ArcSwap::from_pointee(keys),
            verified: Verified::new(),
            seen: Verified::new(),
            remembered: Verified::new(),
            unknown: AtomicU64::new(0),
            options,
            seats: Seats::new(),
            source: OnceLock::new(),
            maker: OnceLock::new(),
        }
    }

    /// Whether requests without credentials are let in as `service_role`.
    pub fn open(&self) -> bool {
        self.options.open
    }

    /// The keys at present.
    pub fn keys(&self) -> Arc<Keyring> {
        self.keys.load_full()
    }

    /// Takes other keys: from now on tokens are judged by them alone.
    pub fn replace_keys(&self, keys: Keyring) {
        self.keys.store(Arc::new(keys));
        self.verified.forget();
        self.seen.forget();
        self.remembered.forget();
    }

    /// How many tokens were refused so far because no key has their key id. Where it grows, whoever signs the tokens may
    /// have new keys.
    pub fn unknown_key_ids(&self) -> u64 {
        self.unknown.load(Ordering::Relaxed)
    }

    /// Who asks. `Authorization` decides if it is there and holds no `sb_` key; otherwise `apikey` does; either alone is
    /// enough. Without both, the session cookie of a browser does, where it counts. `now_s` is the time in seconds since the
    /// epoch. Errors: `BIS-301` without credentials, `BIS-302` for a key that is none of ours, `PGRST301` and `PGRST303` for
    /// tokens, `22023` for unknown roles, `session_not_found` for a session that is over.
    pub fn caller(
        &self,
        schema: &Arc<Schema>,
        shown: &Credentials<'_>,
        now_s: i64,
        ip: Option<IpAddr>,
    ) -> Result<Asked, Problem> {
        let bearer = shown.authorization.map(bearer).transpose()?;
        let mut caller = match (bearer, shown.apikey) {
            (Some(token), _) if !token.starts_with("sb_") => return self.user(schema, token, now_s, ip),
            (_, Some(key)) | (Some(key), None) => self.key(schema, key, now_s)?,
            (None, None) => match shown.browser.and_then(|browser| self.cookie(browser)) {
                Some(Ok(entry)) => return self.seated(schema, &entry, now_s, ip),
                _ if self.options.open => Caller::service(),
                Some(Err(problem)) => return Err(problem),
                None => return Err(no_key()),
            },
        };
        caller.ip = ip;
        Ok(Asked::Known(caller))
    }

    /// The caller of a key that came in another place than a header: one of ours, or one in the form of a token.
    ///
    /// # Errors
    /// `BIS-302` for all else, a user's token among it; `22023` where a key has roles that are not.
    pub fn key_caller(
        &self,
        schema: &Schema,
        key: &str,
        now_s: i64,
        ip: Option<IpAddr>,
    ) -> Result<Caller, Problem> {
        Ok(Caller { ip, ..self.key(schema, key, now_s)? })
    }

    /// Says who makes keys for ID tokens.
    pub fn attach_key_maker(&self, maker: Arc<dyn KeyMaker>) {
        let _ = self.maker.set(maker);
    }

    /// Makes the key for ID tokens of an algorithm, if there is none: before the first one is signed.
    ///
    /// # Errors
    /// Where the key cannot be kept.
    pub async fn ready_to_sign(&self, algorithm: IdTokenAlgorithm) -> Result<(), Problem> {
        if self.keys.load().tokens().has(algorithm.algorithm()) {
            return Ok(());
        }
        match self.maker.get() {
            Some(maker) => maker.make(algorithm).await,
            None => Err(Problem::bug("nobody makes keys for ID tokens")),
        }
    }

    /// What keyed hashes and seals are made with.
    pub fn pepper(&self) -> Pepper {
        self.keys.load().pepper().clone()
    }

    /// The public key set of the project.
    pub fn jwks(&self, now_s: i64) -> String {
        self.keys.load().jwks(now_s)
    }

    /// Verifies a token of our own accounts: its signature, its claims and its times. Whether the session goes on is for the
    /// caller to look up.
    ///
    /// # Errors
    /// `PGRST301` and `PGRST303`; tokens of others are refused too.
    pub fn verify_own(&self, token: &str, now_s: i64) -> Result<OwnToken, Problem> {
        let entry = self.entry(token, now_s)?;
        self.still_holds(&entry, now_s)?;
        let named = &entry.named;
        let (Some(session), Some(account)) = (named.caller.session, named.caller.id) else {
            return Err(Problem::new(Code::TokenInvalid, "the token is none of a session of this project"));
        };
        let claims = serde_json::from_str(&named.caller.claims)
            .map_err(|_| Problem::bug("claims that were read are no JSON"))?;
        Ok(OwnToken { account, session, claims })
    }

    /// The caller of an `apikey`: one of our keys, or an API key in the form of a token.
    fn key(&self, schema: &Schema, key: &str, now_s: i64) -> Result<Caller, Problem> {
        if key.starts_with("sb_") {
            return match self.keys.load().owner(key) {
                Some(KeyOwner::Publishable) => Ok(Caller::anonymous()),
                Some(KeyOwner::Secret) => Ok(Caller::service()),
                Some(KeyOwner::Machine(machine)) => machine_caller(schema, machine, now_s),
                None => Err(bad_key()),
            };
        }
        let entry = self.entry(key, now_s).map_err(|problem| bad_key().cause(problem.to_string()))?;
        self.still_holds(&entry, now_s).map_err(|problem| bad_key().details(problem.message))?;
        let caller = &entry.named.caller;
        match caller.kind {
            // A user's token is no API key: it belongs into Authorization.
            CallerKind::Anonymous | CallerKind::Service if caller.id.is_none() => Ok(caller.clone()),
            _ => Err(bad_key().hint("Send users' tokens as Authorization: Bearer <token>.")),
        }
    }

    /// The caller of a token.
    fn user(
        &self,
        schema: &Arc<Schema>,
        token: &str,
        now_s: i64,
        ip: Option<IpAddr>,
    ) -> Result<Asked, Problem> {
        let entry = self.entry(token, now_s)?;
        self.still_holds(&entry, now_s)?;
        self.seated(schema, &entry, now_s, ip)
    }

    /// The caller of a token or a cookie that was verified: with what the records say of its session, if it has one.
    fn seated(
        &self,
        schema: &Arc<Schema>,
        entry: &Entry,
        now_s: i64,
        ip: Option<IpAddr>,
    ) -> Result<Asked, Problem> {
        let caller = || Caller { ip, ..entry.named.caller.clone() };
        let Some(seat) = &entry.seat else {
            // Looked up with each request: a reloaded schema may give the same bit to another role.
            let roles = schema.roles_named(entry.named.roles.iter().map(String::as_str));
            return Ok(Asked::Known(caller().with_roles(roles)));
        };
        let Some(source) = self.source.get() else { return Err(over()) };
        let turn = entry.named.turn;
        let known = |found: &Found| seated::seated(schema, (caller(), turn), found, now_s);
        match seat.known(self.seats.believed(), known) {
            Some(seated) => seated.map(Asked::Known),
            None => {
                let (caller, looking, schema) = (caller(), seat.look(source), Arc::clone(schema));
                Ok(Asked::Look(Look { caller, turn, looking, schema, now_s, otherwise: None }))
            }
        }
    }

    /// The token, verified now or before.
    fn entry(&self, token: &str, now_s: i64) -> Result<Arc<Entry>, Problem> {
        if let Some(entry) = self.verified.get(token) {
            return Ok(entry);
        }
        let epoch = self.verified.epoch();
        let verified = token::verify(&self.keys.load(), token, now_s, &self.unknown)?;
        let named = claims::read(verified, &self.options.expected)?;
        let seat = named.caller.session.map(|session| self.seats.seat(Whose::Token(session)));
        Ok(self.verified.put(token, named, seat, epoch))
    }

    /// Whether the token holds now; one that was over once stays so, whatever the clock says later.
    fn still_holds(&self, entry: &Entry, now_s: i64) -> Result<(), Problem> {
        let window = entry.named.window;
        if window.over(now_s) {
            entry.over.store(true, Ordering::Relaxed);
        } else if entry.over.load(Ordering::Relaxed) {
            return window.check(i64::MAX / 2);
        }
        window.check(now_s)
    }
}

/// The token of an `Authorization` header.
fn bearer(header: &str) -> Result<&str, Problem> {
    let (scheme, rest) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
    match scheme.eq_ignore_ascii_case("bearer") {
        true => Ok(rest.trim()),
        false => Err(bad_key().hint("Authorization is written: Bearer <token>.")),
    }
}

/// A machine's caller: signed in, nobody's account, with the key's roles. Rules apply to it whatever the file says.
fn machine_caller(schema: &Schema, machine: &MachineKey, now_s: i64) -> Result<Caller, Problem> {
    if machine.expires.is_some_and(|at| now_s > at) {
        return Err(bad_key().details(format!("The key {:?} has ended", machine.name)));
    }
    let names = || machine.roles.iter().map(String::as_str).filter(|name| *name != "admin");
    let anonymous = names().all(|name| name == "anon");
    let (role, roles) =
        if anonymous { ("anon", Roles::ANON) } else { ("authenticated", Roles::AUTHENTICATED) };
    // An id is letters and digits of ours; it tells the callers of two keys apart.
    let claims = Arc::from(format!("{{\"key_id\":\"{}\"}}", machine.id));
    let caller = Caller { kind: CallerKind::Machine, role, roles, claims, ..Caller::anonymous() };
    Ok(caller.with_roles(schema.roles_named(names())))
}

fn no_key() -> Problem {
    Problem::new(Code::NoKey, "No API key found in request")
        .hint("Send the header apikey: <publishable key>, or Authorization: Bearer <token>.")
}

pub(crate) fn bad_key() -> Problem {
    Problem::new(Code::BadKey, "Invalid authentication credentials")
}

#[cfg(test)]
mod tests;
