//! The GraphQL schema that a caller sees.
