//! Clients that are away from their brokers: how long things take then, what is told of it, and one that is cut off and comes back.

use crate::books_close;
use crate::support::{Desk, number};

const AWAY: &str = "
topic: { partitions: 4 }
workload: { rate: 400/s, message: { size: 100B } }
consumers: { instances: 2, properties: { session.timeout.ms: 6000 } }
network: { consumers: { rtt: 60ms }, producers: { rtt: 40ms, jitter: 0.2ms } }
phases: { prepare: 0s, warm_up: 1s, measure: 11s, drain: 10s }
events:
  - { at: 5s, partition: { from: consumers, to: brokers, instance: 1, for: 1500ms } }
  - { at: 8s, network: { consumers: { rtt: 100ms } } }
";

#[test]
fn who_is_away_waits_for_it_is_pinged_and_comes_back_when_cut_off() {
    let desk = Desk::with_cluster("{ kafka: { heap: 512MiB } }", AWAY);
    desk.run(&[]);
    let row = desk.trials().remove(0);
    let told = desk.told();
    books_close(&row);
    for column in ["failed", "refused", "in_flight", "lost", "unread", "out_of_order"] {
        assert_eq!(row[column], "0", "{column}: {row:?}\n{told}");
    }
    for doubt in ["distance", "broker_error", "rebalance", "event_missed", "instance_died"] {
        assert!(!row["doubts"].split(';').any(|one| one == doubt), "{doubt}: {row:?}\n{told}");
    }
    // A message is acked a round trip after it was sent. It comes to a consumer half of either's later, and up to a round trip more: no answer to one fetch is
    // asked for before the last has come.
    assert!((40.0..60.0).contains(&number(&row, "ack_latency_p50_ms")), "{row:?}");
    assert!((50.0..150.0).contains(&number(&row, "end_to_end_latency_p50_ms")), "{row:?}");
    let events = desk.events();
    let [cut, further] = [&events[0], &events[1]];
    assert_eq!((cut["event"].as_str(), cut["instances"].as_str()), ("partition", "1"));
    // Shorter than a session: nobody takes its partitions, which stand still until TCP tries again.
    assert_eq!((cut["detection_s"].as_str(), cut["detection_censored"].as_str()), ("", ""), "{events:#?}");
    assert!((1.4..4.0).contains(&number(cut, "unavailability_s")), "{events:#?}");
    assert_eq!(further["event"], "network");
    for text in [
        "partition is over",
        "network changed: consumers 100 ms away",
        "network is over",
        "round trip of the consumers 100.",
    ] {
        assert!(told.contains(text), "{text}\n{told}");
    }
    let record = desk.record();
    let consumers = &record["network"][1];
    assert_eq!((&consumers["role"], &consumers["by"]), (&"consumers".into(), &"proxy".into()));
    assert_eq!(consumers["window_from_brokers_bytes"], 102_400);
    assert!(consumers["pings"]["count"].as_u64().unwrap() > 20, "{consumers}");
    for (away, asked) in [(consumers, 60.0), (&record["network"][0], 40.0)] {
        let median = away["pings"]["median_ms"].as_f64().unwrap();
        assert!((asked - 0.1..asked + 1.2).contains(&median), "{away}");
    }
    // Where the event put them is a distance of its own, pinged and read as the first was.
    let further = &record["network"][2];
    assert_eq!((&further["role"], &further["event"]), (&"consumers".into(), &"network".into()), "{record}");
    assert!((99.9..102.0).contains(&further["pings"]["median_ms"].as_f64().unwrap()), "{further}");
    let seconds = |away: &serde_json::Value| away["carried"]["seconds"].as_f64().unwrap();
    assert!((3.5..4.1).contains(&seconds(further)), "from second 8 to 12: {further}");
    assert!((seconds(consumers) + seconds(further) - 11.0).abs() < 0.2, "{record}");
    assert_eq!(row["consumers_rtt_asked_ms"], "60", "where it was when the trial began");
    // 200 messages of 100 bytes a second or more, and what frames them.
    assert!(consumers["carried"]["from_brokers_bytes"].as_u64().unwrap() > 6 * 400 * 100, "{consumers}");
    desk.whole();
    let report = std::fs::read_to_string(desk.results().join("report.md")).unwrap();
    let title = report.lines().next().unwrap();
    assert!(
        title.contains("network by a proxy: consumers 60 or 100 ms away, producers 40 ms away"),
        "{title}"
    );
    let words: Vec<&str> = report.split_whitespace().collect();
    assert!(words.join(" ").contains("for consumers 102400 bytes to a broker"), "{report}");
}

#[test]
fn an_instance_gets_no_more_than_its_types_network_always_gives_whatever_its_connections() {
    let desk = Desk::with_cluster(
        "{ kafka: { heap: 512MiB } }",
        "topic: { partitions: 4 }\nworkload: { rate: 1000/s, arrivals: constant, message: { size: 16KiB } }\n\
         consumers: { instances: 1, threads: 2, instance_type: t3.micro }\nemulation: { enforce: work, vcpu: 40% }\n\
         network: { consumers: { instance: baseline } }\nphases: { prepare: 0s, warm_up: 2s, measure: 5s, drain: 1s }\n",
    );
    desk.run(&[]);
    let row = desk.trials().remove(0);
    books_close(&row);
    let record = desk.record();
    let consumers = &record["network"][0];
    assert_eq!(consumers["instance_burst_s"], 0.0, "{record}");
    let carried = |key: &str| consumers["carried"][key].as_f64().unwrap();
    let rate = carried("from_brokers_bytes") / carried("seconds");
    assert!(
        (7.0e6..8.2e6).contains(&rate),
        "64 Mbit/s are 8 MB/s, and 16 were offered: {rate} a second\n{row:?}"
    );
    let report = std::fs::read_to_string(desk.results().join("report.md")).unwrap();
    let words = report.split_whitespace().collect::<Vec<_>>().join(" ");
    for told in ["t3.micro 0.064 Gbit/s, at most 5 Gbit/s", "its network credits are taken to be spent"] {
        assert!(words.contains(told), "{told}: {words}");
    }
    assert!(!words.contains("network not limited"), "{words}");
}
