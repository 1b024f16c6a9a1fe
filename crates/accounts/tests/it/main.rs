//! Accounts through their surface, as clients meet them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod admin;
mod authenticator;
mod cookies;
mod flows;
mod hostile;
mod letters;
mod limits;
mod methods;
mod mfa;
mod nonces;
mod oauth;
mod pages;
mod passkeys;
mod provider;
mod redirects;
mod seat;
mod timing;
mod upgrade;
mod user_name;
