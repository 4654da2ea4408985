//! Reading a results folder back, and what of its plan is still to be done.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::BufReader;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::draft::{LATENCIES, group_files};
use super::error::StoreError;
use super::events::{Event, read_events};
use super::groups::{GroupRecord, GroupTrace};
use super::held::Series;
use super::hlog_read::{read_hlog_of_window, read_hlog_seconds};
use super::injected::{GapRow, InTimeRow};
use super::latencies::Latencies;
use super::manifest::Manifest;
use super::planned::{PlanRow, read_plan};
use super::rows::ReadRows;
use super::scraped::ScrapedRow;
use super::store::trial_name;
use super::sums::sum_of;
use super::trial::{End, FORMAT, TrialRecord};
use crate::books::{InstanceSecond, Sparse};
use crate::spec::{COPIES, Document};
use crate::units::Latency;

/// A run as its folder holds it.
#[derive(Clone, Debug)]
pub struct Run {
    /// The folder.
    pub path: PathBuf,
    /// What the run met and was asked.
    pub manifest: Manifest,
    /// Every trial that was planned, in order.
    pub plan: Vec<PlanRow>,
    /// Every trial that was saved, in the plan's order.
    pub trials: Vec<SavedTrial>,
}

/// A trial as its folder holds it. All but its record is read when asked for: series and latencies of all trials together would fill the memory.
#[derive(Clone, Debug)]
pub struct SavedTrial {
    /// The folder.
    pub path: PathBuf,
    /// What it left behind.
    pub record: TrialRecord,
}

impl SavedTrial {
    /// Reads a trial's folder.
    pub fn load(path: PathBuf) -> Result<Self, StoreError> {
        let record = json(&path.join("trial.json"))?;
        Ok(SavedTrial { path, record })
    }

    /// Numbers over its time.
    pub fn rows(&self) -> Result<Series, StoreError> {
        self.series("series.csv")
    }

    /// Of its latencies what it is judged by: those that are columns, of messages due in the window.
    pub fn latencies_of_window(&self) -> Result<Latencies, StoreError> {
        self.window_of(LATENCIES)
    }

    /// One of its latencies by the second of due, from the window's start to its end; seconds in which nothing was due are not there.
    pub fn seconds_of_window(&self, latency: Latency) -> Result<Vec<(i64, Sparse)>, StoreError> {
        self.seconds_of_group(0, latency)
    }

    /// The same of a group, by its place.
    pub fn seconds_of_group(
        &self,
        number: usize,
        latency: Latency,
    ) -> Result<Vec<(i64, Sparse)>, StoreError> {
        let further = self.record.groups.get(number).filter(|_| number > 0);
        let name = further.map_or_else(|| LATENCIES.to_owned(), |group| group_files(&group.group).0);
        let (from, to) = self.record.layout().window();
        self.seconds_in(&name, latency, from..to)
    }

    /// The same from time 0 to the end, the warm-up and the drain with it: its seconds count from the window's start.
    pub fn all_seconds(&self, latency: Latency) -> Result<Vec<(i64, Sparse)>, StoreError> {
        self.seconds_in(LATENCIES, latency, i64::MIN..i64::MAX)
    }

    fn seconds_in(
        &self,
        name: &str,
        latency: Latency,
        within: Range<i64>,
    ) -> Result<Vec<(i64, Sparse)>, StoreError> {
        let path = self.path.join(name);
        read_hlog_seconds(open(&path)?, self.record.layout(), latency, within)
            .map_err(|why| StoreError::malformed(&path, why))
    }

    /// What was seen of each group beyond the first; of latencies what it is judged by.
    pub fn further_groups(&self) -> Result<Vec<GroupTrace>, StoreError> {
        let trace = |group: &GroupRecord| {
            let (hlog, series) = group_files(&group.group);
            let latencies = self.window_of(&hlog)?;
            Ok(GroupTrace { group: group.group.clone(), rows: self.series(&series)?, latencies })
        };
        self.record.groups.iter().skip(1).map(trace).collect()
    }

