//! What gives reason to doubt a completed trial, by where it comes from.

mod asked;
mod away;
mod environment;
mod followed;
mod host;
mod load;
mod partitions;

use super::doubt::{Doubt, spoils};
use super::facts::Facts;

/// All doubts of a completed trial.
pub(super) fn doubts(facts: &Facts<'_>) -> Vec<Doubt> {
    let mut all = Vec::new();
    all.extend(books(facts));
    all.extend(load::fell_behind(facts));
    all.extend(host::doubts(facts));
    all.extend(environment::doubts(facts));
    all.extend(away::doubts(facts));
    all.extend(asked::doubts(facts));
    all.extend(followed::doubts(facts));
    all
}

fn books(facts: &Facts<'_>) -> Option<Doubt> {
    let what = match &facts.record.books {
        None => "the trial kept no books".to_owned(),
        Some(books) => match books.imbalances() {
            wrong if wrong.is_empty() => return None,
            wrong => format!("the books do not balance: {}", wrong.join("; ")),
        },
    };
    let hint = "messages are unaccounted for; no number of this trial is to be trusted";
    Some(spoils("books", what, hint))
}
