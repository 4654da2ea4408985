//! Answers of made-up runs.

mod order;

use super::sentences;
use crate::analyse::{Findings, TrialFindings, judge};
use crate::record::testing::{Synthetic, emulated, manifest, prices, slo};
use crate::record::{End, Manifest, MemberTime, PlanRow, ResponseLine, Run, TreatmentLine, TrialRecord};
use crate::report::document::Part;
use crate::spec::Metric;
use crate::units::CreditMode;

/// A run of these treatments, each of one factor's level, asked for these metrics; `change` makes each trial's record what it is to be.
struct Made {
    manifest: Manifest,
    trials: Vec<TrialFindings>,
}

impl Made {
    fn of(levels: &[&str], responses: &[&str]) -> Self {
        let mut manifest = manifest(levels);
        manifest.responses = responses
            .iter()
            .map(|text| {
                let metric = Metric::written(text).unwrap().name;
                ResponseLine { text: (*text).to_owned(), metric }
            })
            .collect();
        Made { manifest, trials: Vec::new() }
    }

    fn trial(&mut self, level: &str, processed: u64, change: impl Fn(&mut TrialRecord)) -> &mut Self {
        let order = self.trials.len() as u32 + 1;
        let repetition = self.trials.iter().filter(|one| one.record.treatment == level).count() as u32 + 1;
        let treatment = level.to_owned();
        let of = Synthetic { order, repetition, treatment, processed, ..Synthetic::default() };
        let mut record = of.record();
        change(&mut record);
        let judged = judge(&record, &of.rows(), &of.latencies());
        self.trials.push(TrialFindings::of(&self.manifest, record, judged));
        self
    }

    fn answer(&self) -> String {
        sentences(&self.manifest, &Findings::of(&self.manifest, self.trials.clone())).join(" ")
    }
}

fn load(cores: f64) -> impl Fn(&mut TrialRecord) {
    move |record| record.load_cpu_cores = Some(cores)
}

#[test]
fn what_limits_is_said_with_its_numbers_and_a_load_that_was_done_is_not() {
    let mut made = Made::of(&["2", "4", "8"], &["processed"]);
    // Two partitions for four consumers, and as many as there are.
    let consumers = |partitions: u32| {
        move |record: &mut TrialRecord| {
            (record.asked.partitions, record.asked.instances) = (partitions, Some(4));
            let member = |instance: u32| MemberTime {
                instance,
                partitions: (0..partitions).filter(|one| one % 4 == instance).collect(),
                over_s: 9.0,
                wait_s: 8.0,
                ..MemberTime::default()
            };
            record.members = (0..4).map(member).collect();
        }
    };
    made.trial("2", 100, consumers(2)).trial("2", 100, consumers(2));
    made.trial("4", 200, consumers(4)).trial("4", 200, consumers(4));
    made.trial("8", 250, consumers(8)).trial("8", 250, consumers(8));
    let said = made.answer();
    let limits = "4 instances are limited by 2 partitions, partitions=4 by the wait that the file sets for each message.";
    assert!(said.contains(limits), "{said}");
    assert!(!said.contains("nothing"), "{said}");
}

#[test]
fn levels_that_are_words_have_a_least_and_a_greatest_and_no_first_and_last() {
    let mut made = Made::of(&["normal", "realtime", "batch"], &["load_cpu_cores"]);
    for (level, cores) in [("normal", 0.5), ("realtime", 0.25), ("batch", 0.75)] {
        made.trial(level, 250, load(cores));
        made.trial(level, 250, load(cores * 1.01)).trial(level, 250, load(cores * 1.004));
    }
    let said = made.answer();
    assert!(
        said.starts_with(
            "At the same load, CPU of the load is least with partitions=realtime at 0.251 cores, and greatest with \
             partitions=batch at 0.753 (3.00×)."
        ),
        "{said}"
    );
}

