//! The store on temporary folders: what goes in comes out, what fails leaves nothing, what is slow steps aside.

mod aside;
mod changes;
mod conditions;
mod fixture;
mod numbers;
mod related;
mod search;
mod writes;