    fn window_of(&self, name: &str) -> Result<Latencies, StoreError> {
        let path = self.path.join(name);
        read_hlog_of_window(&mut open(&path)?, self.record.layout(), self.record.due_in_window)
            .map_err(|why| StoreError::malformed(&path, why))
    }

    fn series(&self, name: &str) -> Result<Series, StoreError> {
        rows(&self.path.join(name))
    }

    /// What its emulated instances did, second by second; empty where none were.
    pub fn instances(&self) -> Result<Vec<InstanceSecond>, StoreError> {
        self.rows_beside("instances.csv")
    }

    /// What was read from the pages of others; empty where there were none.
    pub fn scraped(&self) -> Result<Vec<ScrapedRow>, StoreError> {
        self.rows_beside("scraped.csv")
    }

    /// When partitions stood still; empty where none did, or nothing was done to the trial on purpose.
    pub fn gaps(&self) -> Result<Vec<GapRow>, StoreError> {
        self.rows_beside("gaps.csv")
    }

    /// In how many partitions messages were due in each second of the window, and came in time; empty in records of before it was counted.
    pub fn in_time(&self) -> Result<Vec<InTimeRow>, StoreError> {
        self.rows_beside("in_time.csv")
    }

    /// A file of rows that is only there where there are any.
    fn rows_beside<R: DeserializeOwned + Serialize + Default>(
        &self,
        name: &str,
    ) -> Result<Vec<R>, StoreError> {
        let path = self.path.join(name);
        if path.exists() { rows(&path) } else { Ok(Vec::new()) }
    }

    /// What happened while it ran.
    pub fn events(&self) -> Result<Vec<Event>, StoreError> {
        let path = self.path.join("events.jsonl");
        let text = fs::read_to_string(&path).map_err(StoreError::io("read", &path))?;
        read_events(&text).map_err(|why| StoreError::malformed(&path, why))
    }
}

impl Run {
    /// Reads a folder, finished or not.
    pub fn load(path: &Path) -> Result<Self, StoreError> {
        let manifest = Manifest::load(path)?;
        let plan = load_plan(path)?;
        let mut trials = Vec::new();
        for planned in &plan {
            let name = trial_name(planned.order, &planned.treatment, planned.repetition);
            let folder = path.join("trials").join(name);
            if folder.exists() {
                trials.push(SavedTrial::load(folder)?);
            }
        }
        Ok(Run { path: path.to_owned(), manifest, plan, trials })
    }

    /// The experiment as it was asked, with what was set over the file; none where it cannot be read any more.
    pub fn experiment(&self) -> Option<Document> {
        let path = self.path.join("experiment.yaml");
        Document::load(&path, &self.manifest.overrides()).ok()
    }

    /// Copies of the files that the experiment names (traces, messages): each by its name in the folder and its SHA-256. Empty where it names none, or they cannot
    /// be read any more.
    pub fn inputs(&self) -> BTreeMap<String, String> {
        let files = fs::read_dir(self.path.join(COPIES)).into_iter().flatten().flatten();
        let one = |file: fs::DirEntry| {
            Some((format!("{COPIES}/{}", file.file_name().to_string_lossy()), sum_of(&file.path()).ok()?))
        };
        files.filter_map(one).collect()
    }

    /// Whether every planned trial has a record and none was cut short by a signal.
    pub fn is_through(&self) -> bool {
        self.trials.len() == self.plan.len()
            && self.trials.iter().all(|trial| trial.record.end != End::Interrupted)
    }

    /// Whether a trial has a completed record; one that was never run, failed or was interrupted is still to be done.
    pub fn is_done(&self, order: u32) -> bool {
        self.trials.iter().any(|trial| trial.record.order == order && trial.record.end == End::Completed)
    }
}

impl Manifest {
    /// Reads that of a folder.
    pub fn load(folder: &Path) -> Result<Self, StoreError> {
        json(&folder.join("manifest.json"))
    }
}

