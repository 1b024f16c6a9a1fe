//! A request for a page: what was filled in, who sits there, and what the answer is made of.

use std::sync::Arc;

use bistro_problem::{Code, Problem};
use bistro_wire::Response;

use super::form::Form;
use super::next::Next;
use super::page::page_with_keys;
use super::{cookie, keys, page, path};
use crate::accounts::Accounts;
use crate::http::{Asked, Bearer, redirect};
use crate::limits::{DEVICE_COOKIES, device_cookie};
use crate::redirect::encoded;
use crate::settings::Settings;

/// For so many seconds a browser keeps the name by which it is told from strangers' browsers: half a year.
const DEVICE_S: i64 = 180 * 86_400;

/// A request for a page.
pub(super) struct Turn<'a> {
    /// Whose pages they are.
    pub(super) accounts: &'a Arc<Accounts>,
    /// The request; its visit has a device.
    pub(super) asked: Asked,
    /// Where the browser goes when the person is signed in.
    pub(super) next: Next,
    form: Vec<(String, String)>,
    new_device: Option<String>,
}

impl<'a> Turn<'a> {
    /// The request, if it may be answered by pages.
    ///
    /// # Errors
    /// Where a cookie could be read on the way, and for forms of other sites.
    pub(super) fn new(accounts: &'a Arc<Accounts>, asked: &Asked) -> Result<Self, Problem> {
        let (settings, cookies) = (&accounts.settings, accounts.keys.cookies());
        if !cookies.secure() && !settings.dev {
            let message = "Signing in with a browser needs https, as what it keeps could be read on the way. Whoever runs \
                           this server sets server.public_url to its https:// address.";
            return Err(Problem::new(Code::ValidationFailed, message).status(403));
        }
        let form = match asked.method.as_str() {
            "POST" if !asked.browser().comes_from(&cookies.own, &[]) => {
                let message = "This form is not from here. Go back and begin again.";
                return Err(Problem::new(Code::ValidationFailed, message).status(403));
            }
            "POST" => asked.form()?,
            _ => asked.query.clone(),
        };
        let mut asked = asked.clone();
        let new_device = match asked.visit.device {
            Some(_) => None,
            None => Some(device_cookie()?),
        };
        asked.visit.device = asked.visit.device.or_else(|| new_device.clone());
        let mut turn = Self { accounts, asked, next: Next::Home, form, new_device };
        turn.next = Next::of(settings, turn.get("next"), turn.get("redirect_to"));
        Ok(turn)
    }

    /// The settings.
    pub(super) fn settings(&self) -> &'a Settings {
        &self.accounts.settings
    }

    /// A member of the form, or of the query, that is not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        found.filter(|value| !value.is_empty())
    }

    /// A member that must be there; without NUL characters, which no store keeps.
    pub(super) fn needed(&self, name: &str, label: &str) -> Result<&str, Problem> {
        let wrong = |why: &str| Problem::new(Code::ValidationFailed, format!("{label} {why}"));
        match self.get(name) {
            Some(value) if value.contains('\0') => Err(wrong("cannot be read")),
            Some(value) => Ok(value),
            None => Err(wrong("is missing")),
        }
    }

    /// The person who is signed in here, if somebody is.
    pub(super) async fn person(&self) -> Result<Option<Bearer>, Problem> {
        cookie::signed_in(self.accounts, &self.asked).await
    }

    /// The person who is signed in here.
    ///
    /// # Errors
    /// `no_authorization`, which leads to the page of signing in.
    pub(super) async fn bearer(&self) -> Result<Bearer, Problem> {
        let nobody = || Problem::new(Code::NoAuthorization, "Sign in first.");
        self.person().await?.ok_or_else(nobody)
    }

    /// A page.
    pub(super) fn page(&self, title: &str, body: &str) -> Response {
        page(200, title, &self.settings().theme, body)
    }

    /// A page that says first why what was sent did not do. One that may ask for keys runs the script for them.
    pub(super) fn page_after(&self, problem: Option<&Problem>, title: &str, body: &str) -> Response {
        let framed = if keys::offered(self) { page_with_keys } else { page };
        let theme = &self.settings().theme;
        let Some(problem) = problem else { return framed(200, title, theme, body) };
        let status = if problem.status == 401 { 400 } else { problem.status };
        let alert = super::alert(problem);
        let reply = framed(status, title, theme, &format!("{alert}{body}"));
        let mut reply = match problem.retry_after {
            Some(seconds) => reply.header("retry-after", seconds.to_string()),
            None => reply,
        };
        reply.problem = Some(Box::new(problem.clone()));
        reply
    }

    /// The address of one of our pages, with where the browser goes afterwards.
    pub(super) fn address(&self, name: &str, members: &[(&str, &str)]) -> String {
        let all: Vec<_> = members.iter().copied().chain(self.next.member()).collect();
        match all.is_empty() {
            true => path(name),
            false => format!("{}?{}", path(name), encoded(&all)),
        }
    }

    /// The whole address of one of our pages, to which the link of a mail leads in the end.
    pub(super) fn back(&self, name: &str) -> String {
        format!("{}{}", self.settings().public_url, self.address(name, &[]))
    }

    /// A form that carries where the browser goes afterwards.
    pub(super) fn form(&self, page: &str) -> Form {
        let form = Form::to(page);
        match self.next.member() {
            Some((name, value)) => form.hidden(name, value),
            None => form,
        }
    }

    /// A link to one of our pages.
    pub(super) fn link(&self, name: &str, label: &str) -> String {
        format!("<a href=\"{}\">{}</a>", super::escaped(&self.address(name, &[])), super::escaped(label))
    }

    /// To another of our pages.
    pub(super) fn on(&self, name: &str) -> Response {
        redirect(303, self.address(name, &[]))
    }

    /// The reply, with which the browser gets the name by which it is known again.
    pub(super) fn remembered(&self, reply: Response) -> Response {
        let Some(device) = &self.new_device else { return reply };
        let (name, secure) = match self.accounts.keys.cookies().secure() {
            true => (DEVICE_COOKIES[0], "; Secure"),
            false => (DEVICE_COOKIES[1], ""),
        };
        let kept = format!("{name}={device}; Path=/; Max-Age={DEVICE_S}; HttpOnly; SameSite=Lax{secure}");
        reply.header("set-cookie", kept)
    }
}
