//! Connections: how one is made, and what its session promises.

use std::time::Duration;

use bistro_store::{StoreError, StoreErrorKind};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, DriverError, Error, IoError, Opts, OptsBuilder};
use rustls::CertificateError;

use crate::address::Address;
use crate::error::from_driver;

/// How long making a connection may take.
const CONNECT: Duration = Duration::from_secs(5);

/// How texts are read in our sessions, whatever the server's own setting is. A backslash escapes in constants, as it does
/// for whoever runs a migration's file by hand; names may stand in double quotes, as in a view written for all engines.
const SQL_MODE: &str = "STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,\
                        NO_ENGINE_SUBSTITUTION,ANSI_QUOTES,PIPES_AS_CONCAT,\
                        NO_AUTO_VALUE_ON_ZERO";

/// The two families of servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flavour {
    MySql,
    MariaDb,
}

impl Flavour {
    /// The collation of our texts: bytewise, and spaces at the end count.
    pub(crate) const fn collation(self) -> &'static str {
        match self {
            Flavour::MySql => "utf8mb4_0900_bin",
            Flavour::MariaDb => "utf8mb4_nopad_bin",
        }
    }
}

/// How connections are made.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) address: Address,
    pub(crate) flavour: Flavour,
    /// How long a statement may run.
    pub(crate) deadline: Duration,
}

impl Site {
    /// Looks at the server that the address leads to.
    pub(crate) async fn found(address: Address, deadline: Duration) -> Result<(Self, Conn), StoreError> {
        let mut conn = dial(&address).await?;
        let version: Option<String> = conn.query_first("SELECT VERSION()").await.map_err(from_driver)?;
        let flavour = flavour(&version.unwrap_or_default())?;
        let site = Self { address, flavour, deadline };
        site.set_up(&mut conn).await?;
        Ok((site, conn))
    }

    /// A new connection with its session set up.
    pub(crate) async fn connect(&self) -> Result<Conn, StoreError> {
        let mut conn = dial(&self.address).await?;
        self.set_up(&mut conn).await?;
        Ok(conn)
    }

    async fn set_up(&self, conn: &mut Conn) -> Result<(), StoreError> {
        let statement = self.session();
        within(conn.query_drop(statement)).await
    }

    /// What every session is told.
    fn session(&self) -> String {
        let wait = self.deadline.as_secs().max(1);
        // Quotients keep as many digits as there can be; sums and means are rounded from them.
        let common = format!(
            "SET NAMES utf8mb4 COLLATE {}; SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; \
             SET time_zone = '+00:00', sql_mode = '{SQL_MODE}', innodb_lock_wait_timeout = {wait}, \
             lock_wait_timeout = {wait}, autocommit = 1, div_precision_increment = 30, \
             group_concat_max_len = 67108864",
            self.flavour.collation()
        );
        match self.flavour {
            Flavour::MariaDb => {
                format!("{common}, max_statement_time = {:.3}", self.deadline.as_secs_f64())
            }
            Flavour::MySql => {
                let most = self.deadline.as_millis().clamp(1, u128::from(u32::MAX));
                format!("{common}, max_execution_time = {most}")
            }
        }
    }

    /// Takes the deadline from a session that changes tables.
    pub(crate) const fn without_deadline(&self) -> &'static str {
        match self.flavour {
            Flavour::MariaDb => "SET max_statement_time = 0, lock_wait_timeout = 86400",
            Flavour::MySql => "SET max_execution_time = 0, lock_wait_timeout = 31536000",
        }
    }
}

/// Connects, by TLS where it is asked for.
async fn dial(address: &Address) -> Result<Conn, StoreError> {
    let Some(secure) = &address.secure else { return open(&address.plain, address).await };
    let result = tokio::time::timeout(CONNECT, Conn::new(secure.clone())).await;
    match result {
        Ok(Err(Error::Driver(DriverError::NoClientSslFlagFromServer))) if address.fall_back => {
            open(&address.plain, address).await
        }
        Ok(Err(error)) => match own_name(&error).filter(|_| address.any_name) {
            Some(name) => open(&named(secure, name), address).await,
            None => Err(unreachable(&error, address)),
        },
        Ok(Ok(conn)) => Ok(conn),
        Err(_) => Err(late(address)),
    }
}

