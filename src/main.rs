//! The `change` command: arguments in, exit status out.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(change::cli::main(std::env::args_os()))
}
