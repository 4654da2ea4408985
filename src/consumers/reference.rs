//! The reference consumer: real group members that take one message at a time, work on it, and commit what is processed.
//!
//! One thread a member, as most consumers are written. A reporter cuts the lines: on each whole second, before every commit, and when a member runs out
//! of work (without a commit, so that a slow trickle is committed no more often than a stream). A line is written out before its offsets are committed:
//! what a killed instance had not written comes again to another one.

use std::fs::File;
use std::hash::{Hash, Hasher};
use std::io::Write;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::consumer::{CommitMode, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Headers as _, Message};
use tokio::signal::unix::{SignalKind, signal};

use super::config::{BadConfig, Config, effective_properties};
use super::fetched;
use super::ledger::Done;
use super::line::Line;
use super::member::{Client, Member, Shared, Wake, locked};
use super::throttle;
use super::work::Worker;
use crate::envelope::{self, Envelope};
use crate::timeline::SECOND_NS;

/// How long a member without work waits before it says so.
const IDLE: Duration = Duration::from_millis(20);
/// Reports of members that ran out of work lie at least so far apart: under a trickle each message would cost a line, which is no part of the work.
const LEAST_APART_NS: u64 = SECOND_NS / 5;
/// How long the callbacks of all that leave are waited for before each is looked at again.
const LEAVE_TURN: Duration = Duration::from_millis(2);
/// How often the last commit is tried: while a group rebalances, a broker refuses it.
const LAST_COMMITS: u32 = 5;

/// The property that makes a member static.
const STATIC: &str = "group.instance.id";

