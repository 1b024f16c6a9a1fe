//! Drafts of made-up catalogues, held to their texts and to the checker. `UPDATE=1` writes the expected texts anew.

mod any;
mod cases;
mod fits;
