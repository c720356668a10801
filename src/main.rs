//! The `manicheck` program: hands over to the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    manicheck::cli::main()
}
