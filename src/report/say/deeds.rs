//! What was done to trials on purpose, in words.

use super::named::named;
use crate::alike::together;
use crate::analyse::{EventFindings, TreatmentFindings};
use crate::record::Manifest;

/// Of more treatments than that nobody wants the names.
const NAMED: usize = 4;

/// What each event was, once; where one of its name was another thing elsewhere, with whose it was.
pub(super) fn deeds<'a>(
    manifest: &Manifest,
    all: &'a [(&'a TreatmentFindings, Vec<EventFindings<'a>>)],
) -> Vec<String> {
    let each = |(one, events): &'a (&'a TreatmentFindings, Vec<EventFindings<'a>>)| {
        events.iter().map(move |event| ((event.name, event.what()), *one))
    };
    let deeds = together(all.iter().flat_map(each));
    let told = |((name, what), whose): &((&str, &str), Vec<&TreatmentFindings>)| {
        let is_one_of_several = deeds.iter().filter(|((other, _), _)| other == name).count() > 1;
        let whose = if is_one_of_several && whose.len() <= NAMED {
            let whose: Vec<String> = whose.iter().map(|one| named(manifest, &one.levels)).collect();
            format!(" with {}", whose.join(" and with "))
        } else {
            String::new()
        };
        format!("`{name}`{whose}: {what}.")
    };
    deeds.iter().map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::{Aftermath, Findings, TrialFindings, events_of, judge};
    use crate::record::Injected;
    use crate::record::testing::{Synthetic, manifest};

    #[test]
    fn an_event_that_is_another_thing_in_each_treatment_is_told_with_the_treatment() {
        let manifest = manifest(&["1", "2"]);
        let trial = |order: u32, treatment: &str, whats: [&str; 2]| {
            let made = Synthetic { order, treatment: treatment.to_owned(), ..Synthetic::default() };
            let judged = judge(&made.record(), &made.rows(), &made.latencies());
            let one = |(event, what): (&str, &str)| Aftermath {
                injected: Injected { event: event.to_owned(), what: what.to_owned(), ..Injected::default() },
                ..Aftermath::default()
            };
            let aftermaths = ["swap", "kill"].into_iter().zip(whats).map(one).collect();
            TrialFindings { aftermaths, ..TrialFindings::of(&manifest, made.record(), judged) }
        };
        let trials = vec![trial(1, "1", ["slowly", "all killed"]), trial(2, "2", ["at once", "all killed"])];
        let findings = Findings::of(&manifest, trials);
        let all: Vec<_> = findings.treatments.iter().map(|one| (one, events_of(one.valid()))).collect();
        assert_eq!(
            deeds(&manifest, &all),
            [
                "`swap` with partitions=1: slowly.",
                "`kill`: all killed.",
                "`swap` with partitions=2: at once."
            ]
        );
    }
}
