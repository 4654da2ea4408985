//! What is promised of containers where the engine fails.

mod restarted;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use super::*;
use crate::books::Topics;
use crate::cluster::{Engine, Image, RUN, Service};
use crate::consumers::Event;
use crate::consumers::surroundings::Surroundings;
use crate::spec::secrets::Redaction;
use crate::spec::{self, Properties, Source, StopSignal};
use crate::units::Span;

/// An engine that has made a container once it was asked for one, and then answers `run` with one status and `container inspect` with another.
const ENGINE: &str = r#"#!/bin/sh
here=$(dirname "$0")
case "$1" in
run) touch "$here/made"; echo abc; exit RUN ;;
ps) echo "$@" >> "$here/asked"; if [ -e "$here/made" ]; then echo abc; fi ;;
rm) rm "$here/made" ;;
container) exit INSPECT ;;
esac
"#;

fn container() -> spec::Container {
    spec::Container {
        source: Source::Image("orders".to_owned()),
        args: Vec::new(),
        env: Properties::new(),
        stop: StopSignal::Term,
        grace: Span::from_secs(1),
        restart: false,
        ready: None,
    }
}

/// Of the engine in a folder.
fn containers(folder: &Path, kind: ContainerKind) -> Containers {
    let program = folder.join("engine").display().to_string();
    let around = Surroundings {
        run: "abcd".to_owned(),
        instances: 1,
        shares: false,
        private: folder.join("private"),
        output: Box::new(tempfile::tempfile),
        hidden: Redaction::default(),
        note_group: Box::new(|_| Ok(())),
    };
    let engine = Engine { program, ..Engine::default() };
    Containers::new(Clock::anchor(), AskedContainers { kind, engine, around })
}

fn config(topics: &Topics) -> Config {
    let config = serde_json::from_value(serde_json::json!({
        "servers": "localhost:1", "group": "orders-001", "topic": topics, "trial": 1, "instance": 0, "threads": 1, "seed": 1,
        "properties": {}, "clock": Clock::anchor(),
    }));
    config.unwrap()
}

#[test]
fn a_container_that_was_made_and_is_not_watched_does_not_go_on() {
    for (run, inspect, told) in
        [("1", "0", "cannot start a container"), ("0", "1", "cannot look at a container")]
    {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("engine"), ENGINE.replace("RUN", run).replace("INSPECT", inspect)).unwrap();
        fs::set_permissions(path("engine"), fs::Permissions::from_mode(0o755)).unwrap();
        let kind = ContainerKind::Images { container: container(), image: Image::default() };
        let mut containers = containers(folder.path(), kind);
        let config = config(&Topics::one("bench-abcd-001", 0));
        containers.apply(&config).unwrap();
        let error = containers.scale(1, &[]).unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
        assert!(!path("made").exists(), "{told}: it goes on, and nobody knows of it");
        // Where nobody knows its id it is known by its name.
        if run == "1" {
            let asked = fs::read_to_string(path("asked")).unwrap();
            let by = ["label=kafka-bench.run=abcd", "name=^orders-001-0$"];
            assert!(by.iter().all(|by| asked.contains(by)), "{asked}");
        }
    }
}

/// An engine, and compose, whose containers c1, c2 and c3 are processes of the test.
const OBEDIENT: &str = r#"#!/bin/sh
here=$(dirname "$0")
echo "$@" >> "$here/asked"
hold() { while [ -e "$here/hold-$1" ]; do sleep 0.01; done; }
new() { made=$(($(cat "$here/made") + 1)); echo $made > "$here/made"; echo c$made; }
case "$*" in
run*)
    hold run
    if [ -e "$here/full" ]; then echo "Error: no room" >&2; exit 125; fi
    new ;;
"wait "*) hold wait ;;
"container inspect "*)
    echo "[{\"Id\":\"$3\",\"State\":{\"Pid\":$(cat "$here/pid-$3"),\"Running\":true,\"ExitCode\":0}}]" ;;
