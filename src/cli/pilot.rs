//! `bench plan FILE --from DIR --width 5%`: how many repetitions a wanted width takes, by a run that was a pilot.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::analyse::{Findings, Takes, responses, takes};
use crate::record::{Run, StoreError};
use crate::spec::Metric;
use crate::units::Share;

/// What is asked of a pilot.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Its folder.
    pub dir: &'a Path,
    /// How far a 95 % interval may reach to either side.
    pub width: Share,
}

/// What a pilot says.
#[derive(Clone, Debug)]
pub struct Pilot {
    dir: String,
    width: Share,
    /// Each metric that it was about, with what each treatment takes.
    metrics: Vec<(Metric, Vec<Takes>)>,
    /// Metric and treatment of which fewer than three trials tell a value.
    untold: Vec<(String, String)>,
}

impl Asked<'_> {
    /// Reads the pilot.
    pub fn read(&self) -> Result<Pilot, StoreError> {
        let run = Run::load(self.dir)?;
        let findings = Findings::from_run(&run)?;
        let of = |metric: Metric| {
            let all = findings.treatments.iter();
            let takes = all.filter_map(|one| takes(one, &metric, self.width.get())).collect();
            (metric, takes)
        };
        let metrics: Vec<(Metric, Vec<Takes>)> =
            responses(&run.manifest, &findings).into_iter().map(of).collect();
        let untold = |(metric, known): &(Metric, Vec<Takes>)| {
            let is_known = |slug: &str| known.iter().any(|one| one.slug == slug);
            let others = findings.treatments.iter().filter(|one| !is_known(&one.slug));
            others.map(|one| (metric.label.clone(), one.slug.clone())).collect::<Vec<_>>()
        };
        let untold = metrics.iter().flat_map(untold).collect();
        Ok(Pilot { dir: self.dir.display().to_string(), width: self.width, metrics, untold })
    }
}

impl Pilot {
    /// For programs.
    pub fn json(&self) -> Value {
        let row = |metric: &Metric, one: &Takes| json!({ "metric": metric.name, "treatment": one.slug, "has": one.has, "scatter_percent": one.scatter * 100.0, "takes": one.takes });
        let rows: Vec<Value> =
            self.metrics.iter().flat_map(|(metric, all)| all.iter().map(|one| row(metric, one))).collect();
        json!({ "from": self.dir, "width_percent": self.width.get() * 100.0, "treatments": rows,
            "untold": self.untold.iter().map(|(metric, slug)| json!({ "metric": metric, "treatment": slug })).collect::<Vec<_>>() })
    }

    /// For people; `planned` is what the file asks for.
    pub fn text(&self, planned: u32) -> String {
        let mut text = format!(
            "For 95 % intervals of {} to either side, by how trials of {} scatter:\n",
            self.width, self.dir
        );
        let mut most = Some(0);
        for (metric, all) in &self.metrics {
            for one in all {
                let takes = one.takes.map_or_else(|| "more than can be run".to_owned(), |n| n.to_string());
                writeln!(
                    text,
                    "  {}, {}: {takes} trials (its {} scatter by {:.1} %)",
                    metric.label,
                    one.slug,
                    one.has,
                    one.scatter * 100.0
                )
                .ok();
                most = most.zip(one.takes).map(|(most, takes)| most.max(takes));
            }
        }
        for (metric, slug) in &self.untold {
            writeln!(text, "  {metric}, {slug}: not known, fewer than three valid trials tell a value").ok();
        }
        let said = match most {
            Some(0) => "no treatment has three valid trials that tell a value".to_owned(),
            Some(most) if most <= planned as usize && self.untold.is_empty() => {
                format!("the {planned} repetitions planned are enough")
            }
            Some(most) if most <= planned as usize => {
                format!("the {planned} repetitions planned are enough for those that are known")
            }
            Some(most) => format!("`repetitions: {most}`; {planned} are planned"),
            None => "lengthen `phases.measure` first: no number of repetitions is enough".to_owned(),
        };
        writeln!(text, "  {said}").ok();
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pilot_says_how_many_repetitions_it_takes() {
        let takes = |takes| Takes { slug: "a".to_owned(), has: 3, scatter: 0.08, takes };
        let pilot = |takes| Pilot {
            dir: "results/x".to_owned(),
            width: "5%".parse().unwrap(),
            metrics: vec![(Metric::written("processed").unwrap(), takes)],
            untold: vec![("processed".to_owned(), "b".to_owned())],
        };
        let told = pilot(vec![takes(Some(13))]).text(6);
        assert!(told.contains("processed, a: 13 trials (its 3 scatter by 8.0 %)"), "{told}");
        assert!(told.ends_with("  `repetitions: 13`; 6 are planned\n"), "{told}");
        assert!(pilot(vec![takes(Some(13))]).text(20).contains("planned are enough"));
        assert!(pilot(vec![]).text(6).contains("no treatment has three valid trials"));
        assert!(told.contains("processed, b: not known"), "{told}");
        assert_eq!(pilot(vec![takes(None)]).json()["treatments"][0]["takes"], Value::Null);
    }
}
