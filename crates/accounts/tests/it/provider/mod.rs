//! Being a provider: applications, requests, codes, tokens and grants.

pub(crate) mod application;
mod authorize;
mod clients;
mod consent;
mod tokens;
