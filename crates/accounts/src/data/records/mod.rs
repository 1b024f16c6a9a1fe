//! A struct for each system table.

mod account;
mod audit_entry;
mod authorization;
mod challenge;
mod client;
mod factor;
mod flow;
mod grant;
mod identity;
mod known_device;
mod one_time_token;
mod recovery_code;
mod revocation;
mod session;

pub use account::Account;
pub use audit_entry::AuditEntry;
pub use authorization::Authorization;
pub use challenge::Challenge;
pub use client::Client;
pub use factor::Factor;
pub use flow::Flow;
pub use grant::Grant;
pub use identity::Identity;
pub use known_device::KnownDevice;
pub use one_time_token::OneTimeToken;
pub use recovery_code::RecoveryCode;
pub use revocation::Revocation;
pub use session::Session;
