//! What laws say of made-up trials.

use super::*;
use crate::analyse::{Findings, Reading, TrialFindings, judge};
use crate::record::testing::{Synthetic, manifest};

/// Six blocks of these sizes, whose throughput follows Amdahl's law with a tenth done one after another, give or take half a percent.
fn measured(sizes: &[&str], partitions: u32) -> Findings {
    let manifest = manifest(sizes);
    let at = |name: &str| crate::spec::place(name).unwrap();
    let mut trials = Vec::new();
    for block in 1..=6_u32 {
        for (number, size) in (1..).zip(sizes) {
            let trial = Synthetic {
                order: (block - 1) * sizes.len() as u32 + number,
                repetition: block,
                treatment: (*size).to_owned(),
                levels: vec![("topic.partitions".to_owned(), (*size).to_owned())],
                processed: 100,
                ..Synthetic::default()
            };
            let mut judged = judge(&trial.record(), &trial.rows(), &trial.latencies());
            let n: f64 = size.parse().unwrap();
            let noise = 1.0 + 0.005 * (f64::from((block * 7 + number * 5) % 11) / 5.0 - 1.0);
            judged.metrics[at("processed_msgs_per_s")] =
                Reading::Value(1000.0 * n / (1.0 + 0.1 * (n - 1.0)) * noise);
            let mut record = trial.record();
            record.asked.partitions = partitions;
            (record.asked.instances, record.asked.threads) = (Some(n as u32), Some(1));
            trials.push(TrialFindings::of(&manifest, record, judged));
        }
    }
    Findings::of(&manifest, trials)
}

fn grown(findings: &Findings) -> Growing {
    let size = |one: &TreatmentFindings| one.slug.parse::<f64>().unwrap();
    let own: Vec<(f64, &TreatmentFindings)> =
        findings.treatments.iter().map(|one| (size(one), one)).collect();
    growing(&own).unwrap()
}

#[test]
fn a_law_gives_back_the_numbers_that_trials_were_made_of() {
    let found = grown(&measured(&["1", "2", "4", "8", "12"], 24));
    let amdahl = &found.fits[1];
    assert_eq!((amdahl.fit.law, found.refused), (Law::Amdahl, None));
    let [_, sigma, _] = amdahl.intervals.unwrap();
    assert!(sigma.covers(0.1) && sigma.high - sigma.low < 0.02, "{sigma:?}");
    assert_ne!(best(&found.fits).unwrap().fit.law, Law::Linear);
    let eight = &found.sizes[3];
    assert!(eight.speed_up.unwrap().range.covers(8.0 / 1.7));
    let (efficiency, range) = eight.efficiency().unwrap();
    assert!((efficiency - 1.0 / 1.7).abs() < 0.01 && range.covers(efficiency));
    assert_eq!(found.sizes[4].staircase, Some(12.0));
    assert!(found.sizes[0].speed_up.is_none());
}

#[test]
fn three_sizes_have_speed_ups_and_no_law() {
    let found = grown(&measured(&["1", "2", "4"], 4));
    assert!(found.fits.is_empty() && found.refused.unwrap().contains("here are 3"));
    assert!(found.sizes[2].speed_up.is_some());
}

#[test]
fn idle_consumers_are_no_contention_and_no_law_speaks_of_them() {
    let found = grown(&measured(&["1", "2", "4", "8", "12"], 4));
    assert!(found.fits.is_empty() && found.refused.unwrap().contains("here are 3"));
    assert_eq!(grown(&measured(&["1", "2", "4", "8", "12"], 8)).fits.len(), 3);
}

#[test]
fn a_law_is_drawn_with_its_band_no_further_than_twice_the_greatest_size_nor_than_the_partitions() {
    let drawn = |partitions: u32| grown(&measured(&["1", "2", "4", "8"], partitions)).drawn.unwrap();
    let ends = |drawn: &Drawn| (drawn.points[0].n, drawn.points.last().unwrap().n);
    assert_eq!(ends(&drawn(64)), (1.0, 16.0));
    assert_eq!(ends(&drawn(12)), (1.0, 12.0));
    assert_eq!(ends(&drawn(8)), (1.0, 8.0));
    // Idle consumers are in no fit, and no law is drawn where they are.
    assert_eq!(ends(&grown(&measured(&["1", "2", "4", "8", "12"], 8)).drawn.unwrap()), (1.0, 8.0));
    let drawn = drawn(64);
    assert_ne!(drawn.law, Law::Linear);
    for at in &drawn.points {
        let true_rate = 1000.0 * at.n / (1.0 + 0.1 * (at.n - 1.0));
        let band = at.range.unwrap();
        assert!(band.covers(at.rate), "{at:?}");
        assert!((at.rate / true_rate - 1.0).abs() < 0.03, "{at:?} {true_rate}");
    }
    let wide = |at: &At| (at.range.unwrap().high - at.range.unwrap().low) / at.rate;
    assert!(wide(&drawn.points[24]) > wide(&drawn.points[6]), "less is known where nothing was tried");
}

