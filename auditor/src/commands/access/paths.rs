//! `auditor access paths`.

use std::io::{self, Write};

use auditor_analyzer_aws_access::EscalationPath;
use clap::Args;

use super::{
    HELP,
    estates::{EstateArgs, account_of},
    joined, word,
};
use crate::{
    args::App,
    commands::ReportFormat,
    exit::Exit,
    failure::Failure,
    output::{self, Paint, printable},
};

/// Tell how a user or role can come by more rights, and whose
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct PathsArgs {
    /// ARN, unique id or name of the user or role
    #[arg(value_name = "PRINCIPAL")]
    principal: String,

    #[command(flatten)]
    estate: EstateArgs,

    /// How it is written
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    format: ReportFormat,
}

pub(super) async fn execute(args: PathsArgs, app: &App) -> Result<Exit, Failure> {
    let estates = args.estate.open(app, account_of(&args.principal).as_ref()).await?;
    let (_, estate) = estates.with(&args.principal).await?;
    let paths = estate.paths(&args.principal);
    let mut out = output::stdout();
    if args.format == ReportFormat::Json {
        serde_json::to_writer_pretty(&mut out, &paths)?;
        out.write_all(b"\n")?;
    } else {
        for (i, path) in paths.iter().enumerate() {
            if i > 0 {
                writeln!(out)?;
            }
            step_lines(&mut out, path, Paint::stdout())?;
        }
        if paths.is_empty() {
            writeln!(out, "No way to more rights is known.")?;
        }
    }
    out.flush()?;
    Ok(Exit::Complete)
}

/// One path: what is done to get where, step by step.
pub(super) fn step_lines(out: &mut impl Write, path: &EscalationPath, paint: Paint) -> io::Result<()> {
    writeln!(
        out,
        "{} {} ({}) → {} (administrator: {})",
        paint.bold(&path.method),
        printable(&path.summary),
        path.tier,
        printable(&path.target),
        word(&path.target_admin)
    )?;
    for (i, step) in path.steps.iter().enumerate() {
        writeln!(out, "  {}. {}", i + 1, printable(step))?;
    }
    if path.target_count > path.targets.len().max(1) {
        writeln!(out, "  and {} more targets", path.target_count - path.targets.len().max(1))?;
    }
    if !path.conditions.is_empty() {
        writeln!(out, "  depends on {}", printable(&joined(&path.conditions)))?;
    }
    Ok(())
}
