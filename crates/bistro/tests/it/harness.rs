//! Starts the binary and talks to it. A test says what it needs in a few words:
//!
//! ```ignore
//! let server = Server::dev(SCHEMA);
//! let answer = server.get("/rest/v1/notes?select=text").key(&server.publishable()).send();
//! assert_eq!(answer.json(), r#"[{"text":"a"}]"#);
//! ```

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A type that everybody may read, and the service may write.
pub(crate) const NOTES: &str =
    "type Note @model @allow(to: [READ]) { id: Int! @id\n text: String! @length(max: 20) }\n";

/// How long anything may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// A folder with a project.
pub(crate) struct Folder {
    dir: TempDir,
}

impl Folder {
    /// An empty one.
    pub(crate) fn empty() -> Self {
        Self { dir: tempfile::tempdir().expect("a temporary folder") }
    }

    /// One with this schema.
    pub(crate) fn with(schema: &str) -> Self {
        let folder = Self::empty();
        folder.write("schema.graphql", schema);
        folder
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Writes a file as editors do: beside, then in place.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder for the file");
        let beside = path.with_extension("saving");
        fs::write(&beside, text).expect("a file");
        fs::rename(&beside, &path).expect("a rename");
        path
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, &[])
    }

    /// Runs a command with variables.
    pub(crate) fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
        let output = command(self.path()).args(arguments).envs(variables.iter().copied()).output();
        Ran(output.expect("the binary runs"))
    }

    /// Starts a command with variables and does not wait for it; nobody hears what it says.
    pub(crate) fn start(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Child {
        let mut command = command(self.path());
        let command = command.args(arguments).envs(variables.iter().copied());
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary starts")
    }
}

/// The binary, with nothing of the surroundings' settings.
fn command(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bistro"));
    for (name, _) in std::env::vars_os().filter(|(n, _)| n.to_string_lossy().starts_with("BISTRO_")) {
        command.env_remove(name);
    }
    command.current_dir(dir).stdin(Stdio::null());
    command
}

/// A command that has ended.
pub(crate) struct Ran(Output);

impl Ran {
    /// The exit code.
    pub(crate) fn code(&self) -> i32 {
        self.0.status.code().expect("it was not ended by a signal")
    }

    /// Standard output.
    pub(crate) fn out(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).expect("output is UTF-8")
    }

    /// Standard error.
    pub(crate) fn err(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).expect("errors are UTF-8")
    }

    /// Standard output of a command that did what was asked.
    pub(crate) fn well(&self) -> String {
        assert_eq!(self.code(), 0, "{}", self.err());
        self.out()
    }

    /// Asserts that it said no, with these words.
    pub(crate) fn said_no(&self, code: i32, words: &str) {
        assert_eq!(self.code(), code, "{}{}", self.out(), self.err());
        assert!(self.err().contains(words), "{:?} is not in:\n{}", words, self.err());
    }
}

/// A running server.
pub(crate) struct Server {
    /// Its folder.
    pub(crate) folder: Folder,
    /// `127.0.0.1:port`.
    pub(crate) address: String,
    child: Child,
    out: Lines,
    err: Lines,
}

impl Server {
    /// `bistro dev` with this schema.
    pub(crate) fn dev(schema: &str) -> Self {
        Self::start(Folder::with(schema), &["dev"])
    }

    /// `bistro serve` with this schema.
    pub(crate) fn serve(schema: &str) -> Self {
        Self::start(Folder::with(schema), &["serve"])
    }

    /// Any command that serves, on a free port.
    pub(crate) fn start(folder: Folder, arguments: &[&str]) -> Self {
        let mut command = command(folder.path());
        let command = command.args(arguments).args(["--listen", "127.0.0.1:0"]);
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
        let out = Lines::of(child.stdout.take().expect("standard output is piped"));
        let err = Lines::of(child.stderr.take().expect("standard error is piped"));
        let Some(first) = out.wait(|line| !line.is_empty()) else {
            let _ = child.kill();
            panic!("it did not start: {}", err.text());
        };
        let address =
            first.strip_prefix("Bistro listening on http://").expect("the first line says where").to_owned();
        Self { folder, address, child, out, err }
    }

    /// Waits for a line of standard output with these words.
    pub(crate) fn says(&self, words: &str) -> String {
        self.out
            .wait(|line| line.contains(words))
            .unwrap_or_else(|| panic!("{words:?} was not said:\n{}", self.out.text()))
    }

    /// Waits for a line of standard error with these words.
    pub(crate) fn logs(&self, words: &str) -> String {
        self.err
            .wait(|line| line.contains(words))
            .unwrap_or_else(|| panic!("{words:?} was not logged:\n{}", self.err.text()))
    }

    /// All of standard output so far.
    pub(crate) fn output(&self) -> String {
        self.out.text()
    }