#[test]
fn a_fit_leaves_residuals_of_every_trial_that_it_is_of() {
    let found = grown(&measured(&["1", "2", "4", "8"], 64));
    for fitted in &found.fits {
        assert_eq!(fitted.residuals.len(), 24);
        let squares: f64 = fitted.residuals.iter().map(|one| (one.measured - one.fitted).powi(2)).sum();
        assert!((squares / fitted.fit.sse - 1.0).abs() < 1e-9);
    }
    let worst = |at: usize| found.fits[at].residuals.iter().map(|one| one.part().abs()).fold(0.0, f64::max);
    assert!(worst(1) < 0.012 && worst(0) > 0.1, "{} {}", worst(1), worst(0));
}

#[test]
fn a_peak_beyond_what_may_be_said_is_not_said() {
    let far = BTreeMap::from([(
        1,
        [1.0, 2.0, 4.0, 8.0]
            .map(|n| (1, n, 100.0 * n / (1.0 + 0.02 * (n - 1.0) + 0.001 * n * (n - 1.0))))
            .to_vec(),
    )]);
    let usl = |furthest: f64| fitted(&far, furthest)[2].peak;
    assert!((usl(64.0).unwrap() - 31.3).abs() < 0.2);
    assert_eq!(usl(16.0), None);
}

#[test]
fn a_peak_has_an_interval_that_ends_where_nothing_more_may_be_said() {
    // Six blocks, the coherency of which is told from nothing, and to within a tenth.
    let block = |at: u32| {
        let kappa = 0.0095 + 0.0002 * f64::from(at);
        let of = |n: f64| (at, n, 100.0 * n / (1.0 + 0.1 * (n - 1.0) + kappa * n * (n - 1.0)));
        (at, [1.0, 2.0, 4.0, 8.0, 16.0].map(of).to_vec())
    };
    let blocks: BTreeMap<u32, Vec<Did>> = (0..6).map(block).collect();
    let usl = |furthest: f64| fitted(&blocks, furthest)[2].clone();
    let (low, high) = usl(32.0).peak_range.unwrap();
    let peak = usl(32.0).peak.unwrap();
    assert!((9.0..peak).contains(&low) && high.value().unwrap() > peak, "{low} {peak} {high:?}");
    let (_, high) = usl(peak).peak_range.unwrap();
    assert_eq!(high, Reading::Beyond(peak));
    let few: BTreeMap<u32, Vec<Did>> = blocks.clone().into_iter().take(5).collect();
    assert_eq!(fitted(&few, 32.0)[2].peak_range, None, "five blocks have no interval");
}

#[test]
fn trials_that_searches_made_in_different_rounds_are_blocks_by_turn() {
    let mut findings = measured(&["1", "2", "4", "8"], 64);
    for (at, treatment) in (0_u32..).zip(&mut findings.treatments) {
        treatment.trials.iter_mut().for_each(|trial| trial.record.block += 100 * at);
    }
    let sizes: Vec<f64> = findings.treatments.iter().map(|one| one.slug.parse().unwrap()).collect();
    let own: Vec<(f64, &TreatmentFindings)> = sizes.into_iter().zip(&findings.treatments).collect();
    assert!(growing(&own).unwrap().fits[1].intervals.is_err(), "no block has all sizes");
    let [_, sigma, _] = growing_of_bounds(&own).unwrap().fits[1].intervals.unwrap();
    assert!(sigma.covers(0.1) && sigma.high < 0.12, "{sigma:?}");
}

#[test]
fn no_law_of_what_is_sustained_goes_through_sizes_that_partitions_do_not_fall_evenly_on() {
    let of_bounds = |partitions: u32| {
        let findings = measured(&["1", "2", "3", "4"], partitions);
        let sizes: Vec<f64> = findings.treatments.iter().map(|one| one.slug.parse().unwrap()).collect();
        let own: Vec<(f64, &TreatmentFindings)> = sizes.into_iter().zip(&findings.treatments).collect();
        growing_of_bounds(&own).unwrap()
    };
    let refused = of_bounds(4).refused.unwrap();
    assert!(refused.ends_with("over which partitions fall evenly, and there are 3"), "{refused}");
    assert_eq!(of_bounds(12).refused, None);
}
