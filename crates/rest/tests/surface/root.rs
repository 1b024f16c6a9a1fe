use crate::app::{App, ask};

#[test]
fn methods_and_paths() {
    let app = App::new();
    let check = |text: &str, status, body: &str, headers: &[(&str, &str)]| {
        app.check(ask(text), status, body, headers)
    };
    check("OPTIONS /rest/v1/posts", 200, "", &[("allow", "OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE")]);
    check("OPTIONS /rest/v1/posts/1", 200, "", &[("allow", "OPTIONS,GET,HEAD,PUT,PATCH,DELETE")]);
    check("OPTIONS /rest/v1/nothing", 404, "!PGRST205", &[]);
    check("OPTIONS /rest/v1/", 200, "", &[("allow", "OPTIONS,GET,HEAD")]);
    check("TRACE /rest/v1/posts", 405, "!PGRST117", &[]);
    check("DELETE /rest/v1/", 405, "!PGRST117", &[]);
    check("GET /rest/v1/rpc/add?a=1&b=2", 404, "!PGRST202", &[]);
    check("DELETE /rest/v1/rpc/add", 405, "!PGRST101", &[]);
    let made = app.ask(&ask("POST /rest/v1/rpc/add\n\n{\"b\":1,\"a\":2}"));
    assert!(
        made.body().contains("Could not find the function public.add(a, b) in the schema cache"),
        "{}",
        made.body()
    );
    check("GET /rest/v1/post", 404, "!PGRST205", &[]);
    let near = app.ask(&ask("GET /rest/v1/post").anonymous());
    assert!(near.body().contains("Perhaps you meant the table 'public.posts'"), "{}", near.body());
}

#[test]
fn documents_are_kept_and_revalidated() {
    let app = App::new();
    for (path, content_type) in [
        ("/rest/v1/", "application/openapi+json; charset=utf-8"),
        ("/rest/v1/openapi.json", "application/json; charset=utf-8"),
    ] {
        let first = app.ask(&ask(&format!("GET {path}")));
        assert_eq!((first.0.status, first.header("content-type")), (200, content_type));
        let again = app.ask(&ask(&format!("GET {path}\nIf-None-Match: {}", first.header("etag"))));
        assert_eq!((again.0.status, again.body()), (304, ""));
        let other = app.ask(&ask(&format!("GET {path}")).anonymous());
        assert_ne!(first.header("etag"), other.header("etag"));
        assert!(first.body().contains("secrets") && !other.body().contains("secrets"));
    }
}
