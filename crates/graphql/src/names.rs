//! The names that GraphQL gives to what the file names: one rule for all surfaces of a type, so that they are guessed rightly.

use bistro_schema::names::{lower_camel, snake};
use bistro_schema::{Field, Type};

/// The root field of one row: `blogPost`.
pub fn one(ty: &Type) -> String {
    lower_camel(&snake(&ty.name))
}

/// The root field of many rows: `blogPosts`, or `<one>List` where one and many are the same word.
pub fn many(ty: &Type) -> String {
    let (one, many) = (one(ty), lower_camel(&ty.plural));
    if many == one { format!("{one}List") } else { many }
}

/// The words of many rows as the end of a mutation's name: `BlogPosts`.
pub fn many_pascal(ty: &Type) -> String {
    capital(&many(ty))
}

/// The member of a key's input for some fields: `slug`, `room_and_seat`.
pub fn key_member<'a>(fields: impl IntoIterator<Item = &'a Field>) -> String {
    fields.into_iter().map(|f| f.name.as_str()).collect::<Vec<_>>().join("_and_")
}

/// The input of several fields that are unique together: `PostRoomAndSeatKey`.
pub fn key_set<'a>(ty: &Type, fields: impl IntoIterator<Item = &'a Field>) -> String {
    format!("{}{}Key", ty.name, capital(&lower_camel(&key_member(fields))))
}

/// The same word with a capital in front.
pub fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
