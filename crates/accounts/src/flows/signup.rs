//! `POST /signup`: an account with a password, or an anonymous one.

use std::sync::Arc;

use bistro_password::Password;
use bistro_problem::{Code, Problem};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::account::{self, New};
use super::issued::Issued;
use super::pkce::Challenge;
use super::session::{self, Method};
use super::{email, password};
use crate::accounts::Accounts;
use crate::after::After;
use crate::alike::in_time;
use crate::audit::{self, Actor};
use crate::data::records::{Account, Identity};
use crate::data::{Rows as _, Tx, is, set};
use crate::http::{Asked, Fields, ok, session_json, user_json};
use crate::letters::{self, Purpose};
use crate::limits;
use crate::surface::Answered;
use crate::visit::Visit;
use crate::{profile, redirect};

/// What signing up came to.
#[derive(Debug)]
pub enum SignedUp {
    /// Signed in at once.
    Session(Box<Issued>),
    /// The address waits to be confirmed; the account as it is shown.
    Waits(Box<Account>, Vec<Identity>),
}

/// Somebody who signs up with an address.
#[derive(Clone, Debug)]
pub struct Application {
    /// The address, normalised.
    pub email: String,
    /// The password as typed.
    pub password: String,
    /// What they say of themselves.
    pub data: Map<String, Value>,
    /// Where the link of the mail leads in the end.
    pub redirect_to: String,
    /// The proof key of the browser.
    pub challenge: Option<Challenge>,
}

/// The endpoint.
pub async fn signup(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let fields = asked.fields()?;
    let (address, phone) = (fields.text("email")?.unwrap_or(""), fields.text("phone")?.unwrap_or(""));
    let signed_up = match (address, phone, fields.text("password")?.unwrap_or("")) {
        ("", "", "") => anonymous(accounts, &asked.visit, data(&fields)?).await?,
        ("", "", _) => {
            return Err(Problem::new(Code::ValidationFailed, "Signup requires an email address"));
        }
        ("", _, _) => return Err(Problem::new(Code::PhoneProviderDisabled, "Phone signups are disabled")),
        (_, _, "") => {
            return Err(Problem::new(Code::ValidationFailed, "Signup requires a valid password"));
        }
        (address, _, password) => {
            let application = Application {
                email: email::normalised(address)?,
                password: password.to_owned(),
                data: data(&fields)?,
                redirect_to: redirect::wanted(accounts, asked),
                challenge: Challenge::of(&fields)?,
            };
            with_password(accounts, &asked.visit, application).await?
        }
    };
    Ok(ok(&match signed_up {
        SignedUp::Session(issued) => session_json(&issued),
        SignedUp::Waits(account, identities) => user_json(&account, &identities, &[]),
    }))
}

fn data(fields: &Fields) -> Result<Map<String, Value>, Problem> {
    Ok(fields.object("data")?.cloned().unwrap_or_default())
}

/// Signs up with an address and a password.
pub async fn with_password(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    application: Application,
) -> Result<SignedUp, Problem> {
    let settings = &accounts.settings;
    if settings.disable_signup {
        return Err(Problem::new(Code::SignupDisabled, "Signups not allowed for this instance"));
    }
    if settings.confirm_email && !settings.mail {
        return Err(Problem::new(
            Code::EmailProviderDisabled,
            "Email signups are disabled: no mail can be sent",
        )
        .hint("Set [mail] url, or auth.confirm_email = false."));
    }
    // Too much is refused whether the address is known or not.
    account::bounded("user_metadata", &like_new(visit, &application.email, &application.data).user_metadata)?;
    let related = related(&application);
    let related: Vec<&str> = related.iter().map(String::as_str).collect();
    let secret = password::new(accounts, &application.password, &related)?;
    limits::sign_up(accounts, visit).await?;
    if settings.confirm_email {
        limits::mail(accounts, visit, &application.email).await?;
    }
    // Whether anything was found or not, so that a known address takes as long as an unknown one.
    let before = match settings.confirm_email {
        true => waiting(accounts, &application.email, secret.clone()).await?,
        false => None,
    };
    let chosen = Chosen { hash: accounts.hash(secret).await?, before };
    let (inside, seen) = (Arc::clone(accounts), visit.clone());
    let work = accounts.transact(
        visit,
        Box::new(move |tx| Box::pin(async move { enrol(tx, &inside, &seen, application, chosen).await })),
    );
    match settings.confirm_email {
        true => in_time(work).await,
        // The answer itself tells whether there is an account.
        false => work.await,
    }
}

