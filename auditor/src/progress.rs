//! Progress of a run: bars on a terminal, lines elsewhere.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use auditor_core::{
    engine::{Event, Observer},
    outcome::TaskReport,
};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::output::{count, duration, printable, stderr_line};

/// A bar per source.
pub(crate) struct Bars {
    bars: MultiProgress,
    sources: Mutex<BTreeMap<String, SourceBar>>,
}

struct SourceBar {
    bar: ProgressBar,
    with_gaps: u64,
}

impl Bars {
    pub(crate) fn new(bars: MultiProgress) -> Self {
        Self { bars, sources: Mutex::default() }
    }

    fn with(&self, source: &str, change: impl FnOnce(&mut SourceBar)) {
        if let Some(source) = self.sources.lock().unwrap_or_else(PoisonError::into_inner).get_mut(source) {
            change(source);
        }
    }

    fn begin(&self, source: &str, targets: usize) {
        let style =
            ProgressStyle::with_template("{prefix:.bold} {bar:30.cyan/dim} {pos}/{len} {elapsed:.dim} {msg}")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = self.bars.add(ProgressBar::new(targets as u64).with_style(style));
        bar.set_prefix(printable(source).into_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        sources.insert(source.to_owned(), SourceBar { bar, with_gaps: 0 });
    }
}

impl Observer for Bars {
    fn event(&self, event: Event<'_>) {
        match event {
            Event::SourcePlanned { source, targets } => self.begin(source, targets),
            Event::TaskStarted(task) => self.with(&task.source, |source| {
                source.bar.set_message(message(source.with_gaps, &task.target_name));
            }),
            Event::TaskFinished(report) => self.with(&report.task.source, |source| {
                source.with_gaps += u64::from(report.has_gaps());
                source.bar.inc(1);
            }),
            _ => {}
        }
    }
}

fn message(with_gaps: u64, target: &str) -> String {
    let target = printable(target);
    if with_gaps == 0 { target.into_owned() } else { format!("{with_gaps} with gaps · {target}") }
}

impl Drop for Bars {
    fn drop(&mut self) {
        drop(self.bars.clear());
    }
}

/// A line per source and per finished target.
#[derive(Default)]
pub(crate) struct Lines {
    planned: AtomicUsize,
    finished: AtomicUsize,
}

impl Observer for Lines {
    fn event(&self, event: Event<'_>) {
        match event {
            Event::RunStarted(run) => stderr_line(&format!("run {} started", run.id)),
            Event::SourcePlanned { source, targets } => {
                self.planned.fetch_add(targets, Ordering::Relaxed);
                stderr_line(&format!("{source}: {}", count(targets as u64, "target", "targets")));
            }
            Event::SourceFailed(failure) => {
                stderr_line(&format!("{}: targets could not be listed", failure.source));
            }
            Event::TaskRetried { task, reason } => {
                stderr_line(&printable(&format!("{} {}: once more: {reason}", task.source, task.target)));
            }
            Event::TaskFinished(report) => {
                let finished = self.finished.fetch_add(1, Ordering::Relaxed) + 1;
                let planned = self.planned.load(Ordering::Relaxed);
                stderr_line(&format!("[{finished}/{planned}] {}", printable(&finished_line(report))));
            }
            _ => {}
        }
    }
}

fn finished_line(report: &TaskReport) -> String {
    let seen: u64 =
        report.scopes.iter().filter_map(|scope| scope.result.as_ref()).map(|result| result.counts.seen).sum();
    let task = &report.task;
    let name = if task.target_name == task.account.as_str() { "" } else { &task.target_name };
    let incomplete =
        report.scopes.iter().filter(|scope| !scope.outcome.retires() || !scope.gaps.is_empty()).count();
    let ending = match (&report.store_error, incomplete) {
        (Some(_), _) => "not stored".to_owned(),
        (None, 0) => "complete".to_owned(),
        (None, some) if some == report.scopes.len() => "nothing complete".to_owned(),
        (None, some) => format!("{} incomplete", count(some as u64, "kind", "kinds")),
    };
    let took = duration(Duration::from_millis(report.duration_ms));
    let place = format!("{} {} {name}", task.source, task.account);
    format!("{}: {}, {ending} ({took})", place.trim_end(), count(seen, "record", "records"))
}
