//! Text → elements, within limits. What XML allows and SOAP forbids (document types, processing instructions) is refused
//! where it begins, so that nothing is ever expanded.

use std::borrow::Cow;

use bistro_problem::{Code, Problem};
use quick_xml::escape::unescape;
use quick_xml::events::attributes::Attribute as RawAttribute;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use quick_xml::name::{NamespaceResolver, ResolveResult};
use quick_xml::{NsReader, XmlVersion};

use super::element::{Attribute, Element};
use super::header::BLOCKS_MAX;
use super::space::Space;
use super::text::is_read;
use crate::characters::{first_uncarried, is_character};

/// Levels of elements.
const DEPTH_MAX: usize = 64;
/// Attributes of one element, declarations of namespaces included.
const ATTRIBUTES_MAX: usize = 64;
/// Declarations of namespaces that hold at one place.
const NAMESPACES_MAX: usize = 64;
/// Bytes of a namespace's name: it is looked at again for each element that is in it.
const NAMESPACE_BYTES_MAX: usize = 1 << 10;
/// Elements of one envelope.
const ELEMENTS_MAX: usize = 100_000;

/// A document.
pub(super) struct Document<'x> {
    pub(super) root: Element<'x>,
    /// The names of the namespaces of what stands in the Header, in its order.
    pub(super) blocks: Vec<Box<str>>,
}

/// Reads a document. `own` is the namespace of the service.
pub(super) fn read<'x>(text: &'x str, own: &str) -> Result<Document<'x>, Problem> {
    check_characters(text)?;
    let mut reader = NsReader::from_str(text);
    reader.config_mut().check_comments = true;
    reader.resolver_mut().set_max_namespace_bindings(NAMESPACES_MAX);
    let mut reading = Reading { own, open: Vec::new(), root: None, elements: 0, blocks: Vec::new() };
    let mut start = true;
    loop {
        match reader.read_event().map_err(|error| ill_formed(&error))? {
            Event::Start(tag) => {
                let name = written(text, &tag, reader.buffer_position(), ">");
                reading.begin(&tag, name, reader.resolver())?;
            }
            Event::Empty(tag) => {
                let name = written(text, &tag, reader.buffer_position(), "/>");
                reading.begin(&tag, name, reader.resolver())?;
                reading.end()?;
            }
            Event::End(_) => reading.end()?,
            Event::Text(text) if text.contains("]]>") => {
                return Err(refused("]]> stands in text, where XML wants ]]&gt;"));
            }
            Event::Text(text) => reading.text(text.xml10_content())?,
            Event::CData(text) => reading.text(text.xml10_content())?,
            Event::GeneralRef(entity) => reading.text(Cow::Owned(character(&entity)?.into()))?,
            Event::Comment(_) => {}
            Event::Decl(declaration) if start => check_declaration(&declaration)?,
            Event::Decl(_) => return Err(refused("The XML declaration stands at the very beginning alone")),
            Event::DocType(_) => {
                return Err(refused("A document type (DOCTYPE) is not allowed in an envelope"));
            }
            Event::PI(_) => return Err(refused("Processing instructions are not allowed in an envelope")),
            Event::Eof => return reading.finish(),
        }
        start = false;
    }
}

/// What has been read so far.
struct Reading<'x, 'o> {
    own: &'o str,
    open: Vec<Element<'x>>,
    root: Option<Element<'x>>,
    elements: usize,
    blocks: Vec<Box<str>>,
}

impl<'x> Reading<'x, '_> {
    fn begin(
        &mut self,
        tag: &BytesStart<'_>,
        name: Cow<'x, str>,
        resolver: &NamespaceResolver,
    ) -> Result<(), Problem> {
        if self.open.is_empty() && self.root.is_some() {
            return Err(refused("An XML document has one root element"));
        }
        if self.open.len() >= DEPTH_MAX {
            return Err(too_much(format!("Elements nest deeper than {DEPTH_MAX} levels")));
        }
        self.elements += 1;
        if self.elements > ELEMENTS_MAX {
            return Err(too_much(format!("The envelope has more than {ELEMENTS_MAX} elements")));
        }
        let attributes = attributes(tag, resolver, self.own)?;
        let resolved = resolver.resolve_element(tag.name()).0;
        let space = space(&resolved, self.own)?;
        if matches!(&*self.open, [_, header] if &*header.name == "Header") && self.blocks.len() < BLOCKS_MAX {
            let bound = if let ResolveResult::Bound(name) = resolved { name.into_inner() } else { "" };
            let plain =
                unescape(bound).map_err(|error| refused(format!("A namespace cannot be read: {error}")))?;
            self.blocks.push(plain.into());
        }
        self.open.push(Element { space, name, attributes, text: Cow::Borrowed(""), children: Vec::new() });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Problem> {
        let element = self.open.pop().ok_or_else(|| refused("An end tag has no start tag"))?;
        match self.open.last_mut() {
            Some(outer) => outer.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, text: Cow<'x, str>) -> Result<(), Problem> {
        match self.open.last_mut() {
            Some(element) if element.text.is_empty() => element.text = text,
            Some(element) => element.text.to_mut().push_str(&text),
            None if text.trim_ascii().is_empty() => {}
            None => return Err(refused("Text stands outside of the root element")),
        }
        Ok(())
    }

    fn finish(self) -> Result<Document<'x>, Problem> {
        match (self.open.last(), self.root) {
            (Some(open), _) => Err(refused(format!("The element {} is not closed", shown(&open.name)))),
            (None, Some(root)) => Ok(Document { root, blocks: self.blocks }),
            (None, None) => Err(refused("There is no XML element")),
        }
    }
}

