use crate::app::{ADA, App, ask};

#[test]
fn a_row_is_read_by_its_key() {
    let app = App::new();
    let check = |text: &str, status, body: &str, headers: &[(&str, &str)]| {
        app.check(ask(text), status, body, headers)
    };
    check(
        "GET /rest/v1/posts/1?select=id,title",
        200,
        r#"{"id":1,"title":"One"}"#,
        &[("content-type", "application/json; charset=utf-8"), ("content-range", "")],
    );
    check("GET /rest/v1/stocks/a%2Cb,7", 200, r#"{"place":"a,b","part":7,"number":5}"#, &[]);
    check("GET /rest/v1/stocks/a,b,7", 404, "!PGRST125", &[]);
    check(&format!("GET /rest/v1/persons/{ADA}?select=name"), 200, r#"{"name":"Ada"}"#, &[]);
    check("GET /rest/v1/posts/9", 404, "!PGRST116", &[]);
    check("GET /rest/v1/posts/x", 400, "!22P02", &[]);
    check("GET /rest/v1/posts/1/more", 404, "!PGRST125", &[]);
    check("GET /rest/v1/nothing/1", 404, "!PGRST205", &[]);
    app.check(ask("GET /rest/v1/posts/2").anonymous(), 404, "!PGRST116", &[]);
}

#[test]
fn tags_of_rows_are_compared() {
    let app = App::new();
    let first = app.ask(&ask("GET /rest/v1/tags/1"));
    let tag = first.header("etag").to_owned();
    assert_eq!(tag.len(), 18, "{tag}");
    let check = |text: String, status, body: &str| app.check(ask(&text), status, body, &[]);
    check(format!("GET /rest/v1/tags/1\nIf-None-Match: {tag}"), 304, "");
    check("GET /rest/v1/tags/1\nIf-None-Match: \"x\"".into(), 200, r#"{"id":1,"name":"red"}"#);
    check("PATCH /rest/v1/tags/1\nIf-Match: \"x\"\n\n{\"name\":\"no\"}".into(), 412, "!BIS-107");
    check("DELETE /rest/v1/tags/1\nIf-Match: \"x\"".into(), 412, "!BIS-107");
    check("PATCH /rest/v1/tags/99\nIf-Match: \"x\"\n\n{\"name\":\"no\"}".into(), 404, "!PGRST116");
    check("PUT /rest/v1/tags/99\nIf-Match: *\n\n{\"name\":\"no\"}".into(), 412, "!BIS-107");
    let changed = app.ask(&ask(&format!("PATCH /rest/v1/tags/1\nIf-Match: {tag}\n\n{{\"name\":\"yes\"}}")));
    assert_eq!((changed.0.status, changed.body()), (200, r#"{"id":1,"name":"yes"}"#));
    let now = app.ask(&ask("GET /rest/v1/tags/1"));
    assert_eq!(changed.header("etag"), now.header("etag"));
    check(format!("PATCH /rest/v1/tags/1\nIf-Match: {tag}\n\n{{\"name\":\"late\"}}"), 412, "!BIS-107");
}

#[test]
fn a_row_is_written_by_its_key() {
    let app = App::new();
    let check = |text: &str, status, body: &str| app.check(ask(text), status, body, &[]);
    check("PATCH /rest/v1/tags/1?select=name\n\n{\"name\":\"r\"}", 200, r#"{"name":"r"}"#);
    check("PATCH /rest/v1/tags/1\nPrefer: return=minimal\n\n{\"name\":\"s\"}", 204, "");
    check("PATCH /rest/v1/tags/1\n\n{}", 200, r#"{"id":1,"name":"s"}"#);
    check("PATCH /rest/v1/tags/99\n\n{}", 404, "!PGRST116");
    check("PATCH /rest/v1/tags/99\n\n{\"name\":\"x\"}", 404, "!PGRST116");
    check("PUT /rest/v1/tags/30\n\n{\"name\":\"x\"}", 201, r#"{"id":30,"name":"x"}"#);
    check("PUT /rest/v1/tags/30\n\n{\"id\":30,\"name\":\"y\"}", 200, r#"{"id":30,"name":"y"}"#);
    check("PUT /rest/v1/tags/30\n\n{\"id\":31,\"name\":\"y\"}", 400, "!PGRST115");
    check("DELETE /rest/v1/tags/30", 204, "");
    check("DELETE /rest/v1/tags/30", 404, "!PGRST116");
    check("POST /rest/v1/tags/30\n\n{}", 405, "!PGRST117");
    app.check(ask("PATCH /rest/v1/posts/3\n\n{\"title\":\"x\"}").ada(), 404, "!PGRST116", &[]);
}
