//! A problem as a SOAP fault of either version.

use bistro_problem::{Code, Details, Problem};
use bistro_wire::Response;

use crate::envelope::{SOAP_11, SOAP_12, Version, WSSE, WSU};
use crate::names::FAULT;
use crate::render::write_text;

/// Seconds that a client waits before it repeats a request that met a busy server.
const RETRY_AFTER: &str = "1";

/// Who is to mend it, as the catalogue's class says.
fn is_sender(problem: &Problem) -> bool {
    problem.status < 500
}

/// What of an envelope a fault is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// A block of its header: SOAP 1.1 lets no detail speak of it, and WS-Security has names for it.
    Header,
    /// Anything else.
    Body,
}

/// A fault before it is written.
struct Fault<'f> {
    problem: &'f Problem,
    part: Part,
    namespace: &'f str,
    id: &'f str,
}

impl Fault<'_> {
    /// Whether it speaks of the envelope or of a block of its header, and not of what judging the block met, such as a limit.
    fn is_beside_body(&self) -> bool {
        matches!(self.problem.code, Code::SoapVersion | Code::SoapHeader) || self.of_security().is_some()
    }

    /// The prefix, namespace and name that WS-Security has for it.
    fn of_security(&self) -> Option<(&'static str, &'static str, &'static str)> {
        if self.part == Part::Body {
            return None;
        }
        match self.problem.code {
            Code::SecurityHeader => Some(("wsse", WSSE, "InvalidSecurity")),
            Code::SecurityToken => Some(("wsse", WSSE, "UnsupportedSecurityToken")),
            Code::SecurityExpired => Some(("wsu", WSU, "MessageExpired")),
            Code::InvalidCredentials
            | Code::EmailNotConfirmed
            | Code::UserBanned
            | Code::BadKey
            | Code::ValidationFailed => Some(("wsse", WSSE, "FailedAuthentication")),
            _ => None,
        }
    }
}

/// The response that tells a caller of a problem. `namespace` is the service's, `id` the request's.
pub(crate) fn response(
    problem: Problem,
    part: Part,
    version: Version,
    (namespace, id): (&str, &str),
) -> Response {
    let mut out = Vec::with_capacity(1_024);
    let fault = Fault { problem: &problem, part, namespace, id };
    match version {
        Version::V11 => write_11(&fault, &mut out),
        Version::V12 => write_12(&fault, &mut out),
    }
    // SOAP 1.1 knows one status; SOAP 1.2 tells the sender's mistakes from others.
    let own = !matches!(problem.code, Code::SoapVersion | Code::SoapHeader) && is_sender(&problem);
    let status = if version == Version::V12 && own { 400 } else { 500 };
    let mut response = Response::new(status, out).header("content-type", version.media_type());
    match problem.retry_after {
        Some(seconds) => response = response.header("retry-after", seconds.to_string()),
        None if problem.status == 503 => response = response.header("retry-after", RETRY_AFTER),
        None => {}
    }
    response.problem = Some(Box::new(problem));
    response
}

fn write_11(fault: &Fault<'_>, out: &mut Vec<u8>) {
    let problem = fault.problem;
    let mut put = |text: &str| out.extend_from_slice(text.as_bytes());
    put(DECLARATION);
    put(&format!("<soap:Envelope xmlns:soap=\"{SOAP_11}\"><soap:Body><soap:Fault><faultcode"));
    match (problem.code, fault.of_security()) {
        (Code::SoapVersion, _) => put(">soap:VersionMismatch"),
        (Code::SoapHeader, _) => put(">soap:MustUnderstand"),
        (_, Some((prefix, space, name))) => put(&format!(" xmlns:{prefix}=\"{space}\">{prefix}:{name}")),
        _ if is_sender(problem) => put(">soap:Client"),
        _ => put(">soap:Server"),
    }
    put("</faultcode><faultstring xml:lang=\"en\">");
    write_text(&problem.message, out);
    if fault.is_beside_body()
        && let Some(hint) = &problem.hint
    {
        // There is no other place for it.
        write_text(&format!(". {hint}"), out);
    }
    out.extend_from_slice(b"</faultstring>");
    if !fault.is_beside_body() {
        out.extend_from_slice(b"<detail>");
        write_detail(fault, out);
        out.extend_from_slice(b"</detail>");
    }
    out.extend_from_slice(b"</soap:Fault></soap:Body></soap:Envelope>");
}

