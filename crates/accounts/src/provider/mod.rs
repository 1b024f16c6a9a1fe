//! Being a provider: applications act for people who let them, by OAuth 2.1 and OpenID Connect.
//!
//! An administrator registers an application ([`client`], [`admin`]); [`authorize`] takes its request and sends the browser
//! to a page ([`page`]) or an application's own one ([`consent`]), where the person decides; [`token`] exchanges the code for
//! a session that belongs to the application. What it may do is its scope: `bistro_ir::Scopes` limits it on data surfaces,
//! and `http::bearer` keeps it away from the account.
//!
//! Invariants: a browser is sent to an address only if the application registered it; a code is used once, and a second use
//! ends what the first one made; every refresh token and every introspection is bound to the application that it was for.

pub mod admin;
pub mod authorize;
mod browser;
pub mod client;
mod code;
pub mod consent;
mod credentials;
mod form;
pub mod grants;
mod id_token;
pub mod inspect;
pub mod metadata;
pub mod page;
mod pending;
mod redirect_uri;
pub(crate) mod scope;
mod secret;
pub mod token;
pub mod userinfo;
