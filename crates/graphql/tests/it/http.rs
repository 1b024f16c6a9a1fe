//! The road of `/graphql/v1`: methods, forms, media types, statuses, batches, documents by their id.

use std::sync::Arc;

use bistro_graphql::{Introspection, Limits, Options, Trusted};
use bistro_wire::Response;
use serde_json::{Value as Json, json};

use crate::seat::{Backend, Running, Seat};

const JSON: (&str, &str) = ("content-type", "application/json");
const KEY: (&str, &str) = ("apikey", "of the caller");
const GRAPHQL: (&str, &str) = ("accept", "application/graphql-response+json");
const PATH: &str = "/graphql/v1";

fn surface(options: Options) -> Running {
    Seat::new(options).take(Backend::Memory, true)
}

fn text(response: &Response) -> String {
    String::from_utf8(response.body.to_vec()).unwrap()
}

fn header<'r>(response: &'r Response, name: &str) -> Option<&'r str> {
    response.headers.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_ref())
}

/// What a response says in short: its status, and its data or the code and message of its first error.
fn said(response: &Response) -> String {
    let body = text(response);
    let Ok(reply) = serde_json::from_str::<Json>(&body) else { return format!("{} {body}", response.status) };
    let error = &reply["errors"][0];
    let what = match error["message"].as_str() {
        Some(message) => format!("{} {message}", error["extensions"]["code"].as_str().unwrap_or("?")),
        None => body,
    };
    format!("{} {what}", response.status)
}

const ONE: &str = r#"{"query":"{ sample(id: 1) { word } }"}"#;
const ROW: &str = r#"200 {"data":{"sample":{"word":"apple"}}}"#;

#[test]
fn requests_have_a_method_a_form_and_an_answer() {
    let surface = surface(Options::default());
    let check = |method: &str, target: &str, headers: &[(&str, &str)], body: &str, expected: &str| {
        let headers = [&[KEY], headers].concat();
        let response = surface.send("anon", method, target, &headers, body);
        assert_eq!(said(&response), expected, "{method} {target} {headers:?} {body}");
        response
    };
    let get = "/graphql/v1?query=%7B+sample(id:+1)+%7B+word+%7D+%7D";
    check("POST", PATH, &[JSON], ONE, ROW);
    check("POST", "/graphql/v1/", &[("content-type", "application/json; charset=UTF-8")], ONE, ROW);
    check("GET", get, &[], "", ROW);
    check("HEAD", get, &[], "", ROW);
    let variables =
        "/graphql/v1?query=query($i:Int!){sample(id:$i){word}}&variables=%7B%22i%22:1%7D&operationName=";
    check("GET", variables, &[], "", ROW);
    let several =
        json!({"query": "query A { __typename } query B { sample(id: 1) { word } }", "operationName": "B"});
    check("POST", PATH, &[JSON], &several.to_string(), ROW);
    check("POST", PATH, &[JSON], "{}", "400 BAD_REQUEST The request has no query");
    check("GET", PATH, &[], "", "400 BAD_REQUEST The request has no query");
    check("POST", PATH, &[], ONE, "415 BAD_REQUEST The body has no content type");
    check(
        "POST",
        PATH,
        &[JSON, ("accept", "image/png")],
        ONE,
        "406 BAD_REQUEST None of these media types are available: image/png",
    );
    let refused = check("PUT", PATH, &[JSON], ONE, "405 BAD_REQUEST Unsupported HTTP method: PUT");
    assert_eq!(header(&refused, "allow"), Some("GET, HEAD, POST, OPTIONS"));
    let mutation = "/graphql/v1?query=mutation%7BdeleteSample(id:1)%7Bid%7D%7D";
    for method in ["GET", "HEAD"] {
        let refused = check(method, mutation, &[], "", "405 BAD_REQUEST A mutation cannot be sent by GET");
        assert_eq!(header(&refused, "allow"), Some("POST"));
    }
    check("POST", PATH, &[JSON], ONE, ROW);
    let options = check("OPTIONS", PATH, &[], "", "204 ");
    assert_eq!(header(&options, "allow"), Some("GET, HEAD, POST, OPTIONS"));
    check(
        "POST",
        "/graphql/v1/more",
        &[JSON],
        ONE,
        "404 NOT_FOUND Nothing is served here; GraphQL is at /graphql/v1",
    );
}

