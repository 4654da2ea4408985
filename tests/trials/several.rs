//! Promises of trials on several topics: of their own, listed, and found by their names.

use std::collections::BTreeMap;
use std::fs;

use kafka_bench::books::Topics;
use kafka_bench::cluster::Place;
use kafka_bench::spec::Topic;
use kafka_bench::timeline::Clock;

use crate::results::each_has_its_result;
use crate::support::{Desk, admin, number, plain, record_in, servers};
use crate::wire::end_offsets;
use crate::{books_close, groups, prefix};

/// Messages of both clients; the consumers share out all partitions one by one.
const OWN: &str = "
topic: { count: 12, partitions: 2 }
workload:
  rate: 600/s
  message: { size: 100B, keys: { uniform: { count: 50 } } }
  fleets:
    - { name: heavy, producers: 1, share: 50% }
    - { name: light, producers: 3, share: 50%, client: light }
consumers: { instances: 2, properties: { partition.assignment.strategy: roundrobin } }
phases: { warm_up: 1s, measure: 5s, drain: 20s }
";

#[test]
fn many_topics_of_its_own_are_written_read_and_taken_away_and_the_books_close_over_all_of_them() {
    let desk = Desk::new(OWN);
    desk.run(&["--keep"]);
    let row = desk.trials().remove(0);
    books_close(&row);
    assert!(number(&row, "acked") > 3_000.0 && row["received"] == row["acked"], "{row:?}");
    for none in ["duplicates", "out_of_order", "received_unacked", "unread", "lost"] {
        assert_eq!(row[none], "0", "{none}: {row:?}");
    }
    // On the cluster lies what the books say, on every partition some of it, and the group is at all ends.
    let ours = admin().topics(&prefix(&desk)).unwrap();
    assert_eq!(ours.len(), 12, "{ours:?}");
    let topics = Topics::new(ours.into_iter().map(|name| (name, 2)));
    let ends = admin().offsets(&topics, Place::End).unwrap();
    assert_eq!(ends.iter().sum::<i64>(), number(&row, "acked") as i64 + 24, "and a canary each");
    assert!(ends.iter().all(|end| *end > 30), "{ends:?}");
    let record = desk.record();
    let group = record["group"].as_str().unwrap();
    let committed = admin().committed(group, &topics).unwrap();
    assert_eq!(committed, ends.iter().copied().map(Some).collect::<Vec<_>>());
    assert_eq!(record["topics"].as_array().unwrap().len(), 12);
    let held = record["members"].as_array().unwrap();
    assert!(held.iter().all(|member| member["partitions"].as_array().unwrap().len() == 12), "{held:?}");
    desk.whole();

    let cleaned = desk.bench(&["clean"]).output().unwrap();
    assert_eq!(plain(&cleaned.stdout).matches("topic ").count(), 12, "{}", plain(&cleaned.stdout));
    assert!(admin().topics(&prefix(&desk)).unwrap().is_empty());
    assert!(!groups(&servers()).iter().any(|known| known == group));
}

#[test]
fn topics_that_were_there_get_their_shares_and_are_afterwards_as_they_were() {
    let names = ["several-orders", "several-payments"];
    let config = BTreeMap::from([("retention.ms".to_owned(), "77777777".to_owned())]);
    for (name, partitions) in names.iter().zip([3, 1]) {
        let topic = Topic { partitions, replication: 1, config: config.clone(), ..Topic::default() };
        admin().create_topic(name, &topic).unwrap();
    }
    let topics = Topics::new([(names[0].to_owned(), 3), (names[1].to_owned(), 1)]);
    admin().commit("settled-on-two", &topics, &[Some(0); 4]).unwrap();
    let desk = Desk::new(
        "workload: { rate: 400/s, message: { size: 100B } }\nconsumers: {}\n\
         factors: { which: { listed: { topic: [ { existing: several-orders, share: 80% }, { existing: several-payments, share: 20% } ] }, \
         found: { topic: { pattern: 'several-(orders|pay.*)' } } } }\n\
         phases: { prepare: 0s, warm_up: 0s, measure: 5s, drain: 20s }\n",
    );
    desk.run(&[]);
    let mut written = 0;
    for row in desk.trials() {
        books_close(&row);
        assert_eq!((&row["received"], &row["unread"]), (&row["acked"], &"0".to_owned()), "{row:?}");
        written += number(&row, "acked") as i64 + 4;
        let of_payments = end_offsets(&servers(), names[1], 1).unwrap()[0] as f64;
        assert!(of_payments > 0.25 * number(&row, "acked"), "20 % of one and half of the other");
    }
    for trial in fs::read_dir(desk.results().join("trials")).unwrap().flatten() {
        let record = record_in(&trial.path());
        let told = record["topics"].as_array().unwrap().iter().map(|topic| &topic["replication"]);
        assert!(record["asked"]["replication"] == 1 && told.clone().count() == 2, "{record}");
        assert!(told.clone().all(|one| *one == 1), "{record}");
    }
    let ends = admin().offsets(&topics, Place::End).unwrap();
    assert_eq!(ends.iter().sum::<i64>(), written, "{ends:?}");
    let part = ends[3] as f64 / written as f64;
    assert!((0.31..0.39).contains(&part), "{part}");
    for name in names {
        assert_eq!(admin().topic_config(name).unwrap()["retention.ms"], "77777777");
    }
    assert_eq!(admin().committed("settled-on-two", &topics).unwrap(), [Some(0); 4]);
    assert!(!groups(&servers()).iter().any(|group| group.contains(&prefix(&desk))));

    let none = Desk::new(
        "topic: { pattern: 'nowhere-.*' }\nworkload: { rate: 10/s }\nphases: { warm_up: 0s, measure: 5s, drain: 0s }\n",
    );
    let told = none.run(&[]);
    let (told, code) = (plain(&told.stderr), told.status.code());
    assert!(code == Some(2) && told.contains("no topic whose name matches `nowhere-.*`"), "{told}");
    admin().delete_topics(&names).unwrap();
    admin().delete_group("settled-on-two", &|_| false).unwrap();
}

