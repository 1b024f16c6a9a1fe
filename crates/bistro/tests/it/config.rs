//! The configuration as the commands use it.

use crate::harness::{Folder, NOTES, Server};

#[test]
fn mistakes_stop_every_command() {
    let folder = Folder::with(NOTES);
    folder.write("bistro.toml", "[server]\nlistn = \"127.0.0.1:0\"\n");
    for command in [&["check"][..], &["serve"], &["dev"], &["keys", "list"], &["config"]] {
        folder
            .run(command)
            .said_no(1, "bistro.toml:2: server.listn is no setting of Bistro; did you mean server.listen?");
    }
    folder.write("bistro.toml", "");
    folder.run_with(&["check"], &[("BISTRO_LIMITS__ROWZ", "1")]).said_no(1, "BISTRO_LIMITS__ROWZ: ");
    folder
        .run_with(&["serve"], &[("BISTRO_DATABASE__URL", "oracle://x")])
        .said_no(1, "Bistro knows sqlite:FILE, postgres:// and mysql://");
    folder.run_with(&["serve"], &[("BISTRO_AUTH__JWT_SECRET", "short")]).said_no(1, "at least 32");
    folder.run_with(&["serve"], &[("BISTRO_AUTH__JWKS", "none.json")]).said_no(1, "none.json");
    folder.run(&["serve", "--listen", "nowhere"]).said_no(2, "--listen");
    folder.run(&["serve", "nowhere"]).said_no(1, "nowhere");
}

#[test]
fn settings_hold() {
    let folder = Folder::with(NOTES);
    folder.write("bistro.toml", "[limits]\nrows = 2\n[data]\ndir = \"there\"\n");
    folder.write("notes.csv", "id,text\n1,a\n2,b\n3,c\n");
    folder.run(&["seed", "notes.csv"]).well();
    let server = Server::start(folder, &["serve"]);
    assert!(server.folder.path().join("there/bistro.db").exists());
    let answer = server.get("/rest/v1/notes?select=id").key(&server.publishable()).send();
    assert_eq!(answer.ok(), r#"[{"id":1},{"id":2}]"#);
    let shown = server.folder.run(&["config"]).well();
    assert!(shown.contains("rows = 2") && shown.contains("dir = \"there\""), "{shown}");
}

#[test]
fn open_is_for_this_machine() {
    let folder = Folder::with(NOTES);
    folder.run(&["dev", "--open", "--listen", "0.0.0.0:0"]).said_no(2, "this machine only");
    let server = Server::start(folder, &["dev", "--open"]);
    server.post("/rest/v1/notes", r#"{"id": 1, "text": "a"}"#).send().with(201);
    server.get("/rest/v1/notes").header("origin", "https://elsewhere.example").send().with(403);
}
