//! A group whose consumers may not read is told before the first trial, in the broker's words.

use crate::fortress::fortress;
use crate::refused::{load, login, told};

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
