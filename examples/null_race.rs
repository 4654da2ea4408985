//! What producers can do apart from Kafka: what `scripts/race` sets beside each other against a broker that acks at once and keeps nothing.
//!
//! `null_race broker PARTITIONS` prints where it listens, and serves until its standard input ends. `null_race send CLIENT SERVERS PARTITIONS SIZE SECONDS
//! NAME=VALUE…` lets one producer of bench's (`librdkafka` or `light`) send at `rate: max` as a trial does, and prints acks per second, CPU in seconds of the
//! time of sending, the acks in it, and its greatest resident memory in MiB. Latencies and offsets are booked as in any trial.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program of its own: its figures are its output"
)]

#[path = "../tests/wire/null.rs"]
mod null;

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Read;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kafka_bench::books::{OffsetSet, Topics};
use kafka_bench::cluster::ClientSettings;
use kafka_bench::load::{Client, ClientSpec, Fleet, LightConfig, LoadSpec};
use kafka_bench::record::Spool;
use kafka_bench::spec::{Arrivals, Load, Message, Size, Volume};
use kafka_bench::timeline::Clock;
use kafka_bench::units::Bytes;
use null::NullBroker;
use rustix::time::{ClockId, clock_gettime};

/// Before it counts: connections come up, memory is touched.
const WARM_UP: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(5);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["broker", partitions] => serve(partitions),
        ["send", client, servers, partitions, size, seconds, ref properties @ ..] => {
            send((client, servers), (partitions, size, seconds), properties)
        }
        _ => Err(
            "usage: null_race broker PARTITIONS | send CLIENT SERVERS PARTITIONS SIZE SECONDS NAME=VALUE…"
                .into(),
        ),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(partitions: &str) -> Result<(), Box<dyn Error>> {
    let broker = NullBroker::start(partitions.parse()?)?;
    println!("{}", broker.servers());
    std::io::stdin().read_to_end(&mut Vec::new())?;
    eprintln!("{} messages were acked", broker.messages());
    Ok(())
}

fn send(
    (client, servers): (&str, &str),
    (partitions, size, seconds): (&str, &str, &str),
    properties: &[&str],
) -> Result<(), Box<dyn Error>> {
    let pair = |text: &&str| text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    let properties: BTreeMap<_, _> = properties.iter().filter_map(pair).collect();
    let config = Arc::new(LightConfig::read(servers, &properties)?);
    let delivery_timeout_ns = config.delivery_timeout_ns();
    let client = if client == "light" {
        Client::Light(config, "null-race".to_owned())
    } else {
        let settings = ClientSettings { servers: servers.to_owned(), properties: BTreeMap::new() };
        Client::Librdkafka(settings.config("null-race", &properties)?)
    };
    let client = ClientSpec { client, share: 1.0, partition: None, delivery_timeout_ns, transactions: None };
    let size = Size::Fixed(Bytes::new(size.parse()?));
    let spec = LoadSpec {
        clients: vec![client],
        volume: Volume::Max,
        arrivals: Arrivals::Poisson,
        message: Message { size, ..Message::default() },
        topics: Topics::one("null", partitions.parse()?),
        shares: vec![1.0],
        starts: Vec::new(),
        trial: 1,
        seed: 1,
        with_dues: false,
        with_seconds: false,
        load: Load::default(),
    };
    let (clock, window) = (Clock::anchor(), Duration::from_secs_f64(seconds.parse()?));
    let mut fleet = Fleet::open(spec, clock)?;
    until(|| fleet.connected().up == fleet.connected().of).ok_or("it cannot connect")?;
    let zero = clock.now() + 20_000_000;
    let start = zero + WARM_UP.as_nanos() as u64;
    let end = start + window.as_nanos() as u64;
    fleet.start(
        clock,
        zero,
        start..end,
        PATIENCE.as_nanos() as u64,
        Spool::create(&std::env::temp_dir())?,
    )?;
    let counts = fleet.counts().ok_or("it has not started")?;
    std::thread::sleep(Duration::from_nanos(start.saturating_sub(clock.now())));
    let before = (clock.now(), counts.acked.total(), cpu_s());
    std::thread::sleep(Duration::from_nanos(end.saturating_sub(clock.now())));
    let after = (clock.now(), counts.acked.total(), cpu_s());
    until(|| fleet.is_settled()).ok_or("not all was acked")?;
    let loaded = fleet.finish()?.ok_or("it has not started")?;
    let (sent, acked) = (loaded.counts.sent.total(), loaded.counts.acked.total());
    let booked: u64 = loaded.ledger.acked().iter().map(OffsetSet::len).sum();
    if sent != acked || booked != acked {
        let lost = (loaded.in_flight, &loaded.failures, &loaded.errors);
        return Err(format!(
            "{sent} sent, {acked} acked, {booked} booked; in flight, failed, errors: {lost:?}"
        )
        .into());
    }
    let messages = after.1 - before.1;
    let per_s = messages as f64 / ((after.0 - before.0) as f64 / 1e9);
    println!("{per_s:.0} {:.3} {messages} {}", after.2 - before.2, resident_mib()?);
    Ok(())
}

/// CPU of this process so far.
fn cpu_s() -> f64 {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    spent.tv_sec as f64 + spent.tv_nsec as f64 / 1e9
}

fn until(holds: impl Fn() -> bool) -> Option<()> {
    let begun = Instant::now();
    while !holds() {
        if begun.elapsed() > PATIENCE {
            return None;
        }
        std::thread::sleep(LOOK);
    }
    Some(())
}

fn resident_mib() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib / 1024)
}
