//! References and kept answers, apart from any store.

use std::sync::Arc;

use bistro_engine::Context;
use bistro_ir::{Caller, CallerKind};
use bistro_wire::Response;

use super::body::{Batch, Operation, write_result};
use super::refs;
use super::{Key, application, owner};

fn results() -> Vec<Response> {
    let json = |body: &'static str| Response::new(200, body).header("content-type", "application/json");
    vec![
        json(r#"[{"id":"a/b","n":12345678901234567890.10,"o":{"x":1}}]"#),
        json(r#"{"id":7}"#),
        json(r#"[{"id":1},{"id":2}]"#),
        Response::new(201, "").header("content-type", "text/plain"),
    ]
}

fn operation(json: &str) -> Operation {
    serde_json::from_str(json).expect("an operation")
}

#[test]
fn references_in_paths_are_replaced_and_encoded() {
    let check = |path: &str, expected: Result<&str, &str>| {
        let made = refs::path(path, &results()).map_err(|p| p.message);
        match (made, expected) {
            (Ok(made), Ok(expected)) => assert_eq!(made, expected),
            (Err(made), Err(part)) => assert!(made.contains(part), "{made}"),
            (made, _) => panic!("{path}: {made:?}"),
        }
    };
    check("/rest/v1/posts", Ok("/rest/v1/posts"));
    check("/rest/v1/posts/{$0.id}?x=eq.{$1.id}", Ok("/rest/v1/posts/a%2Fb?x=eq.7"));
    check("/a/{$0.n}", Ok("/a/12345678901234567890.10"));
    check("/a/{x}", Ok("/a/{x}"));
    check("/a/{$0.o}", Err("not a text or a number"));
    check("/a/{$9.id}", Err("only earlier operations"));
    check("/a/{$x.id}", Err("not written"));
    check("/a/{$0.nothing}", Err("no such member"));
    check("/a/{$2.id}", Err("did not answer one row"));
    check("/a/{$3.id}", Err("answered no rows"));
}

#[test]
fn references_in_bodies_join_the_members() {
    let check = |json: &str, expected: Result<&str, &str>| {
        let made = refs::body(&operation(json), &results()).map_err(|p| p.message);
        match (made, expected) {
            (Ok(made), Ok(expected)) => assert_eq!(String::from_utf8_lossy(&made), expected),
            (Err(made), Err(part)) => assert!(made.contains(part), "{made}"),
            (made, _) => panic!("{json}: {made:?}"),
        }
    };
    let op = |rest: &str| format!(r#"{{"method":"POST","path":"/rest/v1/a"{rest}}}"#);
    check(&op(""), Ok(""));
    check(&op(r#","body":{"a": "$0.id"}"#), Ok(r#"{"a": "$0.id"}"#));
    check(
        &op(r#","body":{"a":1.10},"refs":{"b":"$0.n","c":"$0.id"}"#),
        Ok(r#"{"a":1.10,"b":12345678901234567890.10,"c":"a/b"}"#),
    );
    check(&op(r#","refs":{"b":"$1.id"}"#), Ok(r#"{"b":7}"#));
    check(&op(r#","body":[1],"refs":{"b":"$1.id"}"#), Err("an object"));
    check(&op(r#","body":{"b":1},"refs":{"b":"$1.id"}"#), Err("in body and in refs"));
}

#[test]
fn later_references_are_found() {
    let batch: Batch = serde_json::from_str(
        r#"{"operations":[{"method":"POST","path":"/rest/v1/a"},{"method":"GET","path":"/rest/v1/a/{$0.id}"},
            {"method":"POST","path":"/rest/v1/b","refs":{"x":"$1.id"}}]}"#,
    )
    .expect("a batch");
    assert_eq!([0, 1, 2].map(|n| batch.refers_to(n)), [true, true, false]);
}

#[test]
fn results_are_json_whatever_their_body() {
    let mut out = Vec::new();
    for response in [results().swap_remove(1), results().swap_remove(3)] {
        write_result(&response, &mut out);
    }
    let csv = Response::new(200, "a\n\"1\"").header("content-type", "text/csv");
    write_result(&csv, &mut out);
    assert_eq!(
        String::from_utf8_lossy(&out),
        concat!(
            r#"{"status":200,"headers":{"content-type":"application/json"},"body":{"id":7}}"#,
            r#"{"status":201,"headers":{"content-type":"text/plain"},"body":null}"#,
            r#"{"status":200,"headers":{"content-type":"text/csv"},"body":"a\n\"1\""}"#
        )
    );
}

#[test]
fn a_kept_answer_opens_for_the_same_body_alone() {
    let key = |hash: u8| Key { name: "n".into(), hash: [hash; 16] };
    let kept = key(1).seal(b"{}");
    assert_eq!(key(1).open(kept.clone()).expect("the same body"), b"{}");
    assert_eq!(key(2).open(kept).map_err(|p| p.status), Err(422));
}

#[test]
fn regress_idempotency_keys_belong_to_one_caller() {
    let caller = |kind, id: Option<u8>, claims: &str| {
        let caller =
            Caller { kind, id: id.map(|n| [n; 16]), claims: Arc::from(claims), ..Caller::anonymous() };
        owner(&Context::new(caller, 0))
    };
    let all = [
        caller(CallerKind::Anonymous, None, "{}"),
        caller(CallerKind::Anonymous, Some(1), r#"{"sub":"1"}"#),
        caller(CallerKind::Anonymous, Some(2), r#"{"sub":"2"}"#),
        caller(CallerKind::Anonymous, None, r#"{"sub":"a"}"#),
        caller(CallerKind::Anonymous, None, r#"{"sub":"b"}"#),
        caller(CallerKind::Machine, None, r#"{"key_id":"a"}"#),
        caller(CallerKind::Machine, None, r#"{"key_id":"b"}"#),
        caller(CallerKind::User, None, r#"{"iss":"i","sub":"a"}"#),
        caller(CallerKind::User, None, r#"{"iss":"j","sub":"a"}"#),
        caller(CallerKind::User, Some(1), "{}"),
        caller(CallerKind::User, Some(2), "{}"),
        caller(CallerKind::Service, None, "{}"),
    ];
    for (n, one) in all.iter().enumerate() {
        assert!(!all[..n].contains(one), "{one:?} is somebody else's too");
    }
    assert_eq!(all[0], caller(CallerKind::Anonymous, None, r#"{"role":"anon"}"#));
}

#[test]
fn applications_do_not_share_keys_with_their_person_or_each_other() {
    let kept = |claims: &str, scopes: Option<&str>| {
        let scopes = scopes.map(|scopes| Arc::new(bistro_ir::Scopes::parse(scopes)));
        let caller = Caller { claims: Arc::from(claims), scopes, ..Caller::user([1; 16]) };
        let cx = Context::new(caller, 0);
        format!("{}{}", owner(&cx), application(&cx))
    };
    let all = [
        kept("{}", None),
        kept(r#"{"client_id":"a"}"#, Some("data:read")),
        kept(r#"{"client_id":"b"}"#, Some("data:read")),
        kept(r#"{"client_id":"a"}"#, Some("data:posts:read")),
        kept(r#"{"client_id":"a"}"#, Some("openid")),
    ];
    for (n, one) in all.iter().enumerate() {
        assert!(!all[..n].contains(one), "{one:?} is somebody else's too");
    }
}

#[test]
fn regress_references_multiply_no_bytes() {
    let large = format!(r#"{{"id":"{}","n":1}}"#, "x".repeat(1 << 20));
    let results = vec![Response::new(200, large).header("content-type", "application/json")];
    let too_large = |path: &str| refs::path(path, &results).map_err(|p| p.code).err();
    let code = Some(bistro_problem::Code::TooComplex);
    assert_eq!(too_large(&format!("/rest/v1/a?{}", "b=eq.{$0.id}&".repeat(2))), code);
    assert_eq!(too_large(&format!("/rest/v1/a?{}", "b=eq.{$0.n}&".repeat(101))), code);
    assert_eq!(too_large(&format!("/rest/v1/a?{}", "b=eq.{$0.n}&".repeat(100))), None);
    let body = |count: usize, member: &str| {
        let refs: Vec<String> = (0..count).map(|n| format!(r#""m{n}":"$0.{member}""#)).collect();
        let json = format!(r#"{{"method":"POST","path":"/rest/v1/a","refs":{{{}}}}}"#, refs.join(","));
        refs::body(&operation(&json), &results).map_err(|p| p.code).err()
    };
    assert_eq!(body(9, "id"), code);
    assert_eq!(body(101, "n"), code);
    assert_eq!(body(100, "n"), None);
}
