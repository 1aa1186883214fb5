//! What an error of SQLite means, by its result code.

use auditor_store::write::fault::{Class, Fault};
use sqlx::Error;

/// Sorts an error.
pub(crate) fn classify(error: &Error) -> Class {
    let code = match error {
        Error::Database(database) => database.code().and_then(|code| code.parse::<u32>().ok()),
        Error::PoolTimedOut | Error::WorkerCrashed | Error::BeginFailed => return Class::Transient,
        Error::Encode(_) => return Class::Refused,
        _ => None,
    };
    // The low byte is the primary code, the rest its details.
    match code.map(|code| code & 0xff) {
        // BUSY, LOCKED: another process writes.
        Some(5 | 6) => Class::Transient,
        // TOOBIG, CONSTRAINT, MISMATCH, RANGE.
        Some(18 | 19 | 20 | 25) => Class::Refused,
        Some(10) => hint("the disk or file system failed: check it, then run again"),
        Some(11 | 26) => {
            hint("the file is not a SQLite database, or it is damaged: restore it from a backup")
        }
        Some(13) => hint("the disk is full: make room and run again"),
        Some(14) => hint("check that the directory of `path` exists and may be written to"),
        Some(3 | 8 | 23) => hint("the file may not be written to: check its owner and permissions"),
        _ => Class::Permanent(None),
    }
}

/// Sorts an error and keeps it.
pub(crate) fn fault(error: Error) -> Fault {
    Fault::new(classify(&error), error)
}

fn hint(text: &str) -> Class {
    Class::Permanent(Some(text.to_owned()))
}
