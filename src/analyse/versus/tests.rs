//! Comparisons of made-up runs whose true difference is known.

use std::path::PathBuf;

use rand::SeedableRng;
use rand_distr::{Distribution, Normal};
use rand_pcg::Pcg64;

use super::*;
use crate::analyse::evidence::risk_of;
use crate::analyse::{Findings, TrialFindings, judge};
use crate::record::testing::{Synthetic, looked_again, manifest};
use crate::record::{Fingerprint, ImageLine, Run};
use crate::spec::Metric;
use crate::stats::distribution::student_quantile;

/// Trials in overload: of each treatment and block so many messages were processed in a quarter second.
fn run(path: &str, treatments: &[(&str, Vec<u64>)]) -> (Run, Findings) {
    let slugs: Vec<&str> = treatments.iter().map(|(slug, _)| *slug).collect();
    let mut trials = Vec::new();
    let manifest = manifest(&slugs);
    for (slug, processed) in treatments {
        for (at, processed) in processed.iter().enumerate() {
            let trial = Synthetic {
                order: trials.len() as u32 + 1,
                repetition: at as u32 + 1,
                treatment: (*slug).to_owned(),
                levels: vec![("topic.partitions".to_owned(), (*slug).to_owned())],
                due: 100_000,
                processed: *processed,
                ..Synthetic::default()
            };
            let (record, rows) = (trial.record(), trial.rows());
            let judged = judge(&record, &rows, &crate::record::Latencies::new());
            trials.push(TrialFindings::of(&manifest, record, judged));
        }
    }
    let findings = Findings::of(&manifest, trials);
    (Run { path: PathBuf::from(path), manifest, plan: Vec::new(), trials: Vec::new() }, findings)
}

fn processed() -> [Metric; 1] {
    [Metric::written("processed").unwrap()]
}

fn whole((run, findings): &(Run, Findings)) -> Side<'_> {
    Side::of(run, findings, "")
}

fn treatment((run, findings): &(Run, Findings), at: usize) -> Side<'_> {
    Side::of(run, findings, &findings.treatments[at].slug)
}

/// Of one run's two treatments.
fn two(a: &[u64], b: &[u64], margin: f64) -> Comparison {
    let run = run("r", &[("a", a.to_vec()), ("b", b.to_vec())]);
    census(&treatment(&run, 0), &[treatment(&run, 1)], &processed(), margin).judged.remove(0)
}

#[test]
fn a_ratio_is_of_blocks_and_its_interval_is_students() {
    let one = two(&[1000, 1100, 900, 1000], &[1100, 1200, 1000, 1120], 0.05);
    assert!(one.paired && one.n == (4, 4));
    let logs: Vec<f64> = [1.1_f64, 12.0 / 11.0, 10.0 / 9.0, 1.12].iter().map(|of| of.ln()).collect();
    let mean = logs.iter().sum::<f64>() / 4.0;
    let sd = (logs.iter().map(|of| (of - mean).powi(2)).sum::<f64>() / 3.0).sqrt();
    let reach = student_quantile(0.975, 3.0) * sd / 2.0;
    for (got, want) in
        [(one.ratio.0, mean.exp()), (one.ratio.1, (mean - reach).exp()), (one.ratio.2, (mean + reach).exp())]
    {
        assert!((got - want).abs() < 1e-9, "{got} {want}");
    }
    assert_eq!(one.outcome, Outcome::Better);
}

