//! The address with which a browser is sent back to the application.

use bistro_problem::Problem;

use crate::flows::Issued;
use crate::http::public_code;
use crate::redirect;

/// The members of a fragment that brings a session, in the order of the alphabet.
pub struct Members(Vec<(&'static str, String)>);

impl Members {
    /// As names and values.
    pub fn pairs(&self) -> Vec<(&str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }
}

/// The fragment that brings a session to a page; `kind` is the `type` of the link that was followed.
pub fn session_members(issued: &Issued, kind: Option<&'static str>) -> Members {
    let mut members = vec![
        ("access_token", issued.access_token.clone()),
        ("expires_at", issued.expires_at.to_string()),
        ("expires_in", issued.expires_in.to_string()),
    ];
    if let Some(token) = &issued.provider_refresh_token {
        members.push(("provider_refresh_token", token.clone()));
    }
    if let Some(token) = &issued.provider_token {
        members.push(("provider_token", token.clone()));
    }
    members.push(("refresh_token", issued.refresh_token.clone()));
    members.push(("sb", String::new()));
    members.push(("token_type", "bearer".to_owned()));
    if let Some(kind) = kind {
        members.push(("type", kind.to_owned()));
    }
    Members(members)
}

/// Where a browser goes after a failure: the page learns of it in the fragment, and in the query where it reads that.
pub fn failed(back: &str, problem: &Problem, query: bool) -> String {
    let status = problem.status;
    let error = if status >= 500 { "server_error" } else { "access_denied" };
    let members = [
        ("error", error),
        ("error_code", public_code(problem.code)),
        ("error_description", problem.message.as_str()),
    ];
    let to = if query { redirect::with_query(back, &members) } else { back.to_owned() };
    let [error, code, description] = members;
    redirect::with_fragment(&to, &[error, code, description, ("sb", "")])
}
