//! The command's side of the socket.

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;

use super::socket::Address;
use super::{Ask, LINE_MAX, Tell};
use crate::error::Failure;

/// Asks the server that runs on a data folder; `None` if none does. `progress` is told how far it is.
pub(crate) fn call(
    folder: &Path,
    ask: &Ask,
    mut progress: impl FnMut(usize, usize),
) -> Result<Option<String>, Failure> {
    let failed = |source| Failure::System { action: "talk to the running Bistro".into(), source };
    let connected = Address::of(folder).and_then(|address| UnixStream::connect(&address.path));
    let mut stream = match connected {
        Ok(stream) => stream,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => {
            return Ok(None);
        }
        Err(source) => return Err(failed(source)),
    };
    let mut line = serde_json::to_string(ask).expect("a question is plain data");
    line.push('\n');
    stream.write_all(line.as_bytes()).map_err(failed)?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        (&mut reader).take(LINE_MAX as u64).read_line(&mut line).map_err(failed)?;
        match serde_json::from_str(&line) {
            Ok(Tell::Progress { done, total }) => progress(done, total),
            Ok(Tell::Done { text }) => return Ok(Some(text)),
            Ok(Tell::Failed { message }) => return Err(Failure::Remote(message)),
            Err(_) => {
                let text = "the running Bistro ended before it answered, or is of another version".to_owned();
                return Err(Failure::Remote(text));
            }
        }
    }
}