#[test]
fn runs_are_compared_by_welchs_t_as_an_independent_package_has_it() {
    let (a, b) = (
        run("a", &[("x", vec![1000, 1040, 980, 1010, 1025])]),
        run("b", &[("x", vec![1100, 1200, 1010, 1150, 1300, 990])]),
    );
    let one = census(&whole(&a), &[whole(&b)], &processed(), 0.05).judged.remove(0);
    // scipy.stats.ttest_ind(log(b), log(a), equal_var=False), its confidence_interval(), and levene(log(a), log(b), center='median')
    assert!(!one.paired && one.n == (5, 6));
    assert!((one.p.0 - 0.060_144_557).abs() < 1e-9, "{}", one.p.0);
    let (ratio, low, high) = one.ratio;
    for (got, want) in [(ratio, 1.107_986_20), (low, 0.993_864_69), (high, 1.235_211_83)] {
        assert!((got - want).abs() < 1e-8, "{got} {want}");
    }
    assert_eq!(one.outcome, Outcome::Undecided);
}

#[test]
fn runs_of_one_seed_that_sent_different_messages_are_not_compared() {
    let sent = |sha256: &str, seed: u64| {
        let mut run = run("r", &[("x", vec![1000, 1010])]);
        for trial in run.1.treatments.iter_mut().flat_map(|one| &mut one.trials) {
            let sha256 = sha256.to_owned();
            trial.record.messages = Some(Fingerprint { sha256, messages: 10_000, mean_bytes: 100.0 });
            trial.record.seed = seed;
        }
        run
    };
    let forbids = |a: &(Run, Findings), b: &(Run, Findings)| {
        let all = setup::differences(&whole(a), &whole(b));
        all.iter().any(|one| one.forbids && one.what.starts_with("messages (SHA-256)"))
    };
    let base = sent("ab", 7);
    assert!(forbids(&base, &sent("cd", 7)));
    assert!(
        !forbids(&base, &sent("ab", 7)) && !forbids(&base, &sent("cd", 8)),
        "another seed is told as such"
    );
    assert!(!forbids(&base, &run("r", &[("x", vec![1000, 1010])])), "older records do not tell");
}

#[test]
fn runs_of_one_file_by_name_that_held_other_lines_are_not_compared() {
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let runs: Vec<(Run, Findings)> = folders
        .iter()
        .zip(["t,rate\n0,1\n", "t,rate\n0,1\n", "t,rate\n0,2\n"])
        .map(|(folder, day)| {
            std::fs::create_dir(folder.path().join("inputs")).unwrap();
            std::fs::write(folder.path().join("inputs/00000001-day.csv"), day).unwrap();
            run(folder.path().to_str().unwrap(), &[("x", vec![1000, 1010])])
        })
        .collect();
    let told = |other: usize| -> Vec<(String, bool)> {
        let all = setup::differences(&whole(&runs[0]), &whole(&runs[other]));
        all.into_iter().map(|one| (one.what, one.forbids)).collect()
    };
    assert_eq!(told(1), []);
    assert_eq!(told(2), [("contents of inputs/00000001-day.csv (SHA-256)".to_owned(), true)]);
}

#[test]
fn less_of_what_should_be_little_is_better() {
    let mut one = two(&[1000, 1010, 990], &[500, 505, 495], 0.05);
    assert_eq!(one.word(), "worse");
    one.metric = Metric::written("p99(ack)").unwrap();
    one.decide(0.05, risk_of(1));
    assert_eq!(one.word(), "better");
}

#[test]
fn what_could_not_have_seen_the_margin_is_undecided_and_never_the_same() {
    let noisy = two(&[1000, 1300, 800], &[1310, 790, 1010], 0.05);
    assert_eq!(noisy.outcome, Outcome::Undecided);
    assert!(noisy.smallest > 0.05 && noisy.needed.is_some_and(|needed| needed > 3));
    let quiet = two(&[1000, 1001, 999, 1000], &[1001, 1000, 1000, 999], 0.05);
    assert_eq!((quiet.outcome, quiet.needed), (Outcome::Same, None));
    let sure_and_small = two(&[1000, 1001, 999, 1000], &[1010, 1011, 1009, 1010], 0.05);
    assert!(sure_and_small.p.1 < risk_of(1));
    assert_eq!(sure_and_small.outcome, Outcome::Same, "a difference within the margin is none");
    let mut lucky = quiet;
    lucky.smallest = 0.07;
    lucky.decide(0.05, risk_of(1));
    assert_eq!(lucky.outcome, Outcome::Undecided, "seven percent would have been seen, five would not");
}

