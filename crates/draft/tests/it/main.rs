//! Drafts of made-up catalogues, held to the checker and to the tables that they came from. What real databases give is
//! pinned beside the binary's tests.

mod any;
