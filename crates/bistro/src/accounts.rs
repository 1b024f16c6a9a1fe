//! Accounts, put together from the configuration, the database and the keys: for the server and for commands.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use bistro_accounts::data::Data;
use bistro_accounts::{Accounts, Parts, Sessions, Settings};
use bistro_auth::Authenticator;
use bistro_engine::Engine;
use bistro_mail::{Catch, Mail, MailError, Mailer, Smtp, SmtpSettings, Templates};
use bistro_password::{Cost, Hasher};
use bistro_store::{Store, StoreErrorKind};

use crate::clock::now_us;
use crate::error::Failure;
use crate::project::Project;
use crate::tables;

/// So many passwords wait to be hashed for each core; more are refused with 503.
const WAITING: usize = 32;

/// In development so many times as much may happen.
const IN_DEV: u32 = 100;

/// The accounts of a server.
pub(crate) struct Mounted {
    /// The accounts.
    pub(crate) accounts: Arc<Accounts>,
    /// Where `dev` keeps the mails, unless they are sent.
    pub(crate) caught: Option<Arc<Catch>>,
}

/// Puts the accounts together and lets the keys look sessions up; `None` where accounts are off, or nothing of Bistro's own
/// may be kept in the database. `url` is where clients reach the server.
pub(crate) async fn mount(
    project: &Project,
    dev: bool,
    url: &str,
    store: &Arc<dyn Store>,
    engine: &Arc<Engine>,
    keys: &Arc<Authenticator>,
) -> Result<Option<Mounted>, Failure> {
    if !project.settings.auth.enabled || !project.settings.database.managed {
        return Ok(None);
    }
    let data = match Data::open(store, Arc::clone(engine)).await {
        Ok(data) => data,
        Err(error) if matches!(error.kind, StoreErrorKind::Unsupported(_)) => return Ok(None),
        Err(error) => return Err(tables::data(project, &error)),
    };
    let (mailer, caught) = mailer(project, dev)?;
    let settings = settings(project, dev, url, caught.is_some())?;
    let folder = project.dir.join(&project.settings.mail.templates);
    let templates = Templates::load(Some(&folder)).map_err(|error| Failure::Config {
        place: format!("{}:{}", error.path.display(), error.line),
        message: error.message,
        hint: None,
    })?;
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let hasher = Hasher::new(Cost::default(), cores, cores * WAITING)
        .map_err(|error| Failure::Usage(format!("passwords cannot be hashed: {error}")))?;
    let keys = Arc::clone(keys);
    let accounts = Accounts::new(Parts { data, keys, settings, hasher, mailer, templates });
    if accounts.settings.session_idle_s > 0 {
        // Each look at a cookie's session notes that it is used: there must be some before it counts as idle.
        let looks = (accounts.settings.session_idle_s / 10).clamp(1, 60);
        accounts.keys.believe_sessions_for(Duration::from_secs(looks.unsigned_abs()));
    }
    accounts.keys.attach_sessions(Arc::new(Sessions::new(&accounts, Arc::new(now_us))));
    Ok(Some(Mounted { accounts, caught }))
}

/// What the configuration says, as accounts read it.
fn settings(project: &Project, dev: bool, url: &str, caught: bool) -> Result<Settings, Failure> {
    let auth = &project.settings.auth;
    let theme = match &auth.theme {
        None => String::new(),
        Some(file) => {
            let path = project.dir.join(file);
            std::fs::read_to_string(&path).map_err(Failure::file("read", &path))?
        }
    };
    let rates = project.settings.limits.rates();
    let site_url = auth.site_url.clone().unwrap_or_else(|| format!("{url}/auth/v1/ui"));
    let (webauthn_id, mut webauthn_origins) = webauthn(auth, dev, &site_url);
    if let (Some(id), true) = (&webauthn_id, auth.webauthn_id.is_some() || !auth.webauthn_origins.is_empty())
    {
        let unfit = |origin: &&String| !asks_for(origin, id);
        if let Some(origin) = webauthn_origins.iter().find(unfit) {
            return Err(Failure::Config {
                place: "[auth]".into(),
                message: format!("pages of {origin:?} cannot ask for keys that are made for {id:?}"),
                hint: Some(
                    "webauthn_id is the host of auth.site_url and auth.webauthn_origins, or one above it; \
                     origins are https://, or http://localhost."
                        .into(),
                ),
            });
        }
    }
    // Our own pages ask for keys too, where browsers let them.
    if webauthn_id.as_ref().is_some_and(|id| asks_for(url, id)) && !webauthn_origins.iter().any(|o| o == url)
    {
        webauthn_origins.push(url.to_owned());
    }
    Ok(Settings {
        webauthn_id,
        webauthn_origins,
        public_url: url.to_owned(),
        site_url,
        redirect_urls: auth.redirect_urls.clone(),
        theme,
        dev,
        project: project.name(),
        confirm_email: auth.confirm_email.unwrap_or(!dev),
        confirm_page: auth.confirm_page,
        disable_signup: auth.disable_signup,
        anonymous: auth.anonymous,
        reference_answers: auth.reference_answers,
        pkce_only: auth.pkce_only,
        require_current_password: auth.require_current_password,
        manual_linking: auth.manual_linking,
        mail: caught || project.settings.mail.url.is_some(),
        password_min: auth.password_length,
        token_ttl_s: auth.token_ttl.into(),
        session_idle_s: auth.session_idle.into(),
        session_ttl_s: auth.session_ttl.into(),
        reuse_interval_s: auth.reuse_interval.into(),
        otp_ttl_s: auth.otp_ttl.into(),
        providers: auth
            .providers
            .iter()
            .map(|(name, provider)| provider.settings(name, &project.dir))
            .collect::<Result<_, _>>()?,
        outgoing: project.settings.outgoing.allowed(dev),
        mail_interval_s: if dev { 0 } else { auth.mail_interval.into() },
        rates: if dev { rates.times(IN_DEV) } else { rates },
    })
}

