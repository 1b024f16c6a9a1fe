//! As much of HTTP/1.1 as a load generator needs: the head of a reply, and one question asked at leisure.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

/// The longest head that is taken for one, in bytes.
pub(super) const MAX_HEAD: usize = 64 * 1024;
const PATIENCE: Duration = Duration::from_secs(20);

/// What the head of a reply says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Head {
    pub(super) status: u16,
    /// Bytes of the head with its empty line.
    pub(super) length: usize,
    /// Bytes of the body that follow.
    pub(super) body: usize,
}

/// The head at the start of these bytes; nothing as long as it isn't whole.
///
/// # Errors
/// Where it isn't HTTP/1.1, or says no length: chunked replies are not read.
pub(super) fn head(bytes: &[u8]) -> Result<Option<Head>> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let length = end + 4;
    let status = bytes.get(9..12).and_then(number).context("the reply has no status")? as u16;
    if matches!(status, 204 | 304) {
        return Ok(Some(Head { status, length, body: 0 }));
    }
    match header(&bytes[..end], b"content-length").and_then(number) {
        Some(body) => Ok(Some(Head { status, length, body })),
        None => bail!("the reply has no Content-Length"),
    }
}

/// The value of a header, by its name in lower case.
fn header<'h>(head: &'h [u8], name: &[u8]) -> Option<&'h [u8]> {
    head.split(|&byte| byte == b'\n').find_map(|line| {
        let (found, value) = line.split_at_checked(name.len())?;
        let value = value.strip_prefix(b":")?;
        found.eq_ignore_ascii_case(name).then(|| value.trim_ascii())
    })
}

fn number(digits: &[u8]) -> Option<usize> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// A whole reply.
pub(super) struct Answer {
    pub(super) status: u16,
    head: Vec<u8>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The value of a header, by its name in lower case.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        header(&self.head, name.as_bytes()).map(|value| String::from_utf8_lossy(value).into_owned())
    }
}

/// Asks over a connection of its own.
pub(super) fn ask(address: SocketAddr, request: &[u8]) -> Result<Answer> {
    ask_over(&mut connect(address)?, request)
}

/// A connection whose answers are waited for with patience.
pub(super) fn connect(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// Asks over a connection on which nothing is under way.
pub(super) fn ask_over(stream: &mut TcpStream, request: &[u8]) -> Result<Answer> {
    stream.write_all(request)?;
    let mut bytes = Vec::new();
    let mut piece = [0; 16 * 1024];
    let head = loop {
        if let Some(head) = head(&bytes)? {
            break head;
        }
        match stream.read(&mut piece)? {
            0 => bail!("the connection closed before an answer"),
            _ if bytes.len() > MAX_HEAD => bail!("the reply's head is too long"),
            n => bytes.extend_from_slice(&piece[..n]),
        }
    };
    let mut body = bytes.split_off(head.length);
    while body.len() < head.body {
        match stream.read(&mut piece)? {
            0 => bail!("the connection closed within an answer"),
            n => body.extend_from_slice(&piece[..n]),
        }
    }
    Ok(Answer { status: head.status, head: bytes, body })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(reply: &str, expected: Option<Head>) {
        assert_eq!(head(reply.as_bytes()).unwrap(), expected);
    }

    #[test]
    fn heads() {
        check("HTTP/1.1 200 OK\r\nContent-Le", None);
        check("HTTP/1.1 204 No Content\r\n\r\n", Some(Head { status: 204, length: 27, body: 0 }));
        check(
            "HTTP/1.1 200 OK\r\nA: b\r\ncontent-LENGTH:  12 \r\nB: c\r\n\r\n{\"id",
            Some(Head { status: 200, length: 53, body: 12 }),
        );
        assert!(head(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").is_err());
        assert!(head(b"nonsense\r\n\r\n").is_err());
    }
}
