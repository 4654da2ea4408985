//! The order in which two treatments are named, and told of.

use super::*;

#[test]
fn from_the_one_to_the_other_goes_as_the_two_are_named_also_where_more_is_better() {
    let mut made = Made::of(&["quick", "slow", "middling"], &["processed", "load_cpu_cores"]);
    for (level, processed, cores) in [("quick", 200, 0.4), ("slow", 100, 0.2), ("middling", 150, 0.3)] {
        for more in [1.0, 1.01, 0.99] {
            made.trial(level, processed, |record| record.load_cpu_cores = Some(cores * more));
        }
    }
    let said = made.answer();
    let at = |what: &str| said.find(what).unwrap_or_else(|| panic!("{what}: {said}"));
    assert!(at("least with partitions=slow at 400") < at("greatest with partitions=quick at 800"), "{said}");
    assert!(said.contains("From the one to the other CPU of the load went from 0.200 to 0.400"), "{said}");
}
