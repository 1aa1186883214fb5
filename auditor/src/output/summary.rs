//! What a run ends with: what was seen, what changed, what could not be seen and what would close it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use auditor_core::outcome::{Counts, RunReport, RunStatus};

use super::{FoundGap, GapPlace, Paint, Table, count, gap_list, printable};

/// The summary of a run, for people.
pub(crate) fn summary(report: &RunReport, paint: Paint) -> String {
    let mut text = String::new();
    headline(&mut text, report, paint);
    for (source, kinds) in counts_by_source(report) {
        let accounts = accounts_of(report, &source);
        let heading = format!("{} ({})", printable(&source), count(accounts, "account", "accounts"));
        text.push_str(&format!("\n{}\n{}", paint.bold(&heading), counts_table(&kinds)));
    }
    gaps(&mut text, report, paint);
    held(&mut text, report, paint);
    text
}

fn headline(text: &mut String, report: &RunReport, paint: Paint) {
    let status = report.status();
    let word = match status {
        RunStatus::Complete => paint.green("complete"),
        RunStatus::Gaps if report.stopped => paint.yellow("stopped, with gaps"),
        RunStatus::Gaps => paint.yellow("finished with gaps"),
        RunStatus::Held => paint.yellow("removals held"),
        RunStatus::Failed => paint.red("failed"),
    };
    let totals = report.totals();
    let changed = totals.new + totals.changed + totals.removed + totals.returned + totals.held;
    let what = if totals.seen == 0 && changed == 0 {
        "nothing was seen".to_owned()
    } else if !was_compared(&totals) {
        count(totals.seen, "record seen", "records seen")
    } else if changed == 0 {
        let all = if totals.unchanged == totals.seen { "all " } else { "" };
        format!("nothing changed, {all}{} as before", count(totals.unchanged, "record", "records"))
    } else {
        changes(&totals)
    };
    let sort = if report.run.plan_only { "Plan" } else { "Run" };
    text.push_str(&format!("{sort} {}: {word} in {}: {what}\n", report.run.id, duration(report.duration())));
}

/// `3 new, 1 changed`: what there is of each, in words.
pub(super) fn changes(counts: &Counts) -> String {
    let parts: Vec<_> = [
        (counts.new, "new"),
        (counts.changed, "changed"),
        (counts.returned, "returned"),
        (counts.removed, "removed"),
        (counts.held, "removals held"),
        (counts.unchanged, "unchanged"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, word)| format!("{number} {word}"))
    .collect();
    parts.join(", ")
}

/// `0.4 s`, `2 min 5 s`, `1 h 3 min`.
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

fn accounts_of(report: &RunReport, source: &str) -> u64 {
    let tasks = report.tasks.iter().filter(|task| task.task.source == source);
    tasks.map(|task| &task.task.account).collect::<BTreeSet<_>>().len() as u64
}

fn counts_by_source(report: &RunReport) -> BTreeMap<String, BTreeMap<String, Counts>> {
    let mut sources: BTreeMap<String, BTreeMap<String, Counts>> = BTreeMap::new();
    for task in &report.tasks {
        let kinds = sources.entry(task.task.source.clone()).or_default();
        for scope in &task.scopes {
            *kinds.entry(scope.kind.clone()).or_default() +=
                scope.result.as_ref().map(|result| result.counts).unwrap_or_default();
        }
    }
    sources
}

