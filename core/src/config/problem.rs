//! What is wrong with a configuration, and where.

use std::{fmt, path::PathBuf};

/// One thing that is wrong with a plugin's settings. The key is relative to the plugin's table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Dotted key. Empty for the table as a whole.
    pub key: String,
    /// What was expected. Never repeats a value.
    pub message: String,
}

impl Problem {
    /// A problem at a key.
    pub fn new(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self { key: key.into(), message: message.into() }
    }

    /// The same problem with its key below `prefix`.
    #[must_use]
    pub fn under(mut self, prefix: &str) -> Self {
        self.key = if self.key.is_empty() { prefix.to_owned() } else { format!("{prefix}.{}", self.key) };
        self
    }
}

/// A problem with the place it was written at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocatedProblem {
    /// Full dotted key. Empty for the file as a whole.
    pub key: String,
    /// What was expected.
    pub message: String,
    /// 1-based line in the file. `None` for a key that is missing or came from the environment.
    pub line: Option<usize>,
    /// The environment variable the value came from.
    pub variable: Option<String>,
}

/// Everything that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The file.
    pub file: PathBuf,
    /// Each problem, in the order of the file.
    pub problems: Vec<LocatedProblem>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.problems.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            match (&problem.variable, problem.line) {
                (Some(variable), _) => write!(f, "environment variable `{variable}`: ")?,
                (None, Some(line)) => write!(f, "{}:{line}: ", self.file.display())?,
                (None, None) => write!(f, "{}: ", self.file.display())?,
            }
            if !problem.key.is_empty() {
                write!(f, "`{}`: ", problem.key)?;
            }
            f.write_str(&problem.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}
