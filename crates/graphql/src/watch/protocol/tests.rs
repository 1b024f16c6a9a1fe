//! Conversations as data: `> ` is what the client says, `@ ` the second from which on it does, `! ` what the server does
//! meanwhile, and `< ` what comes of the line before.

use std::time::Duration;

use bistro_problem::{Code, Problem};
use proptest::strategy::Strategy as _;

use super::{Act, Farewell, Protocol};
use crate::execute::Reply;

const OPEN: &str = r#"
    > {"type":"connection_init"}
    < judge
    ! welcome
    < {"type":"connection_ack"}
"#;

fn check(script: &str) {
    let mut protocol = Protocol::new();
    let (mut at, mut out) = (Duration::ZERO, Vec::new());
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (sign, said) = line.split_at(2);
        match sign {
            "< " => {
                assert!(!out.is_empty(), "nothing comes of {said} in {script}");
                assert_eq!(out.remove(0), said, "{script}");
                continue;
            }
            _ => assert!(out.is_empty(), "{out:?} was not expected before {line} in {script}"),
        }
        match sign {
            "> " => out.extend(protocol.hear(said, at).map(shown)),
            "@ " => at = Duration::from_secs(said.parse().unwrap()),
            "! " => out.extend(done(&mut protocol, said)),
            _ => panic!("no line: {line}"),
        }
    }
    assert!(out.is_empty(), "{out:?} was not expected at the end of {script}");
}

fn done(protocol: &mut Protocol, said: &str) -> Option<String> {
    let mut words = said.splitn(3, ' ');
    let (verb, id, rest) = (words.next()?, words.next().unwrap_or(""), words.next().unwrap_or(""));
    match verb {
        "welcome" => Some(shown(protocol.welcome(true))),
        "refuse" => Some(shown(protocol.welcome(false))),
        "reply" => {
            let reply = Reply { body: rest.into(), failures: Vec::new(), ran: true };
            protocol.reply(id, &reply)
        }
        "fail" => {
            let problem = Problem::new(Code::NotTrusted, rest);
            protocol.reply(id, &Reply::refused(vec![problem.into()]))
        }
        "done" => protocol.done(id),
        _ => panic!("nothing is done as {verb}"),
    }
}

fn shown(act: Act) -> String {
    match act {
        Act::Send(text) => text,
        Act::Close(Farewell { code, reason }) => format!("close {code} {reason}"),
        Act::Judge(shown) => {
            let parts = [("apikey", shown.apikey), ("authorization", shown.authorization)];
            let parts = parts.into_iter().filter_map(|(name, value)| Some(format!(" {name}={}", value?)));
            format!("judge{}", parts.collect::<String>())
        }
        Act::Start { id, payload } => format!("start {id} {}", serde_json::to_string(&payload).unwrap()),
        Act::Stop(id) => format!("stop {id}"),
    }
}

#[test]
fn a_client_says_who_it_is_first() {
    check(OPEN);
    check(
        r#"
        > {"type":"connection_init","payload":{"APIKEY":"k","authorization":"Bearer t","other":1}}
        < judge apikey=k authorization=Bearer t
        ! refuse
        < close 4403 Forbidden
        "#,
    );
    check(
        r#"
        > {"type":"connection_init","payload":{"apikey":null}}
        < judge
        "#,
    );
    check(
        r#"
        > {"type":"connection_init","payload":{"apikey":7}}
        < close 4400 Invalid message: credentials are strings
        "#,
    );
    check(
        r#"
        > {"type":"subscribe","id":"1","payload":{"query":"{ a }"}}
        < close 4401 Unauthorized
        "#,
    );
    let twice = r#"
        > {"type":"connection_init"}
        < close 4429 Too many initialisation requests
    "#;
    check(&format!("{OPEN}{twice}"));
    check(&format!("> {{\"type\":\"connection_init\"}}\n < judge\n {twice}"));
}

