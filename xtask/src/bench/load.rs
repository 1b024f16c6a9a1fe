//! The load: keep-alive connections on one thread, each with one request under way.
//!
//! It shares the computer with the server, so it must be light: requests are copied from templates, replies are
//! read only as far as their status and length. It is bounded in time and count and speaks to the loopback only.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use rustix::event::{Timespec, epoll};
use rustix::io::Errno;

use super::case::Template;
use super::data::mix;
use super::histogram::Histogram;
use super::http::{self, MAX_HEAD};

/// How long a run waits for the last answers.
const GRACE: Duration = Duration::from_secs(10);
/// Lost connections after which a run gives up.
const MOST_LOST: u64 = 100;

/// When a run stops sending.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    pub(super) time: Duration,
    pub(super) requests: u64,
}

/// What a run saw.
pub(super) struct Outcome {
    /// Answers, wrong ones included.
    pub(super) requests: u64,
    /// From the first request to the last answer.
    pub(super) elapsed: Duration,
    /// Answers with a wrong status, and lost connections.
    pub(super) errors: u64,
    /// What the first of them was.
    pub(super) first_error: Option<String>,
    /// Bytes of the replies, heads included.
    pub(super) bytes: u64,
    pub(super) latency: Histogram,
}

/// Open connections to one server.
pub(super) struct Load {
    address: SocketAddr,
    epoll: OwnedFd,
    connections: Vec<Connection>,
}

struct Connection {
    stream: TcpStream,
    sent: Instant,
    expected: u16,
    reply: Reply,
}

/// How far the reply has come.
enum Reply {
    /// These bytes of the head, which is not whole.
    Head(Vec<u8>),
    /// This status and this many bytes of the body to come.
    Body(u16, usize),
}

impl Load {
    /// Opens the connections.
    pub(super) fn connect(address: SocketAddr, count: usize) -> Result<Self> {
        ensure!(address.ip().is_loopback(), "the load goes to the loopback only, not to {address}");
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let mut connections = Vec::with_capacity(count);
        for at in 0..count {
            connections.push(Connection::open(address, &epoll, at)?);
        }
        // The server accepts at its own pace; that work is not the requests'.
        std::thread::sleep(Duration::from_millis(50));
        Ok(Self { address, epoll, connections })
    }

    /// Sends requests over all connections until a bound is met, and waits for the answers.
    pub(super) fn run(&mut self, templates: &[Template], bounds: Bounds, seed: u64) -> Result<Outcome> {
        let start = Instant::now();
        let mut run = Run {
            templates,
            bounds,
            start,
            random: mix(seed),
            request: Vec::with_capacity(2048),
            sent: 0,
            under_way: 0,
            outcome: Outcome {
                requests: 0,
                elapsed: Duration::ZERO,
                errors: 0,
                first_error: None,
                bytes: 0,
                latency: Histogram::new(),
            },
        };
        for connection in &mut self.connections {
            run.next(connection, start)?;
        }
        let mut last = start;
        let mut buffer = vec![0; 64 * 1024];
        let mut events = Vec::with_capacity(self.connections.len().min(256));
        while run.under_way > 0 && start.elapsed() < bounds.time + GRACE {
            events.clear();
            let timeout = Timespec { tv_sec: 1, tv_nsec: 0 };
            match epoll::wait(&self.epoll, rustix::buffer::spare_capacity(&mut events), Some(&timeout)) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error).context("cannot wait for answers"),
            }
            for event in &events {
                let at = event.data.u64() as usize;
                last = self.readable(at, &mut run, &mut buffer)?.unwrap_or(last);
            }
        }
        if run.under_way > 0 {
            let message = format!("{} requests had no answer in {GRACE:?}", run.under_way);
            run.outcome.fail(run.under_way, || message);
        }
        run.outcome.elapsed = last - start;
        Ok(run.outcome)
    }

    /// Takes what has come; the time, if an answer is whole.
    fn readable(&mut self, at: usize, run: &mut Run<'_>, buffer: &mut [u8]) -> Result<Option<Instant>> {
        let connection = &mut self.connections[at];
        let count = match connection.stream.read(buffer) {
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => 0,
            Err(error) => return Err(error).context("cannot read an answer"),
        };
        if count == 0 {
            run.outcome.fail(1, || "the server closed a connection".to_owned());
            ensure!(run.outcome.errors < MOST_LOST, "the server closes its connections");
            *connection = Connection::open(self.address, &self.epoll, at)?;
            run.under_way -= 1;
            run.next(connection, Instant::now())?;
            return Ok(None);
        }
        run.outcome.bytes += count as u64;
        let Some(status) = connection.reply.take(&buffer[..count])? else { return Ok(None) };
        let now = Instant::now();
        run.outcome.requests += 1;
        run.outcome.latency.record(now - connection.sent);
        if status != connection.expected {
            let expected = connection.expected;
            let text = String::from_utf8_lossy(&buffer[..count.min(600)]).into_owned();
            run.outcome.fail(1, || format!("status {status} in place of {expected}: {text}"));
        }
        run.under_way -= 1;
        run.next(connection, now)?;
        Ok(Some(now))
    }
}