#[test]
fn the_answer_is_about_the_first_response_and_tells_the_others_between_the_same_two() {
    let mut made = Made::of(&["1", "10"], &["load_cpu_cores", "p99(send_delay)", "lost"]);
    made.trial("1", 250, load(0.2)).trial("1", 250, load(0.21)).trial("1", 250, load(0.205));
    made.trial("10", 250, load(0.4)).trial("10", 250, load(0.42)).trial("10", 250, load(0.41));
    let said = made.answer();
    assert!(
        said.starts_with("At the same load, from partitions=1 to partitions=10 CPU of the load went from 0.205 to 0.410 cores (2.00×)."),
        "{said}"
    );
    assert!(
        said.contains("From the one to the other send delay p99 stayed at ")
            && said.contains("messages lost stayed at 0"),
        "{said}"
    );
}

#[test]
fn where_another_treatment_lies_beyond_both_the_answer_tells_what_it_came_to() {
    let answer = |memory: [f64; 3]| {
        let mut made = Made::of(&["a", "b", "c"], &["load_cpu_cores", "load_rss_max_mib"]);
        for (level, load, memory) in [("a", 0.2, memory[0]), ("b", 0.3, memory[1]), ("c", 0.4, memory[2])] {
            for more in [1.0, 1.01, 1.02] {
                made.trial(level, 250, |record| {
                    record.load_cpu_cores = Some(load * more);
                    record.load_rss_max_mib = Some(memory * more);
                });
            }
        }
        made.answer()
    };
    let told = |memory: [f64; 3], said: &str| assert!(answer(memory).contains(said), "{}", answer(memory));
    let both = "memory of bench went from 50.5 to 60.6 MiB (1.20×";
    told([50.0, 300.0, 60.0], " and came to 303 MiB with partitions=b.");
    told([50.0, 10.0, 60.0], " and came to 10.1 MiB with partitions=b.");
    for between in [55.0, 51.0, 62.0] {
        told([50.0, between, 60.0], both);
        assert!(!answer([50.0, between, 60.0]).contains("came to"), "{}", answer([50.0, between, 60.0]));
    }
}

#[test]
fn what_trials_do_not_tell_apart_is_not_called_different() {
    let mut made = Made::of(&["a", "b"], &["load_cpu_cores"]);
    made.trial("a", 250, load(0.2)).trial("a", 250, load(0.3));
    made.trial("b", 250, load(0.35)).trial("b", 250, load(0.31));
    assert!(made.answer().contains("too few trials to know their spread"), "{}", made.answer());
    made.trial("a", 250, load(0.25)).trial("b", 250, load(0.3));
    assert!(made.answer().contains("(1.24×, not told apart)"), "{}", made.answer());
}

#[test]
fn one_that_was_killed_for_memory_is_the_answer_and_silences_no_other() {
    let mut made = Made::of(&["t3.micro", "t3.medium"], &["oom_kills", "processed"]);
    made.trial("t3.micro", 0, |record| {
        record.oom_kills = 1;
        record.end = End::Failed("an instance was killed".to_owned());
    });
    made.trial("t3.medium", 250, |_| {});
    let said = made.answer();
    assert!(said.starts_with("Not with partitions=t3.micro: killed for memory in 1 of 1 trials. With partitions=t3.medium: no instances killed for memory, throughput 1000 messages per second."), "{said}");
}

#[test]
fn a_failed_first_treatment_leaves_the_others_compared_and_says_with_which() {
    let mut made = Made::of(&["1", "2", "4"], &["processed"]);
    made.trial("1", 0, |record| {
        record.end = End::Failed("the group `g` was not ready within 60 s; the assignment:\nnone".to_owned());
    });
    for _ in 0..3 {
        made.trial("2", 50, |_| {}).trial("4", 100, |_| {});
    }
    let said = made.answer();
    assert!(
        said.starts_with(
            "No valid trial with partitions=1: the group `g` was not ready within 60 s in 1 of 1 trials."
        ),
        "{said}"
    );
    assert!(said.contains("From partitions=2 to partitions=4 overload throughput went from 200 to 400 messages per second (2.00×)."), "{said}");
    let findings = Findings::of(&made.manifest, made.trials.clone());
    assert_eq!(findings.first, Some(1));
    assert!((findings.treatments[2].scaling.unwrap().factor - 2.0).abs() < 1e-9);
}

