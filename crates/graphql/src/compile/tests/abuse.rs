//! Documents that are made to hurt.
