//! Runs a command while PostgreSQL and moto run: `with-services cargo test -- --include-ignored`.
//!
//! A server that an environment variable names is used as it is; others are started, and stopped when the command ends
//! or this program does.

use std::{
    env,
    process::{Command, ExitCode},
};

use anyhow::Context as _;
use auditor_testbed::harness::{
    moto::{self, Moto},
    postgres::{self, Server},
    setting,
};

#[expect(clippy::print_stderr, reason = "the program's output")]
fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<_> = env::args_os().skip(1).collect();
    let (program, arguments) = arguments.split_first().context("usage: with-services COMMAND [ARGUMENT…]")?;
    let mut command = Command::new(program);
    command.args(arguments);

    // Both live until the end of `main`.
    let _postgres = if setting(postgres::URL_VARIABLE).is_none() {
        let server = Server::start(&[]).context("cannot start PostgreSQL")?;
        eprintln!("PostgreSQL started on a free port");
        command.env(postgres::URL_VARIABLE, server.url());
        Some(server)
    } else {
        None
    };
    let _moto = if setting(moto::URL_VARIABLE).is_none() {
        let server = Moto::start().context("cannot start moto")?;
        eprintln!("moto started at {}", server.url());
        command.env(moto::URL_VARIABLE, server.url());
        Some(server)
    } else {
        None
    };

    let status = command.status().with_context(|| format!("cannot run `{}`", program.display()))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