stop*) shift 3; for id do kill $(cat "$here/pid-$id"); done ;;
rm*) shift 3; for id do sed -i "/^$id\$/d" "$here/ids"; done ;;
*" ps "*) cat "$here/ids" ;;
*" up "*)
    for word do case $word in orders=*) count=${word#*=} ;; esac; done
    while [ $(wc -l < "$here/ids") -lt $count ]; do new >> "$here/ids"; done ;;
esac
"#;

struct Obedient {
    folder: tempfile::TempDir,
    processes: Vec<Child>,
}

impl Obedient {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for (name, text) in [("engine", OBEDIENT), ("made", "0"), ("ids", ""), ("asked", "")] {
            fs::write(path(name), text).unwrap();
        }
        fs::set_permissions(path("engine"), fs::Permissions::from_mode(0o755)).unwrap();
        // The third is on no host of ours, as far as anybody knows.
        let start = |number| {
            let run = if number < 3 { "abcd" } else { "another" };
            let process = Command::new("sleep").arg("600").env(RUN, run).spawn().unwrap();
            fs::write(path(&format!("pid-c{number}")), process.id().to_string()).unwrap();
            process
        };
        let processes = (1..4).map(start).collect();
        Obedient { folder, processes }
    }

    fn asked(&self) -> String {
        fs::read_to_string(self.folder.path().join("asked")).unwrap()
    }

    /// Whoever asks it this waits from now on.
    fn hold(&self, verb: &str) {
        fs::write(self.folder.path().join(format!("hold-{verb}")), "").unwrap();
    }

    fn let_on(&self, verb: &str) {
        fs::remove_file(self.folder.path().join(format!("hold-{verb}"))).unwrap();
    }

    /// How often it was asked this.
    fn times(&self, verb: &str) -> usize {
        self.asked().lines().filter(|line| line.starts_with(&format!("{verb} "))).count()
    }

    fn state(&self, number: usize) -> String {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.processes[number - 1].id())).unwrap();
        stat.rsplit_once(") ").unwrap().1[..1].to_owned()
    }
}

impl Drop for Obedient {
    fn drop(&mut self) {
        for process in &mut self.processes {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }
}

/// Hears until something is so, which is told what was heard.
fn hear_until(containers: &mut Containers, mut is_so: impl FnMut(&Containers, Option<Said>) -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let said = containers.next(LOOK);
        if is_so(containers, said) {
            return;
        }
        assert!(Instant::now() < deadline, "it never came");
    }
}

/// Hears until an instance has ended.
fn await_end(containers: &mut Containers, instance: u32) {
    hear_until(containers, |_, said| said.is_some_and(|said| said.instance == instance));
}

fn await_state(obedient: &Obedient, number: usize, state: &str) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while obedient.state(number) != state {
        assert!(Instant::now() < deadline, "c{number} is {}", obedient.state(number));
        std::thread::sleep(LOOK);
    }
}

#[test]
fn a_container_is_paused_killed_and_asked_to_leave_and_others_come() {
    let obedient = Obedient::new();
    let kind = ContainerKind::Images { container: container(), image: Image::default() };
    let mut all = containers(obedient.folder.path(), kind);
    all.apply(&config(&Topics::one("t", 0))).unwrap();
    all.scale(1, &[]).unwrap();
    assert!(all.act(0, Act::Pause) && !all.act(1, Act::Pause), "there is no second one");
    await_state(&obedient, 1, "T");
    assert!(all.act(0, Act::Resume));
    await_state(&obedient, 1, "S");
    assert_eq!(all.launch(&Launch::default()).unwrap(), 1);
    assert!(all.act(0, Act::Stop));
    await_end(&mut all, 0);
    assert_eq!(all.launch(&Launch { place_of: Some(0), ..Launch::default() }).unwrap(), 2);
    assert!(all.act(1, Act::Kill) && all.processes_of(2).len() == 1);
    await_end(&mut all, 1);
    assert!(!all.act(1, Act::Kill), "it has ended");
    assert!(all.act(2, Act::Pause));
    assert_eq!(obedient.state(3), "S", "nobody but the engine knows who it is");
    let asked = obedient.asked();
    assert!(asked.contains("pause c3\n") && !asked.contains("pause c1"), "{asked}");
    assert!(asked.contains("stop -t 1 c1\n"), "{asked}");
    let of = |name: &str, instance: &str| {
        let runs = asked.lines().filter(|line| line.starts_with("run "));
        let own =
            |line: &str| line.contains(name) && line.contains(&format!("--env BENCH_INSTANCE={instance} "));
        runs.filter(|line| own(line)).count() == 1
    };
    assert!(
        of("orders-001-0", "0") && of("orders-001-1", "1") && of("orders-001-2", "0"),
        "whoever takes a place has its number: {asked}"
    );
}

#[test]
fn a_secret_of_its_environment_stands_in_no_command_line() {
    let obedient = Obedient::new();
    let env = [("DATABASE", "pg://kim:hunter2@h"), ("API_KEY", "hunter2"), ("LEVEL", "debug")];
    let env = env.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let container = spec::Container { env, ..container() };
    let mut all =
        containers(obedient.folder.path(), ContainerKind::Images { container, image: Image::default() });
    all.apply(&config(&Topics::one("t", 0))).unwrap();
    all.scale(1, &[]).unwrap();
    let asked = obedient.asked();
    for given in ["--env DATABASE ", "--env API_KEY ", "--env LEVEL=debug "] {
        assert!(asked.contains(given), "`{given}` is not in {asked}");
    }
    assert!(!asked.contains("hunter2"), "{asked}");
}

