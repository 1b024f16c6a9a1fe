//! What pages of other origins may do.

use bistro_http::{Config, Cors};

use crate::harness::{PUBLISHABLE, check, start, status};

#[tokio::test]
async fn any_page_may_ask_by_default() {
    let running = start(Config::default()).await;
    let origin = "origin: https://app.example";
    let asked =
        [origin, "access-control-request-method: PATCH", "access-control-request-headers: apikey, x-own"];
    for path in ["/data/1", "/nowhere"] {
        let answer = running.ask(&format!("OPTIONS {path}"), &asked).await;
        let expected = [
            "access-control-allow-origin: *\r\n",
            "access-control-allow-methods: GET,POST,PUT,PATCH,DELETE,HEAD,OPTIONS\r\n",
            "access-control-allow-headers: apikey, x-own\r\n",
            "access-control-max-age: 86400\r\n",
        ];
        check(&answer, 204, &expected);
        assert!(!answer.contains("allow-credentials"), "{answer}");
    }
    let bare = running.ask("OPTIONS /data", &asked[..2]).await;
    check(&bare, 204, &["access-control-allow-headers: authorization, apikey, content-type, x-client-info"]);
    let exposed = ["access-control-allow-origin: *\r\n", "access-control-expose-headers: Content-Range, "];
    check(&running.ask("GET /data", &[origin, &format!("apikey: {PUBLISHABLE}")]).await, 200, &exposed);
    check(&running.ask("GET /data", &[origin]).await, 401, &exposed);
    let own = running.ask("GET /page", &[]).await;
    assert!(!own.contains("access-control"), "{own}");
    // An OPTIONS that is no preflight goes to the surface.
    assert_eq!(status(&running.ask("OPTIONS /data", &[]).await), 401);
}

#[tokio::test]
async fn listed_origins_narrow_it() {
    let cors =
        Cors::new(&["https://App.example".to_owned(), "http://localhost:5173".to_owned()], &[]).unwrap();
    let running = start(Config { cors, ..Config::default() }).await;
    for (origin, allowed) in
        [("https://app.example", true), ("http://localhost:5173", true), ("https://app.example.evil", false)]
    {
        let header = format!("origin: {origin}");
        for (line, more) in [("GET /page", "a: b"), ("OPTIONS /data", "access-control-request-method: GET")] {
            let answer = running.ask(line, &[&header, more]).await;
            let echoed = answer.contains(&format!("access-control-allow-origin: {origin}\r\n"));
            assert_eq!((echoed, answer.contains("allow-origin")), (allowed, allowed), "{answer}");
            assert!(answer.contains("vary: Origin"), "{answer}");
        }
    }
    for bad in ["app.example", "https://app.example/path", "https://*.example", "https://"] {
        let bad = bad.to_owned();
        assert!(Cors::new(std::slice::from_ref(&bad), &[]).unwrap_err().contains(&bad));
        assert!(Cors::new(&[], std::slice::from_ref(&bad)).unwrap_err().contains("cors.cookie_origins"));
    }
}

#[tokio::test]
async fn pages_act_by_cookie_where_they_are_listed_for_it() {
    let listed = ["https://App.example".to_owned()];
    let running = start(Config { cors: Cors::new(&[], &listed).unwrap(), ..Config::default() }).await;
    let cases = [
        ("GET /page", "https://app.example", "access-control-allow-origin: https://app.example\r\n", true),
        ("GET /page", "https://other.example", "access-control-allow-origin: *\r\n", false),
        ("GET /nowhere", "https://app.example", "access-control-allow-origin: https://app.example\r\n", true),
    ];
    for (line, origin, allowed, credentials) in cases {
        let answer = running.ask(line, &[&format!("origin: {origin}")]).await;
        assert!(answer.contains(allowed), "{answer}");
        assert_eq!(answer.contains("access-control-allow-credentials: true\r\n"), credentials, "{answer}");
        assert!(answer.contains("vary: Origin\r\n"), "{answer}");
    }
    // Pages that act for who is signed in here are read by nobody else, listed or not.
    for path in ["/own", "/own/deeper"] {
        let answer = running.ask(&format!("GET {path}"), &["origin: https://app.example"]).await;
        check(&answer, 200, &[]);
        assert!(!answer.contains("access-control"), "{answer}");
    }
}
