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

/// How a run ended.
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
    let mut folders = Vec::new();
    // A folder that was named must be there; what cannot be read below it holds no run that can be.
    fs::read_dir(dir).map_err(|source| StoreError::Io { what: "read", path: dir.to_owned(), source })?;
    find(dir, DEEPEST, &mut folders);
    folders.sort();
    let mut all: Vec<Listed> = folders.into_iter().map(read).collect();
    all.sort_by(|a, b| {
        a.asked.as_ref().map(|asked| &asked.started).cmp(&b.asked.as_ref().map(|asked| &asked.started))
    });
    Ok(all)
}

fn find(folder: &Path, deeper: usize, found: &mut Vec<PathBuf>) {
    if folder.join("manifest.json").exists() || folder.join("plan.csv").exists() {
        return found.push(folder.to_owned());
    }
    if deeper > 0 {
        let within = fs::read_dir(folder).into_iter().flatten().flatten();
        let folders = within.filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'));
        folders
            .map(|entry| entry.path())
            .filter(|path| path.is_dir())
            .for_each(|path| find(&path, deeper - 1, found));
    }
}

/// One run. Trials are judged only of one that is through: no other has an answer.
fn read(folder: PathBuf) -> Listed {
    let unread = |asked, error: StoreError| Listed {
        folder: folder.clone(),
        asked,
        answer: None,
        outcome: Ended::Unread(error.to_string()),
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
            return Ok((None, Ended::Unfinished(run.trials.len(), run.plan.len())));
        }
        let findings = Findings::from_run(&run)?;
        let outcome = match run_verdict(&findings) {
            RunVerdict::Held => Ended::Held,
            RunVerdict::Broken => Ended::Broken,
            RunVerdict::Undecided => Ended::Undecided,
        };
        Ok((answer::sentences(&run.manifest, &findings).into_iter().next(), outcome))
    });
    match read {
        Ok((answer, outcome)) => Listed { folder, asked, answer, outcome },
        Err(error) => unread(asked, error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::testing::{Synthetic, manifest};
    use crate::record::{Beside, Folder, PlanRow};
    use std::time::UNIX_EPOCH;

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
        let all = list(out.path()).unwrap();
        let found: Vec<&Path> = all.iter().map(|run| run.folder.as_path()).collect();
        assert_eq!(found, [later.path(), cut.path(), done.path(), broken.path()]);
        assert!(matches!(&all[0].outcome, Ended::Unread(why) if why.contains("bench 9.9.9")), "{:?}", all[0]);
        assert_eq!((&all[1].outcome, &all[1].answer), (&Ended::Unfinished(1, 2), &None));
        assert_eq!(all[2].outcome, Ended::Held);
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
