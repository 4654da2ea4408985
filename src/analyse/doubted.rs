//! One doubt in several trials: its worst, its range, and the trials. What was found in one trial never stands for another.

use super::doubt::{Doubt, Figure};

/// One kind of doubt, in all trials that have it.
#[derive(Clone, Debug, PartialEq)]
pub struct Doubted<'a> {
    /// Its name.
    pub id: &'static str,
    /// Whether it spoils these trials.
    pub spoils: bool,
    /// What was found where it is worst, with that trial's name; where there is no range, each thing that was found, with the names of the trials.
    pub found: Vec<(&'a Doubt, Vec<&'a str>)>,
    /// The least and the greatest number, of several trials whose numbers differ; none of doubts without one.
    pub range: Option<(Figure, Figure)>,
    /// All trials that have it, in their order.
    pub trials: Vec<&'a str>,
}

/// The doubts of these trials, by name; those that spoil first.
pub fn doubted<'a>(trials: impl IntoIterator<Item = (&'a str, &'a [Doubt])>) -> Vec<Doubted<'a>> {
    let mut all: Vec<(&Doubt, &str)> = Vec::new();
    for (name, doubts) in trials {
        all.extend(doubts.iter().map(|doubt| (doubt, name)));
    }
    let mut kinds: Vec<(bool, &'static str)> =
        all.iter().map(|(doubt, _)| (!doubt.spoils, doubt.id)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let of = |(limits, id): (bool, &'static str)| {
        let own = all.iter().filter(|(doubt, _)| (!doubt.spoils, doubt.id) == (limits, id));
        grouped(id, !limits, &own.copied().collect::<Vec<_>>())
    };
    kinds.into_iter().map(of).collect()
}

fn grouped<'a>(id: &'static str, spoils: bool, own: &[(&'a Doubt, &'a str)]) -> Doubted<'a> {
    let mut trials: Vec<&str> = own.iter().map(|(_, trial)| *trial).collect();
    trials.dedup();
    let figures = own.iter().filter_map(|(doubt, trial)| Some((doubt.figure?, *doubt, *trial)));
    let worst = figures.clone().reduce(|worst, one| if one.0.value > worst.0.value { one } else { worst });
    let least = figures
        .map(|(figure, ..)| figure)
        .reduce(|least, one| if one.value < least.value { one } else { least });
    if let (Some((most, doubt, trial)), Some(least)) = (worst, least)
        && least.value < most.value
    {
        return Doubted { id, spoils, found: vec![(doubt, vec![trial])], range: Some((least, most)), trials };
    }
    let mut found: Vec<(&Doubt, Vec<&str>)> = Vec::new();
    for (doubt, trial) in own {
        match found.iter_mut().find(|(known, _)| known.what == doubt.what) {
            Some((_, trials)) => trials.push(trial),
            None => found.push((doubt, vec![trial])),
        }
    }
    Doubted { id, spoils, found, range: None, trials }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::doubt::{limits, spoils};

    #[test]
    fn the_worst_is_told_with_its_trial_and_the_range_of_all() {
        let late = |ms: f64| vec![spoils("late", format!("{ms} ms late"), "hurry").of(ms, 5.0, "ms")];
        let (a, b, c, none) = (late(9.0), late(41.0), late(6.0), Vec::new());
        let all = [("001", a.as_slice()), ("002", &b), ("003", &none), ("004", &c)];
        let told = doubted(all);
        assert_eq!((told.len(), told[0].trials.as_slice()), (1, ["001", "002", "004"].as_slice()));
        assert_eq!(
            (told[0].found[0].0.what.as_str(), told[0].found[0].1.as_slice()),
            ("41 ms late", ["002"].as_slice())
        );
        let range = told[0].range.unwrap();
        assert_eq!((range.0.value, range.1.value), (6.0, 41.0));
        assert_eq!(doubted([("001", a.as_slice())])[0].range, None, "one has no range");
    }

    #[test]
    fn what_was_found_in_one_trial_does_not_stand_for_another() {
        let few = |what: &str| vec![limits("few", what.to_owned(), "wait")];
        let (a, b, c) = (few("for p99"), few("for p99.9"), few("for p99"));
        let told = doubted([("001", a.as_slice()), ("002", &b), ("003", &c)]);
        let found: Vec<_> =
            told[0].found.iter().map(|(doubt, trials)| (&*doubt.what, trials.join(" "))).collect();
        assert_eq!(found, [("for p99", "001 003".to_owned()), ("for p99.9", "002".to_owned())]);
    }

    #[test]
    fn what_spoils_comes_first_and_each_kind_once() {
        let both = vec![
            limits("a", String::new(), ""),
            spoils("z", String::new(), ""),
            spoils("z", "again".to_owned(), ""),
        ];
        let told = doubted([("001", both.as_slice())]);
        assert_eq!(
            told.iter().map(|one| (one.id, one.spoils)).collect::<Vec<_>>(),
            [("z", true), ("a", false)]
        );
        assert_eq!((told[0].trials.len(), told[0].found.len()), (1, 2));
    }
}