#[test]
fn operations_come_and_go() {
    let ask = r#"
        > {"type":"subscribe","id":"1","payload":{"query":"{ a }"}}
        < start 1 {"query":"{ a }"}
    "#;
    let told = r#"
        ! reply 1 {"data":1}
        < {"id":"1","type":"next","payload":{"data":1}}
        ! done 1
        < {"id":"1","type":"complete"}
        ! reply 1 {"data":2}
        ! done 1
        > {"type":"complete","id":"1"}
    "#;
    check(&format!("{OPEN}{ask}{told}{ask}"));
    let stopped = r#"
        > {"type":"complete","id":"1"}
        < stop 1
        ! reply 1 {"data":1}
        ! done 1
        > {"type":"complete","id":"1"}
    "#;
    check(&format!("{OPEN}{ask}{stopped}{ask}"));
    let failed = r#"
        ! fail 1 No such thing
        < {"id":"1","type":"error","payload":[{"message":"No such thing","extensions":{"code":"NOT_TRUSTED","reason":"BIS-405"}}]}
        ! done 1
    "#;
    check(&format!("{OPEN}{ask}{failed}{ask}"));
    let twice = r#"
        > {"type":"subscribe","id":"1","payload":{"query":"{ b }"}}
        < close 4409 Subscriber for 1 already exists
    "#;
    check(&format!("{OPEN}{ask}{twice}"));
    let mut protocol = Protocol::new();
    protocol.welcome(true);
    assert!(protocol.hear(r#"{"type":"subscribe","id":"a\"\n","payload":{}}"#, Duration::ZERO).is_some());
    assert_eq!(protocol.done("a\"\n").as_deref(), Some(r#"{"id":"a\"\n","type":"complete"}"#));
}

#[test]
fn both_sides_may_ask_whether_the_other_is_there() {
    check(
        r#"
        > {"type":"ping"}
        < {"type":"pong"}
        > {"type":"ping","payload":{"n":1}}
        < {"type":"pong","payload":{"n":1}}
        > {"type":"pong"}
        > {"type":"pong","payload":null}
        "#,
    );
}

#[test]
fn what_is_no_message_ends_the_socket() {
    let cases = [
        ("", "no JSON object"),
        ("nonsense", "no JSON object"),
        ("[]", "no JSON object"),
        ("{}", "no type that a client sends"),
        (r#"{"type":7}"#, "no type that a client sends"),
        (r#"{"type":"next","id":"1"}"#, "no type that a client sends"),
        (r#"{"type":"connection_ack"}"#, "no type that a client sends"),
        (r#"{"type":"start","id":"1","payload":{}}"#, "no type that a client sends"),
        (r#"{"type":"subscribe"}"#, "subscribe takes an id and a payload"),
        (r#"{"type":"subscribe","id":"1"}"#, "subscribe takes an id and a payload"),
        (r#"{"type":"subscribe","id":1,"payload":{}}"#, "id is no string of 1 to 256 bytes"),
        (r#"{"type":"subscribe","id":"","payload":{}}"#, "id is no string of 1 to 256 bytes"),
        (r#"{"type":"subscribe","id":"1","payload":"{ a }"}"#, "payload is no object"),
        (r#"{"type":"complete"}"#, "complete takes an id"),
        (r#"{"type":"connection_init","payload":[]}"#, "payload is no object"),
    ];
    for (text, why) in cases {
        let mut protocol = Protocol::new();
        let act = protocol.hear(text, Duration::ZERO).map(shown);
        assert_eq!(act, Some(format!("close 4400 Invalid message: {why}")), "{text}");
    }
    let deep = format!("{{\"type\":\"ping\",\"payload\":{}", "[".repeat(100_000));
    assert!(Protocol::new().hear(&deep, Duration::ZERO).map(shown).unwrap().starts_with("close 4400"));
    let long = format!(r#"{{"type":"complete","id":"{}"}}"#, "x".repeat(257));
    assert!(Protocol::new().hear(&long, Duration::ZERO).map(shown).unwrap().starts_with("close 4400"));
}

proptest::proptest! {
    /// Whatever is said, something comes of it.
    #[test]
    fn nothing_that_is_said_takes_the_socket_down(said in proptest::collection::vec(said(), 1..20)) {
        let mut protocol = Protocol::new();
        for (n, text) in said.iter().enumerate() {
            match protocol.hear(text, Duration::from_millis(n as u64)) {
                Some(Act::Judge(_)) => drop(protocol.welcome(true)),
                Some(Act::Start { id, .. }) if n % 2 == 0 => proptest::prop_assert!(protocol.done(&id).is_some()),
                _ => {}
            }
        }
    }
}

/// Messages, nearly messages, and noise.
fn said() -> impl proptest::strategy::Strategy<Value = String> {
    let kind = "connection_init|subscribe|complete|ping|pong|next|[a-z]{0,3}";
    let payload = "null|\\{\\}|\\{\"query\":\"\\{ a \\}\"\\}|\\{\"apikey\":(1|\"k\")\\}|[\\[{\"0-9]{0,4}";
    let whole = (kind, "[ab]{0,1}", payload)
        .prop_map(|(kind, id, payload)| format!(r#"{{"type":"{kind}","id":"{id}","payload":{payload}}}"#));
    proptest::prop_oneof![4 => whole, 1 => ".{0,40}"]
}

#[test]
fn messages_and_operations_are_counted() {
    let mut protocol = Protocol::new();
    protocol.welcome(true);
    let ping = r#"{"type":"pong"}"#;
    for second in [0, 1] {
        for _ in 0..100 {
            assert_eq!(protocol.hear(ping, Duration::from_secs(second)), None);
        }
    }
    let act = protocol.hear(ping, Duration::from_millis(1_999)).map(shown);
    assert_eq!(act.as_deref(), Some("close 4429 Too many messages"));
    let subscribe = |n: usize| format!(r#"{{"type":"subscribe","id":"{n}","payload":{{}}}}"#);
    let mut protocol = Protocol::new();
    protocol.welcome(true);
    for n in 0..100 {
        let at = Duration::from_secs(n as u64 / 50);
        assert!(matches!(protocol.hear(&subscribe(n), at), Some(Act::Start { .. })));
    }
    let act = protocol.hear(&subscribe(100), Duration::from_secs(9)).map(shown);
    assert_eq!(act.as_deref(), Some("close 4429 Too many subscriptions"));
    let mut protocol = Protocol::new();
    protocol.welcome(true);
    for n in 0..1_000 {
        let at = Duration::from_secs(n as u64);
        assert!(matches!(protocol.hear(&subscribe(n), at), Some(Act::Start { .. })));
        assert!(protocol.done(&n.to_string()).is_some(), "those that are done leave room");
    }
}
