//! What runs against what: the servers on the field, and the groups of cases that are compared.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};

use super::accounts;
use super::binaries::Binaries;
use super::case::{Caller, Credentials, Template, Values, Workload, templates};
use super::contender::{Contender, Subject};
use super::data::DataSet;
use super::database::{Engine, Shared};
use super::graphql::Graph;
use super::schemas::Schema;
use super::server::Process;
use super::soap::Envelope;

/// Connections of the group that asks how cost grows with them.
pub(super) const MANY: usize = 1_000;

/// The groups by the names that `--only` takes.
const GROUPS: [&str; 14] = [
    "read_one",
    "list50",
    "feed20",
    "insert",
    "mixed",
    "token",
    "rule",
    "conns",
    "growth",
    "footprint",
    "accounts",
    "graphql",
    "soap",
    "postgraphile",
];

/// Those that ask what the hand-written server has not.
const OF_BISTRO: [&str; 2] = ["accounts", "soap"];

/// Those that run where the rows lie on a server.
const ON_SERVERS: [&str; 9] =
    ["read_one", "list50", "feed20", "insert", "mixed", "token", "rule", "graphql", "soap"];

/// Those that run on PostgreSQL alone.
const ON_POSTGRES: [&str; 1] = ["postgraphile"];

/// Which groups run.
pub(super) struct Wanted {
    names: Vec<&'static str>,
    pub(super) growth: bool,
    pub(super) footprint: bool,
    pub(super) accounts: bool,
}

impl Wanted {
    /// All groups, or those named.
    pub(super) fn parse(only: &[String], engine: Engine, subject: Subject) -> Result<Self> {
        for name in only {
            if !GROUPS.contains(&name.as_str()) {
                bail!("there is no group `{name}`; there are {}", GROUPS.join(", "));
            }
        }
        // What a process weighs and how a file grows is asked of files alone.
        let runs = |name: &str| match engine {
            Engine::Sqlite => !ON_POSTGRES.contains(&name),
            Engine::Postgres => ON_SERVERS.contains(&name) || ON_POSTGRES.contains(&name),
            Engine::Mysql => ON_SERVERS.contains(&name),
        };
        let asked = |name: &str| runs(name) && (subject == Subject::Bistro || !OF_BISTRO.contains(&name));
        if let Some(name) = only.iter().find(|name| !asked(name)) {
            bail!("the group `{name}` does not run on {} with this subject", engine.word());
        }
        let wanted =
            |name: &&&str| asked(name) && (only.is_empty() || only.iter().any(|only| only == **name));
        let names: Vec<&str> = GROUPS.iter().filter(wanted).copied().collect();
        let has = |name| names.contains(&name);
        Ok(Self { growth: has("growth"), footprint: has("footprint"), accounts: has("accounts"), names })
    }

    fn has(&self, name: &str) -> bool {
        self.names.contains(&name)
    }
}

/// Which server of the field.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The hand-written server.
    Hand,
    /// What is measured.
    Subject,
    /// The subject without row rules.
    Open,
    /// The subject with the larger data.
    Large,
    /// PostGraphile, over the subject's own database.
    PostGraphile,
}

/// A seeded server that runs.
pub(super) struct Server {
    pub(super) contender: Contender,
    pub(super) process: Process,
    credentials: Credentials,
    values: Values,
}

impl Server {
    fn start(contender: Contender, set: &DataSet) -> Result<(Self, Option<Duration>)> {
        let took = contender.seed(set)?;
        let process = contender.start()?;
        let credentials = contender.credentials()?;
        Ok((Self { contender, process, credentials, values: Values::new(set.posts) }, took))
    }

    /// Ends the process and starts it anew; the first must be gone, for it holds the data's lock.
    pub(super) fn restart(&mut self) -> Result<()> {
        self.process.stop();
        self.process = self.contender.start()?;
        Ok(())
    }

    /// The requests of a workload.
    pub(super) fn templates(&self, workload: Workload, caller: Caller) -> Vec<Template> {
        let dialect = self.contender.dialect();
        templates(workload, &self.values, &self.credentials, (caller, dialect))
    }

