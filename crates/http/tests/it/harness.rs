//! The server under test, its surface, and raw requests.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bistro_auth::{Authenticator, Keyring, Options, Secrets};
use bistro_http::{AuthNeed, Config, Drained, Limits, Route, Server, Site, Surface};
use bistro_ir::Caller;
use bistro_problem::{Code, Problem};
use bistro_wire::problem_reply::problem_reply;
use bistro_wire::socket::{Closed, Incoming, Outgoing, asked};
use bistro_wire::{Answer, Headers, Request, Response, Upgrade};
use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) const PUBLISHABLE: &str = "sb_publishable_of_the_tests_of_this_crate";
pub(crate) const SECRET: &str = "sb_secret_of_the_tests_of_this_crate_alone";

/// A running server.
pub(crate) struct Running {
    pub(crate) server: Server,
    pub(crate) authenticator: Arc<Authenticator>,
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    ended: JoinHandle<Drained>,
}

/// Limits short enough for tests.
pub(crate) fn quick() -> Limits {
    Limits {
        header_time: Duration::from_millis(300),
        body_bytes: 1000,
        body_idle: Duration::from_millis(300),
        body_time: Duration::from_millis(900),
        request_time: Duration::from_millis(300),
        idle_time: Duration::from_millis(1500),
        socket_silence: Duration::from_millis(300),
        drain_time: Duration::from_millis(600),
        ..Limits::default()
    }
}

pub(crate) async fn start(config: Config) -> Running {
    start_as(config, Options::default()).await
}

pub(crate) async fn start_as(config: Config, options: Options) -> Running {
    let mut secrets = Secrets::generate(0).unwrap();
    (secrets.publishable, secrets.secret) = (PUBLISHABLE.to_owned(), SECRET.to_owned());
    secrets.complete("ES256", 0).unwrap();
    let keys = Keyring::new(&secrets, None, None).unwrap();
    let authenticator = Arc::new(Authenticator::new(keys, options));
    let server = Server::new(config, Arc::clone(&authenticator), site("first"));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let running = server.clone();
    let ended = tokio::spawn(async move { running.run(listener, async { drop(stopped.await) }).await });
    Running { server, authenticator, address, stop: Some(stop), ended }
}

/// A site whose surface names itself.
pub(crate) fn site(name: &'static str) -> Site {
    let surface = Arc::new(move |request: Request<'_>, caller: Caller| act(name, request, caller));
    let routes = vec![
        Route::below("/data", AuthNeed::Key, surface.clone()),
        Route::below("/view", AuthNeed::Optional, surface.clone()),
        Route::below("/page", AuthNeed::Open, surface.clone()),
        Route::below("/own", AuthNeed::Open, surface.clone()).own_pages(),
        Route::below("/large", AuthNeed::Key, surface.clone()).body_bytes(100_000, "large.body"),
        Route::below("/basic", AuthNeed::Key, surface.clone()).basic(),
        Route::below("/basic/view", AuthNeed::Optional, surface.clone()).basic(),
        Route::below("/basic/page", AuthNeed::Open, surface.clone()).basic(),
        Route::below("/form", AuthNeed::Key, Arc::new(OfItsOwn(surface))),
    ];
    Site::new(Arc::default(), routes)
}

/// A surface with a form of its own for what is refused in front of it.
struct OfItsOwn<S>(Arc<S>);

impl<S: Surface> Surface for OfItsOwn<S> {
    fn handle(&self, request: Request<'_>, caller: Caller) -> Answer {
        self.0.handle(request, caller)
    }

    fn refused(&self, problem: Problem, _: &dyn Headers, id: &str, anonymous: bool) -> Response {
        let text = format!("own form {id} {anonymous}: {}", problem.code.wire_text());
        Response::new(problem.status, text).header("content-type", "text/plain")
    }
}

/// What the surface does is the last segment of the path.
fn act(name: &'static str, request: Request<'_>, caller: Caller) -> Answer {
    let text = |text: String| Response::new(200, text).header("content-type", "text/plain");
    match request.path.rsplit('/').next().unwrap_or("") {
        "panic" => panic!("on purpose"),
        "panic-later" => Answer::later(async { panic!("on purpose, later") }),
        "slow" => Answer::later(async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            Response::new(200, "slow")
        }),
        "never" => Answer::later(std::future::pending()),
        "refuse" => {
            problem_reply(Problem::new(Code::Forbidden, "no"), &request, caller.role == "anon").into()
        }
        "half" => {
            let problem = Some(Box::new(Problem::bug("half of it")));
            Response { problem, ..text("the other half".into()) }.into()
        }
        "length" => text(request.body.len().to_string()).into(),
        "big" => text("x".repeat(4 << 20)).into(),
        "headers" => Response::new(200, "")
            .header("x-good", "good".to_owned())
            .header("x-bad", "a\r\nx-injected: yes".to_owned())
            .into(),
        "events" => events(),
        "torrent" => {
            let piece = futures_util::stream::repeat(Bytes::from("x".repeat(64 << 10)));
            Answer::stream(Response::new(200, ""), piece)
        }
        "talk" => talk(request, caller),
        "way" => match bistro_http::confidential(request.headers, caller.ip) {
            true => text("confidential".into()).into(),
            false => text("anybody".into()).into(),
        },
        "address" => text(caller.ip.map_or_else(String::new, |ip| ip.to_string())).into(),
        _ => text(format!("{name} {} {} {}", request.method, caller.role, caller.ip.is_some())).into(),
    }
}

