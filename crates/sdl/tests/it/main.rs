//! Schema files and what becomes of them: `cases/` hold mistakes with the frames they get, `models/` hold whole files
//! with the schema they become. `UPDATE=1` writes the expected texts anew.

mod any;
mod cases;
mod dump;
