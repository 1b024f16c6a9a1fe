//! The first minute.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::harness::{Folder, Server};

#[test]
fn an_empty_folder_becomes_a_backend_whose_commands_work() {
    let started = Instant::now();
    let server = Server::start(Folder::empty(), &["dev"]);
    let took = started.elapsed();
    assert!(took < Duration::from_secs(5), "{took:?}");
    server.says("createClient(");
    let output = server.output();
    assert!(output.starts_with("Bistro listening on http://127.0.0.1:"), "{output}");
    let root = server.get("/").send();
    assert_eq!((root.status, root.header("location")), (307, Some("/docs")));
    assert!(server.get("/docs").send().ok().contains("<html"));
    for file in ["schema.graphql", "seed/notes.json", "seed/users.json", ".gitignore"] {
        assert!(server.folder.path().join(file).exists(), "{file}");
    }
    let curls: Vec<&str> = output.lines().map(str::trim).filter(|l| l.starts_with("curl ")).collect();
    assert_eq!(curls.len(), 3, "{output}");
    let mut last = String::new();
    for curl in curls {
        let ran =
            Command::new("sh").args(["-c", &format!("{curl} --fail-with-body")]).output().expect("a shell");
        last = String::from_utf8(ran.stdout).expect("text");
        assert!(ran.status.success(), "{curl}\n{last}");
        assert!(last.starts_with("[{"), "{curl}\n{last}");
    }
    assert!(last.contains("Hello from curl"), "{last}");
    let signing_up =
        output.lines().map(str::trim).find(|line| line.starts_with("TOKEN=")).expect("a way to sign up");
    let ran = Command::new("sh").args(["-c", signing_up]).output().expect("a shell");
    let written = String::from_utf8(ran.stdout).expect("text");
    assert!(written.starts_with("[{") && written.contains("Hello from me"), "{signing_up}\n{written}");
}

#[test]
fn a_second_start_leaves_files_and_rows_alone() {
    let server = Server::start(Folder::empty(), &["dev"]);
    let notes = |server: &Server| {
        let answer = server.get("/rest/v1/notes?select=count").key(&server.secret()).send();
        answer.ok().to_owned()
    };
    let before = notes(&server);
    let folder = server.stop();
    let schema = std::fs::read_to_string(folder.path().join("schema.graphql")).expect("a schema");
    let server = Server::start(folder, &["dev"]);
    assert_eq!(notes(&server), before);
    assert_eq!(
        std::fs::read_to_string(server.folder.path().join("schema.graphql")).expect("a schema"),
        schema
    );
}

#[test]
fn a_folder_with_other_things_is_not_written_to() {
    let folder = Folder::empty();
    folder.write("letter.txt", "Dear diary");
    folder.run(&["dev", "--listen", "127.0.0.1:0"]).said_no(1, "schema.graphql: there is no such file");
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
}

#[test]
fn new_makes_a_project_that_checks() {
    let folder = Folder::empty();
    folder.run(&["new", "shop"]).well();
    folder.run(&["check", "shop"]).well();
    folder.run(&["-C", "shop", "check"]).well();
    folder.run(&["new", "shop"]).said_no(2, "is not an empty folder");
}

#[test]
fn the_examples_check() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples");
    for name in ["todo", "blog", "chinook"] {
        let ran = Folder::empty().run(&["check", &format!("{root}/{name}")]);
        assert_eq!((ran.code(), ran.err().as_str()), (0, ""), "{name}");
    }
}