/// A host that the server's certificate names, if that it is not ours is all that is wrong with it. The driver has no
/// words for a certificate whose name does not matter, so that it is asked for under its own.
fn own_name(error: &Error) -> Option<String> {
    let Error::Io(IoError::Io(error)) = error else { return None };
    let error = error.get_ref()?.downcast_ref::<rustls::Error>()?;
    let rustls::Error::InvalidCertificate(CertificateError::NotValidForNameContext { presented, .. }) = error
    else {
        return None;
    };
    // As in `DnsName("*.example.com")` and `IpAddress(10.0.0.1)`.
    let name = presented.first()?.split_once('(')?.1.trim_end_matches(')').trim_matches('"');
    Some(name.replace('*', "any"))
}

fn named(opts: &Opts, name: String) -> Opts {
    let tls = opts.ssl_opts().cloned().unwrap_or_default().with_danger_tls_hostname_override(Some(name));
    OptsBuilder::from_opts(opts.clone()).ssl_opts(Some(tls)).into()
}

async fn open(opts: &Opts, address: &Address) -> Result<Conn, StoreError> {
    match tokio::time::timeout(CONNECT, Conn::new(opts.clone())).await {
        Ok(result) => result.map_err(|e| unreachable(&e, address)),
        Err(_) => Err(late(address)),
    }
}

async fn within(work: impl Future<Output = Result<(), Error>>) -> Result<(), StoreError> {
    match tokio::time::timeout(CONNECT, work).await {
        Ok(result) => result.map_err(from_driver),
        Err(_) => Err(StoreError::new(StoreErrorKind::Unavailable, "the server did not answer in time")),
    }
}

fn late(address: &Address) -> StoreError {
    let text = format!("{} did not answer within {} s", address.shown, CONNECT.as_secs());
    StoreError::new(StoreErrorKind::Unavailable, text)
}

/// Whatever keeps us from connecting makes the store unavailable.
fn unreachable(error: &Error, address: &Address) -> StoreError {
    let hint = match error {
        Error::Server(server) if server.code == 1049 => "; make it with CREATE DATABASE, or mend the name",
        Error::Server(server) if server.code == 1045 => "; mend the name or the password in the address",
        _ => "",
    };
    StoreError::new(
        StoreErrorKind::Unavailable,
        format!("cannot connect to {}: {error}{hint}", address.shown),
    )
}

/// Which server a version's text names.
fn flavour(version: &str) -> Result<Flavour, StoreError> {
    let number = |text: &str| -> Vec<u32> {
        let start = text.split(['-', ' ', '+']).next().unwrap_or_default();
        start.split('.').map_while(|n| n.parse().ok()).collect()
    };
    let (flavour, least) = match version.contains("MariaDB") {
        true => (Flavour::MariaDb, [10, 6, 0]),
        false => (Flavour::MySql, [8, 0, 16]),
    };
    // Some servers put 5.5.5- before their version, for old clients.
    let found = number(version.strip_prefix("5.5.5-").unwrap_or(version));
    if found.as_slice() < &least[..] {
        let text =
            format!("the server is {version:?}: Bistro needs MySQL 8.0.16 or MariaDB 10.6, or a later one");
        return Err(StoreError::new(StoreErrorKind::Unavailable, text));
    }
    Ok(flavour)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_name_their_server() {
        let check = |version: &str, expected: Option<Flavour>| {
            assert_eq!(flavour(version).ok(), expected, "{version}");
        };
        check("10.11.19-MariaDB-0+deb12u1", Some(Flavour::MariaDb));
        check("5.5.5-10.6.2-MariaDB", Some(Flavour::MariaDb));
        check("10.5.9-MariaDB", None);
        check("8.0.36", Some(Flavour::MySql));
        check("8.4.0-commercial", Some(Flavour::MySql));
        check("5.7.44-log", None);
        check("", None);
    }
}