/// The password of somebody who signs up.
struct Chosen {
    /// Its hash.
    hash: String,
    /// The hash that waits with the address already, if it is of the same password.
    before: Option<String>,
}

/// The hash that waits with the address to be confirmed, if it is of this password.
async fn waiting(accounts: &Accounts, address: &str, secret: Password) -> Result<Option<String>, Problem> {
    let found = accounts.data.one::<Account>(is("email", address)).await?;
    let found = found.filter(|account| account.email_confirmed_at.is_none());
    let same = accounts.compare(secret, found.as_ref()).await?.matches;
    Ok(found.and_then(|account| account.password).filter(|_| same))
}

/// What others know of somebody who signs up.
fn related(application: &Application) -> Vec<String> {
    let words = application.data.values().filter_map(Value::as_str).map(str::to_owned);
    std::iter::once(application.email.clone()).chain(words).collect()
}

async fn enrol(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    application: Application,
    chosen: Chosen,
) -> Result<(SignedUp, After), Problem> {
    let known = tx.one::<Account>(is("email", application.email.as_str())).await?;
    let taken = known.is_none() && profile::is_taken(tx, accounts, visit, &application.email).await?;
    if accounts.settings.confirm_email && (known.is_some() || taken) {
        // What would refuse somebody unknown refuses somebody known.
        let account = like_new(visit, &application.email, &application.data);
        profile::rehearse(tx, accounts, visit, &account, &application.data).await?;
    }
    match known {
        None if taken => unclaimed(accounts, visit, &application),
        Some(known) if known.email_confirmed_at.is_some() => again(accounts, visit, known, &application),
        Some(known) if !accounts.settings.confirm_email => again(accounts, visit, known, &application),
        Some(known) => unconfirmed(tx, accounts, visit, known, application, chosen).await,
        None => {
            let new = New {
                email: Some(application.email.clone()),
                password: Some(chosen.hash),
                confirmed: !accounts.settings.confirm_email,
                data: application.data.clone(),
                ..New::default()
            };
            let account = account::create(tx, accounts, visit, new).await?;
            let actor = Actor::Account(account.id);
            audit::note(tx, visit, "sign_up", actor, Some(account.id), json!({})).await?;
            match accounts.settings.confirm_email {
                true => ask(tx, accounts, visit, account, &application).await,
                false => {
                    let issued = session::open(tx, accounts, visit, account, Method::Password, None).await?;
                    Ok((SignedUp::Session(Box::new(issued)), After::default()))
                }
            }
        }
    }
}

/// Somebody signs up with the address of a row that waits to be claimed: by invitation, which goes to the address.
fn unclaimed(
    accounts: &Accounts,
    visit: &Visit,
    application: &Application,
) -> Result<(SignedUp, After), Problem> {
    if accounts.settings.confirm_email {
        return Ok((like_known(visit, application), After::default()));
    }
    Err(Problem::new(Code::UserAlreadyExists, "User already registered")
        .hint("A row without an account has this address: invite its person, or run `bistro user reset`."))
}

/// Somebody signs up with the address of an account. The answer is that of an unknown address; its owner hears of it.
fn again(
    accounts: &Accounts,
    visit: &Visit,
    known: Account,
    application: &Application,
) -> Result<(SignedUp, After), Problem> {
    if !accounts.settings.confirm_email || accounts.settings.reference_answers {
        if accounts.settings.confirm_email {
            let account = Box::new(like_new(visit, &application.email, &application.data));
            return Ok((SignedUp::Waits(account, Vec::new()), After::default()));
        }
        return Err(Problem::new(Code::UserAlreadyExists, "User already registered"));
    }
    let mails = letters::already_registered(accounts, &known).into_iter().collect();
    let after = After { mails, ..After::default() };
    Ok((like_known(visit, application), after))
}

/// The answer to somebody new, for an address that is known.
fn like_known(visit: &Visit, application: &Application) -> SignedUp {
    let account = like_new(visit, &application.email, &application.data);
    let id = account.id;
    let data = json!({"sub": id.to_string(), "email": application.email, "email_verified": false, "phone_verified": false});
    let identity = Identity {
        id: Uuid::now_v7(),
        account_id: id,
        provider: "email".to_owned(),
        issuer: String::new(),
        subject: id.to_string(),
        data: data.as_object().cloned().unwrap_or_default(),
        email: Some(application.email.clone()),
        last_sign_in_at: Some(visit.now),
        created_at: visit.now,
        updated_at: visit.now,
    };
    SignedUp::Waits(Box::new(account), vec![identity])
}

