//! Each limit, refused with its name.

use std::time::{Duration, Instant};

use bistro_http::{Config, Limits};
use tokio::io::AsyncWriteExt;
use tokio::time::sleep;

use crate::harness::{PUBLISHABLE, check, quick, read, read_one, start};

fn config() -> Config {
    Config { limits: quick(), ..Config::default() }
}

#[tokio::test]
async fn heads_that_are_too_large_or_no_http_are_refused() {
    let running = start(config()).await;
    let get = |path: &str, headers: &str| format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n");
    let many: String = (0..90).map(|n| format!("x-{n}: 1\r\n")).collect();
    let too_many: String = (0..101).map(|n| format!("x-{n}: 1\r\n")).collect();
    let line = |length: usize| format!("/page?{}", "a".repeat(length - "GET /page? HTTP/1.1".len()));
    let open = "connection: close\r\n";
    let cases: Vec<(&str, Vec<u8>, u16, &str)> = vec![
        ("90 headers", get("/page", &(many + open)).into(), 200, "first GET"),
        ("101 headers", get("/page", &too_many).into(), 431, "limits.header_count"),
        (
            "15 KB in one header",
            get("/page", &format!("x: {}\r\n{open}", "a".repeat(15_000))).into(),
            200,
            "first GET",
        ),
        (
            "17 KB in one header",
            get("/page", &format!("x: {}\r\n{open}", "a".repeat(17_000))).into(),
            431,
            "limits.headers",
        ),
        (
            "1 MB in one header",
            get("/page", &format!("x: {}\r\n", "a".repeat(1 << 20))).into(),
            431,
            "limits.headers",
        ),
        ("64 KB in the line", get(&line(65_500), open).into(), 200, "first GET"),
        ("a little more", get(&line(65_540), open).into(), 414, "limits.request_line"),
        ("more than a URI holds", get(&line(66_000), open).into(), 414, "limits.request_line"),
        ("1 MB in the line", get(&line(1 << 20), open).into(), 414, "limits.request_line"),
        ("no HTTP", b"hello\r\n\r\n".to_vec(), 400, "BIS-111"),
        ("NULs", vec![0; 200], 400, "BIS-111"),
        ("bad UTF-8 in the path", b"GET /\xff\xfe HTTP/1.1\r\nhost: x\r\n\r\n".to_vec(), 400, "BIS-111"),
        ("a NUL in a header", b"GET / HTTP/1.1\r\nhost: x\r\na: \0\r\n\r\n".to_vec(), 400, "BIS-111"),
        ("a broken header", b"GET / HTTP/1.1\r\nhost x\r\n\r\n".to_vec(), 400, "BIS-111"),
        (
            "two lengths",
            b"POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n".to_vec(),
            400,
            "BIS-111",
        ),
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(), 400, "BIS-111"),
        (
            "bad UTF-8 in a header",
            b"GET /page HTTP/1.1\r\nx: \xff\xfe\r\nconnection: close\r\n\r\n".to_vec(),
            200,
            "first",
        ),
    ];
    for (about, request, status, text) in cases {
        eprintln!("{about}");
        check(&running.send(request).await, status, &[text]);
    }
}

#[tokio::test]
async fn bodies_are_bounded_in_size() {
    let running = start(config()).await;
    let post = |path: &str, length: usize, sent: usize| {
        format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\napikey: {PUBLISHABLE}\r\n\
             content-length: {length}\r\n\r\n{}",
            "b".repeat(sent)
        )
    };
    check(&running.send(post("/data/length", 1000, 1000)).await, 200, &["\r\n\r\n1000"]);
    check(&running.send(post("/data/length", 1001, 0)).await, 413, &["1000 bytes (limits.body)", "BIS-101"]);
    check(&running.send(post("/data/length", usize::MAX >> 1, 10)).await, 413, &["limits.body"]);
    check(&running.send(post("/large/length", 100_000, 100_000)).await, 200, &["\r\n\r\n100000"]);

    let chunked = |count: usize| {
        let head = format!(
            "POST /data/length HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\napikey: {PUBLISHABLE}\r\n\
             transfer-encoding: chunked\r\n\r\n"
        );
        head + &"5\r\nhello\r\n".repeat(count) + "0\r\n\r\n"
    };
    check(&running.send(chunked(200)).await, 200, &["\r\n\r\n1000"]);
    check(&running.send(chunked(201)).await, 413, &["limits.body"]);
    let broken = chunked(2).replace("5\r\nhello", "zz\r\nhello");
    check(&running.send(broken).await, 400, &["BIS-111"]);
    // Without credentials a body is not even read.
    let stranger = post("/data/length", 100_000_000, 10).replace("apikey", "x-apikey");
    check(&running.send(stranger).await, 401, &["BIS-301"]);
}

