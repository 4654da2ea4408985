//! One group member of a reference consumer, and what the members of an instance share: ledger, output, and the order "written out, then committed".

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{BorrowedMessage, Message as _};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList, TopicPartitionListElem};
use rdkafka::types::RDKafkaErrorCode;
use tokio::sync::Notify;

use super::commit::commit_and_hear;
use super::config::Config;
use super::fetched;
use super::generation::has_generation;
use super::ledger::InstanceLedger;
use super::line::{Line, Report};
use super::throttle::throttled_ms;
use super::told::Told;
use super::work::Workplace;
use crate::cluster::Servers;
use crate::timeline::{SECOND_NS, process_cpu_ns, second_of};

/// How often a member without partitions asks for its coordinator.
const ASK_EVERY_NS: u64 = 5 * SECOND_NS;
/// How long it waits for the answer; meanwhile it learns of no partition.
const ANSWERS_WITHIN: Duration = Duration::from_millis(200);

/// A member's client.
pub(super) type Client = BaseConsumer<Member>;

/// What wakes the reporter before its time.
pub(super) enum Wake {
    /// A member ran out of work.
    Idle,
    /// All members have stopped.
    Stop,
}

/// What all threads of an instance share.
pub(super) struct Shared {
    pub(super) config: Config,
    pub(super) ledger: Mutex<InstanceLedger>,
    pub(super) place: Arc<Workplace>,
    pub(super) stop: AtomicBool,
    /// The instance has to end: its output is gone or a client is beyond repair.
    pub(super) broken: Notify,
    output: Mutex<Box<dyn Write + Send>>,
    told: Mutex<Told>,
    /// The second in which it was counted last what came from brokers.
    counted: AtomicU64,
    /// Held from the cut of any report until it is out and its offsets are handed to the client, so that no commit overtakes a line.
    commits: Mutex<()>,
}

