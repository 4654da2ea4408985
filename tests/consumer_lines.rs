//! The backend `process`, with a shell script in the consumer's place: lines come through, and every path ends with no child left.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use kafka_bench::books::Topics;
use kafka_bench::consumers::{
    Act, Backend, BackendError, Config, Event, Gathered, Launch, Process, Said, WorkConfig,
};
use kafka_bench::timeline::Clock;

const LONG: Duration = Duration::from_secs(20);

/// Held while a script is written and while children are started: a child forked meanwhile in another thread would hold the script open for writing
/// until its own exec, and a file open for writing cannot be executed.
static FORK: Mutex<()> = Mutex::new(());

struct Script {
    _folder: tempfile::TempDir,
    program: PathBuf,
}

/// A consumer whose index is in `$i`.
fn script(body: &str) -> Script {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("consumer");
    let index = r#"i=$(printf %s "$BENCH_CONSUMER" | sed 's/.*"instance":\([0-9]*\).*/\1/')"#;
    let _alone = FORK.lock().unwrap_or_else(PoisonError::into_inner);
    fs::write(&program, format!("#!/bin/sh\n{index}\n{body}\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    Script { _folder: folder, program }
}

fn config() -> Config {
    Config {
        servers: "nowhere:1".to_owned(),
        group: "g".to_owned(),
        topic: Topics::one("t", 2),
        trial: 1,
        instance: 0,
        slot: None,
        threads: 1,
        properties: [("sasl.password".to_owned(), "${SECRET}".to_owned())].into(),
        work: WorkConfig::default(),
        seed: 1,
        clock: Clock::anchor(),
        commit_interval_ms: 1_000,
        delivery_ms: 300_000,
        output: None,
        tells_busy: false,
        tells_each: false,
        in_time_ns: None,
        tells_keys: false,
        cgroups: Vec::new(),
        pace: None,
    }
}

fn two() -> Topics {
    Topics::one("t", 2)
}

fn deploy(process: &mut Process, instances: u32) -> Result<(), BackendError> {
    let _alone = FORK.lock().unwrap_or_else(PoisonError::into_inner);
    process.apply(&config())?;
    process.scale(instances, &[]).map(|_| ())
}

/// Takes what is said until every instance has ended or `enough`.
fn gather(
    process: &mut Process,
    gathered: &mut Gathered,
    mut enough: impl FnMut(&Process, &Gathered) -> bool,
) {
    while !enough(process, gathered) {
        let Said { instance, at_ns, event } = process.next(LONG).expect("the instances have more to say");
        gathered.add(instance, at_ns, event);
    }
}

const READY: &str = r#"echo '{"assigned":{"thread":0,"partitions":['$i']}}'; echo '{"canary":{"partition":'$i',"offset":0}}'"#;

#[test]
fn a_group_of_children_gets_ready_and_stops_when_asked() {
    // It spins, as a shell that waits would need a child of its own.
    let script = script(&format!(
        "{READY}\ntrap 'echo bye >&2; exit 0' TERM\necho '{{\"joined\":{{\"thread\":0}}}}'\nwhile :; do :; done"
    ));
    let mut process = Process::new(Clock::anchor()).of(script.program.clone());
    deploy(&mut process, 2).unwrap();
    let mut gathered = Gathered::default();
    // The line `joined` comes after the trap is set.
    let mut joined = 0;
    while joined < 2 {
        let said = process.next(LONG).unwrap();
        joined += u32::from(matches!(said.event, Event::Line(kafka_bench::consumers::Line::Joined { .. })));
        gathered.add(said.instance, said.at_ns, said.event);
    }
    assert!(process.ready(&gathered), "{}", gathered.standing(&two(), 2));
    let exits = process.restore(LONG);
    assert!(
        exits.iter().all(|exit| !exit.overdue && exit.status.is_some_and(|status| status.success())),
        "{exits:?}"
    );
    assert!(exits.iter().all(|exit| exit.last_words == "bye"), "{exits:?}");
    assert!(process.pids().is_empty());
    gather(&mut process, &mut gathered, |_, gathered| gathered.ended().count() == 2);
    assert!(
        process.instances().iter().all(|it| it.stopped_ns.is_some_and(|stopped| stopped >= it.started_ns))
    );
}

#[test]
fn an_instance_that_will_not_stop_is_killed_at_the_deadline() {
    let script = script("trap '' TERM; echo '{\"joined\":{\"thread\":0}}'; exec sleep 60 >&-");
    let mut process = Process::new(Clock::anchor()).of(script.program.clone());
    deploy(&mut process, 1).unwrap();
    let mut gathered = Gathered::default();
    gather(&mut process, &mut gathered, |_, gathered| gathered.ended().count() == 1);
    let exits = process.restore(Duration::from_millis(20));
    assert!(exits[0].overdue && exits[0].status.is_some_and(|status| !status.success()), "{exits:?}");
}

#[test]
fn a_killed_instance_is_seen_to_end_and_the_rest_go_on() {
    let script = script(&format!("{READY}\nexec sleep 60"));
    let mut process = Process::new(Clock::anchor()).of(script.program.clone());
    deploy(&mut process, 2).unwrap();
    let mut gathered = Gathered::default();
    gather(&mut process, &mut gathered, Backend::ready);
    assert!(process.act(1, Act::Kill) && !process.act(1, Act::Kill));
    gather(&mut process, &mut gathered, |_, gathered| gathered.ended().eq([1]));
    assert_eq!(process.pids().len(), 1);
    assert!(!process.ready(&gathered));
}

/// Waits until a process is as the kernel names it: `T` stands still.
fn await_state(pid: u32, state: &str) {
    let is_so = || {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with(state))
    };
    let deadline = std::time::Instant::now() + LONG;
    while !is_so() {
        assert!(std::time::Instant::now() < deadline, "it never was {state}");
        std::thread::yield_now();
    }
}

#[test]
fn an_instance_is_paused_let_on_and_asked_to_leave_while_the_rest_go_on() {
    let body =
        format!("{READY}\ntrap 'exit 0' TERM\necho '{{\"joined\":{{\"thread\":0}}}}'\nwhile :; do :; done");
    let script = script(&body);
    let mut process = Process::new(Clock::anchor()).of(script.program.clone());
    deploy(&mut process, 2).unwrap();
    let mut gathered = Gathered::default();
    gather(&mut process, &mut gathered, Backend::ready);
    let pids = process.pids();
    assert!(process.act(0, Act::Pause));
    await_state(pids[0], "T");
    assert!(process.act(0, Act::Resume));
    await_state(pids[0], "R");
    assert!(process.act(0, Act::Stop));
    gather(&mut process, &mut gathered, |_, gathered| gathered.ended().eq([0]));
    // Its last line is read a moment before it is a process no more.
    await_state(pids[0], "Z");
    {
        let _alone = FORK.lock().unwrap_or_else(PoisonError::into_inner);
        let launch = Launch { place_of: Some(0), ..Launch::default() };
        assert_eq!(process.launch(&launch).unwrap(), 2);
    }
    let indices: Vec<u32> = process.instances().iter().map(|one| one.index).collect();
    assert_eq!(indices, [0, 1, 2], "whoever takes its place has a number of its own");
    assert!(!process.act(0, Act::Pause), "it is gone");
    // One that stands still hears that it is to end.
    assert!(process.act(1, Act::Pause));
    await_state(pids[1], "T");
    let exits = process.restore(LONG);
    assert!(!exits[1].overdue && exits[1].status.is_some_and(|status| status.success()), "{exits:?}");
}

#[test]
fn what_cannot_be_read_is_told_and_nothing_after_it_is_lost() {
    let script = script("echo 'Segmentation fault'; echo '{\"joined\":{\"thread\":0}}'; printf '{\"joi'");
    let mut process = Process::new(Clock::anchor()).of(script.program.clone());
    deploy(&mut process, 1).unwrap();
    let mut gathered = Gathered::default();
    let mut lines = 0;
    loop {
        let said = process.next(LONG).unwrap();
        lines += u32::from(matches!(said.event, Event::Line(_)));
        let ended = matches!(said.event, Event::Ended);
        gathered.add(said.instance, said.at_ns, said.event);
        if ended {
            break;
        }
    }
    let happened = gathered.take_happened();
    assert_eq!((lines, happened.len()), (1, 2), "{happened:?}");
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let mut process = Process::new(Clock::anchor()).of("/nowhere/bench".into());
    let error = deploy(&mut process, 1).unwrap_err();
    assert!(matches!(error, BackendError::Spawn { instance: 0, .. }));
    assert!(error.to_string().contains("/nowhere/bench"));
    assert!(process.restore(LONG).is_empty());
}

#[test]
fn dropping_the_backend_leaves_no_child() {
    let script = script(&format!("{READY}\nexec sleep 60"));
    let mut process = Process::new(Clock::anchor()).of(script.program.clone());
    deploy(&mut process, 1).unwrap();
    let pid = process.pids()[0];
    drop(process);
    assert!(!PathBuf::from(format!("/proc/{pid}")).exists());
}
