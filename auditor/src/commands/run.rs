//! `auditor run`: collects and stores.

use std::sync::Arc;

use auditor_core::{
    config::{Config, SourceInstance},
    engine::{Engine, EngineAnalyzer, EngineSink, EngineSource, NoObserver, Observer, RunOptions},
    model::AccountId,
    outcome::{RunReport, RunStatus},
    registry,
};
use auditor_store::registry::store_plugin;
use clap::Args;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::ReportFormat;
use crate::{
    args::App,
    exit::Exit,
    failure::Failure,
    output::{self, Paint, stderr_line},
    progress::{Bars, Lines},
    signals,
};

/// Collect from every enabled source and store what changed
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) selection: Selection,

    /// Dry run: write nothing, print what would be new, changed and removed
    #[arg(long)]
    plan: bool,

    /// Carry out removals that the guard would hold
    #[arg(long)]
    accept_removals: bool,

    /// How the report is written: text to standard error, JSON to standard output
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    format: ReportFormat,
}

/// What to look at; default: everything.
#[derive(Debug, Args)]
pub(crate) struct Selection {
    /// Only this source, by its name in the configuration (repeatable)
    #[arg(long = "source", value_name = "NAME")]
    pub(crate) sources: Vec<String>,

    /// Only targets of this account (repeatable)
    #[arg(long = "account", value_name = "ACCOUNT")]
    pub(crate) accounts: Vec<AccountId>,

    /// Only this kind (repeatable)
    #[arg(long = "kind", value_name = "KIND")]
    pub(crate) kinds: Vec<String>,
}

pub(crate) async fn execute(args: RunArgs, app: &App) -> Result<Exit, Failure> {
    let config = app.load()?;
    let options = RunOptions {
        plan_only: args.plan,
        accept_removals: args.accept_removals,
        ..args.selection.options()?
    };
    let observer: Arc<dyn Observer> = if app.quiet {
        Arc::new(NoObserver)
    } else if app.bars.is_hidden() {
        Arc::new(Lines::default())
    } else {
        Arc::new(Bars::new(app.bars.clone()))
    };
    let engine = engine(&config, &args.selection, observer)?;
    if engine.sinks.is_empty() {
        return Err(Failure::usage(format!("no sink is enabled in `{}`", config.file.display()))
            .with_hint("add one, for instance `[sinks.sqlite]` with `path = \"auditor.db\"`"));
    }
    signals::stop_on_signal(engine.cancel.clone(), app.bars.clone());
    let report = engine.run(&options).await?;
    drop(engine);
    print(&report, args.format, &config)?;
    Ok(report.status().into())
}

impl Selection {
    /// The engine's options, unknown kinds refused.
    pub(crate) fn options(&self) -> Result<RunOptions, Failure> {
        let kinds = registry::kinds();
        for kind in &self.kinds {
            if !kinds.iter().any(|known| known.name == kind) {
                return Err(Failure::unknown("kind", kind, kinds.iter().map(|known| known.name)));
            }
        }
        Ok(RunOptions {
            accounts: self.accounts.clone(),
            kinds: self.kinds.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..RunOptions::default()
        })
    }

    fn sources<'a>(&self, config: &'a Config) -> Result<Vec<&'a SourceInstance>, Failure> {
        for name in &self.sources {
            let found = config.sources.iter().find(|source| source.instance.name == *name);
            match found {
                None => {
                    return Err(unknown_source(name, config));
                }
                Some(source) if !source.settings.enabled => {
                    return Err(Failure::usage(format!("source `{name}` is switched off"))
                        .with_hint(format!("set `enabled = true` in `[sources.{name}]`")));
                }
                Some(_) => {}
            }
        }
        let wanted = |source: &&SourceInstance| {
            self.sources.is_empty() || self.sources.contains(&source.instance.name)
        };
        let chosen: Vec<_> = config.enabled_sources().filter(wanted).collect();
        if chosen.is_empty() {
            return Err(Failure::usage(format!("no source is enabled in `{}`", config.file.display()))
                .with_hint(
                    "add one below `[sources]`, or set `enabled = true`; `auditor plugins` lists the types",
                ));
        }
        Ok(chosen)
    }
}

