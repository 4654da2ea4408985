//! What consumers that are not ours write to another topic, followed back to our messages.

use super::Group;
use crate::books::OffsetSet;
use crate::driver::DriverError;
use crate::driver::subject::Subject;
use crate::driver::world::World;
use crate::load::Loaded;
use crate::observe::{Folded, Matched, Matching, OutputWatch, Readers};
use crate::record::Results;
use crate::spec::Output;
use crate::timeline::Clock;
use crate::units::Latency;

impl Group<'_> {
    /// Begins to follow its results, where somebody asked for them. Nothing of `starts` (by partition) and nothing that lies on the output already is the
    /// trial's.
    pub fn follow_results(
        &mut self,
        world: &World,
        subject: &Subject<'_>,
        starts: &[i64],
    ) -> Result<(), DriverError> {
        let Some(Output { topic, id }) = &self.asked.output else { return Ok(()) };
        let partitions = subject.topics.partitions();
        let (full_name, admin) = (&self.raw.full_name, &world.admin);
        let starts = if starts.is_empty() { vec![0; partitions as usize] } else { starts.to_vec() };
        let readers = Readers {
            sent: admin.reading_client(full_name)?,
            topics: subject.topics.clone(),
            starts,
            results: admin.reading_client(full_name)?,
            output: topic.clone(),
            output_starts: admin.ends(topic)?,
        };
        let matching = Matching::new(partitions, self.seconds(Latency::Output));
        self.results = Some(OutputWatch::start(world.clock, subject.number, id, readers, matching));
        Ok(())
    }

    /// Whether a result of so many messages has come; so where nobody asked.
    pub fn has_results(&self, messages: u64, clock: Clock) -> bool {
        self.results.as_ref().is_none_or(|results| results.has(messages, clock))
    }

    /// Ends to follow its results soon: what is left of them is still read.
    pub fn end_results_soon(&self) {
        self.results.iter().for_each(OutputWatch::end_soon);
    }

    /// Ends to follow its results; `urgent` tells when nobody waits for what is left.
    pub fn end_results(&mut self, urgent: &dyn Fn() -> bool) {
        let came = self.results.take().and_then(|results| results.finish(urgent));
        self.raw.results = self.asked.output.clone().zip(came);
    }
}

/// What came of results, set against what was acked. Where not everything is known that it takes, nothing of it is said.
pub fn results(output: &Output, matched: &Matched, loaded: &Loaded) -> Results {
    let acked = loaded.ledger.acked();
    let read = |place: usize| matched.read.get(place).copied().unwrap_or_default();
    let not_read: u64 = (0..).zip(&acked).map(|(place, acked)| acked.count_from(read(place))).sum();
    let missing: Option<u64> = (0..).zip(&acked).map(|(place, acked)| missing(acked, matched, place)).sum();
    // What was acked and overwritten is gone, and whose result lies at its offset nobody knows.
    let is_told = loaded.ledger.overwritten() == 0 && matched.is_told() && not_read == 0;
    let told = |count: u64| is_told.then_some(count);
    Results {
        topic: output.topic.clone(),
        by: output.id.to_string(),
        messages: matched.results,
        missing: missing.filter(|_| is_told),
        doubled: told(matched.doubled),
        out_of_order: told(matched.out_of_order),
        unknown: matched.unknown,
        without_id: matched.without_id,
        repeated: matched.repeated,
        forgotten: matched.forgotten,
        not_read,
        not_ended: matched.not_ended,
    }
}

/// Acked messages of a partition without a result; none where some of those that were folded were never acked, and nobody knows any more which.
fn missing(acked: &OffsetSet, matched: &Matched, place: usize) -> Option<u64> {
    let Folded { until, messages, without } = matched.folded.get(place).copied().unwrap_or_default();
    let beyond = acked.count_from(until);
    // What was acked and does not lie where it was read has no result.
    let never_read = (acked.len() - beyond).checked_sub(messages)?;
    let with_result = matched.offsets.get(place).map_or(0, |offsets| acked.intersection_len(offsets));
    Some(without + never_read + beyond - with_result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::testing::loaded;
    use crate::spec::Id;

    #[test]
    fn what_is_missing_is_what_was_acked_without_a_result_and_is_said_only_where_all_was_read() {
        // Acked at 1, 2 and 4 of partition 0; a result came of 1, and of one that nobody acked.
        let loaded = loaded(|message| message != 2);
        let output = Output { topic: "results".to_owned(), id: Id::Key };
        let acked = loaded.ledger.acked()[0].clone();
        let (first, last) = (acked.iter().next().unwrap().0, acked.end().unwrap());
        let mut with_result = OffsetSet::new();
        with_result.insert_range(first, first + 1);
        with_result.insert(99);
        let matched = Matched {
            offsets: vec![with_result],
            read: vec![last],
            results: 2,
            doubled: 3,
            ..Matched::default()
        };
        let told = results(&output, &matched, &loaded);
        assert_eq!((told.missing, told.doubled, told.not_read), (Some(acked.len() - 1), Some(3), 0));
        assert_eq!((told.topic.as_str(), told.by.as_str()), ("results", "the key"));
        let first = acked.iter().next().unwrap().0;
        let folded = |messages, without| Matched {
            folded: vec![Folded { until: first + 1, messages, without }],
            offsets: vec![OffsetSet::new()],
            ..matched.clone()
        };
        let of = |matched: &Matched| results(&output, matched, &loaded).missing;
        assert_eq!(of(&folded(1, 0)), Some(acked.len() - 1), "the first has one, and is counted only");
        assert_eq!(of(&folded(1, 1)), Some(acked.len()));
        assert_eq!(of(&folded(2, 1)), None, "one of the two was never acked: is it the one without?");
        let behind = results(&output, &Matched { read: vec![last - 1], ..matched.clone() }, &loaded);
        assert_eq!((behind.missing, behind.doubled, behind.not_read), (None, None, 1));
        let shared = results(&output, &Matched { repeated: 1, ..matched.clone() }, &loaded);
        let cut = results(&output, &Matched { not_ended: 1, ..matched }, &loaded);
        assert_eq!(
            (cut.missing, cut.not_ended),
            (None, 1),
            "a topic that could not be read is not one without results"
        );
        assert_eq!((shared.missing, shared.out_of_order), (None, None));
    }
}
