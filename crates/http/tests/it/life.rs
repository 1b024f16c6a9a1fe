//! Panics, time, HTTP/2, and the end.

use std::time::{Duration, Instant};

use bistro_http::{Config, Drained};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::harness::{PUBLISHABLE, Running, check, quick, read, read_one, start};

async fn begun(running: &Running, path: &str) -> TcpStream {
    let mut stream = running.connect().await;
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n").as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn a_panic_ends_its_request_alone() {
    let running = start(Config::default()).await;
    let mut stream = running.connect().await;
    for (path, status) in [("/page/panic", 500), ("/page/panic-later", 500), ("/page/fine", 200)] {
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nx-request-id: it-{status}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = read_one(&mut stream).await;
        check(&answer, status, &[&format!("x-request-id: it-{status}")]);
        assert_eq!(answer.contains("BIS-900"), status == 500);
        assert!(!answer.contains("on purpose"), "{answer}");
    }
    assert_eq!(running.server.metrics().panics(), 2);
    assert_eq!(running.server.metrics().answers(), [0, 1, 0, 0, 2]);
}

#[tokio::test]
async fn requests_end_when_their_time_is_up() {
    let running = start(Config { limits: quick(), ..Config::default() }).await;
    check(&running.ask("GET /page/slow", &[]).await, 200, &["slow"]);
    check(&running.ask("GET /page/never", &[]).await, 504, &["limits.request", "BIS-604"]);
}

#[tokio::test]
async fn the_order_to_stop_lets_requests_end() {
    let mut running = start(Config { limits: quick(), ..Config::default() }).await;
    let address = running.address;
    let mut idle = begun(&running, "/page").await;
    check(&read_one(&mut idle).await, 200, &[]);
    let mut silent = running.connect().await;
    let mut slow = begun(&running, "/page/slow").await;
    sleep(Duration::from_millis(80)).await;
    running.stop();
    let begun = Instant::now();
    check(&read(&mut slow).await, 200, &["slow", "connection: close"]);
    assert_eq!((read(&mut idle).await, read(&mut silent).await), (String::new(), String::new()));
    assert_eq!(running.ended().await, Drained { cut: 0 });
    assert!(begun.elapsed() < Duration::from_millis(550), "{:?}", begun.elapsed());
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn what_does_not_end_is_cut() {
    let limits = bistro_http::Limits { request_time: Duration::from_secs(60), ..quick() };
    let mut running = start(Config { limits, ..Config::default() }).await;
    let mut never = begun(&running, "/page/never").await;
    sleep(Duration::from_millis(80)).await;
    running.stop();
    assert_eq!(running.ended().await, Drained { cut: 1 });
    assert_eq!(read(&mut never).await, "");
}

#[tokio::test]
async fn http2_is_served_on_the_same_port() {
    use http_body_util::{BodyExt, Empty};
    use hyper_util::rt::{TokioExecutor, TokioIo};
    let running = start(Config { limits: quick(), ..Config::default() }).await;
    let io = TokioIo::new(running.connect().await);
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    for (method, path, status, text) in [
        ("GET", "/data", 200, "first GET anon true"),
        ("HEAD", "/data", 200, ""),
        ("GET", "/nowhere", 404, "BIS-113"),
        ("GET", "/data/panic", 500, "BIS-900"),
    ] {
        // Longer than a head may take: on HTTP/2 quiet is no slow head.
        sleep(Duration::from_millis(400)).await;
        let request = hyper::Request::builder().method(method).uri(format!("http://localhost{path}"));
        let request = request.header("apikey", PUBLISHABLE).body(Empty::<bytes::Bytes>::new()).unwrap();
        let response = sender.send_request(request).await.unwrap();
        assert_eq!(response.status(), status);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert!(std::str::from_utf8(&body).unwrap().contains(text), "{body:?}");
        assert_eq!(body.is_empty(), text.is_empty());
    }
}
