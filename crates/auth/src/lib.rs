//! API keys and tokens become a caller.