/// Reads the plan of a folder.
pub fn load_plan(folder: &Path) -> Result<Vec<PlanRow>, StoreError> {
    let path = folder.join("plan.csv");
    read_plan(&bytes(&path)?).map_err(|why| StoreError::malformed(&path, why))
}

/// A file of which no more is held than a line.
pub(super) fn open(path: &Path) -> Result<BufReader<File>, StoreError> {
    File::open(path).map(BufReader::new).map_err(StoreError::io("read", path))
}

/// All rows of a file, of whose text no more is held than a row.
fn rows<R, All>(path: &Path) -> Result<All, StoreError>
where
    R: DeserializeOwned + Serialize + Default,
    All: FromIterator<R>,
{
    let read = ReadRows::of(open(path)?).and_then(Iterator::collect);
    read.map_err(|why| StoreError::malformed(path, why))
}

fn bytes(path: &Path) -> Result<Vec<u8>, StoreError> {
    fs::read(path).map_err(StoreError::io("read", path))
}

/// A record that says which format it has. One of a later format is refused before anything else of it is looked at: nobody knows what it means.
fn json<T: DeserializeOwned>(path: &Path) -> Result<T, StoreError> {
    /// What every format has.
    #[derive(Deserialize)]
    struct Head {
        format: u64,
        bench_version: Option<String>,
    }
    let text = bytes(path)?;
    if let Ok(head) = serde_json::from_slice::<Head>(&text)
        && head.format > FORMAT.into()
    {
        let newer = |version| format!("bench {version}, which wrote it, or a later one");
        let by = head.bench_version.map_or_else(|| "a later bench".to_owned(), newer);
        return Err(StoreError::TooNew { path: path.to_owned(), found: head.format, known: FORMAT, by });
    }
    serde_json::from_slice(&text).map_err(|why| StoreError::malformed(path, why))
}

#[cfg(test)]
mod tests {
    use super::super::store::{Beside, Folder};
    use super::super::testing::{Synthetic, manifest};
    use super::*;

    fn saved(folder: &Folder, order: u32, end: End) {
        let trial = Synthetic { order, end, ..Synthetic::default() };
        folder.save(&trial.record(), (&trial.latencies(), &trial.rows(), &[]), Beside::default()).unwrap();
    }

    #[test]
    fn what_is_missing_failed_or_interrupted_is_run_again_and_the_old_one_kept() {
        let out = tempfile::tempdir().unwrap();
        let folder = Folder::create(out.path(), "demo", std::time::UNIX_EPOCH, "abcd").unwrap();
        assert!(folder.path().ends_with("demo/1970-01-01T00-00-00Z-abcd"));
        let plan: Vec<PlanRow> = (1..=4).map(|order| Synthetic::planned(order, order)).collect();
        folder.write_plan(&plan).unwrap();
        folder.write_manifest(&manifest(&["a"])).unwrap();
        saved(&folder, 1, End::Completed);
        saved(&folder, 2, End::Failed("no broker".to_owned()));
        saved(&folder, 3, End::Interrupted);
        let missing = |row: &&PlanRow, run: &Run| !run.is_done(row.order);
        let orders = |run: &Run| {
            run.plan.iter().filter(|row| missing(row, run)).map(|row| row.order).collect::<Vec<_>>()
        };
        assert_eq!(orders(&Run::load(folder.path()).unwrap()), [2, 3, 4]);
        for order in 2..=4 {
            saved(&folder, order, End::Completed);
        }
        saved(&folder, 3, End::Completed);
        let run = Run::load(folder.path()).unwrap();
        assert_eq!(orders(&run), [0_u32; 0]);
        assert_eq!(run.trials.len(), 4);
        let kept = fs::read_dir(folder.path().join("superseded")).unwrap().count();
        assert_eq!(kept, 3, "the second, and the third twice");
    }

