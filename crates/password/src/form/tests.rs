use super::{Cost, hash, outdated, readable, verify};

const CHEAP: Cost = Cost { memory: 64, passes: 1 };

#[test]
fn what_was_hashed_is_verified() {
    let mut memory = Vec::new();
    let made = hash("käse".as_bytes(), &[7; 16], CHEAP, &mut memory).unwrap();
    let mut check = |password: &str, expected: Option<bool>| {
        assert_eq!(verify(password.as_bytes(), &made, CHEAP, &mut memory), expected, "{password}");
    };
    check("käse", Some(true));
    check("kase", Some(false));
    assert!(!outdated(&made, CHEAP));
    assert!(outdated(&made, Cost::default()));
}

#[test]
fn a_stored_hash_costs_no_more_than_ten_of_ours() {
    let check = |m: u32, t: u32, ours: Cost, expected: bool| {
        let stored = Cost { memory: m, passes: t };
        assert_eq!(stored.affordable(ours), expected, "{stored:?} beside {ours:?}");
    };
    check(65_536, 3, Cost::default(), true);
    check(19_456, 20, Cost::default(), true);
    check(19_456, 21, Cost::default(), false);
    check(262_144, 1, Cost::default(), false);
    // What was stored before the cost was lowered can still be verified.
    check(19_456, 2, CHEAP, true);
    check(262_144, 1, Cost { memory: 262_144, passes: 1 }, true);
    check(u32::MAX, u32::MAX, Cost::default(), false);
}

#[test]
fn forms_of_other_systems_are_verified() {
    let mut memory = Vec::new();
    let mut check = |stored: &str, password: &str, expected: Option<bool>| {
        assert_eq!(verify(password.as_bytes(), stored, Cost::default(), &mut memory), expected, "{stored}");
        assert_eq!(readable(stored), expected.is_some(), "{stored}");
    };
    let bcrypt = bcrypt::hash("secret word", 4).unwrap();
    check(&bcrypt, "secret word", Some(true));
    check(&bcrypt.replacen("$2b$", "$2a$", 1), "secret word", Some(true));
    check(&bcrypt, "secret words", Some(false));
    check(&bcrypt.replacen("$2b$", "$2y$", 1), "secret word", Some(true));
    check(&bcrypt.replacen("$2b$", "$2x$", 1), "secret word", None);
    check(&bcrypt.replacen("$04$", "$14$", 1), "secret word", None);
    check(&bcrypt.replacen("$04$", "$31$", 1), "secret word", None);
    // A known answer of crypt_blowfish.
    let known = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
    check(known, "U*U", Some(true));
    check(known, "U*V", Some(false));
    // Known answers of passlib.
    let argon2i = "$argon2i$v=19$m=512,t=2,p=2$aI2R0hpDyLm3ltLa+1/rvQ$LqPKjd6n8yniKtAithoR7A";
    check(argon2i, "password", Some(true));
    check(argon2i, "passwort", Some(false));
    check(&argon2i.replacen("p=2", "p=2,data=AAAA", 1), "password", None);
    let scrypt = "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E";
    check(scrypt, "password", Some(true));
    check(scrypt, "passwort", Some(false));
    // Firebase's own example of its scrypt.
    let firebase = "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==";
    check(firebase, "user1password", Some(true));
    check(firebase, "user2password", Some(false));
    check(&firebase.replacen("v=1", "v=2", 1), "user1password", None);
    check(&firebase.replacen("n=14", "n=24", 1), "user1password", None);
    for unreadable in [
        "",
        "$",
        "plain",
        "$argon2id$v=19$m=4294967295,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA",
        "$scrypt$ln=30,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$2b$10$short",
    ] {
        check(unreadable, "x", None);
    }
}
