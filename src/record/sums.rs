//! `SHA256SUMS`: what every file of a results folder was when it was written, as `sha256sum -c` reads it.
//!
//! A trial's files have their sums as soon as the trial is saved; those of tables, manifest, plan, logs and reports, which change while a run goes on, come
//! when bench is done with the folder, the manifest's with them. So a file never has a sum of what it was before, whenever bench dies: it has its own, or
//! none yet; and where the manifest has one, every file has one. A folder of before there were sums may be given them later: then the first line says when,
//! and by which bench, as a comment that `sha256sum` passes over.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use ring::digest::{Context, SHA256};

use super::error::StoreError;

/// The file that holds them.
pub const SUMS: &str = "SHA256SUMS";
/// The last file to get its sum.
const LAST: &str = "manifest.json";
/// Hexadecimal digits of a sum.
const DIGITS: usize = 64;

/// The sums of a folder's files, by their names in it, such as `trials/001-base-r1/trial.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    all: BTreeMap<String, String>,
    /// When and by whom they were reckoned, where that was not by the run.
    later: Option<String>,
}

/// How the line begins that says so.
const LATER: &str = "# sealed ";

impl Sums {
    /// Those of a folder; none where it has no such file.
    pub fn load(folder: &Path) -> Result<Option<Self>, StoreError> {
        let path = folder.join(SUMS);
        match std::fs::read(&path) {
            Ok(text) => Sums::parse(&text).map(Some).map_err(|why| StoreError::malformed(&path, why)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::io("read", &path)(error)),
        }
    }

    /// What [`Self::text`] wrote, and nothing else: a line that is another way to say the same was not written by bench.
    fn parse(text: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(text).map_err(|error| error.to_string())?;
        let mut sums = Sums::default();
        for (at, line) in text.split_inclusive('\n').enumerate() {
            if let Some(later) = line.strip_prefix(LATER).filter(|_| at == 0) {
                sums.later = later.strip_suffix('\n').map(str::to_owned);
                continue;
            }
            let (name, sum) = entry(line).ok_or_else(|| format!("line {} is no sum and name", at + 1))?;
            if sums.all.insert(name.clone(), sum).is_some() {
                return Err(format!("line {}: a second sum of `{name}`", at + 1));
            }
        }
        Ok(sums)
    }

    /// The file's text.
    pub fn text(&self) -> String {
        let line = |(name, sum): (&String, &String)| {
            let escaped = name.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
            let mark = if escaped == *name { "" } else { "\\" };
            format!("{mark}{sum}  {escaped}\n")
        };
        let later = self.later.iter().map(|later| format!("{LATER}{later}\n"));
        later.chain(self.all.iter().map(line)).collect()
    }

    /// When and by whom they were reckoned, where that was not by the run: `2026-11-27T19:00:00Z by bench 0.1.0 (2932286f51a8)`.
    pub fn sealed_later(&self) -> Option<&str> {
        self.later.as_deref()
    }

    /// Says so.
    pub(super) fn seal_later(&mut self, when_and_by: String) {
        self.later = Some(when_and_by);
    }

    /// The sum of a file; none where it has none yet.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all.get(name).map(String::as_str)
    }

    /// Every file that has one, in the order of the names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.all.keys().map(String::as_str)
    }

    /// Whether bench was done with the folder: then every file has one.
    pub fn is_sealed(&self) -> bool {
        self.all.contains_key(LAST)
    }

    /// Adds a file as it now is.
    pub(super) fn add(&mut self, name: String, path: &Path) -> Result<(), StoreError> {
        self.all.insert(name, sum_of(path)?);
        Ok(())
    }

    /// Takes out that of the last file, so that the folder is not sealed; none where it was not.
    pub(super) fn take_last(&mut self) -> Option<Sums> {
        self.all.remove_entry(LAST).map(|last| Sums { all: BTreeMap::from([last]), later: None })
    }

    /// Takes out that of a file.
    pub(super) fn remove(&mut self, name: &str) {
        self.all.remove(name);
    }

    /// Adds those of another.
    pub(super) fn extend(&mut self, other: Sums) {
        self.all.extend(other.all);
    }

    /// Keeps only what is written once and never again.
    pub(super) fn unseal(&mut self) {
        let stays = |name: &str| {
            name == "experiment.yaml"
                || ["trials/", "superseded/", "inputs/"].iter().any(|folder| name.starts_with(folder))
        };
        self.all.retain(|name, _| stays(name));
    }

    /// Takes out those of a folder that is to have another name, and gives them under that.
    pub(super) fn take_moved(&mut self, from: &str, to: &str) -> Sums {
        let own = |name: &str| name.strip_prefix(from).is_some_and(|rest| rest.starts_with('/'));
        let (moved, stay) = std::mem::take(&mut self.all).into_iter().partition(|(name, _)| own(name));
        self.all = stay;
        let renamed = |(name, sum): (String, String)| (format!("{to}{}", &name[from.len()..]), sum);
        Sums { all: BTreeMap::into_iter(moved).map(renamed).collect(), later: None }
    }
}

