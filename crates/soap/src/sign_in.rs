//! `SignIn`: the one operation that is not about rows.

use std::sync::Arc;

use bistro_problem::Problem;
use bistro_wire::Answer;

use crate::authenticate::Authenticate;
use crate::compile::{Members, inside};
use crate::describe::Operation;
use crate::envelope::Element;
use crate::render::write_text;
use crate::reply;
use crate::surface::{Call, Soap};

/// Room for the tokens, in bytes; it grows.
const ROOM: usize = 2 << 10;

/// Signs somebody in, and answers with the tokens.
pub(crate) fn sign_in(
    soap: &Arc<Soap>,
    authenticate: &dyn Authenticate,
    call: Arc<Call>,
    (operation, payload): (&Operation, &Element<'_>),
) -> Result<Answer, Problem> {
    let asked = || {
        let mut members = Members::of(payload)?;
        let (email, password) = (members.sure("email")?.value()?, members.sure("password")?.value()?);
        members.finish()?;
        Ok((email.trim_ascii().to_owned(), password.to_owned()))
    };
    let (email, password) = asked().map_err(|problem| inside(problem, &payload.name))?;
    let signed_in = authenticate.sign_in(email, password, call.visit.clone());
    let (soap, operation) = (Arc::clone(soap), operation.clone());
    Ok(Answer::later(async move {
        let tokens = match signed_in.await {
            Ok(tokens) => tokens,
            Err(problem) => return soap.fault(problem, &call),
        };
        let mut out = reply::open(call.version, soap.namespace(), &operation, ROOM);
        let text = |out: &mut Vec<u8>, name: &str, value: &str| {
            out.extend_from_slice(format!("<{name}>").as_bytes());
            write_text(value, out);
            out.extend_from_slice(format!("</{name}>").as_bytes());
        };
        text(&mut out, "accessToken", &tokens.access_token);
        text(&mut out, "tokenType", &tokens.token_type);
        reply::element(&mut out, "expiresIn", tokens.expires_in);
        reply::element(&mut out, "expiresAt", tokens.expires_at);
        text(&mut out, "refreshToken", &tokens.refresh_token);
        let mut response = reply::close(out, call.version, &operation);
        response.headers.retain(|(name, _)| *name != "cache-control");
        response.header("cache-control", "no-store")
    }))
}
