//! Against servers on loopback that answer one canned text a connection.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc;
use std::time::Duration;

use super::{Client, Limits, form_text};
use crate::allow::Allow;

/// A server that answers each connection with the next text, and tells what it was sent.
fn serve(answers: Vec<String>) -> (SocketAddr, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let address = listener.local_addr().expect("it is bound");
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        for answer in answers {
            let Ok((mut stream, _)) = listener.accept() else { return };
            let mut buffer = [0; 4096];
            let mut text = String::new();
            // Requests with a body end with it in these tests.
            while !(text.contains("END") || text.starts_with("GET") && text.ends_with("\r\n\r\n")) {
                match stream.read(&mut buffer) {
                    Ok(read) if read > 0 => text.push_str(&String::from_utf8_lossy(&buffer[..read])),
                    _ => break,
                }
            }
            let _ = tell.send(text);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    (address, told)
}

fn answer(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

fn redirect(to: &str) -> String {
    format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
}

fn dev(limits: Limits) -> Client {
    Client::with_limits(Allow::default().and_loopback(), limits)
}

#[tokio::test]
async fn gets_and_posts() {
    let (at, told) = serve(vec![answer("{\"a\":1}"), answer("{}"), answer("{}")]);
    let client = dev(Limits::default());
    let got = client
        .get(&format!("http://{at}/x?y=1"), &[("authorization", "Bearer t")])
        .await
        .expect("it answers");
    assert_eq!((got.status, got.json::<serde_json::Value>().expect("JSON")["a"].as_i64()), (200, Some(1)));
    let sent = told.recv().expect("it was asked");
    assert!(
        sent.starts_with("GET /x?y=1 HTTP/1.1\r\n") && sent.contains("authorization: Bearer t\r\n"),
        "{sent}"
    );
    client
        .post_form(&format!("http://{at}/"), &[], &[("a b", "c&d"), ("e", "END")])
        .await
        .expect("it answers");
    let sent = told.recv().expect("it was asked");
    assert!(
        sent.contains("application/x-www-form-urlencoded") && sent.ends_with("a%20b=c%26d&e=END"),
        "{sent}"
    );
    client
        .post_json(&format!("http://{at}/"), &[], &serde_json::json!({"a": "END"}))
        .await
        .expect("it answers");
    let sent = told.recv().expect("it was asked");
    assert!(sent.contains("content-type: application/json") && sent.ends_with(r#"{"a":"END"}"#), "{sent}");
}

#[tokio::test]
async fn refuses_what_may_not_be_asked() {
    let production = Client::new(Allow::default());
    let listed = Client::new(Allow::new(&["idp.internal".into()]));
    let cases = [
        (&production, "http://example.org/", "https only"),
        (&production, "https://127.0.0.1:1/", "not public"),
        (&production, "https://localhost:1/", "not public"),
        (&production, "https://[::1]:1/", "not public"),
        (&production, "https://[::ffff:127.0.0.1]:1/", "not public"),
        (&production, "https://[64:ff9b::7f00:1]:1/", "not public"),
        (&production, "https://169.254.169.254/latest/meta-data", "not public"),
        (&production, "https://2130706433:1/", "not public"),
        (&production, "https://127.1:1/", "not public"),
        (&production, "https://me:secret@example.org/", "name and password"),
        (&production, "ftp://example.org/", "neither https"),
        (&production, "/path", "names no host"),
        (&production, "https://a b/", "cannot be read"),
        (&listed, "http://127.0.0.1:1/", "https only"),
    ];
    for (client, address, expected) in cases {
        let error = client.get(address, &[]).await.expect_err(address).to_string();
        assert!(error.contains(expected), "{address}: {error}");
    }
}

#[tokio::test]
async fn redirects_are_judged_as_well() {
    let limits = Limits { redirects: 3, ..Limits::default() };
    let (inside, _told) = serve(vec![answer("inside")]);
    let cases = [
        ("https://169.254.169.254/".to_owned(), "not public"),
        ("http://10.0.0.1/".to_owned(), "https only"),
        ("http://example.org/".to_owned(), "https only"),
    ];
    for (to, expected) in cases {
        let (at, _told) = serve(vec![redirect(&to)]);
        let error = dev(limits).get(&format!("http://{at}/"), &[]).await.expect_err(&to).to_string();
        assert!(error.contains(expected), "{to}: {error}");
    }
    let (at, _told) = serve(vec![redirect(&format!("http://{inside}/"))]);
    let got = dev(limits).get(&format!("http://{at}/"), &[]).await.expect("both are of this machine");
    assert_eq!(got.body, b"inside");
}

#[tokio::test]
async fn what_carries_secrets_is_not_led_away() {
    let limits = Limits { redirects: 3, ..Limits::default() };
    let (at, _told) = serve(vec![redirect("http://127.0.0.1:1/"), redirect("http://127.0.0.1:1/")]);
    let client = dev(limits);
    let got =
        client.get(&format!("http://{at}/"), &[("authorization", "Bearer t")]).await.expect("it answers");
    assert_eq!(got.status, 302);
    let got = client.post_form(&format!("http://{at}/"), &[], &[("a", "END")]).await.expect("it answers");
    assert_eq!(got.status, 302);
}

#[tokio::test]
async fn answers_have_limits() {
    let limits = Limits { bytes: 1024, time: Duration::from_secs(1), redirects: 2 };
    let (at, _told) = serve(vec![answer(&"x".repeat(1025))]);
    let error = dev(limits).get(&format!("http://{at}/"), &[]).await.expect_err("too large").to_string();
    assert!(error.contains("1 KiB"), "{error}");
    let (at, _told) = serve(vec!["HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n".into(), String::new()]);
    let slow = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let never = slow.local_addr().expect("it is bound");
    let error = dev(limits).get(&format!("http://{never}/"), &[]).await.expect_err("no answer").to_string();
    assert!(error.contains("longer than 1 seconds"), "{error}");
    dev(limits).get(&format!("http://{at}/"), &[]).await.expect_err("the body is cut");
    let (at, _told) = serve(vec![redirect("/"), redirect("/"), redirect("/"), redirect("/")]);
    let error = dev(limits).get(&format!("http://{at}/"), &[]).await.expect_err("a circle").to_string();
    assert!(error.contains("more than 2 times"), "{error}");
}

#[test]
fn forms_are_encoded() {
    assert_eq!(form_text(&[]), "");
    assert_eq!(form_text(&[("a", "ä+ %"), ("b-._~", "")]), "a=%C3%A4%2B%20%25&b-._~=");
}
