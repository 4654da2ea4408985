//! `bench`: hands over to the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    kafka_bench::cli::main()
}
