//! Subscriptions over real connections: what another surface writes is told, and what ends a connection ends it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use crate::harness::{NOTES, Server};

/// A WebSocket, as little of one as these tests need: no message is longer than 64 KiB.
pub(crate) struct Socket(BufReader<TcpStream>);

impl Socket {
    /// A socket to the GraphQL of a server.
    fn open(server: &Server) -> Self {
        let mut stream = TcpStream::connect(&server.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let request = format!(
            "GET /graphql/v1 HTTP/1.1\r\nhost: {}\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             sec-websocket-protocol: graphql-transport-ws\r\n\r\n",
            server.address
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut reader = BufReader::new(stream);
        let head = head(&mut reader);
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        assert!(head.to_lowercase().contains("sec-websocket-protocol: graphql-transport-ws"), "{head}");
        Self(reader)
    }

    /// One whose client has said who it is.
    pub(crate) fn greeted(server: &Server, credential: &str) -> Self {
        let mut socket = Self::open(server);
        socket.say(&format!(r#"{{"type":"connection_init","payload":{{{credential}}}}}"#));
        assert_eq!(socket.hear(), r#"{"type":"connection_ack"}"#);
        socket
    }

    /// Sends a message; its mask changes nothing.
    fn say(&mut self, text: &str) {
        let length = u16::try_from(text.len()).unwrap().to_be_bytes();
        let frame = [&[0x81, 0x80 | 126][..], &length, &[0; 4], text.as_bytes()].concat();
        self.0.get_mut().write_all(&frame).unwrap();
    }

    /// The next message; a farewell as `close code reason`.
    pub(crate) fn hear(&mut self) -> String {
        loop {
            let [kind, length] = self.read::<2>();
            let length = match length {
                126 => u16::from_be_bytes(self.read::<2>()),
                short => u16::from(short),
            };
            let mut payload = vec![0; usize::from(length)];
            self.0.read_exact(&mut payload).unwrap();
            match kind & 0x0f {
                1 => return String::from_utf8(payload).unwrap(),
                8 => {
                    let (code, reason) = payload.split_at(2);
                    let code = u16::from_be_bytes([code[0], code[1]]);
                    return format!("close {code} {}", String::from_utf8_lossy(reason));
                }
                _ => {}
            }
        }
    }

    fn read<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.read_exact(&mut bytes).unwrap();
        bytes
    }

    pub(crate) fn ask(&mut self, id: &str, document: &str) {
        let query = serde_json::Value::from(document).to_string();
        self.say(&format!(r#"{{"type":"subscribe","id":"{id}","payload":{{"query":{query}}}}}"#));
    }
}

fn head(reader: &mut impl std::io::BufRead) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(reader.read_line(&mut head).unwrap() > 0, "{head}");
    }
    head
}

fn insert(server: &Server, id: usize) {
    let body = format!(r#"{{"id": {id}, "text": "n{id}"}}"#);
    server.post("/rest/v1/notes", &body).key(&server.secret()).send().with(201);
}

#[test]
fn what_rest_writes_is_told_to_subscribers() {
    let server = Server::serve(NOTES);
    let mut socket = Socket::greeted(&server, &format!(r#""apikey":"{}""#, server.publishable()));
    socket.ask("live", "subscription { notes { nodes { id text } } }");
    assert_eq!(socket.hear(), r#"{"id":"live","type":"next","payload":{"data":{"notes":{"nodes":[]}}}}"#);
    insert(&server, 1);
    let told = r#"{"id":"live","type":"next","payload":{"data":{"notes":{"nodes":[{"id":1,"text":"n1"}]}}}}"#;
    assert_eq!(socket.hear(), told);
    socket.say(r#"{"type":"complete","id":"live"}"#);
    socket.ask("c", "subscription { noteChanges { event key { id } node { text } } }");
    // An answer to what came later says that the subscription has begun.
    socket.ask("q", "{ note(id: 1) { text } }");
    assert_eq!(socket.hear(), r#"{"id":"q","type":"next","payload":{"data":{"note":{"text":"n1"}}}}"#);
    assert_eq!(socket.hear(), r#"{"id":"q","type":"complete"}"#);
    server.request("DELETE", "/rest/v1/notes?id=eq.1").key(&server.secret()).send().with(204);
    let gone = r#"{"id":"c","type":"next","payload":{"data":{"noteChanges":{"event":"DELETE","key":{"id":1},"node":null}}}}"#;
    assert_eq!(socket.hear(), gone);
}

#[test]
fn every_door_to_the_data_tells() {
    let server = Server::serve(NOTES);
    let secret = server.secret();
    let mut socket = Socket::greeted(&server, &format!(r#""apikey":"{}""#, server.publishable()));
    socket.ask("c", "subscription { noteChanges { event key { id } } }");
    socket.ask("q", "{ __typename }");
    socket.hear();
    socket.hear();
    let mut told = |event: &str, id: usize| {
        let change = format!(r#"{{"event":"{event}","key":{{"id":{id}}}}}"#);
        let message =
            format!(r#"{{"id":"c","type":"next","payload":{{"data":{{"noteChanges":{change}}}}}}}"#);
        assert_eq!(socket.hear(), message);
    };
    let batch = r#"{"operations": [
        {"method": "POST", "path": "/rest/v1/notes", "body": {"id": 1, "text": "a"}},
        {"method": "PATCH", "path": "/rest/v1/notes?id=eq.1", "body": {"text": "b"}}]}"#;
    server.post("/batch/v1", batch).key(&secret).send().with(200);
    // One change a row and transaction.
    told("INSERT", 1);
    let put = r#"{"id": 2, "text": "c"}"#;
    server.request("PUT", "/rest/v1/notes/2").json(put).key(&secret).send().with(201);
    told("INSERT", 2);
    let query = r#"{"query": "mutation { deleteNotes(filter: {id: {lt: 9}}) { count } }"}"#;
    server.post("/graphql/v1", query).key(&secret).send().with(200);
    told("DELETE", 1);
    told("DELETE", 2);
    let rows = server.folder.write("notes.json", r#"[{"id": 3, "text": "d"}]"#);
    server.folder.run(&["seed", &rows.to_string_lossy()]).well();
    told("INSERT", 3);
}

#[test]
fn a_stream_of_events_lasts_as_long_as_its_client() {
    let server = Server::serve(NOTES);
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let query = "subscription%7BnoteChanges%7Bevent%20node%7Btext%7D%7D%7D";
    let request = format!(
        "GET /graphql/v1?query={query} HTTP/1.1\r\nhost: {}\r\naccept: text/event-stream\r\napikey: {}\r\n\r\n",
        server.address,
        server.publishable()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut reader = BufReader::new(stream);
    let head = head(&mut reader).to_lowercase();
    assert!(head.starts_with("http/1.1 200") && head.contains("content-type: text/event-stream"), "{head}");
    insert(&server, 1);
    let (mut told, mut line) = (String::new(), String::new());
    while reader.read_line(&mut line).unwrap() > 0 && !line.starts_with("data:") {
        told.push_str(&line);
        line.clear();
    }
    assert!(told.contains("event: next"), "{told}");
    assert_eq!(line.trim_end(), r#"data: {"data":{"noteChanges":{"event":"INSERT","node":{"text":"n1"}}}}"#);
}

#[test]
fn a_socket_ends_with_the_key_of_its_machine() {
    let server = Server::serve(NOTES);
    let key = server.folder.run(&["keys", "add", "printer", "--role", "authenticated"]).well();
    let mut socket = Socket::greeted(&server, &format!(r#""apikey":"{}""#, key.trim()));
    server.folder.run(&["keys", "revoke", "printer"]).well();
    assert_eq!(socket.hear(), "close 4401 Unauthorized");
    let mut socket = Socket::open(&server);
    socket.say(r#"{"type":"connection_init","payload":{"apikey":"sb_publishable_wrong"}}"#);
    assert_eq!(socket.hear(), "close 4403 Forbidden");
}

#[test]
fn a_key_that_is_renewed_ends_its_sockets() {
    let server = Server::serve(NOTES);
    let mut socket = Socket::greeted(&server, &format!(r#""apikey":"{}""#, server.publishable()));
    socket.ask("live", "subscription { notes { totalCount } }");
    assert!(socket.hear().contains("totalCount"));
    server.folder.run(&["keys", "rotate", "--publishable"]).well();
    insert(&server, 1);
    let mut heard = socket.hear();
    while heard.contains("totalCount") {
        heard = socket.hear();
    }
    assert_eq!(heard, "close 4401 Unauthorized");
}

#[test]
fn another_schema_makes_subscribers_come_again() {
    let server = Server::dev(NOTES);
    let mut socket = Socket::greeted(&server, &format!(r#""apikey":"{}""#, server.publishable()));
    socket.ask("live", "subscription { notes { totalCount } }");
    assert!(socket.hear().contains("totalCount"));
    server.folder.write("schema.graphql", &NOTES.replace("text:", "slug: String\n text:"));
    assert_eq!(socket.hear(), "close 1012 Service restart: the schema changed");
    let mut again = Socket::greeted(&server, &format!(r#""apikey":"{}""#, server.publishable()));
    again.ask("live", "subscription { notes { nodes { slug } } }");
    assert_eq!(again.hear(), r#"{"id":"live","type":"next","payload":{"data":{"notes":{"nodes":[]}}}}"#);
}