/// The name of a tag without its prefix, as it stands in the document: `end` is what closes the tag, right before `position`.
fn written<'x>(text: &'x str, tag: &BytesStart<'_>, position: u64, end: &str) -> Cow<'x, str> {
    let name = tag.local_name().into_inner();
    let start = usize::try_from(position).ok().and_then(|at| at.checked_sub(end.len() + tag.len()));
    let start = start.map(|start| start + tag.name().into_inner().len() - name.len());
    match start.and_then(|start| text.get(start..start + name.len())).filter(|found| *found == name) {
        Some(found) => Cow::Borrowed(found),
        None => Cow::Owned(name.to_owned()),
    }
}

fn attributes(
    tag: &BytesStart<'_>,
    resolver: &NamespaceResolver,
    own: &str,
) -> Result<Vec<Attribute>, Problem> {
    let (mut found, mut names, mut declared) = (Vec::new(), Vec::new(), Vec::new());
    let twice = |name: &str| refused(format!("The attribute {} is there twice", shown(name)));
    for (n, raw) in tag.attributes().with_checks(false).enumerate() {
        if n >= ATTRIBUTES_MAX {
            return Err(too_much(format!("An element has more than {ATTRIBUTES_MAX} attributes")));
        }
        let raw = raw.map_err(|error| refused(format!("An attribute cannot be read: {error}")))?;
        if raw.key.as_namespace_binding().is_some() {
            if declared.contains(&raw.key) {
                return Err(twice(raw.key.into_inner()));
            }
            declared.push(raw.key);
            continue;
        }
        let (resolved, name) = resolver.resolve_attribute(raw.key);
        found.push(attribute(&raw, (space(&resolved, own)?, name.into_inner()))?);
        let name = (name, resolved);
        if names.contains(&name) {
            return Err(twice(name.0.into_inner()));
        }
        names.push(name);
    }
    Ok(found)
}

fn attribute(raw: &RawAttribute<'_>, (space, name): (Space, &str)) -> Result<Attribute, Problem> {
    if raw.value.contains('<') {
        return Err(refused(format!("The attribute {} holds <, where XML wants &lt;", shown(name))));
    }
    let value = raw.normalized_value(XmlVersion::Explicit1_0).map_err(|error| ill_formed(&error))?;
    check_characters(&value)?;
    Ok(Attribute { space, name: name.into(), value: value.into() })
}

fn space(resolved: &ResolveResult<'_>, own: &str) -> Result<Space, Problem> {
    match resolved {
        ResolveResult::Unbound => Ok(Space::None),
        ResolveResult::Bound(name) if name.as_ref().len() > NAMESPACE_BYTES_MAX => {
            Err(too_much(format!("The name of a namespace has more than {NAMESPACE_BYTES_MAX} bytes")))
        }
        ResolveResult::Bound(name) => Ok(Space::of(name.into_inner(), own)),
        ResolveResult::Unknown(prefix) => {
            Err(refused(format!("The prefix {} is not declared", shown(prefix))))
        }
    }
}

/// The character of `&amp;` or `&#233;`. Other entities would have to be declared, and nothing can declare them.
fn character(entity: &BytesRef<'_>) -> Result<char, Problem> {
    let named = match &**entity {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    };
    if let Some(named) = named {
        return Ok(named);
    }
    let numbered = entity.resolve_char_ref().ok().flatten().filter(|c| is_character(*c));
    numbered.ok_or_else(|| refused(format!("The entity &{}; is not known", shown(entity))))
}

/// Refuses another XML than 1.0, and an encoding that is not read here: text of another could be taken for UTF-8, and be
/// another text.
fn check_declaration(declaration: &BytesDecl<'_>) -> Result<(), Problem> {
    let version = declaration.version().map_err(|error| ill_formed(&error))?;
    if version != "1.0" {
        return Err(refused(format!("XML {} is not read here: send XML 1.0", shown(&version))));
    }
    match declaration.encoding().transpose().map_err(|error| ill_formed(&error.into()))? {
        Some(said) if !is_read(&said) => {
            Err(refused(format!("The encoding {} is not read here", shown(&said)))
                .hint("Send UTF-8 or UTF-16."))
        }
        _ => Ok(()),
    }
}

/// Refuses characters that XML cannot carry.
fn check_characters(text: &str) -> Result<(), Problem> {
    match first_uncarried(text) {
        None => Ok(()),
        Some(c) => Err(refused(format!("XML cannot carry the character U+{:04X}", c as u32))),
    }
}

fn ill_formed(error: &quick_xml::Error) -> Problem {
    use quick_xml::Error;
    use quick_xml::name::NamespaceError;
    match error {
        Error::Namespace(NamespaceError::TooManyBindings(_)) => {
            too_much(format!("More than {NAMESPACES_MAX} namespaces are declared at one place"))
        }
        error => refused(format!("The XML is not well-formed: {}", shown(&error.to_string()))),
    }
}

/// What cannot be read as an envelope.
pub(crate) fn refused(message: impl Into<String>) -> Problem {
    Problem::new(Code::SoapEnvelope, message).hint(Code::SoapEnvelope.mend())
}

fn too_much(message: String) -> Problem {
    Problem::new(Code::TooComplex, message).hint("Send smaller or flatter envelopes.")
}

/// The beginning of a caller's text, for a message.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    const MOST: usize = 100;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}