/// Name and sum of a line, its end included.
fn entry(line: &str) -> Option<(String, String)> {
    let line = line.strip_suffix('\n')?;
    let (escaped, line) = line.strip_prefix('\\').map_or((false, line), |rest| (true, rest));
    let (sum, name) = line.split_once("  ")?;
    let is_hex = sum.len() == DIGITS && sum.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if !is_hex || name.is_empty() {
        return None;
    }
    Some((if escaped { unescaped(name)? } else { name.to_owned() }, sum.to_owned()))
}

fn unescaped(name: &str) -> Option<String> {
    let mut plain = String::with_capacity(name.len());
    let mut chars = name.chars();
    while let Some(c) = chars.next() {
        plain.push(match c {
            '\\' => match chars.next()? {
                'n' => '\n',
                'r' => '\r',
                '\\' => '\\',
                _ => return None,
            },
            other => other,
        });
    }
    Some(plain)
}

/// SHA-256 of a file's bytes, in hexadecimal.
pub fn sum_of(path: &Path) -> Result<String, StoreError> {
    let mut file = File::open(path).map_err(StoreError::io("read", path))?;
    let (mut context, mut some) = (Context::new(&SHA256), vec![0; 64 << 10]);
    loop {
        match file.read(&mut some).map_err(StoreError::io("read", path))? {
            0 => break,
            length => context.update(&some[..length]),
        }
    }
    Ok(hexadecimal(context.finish().as_ref()))
}

/// Two digits a byte.
pub fn hexadecimal(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        digits
            .extend([byte >> 4, byte & 15].map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])));
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7";

    fn some(names: &[&str]) -> Sums {
        Sums { all: names.iter().map(|name| ((*name).to_owned(), A.to_owned())).collect(), later: None }
    }

    #[test]
    fn a_sum_is_that_of_sha256sum_and_names_are_read_back_whatever_is_in_them() {
        let folder = tempfile::tempdir().unwrap();
        let names = ["a", "b  c", "ü/x,y=1", "back\\slash", "new\nline", "cr\r"];
        let mut sums = Sums::default();
        std::fs::write(folder.path().join("a"), "a\n").unwrap();
        for name in names {
            sums.add(name.to_owned(), &folder.path().join("a")).unwrap();
        }
        assert_eq!(sums, some(&names));
        assert!(sums.text().contains(&format!("\\{A}  new\\nline\n{A}  ü/x,y=1\n")), "{}", sums.text());
        assert_eq!(Sums::parse(sums.text().as_bytes()).unwrap(), sums);
        sums.seal_later("2026-11-27T19:00:00Z by bench 0.1.0".to_owned());
        assert!(sums.text().starts_with("# sealed 2026-11-27T19:00:00Z by bench 0.1.0\n"), "{}", sums.text());
        assert_eq!(Sums::parse(sums.text().as_bytes()).unwrap(), sums);
    }

    #[test]
    fn what_bench_did_not_write_is_told_with_its_line() {
        let good = some(&["a", "b"]).text();
        let bad = [
            (good.replacen("  a", " *a", 1), "line 1 is"),
            (good.replacen("  b", "  ", 1), "line 2 is"),
            (good.trim_end().to_owned(), "line 2 is"),
            (good.replacen('8', "A", 1), "line 1 is"),
            (good.replacen("  b", "  a", 1), "line 2: a second sum of `a`"),
            (format!("\\{A}  a\\x\n"), "line 1 is"),
            (format!("{good}# sealed now\n"), "line 3 is"),
            (format!("# a remark\n{good}"), "line 1 is"),
        ];
        for (text, told) in bad {
            let why = Sums::parse(text.as_bytes()).unwrap_err();
            assert!(why.starts_with(told), "{text}: {why}");
        }
    }

    #[test]
    fn a_trial_that_is_moved_takes_its_sums_along_and_no_other_trials() {
        let mut sums = some(&["trials/1-a/x", "trials/1-a/y", "trials/1-ab/x"]);
        assert_eq!(
            sums.take_moved("trials/1-a", "superseded/1-a~2"),
            some(&["superseded/1-a~2/x", "superseded/1-a~2/y"])
        );
        assert_eq!(sums, some(&["trials/1-ab/x"]));
    }
}
