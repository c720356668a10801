//! The command line: the only reader of arguments, environment and terminal.

mod args;
mod build;
mod check;
mod config;
mod fix;
mod helm;
mod init;
mod known;
mod output;
mod pages;
mod progress;
mod why;

use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use args::{Cli, Command};

/// What a command came to. The numbers are the exit statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    /// Nothing at or above `--fail-on`.
    Clean = 0,
    /// Findings at or above it.
    Findings = 1,
    /// What was asked could not be done.
    Failed = 2,
}

/// Depth of nesting is bounded, but a frame of a debug build is large: give the threads room for it.
const STACK: usize = 32 << 20;

/// Runs the program: exit status 0 for nothing found, 1 for findings, 2 for what could not be done.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    // All of it runs on a thread of the pool: what it then does on several threads need not be handed over first.
    let status = match rayon::ThreadPoolBuilder::new().stack_size(STACK).build() {
        Ok(pool) => catch_unwind(AssertUnwindSafe(|| pool.install(|| run(cli)))).unwrap_or(Status::Failed),
        Err(error) => {
            complain(&format!("cannot start: {error}"));
            Status::Failed
        }
    };
    ExitCode::from(status as u8)
}

fn run(cli: Cli) -> Status {
    let outcome = match &cli.command {
        None => check::check(&cli.check),
        Some(Command::Build(args)) => build::build(args),
        Some(Command::Why(args)) => why::why(args),
        Some(Command::Explain(args)) => pages::explain(args),
        Some(Command::Rules(args)) => pages::rules(args),
        Some(Command::Init(args)) => init::init(args),
        Some(Command::Schema) => init::schema(),
        Some(Command::Completions(args)) => {
            // Into memory first: the generator panics where it cannot write.
            let mut script = Vec::new();
            clap_complete::generate(args.shell, &mut Cli::command(), "manicheck", &mut script);
            io::stdout().write_all(&script).map(|()| Status::Clean).map_err(Stop::from)
        }
        Some(Command::Man) => {
            clap_mangen::Man::new(Cli::command()).render(&mut io::stdout()).map(|()| Status::Clean).map_err(Stop::from)
        }
    };
    match outcome {
        Ok(status) => status,
        // Whoever reads our output has seen enough: `manicheck … | head`.
        Err(Stop::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => Status::Clean,
        Err(Stop::Io(error)) => {
            complain(&format!("cannot write: {error}"));
            Status::Failed
        }
        Err(Stop::Usage(message)) => {
            complain(&message);
            Status::Failed
        }
    }
}

/// Why a command stopped early.
enum Stop {
    /// Output could not be written.
    Io(io::Error),
    /// What was asked makes no sense; the message says what to do.
    Usage(String),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Stop::Io(error)
    }
}

fn complain(message: &str) {
    note(&format!("error: {message}"));
}

/// Says something beside the report.
fn note(message: &str) {
    // Nobody is left to tell if this fails, as where standard error is closed or full.
    _ = writeln!(anstream::stderr(), "manicheck: {message}");
}
