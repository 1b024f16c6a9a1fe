//! Credentials, routes and request ids.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bistro_auth::Options;
use bistro_http::{Config, Proxies};

use crate::harness::{PUBLISHABLE, SECRET, check, quick, site, start, start_as};

#[tokio::test]
async fn routes_ask_for_what_they_need() {
    let running = start(Config { root: Some("/docs"), ..Config::default() }).await;
    let (anon, service) = (format!("apikey: {PUBLISHABLE}"), format!("Authorization: Bearer {SECRET}"));
    let cases: &[(&str, &[&str], u16, &[&str])] = &[
        ("GET /data", &[], 401, &["No API key found in request", "www-authenticate: Bearer\r\n", "BIS-301"]),
        ("GET /data", &["apikey: x"], 401, &["Invalid authentication credentials"]),
        ("GET /data", &[&anon], 200, &["first GET anon true", "x-content-type-options: nosniff"]),
        ("GET /data", &[&service], 200, &["first GET service_role true"]),
        (
            "GET /data",
            &["Authorization: Bearer a.b"],
            401,
            &["Expected 3 parts in JWT; got 2", "error=\"invalid_token\""],
        ),
        ("GET /view", &[], 200, &["first GET anon true"]),
        ("GET /view", &["apikey: x"], 401, &["Invalid authentication credentials"]),
        ("GET /page", &["apikey: x"], 200, &["first GET anon true"]),
        ("GET /data/refuse", &[&anon], 401, &["42501", "proxy-status: PostgREST; error=42501"]),
        ("GET /data/refuse", &[&service], 403, &["42501"]),
        (
            "GET /data/refuse",
            &[&service, "accept: application/problem+json"],
            403,
            &["content-type: application/problem+json"],
        ),
        ("GET /data/headers", &[&service], 200, &["x-good: good"]),
        ("GET /nowhere", &[], 404, &["BIS-113", "Nothing is served at /nowhere", "/data"]),
        ("GET /", &[], 307, &["location: /docs"]),
        ("GET /health/live", &[], 200, &["{\"status\":\"live\"}"]),
        ("GET /health/ready", &[], 200, &["{\"status\":\"ready\"}"]),
        ("GET /page", &["x-request-id: mine-1"], 200, &["x-request-id: mine-1"]),
        (
            "GET /nowhere",
            &["x-request-id: mine-2"],
            404,
            &["x-request-id: mine-2", "\"instance\":\"mine-2\""],
        ),
    ];
    for (line, headers, status, texts) in cases {
        check(&running.ask(line, headers).await, *status, texts);
    }
    let answer = running.ask("GET /data/headers", &[&service]).await;
    assert!(!answer.contains("x-bad") && !answer.contains("x-injected"), "{answer}");
    let bad: &str = &format!("x-request-id: {}", "a".repeat(129));
    for header in [bad, "x-request-id: <script>", "x-request-id: a b"] {
        let answer = running.ask("GET /page", &[header]).await;
        assert!(!answer.contains(header), "{answer}");
        check(&answer, 200, &[]);
    }
    let head = running.ask("HEAD /page", &[]).await;
    assert!(head.ends_with("\r\n\r\n") && head.contains("content-length: 20"), "{head}");
}

/// The header with which HTTP Basic says these words.
fn basic(plain: &str) -> String {
    format!("Authorization: Basic {}", STANDARD.encode(plain))
}

#[tokio::test]
async fn a_key_comes_by_basic_where_a_route_takes_it() {
    let running = start(Config::default()).await;
    let (anon, service) = (basic(&format!("apikey:{PUBLISHABLE}")), basic(&format!("apikey:{SECRET}")));
    let (publishable, secret) = (format!("apikey: {PUBLISHABLE}"), format!("apikey: {SECRET}"));
    let bearer = format!("Authorization: Bearer {SECRET}");
    let (other, wrong) = (basic(&format!("ada@example.org:{SECRET}")), basic("apikey:sb_secret_x"));
    let token = basic("apikey:e30.e30.x");
    let cases: &[(&str, &[&str], u16, &str)] = &[
        ("GET /basic", &[&service], 200, "service_role"),
        ("GET /basic", &[&anon], 200, " anon "),
        ("GET /basic/view", &[&service], 200, "service_role"),
        ("GET /basic/view", &[], 200, " anon "),
        ("GET /basic/page", &[&wrong], 200, " anon "),
        // What it says decides, as every Authorization does.
        ("GET /basic", &[&publishable, &service], 200, "service_role"),
        ("GET /basic", &[&secret, &wrong], 401, "BIS-302"),
        ("GET /basic", &[&wrong], 401, "BIS-302"),
        ("GET /basic/view", &[&wrong], 401, "BIS-302"),
        ("GET /basic", &[&other], 401, "BIS-302"),
        ("GET /basic", &[&token], 401, "BIS-302"),
        ("GET /basic", &["Authorization: Basic ???"], 401, "BIS-302"),
        ("GET /basic", &["Authorization: Basic"], 401, "BIS-302"),
        ("GET /basic", &[&bearer], 200, "service_role"),
        ("GET /basic", &[], 401, "BIS-301"),
        // Elsewhere it is a scheme that nobody reads.
        ("GET /data", &[&service], 401, "Authorization is written: Bearer <token>."),
        ("GET /view", &[&service], 401, "BIS-302"),
        ("GET /page", &[&service], 200, " anon "),
    ];
    for (line, headers, status, text) in cases {
        check(&running.ask(line, headers).await, *status, &[text]);
    }
}

