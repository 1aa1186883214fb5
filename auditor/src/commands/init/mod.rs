//! `auditor init`: a commented starter file.

use std::{
    fs::OpenOptions,
    io::{self, Write as _},
};

use clap::{Args, ValueEnum};

use crate::{args::App, exit::Exit, failure::Failure, output, output::stderr_line};

/// Write a commented starter file to the path of `--config`
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// Where facts come from
    #[arg(long, value_enum, default_value_t = Origin::Aws)]
    from: Origin,

    /// Where they are kept
    #[arg(long, value_enum, default_value_t = Place::Sqlite)]
    to: Place,

    /// Replace a file that is there
    #[arg(long)]
    force: bool,

    /// Print it instead of writing it
    #[arg(long, conflicts_with = "force")]
    print: bool,
}

/// Where facts come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Origin {
    /// AWS accounts, through a role in each.
    Aws,
    /// Files that `aws iam get-account-authorization-details` and its like wrote: no credentials needed.
    Offline,
}

/// Where they are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Place {
    /// One file, no server.
    Sqlite,
    /// A PostgreSQL database.
    Postgres,
}

pub(crate) fn execute(args: &InitArgs, app: &App) -> Result<Exit, Failure> {
    let text = starter(args.from, args.to);
    if args.print {
        let mut out = output::stdout();
        out.write_all(text.as_bytes())?;
        out.flush()?;
        return Ok(Exit::Complete);
    }
    let file = app.config.display();
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).create_new(!args.force);
    options.open(&app.config).and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| {
        if error.kind() == io::ErrorKind::AlreadyExists {
            Failure::usage(format!("`{file}` is there already"))
                .with_hint("`--force` replaces it, `--config OTHER` writes another, `--print` only shows it")
        } else {
            Failure::failed(format!("writing `{file}` failed: {error}"))
        }
    })?;
    stderr_line(&format!("wrote {file}\n\nNext\n{}", next_steps(args.from, args.to)));
    Ok(Exit::Complete)
}

fn starter(from: Origin, to: Place) -> String {
    let source = match from {
        Origin::Aws => include_str!("aws.toml"),
        Origin::Offline => include_str!("offline.toml"),
    };
    let sink = match to {
        Place::Sqlite => include_str!("sqlite.toml"),
        Place::Postgres => include_str!("postgres.toml"),
    };
    [include_str!("head.toml"), source, sink, include_str!("tail.toml")].join("\n")
}

fn next_steps(from: Origin, to: Place) -> String {
    let mut steps = vec![("edit the file", "every line says what it is for")];
    if to == Place::Postgres {
        steps.push(("auditor db migrate", "make the tables, with an administrator's URL"));
    }
    if from == Origin::Aws {
        steps.push((
            "auditor kinds --from aws-iam --iam-policy",
            "the policy that the role in each account needs",
        ));
        steps.push(("auditor targets import FILE", "the accounts to audit, as CSV"));
    }
    steps.push(("auditor check", "what is still missing"));
    steps.push(("auditor run --plan", "what a run would store"));
    let width = steps.iter().map(|(step, _)| step.len()).max().unwrap_or(0);
    let lines: Vec<_> = steps.iter().map(|(step, why)| format!("  {step:width$}  {why}")).collect();
    lines.join("\n")
}

#[cfg(all(
    test,
    feature = "source-aws-iam",
    feature = "sink-sqlite",
    feature = "sink-postgres",
    feature = "analyzer-aws-access",
    feature = "analyzer-checks"
))]
mod tests {
    use std::{collections::BTreeMap, path::Path};

    use auditor_core::config::Config;

    use super::*;

    #[test]
    fn every_starter_is_a_valid_configuration() {
        for from in [Origin::Aws, Origin::Offline] {
            for to in [Place::Sqlite, Place::Postgres] {
                let config = Config::parse(Path::new("auditor.toml"), &starter(from, to), &BTreeMap::new());
                let config = config.unwrap_or_else(|error| panic!("{from:?} {to:?}: {error}"));
                assert_eq!(config.enabled_sources().count(), 1, "{from:?}");
                assert_eq!(config.enabled_sinks().count(), 1, "{to:?}");
            }
        }
    }
}
