//! Faults of groups: of how they are told apart, and named in paths.

use super::compile;

#[test]
fn groups_in_a_list_have_names_that_differ_and_are_named_in_paths() {
    let of = |consumers: &str, rest: &str| {
        compile(&format!("question: q\nworkload: {{rate: 1/s}}\nconsumers: {consumers}\n{rest}"), &[])
    };
    let two = "[{group: orders}, {group: audit, instances: 2, threads: 3}]";
    for (consumers, rest, told) in [
        ("[{group: a}, {group: a}]", "", "a second `a` in `consumers`"),
        ("[{group: a}, {instances: 2}]", "", "an item of `consumers` has no `group`"),
        ("[{group: threads}]", "", "`threads` is a key of `consumers` and cannot name a group"),
        ("[{group: a, instance: 2}]", "", "did you mean `instances`?"),
        ("[]", "", "`consumers` is empty"),
        (two, "factors: {consumers.audits.instances: [1]}", "did you mean `audit`?"),
        (two, "factors: {consumers.instances: [1]}", "write `consumers.orders.instances`"),
        (two, "factors: {consumers.audit.instance: [1]}", "names nothing"),
        (two, "factors: {consumers.audit: [1]}", "names nothing"),
        (two, "factors: {consumers.audit.instances: [0]}", "must be at least 1"),
    ] {
        let faults = of(consumers, rest).expect_err(told);
        assert!(faults.contains(told), "{consumers} {rest}\n{faults}");
    }
    let plan = of(two, "factors: {consumers.audit.instances: [1, 4]}").unwrap();
    let instances = |at: usize| {
        let settings = &plan.treatments[at].settings;
        assert!(settings.fan_out);
        settings.consumers.iter().map(|group| (group.group.as_str(), group.instances)).collect::<Vec<_>>()
    };
    assert_eq!(instances(0), [("orders", 1), ("audit", 1)]);
    assert_eq!(instances(1), [("orders", 1), ("audit", 4)]);
    assert_eq!(plan.treatments[1].slug, "instances=4");
    assert_eq!((plan.budget().instances, plan.budget().consumers), (5, 13));
    let set = compile(
        &format!("question: q\nworkload: {{rate: 1/s}}\nconsumers: {two}\n"),
        &["consumers.audit.properties.fetch.min.bytes=7"],
    );
    assert_eq!(set.unwrap().treatments[0].settings.consumers[1].properties["fetch.min.bytes"], "7");
}

#[test]
fn groups_that_fan_out_are_of_one_kind_and_each_has_its_number() {
    let of = |consumers: &str, rest: &str| {
        compile(&format!("question: q\nworkload: {{rate: 1/s}}\nconsumers: {consumers}\n{rest}"), &[])
    };
    for (consumers, told) in [
        ("{fan_out: 0}", "must be at least 1"),
        ("[{group: a, fan_out: 2}, {group: b}]", "`fan_out` stands in a list of groups"),
        ("{fan_out: 2, instance_type: t3.micro}", "`fan_out` with an `instance_type` is not built yet"),
        (
            "{fan_out: 2, group: a, backend: {external: {}}}",
            "consumers that are deployed already are one group",
        ),
    ] {
        let faults = of(consumers, "").expect_err(told);
        assert!(faults.contains(told), "{consumers}\n{faults}");
    }
    let plan = of("{group: a, instances: 2}", "factors: {consumers.fan_out: [1, 3]}").unwrap();
    let groups = |at: usize| {
        let settings = &plan.treatments[at].settings;
        assert!(settings.fan_out, "rows of groups of one treatment go with those of the others");
        settings.consumers.iter().map(|one| (one.group.as_str(), one.instances)).collect::<Vec<_>>()
    };
    assert_eq!(groups(0), [("a-1", 2)]);
    assert_eq!(groups(1), [("a-1", 2), ("a-2", 2), ("a-3", 2)]);
    assert_eq!(plan.budget().instances, 6);
}

#[test]
fn what_does_not_go_with_a_share_group_is_told() {
    let of = |consumers: &str, rest: &str| {
        let text = format!(
            "question: q\nworkload: {{rate: 10/s}}\nconsumers: {{group_type: share{consumers}}}\n{rest}"
        );
        compile(&text, &[])
    };
    let (run, there) = (", backend: {command: {run: r}}", "cluster: {bootstrap: {servers: 's:1'}}\n");
    for (consumers, rest, told) in [
        ("", "", "the reference consumer reads in a group of consumers"),
        (
            run,
            &*format!("{there}topic: {{existing: t}}\nbacklog: {{messages: 10}}\n"),
            "on a topic that is there already",
        ),
        (run, &*format!("{there}topic: {{existing: t, reset: earliest}}\n"), "`share.auto.offset.reset`"),
        (run, "slos: ['p99(committed) < 1s']\n", "a share group commits nothing"),
        (run, "backlog: {messages: 10}\nslos: ['p99(age) < 1s']\n", "a share group commits nothing"),
    ] {
        let faults = of(consumers, rest).expect_err(told);
        assert!(faults.contains(told), "{consumers} {rest}\n{faults}");
    }
    let plan =
        of(run, "backlog: {messages: 10}\nslos: ['lag_max < 100', 'unread <= 0', 'time_to_drain < 1m']\n")
            .unwrap();
    assert!(plan.treatments[0].settings.consumers[0].shares);
}
