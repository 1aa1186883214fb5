//! The program `auditor`; everything is in the library, so that a team can build it with sources of its own.

fn main() -> std::process::ExitCode {
    auditor::main()
}
