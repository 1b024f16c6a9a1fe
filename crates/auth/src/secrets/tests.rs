use std::fs;

use super::Secrets;
use crate::error::AuthError;
use crate::keyring::Keyring;

#[test]
fn the_file_is_made_once_and_closed_to_others() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("deep/data");
    let first = Secrets::load_or_create(&data, 5).unwrap();
    let again = Secrets::load_or_create(&data, 6).unwrap();
    assert_eq!((&first.secret, &first.signing[0].secret), (&again.secret, &again.signing[0].secret));
    assert!(
        !format!("{first:?}").contains(&first.secret)
            && !format!("{first:?}").contains(&first.signing[0].secret)
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let file = data.join("keys.json");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        let error = Secrets::load_or_create(&data, 6).unwrap_err().to_string();
        assert!(error.contains("chmod 600"), "{error}");
    }
}

#[test]
fn changes_made_at_once_are_all_kept() {
    let dir = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for n in 0..8 {
            let data = dir.path();
            scope.spawn(move || {
                Secrets::update(data, 1, |s| s.add_machine(&format!("m{n}"), &["writer".to_owned()], None, 1))
                    .unwrap()
            });
        }
    });
    let secrets = Secrets::load(dir.path()).unwrap().unwrap();
    assert_eq!(secrets.machines.len(), 8);
    let refused = Secrets::update(dir.path(), 1, |s| s.add_machine("m0", &["writer".to_owned()], None, 1));
    assert!(matches!(refused, Err(AuthError::NameTaken(name)) if name == "m0"));
    assert!(!fs::read_to_string(dir.path().join("keys.json")).unwrap().contains("sb_secret_m"));
}

#[test]
fn broken_files_are_refused_with_the_reason() {
    let whole = serde_json::to_value(Secrets::generate(1).unwrap()).unwrap();
    let cases: &[(&str, serde_json::Value, &str)] = &[
        ("version", 2.into(), "version 2"),
        ("publishable", "x".into(), "publishable"),
        ("secret", "sb_secret_short".into(), "secret"),
        ("signing", serde_json::json!([]), "signing"),
        ("signing", serde_json::json!([{"kid": "k", "secret": "short", "created": 1}]), "shorter than 32"),
        ("surprise", 1.into(), "surprise"),
    ];
    for (member, value, expected) in cases {
        let dir = tempfile::tempdir().unwrap();
        Secrets::load_or_create(dir.path(), 1).unwrap();
        let mut file = whole.clone();
        file[*member] = value.clone();
        fs::write(dir.path().join("keys.json"), file.to_string()).unwrap();
        let error = Secrets::load_or_create(dir.path(), 1).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains("keys.json"), "{error}");
    }
}

#[test]
fn orders_that_cannot_be_followed_say_why() {
    let mut secrets = Secrets::generate(1).unwrap();
    let writer = ["writer".to_owned()];
    let long = "x".repeat(65);
    let mut add = |name: &str, roles: &[String], ttl| {
        secrets.add_machine(name, roles, ttl, 1).err().map(|e| e.to_string())
    };
    assert_eq!(add("good", &writer, Some(5)), None);
    for (name, roles, ttl, expected) in [
        ("good", &writer[..], None, "exists"),
        ("", &writer[..], None, "1 to 64"),
        (long.as_str(), &writer[..], None, "1 to 64"),
        ("a\nb", &writer[..], None, "printable"),
        ("a", &[][..], None, "--role"),
        ("a", &["service_role".to_owned()][..], None, "passes the rules"),
        ("a", &["admin".to_owned()][..], None, "passes the rules"),
        ("a", &writer[..], Some(0), "--expires"),
    ] {
        let error = add(name, roles, ttl).unwrap();
        assert!(error.contains(expected), "{error}");
    }
    let unknown = secrets.revoke_machine("nobody").unwrap_err().to_string();
    assert!(unknown.contains("good"), "{unknown}");
    assert!(secrets.revoke_signing("nothing", 1).unwrap_err().to_string().contains(&secrets.signing[0].kid));
    assert!(Keyring::new(&secrets, Some("short"), None).unwrap_err().to_string().contains("at least 32"));
}
