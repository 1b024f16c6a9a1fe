//! The names that GraphQL makes from a type's name. They are taken, so the readers of schema files and of databases know them
//! as well as the surface does.

use super::{lower_camel, snake};

/// Types that are there whatever the file says.
pub const TYPES: [&str; 12] = [
    "Query",
    "Mutation",
    "Subscription",
    "Node",
    "PageInfo",
    "OrderDirection",
    "ChangeEvent",
    "JSONPathFilter",
    "Entity",
    "_Entity",
    "_Service",
    "_Any",
];

/// Root fields that are there whatever the file says.
pub const ROOTS: [&str; 4] = ["node", "_service", "_entities", "_empty"];

/// What is made for each type, after its name.
pub const TYPE_ENDS: [&str; 21] = [
    "Connection",
    "Edge",
    "Filter",
    "ListFilter",
    "Order",
    "Create",
    "Update",
    "Key",
    "Field",
    "Group",
    "GroupKey",
    "Aggregate",
    "Sum",
    "Avg",
    "Min",
    "Max",
    "Change",
    "ChangeKey",
    "Link",
    "Links",
    "Relinks",
];

/// What is made for each scalar and enum, after its name.
pub const VALUE_ENDS: [&str; 2] = ["Filter", "ListFilter"];

/// The root field of one row: `BlogPost` → `blogPost`.
pub fn one(name: &str) -> String {
    lower_camel(&snake(name))
}

/// The root field of many rows: `blogPosts`, or `<one>List` where one and many are the same word. `plural` is in snake case.
pub fn many(name: &str, plural: &str) -> String {
    let (one, many) = (one(name), lower_camel(plural));
    if many == one { format!("{one}List") } else { many }
}

/// Every type that is made for a type of the file, its own first, keys of several fields aside.
pub fn types(name: &str, plural: &str) -> impl Iterator<Item = String> + use<> {
    let ends = TYPE_ENDS.map(|end| format!("{name}{end}"));
    let written = format!("{}Written", capital(&many(name, plural)));
    std::iter::once(name.to_owned()).chain(ends).chain([written])
}

/// Every type that is made for a scalar or an enum, its own first.
pub fn values(name: &str) -> impl Iterator<Item = String> + use<> {
    let ends = VALUE_ENDS.map(|end| format!("{name}{end}"));
    std::iter::once(name.to_owned()).chain(ends)
}

/// Every root field that is made for a type, those of mutations aside, which follow from these.
pub fn roots(name: &str, plural: &str) -> [String; 4] {
    let one = one(name);
    [many(name, plural), format!("{one}By"), format!("{one}Changes"), one]
}

/// The input of several fields that are unique together: `PostRoomAndSeatKey`.
pub fn key_set<'a>(name: &str, fields: impl IntoIterator<Item = &'a str>) -> String {
    format!("{name}{}Key", capital(&lower_camel(&key_member(fields))))
}

/// The member of a key's input for some fields: `slug`, `room_and_seat`.
pub fn key_member<'a>(fields: impl IntoIterator<Item = &'a str>) -> String {
    fields.into_iter().collect::<Vec<_>>().join("_and_")
}

/// The same word with a capital in front.
pub fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_and_many_never_share_a_name() {
        let cases = [
            ("BlogPost", "blog_posts", "blogPost", "blogPosts"),
            ("Sheep", "sheep", "sheep", "sheepList"),
            ("HTTPLog", "http_logs", "httpLog", "httpLogs"),
        ];
        for (name, plural, single, several) in cases {
            assert_eq!((one(name).as_str(), many(name, plural).as_str()), (single, several));
        }
        assert_eq!(key_set("Post", ["room", "seat_no"]), "PostRoomAndSeatNoKey");
    }
}
