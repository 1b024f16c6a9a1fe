use crate::app::{ADA, App, Ask, ask};

fn batch(operations: &str) -> Ask {
    ask(&format!("POST /batch/v1\n\n{{\"operations\":[{operations}]}}"))
}

#[test]
fn later_operations_refer_to_earlier_results() {
    let app = App::new();
    let answer = app.ask(&batch(&format!(
        r#"{{"method":"POST","path":"/rest/v1/posts","body":{{"title":"B","author":"{ADA}"}}}},
           {{"method":"POST","path":"/rest/v1/posts_tags","body":{{"tag_id":1}},"refs":{{"post_id":"$0.id"}}}},
           {{"method":"GET","path":"/rest/v1/posts/{{$0.id}}?select=title,tags(name)"}}"#
    )));
    assert_eq!(answer.0.status, 200, "{}", answer.body());
    let body: serde_json::Value = serde_json::from_str(answer.body()).expect("JSON");
    assert_eq!(body["results"][0]["status"], 201);
    assert_eq!(body["results"][1]["status"], 201);
    assert_eq!(body["results"][1]["body"], serde_json::Value::Null);
    assert_eq!(body["results"][2]["body"].to_string(), r#"{"title":"B","tags":[{"name":"red"}]}"#);
}

#[test]
fn a_failure_names_its_operation_and_undoes_all() {
    let app = App::new();
    let make = r#"{"method":"POST","path":"/rest/v1/tags","body":{"id":50,"name":"x"}}"#;
    let check = |second: &str, status, code: &str| {
        let answer = app.ask(&batch(&format!("{make},{second}")));
        let body: serde_json::Value = serde_json::from_str(answer.body()).expect("JSON");
        assert_eq!(
            (answer.0.status, body["code"].as_str(), body["index"].as_u64()),
            (status, Some(code), Some(1)),
            "{body}"
        );
        app.check(ask("GET /rest/v1/tags?id=eq.50"), 200, "[]", &[]);
    };
    check(make, 409, "23505");
    check(r#"{"method":"GET","path":"/rest/v1/nothing"}"#, 404, "PGRST205");
    check(r#"{"method":"GET","path":"/rest/v1/tags/99"}"#, 404, "PGRST116");
    check(r#"{"method":"GET","path":"/auth/v1/user"}"#, 400, "BIS-110");
    check(r#"{"method":"GET","path":"/rest/v1/openapi.json"}"#, 400, "BIS-110");
    check(r#"{"method":"POST","path":"/rest/v1/tags","refs":{"id":"$1.id"}}"#, 400, "BIS-109");
    check(r#"{"method":"TRACE","path":"/rest/v1/tags"}"#, 405, "PGRST117");
    check(r#"{"method":"DELETE","path":"/rest/v1/tags"}"#, 400, "21000");
}

#[test]
fn what_is_no_batch_is_refused() {
    let app = App::new();
    let check = |text: &str, status, code: &str| app.check(ask(text), status, code, &[]);
    check("POST /batch/v1\n\n{", 400, "!BIS-110");
    check("POST /batch/v1\n\n{\"operations\":[]}", 400, "!BIS-110");
    check(
        "POST /batch/v1\n\n{\"operations\":[{\"method\":\"GET\",\"path\":\"/x\",\"more\":1}]}",
        400,
        "!BIS-110",
    );
    let many = vec![r#"{"method":"GET","path":"/rest/v1/tags"}"#; 101].join(",");
    check(&format!("POST /batch/v1\n\n{{\"operations\":[{many}]}}"), 400, "!BIS-110");
    check("POST /batch/v1\nContent-Type: text/csv\n\na", 415, "!BIS-105");
    check("GET /batch/v1", 405, "!PGRST117");
}

#[test]
fn rules_hold_for_each_operation() {
    let app = App::new();
    let own =
        format!(r#"{{"method":"POST","path":"/rest/v1/posts","body":{{"title":"B","author":"{ADA}"}}}}"#);
    let other = r#"{"method":"POST","path":"/rest/v1/tags","body":{"id":60,"name":"x"}}"#;
    app.check(batch(&format!("{own},{other}")).ada(), 403, "!42501", &[]);
    app.check(ask("GET /rest/v1/posts?title=eq.B"), 200, "[]", &[]);
}

#[test]
fn the_same_key_and_body_answer_the_same() {
    let app = App::new();
    let make = |key: &str, title: &str| {
        ask(&format!(
            "POST /batch/v1\nIdempotency-Key: {key}\n\n{{\"operations\":[{{\"method\":\"POST\",\"path\":\"/rest/v1/posts?select=id\",\"body\":{{\"title\":\"{title}\",\"author\":\"{ADA}\"}}}}]}}"
        ))
    };
    let first = app.ask(&make("k1", "K"));
    let again = app.ask(&make("k1", "K"));
    assert_eq!((first.0.status, first.body()), (again.0.status, again.body()));
    app.check(ask("GET /rest/v1/posts?title=eq.K&select=count()"), 200, r#"[{"count":1}]"#, &[]);
    app.check(make("k1", "L"), 422, "!BIS-108", &[]);
    assert_eq!(app.ask(&make("k2", "K")).0.status, 200);
    // Another caller's key of the same name is another key.
    let other = app.ask(&make("k1", "K").ada());
    assert_eq!(other.0.status, 200, "{}", other.body());
    assert_ne!(other.body(), first.body());
}
