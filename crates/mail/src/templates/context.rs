//! Where in the HTML a place stands: that decides how what it stands for is written.

/// Attributes whose value is an address.
const ADDRESSES: [&str; 6] = ["href", "src", "action", "formaction", "background", "cite"];

/// Where a place stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    /// No HTML at all: a subject, a text.
    Plain,
    /// Between tags, or in an attribute that is no address.
    Text,
    /// An address begins with it.
    UrlStart,
    /// In an address, before its query.
    UrlPath,
    /// In the query or the fragment of an address.
    UrlQuery,
}

/// How far the HTML has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Context {
    /// Nothing is HTML.
    Plain,
    Text,
    Comment,
    /// In a tag: the name that was read last, and whether an equals sign followed.
    Tag {
        name: String,
        ended: bool,
        equals: bool,
    },
    /// In an attribute without quotes.
    Bare,
    /// In an attribute: its quote, and where in an address.
    Value {
        quote: char,
        url: Option<Spot>,
    },
}

impl Context {
    /// Reads on.
    pub(super) fn feed(&mut self, text: &str) {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let opens = matches!(self, Context::Text) && rest.starts_with("<!--");
            let closes = matches!(self, Context::Comment) && rest.starts_with("-->");
            let length = match (opens, closes) {
                (true, _) => 4,
                (_, true) => 3,
                _ => c.len_utf8(),
            };
            if opens {
                *self = Context::Comment;
            } else if closes {
                *self = Context::Text;
            } else {
                self.step(c, rest);
            }
            rest = &rest[length..];
        }
    }

    fn step(&mut self, c: char, rest: &str) {
        match self {
            Context::Plain | Context::Comment => {}
            Context::Text => {
                let named = |next: char| next.is_ascii_alphabetic() || matches!(next, '/' | '!');
                if rest.strip_prefix('<').is_some_and(|rest| rest.starts_with(named)) {
                    *self = Context::tag();
                }
            }
            Context::Tag { .. } => self.step_in_tag(c),
            Context::Bare if c == '>' => *self = Context::Text,
            Context::Bare if c.is_whitespace() => *self = Context::tag(),
            Context::Bare => {}
            Context::Value { quote, .. } if c == *quote => *self = Context::tag(),
            Context::Value { url: Some(spot), .. } => *spot = after(*spot, c),
            Context::Value { .. } => {}
        }
    }

    fn step_in_tag(&mut self, c: char) {
        let Context::Tag { name, ended, equals } = self else { return };
        match c {
            '>' => *self = Context::Text,
            '"' | '\'' if *equals => {
                let url = ADDRESSES.contains(&name.to_ascii_lowercase().as_str()).then_some(Spot::UrlStart);
                *self = Context::Value { quote: c, url };
            }
            '=' => *equals = true,
            c if c.is_whitespace() || c == '/' => *ended = true,
            _ if *equals => *self = Context::Bare,
            c => {
                if std::mem::take(ended) {
                    name.clear();
                }
                name.push(c);
            }
        }
    }

    fn tag() -> Self {
        Context::Tag { name: String::new(), ended: false, equals: false }
    }

    /// A place stands here; what follows it follows something.
    ///
    /// # Errors
    /// Why none may stand here.
    pub(super) fn place(&mut self) -> Result<Spot, String> {
        match self {
            Context::Plain => Ok(Spot::Plain),
            Context::Text | Context::Comment | Context::Value { url: None, .. } => Ok(Spot::Text),
            Context::Value { url: Some(spot), .. } => {
                let here = *spot;
                *spot = after(here, 'x');
                Ok(here)
            }
            Context::Tag { .. } | Context::Bare => {
                Err("a place inside of a tag stands in an attribute, between quotes".to_owned())
            }
        }
    }

    /// What holds after one of two branches.
    ///
    /// # Errors
    /// If they end in different parts of the HTML.
    pub(super) fn either(self, other: Self) -> Result<Self, String> {
        match (self, other) {
            (one, other) if one == other => Ok(one),
            (Context::Value { quote: one, url: Some(a) }, Context::Value { quote: other, url: Some(b) })
                if one == other =>
            {
                let query = a == Spot::UrlQuery || b == Spot::UrlQuery;
                Ok(Context::Value {
                    quote: one,
                    url: Some(if query { Spot::UrlQuery } else { Spot::UrlPath }),
                })
            }
            _ => Err("the branches of an if end in different parts of the HTML".to_owned()),
        }
    }
}

/// Where one is in an address after another character. What comes after a place may already be in its query.
fn after(spot: Spot, c: char) -> Spot {
    match c {
        '?' | '#' | '&' | '=' => Spot::UrlQuery,
        _ if spot == Spot::UrlQuery => Spot::UrlQuery,
        c if spot == Spot::UrlStart && c.is_whitespace() => Spot::UrlStart,
        _ => Spot::UrlPath,
    }
}

#[cfg(test)]
mod tests {
    use super::{Context, Spot};

    #[test]
    fn places_know_where_they_stand() {
        let check = |html: &str, expected: Result<Spot, ()>| {
            let mut context = Context::Text;
            context.feed(html);
            assert_eq!(context.place().map_err(drop), expected, "{html:?}");
        };
        check("", Ok(Spot::Text));
        check("<p>ä", Ok(Spot::Text));
        check("a < b", Ok(Spot::Text));
        check("<!-- <a href=\"", Ok(Spot::Text));
        check("<!-- -->x", Ok(Spot::Text));
        check("<p class=\"", Ok(Spot::Text));
        check("<p class=\"x\">", Ok(Spot::Text));
        check("<a href=\"", Ok(Spot::UrlStart));
        check("<a class=\"x\" HREF = '", Ok(Spot::UrlStart));
        check("<img alt=\"x\"src=\"", Ok(Spot::UrlStart));
        check("<a href=\"https://x/", Ok(Spot::UrlPath));
        check("<a href=\"https://x/?a=", Ok(Spot::UrlQuery));
        check("<a href=\"https://x/#", Ok(Spot::UrlQuery));
        check("<a href=\"x\" data-x=\"", Ok(Spot::Text));
        check("<a href=", Err(()));
        check("<a href=x", Err(()));
        check("<a ", Err(()));
        check("<", Ok(Spot::Text));
    }
}
