//! Free ports below those that the system gives to outgoing connections: a port there could be taken by a client that
//! tries to reach the very server which is about to use it.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::TcpListener;

const FIRST: u64 = 12_000;
const COUNT: u64 = 20_000;

/// A port of the loopback interface that nobody listens on now.
pub(crate) fn free() -> u16 {
    loop {
        let port = (FIRST + RandomState::new().hash_one(std::process::id()) % COUNT) as u16;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
