//! The namespaces that mean something here.

/// SOAP 1.1 envelopes.
pub(crate) const SOAP_11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// SOAP 1.2 envelopes.
pub(crate) const SOAP_12: &str = "http://www.w3.org/2003/05/soap-envelope";
/// Attributes of XML Schema in instances: `nil`, `type`.
pub(crate) const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
/// WS-Security.
pub(crate) const WSSE: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
/// What WS-Security says of times and ids.
pub(crate) const WSU: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";

/// A namespace of an envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Space {
    /// None.
    None,
    /// That of the service.
    Own,
    Soap11,
    Soap12,
    Xsi,
    Wsse,
    Wsu,
    /// Any other. Its name is not kept: each element would have a copy of it, however long it is.
    Other,
}

impl Space {
    /// The namespace with this name, where `own` is the service's.
    pub(super) fn of(name: &str, own: &str) -> Self {
        match name {
            name if name == own => Space::Own,
            SOAP_11 => Space::Soap11,
            SOAP_12 => Space::Soap12,
            XSI => Space::Xsi,
            WSSE => Space::Wsse,
            WSU => Space::Wsu,
            _ => Space::Other,
        }
    }
}
