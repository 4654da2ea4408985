//! Reports of a made-up run.

use std::time::UNIX_EPOCH;

use clap::ValueEnum;

use super::{Format, render};
use crate::record::testing::{Synthetic, emulated, manifest, slo};
use crate::record::{Beside, Folder, PlanRow, ProcessUse, Run};
use crate::units::CreditMode;

/// Two treatments in overload, two repetitions each; the last trial saw a rebalance.
fn saved(out: &std::path::Path) -> Folder {
    let folder = Folder::create(out, "demo", UNIX_EPOCH, "abcd").unwrap();
    let mut manifest = manifest(&["1", "2"]);
    manifest.slos = vec![slo("p99(end_to_end) < 250ms")];
    folder.write_manifest(&manifest).unwrap();
    let mut plan = Vec::new();
    for (order, level, processed) in [(1, "1", 50), (2, "2", 100), (3, "2", 102), (4, "1", 51)] {
        let trial = Synthetic {
            order,
            repetition: order.div_ceil(2),
            treatment: level.to_owned(),
            levels: vec![("topic.partitions".to_owned(), level.to_owned())],
            processed,
            ..Synthetic::default()
        };
        let mut record = trial.record();
        record.rebalances = u32::from(order == 4);
        folder.save(&record, (&trial.latencies(), &trial.rows(), &[]), Beside::default()).unwrap();
        plan.push(PlanRow {
            order,
            block: record.block,
            treatment: level.to_owned(),
            repetition: record.repetition,
            seed: record.seed,
        });
    }
    folder.write_plan(&plan).unwrap();
    folder
}

#[test]
fn a_report_rebuilt_from_records_is_byte_identical_wherever_they_lie() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for format in Format::value_variants().iter().copied() {
        let of = |place: &std::path::Path| {
            let folder = saved(place);
            render(&Run::load(folder.path()).unwrap(), format).unwrap()
        };
        let first = of(here.path());
        assert_eq!(first, of(there.path()), "{format:?}");
        assert!(!first.contains(&*here.path().to_string_lossy()), "{format:?}");
    }
}

#[test]
fn types_of_fixed_performance_beside_types_with_credits_are_named() {
    let out = tempfile::tempdir().unwrap();
    let folder = Folder::create(out.path(), "demo", UNIX_EPOCH, "abcd").unwrap();
    folder.write_manifest(&manifest(&["t3.micro", "m5.large"])).unwrap();
    let mut plan = Vec::new();
    for (order, kind) in [(1, "t3.micro"), (2, "m5.large")] {
        let levels = vec![("topic.partitions".to_owned(), kind.to_owned())];
        let trial = Synthetic { order, treatment: kind.to_owned(), levels, ..Synthetic::default() };
        let mut record = trial.record();
        record.emulated = vec![emulated(kind, CreditMode::Standard, 0.1, 1)];
        folder.save(&record, (&trial.latencies(), &trial.rows(), &[]), Beside::default()).unwrap();
        let (treatment, seed) = (kind.to_owned(), record.seed);
        plan.push(PlanRow { order, block: 1, treatment, repetition: 1, seed });
    }
    folder.write_plan(&plan).unwrap();
    let report = render(&Run::load(folder.path()).unwrap(), Format::Text).unwrap();
    let report = report.split_whitespace().collect::<Vec<_>>().join(" ");
    for said in [
        "(emulated by pacing alone: 1 vCPU = 10.0 % of a core, credits standard from cold, m5.large of fixed performance)",
        "m5.large (2 vCPUs, 8192 MiB, fixed performance), t3.micro (2 vCPUs, 1024 MiB)",
    ] {
        assert!(report.contains(said), "{said}\n{report}");
    }
}

