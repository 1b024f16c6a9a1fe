//! What a client sends: bytes → text → elements → an [`Envelope`] of one version, with its header and the one element of its
//! body.

mod element;
mod header;
mod read;
mod space;
mod text;

#[cfg(test)]
mod tests;

use bistro_problem::{Code, Problem};

use read::Document;

pub(crate) use element::{Element, misplaced, truth};
pub(crate) use read::{refused, shown};
pub(crate) use space::{SOAP_11, SOAP_12, Space, WSSE, WSU};
pub(crate) use text::{decode, is_read};

/// The two versions of SOAP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Version {
    /// SOAP 1.1, `text/xml`.
    V11,
    /// SOAP 1.2, `application/soap+xml`.
    V12,
}

impl Version {
    /// The namespace of its envelopes.
    pub(crate) const fn namespace(self) -> &'static str {
        match self {
            Version::V11 => SOAP_11,
            Version::V12 => SOAP_12,
        }
    }

    /// The content type of its envelopes.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Version::V11 => "text/xml; charset=utf-8",
            Version::V12 => "application/soap+xml; charset=utf-8",
        }
    }

    pub(crate) const fn space(self) -> Space {
        match self {
            Version::V11 => Space::Soap11,
            Version::V12 => Space::Soap12,
        }
    }
}

/// An envelope whose outline is right: a header that is understood or may be passed over, and one element in its body.
#[derive(Debug)]
pub(crate) struct Envelope<'x> {
    /// The `wsse:Security` header that is meant for us.
    pub(crate) security: Option<Element<'x>>,
    /// The element of the body: the operation's.
    pub(crate) payload: Element<'x>,
}

impl<'x> Envelope<'x> {
    /// Reads an envelope of a version. `own` is the namespace of the service.
    pub(crate) fn read(text: &'x str, version: Version, own: &str) -> Result<Self, Problem> {
        Self::of(read::read(text, own)?, version)
    }

    /// Reads an envelope of the version that it is of.
    pub(crate) fn read_any(text: &'x str, own: &str) -> Result<Self, Problem> {
        let document = read::read(text, own)?;
        let version = if document.root.space == Space::Soap12 { Version::V12 } else { Version::V11 };
        Self::of(document, version)
    }

    fn of(Document { root, blocks }: Document<'x>, version: Version) -> Result<Self, Problem> {
        check_version(&root, version)?;
        if !root.text.trim_ascii().is_empty() {
            return Err(refused("An envelope holds a Header and a Body, not text"));
        }
        let mut security = None;
        let mut body = None;
        for (n, part) in root.children.into_iter().enumerate() {
            if part.is(&version.space(), "Header") {
                if n > 0 {
                    return Err(refused("The Header is the first element of an envelope, and there is one"));
                }
                security = header::security(part, &blocks, version)?;
            } else if part.is(&version.space(), "Body") {
                if body.replace(part).is_some() {
                    return Err(refused("An envelope has one Body"));
                }
            } else {
                let what = shown(&part.name);
                return Err(refused(format!("An envelope holds a Header and a Body, not {what}")));
            }
        }
        let body = body.ok_or_else(|| refused("The envelope has no Body"))?;
        Ok(Self { security, payload: payload(body)? })
    }
}

fn check_version(root: &Element<'_>, version: Version) -> Result<(), Problem> {
    if root.is(&version.space(), "Envelope") {
        return Ok(());
    }
    let (type_of, wanted) = match version {
        Version::V11 => ("text/xml", "1.1"),
        Version::V12 => ("application/soap+xml", "1.2"),
    };
    if &*root.name != "Envelope" {
        let message = format!("The root element is {}, not Envelope", shown(&root.name));
        return Err(refused(message));
    }
    let message =
        format!("With the content type {type_of} an envelope is of SOAP {wanted}, and this one is not");
    Err(Problem::new(Code::SoapVersion, message)
        .hint("Send SOAP 1.1 as text/xml and SOAP 1.2 as application/soap+xml."))
}

fn payload(body: Element<'_>) -> Result<Element<'_>, Problem> {
    if !body.text.trim_ascii().is_empty() {
        return Err(refused("The Body holds an element, not text"));
    }
    let mut children = body.children.into_iter();
    match (children.next(), children.next()) {
        (Some(payload), None) => Ok(payload),
        (None, _) => Err(refused("The Body is empty: it holds the element of an operation")),
        (Some(_), Some(_)) => Err(refused("The Body holds more than one element: one operation a request")),
    }
}
