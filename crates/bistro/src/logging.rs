//! Structured logs on standard error: for people on a terminal, one JSON object a line otherwise.

use tracing_subscriber::EnvFilter;

use crate::config::{Format, Settings};
use crate::error::Failure;
use crate::terminal;

/// Starts the log. Fails if `log.level` cannot be read.
pub(crate) fn start(settings: &Settings) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&settings.log.level).map_err(|error| Failure::Config {
        place: "log.level".into(),
        message: error.to_string(),
        hint: Some("write info, or directives such as info,bistro_rest=debug".into()),
    })?;
    let pretty = match settings.log.format {
        Format::Auto => terminal::interactive(),
        Format::Pretty => true,
        Format::Json => false,
    };
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if pretty {
        builder.compact().with_ansi(terminal::colour()).try_init()
    } else {
        builder.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init()
    };
    started.map_err(|error| Failure::Usage(format!("the log cannot be started: {error}")))
}
