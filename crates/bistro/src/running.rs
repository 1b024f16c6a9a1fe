//! A running server: the data folder that it holds, the schema that it serves at present, and its life from the first
//! connection to the last.

use std::fs::OpenOptions;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use bistro_accounts::Accounts;
use bistro_auth::{Authenticator, Nonces, Secrets};
use bistro_engine::Engine;
use bistro_graphql::Trusted;
use bistro_http::{Config, Server, Site};
use bistro_schema::Schema;
use bistro_store::Store;
use tokio::net::TcpListener;

use crate::accounts::{self, Mounted};
use crate::database::Place;
use crate::error::Failure;
use crate::key_set::{self, KeySet};
use crate::lock::Lock;
use crate::project::Project;
use crate::schema_file::Loaded;
use crate::secrets::Keep;
use crate::site::{self, Kept, Mode};
use crate::tables::{self, Followed};
use crate::upkeep::Upkeep;
use crate::{control, secrets, signals};

/// The data folder in this process's hands.
pub(crate) struct Held {
    /// The database, under no schema yet.
    pub(crate) store: Arc<dyn Store>,
    /// Where the secrets are.
    pub(crate) keep: Keep,
    _lock: Lock,
}

impl Held {
    /// Makes the data folder if there is none, locks it and opens the database.
    pub(crate) async fn open(project: &Project) -> Result<Self, Failure> {
        project.make_data()?;
        let lock = Lock::take(&project.data)?;
        let place = Place::of(project)?;
        if let Place::File(path) = &place
            && project.settings.database.managed
        {
            keep_private(path)?;
        }
        let opened = place.open(&project.settings, Arc::new(Schema::default())).await;
        let store = opened.map_err(|error| tables::data(project, &error))?;
        let keep = Keep::of(project, &store);
        Ok(Self { store, keep, _lock: lock })
    }

    /// The store.
    pub(crate) fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }
}

/// The schema that is served at present.
pub(crate) struct Current {
    /// The file's text.
    pub(crate) text: String,
    /// The engine.
    pub(crate) engine: Arc<Engine>,
    /// The GraphQL documents that are run by their id.
    trusted: Arc<Trusted>,
}

/// What the keys in force come from.
struct Sources {
    secrets: Secrets,
    key_set: Option<KeySet>,
}

/// A server with all that its commands and its reloads need.
pub(crate) struct Running {
    /// The project.
    pub(crate) project: Project,
    /// Who tells callers apart.
    pub(crate) authenticator: Arc<Authenticator>,
    /// Where clients reach the server.
    pub(crate) url: String,
    /// Held while keys are put together and taken: one that a command revoked must not come back by a refresh.
    sources: Mutex<Sources>,
    /// Held while secrets are read: an older reading must not replace a newer one.
    reading: tokio::sync::Mutex<()>,
    mode: Mode,
    held: Held,
    mounted: Option<Mounted>,
    nonces: Arc<Nonces>,
    current: ArcSwap<Current>,
    server: Server,
}

impl Running {
    /// A server for a schema that its tables follow; it serves nothing until [`Serving::run`].
    pub(crate) async fn new(
        project: Project,
        mode: Mode,
        held: Held,
        (loaded, trusted): (Loaded, Arc<Trusted>),
        followed: &Followed,
        address: SocketAddr,
        (secrets, key_set): (Secrets, Option<KeySet>),
    ) -> Result<Arc<Self>, Failure> {
        let url = url(&project, address);
        let authenticator = secrets::authenticator(&project, &url, mode.open, &secrets, key_set.as_ref())?;
        let authenticator = Arc::new(authenticator);
        let engine = site::engine(&project.settings, Arc::clone(&followed.store), loaded.rules);
        let store = held.store();
        let mounted = accounts::mount(&project, mode.dev, &url, &store, &engine, &authenticator).await?;
        let nonces = Arc::default();
        let kept = Kept { url: &url, mounted: mounted.as_ref(), nonces: &nonces };
        let first = site::site(&project, &mode, &engine, &authenticator, &trusted, &kept);
        let config = Config {
            limits: site::front_limits(&project.settings),
            cors: site::cors(&project.settings)?,
            proxies: site::proxies(&project.settings)?,
            dev: mode.dev,
            root: Some("/docs"),
            readiness: Box::new(move || store.reachable().map_err(|_| "the database cannot be read".into())),
        };
        let server = Server::new(config, Arc::clone(&authenticator), first);
        let current = ArcSwap::from_pointee(Current { text: loaded.text, engine, trusted });
        let sources = Mutex::new(Sources { secrets, key_set });
        let reading = tokio::sync::Mutex::default();
        let running = Arc::new(Self {
            project,
            authenticator,
            url,
            sources,
            reading,
            mode,
            held,
            mounted,
            nonces,
            current,
            server,
        });
        running.authenticator.attach_key_maker(secrets::Maker::of(&running));
        Ok(running)
    }