    #[test]
    fn records_of_a_later_format_are_refused_with_what_to_do_whatever_else_is_in_them() {
        let out = tempfile::tempdir().unwrap();
        let folder = Folder::create(out.path(), "demo", std::time::UNIX_EPOCH, "abcd").unwrap();
        folder.write_plan(&[Synthetic::planned(1, 1)]).unwrap();
        folder.write_manifest(&manifest(&["a"])).unwrap();
        saved(&folder, 1, End::Completed);
        let told = || Run::load(folder.path()).unwrap_err().to_string();
        let trial = Synthetic::default().record().trial;
        let later = format!(r#"{{"format": {}, "of_tomorrow": 1}}"#, FORMAT + 1);
        folder.write(&format!("trials/{trial}/trial.json"), later.as_bytes()).unwrap();
        assert!(told().ends_with("trial.json` has format 2, and this bench reads records up to format 1: read them with a later bench"), "{}", told());
        let later = format!(r#"{{"format": {}, "bench_version": "9.9.9"}}"#, FORMAT + 1);
        folder.write("manifest.json", later.as_bytes()).unwrap();
        assert!(told().ends_with("manifest.json` has format 2, and this bench reads records up to format 1: read them with bench 9.9.9, which wrote it, or a later one"), "{}", told());
    }

    #[test]
    fn what_was_seen_of_further_groups_is_read_back() {
        let out = tempfile::tempdir().unwrap();
        let folder = Folder::create(out.path(), "demo", std::time::UNIX_EPOCH, "abcd").unwrap();
        folder.write_plan(&[Synthetic::planned(1, 1)]).unwrap();
        folder.write_manifest(&manifest(&["a"])).unwrap();
        let trial = Synthetic::default();
        let (record, audit) = trial.with_audit(100);
        let beside = Beside { groups: std::slice::from_ref(&audit), ..Beside::default() };
        folder.save(&record, (&trial.latencies(), &trial.rows(), &[]), beside).unwrap();
        let run = Run::load(folder.path()).unwrap();
        assert_eq!(run.trials[0].record, record);
        let read = run.trials[0].further_groups().unwrap();
        assert_eq!((&read[0].group, &read[0].rows), (&audit.group, &audit.rows));
        for latency in Latency::COLUMNS {
            assert_eq!(read[0].latencies.window(latency, 0, 10), audit.latencies.window(latency, 0, 10));
        }
    }

    #[test]
    fn a_saved_trial_is_read_back_word_for_word() {
        let out = tempfile::tempdir().unwrap();
        let folder = Folder::create(out.path(), "demo", std::time::UNIX_EPOCH, "abcd").unwrap();
        folder.write_plan(&[Synthetic::planned(1, 1)]).unwrap();
        folder.write_manifest(&manifest(&["a"])).unwrap();
        saved(&folder, 1, End::Completed);
        let run = Run::load(folder.path()).unwrap();
        let trial = Synthetic::default();
        assert_eq!(run.trials[0].record, trial.record());
        assert_eq!(run.trials[0].rows().unwrap(), trial.rows().into_iter().collect());
        let all = trial.latencies();
        let judged = run.trials[0].latencies_of_window().unwrap();
        for latency in Latency::COLUMNS {
            assert_eq!(judged.window(latency, 0, 10), all.window(latency, 0, 10));
        }
        for latency in Latency::ALL {
            let kept = all.iter().filter(|(_, one, _)| *one == latency);
            let kept: Vec<(i64, Sparse)> = kept.map(|(second, _, one)| (second, one.clone())).collect();
            assert_eq!(run.trials[0].all_seconds(latency).unwrap(), kept, "{latency}");
        }
        let seconds = run.trials[0].seconds_of_window(Latency::EndToEnd).unwrap();
        assert_eq!(seconds.iter().map(|one| one.0).collect::<Vec<_>>(), (0..10).collect::<Vec<_>>());
        assert!(seconds.iter().all(|one| one.1.len() == 1000));
        assert_eq!(run.trials[0].events().unwrap(), []);
    }
}
