use crate::app::{ADA, App, ask};

#[test]
fn rows_are_made() {
    let app = App::new();
    let check = |text: &str, status, body: &str, headers: &[(&str, &str)]| {
        app.check(ask(text), status, body, headers)
    };
    check(
        "POST /rest/v1/tags\n\n{\"id\":5,\"name\":\"green\"}",
        201,
        "",
        &[
            ("location", "/rest/v1/tags/5"),
            ("content-range", "*/*"),
            ("content-type", "text/plain; charset=utf-8"),
        ],
    );
    check(
        "POST /rest/v1/tags\nPrefer: return=headers-only\n\n{\"id\":6,\"name\":\"grey\"}",
        201,
        "",
        &[("location", "/tags?id=eq.6"), ("preference-applied", "return=headers-only")],
    );
    check(
        "POST /rest/v1/stocks\nPrefer: return=headers-only\n\n{\"place\":\"x y\",\"part\":1}",
        201,
        "",
        &[("location", "/stocks?place=eq.x%20y&part=eq.1")],
    );
    check(
        "POST /rest/v1/stocks\n\n{\"place\":\"x,y\",\"part\":1}",
        201,
        "",
        &[("location", "/rest/v1/stocks/x%2Cy,1")],
    );
    check(
        "POST /rest/v1/tags?select=name\nPrefer: return=representation, count=exact\n\n[{\"id\":7,\"name\":\"a\"},{\"id\":8,\"name\":\"b\"}]",
        201,
        r#"[{"name":"a"},{"name":"b"}]"#,
        &[("content-range", "*/2"), ("location", "")],
    );
    check(
        "POST /rest/v1/tags?select=name\nPrefer: return=representation\nAccept: application/vnd.pgrst.object+json\n\n{\"id\":9,\"name\":\"c\"}",
        201,
        r#"{"name":"c"}"#,
        &[],
    );
    check("POST /rest/v1/tags\n\n[]", 201, "", &[]);
    check("POST /rest/v1/tags\nPrefer: return=representation\n\n[]", 201, "[]", &[]);
    check("POST /rest/v1/tags\n\n{\"id\":5,\"name\":\"again\"}", 409, "!23505", &[]);
    check("POST /rest/v1/tags\n\n{\"id\":5", 400, "!PGRST102", &[]);
    check("POST /rest/v1/tags\n\n{\"nothing\":5}", 400, "!PGRST204", &[]);
    check(
        "POST /rest/v1/posts\n\n{\"title\":\"x\",\"author\":\"0198c0de-0000-7000-8000-00000000ffff\"}",
        409,
        "!23503",
        &[],
    );
}

#[test]
fn upserts_say_whether_they_made_something() {
    let app = App::new();
    let merge = "Prefer: resolution=merge-duplicates,return=representation";
    let check = |text: &str, status, body: &str| app.check(ask(text), status, body, &[]);
    check(
        &format!("POST /rest/v1/tags\n{merge}\n\n{{\"id\":1,\"name\":\"rose\"}}"),
        200,
        r#"[{"id":1,"name":"rose"}]"#,
    );
    check(
        &format!("POST /rest/v1/tags\n{merge}\n\n{{\"id\":11,\"name\":\"new\"}}"),
        201,
        r#"[{"id":11,"name":"new"}]"#,
    );
    check(
        "POST /rest/v1/tags?on_conflict=name\nPrefer: resolution=ignore-duplicates,return=representation\n\n[{\"id\":12,\"name\":\"rose\"},{\"id\":13,\"name\":\"x\"}]",
        201,
        r#"[{"id":13,"name":"x"}]"#,
    );
    check(
        &format!("POST /rest/v1/tags?on_conflict=id,name\n{merge}\n\n{{\"id\":1,\"name\":\"rose\"}}"),
        400,
        "!42P10",
    );
    check(
        "PUT /rest/v1/tags?id=eq.20\nPrefer: return=representation\n\n{\"id\":20,\"name\":\"put\"}",
        201,
        r#"[{"id":20,"name":"put"}]"#,
    );
    check(
        "PUT /rest/v1/tags?id=eq.20\nPrefer: return=representation\n\n{\"id\":20,\"name\":\"again\"}",
        200,
        r#"[{"id":20,"name":"again"}]"#,
    );
    check("PUT /rest/v1/tags?id=eq.20\n\n{\"id\":20,\"name\":\"again\"}", 204, "");
    check("PUT /rest/v1/tags?name=eq.20\n\n{\"id\":20,\"name\":\"again\"}", 405, "!PGRST105");
}

#[test]
fn rows_are_changed_and_removed() {
    let app = App::new();
    let check = |text: &str, status, body: &str, headers: &[(&str, &str)]| {
        app.check(ask(text), status, body, headers)
    };
    check("PATCH /rest/v1/tags?id=eq.1\n\n{\"name\":\"r\"}", 204, "", &[("content-range", "0-0/*")]);
    check("PATCH /rest/v1/tags?id=eq.99\n\n{\"name\":\"r\"}", 204, "", &[("content-range", "*/*")]);
    check(
        "PATCH /rest/v1/tags?id=eq.1\nPrefer: return=representation,count=exact\n\n{\"name\":\"s\"}",
        200,
        r#"[{"id":1,"name":"s"}]"#,
        &[("content-range", "0-0/1")],
    );
    check("PATCH /rest/v1/tags?id=eq.1\n\n{}", 204, "", &[]);
    check("PATCH /rest/v1/tags?id=eq.1\nPrefer: return=representation\n\n{}", 200, "[]", &[]);
    check("PATCH /rest/v1/tags\n\n{\"name\":\"r\"}", 400, "!21000", &[]);
    check("DELETE /rest/v1/tags", 400, "!21000", &[]);
    check(
        "PATCH /rest/v1/posts?id=gt.0\nPrefer: handling=strict, max-affected=1\n\n{\"title\":\"x\"}",
        400,
        "!PGRST124",
        &[],
    );
    check(
        "PATCH /rest/v1/posts?id=gt.0\nAccept: application/vnd.pgrst.object+json\n\n{\"title\":\"x\"}",
        406,
        "!PGRST116",
        &[],
    );
    check("GET /rest/v1/posts?title=eq.x", 200, "[]", &[]);
    check(
        "DELETE /rest/v1/stocks?part=eq.7\nPrefer: return=representation",
        200,
        r#"[{"place":"a,b","part":7,"number":5}]"#,
        &[],
    );
    check("DELETE /rest/v1/stocks?part=eq.7\nPrefer: count=exact", 204, "", &[("content-range", "*/0")]);
}

#[test]
fn rules_refuse_with_the_right_status() {
    let app = App::new();
    let mine = format!("{{\"title\":\"x\",\"author\":\"{ADA}\"}}");
    let other = "{\"title\":\"x\",\"author\":\"0198c0de-0000-7000-8000-0000000000b0\"}";
    app.check(ask(&format!("POST /rest/v1/posts\n\n{other}")).ada(), 403, "!42501", &[]);
    app.check(
        ask(&format!("POST /rest/v1/posts\n\n{other}")).anonymous(),
        401,
        "!42501",
        &[("www-authenticate", "Bearer")],
    );
    app.check(ask(&format!("POST /rest/v1/posts\n\n{mine}")).ada(), 201, "", &[]);
    app.check(ask("POST /rest/v1/tags\n\n{\"id\":1}").anonymous(), 401, "!42501", &[]);
    app.check(
        ask("PATCH /rest/v1/posts?id=eq.3\n\n{\"title\":\"x\"}").ada(),
        204,
        "",
        &[("content-range", "*/*")],
    );
}
