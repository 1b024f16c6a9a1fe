//! The command line: what can be typed, and the help that explains it.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueHint};
use clap_complete::Shell;

const ABOUT: &str = "A whole backend in one binary: a schema file becomes a REST API with rules, on embedded SQLite, \
                     PostgreSQL, MySQL or MariaDB.";

const EXAMPLES: &str = "\
Examples:
  bistro dev                      in an empty folder: write a small schema and serve it
  bistro dev examples/blog        serve that folder, and follow its schema file
  bistro check                    read the schema, say what is wrong with it
  bistro serve --listen 0.0.0.0:4000
  bistro keys token --sub 01920000-0000-7000-8000-000000000001 --role authenticated
  bistro explain 'GET /rest/v1/posts?select=title' --as anon

Settings come from flags, then BISTRO_* variables, then bistro.toml: bistro config reference";

/// Everything that can be typed.
#[derive(Debug, Parser)]
#[command(name = "bistro", version, about = ABOUT, after_help = EXAMPLES, arg_required_else_help = true, max_term_width = 100)]
pub(crate) struct Cli {
    /// Work in this folder, as if started there
    #[arg(short = 'C', value_name = "DIR", global = true, value_hint = ValueHint::DirPath)]
    pub(crate) folder: Option<PathBuf>,
    /// Where the data lies [default: DIR/data]
    #[arg(long, value_name = "DIR", global = true, value_hint = ValueHint::DirPath)]
    pub(crate) data: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a folder with a small schema, seeds and a configuration
    #[command(after_help = "Example:\n  bistro new shop && bistro dev shop")]
    New(New),
    /// Serve a folder while you write it: tables and rules follow each save
    #[command(after_help = DEV_HELP)]
    Dev(Dev),
    /// Serve a folder in production: nothing changes but the data
    #[command(after_help = SERVE_HELP)]
    Serve(Serve),
    /// Read the schema and the configuration, and report every mistake
    #[command(after_help = "Exit code 1 if there are errors.\n\nExample:\n  bistro check examples/blog")]
    Check(Check),
    /// Show what a request becomes: operation, rules, plan, SQL
    #[command(after_help = EXPLAIN_HELP)]
    Explain(Explain),
    /// Show what a running server's operations cost, and the indexes that would help
    #[command(after_help = "Examples:\n  bistro advise\n  bistro advise --calls 100 --json")]
    Advise(Advise),
    /// Print the OpenAPI document of the schema
    #[command(after_help = "Example:\n  bistro openapi --as anon > openapi.json")]
    Openapi(Openapi),
    /// Print what GraphQL clients need
    Graphql(GraphqlArgs),
    /// Print the WSDL of the schema, for SOAP clients
    #[command(
        after_help = "Examples:\n  bistro wsdl --as service > bistro.wsdl\n  bistro wsdl --as editor --soap 1.1"
    )]
    Wsdl(Wsdl),
    /// List, make and revoke keys; mint tokens for development
    #[command(after_help = KEYS_HELP)]
    Keys(KeysArgs),
    /// Make, list, ban and reset people's accounts; give and take roles
    #[command(after_help = USER_HELP)]
    User(UserArgs),
    /// Register applications that may act for people, list and remove them
    #[command(after_help = OAUTH_APP_HELP)]
    OauthApp(OauthAppArgs),
    /// Load rows from JSON, JSON lines or CSV, all or nothing
    #[command(after_help = SEED_HELP)]
    Seed(Seed),
    /// Change the tables of a database that has rows: write migrations, run them, undo them
    #[command(after_help = MIGRATE_HELP)]
    Migrate(MigrateArgs),
    /// Move the data into another database: SQLite, PostgreSQL, MySQL or MariaDB
    #[command(after_help = MOVE_HELP)]
    Move(Move),
    /// Write the schema of a database that exists: PostgreSQL, MySQL, MariaDB or SQLite
    #[command(after_help = PULL_HELP)]
    Pull(Pull),
    /// Show the settings in force, their reference, or their JSON Schema
    #[command(after_help = "Example:\n  bistro config reference")]
    Config(Config),
    /// Print completions for a shell
    #[command(
        after_help = "Example:\n  bistro completions bash > ~/.local/share/bash-completion/completions/bistro"
    )]
    Completions {
        /// Which shell
        shell: Shell,
    },
}

const PULL_HELP: &str = "\
The schema is printed; nothing is changed. It checks as it stands, allows nobody anything but the secret key, and names
in comments what it leaves out. With managed = false under [database], bistro serve serves those tables as they are.

