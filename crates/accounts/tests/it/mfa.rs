//! Second factors: set up, proved, asked for, lost.

use bistro_accounts::Settings;
use serde_json::{Value, json};
use totp_rs::{Algorithm, Builder, Secret, Totp};

use crate::seat::{PASSWORD, Reply, Seat, settings};

fn seat() -> Seat {
    Seat::new(Settings { confirm_email: false, anonymous: true, ..settings() })
}

/// An authenticator that somebody set up.
pub(crate) struct Device {
    id: String,
    totp: Totp,
}

impl Device {
    pub(crate) fn enrolled(seat: &Seat, token: &str, name: &str) -> Self {
        let reply =
            seat.ask("POST /factors", json!({"factor_type": "totp", "friendly_name": name}), Some(token));
        assert_eq!(reply.status, 200, "{}", reply.text);
        assert!(reply.at("/totp/qr_code").starts_with("<svg"), "{}", reply.text);
        assert!(reply.at("/totp/uri").starts_with("otpauth://totp/"), "{}", reply.text);
        let secret = Secret::try_from_base32(reply.at("/totp/secret")).unwrap();
        let totp = Builder::new().with_algorithm(Algorithm::SHA1).with_secret(secret).build().unwrap();
        Self { id: reply.at("/id").to_owned(), totp }
    }

    fn code(&self, seat: &Seat) -> String {
        self.totp.generate((seat.now() / 1_000_000) as u64).to_string()
    }

    fn challenge(&self, seat: &Seat, token: &str) -> String {
        let reply = seat.ask(&format!("POST /factors/{}/challenge", self.id), json!({}), Some(token));
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.at("/id").to_owned()
    }

    fn verify(&self, seat: &Seat, token: &str, challenge: &str, code: &str) -> Reply {
        let body = json!({"challenge_id": challenge, "code": code});
        seat.ask(&format!("POST /factors/{}/verify", self.id), body, Some(token))
    }

    /// What whoever tries it is told.
    pub(crate) fn tried(&self, seat: &Seat, token: &str) -> String {
        let asked = seat.ask(&format!("POST /factors/{}/challenge", self.id), json!({}), Some(token));
        match asked.status {
            200 => self.verify(seat, token, asked.at("/id"), &self.code(seat)).told(),
            _ => asked.told(),
        }
    }

    /// Challenge and verify in one go.
    pub(crate) fn proves(&self, seat: &Seat, token: &str) -> Reply {
        let challenge = self.challenge(seat, token);
        self.verify(seat, token, &challenge, &self.code(seat))
    }
}

/// Another session of Ada's, by her password.
pub(crate) fn sign_in(seat: &Seat) -> String {
    let body = json!({"email": "ada@example.org", "password": PASSWORD});
    seat.ask("POST /token?grant_type=password", body, None).at("/access_token").to_owned()
}

/// The claim of a token.
fn claim(token: &str, name: &str) -> Value {
    use base64::Engine as _;
    let part = token.split('.').nth(1).unwrap();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap();
    serde_json::from_slice::<Value>(&bytes).unwrap()[name].clone()
}

#[test]
fn a_code_raises_the_session_and_ends_the_lower_ones() {
    let seat = seat();
    let first = seat.sign_up("ada@example.org").at("/access_token").to_owned();
    let lower = sign_in(&seat);
    let device = Device::enrolled(&seat, &first, "phone");
    let raised = device.proves(&seat, &first);
    assert_eq!(raised.status, 200, "{}", raised.text);
    let token = raised.at("/access_token").to_owned();
    assert_eq!(claim(&token, "aal"), json!("aal2"));
    let methods: Vec<Value> =
        claim(&token, "amr").as_array().unwrap().iter().map(|m| m["method"].clone()).collect();
    assert_eq!(methods, [json!("totp"), json!("password")]);
    assert!(seat.caller(&token).is_ok() && seat.caller(&lower).is_err());
    let user = seat.ask("GET /user", Value::Null, Some(&token));
    assert_eq!(user.at("/factors/0/status"), "verified");
    assert!(!user.text.contains("secret"), "{}", user.text);
    let refreshed = seat.ask(
        "POST /token?grant_type=refresh_token",
        json!({"refresh_token": raised.at("/refresh_token")}),
        None,
    );
    assert_eq!(claim(refreshed.at("/access_token"), "aal"), json!("aal2"));
}

