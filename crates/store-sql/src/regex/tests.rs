use super::*;

#[test]
fn expressions_mean_the_same_in_each_engine() {
    let cases = [
        ("^a.c$", "^a.c$", r"(?s)^a.c\z"),
        ("a+?b*?", "a+b*", "(?s)a+b*"),
        (r"(a|b)(?:c)", "(?:a|b)(?:c)", "(?s)(?:a|b)(?:c)"),
        ("a|", "a|(?:)", "(?s)a|(?:)"),
        (r"\bx\B", r"\yx\Y", r"(?s)\bx\B"),
        (r"\d\w\s\D", r"\d\w\s\D", r"(?s)\d\w\s\D"),
        (r"[a-z\-\]#]", r"[a-z\-\]\#]", r"(?s)[a-z\-\]\#]"),
        (r"[^x\d]", r"[^x\d]", r"(?s)[^x\d]"),
        (r"[x\D]", r"(?:[x]|\D)", r"(?s)(?:[x]|\D)"),
        (r"[^x\D\S]", r"(?:(?![x])(?=\d)\s)", r"(?s)(?:(?![x])(?=\d)\s)"),
        ("[[:alpha:]é]", "[A-Za-zé]", "(?s)[A-Za-zé]"),
        (r"\t\x01", r"\u0009\u0001", r"(?s)\x{9}\x{1}"),
        ("***x?", r"", ""),
        ("a{2,3}", "a{2,3}", "(?s)a{2,3}"),
        ("a{2}{3}", "(?:a{2}){3}", "(?s)(?:a{2}){3}"),
        ("(?:^)*", "(?:^)*", "(?s)(?:^)*"),
        ("a{300}", "(?:a{255}a{45})", "(?s)(?:a{255}a{45})"),
        ("a{1,300}", "(?:a{1}a{0,255}a{0,44})", "(?s)(?:a{1}a{0,255}a{0,44})"),
        ("a{256,}", "(?:a{255}a{1}a*)", "(?s)(?:a{255}a{1}a*)"),
        (r"\.\*_ ", r"\.\*_ ", r"(?s)\.\*_ "),
    ];
    for (pattern, postgres, mysql) in cases {
        if postgres.is_empty() {
            assert!(translate(Dialect::Postgres, pattern, false).is_err(), "{pattern}");
            continue;
        }
        assert_eq!(translate(Dialect::Postgres, pattern, true).unwrap(), postgres, "{pattern}");
        assert_eq!(translate(Dialect::Mysql, pattern, false).unwrap(), mysql, "{pattern}");
    }
}

#[test]
fn what_is_outside_the_subset_is_refused() {
    let long = "a".repeat(257);
    let deep = format!("{}a{}", "(".repeat(40), ")".repeat(40));
    let wide = "((((a{200}){200}){999}){999})";
    for pattern in [
        "(",
        "(?=a)",
        r"(a)\1",
        "(?i)a",
        "(?P<n>a)",
        r"\pL",
        r"\A",
        r"\z",
        "[a&&b]",
        "[[a]b]",
        "[[:^alpha:]]",
        "a{4294967295}",
        long.as_str(),
        deep.as_str(),
        "((a{999}){999}){999}",
    ] {
        let error = translate(Dialect::Postgres, pattern, false).unwrap_err();
        assert!(matches!(error.kind, StoreErrorKind::Rejected(Code::BadRegex, _)), "{pattern}: {error}");
    }
    assert!(translate(Dialect::Postgres, wide, false).is_err());
}