#[test]
fn the_status_of_a_document_shows_where_the_client_asked_for_it() {
    let surface = surface(Options::default());
    let cases = [
        ("{ sample(id: 1) { word } }", 200),
        ("{", 400),
        ("{ nothing }", 400),
        ("query($i: Int!) { sample(id: $i) { word } }", 400),
        // Data that is null in part is data.
        ("mutation { deleteSample(id: 99) { id } }", 200),
    ];
    for (query, status) in cases {
        let body = json!({ "query": query }).to_string();
        let old = surface.send("anon", "POST", PATH, &[KEY, JSON], &body);
        assert_eq!(
            (old.status, header(&old, "content-type")),
            (200, Some("application/json; charset=utf-8")),
            "{query}"
        );
        let new = surface.send("anon", "POST", PATH, &[KEY, JSON, GRAPHQL], &body);
        let form = Some("application/graphql-response+json; charset=utf-8");
        assert_eq!((new.status, header(&new, "content-type")), (status, form), "{query}");
        assert_eq!(text(&old), text(&new), "{query}");
        assert_eq!(header(&new, "cache-control"), Some("private, no-cache"));
        let reply: Json = serde_json::from_slice(&new.body).unwrap();
        assert_eq!(reply.get("data").is_some(), status == 200, "{query}: {reply}");
        assert_eq!(new.problem.is_some(), reply.get("errors").is_some(), "what fails is logged: {query}");
    }
}

#[test]
fn what_a_page_of_another_site_can_send_unasked_is_refused() {
    let surface = surface(Options::default());
    let body = r#"{"query":"mutation { deleteSample(id: 1) { id } }"}"#;
    let origin = ("origin", "https://elsewhere.example");
    for form in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        let response = surface.send("service", "POST", PATH, &[KEY, origin, ("content-type", form)], body);
        assert_eq!(response.status, 415, "{form}");
    }
    // A browser adds no key by itself, and nobody is nobody, whatever is asked.
    for (method, target) in [("POST", PATH), ("GET", "/graphql/v1?query={__typename}")] {
        let response = surface.send("anon", method, target, &[origin, JSON], ONE);
        assert_eq!(response.status, 401, "{method}");
        assert_eq!(header(&response, "www-authenticate"), Some("Bearer"));
    }
    assert_eq!(said(&surface.send("anon", "POST", PATH, &[KEY, JSON], ONE)), ROW, "the row is still there");
}

#[test]
fn batches_are_answered_in_order_and_counted_together() {
    let limits = Limits { batch: 3, rows: 50, ..Limits::default() };
    let surface = surface(Options { limits, ..Options::default() });
    let send = |body: &Json| surface.send("anon", "POST", PATH, &[KEY, JSON], &body.to_string());
    let word =
        |id: i64| json!({"query": "query($i: Int!) { sample(id: $i) { word } }", "variables": {"i": id}});
    let response = send(&json!([word(2), {"query": "{"}, word(1)]));
    let replies: Vec<Json> = serde_json::from_slice(&response.body).unwrap();
    assert_eq!((response.status, replies.len()), (200, 3));
    assert_eq!(replies[0], json!({"data": {"sample": {"word": "Banana"}}}));
    assert_eq!(replies[1]["errors"][0]["extensions"]["code"], "GRAPHQL_PARSE_FAILED");
    assert_eq!(replies[2], json!({"data": {"sample": {"word": "apple"}}}));
    let writes = send(&json!([
        {"query": "mutation { updateSample(id: 1, set: {word: \"pear\"}) { word } }"}, word(1),
        {"query": "mutation { deleteSample(id: 1) { id } }"}
    ]));
    let expected = r#"[{"data":{"updateSample":{"word":"pear"}}},{"data":{"sample":{"word":"pear"}}},{"data":{"deleteSample":{"id":1}}}]"#;
    assert_eq!(text(&writes), expected);
    let page = json!({"query": "{ samples(first: 20) { nodes { id } } }"});
    let replies: Vec<Json> = serde_json::from_slice(&send(&json!([page, page, page])).body).unwrap();
    assert!(replies[0].get("data").is_some() && replies[1].get("data").is_some());
    let message = &replies[2]["errors"][0]["message"];
    assert_eq!(message, "The batch asks for up to 60 rows up to here; the limit is 50");
    let schema = json!({"query": "{ __schema { queryType { name } } }"});
    let replies: Vec<Json> = serde_json::from_slice(&send(&json!([schema, schema])).body).unwrap();
    assert!(replies[0].get("data").is_some());
    assert_eq!(replies[1]["errors"][0]["message"], "A batch asks for the schema once");
    let four = send(&json!([word(1), word(1), word(1), word(1)]));
    assert_eq!(said(&four), "400 OPERATION_TOO_COMPLEX The batch has 4 operations; at most 3 are taken");
}

