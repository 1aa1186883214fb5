//! What the process ends with.

use std::process::ExitCode;

use auditor_core::outcome::RunStatus;

/// How a command ended. The numbers are part of the interface: schedulers act on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything that was asked for was done.
    Complete = 0,
    /// It could not be done, or, for `verify`, the evidence disagrees.
    Failed = 1,
    /// The command line or the configuration is wrong.
    Usage = 2,
    /// Done, but not everything could be seen.
    Gaps = 3,
    /// Removals beyond the guard wait for a person.
    Held = 4,
}

/// For `--help`.
pub(crate) const HELP: &str = "\
Exit codes:
  0  complete: everything that was asked for was done
  1  it could not be done (`verify`: the evidence disagrees)
  2  the command line or the configuration is wrong
  3  finished with gaps: not everything could be seen
  4  removals beyond the guard are held until `run --accept-removals`";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl From<RunStatus> for Exit {
    fn from(status: RunStatus) -> Self {
        match status {
            RunStatus::Complete => Self::Complete,
            RunStatus::Failed => Self::Failed,
            RunStatus::Gaps => Self::Gaps,
            RunStatus::Held => Self::Held,
        }
    }
}
