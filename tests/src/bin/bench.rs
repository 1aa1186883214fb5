//! `cargo run --release -p auditor-testbed --bin bench -- --accounts 1000 --resources 1000 --postgres-url …`
//!
//! Prints the table of `docs/benchmarks.md`; see [`auditor_testbed::bench`] for what is measured.

use std::path::PathBuf;

use auditor_testbed::bench::{Estate, on_postgres, on_sqlite};
use clap::Parser;

/// Measures what an audit costs to store, beside COPY and beside upserting every row.
#[derive(Parser)]
struct Options {
    /// Accounts; each is one task.
    #[arg(long, default_value_t = 100)]
    accounts: usize,
    /// Resources per account.
    #[arg(long, default_value_t = 1000)]
    resources: usize,
    /// Accounts worked on at the same time, by the store and by what it is compared with. The engine's default is 16
    #[arg(long, default_value_t = 16)]
    concurrency: usize,
    /// URL of an administrator of a PostgreSQL server; the databases `auditor_bench_*` on it are made and dropped.
    #[arg(long)]
    postgres_url: Option<String>,
    /// A SQLite file to make.
    #[arg(long)]
    sqlite: Option<PathBuf>,
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "the table is what this program is for")]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let Options { accounts, resources, concurrency, .. } = options;
    let estate = Estate { accounts, resources, concurrency };
    anyhow::ensure!(
        options.postgres_url.is_some() || options.sqlite.is_some(),
        "name a database: --postgres-url or --sqlite"
    );
    // On a thread of the runtime, as the engine's tasks are, and not on this one, which it would have to wake each time.
    if let Some(url) = options.postgres_url {
        println!("{}", tokio::spawn(async move { on_postgres(&url, &estate).await }).await??);
    }
    if let Some(path) = options.sqlite {
        println!("{}", tokio::spawn(async move { on_sqlite(&path, &estate).await }).await??);
    }
    Ok(())
}