#[test]
fn the_report_says_overload_scaling_bounds_and_doubts() {
    let out = tempfile::tempdir().unwrap();
    let run = Run::load(saved(out.path()).path()).unwrap();
    let text = render(&run, Format::Text).unwrap();
    for said in [
        "Does throughput grow with partitions?",
        "From partitions=1 to partitions=2 overload throughput went from 200 to 404 messages per second (2.02×",
        "404 (400 – 408)",
        "1/2",
        "> 14.0 s",
        "SLO 1: `p99(end_to_end) < 250ms`",
        "broken",
        "Spoils: `rebalance` in 1 of 4 trials",
        "With its doubtful trials 1 would read: processed/s 202 instead of 200",
        "unread",
        "trials.csv",
    ] {
        let flowing = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flowing.contains(said), "`{said}` is not in:\n{text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 110), "{text}");
}

#[test]
fn a_report_of_producers_alone_at_max_says_no_latency_and_no_lag() {
    let out = tempfile::tempdir().unwrap();
    let folder = Folder::create(out.path(), "demo", UNIX_EPOCH, "abcd").unwrap();
    folder.write_manifest(&manifest(&["1"])).unwrap();
    let trial = Synthetic { treatment: "1".to_owned(), max: true, consumers: false, ..Synthetic::default() };
    folder.save(&trial.record(), (&trial.latencies(), &trial.rows(), &[]), Beside::default()).unwrap();
    folder
        .write_plan(&[PlanRow { order: 1, block: 1, treatment: "1".to_owned(), repetition: 1, seed: 7 }])
        .unwrap();
    let text = render(&Run::load(folder.path()).unwrap(), Format::Text).unwrap();
    let flowing = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for said in [
        "| offered/s | acked/s | load | load cores | broker CPU-s/M",
        "| 1/1 | – | 1000 | overload |",
        "At `rate: max` a message is due when it is sent: no latency counts from due.",
        "Limits: `saturating`",
        "closed by the clients' queues",
    ] {
        assert!(flowing.contains(said), "`{said}` is not in:\n{text}");
    }
    assert!(
        !flowing.contains("ack p50") && !flowing.contains("lag end") && !flowing.contains("open loop"),
        "{text}"
    );
}

#[test]
fn the_json_report_is_json_with_bounds_apart_from_values() {
    let out = tempfile::tempdir().unwrap();
    let run = Run::load(saved(out.path()).path()).unwrap();
    let json: serde_json::Value = serde_json::from_str(&render(&run, Format::Json).unwrap()).unwrap();
    let metrics = &json["treatments"][1]["metrics"];
    assert_eq!(metrics["processed_msgs_per_s"]["median"], 404.0);
    assert!(metrics["end_to_end_latency_p99_ms"]["median"]["beyond"].is_number());
    assert_eq!(json["verdict"], "broken");
}

#[test]
fn a_list_of_groups_has_a_table_its_books_and_its_limits() {
    let out = tempfile::tempdir().unwrap();
    let folder = Folder::create(out.path(), "demo", UNIX_EPOCH, "abcd").unwrap();
    folder.write_manifest(&manifest(&["a"])).unwrap();
    folder.write_plan(&[Synthetic::planned(1, 1)]).unwrap();
    let trial = Synthetic::default();
    let (record, audit) = trial.with_audit(100);
    let beside = Beside { groups: &[audit], ..Beside::default() };
    folder.save(&record, (&trial.latencies(), &trial.rows(), &[]), beside).unwrap();
    let run = Run::load(folder.path()).unwrap();
    let text = render(&run, Format::Text).unwrap();
    let flowing = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for said in [
        "Groups ------ partitions | group | processed/s",
        "a | orders | 1000 | steady | 10.0 |",
        "a | audit | 400 | overload |",
        "it is of the first, `orders`",
        "Limits: `saturated` of group `audit` in 1 of 1 trials: the backlog grew ",
        "Group `audit`: received 4800, unread 7200, lost 0",
    ] {
        assert!(flowing.contains(said), "`{said}` is not in:\n{text}");
    }
    let json: serde_json::Value = serde_json::from_str(&render(&run, Format::Json).unwrap()).unwrap();
    let groups = &json["treatments"][0]["groups"];
    assert_eq!(groups["audit"]["metrics"]["processed_msgs_per_s"]["median"], 400.0);
    assert!(groups["orders"]["metrics"]["ack_latency_p50_ms"].is_null(), "{groups}");
}

#[test]
fn under_the_same_load_the_answer_is_what_it_took_and_a_light_client_stands_in_the_title() {
    let out = tempfile::tempdir().unwrap();
    let folder = Folder::create(out.path(), "demo", UNIX_EPOCH, "abcd").unwrap();
    folder.write_manifest(&manifest(&["1", "2"])).unwrap();
    let mut plan = Vec::new();
    for (order, level, cores) in [(1, "1", 0.25), (2, "2", 1.0)] {
        let trial = Synthetic {
            order,
            treatment: level.to_owned(),
            levels: vec![("topic.partitions".to_owned(), level.to_owned())],
            processed: Synthetic::default().due,
            ..Synthetic::default()
        };
        let mut record = trial.record();
        record.asked.clients.insert("all".to_owned(), "light".to_owned());
        record.cluster = record.cluster.map(|used| ProcessUse { cpu_cores: cores, ..used });
        folder.save(&record, (&trial.latencies(), &trial.rows(), &[]), Beside::default()).unwrap();
        plan.push(PlanRow { treatment: level.to_owned(), ..Synthetic::planned(order, 1) });
    }
    folder.write_plan(&plan).unwrap();
    let text = render(&Run::load(folder.path()).unwrap(), Format::Text).unwrap();
    let flowing = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for said in [
        "demo (light client)",
        "At the same load, from partitions=1 to partitions=2 broker CPU went from 250 to 1000 s per million messages (4.00×, too few trials to know their spread).",
        "From the one to the other produce requests stayed at 50.0 per second",
        "partitions | broker CPU-s/M | requests/s | records/batch | wire MiB/s | load cores | load MiB",
        "2 | 1000 | 50.0 | 20.0 | 2.00 | 0.250 | 20.0",
    ] {
        assert!(flowing.contains(said), "`{said}` is not in:\n{text}");
    }
    assert!(!flowing.contains("connect s") && !flowing.contains("throughput went"), "{text}");
}

#[test]
fn a_run_of_one_treatment_shows_how_its_trial_went() {
    let out = tempfile::tempdir().unwrap();
    let folder = Folder::create(out.path(), "demo", UNIX_EPOCH, "abcd").unwrap();
    folder.write_manifest(&manifest(&["1"])).unwrap();
    let trial = Synthetic {
        treatment: "1".to_owned(),
        levels: vec![("topic.partitions".to_owned(), "1".to_owned())],
        ..Synthetic::default()
    };
    let record = trial.record();
    folder.save(&record, (&trial.latencies(), &trial.rows(), &[]), Beside::default()).unwrap();
    let (order, block, treatment, repetition, seed) = (1, record.block, "1".to_owned(), 1, record.seed);
    folder.write_plan(&[PlanRow { order, block, treatment, repetition, seed }]).unwrap();
    let page = render(&Run::load(folder.path()).unwrap(), Format::Html).unwrap();
    let seen = page.split("<section id=\"scaling\">").nth(1).expect("something is seen");
    let seen = seen.split("</section>").next().unwrap();
    assert!(seen.contains("What was seen") && seen.contains("id=\"fig-course-seen\""), "{seen}");
    assert!(seen.contains("<svg class=\"narrow\""), "on a telephone too: {seen}");
}
