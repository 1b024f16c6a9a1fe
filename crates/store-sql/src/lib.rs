//! Statements become SQL text, binds and column programs for SQL dialects; no driver.
