//! `bench run`: opens the world, carries the plan out, prints the answer.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the answer goes to stdout, talk to stderr")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use super::args::RunArgs;
use super::check::tell_doubts;
use super::compile::compile_to_run;
use super::exit::Exit;
use super::progress::Progress;
use super::{overrides, screen, signals};
use crate::analyse::{RunVerdict, run_verdict};
use crate::cluster::{Talk, state_folder, work_folder};
use crate::consumers::BackendError;
use crate::driver::{self, DriverError, Event, Kept, Options, Places, SoFar, World};
use crate::fault::Faults;
use crate::plan::{Plan, PlannedTrial};
use crate::record::{Build, Folder, Manifest, Run, StoreError};
use crate::report;
use crate::spec::{Cluster, Document, recorded};

/// Runs an experiment, or the rest of one.
pub fn run(args: &RunArgs) -> ExitCode {
    match try_run(args) {
        Ok(exit) => exit.into(),
        Err(Failure::Faults(faults)) => {
            eprint!("{faults}");
            Exit::Faulty.into()
        }
        Err(Failure::World(error)) => {
            eprintln!("error: {error}");
            Exit::Environment.into()
        }
    }
}

enum Failure {
    Faults(Faults),
    World(DriverError),
}

impl<E: Into<DriverError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Failure::World(error.into())
    }
}

/// A run that is about to begin or go on.
struct Job {
    document: Document,
    plan: Plan,
    todo: Vec<PlannedTrial>,
    folder: Folder,
    /// Where a broker of the run's own keeps its data.
    work: PathBuf,
    /// The manifest's `configuration`.
    configuration: serde_json::Value,
    resumed: bool,
    so_far: SoFar,
}

fn try_run(args: &RunArgs) -> Result<Exit, Failure> {
    let id = short_id();
    let mut job = match (&args.resume, &args.file) {
        (Some(dir), _) => resume(dir, args)?,
        (None, Some(file)) => begin(file, args, &id)?,
        (None, None) => return Ok(Exit::Faulty), // clap asks for one of them
    };
    let options = Options { keep: can_keep(&job.plan, args.keep), ..Options::default() };
    signals::listen(&options.shutdown);
    let mut progress = Progress::new(per_trial(&job.plan));
    let ended = carry_out(&mut job, &id, &options, &mut progress);
    let sealed = job.folder.seal();
    let ended = ended.and_then(|()| Ok(sealed?));
    progress.end();
    let report = say(&mut job);
    tell_paths(job.folder.path());
    let Some(signal) = options.shutdown.signal() else {
        ended.map_err(|error| at_fault(&job.document, error))?;
        return Ok(report?);
    };
    if let Err(error) = ended {
        eprintln!("{error}");
    }
    if report.is_err() {
        eprintln!("interrupted before anything was measured");
    } else if !driver::is_through(&job.plan, job.so_far.findings()) {
        eprintln!("interrupted; go on with: bench run --resume {}", job.folder.path().display());
    }
    Ok(Exit::Signal(signal))
}

/// Topics that the cluster would not make are the file's fault where it asks for what there is not.
fn at_fault(document: &Document, error: DriverError) -> Failure {
    match error {
        DriverError::Topics(refused) => {
            let faults = refused.into_iter().map(|one| document.about_fault(&one.about, one.what));
            Failure::Faults(document.faults(faults.collect()))
        }
        error => Failure::World(error),
    }
}

/// Topics and groups stay on a cluster that stays.
fn can_keep(plan: &Plan, asked: bool) -> bool {
    let ends = matches!(plan.cluster, Cluster::Kafka { .. });
    if asked && ends {
        eprintln!(
            "--keep leaves nothing: the broker ends with the run; name one of your own under `cluster: bootstrap:`"
        );
    }
    asked && !ends
}

fn begin(file: &Path, run: &RunArgs, id: &str) -> Result<Job, Failure> {
    let args = &run.overrides;
    let (document, plan) =
        Document::load(file, &overrides(args)).and_then(compile_to_run).map_err(Failure::Faults)?;
    tell_doubts(&plan);
    driver::check_rights(&plan)?;
    let work = work(&plan, run.work.as_deref())?;
    let folder = Folder::create(&run.out, &plan.experiment, SystemTime::now(), id)?;
    folder.write_experiment(document.source().as_bytes())?;
    for (name, bytes) in document.files() {
        folder.write_once(&name, &bytes)?;
    }
    folder.write_plan(&driver::plan_rows(&plan))?;
    let set: Vec<String> = args.set.iter().map(|text| recorded::set(text)).collect();
    let overrides = serde_json::json!({ "set": set, "repetitions": args.repetitions, "seed": args.seed });
    let configuration = serde_json::json!({ "overrides": overrides, "plan": plan.to_json() });
    let so_far = SoFar::default();
    Ok(Job { todo: plan.trials.clone(), document, plan, folder, work, configuration, resumed: false, so_far })
}