/// A name that no source of the file has. Types are easily taken for names.
fn unknown_source(name: &str, config: &Config) -> Failure {
    let of_type: Vec<_> = config
        .sources
        .iter()
        .filter(|source| source.plugin.name == name)
        .map(|source| format!("`{}`", source.instance.name))
        .collect();
    if !of_type.is_empty() {
        return Failure::usage(format!("`{name}` is a type of sources, not the name of one"))
            .with_hint(format!("sources of this type are called {}", of_type.join(", ")));
    }
    if registry::sources().iter().any(|plugin| plugin.name == name) {
        return Failure::usage(format!("`{}` has no source of the type `{name}`", config.file.display()))
            .with_hint(format!("add `[sources.{name}]`; `auditor plugins show {name}` tells its settings"));
    }
    let known = config.sources.iter().map(|source| source.instance.name.as_str());
    Failure::unknown("source", name, known)
}

/// The engine for the selected sources and every enabled sink.
pub(crate) fn engine(
    config: &Config,
    selection: &Selection,
    observer: Arc<dyn Observer>,
) -> Result<Engine, Failure> {
    let chosen = selection.sources(config)?;
    let sources = config
        .build_sources(chosen.into_iter())?
        .into_iter()
        .map(|(instance, source)| EngineSource {
            name: instance.instance.name.clone(),
            source: Arc::from(source),
            settings: instance.settings.clone(),
        })
        .collect();
    let sinks = config
        .build_sinks()?
        .into_iter()
        .map(|(instance, sink)| EngineSink { name: instance.instance.name.clone(), sink: Arc::from(sink) })
        .collect();
    let analyzers = config
        .build_analyzers()?
        .into_iter()
        .map(|(instance, analyzer)| EngineAnalyzer {
            name: instance.instance.name.clone(),
            analyzer: Arc::from(analyzer),
        })
        .collect();
    let cancel = CancellationToken::new();
    Ok(Engine { sources, analyzers, sinks, settings: config.run.clone(), cancel, observer })
}

fn print(report: &RunReport, format: ReportFormat, config: &Config) -> Result<(), Failure> {
    use std::io::Write as _;
    let mut out = output::stdout();
    match format {
        ReportFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &as_json(report)?)?;
            out.write_all(b"\n")?;
        }
        ReportFormat::Text => {
            if report.run.plan_only {
                // What a dry run would do is what it was asked for: data.
                out.write_all(output::plan(report, Paint::stdout()).as_bytes())?;
                out.flush()?;
            }
            let mut text = output::summary(report, Paint::stderr());
            text.push_str(&next_steps(report, config));
            stderr_line(text.trim_end());
        }
    }
    out.flush()?;
    Ok(())
}

/// The report with its conclusions.
fn as_json(report: &RunReport) -> Result<Value, Failure> {
    let mut value = serde_json::to_value(report)?;
    if let Some(object) = value.as_object_mut() {
        object.insert("status".to_owned(), json!(report.status()));
        object.insert("totals".to_owned(), json!(report.totals()));
    }
    Ok(value)
}

/// Commands worth trying next.
fn next_steps(report: &RunReport, config: &Config) -> String {
    let named = std::env::var_os("AUDITOR_CONFIG").unwrap_or_else(|| "auditor.toml".into());
    let with_file =
        if config.file == named { String::new() } else { format!(" --config {}", config.file.display()) };
    let mut steps = Vec::new();
    if report.run.plan_only {
        steps.push(("run".to_owned(), "carry it out"));
    } else if report.status() != RunStatus::Failed
        && config.enabled_sinks().any(|sink| store_plugin(sink.plugin.name).is_some())
    {
        let changed = report.totals().changed + report.totals().removed > 0;
        if changed {
            steps.push(("diff".to_owned(), "what changed since the run before"));
        }
        let kind = report
            .tasks
            .iter()
            .flat_map(|task| &task.scopes)
            .filter(|scope| scope.result.as_ref().is_some_and(|result| result.counts.seen > 0))
            .map(|scope| scope.kind.as_str())
            .find(|kind| *kind == "principal")
            .or_else(|| report.tasks.first()?.scopes.first().map(|scope| scope.kind.as_str()));
        if let Some(kind) = kind {
            steps.push((format!("show {kind}"), "what was found"));
        }
        if report.tasks.iter().flat_map(|task| &task.scopes).any(|scope| scope.kind == "finding") {
            steps.push((
                "show finding --filter \"status = 'fail'\"".to_owned(),
                "what is not as it should be",
            ));
        }
        steps.push(("gaps".to_owned(), "what could not be seen, and what would close it"));
        steps.push(("verify".to_owned(), "check the stored evidence"));
    }
    if steps.is_empty() {
        return String::new();
    }
    let width = steps.iter().map(|(step, _)| step.len()).max().unwrap_or(0);
    let mut text = "\nNext\n".to_owned();
    for (step, why) in steps {
        text.push_str(&format!("  auditor {step:width$}{with_file}   {why}\n"));
    }
    text
}
