//! What an error of PostgreSQL means, by its SQLSTATE.

use auditor_store::write::fault::{Class, Fault};
use sqlx::Error;

/// Sorts an error.
pub(crate) fn classify(error: &Error) -> Class {
    let database = match error {
        Error::Database(database) => database,
        // The connection is of no use any more; another one may be.
        Error::Io(_)
        | Error::Protocol(_)
        | Error::PoolTimedOut
        | Error::WorkerCrashed
        | Error::BeginFailed => {
            return Class::Transient;
        }
        Error::Tls(_) => {
            return hint("check `sslmode` and `sslrootcert` in the URL against the server's certificate");
        }
        Error::Encode(_) => return Class::Refused,
        _ => return Class::Permanent(None),
    };
    let code = database.code().unwrap_or_default();
    match &*code {
        // Serialisation failure, deadlock, lock not available, cancelled, idle in transaction, object in use; then
        // shutdown, crash, starting up, idle session, too many connections, out of memory, read-only during a fail-over.
        "40001" | "40P01" | "55P03" | "57014" | "25P03" | "55006" | "57P01" | "57P02" | "57P03" | "57P05"
        | "53300" | "53200" | "25006" => Class::Transient,
        "53100" => hint("the database server's disk is full: make room there and run again"),
        "42501" => {
            hint("`auditor check` names each missing right; `auditor db schema` prints the statements")
        }
        "28000" | "28P01" => hint("check user and password in `url`"),
        "3D000" => hint("create the database, or correct its name in `url`"),
        "42P01" | "42703" | "3F000" => hint("run `auditor db migrate` as an administrator of the database"),
        _ => match code.get(..2) {
            Some("08") => Class::Transient,
            Some("22" | "23" | "54") => Class::Refused,
            _ => Class::Permanent(None),
        },
    }
}

/// Sorts an error and keeps it.
pub(crate) fn fault(error: Error) -> Fault {
    Fault::new(classify(&error), error)
}

fn hint(text: &str) -> Class {
    Class::Permanent(Some(text.to_owned()))
}