    fn site(&self, engine: &Arc<Engine>, trusted: &Arc<Trusted>) -> Site {
        let kept = Kept { url: &self.url, mounted: self.mounted.as_ref(), nonces: &self.nonces };
        site::site(&self.project, &self.mode, engine, &self.authenticator, trusted, &kept)
    }

    /// The accounts, where they are served.
    pub(crate) fn accounts(&self) -> Option<&Arc<Accounts>> {
        self.mounted.as_ref().map(|mounted| &mounted.accounts)
    }

    /// Whether signing up is signing in.
    pub(crate) fn signs_up_at_once(&self) -> bool {
        self.accounts()
            .is_some_and(|accounts| !accounts.settings.confirm_email && !accounts.settings.disable_signup)
    }

    /// Whether mails are caught and shown.
    pub(crate) fn catches_mail(&self) -> bool {
        self.mounted.as_ref().is_some_and(|mounted| mounted.caught.is_some())
    }

    /// The engine of the schema that is served at present.
    pub(crate) fn engine(&self) -> Arc<Engine> {
        Arc::clone(&self.current.load().engine)
    }

    /// The text of the schema that is served at present.
    pub(crate) fn text(&self) -> String {
        self.current.load().text.clone()
    }

    /// The GraphQL documents that are run by their id at present.
    pub(crate) fn trusted(&self) -> Arc<Trusted> {
        Arc::clone(&self.current.load().trusted)
    }

    /// What of GraphQL is served.
    pub(crate) fn graphql(&self) -> &crate::config::Graphql {
        &self.project.settings.graphql
    }

    /// Whether SOAP is served.
    pub(crate) fn speaks_soap(&self) -> bool {
        self.project.settings.soap.enabled
    }

    /// Whether it was started with `--open`.
    pub(crate) fn open(&self) -> bool {
        self.mode.open
    }

    /// Whether it follows its files.
    pub(crate) fn dev(&self) -> bool {
        self.mode.dev
    }

    /// The database.
    pub(crate) fn store(&self) -> Arc<dyn Store> {
        self.held.store()
    }

    /// Follows another schema by additive changes and serves it from now on; what was changed, in lines.
    pub(crate) async fn replace(
        &self,
        loaded: Loaded,
        trusted: Arc<Trusted>,
    ) -> Result<Vec<String>, Failure> {
        let followed = tables::follow(&self.project, &self.held.store(), &loaded).await?;
        let engine = site::engine(&self.project.settings, followed.store, loaded.rules);
        if let Some(mounted) = &self.mounted {
            mounted.accounts.replace_project(Arc::clone(&engine));
        }
        let site = self.site(&engine, &trusted);
        self.server.replace_site(site);
        let before = self.current.swap(Arc::new(Current { text: loaded.text, engine, trusted }));
        // Who listened to the old engine comes again, to this one.
        before.engine.feed().close();
        Ok(followed.plan)
    }

    /// Where the secrets are.
    pub(crate) fn keep(&self) -> &Keep {
        &self.held.keep
    }

    /// Reads the secrets again, after a command or another node may have changed them; whether they were.
    pub(crate) async fn reload_keys(&self) -> Result<bool, Failure> {
        {
            let _reading = self.reading.lock().await;
            let secrets = self.held.keep.load_or_create().await?;
            let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
            if sources.secrets.text() == secrets.text() {
                return Ok(false);
            }
            let keys = secrets::keyring(&self.project, &secrets, sources.key_set.as_ref())?;
            self.authenticator.replace_keys(keys);
            sources.secrets = secrets;
        }
        let engine = self.engine();
        let trusted = self.trusted();
        let site = self.site(&engine, &trusted);
        self.server.replace_site(site);
        Ok(true)
    }

