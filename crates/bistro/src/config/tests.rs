use std::path::Path;

use proptest::prelude::*;

use super::merge::Merged;
use super::{Settings, environment, file};

/// The settings of a file's text and of variables, or the message.
fn read(text: &str, variables: &[(&str, &str)]) -> Result<Settings, String> {
    let mut merged = Merged::default();
    let variables = variables.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
    file::read(&mut merged, Path::new("bistro.toml"), text)
        .and_then(|()| environment::read(&mut merged, variables))
        .and_then(|()| merged.settings())
        .map_err(|e| e.to_string())
}

#[test]
fn an_empty_configuration_is_the_default() {
    assert_eq!(read("", &[]), Ok(Settings::default()));
}

#[test]
fn variables_beat_the_file() {
    let settings = read(
        "[limits]\nrows = 5\nbody = 0x1000\nsign_ups = \"7/day\"\n[cors]\norigins = [\"https://a.example\"]",
        &[
            ("BISTRO_LIMITS__ROWS", "7"),
            ("BISTRO_CORS__ORIGINS", "https://b.example, https://c.example"),
            ("BISTRO_URL", "x"),
        ],
    )
    .expect("all keys are known");
    assert_eq!((settings.limits.rows, settings.limits.body), (7, 4096));
    assert_eq!(settings.limits.rates().sign_ups.to_string(), "7/day");
    assert_eq!(settings.cors.origins, ["https://b.example", "https://c.example"]);
}