/// Where a broker of the run's own will keep its data. That there is such a place is known before anything is recorded.
fn work(plan: &Plan, asked: Option<&Path>) -> Result<PathBuf, Failure> {
    state_folder()?;
    match plan.cluster {
        Cluster::Kafka { .. } => Ok(work_folder(asked, plan.log_bytes())?),
        Cluster::Bootstrap { .. } => Ok(PathBuf::new()),
    }
}

/// What is missing of a run: the file as it was copied, with the same overrides, so the plan is the same.
fn resume(dir: &Path, asked: &RunArgs) -> Result<Job, Failure> {
    let run = Run::load(dir)?;
    let mut configuration = run.manifest.configuration.clone();
    let copy = dir.join("experiment.yaml");
    let source = std::fs::read_to_string(&copy).map_err(|source| StoreError::Io {
        what: "read",
        path: copy,
        source,
    })?;
    // Under the file's own name, which names the topics' group by default.
    let name = format!("{}.yaml", run.manifest.experiment);
    let faulty = |faults| Failure::Faults(Faults::new(name.clone(), source.clone(), faults));
    let mut args =
        super::resume::overrides(&configuration["overrides"], &asked.overrides.set, dir).map_err(faulty)?;
    let more = super::resume::more(asked.overrides.repetitions, &run.manifest);
    let more = more.map_err(|fault| faulty(vec![fault]))?;
    args.repetitions = more.or(args.repetitions);
    let document = Document::parse(Path::new(&name), source, &overrides(&args)).map_err(Failure::Faults)?;
    let (document, mut plan) = compile_to_run(document.with_files_in(dir)).map_err(Failure::Faults)?;
    if let Some(more) = more {
        configuration["overrides"]["repetitions"] = more.into();
        configuration["plan"] = plan.to_json();
    }
    if let (Some(growth), Some(search)) = (&mut plan.growth, &run.manifest.search) {
        growth.weigh_as(search.alone_from);
    }
    let so_far = SoFar::of(&run)?;
    while driver::extend(&mut plan, so_far.findings()) {}
    let todo: Vec<PlannedTrial> =
        plan.trials.iter().filter(|trial| !run.is_done(trial.order)).copied().collect();
    let work = if todo.is_empty() { PathBuf::new() } else { work(&plan, asked.work.as_deref())? };
    Ok(Job { todo, document, plan, folder: Folder::open(dir), work, configuration, resumed: true, so_far })
}

fn carry_out(job: &mut Job, id: &str, options: &Options, progress: &mut Progress) -> Result<(), DriverError> {
    if job.resumed {
        job.folder.unseal()?;
    }
    if job.resumed && job.todo.is_empty() {
        eprintln!("nothing is missing");
        let manifest = Run::load(job.folder.path())?.manifest;
        return conclude(&job.folder, manifest, &mut job.so_far);
    }
    let program = std::env::current_exe().map_err(BackendError::NoProgram)?;
    let places = Places { results: job.folder.path().to_owned(), work: job.work.clone(), program };
    let shutdown = options.shutdown.clone();
    let mut talk = Talk { tell: &mut |what| eprintln!("{what}"), stop: &|| shutdown.is_asked() };
    let mut world = World::open(&mut job.plan, id, places, &mut talk)?;
    let tried = driver::try_clients(&world, &job.plan, &mut talk);
    if tried.is_err() {
        return first_of(tried, world.close(), talk.tell);
    }
    let mut manifest = driver::manifest(&job.plan, &world, job.configuration.clone());
    if job.resumed {
        manifest = Run::load(job.folder.path())?.manifest.resumed_by(manifest);
        // Blocks may have been added.
        manifest.configuration = job.configuration.clone();
    }
    if job.resumed && job.plan.growth.is_some() {
        // It may have ended between a step and the plan for the next.
        driver::save_growth(&job.plan, &world, &job.folder, &mut manifest)?;
    }
    job.folder.write_manifest(&manifest)?;
    if job.resumed && job.plan.growth.is_none() {
        job.folder.write_plan(&driver::plan_rows(&job.plan))?;
    }
    let ended = driver::run(
        &mut job.plan,
        &job.todo,
        &mut world,
        options,
        &mut |event| progress.tell(event),
        Kept { folder: &job.folder, manifest: &mut manifest, so_far: &mut job.so_far },
    );
    first_of(ended, world.close(), &mut |what| progress.tell(&Event::Trouble(what)))?;
    if options.shutdown.is_asked() && !driver::is_through(&job.plan, job.so_far.findings()) {
        return Ok(());
    }
    conclude(&job.folder, manifest, &mut job.so_far)
}