#[tokio::test]
async fn slow_heads_and_bodies_are_cut_off() {
    let running = start(config()).await;
    let drip = |head: String, piece: &'static str| {
        let connecting = running.connect();
        async move {
            let mut stream = connecting.await;
            let begun = Instant::now();
            stream.write_all(head.as_bytes()).await.unwrap();
            let (mut reader, mut writer) = stream.into_split();
            let dripping = tokio::spawn(async move {
                while writer.write_all(piece.as_bytes()).await.is_ok() {
                    sleep(Duration::from_millis(50)).await;
                }
            });
            let mut answer = String::new();
            let reading = tokio::io::AsyncReadExt::read_to_string(&mut reader, &mut answer);
            let _ = tokio::time::timeout(Duration::from_secs(4), reading).await.expect("the server ends it");
            dripping.abort();
            (answer, begun.elapsed())
        }
    };
    let body = format!(
        "POST /data/length HTTP/1.1\r\nhost: x\r\napikey: {PUBLISHABLE}\r\ncontent-length: 900\r\n\r\n"
    );

    let (answer, time) = drip("GET / HTTP/1.1\r\n".to_owned(), "a: b\r\n").await;
    check(&answer, 408, &["limits.header_time", "connection: close"]);
    assert!(time > Duration::from_millis(290) && time < Duration::from_millis(1200), "{time:?}");

    let (answer, time) = drip(body.clone(), "").await;
    check(&answer, 408, &["limits.body_idle", "BIS-104"]);
    assert!(time < Duration::from_millis(1200), "{time:?}");

    let (answer, _) = drip(body, "x").await;
    check(&answer, 408, &["limits.body_time"]);
}

#[tokio::test]
async fn idle_connections_live_longer_than_slow_heads_and_end_too() {
    let running = start(config()).await;
    let mut stream = running.connect().await;
    let request = "GET /page HTTP/1.1\r\nhost: localhost\r\n\r\n";
    for pause in [0, 700, 700] {
        sleep(Duration::from_millis(pause)).await;
        stream.write_all(request.as_bytes()).await.unwrap();
        check(&read_one(&mut stream).await, 200, &["first GET"]);
    }
    let begun = Instant::now();
    assert_eq!(read(&mut stream).await, "");
    assert!(begun.elapsed() > Duration::from_millis(1300), "{:?}", begun.elapsed());

    let mut silent = running.connect().await;
    assert_eq!(read(&mut silent).await, "");
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_cut_off() {
    let running = start(config()).await;
    let mut stream = running.connect().await;
    stream
        .write_all(b"GET /page/big HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(8).as_slice())
        .await
        .unwrap();
    for _ in 0..100 {
        sleep(Duration::from_millis(50)).await;
        if running.server.metrics().accepted() == 1 && running.server.metrics().open() == 0 {
            return;
        }
    }
    panic!("the connection is still open");
}

#[tokio::test]
async fn connections_beyond_the_limit_wait() {
    let running = start(Config { limits: Limits { connections: 1, ..quick() }, ..Config::default() }).await;
    let mut first = running.connect().await;
    first.write_all(b"GET /page HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    check(&read_one(&mut first).await, 200, &[]);
    let second = async { running.ask("GET /page", &[]).await };
    let later = async {
        sleep(Duration::from_millis(200)).await;
        assert_eq!(running.server.metrics().accepted(), 1);
        drop(first);
    };
    let (answer, ()) = tokio::join!(second, later);
    check(&answer, 200, &["first GET"]);
}