#[test]
fn mistakes_name_their_place_and_the_mend() {
    let check = |text: &str, variables: &[(&str, &str)], want: &str| {
        assert_eq!(read(text, variables).expect_err(text), want);
    };
    check(
        "\n[server]\nlisen = \"x\"",
        &[],
        "bistro.toml:3: server.lisen is no setting of Bistro; did you mean server.listen?",
    );
    check("[sever]\n", &[], "bistro.toml:1: sever is no setting of Bistro; did you mean [server]?");
    check("listen = 1", &[], "bistro.toml:1: listen is no setting of Bistro; did you mean server.listen?");
    check("server = 1", &[], "bistro.toml:1: server must be a section: write [server]");
    check(
        "[server]\nlisten = \"nowhere\"",
        &[],
        "bistro.toml:2: server.listen cannot be used: invalid socket address syntax",
    );
    check("[limits]\nrows = 0", &[], "bistro.toml:2: limits.rows must be at least 1");
    check("[graphql]\ndepth = 1", &[], "bistro.toml:2: graphql.depth must be at least 2");
    check("[soap]\nbody = 10", &[], "bistro.toml:2: soap.body must be at least 1024");
    check(
        "[soap]\nnamespace = \"our api\"",
        &[],
        "bistro.toml:2: soap.namespace is an absolute URI such as urn:example:v1, not \"our api\"",
    );
    check("[graphql]\nbatch = 101", &[], "bistro.toml:2: graphql.batch must be at most 100");
    check(
        "[limits]\nrows = 50\n[graphql]\npage = 60",
        &[],
        "bistro.toml:4: graphql.page must be at most limits.rows, which is 50",
    );
    check(
        "[graphql]\nintrospection = \"some\"",
        &[],
        "bistro.toml:2: graphql.introspection cannot be used: unknown variant `some`, expected one of `auto`, `on`, `off`",
    );
    check(
        "[limits]\nsign_ups = \"many\"",
        &[],
        "bistro.toml:2: limits.sign_ups cannot be used: a rate is written like 10/min, with s, min, h or day",
    );
    check("[limits]\nembed_depth = 11", &[], "bistro.toml:2: limits.embed_depth must be at most 10");
    check(
        "[database]\nurl = \"sqlite:keys.json\"",
        &[],
        "bistro.toml:2: database.url must name a file in the data folder, not \"keys.json\"; \
         write sqlite:bistro.db; data.dir moves the folder",
    );
    check(
        "",
        &[("BISTRO_LIMITS__ROWS", "many")],
        "BISTRO_LIMITS__ROWS: limits.rows cannot be used: invalid type: string \"many\", expected u64",
    );
    check(
        "",
        &[("BISTRO_LIMITS__ROW", "1")],
        "BISTRO_LIMITS__ROW: limits.row is no setting of Bistro; did you mean limits.rows?",
    );
    check(
        "[database]\nurl = \"oracle://x\"",
        &[],
        "bistro.toml:2: database.url: it names \"oracle\"; Bistro knows sqlite:FILE, postgres:// and mysql://; \
         write sqlite:bistro.db, postgres://… or mysql://…, or leave it out",
    );
    check(
        "[database]\nurl = \"mysql://db/shop\"\nreplicas = [\"mysql://b/shop\"]",
        &[],
        "bistro.toml:3: database.replicas: only PostgreSQL says how far a replica is behind; \
         leave it out: all reads go to database.url",
    );
    check(
        "[database]\nreplicas = \"postgres://u:SECRET@h/x\"",
        &[],
        "bistro.toml:2: database.replicas cannot be used: invalid type: string \"…\", expected a sequence",
    );
    check("[database]\nwriters = 0", &[], "bistro.toml:2: database.writers must be at least 1");
    check(
        "[database]\nurl = \"bistro.db\"",
        &[],
        "bistro.toml:2: database.url names no kind of database; write sqlite:bistro.db, postgres://… or mysql://…",
    );
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC*", words in r#"(\[[a-z.]{0,9}\]|[a-z_.]{1,9} ?= ?("[a-z]{0,5}"|[0-9]{1,30}|\[|\{|true)|\n){0,12}"#) {
        for text in [text, words] {
            if let Err(message) = read(&text, &[("BISTRO_A__B", &text)]) {
                prop_assert!(!message.is_empty());
            }
        }
    }
}

#[test]
fn no_text_makes_the_reader_panic() {
    for text in
        ["[", "[[a]]", "a.b.c=1", "\u{0}", "[server]\nlisten = 9999999999999999999999", "[server]\n[server]"]
    {
        assert!(read(text, &[]).is_err(), "{text:?}");
    }
    for (start, part, end) in
        [("x = ", "[", ""), ("", "a.", "b = 1"), ("x = ", "{a=", ""), ("cors.origins = ", "[", "]")]
    {
        let deep = format!("{start}{}{end}", part.repeat(100_000));
        assert!(read(&deep, &[]).is_err(), "{start}{part}…");
    }
}

#[test]
fn regress_variables_know_the_kind_of_settings_without_a_default() {
    let settings = |name: &str, value: &str| {
        let mut merged = super::merge::Merged::default();
        let variables = [(name.to_owned(), value.to_owned())];
        super::environment::read(&mut merged, variables.into_iter()).and_then(|()| merged.settings())
    };
    assert_eq!(settings("BISTRO_AUTH__CONFIRM_EMAIL", "true").unwrap().auth.confirm_email, Some(true));
    assert_eq!(settings("BISTRO_DATABASE__READERS", "3").unwrap().database.readers, Some(3));
    let digits = "12345678901234567890123456789012";
    assert_eq!(settings("BISTRO_AUTH__JWT_SECRET", digits).unwrap().auth.jwt_secret.as_deref(), Some(digits));
    assert!(settings("BISTRO_AUTH__CONFIRM_EMAIL", "perhaps").is_err());
}

#[test]
fn providers_are_sections_of_their_own() {
    let settings = read(
        "[auth.providers.google]\nclient_id = \"a\"\n[auth.providers.work]\nclient_id = \"b\"\nissuer = \"https://id.example\"",
        &[
            ("BISTRO_AUTH__PROVIDERS__GOOGLE__CLIENT_SECRET", "s"),
            ("BISTRO_AUTH__PROVIDERS__GITHUB__CLIENT_ID", "c"),
        ],
    )
    .expect("all is known");
    let providers = &settings.auth.providers;
    assert_eq!(providers.keys().collect::<Vec<_>>(), ["github", "google", "work"]);
    assert_eq!(providers["google"].client_secret.as_deref(), Some("s"));
    assert_eq!(providers["google"].client_id, "a");
    let check = |text: &str, words: &str| {
        let said = read(text, &[]).expect_err(text);
        assert!(said.contains(words), "{text}: {said}");
    };
    check("[auth.providers.work]\nclient_id = \"b\"", "auth.providers.work: issuer is missing");
    check("[auth.providers.google]\nclient_secret = \"b\"", "client_id is missing");
    check("[auth.providers.google]\nclient_id = \"b\"\nclientid = \"c\"", "unknown field");
    check("[auth.providers.email]\nclient_id = \"b\"\nissuer = \"https://x\"", "no word of ours");
    check("[auth.providers.work]\nclient_id = \"b\"\nissuer = \"id.example\"", "start with https://");
    check("[auth.providers.apple]\nclient_id = \"b\"\nteam_id = \"t\"", "go together");
    check("[auth.providers]\ngoogle = 1", "auth.providers.google");
}

#[test]
fn addresses_that_lead_nowhere_are_refused() {
    let check = |text: &str, words: &str| {
        let said = read(text, &[]).expect_err(text);
        assert!(said.contains(words), "{text}: {said}");
    };
    check(
        "[auth]\nsite_url = \"blog.example.org\"",
        "auth.site_url: \"blog.example.org\": it must begin with",
    );
    check("[auth]\nredirect_urls = [\"https://a.example\", \"*://b\"]", "a scheme is written out");
    check("[mail]\nurl = \"smtps://a.example\"", "mail.url and mail.from go together");
    let good = "[auth]\nsite_url = \"https://a.example\"\nredirect_urls = [\"https://*.a.example/**\", \"myapp://x\"]";
    assert!(read(good, &[]).is_ok());
}
