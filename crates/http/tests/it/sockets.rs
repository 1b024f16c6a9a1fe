//! WebSockets, from the handshake to the farewell.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bistro_http::{Config, Drained, Limits};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::harness::{FLOODED, PUBLISHABLE, Running, check, quick, start};

type Client = WebSocketStream<TcpStream>;

const HANDSHAKE: [&str; 4] = [
    "upgrade: websocket",
    "connection: keep-alive, Upgrade",
    "sec-websocket-version: 13",
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
];

/// The connection after the handshake, and the answer to it.
async fn shaken(running: &Running, headers: &[&str]) -> (TcpStream, String) {
    let mut request = format!("GET /data/talk HTTP/1.1\r\nhost: localhost\r\napikey: {PUBLISHABLE}\r\n");
    for header in headers {
        request += &format!("{header}\r\n");
    }
    let mut stream = running.connect().await;
    stream.write_all((request + "\r\n").as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(timeout(Duration::from_secs(5), stream.read_u8()).await.unwrap().unwrap());
    }
    (stream, String::from_utf8(head).unwrap())
}

async fn open(running: &Running) -> Client {
    let (stream, head) = shaken(running, &HANDSHAKE).await;
    check(&head, 101, &["sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="]);
    WebSocketStream::from_raw_socket(stream, Role::Client, None).await
}

/// What comes next; a farewell as `code reason`.
async fn heard(client: &mut Client) -> String {
    loop {
        match timeout(Duration::from_secs(5), client.next()).await.expect("something comes") {
            Some(Ok(Message::Text(text))) => return text.to_string(),
            Some(Ok(Message::Close(Some(frame)))) => {
                return format!("{} {}", u16::from(frame.code), frame.reason).trim_end().to_owned();
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(other)) => return format!("{other:?}"),
            Some(Err(error)) => return format!("error: {error}"),
            None => return "end".to_owned(),
        }
    }
}

