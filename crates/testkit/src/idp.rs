//! An identity provider on loopback: OpenID Connect whose every answer a test can write.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// What is at each path, and what was asked so far.
#[derive(Default)]
struct Pages {
    at: HashMap<String, String>,
    asked: Vec<String>,
}

/// A provider with a discovery document and one key, `a`.
pub struct Idp {
    /// Its address, which is its issuer.
    pub address: String,
    pages: Arc<Mutex<Pages>>,
    pair: EcdsaKeyPair,
}

impl Idp {
    /// Starts one on a free port; it ends with the process.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let address = format!("http://{}", listener.local_addr().expect("it is bound"));
        let pages = Arc::new(Mutex::new(Pages::default()));
        let served = Arc::clone(&pages);
        std::thread::spawn(move || listener.incoming().flatten().for_each(|stream| answer(stream, &served)));
        let pair =
            EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("the system has random bytes");
        let idp = Self { address, pages, pair };
        idp.put("/.well-known/openid-configuration", &idp.document());
        idp.put("/keys", &idp.keys("a"));
        idp
    }

    /// Its discovery document.
    pub fn document(&self) -> Value {
        let at = &self.address;
        json!({
            "issuer": at, "authorization_endpoint": format!("{at}/authorize"), "token_endpoint": format!("{at}/token"),
            "userinfo_endpoint": format!("{at}/me"), "jwks_uri": format!("{at}/keys"),
        })
    }

    /// Its key under an id, as a set.
    pub fn keys(&self, kid: &str) -> Value {
        let point = self.pair.public_key().as_ref();
        let [x, y] = [&point[1..33], &point[33..]].map(|half| URL_SAFE_NO_PAD.encode(half));
        json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": kid, "x": x, "y": y}]})
    }

    /// An ID token for the client `me` about `ada`, good for five minutes from `now_s` on, with these claims besides.
    pub fn token(&self, kid: &str, now_s: i64, more: &Value) -> String {
        let mut claims =
            json!({"iss": self.address, "sub": "ada", "aud": "me", "exp": now_s + 300, "iat": now_s});
        for (name, value) in more.as_object().into_iter().flatten() {
            claims[name] = value.clone();
        }
        let head = json!({"alg": "ES256", "kid": kid});
        let parts = [head, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let message = parts.join(".");
        let signature = self.pair.sign(&SystemRandom::new(), message.as_bytes()).expect("the key signs");
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Puts an answer at a path.
    pub fn put(&self, path: &str, body: &Value) {
        self.pages().at.insert(path.to_owned(), body.to_string());
    }

    /// Answers 404 at a path from now on.
    pub fn take_away(&self, path: &str) {
        self.pages().at.remove(path);
    }

    /// How often a path was asked for.
    pub fn asked(&self, path: &str) -> usize {
        self.pages().asked.iter().filter(|text| text.split(' ').nth(1) == Some(path)).count()
    }

    /// The last request, as it came.
    pub fn last(&self) -> String {
        self.pages().asked.last().cloned().unwrap_or_default()
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn answer(mut stream: TcpStream, pages: &Mutex<Pages>) {
    let mut text = String::new();
    let mut buffer = [0; 8192];
    while !whole(&text) {
        match stream.read(&mut buffer) {
            Ok(read) if read > 0 => text.push_str(&String::from_utf8_lossy(&buffer[..read])),
            _ => break,
        }
    }
    let path = text.split(' ').nth(1).unwrap_or("").to_owned();
    let mut pages = pages.lock().unwrap_or_else(PoisonError::into_inner);
    pages.asked.push(text);
    let (status, body) = pages.at.get(&path).map_or(("404 Not Found", ""), |body| ("200 OK", body.as_str()));
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
    // A client that has read enough closes early.
    let _ = stream.write_all(format!("{head}{body}").as_bytes());
}

/// Whether a request has come with all of its body.
fn whole(text: &str) -> bool {
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length =
        head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}
