//! What is wrong with a search is told with its place and what to write, and what a good one will take is printed.

use super::compile;

const SLOS: &str = "slos: [\"p90(ack) < 1s\"]\n";

fn faults(text: &str) -> String {
    compile(&format!("question: q\n{text}"), &[]).expect_err(text)
}

#[test]
fn a_search_is_told_what_it_lacks_and_what_stands_against_it() {
    let wrong = [
        (
            "workload: {}\nsearch: {capacity: {}}\n",
            "x.yaml:3:10: `search.capacity` has no `from`",
            "write `from: 100/s`",
        ),
        (
            "workload: {rate: 5/s}\nsearch: {demand: {}}\n",
            "x.yaml:3:10: `search.demand` has no `levels`",
            "write `levels: [1, 2, 4, 8]`",
        ),
        (
            "workload: {rate: 5/s}\nsearch: {demand: {levels: [1, 2, 1]}}\n",
            "x.yaml:3:34: a second level 1",
            "write each once",
        ),
        (
            "workload: {rate: 5/s}\nsearch: {capacity: {from: 5/s}}\n",
            "x.yaml:2:12: `workload.rate` is searched for, and cannot be written too",
            "`search.capacity.from` says what is tried",
        ),
        (
            "workload: {rate: 5/s}\nconsumers: {instances: 2}\nsearch: {demand: {levels: [1, 2]}}\n",
            "x.yaml:3:13: `consumers.instances` is searched for",
            "`search.demand.levels` says what is tried",
        ),
        (
            "workload: {rate: 5/s}\nconsumers: [{group: a}, {group: b}]\nsearch: {demand: {levels: [1, 2]}}\n",
            "x.yaml:3:1: `search.demand` of several groups is not built yet",
            "write one group",
        ),
        (
            "workload: {rate: max}\nsearch: {demand: {levels: [1, 2]}}\n",
            "x.yaml:3:10: a search needs a `rate`, not a `shape` and not `max`",
            "write a `rate`",
        ),
        (
            "workload: {}\nsearch: {capacity: {from: 5/s, tolerance: 0.1%}}\n",
            "x.yaml:3:43: a tolerance below what trials tell apart",
            "1% or more",
        ),
        (
            "workload: {}\nsearch: {capacity: {from: 5}}\n",
            "x.yaml:3:27: `5` is not a rate",
            "write messages per second",
        ),
        (
            "workload: {}\nsearch: {capacity: {from: 5/s, of: topic.partitions}}\n",
            "`topic.partitions` is nothing that `search.capacity.of` can be",
            "",
        ),
        (
            "workload: {}\nsearch: {capacity: {from: 5/s}, demand: {levels: [1]}}\n",
            "`search` has both `capacity` and `demand`",
            "keep exactly one",
        ),
        (
            "workload: {}\nsearch: {capacity: {from: 5/s}}\nrepetitions: 3\n",
            "x.yaml:4:14: a search tries either bound 6 times at least",
            "leave it out, or write 6 or more",
        ),
        (
            "workload: {until: broken}\nsearch: {capacity: {from: 5/s}}\n",
            "x.yaml:2:12: `until: broken` and `search` are two searches",
            "its simple case",
        ),
        (
            "workload: {}\nsearch: {capacity: {from: 5/s}}\nfactors: {workload.rate: [1/s, 2/s]}\n",
            "x.yaml:3:10: `workload.rate` is searched for, and cannot be a factor too",
            "leave it out of `workload.rate`",
        ),
        (
            "workload: {}\nsearch: {capacity: {from: 5/s}}\nfactors: {search.capacity.from: [1/s, 2/s]}\n",
            "`search` must be the same for all trials of a run",
            "",
        ),
    ];
    for (text, what, hint) in wrong {
        let told = faults(&format!("{text}{SLOS}"));
        assert!(told.contains(what) && told.contains(hint), "{text}\n{told}");
    }
    let none = faults("workload: {}\nsearch: {capacity: {from: 5/s}}\n");
    assert!(none.contains("x.yaml:3:10: `search.capacity` needs an SLO that may break"), "{none}");
    // All at once.
    let all = faults("workload: {rate: 5/s}\nsearch: {capacity: {tolerance: 0.1%}}\nrepetitions: 2\n");
    assert_eq!(all.matches("x.yaml:").count(), 2, "{all}");
}

#[test]
fn a_search_that_may_make_too_few_trials_to_come_to_its_end_is_told_the_least() {
    let told =
        |of: &str| faults(&format!("workload: {{}}\nsearch: {{capacity: {{from: 5/s, {of}}}}}\n{SLOS}"));
    let five = told("max_trials: 5");
    assert!(five.contains("5 trials are too few to find and confirm what a search looks for"), "{five}");
    // Two bounds, one trial to find each and six to confirm it.
    assert!(five.contains("write `max_trials: 14` or more"), "{five}");
    let compiles = |most: u32| {
        let text = format!(
            "question: q\nworkload: {{}}\nconsumers: {{}}\ncluster: {{bootstrap: {{servers: \"x:1\"}}}}\n\
             search: {{capacity: {{from: 100/s, max_trials: {most}}}}}\n{SLOS}"
        );
        compile(&text, &[]).is_ok()
    };
    assert_eq!((compiles(13), compiles(14)), (false, true));
}

#[test]
fn a_plan_says_what_a_search_will_try_and_how_long_it_takes_at_least_and_at_most() {
    let text = format!(
        "question: q\nworkload: {{}}\nconsumers: {{}}\ncluster: {{bootstrap: {{servers: \"x:1\"}}}}\n\
         search: {{capacity: {{from: 100/s, max_trials: 30}}}}\nfactors: {{consumers.instances: [1, 2]}}\n\
         phases: {{warm_up: 2s, measure: 10s, drain: 5s}}\n{SLOS}"
    );
    let plan = compile(&text, &[]).unwrap();
    assert_eq!(plan.treatments[1].slug, "instances=2,rate=100-s");
    let told = plan.to_string();
    let first = "searches    the most workload.rate that holds, from 100/s on, to within 5%, each bound tried 6 times more";
    assert!(told.contains(first), "{told}");
    // Two searches of two bounds with one trial to find each and six to confirm it, of 15 s each: 28 at least.
    assert!(told.contains("28 to 60 trials in all, 7m00s to 20m00s"), "{told}");
    let json = plan.to_json();
    assert_eq!(
        (json["search"]["kind"].as_str(), json["search"]["trials_most"].as_u64()),
        (Some("capacity"), Some(60))
    );
    assert_eq!(json["until_broken"], false);
}
