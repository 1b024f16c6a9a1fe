//! Opening connections: the session that each has, and what the server says of itself.

use std::time::Duration;

use bistro_store::{StoreError, StoreErrorKind};
use tokio_postgres::error::SqlState;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Connection, Error, NoTls, SimpleQueryMessage, Socket};

use crate::address::{Address, said};
use crate::link::Link;
use crate::tls::Tls;

/// The oldest version that is served, as `server_version_num`.
const OLDEST: u32 = 130_000;
/// How long opening a connection to one host may take, unless the URL says; a host that takes connections and does not
/// speak is given up as one that takes none.
const OPENING: Duration = Duration::from_secs(5);
/// How long opening a connection may take, all hosts included.
const OPENING_ALL: Duration = Duration::from_secs(15);

/// A server and the session that its connections get.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) address: Address,
    session: String,
}

/// What a server says of itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    /// How many connections ordinary users may have.
    pub(crate) connections: usize,
    /// Whether it only repeats what another server writes.
    pub(crate) replica: bool,
}

/// Statements are short, and compiling one of many conditions takes seconds. Servers that only speak this one's language may not
/// have the setting.
const NO_JIT: &str =
    "SELECT set_config('jit', 'off', false) WHERE EXISTS (SELECT FROM pg_settings WHERE name = 'jit')";

impl Site {
    /// A server whose statements may run as long as `deadline`.
    pub(crate) fn new(address: Address, deadline: Duration) -> Self {
        let limit = deadline.as_millis().max(1);
        let session = format!(
            "SET TIME ZONE 'UTC'; SET statement_timeout = {limit}; SET lock_timeout = {limit}; \
             SET idle_in_transaction_session_timeout = {}; SET standard_conforming_strings = on; \
             SET default_transaction_isolation = 'read committed'; SET client_min_messages = 'warning'; \
             {NO_JIT}",
            limit * 3
        );
        Self { address, session }
    }

    /// Opens a connection.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unavailable`] with what to mend: the server, the user, the database, the version.
    pub(crate) async fn connect(&self) -> Result<(Link, Facts), StoreError> {
        let opening = async {
            let link = match &self.address.tls {
                Tls::Plain => self.dial(NoTls).await,
                Tls::Rustls(tls) => self.dial(tls.clone()).await,
            };
            let link = link.map_err(|e| self.refused(&e))?;
            let facts = self.greet(link.client()).await?;
            Ok((link, facts))
        };
        let most = self.opening();
        tokio::time::timeout(most, opening)
            .await
            .unwrap_or_else(|_| Err(self.failed(&format!("it gives no answer within {} s", most.as_secs()))))
    }

    /// How long opening a connection may take here.
    fn opening(&self) -> Duration {
        let config = &self.address.config;
        let each = config.get_connect_timeout().copied().unwrap_or(OPENING);
        let hosts = config.get_hosts().len().max(config.get_hostaddrs().len()).max(1);
        (each * u32::try_from(hosts).unwrap_or(u32::MAX)).min(OPENING_ALL.max(each))
    }

    async fn dial<T>(&self, tls: T) -> Result<Link, Error>
    where
        T: MakeTlsConnect<Socket>,
        T::Stream: Send + 'static,
        Connection<Socket, T::Stream>: Future<Output = Result<(), Error>>,
    {
        let (client, connection) = self.address.config.connect(tls).await?;
        let driver = tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error = said(&error), "a connection to the database ended");
            }
        });
        Ok(Link::new(client, self.address.tls.clone(), driver.abort_handle()))
    }

    async fn greet(&self, client: &Client) -> Result<Facts, StoreError> {
        let hello = format!(
            "{}; SELECT current_setting('server_version_num'), current_setting('server_encoding'), \
             current_setting('max_connections'), current_setting('superuser_reserved_connections', true), \
             pg_is_in_recovery(), current_setting('server_version')",
            self.session
        );
        let answers = client.simple_query(&hello).await.map_err(|e| self.refused(&e))?;
        // The session's own statements may answer too, before this one.
        let mut rows = answers.iter().rev();
        let row = rows.find_map(|m| if let SimpleQueryMessage::Row(row) = m { Some(row) } else { None });
        let said = |at: usize| row.and_then(|r| r.get(at)).unwrap_or_default();
        let version: u32 = said(0).parse().unwrap_or(0);
        if version < OLDEST {
            let text = format!("it is PostgreSQL {}, Bistro needs 13 or later", said(5));
            return Err(self.failed(&text));
        }
        if !matches!(said(1), "UTF8" | "utf8") {
            let text =
                format!("its encoding is {}, Bistro needs a database made with ENCODING 'UTF8'", said(1));
            return Err(self.failed(&text));
        }
        let number = |at: usize| said(at).parse::<usize>().unwrap_or(0);
        let connections = number(2).saturating_sub(number(3)).max(2);
        Ok(Facts { connections, replica: said(4) == "t" })
    }

    fn refused(&self, error: &Error) -> StoreError {
        let config = &self.address.config;
        let user = config.get_user().unwrap_or("(the system's user)");
        let text = match error.code() {
            Some(c) if *c == SqlState::INVALID_CATALOG_NAME => {
                let name = config.get_dbname().unwrap_or(user);
                format!("there is no database {name:?}; make it with: createdb --encoding UTF8 {name}")
            }
            Some(c) if c.code().starts_with("28") => {
                let cause = error.as_db_error().map_or_else(String::new, |d| d.message().to_owned());
                format!(
                    "user {user:?} is not let in ({cause}); check name and password in the URL, and pg_hba.conf"
                )
            }
            Some(c) if *c == SqlState::TOO_MANY_CONNECTIONS => {
                "it has as many connections as it allows (max_connections)".to_owned()
            }
            Some(c) if *c == SqlState::CANNOT_CONNECT_NOW => "it is starting or stopping".to_owned(),
            _ => match error.as_db_error() {
                Some(db) => format!("{} ({})", db.message(), db.code().code()),
                None => said(error),
            },
        };
        self.failed(&text)
    }

    fn failed(&self, text: &str) -> StoreError {
        StoreError::new(StoreErrorKind::Unavailable, format!("{}: {text}", self.address.shown))
    }
}
