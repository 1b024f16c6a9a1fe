//! WS-Security: the UsernameToken of an envelope. Other tokens, signatures and encryption are refused by name.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bistro_problem::{Code, Problem};
use bistro_schema::datetime::{SECOND, parse_datetime};

use crate::envelope::{Element, Space, shown};

/// How old a token may be, and how far ahead its clock, in microseconds.
const WINDOW: i64 = 300 * SECOND;
/// The most bytes of a nonce.
const NONCE_MAX: usize = 1 << 10;
/// The most bytes of a name or password.
const TEXT_MAX: usize = 1 << 10;

const PASSWORD_TEXT: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText";
const BASE64: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";

/// A name and a password, and what makes the message single.
#[derive(Clone)]
pub struct UserName {
    /// An e-mail address, or `apikey`.
    pub name: String,
    /// The password, or the key.
    pub password: String,
    /// What no other message has.
    pub nonce: Option<Vec<u8>>,
    /// When the token was made, in microseconds since the epoch.
    pub created: Option<i64>,
}

impl std::fmt::Debug for UserName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserName").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The UsernameToken of a Security header, judged by the time `now` (microseconds since the epoch).
pub(crate) fn user_name(security: &Element<'_>, now: i64) -> Result<Option<UserName>, Problem> {
    let mut token = None;
    let mut stamped = false;
    for block in &security.children {
        match (&block.space, &*block.name) {
            (Space::Wsu, "Timestamp") if !stamped => {
                check_timestamp(block, now)?;
                stamped = true;
            }
            (Space::Wsu, "Timestamp") => return Err(invalid("There are two Timestamps")),
            (Space::Wsse, "UsernameToken") => {
                if token.replace(read_token(block, now)?).is_some() {
                    return Err(invalid("There are two UsernameTokens"));
                }
            }
            (_, other) => {
                let message = format!("{} is not supported in a Security header", shown(other));
                return Err(Problem::new(Code::SecurityToken, message).hint(Code::SecurityToken.mend()));
            }
        }
    }
    Ok(token)
}

fn read_token(token: &Element<'_>, now: i64) -> Result<UserName, Problem> {
    let (mut name, mut password, mut nonce, mut created) = (None, None, None, None);
    for part in &token.children {
        let text = part.value_of_header()?;
        let twice = match (&part.space, &*part.name) {
            (Space::Wsse, "Username") => name.replace(text.trim_ascii().to_owned()).is_some(),
            (Space::Wsse, "Password") => {
                check_type(part)?;
                password.replace(text.to_owned()).is_some()
            }
            (Space::Wsse, "Nonce") => nonce.replace(read_nonce(part, text)?).is_some(),
            (Space::Wsu, "Created") => created.replace(time(part, text)?).is_some(),
            (_, other) => {
                let message = format!("{} is not supported in a UsernameToken", shown(other));
                return Err(Problem::new(Code::SecurityToken, message).hint(Code::SecurityToken.mend()));
            }
        };
        if twice {
            return Err(invalid(format!("{} is there twice", part.name)));
        }
    }
    match created.map_or(0, |created| created - now) {
        ahead if ahead > WINDOW => {
            return Err(expired("The UsernameToken was made more than five minutes ahead of this clock"));
        }
        ahead if ahead < -WINDOW => {
            return Err(expired("The UsernameToken was made more than five minutes ago"));
        }
        _ => {}
    }
    let name = name.filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| invalid("The UsernameToken has no Username"))?;
    let password = password.ok_or_else(|| invalid("The UsernameToken has no Password"))?;
    if name.len() > TEXT_MAX || password.len() > TEXT_MAX {
        return Err(invalid(format!("A Username or Password has more than {TEXT_MAX} bytes")));
    }
    Ok(UserName { name, password, nonce, created })
}

fn check_type(password: &Element<'_>) -> Result<(), Problem> {
    match password.attribute(&Space::None, "Type") {
        None | Some(PASSWORD_TEXT) => Ok(()),
        Some(other) if other.ends_with("#PasswordDigest") => {
            let message = "PasswordDigest is not supported: passwords are stored as hashes, which no digest can be compared with";
            Err(Problem::new(Code::SecurityToken, message).hint("Send PasswordText over TLS."))
        }
        Some(other) => {
            let message = format!("A Password of the type {} is not supported", shown(other));
            Err(Problem::new(Code::SecurityToken, message).hint("Send PasswordText over TLS."))
        }
    }
}

fn read_nonce(nonce: &Element<'_>, text: &str) -> Result<Vec<u8>, Problem> {
    match nonce.attribute(&Space::None, "EncodingType") {
        None | Some(BASE64) => {}
        Some(other) => return Err(invalid(format!("The encoding {} of Nonce is not known", shown(other)))),
    }
    let bytes = STANDARD.decode(text.trim_ascii()).map_err(|_| invalid("The Nonce is not base64"))?;
    if bytes.is_empty() || bytes.len() > NONCE_MAX {
        return Err(invalid(format!("A Nonce has 1 to {NONCE_MAX} bytes")));
    }
    Ok(bytes)
}

/// Refuses a message that is over, or was made in the future.
fn check_timestamp(timestamp: &Element<'_>, now: i64) -> Result<(), Problem> {
    for (n, part) in timestamp.children.iter().enumerate() {
        if timestamp.children[..n].iter().any(|other| other.name == part.name) {
            return Err(invalid(format!("A Timestamp has one {}", shown(&part.name))));
        }
        let at = time(part, part.value_of_header()?)?;
        match (&part.space, &*part.name) {
            (Space::Wsu, "Created") if at - now > WINDOW => {
                return Err(expired("The Timestamp was made more than five minutes ahead of this clock"));
            }
            (Space::Wsu, "Expires") if at <= now => {
                return Err(expired("The Timestamp of the message is over"));
            }
            (Space::Wsu, "Created" | "Expires") => {}
            (_, other) => return Err(invalid(format!("A Timestamp has no {}", shown(other)))),
        }
    }
    Ok(())
}

fn time(part: &Element<'_>, text: &str) -> Result<i64, Problem> {
    let time = parse_datetime(text.trim_ascii());
    time.map_err(|_| invalid(format!("{} is no time: {}", shown(&part.name), shown(text))))
}

fn invalid(message: impl Into<String>) -> Problem {
    Problem::new(Code::SecurityHeader, message).hint(Code::SecurityHeader.mend())
}

fn expired(message: &str) -> Problem {
    Problem::new(Code::SecurityExpired, message).hint(Code::SecurityExpired.mend())
}
