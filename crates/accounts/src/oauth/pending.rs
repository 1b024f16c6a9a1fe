//! A trip that is under way: a row of its own, sealed, used once.

use bistro_oidc::Trip;
use bistro_problem::{Code, Problem};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::browser::Browser;
use crate::accounts::Accounts;
use crate::data::records::Flow;
use crate::data::{Rows as _, Tx, is, null, set};
use crate::flows::Challenge;
use crate::letters::tag;
use crate::redirect;
use crate::visit::Visit;

/// How long a trip may take, in seconds: people look for their passwords.
pub(super) const TTL_S: i64 = 600;

/// What the row is for, in its column `method`: a session cannot come of it before the browser is back.
const METHOD: &str = "oauth_trip";

/// What the sealed part is sealed for.
const SPACE: &str = "oauth_trip";

/// A trip under way.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    /// The name of the provider.
    pub(super) provider: String,
    /// The secrets of the trip.
    pub(super) trip: Trip,
    /// The account that gets one more identity; `None` for signing in.
    pub(super) linking: Option<Uuid>,
    /// Where the browser goes in the end.
    pub(super) redirect_to: String,
    /// The proof key of the page that began it.
    pub(super) challenge: Option<Challenge>,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    nonce: String,
    verifier: String,
    linking: Option<String>,
    /// The mark of the browser; none until a browser has come with the ticket.
    browser: Option<String>,
    /// The address at the provider, for the browser that comes with the ticket.
    address: Option<String>,
}

impl Pending {
    /// A trip that begins.
    pub(super) fn new(provider: &str, redirect_to: String, challenge: Option<Challenge>) -> Self {
        let trip = Trip::new(Uuid::new_v4().to_string());
        Self { provider: provider.to_owned(), trip, linking: None, redirect_to, challenge }
    }

    /// Keeps it for a browser that is here.
    pub(super) async fn keep(
        self,
        tx: &mut Tx<'_>,
        accounts: &Accounts,
        visit: &Visit,
        browser: &Browser,
    ) -> Result<(), Problem> {
        let mark = browser.mark(accounts);
        self.insert(tx, accounts, visit, (Some(mark), None, None)).await
    }

    /// Keeps it for the browser that comes with the ticket, which this answers.
    pub(super) async fn keep_for_ticket(
        self,
        tx: &mut Tx<'_>,
        accounts: &Accounts,
        visit: &Visit,
        address: String,
    ) -> Result<String, Problem> {
        let ticket = self.trip.state.clone();
        let code = tag(accounts, "oauth_ticket", &[&ticket]);
        self.insert(tx, accounts, visit, (None, Some(address), Some(code))).await?;
        Ok(ticket)
    }

    async fn insert(
        self,
        tx: &mut Tx<'_>,
        accounts: &Accounts,
        visit: &Visit,
        (browser, address, code): (Option<String>, Option<String>, Option<String>),
    ) -> Result<(), Problem> {
        let id = Uuid::parse_str(&self.trip.state).map_err(|_| Problem::bug("a state is a UUID"))?;
        let Trip { nonce, verifier, .. } = self.trip;
        let sealed =
            Sealed { nonce, verifier, linking: self.linking.map(|id| id.to_string()), browser, address };
        let challenge = self.challenge.map(|challenge| (challenge.text, challenge.method.to_owned()));
        let (code_challenge, code_challenge_method) = challenge.unzip();
        tx.insert(Flow {
            id,
            account_id: None,
            code,
            code_challenge,
            code_challenge_method,
            method: METHOD.to_owned(),
            provider: Some(self.provider),
            state: Some(seal(accounts, id, &sealed)),
            redirect_to: Some(self.redirect_to),
            created_at: visit.now,
            expires_at: visit.now.plus_s(TTL_S),
        })
        .await
    }
}