/// For which host security keys and passkeys are made, and which pages may ask for them.
fn webauthn(auth: &crate::config::Auth, dev: bool, site_url: &str) -> (Option<String>, Vec<String>) {
    let (scheme, rest) = site_url.split_once("://").unwrap_or(("https", site_url));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.split(':').next().unwrap_or(authority);
    // Keys are made for names, not for numbers.
    let named =
        |host: &str| !host.is_empty() && !host.starts_with('[') && host.parse::<std::net::IpAddr>().is_err();
    let of_site = named(host).then(|| host.to_owned());
    let id = auth.webauthn_id.clone().or(of_site).or_else(|| dev.then(|| "localhost".to_owned()));
    let mut origins = auth.webauthn_origins.clone();
    if named(host) {
        origins.push(format!("{scheme}://{authority}"));
    }
    (id, origins)
}

/// Whether browsers let pages of an origin ask for keys of this name.
fn asks_for(origin: &str, id: &str) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else { return false };
    let host = authority.split(':').next().unwrap_or(authority);
    let below = host == id || host.strip_suffix(id).is_some_and(|rest| rest.ends_with('.'));
    let safe =
        scheme == "https" || (scheme == "http" && (host == "localhost" || host.ends_with(".localhost")));
    below && safe && !authority.contains(['/', '?', '#', '@'])
}

/// Where `dev` keeps mails, if it does.
type Caught = Option<Arc<Catch>>;

/// Who takes mails: a server, the page of `dev`, or nobody.
fn mailer(project: &Project, dev: bool) -> Result<(Arc<dyn Mailer>, Caught), Failure> {
    let mail = &project.settings.mail;
    if let (Some(url), Some(from)) = (&mail.url, &mail.from) {
        let ca = mail.ca.as_ref().map(|file| project.dir.join(file));
        let smtp = Smtp::new(&SmtpSettings { url: url.clone(), from: from.clone(), ca });
        let smtp = smtp.map_err(|error| Failure::Config {
            place: "[mail]".into(),
            message: error.to_string(),
            hint: None,
        })?;
        return Ok((Arc::new(smtp), None));
    }
    if dev {
        let caught = Arc::new(Catch::new());
        return Ok((Arc::clone(&caught) as Arc<dyn Mailer>, Some(caught)));
    }
    tracing::warn!(
        "no mail can be sent: sign-up by mail, recovery and magic links are off until [mail] url is set"
    );
    Ok((Arc::new(Nobody), None))
}

/// Takes no mail. Flows that need it are refused before.
struct Nobody;

impl Mailer for Nobody {
    fn send(&self, _: Mail) -> Result<(), MailError> {
        Err(MailError::Unusable("no mail can be sent: set [mail] url".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::asks_for;

    #[test]
    fn keys_are_asked_for_by_pages_of_their_host() {
        let check = |origin: &str, id: &str, expected: bool| {
            assert_eq!(asks_for(origin, id), expected, "{origin} {id}");
        };
        check("https://example.org", "example.org", true);
        check("https://app.example.org:8443", "example.org", true);
        check("http://localhost:3000", "localhost", true);
        check("https://example.org", "app.example.org", false);
        check("https://badexample.org", "example.org", false);
        check("http://example.org", "example.org", false);
        check("https://example.org/app", "example.org", false);
        check("example.org", "example.org", false);
    }
}
