//! Generated requests.
