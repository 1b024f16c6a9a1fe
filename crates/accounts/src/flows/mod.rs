//! Signing up, signing in and out, and what a person may change of the own account.

pub mod about;
pub mod account;
pub(crate) mod claims;
pub mod email;
mod issued;
pub mod logout;
pub mod password;
mod pkce;
pub(crate) mod refresh;
mod refresh_token;
pub mod session;
pub mod sessions;
pub mod signup;
pub mod token;
pub mod user;
pub mod user_name;
mod verified;

pub use account::{admitted, may_sign_in};
pub use issued::Issued;
pub use pkce::Challenge;
pub use refresh_token::RefreshToken;
