//! Faults of consumers that are programs of others.

use kafka_bench::spec::StopSignal;

use super::compile;

fn of(consumers: &str) -> Result<kafka_bench::plan::Plan, String> {
    compile(&format!("question: q\nworkload: {{rate: 1/s}}\nconsumers: {consumers}\n"), &[])
}

#[test]
fn what_a_program_cannot_be_told_is_a_fault() {
    for (consumers, told) in [
        ("{backend: {command: {}}}", "`backend.command` has no `run`"),
        ("{backend: {command: {run: ''}}}", "`consumers.backend.command.run` is empty"),
        ("{backend: {command: 'python3 x.py'}}", "should be a mapping"),
        ("{backend: {command: {runs: x}}}", "did you mean `run`?"),
        ("{backend: {command: {run: x, stop: SIGTEM}}}", "did you mean `SIGTERM`?"),
        ("{backend: {command: {run: x, restart: sometimes}}}", "`sometimes` is nothing"),
        ("{backend: {command: {run: x, grace: 10}}}", "10"),
        ("{backend: {command: {run: x, env: {BENCH_TOPIC: t}}}}", "`BENCH_TOPIC` is set by bench itself"),
        ("{backend: {command: {run: x, env: {'a=b': t}}}}", "`a=b` is no name for a variable"),
        ("{backend: {command: {run: x, env: {A: [1]}}}}", "should be a text, number or boolean"),
        ("{backend: {command: {run: x, env: {A: '${B'}}}}", "has a `${` that is not closed"),
        ("{backend: {command: {run: x, ready: {log: '('}}}}", "`(` is no regular expression: unclosed group"),
        ("{backend: {command: {run: x, ready: {http: 'localhost'}}}}", "`localhost` is no address"),
        ("{backend: {command: {run: x, ready: {http: 'https://a'}}}}", "`https://a` is no address"),
        ("{backend: {command: {run: x, ready: {log: a, http: b}}}}", "has both"),
        ("{backend: {command: {run: x}, process: {}}}", "has both"),
        ("[{group: a, backend: {command: {run: x}}}, {group: b}]", "is not built yet"),
    ] {
        let faults = of(consumers).expect_err(told);
        assert!(faults.contains(told), "{consumers}\n{faults}");
    }
    let all = of("{backend: {command: {stop: x, restart: x, env: {BENCH_X: 1}}}}").unwrap_err();
    assert!(
        all.contains("has no `run`") && all.contains("`BENCH_X`") && all.matches("nothing that").count() == 2,
        "{all}"
    );
}

#[test]
fn what_no_broker_acks_cannot_be_followed() {
    let with = |fleet: &str| {
        let consumers = "consumers: {backend: {command: {run: x}}}";
        compile(
            &format!("question: q\nworkload: {{rate: 1/s, fleets: [{{name: a, {fleet}}}]}}\n{consumers}\n"),
            &[],
        )
    };
    for fleet in ["properties: {acks: 0}", "properties: {request.required.acks: 0}"] {
        assert!(with(fleet).unwrap_err().contains("nobody knows where messages lie"), "{fleet}");
    }
    assert!(with("properties: {acks: 1}").is_ok());
}

#[test]
fn a_program_has_all_that_is_written_of_it_and_its_own_names_of_properties() {
    let text = "{instances: 3, properties: {max.poll.records: 7}, backend: {command: {run: 'python3 x.py', env: {A: '${B}', N: 1}, \
         dir: there, stop: SIGINT, grace: 1s, restart: always}}}";
    let plan = of(text).unwrap();
    let group = &plan.treatments[0].settings.consumers[0];
    let command = group.command().unwrap();
    assert_eq!((command.run.as_str(), command.dir.as_deref()), ("python3 x.py", Some("there")));
    assert_eq!((command.env["A"].as_str(), command.env["N"].as_str()), ("${B}", "1"));
    assert_eq!((command.stop, command.restart, command.grace.as_secs_f64()), (StopSignal::Int, true, 1.0));
    assert_eq!(group.properties["max.poll.records"], "7");
    let plan = of("{backend: {command: {run: x}}}").unwrap();
    let command = plan.treatments[0].settings.consumers[0].command().unwrap().clone();
    assert_eq!((command.stop, command.restart, command.grace.as_secs_f64()), (StopSignal::Term, false, 10.0));
    let listed = of("[{group: a, backend: {command: {run: x}}}, {group: b, backend: {command: {run: y}}}]");
    assert_eq!(listed.unwrap().treatments[0].settings.consumers.len(), 2);
}

#[test]
fn a_program_may_be_what_is_varied() {
    let varied = compile(
        "question: q\nworkload: {rate: 1/s}\nconsumers: {backend: {command: {run: x}}}\n\
         factors: {consumers.backend.command.run: [a, b], consumers.backend.command.env.SIZE: [1, 2]}\n",
        &[],
    );
    assert_eq!(varied.unwrap().treatments.len(), 4);
}

#[test]
fn an_slo_that_only_consumers_of_ours_could_decide_is_a_fault_and_the_other_way_round() {
    let with = |backend: &str, slo: &str| {
        let text = format!(
            "question: q\nworkload: {{rate: 1000/s}}\nconsumers: {{backend: {backend}}}\nslos: ['{slo}']\n"
        );
        compile(&text, &[])
    };
    for slo in ["p99(end_to_end) < 1s", "max(receive) < 1s", "lost <= 0", "duplicates <= 0"] {
        let faults = with("{command: {run: x}}", slo).unwrap_err();
        assert!(faults.contains("consumers that are not ours do not tell it"), "{slo}\n{faults}");
    }
    let faults = with("{process: {}}", "p99(committed) < 1s").unwrap_err();
    assert!(faults.contains("ask for `end_to_end`"), "{faults}");
    for slo in ["p99(committed) < 1s", "unread <= 0", "lag_max < 10", "processed > 1/s", "time_lag_max < 1s"]
    {
        assert!(with("{command: {run: x}}", slo).is_ok(), "{slo}");
    }
}

#[test]
fn a_program_may_be_held_to_an_instance_type_where_control_groups_hold_it() {
    let with = |rest: &str, slo: &str| {
        let text = format!(
            "question: q\nworkload: {{rate: 1000/s}}\nconsumers: {{instance_type: t3.micro, backend: {{command: {{run: x}}}}}}\n\
             {rest}\nslos: ['{slo}']\n"
        );
        compile(&text, &[])
    };
    let plan = with("", "processed > 1/s").unwrap();
    assert_eq!(plan.treatments[0].settings.consumers[0].machine.as_ref().unwrap().instance.name, "t3.micro");
    let alone = with("emulation: {enforce: work}", "processed > 1/s").unwrap_err();
    assert!(alone.contains("x.yaml:3:28") && alone.contains("no pacing of its own"), "{alone}");
    let latency = with("", "p99(committed) < 1s").unwrap_err();
    assert!(latency.contains("is held to a part of a core"), "{latency}");
}
