//! The reference consumer on a topic of known contents: what `scripts/race` sets beside other consumers.
//!
//! `consume_race fill SERVERS TOPIC MESSAGES SIZE` writes so many messages of so many bytes with bench's envelopes. `consume_race read BENCH SERVERS TOPIC
//! MESSAGES GROUP` lets `bench consumer` without work read them all, and prints messages per second, seconds of CPU, and its greatest resident memory in
//! MiB. The rate is that of the whole quarter seconds between the first and the last: joining a group and telling of the end are no part of reading.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program of its own: its figures are its output"
)]

use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use kafka_bench::consumers::{Line, Report};
use kafka_bench::envelope::{Envelope, Kind};
use kafka_bench::timeline::Clock;
use rdkafka::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

const TRIAL: u64 = 7;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["fill", servers, topic, messages, size] => fill(servers, topic, messages, size),
        ["read", bench, servers, topic, messages, group] => read(bench, (servers, topic, group), messages),
        _ => Err(
            "usage: consume_race fill SERVERS TOPIC MESSAGES SIZE | read BENCH SERVERS TOPIC MESSAGES GROUP"
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

fn fill(servers: &str, topic: &str, messages: &str, size: &str) -> Result<(), Box<dyn Error>> {
    let (messages, size): (u64, usize) = (messages.parse()?, size.parse()?);
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", servers)
        .set("linger.ms", "20")
        .set("batch.size", "131072")
        .create()?;
    let clock = Clock::anchor();
    let mut payload = vec![b'x'; size];
    for sequence in 0..messages {
        let envelope =
            Envelope { kind: Kind::Message, trial: TRIAL, producer: 0, sequence, due: clock.now() };
        if !envelope.write(&mut payload) {
            return Err("a message has 36 bytes at least".into());
        }
        let mut record = BaseRecord::<(), [u8]>::to(topic).payload(&payload);
        while let Err((error, back)) = producer.send(record) {
            if error != KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull) {
                return Err(error.into());
            }
            producer.poll(Duration::from_millis(10));
            record = back;
        }
        producer.poll(Duration::ZERO);
    }
    producer.flush(Duration::from_mins(1))?;
    Ok(())
}

fn read(
    bench: &str,
    (servers, topic, group): (&str, &str, &str),
    messages: &str,
) -> Result<(), Box<dyn Error>> {
    let messages: u64 = messages.parse()?;
    let config = json!({
        "servers": servers, "group": group, "topic": topic, "trial": TRIAL, "instance": 0, "threads": 1, "seed": 1,
        "clock": Clock::anchor(),
    });
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(config.to_string().as_bytes())?;
    let mut consumer = Command::new(bench)
        .args(["consumer", "--config"])
        .arg(file.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut lines = BufReader::new(consumer.stdout.take().ok_or("it has no output")?);
    let told = follow(&mut lines, messages);
    let memory = resident_mib(consumer.id());
    let pid = i32::try_from(consumer.id()).ok().and_then(Pid::from_raw).ok_or("it has no process")?;
    kill_process(pid, Signal::TERM)?;
    // Its last words, or it could not say them.
    std::io::copy(&mut lines, &mut std::io::sink())?;
    consumer.wait()?;
    let (per_s, cpu_s) = told?;
    println!("{per_s:.0} {cpu_s:.3} {}", memory?);
    Ok(())
}

/// Its rate, and its CPU in seconds, once it has processed so many.
fn follow(lines: &mut impl BufRead, messages: u64) -> Result<(f64, f64), Box<dyn Error>> {
    let mut quarters: std::collections::BTreeMap<u64, u64> = std::collections::BTreeMap::new();
    for line in lines.lines() {
        let Line::Report(report) = serde_json::from_str(&line?)? else { continue };
        let Report { processed_quarters, processed_total, cpu_ns, foreign, duplicates, .. } = *report;
        for (quarter, count) in processed_quarters.iter() {
            *quarters.entry(quarter).or_default() += count;
        }
        if processed_total >= messages {
            if foreign + duplicates > 0 {
                return Err("the topic holds something else".into());
            }
            let whole: Vec<u64> = quarters.values().copied().collect();
            let whole = whole.get(1..whole.len().saturating_sub(1)).filter(|whole| !whole.is_empty());
            let whole = whole.ok_or("it was read too fast to be timed")?;
            let per_s = whole.iter().sum::<u64>() as f64 / (whole.len() as f64 / 4.0);
            return Ok((per_s, cpu_ns as f64 / 1e9));
        }
    }
    Err("it ended before it had read all".into())
}

fn resident_mib(pid: u32) -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib / 1024)
}