#[test]
fn steady_and_overloaded_treatments_are_compared_only_as_bounds() {
    let mut made = Made::of(&["1", "2"], &["processed"]);
    made.trial("1", 100, |_| {}).trial("2", 250, |_| {});
    assert!(
        made.answer().contains("throughput went from 400 to 1000 messages per second (≥ 2.50×"),
        "{}",
        made.answer()
    );
    let mut latency = Made::of(&["1", "2"], &["p99(end_to_end)"]);
    latency.trial("1", 100, |_| {}).trial("2", 250, |_| {});
    let said = latency.answer();
    assert!(!said.contains('×'), "a latency under overload only says how long it was watched: {said}");
}

#[test]
fn doubts_that_touch_the_answer_stand_in_it_by_name() {
    let mut made = Made::of(&["1"], &["processed"]);
    made.trial("1", 250, |record| {
        record.asked.instances = Some(9);
    });
    made.trial("1", 250, |record| record.rebalances = 1);
    let said = made.answer();
    assert!(said.ends_with("Limited by `idle_instances` in 1 of 2 trials; left out as doubtful: `rebalance` in 1 of 2 trials."), "{said}");
}

/// Treatments of two factors: a slug of two digits, a level each.
fn of_two_factors(responses: &[&str], slugs: &[&str]) -> Made {
    let mut made = Made::of(&[], responses);
    made.manifest.factors = vec!["a.x".to_owned(), "b.y".to_owned()];
    let line = |slug: &&str| TreatmentLine {
        slug: (*slug).to_owned(),
        levels: slug.chars().map(String::from).collect(),
        baseline: false,
    };
    made.manifest.treatments = slugs.iter().map(line).collect();
    made
}

#[test]
fn what_a_factor_did_is_told_where_there_was_nothing_before_it() {
    let mut made = of_two_factors(&["load_cpu_cores"], &["11", "12", "21", "22"]);
    for (slug, cores) in [("11", 0.0), ("12", 0.0), ("21", 0.3), ("22", 0.6)] {
        for _ in 0..3 {
            made.trial(slug, 250, load(cores));
        }
    }
    let said = made.answer();
    let by_itself = &said[said.find("By itself").unwrap()..];
    assert!(by_itself.contains("x 1 → 2 gave 0.300 cores in place of 0 cores"), "{said}");
    assert!(by_itself.contains("y 1 → 2 gave 2.00×"), "{said}");
}

#[test]
fn an_answer_has_five_sentences_at_most() {
    let mut made = of_two_factors(&["load_cpu_cores", "processed"], &["11", "12", "21", "22", "33"]);
    made.manifest.slos = vec![slo("processed >= 2k/s")];
    for (slug, cores) in [("11", 0.1), ("12", 0.2), ("21", 0.3), ("22", 0.4)] {
        made.trial(slug, 250, |record| {
            record.load_cpu_cores = Some(cores);
            record.asked.instances = Some(9);
        });
    }
    made.trial("33", 0, |record| record.end = End::Failed("no broker".to_owned()));
    let findings = Findings::of(&made.manifest, made.trials.clone());
    let said = sentences(&made.manifest, &findings);
    assert!(said.len() <= 5, "{said:#?}");
    assert!(
        said[0].contains("no broker")
            && said[3].contains("is broken")
            && said[4].contains("`idle_instances`"),
        "{said:#?}"
    );
}