/// Why a consumer ended otherwise than by being asked to.
#[derive(Debug, thiserror::Error)]
pub enum ConsumerError {
    /// Its configuration cannot be used.
    #[error(transparent)]
    Config(#[from] BadConfig),
    /// Its output cannot be opened.
    #[error("cannot write to `{path}`")]
    Output {
        /// Which file.
        path: std::path::PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It could not come into its control group.
    #[error("cannot enter the control group `{path}`")]
    Cgroup {
        /// Which file.
        path: std::path::PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A client could not be made.
    #[error("cannot make a consumer: {0}")]
    Client(#[from] KafkaError),
    /// Signals cannot be waited for, or no thread started.
    #[error("cannot wait for signals or start threads")]
    System(#[from] std::io::Error),
    /// It had to give up: its output is gone, or a client is beyond repair.
    #[error("gave up; the last lines of its output may say why")]
    Broken,
}

/// Runs one instance until SIGTERM or SIGINT: the message in hand is finished, what is processed committed, the last line written, the group left.
pub fn run(config: Config) -> Result<(), ConsumerError> {
    for door in &config.cgroups {
        // Before there are threads, or those would stay outside.
        std::fs::write(door, "0").map_err(|source| ConsumerError::Cgroup { path: door.clone(), source })?;
    }
    let output: Box<dyn Write + Send> = match &config.output {
        None => Box::new(std::io::stdout()),
        Some(path) => Box::new(
            File::create(path).map_err(|source| ConsumerError::Output { path: path.clone(), source })?,
        ),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let (mut terminated, mut interrupted) = {
        let _inside = runtime.enter();
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?)
    };
    let shared = Arc::new(Shared::new(config, output));
    listen(&shared);
    let (wake, woken) = channel();
    let clients = connect(&shared, &wake)?;
    let all = clients.as_slice();

    let asked = thread::scope(|scope| {
        let members: Vec<_> = clients.iter().map(|client| scope.spawn(move || consume(client))).collect();
        let reporter = scope.spawn({
            let shared = Arc::clone(&shared);
            move || keep_reporting(&shared, all, &woken)
        });
        let asked = runtime.block_on(async {
            tokio::select! {
                _ = terminated.recv() => true,
                _ = interrupted.recv() => true,
                () = shared.broken.notified() => false,
            }
        });
        shared.stop.store(true, Ordering::Relaxed);
        let fine = members.into_iter().map(|member| member.join().is_ok()).fold(asked, |all, one| all && one);
        wake.send(Wake::Stop).ok();
        reporter.join().is_ok() && fine
    });

    for _ in 0..LAST_COMMITS {
        shared.report_and_commit(clients.iter(), CommitMode::Sync);
        if clients.iter().all(|client| settled(&shared, client)) {
            break;
        }
    }
    leave(&clients);
    drop(clients);
    shared.complain_again(u64::MAX);
    let told = shared.report(true);
    if asked && told { Ok(()) } else { Err(ConsumerError::Broken) }
}

/// Lets an emulated instance hear what it may use, and say what it has worked where its stdin is a socket; the thread ends with that.
fn listen(shared: &Arc<Shared>) {
    let Some(vcpus) = shared.place.vcpus() else { return };
    if let Ok(stdin) = std::io::stdin().as_fd().try_clone_to_owned() {
        vcpus.tell(stdin);
    }
    let place = Arc::clone(&shared.place);
    thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if let (Some(vcpus), Ok(allowance)) = (place.vcpus(), line.parse()) {
                vcpus.allow(allowance);
            }
        }
    });
}

/// Whether all that a member processed has been committed; what has not is put back for another try.
fn settled(shared: &Shared, client: &Client) -> bool {
    let mut ledger = locked(&shared.ledger);
    let left = ledger.take_commits(client.context().thread);
    ledger.not_committed(left.iter().map(|(partition, _)| *partition));
    left.is_empty()
}

fn connect(shared: &Arc<Shared>, wake: &Sender<Wake>) -> Result<Vec<Client>, ConsumerError> {
    let config = &shared.config;
    let resolved = config.resolved(|name| std::env::var(name).ok())?;
    let servers = config.resolved_servers(|name| std::env::var(name).ok())?;
    let mut clients = Vec::new();
    for thread in 0..config.threads {
        let mut properties = ClientConfig::new();
        for (property, value) in effective_properties(&resolved) {
            properties.set(property, value);
        }
        properties.set("client.id", format!("bench-consumer-{}-{thread}", config.instance));
        properties.set("bootstrap.servers", &servers).set("group.id", &config.group);
        if let Some(id) = resolved.get(STATIC) {
            // A static member is one client; whoever takes its place is the same member.
            let slot = config.slot.unwrap_or(config.instance);
            properties.set(STATIC, format!("{id}-{slot}-{thread}"));
        }
        let client: Client = properties.create_with_context(Member::new(
            thread,
            &servers,
            Arc::clone(shared),
            wake.clone(),
        ))?;
        throttle::listen_to(&client);
        fetched::listen_to(&client);
        client.subscribe(&config.topic.names().collect::<Vec<_>>())?;
        clients.push(client);
    }
    Ok(clients)
}

/// One member: one message at a time.
fn consume(client: &Client) {
    let member = client.context();
    let (thread, shared) = (member.thread, &member.shared);
    let clock = shared.config.clock;
    let mut worker = match Worker::new(&shared.config, thread, Arc::clone(&shared.place)) {
        Ok(worker) => worker,
        Err(error) => return shared.complain(format!("cannot work: {error}"), true),
    };
    let mut busy = false;
    while !shared.stop.load(Ordering::Relaxed) {
        let asked = Instant::now();
        // What is there is taken at once, the second time where a callback was served instead: only the rest is time without work.
        let at_once = || client.poll(Duration::ZERO);
        let message = match at_once().or_else(at_once).or_else(|| wait(client)) {
            Some(Ok(message)) => message,
            Some(Err(error)) => {
                let fatal = matches!(error, KafkaError::MessageConsumptionFatal(_));
                shared.complain(error.to_string(), fatal);
                continue;
            }
            None => {
                member.look(client);
                // An empty return may also be a callback that was served, long before the time was up.
                if busy && asked.elapsed() >= IDLE / 2 {
                    busy = false;
                    member.wake.send(Wake::Idle).ok();
                }
                continue;
            }
        };
        let received_ns = clock.now();
        busy = true;
        let Some(partition) = shared.number(&message) else { continue };
        let offset = message.offset();
        let envelope = envelope_of(&message);
        let bytes = message.payload_len() as u64;
        let key = message.key().filter(|_| shared.config.tells_keys).map(number_of);
        drop(message); // its memory goes back to the client before the work begins
        let canary = {
            let mut ledger = locked(&shared.ledger);
            ledger.received(thread, partition, offset);
            ledger.is_canary(envelope)
        };
        if canary {
            shared.say(&Line::Canary { partition, offset });
        } else if let Err(error) = worker.work() {
            return shared.complain(format!("cannot work: {error}"), true);
        }
        let processed_ns = clock.now();
        let done = Done { thread, partition, offset, envelope, received_ns, processed_ns, bytes, key };
        locked(&shared.ledger).done(done);
    }
}

/// A number that stands for a key, the same in all instances.
fn number_of(key: &[u8]) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

/// Of a message: in its payload, or in a header of its own.
pub fn envelope_of(message: &BorrowedMessage<'_>) -> Option<Envelope> {
    let in_header = || {
        let mut headers = message.headers()?.iter();
        headers.find(|header| header.key == envelope::HEADER)?.value.and_then(Envelope::read)
    };
    message.payload().and_then(Envelope::read).or_else(in_header)
}

/// Waits for a message, and books how long.
fn wait(client: &Client) -> Option<Result<BorrowedMessage<'_>, KafkaError>> {
    let Member { shared, thread, .. } = &**client.context();
    let clock = shared.config.clock;
    let asked_ns = clock.now();
    let came = client.poll(IDLE);
    shared.place.spending(*thread).inspect(|spending| spending.idle(asked_ns, clock.now()));
    came
}

/// Cuts reports until all members have stopped.
fn keep_reporting(shared: &Shared, clients: &[Client], woken: &Receiver<Wake>) {
    let clock = shared.config.clock;
    let interval = (shared.config.commit_interval_ms * (SECOND_NS / 1_000)).max(1);
    let after = |now: u64, step: u64| now - now % step + step;
    let mut second = after(clock.now(), SECOND_NS);
    let mut commit = clock.now() + interval;
    // When the last report was cut, and when one is due because a member ran out of work.
    let (mut told, mut idle) = (0, u64::MAX);
    loop {
        let left = second.min(commit).min(idle).saturating_sub(clock.now());
        match woken.recv_timeout(Duration::from_nanos(left)) {
            Ok(Wake::Stop) | Err(RecvTimeoutError::Disconnected) => return,
            Ok(Wake::Idle) => idle = idle.min(told + LEAST_APART_NS),
            Err(RecvTimeoutError::Timeout) => {}
        }
        let now = clock.now();
        if now >= commit {
            shared.report_and_commit(clients.iter(), CommitMode::Async);
            // From now on, not from when it was due: after a pause there is nothing to catch up on.
            commit = now + interval;
            if now >= second {
                second = after(now, SECOND_NS);
            }
        } else if now >= second {
            shared.report(false);
            second = after(now, SECOND_NS);
        } else if now >= idle {
            if locked(&shared.ledger).is_unreported() {
                shared.report(false);
            }
        } else {
            continue;
        }
        shared.complain_again(now);
        (told, idle) = (now, u64::MAX);
    }
}

/// All leave the group at once, and the last callbacks are served. One after the other each would have to wait for a rebalance that those after it do not
/// take part in. A client's own drop would serve them in steps of 100 ms.
fn leave(clients: &[Client]) {
    let mut leaving: Vec<&Client> = clients.iter().filter(|client| client.close_queue().is_ok()).collect();
    while !leaving.is_empty() {
        let turn = LEAVE_TURN / leaving.len() as u32;
        leaving.retain(|client| {
            // A message that still comes was not asked for and is not processed.
            drop(client.poll(turn));
            !client.closed()
        });
    }
}
