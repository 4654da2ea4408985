//! Which files a results folder has.

use std::fs;
use std::path::Path;

use super::error::StoreError;

/// The files of a folder, by their names in it (`trials/001-base-r1/trial.json`), sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// Those that have their name.
    pub whole: Vec<String>,
    /// What was left of a save that was cut short: files, and folders of files, that never got their name.
    pub partial: Vec<String>,
    /// Folders with nothing in them.
    pub empty: Vec<String>,
}

impl Files {
    /// Looks through a folder and all within.
    pub fn of(folder: &Path) -> Result<Self, StoreError> {
        let mut files = Files::default();
        files.add(folder, "")?;
        files.whole.sort_unstable();
        files.partial.sort_unstable();
        files.empty.sort_unstable();
        Ok(files)
    }

    fn add(&mut self, folder: &Path, within: &str) -> Result<(), StoreError> {
        let read = || StoreError::io("read", folder);
        let mut entries = 0;
        for entry in fs::read_dir(folder).map_err(read())? {
            let entry = entry.map_err(read())?;
            entries += 1;
            let own = entry.file_name().to_string_lossy().into_owned();
            let name = format!("{within}{own}");
            if own.starts_with('.') && own.ends_with(PART) || own.starts_with(".scratch-") {
                self.partial.push(name);
            } else if entry.file_type().map_err(read())?.is_dir() {
                self.add(&entry.path(), &format!("{name}/"))?;
            } else {
                self.whole.push(name);
            }
        }
        if entries == 0 && !within.is_empty() {
            self.empty.push(within.to_owned());
        }
        Ok(())
    }
}

/// How a name ends that is not yet the file's.
const PART: &str = ".part";

/// The name under which a file or a folder is written before it gets its own.
pub(super) fn beside(name: &str) -> String {
    format!(".{name}{PART}")
}
