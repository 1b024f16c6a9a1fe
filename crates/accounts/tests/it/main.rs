//! Accounts through their surface, as clients meet them.

mod flows;
mod letters;
mod limits;
mod oauth;
mod seat;
