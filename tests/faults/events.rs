//! What is wrong with events is told, all at once, each with its place and what to do.

use super::compile;

const HEAD: &str = "question: q
workload: {rate: 10/s}
consumers: [{group: a, instances: 2}, {group: b}]
phases: {warm_up: 5s, measure: 30s}
";

fn faults(events: &str) -> String {
    compile(&format!("{HEAD}events: {events}\n"), &[]).expect_err(events)
}

#[test]
fn faults_of_events_are_told() {
    for (events, told, hint) in [
        ("[{kill: {}}]", "an event has no `at`", "write `at: 15s`"),
        ("[{at: 15s}]", "an event does nothing", "`kill`, `stop`, `pause`, `restart`"),
        ("[{at: 15s, kill: {}, stop: {}}]", "an event has both `kill` and `stop`", "write two events"),
        (
            "[{at: 6s, kill: {}}]",
            "an event at 6s is too early: the window begins at 5s",
            "write `8s` or later",
        ),
        (
            "[{at: 35s, kill: {}}]",
            "an event at 35s is too late: the window ends at 35s",
            "lengthen `phases.measure`",
        ),
        ("[{at: {within: [30s, 40s]}, kill: {}}]", "an event at 40s is too late", "lengthen"),
        (
            "[{at: {within: [20s, 10s]}, kill: {}}]",
            "`within` takes two times, the earlier first",
            "[10s, 20s]",
        ),
        ("[{at: 15, kill: {}}]", "`15` has no unit of time", "30s"),
        ("[{at: 15s, kill: {instance: 2}}]", "there is no instance 2: `a` has 2", "write a number up to 1"),
        ("[{at: 15s, kill: {instance: some}}]", "`some` is no instance", "`random` or `all`"),
        ("[{at: 15s, kill: {instance: 1}, group: b}]", "there is no instance 1: `b` has 1", "up to 0"),
        (
            "[{at: 20s, kill: {instance: 3}}, {at: 15s, add: {}}]",
            "there is no instance 3: `a` has 3",
            "up to 2",
        ),
        (
            "[{at: 15s, remove: {instances: 3}}]",
            "3 cannot be removed: `a` has no more than 2 then",
            "write a number up to 2",
        ),
        (
            "[{at: 15s, add: {}}, {at: 16s, kill: {instance: all}}, {at: 17s, remove: {}}]",
            "1 cannot be removed: `a` has no more than 0 then",
            "leave it out",
        ),
        ("[{at: 15s, kill: {}, group: c}]", "there is no group `c`", "there are: `a`, `b`"),
        ("[{at: 15s, pause: {}}]", "a `pause` has no `for`", "write `for: 8s`"),
        ("[{at: 15s, kil: {}}]", "unknown key `events.kil`", "did you mean `kill`?"),
        ("[{at: 15s, scale: {}}]", "a `scale` has no `instances`", "write `scale: { instances: 4 }`"),
        ("[{at: 15s, name: x, kill: {}}, {at: 16s, name: x, stop: {}}]", "a second event `x`", "must differ"),
        ("[{at: 15s, kill:}]", "`events.kill` has no value", "`{}` for all defaults"),
        ("{at: 15s, kill: {}}", "`events` should be a list", ""),
        ("[{at: 15s, upgrade: {}}]", "an `upgrade` has no `instance_type`", "instance_type: t3.medium"),
        (
            "[{at: 15s, upgrade: {instance_type: t3.medium}}]",
            "`a` has no `instance_type` that it could be upgraded from",
            "instance_type: t3.micro",
        ),
        ("[{at: 15s, upgrade: {overlap: 3s}}]", "`overlap` is of instances that run beside", "how: beside"),
        ("[{at: 15s, add: {boot: {normal: 3s}}}]", "unknown key `events.add.boot.normal`", ""),
        ("[{at: 15s, exhaust: credits}]", "the instances of `a` have no CPU credits", "t3.micro"),
        ("[{at: 15s, exhaust: disk}]", "`disk`", "credits"),
        ("[{at: 15s, config: {}}]", "a `config` changes nothing", "max.message.bytes"),
        ("[{at: 15s, topic: {partitions: 4}, group: a}]", "a cluster is in no group", "all groups"),
    ] {
        let faults = faults(events);
        let has = |text: &str| faults.to_lowercase().contains(&text.to_lowercase());
        assert!(has(told) && has(hint) && faults.starts_with("x.yaml:5:"), "{events}\n{faults}");
    }
    let both = faults("[{kill: {}}, {at: 15s}]");
    assert!(both.contains("has no `at`") && both.contains("does nothing"), "{both}");
}

