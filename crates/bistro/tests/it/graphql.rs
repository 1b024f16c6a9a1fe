//! `/graphql/v1` as a client meets it: the whole road from the socket to the rows.

use serde_json::{Value, json};

use crate::harness::{Folder, Server};

const SHOP: &str = r#"
enum Role @roles { owner }
enum Kind { DRINK MEAL }
type Customer @model @allow(to: [READ]) {
  id: Int! @id
  name: String!
  secret: String @allow(to: [READ], roles: ["owner"])
  orders: [Order!]! @inverse(of: "customer")
}
type Order @model @allow(to: [READ]) {
  id: Int! @id
  kind: Kind!
  price: Decimal! @decimal(precision: 8, scale: 2)
  customer: Customer!
}
"#;

fn filled(command: &str) -> Server {
    let server = Server::start(Folder::with(SHOP), &[command]);
    let secret = server.secret();
    let post = |target: &str, body: &str| {
        server.post(target, body).key(&secret).send().with(201);
    };
    post(
        "/rest/v1/customers",
        r#"[{"id": 1, "name": "Ada", "secret": "s"}, {"id": 2, "name": "Bob", "secret": null}]"#,
    );
    post(
        "/rest/v1/orders",
        r#"[{"id": 1, "kind": "DRINK", "price": 3.5, "customer_id": 1},
            {"id": 2, "kind": "MEAL", "price": 12, "customer_id": 1},
            {"id": 3, "kind": "MEAL", "price": 9.25, "customer_id": 2}]"#,
    );
    server
}

fn ask(server: &Server, key: &str, query: &str, variables: &Value) -> String {
    let body = json!({ "query": query, "variables": variables }).to_string();
    server.post("/graphql/v1", &body).key(key).send().body
}

