//! Ids that are unique over all types: `Post:<key>`, the values of a composite key joined by commas, in base64url.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The id of a row of this type with these values of its key, as plain text.
pub(crate) fn write<'p>(type_name: &str, key: impl IntoIterator<Item = &'p str>) -> String {
    let mut text = format!("{type_name}:");
    for (n, part) in key.into_iter().enumerate() {
        if n > 0 {
            text.push(',');
        }
        // The comma divides, so that within a value it is escaped, and the escape too.
        text.push_str(&part.replace('%', "%25").replace(',', "%2C"));
    }
    URL_SAFE_NO_PAD.encode(text)
}

/// The type's name and the values of the key that an id holds.
pub(crate) fn split(id: &str) -> Option<(String, Vec<String>)> {
    let bytes = URL_SAFE_NO_PAD.decode(id.trim_end_matches('=')).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (name, key) = text.split_once(':')?;
    let parts = key.split(',').map(|part| part.replace("%2C", ",").replace("%25", "%"));
    Some((name.to_owned(), parts.collect()))
}

/// The values of the key, if it is an id of this type.
pub(crate) fn read(id: &str, type_name: &str) -> Option<Vec<String>> {
    split(id).filter(|(name, _)| name == type_name).map(|(_, parts)| parts)
}
