//! What may be typed: declarations only.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use super::instances::Sort;
use crate::report::Format;
use crate::units::{Share, Span};

/// The command line.
#[derive(Debug, Parser)]
#[command(name = "bench", version, about = "Answers scaling questions about Kafka pipelines with evidence", after_long_help = AFTER)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

const AFTER: &str = "\
Examples:
  bench check experiments/partitions.yaml          tell all that is wrong with a file; start nothing
  bench plan experiments/partitions.yaml           what would be run, in which order, for how long
  bench run experiments/partitions.yaml            run it; the answer comes at the end
  bench run --resume results/partitions/2026-…     go on with a run that was interrupted
  bench report results/partitions/2026-… --format md
  bench report results/partitions/2026-… --open     its page, in a browser
  bench report results/partitions/2026-… --claim 1  what its first sentence rests on: rows and arithmetic
  bench report results/partitions/2026-… --checklist   what a referee would ask for, and where it is
  bench verify results/partitions/2026-…           whether the folder is what was written, and says what its records say
  bench compare results/partitions/2026-… results/partitions/2027-…    whether they differ, and by how much
  bench list                                       the runs below `results`: question, answer, outcome
  bench instances t3.micro t3.medium               credits and prices, side by side
  bench clean                                      take away what dead runs have left behind

Exit codes:
  0 every SLO held          1 an SLO was broken        2 usage, or a faulty file
  3 the environment failed  4 a treatment without a usable trial, or a verdict undecided
  130, 143 ended by a signal; what was measured is kept";

const AFTER_VERIFY: &str = "\
What is checked:
  every file against SHA256SUMS, which `bench run` writes (`sha256sum -c SHA256SUMS` does so without bench); files that were added or are missing
  format and columns of every record, each histogram by its own checksum; trials against plan and manifest; books, and what must add up to them
  tables and reports, made again from the records, byte for byte; of those that another version of bench wrote, which numbers differ
A folder without SHA256SUMS, of before there were any, is checked by all the others, and that is said.

Examples:
  bench verify results/partitions/2026-11-27T10-11-32Z-6193d7
  bench verify results/partitions/2026-… --json

Exit codes:
  0 the folder is whole     1 something in it is not: each file is named
  2 usage                   3 there is no such folder, it cannot be read, or a later bench wrote it";

const AFTER_COMPARE: &str = "\
Trials are compared, never messages. `DIR#twin=one` stands for all treatments of that run with that level, each set against the one that is alike in all else;
`bench report DIR` names the levels as they are written in its trials.csv, column `treatment`. Treatments of one run are compared block by block; two runs by all their trials. The table says beside each comparison
the smallest difference that it could have seen: one that could not have seen the margin is undecided, never the same. Runs that differ in question, offered
load, host, Kafka, units, emulation or format are refused, and so is a run that is not finished: `--unlike` compares them all the same.

Examples:
  bench compare results/partitions/2026-11-27T… results/partitions/2026-11-28T…
  bench compare 'results/aa/2026-…#twin=one' 'results/aa/2026-…#twin=other' --metric 'p99(end_to_end)' --margin 2%
  bench compare before after --metric processed --format html > compared.html

Exit codes:
  0 better, or the same     1 worse in at least one comparison
  2 unlike, a run that is not finished, or usage     3 a folder cannot be read
  4 undecided: no comparison is worse, and one at least could not be decided";

const AFTER_REPORT: &str = "\
As text it takes the terminal's width, in a pipe that of COLUMNS, and without COLUMNS as much as it needs; columns that find no room are named.

Examples:
  bench report results/partitions/2026-…
  COLUMNS=60 bench report results/partitions/2026-… | less -R
  bench report results/partitions/2026-… --format html > page.html";

const AFTER_LIST: &str = "\
The outcome is `held`, `broken` or `undecided`, as the exit codes of `bench run`; `unfinished` with the trials that are there of those that were planned; or
`unread` with the reason. A table takes the terminal's width, in a pipe that of COLUMNS; below 72 columns each run is a few lines, and in a pipe without COLUMNS
it is one line.

