//! Running the built program as an operator would, in a directory and an environment of its own.

use std::{
    collections::BTreeMap,
    fmt,
    io::Read,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::fake_aws::HUB_ACCESS_KEY_ID;

/// No run of a test takes longer; one that does is killed and fails the test.
const PATIENCE: Duration = Duration::from_mins(2);

/// The program, with the directory it runs in, its environment and its configuration file `auditor.toml`.
#[derive(Debug)]
pub struct Auditor {
    program: PathBuf,
    dir: TempDir,
    environment: BTreeMap<String, String>,
    wrapper: Vec<String>,
}

impl Auditor {
    /// The program at that path, in an empty directory. Of this process's environment it sees the `PATH` alone; the
    /// AWS credentials are the fake's hub.
    ///
    /// # Panics
    /// If no temporary directory can be made.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        let dir = tempfile::Builder::new().prefix("auditor-test-").tempdir().expect("a temporary directory");
        let home = dir.path().display().to_string();
        let environment = [
            ("PATH", super::setting("PATH").unwrap_or_default().as_str()),
            ("HOME", &home),
            ("AWS_ACCESS_KEY_ID", HUB_ACCESS_KEY_ID),
            ("AWS_SECRET_ACCESS_KEY", "invented"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("NO_COLOR", "1"),
            ("RUST_BACKTRACE", "0"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self { program: program.into(), dir, environment: environment.into(), wrapper: Vec::new() }
    }

    /// The directory it runs in.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Writes its configuration file.
    #[must_use]
    pub fn config(self, toml: &str) -> Self {
        self.write("auditor.toml", toml);
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Runs the program through another one, for instance `["sh", "-c", "ulimit -f 100; exec \"$@\"", "sh"]`.
    #[must_use]
    pub fn through(mut self, wrapper: &[&str]) -> Self {
        self.wrapper = wrapper.iter().map(|&part| part.to_owned()).collect();
        self
    }

    /// Writes a file in its directory and the directories it needs.
    ///
    /// # Panics
    /// If that fails.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.dir().join(name);
        let parent = path.parent().unwrap_or(self.dir());
        std::fs::create_dir_all(parent)
            .and_then(|()| std::fs::write(&path, content))
            .expect("a writable directory");
        path
    }

    /// Runs it to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.spawn(arguments).wait()
    }

    /// Starts it.
    ///
    /// # Panics
    /// If the program is not there.
    pub fn spawn(&self, arguments: &[&str]) -> Running {
        let mut command = match self.wrapper.split_first() {
            None => Command::new(&self.program),
            Some((first, rest)) => {
                let mut command = Command::new(first);
                command.args(rest).arg(&self.program);
                command
            }
        };
        let mut child = command
            .args(arguments)
            .current_dir(self.dir())
            .env_clear()
            .envs(&self.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program is built");
        let stdout = collect(child.stdout.take());
        let stderr = collect(child.stderr.take());
        let command = arguments.join(" ");
        Running { child, stdout: Some(stdout), stderr: Some(stderr), command }
    }
}

fn collect(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            pipe.read_to_end(&mut bytes).expect("a pipe can be read");
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// The program while it runs. It is killed when this is dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    stdout: Option<JoinHandle<String>>,
    stderr: Option<JoinHandle<String>>,
    command: String,
}

impl Running {
    /// Sends it a signal by name: `INT`, `TERM`, `KILL`.
    ///
    /// # Panics
    /// If there is no shell.
    pub fn signal(&self, name: &str) {
        let command = format!("kill -{name} {}", self.child.id());
        // It may have ended already, which is not this function's business.
        Command::new("sh").arg("-c").arg(command).stderr(Stdio::null()).status().expect("a shell");
    }

    /// Whether it still runs.
    ///
    /// # Panics
    /// If the system cannot tell.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("a child of ours").is_none()
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// If it does not end within two minutes.
    pub fn wait(mut self) -> Output {
        let deadline = Instant::now() + PATIENCE;
        let mut late = false;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a child of ours") {
                break status;
            }
            if Instant::now() > deadline && !late {
                late = true;
                self.signal("KILL");
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let text = |handle: Option<JoinHandle<String>>| {
            handle.and_then(|handle| handle.join().ok()).unwrap_or_default()
        };
        let output = Output {
            command: std::mem::take(&mut self.command),
            code: status.code(),
            stdout: text(self.stdout.take()),
            stderr: text(self.stderr.take()),
        };
        assert!(!late, "killed after {PATIENCE:?}: {output}");
        output
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Errors mean that it ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What a run left behind. Printed whole when an assertion fails.
#[derive(Debug, Clone)]
pub struct Output {
    command: String,
    /// The exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

#[expect(clippy::return_self_not_must_use, reason = "assertions may end a chain")]
impl Output {
    /// Asserts the exit code.
    ///
    /// # Panics
    /// If it is another one.
    #[track_caller]
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    /// Asserts that standard error has every one of these texts in it.
    ///
    /// # Panics
    /// If one is missing.
    #[track_caller]
    pub fn expect_stderr(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(self.stderr.contains(text), "standard error lacks `{text}`: {self}");
        }
        self
    }

    /// Asserts that standard output has every one of these texts in it.
    ///
    /// # Panics
    /// If one is missing.
    #[track_caller]
    pub fn expect_stdout(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(self.stdout.contains(text), "standard output lacks `{text}`: {self}");
        }
        self
    }

    /// Asserts that the text is nowhere.
    ///
    /// # Panics
    /// If it is.
    #[track_caller]
    pub fn expect_nowhere(self, text: &str) -> Self {
        assert!(!self.stdout.contains(text) && !self.stderr.contains(text), "`{text}` was printed: {self}");
        self
    }

    /// Standard output as JSON.
    ///
    /// # Panics
    /// If it is none.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON ({error}): {self}"))
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { command, code, stdout, stderr } = self;
        write!(f, "auditor {command}\nexit code: {code:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}\n---")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_a_program_prints_and_how_it_ends() {
        let shell = Auditor::new("sh").env("GREETING", "hello");
        let output = shell.run(&["-c", "echo $GREETING; echo oh >&2; exit 3"]).expect_code(3);
        assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("hello\n", "oh\n"));

        let running = shell.spawn(&["-c", "exec sleep 60"]);
        running.signal("KILL");
        assert_eq!(running.wait().code, None);
    }
}
