//! A security key and its browser, in software; it can be told to do wrong.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// Flags of the data that it signs: somebody is present, and verified by a PIN or a finger.
const PRESENT_AND_VERIFIED: u8 = 1 | 4;
/// There is a new credential in the data.
const ATTESTED: u8 = 0x40;

/// A key of the kind ES256.
pub(crate) struct Authenticator {
    key: EcdsaKeyPair,
    /// Whose account it remembers, in base64url.
    user: Value,
    pub(crate) origin: &'static str,
    pub(crate) rp_id: &'static str,
    pub(crate) flags: u8,
    pub(crate) counter: u32,
}

impl Authenticator {
    /// A key whose browser is at a page of `origin`, for the relying party `rp_id`.
    pub(crate) fn new(origin: &'static str, rp_id: &'static str) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        Self { key, user: Value::Null, origin, rp_id, flags: PRESENT_AND_VERIFIED, counter: 0 }
    }

    /// The answer of `navigator.credentials.create`.
    pub(crate) fn registers(&mut self, options: &Value) -> Value {
        self.user = options["user"]["id"].clone();
        let id = self.id();
        let mut data = self.data(self.flags | ATTESTED);
        data.extend([0; 16]);
        data.extend(u16::try_from(id.len()).unwrap().to_be_bytes());
        data.extend(&id);
        data.extend(self.cose());
        let object = [
            &[0xa3][..],
            &text("fmt"),
            &text("none"),
            &text("attStmt"),
            &[0xa0],
            &text("authData"),
            &bytes(&data),
        ];
        self.answer(json!({
            "clientDataJSON": encoded(&self.client_data("webauthn.create", options)),
            "attestationObject": encoded(&object.concat()),
            "transports": ["internal"],
        }))
    }

    /// The answer of `navigator.credentials.get`; the key counts.
    pub(crate) fn signs(&mut self, options: &Value) -> Value {
        self.counter += 1;
        self.signs_again(options)
    }

    /// The same, without counting: as a copy of the key might.
    pub(crate) fn signs_again(&self, options: &Value) -> Value {
        let data = self.data(self.flags);
        let client_data = self.client_data("webauthn.get", options);
        let message = [&data[..], digest(&SHA256, &client_data).as_ref()].concat();
        let signature = self.key.sign(&SystemRandom::new(), &message).unwrap();
        self.answer(json!({
            "clientDataJSON": encoded(&client_data),
            "authenticatorData": encoded(&data),
            "signature": encoded(signature.as_ref()),
            "userHandle": self.user,
        }))
    }

    fn answer(&self, response: Value) -> Value {
        let id = encoded(&self.id());
        json!({"id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {}})
    }

    fn id(&self) -> Vec<u8> {
        digest(&SHA256, self.key.public_key().as_ref()).as_ref()[..16].to_vec()
    }

    fn client_data(&self, ceremony: &str, options: &Value) -> Vec<u8> {
        let said = json!({
            "type": ceremony,
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": false,
        });
        said.to_string().into_bytes()
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let party = digest(&SHA256, self.rp_id.as_bytes());
        [party.as_ref(), &[flags], &self.counter.to_be_bytes()].concat()
    }

    /// The public key as COSE: EC2, ES256, P-256, x and y.
    fn cose(&self) -> Vec<u8> {
        let point = self.key.public_key().as_ref();
        [&[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21][..], &bytes(&point[1..33]), &[0x22], &bytes(&point[33..])]
            .concat()
    }
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A short text in CBOR.
fn text(text: &str) -> Vec<u8> {
    [&[0x60 | u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()
}

/// Bytes in CBOR, with the shortest head.
fn bytes(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap().to_be_bytes();
    match length[0] {
        0 => [&[0x58, length[1]][..], bytes].concat(),
        _ => [&[0x59][..], &length, bytes].concat(),
    }
}
