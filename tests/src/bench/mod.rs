//! The store's benchmark: what an audit costs to store, as ratios measured in one run.
//!
//! A deterministic estate is audited five times by driving a sink as the engine does: first load, nothing changed, some
//! changed. Beside each audit the same rows are written the plain way, every row upserted in batches, and after the
//! first load by COPY into the same tables. Only the time inside the sink, or the statements, counts: making the records
//! does not. All three work on as many accounts at a time, over as many connections, so that ratios compare work and not
//! parallelism.

mod copy;
mod drive;
mod estate;
mod memory;
mod plain;
mod postgres;
mod report;
mod sqlite;

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use auditor_core::sink::Sink;

use drive::{Done, Group, on_accounts};
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
trait Bench: Send + Sync + 'static {
    /// Prepares for the next measurement and starts counting the log.
    async fn start(&mut self) -> anyhow::Result<()>;

    /// Bytes of write-ahead log since `start`.
    async fn wal_bytes(&mut self) -> anyhow::Result<Option<u64>>;

    /// What upserts every row of some accounts into one plain table.
    fn upsert(&self) -> impl Fn(Arc<Group>) -> Upserting;

    /// Loads the whole estate by COPY into empty tables of the store. `None` where there is no COPY.
    async fn copy(&mut self, estate: &Estate) -> anyhow::Result<Option<Duration>>;
}

/// Rows on their way into the plain table.
type Upserting = futures::future::BoxFuture<'static, anyhow::Result<()>>;

async fn run(
    name: &str,
    estate: &Estate,
    sink: &Arc<dyn Sink>,
    bench: &mut impl Bench,
) -> anyhow::Result<String> {
    let mut table = Table::new(name, estate);
    for scenario in Scenario::ALL {
        bench.start().await?;
        let (done, totals) = drive::audit(sink, estate, scenario).await?;
        let stored = Cost { time: done.time, wal_bytes: bench.wal_bytes().await? };
        table.memory_bytes = table.memory_bytes.max(done.memory_bytes);
        bench.start().await?;
        let Done { time, .. } = on_accounts(estate, scenario, 1, bench.upsert()).await?;
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
