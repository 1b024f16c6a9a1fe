//! Rules: CEL text to typed predicates; the only builder of an authorised operation.