Examples:
  bench list
  bench list results/partitions
  bench list results --html > results/index.html
  bench list --json | jq -r '.[] | select(.outcome == \"broken\") | .folder'

Exit codes:
  0 listed                  2 usage                    3 there is no such folder, or it cannot be read";

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run an experiment; its answer is printed, its report lies in the folder
    Run(RunArgs),
    /// Tell all that is wrong with an experiment file; starts nothing
    Check {
        /// The experiment
        file: PathBuf,
        #[command(flatten)]
        overrides: OverrideArgs,
        /// As one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Tell what a run would do: treatments, trials in their order, time, messages
    Plan {
        /// The experiment
        file: PathBuf,
        #[command(flatten)]
        overrides: OverrideArgs,
        /// As one JSON document
        #[arg(long)]
        json: bool,
        /// Draw the rate of each treatment over time instead
        #[arg(long, conflicts_with = "json")]
        draw: bool,
        /// Tell how many repetitions a wanted width takes, by what the trials of the run in this folder scatter
        #[arg(long, value_name = "DIR", conflicts_with = "draw")]
        from: Option<PathBuf>,
        /// How far a 95 % interval may reach to either side
        #[arg(long, value_name = "SHARE", default_value = "5%", requires = "from", value_parser = share)]
        width: Share,
    },
    /// Say what a results folder means, from its records alone
    #[command(after_long_help = AFTER_REPORT)]
    Report {
        /// The results folder of one run
        dir: PathBuf,
        /// How
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
        /// Write all that is made from the records into the folder again, its tables, its page and its figures, and print nothing
        #[arg(long, conflicts_with_all = ["format", "prices"])]
        write: bool,
        /// Open the page of the run, or say where it lies
        #[arg(long, conflicts_with_all = ["format", "prices", "write"])]
        open: bool,
        /// Write each figure, courses of trials too, into this folder as SVG, as CSV and as pgfplots TeX (to \input; figures.tex shows them all), and print nothing
        #[arg(long, value_name = "OUT", conflicts_with_all = ["format", "write", "open"])]
        figures: Option<PathBuf>,
        /// Print the claim of this number, the rows behind it and the arithmetic, to do it by hand; numbers stand behind the sentences of the page
        #[arg(long, value_name = "N", conflicts_with_all = ["format", "write", "open", "figures"])]
        claim: Option<usize>,
        /// Print the referee's checklist: what a reader of a result may ask for, each box with what fulfils it in the records, or what is missing
        #[arg(long, conflicts_with_all = ["write", "open", "figures", "claim"])]
        checklist: bool,
        /// Price it with this table (CSV: item,price), which goes over the prices of the run
        #[arg(long, value_name = "FILE")]
        prices: Option<PathBuf>,
    },
    /// Check that a results folder is what was written, and says what its records say
    #[command(after_long_help = AFTER_VERIFY)]
    Verify {
        /// The results folder of one run
        dir: PathBuf,
        /// As one JSON document
        #[arg(long)]
        json: bool,
        /// Give a folder of before there were sums its SHA256SUMS, which say when; only where it is whole
        #[arg(long)]
        seal: bool,
    },
    /// Compare runs, or treatments of a run, with the first: better, worse, the same within a margin, or undecided
    #[command(after_long_help = AFTER_COMPARE)]
    Compare(CompareArgs),
    /// List the runs below a folder: date, experiment, question, answer, outcome
    #[command(after_long_help = AFTER_LIST)]
    List {
        /// Where to look
        #[arg(default_value = "results")]
        dir: PathBuf,
        /// As one JSON document
        #[arg(long)]
        json: bool,
        /// As a page with each run's figure, to lie in that folder: `bench list DIR --html > DIR/index.html`
        #[arg(long, conflicts_with = "json")]
        html: bool,
    },
    /// Show the instance types that can be emulated, their credits and prices; with names, side by side
    Instances {
        /// Such as t3.micro t3.medium
        names: Vec<String>,
        /// Least first
        #[arg(long, value_enum)]
        sort: Option<Sort>,
        /// As one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Print the JSON schema of experiment files
    Schema,
    /// Take away topics, groups, files and processes that dead runs have left; never a living run's
    Clean {
        /// Only on this cluster (host:port, …)
        #[arg(long, value_name = "SERVERS")]
        bootstrap: Option<String>,
        /// A property of the cluster's clients that was given to the run as a secret, and so was not written down
        #[arg(long, value_name = "NAME=VALUE")]
        property: Vec<String>,
    },
    /// Be one instance of the reference consumer (configured by a file or BENCH_CONSUMER, or by what bench tells any program)
    Consumer {
        /// Its configuration, JSON
        #[arg(long)]
        config: Option<PathBuf>,
        /// CPU time that each message takes, as in `200us`, where bench starts it as any program
        #[arg(long, value_name = "TIME", conflicts_with = "config", value_parser = span)]
        cpu: Option<Span>,
        /// Time without CPU that each message takes, where bench starts it as any program
        #[arg(long, value_name = "TIME", conflicts_with = "config", value_parser = span)]
        wait: Option<Span>,
    },
    /// Print a completion script
    Completions {
        /// For which shell
        shell: Shell,
    },
}

/// `bench compare`.
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// A results folder, or those of its treatments that have these levels: DIR#LEVELS; all others are compared with the first
    #[arg(required = true, num_args = 2.., value_name = "DIR[#LEVELS]")]
    pub sides: Vec<String>,
    /// By what; may be given several times; by default what the first run's answer is about, and what had to hold in it
    #[arg(long)]
    pub metric: Vec<String>,
    /// Differences smaller than this are none
    #[arg(long, default_value = "5%")]
    pub margin: String,
    /// How
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Compare them although they differ in what makes numbers comparable; the report says so
    #[arg(long)]
    pub unlike: bool,
}

