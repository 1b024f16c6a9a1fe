//! Accounts: who may sign in, their sessions and tokens, and the surface `/auth/v1`.
//!
//! [`surface`] has the table of endpoints; each hands an [`http::Asked`] to a function of its subject's module and prints
//! what that answers with [`http::reply`]. Flows take [`Accounts`], the composition of everything that they need, and a
//! [`Visit`], who asks from where and when. Data goes through [`data`].
//!
//! Invariants: no password, code or token is stored or logged in clear; what may be used once is used by one conditional
//! write; a known and an unknown account get the same answer in the same time; the client's address is the socket's.

pub mod accounts;
pub mod admin;
pub mod after;
pub mod alike;
pub mod audit;
pub mod data;
pub mod flows;
pub mod http;
pub mod letters;
pub mod limits;
mod methods;
pub mod mfa;
pub mod oauth;
pub mod profile;
pub mod provider;
pub mod redirect;
pub mod revoke;
pub mod sessions;
pub mod settings;
pub mod surface;
pub mod ui;
pub mod upkeep;
pub mod visit;

pub use accounts::{Accounts, Parts};
pub use sessions::Sessions;
pub use settings::Settings;
pub use surface::Surface;
pub use upkeep::Followed;
pub use visit::Visit;
