//! What is mailed, and what it is good for.

mod change;
mod links;
mod nonce;
mod otp;
mod unproved;

use serde_json::{Value, json};

use crate::seat::{Reply, Seat, URL, settings};

use bistro_accounts::Settings;

/// Settings under which mails may follow each other at once.
fn quick() -> Settings {
    Settings { mail_interval_s: 0, ..settings() }
}

/// Follows the last link that was mailed to an address.
fn follow(seat: &Seat, to: &str) -> Reply {
    let (_, link) = seat.mail(to);
    open(seat, &link)
}

/// Follows a link.
fn open(seat: &Seat, link: &str) -> Reply {
    let target = link.strip_prefix(URL).unwrap_or_else(|| panic!("{link:?} is no link of ours"));
    seat.call(&format!("GET {target}"), &[], Value::Null)
}

/// Shows a code.
fn code(seat: &Seat, kind: &str, email: &str, token: &str) -> Reply {
    seat.ask("POST /verify", json!({"type": kind, "email": email, "token": token}), None)
}

/// Signs in with a password.
fn sign_in(seat: &Seat, email: &str, password: &str) -> Reply {
    seat.ask("POST /token?grant_type=password", json!({"email": email, "password": password}), None)
}

/// Another code than this.
fn wrong(right: &str) -> String {
    let number: u32 = right.parse().unwrap();
    format!("{:06}", (number + 1) % 1_000_000)
}
