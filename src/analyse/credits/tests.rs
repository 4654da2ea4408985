//! Bursts of made-up trials.

use crate::analyse::{Basis, Burst, Findings, Standing, TrialFindings, judge};
use crate::record::testing::{Synthetic, emulated, manifest, prices};
use crate::record::{EmulatedGroup, Manifest};
use crate::units::CreditMode;

/// A t3.micro in standard mode: use, and credits at the window's start and end.
fn micro(used_vcpus: f64, start: f64, end: f64, time_scale: u32) -> EmulatedGroup {
    let mut group = emulated("t3.micro", CreditMode::Standard, used_vcpus, 1);
    group.time_scale = time_scale;
    let one = &mut group.instances[0];
    (one.balance_start_credits, one.balance_end_credits) = (Some(start), Some(end));
    group
}

fn found(manifest: &Manifest, treatment: &str, order: u32, group: EmulatedGroup) -> TrialFindings {
    let trial = Synthetic { order, treatment: treatment.to_owned(), ..Synthetic::default() };
    let mut record = trial.record();
    record.emulated = vec![group];
    let judged = judge(&record, &trial.rows(), &trial.latencies());
    TrialFindings::of(manifest, record, judged)
}

#[test]
fn a_burst_does_not_win_among_those_that_hold() {
    let mut manifest = manifest(&["micro", "medium"]);
    manifest.prices = prices();
    // 0.6 vCPU for 10 s spend 4 vCPU-seconds above the baseline: a fifteenth of a credit.
    let burst = found(&manifest, "micro", 1, micro(0.6, 288.0, 288.0 - 4.0 / 60.0, 1));
    let medium = found(&manifest, "medium", 2, emulated("t3.medium", CreditMode::Unlimited, 0.6, 1));
    let findings = Findings::of(&manifest, vec![burst, medium]);
    let of = |basis: Basis| {
        let ranking = findings.rankings.iter().find(|(ranking, _)| ranking.basis == basis);
        ranking.map(|(ranking, _)| ranking.order.iter().map(|one| one.slug.as_str()).collect::<Vec<_>>())
    };
    assert_eq!(of(Basis::Offered), Some(vec!["medium"]), "the t3.micro is cheaper, while credits last");
    assert_eq!(of(Basis::OfferedOnCredits), Some(vec!["micro"]));
    assert_eq!(findings.treatments[0].standing, Standing::OnCredits);
    assert_eq!(findings.treatments[1].standing, Standing::Held);
    let trial = &findings.treatments[0].trials[0];
    assert_eq!(trial.cost.as_ref().unwrap().basis.name(), "offered_on_credits");
    let doubt = trial.judged.doubts.iter().find(|doubt| doubt.id == "on_credits").unwrap();
    assert!(!doubt.spoils);
    // 288 credits are 17 280 vCPU-seconds: at 0.4 above the baseline 12 h. A third of 1 000 messages a second is sustained.
    assert!(doubt.what.contains("they last 12h from the window's start"), "{}", doubt.what);
    assert!(
        doubt.what.contains("of 1000.0 messages per second its baseline sustains 333.3"),
        "{}",
        doubt.what
    );
}

#[test]
fn one_trial_on_credits_puts_its_treatment_among_those() {
    let mut manifest = manifest(&["micro"]);
    manifest.prices = prices();
    let trials = vec![
        found(&manifest, "micro", 1, micro(0.2, 0.0, 0.0, 1)),
        found(&manifest, "micro", 2, micro(0.6, 1.0, 0.9, 1)),
    ];
    let findings = Findings::of(&manifest, trials);
    assert_eq!(findings.treatments[0].costs.as_ref().unwrap().0, Basis::OfferedOnCredits);
    assert_eq!(findings.treatments[0].standing, Standing::OnCredits);
}

#[test]
fn how_long_a_balance_lasts_is_told_of_the_full_size_instance_whatever_the_time_scale() {
    let of = |time_scale: u32| {
        let spent = 4.0 / 60.0 * f64::from(time_scale);
        Burst::of_group(&micro(0.6, 288.0, 288.0 - spent, time_scale)).unwrap()
    };
    assert!((of(1).lasts_s() - 43_200.0).abs() < 1e-6);
    assert!((of(300).lasts_s() - 43_200.0).abs() < 1e-6);
}

#[test]
fn credits_that_run_out_in_the_window_are_a_burst_too() {
    let manifest = manifest(&["micro"]);
    let spent = found(&manifest, "micro", 1, micro(1.09, 243.0, 0.0, 300));
    let doubt = spent.judged.doubts.iter().find(|doubt| doubt.id == "on_credits").unwrap();
    assert!(
        doubt.what.contains("from 243.0 to 0.0 in the window, and they were spent within it"),
        "{}",
        doubt.what
    );
    assert!(doubt.what.contains("its baseline sustains 183.5"), "{}", doubt.what);
}

#[test]
fn what_can_last_is_no_burst() {
    let burst = |group: EmulatedGroup| Burst::of_group(&group).is_some();
    assert!(burst(micro(0.6, 288.0, 287.9, 1)));
    assert!(!burst(micro(0.15, 287.0, 288.0, 1)), "it earns");
    assert!(!burst(micro(0.22, 0.0, 0.0, 1)), "it has none to spend: what is above is the enforcement's");
    // 0.0006 credits over 10 s are 0.0036 vCPU, less than a fiftieth of 0.2.
    assert!(!burst(micro(0.203, 0.0006, 0.0, 1)), "what was saved while it waited");
    let mut unlimited = micro(0.6, 288.0, 287.9, 1);
    unlimited.credit_mode = Some(CreditMode::Unlimited);
    assert!(!burst(unlimited), "it pays for more when they are spent");
    assert!(!burst(emulated("m5.large", CreditMode::Standard, 1.0, 1)), "it has no credits");
}
