//! What a request says around its envelope: its method, its content type and action, its credentials; and the WSDL, which it
//! asks for without one.

use bistro_ir::{Caller, CallerKind};
use bistro_problem::{Code, Problem};
use bistro_wire::{Answer, Headers, Request, Response};

use crate::envelope::{Version, is_read, shown};
use crate::surface::Soap;

/// What may be done at the address of the service.
pub(crate) const METHODS: &str = "GET, HEAD, POST, OPTIONS";

impl Soap {
    /// The WSDL, or the way to it.
    pub(crate) fn page(&self, request: &Request<'_>, caller: &Caller) -> Result<Answer, Problem> {
        let parameters: Vec<&str> = request.query.split('&').filter(|part| !part.is_empty()).collect();
        if parameters.is_empty() {
            return Ok(Response::new(307, "").header("location", "?wsdl").into());
        }
        let (mut only, mut nillable, mut asked) = (None, false, false);
        for parameter in parameters {
            match parameter.to_ascii_lowercase().trim_end_matches('=') {
                // The document is one piece anyway.
                "wsdl" | "singlewsdl" => asked = true,
                "soap=1.1" => only = Some(Version::V11),
                "soap=1.2" => only = Some(Version::V12),
                "nil=true" => nillable = true,
                _ => return Err(other_page()),
            }
        }
        if !asked {
            return Err(other_page());
        }
        if caller.kind == CallerKind::Anonymous && self.described(caller.roles).is_empty() {
            let problem = Problem::new(Code::NoKey, "Callers without an account see no operation").hint(
                "Send a key or token with this request, or print the WSDL with: bistro wsdl --as service",
            );
            return Err(problem);
        }
        Ok(Response::new(200, self.wsdl(caller.roles, only, nillable))
            .header("content-type", "text/xml; charset=utf-8")
            .header("cache-control", "private, no-cache")
            .header("vary", "apikey, authorization, cookie")
            .into())
    }
}

/// Whether a request brings a credential in its headers; a session's cookie is one that made a caller already.
pub(crate) fn shows_credentials(headers: &dyn Headers) -> bool {
    headers.get("apikey").is_some() || headers.get("authorization").is_some()
}

fn other_page() -> Problem {
    let message = "A GET of the service asks for ?wsdl, perhaps with soap=1.1, soap=1.2 or nil=true";
    Problem::new(Code::BadRequest, message)
}

/// A request of nobody, in headers and envelope.
pub(crate) fn no_key() -> Problem {
    Problem::new(Code::NoKey, "No API key found in request")
        .hint("Send the header apikey, HTTP Basic with the user apikey, or a UsernameToken in the envelope.")
}

/// The version that the content type names, and the action that goes with it.
pub(crate) fn content_type(request: &Request<'_>) -> Result<(Version, Option<String>), Problem> {
    let said = request.headers.get("content-type").unwrap_or_default();
    let mut parts = said.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default().to_ascii_lowercase();
    let parameters: Vec<(String, &str)> = parts
        .filter_map(|part| part.split_once('='))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().trim_matches('"')))
        .collect();
    let parameter = |name: &str| parameters.iter().find(|(n, _)| n == name).map(|(_, value)| *value);
    let refused = |message: String| {
        Problem::new(Code::ContentType, message)
            .hint("Send SOAP 1.1 as text/xml and SOAP 1.2 as application/soap+xml, in UTF-8 or UTF-16.")
    };
    let (version, action) = match media.as_str() {
        "text/xml" => (Version::V11, request.headers.get("soapaction")),
        "application/soap+xml" => (Version::V12, parameter("action")),
        "multipart/related" => {
            return Err(refused(
                "Attachments (MTOM) are not read: bytes stand in the envelope in base64".into(),
            ));
        }
        "" => return Err(refused("The request has no content type".into())),
        other => return Err(refused(format!("The content type {} is not read here", shown(other)))),
    };
    if let Some(charset) = parameter("charset").filter(|charset| !is_read(charset)) {
        return Err(refused(format!("The encoding {} is not read here", shown(charset))));
    }
    Ok((version, action.map(|action| action.trim().trim_matches('"').to_owned())))
}

/// Refuses an action that is not the operation's. None, or an empty one, says nothing.
pub(crate) fn check_action(action: Option<&str>, namespace: &str, operation: &str) -> Result<(), Problem> {
    let rest = action.unwrap_or_default();
    if rest.is_empty() || rest.strip_prefix(namespace).and_then(|r| r.strip_prefix('/')) == Some(operation) {
        return Ok(());
    }
    let message = format!("The action {} is not that of {operation}, which the body holds", shown(rest));
    Err(Problem::new(Code::SoapAction, message).hint(format!("Send {namespace}/{operation}, or none.")))
}
