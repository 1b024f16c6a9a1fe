//! Codes of authenticators (RFC 6238), as every application for them reads: SHA-1, six digits, thirty seconds.

use aws_lc_rs::rand;
use bistro_problem::Problem;
use qrcode::QrCode;
use qrcode::render::svg;
use totp_rs::{Algorithm, Builder, Totp};

/// The bytes of a secret: as many as the hash has.
const SECRET: usize = 20;
/// How many steps a clock may be off, either way.
const SKEW: u16 = 1;

/// A new secret.
pub(super) fn secret() -> Result<Vec<u8>, Problem> {
    let mut secret = vec![0; SECRET];
    rand::fill(&mut secret).map_err(|_| Problem::bug("the system has no random bytes"))?;
    Ok(secret)
}

/// What an authenticator is set up with.
pub(super) struct SetUp {
    /// The secret in base32, for typing.
    pub(super) secret: String,
    /// The address that applications read.
    pub(super) uri: String,
    /// The address as a picture: SVG text.
    pub(super) picture: String,
}

/// Sets an authenticator up for an account at an issuer.
pub(super) fn set_up(secret: &[u8], issuer: &str, account: &str) -> Result<SetUp, Problem> {
    // A colon parts issuer and account.
    let plain = |text: &str| text.replace(':', " ");
    let totp = totp(secret, Some((&plain(issuer), &plain(account))))?;
    let uri =
        totp.to_url().map_err(|error| Problem::bug(format!("no address for an authenticator: {error}")))?;
    let code = QrCode::new(uri.as_bytes()).map_err(|error| Problem::bug(format!("no picture: {error}")))?;
    let picture = code.render::<svg::Color<'_>>().min_dimensions(200, 200).build();
    // Clients put the picture after a prefix of their own, which wants the element alone.
    let picture = picture.find("<svg").map_or(picture.as_str(), |at| &picture[at..]).to_owned();
    Ok(SetUp { secret: totp.secret().to_base32(), uri, picture })
}

/// The step of time whose code this is, at `now_s` or a step beside it; `None` for a wrong code.
pub(super) fn step(secret: &[u8], code: &str, now_s: i64) -> Result<Option<i64>, Problem> {
    let code = code.trim();
    if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(None);
    }
    let time = u64::try_from(now_s).unwrap_or(0);
    let found = totp(secret, None)?.check(code, time);
    Ok(found.and_then(|step| i64::try_from(step).ok()))
}

fn totp(secret: &[u8], names: Option<(&str, &str)>) -> Result<Totp, Problem> {
    let mut builder = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(SKEW)
        .with_step_duration(30)
        .with_secret(secret.to_vec());
    if let Some((issuer, account)) = names {
        builder = builder.with_issuer(Some(issuer)).with_account_name(account);
    }
    builder.build().map_err(|error| Problem::bug(format!("an authenticator cannot be set up: {error}")))
}

#[cfg(test)]
mod tests {
    use super::{set_up, step};

    #[test]
    fn codes_belong_to_their_step() {
        // RFC 6238, appendix B: the last six of the eight digits.
        let secret = b"12345678901234567890";
        let check = |code: &str, now_s: i64, expected: Option<i64>| {
            assert_eq!(step(secret, code, now_s).unwrap(), expected, "{code} {now_s}");
        };
        check("287082", 59, Some(1));
        check("287082", 89, Some(1));
        check("287082", 29, Some(1));
        check("287082", 120, None);
        check("081804", 1_111_111_109, Some(37_037_036));
        check(" 081804 ", 1_111_111_109, Some(37_037_036));
        for wrong in ["", "28708", "2870820", "28708x", "２８７０８２"] {
            check(wrong, 59, None);
        }
    }

    #[test]
    fn an_authenticator_reads_what_it_is_shown() {
        let shown = set_up(b"12345678901234567890", "My: Blog", "ada@example.org").unwrap();
        assert_eq!(shown.secret, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert!(
            shown.uri.starts_with("otpauth://totp/") && shown.uri.contains(&shown.secret),
            "{}",
            shown.uri
        );
        assert!(shown.picture.starts_with("<svg") && shown.picture.trim_end().ends_with("</svg>"));
    }
}