/// A lock; a thread that panicked while holding it ends the process by other ways.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(super) fn new(config: Config, output: Box<dyn Write + Send>) -> Self {
        let ledger = InstanceLedger::new(
            config.trial,
            config.commit_interval_ms,
            config.delivery_ms,
            config.clock.now(),
        )
        .telling_busy(config.tells_busy)
        .telling_in_time(config.in_time_ns)
        .telling_each(config.tells_each);
        let place = Arc::new(Workplace::new(&config));
        Shared {
            config,
            place,
            ledger: Mutex::new(ledger),
            stop: AtomicBool::new(false),
            broken: Notify::new(),
            output: Mutex::new(output),
            told: Mutex::default(),
            counted: AtomicU64::new(0),
            commits: Mutex::new(()),
        }
    }

    /// The number of the partition that a message lies on; none on a topic that was not asked for.
    pub(super) fn number(&self, message: &BorrowedMessage<'_>) -> Option<i32> {
        if self.config.topic.is_one() {
            return Some(message.partition());
        }
        self.config.topic.number(message.topic(), message.partition()).map(u32::cast_signed)
    }

    /// The numbers of the partitions of a list.
    fn numbers(&self, list: &TopicPartitionList) -> Vec<i32> {
        let elements = list.elements();
        let number = |of: &TopicPartitionListElem<'_>| self.config.topic.number(of.topic(), of.partition());
        elements.iter().filter_map(number).map(u32::cast_signed).collect()
    }

    /// Writes a line out at once. Where nobody can read it any more, the instance ends: nothing that it did would be known.
    pub(super) fn say(&self, line: &Line) -> bool {
        let mut output = locked(&self.output);
        let written = serde_json::to_vec(line).map_err(std::io::Error::from).and_then(|mut text| {
            text.push(b'\n');
            output.write_all(&text)?;
            output.flush()
        });
        if written.is_err() {
            self.broken.notify_one();
        }
        written.is_ok()
    }

    /// Says an error, of one kind once a second: clients repeat theirs many times.
    pub(super) fn complain(&self, text: String, fatal: bool) {
        let line = locked(&self.told).came(text, fatal, self.config.clock.now());
        if let Some(line) = line {
            self.say(&line);
        }
        if fatal {
            self.broken.notify_one();
        }
    }

    /// Says the errors that were held back and have waited long enough by then.
    pub(super) fn complain_again(&self, now_ns: u64) {
        let lines = locked(&self.told).due(now_ns);
        for line in &lines {
            self.say(line);
        }
    }

    /// What was done since the report before, and all that is told since the start.
    fn cut(&self, ledger: &mut InstanceLedger, last: bool) -> Report {
        let mut report = ledger.report(self.config.clock.now(), process_cpu_ns(), last);
        report.worked = self.place.worked();
        report.members = self.place.spent();
        report.throttled_ms = throttled_ms();
        report
    }

    /// Reports without committing.
    pub(super) fn report(&self, last: bool) -> bool {
        let _order = locked(&self.commits); // a report that was cut must be out before a later one lets its offsets be committed
        let report = self.cut(&mut locked(&self.ledger), last);
        self.tell(report)
    }

    /// Writes a report out; the first one of each second tells what came from brokers, too, which is counted while no ledger is held.
    fn tell(&self, mut report: Report) -> bool {
        let second = second_of(report.at_ns);
        if self.counted.swap(second, Ordering::Relaxed) != second || report.last {
            report.fetched_bytes = fetched::bytes();
        }
        self.say(&Line::Report(Box::new(report)))
    }

    /// Reports, then commits what was reported for these members. Nothing is committed that could not be written out. Who waits for the outcome commits all
    /// that was processed: of a commit before it nobody may have heard yet.
    pub(super) fn report_and_commit<'a>(&self, clients: impl Iterator<Item = &'a Client>, mode: CommitMode) {
        let _order = locked(&self.commits);
        let (report, positions) = {
            let mut ledger = locked(&self.ledger);
            let report = self.cut(&mut ledger, false);
            let positions = clients.map(|client| {
                let thread = client.context().thread;
                if matches!(mode, CommitMode::Sync) {
                    ledger.nothing_is_committed(thread);
                }
                (client, ledger.take_commits(thread))
            });
            let positions = positions.collect::<Vec<_>>();
            (report, positions)
        };
        if !self.tell(report) {
            return;
        }
        for (client, positions) in positions.into_iter().filter(|(_, positions)| !positions.is_empty()) {
            let mut list = TopicPartitionList::new();
            for (partition, position) in &positions {
                // Fails for a negative offset only, and there is none.
                let (topic, partition) = self.config.topic.at(partition.cast_unsigned());
                list.add_partition_offset(topic, partition, Offset::Offset(*position)).ok();
            }
            let asked = match mode {
                CommitMode::Sync => client.commit(&list, CommitMode::Sync),
                CommitMode::Async => commit_and_hear(client, &list),
            };
            if let Err(why) = asked {
                self.not_committed(&why, positions.iter().map(|(partition, _)| *partition));
            }
        }
    }

    /// What was not committed comes again, to whoever has the partition then. That the group moved on is no error; all else that a broker says is, and it is
    /// told nowhere else.
    fn not_committed(&self, why: &KafkaError, partitions: impl Iterator<Item = i32>) {
        locked(&self.ledger).not_committed(partitions);
        if why.rdkafka_error_code().is_some_and(|code| code as i32 > 0 && !has_moved_on(code)) {
            self.complain(format!("cannot commit: {why}"), false);
        }
    }
}

/// Whether a broker refuses a commit because the group has moved on, or is about to.
const fn has_moved_on(code: RDKafkaErrorCode) -> bool {
    matches!(
        code,
        RDKafkaErrorCode::IllegalGeneration
            | RDKafkaErrorCode::UnknownMemberId
            | RDKafkaErrorCode::RebalanceInProgress
            | RDKafkaErrorCode::FencedInstanceId
            | RDKafkaErrorCode::FencedMemberEpoch
            | RDKafkaErrorCode::StaleMemberEpoch
    )
}

/// A member, as its client calls it back.
pub(super) struct Member {
    pub(super) thread: u32,
    pub(super) shared: Arc<Shared>,
    pub(super) wake: Sender<Wake>,
    joined: AtomicBool,
    servers: Servers,
    /// When its coordinator is asked for next, in Unix nanoseconds.
    ask_ns: AtomicU64,
    /// Whether its group tells a member nothing that is left without a partition: the new protocol does so. The old one tells of an assignment of none.
    silent: bool,
}

impl Member {
    /// One whose client asks these servers.
    pub(super) fn new(thread: u32, servers: &str, shared: Arc<Shared>, wake: Sender<Wake>) -> Self {
        let silent =
            shared.config.properties.get("group.protocol").is_some_and(|protocol| protocol == "consumer");
        let servers = Servers::new(servers);
        let (joined, ask_ns) = (AtomicBool::new(false), AtomicU64::new(0));
        Member { thread, shared, wake, joined, servers, ask_ns, silent }
    }

