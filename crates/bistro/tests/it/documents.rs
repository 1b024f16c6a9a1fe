//! Pages and files that are made from the program are as the program makes them.

use std::path::PathBuf;

use crate::harness::{Folder, NOTES};

/// `BISTRO_WRITE=1` writes the files instead of comparing them.
fn same(file: &str, made: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(file);
    if std::env::var_os("BISTRO_WRITE").is_some() {
        std::fs::write(&path, made).expect("the file can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == made, "docs/{file} is out of date; run: BISTRO_WRITE=1 cargo test -p bistro documents");
}

#[test]
fn the_configuration_is_documented() {
    let folder = Folder::empty();
    same("config.md", &folder.run(&["config", "reference"]).well());
    same("bistro.schema.json", &folder.run(&["config", "schema"]).well());
}

#[test]
fn the_directives_are_documented() {
    let mut page = String::from(
        "# Directives\n\nMade from the program's own table. `bistro check` refuses a directive of a later version, and says so.\n",
    );
    for directive in bistro_sdl::directives::ALL.iter().filter(|d| !d.lacking) {
        let places: Vec<&str> = directive.on.iter().map(|on| on.words()).collect();
        let often = if directive.repeatable { ", several times" } else { "" };
        page.push_str(&format!(
            "\n## `@{}`\n\nOn {}{often}. {}\n",
            directive.name,
            places.join(" and "),
            directive.meaning
        ));
        if !directive.arguments.is_empty() {
            page.push_str("\n| argument | type | |\n|---|---|---|\n");
        }
        for (name, kind, meaning) in directive.arguments {
            page.push_str(&format!("| `{name}` | `{kind}` | {meaning} |\n"));
        }
    }
    same("directives.md", &page);
}

#[test]
fn the_codes_are_documented() {
    let mut page = String::from(
        "# Errors\n\nEvery code that a caller can meet, from the catalogue that feeds every answer. A running server shows the \
         same at `/docs/errors`.\n\n| code | status | what is wrong | what to do |\n|---|---|---|---|\n",
    );
    for code in bistro_problem::Code::ALL {
        let (text, status) = (code.wire_text(), code.status());
        page.push_str(&format!("| `{text}` | {status} | {} | {} |\n", code.title(), code.mend()));
    }
    page.push_str("\n## In a schema file\n\n| code | what is wrong | what to do |\n|---|---|---|\n");
    for row in bistro_sdl::codes::ALL {
        page.push_str(&format!("| `{}` | {} | {} |\n", row.code, row.title, row.mend));
    }
    for row in bistro_policy::codes::ALL {
        page.push_str(&format!("| `{}` | {} | {} |\n", row.code, row.title, row.mend));
    }
    same("errors.md", &page);
}

#[test]
fn every_command_explains_itself() {
    let folder = Folder::empty();
    for command in [
        "new",
        "dev",
        "serve",
        "check",
        "explain",
        "openapi",
        "graphql",
        "keys",
        "seed",
        "config",
        "completions",
    ] {
        let help = folder.run(&[command, "--help"]).well();
        assert!(help.contains("Usage: bistro"), "{help}");
    }
    assert!(folder.run(&["--version"]).well().starts_with("bistro 0."));
    for shell in ["bash", "zsh", "fish"] {
        assert!(folder.run(&["completions", shell]).well().contains("bistro"));
    }
    folder.run(&["sevre"]).said_no(2, "serve");
    folder.run(&[]).said_no(2, "Usage: bistro");
}

#[test]
fn check_tries_the_sql_of_views() {
    let view = |columns: &str| {
        format!(
            "{NOTES}type Long @view(sql: \"select {columns} from notes\") @allow(to: [READ]) {{ id: Int! @id }}\n"
        )
    };
    let folder = Folder::with(&view("id, nope"));
    folder.run(&["check"]).said_no(1, "nope");
    folder.write("schema.graphql", &view("id"));
    folder.run(&["check"]).well();
    assert!(!folder.path().join("data").exists());
}

#[test]
fn openapi_and_explain_need_no_server_and_leave_nothing() {
    let folder = Folder::with(NOTES);
    let document: serde_json::Value = serde_json::from_str(&folder.run(&["openapi"]).well()).expect("JSON");
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["paths"]["/rest/v1/notes"]["post"].is_null());
    let service = folder.run(&["openapi", "--as", "service"]).well();
    assert!(service.contains("\"post\""));
    let explained = folder.run(&["explain", "GET /rest/v1/notes?select=text&id=eq.1"]).well();
    for stage in ["# operation", "# authorized", "# plan", "# lowered", "select text", "FROM \"notes\""] {
        assert!(explained.contains(stage), "{stage} is not in:\n{explained}");
    }
    let claims = r#"{"sub": "01920000-0000-7000-8000-000000000001", "team": 7}"#;
    folder.run(&["explain", "GET /rest/v1/notes", "--as", claims]).well();
    folder.run(&["explain", "post /rest/v1/notes", "--as", "service", "--body", r#"{"text": "a"}"#]).well();
    folder.write("body.json", r#"{"text": "a"}"#);
    folder
        .run(&["explain", "PATCH /rest/v1/notes?id=eq.1", "--as", "service", "--body", "@body.json"])
        .well();
    folder.run(&["explain", "GET /rest/v1/nots"]).said_no(1, "nots");
    folder.run(&["explain", "/rest/v1/notes"]).said_no(2, "GET /rest/v1");
    folder.run(&["explain", "GET /rest/v1/notes", "--as", "{"]).said_no(2, "--as takes");
    assert!(!folder.path().join("data").exists());
}

#[test]
fn the_graphql_schema_is_printed_as_a_caller_sees_it() {
    let folder = Folder::with(&format!("{NOTES}enum Role @roles {{ editor }}\n{SECRETS}"));
    let cases: [(&[&str], &[&str], &[&str]); 4] = [
        (&[], &["type Query", "type Note ", "notes("], &["Mutation", "Secret"]),
        (&["--as", "editor"], &["type Secret "], &["Mutation"]),
        (
            &["--as", r#"{"sub": "01920000-0000-7000-8000-000000000001", "role": "editor"}"#],
            &["type Secret "],
            &["Mutation"],
        ),
        (&["--as", "service"], &["type Secret ", "type Mutation", "createNote("], &["directive @oneOf"]),
    ];
    for (more, there, absent) in cases {
        let sdl = folder.run(&[&["graphql", "schema"], more].concat()).well();
        for part in there {
            assert!(sdl.contains(part), "{more:?}: {part} is not in:\n{sdl}");
        }
        for part in absent {
            assert!(!sdl.contains(part), "{more:?}: {part} is in:\n{sdl}");
        }
    }
    folder.write("bistro.toml", "[graphql]\nglobal_ids = true\nfederation = true\n");
    let subgraph = folder.run(&["graphql", "schema"]).well();
    assert!(
        subgraph.contains("@link(url: ") && subgraph.contains("type Note implements Node @key"),
        "{subgraph}"
    );
    folder.run(&["graphql", "schema", "--as", "edtor"]).said_no(2, "did you mean editor?");
    assert!(!folder.path().join("data").exists());
}

const SECRETS: &str = "type Secret @model @allow(to: [READ], roles: [\"editor\"]) { id: Int! @id }\n";
