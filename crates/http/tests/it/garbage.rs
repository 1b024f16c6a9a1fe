//! Whatever strangers send, the answer is a refusal and the server lives.

use bistro_http::{Config, Limits};
use tokio::io::AsyncWriteExt;

use crate::harness::{PUBLISHABLE, check, quick, read, start, status};

/// A small generator, so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

/// A whole request with some bytes changed, removed or doubled.
fn mutated(dice: &mut Dice) -> Vec<u8> {
    let mut bytes = format!(
        "POST /data/x?a=b HTTP/1.1\r\nhost: localhost\r\napikey: {PUBLISHABLE}\r\nconnection: close\r\n\
         content-length: 5\r\norigin: http://a.example\r\naccept: */*\r\n\r\nhello"
    )
    .into_bytes();
    for _ in 0..=dice.roll(6) {
        let at = dice.roll(bytes.len());
        match dice.roll(4) {
            0 => bytes[at] = dice.roll(256) as u8,
            1 => drop(bytes.remove(at)),
            2 => bytes.truncate(at.max(1)),
            _ => bytes.extend_from_within(at..),
        }
    }
    bytes
}

#[tokio::test]
async fn garbage_never_breaks_the_server() {
    let short = std::time::Duration::from_millis(40);
    let limits =
        Limits { header_time: short, body_idle: short, body_time: short, idle_time: short, ..quick() };
    let running = start(Config { limits, ..Config::default() }).await;
    let mut dice = Dice(7);
    for round in 0..400 {
        let bytes = match round % 4 {
            0 => (0..=dice.roll(300)).map(|_| dice.roll(256) as u8).collect(),
            1 => [
                b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
                (0..60).map(|_| dice.roll(256) as u8).collect(),
            ]
            .concat(),
            _ => mutated(&mut dice),
        };
        let mut stream = running.connect().await;
        let _ = stream.write_all(&bytes).await;
        if round % 4 == 1 {
            // HTTP/2 frames are no text; that the connection ends is enough.
            drop(stream);
            continue;
        }
        let answer = read(&mut stream).await;
        assert!(answer.is_empty() || status(&answer) < 500, "{bytes:?}: {answer}");
    }
    assert_eq!(running.server.metrics().panics(), 0);
    check(&running.ask("GET /health/live", &[]).await, 200, &["live"]);
}
