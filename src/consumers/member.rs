//! One group member of a reference consumer, and what the members of an instance share: ledger, output, and the order "written out, then committed".

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList, TopicPartitionListElem};
use rdkafka::types::RDKafkaErrorCode;
use tokio::sync::Notify;

use super::config::Config;
use super::generation::has_generation;
use super::ledger::InstanceLedger;
use super::line::{Line, Report};
use super::throttle::throttled_ms;
use super::told::Told;
use super::work::Workplace;
use crate::cluster::Servers;
use crate::timeline::process_cpu_ns;

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
        .telling_busy(config.tells_busy);
        let place = Arc::new(Workplace::new(&config));
        Shared {
            config,
            place,
            ledger: Mutex::new(ledger),
            stop: AtomicBool::new(false),
            broken: Notify::new(),
            output: Mutex::new(output),
            told: Mutex::default(),
            commits: Mutex::new(()),
        }
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
        self.say(&Line::Report(Box::new(report)))
    }

    /// Reports, then commits what was reported for these members. Nothing is committed that could not be written out.
    pub(super) fn report_and_commit<'a>(&self, clients: impl Iterator<Item = &'a Client>, mode: CommitMode) {
        let _order = locked(&self.commits);
        let (report, positions) = {
            let mut ledger = locked(&self.ledger);
            let report = self.cut(&mut ledger, false);
            let positions = clients.map(|client| (client, ledger.take_commits(client.context().thread)));
            (report, positions.collect::<Vec<_>>())
        };
        if !self.say(&Line::Report(Box::new(report))) {
            return;
        }
        for (client, positions) in positions.into_iter().filter(|(_, positions)| !positions.is_empty()) {
            let mut list = TopicPartitionList::new();
            for (partition, position) in &positions {
                // Fails for a negative offset only, and there is none.
                list.add_partition_offset(&self.config.topic, *partition, Offset::Offset(*position)).ok();
            }
            if client.commit(&list, mode).is_err() {
                // The group moved on: what was not committed comes again, to whoever has the partition then.
                locked(&self.ledger).not_committed(positions.iter().map(|(partition, _)| *partition));
            }
        }
    }
}

/// A member, as its client calls it back.
pub(super) struct Member {
    pub(super) thread: u32,
    pub(super) shared: Arc<Shared>,
    pub(super) wake: Sender<Wake>,
    joined: AtomicBool,
    servers: Servers,
    /// Whether its group tells a member nothing that is left without a partition: the new protocol does so. The old one tells of an assignment of none.
    silent: bool,
}

impl Member {
    /// One whose client asks these servers.
    pub(super) fn new(thread: u32, servers: &str, shared: Arc<Shared>, wake: Sender<Wake>) -> Self {
        let silent =
            shared.config.properties.get("group.protocol").is_some_and(|protocol| protocol == "consumer");
        let servers = Servers::new(servers);
        Member { thread, shared, wake, joined: AtomicBool::new(false), servers, silent }
    }

    /// Says that it has joined, once it has and no callback told so; looks for brokers where all are lost. To be asked while it waits.
    pub(super) fn look(&self, client: &Client) {
        self.servers.tell(client);
        if self.silent && !self.joined.load(Ordering::Relaxed) && has_generation(client) {
            self.joined.store(true, Ordering::Relaxed);
            self.shared.say(&Line::Joined { thread: self.thread });
        }
    }
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
                let partitions = partitions(list);
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
            let partitions = partitions(list);
            locked(&self.shared.ledger).assigned(self.thread, &partitions);
            self.servers.found();
            self.joined.store(true, Ordering::Relaxed);
            self.shared.say(&Line::Assigned { thread: self.thread, partitions });
        }
    }

    fn commit_callback(&self, result: KafkaResult<()>, offsets: &TopicPartitionList) {
        if result.is_err() {
            let partitions = partitions(offsets);
            locked(&self.shared.ledger).not_committed(partitions.into_iter());
        }
    }

    fn main_queue_min_poll_interval(&self) -> rdkafka::util::Timeout {
        Duration::from_millis(100).into()
    }
}

fn partitions(list: &TopicPartitionList) -> Vec<i32> {
    list.elements().iter().map(TopicPartitionListElem::partition).collect()
}
