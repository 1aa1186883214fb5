//! Where lines go: appending as a whole or not at all.

use std::{
    fmt,
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::PathBuf,
};

use auditor_core::error::SinkError;

/// A file or standard output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Output {
    File(PathBuf),
    Stdout,
}

impl Output {
    /// Makes sure that the output can be written to, without writing.
    pub(crate) fn probe(&self) -> Result<(), SinkError> {
        let Self::File(path) = self else { return Ok(()) };
        // An existing file is opened as `append` will; for one that is not there its directory has to be.
        let result = match OpenOptions::new().append(true).open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let parent = path.parent().filter(|dir| !dir.as_os_str().is_empty());
                parent.map_or(Ok(()), |dir| dir.metadata().map(|_| ()))
            }
            other => other.map(|_| ()),
        };
        result.map_err(|error| self.failed("opening", error))
    }

    /// Appends lines. Other programs that append through this sink wait their turn. On an error a file is left as
    /// it was.
    pub(crate) fn append(&self, lines: &mut impl Read) -> Result<(), SinkError> {
        match self {
            Self::File(path) => {
                let mut file = OpenOptions::new()
                    .read(true)
                    .append(true)
                    .create(true)
                    .open(path)
                    .map_err(|error| self.failed("opening", error))?;
                append_whole(&mut file, lines).map_err(|error| self.failed("appending to", error))
            }
            Self::Stdout => {
                let mut stdout = io::stdout().lock();
                io::copy(lines, &mut stdout)
                    .and_then(|_| stdout.flush())
                    .map_err(|error| self.failed("writing to", error))
            }
        }
    }

    fn failed(&self, what: &str, error: io::Error) -> SinkError {
        let hint = match error.kind() {
            io::ErrorKind::NotFound => "make its directory first, or change `path` of this sink",
            io::ErrorKind::PermissionDenied => "let this user write there, or change `path` of this sink",
            io::ErrorKind::StorageFull => "make room on that file system",
            _ => return SinkError::permanent(format!("{what} {self}"), error),
        };
        SinkError::permanent(format!("{what} {self}"), error).with_hint(hint)
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "`{}`", path.display()),
            Self::Stdout => f.write_str("standard output"),
        }
    }
}

/// Appends under a lock, which ends when the file is closed.
fn append_whole(file: &mut File, lines: &mut impl Read) -> io::Result<()> {
    file.lock()?;
    let end = end_of_last_line(file)?;
    file.set_len(end)?;
    let result = io::copy(lines, file).and_then(|_| file.flush());
    if result.is_err() {
        file.set_len(end)?;
    }
    result
}

/// Where the last whole line ends. What follows it a killed program left: part of a line, which is nothing.
fn end_of_last_line(file: &mut File) -> io::Result<u64> {
    const CHUNK: u64 = 64 * 1024;
    let mut end = file.seek(SeekFrom::End(0))?;
    while end > 0 {
        let start = end.saturating_sub(CHUNK);
        file.seek(SeekFrom::Start(start))?;
        let mut chunk = Vec::new();
        (&*file).take(end - start).read_to_end(&mut chunk)?;
        if let Some(at) = chunk.iter().rposition(|byte| *byte == b'\n') {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_dir() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.jsonl");
        (dir, path)
    }

    #[test]
    fn appends_and_drops_a_torn_line() {
        let (_dir, path) = in_dir();
        let output = Output::File(path.clone());
        output.append(&mut &b"{}\n"[..]).unwrap();
        std::fs::write(&path, format!("{{\"a\":1}}\n{}", "x".repeat(100_000))).unwrap();
        output.append(&mut &b"{\"b\":2}\n"[..]).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{\"a\":1}\n{\"b\":2}\n");
    }

    #[test]
    fn a_failure_leaves_the_file_as_it_was() {
        struct Breaks(bool);
        impl Read for Breaks {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                if std::mem::replace(&mut self.0, true) {
                    return Err(io::Error::other("cut"));
                }
                buffer[0] = b'{';
                Ok(1)
            }
        }
        let (_dir, path) = in_dir();
        std::fs::write(&path, "{}\n").unwrap();
        Output::File(path.clone()).append(&mut Breaks(false)).unwrap_err();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{}\n");
    }

    #[test]
    fn probing_makes_nothing_and_names_what_is_missing() {
        let (dir, path) = in_dir();
        Output::File(path.clone()).probe().unwrap();
        assert!(!path.exists());
        let error = Output::File(dir.path().join("nowhere/out.jsonl")).probe().unwrap_err();
        assert!(error.to_string().contains("nowhere/out.jsonl"), "{error}");
        assert!(error.hint().unwrap().contains("directory"));
    }
}
