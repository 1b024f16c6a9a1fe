use crate::app::{App, ask};

#[test]
fn lists_are_read() {
    let app = App::new();
    let check = |text: &str, status, body: &str, headers: &[(&str, &str)]| {
        app.check(ask(text), status, body, headers)
    };
    let json = "application/json; charset=utf-8";
    check(
        "GET /rest/v1/posts?select=id,title&order=id&id=gt.1",
        200,
        r#"[{"id":2,"title":"Two"},{"id":3,"title":"Three, \"3\""}]"#,
        &[
            ("content-type", json),
            ("content-range", "0-1/*"),
            ("cache-control", "private, no-cache"),
            ("content-location", "/posts?id=gt.1&order=id&select=id,title"),
            ("vary", "Accept, Prefer, Range"),
        ],
    );
    check("GET /rest/v1/posts?select=id&id=eq.9", 200, "[]", &[("content-range", "*/*")]);
    check(
        "GET /rest/v1/posts?select=price&order=id",
        200,
        r#"[{"price":10.00},{"price":null},{"price":3.50}]"#,
        &[],
    );
    check(
        "GET /rest/v1/posts?select=price&order=id\nAccept: application/json;decimals=string",
        200,
        r#"[{"price":"10.00"},{"price":null},{"price":"3.50"}]"#,
        &[],
    );
    check(
        "GET /rest/v1/posts?select=id,price&id=eq.2\nAccept: application/vnd.pgrst.array+json;nulls=stripped",
        200,
        r#"[{"id":2}]"#,
        &[],
    );
    check(
        "GET /rest/v1/posts?select=id,title&order=id&id=neq.2\nAccept: text/csv",
        200,
        "id,title\n1,One\n3,\"Three, \"\"3\"\"\"",
        &[("content-type", "text/csv; charset=utf-8")],
    );
    check(
        "GET /rest/v1/posts?select=id,author(name),tags(name)&id=eq.1&tags.order=name",
        200,
        r#"[{"id":1,"author":{"name":"Ada"},"tags":[{"name":"blue"},{"name":"red"}]}]"#,
        &[],
    );
    check(
        "GET /rest/v1/posts?select=id,...author(by:name),...tags(tag:name)&id=eq.1&tags.order=name",
        200,
        r#"[{"id":1,"by":"Ada","tag":["blue","red"]}]"#,
        &[],
    );
    check("GET /rest/v1/posts?select=count()", 200, r#"[{"count":3}]"#, &[]);
}

#[test]
fn counts_pages_and_ranges() {
    let app = App::new();
    let check = |text: &str, status, body: &str, headers: &[(&str, &str)]| {
        app.check(ask(text), status, body, headers)
    };
    let range = |range| [("content-range", range)];
    check(
        "GET /rest/v1/posts?select=id&order=id&limit=2\nPrefer: count=exact",
        206,
        r#"[{"id":1},{"id":2}]"#,
        &[("content-range", "0-1/3"), ("preference-applied", "count=exact")],
    );
    check(
        "GET /rest/v1/posts?select=id&order=id\nPrefer: count=exact",
        200,
        r#"[{"id":1},{"id":2},{"id":3}]"#,
        &range("0-2/3"),
    );
    check("GET /rest/v1/posts?select=id&order=id&offset=2", 200, r#"[{"id":3}]"#, &range("2-2/*"));
    check("GET /rest/v1/posts?select=id&offset=40\nPrefer: count=exact", 416, "!PGRST103", &[]);
    check("GET /rest/v1/posts?select=id&offset=3\nPrefer: count=exact", 206, "[]", &range("*/3"));
    check("GET /rest/v1/posts?limit=0", 200, "[]", &range("*/*"));
    check("GET /rest/v1/posts?limit=-1", 416, "!PGRST103", &[]);
    check("GET /rest/v1/posts?select=id&order=id\nRange: 1-1", 200, r#"[{"id":2}]"#, &range("1-1/*"));
}

#[test]
fn one_object_is_exactly_one() {
    let app = App::new();
    let object = "Accept: application/vnd.pgrst.object+json";
    let check = |query: &str, status, body: &str| {
        app.check(ask(&format!("GET /rest/v1/posts?{query}\n{object}")), status, body, &[])
    };
    check("select=id&id=eq.1", 200, r#"{"id":1}"#);
    check("select=id&id=eq.9", 406, "!PGRST116");
    check("select=id", 406, "!PGRST116");
    let none = app.ask(&ask(&format!("GET /rest/v1/posts?id=eq.9\n{object}")));
    assert!(none.body().contains("The result contains 0 rows"), "{}", none.body());
}

#[test]
fn rules_and_names_decide() {
    let app = App::new();
    app.check(ask("GET /rest/v1/posts?select=id&order=id").anonymous(), 200, r#"[{"id":1},{"id":3}]"#, &[]);
    app.check(
        ask("GET /rest/v1/posts?select=id&order=id").ada(),
        200,
        r#"[{"id":1},{"id":2},{"id":3}]"#,
        &[],
    );
    app.check(
        ask("GET /rest/v1/persons?select=name,email&order=name").ada(),
        200,
        r#"[{"name":"Ada","email":"ada@x.org"},{"name":"Bo","email":null}]"#,
        &[],
    );
    // The same request of another caller after it: nothing of the first is kept.
    app.check(
        ask("GET /rest/v1/persons?select=name,email&order=name").anonymous(),
        200,
        r#"[{"name":"Ada","email":null},{"name":"Bo","email":null}]"#,
        &[],
    );
    app.check(ask("GET /rest/v1/secrets").anonymous(), 404, "!PGRST205", &[]);
    app.check(ask("GET /rest/v1/secrets"), 200, "[]", &[]);
    app.check(
        ask("GET /rest/v1/posts?nothing=eq.1"),
        400,
        "!42703",
        &[("proxy-status", "PostgREST; error=42703")],
    );
    app.check(ask("GET /rest/v1/posts?id=eq.x"), 400, "!22P02", &[]);
    app.check(ask("GET /rest/v1/posts\nAccept: image/png"), 406, "!PGRST107", &[]);
    app.check(
        ask("GET /rest/v1/posts?select=id&id=eq.1\nAccept-Profile: public"),
        200,
        r#"[{"id":1}]"#,
        &[("content-profile", "public")],
    );
    app.check(ask("GET /rest/v1/posts\nAccept-Profile: other"), 406, "!PGRST106", &[]);
}

#[test]
fn the_short_way_answers_as_the_long_one() {
    let app = App::new();
    for _ in 0..3 {
        for id in [1, 3] {
            let body = format!(r#"[{{"id":{id}}}]"#);
            app.check(ask(&format!("GET /rest/v1/posts?select=id&id=eq.{id}")), 200, &body, &[]);
            app.check(
                ask(&format!("GET /rest/v1/posts?select=id&id=eq.{id}\nPrefer: count=exact")),
                200,
                &body,
                &[("content-range", "0-0/1")],
            );
            let one = &body[1..body.len() - 1];
            app.check(ask(&format!("GET /rest/v1/posts/{id}?select=id")), 200, one, &[]);
            app.check(
                ask(&format!("GET /rest/v1/posts?select=id&id=eq.{id}\nAccept: text/csv")),
                200,
                &format!("id\n{id}"),
                &[],
            );
            app.check(
                ask(&format!(
                    "GET /rest/v1/posts?select=id&id=eq.{id}\nAccept: application/vnd.pgrst.object+json"
                )),
                200,
                one,
                &[],
            );
        }
        app.check(ask("GET /rest/v1/posts?select=id&id=eq.x"), 400, "!22P02", &[]);
        app.check(
            ask("GET /rest/v1/posts?select=id&order=id&limit=1&offset=1"),
            200,
            r#"[{"id":2}]"#,
            &[("content-range", "1-1/*")],
        );
        app.check(
            ask("GET /rest/v1/posts?select=id&order=id&limit=1&offset=2"),
            200,
            r#"[{"id":3}]"#,
            &[("content-range", "2-2/*")],
        );
    }
}
