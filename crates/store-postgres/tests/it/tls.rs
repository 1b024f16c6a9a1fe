//! Encrypted connections, and whom they trust.

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use bistro_store::{Store, StoreErrorKind};
use bistro_testkit::{Engine, Server, Settings};

use crate::fixture::{open, schema, wait};

fn certificate(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/certificates").join(name)
}

/// A server that takes encrypted connections alone.
fn server() -> Server {
    let server = Server::start(Engine::Postgres, &Settings::default()).unwrap();
    let folder = PathBuf::from(server.sql("SHOW data_directory").unwrap().trim());
    let owner = std::fs::metadata(&folder).unwrap();
    for name in ["server.pem", "server.key"] {
        let file = folder.join(name);
        std::fs::copy(certificate(name), &file).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        chown(&file, Some(owner.uid()), Some(owner.gid())).unwrap();
    }
    server.sql("ALTER SYSTEM SET ssl_cert_file = 'server.pem'").unwrap();
    server.sql("ALTER SYSTEM SET ssl_key_file = 'server.key'").unwrap();
    server.sql("ALTER SYSTEM SET ssl = on").unwrap();
    server.restart().unwrap();
    server
}

#[test]
fn servers_are_believed_as_far_as_the_url_says() {
    let server = server();
    let plain = schema("type Note @model { id: ID! }");
    let url = |host: &str, words: &str| {
        let url = server.url().replace("127.0.0.1", host);
        let mark = if url.contains('?') { '&' } else { '?' };
        format!("{url}{mark}{words}")
    };
    let (ca, other) = (certificate("ca.pem"), certificate("other.pem"));
    let with = |mode: &str, root: &Path| format!("sslmode={mode}&sslrootcert={}", root.display());
    let check = |host: &str, words: &str, encrypted: Result<bool, &str>| {
        let opened = open(&url(host, words), &plain, Default::default());
        match (opened, encrypted) {
            (Ok(store), Ok(expected)) => {
                let of = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                          WHERE application_name = 'bistro'";
                assert_eq!(server.sql(of).unwrap().trim() == "t", expected, "{host} {words}");
                assert_eq!(wait(store.recorded()).unwrap(), None);
                store.close();
                drop(store);
                crate::fixture::eventually("its connections end", || {
                    let of = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'bistro'";
                    server.sql(of).unwrap().trim() == "0"
                });
            }
            (Err(error), Err(expected)) => {
                assert_eq!(error.kind, StoreErrorKind::Unavailable);
                assert!(error.cause.contains(expected), "{host} {words}: {}", error.cause);
            }
            (Ok(_), Err(_)) => panic!("{host} {words}: it was opened"),
            (Err(error), Ok(_)) => panic!("{host} {words}: {error}"),
        }
    };
    check("127.0.0.1", "sslmode=disable", Ok(false));
    check("127.0.0.1", "sslmode=prefer", Ok(true));
    check("127.0.0.1", "sslmode=require", Ok(true));
    check("localhost", &with("verify-full", &ca), Ok(true));
    check("127.0.0.1", &with("verify-full", &ca), Err("certificate"));
    check("127.0.0.1", &with("verify-ca", &ca), Ok(true));
    check("localhost", &with("verify-ca", &other), Err("certificate"));
    check("localhost", &with("require", &other), Err("certificate"));
    check("localhost", "sslmode=verify-full", Err("certificate"));
}