    /// A member of `keys list --json`.
    pub(crate) fn key(&self, name: &str) -> String {
        let keys = self.folder.run(&["keys", "list", "--json"]).well();
        let keys: serde_json::Value = serde_json::from_str(&keys).expect("JSON");
        keys[name].as_str().expect("a text").to_owned()
    }

    /// The key for strangers.
    pub(crate) fn publishable(&self) -> String {
        self.key("publishable")
    }

    /// The key that passes every rule.
    pub(crate) fn secret(&self) -> String {
        self.key("secret")
    }

    /// A request.
    pub(crate) fn request(&self, method: &str, target: &str) -> Request<'_> {
        Request {
            server: self,
            method: method.into(),
            target: target.into(),
            headers: Vec::new(),
            body: String::new(),
        }
    }

    /// A GET.
    pub(crate) fn get(&self, target: &str) -> Request<'_> {
        self.request("GET", target)
    }

    /// A POST of JSON.
    pub(crate) fn post(&self, target: &str, body: &str) -> Request<'_> {
        self.request("POST", target).json(body)
    }

    /// Sends a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(sent.expect("kill is there").success());
    }

    /// Waits for the end.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let started = Instant::now();
        loop {
            match self.child.try_wait().expect("the child can be asked") {
                Some(status) => return status,
                None => assert!(started.elapsed() < PATIENCE, "it did not end"),
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Stops it in good order; gives the folder back.
    pub(crate) fn stop(mut self) -> Folder {
        self.signal("TERM");
        assert_eq!(self.ended().code(), Some(0), "{}", self.err.text());
        std::mem::replace(&mut self.folder, Folder::empty())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Lines that a thread gathers.
struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    fn of(stream: impl std::io::Read + Send + 'static) -> Self {
        let lines: Arc<Mutex<Vec<String>>> = Arc::default();
        let gathered = Arc::clone(&lines);
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                gathered.lock().expect("no test panics with the lock").push(line);
            }
        });
        Self(lines)
    }

    fn wait(&self, wanted: impl Fn(&str) -> bool) -> Option<String> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if let Some(line) =
                self.0.lock().expect("no test panics with the lock").iter().find(|l| wanted(l))
            {
                return Some(line.clone());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        None
    }

    fn text(&self) -> String {
        self.0.lock().expect("no test panics with the lock").join("\n")
    }
}

/// A request that is being put together.
pub(crate) struct Request<'s> {
    server: &'s Server,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Request<'_> {
    /// Adds a header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// With an API key.
    pub(crate) fn key(self, key: &str) -> Self {
        self.header("apikey", key)
    }

    /// With a user's token.
    pub(crate) fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {}", token.trim()))
    }

    /// With a body of JSON.
    pub(crate) fn json(self, body: &str) -> Self {
        self.body("application/json", body)
    }

    /// With a body of this type.
    pub(crate) fn body(mut self, kind: &str, body: &str) -> Self {
        body.clone_into(&mut self.body);
        self.header("content-type", kind)
    }

    /// Sends it on a connection of its own.
    pub(crate) fn send(self) -> Answer {
        let mut stream = TcpStream::connect(&self.server.address).expect("the server takes connections");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time");
        let mut text = format!(
            "{} {} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n",
            self.method, self.target, self.server.address
        );
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if !self.body.is_empty() || self.method != "GET" {
            text.push_str(&format!("content-length: {}\r\n", self.body.len()));
        }
        text.push_str("\r\n");
        text.push_str(&self.body);
        stream.write_all(text.as_bytes()).expect("the request goes out");
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("the answer comes in");
        Answer::read(&bytes)
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The headers, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: String,
}

impl Answer {
    fn read(bytes: &[u8]) -> Self {
        let text = String::from_utf8(bytes.to_vec()).expect("the answer is text");
        let (head, body) = text.split_once("\r\n\r\n").expect("an answer has a head");
        let mut lines = head.lines();
        let status =
            lines.next().and_then(|l| l.split(' ').nth(1)).expect("a status").parse().expect("a number");
        let header = |line: &str| {
            let (name, value) = line.split_once(':').expect("a header");
            (name.to_ascii_lowercase(), value.trim().to_owned())
        };
        let headers: Vec<(String, String)> = lines.map(header).collect();
        let chunked = headers.iter().any(|(n, v)| n == "transfer-encoding" && v == "chunked");
        assert!(!chunked, "answers have a length");
        Self { status, headers, body: body.to_owned() }
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The body of an answer with this status.
    pub(crate) fn with(&self, status: u16) -> &str {
        assert_eq!(self.status, status, "{}", self.body);
        &self.body
    }

    /// The body of a 200.
    pub(crate) fn ok(&self) -> &str {
        self.with(200)
    }
}
