//! Who asks, from where and when: what the audit log and the limits want to know of every step.

use std::net::{IpAddr, Ipv4Addr};

use crate::data::Time;

/// The most characters of a client's name that are remembered.
const AGENT_MOST: usize = 512;

/// A request, as far as flows look at it.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The client's address, from the socket; `None` for commands.
    pub ip: Option<IpAddr>,
    /// What the client calls itself.
    pub agent: String,
    /// What the cookie of a device says that has been here before.
    pub device: Option<String>,
    /// The id of the request.
    pub request_id: String,
    /// When it came.
    pub now: Time,
}

impl Visit {
    /// A visit.
    pub fn new(ip: Option<IpAddr>, agent: &str, request_id: &str, now: i64) -> Self {
        let agent = agent.chars().filter(|c| !c.is_control()).take(AGENT_MOST).collect();
        Self { ip, agent, device: None, request_id: request_id.to_owned(), now: Time(now) }
    }

    /// A command's visit.
    pub fn command(now: i64) -> Self {
        Self::new(None, "bistro", "command", now)
    }

    /// The address as text.
    pub fn address(&self) -> Option<String> {
        self.ip.map(|ip| ip.to_string())
    }

    /// The address, or one that stands for commands.
    pub fn ip_or_none(&self) -> IpAddr {
        self.ip.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
    }
}
