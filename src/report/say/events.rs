//! What was done to trials on purpose, and what became of them: tables.

use super::deeds::deeds;
use super::rows::{columns, row};
use crate::analyse::{Aftermath, EventFindings, Findings, HOLD, Reading, TreatmentFindings, events_of};
use crate::record::Manifest;
use crate::report::document::{Cell, Column, Row, Section, Table};
use crate::spec::Unit;

/// The table that tells how long each event was felt, a row an event of a treatment.
pub const TABLE: &str = "events";

type Read = fn(&EventFindings<'_>) -> Cell;
type Told = (&'static str, Option<Unit>, &'static str, Read);

/// A treatment and its events.
pub type Events<'a> = (&'a TreatmentFindings, Vec<EventFindings<'a>>);

/// How long each event was felt.
const TIMES: [Told; 5] = [
    (
        "detection",
        Some(Unit::Seconds),
        "from the event until another member learned that partitions move",
        |event| Cell::Summary(event.summary(|one| one.detection)),
    ),
    (
        "unavailability",
        Some(Unit::Seconds),
        "the longest time without a message processed, of the partition that was worst off, that goes on at an act of the event or begins within 5 s of it",
        |event| Cell::Summary(event.summary(|one| one.unavailability)),
    ),
    ("partitions hit", Some(Unit::Ratio), "partitions that stood still longer than usual", |event| {
        Cell::Median(event.known(|one| one.stood_still.map(|(hit, _)| hit as f64)))
    }),
    (
        "availability",
        Some(Unit::Percent),
        "share of partitions and whole seconds, from the event on, with a message processed in time, of those in which one was due",
        |event| Cell::Median(event.known(|one| one.availability_percent)),
    ),
    (
        "recovery",
        Some(Unit::Seconds),
        "from the event until lag and p99 were back in the band of the same trial's steady part, and stayed",
        |event| Cell::Summary(event.summary(|one| one.recovery)),
    ),
];

/// What else it is told by.
const FURTHER: [Told; 12] = [
    (
        "catch-up",
        Some(Unit::Seconds),
        "what of recovery came after the partition that was worst off went on",
        |event| Cell::Median(event.summary(|one| one.catch_up)),
    ),
    (
        "expected drain",
        Some(Unit::Seconds),
        "lag when the catching up began ÷ (rate while catching up − load), to be set beside the catch-up: gap × load ÷ (…) where all stood still",
        |event| Cell::Median(event.known(|one| one.drain_expected_s)),
    ),
    ("peak lag", Some(Unit::Messages), "greatest lag by processed positions", |event| {
        Cell::Median(event.known(|one| one.peak_lag_messages))
    }),
    ("peak p99", Some(Unit::Millis), "greatest p99 of the messages due in one second", |event| {
        Cell::Median(event.summary(|one| one.peak_p99))
    }),
    (
        "overshoot",
        Some(Unit::Percent),
        "how far the greatest rate of a second lay above the steady one",
        |event| Cell::Median(event.known(|one| one.overshoot_percent)),
    ),
    (
        "duplicates",
        Some(Unit::Messages),
        "deliveries beyond the first, where a trial has one event",
        |event| Cell::Median(event.known(|one| one.duplicates.map(|count| count as f64))),
    ),
    (
        "lost",
        Some(Unit::Messages),
        "acked messages that nobody received, where a trial has one event",
        |event| Cell::Median(event.known(|one| one.lost.map(|count| count as f64))),
    ),
    (
        "out of order",
        Some(Unit::Messages),
        "messages that came before an earlier one of the same producer and partition, where a trial has one event",
        |event| Cell::Median(event.known(|one| one.out_of_order.map(|count| count as f64))),
    ),
    (
        "overlap",
        Some(Unit::Seconds),
        "how long new instances were paid for beside those whose place they took, from their launch on",
        |event| Cell::Median(event.known(|one| one.injected.overlap_s)),
    ),
    ("overlap cost", Some(Unit::Usd), "rent of the new instances for the overlap", |event| {
        Cell::Median(event.known(|one| one.overlap_usd))
    }),
    (
        "keys moved",
        Some(Unit::Ratio),
        "keys whose messages lay in another partition once partitions were added",
        |event| Cell::Median(event.known(|one| one.injected.keys.map(|keys| keys.moved as f64))),
    ),
    (
        "out of order by key",
        Some(Unit::Messages),
        "messages that were processed after a later one of the same producer and key, from then on",
        |event| Cell::Median(event.known(|one| one.injected.keys.map(|keys| keys.late_messages as f64))),
    ),
];

/// Under a heading that says what was emulated; none where nothing was done to any trial that counts.
pub fn section(manifest: &Manifest, findings: &Findings, emulated: &str) -> Option<Section> {
    let all = events(findings);
    all.iter().find(|(_, events)| !events.is_empty())?;
    let mut section = Section::new("events", format!("What was done on purpose{emulated}"));
    section.table(table(manifest, &all, TABLE, &TIMES));
    section.table(table(manifest, &all, "after", &FURTHER));
    section.list(deeds(manifest, &all));
    section.say([
        "Medians of the valid trials; recovery is told against each trial's own steady part before its first event: the middle and max(3 × 1.4826 × MAD, 10 %), \
         at least 10 ms of p99 and a tenth of a second's load of lag."
            .to_owned(),
        format!(
            "Recovered is who stays there for {HOLD} seconds: with the lag of each, and with the p99 of all messages due in them, which is set against that of as many \
             seconds of the steady part, or of all of it where it is shorter. Until the last act of an event (done, the last new instance started, a pause over), and until \
             the last partition has gone on that stood still because of it, nobody has recovered who leaves the band again by then."
        ),
    ]);
    section.say(left_again(&all));
    section.say(overlap(&all));
    section.say(available(&all));
    section.say(censored(&all));
    Some(section)
}

/// In how many trials what had recovered did not stay so; none where it did in all.
fn left_again(all: &[Events<'_>]) -> Option<String> {
    let events = all.iter().flat_map(|(_, events)| events).flat_map(|event| &event.trials);
    let known: Vec<usize> = events.filter_map(|(_, one)| one.out_again_s).collect();
    let left = known.iter().filter(|seconds| **seconds > 0).count();
    (left > 0).then(|| {
        format!(
            "In {left} of {} trials and events that had recovered, lag or p99 left its band again later (`out_again_s` of events.csv).",
            known.len()
        )
    })
}

/// What is counted of instances that run beside others; none where none did.
fn overlap(all: &[Events<'_>]) -> Option<&'static str> {
    let events = all.iter().flat_map(|(_, events)| events).flat_map(|event| &event.trials);
    let did = |one: &Aftermath| one.injected.overlap_s.is_some_and(|overlap| overlap > 0.0);
    events.map(|(_, one)| *one).any(did).then_some(
        "Overlap is from the launch of new instances until the old ones had left, and its cost is the new ones' rent for that time. A replacement pays for new ones from \
         their launch too: beside one, what the old ones cost in that time comes on top, and the trial's cost has all of it.",
    )
}

/// What in time is; or that nobody knows what was, where somebody could have told.
fn available(all: &[Events<'_>]) -> Option<String> {
    let each =
        || all.iter().flat_map(|(_, events)| events).flat_map(|event| &event.trials).map(|(_, one)| one);
    let mut limits: Vec<f64> = each().filter_map(|one| one.in_time_ms).collect();
    limits.sort_by(f64::total_cmp);
    limits.dedup();
    let told: Vec<String> = limits.into_iter().map(|ms| format!("{ms} ms")).collect();
    if !told.is_empty() {
        return Some(format!(
            "A partition is available in a second if, of the messages that were due in it, one was processed within {}: the most that an SLO allows the \
             end-to-end latency, or 1000 ms where none does. What a killed instance had not told yet counts as late.",
            told.join(" or ")
        ));
    }
    let could = each().any(|one| one.stood_still.is_some());
    could.then(|| {
        "Availability is not known: what came in time was not counted, as it is not at `rate: max`, and was not in older records.".to_owned()
    })
}

/// The events of each treatment.
pub fn events(findings: &Findings) -> Vec<Events<'_>> {
    findings.treatments.iter().map(|one| (one, events_of(one.valid()))).collect()
}

fn table(manifest: &Manifest, all: &[Events<'_>], id: &'static str, told: &[Told]) -> Table {
    let known: Vec<&Told> = told
        .iter()
        .filter(|(.., read)| {
            all.iter().flat_map(|(_, events)| events).any(|event| match read(event) {
                Cell::Summary(of) | Cell::Median(of) => of.n > 0,
                _ => true,
            })
        })
        .collect();
    let own = [
        Column::new("event", None, "its name"),
        Column::new("n", Some(Unit::Ratio), "valid trials in which it was done"),
    ];
    let further = known.iter().map(|(name, unit, help, _)| Column::new(*name, *unit, *help));
    let columns = columns(manifest, own.into_iter().chain(further));
    let rows = all.iter().flat_map(|(treatment, events)| {
        events.iter().enumerate().map(|(at, event)| {
            let own = [Cell::Label(event.name.to_owned()), Cell::Count(Some(event.trials.len() as u64))];
            let cells = own.into_iter().chain(known.iter().map(|(.., read)| read(event)));
            let row = row(manifest, treatment, cells);
            // A link leads to the first of them, in the first table.
            if at == 0 && id == TABLE { row } else { Row { id: String::new(), ..row } }
        })
    });
    Table { id, columns, rows: rows.collect() }
}

/// How often something was not seen to come.
fn censored(all: &[Events<'_>]) -> Option<String> {
    let of = |what: &str, read: fn(&Aftermath) -> Reading| {
        let count: usize = all.iter().flat_map(|(_, events)| events).map(|event| event.censored(read)).sum();
        (count > 0).then(|| format!("{what} in {count}"))
    };
    let parts = [
        of("no other member was seen to learn of it", |one| one.detection),
        of("a partition never went on", |one| one.unavailability),
        of("lag or p99 never came back to stay", |one| one.recovery),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| {
        format!(
            "Counted as longer than was watched, with medians after Kaplan and Meier: {} (trials and events).",
            parts.join(", ")
        )
    })
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::analyse::{Around, TrialFindings, judge};
    use crate::record::Injected;
    use crate::record::testing::{Synthetic, manifest};

    /// Two trials of each treatment, of which one never recovered within its 20 s.
    pub fn findings(manifest: &Manifest, treatments: &[&str]) -> Findings {
        let trial = |order: u32, treatment: &str, recovery: Reading| {
            let treatment = treatment.to_owned();
            let made = Synthetic { order, repetition: order, treatment, ..Synthetic::default() };
            let judged = judge(&made.record(), &made.rows(), &made.latencies());
            let injected = Injected {
                event: "kill".to_owned(),
                what: "instance 1 of `orders` killed (SIGKILL)".to_owned(),
                ..Injected::default()
            };
            let around = Around {
                at_s: vec![-0.7, 0.3, 1.3, 58.3],
                processed: vec![Some(400.0), Some(f64::from(order)), Some(600.0), Some(500.0)],
                lag: vec![Some(8.0), None, None, None],
                p99_ms: vec![None; 4],
            };
            let went_on = Reading::Value(6.0 + f64::from(order));
            let one = Aftermath {
                injected,
                unavailability: went_on,
                went_on,
                recovery,
                out_again_s: recovery.value().map(|_| 3),
                around,
                ..Aftermath::default()
            };
            TrialFindings { aftermaths: vec![one], ..TrialFindings::of(manifest, made.record(), judged) }
        };
        let both = treatments.iter().zip(0..).flat_map(|(treatment, at)| {
            [
                trial(2 * at + 1, treatment, Reading::Value(11.0)),
                trial(2 * at + 2, treatment, Reading::Beyond(20.0)),
            ]
        });
        Findings::of(manifest, both.collect())
    }

    #[test]
    fn an_event_is_told_with_what_never_came_back() {
        let manifest = manifest(&["a"]);
        let findings = findings(&manifest, &["a"]);
        let all = events(&findings);
        let event = &all[0].1[0];
        assert_eq!(event.summary(|one| one.unavailability).median, Reading::Value(7.5));
        assert_eq!(
            event.summary(|one| one.recovery).median,
            Reading::Beyond(15.5),
            "half of two never came back"
        );
        let section = section(&manifest, &findings, "").unwrap();
        let told = format!("{section:?}");
        assert!(told.contains("`kill`: instance 1 of `orders` killed (SIGKILL)."), "{told}");
        assert!(told.contains("lag or p99 never came back to stay in 1"), "{told}");
        assert!(
            told.contains(
                "In 1 of 1 trials and events that had recovered, lag or p99 left its band again later"
            ),
            "{told}"
        );
        assert!(super::section(&manifest, &Findings::of(&manifest, Vec::new()), "").is_none());
    }
}