/// The columns every table has, and those it has only where there is something to say.
const ALWAYS: usize = 5;
/// A heading, and the number below it.
type CountColumn = (&'static str, fn(&Counts) -> u64);
const COLUMNS: [CountColumn; 9] = [
    ("seen", |counts| counts.seen),
    ("new", |counts| counts.new),
    ("changed", |counts| counts.changed),
    ("unchanged", |counts| counts.unchanged),
    ("removed", |counts| counts.removed),
    ("returned", |counts| counts.returned),
    ("held", |counts| counts.held),
    ("duplicate", |counts| counts.duplicates),
    ("refused", |counts| counts.quarantined),
];

/// Whether a sink compared what was seen with what it knew; streams do not.
pub(super) fn was_compared(totals: &Counts) -> bool {
    let Counts { seen, new, changed, unchanged, returned, removed, held, quarantined, .. } = *totals;
    seen == 0 || new + changed + unchanged + returned + removed + held + quarantined > 0
}

fn counts_table(kinds: &BTreeMap<String, Counts>) -> String {
    let mut totals = Counts::default();
    for counts in kinds.values() {
        totals += *counts;
    }
    let always = if was_compared(&totals) { ALWAYS } else { 1 };
    let columns: Vec<_> =
        COLUMNS.iter().enumerate().filter(|(i, (_, of))| *i < always || of(&totals) > 0).collect();
    let header = std::iter::once("kind").chain(columns.iter().map(|(_, (name, _))| *name));
    let mut table = Table::new(header).right(1..=columns.len()).indent(2);
    let row = |name: &str, counts: &Counts| {
        let numbers = columns.iter().map(|(_, (_, of))| match of(counts) {
            0 => "·".to_owned(),
            number => number.to_string(),
        });
        std::iter::once(name.to_owned()).chain(numbers).collect::<Vec<_>>()
    };
    for (kind, counts) in kinds {
        table.row(row(kind, counts));
    }
    if kinds.len() > 1 {
        table.row(row("total", &totals));
    }
    table.render(None)
}

fn found_gaps(report: &RunReport) -> Vec<FoundGap<'_>> {
    let mut found: Vec<FoundGap<'_>> =
        report.failures.iter().map(|failure| (failure.source.as_str(), &failure.gap, None)).collect();
    for task in &report.tasks {
        let (source, account) = (task.task.source.as_str(), task.task.account.as_str());
        let whole = GapPlace { account, kind: None };
        found.extend(task.store_error.iter().map(|gap| (source, gap, Some(whole))));
        for scope in &task.scopes {
            let place = GapPlace { account, kind: Some(&scope.kind) };
            found.extend(scope.gaps.iter().map(|gap| (source, gap, Some(place))));
        }
    }
    found
}

fn gaps(text: &mut String, report: &RunReport, paint: Paint) {
    let list = gap_list(found_gaps(report).into_iter(), paint);
    if !list.is_empty() {
        let stored = report.tasks.iter().all(|task| task.store_error.is_none());
        let title = if stored { "What could not be seen" } else { "What could not be seen or stored" };
        text.push_str(&format!("\n{}\n{list}", paint.bold(title)));
        text.push_str("  Nothing that was known there before was retired for it.\n");
    }
}

fn held(text: &mut String, report: &RunReport, paint: Paint) {
    let scopes: Vec<_> = report
        .tasks
        .iter()
        .flat_map(|task| task.scopes.iter().map(move |scope| (&task.task, scope)))
        .filter_map(|(task, scope)| {
            let held = scope.result.as_ref().map_or(0, |result| result.counts.held);
            (held > 0)
                .then(|| format!("  {} {} of {}", task.account, count(held, "record", "records"), scope.kind))
        })
        .collect();
    if scopes.is_empty() {
        return;
    }
    text.push_str(&format!("\n{}\n", paint.bold("Removals that wait for a person")));
    for line in scopes.iter().take(20) {
        text.push_str(&format!("{line}\n"));
    }
    if scopes.len() > 20 {
        text.push_str(&format!("  and {} more\n", scopes.len() - 20));
    }
    let guard = report.run.removal_guard;
    let share = guard.max_share * 100.0;
    text.push_str(&format!(
        "  The listings are complete but lack more than {share:.0} % of what was known (`run.max_removal_share`),\n  \
         which is more often a mistake than a fact. If it is a fact: `auditor run --accept-removals`.\n"
    ));
}

#[cfg(test)]
mod tests {
    use auditor_core::outcome::{
        Gap, GapReason, Outcome, RemovalGuard, RunInfo, ScopeReport, ScopeResult, TaskInfo, TaskReport,
    };

    use super::*;

