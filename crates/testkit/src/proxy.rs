//! A small proxy between a client and a server, to cut connections at the worst moments.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// What the proxy does with connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Mode {
    /// Passes everything on.
    Pass = 0,
    /// Closes each new connection at once.
    Refuse = 1,
    /// Keeps connections open and passes nothing on.
    Hold = 2,
}

/// A proxy on a free port of this machine; ends with the value.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    target: u16,
    mode: AtomicU8,
    over: std::sync::atomic::AtomicBool,
    /// Both ends of every connection that was made.
    open: Mutex<Vec<(TcpStream, TcpStream)>>,
    trap: Mutex<Option<Trap>>,
    sprung: AtomicUsize,
}

/// What the client sends before its connection is cut.
#[derive(Debug)]
struct Trap {
    /// Only on a connection that sent this before (or with it).
    by: Option<Vec<u8>>,
    bytes: Vec<u8>,
}

impl Proxy {
    /// A proxy to a port of this machine.
    ///
    /// # Panics
    /// If this machine has no port left.
    pub fn to(target: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let shared = Arc::new(Shared {
            target,
            mode: AtomicU8::new(Mode::Pass as u8),
            over: false.into(),
            open: Mutex::default(),
            trap: Mutex::default(),
            sprung: AtomicUsize::new(0),
        });
        let theirs = Arc::clone(&shared);
        let accepting = std::thread::spawn(move || accept(&listener, &theirs));
        Self { port, shared, accepting: Some(accepting) }
    }

    /// Where it listens, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What happens from now on.
    pub fn set(&self, mode: Mode) {
        self.shared.mode.store(mode as u8, Ordering::SeqCst);
    }

    /// Cuts every connection that is open now.
    pub fn cut(&self) {
        for (client, server) in self.shared.open.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            // Closed already is closed.
            let _ = client.shutdown(Shutdown::Both);
            let _ = server.shutdown(Shutdown::Both);
        }
    }

    /// The next connection whose client sends these bytes (in one piece) is cut: the server gets them, the client never
    /// hears what came of them. `None` takes the trap away.
    pub fn cut_after(&self, bytes: Option<&[u8]>) {
        self.lay(bytes.map(|bytes| Trap { by: None, bytes: bytes.to_vec() }));
    }

    /// As [`Proxy::cut_after`], on the connection whose client sends `by` from now on: others may send the same bytes.
    pub fn cut_the_sender_of(&self, by: &[u8], bytes: &[u8]) {
        self.lay(Some(Trap { by: Some(by.to_vec()), bytes: bytes.to_vec() }));
    }

    fn lay(&self, trap: Option<Trap>) {
        *self.shared.trap.lock().unwrap_or_else(PoisonError::into_inner) = trap;
    }

    /// How often [`Proxy::cut_after`] has cut.
    pub fn cuts(&self) -> usize {
        self.shared.sprung.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        self.cut();
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(thread) = self.accepting.take() {
            let _ = thread.join();
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for client in listener.incoming() {
        if shared.over.load(Ordering::SeqCst) {
            return;
        }
        let Ok(client) = client else { continue };
        if shared.mode.load(Ordering::SeqCst) == Mode::Refuse as u8 {
            continue;
        }
        // A server that is down: the client's connection is closed.
        let Ok(server) = TcpStream::connect(("127.0.0.1", shared.target)) else { continue };
        // Without a delay, as the two would talk directly.
        let _ = (client.set_nodelay(true), server.set_nodelay(true));
        let clones = (client.try_clone(), server.try_clone());
        let (Ok(client_too), Ok(server_too)) = clones else { continue };
        let kept = (client.try_clone(), server.try_clone());
        if let (Ok(client), Ok(server)) = kept {
            shared.open.lock().unwrap_or_else(PoisonError::into_inner).push((client, server));
        }
        let (asking, answering) = (Arc::clone(shared), Arc::clone(shared));
        std::thread::spawn(move || pump(client, server, &asking, true));
        std::thread::spawn(move || pump(server_too, client_too, &answering, false));
    }
}

/// Passes on what one side says, until one of them is gone.
fn pump(mut from: TcpStream, mut to: TcpStream, shared: &Shared, asks: bool) {
    let mut buffer = vec![0; 64 << 10];
    let mut marked = false;
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        while shared.mode.load(Ordering::SeqCst) == Mode::Hold as u8 && !shared.over.load(Ordering::SeqCst) {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let said = &buffer[..count];
        let springs = asks && shared.springs(said, &mut marked);
        if springs {
            // The client's side goes first, so that no answer can get through.
            let _ = from.shutdown(Shutdown::Both);
        }
        if to.write_all(said).is_err() {
            break;
        }
        if springs {
            // The server is left the time to do it.
            let _ = to.shutdown(Shutdown::Write);
            return;
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

impl Shared {
    /// Whether the trap springs here; `marked` is whether this connection has sent what the trap waits for first.
    fn springs(&self, said: &[u8], marked: &mut bool) -> bool {
        let holds = |bytes: &[u8]| said.windows(bytes.len()).any(|window| window == bytes);
        let mut trap = self.trap.lock().unwrap_or_else(PoisonError::into_inner);
        let caught = trap.as_ref().is_some_and(|trap| {
            *marked = trap.by.as_deref().is_none_or(|by| *marked || holds(by));
            *marked && holds(&trap.bytes)
        });
        if caught {
            *trap = None;
            self.sprung.fetch_add(1, Ordering::SeqCst);
        }
        caught
    }
}
