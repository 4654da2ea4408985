//! Consumers of one plan that an instance type holds in two ways.

use crate::plan::planned;

const HEAD: &str =
    "question: q\nworkload: {rate: 10/s}\nconsumers: {}\nrepetitions: 1\nfactors:\n  consumers:\n";
const OURS: &str = "    ours: { consumers.instance_type: t3.micro }\n";
const PROGRAM: &str =
    "    program: { consumers.instance_type: t3.micro, consumers.backend: { command: { run: \"true\" } } }\n";
const NOWHERE: &str = "    nowhere: {}\n";

fn doubted(levels: &[&str]) -> Vec<Vec<String>> {
    let doubts = planned(&format!("{HEAD}{}", levels.concat())).doubts();
    doubts.into_iter().filter(|doubt| doubt.id == "two_scales").map(|doubt| doubt.treatments).collect()
}

#[test]
fn the_reference_consumer_and_a_program_on_one_type_are_of_two_scales() {
    assert_eq!(doubted(&[OURS, PROGRAM, NOWHERE]), [["consumers=ours"]]);
    assert!(doubted(&[OURS, NOWHERE]).is_empty(), "one kind alone is of one scale");
    assert!(doubted(&[PROGRAM, NOWHERE]).is_empty(), "what is on no type has no scale");
}
