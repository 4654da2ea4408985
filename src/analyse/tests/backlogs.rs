//! A backlog that was there before, and by what those are compared that drain one.

use crate::analyse::comparable::sign;
use crate::analyse::{Findings, Load, Reading, TrialFindings, judge, responses, same_load};
use crate::record::Backlog;
use crate::record::testing::{Synthetic, backlog, manifest};
use crate::spec::Metric;

#[test]
fn a_backlog_begins_with_what_was_left_when_the_load_began_and_all_that_drain_one_are_compared_by_it() {
    let manifest = manifest(&["a", "b"]);
    let findings = |name: &str, order: u32| {
        // 50 more are processed in a quarter second than are due.
        let treatment = name.to_owned();
        let of = Synthetic { order, treatment, backlog: 900, processed: 300, ..Synthetic::default() };
        let mut record = of.record();
        record.asked.warm_up_s = 0.0;
        record.backlog = Some(Backlog { processed_before: Some(100), ..backlog() });
        let judged = judge(&record, &of.rows(), &of.latencies());
        TrialFindings::of(&manifest, record, judged)
    };
    let findings = Findings::of(&manifest, vec![findings("a", 1), findings("b", 2)]);
    let [a, b] = findings.treatments.as_slice() else { panic!("two treatments") };
    let judged = &a.trials[0].judged;
    assert_eq!(judged.metric("backlog_start_messages"), Reading::Value(900.0));
    assert_eq!((a.load, judged.saturated), (Load::Draining, Some(false)));
    assert!(judged.doubts.iter().all(|doubt| doubt.id != "not_steady"), "it was asked for");
    assert!(same_load([a, b]), "both kept up with it");
    let comparable = |name: &str| sign(&Metric::written(name).unwrap(), a, b).is_some();
    assert!(comparable("time_to_drain") && comparable("drained") && comparable("p99(age)"));
    assert!(!comparable("processed"), "more than was offered came through");
    let asked: Vec<String> = responses(&manifest, &findings).into_iter().map(|one| one.name).collect();
    assert_eq!(asked, ["time_to_drain_s", "drained_msgs_per_s"]);
}