    /// Signs people up, so that there are sessions.
    fn sign_up(&mut self) -> Result<()> {
        let token = accounts::sign_up(self.process.address, &self.credentials.anonymous)?;
        self.credentials.session = format!("{}Authorization: Bearer {token}\r\n", self.credentials.anonymous);
        Ok(())
    }

    /// The request that signs somebody in.
    pub(super) fn sign_in(&self) -> Vec<Template> {
        accounts::sign_in(&self.credentials.anonymous)
    }

    /// The header lines of the signed-in caller.
    pub(super) fn known(&self) -> &str {
        &self.credentials.known
    }
}

/// All servers of a run.
pub(super) struct Field {
    pub(super) hand: Server,
    pub(super) subject: Server,
    open: Option<Server>,
    large: Option<Server>,
    pub(super) postgraphile: Option<Server>,
    /// How long the subject took to load the posts, and how many they were.
    pub(super) seeding: Option<(Duration, u64)>,
}

impl Field {
    /// Seeds and starts the servers over the smaller data.
    pub(super) fn start(
        folder: &Path,
        binaries: &Binaries,
        subject: Subject,
        set: &DataSet,
        wanted: &Wanted,
        shared: &Shared,
    ) -> Result<Self> {
        let server = |kind, name: &str, schema| {
            eprintln!("seeding {name}");
            let home = folder.join(name);
            Server::start(Contender::prepare(kind, binaries, home, schema, shared.database()?)?, set)
        };
        let (hand, _) = server(Subject::Hand, "hand", Schema::WithRules)?;
        let (mut main, took) = server(subject, "subject", Schema::WithRules)?;
        if wanted.accounts {
            main.sign_up()?;
        }
        let open = match wanted.has("rule") {
            true => Some(server(subject, "open", Schema::WithoutRules)?.0),
            false => None,
        };
        let seeding = took.map(|took| (took, set.posts));
        let postgraphile = match (wanted.has("postgraphile"), main.contender.url()) {
            (true, Some(url)) => {
                eprintln!("starting PostGraphile");
                Some(Server::start(Contender::postgraphile(folder.join("postgraphile"), url)?, set)?.0)
            }
            _ => None,
        };
        Ok(Self { hand, subject: main, open, large: None, postgraphile, seeding })
    }

    /// Seeds and starts the subject over the larger data.
    pub(super) fn add_large(
        &mut self,
        folder: &Path,
        binaries: &Binaries,
        subject: Subject,
        set: &DataSet,
    ) -> Result<()> {
        eprintln!("seeding large");
        let contender =
            Contender::prepare(subject, binaries, folder.join("large-server"), Schema::WithRules, None)?;
        self.large = Some(Server::start(contender, set)?.0);
        Ok(())
    }

    /// The server of a side, if it runs.
    pub(super) fn server(&self, side: Side) -> Option<&Server> {
        match side {
            Side::Hand => Some(&self.hand),
            Side::Subject => Some(&self.subject),
            Side::Open => self.open.as_ref(),
            Side::Large => self.large.as_ref(),
            Side::PostGraphile => self.postgraphile.as_ref(),
        }
    }
}

/// One thing to measure.
pub(super) struct Case {
    pub(super) label: String,
    pub(super) side: Side,
    pub(super) workload: Workload,
    pub(super) caller: Caller,
    pub(super) conns: usize,
}

/// Cases that are compared with their first.
pub(super) struct Group {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) cases: Vec<Case>,
}

impl Group {
    /// Whether its requests change the data, so that it must run after those that only read.
    pub(super) fn writes(&self) -> bool {
        self.cases.iter().any(|case| matches!(case.workload, Workload::Insert | Workload::Mixed))
    }
}

