//! The store on temporary folders: what goes in comes out, what fails leaves nothing, what is slow steps aside.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod aside;
mod changes;
mod conditions;
mod fixture;
mod migrations;
mod numbers;
mod related;
mod robust;
mod search;
mod writes;
