//! Keys of another issuer, fetched from an address.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::harness::{Folder, NOTES, Server};

/// Whoever signs the users' tokens: a key with its id.
struct Issuer {
    kid: &'static str,
    pair: Ed25519KeyPair,
}

impl Issuer {
    fn new(kid: &'static str) -> Self {
        Self { kid, pair: Ed25519KeyPair::generate().expect("a key") }
    }

    /// Its key set.
    fn set(&self) -> String {
        let x = URL_SAFE_NO_PAD.encode(self.pair.public_key().as_ref());
        format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","kid":"{}","x":"{x}"}}]}}"#, self.kid)
    }

    /// A token of somebody who is signed in, good for an hour.
    fn token(&self) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_secs();
        let header = format!(r#"{{"alg":"EdDSA","kid":"{}"}}"#, self.kid);
        let claims = format!(
            r#"{{"sub":"01920000-0000-7000-8000-000000000001","role":"authenticated","exp":{}}}"#,
            now + 3600
        );
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = self.pair.sign(message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }
}

/// A web server with one page, and how often it was asked for.
struct Page {
    address: String,
    now: Arc<Mutex<(String, usize)>>,
}

impl Page {
    /// One that answers this, from the status line's code on.
    fn new(answer: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}/jwks.json", listener.local_addr().expect("its address"));
        let now = Arc::new(Mutex::new((answer, 0)));
        let served = Arc::clone(&now);
        std::thread::spawn(move || {
            listener.incoming().flatten().for_each(|stream| answer_one(stream, &served))
        });
        Self { address, now }
    }

    fn of(text: &str) -> Self {
        Self::new(ok(text))
    }

    fn put(&self, text: &str) {
        self.now.lock().expect("no test panics with the lock").0 = ok(text);
    }

    fn asked(&self) -> usize {
        self.now.lock().expect("no test panics with the lock").1
    }

    /// A project that takes its keys from here.
    fn project(&self) -> Folder {
        let folder = Folder::with(NOTES);
        folder.write("bistro.toml", &format!("[auth]\njwks = \"{}\"\n", self.address));
        folder
    }
}

fn ok(text: &str) -> String {
    format!("200 OK\r\ncontent-length: {}\r\n\r\n{text}", text.len())
}

fn answer_one(mut stream: TcpStream, now: &Mutex<(String, usize)>) {
    let lines = BufReader::new(stream.try_clone().expect("a second handle")).lines();
    // The head ends with an empty line.
    for line in lines.map_while(Result::ok) {
        if line.is_empty() {
            break;
        }
    }
    let mut now = now.lock().expect("no test panics with the lock");
    now.1 += 1;
    // A client that has read enough closes early.
    let _ = stream.write_all(format!("HTTP/1.1 {}", now.0).as_bytes());
}

/// Asks with a token until the status is this one.
fn becomes(server: &Server, key: &str, token: &str, status: u16) {
    let started = Instant::now();
    loop {
        let found = server.get("/rest/v1/notes").key(key).token(token).send().status;
        if found == status {
            return;
        }
        assert!(started.elapsed() < Duration::from_secs(15), "{found}, not {status}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_rotated_key_set_is_followed() {
    for command in ["serve", "dev"] {
        let (old, new, stranger) = (Issuer::new("old"), Issuer::new("new"), Issuer::new("old"));
        let page = Page::of(&old.set());
        let server = Server::start(page.project(), &[command]);
        let key = server.publishable();
        assert_eq!(page.asked(), 1, "only the server fetches, not the commands");
        let asked = |token: &str| server.get("/rest/v1/notes").key(&key).token(token).send().status;
        let token = old.token();
        assert_eq!((asked(&token), asked(&stranger.token())), (200, 401));
        page.put(&new.set());
        assert_eq!(asked(&token), 200);
        becomes(&server, &key, &new.token(), 200);
        assert_eq!(asked(&token), 401);
        // A command that changes keys leaves those that were fetched, and fetches none.
        server.folder.run(&["keys", "rotate"]).well();
        assert_eq!((asked(&new.token()), page.asked()), (200, 2));
    }
}

#[test]
fn a_refresh_that_fails_keeps_the_keys() {
    let (old, new) = (Issuer::new("old"), Issuer::new("new"));
    let page = Page::of(&old.set());
    let server = Server::start(page.project(), &["serve"]);
    let key = server.publishable();
    page.put("<html>");
    becomes(&server, &key, &new.token(), 401);
    let line = server.logs("the keys stay as they were");
    assert!(line.contains("not a key set") && line.contains(&page.address), "{line}");
    becomes(&server, &key, &old.token(), 200);
}

#[test]
fn a_server_does_not_start_without_its_keys() {
    // A port that was free a moment ago may be another test's by now; nobody is given this one.
    let closed = "http://127.0.0.1:1/jwks.json";
    let long = format!("{}{}", Issuer::new("a").set(), " ".repeat(65 << 10));
    let away = "302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    let pages = [
        (Page::of("{}"), "not a key set"),
        (Page::of(r#"{"keys":[]}"#), "no key that verifies"),
        (Page::of(&long), "larger than 64 KiB"),
        (Page::new("404 Not Found\r\ncontent-length: 0\r\n\r\n".into()), "it answers 404"),
        (Page::new(away.into()), "it answers 302"),
    ];
    let cases = pages.iter().map(|(page, words)| (page.address.as_str(), *words));
    let others =
        [(closed, "refused"), ("http://id.example/jwks.json", "taken by https only; write https://")];
    for (address, words) in cases.chain(others) {
        for command in ["serve", "dev"] {
            let folder = Folder::with(NOTES);
            let ran =
                folder.run_with(&[command, "--listen", "127.0.0.1:0"], &[("BISTRO_AUTH__JWKS", address)]);
            ran.said_no(1, &format!("error: auth.jwks: cannot take the keys of {address}: "));
            ran.said_no(1, words);
        }
    }
}
