//! `bench compare A B …`: whether runs, or treatments, differ, and by how much.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what was found is this verb's result")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use super::args::CompareArgs;
use super::exit::Exit;
use super::screen;
use crate::analyse::versus::{Difference, Outcome, Side, census, differences};
use crate::analyse::{Findings, responses};
use crate::record::{Run, StoreError};
use crate::report::versus::{Compared, rendered};
use crate::spec::Metric;

/// What parts a folder from the levels that are meant of it.
const OF: char = '#';

/// A run that was read, and the levels that are meant of it.
struct Opened<'a> {
    run: Run,
    findings: Findings,
    levels: &'a str,
}

/// Compares, prints, and says by its code what came of it.
pub fn run(args: &CompareArgs) -> ExitCode {
    let margin = match margin(&args.margin) {
        Ok(margin) => margin,
        Err(what) => {
            // What the runs might have read elsewhere is not known yet.
            let unknown = metrics(&args.metric, |_| None).err().into_iter().flatten();
            unknown.chain([what]).for_each(|what| eprintln!("error: {what}"));
            return Exit::Faulty.into();
        }
    };
    let opened: Vec<Opened<'_>> = match args.sides.iter().map(|named| open(named)).collect() {
        Ok(opened) => opened,
        Err(error) => {
            eprintln!("error: {error}");
            return Exit::Environment.into();
        }
    };
    let sides: Vec<Side<'_>> =
        opened.iter().map(|one| Side::of(&one.run, &one.findings, one.levels)).collect();
    if let Some((_, named)) =
        sides.iter().zip(&args.sides).find(|(side, _)| side.treatments().next().is_none())
    {
        let slugs = slugs(&opened, named, &args.sides);
        eprintln!("error: {named}: the run has no treatment with these levels; it has {slugs}");
        return Exit::Faulty.into();
    }
    let Some((base, others)) = sides.split_first() else { return Exit::Faulty.into() };
    if others.iter().any(|other| base.is_the_same_as(other)) {
        eprintln!("error: the first is compared with itself; treatments of one run are named `DIR#LEVELS`");
        return Exit::Faulty.into();
    }
    let metrics = match metrics(&args.metric, |name| base.run.manifest.metric(name)) {
        Ok(metrics) => metrics,
        Err(unknown) => {
            for what in unknown {
                eprintln!("error: {what}");
            }
            return Exit::Faulty.into();
        }
    };
    let unfinished = opened.iter().zip(&args.sides).filter(|(one, _)| one.run.manifest.finished.is_none());
    let unfinished: Vec<&String> = unfinished.map(|(_, name)| name).collect();
    if !args.unlike && !unfinished.is_empty() {
        for name in unfinished {
            eprintln!("error: {name}: the run is not finished");
        }
        eprintln!(
            "hint: whoever looks before the end, and stops when something is found, finds something; go on with `bench run --resume DIR`, or compare all the same with `--unlike`"
        );
        return Exit::Faulty.into();
    }
    let unlike: Vec<Vec<Difference>> = others.iter().map(|other| differences(base, other)).collect();
    if !args.unlike && unlike.iter().flatten().any(|one| one.forbids) {
        refuse(&unlike, &args.sides);
        return Exit::Faulty.into();
    }
    // Where nobody says what is asked, what the first run is about is.
    let asked =
        if metrics.is_empty() { responses(&base.run.manifest, base.findings) } else { metrics.clone() };
    let metrics = if metrics.is_empty() { usual(base, &asked) } else { metrics };
    let mut census = census(base, others, &metrics, margin);
    census.asked = asked.into_iter().map(|metric| metric.label).collect();
    let code = exit(&census);
    let compared = Compared { sides, named: args.sides.clone(), metrics, census, differences: unlike };
    print!("{}", rendered(&compared, args.format, &screen::of_stdout(Path::new("."))));
    code
}

/// What the first run is about, and what had to hold in it.
fn usual(base: &Side<'_>, responses: &[Metric]) -> Vec<Metric> {
    let slos = base.run.manifest.slos.iter().filter_map(|slo| base.run.manifest.metric(&slo.metric));
    let mut all: Vec<Metric> = Vec::new();
    for metric in responses.iter().cloned().chain(slos) {
        if all.iter().all(|known| known.name != metric.name) {
            all.push(metric);
        }
    }
    all
}

/// The metrics of these names, of bench's own or of the pages that a run read.
fn metrics(named: &[String], read: impl Fn(&str) -> Option<Metric>) -> Result<Vec<Metric>, Vec<String>> {
    let find = |name: &String| Metric::written(name).or_else(|| read(name));
    let (known, unknown): (Vec<_>, Vec<_>) = named.iter().partition(|name| find(name).is_some());
    if unknown.is_empty() {
        let mut found: Vec<Metric> = known.into_iter().filter_map(find).collect();
        let mut seen = BTreeSet::new();
        found.retain(|metric| seen.insert(metric.name.clone()));
        return Ok(found);
    }
    let hint = "metrics are the columns of trials.csv, or `p99(end_to_end)`, `processed`, `cost`";
    Err(unknown.into_iter().map(|name| format!("--metric {name}: there is no such metric; {hint}")).collect())
}

fn margin(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').map_or_else(
        || text.parse::<f64>().ok(),
        |percent| percent.trim().parse::<f64>().ok().map(|percent| percent / 100.0),
    );
    number
        .filter(|margin| *margin > 0.0 && *margin < 1.0)
        .ok_or_else(|| format!("--margin {text}: a share between 0 % and 100 % is needed, such as `5%`"))
}

/// `DIR`, or `DIR#LEVELS`; a folder whose own name has a `#` goes before.
fn open(named: &str) -> Result<Opened<'_>, StoreError> {
    let (path, levels) = match named.rsplit_once(OF) {
        Some((path, levels)) if !Path::new(named).exists() => (path, levels),
        _ => (named, ""),
    };
    let run = Run::load(Path::new(path))?;
    let findings = Findings::from_run(&run)?;
    Ok(Opened { run, findings, levels })
}

/// All treatments of the run that was named so.
fn slugs(opened: &[Opened<'_>], named: &str, all: &[String]) -> String {
    let of = opened.iter().zip(all).find(|(_, own)| *own == named);
    let slugs = of.iter().flat_map(|(of, _)| &of.findings.treatments).map(|one| one.slug.as_str());
    slugs.collect::<Vec<_>>().join("; ")
}

fn refuse(unlike: &[Vec<Difference>], named: &[String]) {
    for (own, name) in unlike.iter().zip(named.iter().skip(1)) {
        for one in own.iter().filter(|one| one.forbids) {
            eprintln!("error: {name}: {} differs: `{}` and `{}`", one.what, one.base, one.other);
        }
    }
    eprintln!(
        "hint: numbers of unlike runs say nothing about each other; `--unlike` compares them all the same, and says so"
    );
}

/// Worse goes before undecided. Less of what has no better direction is a difference, and no worse.
fn exit(census: &crate::analyse::versus::Census) -> ExitCode {
    if census.told("worse").next().is_some() || !census.lost.is_empty() {
        Exit::Broken.into()
    } else if census.count(Outcome::Undecided) > 0
        || census.judged.len() + census.nothing() == 0
        || census.leaves_open()
    {
        Exit::Undecided.into()
    } else {
        Exit::Held.into()
    }
}
