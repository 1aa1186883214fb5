//! `auditor access what-can`.

use std::io::Write as _;

use clap::Args;

use super::{
    HELP,
    estates::{EstateArgs, account_of},
    paths::step_lines,
    word,
};
use crate::{
    args::App,
    commands::ReportFormat,
    exit::Exit,
    failure::Failure,
    output::{self, Paint, Table, printable, terminal_width},
};

/// Tell what a user or role may do, by service and level, and what it amounts to
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct WhatCanArgs {
    /// ARN, unique id or name of the user or role
    #[arg(value_name = "PRINCIPAL")]
    principal: String,

    #[command(flatten)]
    estate: EstateArgs,

    /// How it is written; JSON carries resources, conditions and the path of each right
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    format: ReportFormat,
}

pub(super) async fn execute(args: WhatCanArgs, app: &App) -> Result<Exit, Failure> {
    let estates = args.estate.open(app, account_of(&args.principal).as_ref()).await?;
    let (account, estate) = estates.with(&args.principal).await?;
    let Some(what) = estate.what_can(&args.principal) else {
        return Err(Failure::failed(format!("`{}` cannot be read", args.principal)));
    };
    let mut out = output::stdout();
    if args.format == ReportFormat::Json {
        serde_json::to_writer_pretty(&mut out, &what)?;
        out.write_all(b"\n")?;
        out.flush()?;
        return Ok(Exit::Complete);
    }
    let paint = Paint::stdout();
    writeln!(out, "{} in account {account}", paint.bold(&printable(&what.access.principal)))?;
    writeln!(out, "administrator  {}: {}", word(&what.access.admin), printable(&what.access.reason))?;
    writeln!(out, "can escalate   {}", word(&what.access.can_escalate))?;
    if let Some(note) = &what.access.note {
        writeln!(out, "note           {}", printable(note))?;
    }
    if what.entitlements.is_empty() {
        writeln!(out, "\nNothing is granted to it.")?;
    } else {
        let mut table = Table::new(["service", "level", "grade", "resources", "conditions", "by"]);
        for right in &what.entitlements {
            let by: Vec<_> = right.paths.iter().map(|path| path.join(" → ")).collect();
            table.row([
                match &*right.services {
                    [] => right.service.clone(),
                    [first, second, third, rest @ ..] => {
                        format!("{first}, {second}, {third} and {} more", rest.len())
                    }
                    few => few.join(", "),
                },
                word(&right.level),
                word(&right.grade),
                right.resources.join(", "),
                right.conditions.join(", "),
                by.join("; "),
            ]);
        }
        writeln!(out)?;
        out.write_all(table.render(terminal_width()).as_bytes())?;
    }
    for path in &what.paths {
        writeln!(out)?;
        step_lines(&mut out, path, paint)?;
    }
    out.flush()?;
    Ok(Exit::Complete)
}