async fn over(running: &Running) {
    for _ in 0..100 {
        if running.server.metrics().open() == 0 {
            assert_eq!(running.server.metrics().sockets(), 0);
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("the connection ends within two seconds");
}

#[tokio::test]
async fn text_goes_both_ways_for_as_long_as_the_client_is_there() {
    let running = start(Config { limits: quick(), ..Config::default() }).await;
    let mut client = open(&running).await;
    for text in ["a", "ä€𝄞", &"x".repeat(1000)] {
        client.send(Message::text(text)).await.unwrap();
        assert_eq!(heard(&mut client).await, text);
    }
    client.send(Message::text("who")).await.unwrap();
    assert_eq!(heard(&mut client).await, "anon");
    assert_eq!((running.server.metrics().open(), running.server.metrics().sockets()), (1, 1));
    // Longer than any time of a request, of an idle connection and of a silent socket; pings are answered meanwhile.
    assert!(timeout(Duration::from_secs(2), heard(&mut client)).await.is_err());
    client.send(Message::text("still")).await.unwrap();
    assert_eq!(heard(&mut client).await, "still");
    client.close(None).await.unwrap();
    assert_eq!(heard(&mut client).await, "Close(None)");
    assert_eq!(heard(&mut client).await, "end");
    over(&running).await;
}

#[tokio::test]
async fn many_send_at_once_and_each_message_stays_whole() {
    let running = start(Config { limits: quick(), ..Config::default() }).await;
    let mut client = open(&running).await;
    client.send(Message::text("chorus")).await.unwrap();
    let mut heard_of: Vec<usize> = Vec::new();
    for _ in 0..100 {
        let text = heard(&mut client).await;
        let voice = &text[..text.len() / 1000];
        assert_eq!(text, voice.repeat(1000));
        heard_of.push(voice.parse().unwrap());
    }
    heard_of.sort_unstable();
    assert_eq!(heard_of, (0..100).collect::<Vec<_>>());
}

#[tokio::test]
async fn each_farewell_has_its_code() {
    let running = start(Config { limits: quick(), ..Config::default() }).await;
    let long = "é".repeat(61);
    for (message, farewell) in [
        (Message::text("enough"), "1000".to_owned()),
        (Message::text("refuse"), format!("4403 {long}")),
        (Message::text("panic"), "1011 Something went wrong in the server".to_owned()),
        (Message::text("x".repeat(1001)), "1009 A message can be at most 1000 bytes".to_owned()),
        (Message::text("x".repeat(10 << 20)), "1009 A message can be at most 1000 bytes".to_owned()),
        (Message::binary("a"), "1003 Only text is spoken here".to_owned()),
    ] {
        let mut client = open(&running).await;
        // A large message may meet a closed door before it has gone.
        let _ = client.send(message).await;
        assert_eq!(heard(&mut client).await, farewell);
        assert_eq!(heard(&mut client).await, "end");
    }
    over(&running).await;
    assert_eq!(running.server.metrics().panics(), 1);
}

#[tokio::test]
async fn frames_that_break_the_protocol_close_it() {
    let running = start(Config { limits: quick(), ..Config::default() }).await;
    for (frame, code) in [
        // Not masked.
        (&b"\x81\x01a"[..], 1002),
        // A reserved bit.
        (b"\xc1\x81\0\0\0\0a", 1002),
        // An unknown kind.
        (b"\x83\x81\0\0\0\0a", 1002),
        // A continuation of nothing.
        (b"\x80\x81\0\0\0\0a", 1002),
        // No UTF-8.
        (b"\x81\x81\0\0\0\0\xff", 1007),
        // A length of 2^63 - 1.
        (b"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 1009),
        // HTTP.
        (b"GET / HTTP/1.1\r\n\r\n", 1002),
    ] {
        let (mut stream, _) = shaken(&running, &HANDSHAKE).await;
        stream.write_all(frame).await.unwrap();
        let mut bytes = Vec::new();
        timeout(Duration::from_secs(5), stream.read_to_end(&mut bytes)).await.unwrap().unwrap();
        assert_eq!(bytes[0], 0x88, "{frame:?}: {bytes:?}");
        assert_eq!(u16::from_be_bytes([bytes[2], bytes[3]]), code, "{frame:?}");
    }
    over(&running).await;
}

#[tokio::test]
async fn a_handshake_is_checked() {
    let running = start(Config { limits: quick(), ..Config::default() }).await;
    let [upgrade, connection, version, key] = HANDSHAKE;
    let offered = "sec-websocket-protocol: a, echo";
    for (headers, status, texts) in [
        (vec![upgrade, connection, version, key, offered], 101, vec!["sec-websocket-protocol: echo"]),
        (vec![upgrade, connection, "sec-websocket-version: 8", key], 426, vec!["sec-websocket-version: 13"]),
        (vec![upgrade, connection, key], 426, vec!["sec-websocket-version: 13"]),
        (vec![upgrade, connection, version], 400, vec![]),
        (vec![upgrade, connection, version, "sec-websocket-key: c2hvcnQ="], 400, vec![]),
        (vec![upgrade, connection, version, "sec-websocket-key: \u{e9}"], 400, vec![]),
        (vec![upgrade, version, key], 400, vec![]),
        (vec![connection, version, key], 200, vec![]),
        (vec![connection, "upgrade: h2c"], 200, vec![]),
    ] {
        let (_, head) = shaken(&running, &headers).await;
        check(&head, status, &texts);
        assert_eq!(head.contains("sec-websocket-protocol"), headers.contains(&offered), "{head}");
    }
    // A caller who may not come is refused before.
    let handshake = HANDSHAKE.join("\r\n");
    check(&running.ask("GET /data/talk", &[&handshake]).await, 401, &[]);
}

#[tokio::test]
async fn the_order_to_stop_closes_sockets() {
    let mut running = start(Config { limits: quick(), ..Config::default() }).await;
    let mut client = open(&running).await;
    let mut rude = open(&running).await;
    rude.send(Message::text("hello")).await.unwrap();
    assert_eq!(heard(&mut rude).await, "hello");
    running.stop();
    let begun = Instant::now();
    assert_eq!(heard(&mut client).await, "1001 The server stops");
    assert_eq!(heard(&mut client).await, "end");
    assert!(begun.elapsed() < Duration::from_millis(300), "{:?}", begun.elapsed());
    // One that does not answer is cut when the time to drain is up.
    assert_eq!(running.ended().await, Drained { cut: 1 });
    assert_eq!(heard(&mut rude).await, "1001 The server stops");
}

#[tokio::test]
async fn a_silent_client_is_left() {
    let running = start(Config { limits: quick(), ..Config::default() }).await;
    // Nobody reads on this side, so no ping is answered.
    let mut silent = shaken(&running, &HANDSHAKE).await.0;
    let begun = Instant::now();
    let mut bytes = Vec::new();
    timeout(Duration::from_secs(5), silent.read_to_end(&mut bytes)).await.unwrap().unwrap();
    assert_eq!(&bytes[..2], b"\x89\0", "a ping comes first: {bytes:?}");
    assert!((500..1000).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_bounded_and_left() {
    let running = start(Config { limits: quick(), ..Config::default() }).await;
    let mut client = open(&running).await;
    client.send(Message::text("flood")).await.unwrap();
    over(&running).await;
    let sent = FLOODED.load(Ordering::Relaxed);
    assert!((1..32 << 20).contains(&sent), "{sent} bytes fit into the buffers of the system");
}

#[tokio::test]
async fn sockets_count_as_connections() {
    let limits = Limits { connections: 1, ..quick() };
    let running = start(Config { limits, ..Config::default() }).await;
    let mut client = open(&running).await;
    let waiting = running.ask("GET /page/fine", &[]);
    tokio::pin!(waiting);
    assert!(timeout(Duration::from_millis(300), &mut waiting).await.is_err(), "the only place is taken");
    client.close(None).await.unwrap();
    while heard(&mut client).await != "end" {}
    check(&waiting.await, 200, &[]);
}

#[tokio::test]
async fn the_open_server_refuses_pages_of_others() {
    use bistro_auth::Options;
    let running =
        crate::harness::start_as(Config::default(), Options { open: true, ..Options::default() }).await;
    let handshake = HANDSHAKE.join("\r\n");
    let from = |origin: &str| format!("{handshake}\r\norigin: {origin}");
    check(&running.ask("GET /data/talk", &[&from("https://evil.example")]).await, 403, &["Origin"]);
    let (_, head) = shaken(&running, &[&from("http://localhost:3000")]).await;
    check(&head, 101, &[]);
}
