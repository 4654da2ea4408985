//! What limits a pipeline, where each limit was put there on purpose.

use std::collections::BTreeMap;

use crate::OF_THE_HOST;
use crate::support::{Desk, plain, servers, set_quotas};

/// Each level is named for what it is limited by. 400 messages a second are far more than any of them can do, but for the first.
const LIMITS: &str = "
topic: { partitions: 2 }
workload:
  rate: 400/s
  message: { size: 1KiB }
  fleets: [ { name: all, producers: 1, share: 100%, properties: { sticky.partitioning.linger.ms: 0 } } ]
consumers:
  instances: 2
  instance_type: t3.micro
  credits: { mode: unlimited, start: cold }
  backend: { process: { work: { wait: 10ms } } }
emulation: { enforce: work }
factors:
  limit:
    load: { workload.rate: 50/s }
    downstream_wait: { workload.rate: 400/s }
    consumers_cpu: { consumers.backend: { process: { work: { cpu: 10ms } } } }
    credits:
      consumers.backend: { process: { work: { cpu: 10ms } } }
      consumers.credits: { mode: standard, start: exhausted }
    partitions: { consumers.instances: 4 }
    hot_partition:
      workload.message: { size: 1KiB, keys: { hot: { share: 90%, count: 1000 } } }
      consumers.backend: { process: { work: { wait: 4ms } } }
    quota:
      workload.fleets: [ { name: held, producers: 1, share: 100% } ]
phases: { prepare: 0s, warm_up: 1s, measure: 5s, drain: 0s }
repetitions: 1
";

#[test]
fn seven_limits_that_were_put_in_are_named_on_a_real_broker() {
    // The id of the one producer of that fleet: no other trial has it.
    set_quotas(&servers(), Some("bench-held-0"), &[("producer_byte_rate", 65_536.0)]);
    // Of a trial that the host disturbed it may be the host, or not be known: it is tried again.
    let is_disturbed =
        |row: &BTreeMap<String, String>| row["doubts"].split(';').any(|doubt| OF_THE_HOST.contains(&doubt));
    let again = |row: &BTreeMap<String, String>| {
        is_disturbed(row) && ["host", "not_known"].contains(&row["limiting_factor"].as_str())
    };
    let (mut named, mut reports) = (BTreeMap::new(), String::new());
    for _ in 0..3 {
        let desk = Desk::new(LIMITS);
        let output = desk.run(&[]);
        let rows = desk.trials();
        assert_eq!(rows.len(), 7, "{}", String::from_utf8_lossy(&output.stderr));
        for row in rows.iter().filter(|row| !again(row)) {
            named.insert(row["limit"].clone(), row["limiting_factor"].clone());
        }
        reports += &plain(&std::fs::read(desk.results().join("report.md")).unwrap());
        if named.len() == 7 {
            break;
        }
    }
    assert_eq!(named.len(), 7, "the host let these be, of three runs: {named:?}");
    let wrong: Vec<_> = named.iter().filter(|(limit, named)| limit != named).collect();
    assert!(wrong.is_empty(), "{wrong:?}\n{reports}");
    assert!(reports.contains("4 instances are limited by 2 partitions"), "{reports}");
}
