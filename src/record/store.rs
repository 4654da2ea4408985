//! Writing a results folder: whole files or none.
//!
//! Every file is written beside its place and renamed into it; a trial's folder likewise. So whoever looks, and whenever bench dies, finds trials
//! that are complete and tables that can be read. Their sums follow, in `SHA256SUMS` (see [`Sums`]).

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::draft::Draft;
use super::error::StoreError;
use super::events::Event;
use super::files::{Files, beside};
use super::groups::GroupTrace;
use super::latencies::Latencies;
use super::manifest::{Build, Manifest};
use super::planned::{PlanRow, write_plan};
use super::producers::{ProducerRow, write_producers};
use super::series::Row;
use super::sums::{SUMS, Sums};
use super::trial::TrialRecord;
use crate::books::{InstanceSecond, Sparse};
use crate::units::Latency;

/// Name of a trial and of its folder: `001-partitions=1,instances=2-r1`.
pub fn trial_name(order: u32, slug: &str, repetition: u32) -> String {
    format!("{order:03}-{slug}-r{repetition}")
}

/// What a trial has beside its record, its latencies, its series and its events; nothing of what is empty is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside<'a> {
    /// What was seen of the groups beyond the first.
    pub groups: &'a [GroupTrace],
    /// Each producer, where there are several.
    pub producers: &'a [ProducerRow],
    /// Each second of each emulated instance.
    pub instances: &'a [InstanceSecond],
}