#[test]
fn what_is_made_aside_is_an_instance_once_it_is_launched_and_gone_where_it_never_is() {
    let obedient = Obedient::new();
    let kind = ContainerKind::Images { container: container(), image: Image::default() };
    let mut all = containers(obedient.folder.path(), kind);
    all.apply(&config(&Topics::one("t", 0))).unwrap();
    all.scale(1, &[]).unwrap();
    let mut launches = [Launch::default(), Launch::default()];
    let [first, second] = &mut launches;
    let slow = all.prepare(&mut [first, second]).unwrap().unwrap();
    assert!(!obedient.asked().contains("orders-001-1"), "nobody waits for the engine here");
    std::thread::spawn(slow).join().unwrap().unwrap();
    assert_eq!(all.instances().len(), 1);
    assert_eq!(all.launch(&launches[0]).unwrap(), 1);
    assert_eq!(all.processes_of(1), [obedient.processes[1].id()]);
    all.restore(Duration::from_secs(1));
    let asked = obedient.asked();
    assert!(asked.contains("BENCH_INSTANCE=1 ") && asked.contains("BENCH_INSTANCE=2 "), "{asked}");
    assert!(asked.contains("rm --force --volumes c1 c2 c3\n"), "the third is watched by nobody: {asked}");
    let found = obedient.folder.path().join("private/orders-001.properties");
    assert!(found.exists());
    drop(all);
    assert!(!found.exists(), "it goes with the trial");
}

fn service(obedient: &Obedient) -> Containers {
    let path = |name: &str| obedient.folder.path().join(name);
    let service = Service {
        program: vec![path("engine").display().to_string()],
        file: path("compose.yaml"),
        name: "orders".to_owned(),
        ..Service::default()
    };
    let compose = spec::Compose {
        file: path("compose.yaml").display().to_string(),
        service: "orders".to_owned(),
        has_network: false,
        env: Properties::new(),
        grace: Span::from_secs(1),
        ready: None,
    };
    let mut all = containers(obedient.folder.path(), ContainerKind::Service { compose, service });
    all.apply(&config(&Topics::one("t", 0))).unwrap();
    all.scale(2, &[]).unwrap();
    all
}

#[test]
fn one_more_container_of_a_service_that_cannot_be_watched_does_not_go_on() {
    let obedient = Obedient::new();
    let mut all = service(&obedient);
    // The engine tells nothing of the third.
    fs::remove_file(obedient.folder.path().join("pid-c3")).unwrap();
    let error = all.launch(&Launch::default()).unwrap_err().to_string();
    assert!(error.contains("cannot look at a container"), "{error}");
    assert_eq!(fs::read_to_string(obedient.folder.path().join("ids")).unwrap(), "c1\nc2\n");
    assert_eq!(all.instances().len(), 2);
    let patch = obedient.folder.path().join("private/orders-001.compose.yaml");
    assert!(patch.exists());
    drop(all);
    assert!(!patch.exists(), "it goes with the trial");
}

#[test]
fn one_more_container_of_a_service_leaves_those_as_they_are_that_run() {
    let obedient = Obedient::new();
    let mut all = service(&obedient);
    assert!(all.act(1, Act::Stop));
    await_end(&mut all, 1);
    assert_eq!(all.launch(&Launch { place_of: Some(1), ..Launch::default() }).unwrap(), 2);
    let asked = obedient.asked();
    let place = |what: &str| asked.find(what).unwrap_or_else(|| panic!("no `{what}` in {asked}"));
    // What has ended compose would start again.
    assert!(place("rm --force --volumes c2") < place("--no-recreate --scale orders=2 orders"));
    assert!(place("--no-deps --scale orders=2 orders") < place("stop -t 1 c2"), "{asked}");
    assert_eq!(all.processes_of(2), [obedient.processes[2].id()]);
    assert_eq!(all.instances().iter().filter(|one| one.stopped_ns.is_none()).count(), 2);
}

#[test]
fn containers_learn_of_more_topics_than_a_variable_holds() {
    for (count, by_variable) in [(3, true), (5_000, false)] {
        let obedient = Obedient::new();
        let kind = ContainerKind::Images { container: container(), image: Image::default() };
        let mut all = containers(obedient.folder.path(), kind);
        let names = (0..count).map(|number| (format!("orders-of-a-long-name-{number}"), 1));
        all.apply(&config(&Topics::new(names))).unwrap();
        all.scale(1, &[]).unwrap();
        let asked = obedient.asked();
        assert_eq!(asked.contains("BENCH_TOPIC="), by_variable);
        assert!(asked.contains("--env BENCH_TOPICS=/run/bench/topics "));
        assert!(asked.contains("orders-001.topics:/run/bench/topics:ro,z"));
    }
}
