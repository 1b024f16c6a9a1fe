//! The commands that do not serve, one file each.

mod advise;
mod check;
mod completions;
mod config;
mod explain;
mod graphql;
mod keys;
mod migrate;
mod move_;
mod new;
mod oauth_app;
mod openapi;
mod pull;
mod seed;
mod user;
mod wsdl;

pub(crate) use advise::advise;
pub(crate) use check::check;
pub(crate) use completions::completions;
pub(crate) use config::config;
pub(crate) use explain::explain;
pub(crate) use graphql::graphql;
pub(crate) use keys::keys;
pub(crate) use migrate::migrate;
pub(crate) use move_::move_;
pub(crate) use new::new;
pub(crate) use oauth_app::oauth_app;
pub(crate) use openapi::openapi;
pub(crate) use pull::pull;
pub(crate) use seed::seed;
pub(crate) use user::user;
pub(crate) use wsdl::wsdl;