#[test]
fn all_that_was_judged_shares_one_error_and_what_was_not_is_named() {
    let a =
        run("a", &[("x", vec![1000, 1010, 990, 1005]), ("y", vec![1000, 1000]), ("only here", vec![1; 4])]);
    let b = run("b", &[("x", vec![1020, 1030, 1010, 1025]), ("y", vec![900; 4]), ("only there", vec![1; 4])]);
    let metrics = [processed(), [Metric::written("processed_mib_per_s").unwrap()]].concat();
    let alone = census(&whole(&a), &[whole(&b)], &processed(), 0.001);
    let both = census(&whole(&a), &[whole(&b)], &metrics, 0.001);
    assert_eq!((alone.judged.len(), alone.unjudged.len(), both.possible()), (1, 3, 8));
    assert!((alone.judged[0].p.1 - alone.judged[0].p.0).abs() < 1e-12);
    assert!((both.judged[0].p.1 - 2.0 * both.judged[0].p.0).abs() < 1e-12, "Holm: two were judged");
    let why: Vec<&str> = alone.unjudged.iter().map(|one| one.why.told()).collect();
    assert_eq!(
        why,
        [
            "one of them has fewer than 3 valid trials",
            "the other run has no such treatment",
            "the first run has no such treatment"
        ]
    );
}

#[test]
fn loads_that_are_not_alike_are_not_judged() {
    let a = run("a", &[("x", vec![1000; 4])]);
    let b = run("b", &[("x", vec![100_000; 4])]); // all that is due
    let census = census(&whole(&a), &[whole(&b)], &processed(), 0.05);
    assert!(census.judged.is_empty() && census.unjudged[0].why == Why::UnlikeLoads);
    assert!(census.leaves_open(), "what fell behind is not as good as what kept up");
}

#[test]
fn trials_that_lie_further_apart_are_told_beside_their_middle() {
    let one = two(
        &[1000, 1001, 999, 1000, 1002, 998, 1001, 999],
        &[1000, 1200, 830, 1100, 900, 1300, 760, 1000],
        0.05,
    );
    assert_eq!(one.spread.unwrap().told(risk_of(1)), Spreads::Wider);
    assert_eq!(two(&[1; 5], &[2; 5], 0.05).spread, None);
}

#[test]
fn treatments_of_named_levels_meet_the_one_that_is_alike_in_all_else() {
    let slugs =
        ["twin=one,rate=1", "twin=other,rate=1", "twin=one,rate=2", "twin=other,rate=2", "twin=one,rate=3"];
    let run = run("r", &slugs.map(|slug| (slug, vec![1000, 1001, 999])));
    let (one, other) = (Side::of(&run.0, &run.1, "twin=one"), Side::of(&run.0, &run.1, "twin=other"));
    let census = census(&one, &[other], &processed(), 0.05);
    let pairs: Vec<(&str, &str)> =
        census.judged.iter().map(|one| (one.base.as_str(), one.other.as_str())).collect();
    assert_eq!(pairs, [(slugs[0], slugs[1]), (slugs[2], slugs[3])]);
    assert_eq!(census.unjudged[0].treatment, slugs[4]);
}

