//! `/auth/v1/ui/consent`: the page on which a person decides what an application may.

use std::sync::Arc;

use bistro_problem::{Code, Problem};
use bistro_wire::Response;
use uuid::Uuid;

use super::browser::{form_token, ours, signed_in};
use super::consent::{Decision, decided};
use super::form::Form;
use super::pending::{Person, approve, granted, stale, strong, unknown, waiting};
use super::scope;
use crate::accounts::Accounts;
use crate::after::After;
use crate::data::records::{Authorization, Client};
use crate::http::{Asked, redirect};
use crate::redirect::encoded;
use crate::surface::Answered;
use crate::ui::{escaped, page, page_on_the_way};

/// What the person sees, or where the browser goes on at once.
enum Shown {
    Page(Box<(Authorization, Client)>),
    On(String),
    SignIn,
}

/// `GET`: asks, unless all of it was granted before. Who is not signed in, or not lately enough, signs in first.
pub async fn show(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let Some(id) = asked.query("authorization_id").and_then(|id| Uuid::try_parse(id).ok()) else {
        return Ok(over(accounts));
    };
    let Some(person) = signed_in(accounts, asked).await? else {
        return Ok(sign_in(accounts, id, false));
    };
    match strong(accounts, &person).await {
        Err(problem) if problem.code == Code::InsufficientAal => return Ok(second(accounts, id)),
        strong => strong?,
    }
    match look(accounts, asked, id, person.clone()).await {
        Ok(Shown::Page(found)) => Ok(question(accounts, &person, &found.0, &found.1)),
        Ok(Shown::On(on)) => Ok(redirect(303, on)),
        Ok(Shown::SignIn) => Ok(sign_in(accounts, id, true)),
        Err(problem) if problem.code == Code::OauthAuthorizationNotFound => Ok(over(accounts)),
        Err(problem) => Err(problem),
    }
}

/// `POST`: what the person decided.
pub async fn decide(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    let form = Form::of(asked)?;
    let id = form.get("authorization_id").and_then(|id| Uuid::try_parse(id).ok()).ok_or_else(unknown)?;
    let Some(person) = signed_in(accounts, asked).await? else {
        return Ok(sign_in(accounts, id, false));
    };
    if !ours(accounts, asked, &person, id, form.get("csrf").unwrap_or_default()) {
        let text =
            "<p role=\"alert\">This form is not from here. Go back to the application and begin again.</p>";
        return Ok(page(403, "Nothing was decided", &accounts.settings.theme, text));
    }
    let decision = Decision::read(form.get("action"))?;
    match decided(accounts, &asked.visit, id, person, decision).await {
        Ok(on) => Ok(redirect(303, on)),
        Err(problem) if problem.code == Code::OauthAuthorizationNotFound => Ok(over(accounts)),
        Err(problem) if problem.code == Code::ReauthenticationNeeded => Ok(sign_in(accounts, id, true)),
        Err(problem) if problem.code == Code::InsufficientAal => Ok(second(accounts, id)),
        Err(problem) => Err(problem),
    }
}

async fn look(accounts: &Arc<Accounts>, asked: &Asked, id: Uuid, person: Person) -> Result<Shown, Problem> {
    let (inside, seen, head) = (Arc::clone(accounts), asked.visit.clone(), asked.method == "HEAD");
    let shown = accounts.transact(
        &asked.visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let (own, client) = waiting(tx, &seen, id, &person).await?;
                let shown = if stale(&own, &person) {
                    Shown::SignIn
                } else if !head && granted(tx, &own, &client, &person).await? {
                    Shown::On(approve(tx, &inside, &seen, &own, &person).await?)
                } else {
                    Shown::Page(Box::new((own, client)))
                };
                Ok((shown, After::default()))
            })
        }),
    );
    shown.await
}

fn question(
    accounts: &Accounts,
    person: &Person,
    authorization: &Authorization,
    client: &Client,
) -> Response {
    let item = |word: &&str| format!("<li>{}</li>", escaped(&scope::meaning(word)));
    let items: String = scope::words(&authorization.scope).iter().map(item).collect();
    let (name, project) = (escaped(&client.name), escaped(&accounts.settings.project));
    let who = escaped(person.account.email.as_deref().unwrap_or("somebody without an address"));
    let to = &authorization.redirect_uri;
    let place = escaped(crate::redirect::origin(to).as_deref().unwrap_or(to));
    let (id, csrf) = (authorization.id, form_token(accounts, person, authorization.id));
    let body = format!(
        "<p><strong>{name}</strong> wants to use your account at {project}. It may then:</p><ul>{items}</ul>\
         <p class=\"dim\">You are signed in as {who}. Afterwards you go on to {place}.</p>\
         <form method=\"post\" action=\"/auth/v1/ui/consent\">\
         <input type=\"hidden\" name=\"authorization_id\" value=\"{id}\">\
         <input type=\"hidden\" name=\"csrf\" value=\"{csrf}\">\
         <button name=\"action\" value=\"approve\">Allow</button>\
         <button class=\"plain\" name=\"action\" value=\"deny\">Refuse</button></form>"
    );
    page_on_the_way(200, &format!("Let {} in?", client.name), &accounts.settings.theme, &body, to)
}

/// To the page of the second factor, and back.
fn second(accounts: &Accounts, id: Uuid) -> Response {
    let members = encoded(&[("next", here(id).as_str())]);
    redirect(303, format!("{}/ui/mfa?{members}", accounts.settings.issuer()))
}

fn here(id: Uuid) -> String {
    format!("/auth/v1/ui/consent?authorization_id={id}")
}

/// To the page where people sign in, and back.
fn sign_in(accounts: &Accounts, id: Uuid, again: bool) -> Response {
    let next = here(id);
    let members = [("next", next.as_str()), ("again", "1")];
    let members = encoded(if again { &members } else { &members[..1] });
    redirect(303, format!("{}/ui/sign-in?{members}", accounts.settings.issuer()))
}

fn over(accounts: &Accounts) -> Response {
    let text = "<p role=\"alert\">The request of the application was answered already, is over, or is somebody else's. \
                Go back to the application and begin again.</p>";
    page(404, "Nothing to decide", &accounts.settings.theme, text)
}
