//! How a run is made again, and where each number lies.

use crate::record::Run;
use crate::report::document::Section;

/// The commands, then the files.
pub fn section(run: &Run) -> Section {
    let mut section = Section::new("data", "Data, and how to make it again");
    let manifest = &run.manifest;
    let git = manifest.git_id.as_ref().map(|id| format!(", commit `{id}`")).unwrap_or_default();
    section.list([
        format!("Made by bench {}{git}. In this folder:", manifest.bench_version),
        format!("`bench run experiment.yaml{}` measures it again;", overrides(run)),
        "`bench report . --format html` writes this report again from the records, `--format csv`, `json` and `tex` the same numbers, and `--figures OUT` the figures;".to_owned(),
        "`bench verify .` tells whether all of it is as it was written.".to_owned(),
    ]);
    section.list([
        "`trials.csv`: every metric of every trial; `treatments.csv`: what the trials of a treatment say together.".to_owned(),
        "`trials/`: of each trial its record (`trial.json`), its histograms (`latency.hlog`), its series (`series.csv`) and its events (`events.jsonl`).".to_owned(),
        "`plan.csv`: the order of the trials; `experiment.yaml`: the question as it was asked; `manifest.json`: the host, the cluster, and all that was set.".to_owned(),
    ]);
    section
}

/// What was typed beside the file, as it was recorded.
fn overrides(run: &Run) -> String {
    let typed = run.manifest.overrides();
    let mut words = String::new();
    for set in &typed.set {
        words.extend([" --set '", set, "'"]);
    }
    for (name, number) in [("repetitions", typed.repetitions.map(u64::from)), ("seed", typed.seed)] {
        if let Some(number) = number {
            words.extend([" --", name, " ", &number.to_string()]);
        }
    }
    words
}
