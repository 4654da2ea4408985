//! How many comparisons reports of made-up runs tell, and how often such a report is wrong.

use rand::SeedableRng;
use rand_distr::{Distribution, Normal};
use rand_pcg::Pcg64;

use super::Share;
use crate::analyse::{Apart, Findings, Reading, TrialFindings, judge};
use crate::record::testing::{Synthetic, emulated, looked_again, manifest, prices};
use crate::record::{End, Manifest, ResponseLine, TreatmentLine};
use crate::spec::{Metric, place};
use crate::units::CreditMode;

const TWO: [&str; 2] = ["load_cpu_cores", "lost"];

fn asked(manifest: &mut Manifest, responses: &[&str]) {
    let line =
        |text: &&str| ResponseLine { text: (*text).to_owned(), metric: Metric::written(text).unwrap().name };
    manifest.responses = responses.iter().map(line).collect();
}

/// A block of each treatment, all alike.
fn trials(manifest: &Manifest, blocks: u32) -> Vec<TrialFindings> {
    let mut all = Vec::new();
    for repetition in 1..=blocks {
        for line in &manifest.treatments {
            let order = all.len() as u32 + 1;
            let trial = Synthetic { order, repetition, treatment: line.slug.clone(), ..Synthetic::default() };
            let mut record = trial.record();
            record.load_cpu_cores = Some(0.5);
            record.baseline = line.baseline;
            let judged = judge(&record, &trial.rows(), &trial.latencies());
            all.push(TrialFindings::of(manifest, record, judged));
        }
    }
    all
}

fn among(manifest: &Manifest) -> usize {
    Findings::of(manifest, trials(manifest, 1)).share.among
}

fn crossed(factors: &[(&str, &[&str])]) -> Manifest {
    let mut manifest = manifest(&[]);
    manifest.factors = factors.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut rows: Vec<Vec<String>> = vec![Vec::new()];
    for (_, levels) in factors {
        let with = |row: &Vec<String>| {
            levels.iter().map(|level| [row.as_slice(), &[(*level).to_owned()]].concat()).collect::<Vec<_>>()
        };
        rows = rows.iter().flat_map(with).collect();
    }
    let line = |levels: Vec<String>| TreatmentLine { slug: levels.join("-"), levels, baseline: false };
    manifest.treatments = rows.into_iter().map(line).collect();
    manifest
}

#[test]
fn each_comparison_that_a_report_tells_or_might_have_told_is_counted_once() {
    let of = |factors: &[(&str, &[&str])], responses: &[&str]| {
        let mut manifest = crossed(factors);
        asked(&mut manifest, responses);
        among(&manifest)
    };
    let (numbers, words): (&[&str], &[&str]) = (&["1", "2", "4"], &["a", "b", "c", "d"]);
    // The ends, and the level between with either.
    assert_eq!(of(&[("f.x", numbers)], &TWO[..1]), 3);
    assert_eq!(of(&[("f.x", numbers)], &TWO), 4, "and the ends by the other");
    // Any two could have been the least and the greatest.
    assert_eq!((of(&[("f.w", words)], &TWO[..1]), of(&[("f.w", words)], &TWO)), (6, 12));
    // At the same load the first factor answers: its ends at the last of the other, which are a side of the square.
    assert_eq!(of(&[("f.x", &["1", "2"]), ("f.y", &["1", "2"])], &TWO[..1]), 4);
    // Throughput answers from corner to corner, and beside that each factor at both ends of the others.
    assert_eq!(of(&[("f.x", &["1", "2"]), ("f.y", &["1", "2"])], &["processed"]), 5);
    assert_eq!(
        of(&[("f.x", &["1", "2"]), ("f.y", &["1", "2"]), ("f.z", &["1", "2"])], &["processed"]),
        1 + 3 * 2
    );
    assert_eq!(of(&[], &TWO), 1, "of one treatment nothing is compared");
}

