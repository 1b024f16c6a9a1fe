//! The hand-written upper bound: a server for the one schema of `bench/schema.graphql`.
//!
//! It shows what a careful engineer gets from axum and a database's driver without any generality, so that
//! `cargo xtask bench` can say how much Bistro's generality costs. It knows nothing of Bistro and shares no
//! code with it. It speaks to the loopback only and is never shipped.
//!
//! Start reading at [`routes::router`]. Reads run where the request arrived, over a connection of the thread
//! ([`reader`]); writes go to one thread that commits them in groups ([`writer`]). With a URL the rows are in PostgreSQL
//! ([`postgres`]) or MySQL ([`mysql`]) instead.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the first line of stdout tells the address, as the harness expects; failures go to its log"
)]

mod backend;
mod hash;
mod json;
mod mysql;
mod postgres;
mod reader;
mod routes;
mod schema;
mod seed;
mod time;
mod token;
mod writer;

use std::error::Error;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use axum::serve::ListenerExt as _;
use clap::Parser;
use uuid::Uuid;

use crate::backend::Backend;

/// A server written by hand for the benchmark's schema.
#[derive(Parser)]
struct Options {
    /// The SQLite file; made when it is missing.
    #[arg(long, default_value = "hand.db")]
    data: PathBuf,
    /// A postgres:// or mysql:// URL in place of the file.
    #[arg(long)]
    url: Option<String>,
    /// Connections for reads from PostgreSQL; each is shared by many requests.
    #[arg(long, default_value_t = 2)]
    readers: usize,
    /// Load users.jsonl, posts.jsonl and comments.jsonl of this folder, then exit.
    #[arg(long, value_name = "DIR")]
    seed: Option<PathBuf>,
    /// Print a token for this user, valid for 12 hours, then exit.
    #[arg(long, value_name = "UUID")]
    mint: Option<Uuid>,
    /// Hash passwords with argon2id on every processor for so many seconds, print how many, then exit.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=120))]
    hash: Option<u64>,
    /// The address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The secret that signs the tokens (HS256).
    #[arg(long, default_value = "a secret that only the benchmark uses, on the loopback")]
    secret: String,
    /// Leave the row predicate of posts out, to measure what it costs.
    #[arg(long)]
    no_rules: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    if let Some(sub) = options.mint {
        println!("{}", token::mint(&options.secret, sub)?);
        return Ok(());
    }
    if let Some(seconds) = options.hash {
        println!("{}", hash::count(Duration::from_secs(seconds))?);
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match &options.seed {
        Some(folder) => runtime.block_on(Backend::seed(&options.data, options.url.as_deref(), folder)),
        None => runtime.block_on(serve(options)),
    }
}

async fn serve(options: Options) -> Result<(), Box<dyn Error>> {
    let url = options.url.as_deref();
    let app = routes::App {
        tokens: token::Tokens::new(&options.secret),
        backend: Backend::open(&options.data, url, !options.no_rules, options.readers).await?,
    };
    let listener = tokio::net::TcpListener::bind(options.listen).await?;
    println!("hand listening on http://{}", listener.local_addr()?);
    // Without TCP_NODELAY a small reply waits for the acknowledgement of the one before.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    axum::serve(listener, routes::router(app)).await?;
    Ok(())
}
