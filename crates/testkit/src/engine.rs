//! What is particular to each server: its programs, how a folder is prepared, how it is run, and its own client.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::program::{self, Person, run};
use crate::server::{Fault, Settings};

/// The account and the password of every server that is started here.
pub(crate) const ACCOUNT: &str = "bistro";

/// What a MariaDB server runs at each start. The account may not ignore `read_only`, as an application's may not.
const FIRST: &str = "CREATE USER IF NOT EXISTS 'bistro'@'%' IDENTIFIED BY 'bistro';
GRANT ALL PRIVILEGES ON *.* TO 'bistro'@'%' WITH GRANT OPTION;
REVOKE READ_ONLY ADMIN, BINLOG ADMIN, SUPER ON *.* FROM 'bistro'@'%';
";

/// A server that Bistro has a store for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Engine {
    /// PostgreSQL, 13 or newer.
    Postgres,
    /// MariaDB, 10.6 or newer, from Debian's packages; a MySQL 8 by address.
    MySql,
}

impl Engine {
    /// Both.
    pub const ALL: [Engine; 2] = [Engine::Postgres, Engine::MySql];

    /// A word for people and file names.
    pub fn word(self) -> &'static str {
        match self {
            Engine::Postgres => "postgres",
            Engine::MySql => "mysql",
        }
    }

    /// Debian's package.
    pub fn package(self) -> &'static str {
        match self {
            Engine::Postgres => "postgresql",
            Engine::MySql => "mariadb-server",
        }
    }

    /// Whether its programs are there.
    pub fn is_installed(self) -> bool {
        match self {
            Engine::Postgres => program::newest_postgres().is_some_and(|(version, _)| version >= 13),
            Engine::MySql => program::find("mariadbd").is_some(),
        }
    }

    /// The variable that names a server to use instead of one of our own.
    pub fn variable(self) -> &'static str {
        match self {
            Engine::Postgres => "BISTRO_TEST_POSTGRES_URL",
            Engine::MySql => "BISTRO_TEST_MYSQL_URL",
        }
    }

    /// The address of a database on this machine.
    pub(crate) fn url(self, port: u16, database: &str) -> String {
        let scheme = match self {
            Engine::Postgres => "postgres",
            Engine::MySql => "mysql",
        };
        format!("{scheme}://{ACCOUNT}:{ACCOUNT}@127.0.0.1:{port}/{database}")
    }

    /// The same for the server's administrator.
    pub(crate) fn admin_url(self, port: u16) -> String {
        match self {
            Engine::Postgres => self.url(port, self.home()),
            Engine::MySql => format!("mysql://root:@127.0.0.1:{port}/mysql"),
        }
    }

    /// The database that is always there.
    pub(crate) fn home(self) -> &'static str {
        match self {
            Engine::Postgres => "postgres",
            Engine::MySql => "mysql",
        }
    }

    /// How a database is dropped that somebody may still be connected to.
    pub(crate) fn drop_ending(self) -> &'static str {
        match self {
            Engine::Postgres => " WITH (FORCE)",
            Engine::MySql => "",
        }
    }

    /// The signal that ends it at once and in order: open transactions are rolled back.
    pub(crate) fn stop_signal(self) -> &'static str {
        match self {
            Engine::Postgres => "-INT",
            Engine::MySql => "-TERM",
        }
    }

    pub(crate) fn person(self) -> Result<Person, Fault> {
        Person::named(self.home())
    }

    fn program(self, name: &str) -> Result<PathBuf, Fault> {
        let found = match self {
            Engine::Postgres => program::newest_postgres().map(|(_, folder)| folder.join(name)),
            Engine::MySql => program::find(name),
        };
        found.ok_or_else(|| {
            let package = self.package();
            Fault::new(format!(
                "{name} is missing; install it: apt-get install --no-install-recommends {package}\n\
                 (or let {} name a server)",
                self.variable()
            ))
        })
    }

    /// Fills `folder/data` with an empty cluster.
    pub(crate) fn prepare(self, folder: &Path) -> Result<(), Fault> {
        let person = self.person()?;
        let data = folder.join("data");
        std::fs::create_dir(&data).map_err(|e| Fault::new(format!("{}: {e}", data.display())))?;
        person.own(&data)?;
        let (program, options) = match self {
            Engine::Postgres => {
                let options =
                    ["-N", "--locale=C.UTF-8", "--encoding=UTF8", "--auth=trust"].map(str::to_owned);
                let more = [format!("--username={ACCOUNT}"), format!("--pgdata={}", data.display())];
                ("initdb", [&options[..], &more].concat())
            }
            Engine::MySql => {
                let first = ["--no-defaults".to_owned(), format!("--datadir={}", data.display())];
                let rest = [
                    "--auth-root-authentication-method=normal",
                    "--skip-test-db",
                    "--innodb-flush-method=nosync",
                    "--innodb-log-file-size=16M",
                ];
                ("mariadb-install-db", [&first[..], &rest.map(str::to_owned)].concat())
            }
        };
        let words = person.words(&self.program(program)?, false);
        run(Command::new(&words[0]).args(&words[1..]).args(options).current_dir("/").env("TMPDIR", folder))?;
        let first = folder.join("first.sql");
        std::fs::write(&first, FIRST).map_err(|e| Fault::new(format!("{}: {e}", first.display())))
    }

    /// The words that run the server of a prepared folder.
    pub(crate) fn words(
        self,
        folder: &Path,
        port: u16,
        settings: &Settings,
        tied: bool,
    ) -> Result<Vec<String>, Fault> {
        let name = match self {
            Engine::Postgres => "postgres",
            Engine::MySql => "mariadbd",
        };
        let mut words = self.person()?.words(&self.program(name)?, tied);
        match self {
            Engine::Postgres => words.extend(postgres(folder, port, settings)),
            Engine::MySql => words.extend(mysql(folder, port, settings)),
        }
        words.extend(settings.options.iter().cloned());
        Ok(words)
    }

    /// Runs SQL with the server's own client; what it printed, without headings.
    pub(crate) fn sql(self, url: &str, text: &str) -> Result<String, Fault> {
        let mut command = match self {
            Engine::Postgres => {
                let mut command = Command::new(self.program("psql")?);
                command.args(["-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-d", url]);
                // Each statement by itself: CREATE DATABASE is refused among others.
                for statement in text.split(";\n") {
                    command.args(["-c", statement]);
                }
                command.env("PGCONNECT_TIMEOUT", "10");
                command
            }
            Engine::MySql => {
                let parts = Address::read(url)?;
                let mut command = Command::new(self.program("mariadb")?);
                command.args(["--no-defaults", "--protocol=tcp", "-N", "-B", "--connect-timeout=10"]);
                command.args(["-h", &parts.host, "-P", &parts.port, "-u", &parts.user]);
                command.env("MYSQL_PWD", &parts.password).args(["-e", text, &parts.database]);
                command
            }
        };
        Ok(String::from_utf8_lossy(&run(&mut command)?.stdout).trim().to_owned())
    }
}

