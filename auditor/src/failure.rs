//! What ends a command early, and how it is told.

use std::io;

use auditor_core::{
    config::{ConfigError, did_you_mean},
    engine::RunError,
    error::{SinkError, chain},
};

use crate::{
    exit::Exit,
    output::{Paint, stderr_line},
};

/// Why a command could not be carried out: what to print and what to exit with.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    errors: Vec<String>,
    hint: Option<String>,
}

impl Failure {
    /// The command line or the configuration is wrong.
    pub(crate) fn usage(error: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, errors: vec![error.into()], hint: None }
    }

    /// Several things are wrong with what was given.
    pub(crate) fn usage_all(errors: Vec<String>) -> Self {
        Self { exit: Exit::Usage, errors, hint: None }
    }

    /// A name that is none of the known ones, with the nearest of them. There are many only of what a command of that
    /// name lists.
    pub(crate) fn unknown<'a>(sort: &str, name: &str, known: impl Iterator<Item = &'a str> + Clone) -> Self {
        let near = did_you_mean(name, known.clone());
        let list: Vec<_> = known.map(|name| format!("`{name}`")).collect();
        let failure = Self::usage(format!("there is no {sort} `{name}`{near}"));
        match list.len() {
            0 => failure.with_hint(format!("this configuration has no {sort}")),
            1..=12 => failure.with_hint(format!("choose one of {}", list.join(", "))),
            _ => failure.with_hint(format!("`auditor {sort}s` lists them")),
        }
    }

    /// What was asked for could not be done.
    pub(crate) fn failed(error: impl Into<String>) -> Self {
        Self { exit: Exit::Failed, errors: vec![error.into()], hint: None }
    }

    /// Adds one sentence that an operator can act on.
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Prints it on standard error.
    pub(crate) fn report(&self) -> Exit {
        let paint = Paint::stderr();
        for error in &self.errors {
            stderr_line(&format!("{}: {error}", paint.red("error")));
        }
        if let Some(hint) = &self.hint {
            stderr_line(&format!("{}: {hint}", paint.cyan("hint")));
        }
        self.exit
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage_all(error.to_string().lines().map(ToOwned::to_owned).collect())
    }
}

impl From<SinkError> for Failure {
    fn from(error: SinkError) -> Self {
        Self { exit: Exit::Failed, errors: vec![chain(&error)], hint: error.hint().map(ToOwned::to_owned) }
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        match &error {
            RunError::Sink { source, .. } => Self {
                exit: Exit::Failed,
                errors: vec![chain(&error)],
                hint: source.hint().map(ToOwned::to_owned),
            },
            _ => Self::usage(chain(&error)),
        }
    }
}

/// Standard output is the one place commands write to directly. Whoever closed it has read enough.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self { exit: Exit::Complete, errors: Vec::new(), hint: None };
        }
        Self::failed(format!("writing to standard output failed: {error}"))
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        io::Error::from(error).into()
    }
}

impl From<csv::Error> for Failure {
    fn from(error: csv::Error) -> Self {
        match error.into_kind() {
            csv::ErrorKind::Io(error) => error.into(),
            other => Self::failed(format!("writing CSV failed: {other:?}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_reader_is_no_failure() {
        let failure = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!((failure.exit, failure.errors.len()), (Exit::Complete, 0));
        assert_eq!(Failure::from(io::Error::from(io::ErrorKind::StorageFull)).exit, Exit::Failed);
    }

    #[test]
    fn an_unknown_name_comes_with_the_nearest() {
        let failure = Failure::unknown("kind", "aws_iam_usr", ["aws_iam_user", "account"].into_iter());
        assert_eq!(failure.errors, ["there is no kind `aws_iam_usr`; did you mean `aws_iam_user`?"]);
        assert_eq!(failure.hint.as_deref(), Some("choose one of `aws_iam_user`, `account`"));
    }
}
