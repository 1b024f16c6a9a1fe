use super::*;

/// Reads two schema files and prints what lies between them.
fn check(old: &str, new: &str, expected: &str) {
    let read = |text: &str| {
        let checked = bistro_sdl::read("schema.graphql", text);
        assert!(
            !checked.diagnostics.iter().any(bistro_problem::Diagnostic::is_error),
            "{:?}",
            checked.diagnostics
        );
        checked.schema
    };
    let found = difference(&read(old), &read(new));
    let mut lines: Vec<String> = found.steps.iter().map(|s| s.text.clone()).collect();
    lines.extend(found.refused.iter().map(|r| format!("refused {}", r.text)));
    lines.extend(found.notes.iter().map(|n| format!("note {n}")));
    assert_eq!(lines.join("\n"), expected.trim(), "{new}");
}

const NOTE: &str = "type Note @model @allow(to: [READ]) { id: ID! text: String! }";

#[test]
fn additive_changes_are_steps() {
    check(NOTE, NOTE, "");
    check(
        NOTE,
        "type Note @model @allow(to: [READ]) { id: ID! text: String! done: Boolean! @default(value: false) }",
        "+ column notes.done boolean",
    );
    check(
        NOTE,
        "type Note @model @allow(to: [READ]) { id: ID! text: String! @length(max: 5) @unique }",
        "+ unique notes (text)\n~ column notes.text: values checked (text)"
            .split('\n')
            .rev()
            .collect::<Vec<_>>()
            .join("\n")
            .as_str(),
    );
    check(
        NOTE,
        "type Note @model @allow(to: [READ, CREATE]) { id: ID! text: String! @index }",
        "+ index notes (text)\nnote ~ 1 rule of notes",
    );
    check(
        NOTE,
        "type Note @model @allow(to: [READ]) { id: ID! text: String! pad: Pad } type Pad @model @allow(to: [READ]) { id: ID! }",
        "+ table pads (1 columns)\n+ column notes.pad_id uuid",
    );
}

#[test]
fn other_changes_are_refused_with_a_reason() {
    check(NOTE, "type Note @model @allow(to: [READ]) { id: ID! }", "refused - column notes.text");
    check(
        NOTE,
        "type Note @model @allow(to: [READ]) { id: ID! text: Int! }",
        "refused ~ column notes.text: text → integer",
    );
    check(
        NOTE,
        "type Note @model @allow(to: [READ]) { id: ID! text: String! n: Int! }",
        "refused + column notes.n integer",
    );
    check(
        NOTE,
        "type Other @model @allow(to: [READ]) { id: ID! }",
        "+ table others (1 columns)\nrefused - table notes",
    );
}

#[test]
fn moving_text_in_the_file_changes_nothing() {
    let late = "type Note @model @allow(to: [READ], when: \"row.at < now\") { id: ID! at: DateTime! @default(expr: \"now\") }";
    check(late, &format!("\n\n# a remark\n{late}"), "");
}