#[test]
fn nobody_can_be_met_where_there_are_no_consumers_or_they_are_deployed_already() {
    let of = |rest: &str| {
        let text = format!("question: q\nworkload: {{rate: 10/s}}\n{rest}\n");
        compile(&text, &[]).expect_err(rest)
    };
    let none = of("events: [{at: 15s, kill: {}}]");
    assert!(none.contains("an event needs consumers that it can be done to"), "{none}");
    let external = of(
        "topic: {existing: t}\nconsumers: {group: g, backend: {external: {}}}\nevents: [{at: 15s, stop: {}}]",
    );
    assert!(external.contains("nothing can be done to `g`, which is deployed already"), "{external}");
    let contained = of(
        "consumers: {group: g, instance_type: t3.micro, backend: {compose: {file: compose.yaml, service: s}}}\nevents: [{at: 15s, upgrade: {instance_type: t3.small}}]",
    );
    assert!(contained.contains("the containers of `g` are a service's, and all alike"), "{contained}");
}

#[test]
fn events_are_a_factor_like_any_other_and_a_level_may_have_none() {
    let text = "question: q
workload: {rate: 10/s}
consumers: {instances: 2}
factors:
  failure:
    none: {events: []}
    killed: {events: [{at: 15s, kill: {instance: 0}}]}
    hangs: {events: [{at: {within: [14s, 16s]}, name: hang, pause: {for: 8s}}, {at: 30s, add: {}}, {at: 31s, stop: {instance: 2}}]}
";
    let plan = compile(text, &[]).unwrap();
    let told: Vec<Vec<String>> = plan
        .treatments
        .iter()
        .map(|one| one.settings.events.iter().map(ToString::to_string).collect())
        .collect();
    assert_eq!(told[0], Vec::<String>::new());
    assert_eq!(told[1], ["instance 0 of `x` killed (SIGKILL)"]);
    assert_eq!(told[2].len(), 3, "one that was added can be met");
    let late = "events: [{at: 20s, kill: {instance: 2}}, {at: 15s, add: {}}, {at: {within: [17s, 23s]}, kill: {}}, {at: 22s, remove: {instances: 3}}]";
    compile(&format!("question: q\nworkload: {{rate: 10/s}}\nconsumers: {{instances: 2}}\n{late}\n"), &[])
        .expect("it is there by then, wherever in the file that stands, and whoever may be killed later may leave before");
    let shown = plan.to_string();
    assert!(shown.contains("kill at 15s: instance 0 of `x` killed (SIGKILL) (failure=killed)"), "{shown}");
}

#[test]
fn what_is_said_of_an_event_by_its_name_is_a_factor_of_its_own() {
    let text = |path: &str| {
        format!(
            "question: q\nworkload: {{rate: 10/s}}\nconsumers: {{instances: 2}}\nphases: {{measure: 30s}}\n\
             events: [{{at: 15s, name: more, add: {{boot: 1s}}}}, {{at: 20s, kill: {{}}}}]\n\
             factors: {{{path}: [0s, 5s]}}\n"
        )
    };
    let plan = compile(&text("events.more.add.boot"), &[]).unwrap();
    let told: Vec<String> = plan.treatments.iter().map(|one| one.settings.events[0].to_string()).collect();
    assert_eq!(told[0], "instances added to `x`: 1");
    assert_eq!(told[1], "instances added to `x`: 1, started 5s after its launch");
    assert_eq!(plan.treatments[1].slug, "boot=5s");
    for (path, hint) in
        [("events.mare.add.boot", "did you mean `more`?"), ("events.kill.at", "known here: `more`")]
    {
        let faults = compile(&text(path), &[]).unwrap_err();
        assert!(faults.contains("names no event") && faults.contains(hint), "{faults}");
    }
    let set = compile(&text("events.more.add.boot"), &["events.more.at=16s"]).unwrap();
    assert!(set.to_string().contains("more at 16s"), "{set}");
}

