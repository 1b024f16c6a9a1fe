//! API keys and tokens become a [`Caller`](bistro_ir::Caller).
//!
//! This crate knows the project's secrets, the keys of machines and the tokens that it can verify. It knows no HTTP
//! server: [`Authenticator::caller`] takes the texts of two headers, and what a browser says. It keeps no accounts, learns of
//! their sessions from a [`session::SessionSource`], remembers for a while which passwords somebody else has verified, and
//! fetches nothing from a network.
//!
//! Start reading at [`authenticator::Authenticator::caller`]; the file of secrets is [`secrets::Secrets`], what it means
//! to a request [`keyring::Keyring`], a token's form [`token`], its claims [`claims`].
//!
//! Invariants: a key that starts with `sb_` never reaches the token parser; each verification key has one algorithm;
//! only the project's own secret key, or a token without `sub` signed by the project's secret, is `service_role`; a
//! token of our own accounts is worth what its session's record says, never what it claims; no secret is printed by
//! `Debug`.

pub mod authenticator;
pub mod basic;
mod cache;
pub mod claims;
pub mod cookie;
mod digest;
pub mod error;
pub mod jwks;
pub mod keyring;
pub mod loopback;
pub mod mint;
pub mod nonce;
mod own_key;
pub mod pepper;
pub mod secrets;
pub mod session;
#[cfg(test)]
mod tests;
pub mod token;
mod token_keys;
pub mod user_token;

pub use authenticator::{Asked, Authenticator, Credentials, Look, Options, PasswordTag};
pub use cookie::{CookieRules, SessionCookie};
pub use error::AuthError;
pub use jwks::Jwks;
pub use keyring::Keyring;
pub use mint::{MintRequest, legacy_keys, mint};
pub use nonce::{Nonce, Nonces};
pub use pepper::Pepper;
pub use secrets::{MachineKey, Secrets, TOKEN_TTL_MAX_S, TokenKeyState};
pub use session::{SessionId, SessionSource, SessionState, Watch};
pub use user_token::{IdTokenAlgorithm, KeyMaker, OwnToken, UserClaims};
