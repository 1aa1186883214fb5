//! The benchmark's table, as Markdown.

use std::{fmt, time::Duration};

use super::{
    Cost,
    estate::{Estate, Scenario},
};

pub(super) struct Table {
    name: String,
    estate: Estate,
    pub(super) lines: Vec<Line>,
    /// The first load by COPY.
    pub(super) copied: Option<Duration>,
    /// The most the store took beyond the records that waited for it.
    pub(super) memory_bytes: Option<u64>,
}

pub(super) struct Line {
    pub(super) scenario: Scenario,
    pub(super) stored: Cost,
    pub(super) upserted: Cost,
}

impl Table {
    pub(super) fn new(name: &str, estate: &Estate) -> Self {
        Self { name: name.to_owned(), estate: *estate, lines: Vec::new(), copied: None, memory_bytes: None }
    }

    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    fn rows(&self) -> f64 {
        (self.estate.accounts * self.estate.resources) as f64
    }

    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    fn wal_per_row(&self, cost: Cost) -> String {
        cost.wal_bytes.map_or_else(|| "–".to_owned(), |bytes| format!("{:.1}", bytes as f64 / self.rows()))
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Estate { accounts, resources, concurrency } = self.estate;
        writeln!(
            f,
            "{}: {accounts} accounts × {resources} resources of about 1 KB, {concurrency} accounts at a time\n",
            self.name
        )?;
        writeln!(
            f,
            "| audit | store, s | resources/s | WAL bytes/resource | upsert of every row, s | WAL bytes/resource | \
             upsert ÷ store |"
        )?;
        writeln!(f, "|---|--:|--:|--:|--:|--:|--:|")?;
        for line in &self.lines {
            let (stored, upserted) = (line.stored.time.as_secs_f64(), line.upserted.time.as_secs_f64());
            writeln!(
                f,
                "| {} | {stored:.2} | {:.0} | {} | {upserted:.2} | {} | {:.1} |",
                line.scenario.name(),
                self.rows() / stored,
                self.wal_per_row(line.stored),
                self.wal_per_row(line.upserted),
                upserted / stored,
            )?;
        }
        if let (Some(copied), Some(first)) = (self.copied, self.lines.first()) {
            let (copied, stored) = (copied.as_secs_f64(), first.stored.time.as_secs_f64());
            writeln!(
                f,
                "\nCOPY of the same rows into the same tables: {copied:.2} s; the first load reaches {:.0} % of that \
                 speed.",
                100.0 * copied / stored
            )?;
        }
        if let Some(bytes) = self.memory_bytes {
            let megabytes = bytes / 1_000_000;
            writeln!(f, "\nThe store took at most {megabytes} MB beside the records that waited for it.")?;
        }
        Ok(())
    }
}
