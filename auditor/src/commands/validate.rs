//! `auditor validate`: whether the configuration is right, without a network.

use std::{io::Write as _, path::Path};

use auditor_core::config::{Config, ConfigError};
use clap::Args;
use serde_json::{Value, json};

use super::ReportFormat;
use crate::{args::App, exit::Exit, failure::Failure, output};

/// Check the configuration file, offline
#[derive(Debug, Args)]
pub(crate) struct ValidateArgs {
    /// Do not look whether secrets are there, as where only the file is at hand
    #[arg(long)]
    no_secrets: bool,

    /// How the result is written
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    format: ReportFormat,
}

pub(crate) fn execute(args: &ValidateArgs, app: &App) -> Result<Exit, Failure> {
    let result = Config::load(&app.config).and_then(|config| {
        if !args.no_secrets {
            build(&config)?;
        }
        Ok(config)
    });
    let mut out = output::stdout();
    match (args.format, result) {
        (ReportFormat::Text, Ok(config)) => {
            out.write_all(overview(&config).as_bytes())?;
            out.flush()?;
            Ok(Exit::Complete)
        }
        (ReportFormat::Text, Err(error)) => Err(error.into()),
        (ReportFormat::Json, result) => {
            let problems = result.as_ref().err().map(|error| error.problems.as_slice()).unwrap_or_default();
            let problems: Vec<Value> = problems
                .iter()
                .map(|problem| {
                    json!({
                        "key": problem.key,
                        "message": problem.message,
                        "line": problem.line,
                        "variable": problem.variable,
                    })
                })
                .collect();
            let report = json!({ "file": app.config, "valid": result.is_ok(), "problems": problems });
            serde_json::to_writer_pretty(&mut out, &report)?;
            out.write_all(b"\n")?;
            out.flush()?;
            Ok(if result.is_ok() { Exit::Complete } else { Exit::Usage })
        }
    }
}

/// What only shows when instances are made, for all of them at once.
fn build(config: &Config) -> Result<(), ConfigError> {
    let results = [
        config.build_sources(config.enabled_sources()).map(drop),
        config.build_sinks().map(drop),
        config.build_analyzers().map(drop),
    ];
    let mut errors = results.into_iter().filter_map(Result::err);
    let Some(mut all) = errors.next() else { return Ok(()) };
    all.problems.extend(errors.flat_map(|more| more.problems));
    Err(all)
}

fn overview(config: &Config) -> String {
    let mut text = format!("{} is valid\n", Path::display(&config.file));
    let mut line = |sort: &str, name: &str, plugin: &str, enabled: bool| {
        let same = if name == plugin { String::new() } else { format!(" ({plugin})") };
        let off = if enabled { "" } else { ", switched off" };
        text.push_str(&format!("  {sort:8}  {name}{same}{off}\n"));
    };
    for source in &config.sources {
        line("source", &source.instance.name, source.plugin.name, source.settings.enabled);
    }
    for sink in &config.sinks {
        line("sink", &sink.instance.name, sink.plugin.name, sink.settings.enabled);
    }
    for analyzer in &config.analyzers {
        line("analyzer", &analyzer.instance.name, analyzer.plugin.name, analyzer.settings.enabled);
    }
    if config.enabled_sources().next().is_none() {
        text.push_str("  no source is enabled: `auditor run` will have nothing to do\n");
    }
    if config.enabled_sinks().next().is_none() {
        text.push_str("  no sink is enabled: `auditor run` will refuse to start\n");
    }
    text
}
