//! Ctrl-C and SIGTERM: the first stops cleanly, the second at once.

use std::process;

use indicatif::MultiProgress;
use tokio_util::sync::CancellationToken;

use crate::output::stderr_line;

/// What a process ended by a second signal exits with: 128 and the number of SIGINT, as shells say it.
const KILLED: i32 = 130;

/// Fires `cancel` at the first signal; the second ends the process.
pub(crate) fn stop_on_signal(cancel: CancellationToken, bars: MultiProgress) {
    tokio::spawn(async move {
        wait().await;
        cancel.cancel();
        bars.suspend(|| {
            stderr_line("stopping: what is complete is kept, the rest becomes a gap (again to stop at once)");
        });
        wait().await;
        #[expect(clippy::exit, reason = "asked for twice; every store is readable whenever it is cut off")]
        process::exit(KILLED);
    });
}

#[cfg(unix)]
async fn wait() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        },
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

#[cfg(not(unix))]
async fn wait() {
    drop(tokio::signal::ctrl_c().await);
}
