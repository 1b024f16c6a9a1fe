//! Sessions from end to end: what ends them ends requests, sockets and streams at once.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::harness::{Folder, Server};
use crate::subscriptions::Socket;

const MINE: &str = r#"
type User @account @allow(to: [READ, UPDATE], when: "row.id == auth.id") { id: ID!  name: String }
type Note @model @allow(to: [READ], roles: ["authenticated"]) { id: Int! @id  text: String! }
"#;

/// Somebody who has signed up.
pub(crate) struct Person {
    token: String,
    kid: String,
    algorithm: String,
}

impl Person {
    fn of(server: &Server, path: &str, email: &str) -> Self {
        let body = format!(r#"{{"email": "{email}", "password": "a long enough phrase"}}"#);
        let answer = server.post(path, &body).key(&server.publishable()).send();
        let session: Value = serde_json::from_str(answer.with(200)).expect("a session");
        let token = session["access_token"].as_str().expect("a token").to_owned();
        let header = URL_SAFE_NO_PAD.decode(token.split('.').next().expect("a part")).expect("base64url");
        let header: Value = serde_json::from_slice(&header).expect("a header");
        let member = |name: &str| header[name].as_str().expect("a text").to_owned();
        Self { kid: member("kid"), algorithm: member("alg"), token }
    }

    pub(crate) fn signs_up(server: &Server, email: &str) -> Self {
        Self::of(server, "/auth/v1/signup", email)
    }

    pub(crate) fn signs_in(server: &Server, email: &str) -> Self {
        Self::of(server, "/auth/v1/token?grant_type=password", email)
    }

    pub(crate) fn reads(&self, server: &Server) -> u16 {
        server.get("/rest/v1/notes").key(&server.publishable()).token(&self.token).send().status
    }

    pub(crate) fn signs_out(&self, server: &Server, scope: &str) {
        let path = format!("/auth/v1/logout?scope={scope}");
        server.post(&path, "").key(&server.publishable()).token(&self.token).send().with(204);
    }

    pub(crate) fn socket(&self, server: &Server) -> Socket {
        Socket::greeted(server, &format!(r#""authorization":"Bearer {}""#, self.token))
    }
}

#[test]
fn signing_out_ends_requests_and_sockets_at_once() {
    let server = Server::dev(MINE);
    let phone = Person::signs_up(&server, "ada@example.org");
    let laptop = Person::signs_in(&server, "ada@example.org");
    let (mut of_phone, mut of_laptop) = (phone.socket(&server), laptop.socket(&server));
    assert_eq!((phone.reads(&server), laptop.reads(&server)), (200, 200));
    phone.signs_out(&server, "local");
    assert_eq!((phone.reads(&server), laptop.reads(&server)), (401, 200));
    let answer = server.get("/rest/v1/notes").key(&server.publishable()).token(&phone.token).send();
    assert!(answer.with(401).contains("JWT session is over"));
    let user = server.get("/auth/v1/user").key(&server.publishable()).token(&phone.token).send();
    assert!(user.with(403).contains("session_not_found"), "{}", user.body);
    assert_eq!(of_phone.hear(), "close 4401 Unauthorized");
    of_laptop.ask("1", "{ notes { totalCount } }");
    assert_eq!(of_laptop.hear(), r#"{"id":"1","type":"next","payload":{"data":{"notes":{"totalCount":0}}}}"#);
    assert_eq!(of_laptop.hear(), r#"{"id":"1","type":"complete"}"#);
    // From another device, all of them.
    let third = Person::signs_in(&server, "ada@example.org");
    let mut of_third = third.socket(&server);
    laptop.signs_out(&server, "global");
    assert_eq!((laptop.reads(&server), third.reads(&server)), (401, 401));
    assert_eq!(of_laptop.hear(), "close 4401 Unauthorized");
    assert_eq!(of_third.hear(), "close 4401 Unauthorized");
}

#[test]
fn a_key_that_is_dropped_ends_what_it_signed() {
    let server = Server::dev(MINE);
    let ada = Person::signs_up(&server, "ada@example.org");
    let mut socket = ada.socket(&server);
    assert_eq!((ada.reads(&server), ada.algorithm.as_str()), (200, "ES256"));
    server.folder.run(&["keys", "rotate"]).well();
    let again = Person::signs_in(&server, "ada@example.org");
    assert_eq!(again.kid, ada.kid, "the next key is announced first");
    let set = |server: &Server| -> Vec<String> {
        let answer = server.get("/auth/v1/.well-known/jwks.json").send();
        let set: Value = serde_json::from_str(answer.ok()).expect("a key set");
        let keys = set["keys"].as_array().expect("keys").iter();
        keys.map(|key| key["kid"].as_str().expect("an id").to_owned()).collect()
    };
    let published = set(&server);
    assert_eq!((published.len(), &published[0]), (2, &ada.kid));
    server.folder.run(&["keys", "rotate", "--revoke", &ada.kid]).well();
    assert_eq!((ada.reads(&server), again.reads(&server)), (401, 401));
    assert_eq!(socket.hear(), "close 4401 Unauthorized");
    assert_eq!(set(&server), published[1..]);
    let fresh = Person::signs_in(&server, "ada@example.org");
    assert_eq!((fresh.reads(&server), &fresh.kid), (200, &published[1]));
}

#[test]
fn the_algorithm_is_chosen() {
    for (algorithm, published) in [("EdDSA", 1), ("RS256", 1), ("HS256", 0)] {
        let folder = Folder::with(MINE);
        folder.write("bistro.toml", &format!("[auth]\nsigning = \"{algorithm}\"\n"));
        let server = Server::start(folder, &["dev"]);
        let ada = Person::signs_up(&server, "ada@example.org");
        assert_eq!((ada.reads(&server), ada.algorithm.as_str()), (200, algorithm));
        let answer = server.get("/auth/v1/.well-known/jwks.json").send();
        assert_eq!(answer.ok().matches("\"kid\"").count(), published, "{algorithm}: {}", answer.ok());
        ada.signs_out(&server, "local");
        assert_eq!(ada.reads(&server), 401, "{algorithm}");
    }
}

#[test]
fn a_server_that_starts_again_knows_its_sessions() {
    let folder = Folder::with(MINE);
    // Without it, another port would be another issuer.
    folder.write("bistro.toml", "[server]\npublic_url = \"http://127.0.0.1:4000\"\n");
    let server = Server::start(folder, &["dev"]);
    let ada = Person::signs_up(&server, "ada@example.org");
    let bob = Person::signs_up(&server, "bob@example.org");
    bob.signs_out(&server, "global");
    let server = Server::start(server.stop(), &["dev"]);
    assert_eq!((ada.reads(&server), bob.reads(&server)), (200, 401));
}
