//! Asks why messages wait for their acks. librdkafka sends a batch again and again for some answers of a broker, and tells nobody of them.

use std::collections::VecDeque;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::Stage;
use crate::driver::injected::partitions_there;
use crate::envelope::{self, Envelope, Kind};
use crate::load::{Attempt, Fleet, Refusal, Said, why_not};
use crate::spec::Client;
use crate::timeline::SECOND_NS;

/// A message that is acked later than this after it was sent waits; the same is asked of a partition.
const WAITS_NS: u64 = 3 * SECOND_NS;
/// So often in one trial it is asked again at once where nobody said why.
const AT_ONCE: u32 = 3;
/// It is asked again after that long from then on, and after an answer that nothing is wrong.
const AGAIN_NS: u64 = 15 * SECOND_NS;
/// An answer takes no longer than this.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// Kind of the event that tells of it.
const NOT_ACKED: &str = "not_acked";

/// Who waits, and who has been asked about it.
#[derive(Debug, Default)]
pub(super) struct Doctor {
    /// Each second.
    seen: VecDeque<Seen>,
    asking: Option<Asking>,
    asked: u32,
    not_before: u64,
    /// What says most of what was told so far.
    told: Option<Told>,
    /// Whether somebody said why: then nobody is asked any more.
    is_known: bool,
}

/// What there was at one moment.
#[derive(Debug)]
struct Seen {
    at: u64,
    /// Messages sent until then.
    sent: u64,
    /// Acks until then, by partition.
    acked: Vec<u64>,
}

#[derive(Debug)]
struct Asking {
    /// The most at one moment since it was asked.
    waiting: u64,
    partitions: Vec<u32>,
    answer: JoinHandle<Option<Refusal>>,
}

/// Why messages waited.
#[derive(Debug)]
struct Told {
    waiting: u64,
    partitions: Vec<u32>,
    refusal: Refusal,
}

impl Doctor {
    /// Whether a second has gone by since it last looked.
    fn is_time(&self, now: u64) -> bool {
        self.seen.back().is_none_or(|last| now >= last.at + SECOND_NS)
    }

    /// How many messages wait, and the partitions without an ack for as long as that, of what there is now; `done` have met their fates.
    fn look(&mut self, now: Seen, done: u64) -> (u64, Vec<u32>) {
        while self.seen.get(1).is_some_and(|second| second.at + WAITS_NS <= now.at) {
            self.seen.pop_front();
        }
        let mut waits = (0, Vec::new());
        if let Some(before) = self.seen.front().filter(|first| first.at + WAITS_NS <= now.at) {
            let silent =
                before.acked.iter().zip(&now.acked).enumerate().filter(|(_, (before, now))| before == now);
            waits =
                (before.sent.saturating_sub(done), silent.map(|(partition, _)| partition as u32).collect());
        }
        self.seen.push_back(now);
        if let Some(asking) = &mut self.asking {
            asking.waiting = asking.waiting.max(waits.0);
        }
        waits
    }

    fn may_ask(&self, now: u64) -> bool {
        self.asking.is_none() && !self.is_known && now >= self.not_before
    }

    /// Takes what was told of those who wait.
    fn hear(&mut self, now: u64, waiting: u64, partitions: Vec<u32>, answer: Option<Refusal>) {
        // A broker holds what it was sent for as long as it takes its followers for living: it says more when it no longer does.
        let at_once = answer.is_some() && self.asked < AT_ONCE;
        self.not_before = if at_once { now } else { now + AGAIN_NS };
        let Some(refusal) = answer else { return };
        self.is_known = refusal.said == Said::Why;
        if self.told.as_ref().is_none_or(|before| refusal.said <= before.refusal.said) {
            self.told = Some(Told { waiting, partitions, refusal });
        }
    }
}

