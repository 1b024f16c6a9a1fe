//! A mail server on this machine that keeps what it is sent, and fails as it is told.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What a server answers, one after the other; what is usual after that.
pub(crate) type Answers = Arc<Mutex<Vec<&'static str>>>;

/// How a server is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tls {
    /// Not at all.
    #[default]
    None,
    /// It offers STARTTLS, and lets nobody in without it.
    Offered,
    /// From the first byte.
    AtOnce,
}

/// How a server behaves.
#[derive(Clone, Default)]
pub(crate) struct Manner {
    /// What it answers to recipients; 250 after that.
    pub(crate) recipients: Answers,
    /// What it answers to logins; 235 after that.
    pub(crate) logins: Answers,
    /// The verb after which it says nothing more; `""`: it says nothing at all.
    pub(crate) silent_after: Option<&'static str>,
    pub(crate) tls: Tls,
    /// What somebody on the way adds to its consent to STARTTLS.
    pub(crate) added: &'static str,
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
    /// Whether it came encrypted.
    pub(crate) encrypted: bool,
}

/// The server.
pub(crate) struct Sink {
    pub(crate) address: SocketAddr,
    mails: Receiver<Received>,
    /// How often somebody connected, and how often somebody showed a login.
    pub(crate) connections: Arc<AtomicUsize>,
    pub(crate) shown: Arc<AtomicUsize>,
}

/// A file of the certificates of these tests.
pub(crate) fn certificate(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/certificates").join(name)
}

impl Sink {
    pub(crate) fn new(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (out, mails) = channel();
        let (connections, shown) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (counted, logins) = (Arc::clone(&connections), Arc::clone(&shown));
        // It ends with the process of the test.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                counted.fetch_add(1, Ordering::SeqCst);
                let (manner, out, logins) = (manner.clone(), out.clone(), Arc::clone(&logins));
                std::thread::spawn(move || serve(stream, &manner, &out, &logins));
            }
        });
        Self { address, mails, connections, shown }
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

trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

/// A conversation, which may become encrypted on its way.
struct Talk(BufReader<Box<dyn Stream>>);

impl Talk {
    fn say(&mut self, text: &str) -> Option<()> {
        let stream = self.0.get_mut();
        stream.write_all(format!("{text}\r\n").as_bytes()).ok()?;
        stream.flush().ok()
    }

    fn hear(&mut self) -> Option<String> {
        let mut line = String::new();
        let heard = self.0.read_line(&mut line).ok()?;
        (heard > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
    }

    /// The lines up to one that is a dot.
    fn body(&mut self) -> Option<String> {
        let mut text = String::new();
        loop {
            let line = self.hear()?;
            if line == "." {
                return Some(text);
            }
            text.push_str(line.strip_prefix('.').unwrap_or(&line));
            text.push('\n');
        }
    }
}

fn encrypted(stream: TcpStream) -> Box<dyn Stream> {
    let chain: Vec<_> =
        CertificateDer::pem_file_iter(certificate("server.pem")).unwrap().map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(certificate("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(chain, key).unwrap();
    Box::new(StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), stream))
}

/// One connection; an error ends it.
fn serve(stream: TcpStream, manner: &Manner, out: &Sender<Received>, shown: &AtomicUsize) -> Option<()> {
    let raw = stream.try_clone().ok()?;
    let mut secret = manner.tls == Tls::AtOnce;
    let mut talk = Talk(BufReader::new(if secret { encrypted(stream) } else { Box::new(stream) }));
    let silent = |verb: &str| {
        if manner.silent_after == Some(verb) {
            std::thread::sleep(Duration::from_secs(600));
        }
    };
    silent("");
    talk.say("220 sink")?;
    let (mut envelope, mut login) = (Vec::new(), None);
    while let Some(line) = talk.hear() {
        let verb = line.split([' ', ':']).next().unwrap_or("").to_ascii_uppercase();
        let open = secret || manner.tls == Tls::None;
        silent(&verb);
        match verb.as_str() {
            "EHLO" if !open => talk.say("250-sink\r\n250-8BITMIME\r\n250 STARTTLS")?,
            "EHLO" => talk.say("250-sink\r\n250-8BITMIME\r\n250 AUTH PLAIN")?,
            "STARTTLS" if !open => {
                talk.say(&format!("220 go on{}", manner.added))?;
                talk = Talk(BufReader::new(encrypted(raw.try_clone().ok()?)));
                secret = true;
            }
            "AUTH" => {
                shown.fetch_add(1, Ordering::SeqCst);
                login = line.rsplit(' ').next().map(str::to_owned);
                let answer = next(&manner.logins).unwrap_or("235 welcome");
                talk.say(answer)?;
            }
            _ if !open => talk.say("530 STARTTLS first")?,
            "MAIL" => {
                envelope = vec![line];
                talk.say("250 fine")?;
            }
            "RCPT" => {
                envelope.push(line);
                talk.say(next(&manner.recipients).unwrap_or("250 fine"))?;
            }
            "DATA" => {
                talk.say("354 go on")?;
                let text = talk.body()?;
                silent(".");
                let received =
                    Received { envelope: envelope.clone(), login: login.clone(), text, encrypted: secret };
                // Kept before it is said, as a server must.
                out.send(received).ok()?;
                talk.say("250 taken")?;
            }
            "QUIT" => return talk.say("221 bye"),
            _ => talk.say("250 fine")?,
        }
    }
    None
}

fn next(answers: &Answers) -> Option<&'static str> {
    let mut told = answers.lock().unwrap();
    if told.is_empty() { None } else { Some(told.remove(0)) }
}
