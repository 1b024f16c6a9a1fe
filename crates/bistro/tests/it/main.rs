//! The built binary in temporary folders, on free ports. `harness` starts it and speaks HTTP; each other module is a
//! subject.

mod advise;
mod config;
mod documents;
mod graphql;
mod harness;
mod key_set;
mod keys;
mod killed;
mod life;
mod migrate;
mod moving;
mod newcomer;
mod newer;
mod nodes;
mod nodes_accounts;
mod pull;
mod reload;
mod rules;
mod seed;
mod sessions;
mod soap;
mod soap_credentials;
mod subscriptions;
mod trusted;
mod user;
