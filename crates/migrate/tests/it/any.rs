//! Additive changes are what they were, and moving text changes nothing.

use bistro_migrate::difference;

use crate::pairs::read;

const NOTE: &str = "type Note @model @allow(to: [READ]) { id: ID! text: String! }";

#[test]
fn additive_changes_are_additive() {
    let cases = [
        (NOTE, true),
        (
            "type Note @model @allow(to: [READ]) { id: ID! text: String! done: Boolean! @default(value: false) }",
            true,
        ),
        ("type Note @model @allow(to: [READ]) { id: ID! text: String! @length(max: 5) @unique }", true),
        ("type Note @model @allow(to: [READ, CREATE]) { id: ID! text: String! @index }", true),
        ("type Note @model { id: ID! text: String! pad: Pad } type Pad @model { id: ID! }", true),
        ("type Note @model { id: ID! }", false),
        ("type Note @model { id: ID! text: Int! }", false),
        ("type Note @model { id: ID! text: String! n: Int! }", false),
        ("type Note @model { id: ID! text: String }", false),
        ("type Other @model { id: ID! }", false),
    ];
    for (new, expected) in cases {
        assert_eq!(difference(&read(NOTE), &read(new)).is_additive(), expected, "{new}");
    }
}

#[test]
fn moving_text_in_the_file_changes_nothing() {
    let late = "enum A { x } enum B { y } type Note @model @allow(to: [READ], when: \"row.at < now\") \
                { id: ID! at: DateTime! @default(expr: \"now\") a: A b: B }";
    let moved = "\n\n# a remark\ntype Note @model @allow(to: [READ], when: \"row.at < now\") \
                 { id: ID! at: DateTime! @default(expr: \"now\") b: B a: A } enum B { y } enum A { x }";
    assert!(difference(&read(late), &read(moved)).is_empty());
}
