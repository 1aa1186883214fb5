//! `auditor access explain`.

use std::io::Write as _;

use auditor_analyzer_aws_access::{Outcome, Verdict};
use clap::Args;

use super::{
    HELP,
    estates::{EstateArgs, account_of},
    joined,
    who_can::action,
    word,
};
use crate::{
    args::App,
    commands::ReportFormat,
    exit::Exit,
    failure::Failure,
    output::{self, Paint, printable},
};

/// Say whether a user or role may do something, and which statements decide it
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct ExplainArgs {
    /// ARN, unique id or name of the user or role
    #[arg(value_name = "PRINCIPAL")]
    principal: String,

    /// The action, e.g. `s3:GetObject`
    #[arg(value_name = "ACTION", value_parser = action)]
    action: String,

    /// ARN of the resource
    #[arg(value_name = "RESOURCE", default_value = "*")]
    resource: String,

    #[command(flatten)]
    estate: EstateArgs,

    /// How it is written
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    format: ReportFormat,
}

pub(super) async fn execute(args: ExplainArgs, app: &App) -> Result<Exit, Failure> {
    let estates = args.estate.open(app, account_of(&args.principal).as_ref()).await?;
    let (account, estate) = estates.with(&args.principal).await?;
    let Some(explanation) = estate.explain(&args.principal, &args.action, &args.resource) else {
        return Err(Failure::failed(format!("`{}` cannot be explained", args.principal)));
    };
    let mut out = output::stdout();
    if args.format == ReportFormat::Json {
        serde_json::to_writer_pretty(&mut out, &explanation)?;
        out.write_all(b"\n")?;
        out.flush()?;
        return Ok(Exit::Complete);
    }
    let paint = Paint::stdout();
    let answer = match &explanation.outcome {
        Outcome::Allowed => paint.green("allowed"),
        Outcome::Conditional { keys } => {
            format!("{}, depending on {}", paint.yellow("allowed under conditions"), joined(keys))
        }
        Outcome::Denied { .. } => paint.red("denied"),
        Outcome::Unknown { reasons } => format!("{}: {}", paint.yellow("unknown"), reasons.join("; ")),
    };
    writeln!(out, "{} in account {account}", paint.bold(&printable(&explanation.principal)))?;
    writeln!(
        out,
        "{} ({}) on {}: {answer}",
        printable(&explanation.action),
        word(&explanation.level),
        printable(&explanation.resource)
    )?;
    if explanation.causes.is_empty() {
        writeln!(out, "\nNo statement applies.")?;
    } else {
        writeln!(out, "\nStatements that apply")?;
    }
    for cause in &explanation.causes {
        let what = if cause.grants { paint.green("allows") } else { paint.red("refuses") };
        let only = match &cause.verdict {
            Verdict::Applies => String::new(),
            Verdict::Conditional(keys) => format!(" (depends on {})", joined(keys)),
        };
        writeln!(out, "  {what}  {}: {}{only}", printable(&cause.policy), printable(&cause.label))?;
    }
    for note in &explanation.notes {
        writeln!(out, "\nnote: {}", printable(note))?;
    }
    out.flush()?;
    Ok(Exit::Complete)
}