With --write the schema goes into schema.graphql, and into migrations/0001_baseline: bistro migrate up on that database
records it as applied, without running it, and further migrations change the tables from there.

Examples:
  bistro pull postgres://app:secret@localhost/shop > schema.graphql
  bistro pull mysql://app@localhost/shop > schema.graphql
  bistro pull old/shop.db > schema.graphql
  bistro pull                     the project's own database
  bistro pull --write             Bistro keeps those tables from now on";

const DEV_HELP: &str = "\
In an empty folder this writes a short schema.graphql and seeds first. Seeds load when the database is new.

Examples:
  bistro dev
  bistro dev examples/blog --listen 127.0.0.1:0
  bistro dev --open               requests without a key act as the service: on this machine only";

const SERVE_HELP: &str = "\
With migrations, nothing is served while one is pending: run bistro migrate up, or start with --migrate. Without any,
tables are made on an empty database; if they differ from the schema, nothing is served and the difference is named.

Examples:
  bistro serve
  BISTRO_AUTH__JWT_SECRET=… bistro serve /srv/blog --listen 0.0.0.0:4000";

const NEW_MIGRATION_HELP: &str = "\
The SQL may be edited, and steps for rows added, until it is applied. The schema beside it stays as it was written.

Examples:
  bistro migrate new add_tags
  bistro migrate new fill_slugs --empty";

const UP_HELP: &str = "\
What would lose data is refused, and named with its number of rows, unless --allow-destructive is given.

Examples:
  bistro migrate up
  bistro migrate up --to 0007
  bistro migrate up --allow-destructive";

const EXPLAIN_HELP: &str = "\
Examples:
  bistro explain 'GET /rest/v1/posts?select=title,author(name)'
  bistro explain '{ posts(first: 5) { nodes { title author { name } } } }'
  bistro explain 'POST /graphql/v1' --body @request.json
  bistro explain 'POST /soap/v1' --body @envelope.xml
  bistro explain 'POST /rest/v1/posts' --body '{\"title\": \"Hi\"}' --as '{\"sub\": \"01920000-0000-7000-8000-000000000001\"}'";

const GRAPHQL_SCHEMA_HELP: &str = "\
What a caller's roles cannot see is not in it. Introspection of a running server says the same.

Examples:
  bistro graphql schema --as authenticated > client/schema.graphql
  bistro graphql schema --as service";

const USER_HELP: &str = "Examples:
  bistro user add ada@example.org --role admin
  bistro user role ada@example.org --add editor --remove moderator
  bistro user ban eve@example.org --for 24h
  bistro user reset ada@example.org";

const OAUTH_APP_HELP: &str = "\
Examples:
  bistro oauth-app add Calendar --redirect https://calendar.example.org/back
  bistro oauth-app add Desktop --public --redirect http://127.0.0.1/back --scope 'openid data:read'
  bistro oauth-app remove 0198b0de-0000-7000-8000-000000000000";

const KEYS_HELP: &str = "\
Examples:
  bistro keys list --json
  bistro keys add printer --role editor --expires 90d
  bistro keys token --sub 01920000-0000-7000-8000-000000000001 --role editor --ttl 1h";

const SEED_HELP: &str = "\
posts.json (a list of objects), posts.jsonl (one object a line) and posts.csv (a header, then rows) fill the collection
posts; a .json file that holds one object of lists fills several. The order of files does not matter: rows that others
refer to are written first. All rows are written in one transaction, past the rules, with the checks of the schema.