#[test]
fn batches_are_off_unless_they_are_switched_on() {
    let response = surface(Options::default()).send("anon", "POST", PATH, &[KEY, JSON], &format!("[{ONE}]"));
    assert_eq!(said(&response), "400 BAD_REQUEST Batches are switched off");
    assert!(text(&response).contains("graphql.batch"), "{}", text(&response));
}

fn persisted(query: Option<&str>, hash: &str) -> String {
    let extensions = json!({"persistedQuery": {"version": 1, "sha256Hash": hash}});
    match query {
        Some(query) => json!({"query": query, "extensions": extensions}).to_string(),
        None => json!({"extensions": extensions}).to_string(),
    }
}

#[test]
fn a_document_is_known_by_its_hash_once_it_was_sent() {
    let surface = surface(Options { automatic: true, ..Options::default() });
    let hash = "b5a5dbdb1fb9ea5a1c5ab4d3a4ae9ec4ca0c7e2d5dd9ee2b0bb0b8d8b3a3f1c2";
    let wrong = surface.send("anon", "POST", PATH, &[KEY, JSON], &persisted(Some("{__typename}"), hash));
    assert_eq!(said(&wrong), "200 BAD_REQUEST provided sha does not match query");
    let hash = "ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38";
    let get = format!(
        "{PATH}?extensions={}",
        persisted(None, hash).split_once(':').unwrap().1.trim_end_matches('}')
    ) + "%7D%7D";
    let check = |method: &str, target: &str, headers: &[(&str, &str)], body: &str, expected: &str| {
        let response = surface.send("anon", method, target, &[&[KEY], headers].concat(), body);
        assert_eq!(said(&response), expected, "{method} {target} {body}");
    };
    let unknown = "PERSISTED_QUERY_NOT_FOUND PersistedQueryNotFound";
    check("POST", PATH, &[JSON], &persisted(None, hash), &format!("200 {unknown}"));
    check("POST", PATH, &[JSON, GRAPHQL], &persisted(None, hash), &format!("400 {unknown}"));
    check("GET", &get, &[], "", &format!("200 {unknown}"));
    let reply = r#"200 {"data":{"__typename":"Query"}}"#;
    check("POST", PATH, &[JSON], &persisted(Some("{__typename}"), hash), reply);
    check("POST", PATH, &[JSON], &persisted(None, hash), reply);
    check("GET", &get, &[], "", reply);
}

const MANIFEST: &str = r#"{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [
    {"id": "word", "name": "Word", "type": "query", "body": "query Word($i: Int!) { sample(id: $i) { word } }"},
    {"id": "gone", "name": "Gone", "type": "mutation", "body": "mutation Gone { deleteSample(id: 1) { id } }"}
]}"#;

