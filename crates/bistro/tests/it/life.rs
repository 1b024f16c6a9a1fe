//! Start, stop, and two at once.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::harness::{Folder, NOTES, Server};

#[test]
fn a_second_server_on_the_same_data_is_refused() {
    let server = Server::serve(NOTES);
    let second = server.folder.run(&["serve", "--listen", "127.0.0.1:0"]);
    second.said_no(1, "another Bistro (process ");
    second.said_no(1, "data; stop it, or start this one with another --data");
    let folder = server.stop();
    Server::start(folder, &["serve"]);
}

#[test]
fn a_killed_server_leaves_nothing_in_the_way() {
    let mut server = Server::serve(NOTES);
    server.signal("KILL");
    server.ended();
    let folder = std::mem::replace(&mut server.folder, Folder::empty());
    let server = Server::start(folder, &["serve"]);
    server.folder.write("notes.json", r#"[{"id": 1, "text": "a"}]"#);
    server.folder.run(&["seed", "notes.json"]).well();
}

#[test]
fn sigterm_lets_a_request_end() {
    let mut server = Server::serve(NOTES);
    let secret = server.secret();
    let mut slow = TcpStream::connect(&server.address).expect("a connection");
    let head = format!(
        "POST /rest/v1/notes HTTP/1.1\r\nhost: x\r\napikey: {secret}\r\ncontent-type: application/json\r\ncontent-length: 25\r\n\r\n"
    );
    slow.write_all(head.as_bytes()).expect("the head goes out");
    // Until the first bytes of the body are read, the server may not have seen the request.
    slow.write_all(br#"{"id": 1,"#).expect("a part goes out");
    std::thread::sleep(Duration::from_millis(200));
    server.signal("TERM");
    std::thread::sleep(Duration::from_millis(200));
    slow.write_all(br#" "text": "late"}"#).expect("the rest goes out");
    let mut answer = String::new();
    slow.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert_eq!(server.ended().code(), Some(0));
}

#[test]
fn a_second_signal_ends_at_once() {
    let mut server = Server::serve(NOTES);
    let mut slow = TcpStream::connect(&server.address).expect("a connection");
    slow.write_all(b"POST /rest/v1/notes HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n")
        .expect("the head goes out");
    std::thread::sleep(Duration::from_millis(100));
    let started = Instant::now();
    server.signal("TERM");
    server.logs("stopping");
    std::thread::sleep(Duration::from_millis(100));
    server.signal("TERM");
    server.ended();
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
}

#[cfg(unix)]
#[test]
fn the_control_socket_refuses_nonsense() {
    let server = Server::serve(NOTES);
    let path = server.folder.path().join("data/bistro.sock");
    for line in ["\n", "{}\n", "{\"ask\":\"all\"}\n", "\u{0}\n"] {
        let mut socket = std::os::unix::net::UnixStream::connect(&path).expect("the socket is there");
        socket.write_all(line.as_bytes()).expect("the line goes out");
        let mut answer = String::new();
        socket.read_to_string(&mut answer).expect("an answer");
        assert!(answer.contains("\"tell\":\"failed\""), "{line:?}: {answer}");
    }
    assert!(server.get("/health/ready").send().ok().contains("ready"));
}

#[test]
fn an_address_in_use_is_named() {
    let server = Server::serve(NOTES);
    let ran = Folder::with(NOTES).run(&["serve", "--listen", &server.address]);
    ran.said_no(1, &format!("cannot listen on {}", server.address));
}

#[test]
fn commands_find_the_server_under_a_long_path() {
    let outer = Folder::empty();
    let long = outer.path().join("a-folder-with-a-long-name/".repeat(6));
    std::fs::create_dir_all(&long).expect("folders");
    let data = long.join("data");
    let data = data.to_str().expect("text");
    let folder = Folder::with(NOTES);
    folder.write("notes.json", r#"[{"id": 1, "text": "a"}]"#);
    let server = Server::start(folder, &["serve", "--data", data]);
    server.folder.run(&["seed", "notes.json", "--data", data]).well();
    assert!(server.get("/health/ready").send().ok().contains("ready"));
}
