//! The store over a real server.

mod aside;
mod changes;
mod conditions;
mod failures;
mod fixture;
mod migrations;
mod numbers;
mod opening;
mod related;
mod robust;
mod search;
mod tls;
mod writes;