    fn task(account: &str, scopes: Vec<ScopeReport>) -> TaskReport {
        TaskReport {
            task: TaskInfo {
                run: uuid::Uuid::nil(),
                source: "aws".to_owned(),
                target: account.to_owned(),
                target_name: account.to_owned(),
                account: account.parse().unwrap(),
                observed_at: "2026-01-01T00:00:00Z".parse().unwrap(),
            },
            scopes,
            store_error: None,
            duration_ms: 10,
        }
    }

    fn scope(kind: &str, counts: Counts, gaps: Vec<Gap>) -> ScopeReport {
        let outcome = if gaps.is_empty() { Outcome::Complete } else { Outcome::Denied };
        let result = Some(ScopeResult { counts, ..ScopeResult::default() });
        ScopeReport { kind: kind.to_owned(), outcome, gaps, result }
    }

    fn report(tasks: Vec<TaskReport>) -> RunReport {
        RunReport {
            narrowed: false,
            run: RunInfo {
                id: uuid::Uuid::nil(),
                started_at: "2026-01-01T00:00:00Z".parse().unwrap(),
                version: "1".to_owned(),
                plan_only: false,
                accept_removals: false,
                removal_guard: RemovalGuard::default(),
            },
            finished_at: "2026-01-01T00:00:01.5Z".parse().unwrap(),
            stopped: false,
            tasks,
            failures: Vec::new(),
        }
    }

    #[test]
    fn an_unchanged_estate_is_said_to_be_so() {
        let counts = Counts { seen: 3, unchanged: 3, ..Counts::default() };
        let report = report(vec![task("111122223333", vec![scope("account", counts, Vec::new())])]);
        let expected = "\
Run 00000000-0000-0000-0000-000000000000: complete in 1.5 s: nothing changed, all 3 records as before

aws (1 account)
  kind     seen  new  changed  unchanged  removed
  ───────────────────────────────────────────────
  account     3    ·        ·          3        ·
";
        // The rule's length is the table's business.
        let found = summary(&report, Paint::off());
        let strip = |text: &str| text.replace('─', "");
        assert_eq!(strip(&found), strip(expected));
    }

    #[test]
    fn the_same_gap_in_many_accounts_is_one_entry() {
        let denied = |account: u64| {
            let gap = Gap::new(
                GapReason::Denied,
                format!("`iam:ListUsers` was denied: arn:aws:sts::{account}:assumed-role/a"),
            )
            .with_hint("grant `iam:ListUsers` to the auditing identity");
            let account = account.to_string();
            task(&account, vec![scope("aws_iam_user", Counts::default(), vec![gap])])
        };
        let report = report((0..5).map(|i| denied(111_122_223_330 + i)).collect());
        let text = summary(&report, Paint::off());
        assert_eq!(text.matches("to close it").count(), 1, "{text}");
        assert!(
            text.contains("denied  5 accounts: 111122223330, 111122223331, 111122223332 and 2 more"),
            "{text}"
        );
        assert!(text.starts_with("Run 00000000-0000-0000-0000-000000000000: finished with gaps"), "{text}");
        assert!(!text.contains("for instance"), "they differ in nothing but the account: {text}");
    }

    #[test]
    fn held_removals_say_how_to_let_them_through() {
        let counts = Counts { seen: 1, unchanged: 1, held: 40, ..Counts::default() };
        let report = report(vec![task("111122223333", vec![scope("aws_iam_user", counts, Vec::new())])]);
        let text = summary(&report, Paint::off());
        assert!(text.contains("40 removals held"), "{text}");
        assert!(text.contains("111122223333 40 records of aws_iam_user"), "{text}");
        assert!(text.contains("--accept-removals"), "{text}");
    }

    #[test]
    fn durations_read_well() {
        for (ms, expected) in
            [(400, "0.4 s"), (12_000, "12 s"), (125_000, "2 min 5 s"), (3_780_000, "1 h 3 min")]
        {
            assert_eq!(duration(Duration::from_millis(ms)), expected);
        }
    }
}