#[test]
fn only_trusted_documents_are_run_where_asked() {
    let trusted = Arc::new(Trusted::read(MANIFEST).unwrap());
    let surface = surface(Options { trusted, only_trusted: true, automatic: true, ..Options::default() });
    let check = |method: &str, target: &str, body: &Json, expected: &str| {
        let response = surface.send("anon", method, target, &[KEY, JSON, GRAPHQL], &body.to_string());
        assert_eq!(said(&response), expected, "{method} {target} {body}");
    };
    check("POST", PATH, &json!({"documentId": "word", "variables": {"i": 1}}), ROW);
    check("POST", PATH, &json!({"doc_id": "word", "variables": {"i": 1}}), ROW);
    check("GET", "/graphql/v1?documentId=word&variables=%7B%22i%22:1%7D", &json!(null), ROW);
    check(
        "GET",
        "/graphql/v1?documentId=gone",
        &json!(null),
        "405 BAD_REQUEST A mutation cannot be sent by GET",
    );
    let refused = "403 NOT_TRUSTED Only trusted documents are run, by their documentId";
    check("POST", PATH, &json!({"query": "{ __typename }"}), refused);
    let hash = "ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38";
    let unknown = format!("403 NOT_TRUSTED No trusted document has the id {hash}");
    let sent: Json = serde_json::from_str(&persisted(Some("{__typename}"), hash)).unwrap();
    check("POST", PATH, &sent, &unknown);
}

#[test]
fn trusted_documents_are_judged_by_the_schema_with_their_names() {
    let schema =
        Arc::new(bistro_sdl::read("s.graphql", "type Sample @model { id: Int! @id word: String }").schema);
    let check = |manifest: &str, expected: Result<(), &str>| {
        let judged = Trusted::read(manifest).unwrap().check(&schema, &Options::default());
        assert_eq!(judged, expected.map_err(str::to_owned), "{manifest}");
    };
    check(MANIFEST, Ok(()));
    check("{}", Ok(()));
    let judged = Trusted::read(
        r#"{"a1": "{ nothing }", "b2": "{ samples { nodes { id } }", "c3": "{ sample(id: 1) { id } }"}"#,
    );
    let report = judged.unwrap().check(&schema, &Options::default()).unwrap_err();
    let lines: Vec<&str> = report.lines().collect();
    assert!(lines[0].starts_with("a1:1:3: ") && lines[0].contains("nothing"), "{report}");
    assert!(lines[1].starts_with("b2:1:"), "{report}");
    assert!(!report.contains("c3"), "{report}");
}

#[test]
fn introspection_is_shown_to_whom_it_should() {
    let body = r#"{"query":"{ __schema { queryType { name } } }"}"#;
    let shown = r#"200 {"data":{"__schema":{"queryType":{"name":"Query"}}}}"#;
    let nobody = "200 INTROSPECTION_DISABLED The schema is shown to nobody";
    let signed_in = "200 INTROSPECTION_DISABLED The schema is shown to callers who are signed in";
    let cases = [
        (Introspection::Everybody, [shown, shown, shown]),
        (Introspection::SignedIn, [signed_in, shown, shown]),
        (Introspection::Nobody, [nobody, nobody, nobody]),
    ];
    for (introspection, expected) in cases {
        let surface = surface(Options { introspection, ..Options::default() });
        for (caller, expected) in ["anon", "ada", "service"].into_iter().zip(expected) {
            let response = surface.send(caller, "POST", PATH, &[KEY, JSON], body);
            assert_eq!(said(&response), expected, "{introspection:?} {caller}");
        }
    }
}

#[test]
fn a_batch_whose_reply_is_full_runs_no_further() {
    let options = Options { limits: Limits { batch: 3, ..Limits::default() }, ..Options::default() };
    let caps = bistro_engine::Options { reply_bytes: 60, ..bistro_engine::Options::default() };
    let surface = Seat::with(options, caps).take(Backend::Memory, true);
    let gone = r#"{"query":"mutation { deleteSample(id: 1) { id } }"}"#;
    let response = surface.send("anon", "POST", PATH, &[KEY, JSON], &format!("[{ONE},{ONE},{gone}]"));
    let replies: Vec<Json> = serde_json::from_slice(&response.body).unwrap();
    assert!(replies[0].get("data").is_some() && replies[1].get("data").is_some());
    assert_eq!(replies[2]["errors"][0]["extensions"]["reason"], "BIS-112");
    assert_eq!(said(&surface.send("anon", "POST", PATH, &[KEY, JSON], ONE)), ROW, "the row is still there");
}
