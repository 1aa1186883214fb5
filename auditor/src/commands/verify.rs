//! `auditor verify`: whether the stored evidence agrees with itself.

use std::io::Write as _;

use auditor_core::model::Digest;
use auditor_store::read::{Verification, Verify};
use clap::Args;

use super::ReportFormat;
use crate::{
    args::App,
    exit::Exit,
    failure::Failure,
    output::{self, Paint, count, printable, stderr_line},
    store::{AccountArgs, StoreArgs},
};

const HELP: &str = "\
Every stored state is hashed anew and compared with the digests that each run left. Exits with 1 if anything disagrees.

Whoever can rewrite the whole store can rewrite its digests, too. To notice even that, keep the digest that this command
prints in another place, and hand it in later with `--anchor`.";

/// Check that nothing stored was changed since it was audited
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    accounts: AccountArgs,

    /// A digest that an earlier `verify` printed: it must still be part of the chain of runs
    #[arg(long, value_name = "DIGEST", value_parser = digest)]
    anchor: Option<Digest>,

    /// List at most so many disagreements; the rest is counted
    #[arg(long, value_name = "NUMBER", default_value_t = 100)]
    limit: usize,

    /// How the result is written
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    format: ReportFormat,

    #[command(flatten)]
    store: StoreArgs,
}

fn digest(text: &str) -> Result<Digest, String> {
    text.parse().map_err(|_| "a digest is 64 hexadecimal digits".to_owned())
}

pub(crate) async fn execute(args: VerifyArgs, app: &App) -> Result<Exit, Failure> {
    let store = args.store.open(app).await?;
    let verify = Verify { accounts: args.accounts.scope(), anchor: args.anchor, max_findings: args.limit };
    let result = store.verify(&verify).await?;
    let mut out = output::stdout();
    match args.format {
        ReportFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &result)?;
            out.write_all(b"\n")?;
        }
        ReportFormat::Text => out.write_all(told(&result, Paint::stdout()).as_bytes())?,
    }
    out.flush()?;
    if result.agrees() {
        return Ok(Exit::Complete);
    }
    let all = result.findings.len() as u64 + result.more_findings;
    let paint = Paint::stderr();
    stderr_line(&format!("{}: {}", paint.red("error"), disagreements(all)));
    stderr_line(&format!(
        "{}: the store was changed by something other than this program, or is damaged: keep a copy before you touch it",
        paint.cyan("hint")
    ));
    Ok(Exit::Failed)
}

fn disagreements(number: u64) -> String {
    count(number, "stored fact disagrees with the evidence", "stored facts disagree with the evidence")
}

fn told(result: &Verification, paint: Paint) -> String {
    let mut text = String::new();
    for finding in &result.findings {
        text.push_str(&format!("{} {}\n", paint.red("disagrees:"), printable(&finding.to_string())));
    }
    if result.more_findings > 0 {
        text.push_str(&format!("and {} more\n", result.more_findings));
    }
    let checked = [
        count(result.runs, "run", "runs"),
        count(result.tasks, "task", "tasks"),
        count(result.scopes, "listing", "listings"),
        count(result.records, "record", "records"),
        count(result.versions, "version", "versions"),
    ]
    .join(", ");
    let verdict =
        if result.agrees() { paint.green("everything agrees") } else { paint.red("not everything agrees") };
    text.push_str(&format!("{verdict}: {checked}\n"));
    if !result.open_runs.is_empty() {
        let open = count(result.open_runs.len() as u64, "run", "runs");
        text.push_str(&format!("{open} under way or cut off: nothing seals their tasks yet\n"));
    }
    if let Some((run, digest)) = &result.last_run {
        text.push_str(&format!("last run {run}, digest {digest}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use auditor_store::read::{Check, Finding, Place};

    use super::*;

    #[test]
    fn a_disagreement_is_told_with_its_place() {
        let result = Verification { runs: 2, versions: 3, ..Verification::default() };
        assert!(told(&result, Paint::off()).starts_with("everything agrees: 2 runs, 0 tasks"));
        let place = Place { kind: Some("aws_iam_user".to_owned()), ..Place::default() };
        let finding = Finding { check: Check::Content, place, detail: "another fingerprint".to_owned() };
        let result = Verification { findings: vec![finding], more_findings: 4, ..result };
        let text = told(&result, Paint::off());
        assert!(text.starts_with("disagrees: content: kind `aws_iam_user`: another fingerprint\nand 4 more\nnot everything agrees"), "{text}");
    }
}