/// The reference consumer as anybody's program, which finds its topics in the file that names them; beside it somebody's pipeline, where its results are asked for.
const CONSUMER: &str = r#"
if [ -n "$RESULTS" ]; then
  "$PIPELINE" --exact --ignored --nocapture results::a_pipeline_that_is_told_by_its_environment > pipeline.log 2>&1 &
fi
topics=$(sed 's/.*/{"name": "&", "partitions": 2}/' "$BENCH_TOPICS" | paste -sd , -)
cat > config.json <<END
{"servers": "$BENCH_SERVERS", "group": "$BENCH_GROUP", "topic": [$topics], "trial": 1, "instance": 0, "threads": 1, "seed": 1,
 "clock": $CLOCK, "output": "lines.jsonl"}
END
exec "$PROGRAM" consumer --config config.json
"#;

#[test]
fn a_followed_group_reads_several_topics_with_a_backlog_at_full_speed_or_in_transactions() {
    let (clock, program) = (serde_json::to_string(&Clock::anchor()).unwrap(), env!("CARGO_BIN_EXE_bench"));
    let pipeline = std::env::current_exe().unwrap().display().to_string();
    let results = Topic { partitions: 2, replication: 1, ..Topic::default() };
    admin().create_topic("several-results", &results).unwrap();
    // So few messages wait in a client that full speed is some thousands a second.
    let desk = Desk::new(&format!(
        "topic: {{ count: 3, partitions: 2 }}\n\
         workload:\n  rate: 300/s\n  message: {{ size: 100B }}\n  \
         fleets: [ {{ name: all, producers: 2, properties: {{ queue.buffering.max.messages: 10, max.in.flight: 1 }} }} ]\n\
         consumers: {{ backend: {{ command: {{ run: 'sh consumer.sh', env: {{ PROGRAM: '{program}', PIPELINE: '{pipeline}', CLOCK: '{clock}' }} }} }} }}\n\
         factors:\n  how:\n    backlog: {{ workload.rate: max, backlog: {{ messages: 600 }} }}\n    \
         transactions:\n      workload.fleets.all.transactions: {{ commit_every: 100ms, abort: 25% }}\n      \
         workload.message: {{ template: '{{\"n\":{{{{sequence}}}}}}', headers: [ {{ name: order, field: uuid }} ] }}\n      \
         consumers.backend.command.env.RESULTS: several-results\n      \
         consumers.output: {{ topic: several-results, match: {{ header: order }} }}\n\
         phases: {{ warm_up: 0s, measure: 5s, drain: 20s }}\n"
    ));
    fs::write(desk.folder.path().join("consumer.sh"), CONSUMER).unwrap();
    let output = desk.run(&[]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let rows = desk.trials();
    assert_eq!(rows.len(), 2, "{told}");
    for row in rows {
        assert!(["valid", "doubtful"].contains(&row["outcome"].as_str()), "{row:?}\n{told}");
        for (column, value) in [("unread", "0"), ("in_flight", "0"), ("received", ""), ("lost", "")] {
            assert_eq!(row[column], value, "{column}: {row:?}");
        }
        let record = record_in(&desk.results().join("trials").join(&row["trial"]));
        let partitions = record["partitions"]["acked_in_window"].as_array().unwrap();
        assert!(
            partitions.len() == 6 && partitions.iter().all(|acked| acked.as_u64() > Some(0)),
            "{partitions:?}"
        );
        let committed = record["followed"]["committed"].as_f64().unwrap();
        let readable = number(&row, "acked") - number(&row, "aborted");
        assert!((committed - readable).abs() < 0.5, "{row:?}\n{}", record["followed"]);
        if row["how"] == "backlog" {
            assert_eq!((row["aborted"].as_str(), row["offered_msgs_per_s"].as_str()), ("0", ""), "{row:?}");
            assert!((number(&row, "backlog_written_messages") - 600.0).abs() <= 2.0, "{row:?}");
        } else {
            assert!(number(&row, "aborted") > 0.0, "{row:?}");
            assert!(number(&row, "committed_latency_p50_ms") > 0.0, "{row:?}");
            // What was aborted has no result, and nobody misses one.
            each_has_its_result(&record, &row, readable);
        }
    }
    assert!(admin().topics(&prefix(&desk)).unwrap().is_empty());
    // The pipeline's own group is none of bench's.
    let is_left = |group: &String| group.contains(&prefix(&desk)) && !group.ends_with("-results");
    assert!(!groups(&servers()).iter().any(is_left));
    admin().delete_topic("several-results").unwrap();
}