#[test]
fn what_makes_numbers_incomparable_forbids_and_what_may_be_under_test_is_listed() {
    let a = run("a", &[("x", vec![1000; 3])]);
    let mut b = run("b", &[("x", vec![1000; 3])]);
    assert_eq!(differences(&whole(&a), &whole(&b)), []);
    b.0.manifest.librdkafka_version = "2.13.0".to_owned();
    b.0.manifest.host.kernel = "Linux 7".to_owned();
    assert!(differences(&whole(&a), &whole(&b)).iter().all(|one| !one.forbids));
    for (what, change) in [
        ("question", (|of| of.question.push('!')) as fn(&mut crate::record::Manifest)),
        ("format", |of| of.format += 1),
        ("units", |of| of.units.clear()),
        ("host: cores", |of| of.host.cores = 64),
        ("host: CPU", |of| of.host.cpu_model.push('!')),
        ("Kafka: version", |of| of.cluster.versions.clear()),
        ("Kafka: brokers", |of| of.cluster.count = 3),
    ] {
        let mut other = run("b", &[("x", vec![1000; 3])]);
        change(&mut other.0.manifest);
        let found = differences(&whole(&a), &whole(&other));
        assert!(found[0].forbids && found[0].what.starts_with(what), "{what}: {found:?}");
    }
    // An image that was built again has the same name.
    let built = |path: &str, id: &str| {
        let mut run = run(path, &[("x", vec![1000; 3])]);
        run.0.manifest.images =
            vec![ImageLine { name: "orders".to_owned(), id: id.to_owned(), ..ImageLine::default() }];
        run
    };
    let first = built("a", "sha256:1");
    assert_eq!(differences(&whole(&first), &whole(&built("b", "sha256:1"))), []);
    let found = differences(&whole(&first), &whole(&built("b", "sha256:2")));
    assert!(found.len() == 1 && found[0].what == "image orders" && !found[0].forbids, "{found:?}");
    let mut other = run("b", &[("x", vec![1000; 3])]);
    other.1.treatments[0].trials[0].record.asked.rate_msgs_per_s = Some(7.0);
    assert!(differences(&whole(&a), &whole(&other))[0].what.starts_with("offered load"));
}

/// Trials of two treatments in shared blocks: logarithms vary by `sd`, blocks by three times that, and the other lies `shift` above.
struct Made {
    random: Pcg64,
    sd: f64,
    shift: f64,
}

impl Made {
    fn pair(&mut self, blocks: usize) -> (Vec<u64>, Vec<u64>) {
        let normal = Normal::new(0.0, 1.0).unwrap();
        let mut of = |sd: f64| normal.sample(&mut self.random) * sd;
        (0..blocks)
            .map(|_| {
                let block = of(3.0 * self.sd);
                let (a, b) = (of(self.sd), of(self.sd) + self.shift);
                let value = |log: f64| (20_000.0 * log.exp()).round() as u64;
                (value(block + a), value(block + b))
            })
            .unzip()
    }
}

#[test]
fn at_most_one_in_twenty_of_two_hundred_comparisons_with_themselves_is_called_different() {
    let mut made = Made { random: Pcg64::seed_from_u64(1), sd: 0.03, shift: 0.0 };
    let (mut different, mut better) = (0, 0);
    for _ in 0..20 {
        // Ten treatments of two runs, in one census.
        let pairs: Vec<_> = (0..10).map(|_| made.pair(6)).collect();
        let names: Vec<String> = (0..10).map(|at| format!("t{at}")).collect();
        let of = |values: Vec<Vec<u64>>| names.iter().map(String::as_str).zip(values).collect::<Vec<_>>();
        let (here, there): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        let (a, b) = (run("a", &of(here)), run("b", &of(there)));
        let census = census(&whole(&a), &[whole(&b)], &processed(), 0.05);
        assert_eq!(census.judged.len(), 10);
        better += census.count(Outcome::Better);
        different += census.count(Outcome::Better) + census.count(Outcome::Worse);
    }
    assert!(different <= 10, "{different} of 200 ({better} better)");
}

