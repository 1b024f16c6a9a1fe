//! A node that is killed under people who sign up and go on: what it acknowledged holds on the other one, and nobody is half there.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use bistro_testkit::Database;
use serde_json::{Value, json};

use crate::harness::{Folder, Server};

const SCHEMA: &str = "type User @account @allow(to: [READ]) { id: ID!  name: String }";
/// How many sign up at a time.
const CROWD: usize = 4;

fn node(database: &Database) -> Server {
    let folder = Folder::with(SCHEMA);
    let settings = format!(
        "[database]\nurl = \"{}\"\n[server]\npublic_url = \"http://127.0.0.1:4000\"\n[auth]\nconfirm_email = false\n\
         [limits]\nsign_ups = \"100000/s\"\nrefreshes = \"100000/s\"\n",
        database.url()
    );
    folder.write("bistro.toml", &settings);
    Server::start(folder, &["serve"])
}

/// The session that a node answers with; `None` where it is gone before its answer is whole.
fn session(address: &str, key: &str, path: &str, body: &Value) -> Option<Value> {
    let mut stream = TcpStream::connect(address).ok()?;
    let body = body.to_string();
    let head = format!(
        "POST /auth/v1{path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\napikey: {key}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    // What is cut short is no JSON.
    let body: Value = serde_json::from_str(body).ok()?;
    assert!(head.starts_with("HTTP/1.1 200 "), "{path}: {head} {body}");
    Some(body)
}

/// Somebody's address, and the last refresh token that was given to them.
type Kept = (String, String);

/// Signs up one after the other, each with a refresh, until the node is gone.
fn crowd(address: &str, key: &str, member: usize) -> Vec<Kept> {
    let refresh = |session: &Value| session["refresh_token"].as_str().expect("a token").to_owned();
    let mut kept = Vec::new();
    for n in 0.. {
        let email = format!("p{member}-{n}@example.org");
        let body = json!({"email": email, "password": "kolibri im garten", "data": {"name": email}});
        let Some(first) = session(address, key, "/signup", &body) else { break };
        kept.push((email.clone(), refresh(&first)));
        let body = json!({"refresh_token": refresh(&first)});
        let Some(second) = session(address, key, "/token?grant_type=refresh_token", &body) else { break };
        kept.pop();
        kept.push((email, refresh(&second)));
    }
    kept
}

fn check(database: &Database) {
    let (one, two) = (node(database), node(database));
    let (key, secret) = (one.publishable(), one.secret());
    let (address, shown) = (one.address.as_str(), key.as_str());
    let kept: Vec<Vec<Kept>> = thread::scope(|scope| {
        let members: Vec<_> =
            (0..CROWD).map(|member| scope.spawn(move || crowd(address, shown, member))).collect();
        thread::sleep(Duration::from_millis(1_500));
        one.signal("KILL");
        members.into_iter().map(|member| member.join().expect("nobody was refused")).collect()
    });
    // The database ends what the node had begun.
    thread::sleep(Duration::from_millis(500));
    let list = |path: &str| -> Value {
        let answer = two.get(path).key(&secret).token(&secret).send();
        serde_json::from_str(answer.ok()).expect("JSON")
    };
    let listed = list("/auth/v1/admin/users?per_page=1000");
    let users = listed["users"].as_array().expect("users");
    let all =
        |member: &str| -> BTreeSet<&str> { users.iter().filter_map(|user| user[member].as_str()).collect() };
    let emails = all("email");
    let acknowledged: Vec<&Kept> = kept.iter().flatten().collect();
    assert!(acknowledged.len() > CROWD && users.len() < 1_000, "{} people", acknowledged.len());
    for (email, _) in &acknowledged {
        assert!(emails.contains(email.as_str()), "{email} was acknowledged");
    }
    for user in users {
        assert_eq!(user["identities"].as_array().map(Vec::len), Some(1), "{user}");
    }
    let rows = list("/rest/v1/users?select=id&limit=1000");
    let rows: BTreeSet<&str> =
        rows.as_array().expect("rows").iter().filter_map(|row| row["id"].as_str()).collect();
    assert_eq!(rows, all("id"), "each account has its row, and each row its account");
    // What was acknowledged right before the end is what could be lost.
    for (email, token) in kept.iter().filter_map(|of_one| of_one.last()) {
        let body = json!({"refresh_token": token});
        let on = session(&two.address, &key, "/token?grant_type=refresh_token", &body);
        assert!(on.is_some(), "{email} goes on at the other node");
    }
}

#[test]
fn what_a_killed_node_acknowledged_holds_on_postgres() {
    check(&bistro_testkit::postgres());
}

#[test]
fn what_a_killed_node_acknowledged_holds_on_mysql() {
    check(&bistro_testkit::mysql());
}