#[test]
fn a_code_is_taken_once_and_a_question_answered_once() {
    let seat = seat();
    let token = seat.sign_up("ada@example.org").at("/access_token").to_owned();
    let device = Device::enrolled(&seat, &token, "phone");
    let challenge = device.challenge(&seat, &token);
    assert_eq!(device.verify(&seat, &token, &challenge, "000000").told(), "422 mfa_verification_failed");
    let code = device.code(&seat);
    assert_eq!(device.verify(&seat, &token, &challenge, &code).status, 200);
    let again = sign_in(&seat);
    assert_eq!(device.proves(&seat, &again).told(), "422 mfa_verification_failed", "the same code");
    seat.pass(30);
    assert_eq!(
        device.verify(&seat, &again, &challenge, &device.code(&seat)).told(),
        "422 mfa_ip_address_mismatch"
    );
    let other = device.challenge(&seat, &again);
    seat.pass(301);
    assert_eq!(device.verify(&seat, &again, &other, &device.code(&seat)).told(), "422 mfa_challenge_expired");
    assert_eq!(
        device.verify(&seat, &again, "nonsense", &device.code(&seat)).told(),
        "422 mfa_challenge_expired"
    );
    let third = device.challenge(&seat, &again);
    let elsewhere = {
        let bearer = format!("Bearer {again}");
        let body = json!({"challenge_id": third, "code": device.code(&seat)});
        seat.from(
            "198.51.100.7",
            &format!("POST /factors/{}/verify", device.id),
            &[("authorization", &bearer)],
            body,
        )
    };
    assert_eq!(elsewhere.told(), "422 mfa_ip_address_mismatch");
    assert_eq!(device.proves(&seat, &again).status, 200);
    // A code of the step before the one that was taken is over too.
    let late = sign_in(&seat);
    let before = device.totp.generate((seat.now() / 1_000_000) as u64 - 30).to_string();
    let challenge = device.challenge(&seat, &late);
    assert_eq!(device.verify(&seat, &late, &challenge, &before).told(), "422 mfa_verification_failed");
}

