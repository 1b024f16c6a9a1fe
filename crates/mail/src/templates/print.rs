//! Pieces → text.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::context::Spot;
use super::letter::Values;
use super::place::Place;
use super::read::{Piece, Test};

/// What stays as it is in a component of an address.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// What stays besides in a path, so that `mailto:` and names of files are legible.
const PATH: &AsciiSet = &COMPONENT.remove(b'@').remove(b'+');

/// Writes pieces with what their places stand for.
pub(super) fn print(pieces: &[Piece], values: &Values<'_>, out: &mut String) {
    for piece in pieces {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Place(place, spot) => put(place, *spot, values, out),
            Piece::If { test, then, otherwise } => {
                print(if holds(test, values) { then } else { otherwise }, values, out);
            }
        }
    }
}

fn holds(test: &Test, values: &Values<'_>) -> bool {
    match test {
        Test::Given(place) => !place.value(values).is_empty(),
        Test::Missing(place) => place.value(values).is_empty(),
        Test::Is(place, texts) => texts.iter().any(|text| *text == place.value(values)),
        Test::IsNot(place, text) => *text != place.value(values),
    }
}

fn put(place: &Place, spot: Spot, values: &Values<'_>, out: &mut String) {
    let value = place.value(values);
    match spot {
        Spot::Plain => out.extend(value.chars().map(|c| if c.is_control() { ' ' } else { c })),
        Spot::Text => escape(&value, out),
        Spot::UrlStart | Spot::UrlPath if place.is_url() => escape(&value, out),
        Spot::UrlStart if leads_out(&value) => escape(&value, out),
        // Anything else at the start could be a scheme that runs something.
        Spot::UrlStart if value.contains(':') => out.push('#'),
        Spot::UrlStart | Spot::UrlPath => out.extend(utf8_percent_encode(&value, PATH)),
        Spot::UrlQuery => out.extend(utf8_percent_encode(&value, COMPONENT)),
    }
}

/// Whether a text is an address of a page.
fn leads_out(text: &str) -> bool {
    let start = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    start.starts_with("https://") || start.starts_with("http://")
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
}