#[test]
fn costs_and_what_beats_one_thread_are_in_the_same_family_as_the_answer() {
    let mut manifest = crossed(&[("f.w", &["a", "b", "c"])]);
    asked(&mut manifest, &["load_cpu_cores"]);
    manifest.prices = prices();
    let with = |manifest: &Manifest| {
        let mut all = trials(manifest, 1);
        for trial in &mut all {
            let mut record = trial.record.clone();
            record.emulated = vec![emulated("t3.micro", CreditMode::Standard, 0.1, 1)];
            *trial = TrialFindings::of(manifest, record, trial.judged.clone());
        }
        let findings = Findings::of(manifest, all);
        assert!(findings.rankings.iter().all(|(ranking, _)| ranking.share == findings.share));
        findings.share.among
    };
    assert_eq!((among(&manifest), with(&manifest)), (3, 6));
    manifest.treatments.push(TreatmentLine {
        slug: "one".to_owned(),
        levels: vec!["baseline".to_owned()],
        baseline: true,
    });
    assert_eq!(with(&manifest), 9);
}

#[test]
fn what_no_trial_tells_is_not_counted_and_a_look_is() {
    let mut manifest = crossed(&[("f.w", &["a", "b", "c"])]);
    asked(&mut manifest, &["load_cpu_cores"]);
    let mut all = trials(&manifest, 2);
    for trial in all.iter_mut().filter(|trial| trial.record.treatment != "a") {
        let mut record = trial.record.clone();
        record.end = End::Failed("no broker".to_owned());
        let of = Synthetic::default();
        *trial = TrialFindings::of(&manifest, record.clone(), judge(&record, &of.rows(), &of.latencies()));
    }
    assert_eq!(Findings::of(&manifest, all).share, Share::ALONE);
    assert_eq!(Findings::of(&manifest, Vec::new()).share, Share::ALONE);
    let manifest = looked_again(&manifest, 3, "2026-11-23T08:00:00.000Z");
    let share = |blocks| Findings::of(&manifest, trials(&manifest, blocks)).share;
    assert_eq!((share(2).among, share(2).look), (3, 1), "of two blocks nothing is told apart");
    let share = share(3);
    assert_eq!((share.among, share.look), (3, 2));
    assert!((share.level() - 0.009 / 3.0).abs() < 1e-12, "half of what the first look left, for three");
    assert_eq!(share.told(), "at 0.9 % for 3 comparisons");
}

#[test]
fn a_whole_report_on_equals_tells_a_difference_in_no_more_cases_than_it_says() {
    let mut manifest = crossed(&[("f.w", &["a", "b", "c", "d"])]);
    let metrics = ["load_cpu_cores", "processed", "p99(ack)"];
    asked(&mut manifest, &metrics);
    let metrics = metrics.map(|name| Metric::written(name).unwrap());
    let template = trials(&manifest, 6);
    let normal = Normal::new(0.0_f64, 0.05).unwrap();
    let mut random = Pcg64::seed_from_u64(19);
    let (runs, mut wrong, mut alone) = (400, 0, 0);
    for _ in 0..runs {
        let mut all = template.clone();
        for trial in &mut all {
            for metric in &metrics {
                let value = 100.0 * normal.sample(&mut random).exp();
                trial.judged.metrics[place(&metric.name).unwrap()] = Reading::Value(value);
            }
        }
        let findings = Findings::of(&manifest, all);
        assert_eq!(findings.share.among, 3 * 6);
        let told = |share: Share| {
            let of = &findings.treatments;
            let pairs =
                of.iter().enumerate().flat_map(|(at, one)| of[at + 1..].iter().map(move |o| (one, o)));
            let mut all = pairs.flat_map(|pair| metrics.iter().map(move |metric| (metric, pair)));
            all.any(|(metric, pair)| Apart::of(metric, pair, share) == Apart::Clear)
        };
        wrong += u32::from(told(findings.share));
        alone += u32::from(told(Share::ALONE));
    }
    let share = |count: u32| f64::from(count) / f64::from(runs);
    assert!(share(wrong) <= 0.05, "{}", share(wrong));
    assert!(share(alone) > 0.2, "each by itself would be wrong far more often: {}", share(alone));
}