/// A piece every 50 ms; the twenty-first panics.
fn events() -> Answer {
    let pieces = futures_util::stream::unfold(0, |n| async move {
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(n < 20, "on purpose, in a stream");
        Some((Bytes::from(format!("data: {n}\n\n")), n + 1))
    });
    Answer::stream(Response::new(200, "").header("content-type", "text/event-stream"), pieces)
}

/// Says what it hears; some words are orders.
fn talk(request: Request<'_>, caller: Caller) -> Answer {
    let Some(offered) = asked(&request) else { return Response::new(200, "no socket was asked for").into() };
    let protocol = offered.contains(&"echo").then_some("echo");
    let speak = move |mut incoming: Incoming, outgoing: Outgoing| async move {
        while let Some(text) = incoming.next().await {
            let said = match text.as_str() {
                "who" => outgoing.send(caller.role.to_string()).await,
                "panic" => panic!("on purpose, in a socket"),
                "enough" => return,
                "refuse" => {
                    outgoing.close(4403, &"é".repeat(100)).await;
                    continue;
                }
                "chorus" => chorus(&outgoing).await,
                "flood" => flood(&outgoing).await,
                _ => outgoing.send(text).await,
            };
            if said.is_err() {
                return;
            }
        }
    };
    Answer::Upgrade(Upgrade::new(protocol, 1000, speak))
}

/// Bytes that a flood has sent.
pub(crate) static FLOODED: AtomicUsize = AtomicUsize::new(0);

/// Many send at once.
async fn chorus(outgoing: &Outgoing) -> Result<(), Closed> {
    let voices = (0..100).map(|n| outgoing.send(n.to_string().repeat(1000)));
    futures_util::future::try_join_all(voices).await.map(drop)
}

/// Sends 64 MB as fast as they are taken.
async fn flood(outgoing: &Outgoing) -> Result<(), Closed> {
    for _ in 0..1024 {
        outgoing.send("x".repeat(64 << 10)).await?;
        FLOODED.fetch_add(64 << 10, Ordering::Relaxed);
    }
    Ok(())
}

impl Running {
    /// Sends bytes on a connection of their own and reads all that comes until the other side closes or is silent.
    pub(crate) async fn send(&self, request: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect().await;
        // The server may refuse and close before it has read everything.
        let _ = stream.write_all(request.as_ref()).await;
        read(&mut stream).await
    }

    /// Sends a request of HTTP/1.1 with some headers; the connection closes after it.
    pub(crate) async fn ask(&self, line: &str, headers: &[&str]) -> String {
        let mut request = format!("{line} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n");
        for header in headers {
            request += &format!("{header}\r\n");
        }
        self.send(request + "\r\n").await
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Gives the order to stop.
    pub(crate) fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// How the server ended.
    pub(crate) async fn ended(self) -> Drained {
        tokio::time::timeout(Duration::from_secs(5), self.ended).await.unwrap().unwrap()
    }
}

/// Reads until the other side closes; fails after five seconds.
pub(crate) async fn read(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let reading = async {
        let mut piece = [0; 65536];
        // A reset after the answer is how a server ends when the request was not read to its end.
        while let Ok(n @ 1..) = stream.read(&mut piece).await {
            bytes.extend_from_slice(&piece[..n]);
        }
    };
    tokio::time::timeout(Duration::from_secs(5), reading).await.expect("the server closes the connection");
    String::from_utf8(bytes).unwrap()
}

/// Reads one answer whose body ends as its content-length says.
pub(crate) async fn read_one(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let reading = async {
        let mut piece = [0; 4096];
        loop {
            let n = stream.read(&mut piece).await.unwrap();
            assert!(n > 0, "closed after {text:?}");
            text += std::str::from_utf8(&piece[..n]).unwrap();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|l| l.strip_prefix("content-length: ")).unwrap();
            if body.len() >= length.parse().unwrap() {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(5), reading).await.expect("an answer comes");
    text
}

/// The status of an answer.
pub(crate) fn status(answer: &str) -> u16 {
    let digits = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
    digits.unwrap_or_else(|| panic!("no answer: {answer:?}")).parse().unwrap()
}

/// Fails unless the answer has the status, each of the texts and a request id.
pub(crate) fn check(answer: &str, expected: u16, texts: &[&str]) {
    assert_eq!(status(answer), expected, "{answer}");
    for text in texts.iter().chain(&["x-request-id: "]) {
        assert!(answer.contains(text), "{text:?} is not in {answer}");
    }
}
