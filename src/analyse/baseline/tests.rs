use super::*;
use crate::analyse::{Reading, TrialFindings, judge};
use crate::record::Manifest;
use crate::record::testing::{Synthetic, manifest};

/// Six blocks of these sizes at so many messages per second, and of one thread at so many; all in overload unless it keeps up.
fn measured(sizes: &[(u32, f64)], thread: f64, keeps_up: bool, noise: f64) -> (Manifest, Findings) {
    let slugs: Vec<String> = sizes.iter().map(|(n, _)| n.to_string()).collect();
    let slugs: Vec<&str> = slugs.iter().map(String::as_str).chain([BASELINE]).collect();
    let mut manifest = manifest(&slugs);
    manifest.factors = vec!["consumers.instances".to_owned()];
    manifest.treatments.last_mut().unwrap().baseline = true;
    let at = crate::spec::place("processed_msgs_per_s").unwrap();
    let mut trials = Vec::new();
    for block in 1..=6_u32 {
        for (number, slug) in (1..).zip(&slugs) {
            let own = sizes.iter().find(|(n, _)| n.to_string() == *slug);
            let rate = own.map_or(thread, |(_, rate)| *rate);
            let trial = Synthetic {
                order: (block - 1) * slugs.len() as u32 + number,
                repetition: block,
                treatment: (*slug).to_owned(),
                levels: vec![("consumers.instances".to_owned(), (*slug).to_owned())],
                processed: if own.is_none() && keeps_up { 250 } else { 100 },
                ..Synthetic::default()
            };
            let mut judged = judge(&trial.record(), &trial.rows(), &trial.latencies());
            let wobble =
                f64::from((block * block * 7 + number * number * 5 + block * number * 3) % 11) / 5.0 - 1.0;
            judged.metrics[at] = Reading::Value(rate * (1.0 + noise * wobble));
            let mut record = trial.record();
            (record.asked.instances, record.asked.threads) = (Some(own.map_or(1, |(n, _)| *n)), Some(1));
            record.baseline = own.is_none();
            trials.push(TrialFindings::of(&manifest, record, judged));
        }
    }
    let findings = Findings::of(&manifest, trials);
    (manifest, findings)
}

fn came(sizes: &[(u32, f64)], thread: f64, keeps_up: bool, noise: f64) -> Came {
    let (_, findings) = measured(sizes, thread, keeps_up, noise);
    let all = against(&findings);
    assert_eq!((all.len(), all[0].rivals.len()), (1, sizes.len()));
    all[0].came
}

#[test]
fn the_least_that_beats_one_thread_is_its_cost() {
    let sizes = [(1, 100.0), (2, 190.0), (4, 360.0)];
    assert_eq!(came(&sizes, 250.0, false, 0.005), Came::At(2, true));
    assert_eq!(came(&sizes, 150.0, false, 0.005), Came::At(1, true));
    assert_eq!(came(&sizes, 400.0, false, 0.005), Came::Never);
}

#[test]
fn what_chance_might_make_is_undecided() {
    let sizes = [(1, 100.0), (2, 190.0), (4, 360.0)];
    assert_eq!(came(&sizes, 190.5, false, 0.02), Came::At(2, false), "of two instances it is not known");
    assert_eq!(came(&[(1, 100.0), (2, 190.0)], 190.5, false, 0.02), Came::Undecided);
}

#[test]
fn nothing_beats_what_keeps_up() {
    assert_eq!(came(&[(1, 100.0), (2, 190.0)], 1000.0, true, 0.005), Came::KeptUp);
}

#[test]
fn a_baseline_is_no_treatment_and_all_its_trials_are_there() {
    let (_, findings) = measured(&[(1, 100.0), (2, 190.0)], 150.0, false, 0.005);
    assert_eq!((findings.treatments.len(), findings.baselines.len()), (2, 1));
    assert_eq!(findings.trials().count(), 18);
    assert!(findings.treatment(BASELINE).is_some() && findings.trial(3).is_some());
    assert_eq!(findings.into_trials().len(), 18);
}

#[test]
fn a_run_without_a_baseline_has_no_cost() {
    let (mut manifest, findings) = measured(&[(1, 100.0), (2, 190.0)], 150.0, false, 0.005);
    manifest.treatments.iter_mut().for_each(|line| line.baseline = false);
    let findings = Findings::of(&manifest, findings.into_trials());
    assert!(against(&findings).is_empty());
    assert_eq!(findings.treatments.len(), 3);
}

#[test]
fn what_a_size_is_over_one_thread_has_an_interval_within_blocks() {
    let (_, findings) = measured(&[(1, 100.0), (2, 190.0)], 150.0, false, 0.005);
    let all = against(&findings);
    let ratio = all[0].rivals[1].ratio.unwrap();
    assert!(ratio.range.covers(190.0 / 150.0) && ratio.range.half_width() < 0.02, "{ratio:?}");
    // What keeps up cannot be set against what does not but by a bound, which has none.
    let (_, findings) = measured(&[(1, 100.0)], 1000.0, true, 0.005);
    assert_eq!(against(&findings)[0].rivals[0].ratio, None);
}
