//! The runs below a folder: what each asked, what it answered, how it ended.

use std::fs;
use std::path::{Path, PathBuf};

use super::say::answer;
use crate::analyse::{Findings, RunVerdict, run_verdict};
use crate::record::{Manifest, Run, StoreError};

/// Folders within folders that are looked through.
const DEEPEST: usize = 6;

/// One run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its folder.
    pub folder: PathBuf,
    /// What its manifest tells; none where that cannot be read.
    pub asked: Option<Asked>,
    /// The first sentence of its report's answer; none where it is not through, or has none.
    pub answer: Option<String>,
    /// How it ended.
    pub outcome: Ended,
    /// The same in words.
    pub told: String,
}

/// What a run was asked, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// When it began (RFC 3339, UTC).
    pub started: String,
    /// The experiment's name.
    pub experiment: String,
    /// Its question.
    pub question: String,
}

/// How a run ended, as its exit code says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every SLO held, or there was none.
    Held,
    /// An SLO was broken.
    Broken,
    /// A treatment without a usable trial, or a verdict undecided.
    Undecided,
    /// It runs, or was cut off or interrupted, with so many trials saved of those that were planned.
    Unfinished(usize, usize),
    /// Why it cannot be read.
    Unread(String),
}

impl Ended {
    /// One word.
    pub const fn name(&self) -> &'static str {
        match self {
            Ended::Held => "held",
            Ended::Broken => "broken",
            Ended::Undecided => "undecided",
            Ended::Unfinished(..) => "unfinished",
            Ended::Unread(_) => "unread",
        }
    }
}

/// All runs below a folder, the folder itself too, the earliest first; those whose time is not known come before all.
pub fn list(dir: &Path) -> Result<Vec<Listed>, StoreError> {
    Ok(look(dir, |_, _| ())?.into_iter().map(|(listed, ())| listed).collect())
}

/// The same, each with what is seen of it while it is read: of its records, and of what they say where it is through. Of one that cannot be read nothing is seen.
pub(super) fn look<T: Default>(
    dir: &Path,
    see: impl Fn(&Run, Option<&Findings>) -> T,
) -> Result<Vec<(Listed, T)>, StoreError> {
    let mut folders = Vec::new();
    // A folder that was named must be there; what cannot be read below it holds no run that can be.
    fs::read_dir(dir).map_err(|source| StoreError::Io { what: "read", path: dir.to_owned(), source })?;
    find(dir, DEEPEST, &mut folders);
    folders.sort();
    let mut all: Vec<(Listed, T)> = folders.into_iter().map(|folder| read(folder, &see)).collect();
    let started = |listed: &Listed| listed.asked.as_ref().map(|asked| asked.started.clone());
    all.sort_by_key(|(listed, _)| started(listed));
    Ok(all)
}

/// What only a run's folder has; a manifest may be what it has lost.
const OF_RUNS: [&str; 5] = ["manifest.json", "plan.csv", "experiment.yaml", "trials", "trials.csv"];

fn find(folder: &Path, deeper: usize, found: &mut Vec<PathBuf>) {
    // One that may not be looked into may hold a run, or be one.
    let Ok(within) = fs::read_dir(folder) else { return found.push(folder.to_owned()) };
    if OF_RUNS.iter().any(|name| folder.join(name).exists()) {
        return found.push(folder.to_owned());
    }
    if deeper > 0 {
        let within = within.flatten();
        let folders = within.filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'));
        folders
            .map(|entry| entry.path())
            .filter(|path| path.is_dir())
            .for_each(|path| find(&path, deeper - 1, found));
    }
}

/// One run. Trials are judged only of one that is through: no other has an answer.
fn read<T: Default>(folder: PathBuf, see: impl Fn(&Run, Option<&Findings>) -> T) -> (Listed, T) {
    let unread = |asked, error: StoreError| {
        let outcome = Ended::Unread(error.to_string());
        let told = outcome.name().to_owned();
        (Listed { folder: folder.clone(), asked, answer: None, outcome, told }, T::default())
    };
    let manifest = match Manifest::load(&folder) {
        Ok(manifest) => manifest,
        Err(error) => return unread(None, error),
    };
    let asked = Some(Asked {
        started: manifest.started,
        experiment: manifest.experiment,
        question: manifest.question,
    });
    let read = Run::load(&folder).and_then(|run| {
        if run.manifest.finished.is_none() {
            let (trials, planned) = (run.trials.len(), run.plan.len());
            let told = format!("unfinished {trials}/{planned}");
            return Ok((None, Ended::Unfinished(trials, planned), told, see(&run, None)));
        }
        let findings = Findings::from_run(&run)?;
        let outcome = match run_verdict(&findings) {
            RunVerdict::Held => Ended::Held,
            RunVerdict::Broken => Ended::Broken,
            RunVerdict::Undecided => Ended::Undecided,
        };
        let told = told(&run.manifest, &findings, &outcome);
        let answer = answer::sentences(&run.manifest, &findings).into_iter().next();
        Ok((answer, outcome, told, see(&run, Some(&findings))))
    });
    match read {
        Ok((answer, outcome, told, seen)) => (Listed { folder, asked, answer, outcome, told }, seen),
        Err(error) => unread(asked, error),
    }
}

