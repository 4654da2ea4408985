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
    let existing = |at: usize| plan.treatments[at].settings.topic.existing.clone().unwrap();
    assert_eq!((existing(0).name, existing(1).name), ("a".to_owned(), "b".to_owned()));
    assert!(matches!(existing(0).reset, Some(Reset::Ago(_))));
    assert!(plan.treatments.iter().all(|one| one.settings.of_cluster.partitions));
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
    assert!(settings.consumers[0].is_external() && settings.is_followed() && !settings.has_programs());
}
