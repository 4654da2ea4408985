//! Faults of topics that are there already, and of consumers that are deployed already.

use kafka_bench::spec::Reset;

use super::compile;

const CLUSTER: &str = "cluster: {bootstrap: {servers: 'a:1'}}";

fn of(topic: &str, consumers: &str, rest: &str) -> Result<kafka_bench::plan::Plan, String> {
    let text = format!(
        "question: q\n{CLUSTER}\ntopic: {topic}\nworkload: {{rate: 1/s}}\nconsumers: {consumers}\n{rest}\n"
    );
    compile(&text, &[])
}

#[test]
fn nothing_can_be_set_of_a_topic_that_is_there_already() {
    for (topic, rest, place, told) in [
        ("{existing: orders, partitions: 4}", "", "x.yaml:3:27", "`topic.partitions` cannot be set"),
        ("{existing: orders, replication: 1}", "", "x.yaml:3:27", "`topic.replication` cannot be set"),
        ("{existing: orders, config: {retention.ms: 1}}", "", "x.yaml:3:27", "`topic.config` cannot be set"),
        ("{existing: orders, prefix: a}", "", "x.yaml:3:27", "`topic.prefix` cannot be set"),
        (
            "{existing: orders}",
            "factors: {topic.partitions: [1, 2]}",
            "x.yaml:6:30",
            "`topic.partitions` cannot be set",
        ),
        ("{existing: 'or ders'}", "", "x.yaml:3:19", "no topic is named `or ders`"),
        ("{existing: orders, reset: yesterday}", "", "x.yaml:3:34", "`yesterday` is nowhere"),
        ("{reset: latest}", "", "x.yaml:3:9", "`topic.reset` is for a topic that is there already"),
    ] {
        let faults = of(topic, "{}", rest).expect_err(told);
        assert!(faults.contains(told) && faults.contains(place), "{topic} {rest}\n{faults}");
    }
    let own = compile("question: q\ntopic: {existing: orders}\nworkload: {rate: 1/s}\n", &[]).unwrap_err();
    assert!(own.contains("a broker that bench starts has no topic `orders`"), "{own}");
    assert!(own.contains("x.yaml:2:19") && own.contains("bootstrap"), "{own}");
}

#[test]
fn a_topic_that_is_there_may_be_what_is_varied_and_groups_begin_where_it_is_written() {
    let plan = of("{existing: a, reset: 10m}", "{}", "factors: {topic.existing: [a, b]}").unwrap();
    let existing = |at: usize| plan.treatments[at].settings.topic.existing[0].clone();
    assert_eq!((existing(0).name, existing(1).name), ("a".to_owned(), "b".to_owned()));
    assert!(matches!(existing(0).reset, Some(Reset::Ago(_))));
    assert!(plan.treatments.iter().all(|one| one.settings.of_cluster.partitions));
}

