//! Encrypted connections, and whom they trust.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use bistro_store::{Store, StoreErrorKind};
use bistro_testkit::{Engine, Server, Settings};

use crate::fixture::{open, schema, wait};

fn certificate(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/certificates").join(name)
}

/// A server that takes encrypted connections, and a folder of its certificate, which its own account can read.
fn server() -> (Server, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let option = |option: &str, name: &str| {
        let file = folder.path().join(name);
        std::fs::copy(certificate(name), &file).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        format!("--{option}={}", file.display())
    };
    let options = vec![option("ssl-cert", "server.pem"), option("ssl-key", "server.key")];
    let server = Server::start(Engine::MySql, &Settings { options, ..Settings::default() }).unwrap();
    (server, folder)
}

#[test]
fn servers_are_believed_as_far_as_the_address_says() {
    let (server, _folder) = server();
    server.sql("CREATE DATABASE shop").unwrap();
    let plain = schema("type Note @model { id: ID! }");
    let url = |host: &str, words: &str| {
        let url = server.url_of("shop").replace("127.0.0.1", host);
        format!("{url}{}{words}", if url.contains('?') { '&' } else { '?' })
    };
    let (ca, other) = (certificate("ca.pem"), certificate("other.pem"));
    let with = |mode: &str, root: &Path| format!("ssl-mode={mode}&ssl-ca={}", root.display());
    let check = |host: &str, words: &str, refused: Option<&str>| match open(
        &url(host, words),
        &plain,
        Default::default(),
    ) {
        Ok(store) => {
            assert_eq!(refused, None, "{host} {words}: it was opened");
            assert_eq!(wait(store.recorded()).unwrap(), None);
        }
        Err(error) => {
            assert_eq!(error.kind, StoreErrorKind::Unavailable);
            let expected = refused.unwrap_or_else(|| panic!("{host} {words}: {error}"));
            assert!(error.cause.contains(expected), "{host} {words}: {}", error.cause);
        }
    };
    check("127.0.0.1", "ssl-mode=disabled", None);
    server.sql("SET GLOBAL require_secure_transport = ON").unwrap();
    check("127.0.0.1", "ssl-mode=disabled", Some("Access denied"));
    check("127.0.0.1", "ssl-mode=preferred", None);
    check("127.0.0.1", "ssl-mode=required", None);
    check("localhost", &with("verify-identity", &ca), None);
    check("127.0.0.1", &with("verify-identity", &ca), Some("certificate"));
    check("127.0.0.1", &with("verify-ca", &ca), None);
    check("localhost", &with("verify-ca", &other), Some("certificate"));
    check("localhost", "ssl-mode=verify-identity", Some("certificate"));
}

#[test]
fn a_server_without_certificates_is_taken_only_where_that_may_be() {
    let options = vec!["--skip-ssl".to_owned()];
    let server = Server::start(Engine::MySql, &Settings { options, ..Settings::default() }).unwrap();
    server.sql("CREATE DATABASE shop").unwrap();
    let plain = schema("type Note @model { id: ID! }");
    let url = |mode: &str| format!("{}?ssl-mode={mode}", server.url_of("shop"));
    assert!(open(&url("preferred"), &plain, Default::default()).is_ok());
    let error = open(&url("required"), &plain, Default::default()).unwrap_err();
    assert!(error.cause.contains("SSL"), "{}", error.cause);
}
