//! Whole trials of clients that prove who they are: producers of both kinds, consumers, and bench's own.

use crate::fortress::fortress;
use crate::refused::{login, shown};
use crate::support::{Desk, number};
use crate::{books_close, undisturbed};

const BOTH: &str = "{ name: heavy, client: librdkafka, share: 50% }, { name: crowd, client: light, producers: 3, share: 50% }";

/// A run with these properties of all clients, in which all that was due is written and read.
fn whole(servers: &str, properties: &str, fleets: &str) {
    let cluster = format!("{{ bootstrap: {{ servers: \"{servers}\", properties: {{ {properties} }} }} }}");
    let rest = format!(
        "topic: {{ partitions: 2 }}\nworkload: {{ rate: 200/s, message: {{ size: 100B }}, fleets: [ {fleets} ] }}\n\
         consumers: {{ instances: 1 }}\nphases: {{ warm_up: 1s, measure: 5s, drain: 10s }}\n"
    );
    let desk = Desk::with_cluster(&cluster, &rest);
    let output = desk.run(&[]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!([Some(0), Some(4)].contains(&output.status.code()), "{said}");
    let row = desk.trials().remove(0);
    undisturbed(&row);
    books_close(&row);
    assert!(number(&row, "due") > 1_000.0, "{row:?}");
    for column in ["acked", "received"] {
        assert_eq!(row[column], row["due"], "{column}: {row:?}");
    }
}

#[test]
fn both_clients_and_the_consumers_log_in_by_scram() {
    let login = login("sam", "of-sam").replace("PLAIN,", "SCRAM-SHA-512,");
    whole(&fortress().with_login(), &login, BOTH);
}

#[test]
fn both_clients_and_the_consumers_show_their_own_certificate() {
    let fortress = fortress();
    whole(&fortress.by_tls(), &shown(fortress, &fortress.known), BOTH);
}
