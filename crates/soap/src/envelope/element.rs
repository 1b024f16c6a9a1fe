//! An element of an envelope with what is in it.

use std::borrow::Cow;

use bistro_problem::{Code, Problem};

use super::read::shown;
use super::space::Space;

/// An element. Comments are gone and entities written out.
#[derive(Debug)]
pub(crate) struct Element<'x> {
    pub(crate) space: Space,
    /// The name without its prefix.
    pub(crate) name: Cow<'x, str>,
    /// Attributes, declarations of namespaces aside.
    pub(crate) attributes: Vec<Attribute>,
    /// All character data that stands directly in it.
    pub(crate) text: Cow<'x, str>,
    pub(crate) children: Vec<Element<'x>>,
}

/// An attribute.
#[derive(Debug)]
pub(crate) struct Attribute {
    pub(crate) space: Space,
    pub(crate) name: Box<str>,
    pub(crate) value: Box<str>,
}

impl<'x> Element<'x> {
    /// The value of an attribute.
    pub(crate) fn attribute(&self, space: &Space, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|a| a.space == *space && &*a.name == name);
        found.map(|a| &*a.value)
    }

    /// Whether it is this element.
    pub(crate) fn is(&self, space: &Space, name: &str) -> bool {
        self.space == *space && &*self.name == name
    }

    /// Whether it says of itself that it is null. What is null holds nothing.
    pub(crate) fn is_nil(&self) -> Result<bool, Problem> {
        let said = self.attribute(&Space::Xsi, "nil").map(str::trim_ascii);
        match said {
            None | Some("false" | "0") => Ok(false),
            Some("true" | "1") if self.children.is_empty() && self.text.trim_ascii().is_empty() => Ok(true),
            Some("true" | "1") => {
                Err(misplaced(format!("{} says that it is nil, and holds something", shown(&self.name))))
            }
            Some(_) => Err(misplaced(format!("xsi:nil of {} is true or false", shown(&self.name)))),
        }
    }

    /// The elements in it, each of the service's own namespace; text beside them is refused.
    pub(crate) fn members(&self) -> Result<&[Element<'x>], Problem> {
        if !self.text.trim_ascii().is_empty() {
            return Err(misplaced(format!("Elements are wanted in {}, not text", shown(&self.name))));
        }
        self.check_attributes()?;
        let foreign = self.children.iter().find(|child| child.space != Space::Own);
        let Some(child) = foreign else { return Ok(&self.children) };
        let space = if child.space == Space::None { "no namespace" } else { "another namespace" };
        Err(misplaced(format!("{} is in {space}", shown(&child.name)))
            .hint("All elements of the body are in the targetNamespace of the WSDL (qualified)."))
    }

    /// The text of an element that holds nothing else.
    pub(crate) fn value(&self) -> Result<&str, Problem> {
        self.check_attributes()?;
        match self.children.first() {
            None => Ok(&self.text),
            Some(child) => {
                Err(misplaced(format!("{} holds a value, not the element {}", self.name, shown(&child.name))))
            }
        }
    }

    /// The text of an element of the header, whose attributes are its own affair.
    pub(crate) fn value_of_header(&self) -> Result<&str, Problem> {
        match self.children.first() {
            None => Ok(&self.text),
            Some(_) => {
                let message = format!("{} holds a value, not elements", self.name);
                Err(Problem::new(Code::SecurityHeader, message))
            }
        }
    }

    /// Refuses attributes of no namespace: none is known, and SOAP's old way to refer elsewhere is not followed.
    fn check_attributes(&self) -> Result<(), Problem> {
        match self.attributes.iter().find(|a| a.space == Space::None) {
            None => Ok(()),
            Some(a) if &*a.name == "href" => Err(misplaced("References (href) are not followed")
                .hint("Send document/literal: write the values where they belong.")),
            Some(a) => Err(misplaced(format!("{} takes no attribute {}", shown(&self.name), shown(&a.name)))),
        }
    }
}

/// XML Schema's true.
pub(crate) fn truth(text: &str) -> bool {
    matches!(text.trim_ascii(), "true" | "1")
}

/// An element that is not what is wanted at its place.
pub(crate) fn misplaced(message: impl Into<String>) -> Problem {
    Problem::new(Code::SoapElement, message)
}