/// One run's results folder.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// A new one: `<out>/<experiment>/<UTC time>-<id>`.
    pub fn create(out: &Path, experiment: &str, now: SystemTime, id: &str) -> Result<Self, StoreError> {
        let time = humantime::format_rfc3339_seconds(now).to_string().replace(':', "-");
        let path = out.join(experiment).join(format!("{time}-{id}"));
        let trials = path.join("trials");
        fs::create_dir_all(&trials).map_err(StoreError::io("create", &trials))?;
        Ok(Folder { path })
    }

    /// One that is there; what it holds is read by [`super::Run::load`].
    pub fn open(path: &Path) -> Self {
        Folder { path: path.to_owned() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where a trial of that name is.
    pub fn trial(&self, name: &str) -> PathBuf {
        self.path.join("trials").join(name)
    }

    /// The experiment file, byte for byte.
    pub fn write_experiment(&self, bytes: &[u8]) -> Result<(), StoreError> {
        self.write_once("experiment.yaml", bytes)
    }

    /// Writes a file that is never written again, such as `inputs/day.csv`, with its sum.
    pub fn write_once(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.write(name, bytes)?;
        let mut sums = self.sums()?;
        sums.add(name.to_owned(), &self.path.join(name))?;
        self.write(SUMS, sums.text().as_bytes())
    }

    /// Writes or replaces the manifest.
    pub fn write_manifest(&self, manifest: &Manifest) -> Result<(), StoreError> {
        let json = pretty(&self.path.join("manifest.json"), manifest)?;
        self.write("manifest.json", &json)
    }

    /// Writes the plan.
    pub fn write_plan(&self, plan: &[PlanRow]) -> Result<(), StoreError> {
        let text = write_plan(plan).map_err(|why| StoreError::malformed(&self.path.join("plan.csv"), why))?;
        self.write("plan.csv", &text)
    }

    /// Writes or replaces a table (`trials.csv`, `treatments.csv`): first the header, then the rows.
    pub fn write_table(&self, name: &str, rows: &[Vec<String>]) -> Result<(), StoreError> {
        let text = table_text(rows).map_err(|why| StoreError::malformed(&self.path.join(name), why))?;
        self.write(name, &text)
    }

    /// Writes or replaces any other file, such as `report.md`.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.path.join(name);
        if let Some(folder) = path.parent().filter(|folder| !folder.exists()) {
            fs::create_dir_all(folder).map_err(StoreError::io("create", folder))?;
        }
        let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let beside = path.with_file_name(beside(&file));
        fs::write(&beside, bytes).map_err(StoreError::io("write", &beside))?;
        fs::rename(&beside, &path).map_err(StoreError::io("write", &path))
    }

    /// Saves a trial. One of the same name that is there already is moved aside under `superseded/`.
    pub fn save(
        &self,
        record: &TrialRecord,
        (latencies, rows, events): (&Latencies, &[Row], &[Event]),
        parts: Beside<'_>,
    ) -> Result<(), StoreError> {
        self.save_with(record, parts.producers, |draft| {
            draft.latencies(0, "", intervals(latencies))?;
            draft.series(0, "", borrowed(rows))?;
            for (number, trace) in (1..).zip(parts.groups) {
                draft.latencies(number, &trace.group, intervals(&trace.latencies))?;
                draft.series(number, &trace.group, trace.rows.iter().map(Ok))?;
            }
            draft.events(borrowed(events))?;
            draft.instances(borrowed(parts.instances))
        })
    }

    /// Saves a trial whose latencies, series, events and instances are written by `write` as they are read: nobody need hold all of them. Of producers
    /// nothing is written where there are none.
    pub fn save_with(
        &self,
        record: &TrialRecord,
        producers: &[ProducerRow],
        write: impl FnOnce(&Draft) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let place = self.trial(&record.trial);
        let beside = self.trial(&beside(&record.trial));
        if beside.exists() {
            fs::remove_dir_all(&beside).map_err(StoreError::io("write", &beside))?;
        }
        fs::create_dir_all(&beside).map_err(StoreError::io("create", &beside))?;
        let draft = Draft::new(beside.clone(), record.layout());
        write(&draft)?;
        let mut files = vec![("trial.json", pretty(&place.join("trial.json"), record)?)];
        if !producers.is_empty() {
            let text = write_producers(producers)
                .map_err(|why| StoreError::malformed(&place.join("producers.csv"), why))?;
            files.push(("producers.csv", text));
        }
        for (name, bytes) in files {
            let path = beside.join(name);
            fs::write(&path, bytes).map_err(StoreError::io("write", &path))?;
        }
        let mut own = Sums::default();
        for name in Files::of(&beside)?.whole {
            own.add(format!("trials/{}/{name}", record.trial), &beside.join(&name))?;
        }
        let moved = self.set_aside(&record.trial)?;
        fs::rename(&beside, &place).map_err(StoreError::io("write", &place))?;
        let mut sums = self.sums()?;
        sums.extend(moved);
        sums.extend(own);
        self.write(SUMS, sums.text().as_bytes())
    }

    /// Moves a trial, where there is one of that name, out of the way of the one that is done anew; nothing is deleted. Gives its sums under its new name.
    fn set_aside(&self, trial: &str) -> Result<Sums, StoreError> {
        let old = self.trial(trial);
        if !old.exists() {
            return Ok(Sums::default());
        }
        let superseded = self.path.join("superseded");
        fs::create_dir_all(&superseded).map_err(StoreError::io("create", &superseded))?;
        let mut names = std::iter::once(trial.to_owned()).chain((2..).map(|k| format!("{trial}~{k}")));
        let free = names.find(|name| !superseded.join(name).exists());
        let free = free.unwrap_or_default();
        let mut sums = self.sums()?;
        let moved = sums.take_moved(&format!("trials/{trial}"), &format!("superseded/{free}"));
        if moved != Sums::default() {
            self.write(SUMS, sums.text().as_bytes())?;
        }
        fs::rename(&old, superseded.join(free)).map_err(StoreError::io("move", &old))?;
        Ok(moved)
    }

    /// Whoever is done with the folder, for now or for good, gives every file its sum that has none.
    pub fn seal(&self) -> Result<(), StoreError> {
        let mut sums = self.sums()?;
        let files = Files::of(&self.path)?.whole;
        for name in
            files.into_iter().filter(|name| name != SUMS && sums.get(name).is_none()).collect::<Vec<_>>()
        {
            let path = self.path.join(&name);
            sums.add(name, &path)?;
        }
        self.write(SUMS, sums.text().as_bytes())
    }

    /// Gives sums to a folder of before there were any; its file says when and by whom. One that has sums keeps them, and false is given.
    pub fn seal_later(&self, now: SystemTime, by: &Build) -> Result<bool, StoreError> {
        if self.path.join(SUMS).exists() {
            return Ok(false);
        }
        let mut sums = Sums::default();
        sums.seal_later(format!("{} by {by}", humantime::format_rfc3339_seconds(now)));
        for name in Files::of(&self.path)?.whole {
            let path = self.path.join(&name);
            sums.add(name, &path)?;
        }
        self.write(SUMS, sums.text().as_bytes())?;
        Ok(true)
    }

    /// Whoever goes on with the folder first takes away the sums of what will change.
    pub fn unseal(&self) -> Result<(), StoreError> {
        let known = self.sums()?;
        let mut sums = known.clone();
        sums.unseal();
        if sums == known { Ok(()) } else { self.write(SUMS, sums.text().as_bytes()) }
    }

    /// Writes files again that are made from records, with their new sums where the folder is sealed. No other file gets a new one.
    pub fn rewrite(&self, files: &[(String, String)]) -> Result<(), StoreError> {
        let mut sums = self.sums()?;
        let was_sealed = sums.take_last();
        if was_sealed.is_some() {
            for (name, _) in files {
                sums.remove(name);
            }
            self.write(SUMS, sums.text().as_bytes())?;
        }
        files.iter().try_for_each(|(name, text)| self.write(name, text.as_bytes()))?;
        if let Some(last) = was_sealed {
            for (name, _) in files {
                sums.add(name.clone(), &self.path.join(name))?;
            }
            sums.extend(last);
            self.write(SUMS, sums.text().as_bytes())?;
        }
        Ok(())
    }

    fn sums(&self) -> Result<Sums, StoreError> {
        Ok(Sums::load(&self.path)?.unwrap_or_default())
    }
}

