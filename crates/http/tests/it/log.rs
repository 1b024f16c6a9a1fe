//! What the log says, and to whom.

use std::io::Write;
use std::sync::{Arc, Mutex};

use bistro_http::Config;
use tracing_subscriber::fmt::MakeWriter;

use crate::harness::{PUBLISHABLE, start};

/// Keeps what is written.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Kept {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// The lines that a server at the level `info` writes for requests.
async fn lines(dev: bool, paths: &[&str]) -> Vec<String> {
    let kept = Kept::default();
    let log = tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::INFO)
        .with_writer(kept.clone())
        .finish();
    let _log = tracing::subscriber::set_default(log);
    let running = start(Config { dev, ..Config::default() }).await;
    let key = format!("apikey: {PUBLISHABLE}");
    for path in paths {
        running.ask(&format!("GET {path}"), &[&key, "x-request-id: here"]).await;
    }
    let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn failures_are_logged_once_with_their_cause() {
    for dev in [false, true] {
        let lines = lines(dev, &["/data/fine", "/data/refuse", "/data/panic?secret=1"]).await;
        let failure: Vec<&String> = lines.iter().filter(|l| l.contains("\"ERROR\"")).collect();
        assert_eq!(failure.len(), 1, "{lines:?}");
        for text in
            ["panic: on purpose", "\"id\":\"here\"", "\"code\":\"BIS-900\"", "\"path\":\"/data/panic\""]
        {
            assert!(failure[0].contains(text), "{text}: {}", failure[0]);
        }
        // Neither keys nor query strings are written.
        assert!(lines.iter().all(|l| !l.contains(PUBLISHABLE) && !l.contains("secret=1")), "{lines:?}");
        let refusals = lines.iter().filter(|l| l.contains("42501")).count();
        assert_eq!((refusals, lines.len()), if dev { (1, 2) } else { (0, 1) }, "{lines:?}");
    }
}

#[tokio::test]
async fn a_fault_is_logged_where_the_rest_of_the_reply_is_fine() {
    let lines = lines(false, &["/data/half"]).await;
    assert_eq!(lines.len(), 1, "{lines:?}");
    for text in ["\"ERROR\"", "\"status\":200", "\"code\":\"BIS-900\"", "half of it"] {
        assert!(lines[0].contains(text), "{text}: {}", lines[0]);
    }
}
