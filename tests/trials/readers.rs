//! A group whose consumers may not read is told before the first trial, in the broker's words.

use crate::fortress::{forbid_reading, fortress};
use crate::refused::{load, login, told};
use crate::support::{Desk, Talking};

#[test]
fn a_group_that_may_not_read_the_topic_or_not_be_a_member_is_told_within_seconds() {
    let with_login = fortress().with_login();
    for (user, words) in [("wes", "Topic authorization failed"), ("ria", "Group authorization failed")] {
        let rest = format!("{}consumers: {{ group: orders }}\n", load("light", "", ""));
        let (code, told) = told(&with_login, &login(user, &format!("of-{user}")), &rest);
        assert_eq!(code, Some(3), "{told}");
        assert!(told.contains("group `orders` cannot read from this cluster"), "{told}");
        assert!(told.contains(words), "{user}: `{words}` is not in: {told}");
    }
}

#[test]
fn a_group_whose_own_login_is_refused_is_told_by_its_name() {
    let wrong = "consumers: { group: orders, properties: { sasl.password: guess } }\n";
    let rest = format!("{}{wrong}", load("librdkafka", "", ""));
    let (code, told) = told(&fortress().with_login(), &login("wes", "of-wes"), &rest);
    assert_eq!(code, Some(3), "{told}");
    assert!(told.contains("group `orders` cannot read from this cluster"), "{told}");
    assert!(told.contains("Invalid username or password"), "{told}");
}

#[test]
fn a_right_that_is_lost_while_a_run_goes_on_is_told_in_the_brokers_words_and_ends_it() {
    let servers = fortress().with_login();
    let cluster = format!(
        "{{ bootstrap: {{ servers: \"{servers}\", properties: {{ {} }} }} }}",
        login("lea", "of-lea")
    );
    let rest = format!("{}repetitions: 3\nconsumers: {{ group: orders }}\n", load("light", "", ""));
    let desk = Desk::with_cluster(&cluster, &rest);
    let mut run = Talking::start(desk.bench(&["run", "promise.yaml"]));
    run.await_line("measure");
    forbid_reading(&fortress().open(), "User:lea");
    let ended = std::time::Instant::now();
    assert_eq!(run.child.wait().unwrap().code(), Some(3));
    assert!(ended.elapsed() < std::time::Duration::from_secs(30), "{:?}", ended.elapsed());
    let rows = desk.trials();
    let outcomes: Vec<&str> = rows.iter().map(|row| row["outcome"].as_str()).collect();
    assert_eq!(outcomes, ["doubtful", "failed"], "the third is not tried");
    let mut trials: Vec<_> = std::fs::read_dir(desk.results().join("trials"))
        .unwrap()
        .map(|trial| trial.unwrap().path())
        .collect();
    trials.sort_unstable();
    let record = |number: usize| std::fs::read_to_string(trials[number].join("trial.json")).unwrap();
    let first: serde_json::Value = serde_json::from_str(&record(0)).unwrap();
    let errors = first["broker_errors"].as_object().unwrap();
    for words in ["cannot commit: ", "Message consumption error: "] {
        let is_told =
            |error: &String| error.starts_with(words) && error.contains("Topic authorization failed");
        assert!(errors.keys().any(is_told), "`{words}` is not in: {errors:?}");
    }
    let second = record(1);
    let told = "group `orders` cannot read from this cluster";
    assert!(second.contains(told) && second.contains("Topic authorization failed"), "{second}");
}