fn postgres(folder: &Path, port: u16, settings: &Settings) -> Vec<String> {
    // A socket's path may have 107 bytes.
    let sockets = if folder.as_os_str().len() < 80 { folder } else { Path::new("") };
    let mut set = vec![
        format!("port={port}"),
        "listen_addresses=127.0.0.1".to_owned(),
        format!("unix_socket_directories={}", sockets.display()),
        "max_connections=300".to_owned(),
        "shared_buffers=128MB".to_owned(),
        "dynamic_shared_memory_type=posix".to_owned(),
    ];
    if !settings.durable {
        set.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"].map(str::to_owned));
    }
    let mut words = vec!["-D".to_owned(), folder.join("data").display().to_string()];
    set.into_iter().for_each(|s| words.extend(["-c".to_owned(), s]));
    words
}

fn mysql(folder: &Path, port: u16, settings: &Settings) -> Vec<String> {
    let first = folder.join("first.sql");
    let socket = if folder.as_os_str().len() < 80 {
        folder.join("socket")
    } else {
        // A socket's path may have 107 bytes.
        std::env::temp_dir().join(format!("bistro-mysql-{port}.sock"))
    };
    let mut words = vec![
        "--no-defaults".to_owned(),
        format!("--datadir={}", folder.join("data").display()),
        format!("--socket={}", socket.display()),
        format!("--pid-file={}", folder.join("data/pid").display()),
        format!("--init-file={}", first.display()),
        format!("--port={port}"),
        // The one of the environment may belong to another account.
        format!("--tmpdir={}", folder.display()),
        "--bind-address=127.0.0.1".to_owned(),
        "--skip-name-resolve".to_owned(),
        "--max-connections=300".to_owned(),
        "--innodb-log-file-size=16M".to_owned(),
        "--innodb-buffer-pool-size=128M".to_owned(),
    ];
    if !settings.durable {
        let lax =
            ["--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync", "--innodb-doublewrite=0"];
        words.extend(lax.map(str::to_owned));
    }
    words
}

/// The parts of a `mysql://` address; its client does not read one.
struct Address {
    user: String,
    password: String,
    host: String,
    port: String,
    database: String,
}

impl Address {
    fn read(url: &str) -> Result<Self, Fault> {
        let wrong = || Fault::new(format!("not of the form mysql://user:password@host:port/database: {url}"));
        let (_, rest) = url.split_once("://").ok_or_else(wrong)?;
        let rest = rest.split_once('?').map_or(rest, |(rest, _)| rest);
        let (place, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (who, place) = place.rsplit_once('@').ok_or_else(wrong)?;
        let (user, password) = who.split_once(':').unwrap_or((who, ""));
        let (host, port) = place.rsplit_once(':').unwrap_or((place, "3306"));
        let [user, password, host, port, database] =
            [user, password, host, port, database].map(str::to_owned);
        Ok(Self { user, password, host, port, database })
    }
}
