//! A process that ends when this one does, however it ends.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    net::TcpListener,
    os::unix::process::CommandExt as _,
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, bail};

/// A shell that started a server, said `ready`, and waits for the end of its input to stop the server again. The
/// input ends when this value is dropped, and when this process ends, even by `kill -9`.
#[derive(Debug)]
pub struct Service {
    shell: Child,
}

/// An identity to run a server as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
}

impl Service {
    /// Runs `script` with its arguments. It must print `ready` once the server answers, then read its input to the
    /// end, then stop the server.
    ///
    /// # Errors
    /// If the script ends before it is ready, with what it wrote to standard error.
    pub fn start(script: &str, arguments: &[&str], user: Option<User>) -> anyhow::Result<Self> {
        let mut command = Command::new("sh");
        command.arg("-c").arg(script).arg("sh").args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // A group of its own, so that Ctrl-C at the terminal does not kill the shell before it has cleaned up.
        command.process_group(0).current_dir("/");
        if let Some(user) = user {
            command.uid(user.uid).gid(user.gid);
        }
        let mut shell = command.spawn().context("cannot run `sh`")?;
        let mut first_line = String::new();
        let stdout = shell.stdout.take().context("the shell's output is piped")?;
        BufReader::new(stdout).read_line(&mut first_line).context("cannot read the shell's output")?;
        if first_line.trim() != "ready" {
            drop(shell.stdin.take());
            let mut errors = String::new();
            if let Some(mut stderr) = shell.stderr.take() {
                stderr.read_to_string(&mut errors).context("cannot read the shell's errors")?;
            }
            shell.wait().context("cannot wait for the shell")?;
            bail!("the server did not start: {}{}", first_line.trim(), errors.trim());
        }
        Ok(Self { shell })
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // An error means that the shell is gone already.
        drop(self.shell.wait());
    }
}

/// The user of that name in the system's list.
pub fn user(name: &str) -> Option<User> {
    let list = std::fs::read_to_string("/etc/passwd").ok()?;
    let line = list.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some(User { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
}

/// Whether this process is root's.
pub fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|this| this.uid() == 0)
}

/// A port of the loopback interface that was free a moment ago.
///
/// # Errors
/// If there is none.
pub fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no free port on the loopback interface")?;
    Ok(listener.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stops_what_it_started_and_reports_what_does_not_start() {
        let dir = tempfile::tempdir().unwrap();
        let mark = dir.path().join("stopped");
        let script = "echo ready; read -r _; touch \"$1\"";
        drop(Service::start(script, &[mark.to_str().unwrap()], None).unwrap());
        assert!(mark.exists());

        let error = Service::start("echo no such luck >&2; exit 1", &[], None).unwrap_err();
        assert!(error.to_string().contains("no such luck"), "{error}");
    }
}