/// A table as its file has it: first the header, then the rows.
pub fn table_text(rows: &[Vec<String>]) -> Result<Vec<u8>, String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer
            .write_record(row.iter().map(|cell| harmless(cell).into_owned()))
            .map_err(|error| error.to_string())?;
    }
    writer.into_inner().map_err(|error| error.to_string())
}

fn intervals(latencies: &Latencies) -> impl Iterator<Item = Result<(i64, Latency, Cow<'_, Sparse>), String>> {
    latencies.iter().map(|(second, latency, one)| Ok((second, latency, Cow::Borrowed(one))))
}

fn borrowed<T: Clone>(all: &[T]) -> impl Iterator<Item = Result<Cow<'_, T>, String>> {
    all.iter().map(|one| Ok(Cow::Borrowed(one)))
}

/// A cell that no spreadsheet takes for a formula: a text that begins like one gets a `'` before it, as OWASP advises. Numbers stay as they are.
fn harmless(cell: &str) -> Cow<'_, str> {
    let is_number = cell.parse::<f64>().is_ok() && cell.ends_with(|c: char| c.is_ascii_digit());
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

fn pretty(path: &Path, value: &impl serde::Serialize) -> Result<Vec<u8>, StoreError> {
    let mut json = serde_json::to_vec_pretty(value).map_err(|why| StoreError::malformed(path, why))?;
    json.push(b'\n');
    Ok(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_holds_no_formulas_and_numbers_are_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let row = ["=1+1", "@SUM(A1)", "+x", "-inf", "-1.5", "+3e-2", "-0", "", "5k/s", "a=b"];
        Folder::open(folder.path()).write_table("t.csv", &[row.map(str::to_owned).to_vec()]).unwrap();
        let text = fs::read_to_string(folder.path().join("t.csv")).unwrap();
        assert_eq!(text, "'=1+1,'@SUM(A1),'+x,'-inf,-1.5,+3e-2,-0,,5k/s,a=b\n");
    }
}
