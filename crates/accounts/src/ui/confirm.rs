//! A button before a link of a mail takes effect: programs that follow links in mails use nothing up.

use bistro_wire::Response;

use super::page::{escaped, page_on_the_way};
use crate::accounts::Accounts;
use crate::http::Asked;

/// The page before `GET /verify` does what it is for, and sends the browser on to `back`.
pub fn page_of(accounts: &Accounts, asked: &Asked, back: &str) -> Response {
    let hidden = |name: &str| {
        let value = escaped(asked.query(name).unwrap_or(""));
        format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">")
    };
    let fields: String = ["token", "type", "redirect_to"].map(hidden).concat();
    let project = escaped(&accounts.settings.project);
    let body = format!(
        "<p>You followed a link from a mail of {project}.</p>\
         <form method=\"get\" action=\"/auth/v1/verify\">{fields}<input type=\"hidden\" name=\"confirmed\" value=\"1\">\
         <button>Go on</button></form>"
    );
    page_on_the_way(200, "One more step", &accounts.settings.theme, &body, back)
}
