//! The difference of two schemas as ordered steps with a class of risk.
