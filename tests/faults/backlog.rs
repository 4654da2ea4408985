//! Faults of what lies there before the consumers are started.

use super::compile;

fn with(backlog: &str, workload: &str, rest: &str) -> String {
    compile(&format!("question: q\nbacklog: {backlog}\nworkload: {workload}\n{rest}\n"), &[])
        .expect_err(backlog)
}

#[test]
fn what_cannot_be_written_before_is_a_fault() {
    let (load, read) = ("{rate: 10/s}", "consumers: {}");
    for (backlog, workload, rest, told) in [
        ("{messages: many}", load, read, "`many` is no number of messages"),
        ("{messages: 1G}", load, read, "`1G` is no number of messages"),
        ("{messages: 1k, age: 1s}", load, read, "has both `messages` and `age`"),
        ("{age: 10}", load, read, "`10` has no unit of time"),
        ("{age: 10m}", "{rate: 0/s}", read, "only a `rate` says how many messages come in that time"),
        ("{age: 10m}", "{rate: max}", read, "only a `rate` says how many messages come in that time"),
        ("{age: 50h}", load, read, "is too much"),
        ("{messages: 1k}", load, "", "a `backlog` is for consumers, and there are none"),
    ] {
        let faults = with(backlog, workload, rest);
        assert!(faults.contains(told) && faults.contains("x.yaml:2:"), "{backlog}\n{faults}");
    }
    let nothing = compile("question: q\nworkload: {rate: 0/s}\nconsumers: {}\n", &[]).unwrap_err();
    assert!(
        nothing.contains("`0/s` is not a rate above zero") && nothing.contains("a `backlog`"),
        "{nothing}"
    );
    let plan =
        compile("question: q\nbacklog: {age: 1m}\nworkload: {rate: 10/s}\nconsumers: {}\n", &[]).unwrap();
    assert_eq!(plan.treatments[0].settings.backlog.map(|backlog| backlog.messages), Some(600));
}