#[test]
fn documents_are_answered_with_rows() {
    let server = filled("dev");
    let (key, secret) = (server.publishable(), server.secret());
    let none = json!({});
    let cases = [
        (
            &key,
            "{ customers(orderBy: [{id: ASC}]) { nodes { name orders(orderBy: [{id: DESC}], first: 1) { nodes { id kind price customer { name } } pageInfo { hasNextPage } } } } }",
            &none,
            r#"{"data":{"customers":{"nodes":[{"name":"Ada","orders":{"nodes":[{"id":2,"kind":"MEAL","price":"12.00","customer":{"name":"Ada"}}],"pageInfo":{"hasNextPage":true}}},{"name":"Bob","orders":{"nodes":[{"id":3,"kind":"MEAL","price":"9.25","customer":{"name":"Bob"}}],"pageInfo":{"hasNextPage":false}}}]}}}"#,
        ),
        (
            &key,
            "query($k: Kind!) { orders(filter: {kind: {eq: $k}}) { totalCount aggregate { count sum { price } } } customer(id: 7) { name } __typename }",
            &json!({ "k": "MEAL" }),
            r#"{"data":{"orders":{"totalCount":2,"aggregate":{"count":2,"sum":{"price":"21.25"}}},"customer":null,"__typename":"Query"}}"#,
        ),
        (&secret, "{ customer(id: 1) { secret } }", &none, r#"{"data":{"customer":{"secret":"s"}}}"#),
    ];
    for (key, query, variables, expected) in cases {
        for _ in 0..2 {
            assert_eq!(ask(&server, key, query, variables), expected, "{query}");
        }
    }
}

#[test]
fn rows_are_written_with_their_relations_and_refused_to_others() {
    let server = filled("serve");
    let (key, secret) = (server.publishable(), server.secret());
    let write =
        "mutation($c: CustomerCreate!) { createCustomer(input: $c) { name orders { nodes { price } } } }";
    let customer = json!({ "c": { "id": 3, "name": "Eve", "orders": { "create": [{ "id": 9, "kind": "DRINK", "price": "2.5" }] } } });
    let made = r#"{"data":{"createCustomer":{"name":"Eve","orders":{"nodes":[{"price":"2.50"}]}}}}"#;
    assert_eq!(ask(&server, &secret, write, &customer), made);
    let refused = ask(&server, &key, write, &customer);
    assert!(refused.starts_with(r#"{"errors":"#), "{refused}");
    let again = ask(&server, &secret, write, &customer);
    assert!(
        again.contains(r#"{"data":{"createCustomer":null},"errors":[{"#) && again.contains("23505"),
        "{again}"
    );
    let count = ask(&server, &key, "{ orders { totalCount } }", &json!({}));
    assert_eq!(count, r#"{"data":{"orders":{"totalCount":4}}}"#);
}

#[test]
fn what_cannot_be_asked_is_an_error_with_its_place() {
    let server = filled("dev");
    let none = json!({});
    let answer = |query: &str| ask(&server, &server.publishable(), query, &none);
    let cases = [
        ("{ customer(id: 1) { secret } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ customer(id: 1) { nothing } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ customer(id: 1", "GRAPHQL_PARSE_FAILED"),
    ];
    for (query, code) in cases {
        let reply: Value = serde_json::from_str(&answer(query)).expect("JSON");
        let error = &reply["errors"][0];
        assert_eq!(error["extensions"]["code"], code, "{query}: {reply}");
        assert!(error["locations"][0]["line"].is_u64(), "{query}: {reply}");
        assert!(reply.get("data").is_none(), "{query}: {reply}");
    }
    let same = |text: String| text.replace("secret", "…").replace("nothing", "…");
    assert_eq!(same(answer(cases[0].0)), same(answer(cases[1].0)), "a hidden field is told from none");
}

#[test]
fn the_schema_is_shown_to_everybody_in_development_alone() {
    for (command, shown) in [("dev", true), ("serve", false)] {
        let server = filled(command);
        let query = "{ __schema { queryType { name } } }";
        let said = ask(&server, &server.publishable(), query, &json!({}));
        assert_eq!(said.contains(r#""queryType""#), shown, "{command}: {said}");
        assert_eq!(said.contains("INTROSPECTION_DISABLED"), !shown, "{command}: {said}");
        let said = ask(&server, &server.secret(), query, &json!({}));
        assert!(said.contains(r#"{"data":{"__schema":{"queryType":{"name":"Query"}}}}"#), "{said}");
    }
}

#[test]
fn explain_shows_every_operation_of_a_document() {
    let folder = Folder::with(SHOP);
    let document = "query($k: Kind) { orders(filter: {kind: {eq: $k}}) { totalCount nodes { id } } customer(id: 1) { name } }";
    let body = json!({ "query": document, "variables": { "k": "MEAL" } }).to_string();
    let asked: [&[&str]; 2] = [
        &["explain", document, "--body", r#"{"k": "MEAL"}"#],
        &["explain", "POST /graphql/v1", "--body", &body],
    ];
    for arguments in asked {
        let explained = folder.run(arguments).well();
        let stages =
            ["## orders, 1 of 2", "## orders, 2 of 2", "## customer\n", "# authorized", "FROM \"orders\""];
        for stage in stages {
            assert!(explained.contains(stage), "{stage} is not in:\n{explained}");
        }
    }
    assert!(folder.run(&["explain", "{ __typename }"]).well().contains("nothing is read"));
    folder.run(&["explain", "{ customers { nodes { secret } } }"]).said_no(1, "secret");
    folder.run(&["explain", "{ customers { nodes { secret } } }", "--as", "service"]).well();
    let write = "mutation { createCustomer(input: {id: 3, name: \"Eve\"}) { name } }";
    let written = folder.run(&["explain", write, "--as", "service"]).well();
    assert!(written.contains("INSERT INTO \"customers\""), "{written}");
    folder.run(&["explain", write]).said_no(1, "mutation");
    folder.run(&["explain", "{ customers"]).said_no(1, "syntax error");
    folder.run(&["explain", "POST /graphql/v1"]).said_no(2, "--body");
    folder.run(&["explain", "POST /graphql/v1", "--body", "[]"]).said_no(2, "query");
    assert!(!folder.path().join("data").exists());
}

#[test]
fn regress_who_is_refused_in_front_reads_a_list_of_errors() {
    let server = filled("serve");
    let wrong = "Invalid authentication credentials";
    let cases = [
        (Some("wrong"), "application/json", wrong, Some(wrong)),
        (Some("wrong"), "application/graphql-response+json", wrong, None),
        (None, "application/json", "No API key found in request", Some("No API key found in request")),
    ];
    for (key, accept, error, message) in cases {
        let request = server.post("/graphql/v1", r#"{"query": "{ __typename }"}"#).header("accept", accept);
        let answer = if let Some(key) = key { request.key(key) } else { request }.send();
        answer.with(401);
        let body: Value = serde_json::from_str(&answer.body).expect("JSON");
        assert_eq!(body["errors"][0]["message"], error, "{accept}");
        assert_eq!(body.get("message").and_then(Value::as_str), message, "{accept}");
        assert!(answer.header("content-type").is_some_and(|form| form.starts_with(accept)), "{accept}");
    }
}