#[test]
fn an_answer_about_cost_tells_what_else_was_asked_of_the_cheapest() {
    let mut made = Made::of(&["t3.micro", "t3.medium"], &["cost", "processed", "oom_kills"]);
    made.manifest.prices = prices();
    for kind in ["t3.micro", "t3.medium"] {
        made.trial(kind, 250, |record| {
            record.emulated = vec![emulated(kind, CreditMode::Unlimited, 0.15, 1)];
        });
    }
    let told = made.answer();
    let first = told.split_inclusive(". ").next().unwrap();
    assert!(
        first.ends_with("; with partitions=t3.micro: throughput 1000 messages per second, no instances killed for memory. "),
        "{told}"
    );
    assert!(first.starts_with("Cheapest that kept up: partitions=t3.micro at $"), "{told}");
}

#[test]
fn what_the_least_and_the_greatest_are_not_compared_with_is_named() {
    let mut made = Made::of(&["a", "b", "c"], &["load_cpu_cores"]);
    made.trial("a", 250, load(0.2)).trial("b", 250, load(0.4)).trial("c", 100, load(0.9));
    let told = made.answer();
    assert!(told.contains("greatest with partitions=b at 0.400"), "{told}");
    assert!(told.contains("; not compared with them: partitions=c (overload, 0.900)."), "{told}");
}

#[test]
fn who_is_the_least_is_told_with_those_of_which_it_is_not_known() {
    let mut made = Made::of(&["a", "b", "c"], &["load_cpu_cores"]);
    made.trial("a", 250, load(0.2)).trial("b", 250, load(0.4));
    made.trial("c", 250, |record| record.load_cpu_cores = None);
    let told = made.answer();
    assert!(
        told.contains("least with partitions=a at 0.200 cores, and greatest with partitions=b"),
        "{told}"
    );
    assert!(told.contains("; not known with partitions=c."), "{told}");
    let mut grown = Made::of(&["1", "2", "4"], &["load_cpu_cores"]);
    grown.trial("1", 250, |record| record.load_cpu_cores = None);
    grown.trial("2", 250, load(0.2)).trial("4", 250, load(0.4));
    let told = grown.answer();
    assert!(
        told.contains("rom partitions=2 to partitions=4") && told.contains("; not known with partitions=1."),
        "{told}"
    );
    // What has no valid trial is told by why.
    let mut failed = Made::of(&["a", "b", "c"], &["load_cpu_cores"]);
    failed.trial("a", 250, load(0.2)).trial("b", 250, load(0.4));
    failed.trial("c", 0, |record| record.end = End::Failed("no broker".to_owned()));
    assert!(!failed.answer().contains("not known"), "{}", failed.answer());
}

#[test]
fn a_response_of_which_nothing_is_known_says_so_and_the_next_one_answers() {
    let mut made = Made::of(&["a", "b"], &["cost", "credit_knee", "load_cpu_cores"]);
    made.trial("a", 250, load(0.2)).trial("b", 250, load(0.4));
    let told = made.answer();
    assert!(told.contains("is not known: no treatment has an instance type with a price."), "{told}");
    assert!(told.contains("When credits ran out is not known: no treatment has credits."), "{told}");
    assert!(told.contains("greatest with partitions=b at 0.400"), "{told}");
}

#[test]
fn costs_that_are_bounds_are_not_compared_with_costs_that_last() {
    let mut made = Made::of(&["t3.micro", "t3.medium"], &["lost", "cost"]);
    made.manifest.prices = prices();
    for (kind, processed) in [("t3.micro", 250), ("t3.medium", 100)] {
        let emulate = |record: &mut TrialRecord| {
            record.emulated = vec![emulated(kind, CreditMode::Unlimited, 0.15, 1)];
        };
        made.trial(kind, processed, emulate);
    }
    let told = made.answer();
    assert!(told.contains("with the other (not to be compared)"), "{told}");
}

#[test]
fn a_percentile_that_compares_nothing_is_told_of_each() {
    let mut made = Made::of(&["a", "b"], &["p99(end_to_end)"]);
    made.trial("a", 100, |_| {}).trial("b", 90, |_| {});
    let told = made.answer();
    assert!(told.starts_with("End-to-end p99 cannot be compared: > "), "{told}");
    assert!(
        told.contains("with partitions=a (overload)") && told.contains("with partitions=b (overload)"),
        "{told}"
    );
}

