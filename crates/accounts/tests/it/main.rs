//! Accounts through their surface, as clients meet them.

mod flows;
mod limits;
mod seat;