/// The groups that are wanted.
pub(super) fn groups(wanted: &Wanted, conns: usize) -> Vec<Group> {
    use Caller::{Anonymous, Known, Session};
    use Workload::{Feed20, Insert, List50, Mixed, Page20, ReadOne};
    let case = |label: &str, side, workload, caller, conns| Case {
        label: label.to_owned(),
        side,
        workload,
        caller,
        conns,
    };
    let pair = |name, title, workload| Group {
        name,
        title,
        cases: vec![
            case("hand-written", Side::Hand, workload, Known, conns),
            case("subject", Side::Subject, workload, Known, conns),
        ],
    };
    let rest_and_graphql = |name, title, workload, graph| Group {
        name,
        title,
        cases: vec![
            case("REST", Side::Subject, workload, Known, conns),
            case("GraphQL", Side::Subject, Workload::Graph(graph), Known, conns),
        ],
    };
    let rest_and_soap = |name, title, workload, envelope| Group {
        name,
        title,
        cases: vec![
            case("REST", Side::Subject, workload, Known, conns),
            case("SOAP", Side::Subject, Workload::Soap(envelope), Known, conns),
        ],
    };
    let postgraphile = |name, title, graph| Group {
        name,
        title,
        cases: vec![
            case("PostGraphile", Side::PostGraphile, Workload::Graph(graph), Known, conns),
            case("subject", Side::Subject, Workload::Graph(graph), Known, conns),
        ],
    };
    let alone = |name, title, first, second| Group { name, title, cases: vec![first, second] };
    let subject = |label: &str, workload, caller, conns| case(label, Side::Subject, workload, caller, conns);
    let mut groups = vec![
        pair("read_one", "One post by its key", ReadOne),
        pair("list50", "The newest 50 posts of an author, by an index", List50),
        pair("feed20", "20 posts with the author and three comments each", Feed20),
        alone(
            "token",
            "One post by its key: a known token beside no token",
            subject("anonymous", ReadOne, Anonymous, conns),
            subject("known token", ReadOne, Known, conns),
        ),
        alone(
            "rule",
            "The newest 50 posts of an author: with the row rule and without",
            case("no rule", Side::Open, List50, Known, conns),
            subject("row rule", List50, Known, conns),
        ),
        alone(
            "conns",
            "One post by its key: few connections and many",
            subject(&format!("{conns} connections"), ReadOne, Known, conns),
            subject(&format!("{MANY} connections"), ReadOne, Known, MANY),
        ),
        alone(
            "growth key",
            "One post by its key: small data and large",
            subject("small data", ReadOne, Known, conns),
            case("large data", Side::Large, ReadOne, Known, conns),
        ),
        alone(
            "growth page",
            "A keyset page of 20 posts: small data and large",
            subject("small data", Page20, Known, conns),
            case("large data", Side::Large, Page20, Known, conns),
        ),
        alone(
            "accounts read_one",
            "One post by its key: the token of a session beside no token",
            subject("anonymous", ReadOne, Anonymous, conns),
            subject("session", ReadOne, Session, conns),
        ),
        alone(
            "accounts list50",
            "The newest 50 posts of an author: the token of a session beside no token",
            subject("anonymous", List50, Anonymous, conns),
            subject("session", List50, Session, conns),
        ),
        rest_and_graphql("graphql read_one", "One post by its key: REST and GraphQL", ReadOne, Graph::One),
        rest_and_graphql(
            "graphql list50",
            "The newest 50 posts of an author: REST and GraphQL",
            List50,
            Graph::List50,
        ),
        rest_and_graphql(
            "graphql feed20",
            "20 posts with the author and three comments each: REST and GraphQL",
            Feed20,
            Graph::Feed20,
        ),
        rest_and_soap("soap read_one", "One post by its key: REST and SOAP", ReadOne, Envelope::One),
        rest_and_soap(
            "soap list50",
            "The newest 50 posts of an author: REST and SOAP",
            List50,
            Envelope::List50,
        ),
        postgraphile("postgraphile read_one", "One post by its key, by GraphQL", Graph::One),
        postgraphile("postgraphile list50", "The newest 50 posts of an author, by GraphQL", Graph::List50),
        postgraphile(
            "postgraphile feed20",
            "20 posts of an author with the author and three comments each, by GraphQL",
            Graph::FeedOf,
        ),
        pair("mixed", "Nine reads by key to one durable insert", Mixed),
        pair("insert", "One durable insert", Insert),
    ];
    groups.retain(|group| wanted.has(group.name.split(' ').next().unwrap_or(group.name)));
    groups
}
