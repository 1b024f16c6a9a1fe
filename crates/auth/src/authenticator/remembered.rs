//! Passwords that were verified a short while ago: a client that sends one with each request does not pay for its hash each time.
//!
//! What is kept is a keyed hash of name and password together, and only for what was verified, so strangers cannot fill it.

use std::net::IpAddr;
use std::sync::Arc;

use bistro_ir::Caller;
use bistro_problem::{Code, Problem};
use bistro_schema::Schema;

use super::Authenticator;
use crate::claims::{Named, Window};
use crate::digest::hex;
use crate::session::Whose;

/// So long a verified password is remembered, in seconds.
const REMEMBERED_S: i64 = 300;

/// A name and a password as they are remembered.
pub struct PasswordTag(String);

impl Authenticator {
    /// The tag of a name and a password that were shown together.
    pub fn password_tag(&self, name: &str, password: &str) -> PasswordTag {
        PasswordTag(hex(&self.pepper().tag("remembered_password", &[name.as_bytes(), password.as_bytes()])))
    }

    /// Remembers that this was verified as the password of an account at `now_s`, in this turn of it.
    pub fn remember_password(&self, tag: &PasswordTag, account: [u8; 16], turn: i64, now_s: i64) {
        let epoch = self.remembered.epoch();
        let window = Window::of(now_s, REMEMBERED_S);
        let named = Named { caller: Caller::user(account), roles: Box::default(), window, turn: Some(turn) };
        let seat = self.seats.seat(Whose::Password(account));
        // What is known there may be older than what was verified.
        seat.forget();
        self.remembered.put(&tag.0, named, Some(seat), epoch);
    }

    /// Whose name and password these are, as the records say now; `None` unless they were verified a short while ago and are
    /// still good.
    ///
    /// # Errors
    /// If the records cannot be read.
    pub async fn remembered(
        &self,
        schema: &Arc<Schema>,
        tag: &PasswordTag,
        now_s: i64,
        ip: Option<IpAddr>,
    ) -> Result<Option<Caller>, Problem> {
        let Some(entry) = self.remembered.get(&tag.0) else { return Ok(None) };
        if self.still_holds(&entry, now_s).is_err() {
            return Ok(None);
        }
        let caller = match self.seated(schema, &entry, now_s, ip) {
            Ok(asked) => asked.wait().await,
            Err(problem) => Err(problem),
        };
        match caller {
            Ok(caller) => Ok(Some(caller)),
            Err(problem) if problem.code == Code::SessionNotFound => Ok(None),
            Err(problem) => Err(problem),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use crate::session::SessionState;
    use crate::tests::{ADA, BOB, CLAIMS, NOW, Project, project, schema, state, wait};

    /// Who that is as one line.
    fn ask(p: &Project, name: &str, password: &str, now_s: i64) -> String {
        let (schema, tag) = (schema(), p.auth.password_tag(name, password));
        match wait(p.auth.remembered(&schema, &tag, now_s, None)) {
            Ok(Some(caller)) => {
                assert_eq!((caller.id, caller.session, &*caller.claims), (Some(ADA), None, CLAIMS));
                format!("{:?} [{}]", caller.kind, schema.role_names(caller.roles).join(" "))
            }
            Ok(None) => "nobody".to_owned(),
            Err(problem) => format!("{} {}", problem.status, problem.code.wire_text()),
        }
    }

    fn remember(p: &Project, turn: i64) {
        p.auth.remember_password(&p.auth.password_tag("ada", "secret"), ADA, turn, NOW);
    }

    const WRITER: &str = "User [authenticated writer]";

    /// A project in which Ada's password was just verified.
    fn verified() -> Project {
        let p = project("ES256");
        p.records.put(ADA, state(ADA, &["writer"]));
        remember(&p, 0);
        p
    }

    #[test]
    fn only_what_was_verified_is_remembered_and_not_for_long() {
        let p = verified();
        let check = |name: &str, password: &str, now_s: i64, expected: &str| {
            assert_eq!(ask(&p, name, password, now_s), expected, "{name} {password} {}", now_s - NOW);
        };
        check("ada", "secret", NOW, WRITER);
        check("ada", "secret", NOW + 299, WRITER);
        for (name, password) in [("ada", "Secret"), ("bob", "secret"), ("adas", "ecret"), ("", "adasecret")] {
            check(name, password, NOW, "nobody");
        }
        // A clock that was put back makes it no longer.
        check("ada", "secret", NOW - 3_600, "nobody");
        check("ada", "secret", NOW + 301, "nobody");
        check("ada", "secret", NOW, "nobody");
        assert_eq!(p.records.looks.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn what_the_record_says_decides_once_it_is_told() {
        let p = verified();
        assert_eq!(ask(&p, "ada", "secret", NOW), WRITER);
        let cases = [
            (state(ADA, &["editor"]), "User [authenticated writer editor]"),
            (SessionState { turn: 1, ..state(ADA, &["editor"]) }, "nobody"),
            (state(BOB, &["editor"]), "nobody"),
            (state(ADA, &[]), "User [authenticated]"),
        ];
        for (state, expected) in cases {
            p.records.put(ADA, state.clone());
            p.auth.account_changed(ADA);
            assert_eq!(ask(&p, "ada", "secret", NOW), expected, "{state:?}");
        }
        p.records.sessions.lock().unwrap().clear();
        p.auth.account_changed(BOB);
        assert_eq!(ask(&p, "ada", "secret", NOW), "User [authenticated]", "another's");
        p.auth.account_changed(ADA);
        assert_eq!(ask(&p, "ada", "secret", NOW), "nobody", "banned, or gone");
        // Verified again after the ban: what was known of before is not asked.
        p.records.put(ADA, SessionState { turn: 7, ..state(ADA, &["writer"]) });
        remember(&p, 7);
        assert_eq!(ask(&p, "ada", "secret", NOW), WRITER);
    }

    #[test]
    fn other_keys_and_lost_records_let_nobody_in() {
        let p = verified();
        p.records.gone.store(true, Ordering::Relaxed);
        assert_eq!(ask(&p, "ada", "secret", NOW), "500 BIS-900");
        p.records.gone.store(false, Ordering::Relaxed);
        assert_eq!(ask(&p, "ada", "secret", NOW), WRITER);
        p.reload();
        assert_eq!(ask(&p, "ada", "secret", NOW), "nobody");
    }
}
