//! Answers that come in pieces.

use std::time::{Duration, Instant};

use bistro_http::{Config, Drained, Limits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::harness::{Running, check, quick, read, start};

/// A stream that has begun, and its head.
async fn listening(running: &Running, version: &str) -> (TcpStream, String) {
    let mut stream = running.connect().await;
    let request = format!("GET /page/events HTTP/{version}\r\nhost: localhost\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    while !text.contains("data: 0") {
        let mut piece = [0; 4096];
        let n = stream.read(&mut piece).await.unwrap();
        assert!(n > 0, "closed after {text:?}");
        text += std::str::from_utf8(&piece[..n]).unwrap();
    }
    (stream, text)
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..100 {
        if holds() {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("{what} within two seconds");
}

#[tokio::test]
async fn a_stream_comes_piece_by_piece_and_ends_with_its_client() {
    let running = start(Config { limits: quick(), ..Config::default() }).await;
    let (mut stream, head) = listening(&running, "1.1").await;
    check(&head, 200, &["content-type: text/event-stream", "transfer-encoding: chunked"]);
    assert_eq!(running.server.metrics().streams(), 1);
    // Longer than a request may take.
    sleep(Duration::from_millis(450)).await;
    let mut piece = [0; 4096];
    let n = stream.read(&mut piece).await.unwrap();
    assert!(std::str::from_utf8(&piece[..n]).unwrap().contains("data: 5"));
    drop(stream);
    until("the stream is dropped", || running.server.metrics().streams() == 0).await;
    until("the connection ends", || running.server.metrics().open() == 0).await;
}

#[tokio::test]
async fn a_panic_breaks_a_stream_off() {
    let running = start(Config { limits: quick(), ..Config::default() }).await;
    let (mut stream, _) = listening(&running, "1.1").await;
    let rest = read(&mut stream).await;
    // Without the empty chunk at the end, a client knows that this was not all.
    assert!(rest.contains("data: 19") && !rest.ends_with("0\r\n\r\n"), "{rest:?}");
    assert_eq!(running.server.metrics().panics(), 1);
    check(&running.ask("GET /page/fine", &[]).await, 200, &[]);
}

#[tokio::test]
async fn a_head_without_a_body_is_answered_for_head() {
    let running = start(Config { limits: quick(), ..Config::default() }).await;
    let answer = running.ask("HEAD /page/events", &[]).await;
    check(&answer, 200, &["content-type: text/event-stream"]);
    assert!(answer.ends_with("\r\n\r\n"), "{answer:?}");
}

#[tokio::test]
async fn the_order_to_stop_ends_streams() {
    for version in ["1.1", "1.0"] {
        let mut running = start(Config { limits: quick(), ..Config::default() }).await;
        let (mut stream, _) = listening(&running, version).await;
        running.stop();
        let begun = Instant::now();
        let rest = read(&mut stream).await;
        assert_eq!(rest.ends_with("0\r\n\r\n"), version == "1.1", "{rest:?}");
        assert_eq!(running.ended().await, Drained { cut: 0 });
        assert!(begun.elapsed() < Duration::from_millis(400), "{:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn a_stream_of_http2_ends_with_its_client() {
    use http_body_util::{BodyExt, Empty};
    use hyper_util::rt::{TokioExecutor, TokioIo};
    let running = start(Config { limits: quick(), ..Config::default() }).await;
    let io = TokioIo::new(running.connect().await);
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    for drops in [true, false] {
        let request = hyper::Request::builder().uri("http://localhost/page/events");
        let request = request.body(Empty::<bytes::Bytes>::new()).unwrap();
        let mut body = sender.send_request(request).await.unwrap().into_body();
        let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(first, "data: 0\n\n");
        if drops {
            drop(body);
            until("the stream is dropped", || running.server.metrics().streams() == 0).await;
        } else {
            assert!(body.collect().await.is_err(), "a stream that broke off has no end");
        }
    }
}

#[tokio::test]
async fn a_stream_goes_on_while_it_moves() {
    let limits =
        Limits { idle_time: Duration::from_millis(200), header_time: Duration::from_millis(100), ..quick() };
    let running = start(Config { limits, ..Config::default() }).await;
    let (mut stream, _) = listening(&running, "1.1").await;
    // What a client sends meanwhile is no slow head.
    stream.write_all(b"GET ").await.unwrap();
    let rest = read(&mut stream).await;
    assert!(rest.contains("data: 19"), "{rest:?}");
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_left() {
    let limits =
        Limits { idle_time: Duration::from_millis(200), header_time: Duration::from_millis(100), ..quick() };
    let running = start(Config { limits, ..Config::default() }).await;
    let mut stream = running.connect().await;
    stream.write_all(b"GET /page/torrent HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    until("the stream begins", || running.server.metrics().streams() == 1).await;
    until("the stream is dropped", || running.server.metrics().streams() == 0).await;
    until("the connection ends", || running.server.metrics().open() == 0).await;
}