/// Gives a trip to the browser that comes with its ticket: once. Answers the address at the provider.
///
/// # Errors
/// `bad_oauth_state` for a ticket that is none, was used, or is over.
pub(super) async fn board(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    (ticket, browser, page): (&str, &Browser, Option<&str>),
) -> Result<String, Problem> {
    let code = tag(accounts, "oauth_ticket", &[ticket]);
    let flow = tx.one::<Flow>(is("code", code.as_str()).and(is("method", METHOD))).await?;
    let flow = flow.filter(|flow| visit.now < flow.expires_at).ok_or_else(unknown)?;
    // Security: without a proof key the identity is linked as soon as the browser is back, so it must be the page of the
    // application that leads there; else a stranger could have somebody add their identity to his account.
    if flow.code_challenge.is_none() && !page.is_some_and(|page| ours(accounts, &flow, page)) {
        let message = "Follow this address from the application, or begin with PKCE";
        return Err(Problem::new(Code::BadOauthState, message));
    }
    let mut sealed = open(accounts, &flow).ok_or_else(unknown)?;
    let address = sealed.address.take().ok_or_else(unknown)?;
    sealed.browser = Some(browser.mark(accounts));
    let state = Some(seal(accounts, flow.id, &sealed));
    let once = is("id", flow.id).and(is("code", code));
    match tx.update::<Flow>(once, set! { code: None::<String>, state: state }).await? {
        0 => Err(unknown()),
        _ => Ok(address),
    }
}

/// Whether a page is the application's: one that browsers may be sent to, or of the host where this trip ends. Browsers tell
/// other hosts no more of a page than its host.
fn ours(accounts: &Accounts, flow: &Flow, page: &str) -> bool {
    let host = |address: &str| address.splitn(4, '/').take(3).map(str::to_owned).collect::<Vec<_>>();
    let ends = flow.redirect_to.as_deref().unwrap_or(&accounts.settings.site_url);
    redirect::allowed(&accounts.settings, page) || host(page) == host(ends)
}

/// Ends a trip: the state that came back, by the browser that got it, once and in time.
///
/// # Errors
/// `bad_oauth_state`.
pub(super) async fn take(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    state: &str,
    browser: Option<&Browser>,
) -> Result<Pending, Problem> {
    let id = Uuid::parse_str(state).map_err(|_| unknown())?;
    let own = || is("id", id).and(is("method", METHOD)).and(null("code"));
    let flow = tx.one::<Flow>(own()).await?.ok_or_else(unknown)?;
    let sealed = open(accounts, &flow).ok_or_else(unknown)?;
    let mark = sealed.browser.as_deref().ok_or_else(unknown)?;
    if !browser.is_some_and(|browser| browser.is(accounts, mark)) {
        return Err(Problem::new(Code::BadOauthState, "This browser has not begun the sign-in"));
    }
    if tx.delete::<Flow>(own()).await? == 0 || visit.now >= flow.expires_at {
        return Err(unknown());
    }
    let challenge = match (flow.code_challenge, flow.code_challenge_method.as_deref()) {
        (Some(text), Some("plain")) => Some(Challenge { text, method: "plain" }),
        (Some(text), _) => Some(Challenge { text, method: "s256" }),
        _ => None,
    };
    let linking = sealed.linking.map(|id| Uuid::parse_str(&id).map_err(|_| unknown())).transpose()?;
    Ok(Pending {
        provider: flow.provider.unwrap_or_default(),
        trip: Trip { state: state.to_owned(), nonce: sealed.nonce, verifier: sealed.verifier },
        linking,
        redirect_to: flow.redirect_to.unwrap_or_else(|| accounts.settings.site_url.clone()),
        challenge,
    })
}

fn unknown() -> Problem {
    Problem::new(Code::BadOauthState, "OAuth state not found or expired")
}

fn seal(accounts: &Accounts, id: Uuid, sealed: &Sealed) -> Vec<u8> {
    let plain = serde_json::to_vec(sealed).expect("texts are JSON");
    // Bound to its row, so that nobody who writes to the table can move it.
    accounts.keys.pepper().seal(&format!("{SPACE}:{id}"), &plain)
}

fn open(accounts: &Accounts, flow: &Flow) -> Option<Sealed> {
    let plain = accounts.keys.pepper().open(&format!("{SPACE}:{}", flow.id), flow.state.as_ref()?)?;
    serde_json::from_slice(&plain).ok()
}