#[test]
fn faults_of_events_of_brokers_are_told() {
    let of = |cluster: &str, events: &str| {
        let text = format!(
            "question: q\nworkload: {{rate: 10/s}}\ntopic: {{partitions: 2}}\ncluster: {cluster}\nevents: {events}\n"
        );
        compile(&text, &[])
    };
    let three = "{kafka: {brokers: 3}}";
    for (cluster, events, told, hint) in [
        (
            three,
            "[{at: 15s, kill: {broker: leader}}]",
            "`leader` is no broker",
            "`leader-of-0`, `controller`",
        ),
        (three, "[{at: 15s, kill: {broker: 4}}]", "there is no broker 4: the cluster has 3", "up to 3"),
        (three, "[{at: 15s, pause: {broker: 0, for: 2s}}]", "there is no broker 0", "counted from 1"),
        (
            three,
            "[{at: 15s, kill: {broker: leader-of-2}}]",
            "there is no partition 2: the topic has 2 then",
            "up to 1",
        ),
        (three, "[{at: 15s, pause: {broker: random}}]", "a `pause` has no `for`", "for: 8s"),
        (
            three,
            "[{at: 15s, kill: {broker: 1, instance: 0}}]",
            "has both `broker` and `instance`",
            "two events",
        ),
        (three, "[{at: 15s, group: g, kill: {broker: 1}}]", "a broker is in no group", "leave `group` out"),
        (
            three,
            "[{at: 15s, restart: {broker: 1, boot: 3s}}]",
            "a broker that is restarted has no `boot`",
            "leave `boot` out",
        ),
        (
            three,
            "[{at: 15s, restart: {broker: leader-of-3}}, {at: 16s, topic: {partitions: 4}}]",
            "there is no partition 3: the topic has 2 then",
            "up to 1",
        ),
        (three, "[{at: 15s, stop: {broker: 1}}]", "unknown key `events.stop.broker`", ""),
        (
            three,
            "[{at: 15s, kill: {broker: 1}}, {at: 16s, kill: {broker: random}}]",
            "once a second broker stays dead",
            "write `restart`",
        ),
        ("{kafka: {}}", "[{at: 15s, kill: {broker: random}}]", "one broker of 1 stays dead", "`brokers: 3`"),
        (
            "{bootstrap: {servers: \"a:1\"}}",
            "[{at: 15s, restart: {broker: 1}}]",
            "nothing can be done to brokers that bench did not start",
            "brokers: 3",
        ),
    ] {
        let faults = of(cluster, events).expect_err(events);
        assert!(faults.contains(told) && faults.contains(hint), "{events}\n{faults}");
    }
    let grown = "[{at: {within: [14s, 16s]}, topic: {partitions: 4}}, {at: {within: [13s, 15s]}, restart: {broker: leader-of-3}}]";
    of(three, grown).expect("it may be there by then");
    let plan =
        of(three, "[{at: 13s, restart: {broker: controller}}, {at: 15s, kill: {broker: leader-of-1}}]");
    let shown = plan.expect("producers alone have brokers too").to_string();
    assert!(shown.contains("kill_broker at 15s: the leader of partition 1 killed (SIGKILL)"), "{shown}");
}

#[test]
fn what_cannot_be_changed_in_flight_is_told() {
    let of = |rest: &str| {
        let text = format!("question: q\nworkload: {{rate: 10/s}}\nphases: {{measure: 30s}}\n{rest}\n");
        compile(&text, &[]).expect_err(rest)
    };
    let fewer = of("topic: {partitions: 4}\nconsumers: {}\nevents: [{at: 15s, topic: {partitions: 4}}]");
    assert!(fewer.contains("a topic of 4 partitions cannot be made one of 4"), "{fewer}");
    assert!(fewer.contains("write `5` or more"), "{fewer}");
    let theirs = of(
        "topic: {existing: t}\nconsumers: {}\nevents: [{at: 15s, topic: {partitions: 4}}, {at: 16s, config: {topic: {a.b: 1}}}]",
    );
    assert!(theirs.contains("partitions cannot be added to a topic that was there before"), "{theirs}");
    assert!(theirs.contains("nothing is changed of a topic that was there before"), "{theirs}");
    let brokers = of(
        "cluster: {bootstrap: {servers: \"a:1\"}}\nconsumers: {}\nevents: [{at: 15s, config: {brokers: {a.b: 1}}}]",
    );
    assert!(brokers.contains("settings of brokers that bench did not start are not changed"), "{brokers}");
    let followed = of("consumers: {instance_type: t3.micro, backend: {command: {run: x}}}\n\
         events: [{at: 15s, upgrade: {instance_type: t3.medium, how: beside, group: another}}]");
    assert!(followed.contains("another group of consumers that tell nothing themselves"), "{followed}");
    let unknown =
        of("consumers: {instance_type: t3.micro}\nevents: [{at: 15s, upgrade: {instance_type: t3.medum}}]");
    assert!(unknown.contains("`t3.medum` is no instance type"), "{unknown}");
}

#[test]
fn an_upgrade_counts_both_types_where_they_run_beside_each_other_and_tells_what_they_cost() {
    let text = "question: q
workload: {rate: 10/s}
consumers: {group: g, instances: 2, instance_type: t3.micro}
events: [{at: 15s, upgrade: {instance_type: t3.medium, how: beside, overlap: 5s, boot: {log_normal: {median: 4s, sigma: 0.5}}}}]
";
    let plan = compile(text, &["emulation.vcpu=1%"]).unwrap();
    let told = plan.treatments[0].settings.events[0].to_string();
    assert!(told.contains("replaced by as many t3.medium, which run beside them for 5s"), "{told}");
    assert!(told.contains("with the median 4s (log-normal, sigma 0.5)"), "{told}");
    assert_eq!(kafka_bench::plan::wanted_cores(&plan.treatments[0].settings), Some(0.08));
    assert!(plan.prices.instances.contains_key("t3.medium"), "what it costs is known");
    let replaced = compile(&text.replace("how: beside, overlap: 5s, ", ""), &["emulation.vcpu=1%"]).unwrap();
    assert_eq!(kafka_bench::plan::wanted_cores(&replaced.treatments[0].settings), Some(0.04));
}