#[test]
fn a_single_comparison_with_itself_is_called_different_as_often_as_its_level_says_and_favours_nobody() {
    let mut made = Made { random: Pcg64::seed_from_u64(2), sd: 0.03, shift: 0.0 };
    let (mut better, mut worse) = (0_u32, 0_u32);
    for _ in 0..1000 {
        let (a, b) = made.pair(6);
        match two(&a, &b, 0.001).outcome {
            Outcome::Better => better += 1,
            Outcome::Worse => worse += 1,
            _ => {}
        }
    }
    // 32 expected, with a standard deviation of 5.6; of those half on each side.
    assert!((15..=49).contains(&(better + worse)), "{better} better, {worse} worse");
    assert!(better.abs_diff(worse) <= 17, "{better} better, {worse} worse");
}

#[test]
fn injected_differences_are_found_as_often_as_the_power_that_was_stated() {
    let blocks = 6;
    let reach = student_quantile(1.0 - risk_of(1) / 2.0, 5.0) + student_quantile(POWER, 5.0);
    for difference in [0.02_f64, 0.05, 0.10, 0.20] {
        // So much noise that this difference is the smallest that could have been seen.
        let sd = difference.ln_1p() * (blocks as f64).sqrt() / reach / std::f64::consts::SQRT_2;
        let mut made = Made { random: Pcg64::seed_from_u64(3), sd, shift: difference.ln_1p() };
        let found = (0..400)
            .filter(|_| {
                let (a, b) = made.pair(blocks);
                two(&a, &b, 0.000_1).outcome == Outcome::Better
            })
            .count();
        let share = found as f64 / 400.0;
        assert!((0.74..=0.90).contains(&share), "{difference}: found in {share} of cases, {POWER} stated");
    }
}

/// Goes on with a run, with so many repetitions more.
fn more(run: &mut (Run, Findings), repetitions: u32) {
    run.0.manifest = looked_again(&run.0.manifest, repetitions, "2026-11-23T08:00:00.000Z");
}

#[test]
fn a_run_to_which_trials_were_added_is_compared_at_what_a_further_look_may_risk() {
    let (a, mut b) = (
        run("a", &[("x", vec![1000, 1040, 980, 1010, 1025])]),
        run("b", &[("x", vec![1040, 1090, 1020, 1060, 1080])]),
    );
    let judged =
        |a: &(Run, Findings), b: &(Run, Findings)| census(&whole(a), &[whole(b)], &processed(), 0.02);
    let first = judged(&a, &b);
    assert_eq!((first.look, first.judged[0].outcome), (1, Outcome::Better), "p = {}", first.judged[0].p.1);
    // Gone on with after a crash is no look: nothing was added.
    more(&mut b, 0);
    more(&mut b, 2);
    let again = judged(&a, &b);
    assert_eq!((again.look, again.risk), (2, risk_of(2)));
    assert_eq!(again.judged[0].outcome, Outcome::Undecided);
    assert!(again.judged[0].smallest > first.judged[0].smallest, "and so less would be seen");
    let mut twice = run("a", &[("x", vec![1000, 1040, 980, 1010, 1025])]);
    more(&mut twice, 1);
    assert_eq!(judged(&twice, &b).look, 3, "each of the two was looked at once more");
    let one = (treatment(&b, 0), treatment(&b, 0));
    assert_eq!(
        census(&one.0, &[one.1], &processed(), 0.02).look,
        2,
        "two sides of one run are looked at once"
    );
}

#[test]
fn an_undecided_comparison_that_would_have_seen_the_margin_says_how_many_trials_would_decide_it() {
    // 5.7 % more, give or take 5.8 %: 10 % would have been seen, and it is neither nothing nor surely within 10 %.
    let one = two(&[1000; 6], &[1114, 1002, 1114, 1002, 1114, 1002], 0.1);
    assert_eq!(one.outcome, Outcome::Undecided);
    assert!(one.smallest <= 0.1, "{}", one.smallest);
    let needed = one.needed.unwrap();
    assert!(needed > 6, "{needed}: those that there are did not");
    let decided = two(&[1000, 1001, 999, 1000], &[1100, 1101, 1099, 1100], 0.05);
    assert_eq!((decided.outcome, decided.needed), (Outcome::Better, None));
}
