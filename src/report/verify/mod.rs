//! Whether a results folder is what was written, and says what its records say: sums, formats, books, and all that is made from records made again.

mod differ;
mod made;
mod trials;

use std::collections::BTreeSet;
use std::num::NonZero;
use std::path::Path;

use crate::record::{Files, Manifest, Odd, SUMS, StoreError, Sums, check_keys, load_plan, sum_of};
use crate::spec::{Document, Overrides};

const MANIFEST: &str = "manifest.json";
const PLAN: &str = "plan.csv";
const EXPERIMENT: &str = "experiment.yaml";
const TRIALS: &str = "trials/";
/// Files of a folder that are told by name; of more, how many.
const NAMED: usize = 8;

/// What was found in a results folder.
#[derive(Clone, Debug, Default)]
pub struct Verified {
    /// What is wrong; empty where the folder is whole.
    pub faults: Vec<Wrong>,
    /// What could not be checked and why, and what is no fault.
    pub notes: Vec<String>,
    /// How many files there are.
    pub files: usize,
    /// How many of them have the sum that they were written with.
    pub kept: usize,
    /// How many trials were read, with those that were done anew.
    pub trials: usize,
    /// Tables and reports that were made again from the records, byte for byte.
    pub made: Vec<String>,
    /// When and by whom the folder was given its sums, where that was not by its run.
    pub sealed: Option<String>,
}

/// One thing that is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Its name in the folder.
    pub file: String,
    /// What was found, as a clause whose subject it is.
    pub what: String,
}

/// Verifies a folder. An error is that it is no results folder, cannot be read, or is of a later format; all else is what was found.
pub fn verify(folder: &Path) -> Result<Verified, StoreError> {
    let files = Files::of(folder)?;
    let told = Verified { files: files.whole.len(), ..Verified::default() };
    let mut check = Check { folder, files, told, sums: None, changed: BTreeSet::new() };
    check.sums()?;
    let manifest = match Manifest::load(folder) {
        Ok(manifest) => manifest,
        Err(error) => return check.without_manifest(error),
    };
    for odd in check_keys(folder, MANIFEST, &manifest) {
        check.odd("", odd);
    }
    let plan = match load_plan(folder) {
        Ok(plan) => Some(plan),
        Err(error) => {
            check.odd("", Odd::unread(PLAN, &error));
            None
        }
    };
    check.experiment();
    trials::check(&mut check, &manifest, plan.as_deref());
    let made = made::check(&mut check, &manifest);
    check.strangers(&manifest, made.as_deref());
    Ok(check.told)
}

/// A folder that is being verified.
struct Check<'a> {
    folder: &'a Path,
    files: Files,
    told: Verified,
    /// None where there are none.
    sums: Option<Sums>,
    /// Files that have a sum, and another one now.
    changed: BTreeSet<String>,
}

