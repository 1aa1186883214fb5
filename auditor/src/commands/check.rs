//! `auditor check`: what is missing, before a run finds out.

use std::{collections::BTreeMap, io::Write as _, sync::Arc};

use auditor_core::{
    engine::{CheckReport, NoObserver},
    sink::CheckItem,
};
use clap::Args;

use super::{
    ReportFormat,
    run::{Selection, engine},
};
use crate::{
    args::App,
    exit::Exit,
    failure::Failure,
    output::{self, Paint, normalized, printable, some_of},
    signals,
};

/// Try credentials, permissions and stores; say what is missing
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    selection: Selection,

    /// How the report is written
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    format: ReportFormat,
}

pub(crate) async fn execute(args: CheckArgs, app: &App) -> Result<Exit, Failure> {
    let config = app.load()?;
    let options = args.selection.options()?;
    let engine = engine(&config, &args.selection, Arc::new(NoObserver))?;
    signals::stop_on_signal(engine.cancel.clone(), app.bars.clone());
    let report = engine.check(&options).await?;
    let mut out = output::stdout();
    match args.format {
        ReportFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &report)?;
            out.write_all(b"\n")?;
        }
        ReportFormat::Text => out.write_all(matrix(&report, Paint::stdout()).as_bytes())?,
    }
    out.flush()?;
    Ok(exit(&report))
}

/// A store that does not work stops every run; a source's missing permission only leaves gaps.
fn exit(report: &CheckReport) -> Exit {
    let broken = |items: &[(String, Vec<CheckItem>)]| {
        items.iter().flat_map(|(_, items)| items).any(|item| item.problem.is_some())
    };
    if broken(&report.sinks) {
        Exit::Failed
    } else if broken(&report.sources) {
        Exit::Gaps
    } else {
        Exit::Complete
    }
}

fn matrix(report: &CheckReport, paint: Paint) -> String {
    let mut text = String::new();
    for (sort, instances) in [("sink", &report.sinks), ("source", &report.sources)] {
        for (name, items) in instances {
            text.push_str(&format!("{}\n", paint.bold(&format!("{sort} {}", printable(name)))));
            instance(&mut text, items, paint);
        }
    }
    text
}

/// One line per thing tried, each different problem below it once with everywhere it was met.
fn instance(text: &mut String, items: &[CheckItem], paint: Paint) {
    if items.is_empty() {
        text.push_str("  nothing to try\n");
    }
    let mut things: Vec<(&str, Vec<&CheckItem>)> = Vec::new();
    for item in items {
        match things.iter_mut().find(|(what, _)| *what == item.what) {
            Some((_, group)) => group.push(item),
            None => things.push((&item.what, vec![item])),
        }
    }
    let width = things.iter().map(|(what, _)| what.chars().count()).max().unwrap_or(0);
    for (what, group) in things {
        let works = group.iter().filter(|item| item.problem.is_none()).count();
        let word = if works == group.len() { paint.green("ok     ") } else { paint.red("fails  ") };
        let places = match group.as_slice() {
            [item] => item.on.clone(),
            _ => format!("{works} of {}", group.len()),
        };
        text.push_str(&format!("  {word}  {:width$}  {}\n", printable(what), printable(&places)));
        let alone = group.len() == 1;
        let mut problems: BTreeMap<String, (&str, Vec<&str>)> = BTreeMap::new();
        for item in group {
            if let Some(problem) = &item.problem {
                let same = normalized(&problem.replace(&item.on, "<account>"));
                problems.entry(same).or_insert((problem, Vec::new())).1.push(&item.on);
            }
        }
        for (problem, places) in problems.into_values() {
            let place = if alone { String::new() } else { format!("{}: ", some_of(&places, 3)) };
            text.push_str(&format!("           {}{}\n", printable(&place), printable(problem)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_problems_are_said_once() {
        let mut items = vec![CheckItem::ok("iam:GetAccountSummary", "111122223333")];
        for account in ["111122223333", "444455556666", "777788889999"] {
            let problem = format!("denied in {account}; grant it");
            items.push(CheckItem::failed("iam:GetCredentialReport", account, problem));
        }
        let report = CheckReport {
            sinks: vec![("sqlite".to_owned(), vec![CheckItem::ok("open", "auditor.db")])],
            sources: vec![("aws".to_owned(), items)],
        };
        let expected = "\
sink sqlite
  ok       open  auditor.db
source aws
  ok       iam:GetAccountSummary    111122223333
  fails    iam:GetCredentialReport  0 of 3
           111122223333, 444455556666, 777788889999: denied in 111122223333; grant it
";
        assert_eq!(matrix(&report, Paint::off()), expected);
        assert_eq!(exit(&report), Exit::Gaps);
    }
}
