//! Log messages, on standard error.

use std::io;

use clap::ValueEnum;
use indicatif::MultiProgress;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use crate::output::Paint;

/// How log messages are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// What is logged unless `RUST_LOG` says otherwise: warnings and errors, since the summary says the rest. `kube_client`
/// logs an error for each attempt that fails, which the engine tries again and reports if that does not help.
const DEFAULT: &str = "warn,kube_client=off";

/// Starts logging.
pub(crate) fn init(format: LogFormat, bars: &MultiProgress) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(DEFAULT));
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(AboveBars { bars: bars.clone() });
    match format {
        LogFormat::Text => builder.with_target(false).with_ansi(Paint::stderr().is_on()).init(),
        LogFormat::Json => builder.json().flatten_event(true).with_current_span(false).init(),
    }
}

/// Writes to standard error without tearing the progress bars.
struct AboveBars {
    bars: MultiProgress,
}

impl<'a> MakeWriter<'a> for AboveBars {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

impl io::Write for &AboveBars {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bars.suspend(|| io::Write::write_all(&mut io::stderr(), bytes))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::Write::flush(&mut io::stderr())
    }
}