impl Check<'_> {
    fn wrong(&mut self, file: impl Into<String>, what: impl Into<String>) {
        self.told.faults.push(Wrong { file: file.into(), what: what.into() });
    }

    /// Something odd in a file of a folder within this one. What a later bench may have written is wrong where nothing says that it was written so.
    fn odd(&mut self, within: &str, odd: Odd) {
        let file = format!("{within}{}", odd.file);
        let is_told = odd.what == MISSING && self.sum(&file).is_some();
        if odd.may_be_later && self.is_kept(&file) {
            self.told.notes.push(format!("`{file}` {}", odd.what));
        } else if !is_told {
            self.wrong(file, odd.what);
        }
    }

    fn has(&self, file: &str) -> bool {
        self.files.whole.binary_search_by(|name| name.as_str().cmp(file)).is_ok()
    }

    fn sum(&self, file: &str) -> Option<&str> {
        self.sums.as_ref()?.get(file)
    }

    /// Whether it is what was written, by its sum.
    fn is_kept(&self, file: &str) -> bool {
        self.sum(file).is_some() && self.has(file) && !self.changed.contains(file)
    }

    fn is_sealed(&self) -> bool {
        self.sums.as_ref().is_some_and(Sums::is_sealed)
    }

    /// Every file against its sum.
    fn sums(&mut self) -> Result<(), StoreError> {
        match Sums::load(self.folder) {
            Ok(sums) => self.sums = sums,
            Err(StoreError::Malformed { why, .. }) => {
                self.wrong(SUMS, format!("cannot be understood: {why}"));
            }
            Err(error) => return Err(error),
        }
        let Some(sums) = self.sums.clone() else { return Ok(()) };
        self.told.sealed = sums.sealed_later().map(str::to_owned);
        let files: Vec<String> = self.files.whole.iter().filter(|name| *name != SUMS).cloned().collect();
        let folder = self.folder;
        let found = shared(&files, |name| sums.get(name).map(|_| sum_of(&folder.join(name))).transpose());
        let mut without = Vec::new();
        for (name, found) in files.into_iter().zip(found) {
            match (sums.get(&name), found?) {
                (Some(written), Some(found)) if written == found => self.told.kept += 1,
                (Some(_), _) => {
                    self.wrong(
                        name.clone(),
                        "is not what it was when it was written: its SHA-256 is another one",
                    );
                    self.changed.insert(name);
                }
                (None, _) => without.push(name),
            }
        }
        for name in sums.names() {
            if !self.has(name) {
                self.wrong(name, MISSING);
            }
        }
        if sums.is_sealed() {
            for name in without {
                self.wrong(name, format!("was added later: `{SUMS}` has no sum of it"));
            }
        } else if !without.is_empty() {
            let named = named(&by_trial(without));
            self.told.notes.push(format!("bench was cut off before these had their sums: {named}"));
        }
        Ok(())
    }

    /// Without a manifest nothing further can be said.
    fn without_manifest(mut self, error: StoreError) -> Result<Verified, StoreError> {
        let is_run = self.sums.is_some() || self.has(PLAN);
        let is_later = matches!(error, StoreError::TooNew { .. });
        if !is_run || (is_later && self.told.faults.is_empty()) {
            return Err(error);
        }
        self.odd("", Odd::unread(MANIFEST, &error));
        self.told.notes.push(format!("without `{MANIFEST}` nothing further can be checked"));
        Ok(self.told)
    }

    /// Whether the experiment file is one.
    fn experiment(&mut self) {
        let path = self.folder.join(EXPERIMENT);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(source) => {
                let error = StoreError::Io { what: "read", path, source };
                return self.odd("", Odd::unread(EXPERIMENT, &error));
            }
        };
        if let Err(faults) = Document::parse(Path::new(EXPERIMENT), text, &Overrides::default()) {
            let first = faults.faults.first().map(|fault| fault.what.clone()).unwrap_or_default();
            self.wrong(EXPERIMENT, format!("cannot be understood: {first}"));
        }
    }

    /// Files that nobody has asked for, and sums that are not there; `made` are the files that are made from records, where these can be read.
    fn strangers(&mut self, manifest: &Manifest, made: Option<&[String]>) {
        let ends_as = |name: &str, ends: &[&str]| {
            Path::new(name).extension().is_some_and(|end| ends.iter().any(|one| end == *one))
        };
        let is_log =
            |name: &str| name.starts_with("broker") && ends_as(name, &["log"]) && !name.contains('/');
        let may_be_made = |name: &str| ends_as(name, &["csv", "svg"]) || name.starts_with("report.");
        let is_known = |name: &String| {
            [MANIFEST, PLAN, EXPERIMENT, SUMS].contains(&name.as_str())
                || is_log(name)
                || made.as_ref().map_or_else(|| may_be_made(name), |made| made.contains(name))
                || ["trials/", "superseded/", "inputs/"].iter().any(|folder| name.starts_with(folder))
        };
        let strangers: Vec<String> =
            self.files.whole.iter().filter(|name| !is_known(name)).cloned().collect();
        if !self.is_sealed() {
            for name in strangers.into_iter().filter(|name| self.sum(name).is_none()).collect::<Vec<_>>() {
                self.wrong(name, "is no file that this bench knows of a run");
            }
        }
        // A run begins with a folder for its trials.
        for name in self.files.empty.clone().into_iter().filter(|name| name != TRIALS) {
            self.wrong(name, "is a folder with nothing in it, and no bench makes one");
        }
        if !self.files.partial.is_empty() {
            let named = named(&self.files.partial);
            self.told
                .notes
                .push(format!("left of what was not written to its end, and read by nobody: {named}"));
        }
        if self.sums.is_none() && !self.has(SUMS) && manifest.reports_by.is_some() {
            self.wrong(SUMS, MISSING);
        } else if self.sums.is_none() && !self.has(SUMS) {
            self.told.notes.push(format!(
                "there is no `{SUMS}`: what the records do not tell twice (the experiment file, inputs, logs, words of events, \
                 readings that no table has) may have been changed unseen"
            ));
        }
    }
}

/// What is said of a file that is not there.
const MISSING: &str = "is missing";

/// A few of them by name, of the others how many they are.
fn named(files: &[String]) -> String {
    let some: Vec<String> = files.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    let more = files.len().saturating_sub(NAMED);
    if more > 0 { format!("{} and {more} more", some.join(", ")) } else { some.join(", ") }
}

/// Files of a trial by its folder, those first.
fn by_trial(files: Vec<String>) -> Vec<String> {
    let folder = |file: String| match file.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/"),
        None => file,
    };
    let mut all: Vec<String> = files.into_iter().map(folder).collect();
    all.dedup();
    all.sort_by_key(|name| !name.ends_with('/'));
    all
}

/// What is found in each, on all cores, in the same order.
fn shared<T: Sync, R: Send>(all: &[T], find: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let share = all.len().div_ceil(cores).max(1);
    std::thread::scope(|scope| {
        let find = &find;
        let finders: Vec<_> = all
            .chunks(share)
            .map(|share| scope.spawn(move || share.iter().map(find).collect::<Vec<_>>()))
            .collect();
        let ended = finders.into_iter().flat_map(|finder| match finder.join() {
            Ok(found) => found,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        ended.collect()
    })
}

#[cfg(test)]
mod tests;