/// A share as it is written: `5%`.
fn share(text: &str) -> Result<Share, String> {
    text.parse().map_err(|wrong: crate::units::NotAQuantity| format!("{}: {}", wrong.what, wrong.hint))
}

/// A time as it is written: `200us`.
fn span(text: &str) -> Result<Span, String> {
    text.parse().map_err(|wrong: crate::units::NotAQuantity| format!("{}: {}", wrong.what, wrong.hint))
}

/// `bench run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The experiment
    #[arg(required_unless_present = "resume")]
    pub file: Option<PathBuf>,
    /// Go on with the run in this folder: what is missing, in the planned order; secrets that were given with `--set` are given again. With
    /// `--repetitions N` it gets blocks until each treatment has N trials: a further look, which verdicts pay for
    #[arg(long, value_name = "DIR", conflicts_with_all = ["file", "out", "seed"])]
    pub resume: Option<PathBuf>,
    /// Folder that gets `<experiment>/<UTC time>-<short id>/`
    #[arg(long, default_value = "results")]
    pub out: PathBuf,
    /// Folder for the data of a broker that bench starts; by default under the user's cache
    #[arg(long, value_name = "DIR")]
    pub work: Option<PathBuf>,
    /// Leave topics and groups for inspection
    #[arg(long)]
    pub keep: bool,
    #[command(flatten)]
    pub overrides: OverrideArgs,
}

/// What wins over the file.
#[derive(Clone, Debug, Default, Args)]
pub struct OverrideArgs {
    /// Trials of each treatment
    #[arg(long, value_name = "N")]
    pub repetitions: Option<u32>,
    /// Everything drawn follows from it
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Set any value of the file by its path; may be given several times
    #[arg(long, value_name = "PATH=VALUE")]
    pub set: Vec<String>,
}
