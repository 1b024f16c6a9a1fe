//! Rows of the account model beside the accounts, on SQLite, PostgreSQL and MariaDB.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod gone;
mod place;
mod taken;
