//! What a dry run prints: per scope, what a run would write, with names.

use auditor_core::outcome::{Counts, Outcome, RunReport, ScopeReport, TaskReport};

use super::{
    Paint, count, printable,
    summary::{changes, was_compared},
};

/// Names shown per sort of change.
const SHOWN: usize = 10;

/// What a run would change, scope by scope; scopes without changes are counted, not listed.
pub(crate) fn plan(report: &RunReport, paint: Paint) -> String {
    if !was_compared(&report.totals()) {
        return "No sink of this configuration keeps a store, so there is nothing to compare with.\n\
                This was a dry run: nothing was written.\n"
            .to_owned();
    }
    let mut text = String::new();
    let mut quiet = 0_u64;
    for task in &report.tasks {
        let (loud, silent): (Vec<_>, Vec<_>) = task.scopes.iter().partition(|scope| is_news(scope));
        quiet += silent.len() as u64;
        if !loud.is_empty() || task.store_error.is_some() {
            task_heading(&mut text, task, paint);
        }
        for scope in loud {
            scope_changes(&mut text, scope, paint);
        }
    }
    match (text.is_empty(), quiet) {
        (_, 0) => {}
        (true, all) => {
            text.push_str(&format!("Nothing would change: all {} are as before.\n", listings(all)));
        }
        (false, some) => text.push_str(&format!("{} more would stay as before.\n", listings(some))),
    }
    text.push_str("This was a dry run: nothing was written.\n");
    text
}

/// Listings: one per account and kind.
fn listings(number: u64) -> String {
    count(number, "listing", "listings")
}

fn counts(scope: &ScopeReport) -> Counts {
    scope.result.as_ref().map(|result| result.counts).unwrap_or_default()
}

fn is_news(scope: &ScopeReport) -> bool {
    let counts = counts(scope);
    let changed = counts.new + counts.changed + counts.returned + counts.removed + counts.held;
    changed > 0 || scope.outcome != Outcome::Complete
}

fn task_heading(text: &mut String, task: &TaskReport, paint: Paint) {
    let name = if task.task.target_name == task.task.account.as_str() {
        String::new()
    } else {
        format!(" {}", task.task.target_name)
    };
    let heading = format!("{} {}{name}", task.task.source, task.task.account);
    text.push_str(&format!("{}\n", paint.bold(&printable(&heading))));
}

fn scope_changes(text: &mut String, scope: &ScopeReport, paint: Paint) {
    let what = changes(&counts(scope));
    let what = if what.is_empty() { "no change".to_owned() } else { what };
    let outcome = match scope.outcome {
        Outcome::Complete => String::new(),
        other => format!(" ({})", paint.yellow(other.as_str())),
    };
    text.push_str(&format!("  {}{outcome}: {what}\n", scope.kind));
    let Some(result) = &scope.result else { return };
    for (sort, ids) in &result.examples {
        let sign = match sort.as_str() {
            "new" => paint.green("+"),
            "removed" | "held" => paint.red("-"),
            "returned" => paint.green("^"),
            _ => paint.yellow("~"),
        };
        for id in ids.iter().take(SHOWN) {
            text.push_str(&format!("    {sign} {}\n", printable(id)));
        }
        let all = total(&result.counts, sort).max(ids.len() as u64);
        let shown = ids.len().min(SHOWN) as u64;
        if all > shown {
            text.push_str(&format!("    {sign} … and {} more {sort}\n", all - shown));
        }
    }
}

fn total(counts: &Counts, sort: &str) -> u64 {
    match sort {
        "new" => counts.new,
        "changed" => counts.changed,
        "removed" => counts.removed,
        "returned" => counts.returned,
        "held" => counts.held,
        _ => 0,
    }
}
