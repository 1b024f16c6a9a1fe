//! Ids that are unique over all types: `Post:<key>`, the values of a composite key joined by commas, in base64url.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::cursor::encode;

/// Appends the id of a row of this type with these values of its key, as plain text. `text` is room to work in.
pub(crate) fn append<'p>(
    type_name: &str,
    key: impl IntoIterator<Item = &'p [u8]>,
    text: &mut Vec<u8>,
    out: &mut Vec<u8>,
) {
    text.clear();
    text.extend_from_slice(type_name.as_bytes());
    for (n, part) in key.into_iter().enumerate() {
        text.push(if n == 0 { b':' } else { b',' });
        for byte in part {
            // The comma divides, so that within a value it is escaped, and the escape too.
            match byte {
                b'%' => text.extend_from_slice(b"%25"),
                b',' => text.extend_from_slice(b"%2C"),
                byte => text.push(*byte),
            }
        }
    }
    encode(text, out);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_they_were_written() {
        let cases: [(&[&str], &str); 5] = [
            (&["1"], "Post:1"),
            (&["a,b", "c%d"], "Post:a%2Cb,c%25d"),
            (&["%2C", ""], "Post:%252C,"),
            (&["Ü:"], "Post:Ü:"),
            (&[""], "Post:"),
        ];
        for (key, text) in cases {
            let mut id = Vec::new();
            append("Post", key.iter().map(|part| part.as_bytes()), &mut Vec::new(), &mut id);
            let id = String::from_utf8(id).expect("base64 is ASCII");
            assert_eq!(id, URL_SAFE_NO_PAD.encode(text));
            assert_eq!(read(&id, "Post"), Some(key.iter().map(|part| (*part).to_owned()).collect()));
            assert_eq!(read(&id, "Tag"), None);
        }
    }
}
