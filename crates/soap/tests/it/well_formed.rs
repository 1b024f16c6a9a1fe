//! Whether a text is a well-formed document that XML 1.0 can carry.

use quick_xml::Reader;
use quick_xml::events::Event;

/// Panics with the text where it is not.
pub(crate) fn check(text: &str) {
    let mut reader = Reader::from_str(text);
    let (mut depth, mut roots) = (0_usize, 0);
    loop {
        let event = reader.read_event().unwrap_or_else(|error| panic!("{error}: {text}"));
        match event {
            Event::Start(_) => {
                roots += usize::from(depth == 0);
                depth += 1;
            }
            Event::Empty(_) => roots += usize::from(depth == 0),
            Event::End(_) => depth -= 1,
            Event::Text(inner) => assert!(depth > 0 || inner.trim().is_empty(), "{text}"),
            Event::GeneralRef(name) => {
                assert!(matches!(&*name, "amp" | "lt" | "gt" | "quot" | "#13"), "{text}")
            }
            Event::Eof => break,
            Event::Decl(_) => {}
            other => panic!("{other:?}: {text}"),
        }
    }
    assert_eq!((depth, roots), (0, 1), "{text}");
    let carried = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..);
    assert!(text.chars().all(carried), "{text:?}");
}
