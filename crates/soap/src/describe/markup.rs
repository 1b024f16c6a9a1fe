//! XML that is written for people and programs to read: indented, escaped, never ill-formed.

use std::fmt::Display;

use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use quick_xml::writer::Writer;

/// The namespace of XML Schema.
pub(super) const XSD: &str = "http://www.w3.org/2001/XMLSchema";

/// A document that is being written.
pub(super) struct Markup(Writer<Vec<u8>>);

/// The attributes of an element.
pub(super) type Attributes<'a> = &'a [(&'a str, &'a str)];

impl Markup {
    /// A document with its declaration.
    pub(super) fn new() -> Self {
        let mut writer = Writer::new_with_indent(Vec::with_capacity(32 << 10), b' ', 2);
        writer.get_mut().extend_from_slice(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        Self(writer)
    }

    /// An element with others in it.
    pub(super) fn inside(&mut self, name: &str, attributes: Attributes<'_>, inner: impl FnOnce(&mut Self)) {
        self.event(Event::Start(start(name, attributes)));
        inner(self);
        self.event(Event::End(BytesEnd::new(name)));
    }

    /// An empty element.
    pub(super) fn empty(&mut self, name: &str, attributes: Attributes<'_>) {
        self.event(Event::Empty(start(name, attributes)));
    }

    /// An element with text in it. Characters that XML cannot carry are left out.
    pub(super) fn text(&mut self, name: &str, text: impl Display) {
        let text: String = text.to_string().chars().filter(|c| crate::characters::is_character(*c)).collect();
        self.event(Event::Start(BytesStart::new(name)));
        self.event(Event::Text(BytesText::new(&text)));
        self.event(Event::End(BytesEnd::new(name)));
    }

    /// What people are told of an element of a schema, where there is something to tell.
    pub(super) fn documented(&mut self, text: &str) {
        if !text.is_empty() {
            self.inside("xs:annotation", &[], |m| m.text("xs:documentation", text));
        }
    }

    /// An element of a schema, empty or with its documentation.
    pub(super) fn element(&mut self, attributes: Attributes<'_>, text: &str) {
        match text.is_empty() {
            true => self.empty("xs:element", attributes),
            false => self.inside("xs:element", attributes, |m| m.documented(text)),
        }
    }

    /// A named sequence of elements.
    pub(super) fn sequence(&mut self, name: &str, text: &str, inner: impl FnOnce(&mut Self)) {
        self.inside("xs:complexType", &[("name", name)], |m| {
            m.documented(text);
            m.inside("xs:sequence", &[], inner);
        });
    }

    /// The finished document.
    pub(super) fn finish(self) -> String {
        let mut bytes = self.0.into_inner();
        bytes.push(b'\n');
        String::from_utf8(bytes).expect("only text was written")
    }

    fn event(&mut self, event: Event<'_>) {
        self.0.write_event(event).expect("a vector takes all bytes");
    }
}

fn start<'a>(name: &'a str, attributes: Attributes<'a>) -> BytesStart<'a> {
    BytesStart::new(name).with_attributes(attributes.iter().copied())
}