/// Nothing held where nothing had to; and where a volume grew until it broke, it held as far as it held.
fn told(manifest: &Manifest, findings: &Findings, outcome: &Ended) -> String {
    let name = outcome.name();
    match (outcome, &findings.grown) {
        (Ended::Held, None) if manifest.slos.is_empty() => "no SLO".to_owned(),
        (Ended::Held, Some(grown)) => match grown.iter().map(|search| search.held).collect::<Vec<_>>()[..] {
            [Some(volume)] => format!("{name} up to {volume}"),
            _ => format!("{name} up to a volume each"),
        },
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::testing::{Synthetic, manifest, slo};
    use crate::record::{Beside, Folder, PlanRow};
    use std::time::UNIX_EPOCH;

    #[test]
    fn nothing_held_where_nothing_had_to_and_a_volume_held_as_far_as_it_did() {
        let told = |change: &dyn Fn(&mut Manifest), rates: [&str; 2]| {
            let mut manifest = manifest(&rates);
            change(&mut manifest);
            let trial = |(order, processed): (u32, u64)| {
                let treatment = rates[order as usize - 1].to_owned();
                let trial = Synthetic { order, treatment, processed, ..Synthetic::default() };
                let judged = crate::analyse::judge(&trial.record(), &trial.rows(), &trial.latencies());
                crate::analyse::TrialFindings::of(&manifest, trial.record(), judged)
            };
            let findings = Findings::of(&manifest, [(1, 250), (2, 100)].map(trial).to_vec());
            let outcome =
                if run_verdict(&findings) == RunVerdict::Held { Ended::Held } else { Ended::Broken };
            super::told(&manifest, &findings, &outcome)
        };
        let must = |manifest: &mut Manifest| manifest.slos = vec![slo("processed >= 990/s")];
        let grows = |manifest: &mut Manifest| {
            must(manifest);
            manifest.until_broken = true;
        };
        assert_eq!(told(&|_| {}, ["a", "b"]), "no SLO");
        assert_eq!(told(&must, ["a", "b"]), "broken");
        assert_eq!(told(&grows, ["900/s", "1k/s"]), "held up to 900/s");
    }

    fn run(out: &Path, id: &str, finished: Option<&str>) -> Folder {
        let folder = Folder::create(out, "demo", UNIX_EPOCH, id).unwrap();
        let row = PlanRow { order: 1, block: 1, treatment: "a".to_owned(), repetition: 1, seed: 7 };
        folder.write_plan(&[row.clone(), PlanRow { order: 2, repetition: 2, ..row }]).unwrap();
        let mut manifest = manifest(&["a"]);
        manifest.finished = finished.map(str::to_owned);
        manifest.started = format!("2026-11-2{}T00:00:00Z", id.len());
        folder.write_manifest(&manifest).unwrap();
        let trial = Synthetic::default();
        folder.save(&trial.record(), (&trial.latencies(), &trial.rows(), &[]), Beside::default()).unwrap();
        folder
    }

    #[test]
    fn runs_are_listed_by_their_time_and_those_that_are_not_through_or_cannot_be_read_say_so() {
        let out = tempfile::tempdir().unwrap();
        let (done, cut) = (run(out.path(), "abc", Some("x")), run(out.path(), "ab", None));
        let (broken, later) = (run(out.path(), "abcd", Some("x")), run(out.path(), "a", Some("x")));
        broken.write("trials/001-a-r1/latency.hlog", b"Tag=send_delay,0.0\n").unwrap();
        later.write("manifest.json", b"{\"format\": 2, \"bench_version\": \"9.9.9\"}").unwrap();
        fs::create_dir_all(out.path().join("demo/none/of/them")).unwrap();
        let lost = out.path().join("demo/lost");
        fs::create_dir_all(lost.join("trials")).unwrap();
        let all = list(out.path()).unwrap();
        let found: Vec<&Path> = all.iter().map(|run| run.folder.as_path()).collect();
        assert_eq!(found, [later.path(), &lost, cut.path(), done.path(), broken.path()]);
        assert!(matches!(&all[0].outcome, Ended::Unread(why) if why.contains("bench 9.9.9")), "{:?}", all[0]);
        assert!(
            matches!(&all[1].outcome, Ended::Unread(why) if why.contains("manifest.json")),
            "{:?}",
            all[1]
        );
        let all = [&all[..1], &all[2..]].concat();
        assert_eq!((&all[1].outcome, &all[1].answer), (&Ended::Unfinished(1, 2), &None));
        assert_eq!((&all[2].outcome, all[2].told.as_str()), (&Ended::Held, "no SLO"));
        assert!(all[2].answer.as_ref().is_some_and(|answer| answer.ends_with('.')), "{:?}", all[2]);
        assert!(
            matches!(&all[3].outcome, Ended::Unread(why) if why.contains("latency.hlog")),
            "{:?}",
            all[3]
        );
        assert_eq!(all[3].asked.as_ref().unwrap().experiment, "demo");
        assert_eq!(list(done.path()).unwrap(), all[2..3], "a run that is named itself");
        assert!(list(&out.path().join("nowhere")).is_err());
    }
}