    /// Takes the key set that was fetched again; whether it was another than before.
    pub(crate) fn take_key_set(&self, fetched: KeySet) -> Result<bool, Failure> {
        let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        if sources.key_set.as_ref() == Some(&fetched) {
            return Ok(false);
        }
        let keys = secrets::keyring(&self.project, &sources.secrets, Some(&fetched))?;
        self.authenticator.replace_keys(keys);
        sources.key_set = Some(fetched);
        Ok(true)
    }

    /// Opens what commands and refreshes need. What follows may be told that the server is there.
    pub(crate) fn ready(self: &Arc<Self>, door: Door) -> Serving {
        Serving {
            control: control::Listening::start(self),
            refresh: key_set::Refresh::start(self),
            follow: secrets::Follow::start(self),
            upkeep: Upkeep::start(self.accounts()),
            running: Arc::clone(self),
            door,
        }
    }

    /// Waits for mails that were promised to somebody, within `limits.drain`.
    async fn post_the_rest(&self) {
        let Some(mounted) = &self.mounted else { return };
        let most = Duration::from_secs(self.project.settings.limits.drain);
        if tokio::time::timeout(most, mounted.accounts.mailer.drain()).await.is_err() {
            tracing::warn!("some mails were not sent before the end");
        }
    }
}

/// A server that may begin to answer.
pub(crate) struct Serving {
    running: Arc<Running>,
    door: Door,
    control: control::Listening,
    refresh: key_set::Refresh,
    follow: secrets::Follow,
    upkeep: Upkeep,
}

impl Serving {
    /// Serves until a signal; then ends what is under way, within `limits.drain`. A second signal ends at once.
    pub(crate) async fn run(self, beside: impl Future<Output = ()>) -> Result<(), Failure> {
        let Serving { running, door, control, refresh, follow, upkeep } = self;
        let Door { listener, mut stop, .. } = door;
        {
            let run = running.server.run(listener, async {
                stop.first().await;
                tracing::info!("stopping: requests under way may end");
                signals::end_at_once_on_another();
            });
            let mut run = std::pin::pin!(run);
            let mut beside = std::pin::pin!(beside);
            let mut over = false;
            loop {
                tokio::select! {
                    drained = &mut run => {
                        tracing::info!(cut = drained.cut, "stopped");
                        break;
                    }
                    () = &mut beside, if !over => over = true,
                }
            }
        }
        drop(control);
        drop(refresh);
        drop(follow);
        drop(upkeep);
        running.post_the_rest().await;
        let store = Arc::clone(&running.held.store);
        // Folding the log into the file may take a moment; the runtime is not needed for it.
        let closed = tokio::task::spawn_blocking(move || store.close()).await;
        closed.map_err(|_| Failure::Usage("closing the database ended early".into()))
    }
}

/// Makes the database file, before SQLite opens it, readable by its owner alone; SQLite's own files beside it follow.
pub(crate) fn keep_private(path: &Path) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(Failure::file("make", path)(error))
        }
        _ => Ok(()),
    }
}

/// Where clients reach the server, without a slash at its end.
fn url(project: &Project, address: SocketAddr) -> String {
    let public = project.settings.server.public_url.clone();
    let url = public.unwrap_or_else(|| format!("http://{}", nearby(address)));
    url.trim_end_matches('/').to_owned()
}

/// The address under which a server is reached from its own machine.
fn nearby(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => SocketAddr::from((Ipv4Addr::LOCALHOST, address.port())),
        IpAddr::V6(ip) if ip.is_unspecified() => SocketAddr::from((Ipv6Addr::LOCALHOST, address.port())),
        _ => address,
    }
}

/// What a server listens to: connections, and orders to end. From here on SIGTERM drains.
pub(crate) struct Door {
    listener: TcpListener,
    stop: signals::Stop,
    /// Where connections come in.
    pub(crate) address: SocketAddr,
}

/// Binds the address of the settings.
pub(crate) async fn bind(project: &Project) -> Result<Door, Failure> {
    let wanted = project.settings.server.listen;
    let failed = |source| Failure::Listen { address: wanted, source };
    let listener = TcpListener::bind(wanted).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok(Door { listener, stop: signals::Stop::new()?, address })
}
