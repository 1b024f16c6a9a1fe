//! One exam for every store.
