//! Members of a request by OAuth: each comes at most once, and an empty one is none (RFC 6749, 3.1 and 3.2).

use bistro_problem::{Code, Problem};

use crate::http::Asked;

/// The members of a form, or of a query.
#[derive(Clone, Debug)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Those of a posted form, or of the query of another request.
    ///
    /// # Errors
    /// `invalid_request` for a body that is no form.
    pub(super) fn of(asked: &Asked) -> Result<Self, Problem> {
        let members = if asked.method == "POST" { asked.form()? } else { asked.query.clone() };
        Ok(Self(members))
    }

    /// A member by its name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, v)| v.as_str()).filter(|v| !v.is_empty())
    }

    /// A member that must be there.
    ///
    /// # Errors
    /// `invalid_request`.
    pub(super) fn needed(&self, name: &str) -> Result<&str, Problem> {
        self.get(name).ok_or_else(|| invalid(format!("{name} is missing")))
    }

    /// Refuses members that come twice: each side might read another one.
    ///
    /// # Errors
    /// `invalid_request`.
    pub(super) fn once(&self) -> Result<(), Problem> {
        for (n, (name, value)) in self.0.iter().enumerate() {
            // Several resources may be named (RFC 8707); none of them changes what a token is for here.
            if name != "resource" && self.0[..n].iter().any(|(known, _)| known == name) {
                return Err(invalid(format!("{name:.40} comes twice")));
            }
            if value.contains('\0') {
                return Err(invalid(format!("{name:.40} holds a NUL character")));
            }
        }
        Ok(())
    }
}

/// `invalid_request`.
pub(super) fn invalid(message: impl Into<String>) -> Problem {
    Problem::new(Code::OauthInvalidRequest, message)
}
