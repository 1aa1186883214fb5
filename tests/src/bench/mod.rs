//! The store's benchmark: what an audit costs to store, as ratios measured in one run.
//!
//! A deterministic estate is audited five times by driving a sink as the engine does: first load, nothing changed, some
//! changed. Beside each audit the same rows are written the plain way, every row upserted in batches, and after the
//! first load by COPY into the same tables. Only the time inside the sink, or the statements, counts: making the records
//! does not. Everything runs one task after the other on one connection, so that ratios compare work, not parallelism.

mod copy;
mod drive;
mod estate;
mod plain;
mod postgres;
mod report;
mod sqlite;

use std::time::Duration;

use anyhow::Context as _;
use auditor_core::sink::Sink;

pub use estate::Estate;
use estate::Scenario;
pub use postgres::on_postgres;
use report::{Line, Table};
pub use sqlite::on_sqlite;

/// Time and log volume of one audit.
#[derive(Debug, Clone, Copy, Default)]
struct Cost {
    time: Duration,
    /// Bytes of write-ahead log. `None` where the database does not tell.
    wal_bytes: Option<u64>,
}

/// What the benchmark needs of a database beside the sink.
trait Bench {
    /// Prepares for the next measurement and starts counting the log.
    async fn start(&mut self) -> anyhow::Result<()>;

    /// Bytes of write-ahead log since `start`.
    async fn wal_bytes(&mut self) -> anyhow::Result<Option<u64>>;

    /// Upserts every row of an account into one plain table.
    async fn upsert(&mut self, account: &[auditor_core::model::Record]) -> anyhow::Result<()>;

    /// Loads the whole estate by COPY into empty tables of the store. `None` where there is no COPY.
    async fn copy(&mut self, estate: &Estate) -> anyhow::Result<Option<Duration>>;
}

async fn run(name: &str, estate: &Estate, sink: &dyn Sink, bench: &mut impl Bench) -> anyhow::Result<String> {
    let mut table = Table::new(name, estate);
    for scenario in Scenario::ALL {
        bench.start().await?;
        let (time, totals) = drive::audit(sink, estate, scenario).await?;
        let stored = Cost { time, wal_bytes: bench.wal_bytes().await? };
        table.peak_memory_bytes = peak_memory_bytes();
        bench.start().await?;
        let mut time = Duration::ZERO;
        for account in 0..estate.accounts {
            let records = estate.records(account, scenario);
            let started = std::time::Instant::now();
            bench.upsert(&records).await?;
            time += started.elapsed();
        }
        let upserted = Cost { time, wal_bytes: bench.wal_bytes().await? };
        eprintln_line(&format!("{}: {totals:?}", scenario.name()));
        table.lines.push(Line { scenario, stored, upserted });
    }
    bench.start().await?;
    table.copied = bench.copy(estate).await.context("loading by COPY")?;
    Ok(table.to_string())
}

#[expect(clippy::print_stderr, reason = "progress of a command-line tool")]
fn eprintln_line(text: &str) {
    eprintln!("{text}");
}

/// The most memory this process ever had resident.
fn peak_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}
