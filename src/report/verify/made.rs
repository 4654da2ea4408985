//! Tables and reports, made again from the records.

use std::fs;

use super::differ::{Tables, texts};
use super::{Check, MISSING};
use crate::analyse::{Findings, tables};
use crate::record::{Build, Manifest, Run, table_text};
use crate::report::files;

/// The report that every finished run has.
const REPORT: &str = "report.md";

/// Compares all that are there; gives the names of all that are made, none where the records cannot be read.
pub fn check(check: &mut Check<'_>, manifest: &Manifest) -> Option<Vec<String>> {
    let read = Run::load(check.folder).and_then(|run| {
        let findings = Findings::from_run(&run)?;
        Ok((files(&run, &findings)?, findings))
    });
    let (reports, findings) = match read {
        Ok(read) => read,
        Err(error) => {
            check
                .told
                .notes
                .push(format!("tables and reports were not made again, for want of records: {error}"));
            return None;
        }
    };
    let mut made = Made { writer: manifest.written_by(), finished: manifest.finished.is_some(), check };
    let mut names = Vec::new();
    let ways = ways(manifest, &findings);
    for (name, table) in tables(manifest, &findings) {
        let others = ways.iter().flat_map(|way| tables(&way.0, &way.1)).filter(|(other, _)| *other == name);
        made.table(name, &table, others.map(|(_, table)| table));
        names.push(name.to_owned());
    }
    for (name, text) in reports {
        made.report(&name, &text);
        names.push(name);
    }
    Some(names)
}

/// What tables may say else where a run is not through: they are written after a trial is saved, and a plan grows before its first trial of that.
fn ways(manifest: &Manifest, findings: &Findings) -> Vec<(Manifest, Findings)> {
    if manifest.finished.is_some() {
        return Vec::new();
    }
    let tried = |findings: &Findings| {
        let mut manifest = manifest.clone();
        manifest.treatments.retain(|line| findings.trials().any(|trial| trial.record.treatment == line.slug));
        manifest
    };
    let all = || findings.clone().into_trials();
    let mut earlier = all();
    let last = earlier.iter().map(|trial| trial.record.started.clone()).max();
    earlier.retain(|trial| Some(&trial.record.started) != last.as_ref());
    let earlier = Findings::of(manifest, earlier);
    [(manifest.clone(), earlier.clone()), (tried(findings), findings.clone()), (tried(&earlier), earlier)]
        .into_iter()
        .map(|(manifest, findings)| {
            let findings = Findings::of(&manifest, findings.into_trials());
            (manifest, findings)
        })
        .collect()
}

struct Made<'a, 'b> {
    check: &'a mut Check<'b>,
    writer: Build,
    finished: bool,
}

impl Made<'_, '_> {
    fn table(
        &mut self,
        name: &str,
        table: &[Vec<String>],
        mut others: impl Iterator<Item = Vec<Vec<String>>>,
    ) {
        let Some(found) = self.read(name) else { return self.missing(name) };
        // What a table cannot be written as no file says.
        let made = table_text(table).unwrap_or_default();
        if found == made || others.any(|table| table_text(&table).is_ok_and(|other| other == found)) {
            return self.check.told.made.push(name.to_owned());
        }
        match Tables::of(&found, &made) {
            Err(why) => self.check.wrong(name, format!("cannot be understood: {why}")),
            Ok(tables) if tables.cells.is_empty() && !tables.not_there.is_empty() && !self.is_ours() => {
                let (some, all) = (tables.not_there[0].clone(), tables.not_there.len());
                let others = if all > 1 { format!(" and {} more", all - 1) } else { String::new() };
                self.check.told.notes.push(format!("`{name}` was written before there were columns `{some}`{others}; all others are what the records say"));
            }
            Ok(tables) if tables.cells.is_empty() => self.differs(name, "its lines are written otherwise"),
            Ok(tables) => self.differs(name, &tables.told()),
        }
    }

    fn report(&mut self, name: &str, made: &str) {
        match self.read(name) {
            Some(_) if !self.finished => {
                let before =
                    format!("`{name}` is of before the run was gone on with, and was not made again");
                self.check.told.notes.push(before);
            }
            Some(found) if found == made.as_bytes() => self.check.told.made.push(name.to_owned()),
            Some(found) => self.differs(name, &texts(&String::from_utf8_lossy(&found), made)),
            None if !self.finished => {}
            None if self.is_ours() || name == REPORT => self.missing(name),
            None => {
                let also = format!(
                    "this bench would also write `{name}`; {}, which wrote the others, did not",
                    self.writer
                );
                self.check.told.notes.push(also);
            }
        }
    }

    fn read(&self, name: &str) -> Option<Vec<u8>> {
        fs::read(self.check.folder.join(name)).ok()
    }

    /// Whether it was this bench that made tables and reports of the run.
    fn is_ours(&self) -> bool {
        self.writer == Build::this()
    }

    /// A file that is as it was written, by another bench, may say other things than this one would.
    fn differs(&mut self, name: &str, how: &str) {
        let writer = &self.writer;
        if !self.is_ours() && self.check.is_kept(name) {
            self.check.told.notes.push(format!(
                "`{name}` is as {writer} wrote it, and this bench, {}, says otherwise: {how}",
                Build::this()
            ));
        } else if self.is_ours() || self.check.changed.contains(name) {
            self.check.wrong(name, format!("is not what its records say: {how}"));
        } else {
            let unknown =
                format!("is not what its records say: {how} (or {writer}, which wrote it, said so)");
            self.check.wrong(name, unknown);
        }
    }

    fn missing(&mut self, name: &str) {
        // Of one that has a sum it was said.
        if self.finished && self.check.sum(name).is_none() {
            self.check.wrong(name, MISSING);
        }
    }
}