#[test]
fn several_topics_are_counted_listed_or_found_and_what_they_cannot_have_is_told() {
    for (topic, rest, place, told) in [
        (
            "[{existing: a, share: 70%}, {existing: b}]",
            "",
            "x.yaml:3:36",
            "one of several topics has no `share`",
        ),
        (
            "[{existing: a, share: 70%}, {existing: b, share: 20%}]",
            "",
            "x.yaml:3:1",
            "add up to 90%, not to 100%",
        ),
        ("[{existing: a, share: 100%}, {existing: b, share: 0%}]", "", "x.yaml:3:58", "gets nothing"),
        ("[{existing: a}, {existing: a}]", "", "x.yaml:3:35", "a second `a` in `topic`"),
        ("[{share: 100%}]", "", "x.yaml:3:9", "this names none"),
        (
            "[{existing: a, partitions: 2}, {existing: b}]",
            "",
            "x.yaml:3:23",
            "unknown key `topic.partitions`",
        ),
        ("[{existing: a, reset: soon}, {existing: b}]", "", "x.yaml:3:30", "`soon` is nowhere"),
        ("[]", "", "x.yaml:3:8", "`topic` is empty"),
        ("{pattern: 'a('}", "", "x.yaml:3:18", "is no regular expression"),
        ("{pattern: 'a.*', existing: a}", "", "x.yaml:3:18", "both `existing` and `pattern`"),
        ("{pattern: 'a.*', count: 2}", "", "x.yaml:3:25", "`topic.count` cannot be set"),
        ("{existing: a, count: 2}", "", "x.yaml:3:22", "`topic.count` cannot be set"),
        ("{count: 0}", "", "x.yaml:3:16", "`topic.count` is 0"),
        ("{count: 60000, partitions: 60000}", "", "x.yaml:3:16", "are 3600000000 partitions"),
    ] {
        let faults = of(topic, "{}", rest).expect_err(told);
        assert!(faults.contains(told) && faults.contains(place), "{topic} {rest}\n{faults}");
    }
    let fixed = compile(
        "question: q\ntopic: {count: 2}\nworkload: {rate: 1/s, fleets: [{name: a, partition: 0}]}\n",
        &[],
    );
    assert!(fixed.unwrap_err().contains("partition 0 of which of the topics?"));
    let plan = of("{count: 3}", "{}", "factors: {topic.partitions: [1, 4]}").unwrap();
    let topics: Vec<_> = plan.treatments.iter().map(|one| &one.settings.topic).collect();
    assert_eq!([topics[0], topics[1]].map(|topic| (topic.partitions, topic.of_each())), [(3, 1), (12, 4)]);
    let plan = of("[{existing: a, reset: latest}, {existing: b}]", "{}", "").unwrap();
    let listed = &plan.treatments[0].settings.topic;
    assert_eq!((listed.shares(), listed.is_own()), (vec![0.5, 0.5], false));
    assert_eq!((listed.existing[0].reset, listed.existing[1].reset), (Some(Reset::Latest), None));
}

#[test]
fn nothing_can_be_set_of_consumers_that_are_deployed_already() {
    let topic = "{existing: orders}";
    for (consumers, rest, place, told) in [
        ("{group: g, instances: 2, backend: {external: {}}}", "", "x.yaml:5:23", "`instances` cannot be set"),
        ("{group: g, threads: 2, backend: {external: {}}}", "", "x.yaml:5:23", "`threads` cannot be set"),
        (
            "{group: g, properties: {a: b}, backend: {external: {}}}",
            "",
            "x.yaml:5:23",
            "`properties` cannot be set",
        ),
        (
            "{group: g, instance_type: t3.micro, backend: {external: {}}}",
            "",
            "x.yaml:5:23",
            "`instance_type` cannot be set",
        ),
        (
            "{group: g, backend: {external: {}}}",
            "factors: {consumers.instances: [1, 2]}",
            "x.yaml:6:33",
            "`instances` cannot be set: the consumers are deployed already",
        ),
        (
            "{group: g, backend: {external: {a: 1}}}",
            "",
            "x.yaml:5:44",
            "unknown key `consumers.backend.external.a`",
        ),
        ("{backend: {external: {}}}", "", "x.yaml:5:23", "`external` consumers need a `group`"),
        ("[{group: g, backend: {external: {}}}, {group: h}]", "", "x.yaml:5:", "is not built yet"),
    ] {
        let faults = of(topic, consumers, rest).expect_err(told);
        assert!(faults.contains(told) && faults.contains(place), "{consumers} {rest}\n{faults}");
    }
    let anew = of("{}", "{group: g, backend: {external: {}}}", "").unwrap_err();
    assert!(
        anew.contains("topic that bench makes anew") && anew.contains("topic: { existing: orders }"),
        "{anew}"
    );
    let plan = of(topic, "{group: g, backend: {external: {}}}", "").unwrap();
    let settings = &plan.treatments[0].settings;
    assert!(
        settings.consumers[0].is_external()
            && settings.is_followed()
            && settings.consumers[0].upkeep().is_none()
    );
}