/// An account shaped like one that was just made.
pub fn like_new(visit: &Visit, email: &str, data: &Map<String, Value>) -> Account {
    let (now, id) = (visit.now, Uuid::now_v7());
    Account {
        id,
        email: Some(email.to_owned()),
        phone: None,
        password: None,
        email_confirmed_at: None,
        phone_confirmed_at: None,
        invited_at: None,
        confirmation_sent_at: Some(now),
        recovery_sent_at: None,
        reauthentication_sent_at: None,
        new_email: None,
        email_change_sent_at: None,
        email_change_confirmed: 0,
        last_sign_in_at: None,
        password_changed_at: None,
        banned_until: None,
        deleted_at: None,
        app_metadata: Map::new(),
        user_metadata: {
            let mut metadata = data.clone();
            account::merge(&mut metadata, &account::own_data(id, email, false));
            metadata
        },
        roles: Vec::new(),
        is_anonymous: false,
        created_at: now,
        updated_at: now,
    }
}

/// Somebody signs up once more before the address was confirmed: what they say now holds, and the links before are over.
/// Two who chose different passwords may be two people, and whose mail is followed proves neither of these: the account has
/// none then, and who reads the mail chooses one.
async fn unconfirmed(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    mut known: Account,
    application: Application,
    chosen: Chosen,
) -> Result<(SignedUp, After), Problem> {
    let same = chosen.before.is_some() && chosen.before == known.password;
    known.password = Some(chosen.hash).filter(|_| same);
    known.password_changed_at = Some(visit.now);
    known.user_metadata = application.data.clone();
    account::merge(&mut known.user_metadata, &account::own_data(known.id, &application.email, false));
    known.created_at = visit.now;
    known.updated_at = visit.now;
    let set = set! {
        password: known.password.clone(),
        password_changed_at: known.password_changed_at,
        user_metadata: known.user_metadata.clone(),
        updated_at: visit.now,
    };
    tx.update::<Account>(is("id", known.id), set).await?;
    letters::drop_identities(tx, &known).await?;
    account::bounded("user_metadata", &known.user_metadata)?;
    profile::change(tx, accounts, visit, (&known, "aal1"), &application.data).await?;
    let (_, after) = ask(tx, accounts, visit, known, &application).await?;
    // Another id each time, as for an address that is confirmed.
    Ok((like_known(visit, &application), after))
}

/// Sends the mail that confirms the address.
async fn ask(
    tx: &mut Tx<'_>,
    accounts: &Accounts,
    visit: &Visit,
    mut account: Account,
    application: &Application,
) -> Result<(SignedUp, After), Problem> {
    let challenge = application.challenge.as_ref();
    let to = application.email.as_str();
    let purpose = Purpose::Confirmation;
    let sent =
        letters::prepare(tx, accounts, visit, &mut account, purpose, to, &application.redirect_to, challenge)
            .await?;
    let identities = tx.find::<Identity>(is("account_id", account.id)).await?;
    let after = After { mails: vec![sent.mail], ..After::default() };
    Ok((SignedUp::Waits(Box::new(account), identities), after))
}

/// Makes an account that nobody can sign in to again, and signs in to it.
pub async fn anonymous(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    data: Map<String, Value>,
) -> Result<SignedUp, Problem> {
    if !accounts.settings.anonymous {
        return Err(Problem::new(Code::AnonymousDisabled, "Anonymous sign-ins are disabled"));
    }
    if accounts.settings.disable_signup {
        return Err(Problem::new(Code::SignupDisabled, "Signups not allowed for this instance"));
    }
    limits::anonymous(accounts, visit).await?;
    let (inside, seen) = (Arc::clone(accounts), visit.clone());
    let made = accounts.transact(
        visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let new = New { anonymous: true, data, ..New::default() };
                let account = account::create(tx, &inside, &seen, new).await?;
                let actor = Actor::Account(account.id);
                audit::note(tx, &seen, "sign_up", actor, Some(account.id), json!({"anonymous": true}))
                    .await?;
                let issued = session::open(tx, &inside, &seen, account, Method::Anonymous, None).await?;
                Ok((SignedUp::Session(Box::new(issued)), After::default()))
            })
        }),
    );
    made.await
}
