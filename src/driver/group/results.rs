//! What consumers that are not ours write to another topic, followed back to our messages.

use super::Group;
use crate::books::OffsetSet;
use crate::driver::DriverError;
use crate::driver::subject::Subject;
use crate::driver::world::World;
use crate::load::Loaded;
use crate::observe::{Matched, Matching, OutputWatch, Readers};
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
        let partitions = subject.treatment.settings.topic.partitions;
        let (full_name, admin) = (&self.raw.full_name, &world.admin);
        let starts = if starts.is_empty() { vec![0; partitions as usize] } else { starts.to_vec() };
        let readers = Readers {
            sent: admin.reading_client(full_name)?,
            topic: subject.topic.clone(),
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

    /// Ends to follow its results.
    pub fn end_results(&mut self) {
        let came = self.results.take().and_then(OutputWatch::finish);
        self.raw.results = self.asked.output.clone().zip(came);
    }
}

/// What came of results, set against what was acked. Where not everything is known that it takes, nothing of it is said.
pub fn results(output: &Output, matched: &Matched, loaded: &Loaded) -> Results {
    let acked = loaded.ledger.acked();
    let of = |of: &dyn Fn(&OffsetSet, &OffsetSet, i64) -> u64| -> u64 {
        let none = OffsetSet::new();
        let by_partition = acked.iter().enumerate().map(|(partition, acked)| {
            let with_result = matched.offsets.get(partition).unwrap_or(&none);
            of(acked, with_result, matched.read.get(partition).copied().unwrap_or_default())
        });
        by_partition.sum()
    };
    let not_read = of(&|acked, _, read| acked.count_from(read));
    // What was acked and overwritten is gone, and whose result lies at its offset nobody knows.
    let is_told = loaded.ledger.overwritten() == 0 && matched.is_told() && not_read == 0;
    let told = |count: u64| is_told.then_some(count);
    Results {
        topic: output.topic.clone(),
        by: output.id.to_string(),
        messages: matched.results,
        missing: told(of(&|acked, with_result, _| acked.len() - acked.intersection_len(with_result))),
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
