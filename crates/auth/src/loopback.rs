//! Which names of hosts mean this machine: what the open development server insists on.

use std::net::IpAddr;

/// Whether a `Host` header names this machine.
pub fn loopback_host(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((name, port)) if port.is_empty() || port_only(port) => name,
            _ => return false,
        },
        None => match host.find(':') {
            Some(at) if port_only(&host[at..]) => &host[..at],
            Some(_) => return false,
            None => host,
        },
    };
    let name = name.to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether an `Origin` header names a page of this machine.
pub fn loopback_origin(origin: &str) -> bool {
    let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    host.is_some_and(loopback_host)
}

fn port_only(text: &str) -> bool {
    text.strip_prefix(':').is_some_and(|digits| digits.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::{loopback_host, loopback_origin};

    #[test]
    fn only_names_of_this_machine_pass() {
        let good = [
            "localhost",
            "LOCALHOST:4000",
            "app.localhost:1",
            "127.0.0.1",
            "127.9.9.9:80",
            "[::1]",
            "[::1]:4000",
        ];
        let bad = [
            "",
            "example.com",
            "localhost.example.com",
            "127.0.0.1.example.com",
            "localhost:x",
            "[::1",
            "[::1]x",
            "10.0.0.1",
            "::1",
            "0.0.0.0:4000",
            "evil@localhost",
            "localhost:80:80",
            "xlocalhost",
        ];
        for host in good {
            assert!(loopback_host(host), "{host}");
            assert!(loopback_origin(&format!("http://{host}")), "{host}");
        }
        for host in bad {
            assert!(!loopback_host(host), "{host}");
            assert!(!loopback_origin(&format!("https://{host}")), "{host}");
        }
        for origin in ["null", "localhost", "file://localhost", "http://localhost/path"] {
            assert!(!loopback_origin(origin), "{origin}");
        }
    }
}
