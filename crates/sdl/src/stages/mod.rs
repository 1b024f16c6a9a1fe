//! The stages, in the order in which [`crate::read`] runs them.

pub(crate) mod accounts;
pub(crate) mod allows;
pub(crate) mod broken;
pub(crate) mod checks;
pub(crate) mod declare;
pub(crate) mod defaults;
pub(crate) mod enums;
pub(crate) mod fields;
pub(crate) mod indexes;
pub(crate) mod inverses;
pub(crate) mod joins;
pub(crate) mod keys;
pub(crate) mod known;
pub(crate) mod limits;
pub(crate) mod models;
pub(crate) mod owners;
pub(crate) mod reserved;
pub(crate) mod reverse;
pub(crate) mod roles;
pub(crate) mod shapes;
pub(crate) mod was;
