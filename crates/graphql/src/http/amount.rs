//! How many values a body may hold: each takes far more memory read than written.
//!
//! A query string and a message of a socket are too short to hold more.

use bistro_problem::{Code, Problem};

/// Values of a body: a thousand rows of nearly a hundred fields.
const VALUES_MAX: usize = 100_000;

/// Refuses a body with more values than are read.
pub(super) fn check(body: &[u8]) -> Result<(), Problem> {
    // No value takes less than two bytes with what divides it from the next.
    if body.len() / 2 <= VALUES_MAX || values(body) <= VALUES_MAX {
        return Ok(());
    }
    let message = format!("The body holds more than {VALUES_MAX} values");
    Err(Problem::new(Code::TooComplex, message).hint("Send less at once."))
}

/// About how many values a JSON text holds: one for each bracket that opens and each comma outside of strings.
fn values(body: &[u8]) -> usize {
    let (mut count, mut bytes) = (1, body.iter());
    while let Some(byte) = bytes.next() {
        match byte {
            b',' | b'[' | b'{' => count += 1,
            b'"' => {
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'\\' => _ = bytes.next(),
                        b'"' => break,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_outside_of_strings() {
        for (text, expected) in [
            ("", 1),
            ("1", 1),
            ("[]", 2),
            (r#"{"a":[1,2,{}],"b":"x,[{\",,"}"#, 7),
            (r#""never ends, "#, 1),
            (r#""ends in a backslash\"#, 1),
        ] {
            assert_eq!(values(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn regress_a_body_of_small_things_is_refused_before_it_is_read() {
        let body = |n: usize, element: &str| format!("[{}]", vec![element; n].join(","));
        assert!(check(body(VALUES_MAX - 1, "1").as_bytes()).is_ok());
        assert!(check(body(VALUES_MAX + 1, "1").as_bytes()).is_err());
        assert!(check(body(VALUES_MAX, "{}").as_bytes()).is_err());
        assert!(check(body(1, &format!("\"{}\"", ",".repeat(1 << 20))).as_bytes()).is_ok());
    }
}