    /// Says that it has joined, once it has and no callback told so; looks for brokers where all are lost. To be asked while it waits.
    pub(super) fn look(&self, client: &Client) {
        self.servers.tell(client);
        self.look_for_coordinator(client);
        if self.silent && !self.joined.load(Ordering::Relaxed) && has_generation(client) {
            self.joined.store(true, Ordering::Relaxed);
            self.shared.say(&Line::Joined { thread: self.thread });
        }
    }

    /// Of a member without partitions nothing is asked that could fail: whether it still has a broker is seen only by asking for one.
    fn look_for_coordinator(&self, client: &Client) {
        let now = self.shared.config.clock.now();
        if now < self.ask_ns.load(Ordering::Relaxed) {
            return;
        }
        self.ask_ns.store(now + ASK_EVERY_NS, Ordering::Relaxed);
        if !self.joined.load(Ordering::Relaxed) || locked(&self.shared.ledger).has_partitions(self.thread) {
            return;
        }
        if is_answered(client, self.shared.config.topic.at(0).0) {
            self.servers.found();
        } else {
            self.servers.lost();
        }
    }
}

/// Whether the group's coordinator answers a client: with what was committed of a partition, or with an error of its own.
fn is_answered(client: &Client, topic: &str) -> bool {
    let mut asked = TopicPartitionList::new();
    asked.add_partition(topic, 0);
    let answer = client.committed_offsets(asked, ANSWERS_WITHIN);
    answer.err().and_then(|error| error.rdkafka_error_code()).is_none_or(|code| code as i32 > 0)
}

impl ClientContext for Member {
    fn error(&self, error: KafkaError, reason: &str) {
        let code = error.rdkafka_error_code();
        let idle = !locked(&self.shared.ledger).has_partitions(self.thread);
        let all_down = code == Some(RDKafkaErrorCode::AllBrokersDown);
        if all_down {
            self.servers.lost();
        }
        if all_down && idle {
            return; // a member without partitions awaits nothing, and idle connections are ended; that none can be made is told as well
        }
        let fatal = code == Some(RDKafkaErrorCode::Fatal);
        self.shared.complain(format!("{error}: {reason}"), fatal);
    }
}

impl ConsumerContext for Member {
    fn pre_rebalance(&self, client: &Client, rebalance: &Rebalance<'_>) {
        match rebalance {
            Rebalance::Assign(_) => {}
            Rebalance::Revoke(list) => {
                let partitions = self.shared.numbers(list);
                if client.assignment_lost() {
                    self.servers.may_be_lost();
                    self.shared.report(false); // others have them by now, and a commit would be refused
                } else {
                    self.shared.report_and_commit(std::iter::once(client), CommitMode::Sync);
                }
                locked(&self.shared.ledger).revoked(self.thread, &partitions);
                self.joined.store(false, Ordering::Relaxed);
                self.shared.say(&Line::Revoked { thread: self.thread, partitions });
            }
            Rebalance::Error(error) => self.shared.complain(error.to_string(), false),
        }
    }

    fn post_rebalance(&self, _: &Client, rebalance: &Rebalance<'_>) {
        if let Rebalance::Assign(list) = rebalance {
            let partitions = self.shared.numbers(list);
            locked(&self.shared.ledger).assigned(self.thread, &partitions);
            self.servers.found();
            self.joined.store(true, Ordering::Relaxed);
            self.shared.say(&Line::Assigned { thread: self.thread, partitions });
        }
    }

    fn commit_callback(&self, result: KafkaResult<()>, offsets: &TopicPartitionList) {
        if let Err(why) = result {
            return self.shared.not_committed(&why, self.shared.numbers(offsets).into_iter());
        }
        for one in offsets.elements() {
            if let Some(code) = one.error().err().and_then(|error| error.rdkafka_error_code())
                && let Some(number) = self.shared.config.topic.number(one.topic(), one.partition())
            {
                let why = KafkaError::ConsumerCommit(code);
                self.shared.not_committed(&why, std::iter::once(number.cast_signed()));
            }
        }
    }

    fn main_queue_min_poll_interval(&self) -> rdkafka::util::Timeout {
        Duration::from_millis(100).into()
    }
}

#[cfg(test)]
mod tests;
