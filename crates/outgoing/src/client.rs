//! The client: GET, and POST of forms and JSON.

use std::sync::Arc;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rustls::crypto::aws_lc_rs;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::Semaphore;
use ureq::http::Uri;
use ureq::tls::{TlsConfig, TlsProvider};
use ureq::unversioned::transport::DefaultConnector;

use crate::allow::Allow;
use crate::error::OutgoingError;
use crate::guard::{Guard, judged};

/// Requests at once; more wait within their time.
const AT_ONCE: usize = 32;

/// What forms leave as it is.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What an answer may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The bytes of a body.
    pub bytes: u64,
    /// The time of it all: waiting, names, connections, redirects, the body.
    pub time: Duration,
    /// How many redirects are followed. Only requests without headers of their own follow any.
    pub redirects: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 1 << 20, time: Duration::from_secs(10), redirects: 0 }
    }
}

/// An answer, whatever its status.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, OutgoingError> {
        // The parser's error may quote the body, so only its place is told.
        serde_json::from_slice(&self.body).map_err(|error| {
            OutgoingError::Unreadable(format!(
                "no such JSON at line {} column {}",
                error.line(),
                error.column()
            ))
        })
    }

    /// The body as text.
    pub fn text(self) -> Result<String, OutgoingError> {
        String::from_utf8(self.body).map_err(|_| OutgoingError::Unreadable("it is not UTF-8".into()))
    }
}

/// A request on its way to the thread that makes it.
struct Request {
    address: String,
    headers: Vec<(String, String)>,
    /// The content type and the body of a POST.
    body: Option<(&'static str, String)>,
}

/// The guarded client. Cheap to clone; nothing is kept between requests but the limit of how many run.
#[derive(Clone)]
pub struct Client {
    agent: ureq::Agent,
    allow: Arc<Allow>,
    limits: Limits,
    seats: Arc<Semaphore>,
}

impl Client {
    /// A client with the limits that are usual: 1 MiB, ten seconds, no redirects.
    pub fn new(allow: Allow) -> Self {
        Self::with_limits(allow, Limits::default())
    }

    /// A client with limits of its own.
    pub fn with_limits(allow: Allow, limits: Limits) -> Self {
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
            .build();
        let config = ureq::Agent::config_builder()
            .tls_config(tls)
            // Security: a proxy of the environment would resolve names behind the guard's back.
            .proxy(None)
            .max_redirects(limits.redirects)
            .timeout_global(Some(limits.time))
            .http_status_as_error(false)
            // A connection that was kept may have gone stale, and codes cannot be sent twice.
            .max_idle_connections(0)
            .user_agent(concat!("bistro/", env!("CARGO_PKG_VERSION")))
            .accept("application/json");
        let guard = Guard::new(allow.clone());
        let agent = ureq::Agent::with_parts(config.build(), DefaultConnector::default(), guard);
        Self { agent, allow: Arc::new(allow), limits, seats: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// Asks for what is at an address.
    pub async fn get(&self, address: &str, headers: &[(&str, &str)]) -> Result<Answer, OutgoingError> {
        self.send(address, headers, None).await
    }

    /// Sends a form.
    pub async fn post_form(
        &self,
        address: &str,
        headers: &[(&str, &str)],
        form: &[(&str, &str)],
    ) -> Result<Answer, OutgoingError> {
        let body = Some(("application/x-www-form-urlencoded", form_text(form)));
        self.send(address, headers, body).await
    }

    /// Sends JSON.
    pub async fn post_json(
        &self,
        address: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Result<Answer, OutgoingError> {
        self.send(address, headers, Some(("application/json", body.to_string()))).await
    }

    async fn send(
        &self,
        address: &str,
        headers: &[(&str, &str)],
        body: Option<(&'static str, String)>,
    ) -> Result<Answer, OutgoingError> {
        let uri: Uri = address.parse().map_err(|_| OutgoingError::Address("it cannot be read".into()))?;
        judged(&self.allow, &uri)?;
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let request = Request { address: address.to_owned(), headers, body };
        let waited = tokio::time::timeout(self.limits.time, Arc::clone(&self.seats).acquire_owned()).await;
        let seat = waited.map_err(|_| self.timed_out())?;
        let client = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            // Held here, so that a caller who goes away does not make room for a request more.
            let _seat = seat;
            client.run(request)
        });
        done.await.unwrap_or_else(|_| Err(OutgoingError::Failed("asking it ended early".into())))
    }

    /// Blocks until the answer is there.
    fn run(&self, request: Request) -> Result<Answer, OutgoingError> {
        let redirects =
            if request.headers.is_empty() && request.body.is_none() { self.limits.redirects } else { 0 };
        let answer = match request.body {
            None => {
                let get = self.agent.get(&request.address).config().max_redirects(redirects).build();
                let get = request.headers.iter().fold(get, |get, (name, value)| get.header(name, value));
                get.call()
            }
            Some((kind, body)) => {
                let post = self.agent.post(&request.address).config().max_redirects(0).build();
                let post = request.headers.iter().fold(post, |post, (name, value)| post.header(name, value));
                post.header("content-type", kind).send(body)
            }
        };
        let mut answer = answer.map_err(|error| self.told(error))?;
        let body = answer.body_mut().with_config().limit(self.limits.bytes).read_to_vec();
        Ok(Answer { status: answer.status().as_u16(), body: body.map_err(|error| self.told(error))? })
    }

    fn told(&self, error: ureq::Error) -> OutgoingError {
        match error {
            ureq::Error::Timeout(_) => self.timed_out(),
            ureq::Error::BodyExceedsLimit(_) => OutgoingError::TooLarge(self.limits.bytes >> 10),
            ureq::Error::TooManyRedirects => OutgoingError::Redirects(self.limits.redirects),
            ureq::Error::Other(inner) => match inner.downcast::<OutgoingError>() {
                Ok(own) => *own,
                Err(other) => OutgoingError::Failed(other.to_string()),
            },
            // The text quotes the address, which may hold secrets.
            ureq::Error::BadUri(_) => OutgoingError::Address("it cannot be read".into()),
            other => OutgoingError::Failed(other.to_string()),
        }
    }

    fn timed_out(&self) -> OutgoingError {
        OutgoingError::TimedOut(self.limits.time.as_secs())
    }
}

/// The pairs of a form, encoded.
fn form_text(pairs: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| {
        format!("{}={}", utf8_percent_encode(name, FORM), utf8_percent_encode(value, FORM))
    };
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests;