fn write_12(fault: &Fault<'_>, out: &mut Vec<u8>) {
    let problem = fault.problem;
    let mut put = |text: &str| out.extend_from_slice(text.as_bytes());
    put(DECLARATION);
    put(&format!("<soap:Envelope xmlns:soap=\"{SOAP_12}\">"));
    if problem.code == Code::SoapVersion {
        put("<soap:Header><soap:Upgrade>");
        for version in [SOAP_12, SOAP_11] {
            put(&format!("<soap:SupportedEnvelope qname=\"e:Envelope\" xmlns:e=\"{version}\"/>"));
        }
        put("</soap:Upgrade></soap:Header>");
    }
    if let (Code::SoapHeader, Details::Text(blocks)) = (problem.code, &problem.details) {
        write_not_understood(blocks, out);
    }
    let mut put = |text: &str| out.extend_from_slice(text.as_bytes());
    put("<soap:Body><soap:Fault><soap:Code>");
    match problem.code {
        Code::SoapVersion => put("<soap:Value>soap:VersionMismatch</soap:Value>"),
        Code::SoapHeader => put("<soap:Value>soap:MustUnderstand</soap:Value>"),
        code => {
            let value = if is_sender(problem) { "Sender" } else { "Receiver" };
            let own = ("b", fault.namespace, code.soap());
            let (prefix, space, name) = fault.of_security().unwrap_or(own);
            put(&format!("<soap:Value>soap:{value}</soap:Value><soap:Subcode><soap:Value xmlns:{prefix}=\""));
            write_attribute(space, out);
            let mut put = |text: &str| out.extend_from_slice(text.as_bytes());
            put(&format!("\">{prefix}:{name}</soap:Value></soap:Subcode>"));
        }
    }
    out.extend_from_slice(b"</soap:Code><soap:Reason><soap:Text xml:lang=\"en\">");
    write_text(&problem.message, out);
    out.extend_from_slice(b"</soap:Text></soap:Reason><soap:Detail>");
    write_detail(fault, out);
    out.extend_from_slice(b"</soap:Detail></soap:Fault></soap:Body></soap:Envelope>");
}

/// The header that names the blocks which were not understood: `{namespace}name`, one in a line.
fn write_not_understood(blocks: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b"<soap:Header>");
    for (namespace, name) in blocks.lines().filter_map(|block| block.strip_prefix('{')?.rsplit_once('}')) {
        out.extend_from_slice(b"<soap:NotUnderstood");
        let prefix = if namespace.is_empty() { "" } else { "n:" };
        if !namespace.is_empty() {
            out.extend_from_slice(b" xmlns:n=\"");
            write_attribute(namespace, out);
            out.push(b'"');
        }
        out.extend_from_slice(format!(" qname=\"{prefix}").as_bytes());
        write_attribute(name, out);
        out.extend_from_slice(b"\"/>");
    }
    out.extend_from_slice(b"</soap:Header>");
}

/// What begins every document.
pub(crate) const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

/// All that the catalogue and the case say.
fn write_detail(fault: &Fault<'_>, out: &mut Vec<u8>) {
    let Fault { problem, namespace, id, .. } = *fault;
    out.extend_from_slice(format!("<{FAULT} xmlns=\"").as_bytes());
    write_attribute(namespace, out);
    out.extend_from_slice(b"\">");
    let details = match &problem.details {
        Details::None => None,
        Details::Text(text) | Details::Json(text) => Some(text.as_str()),
    };
    let members = [
        ("code", Some(problem.code.wire_text())),
        ("kind", Some(problem.code.soap())),
        ("message", Some(problem.message.as_str())),
        ("details", details),
        ("hint", problem.hint.as_deref()),
        ("place", problem.pointer.as_deref()),
        ("requestId", Some(id)),
    ];
    for (name, value) in members {
        if let Some(value) = value {
            out.extend_from_slice(format!("<{name}>").as_bytes());
            write_text(value, out);
            out.extend_from_slice(format!("</{name}>").as_bytes());
        }
    }
    out.extend_from_slice(format!("</{FAULT}>").as_bytes());
}

/// Appends the value of an attribute in double quotes.
pub(crate) fn write_attribute(value: &str, out: &mut Vec<u8>) {
    let mut text = Vec::with_capacity(value.len());
    write_text(value, &mut text);
    for byte in text {
        match byte {
            b'"' => out.extend_from_slice(b"&quot;"),
            byte => out.push(byte),
        }
    }
}
