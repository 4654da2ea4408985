//! A capacity that is known, searched for by a run that is killed and gone on with.

use std::collections::BTreeMap;
use std::fs;

use rustix::process::Signal;

use crate::books_close;
use crate::support::{Desk, Talking};

/// One instance that can do 1 / 10 ms = 100 messages a second, less what a wait oversleeps.
const SEARCH: &str = "
workload: { arrivals: constant, message: { size: 100B } }
consumers: { backend: { process: { work: { wait: 10ms } } } }
search: { capacity: { of: workload.rate, from: 50/s, tolerance: 5%, max_trials: 40 } }
phases: { warm_up: 1s, measure: 5s, drain: 1s }
slos: [ \"p90(end_to_end) < 200ms\", \"lost <= 0\" ]
";

fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(Result::unwrap).collect()
}

#[test]
fn a_known_capacity_is_found_also_by_a_run_that_was_killed() {
    let desk = Desk::new(SEARCH);
    let mut run = Talking::start(desk.bench(&["run", "promise.yaml"]));
    run.await_line("trial 3 of");
    run.await_line("measure");
    run.signal(Signal::KILL);
    run.child.wait().unwrap();
    let folder = desk.results();
    let before = fs::read_to_string(folder.join("plan.csv")).unwrap();

    let resumed = desk.bench(&["run", "--resume", folder.to_str().unwrap()]).output().unwrap();
    let told = String::from_utf8_lossy(&resumed.stderr);
    desk.trials().iter().for_each(books_close);
    let plan = fs::read_to_string(folder.join("plan.csv")).unwrap();
    assert!(plan.starts_with(&before), "what was planned stays: {plan}");
    let searches = rows(&fs::read_to_string(folder.join("searches.csv")).unwrap());
    let [search] = searches.as_slice() else { panic!("one search: {searches:?}") };
    let number = |name: &str| search[name].parse::<f64>().unwrap();
    let trials = desk.trials();
    let spoilt = trials.iter().filter(|row| row["outcome"] != "valid").count();
    if spoilt > 4 || spoilt == trials.len() {
        return; // the host did not let trials be: then nothing is claimed
    }
    assert_eq!(
        (search["search_stop"].as_str(), resumed.status.code()),
        ("found", Some(0)),
        "{search:?} {told}"
    );
    assert!(number("search_holds_trials") >= 6.0 && number("search_breaks_trials") >= 6.0, "{search:?}");
    // At r messages a second a message that is due after t seconds waits for t (r / 100 - 1): that of the window's ninth tenth, after 5.5 s, for 200 ms at
    // 103.6, less what a wait oversleeps.
    let (holds, breaks) = (number("search_holds"), number("search_breaks"));
    assert!(breaks / holds <= 1.06, "{search:?}");
    assert!(
        holds <= 104.0 && breaks >= 98.0 && ((holds * breaks).sqrt() / 102.0 - 1.0).abs() < 0.05,
        "{search:?}"
    );
    assert_eq!(search["search_binding"], "p90(end_to_end) < 200ms");
    assert_eq!(search["search_breaks: lost <= 0"], "", "nothing was lost");
    let report = fs::read_to_string(folder.join("report.md")).unwrap();
    assert!(report.contains(&format!("Capacity lies between {holds}/s")), "{report}");
}