#[tokio::test]
async fn readiness_is_told() {
    let readiness = Box::new(|| Err("the store is \"away\"".to_owned()));
    let running = start(Config { readiness, ..Config::default() }).await;
    let answer = running.ask("GET /health/ready", &[]).await;
    check(&answer, 503, &[r#"{"status":"unavailable","reason":"the store is \"away\""}"#, "retry-after: 1"]);
}

#[tokio::test]
async fn the_open_server_is_for_this_machine_alone() {
    let running = start_as(Config::default(), Options { open: true, ..Options::default() }).await;
    let get = |host: &str, more: &str| format!("GET /data HTTP/1.1\r\n{host}{more}connection: close\r\n\r\n");
    let cases = [
        ("host: localhost:4000\r\n", "", 200, "first GET service_role"),
        ("host: 127.0.0.1\r\n", "origin: http://localhost:5173\r\n", 200, "first GET service_role"),
        ("host: evil.example\r\n", "", 403, "BIS-303"),
        ("", "", 403, "Host is not this machine"),
        ("host: localhost\r\n", "origin: https://evil.example\r\n", 403, "Origin is not this machine"),
        ("host: localhost\r\n", "origin: null\r\n", 403, "BIS-303"),
        ("host: localhost\r\n", "apikey: x\r\n", 401, "BIS-302"),
    ];
    for (host, more, status, text) in cases {
        check(&running.send(get(host, more)).await, status, &[text]);
    }
    let preflight = ["origin: https://evil.example", "access-control-request-method: GET"];
    check(&running.ask("OPTIONS /data", &preflight).await, 403, &["BIS-303"]);
}

#[tokio::test]
async fn a_new_site_answers_on_old_connections() {
    use tokio::io::AsyncWriteExt;
    let running = start(Config::default()).await;
    let mut stream = running.connect().await;
    for name in ["first", "second"] {
        stream.write_all(b"GET /page HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
        check(&crate::harness::read_one(&mut stream).await, 200, &[name]);
        running.server.replace_site(site("second"));
    }
}

#[tokio::test]
async fn listed_proxies_say_whom_they_speak_for() {
    let forwarded: &[&str] = &["x-forwarded-for: 198.51.100.1"];
    let unlisted = start(Config::default()).await;
    check(&unlisted.ask("GET /page/address", forwarded).await, 200, &["127.0.0.1"]);
    let proxies = Proxies::new(&["127.0.0.0/8".to_owned()]).unwrap();
    let listed = start(Config { proxies, ..Config::default() }).await;
    check(&listed.ask("GET /page/address", forwarded).await, 200, &["198.51.100.1"]);
    check(&listed.ask("GET /page/address", &[]).await, 200, &["127.0.0.1"]);
}

#[tokio::test]
async fn listed_proxies_say_who_could_read_a_request() {
    let (client, https) = ("x-forwarded-for: 198.51.100.1", "x-forwarded-proto: https");
    let unlisted = start(Config::default()).await;
    check(&unlisted.ask("GET /page/way", &[]).await, 200, &["confidential"]);
    check(&unlisted.ask("GET /page/way", &[client, https]).await, 200, &["anybody"]);
    let proxies = Proxies::new(&["127.0.0.0/8".to_owned()]).unwrap();
    let listed = start(Config { proxies, ..Config::default() }).await;
    check(&listed.ask("GET /page/way", &[client, https]).await, 200, &["confidential"]);
    check(&listed.ask("GET /page/way", &[client, "x-forwarded-proto: http"]).await, 200, &["anybody"]);
    check(&listed.ask("GET /page/way", &[client]).await, 200, &["anybody"]);
    // The name that the front writes it under is none that a client can send.
    let answer = listed.ask("GET /page/way", &[client, ":scheme: https"]).await;
    assert!(!answer.contains("confidential"), "{answer}");
}

#[tokio::test]
async fn regress_what_is_refused_in_front_of_a_surface_has_its_form() {
    let running = start(Config { limits: quick(), ..Config::default() }).await;
    let service: &str = &format!("apikey: {SECRET}");
    let cases: &[(&str, &[&str], u16, &str)] = &[
        ("GET /form", &["x-request-id: r"], 401, "own form r true: BIS-301"),
        ("GET /form", &["x-request-id: r", "apikey: x"], 401, "own form r true: BIS-302"),
        (
            "POST /form",
            &["x-request-id: r", service, "content-length: 2000"],
            413,
            "own form r true: BIS-101",
        ),
        ("GET /form/panic", &["x-request-id: r", service], 500, "own form r false: BIS-900"),
        ("GET /form/never", &["x-request-id: r", service], 504, "own form r false: "),
        ("GET /form", &[service], 200, "first GET service_role true"),
        ("GET /data", &[], 401, "\"code\":\"BIS-301\""),
    ];
    for (line, headers, status, text) in cases {
        check(&running.ask(line, headers).await, *status, &[text]);
    }
}
