//! The SOAP envelopes of the workloads, as a generated client writes them.

use std::sync::Arc;

use super::case::{Slots, Template};

/// What is asked of the SOAP service.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Envelope {
    /// One post by its key.
    One,
    /// The newest 50 posts of an author.
    List50,
}

impl Envelope {
    /// The operation, and its element before and after the value.
    fn parts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Envelope::One => ("GetPost", "<key><id>", "</id></key>"),
            Envelope::List50 => (
                "ListPosts",
                "<filter><author_id><eq>",
                "</eq></author_id></filter><orderBy><field>created_at</field><direction>DESC</direction>\
                 </orderBy><first>50</first>",
            ),
        }
    }
}

/// The requests of an envelope: the value is the gap.
pub(super) fn template(envelope: Envelope, values: &Arc<Slots>, lines: &str) -> Template {
    let (operation, before, after) = envelope.parts();
    let start = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body>\
         <{operation} xmlns=\"urn:bistro:v1\">{before}"
    );
    let end = format!("{after}</{operation}></soap:Body></soap:Envelope>");
    let length = start.len() + values.width() + end.len();
    let head = format!(
        "POST /soap/v1 HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}Content-Type: text/xml; charset=utf-8\r\n\
         SOAPAction: \"urn:bistro:v1/{operation}\"\r\nContent-Length: {length}\r\n\r\n{start}"
    );
    Template {
        head: head.into_bytes(),
        gap: Some(Arc::clone(values)),
        tail: end.into_bytes(),
        expected: 200,
        share: 100,
    }
}