impl Outcome {
    fn fail(&mut self, count: u64, what: impl FnOnce() -> String) {
        self.errors += count;
        self.first_error.get_or_insert_with(what);
    }
}

/// One run's state beside the connections.
struct Run<'t> {
    templates: &'t [Template],
    bounds: Bounds,
    start: Instant,
    random: u64,
    request: Vec<u8>,
    sent: u64,
    under_way: u64,
    outcome: Outcome,
}

impl Run<'_> {
    /// Sends the connection's next request, unless a bound is met.
    fn next(&mut self, connection: &mut Connection, now: Instant) -> Result<()> {
        if self.sent >= self.bounds.requests || now - self.start >= self.bounds.time {
            return Ok(());
        }
        self.random = mix(self.random);
        let mut share = self.random % 100;
        let chosen = self.templates.iter().find(|template| {
            let hit = share < template.share;
            share = share.saturating_sub(template.share);
            hit
        });
        let template = chosen.context("the shares of a workload are less than a hundred")?;
        template.write(self.random >> 8, &mut self.request);
        connection.send(&self.request, template.expected, now)?;
        self.sent += 1;
        self.under_way += 1;
        Ok(())
    }
}

impl Connection {
    fn open(address: SocketAddr, epoll: &OwnedFd, at: usize) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&address, GRACE)
            .with_context(|| format!("cannot open connection {at} to {address}"))?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        epoll::add(epoll, &stream, epoll::EventData::new_u64(at as u64), epoll::EventFlags::IN)?;
        Ok(Self { stream, sent: Instant::now(), expected: 0, reply: Reply::Head(Vec::new()) })
    }

    fn send(&mut self, request: &[u8], expected: u16, now: Instant) -> Result<()> {
        // Nothing else is under way here, so a request always fits into the socket's buffer.
        match self.stream.write(request) {
            Ok(count) if count == request.len() => {}
            Ok(_) => bail!("the socket took only a part of a request"),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            Err(error) => return Err(error).context("cannot send a request"),
        }
        self.sent = now;
        self.expected = expected;
        self.reply = Reply::Head(Vec::new());
        Ok(())
    }
}

impl Reply {
    /// The status, once the reply is whole.
    fn take(&mut self, bytes: &[u8]) -> Result<Option<u16>> {
        let (status, missing) = match self {
            Reply::Body(status, missing) => (*status, missing.saturating_sub(bytes.len())),
            Reply::Head(seen) if seen.is_empty() => match http::head(bytes)? {
                Some(head) => (head.status, (head.length + head.body).saturating_sub(bytes.len())),
                None => {
                    seen.extend_from_slice(bytes);
                    return Ok(None);
                }
            },
            Reply::Head(seen) => {
                seen.extend_from_slice(bytes);
                ensure!(seen.len() < MAX_HEAD, "the reply's head is too long");
                let Some(head) = http::head(seen)? else { return Ok(None) };
                (head.status, (head.length + head.body).saturating_sub(seen.len()))
            }
        };
        *self = Reply::Body(status, missing);
        Ok((missing == 0).then_some(status))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_whole_however_it_is_cut() {
        let whole = b"HTTP/1.1 201 Created\r\ncontent-length: 5\r\n\r\nabcde";
        for cut in 1..whole.len() {
            let mut reply = Reply::Head(Vec::new());
            assert_eq!(reply.take(&whole[..cut]).unwrap(), None, "{cut}");
            assert_eq!(reply.take(&whole[cut..]).unwrap(), Some(201), "{cut}");
        }
    }
}
