//! `/auth/v1/ui`: pages to sign up, in and out, and to look after an account: plain HTML that works without JavaScript;
//! only keys need a script (`keys.js`).
//!
//! A page does what the endpoints do, by the same functions; what it adds is the browser's cookie. A form counts where it comes
//! from a page of ours ([`Turn::new`]), and whoever signs in gets a session of their own: the one that the browser had before
//! ends ([`enter`]).

mod agent;
mod arrive;
mod code;
pub mod confirm;
pub mod cookie;
mod email;
mod enter;
mod factors;
mod forgot;
mod form;
mod home;
mod keys;
mod link;
mod mfa;
mod next;
mod page;
mod password;
mod sessions;
mod sign_in;
mod sign_up;
mod turn;

use std::sync::Arc;

use bistro_problem::{Code, Problem};
use bistro_wire::Response;

use crate::accounts::Accounts;
use crate::http::{Asked, redirect};
use crate::provider;
use crate::redirect::{encoded, with_query};
use crate::surface::Answered;
use turn::Turn;

pub use link::address as link_page;
pub use page::{escaped, page, page_on_the_way};

/// The path of one of our pages.
fn path(name: &str) -> String {
    match name {
        "" => "/auth/v1/ui".to_owned(),
        name => format!("/auth/v1/ui/{name}"),
    }
}

/// Answers a request to a page; what goes wrong is a page too.
pub async fn answer(accounts: &Arc<Accounts>, asked: &Asked, method: &str, parts: &[&str]) -> Response {
    let answered = match (method, parts) {
        ("GET", ["consent"]) => provider::page::show(accounts, asked).await,
        ("POST", ["consent"]) => provider::page::decide(accounts, asked).await,
        _ => match Turn::new(accounts, asked) {
            Ok(turn) => turned(&turn, method, parts).await.map(|reply| turn.remembered(reply)),
            Err(problem) => Err(problem),
        },
    };
    answered.unwrap_or_else(|problem| failed(accounts, asked, problem))
}

async fn turned(turn: &Turn<'_>, method: &str, parts: &[&str]) -> Answered {
    match (method, parts) {
        ("GET", []) => home::show(turn).await,
        ("GET", ["sign-in"]) => sign_in::show(turn).await,
        ("POST", ["sign-in"]) => sign_in::sign_in(turn).await,
        ("POST", ["sign-in", "mail"]) => sign_in::by_mail(turn).await,
        ("GET", ["sign-in", "with", provider]) => arrive::leave(turn, provider).await,
        ("GET", ["arrive"]) => arrive::arrive(turn).await,
        ("GET", ["sign-up"]) => sign_up::show(turn).await,
        ("POST", ["sign-up"]) => sign_up::sign_up(turn).await,
        ("POST", ["sign-up", "mail"]) => sign_up::again(turn).await,
        ("POST", ["sign-out"]) => sessions::sign_out(turn).await,
        ("GET", ["forgot"]) => Ok(forgot::form(turn, None)),
        ("POST", ["forgot"]) => forgot::forgot(turn).await,
        ("POST", ["code"]) => code::show(turn).await,
        ("GET", ["link"]) => link::ask(turn).await,
        ("POST", ["link"]) => link::follow(turn).await,
        ("GET", ["password"]) => password::show(turn).await,
        ("POST", ["password"]) => password::change(turn).await,
        ("GET", ["email"]) => email::show(turn).await,
        ("POST", ["email"]) => email::change(turn).await,
        ("GET", ["mfa"]) => mfa::show(turn).await,
        ("POST", ["mfa"]) => mfa::verify(turn).await,
        ("GET", ["sessions"]) => sessions::list(turn).await,
        ("POST", ["sessions", id]) => sessions::end(turn, id).await,
        ("POST", ["applications", id]) => sessions::withdraw(turn, id).await,
        ("GET", ["factors"]) => factors::list(turn).await,
        ("POST", ["factors"]) => factors::enrol(turn).await,
        ("POST", ["factors", "codes"]) => factors::codes(turn).await,
        ("POST", ["factors", id]) => factors::verify(turn, id).await,
        ("POST", ["factors", id, "remove"]) => factors::remove(turn, id).await,
        ("POST", ["keys", "options"]) => Ok(keys::options(turn).await),
        ("POST", ["keys", "sign-in"]) => keys::sign_in(turn).await,
        ("POST", ["keys"]) => keys::add(turn).await,
        ("POST", ["passkeys", id, "remove"]) => factors::remove_passkey(turn, id).await,
        _ => Err(Problem::new(Code::NotFound, "There is no such page.")),
    }
}

/// The page after something went wrong; who has to sign in first, or better, is led there and back.
fn failed(accounts: &Accounts, asked: &Asked, problem: Problem) -> Response {
    if let Some((page, member)) = way(&problem) {
        // A form that was sent is lost; the page that it was on is not.
        let here = match asked.method.as_str() {
            "POST" => path(page_of(asked.path.split('/').nth(1).unwrap_or(""))),
            _ => {
                let members: Vec<_> = asked.query.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
                with_query(&format!("/auth/v1/{}", asked.path), &members)
            }
        };
        let members: Vec<_> = member.into_iter().chain([("next", here.as_str())]).collect();
        return redirect(303, format!("{}?{}", path(page), encoded(&members)));
    }
    let body = format!("{}<nav><a href=\"{}\">Your account</a></nav>", alert(&problem), path(""));
    let mut reply = page(problem.status, "That did not work", &accounts.settings.theme, &body);
    if let Some(seconds) = problem.retry_after {
        reply = reply.header("retry-after", seconds.to_string());
    }
    reply.problem = Some(Box::new(problem));
    reply
}

/// The page on which a form stands.
fn page_of(form: &str) -> &str {
    match form {
        "keys" | "passkeys" => "factors",
        "applications" => "sessions",
        "code" | "link" | "sign-out" => "",
        page => page,
    }
}

/// The page that helps, where one does.
fn way(problem: &Problem) -> Option<(&'static str, Option<(&'static str, &'static str)>)> {
    match problem.code {
        Code::NoAuthorization => Some(("sign-in", None)),
        Code::ReauthenticationNeeded => Some(("sign-in", Some(("again", "1")))),
        Code::InsufficientAal => Some(("mfa", None)),
        _ => None,
    }
}

/// The answer; or the form once more, where what was filled in does not do.
fn or_again(answered: Answered, form: impl FnOnce(&Problem) -> Response) -> Answered {
    match answered {
        Err(problem) if problem.status < 500 && way(&problem).is_none() => Ok(form(&problem)),
        answered => answered,
    }
}

/// What went wrong, for people.
fn alert(problem: &Problem) -> String {
    let text = match problem.code {
        _ if problem.status >= 500 => "Something went wrong here. Try again in a moment.",
        Code::InvalidCredentials => "The address or the password is wrong.",
        Code::EmailNotConfirmed => "This address waits to be confirmed: look into your mail.",
        Code::OtpExpired => "The code or the link is wrong, was used already, or is over.",
        Code::OverRequestRate => "That was tried too often.",
        Code::MfaVerificationFailed => "The code is wrong, or was used already.",
        _ => problem.message.as_str(),
    };
    let wait = match (problem.code, problem.retry_after) {
        (Code::OverRequestRate, Some(seconds)) => format!(" Wait {seconds} seconds."),
        _ => String::new(),
    };
    format!("<p role=\"alert\">{}{wait}</p>", escaped(text))
}
