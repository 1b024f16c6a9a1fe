//! A mail server on this machine that keeps what it is sent, and fails as it is told.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How a server behaves.
#[derive(Clone, Default)]
pub(crate) struct Manner {
    /// What it answers to recipients, one after the other; 250 after that.
    pub(crate) recipients: Arc<Mutex<Vec<&'static str>>>,
    /// Whether it says nothing at all.
    pub(crate) silent: bool,
}

/// A mail as it came.
#[derive(Debug)]
pub(crate) struct Received {
    /// `MAIL FROM` and `RCPT TO`.
    pub(crate) envelope: Vec<String>,
    /// What `AUTH PLAIN` said, in base64.
    pub(crate) login: Option<String>,
    /// Headers and body.
    pub(crate) text: String,
}

/// The server.
pub(crate) struct Sink {
    pub(crate) address: SocketAddr,
    mails: Receiver<Received>,
}

impl Sink {
    pub(crate) fn new(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (out, mails) = channel();
        // It ends with the process of the test.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (manner, out) = (manner.clone(), out.clone());
                std::thread::spawn(move || serve(stream, &manner, &out));
            }
        });
        Self { address, mails }
    }

    /// The next mail.
    pub(crate) fn next(&self) -> Received {
        self.mails.recv_timeout(Duration::from_secs(20)).expect("a mail comes")
    }

    /// Whether nothing more has come.
    pub(crate) fn is_empty(&self) -> bool {
        self.mails.try_recv().is_err()
    }
}

/// One connection; an error ends it.
fn serve(stream: TcpStream, manner: &Manner, out: &Sender<Received>) -> Option<()> {
    if manner.silent {
        std::thread::sleep(Duration::from_secs(60));
        return None;
    }
    let mut write = stream.try_clone().ok()?;
    let mut lines = BufReader::new(stream).lines();
    let mut say = move |text: &str| write.write_all(format!("{text}\r\n").as_bytes()).ok();
    say("220 sink")?;
    let (mut envelope, mut login) = (Vec::new(), None);
    while let Some(Ok(line)) = lines.next() {
        let verb = line.split([' ', ':']).next().unwrap_or("").to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" => say("250-sink\r\n250-8BITMIME\r\n250 AUTH PLAIN")?,
            "AUTH" => {
                login = line.rsplit(' ').next().map(str::to_owned);
                say("235 welcome")?;
            }
            "MAIL" => {
                envelope = vec![line];
                say("250 fine")?;
            }
            "RCPT" => {
                envelope.push(line);
                let mut told = manner.recipients.lock().unwrap();
                let answer = if told.is_empty() { "250 fine" } else { told.remove(0) };
                say(answer)?;
            }
            "DATA" => {
                say("354 go on")?;
                let text = body(&mut lines);
                say("250 taken")?;
                out.send(Received { envelope: envelope.clone(), login: login.clone(), text }).ok()?;
            }
            "QUIT" => return say("221 bye"),
            _ => say("250 fine")?,
        }
    }
    None
}

fn body(lines: &mut impl Iterator<Item = std::io::Result<String>>) -> String {
    let mut text = String::new();
    for line in lines.by_ref().map_while(Result::ok).take_while(|line| line != ".") {
        text.push_str(line.strip_prefix('.').unwrap_or(&line));
        text.push('\n');
    }
    text
}
