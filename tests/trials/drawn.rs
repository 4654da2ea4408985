//! Whatever events come, in whatever order, nothing of a run is left that is ended amid them.
#![expect(clippy::print_stderr, reason = "what fails is told with what was drawn")]

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64;
use rustix::process::Signal;

use crate::support::{Desk, Talking, admin, await_gone, await_that, may_write, servers, working_in};
use crate::{groups, prefix};

/// What is done to instances, topic and settings: of each kind at most one is drawn.
const DEEDS: [&[&str]; 11] = [
    &["add: {}", "add: { boot: 40s }"],
    &["remove: {}"],
    &["stop: {}"],
    &["kill: {}"],
    &["pause: { instance: all, for: 50s }", "pause: { for: 1s }"],
    &["restart: {}", "restart: { boot: 40s }"],
    &["scale: { instances: 4 }", "scale: { instances: 3 }"],
    &[
        "upgrade: { instance_type: t3.medium, boot: 1s }",
        "upgrade: { instance_type: t3.medium, how: beside, group: another, overlap: 40s }",
    ],
    &["topic: { partitions: 4 }"],
    &["config: { topic: { max.message.bytes: 500000 } }"],
    &["exhaust: credits"],
];

/// What can be done besides where bench started the broker.
const OF_OWN_BROKERS: [&[&str]; 3] = [
    &[
        "partition: { from: consumers, to: brokers, for: 50s }",
        "partition: { from: consumers, instance: random, to: brokers, for: 1s }",
    ],
    &["network: { consumers: { rtt: 5ms } }"],
    &["pause: { broker: random, for: 50s }", "restart: { broker: random }"],
];

/// Whether control groups hold instances here: tried once, since two who try at once are in each other's way.
fn enforced() -> bool {
    static MAY: LazyLock<bool> = LazyLock::new(may_write);
    *MAY
}

fn one_of(draw: &mut Pcg64, count: usize) -> usize {
    (draw.next_u64() % count as u64) as usize
}

fn some_of(draw: &mut Pcg64, kinds: &[&[&'static str]], count: usize) -> Vec<&'static str> {
    let mut kinds = kinds.to_vec();
    let mut drawn = Vec::new();
    for _ in 0..count {
        let kind = kinds.swap_remove(one_of(draw, kinds.len()));
        drawn.push(kind[one_of(draw, kind.len())]);
    }
    drawn
}

/// Six events within a second and a half, and how long after the window's begin the run is ended: amid them, or soon after.
fn experiment(seed: u64, is_own: bool) -> (String, Duration) {
    let mut draw = Pcg64::seed_from_u64(seed);
    let of_own = if is_own { 2 } else { 0 };
    let mut deeds = some_of(&mut draw, &DEEDS, 6 - of_own);
    deeds.extend(some_of(&mut draw, &OF_OWN_BROKERS, of_own));
    let enforce = if enforced() { "auto" } else { "work" };
    let mut text = format!(
        "topic: {{ partitions: 2 }}\nworkload: {{ rate: 100/s, message: {{ size: 100B }} }}\n\
         consumers: {{ group: drawn, instances: 3, instance_type: t3.micro, properties: {{ session.timeout.ms: 6000 }} }}\n\
         emulation: {{ enforce: {enforce}, vcpu: 5% }}\nphases: {{ prepare: 0s, warm_up: 0s, measure: 60s, drain: 1s }}\nevents:\n"
    );
    for deed in deeds {
        let at = 3_000 + one_of(&mut draw, 1_500);
        writeln!(text, "  - {{ at: {at}ms, {deed} }}").unwrap();
    }
    let end = Duration::from_millis(3_200 + one_of(&mut draw, 1_800) as u64);
    eprintln!("seed {seed}, ended after {end:?}:\n{text}");
    (text, end)
}

/// Folders and control groups that a run has noted since it made them.
fn made(desk: &Desk) -> Vec<PathBuf> {
    let noted = desk.noted().into_iter();
    let noted = noted.filter(|path| path.extension().is_some_and(|end| end == "json"));
    let mut made = Vec::new();
    for path in noted {
        let run: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        let all = ["folders", "cgroups"].into_iter().filter_map(|key| run[key].as_array()).flatten();
        made.extend(all.map(|path| PathBuf::from(path.as_str().unwrap())));
    }
    made
}

/// Ends such a run amid its events: no process, no folder and no control group of it is left, and nothing that it has noted.
fn ended_amid(seed: u64, cluster: Option<&str>) {
    let (text, end) = experiment(seed, cluster.is_some());
    let desk = match cluster {
        Some(cluster) => Desk::with_cluster(cluster, &text),
        None => Desk::new(&text),
    };
    let work = desk.folder.path().join("work");
    let mut run = Talking::start(desk.bench(&["run", "promise.yaml", "--work", work.to_str().unwrap()]));
    run.await_line("measure");
    // It is ended at a time that is drawn, whatever goes on then.
    std::thread::sleep(end);
    let (made, working) = (made(&desk), working_in(desk.folder.path()));
    assert!(!working.is_empty() && !made.is_empty(), "seed {seed}: {working:?} {made:?}");
    run.signal(Signal::INT);
    assert_eq!(run.child.wait().unwrap().code(), Some(130), "seed {seed}");
    await_gone(&working);
    let working = working_in(desk.folder.path());
    assert!(working.is_empty(), "seed {seed}: {working:?}");
    let left: Vec<PathBuf> = made.into_iter().filter(|made| made.exists()).collect();
    assert!(left.is_empty(), "seed {seed}: {left:?}");
    // A topic of one's own goes with its broker.
    if cluster.is_none() {
        assert_eq!(admin().topics(&prefix(&desk)).unwrap(), [""; 0], "seed {seed}");
    }
    // A group keeps members that were killed for as long as their session: that alone may be left to `bench clean`.
    let cleaned = || desk.bench(&["clean"]).status().unwrap().success();
    await_that(Duration::from_secs(30), &format!("seed {seed}: sessions never ended"), cleaned);
    assert_eq!(desk.noted(), Vec::<PathBuf>::new(), "seed {seed}: the run is not forgotten");
}

#[test]
fn whatever_events_come_and_whenever_a_run_is_ended_amid_them_nothing_of_it_is_left() {
    let servers = servers();
    std::thread::scope(|scope| {
        // Beside each other, since each mostly waits. What a proxy listened on goes with the process of bench.
        scope.spawn(|| ended_amid(32, Some("{ kafka: { heap: 384MiB } }")));
        let there = scope.spawn(|| ended_amid(2, None));
        there.join().unwrap();
        assert_eq!(groups(&servers).iter().filter(|group| group.starts_with("drawn-")).count(), 0);
    });
}
