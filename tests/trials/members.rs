//! Promises about members of a group that are many, or that are lost.

use crate::books_close;
use crate::support::{Desk, Talking, brokers, children, freeze};

#[test]
fn a_hundred_members_of_one_process_leave_in_time() {
    let desk = Desk::new(
        "topic: { partitions: 8 }\nworkload: { rate: 200/s, message: { size: 100B } }\n\
         consumers: { instances: 1, threads: 100 }\nphases: { warm_up: 1s, measure: 5s, drain: 10s }\n",
    );
    desk.run(&[]);
    books_close(&desk.trials()[0]);
    assert!(!desk.told().contains("instance_killed"), "{}", desk.told());
}

#[test]
fn members_whose_sessions_a_frozen_broker_lost_join_anew_and_read_what_is_left() {
    let desk = Desk::with_cluster(
        "{ kafka: { heap: 384MiB } }",
        "topic: { partitions: 4 }\nworkload: { rate: 200/s, message: { size: 100B } }\n\
         consumers: { instances: 2, properties: { session.timeout.ms: 6000 } }\n\
         phases: { prepare: 0s, warm_up: 1s, measure: 12s, drain: 60s }\n",
    );
    let mut run = Talking::start(desk.bench(&["run", "promise.yaml"]));
    run.await_line("measure");
    // Longer than a session lasts.
    freeze(brokers(&children(run.child.id()))[0], 8);
    run.child.wait().unwrap();
    let row = desk.trials().remove(0);
    books_close(&row);
    let told = || format!("{row:?}\n{}", desk.told());
    assert!(row["doubts"].contains("rebalance"), "the sessions were not lost: {}", told());
    assert_eq!((row["unread"].as_str(), row["lost"].as_str()), ("0", "0"), "{}", told());
    for kind in ["instance_killed", "left_behind"] {
        assert!(!desk.told().contains(kind), "{}", told());
    }
}