impl Stage<'_> {
    /// Looks once a second whether messages wait on partitions that ack nothing, and has a client ask why that tries nothing again.
    pub(super) fn look_for_waiting(&mut self) {
        let now = self.clock.now();
        if !self.doctor.is_time(now) || self.raw.interrupted {
            return;
        }
        // Why they wait is known while a broker is away on purpose.
        if self.raw.injected.iter().any(|one| one.excuses().contains(&now)) {
            return;
        }
        // It asks by a canary, on which consumers that are not ours might choke.
        if self.subject.treatment.settings.is_followed() {
            return;
        }
        self.hear_doctor(false);
        let Some(counts) = self.fleet.as_ref().and_then(Fleet::counts) else { return };
        let so_far = counts.so_far();
        // On one that is still to be added nobody waits, and nothing can be asked of it.
        let there = partitions_there(self.subject.topics.partitions(), &self.raw.injected);
        let mut acked = self.acked_by_partition();
        acked.truncate(there as usize);
        let seen = Seen { at: now, sent: so_far.sent, acked };
        let (waiting, partitions) = self.doctor.look(seen, so_far.acked + so_far.failed + so_far.unknown);
        if partitions.is_empty() || waiting == 0 || !self.doctor.may_ask(now) {
            return;
        }
        let fleets = &self.subject.treatment.settings.workload.fleets;
        let fleet = fleets.iter().find(|fleet| fleet.client == Client::Librdkafka).or(fleets.first());
        let Some(Ok(client)) = fleet.map(|fleet| self.world.one_of(fleet, &self.subject.name)) else {
            return;
        };
        // A canary is nobody's message, should it be written after all.
        let mut payload = [0; envelope::BYTES];
        let canary =
            Envelope { kind: Kind::Canary, trial: self.subject.number, producer: 0, sequence: 0, due: now };
        let written = canary.write(&mut payload);
        debug_assert!(written, "the payload is an envelope's size");
        let (topics, asked) = (self.subject.grown.clone(), partitions.clone());
        let ask = move || {
            let attempt = Attempt {
                topics: &topics,
                partitions: asked,
                payload: &payload,
                blanks: &payload,
                transactions: false,
            };
            why_not(&client, &attempt)
        };
        let thread = std::thread::Builder::new().name("doctor".to_owned()).spawn(ask);
        self.doctor.asked += 1;
        // Without a thread nobody asks, and the trial is judged by what is known.
        self.doctor.asking = thread.ok().map(|answer| Asking { waiting, partitions, answer });
    }

    /// Takes an answer, if there is one, or waits for it: the last.
    pub(super) fn hear_doctor(&mut self, last: bool) {
        let deadline = Instant::now() + ANSWER_WITHIN;
        if let Some(asking) = self.doctor.asking.take() {
            while last
                && !asking.answer.is_finished()
                && !self.shutdown.is_urgent()
                && Instant::now() < deadline
            {
                std::thread::sleep(super::LOOK);
            }
            if asking.answer.is_finished() {
                let Asking { waiting, partitions, answer } = asking;
                // Of one that failed nothing is known.
                let answer = answer.join().unwrap_or_default();
                self.doctor.hear(self.clock.now(), waiting, partitions, answer);
            } else {
                self.doctor.asking = Some(asking);
            }
        }
        if last || self.doctor.is_known {
            self.tell_why_they_waited();
        }
    }

    fn tell_why_they_waited(&mut self) {
        let Some(Told { waiting, partitions, refusal }) = self.doctor.told.take() else { return };
        let words = self.world.redacted(&refusal.words, &self.subject.treatment.settings);
        self.note(
            NOT_ACKED,
            &format!(
                "{waiting} messages waited for their acks, of partitions {partitions:?} among others: {words}"
            ),
        );
        self.raw.waiting.push((format!("{words}, for which messages waited"), waiting));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_wait_that_were_sent_long_ago_on_partitions_of_which_nothing_was_acked_since() {
        let mut doctor = Doctor::default();
        let at = |second: u64| (1_000 + second) * SECOND_NS;
        // Ten messages a second, of which those to the third partition wait.
        let mut look = |second: u64, acked: [u64; 3]| {
            let seen = Seen { at: at(second), sent: 10 * second, acked: acked.to_vec() };
            doctor.look(seen, acked.iter().sum())
        };
        for second in 0..3 {
            assert_eq!(look(second, [5 * second, second, 0]), (0, Vec::new()), "{second}");
        }
        assert_eq!(look(3, [5, 3, 0]), (0, vec![2]), "what was sent by second 0 is acked");
        assert_eq!(look(4, [6, 3, 0]), (1, vec![2]));
        assert_eq!(look(7, [6, 4, 0]), (30, vec![0, 2]), "the first goes on no more");
        assert_eq!(look(8, [30, 20, 0]).0, 0);
        assert!(!doctor.is_time(at(8) + 1) && doctor.is_time(at(9)));
    }

    #[test]
    fn a_partition_that_was_added_is_silent_only_once_it_has_been_there_for_a_while() {
        let mut doctor = Doctor::default();
        let mut look = |second: u64, acked: &[u64]| {
            let seen = Seen { at: (1_000 + second) * SECOND_NS, sent: 10 * second, acked: acked.to_vec() };
            doctor.look(seen, 0).1
        };
        let told: Vec<Vec<u32>> = (0..9)
            .map(|second| if second < 4 { look(second, &[second]) } else { look(second, &[second, 0]) })
            .collect();
        assert!(told[..7].iter().all(Vec::is_empty), "{told:?}");
        assert_eq!(told[7..], [[1], [1]], "three seconds after it came");
    }

    fn said(said: Said, words: &str) -> Refusal {
        Refusal { said, words: words.to_owned() }
    }

    #[test]
    fn it_is_asked_until_somebody_says_why_and_what_says_most_is_told() {
        let mut doctor = Doctor { asked: 1, ..Doctor::default() };
        let now = 100 * SECOND_NS;
        doctor.hear(now, 200, vec![0], Some(said(Said::Trouble, "refused")));
        assert!(doctor.may_ask(now), "at once");
        doctor.asked = AT_ONCE;
        doctor.hear(now, 1_000, vec![0], Some(said(Said::Nothing, "silence")));
        assert!(!doctor.may_ask(now) && doctor.may_ask(now + AGAIN_NS), "not so often, but still");
        let told = doctor.told.as_ref().unwrap();
        assert_eq!((told.waiting, told.refusal.words.as_str()), (200, "refused"));
        doctor.hear(now, 3_000, vec![0, 1], Some(said(Said::Why, "too few replicas")));
        let told = doctor.told.as_ref().unwrap();
        assert_eq!((told.waiting, told.refusal.words.as_str()), (3_000, "too few replicas"));
        assert!(!doctor.may_ask(now + 100 * AGAIN_NS), "it is known");
    }

    #[test]
    fn an_answer_that_nothing_is_wrong_takes_nothing_back_and_is_asked_for_again_later() {
        let mut doctor = Doctor { asked: 1, ..Doctor::default() };
        let now = 100 * SECOND_NS;
        doctor.hear(now, 5, vec![0], None);
        assert!(doctor.told.is_none() && !doctor.may_ask(now) && doctor.may_ask(now + AGAIN_NS));
        doctor.hear(now, 5, vec![0], Some(said(Said::Nothing, "silence")));
        doctor.hear(now, 7, vec![0], None);
        assert_eq!(doctor.told.unwrap().waiting, 5);
    }

    #[test]
    fn those_that_wait_are_counted_as_long_as_it_is_asked() {
        let answer = std::thread::spawn(|| None);
        let asking = Asking { waiting: 2, partitions: vec![0], answer };
        let mut doctor = Doctor { asking: Some(asking), ..Doctor::default() };
        for second in 0..6 {
            let seen = Seen { at: (1_000 + second) * SECOND_NS, sent: 200 * second, acked: vec![0] };
            doctor.look(seen, 0);
        }
        assert_eq!(doctor.asking.unwrap().waiting, 400, "what was sent by second 2");
    }
}
