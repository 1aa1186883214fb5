//! How things are shown. Data goes to standard output, the rest to standard error.

mod changes;
mod csv_cell;
mod data;
mod gaps;
mod group;
mod paint;
mod plan;
mod summary;
mod table;

use std::io::{self, BufWriter, StdoutLock, Write as _};

pub(crate) use changes::changes;
pub(crate) use csv_cell::{inert, original};
pub(crate) use data::{DataColumn, DataFormat, DataWriter, Shape, short_time};
pub(crate) use gaps::{FoundGap, GapPlace, gap_list};
pub(crate) use group::{normalized, some_of};
pub(crate) use paint::Paint;
pub(crate) use plan::plan;
pub(crate) use summary::{duration, summary};
pub(crate) use table::{Table, printable, terminal_width};

/// Standard output, buffered: flush it.
pub(crate) fn stdout() -> BufWriter<StdoutLock<'static>> {
    BufWriter::new(io::stdout().lock())
}

/// One line on standard error. A closed standard error is nobody's concern.
pub(crate) fn stderr_line(line: &str) {
    drop(writeln!(io::stderr(), "{line}"));
}

/// `1 account`, `3 accounts`.
pub(crate) fn count(number: u64, singular: &str, plural: &str) -> String {
    format!("{number} {}", if number == 1 { singular } else { plural })
}
