//! The auditor with our source in it.

use our_auditor as _; // named, so that the linker keeps it and its registration

fn main() -> std::process::ExitCode {
    auditor::main()
}