#[test]
fn where_no_trial_counts_there_is_no_answer_and_nothing_that_sounds_like_one() {
    let fails = |why: &'static str| move |record: &mut TrialRecord| record.end = End::Failed(why.to_owned());
    let mut made = Made::of(&["1/s", "2/s"], &[]);
    (made.manifest.until_broken, made.manifest.slos) = (true, vec![slo("processed >= 1k/s")]);
    assert_eq!(made.answer(), "", "it may yet come");
    made.manifest.finished = Some("2026-11-22T23:59:45Z".to_owned());
    assert_eq!(made.answer(), "No trial was saved, so there is no answer.");
    made.trial("1/s", 250, fails("the broker died"));
    assert_eq!(made.answer(), "The only trial does not count, so there is no answer: the broker died.");
    made.trial("2/s", 250, fails("the broker died")).trial("2/s", 250, fails("the disk is full"));
    let none = "None of 3 trials counts, so there is no answer: the broker died in 2, the disk is full in 1.";
    assert_eq!(made.answer(), none);
    made.manifest.treatments[0].baseline = true;
    assert_eq!(made.answer(), none, "what a configuration has to beat is counted, too");
}

#[test]
fn a_volume_is_told_with_what_came_of_it_and_none_is_said_to_break_that_was_not_tried() {
    let mut made = Made::of(&["900/s", "1k/s"], &[]);
    made.manifest.until_broken = true;
    made.manifest.slos = vec![slo("processed >= 990/s")];
    // What is made up offers 1,000 a second.
    let lost = |record: &mut TrialRecord| record.end = End::Failed("the broker died".to_owned());
    made.trial("900/s", 250, |_| {}).trial("1k/s", 100, |_| {});
    let told = "900/s (1000/s came) was the greatest volume at which all held, 1000/s the least that broke `processed >= 990/s` (2 volumes tried).";
    assert!(made.answer().starts_with(told), "{}", made.answer());
    made.trials.clear();
    made.trial("900/s", 100, |_| {}).trial("1k/s", 250, |_| {});
    let told = "At the least volume that was tried not all held, 900/s (1000/s came) the least that broke `processed >= 990/s`; all held again at 1000/s (2 volumes tried).";
    assert!(made.answer().starts_with(told), "{}", made.answer());
    made.trials.clear();
    made.trial("900/s", 250, |_| {}).trial("1k/s", 250, lost);
    let told = "900/s (1000/s came) was the greatest volume at which all held, at 1000/s it cannot be said, and none that was tried broke (2 volumes tried).";
    assert!(made.answer().contains(told), "{}", made.answer());
    made.trials.clear();
    made.trial("900/s", 250, lost).trial("1k/s", 100, |_| {});
    let told = "At which volume all hold is not known, at 900/s it cannot be said, 1000/s broke `processed >= 990/s` (2 volumes tried).";
    assert!(made.answer().contains(told), "{}", made.answer());
}

#[test]
fn a_run_that_is_not_through_says_so_first() {
    let plan = |count: u32| {
        let row = |order| PlanRow { order, block: 1, treatment: "a".to_owned(), repetition: order, seed: 7 };
        (1..=count).map(row).collect::<Vec<_>>()
    };
    let mut run = Run { path: "x".into(), manifest: manifest(&["a"]), plan: plan(27), trials: Vec::new() };
    let none = Some("The run is not finished, and no trial is saved: there is no answer yet.".to_owned());
    assert_eq!(super::unfinished(&run), none);
    let findings = Findings::of(&run.manifest, Vec::new());
    let document = crate::report::document(&run, &findings);
    assert_eq!(document.sections[0].parts, [Part::Paragraph(none.into_iter().collect())]);
    run.manifest.finished = Some("2026-11-22T23:59:45Z".to_owned());
    assert_eq!(super::unfinished(&run), None);
}