#[test]
fn who_has_a_factor_needs_it_for_what_matters() {
    let seat = seat();
    let token = seat.sign_up("ada@example.org").at("/access_token").to_owned();
    let device = Device::enrolled(&seat, &token, "phone");
    let high = device.proves(&seat, &token).at("/access_token").to_owned();
    let low = sign_in(&seat);
    let ask = |line: &str, body: Value, token: &str| seat.ask(line, body, Some(token)).told();
    let gone = format!("DELETE /factors/{}", device.id);
    assert_eq!(ask("PUT /user", json!({"password": "der zaun ist blau"}), &low), "401 insufficient_aal");
    assert_eq!(ask("PUT /user", json!({"email": "eve@example.org"}), &low), "401 insufficient_aal");
    assert_eq!(ask("POST /factors", json!({"factor_type": "totp"}), &low), "403 insufficient_aal");
    assert_eq!(ask("POST /factors/recovery-codes", json!({}), &low), "401 insufficient_aal");
    assert_eq!(ask(&gone, Value::Null, &low), "422 insufficient_aal");
    assert_eq!(
        ask("POST /factors", json!({"factor_type": "totp", "friendly_name": "phone"}), &high),
        "422 mfa_factor_name_conflict"
    );
    assert_eq!(
        ask("POST /factors", json!({"factor_type": "phone"}), &high),
        "422 mfa_phone_enroll_not_enabled"
    );
    assert_eq!(ask("POST /factors", json!({"factor_type": "smoke"}), &high), "400 validation_failed");
    assert_eq!(ask("DELETE /factors/nothing", Value::Null, &high), "404 mfa_factor_not_found");
    let stranger = seat.sign_up("eve@example.org").at("/access_token").to_owned();
    assert_eq!(ask(&gone, Value::Null, &stranger), "404 mfa_factor_not_found");
    assert_eq!(
        ask(&format!("POST /factors/{}/challenge", device.id), json!({}), &stranger),
        "404 mfa_factor_not_found"
    );
    assert_eq!(ask(&gone, Value::Null, &high), "200");
    assert_eq!(ask("PUT /user", json!({"password": "der zaun ist blau"}), &low), "200");
    let nobody = seat.ask("POST /signup", json!({}), None).at("/access_token").to_owned();
    assert_eq!(ask("POST /factors", json!({"factor_type": "totp"}), &nobody), "403 validation_failed");
    for n in 0..10 {
        let name = format!("device {n}");
        let reply =
            seat.ask("POST /factors", json!({"factor_type": "totp", "friendly_name": name}), Some(&stranger));
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
    assert_eq!(
        ask("POST /factors", json!({"factor_type": "totp"}), &stranger),
        "422 too_many_enrolled_mfa_factors"
    );
}

#[test]
fn an_administrator_with_a_factor_is_one_only_by_it() {
    let seat = seat();
    let person = seat.sign_up("ada@example.org");
    let token = person.at("/access_token").to_owned();
    let line = format!("PUT /admin/users/{}", person.at("/user/id"));
    assert_eq!(seat.admin(&line, json!({"app_metadata": {"roles": ["admin"]}})).status, 200);
    let may = |token: &str| seat.ask("GET /admin/users", Value::Null, Some(token)).told();
    assert_eq!(may(&token), "200");
    let device = Device::enrolled(&seat, &token, "phone");
    let high = device.proves(&seat, &token).at("/access_token").to_owned();
    let low = sign_in(&seat);
    assert_eq!((may(&high), may(&low)), ("200".to_owned(), "403 insufficient_aal".to_owned()));
    assert!(!seat.caller(&low).unwrap().roles.passes_rules());
    assert!(seat.caller(&high).unwrap().roles.passes_rules());
}

#[test]
fn a_recovery_code_stands_in_once() {
    let seat = seat();
    let token = seat.sign_up("ada@example.org").at("/access_token").to_owned();
    let device = Device::enrolled(&seat, &token, "phone");
    let high = device.proves(&seat, &token).at("/access_token").to_owned();
    let made = seat.ask("POST /factors/recovery-codes", json!({}), Some(&high));
    let codes: Vec<String> =
        made.body["codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect();
    assert_eq!(codes.len(), 10);
    let low = sign_in(&seat);
    let show = |code: &str, token: &str| {
        seat.ask("POST /factors/recovery-codes/verify", json!({"code": code}), Some(token))
    };
    let raised = show(&codes[0].to_uppercase().replace('-', " "), &low);
    assert_eq!(claim(raised.at("/access_token"), "aal"), json!("aal2"), "{}", raised.text);
    let low = sign_in(&seat);
    assert_eq!(show(&codes[0], &low).told(), "422 mfa_verification_failed", "used before");
    assert_eq!(show("aaaa-aaaa-aaaa", &low).told(), "422 mfa_verification_failed");
    let stranger = seat.sign_up("eve@example.org").at("/access_token").to_owned();
    assert_eq!(show(&codes[1], &stranger).told(), "422 mfa_verification_failed", "somebody else's");
    let fresh = seat.ask("POST /factors/recovery-codes", json!({}), Some(raised.at("/access_token")));
    assert_eq!(show(&codes[1], &low).told(), "422 mfa_verification_failed", "replaced");
    assert_eq!(show(fresh.at("/codes/3"), &low).status, 200);
}