Examples:
  bistro seed seed/*.json
  bistro seed posts.csv --upsert";

const MIGRATE_HELP: &str = "\
A migration is a folder in migrations/: SQL for SQLite, PostgreSQL and MySQL, up and down, and the schema as it is after it.
Each database keeps a history of those that were run.

Examples:
  bistro migrate plan                     what lies before you, in plain words
  bistro migrate new add_tags             write migrations/0002_add_tags from schema.graphql
  bistro migrate up                       run what is pending
  bistro migrate status
  bistro serve --migrate                  run what is pending, then serve";

const MOVE_HELP: &str = "\
The project's database is only read, and no server may run on it. The other one must be empty, or hold a move that was
interrupted: then it goes on. First every value is checked; at the end both sides are compared.

Examples:
  bistro move --to postgres://shop:secret@db.example.org/shop --dry-run
  bistro move --to mysql://shop:secret@db.example.org/shop
  bistro move --to sqlite:backup/bistro.db --yes";

/// `bistro new`.
#[derive(Debug, Args)]
pub(crate) struct New {
    /// The folder to make
    #[arg(value_hint = ValueHint::DirPath)]
    pub(crate) name: PathBuf,
}

/// Where to listen, and what to run there.
#[derive(Debug, Args)]
pub(crate) struct Listen {
    /// The folder with schema.graphql
    #[arg(default_value = ".", value_hint = ValueHint::DirPath)]
    pub(crate) dir: PathBuf,
    /// The address to listen on; port 0 takes a free one [default: 127.0.0.1:4000]
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,
    /// Run no GraphQL documents but those of graphql/trusted.json, by their id
    #[arg(long)]
    pub(crate) only_trusted: bool,
}

/// `bistro dev`.
#[derive(Debug, Args)]
pub(crate) struct Dev {
    #[command(flatten)]
    pub(crate) listen: Listen,
    /// Requests without key and token act as the service (loopback addresses only)
    #[arg(long)]
    pub(crate) open: bool,
    /// Open the documentation in the browser
    #[arg(long)]
    pub(crate) browser: bool,
}

/// `bistro serve`.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) listen: Listen,
    /// Run pending migrations first; one node does, others wait for it
    #[arg(long)]
    pub(crate) migrate: bool,
}

/// `bistro migrate`.
#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    #[command(subcommand)]
    pub(crate) command: Migrate,
}

/// The commands of `bistro migrate`.
#[derive(Debug, Subcommand)]
pub(crate) enum Migrate {
    /// Show what is in no migration yet and what is not applied, with its risks; changes nothing
    #[command(after_help = "Examples:\n  bistro migrate plan\n  bistro migrate plan --json")]
    Plan {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Write the next migration: what schema.graphql changed since the last one
    #[command(after_help = NEW_MIGRATION_HELP)]
    New {
        /// What to call it
        name: String,
        /// Change no table: for a step by hand
        #[arg(long)]
        empty: bool,
    },
    /// Run pending migrations
    #[command(after_help = UP_HELP)]
    Up {
        /// Stop after this one: its name or number
        #[arg(long, value_name = "NAME")]
        to: Option<String>,
        #[command(flatten)]
        leave: MigrateLeave,
        /// Lead tables that bistro dev changed to the last schema, without the SQL of pending migrations
        #[arg(long)]
        adapt: bool,
    },
    /// Undo the last migrations
    #[command(after_help = "Examples:\n  bistro migrate down\n  bistro migrate down 2 --allow-destructive")]
    Down {
        /// How many
        #[arg(default_value_t = 1, value_name = "N")]
        count: usize,
        #[command(flatten)]
        leave: MigrateLeave,
    },
    /// Show which migrations are applied, and what is odd
    #[command(after_help = "Examples:\n  bistro migrate status\n  bistro migrate status --json")]
    Status {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Undo the last migration and run it again, after its SQL was edited
    #[command(after_help = "Example:\n  bistro migrate redo --allow-destructive")]
    Redo {
        #[command(flatten)]
        leave: MigrateLeave,
    },
}

/// What a migration may do.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct MigrateLeave {
    /// Let it lose data; what is lost is named without this
    #[arg(long)]
    pub(crate) allow_destructive: bool,
    /// Go on although somebody changed the tables by hand
    #[arg(long)]
    pub(crate) allow_drift: bool,
}

/// `bistro check`.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The folder with schema.graphql
    #[arg(default_value = ".", value_hint = ValueHint::DirPath)]
    pub(crate) dir: PathBuf,
}

/// `bistro pull`.
#[derive(Debug, Args)]
pub(crate) struct Pull {
    /// postgres://…, mysql://…, mariadb://…, sqlite:FILE or a file [default: the project's database]
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) url: Option<String>,
    /// Write schema.graphql and migrations/0001_baseline instead of printing the schema
    #[arg(long)]
    pub(crate) write: bool,
    /// Write over a schema.graphql that is there
    #[arg(long, requires = "write")]
    pub(crate) force: bool,
}

/// `bistro explain`.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The request: 'GET /rest/v1/posts?select=title', a GraphQL document, or a SOAP envelope
    #[arg(value_name = "REQUEST")]
    pub(crate) request: String,
    /// The body of a write, or a document's variables: JSON, or @FILE
    #[arg(long, value_name = "JSON")]
    pub(crate) body: Option<String>,
    /// Who asks: anon, service, a role, or the claims of a token as JSON
    #[arg(long = "as", value_name = "CALLER", default_value = "anon")]
    pub(crate) caller: String,
}

/// `bistro advise`.
#[derive(Debug, Args)]
pub(crate) struct Advise {
    /// Leave out what ran fewer times
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) calls: u64,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `bistro openapi`.
#[derive(Debug, Args)]
pub(crate) struct Openapi {
    /// The folder with schema.graphql
    #[arg(default_value = ".", value_hint = ValueHint::DirPath)]
    pub(crate) dir: PathBuf,
    /// Whose view: anon, service, a role, or the claims of a token as JSON
    #[arg(long = "as", value_name = "CALLER", default_value = "anon")]
    pub(crate) caller: String,
}

/// `bistro wsdl`.
#[derive(Debug, Args)]
pub(crate) struct Wsdl {
    /// The folder with schema.graphql
    #[arg(default_value = ".", value_hint = ValueHint::DirPath)]
    pub(crate) dir: PathBuf,
    /// Whose view: anon, service, a role, or the claims of a token as JSON
    #[arg(long = "as", value_name = "CALLER", default_value = "anon")]
    pub(crate) caller: String,
    /// The port of one version of SOAP alone
    #[arg(long, value_name = "VERSION", value_parser = ["1.1", "1.2"])]
    pub(crate) soap: Option<String>,
    /// Declare xsi:nil where it makes a field null (not for .NET, which would send it unasked)
    #[arg(long)]
    pub(crate) nil: bool,
}

/// `bistro graphql`.
#[derive(Debug, Args)]
pub(crate) struct GraphqlArgs {
    #[command(subcommand)]
    pub(crate) command: Graphql,
}

/// The commands of `bistro graphql`.
#[derive(Debug, Subcommand)]
pub(crate) enum Graphql {
    /// Print the GraphQL schema as SDL
    #[command(after_help = GRAPHQL_SCHEMA_HELP)]
    Schema {
        /// The folder with schema.graphql
        #[arg(default_value = ".", value_hint = ValueHint::DirPath)]
        dir: PathBuf,
        /// Whose view: anon, service, a role, or the claims of a token as JSON
        #[arg(long = "as", value_name = "CALLER", default_value = "anon")]
        caller: String,
    },
}

/// `bistro oauth-app`.
#[derive(Debug, Args)]
pub(crate) struct OauthAppArgs {
    #[command(subcommand)]
    pub(crate) command: OauthApp,
}

/// The commands of `bistro oauth-app`.
#[derive(Debug, Subcommand)]
pub(crate) enum OauthApp {
    /// Register an application; its secret is shown once
    Add {
        /// What people call it
        name: String,
        /// Where codes may be sent, to the letter; may be given several times
        #[arg(long, value_name = "ADDRESS", required = true)]
        redirect: Vec<String>,
        /// It can keep no secret: it runs in a browser, on a phone, on a desktop
        #[arg(long)]
        public: bool,
        /// What it may ask for; data:read, data:posts:write … let it at data
        #[arg(long, value_name = "SCOPES", default_value = "openid profile email offline_access")]
        scope: String,
        /// How its ID tokens are signed: RS256 or ES256
        #[arg(long, value_name = "ALGORITHM", default_value = "RS256")]
        id_token: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show the applications
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove an application: its sessions end at once
    Remove {
        /// Its id
        id: uuid::Uuid,
    },
}

/// `bistro user`.
#[derive(Debug, Args)]
pub(crate) struct UserArgs {
    #[command(subcommand)]
    pub(crate) command: User,
}

/// The commands of `bistro user`. A NAME is an e-mail address or an id.
#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Make an account; without a password, print a link that signs in once to choose one
    Add {
        /// The e-mail address
        email: String,
        /// Read the password from standard input
        #[arg(long, conflicts_with = "invite")]
        password_stdin: bool,
        /// Mail the link instead of printing it
        #[arg(long)]
        invite: bool,
        /// A role of the schema, or admin, which passes every rule; may be given several times
        #[arg(long, value_name = "ROLE")]
        role: Vec<String>,
        /// A JSON object with what sign-up takes as data
        #[arg(long, value_name = "JSON")]
        profile: Option<String>,
        /// The id, where somebody else decides it
        #[arg(long, value_name = "UUID")]
        id: Option<uuid::Uuid>,
    },
    /// Show the accounts, the newest first
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Ban an account: its sessions end at once
    Ban {
        /// An e-mail address or an id
        name: String,
        /// For how long: 24h, 7d; without it until further notice
        #[arg(long = "for", value_name = "TIME", value_parser = crate::clock::parse_span)]
        seconds: Option<i64>,
    },
    /// End a ban
    Unban {
        /// An e-mail address or an id
        name: String,
    },
    /// Give and take roles; they count from the next request on
    Role {
        /// An e-mail address or an id
        name: String,
        /// A role to give; may be given several times
        #[arg(long, value_name = "ROLE", required_unless_present = "remove")]
        add: Vec<String>,
        /// A role to take; may be given several times
        #[arg(long, value_name = "ROLE")]
        remove: Vec<String>,
    },
    /// Print a link that signs in once to choose another password
    Reset {
        /// An e-mail address or an id
        name: String,
    },
}

/// `bistro keys`; alone, it lists.
#[derive(Debug, Args)]
pub(crate) struct KeysArgs {
    /// List as JSON: url, publishable, secret, anon, service_role
    #[arg(long)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Option<Keys>,
}

/// The commands of `bistro keys`.
#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// Show the project's keys and the machines' names
    List {
        /// As JSON: url, publishable, secret, anon, service_role
        #[arg(long)]
        json: bool,
    },
    /// Make a key for a machine; it is shown once
    Add {
        /// What to call it
        name: String,
        /// A role of the schema, or authenticated; may be given several times
        #[arg(long, required = true, value_name = "ROLE")]
        role: Vec<String>,
        /// How long it holds: 90d, 12h
        #[arg(long, value_name = "TIME", value_parser = crate::clock::parse_span)]
        expires: Option<i64>,
        /// As JSON: name, key
        #[arg(long)]
        json: bool,
    },
    /// End the key of a machine
    Revoke {
        /// What it is called
        name: String,
    },
    /// Make the next key for users' tokens: published now, it signs in ten minutes; tokens of the old one hold
    Rotate {
        /// Drop the signing key with this id at once, and all tokens that it signed
        #[arg(long, value_name = "KID")]
        revoke: Option<String>,
        /// Make a new secret for HS256 too: it signs at once, the old one holds until it is revoked
        #[arg(long)]
        legacy: bool,
        /// Replace the secret key too
        #[arg(long)]
        secret: bool,
        /// Replace the publishable key too
        #[arg(long)]
        publishable: bool,
    },
    /// Mint a token; standard output holds the token alone
    Token(Token),
}

/// `bistro keys token`.
#[derive(Debug, Args)]
pub(crate) struct Token {
    /// Whom it names: usually the id of an account
    #[arg(long)]
    pub(crate) sub: Option<String>,
    /// anon, authenticated, service_role, or a role of the schema; may be given several times
    #[arg(long, value_name = "ROLE", default_value = "authenticated")]
    pub(crate) role: Vec<String>,
    /// Further claims
    #[arg(long, value_name = "JSON")]
    pub(crate) claims: Option<String>,
    /// How long it holds
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = crate::clock::parse_span)]
    pub(crate) ttl: i64,
    /// Make the account's row, with these fields
    #[arg(long, value_name = "JSON")]
    pub(crate) create: Option<String>,
    /// As JSON: token
    #[arg(long)]
    pub(crate) json: bool,
}

/// `bistro seed`.
#[derive(Debug, Args)]
pub(crate) struct Seed {
    /// Files to load
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,
    /// Update rows whose key exists, instead of refusing them
    #[arg(long)]
    pub(crate) upsert: bool,
}

/// `bistro move`.
#[derive(Debug, Args)]
pub(crate) struct Move {
    /// The other database: sqlite:FILE, postgres://… or mysql://…
    #[arg(long, value_name = "URL")]
    pub(crate) to: String,
    /// Only say how each column would stand there and what does not fit
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Go on with a move that was interrupted; refuse to begin one
    #[arg(long)]
    pub(crate) resume: bool,
    /// Rows of a batch, which is moved whole or not at all
    #[arg(long, value_name = "N", default_value_t = 5_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub(crate) batch: u64,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}

/// `bistro config`.
#[derive(Debug, Args)]
pub(crate) struct Config {
    /// What to print: the settings in force, without it
    #[command(subcommand)]
    pub(crate) what: Option<ConfigWhat>,
}

/// What `bistro config` prints.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigWhat {
    /// Every setting with its meaning and default, as Markdown
    Reference,
    /// The JSON Schema of bistro.toml
    Schema,
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_holds_together() {
        <super::Cli as clap::CommandFactory>::command().debug_assert();
    }
}
