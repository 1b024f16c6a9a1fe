//! The order and equality of JSON values, as PostgreSQL's `jsonb` has them: null, texts, numbers, truth values, arrays by
//! length and then by element, objects by size and then by member. Numbers compare by value, members in any order. An empty
//! array that is the whole document is less than everything, as `jsonb` has it too.

use super::json::{elements, parts, unescape};

/// Bytes that compare as two JSON values do; of compact text (as [`super::json::compact`] returns it).
pub fn sort_key(json: &str) -> Vec<u8> {
    if json == "[]" {
        return Vec::new();
    }
    let mut out = Vec::with_capacity(json.len() + 8);
    push(json, &mut out);
    out
}

/// Bytes that compare as two arrays of one scalar type do: element by element, a beginning before its longer array.
pub fn array_sort_key(array: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(array.len() + 8);
    for element in elements(array) {
        out.push(1);
        push(element, &mut out);
    }
    out.push(0);
    out
}

/// Appends the key of one value; no key is the beginning of another.
fn push(json: &str, out: &mut Vec<u8>) {
    match json.as_bytes().first() {
        Some(b'"') => {
            out.push(1);
            push_text(unescape(json).as_bytes(), out);
        }
        Some(b'f') => out.extend([3, 0]),
        Some(b't') => out.extend([3, 1]),
        Some(b'[') => {
            let items = elements(json);
            out.push(4);
            out.extend((items.len() as u64).to_be_bytes());
            items.iter().for_each(|item| push(item, out));
        }
        Some(b'{') => {
            let members = members(json);
            out.push(5);
            out.extend((members.len() as u64).to_be_bytes());
            for (name, value) in members {
                // Shorter names come first, whatever their letters.
                out.extend((name.len() as u64).to_be_bytes());
                out.extend(name.as_bytes());
                push(value, out);
            }
        }
        Some(b'n') | None => out.push(0),
        Some(_) => {
            out.push(2);
            push_number(json, out);
        }
    }
}

/// Text that ends where nothing within it does.
fn push_text(text: &[u8], out: &mut Vec<u8>) {
    for byte in text {
        out.push(*byte);
        if *byte == 0 {
            out.push(0xff);
        }
    }
    out.extend([0, 0]);
}

/// The members of a compact object, sorted by length and bytes of their names; of equal names the last holds.
fn members(object: &str) -> Vec<(String, &str)> {
    let inner = object.strip_prefix('{').and_then(|t| t.strip_suffix('}')).unwrap_or_default();
    let mut found: Vec<(String, &str)> = Vec::new();
    for member in parts(inner) {
        let (name, value) = member.split_at(name_end(member));
        found.push((unescape(name), value.strip_prefix(':').unwrap_or(value)));
    }
    // A later member of the same name comes first, and stays.
    found.reverse();
    found.sort_by(|(a, _), (b, _)| (a.len(), a).cmp(&(b.len(), b)));
    found.dedup_by(|(later, _), (kept, _)| later == kept);
    found
}

/// Where the string that a member begins with ends.
fn name_end(member: &str) -> usize {
    let mut bytes = member.bytes().enumerate().skip(1);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => _ = bytes.next(),
            b'"' => return at + 1,
            _ => {}
        }
    }
    member.len()
}

/// A number by its sign, its magnitude, and its digits.
fn push_number(number: &str, out: &mut Vec<u8>) {
    let (negative, unsigned) = number.strip_prefix('-').map_or((false, number), |n| (true, n));
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() {
        return out.push(1);
    }
    let magnitude = exponent_of(exponent)
        .saturating_add(whole.len() as i64)
        .saturating_sub((digits.len() - significant.len()) as i64);
    let start = out.len() + 1;
    out.push(2);
    // Shifted, so that magnitudes below one stay in order.
    out.extend((magnitude as u64 ^ 1 << 63).to_be_bytes());
    out.extend(significant.trim_end_matches('0').as_bytes());
    out.push(0);
    if negative {
        out[start - 1] = 0;
        out[start..].iter_mut().for_each(|byte| *byte = !*byte);
    }
}

/// An exponent; beyond all bounds it is the bound.
fn exponent_of(text: &str) -> i64 {
    let bound = if text.starts_with('-') { i64::MIN / 2 } else { i64::MAX / 2 };
    text.parse::<i64>().map_or(bound, |e| e.clamp(i64::MIN / 2, i64::MAX / 2))
}

#[cfg(test)]
mod tests {
    use super::{array_sort_key, sort_key};

    /// Each line is less than the next; the values of one line are equal.
    const ASCENDING: &[&[&str]] = &[
        &["[]"],
        &["null"],
        &[r#""""#],
        &[r#""A""#, r#""\u0041""#],
        &[r#""AB""#],
        &[r#""a""#],
        &["-1e400"],
        &["-10", "-1e1", "-10.0"],
        &["-9.5"],
        &["-0.1", "-1e-1"],
        &["0", "-0", "0.00", "0e9"],
        &["0.001", "1e-3", "1E-3"],
        &["0.01"],
        &["1", "1.0", "10e-1", "0.1e+1"],
        &["9"],
        &["10"],
        &["9007199254740993"],
        &["9007199254740993.5"],
        &["1e99999999999999999999"],
        &["false"],
        &["true"],
        &["[2]"],
        &["[1,1]", "[1.0,1]"],
        &["[1,2]"],
        &["{}"],
        &[r#"{"b":1}"#, r#"{"b":2,"b":1.0}"#],
        &[r#"{"b":2}"#],
        &[r#"{"aa":0}"#],
        &[r#"{"a":1,"b":2}"#, r#"{"b":2,"a":1}"#],
        &[r#"{"a":1,"b":{"x\"}":3}}"#],
    ];

    #[test]
    fn values_sort_as_jsonb_does() {
        for (line, values) in ASCENDING.iter().enumerate() {
            for value in *values {
                assert_eq!(sort_key(value), sort_key(values[0]), "{value}");
                for less in ASCENDING[..line].iter().copied().flatten() {
                    assert!(sort_key(less) < sort_key(value), "{less} < {value}");
                }
            }
        }
    }

    #[test]
    fn arrays_of_one_type_sort_by_their_elements() {
        let ascending = ["[]", "[1]", "[1,1]", "[1,2]", "[2]", "[10]"];
        assert!(ascending.windows(2).all(|w| array_sort_key(w[0]) < array_sort_key(w[1])));
        let texts = ["[]", r#"["a"]"#, r#"["a","b"]"#, r#"["a!"]"#, r#"["b"]"#];
        assert!(texts.windows(2).all(|w| array_sort_key(w[0]) < array_sort_key(w[1])));
    }
}
