//! Where browsers may be sent: the application's own address, and what the configuration lists.
//!
//! Invariant: an address that is let through is read by every browser as it is read here; what could be read in two ways is
//! refused.

mod address;
mod compose;
mod glob;
#[cfg(test)]
mod tests;

use address::Address;

use crate::accounts::Accounts;
use crate::http::Asked;
use crate::settings::Settings;

pub use compose::{ascii, encoded, with_fragment, with_query};

/// Where a flow shall end: `redirect_to`, if that is allowed; otherwise the page that asked, if that is; otherwise the
/// application.
pub fn wanted(accounts: &Accounts, asked: &Asked) -> String {
    allowed_or_site(&accounts.settings, asked.query("redirect_to"), asked.header("referer"))
}

/// The first of the addresses that is allowed; the application's where none is.
pub fn allowed_or_site(settings: &Settings, wanted: Option<&str>, referer: Option<&str>) -> String {
    let found = [wanted, referer].into_iter().flatten().find(|to| allowed(settings, to));
    ascii(found.unwrap_or(&settings.site_url))
}

/// Whether a browser may be sent there.
pub fn allowed(settings: &Settings, to: &str) -> bool {
    let Some(address) = Address::read(to) else { return false };
    // On a developer's own machine applications run on any port.
    if settings.dev && address.is_web() && address.is_loopback() {
        return true;
    }
    if own_page(settings, to) {
        return true;
    }
    Address::read(&settings.site_url).is_some_and(|site| site.origin() == address.origin())
        || settings.redirect_urls.iter().any(|listed| fits(listed, to, &address))
}

/// Whether it is one of our own pages.
pub fn own_page(settings: &Settings, to: &str) -> bool {
    let Some((address, own)) = Address::read(to).zip(Address::read(&settings.public_url)) else {
        return false;
    };
    let below =
        to.strip_prefix(settings.public_url.as_str()).and_then(|rest| rest.strip_prefix("/auth/v1/ui"));
    own.origin() == address.origin()
        && !address.hides_separators()
        && below.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
}

/// The origin of an address, as policies of pages name it: `https://app.example.org`, or `myapp:` of an application's own
/// scheme. `None` for what is no address that a browser may be sent to.
pub fn origin(to: &str) -> Option<String> {
    let address = Address::read(to)?;
    Some(if address.is_web() { address.origin() } else { format!("{}:", address.scheme) })
}

/// Why the application's address, or an entry of the list, can mean nothing; for who writes the configuration.
pub fn unusable(entry: &str) -> Option<&'static str> {
    let scheme = entry.split_once("://").map_or("", |(scheme, _)| scheme);
    let plain = entry.replace('*', "x");
    match Address::read(&plain) {
        _ if scheme.contains('*') => Some("a scheme is written out: https://…"),
        Some(_) => None,
        None if scheme.is_empty() => Some("it must begin with https://, or the scheme of an application"),
        None => Some("it is no address that every browser reads alike"),
    }
}

/// Whether an address fits an entry of the list. An entry without a query says nothing about it.
fn fits(listed: &str, to: &str, address: &Address<'_>) -> bool {
    if listed == to {
        return true;
    }
    let bare = address.bare();
    if listed.contains('*') {
        return !address.hides_separators() && glob::fits(listed, &bare);
    }
    !listed.contains(['?', '#'])
        && Address::read(listed).is_some_and(|listed| without_slash(&listed.bare()) == without_slash(&bare))
}

/// An address with a slash at its end is the one without.
fn without_slash(bare: &str) -> &str {
    bare.strip_suffix('/').unwrap_or(bare)
}
