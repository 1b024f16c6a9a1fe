//! HTTP Basic (RFC 7617), for surfaces whose clients can often send nothing else: the user is `apikey`, the password a key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bistro_problem::Problem;

use crate::authenticator::bad_key;

/// The name that says that what comes with it is a key.
pub const USER: &str = "apikey";

/// The key in an `Authorization` header; `None` where its scheme is not Basic. Whether it is one of ours is not judged.
///
/// # Errors
/// `BIS-302` for the password of anybody but `apikey`, and for what cannot be read.
pub fn key(authorization: &str) -> Option<Result<String, Problem>> {
    let header = authorization.trim();
    let (scheme, rest) = header.split_once(' ').unwrap_or((header, ""));
    scheme.eq_ignore_ascii_case("basic").then(|| password(rest.trim()).ok_or_else(unreadable))
}

/// The password that goes with the name of keys.
fn password(encoded: &str) -> Option<String> {
    let plain = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (user, password) = plain.split_once(':')?;
    (user == USER).then(|| password.to_owned())
}

fn unreadable() -> Problem {
    bad_key()
        .hint("Basic authentication takes the user name apikey, and a key of this project as the password.")
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::key;

    #[test]
    fn the_password_of_apikey_is_a_key() {
        let check = |header: &str, expected: Option<Result<&str, &str>>| {
            let told = key(header).map(|key| key.map_err(|problem| problem.code.wire_text().to_owned()));
            let expected = expected.map(|key| key.map(str::to_owned).map_err(str::to_owned));
            assert_eq!(told, expected, "{header}");
        };
        let basic = |plain: &str| format!("Basic {}", STANDARD.encode(plain));
        check(&basic("apikey:sb_secret_x"), Some(Ok("sb_secret_x")));
        check(&basic("apikey:a:b"), Some(Ok("a:b")));
        check(&basic("apikey:").replace("Basic", " bAsIc "), Some(Ok("")));
        check("Bearer sb_secret_x", None);
        check("sb_secret_x", None);
        check("", None);
        let wrong = Some(Err("BIS-302"));
        for plain in ["apikey", "ada@example.org:sb_secret_x", "APIKEY:sb_secret_x", " apikey:x", ":x", ""] {
            check(&basic(plain), wrong);
        }
        check("Basic", wrong);
        check("Basic apikey:sb_secret_x", wrong);
        check("Basic YXBpa2V5Og", wrong);
        check(&format!("Basic {}", STANDARD.encode(b"apikey:\xff")), wrong);
    }
}
