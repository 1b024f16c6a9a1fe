use super::*;

fn parse(url: &str) -> Result<Address, String> {
    Address::parse(url, Duration::from_secs(15)).map_err(|e| e.cause)
}

#[test]
fn urls_are_read_as_libpq_does() {
    let check = |url: &str, expected: &str, mode: SslMode| {
        let address = parse(url).unwrap();
        assert_eq!(address.shown, expected, "{url}");
        assert_eq!(address.config.get_ssl_mode(), mode, "{url}");
    };
    check("postgres://app:s%40crt@db:5433/shop", "database \"shop\" on db:5433", SslMode::Prefer);
    check("postgresql://app@db/shop?sslmode=disable", "database \"shop\" on db:5432", SslMode::Disable);
    check("postgres://app@db/shop?sslmode=require", "database \"shop\" on db:5432", SslMode::Require);
    check("postgres:///shop?host=/run/pg&user=app", "database \"shop\" on /run/pg:5432", SslMode::Prefer);
    check("postgres://app@%2Frun%2Fpg/shop", "database \"shop\" on /run/pg:5432", SslMode::Prefer);
    check(
        "postgres://app@a:1,b:2/shop?target_session_attrs=read-write",
        "database \"shop\" on a:1, b:2",
        SslMode::Prefer,
    );
    check("postgres://app@/shop", "database \"shop\" on localhost:5432", SslMode::Prefer);
}

#[test]
fn wrong_urls_are_named_without_their_password() {
    let check = |url: &str, expected: &str| {
        let error = parse(url).unwrap_err();
        assert!(error.contains(expected), "{error}");
        assert!(!error.contains("hidden"), "{error}");
    };
    check("mysql://app:hidden@db/shop", "does not begin with postgres://");
    check("postgres://app:hidden@db/shop?sslmode=always", "sslmode=always is not known");
    check("postgres://app:hidden@db/shop?sslmode=verify-ca", "needs sslrootcert=FILE");
    check(
        "postgres://app:hidden@db/shop?sslmode=verify-full&sslrootcert=/none.pem",
        "/none.pem cannot be used",
    );
    check("postgres://app:hidden@db/shop?sslcert=/a.pem", "sslcert and sslkey go together");
    check("postgres://app:hidden@db/shop?sslrootcert=%zz", "sslrootcert is not escaped");
    check("postgres://app:hidden@db/shop?colour=red", "colour");
    check("postgres://app:hidden@db:port/shop", "port");
}
