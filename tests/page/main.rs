//! Promises of `report.html` in a real browser: what is said of it here, somebody sees.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod browser;
mod made_up;
mod read;
mod seen;
mod valid;

use std::path::{Path, PathBuf};

use browser::{Page, View};

/// Every committed run's page.
fn committed() -> Vec<PathBuf> {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("results");
    let below = |of: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(of).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.is_dir()).collect()
    };
    let runs = below(&results).into_iter().flat_map(|experiment| below(&experiment));
    let mut pages: Vec<PathBuf> =
        runs.map(|run| run.join("report.html")).filter(|page| page.exists()).collect();
    pages.sort();
    assert!(pages.len() >= 9, "{pages:?}");
    pages
}

/// The same, and each page of a comparison beside them.
fn pages() -> Vec<PathBuf> {
    let experiments: Vec<PathBuf> =
        committed().iter().map(|page| page.ancestors().nth(2).unwrap().to_owned()).collect();
    let mut compared: Vec<PathBuf> = experiments.iter().map(|folder| folder.join(COMPARED)).collect();
    compared.retain(|page| page.exists());
    compared.dedup();
    assert!(!compared.is_empty());
    committed().into_iter().chain(compared).collect()
}

/// What the page of a comparison of an experiment's runs is called.
const COMPARED: &str = "compared.html";

/// The run of this experiment.
fn run_of(experiment: &str) -> PathBuf {
    let is_of = |page: &PathBuf| page.components().any(|part| part.as_os_str() == experiment);
    committed().into_iter().find(is_of).unwrap().parent().unwrap().to_owned()
}

/// The experiment that a page is of.
fn name(page: &Path) -> String {
    let is_compared = page.ends_with(COMPARED);
    let folder = page.ancestors().nth(if is_compared { 1 } else { 2 }).unwrap();
    let name = folder.file_name().unwrap().to_str().unwrap();
    if is_compared { format!("{name}-compared") } else { name.to_owned() }
}

/// What one of the functions of `look.js` finds.
fn found(page: &Page, function: &str) -> Vec<String> {
    page.lines(&format!("look.{function}()"))
}

/// What is wrong at that look, by what it is.
fn wrong(page: &Page, what: &str, view: View, function: &str) -> Vec<String> {
    let found = found(page, function);
    found.into_iter().take(8).map(|line| format!("{what} at {view:?}, {function}: {line}")).collect()
}
