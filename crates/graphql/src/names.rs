//! The names that GraphQL gives to a type: those of [`bistro_schema::names::graphql`], asked with the type in hand.

use bistro_schema::names::graphql;
use bistro_schema::{Field, Type};

pub use bistro_schema::names::graphql::capital;

/// The root field of one row: `blogPost`.
pub fn one(ty: &Type) -> String {
    graphql::one(&ty.name)
}

/// The root field of many rows: `blogPosts`, or `<one>List` where one and many are the same word.
pub fn many(ty: &Type) -> String {
    graphql::many(&ty.name, &ty.plural)
}

/// The words of many rows as the end of a mutation's name: `BlogPosts`.
pub fn many_pascal(ty: &Type) -> String {
    capital(&many(ty))
}

/// The member of a key's input for some fields: `slug`, `room_and_seat`.
pub fn key_member<'a>(fields: impl IntoIterator<Item = &'a Field>) -> String {
    graphql::key_member(fields.into_iter().map(|f| f.name.as_str()))
}

/// The input of several fields that are unique together: `PostRoomAndSeatKey`.
pub fn key_set<'a>(ty: &Type, fields: impl IntoIterator<Item = &'a Field>) -> String {
    graphql::key_set(&ty.name, fields.into_iter().map(|f| f.name.as_str()))
}