/// The first that went wrong is the one to end with; what went wrong after it is told, and stays known to `bench clean`.
fn first_of(
    ended: Result<(), DriverError>,
    later: Vec<DriverError>,
    tell: &mut dyn FnMut(&str),
) -> Result<(), DriverError> {
    later.into_iter().fold(ended, |first, next| {
        let Err(first) = first else { return Err(next) };
        tell(&format!("{next}; `bench clean` tries again"));
        Err(first)
    })
}

/// Tables and report of a run that is through; that it is finished is written last.
fn conclude(folder: &Folder, mut manifest: Manifest, so_far: &mut SoFar) -> Result<(), DriverError> {
    let now = || humantime::format_rfc3339_millis(SystemTime::now()).to_string();
    manifest.finished.get_or_insert_with(now);
    manifest.reports_by = Some(Build::this());
    so_far.sum_up(&manifest);
    so_far.write_tables(folder, &manifest)?;
    let run = Run { manifest: manifest.clone(), ..Run::load(folder.path())? };
    for (name, text) in report::files(&run, so_far.findings())? {
        folder.write(&name, text.as_bytes())?;
    }
    Ok(folder.write_manifest(&manifest)?)
}

/// Where the whole report lies, the page first, and the records.
fn tell_paths(folder: &Path) {
    let named = [("page", "report.html"), ("report", "report.md"), ("records", "")];
    let paths =
        named.map(|(what, name)| (what, if name.is_empty() { folder.to_owned() } else { folder.join(name) }));
    for (what, path) in paths.iter().filter(|(_, path)| path.exists()) {
        eprintln!("{:<8} {}", format!("{what}:"), path.display());
    }
}

/// Prints the answer of what is there, and says how the SLOs stand; nothing where nothing was saved.
fn say(job: &mut Job) -> Result<Exit, DriverError> {
    let run = Run::load(job.folder.path())?;
    if run.trials.is_empty() {
        return Ok(Exit::Undecided);
    }
    job.so_far.sum_up(&run.manifest);
    let findings = job.so_far.findings();
    print!("{}", report::closing(&run, findings, &screen::of_stdout(job.folder.path())));
    Ok(match run_verdict(findings) {
        RunVerdict::Held => Exit::Held,
        RunVerdict::Broken => Exit::Broken,
        RunVerdict::Undecided => Exit::Undecided,
    })
}

/// About how long one trial takes.
fn per_trial(plan: &Plan) -> Duration {
    Duration::from_secs_f64(plan.budget().shortest_s / plan.trials.len().max(1) as f64)
}

/// Six characters that no other run of this host has at the same time: from the clock and the process.
fn short_id() -> String {
    let nanos =
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64);
    let mixed = (nanos ^ u64::from(std::process::id()) << 40).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    format!("{:06x}", mixed >> 40)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_ends_with_the_first_that_went_wrong_and_all_else_is_told() {
        let wrong = |reason: &str| DriverError::InstanceDied { reason: reason.to_owned() };
        let end = |ended: Result<(), DriverError>| {
            let mut told = Vec::new();
            let later = vec![wrong("its containers"), wrong("the broker")];
            let first = first_of(ended, later, &mut |what| told.push(what.to_owned())).unwrap_err();
            (first.to_string(), told.join("\n"))
        };
        let (first, told) = end(Err(wrong("no topic")));
        assert!(first.contains("no topic"), "{first}");
        assert!(told.contains("its containers; `bench clean`") && told.contains("the broker"), "{told}");
        let (first, told) = end(Ok(()));
        assert!(first.contains("its containers") && !told.contains("its containers"), "{first}: {told}");
        assert!(first_of(Ok(()), Vec::new(), &mut |_| ()).is_ok());
    }
}
