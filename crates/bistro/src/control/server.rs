//! The server's side of the socket.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::unix::OwnedWriteHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;

use super::socket::{Address, NAME};
use super::{Ask, LINE_MAX, Tell};
use crate::error::Failure;
use crate::explain::{self, Question};
use crate::migrations::Order;
use crate::running::Running;
use crate::seed::{self, Progress};
use crate::{account, advise, applications, dev, migrations, users};

/// How long a command may take to say what it wants.
const ASK_TIME: Duration = Duration::from_secs(5);

/// The open socket; closed and removed when dropped.
pub(crate) struct Listening {
    path: PathBuf,
    task: Option<JoinHandle<()>>,
}

impl Listening {
    /// Opens the socket. A server without one still serves; commands then say that it is in their way.
    pub(crate) fn start(running: &Arc<Running>) -> Self {
        let path = running.project.data.join(NAME);
        let task = match bind(running) {
            Ok((listener, owner)) => Some(tokio::spawn(accept(Arc::clone(running), listener, owner))),
            Err(error) => {
                tracing::warn!(%error, path = %path.display(), "commands cannot reach this server");
                None
            }
        };
        Self { path, task }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            // A socket that stays is removed by the next start.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The listener, and the user that may connect.
fn bind(running: &Running) -> std::io::Result<(UnixListener, u32)> {
    let address = Address::of(&running.project.data)?;
    // The lock of the folder is ours: a socket that is there was left behind.
    match fs::remove_file(&address.path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&address.path)?;
    fs::set_permissions(&address.path, fs::Permissions::from_mode(0o600))?;
    Ok((listener, fs::metadata(&address.path)?.uid()))
}

async fn accept(running: Arc<Running>, listener: UnixListener, owner: u32) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Security: whoever connected before the permissions were set is turned away here.
                let ours = stream.peer_cred().is_ok_and(|peer| peer.uid() == owner || peer.uid() == 0);
                if ours {
                    tokio::spawn(converse(Arc::clone(&running), stream));
                }
            }
            Err(error) => {
                tracing::warn!(%error, "a command cannot connect");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn converse(running: Arc<Running>, stream: UnixStream) {
    let (reader, mut writer) = stream.into_split();
    let mut line = Vec::new();
    let mut reader = BufReader::new(reader.take(LINE_MAX as u64));
    let read = tokio::time::timeout(ASK_TIME, reader.read_until(b'\n', &mut line)).await;
    if !matches!(read, Ok(Ok(_))) {
        return;
    }
    let last = match serde_json::from_slice(&line) {
        Ok(ask) => answer(&running, ask, &mut writer).await,
        Err(error) => Err(Failure::Usage(format!("the question cannot be read: {error}"))),
    };
    let last = match last {
        Ok(text) => Tell::Done { text },
        Err(failure) => Tell::Failed { message: failure.to_string() },
    };
    // A command that has gone away needs no answer.
    let _ = tell(&mut writer, &last).await;
}

async fn tell(writer: &mut OwnedWriteHalf, what: &Tell) -> std::io::Result<()> {
    let mut line = serde_json::to_string(what).expect("an answer is plain data");
    line.push('\n');
    writer.write_all(line.as_bytes()).await
}

async fn answer(running: &Arc<Running>, ask: Ask, writer: &mut OwnedWriteHalf) -> Result<String, Failure> {
    match ask {
        Ask::Status => Ok(running.url.clone()),
        Ask::Keys => {
            running.reload_keys().await?;
            tracing::info!("the keys were changed by a command");
            Ok("the running server knows the keys".into())
        }
        Ask::Seed { files, upsert } => {
            let seeded = seed(running, files, upsert, writer).await?;
            tracing::info!(rows = seeded.rows, "rows were loaded by a command");
            Ok(seeded.text())
        }
        Ask::Explain { request, body, caller } => {
            let question = Question { request, body, caller };
            explain::explain(&running.project, &running.engine(), running.open(), &question).await
        }
        Ask::Advise { calls, json } => Ok(advise::report(&running.engine(), calls, json).await),
        Ask::Migrate { order } => migrate(running, &order).await,
        Ask::User { order } => match running.accounts() {
            Some(accounts) => users::carry_out(accounts, order).await,
            None => Err(Failure::Usage(users::OFF.into())),
        },
        Ask::Application { order } => match running.accounts() {
            Some(accounts) => applications::carry_out(accounts, order).await,
            None => Err(Failure::Usage(users::OFF.into())),
        },
        Ask::Account { sub, create } => {
            account::look_or_make(&running.engine(), &sub, create.as_deref()).await
        }
    }
}

/// In development the tables may change under the server, which then serves its file again; in production a running
/// version must not find other tables than those it began with.
async fn migrate(running: &Arc<Running>, order: &Order) -> Result<String, Failure> {
    if order.only_looks() {
        return migrations::carry_out(&running.project, running.store(), order).await;
    }
    if !running.dev() {
        let text =
            "a Bistro serves this data; stop it, run this again and start it, or start it with --migrate";
        return Err(Failure::Tables(text.into()));
    }
    if !matches!(order, Order::Up { .. }) {
        let text =
            "bistro dev runs on this data and would bring back what its schema file has; stop it first";
        return Err(Failure::Tables(text.into()));
    }
    let text = migrations::carry_out(&running.project, running.store(), order).await?;
    dev::again(running).await?;
    tracing::info!("migrations were run by a command");
    Ok(text)
}

async fn seed(
    running: &Arc<Running>,
    files: Vec<PathBuf>,
    upsert: bool,
    writer: &mut OwnedWriteHalf,
) -> Result<seed::Seeded, Failure> {
    let progress = Arc::new(Progress::default());
    let engine = running.engine();
    let mut work = std::pin::pin!(seed::run(&engine, &files, upsert, &progress));
    let mut tick = tokio::time::interval(Duration::from_millis(200));
    loop {
        tokio::select! {
            result = &mut work => return result,
            _ = tick.tick() => {
                let (done, total) = progress.now();
                // The rows are being written whether or not anybody watches.
                let _ = tell(writer, &Tell::Progress { done, total }).await;
            }
        }
    }
}
