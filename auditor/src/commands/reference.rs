//! `auditor help-markdown`: the reference of the command line, made from itself.

use std::io::Write as _;

use clap::{Arg, Command, CommandFactory as _};

use crate::{args::Cli, exit, failure::Failure, output};

pub(crate) fn execute() -> Result<exit::Exit, Failure> {
    let mut out = output::stdout();
    out.write_all(markdown().as_bytes())?;
    out.flush()?;
    Ok(exit::Exit::Complete)
}

fn markdown() -> String {
    let mut root = Cli::command().disable_help_flag(true).disable_version_flag(true);
    root.build();
    let mut text =
        "# Command line\n\nMade by `auditor help-markdown` from the program itself: change it there.\n"
            .to_owned();
    let about = root.get_about().map(ToString::to_string).unwrap_or_default();
    text.push_str(&format!("\n{}.\n", about.trim_end_matches('.')));
    let globals: Vec<_> = visible(&root).filter(|arg| arg.is_global_set()).collect();
    text.push_str("\nOptions of every command:\n\n");
    for arg in globals {
        argument(&mut text, arg);
    }
    text.push_str(&format!("\n```text\n{}\n```\n", exit::HELP));
    for command in root.get_subcommands().filter(|command| !command.is_hide_set()) {
        section(&mut text, command, "auditor");
    }
    text
}

fn visible(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|arg| !arg.is_hide_set() && arg.get_id() != "help")
}

fn section(text: &mut String, command: &Command, parent: &str) {
    let name = format!("{parent} {}", command.get_name());
    let subcommands: Vec<_> = command.get_subcommands().filter(|sub| !sub.is_hide_set()).collect();
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    text.push_str(&format!("\n## `{name}`\n\n{}.\n", about.trim_end_matches('.')));
    if let Some(long) = command.get_after_help() {
        text.push_str(&format!("\n```text\n{}\n```\n", long.to_string().trim_end()));
    }
    let arguments: Vec<_> = visible(command).filter(|arg| !arg.is_global_set()).collect();
    if !arguments.is_empty() {
        text.push('\n');
        for arg in arguments {
            argument(text, arg);
        }
    }
    for subcommand in subcommands {
        section(text, subcommand, &name);
    }
}

fn argument(text: &mut String, arg: &Arg) {
    let value = arg.get_num_args().is_some_and(|range| range.takes_values()).then(|| {
        let names = arg.get_value_names().unwrap_or_default();
        names.iter().map(|name| format!("<{name}>")).collect::<Vec<_>>().join(" ")
    });
    let mut spelling: Vec<_> = arg.get_short().map(|short| format!("-{short}")).into_iter().collect();
    spelling.extend(arg.get_long().map(|long| format!("--{long}")));
    let spelling = spelling.join(", ");
    let name = [Some(spelling), value].into_iter().flatten().filter(|part| !part.is_empty());
    let name = name.collect::<Vec<_>>().join(" ");
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    text.push_str(&format!("- `{name}`: {}", help.trim_end_matches('.')));
    let words: Vec<_> = arg
        .get_possible_values()
        .iter()
        .filter(|value| !value.is_hide_set())
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    if !words.is_empty() && arg.get_num_args().is_some_and(|range| range.takes_values()) {
        text.push_str(&format!(". One of {}", words.join(", ")));
    }
    let defaults: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if !defaults.is_empty() && arg.get_num_args().is_some_and(|range| range.takes_values()) {
        text.push_str(&format!(". Default: `{}`", defaults.join(" ")));
    }
    if let Some(variable) = arg.get_env() {
        text.push_str(&format!(". Environment: `{}`", variable.to_string_lossy()));
    }
    text.push_str(".\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_visible_command_is_in_the_reference() {
        let text = markdown();
        for command in Cli::command().get_subcommands().filter(|command| !command.is_hide_set()) {
            assert!(text.contains(&format!("## `auditor {}`", command.get_name())), "{}", command.get_name());
        }
        assert!(text.contains("- `--plan`: "), "{text}");
        assert!(!text.contains("help-markdown`\n"), "hidden");
    }
}
