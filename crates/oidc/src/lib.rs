//! Signing in at other identity providers: OAuth 2.0 and OpenID Connect, as their client.
//!
//! A [`Provider`] writes the address that a browser is sent to ([`Provider::authorization`]), exchanges the code that it
//! comes back with ([`Provider::redeem`]) and judges ID tokens ([`Provider::believe`]). Each comes to a [`Person`]. What
//! differs between providers is said by [`Preset`] and by [`person`]; a generic one is known by its discovery document.
//!
//! It keeps no accounts and no trips: whoever calls keeps the [`Trip`] between the two halves, bound to the browser.
//!
//! Invariants: PKCE with S256, a state and, for OpenID Connect, a nonce on every trip; an ID token is believed only by the
//! issuer's own keys, each with one algorithm; a person is the pair of issuer and subject, and an e-mail address is verified
//! only where the provider says so and is known to mean it.

mod apple;
mod authorization;
mod documents;
mod error;
mod id_token;
mod keys;
mod metadata;
pub mod person;
mod preset;
mod provider;
mod settings;
mod token_request;
mod trip;

pub use error::OidcError;
pub use person::Person;
pub use preset::Preset;
pub use provider::{Callback, IdToken, Provider, Providers, SignedIn};
pub use settings::{AppleKey, Secret, Settings, TokenAuth};
pub use trip::Trip;
