//! What is promised of programs that are not ours.

use super::*;
use crate::books::Topics;
use crate::consumers::Event;
use crate::spec::Properties;
use crate::spec::secrets::Redaction;
use crate::units::Span;

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        Desk { folder: tempfile::tempdir().unwrap() }
    }

    fn program(&self, run: &str, change: impl FnOnce(&mut spec::Command)) -> Program {
        let mut command = spec::Command {
            run: run.to_owned(),
            env: Properties::new(),
            dir: Some(self.folder.path().display().to_string()),
            stop: StopSignal::Term,
            grace: Span::from_secs(10),
            restart: false,
            ready: None,
        };
        change(&mut command);
        let asked = Asked {
            command,
            around: Surroundings {
                run: "abcd".to_owned(),
                instances: 2,
                shares: false,
                private: self.folder.path().join("private"),
                output: Box::new(tempfile::tempfile),
                hidden: Redaction::default(),
                note_group: Box::new(|_| Ok(())),
            },
        };
        Program::new(Clock::anchor(), asked)
    }

    fn config(&self) -> Config {
        serde_json::from_value(serde_json::json!({
            "servers": "localhost:1",
            "group": format!("orders-{}", self.folder.path().file_name().unwrap().display()),
            "topic": [{ "name": "bench-abcd-001", "partitions": 4 }], "trial": 1, "instance": 0, "threads": 1, "seed": 1,
            "properties": { "fetch.min.bytes": "7", "ssl.key.password": "a\\b" },
            "clock": Clock::anchor(),
        }))
        .unwrap()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }
}

fn deploy(program: &mut Program, config: &Config, instances: u32) {
    program.apply(config).unwrap();
    assert_eq!(program.scale(instances, &[]).unwrap(), [0; 0]);
}

fn await_until(mut what: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !what() {
        assert!(Instant::now() < deadline, "it never came");
        std::thread::sleep(LOOK);
    }
}

#[test]
fn every_copy_learns_from_its_environment_what_it_is_and_where_to_read() {
    let desk = Desk::new();
    let script = "echo $BENCH_INSTANCE of $BENCH_INSTANCES: $BENCH_TOPIC $BENCH_PARTITIONS $BENCH_GROUP $BENCH_SERVERS $BENCH_RUN $GREETING > $BENCH_INSTANCE; cat $BENCH_PROPERTIES > file; exec sleep 600";
    let mut program = desk.program(script, |command| {
        command.env.insert("GREETING".to_owned(), "hello ${PATH}".to_owned());
    });
    let config = desk.config();
    deploy(&mut program, &config, 2);
    await_until(|| desk.read("1").ends_with('\n') && desk.read("file").lines().count() == 5);
    let told = format!("1 of 2: bench-abcd-001 4 {} localhost:1 abcd hello /", config.group);
    assert!(desk.read("1").starts_with(&told), "{}", desk.read("1"));
    let expected = format!(
        "auto.offset.reset=earliest\nbootstrap.servers=localhost:1\nfetch.min.bytes=7\ngroup.id={}\nssl.key.password=a\\\\b\n",
        config.group
    );
    assert_eq!(desk.read("file"), expected);
    let path = desk.folder.path().join("private").join(format!("{}.properties", config.group));
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600, "it may hold secrets");
    drop(program);
    assert!(!path.exists());
}

#[test]
fn names_of_topics_go_by_a_file_too_and_only_there_where_no_variable_holds_them() {
    let desk = Desk::new();
    let script = "wc -l < $BENCH_TOPICS > lines; tail -n 1 $BENCH_TOPICS > last; echo ${#BENCH_TOPIC} > length; exec sleep 600";
    for (count, length) in [(3, "47\n"), (6_000, "0\n")] {
        let mut program = desk.program(script, |_| ());
        let names = (0..count).map(|number| (format!("orders-of-all-{number}"), 1));
        let config = Config { topic: Topics::new(names), ..desk.config() };
        deploy(&mut program, &config, 1);
        await_until(|| desk.read("length") == length);
        assert_eq!(desk.read("lines").trim(), count.to_string());
        assert_eq!(desk.read("last"), format!("orders-of-all-{}\n", count - 1));
        drop(program);
    }
    let left = fs::read_dir(desk.folder.path().join("private")).unwrap().count();
    assert_eq!(left, 0, "files are gone with it");
}

#[test]
fn a_program_is_asked_to_end_with_all_that_it_started_and_is_not_killed_when_it_does() {
    let desk = Desk::new();
    let script = "(trap 'echo asked > asked; exit' TERM; echo up > child; while :; do sleep 0.05; done) & \
        trap 'wait; exit 0' TERM; echo up > up; wait";
    let mut program = desk.program(script, |command| command.grace = Span::from_secs(60));
    deploy(&mut program, &desk.config(), 1);
    await_until(|| desk.read("up") == "up\n" && desk.read("child") == "up\n");
    assert!(program.processes().len() >= 2, "the shell and what it started");
    let exit = program.restore(Duration::from_mins(1)).remove(0);
    assert_eq!((exit.overdue, exit.status.unwrap().code()), (false, Some(0)), "{exit:?}");
    assert_eq!(desk.read("asked"), "asked\n");
}

#[test]
fn a_program_that_does_not_end_is_killed_with_all_that_it_started() {
    let desk = Desk::new();
    // One child is deaf, one has left the process group, and the program itself is deaf too.
    let script = "(trap '' TERM; echo up > deaf; while :; do sleep 0.05; done) & \
        setsid sh -c 'echo up > away; while :; do sleep 0.05; done' & \
        trap '' TERM; echo a line; echo up > up; while :; do sleep 0.05; done";
    let mut program = desk.program(script, |command| command.grace = Span::from_millis(1));
    deploy(&mut program, &desk.config(), 1);
    await_until(|| ["deaf", "away", "up"].iter().all(|name| desk.read(name) == "up\n"));
    let exit = program.restore(Duration::from_secs(20)).remove(0);
    assert!(exit.overdue && exit.last_words.contains("a line"), "{exit:?}");
    assert_eq!(crate::cluster::marked(GROUP, &desk.config().group), Vec::<u32>::new());
}

#[test]
fn one_that_ends_is_told_once_with_its_words_and_another_takes_its_place_where_asked() {
    let desk = Desk::new();
    let mut program = desk.program("echo no broker >&2; exit 3", |_| ());
    deploy(&mut program, &desk.config(), 1);
    await_until(|| {
        program.next(LOOK).is_some_and(|said| said.instance == 0 && matches!(said.event, Event::Ended))
    });
    assert!(program.next(Duration::ZERO).is_none());
    let exit = program.restore(Duration::from_secs(1)).remove(0);
    assert_eq!((exit.status.unwrap().code(), exit.last_words.as_str()), (Some(3), "no broker"));

    let mut program = desk.program("echo $BENCH_INSTANCE >> all", |command| command.restart = true);
    deploy(&mut program, &desk.config(), 1);
    await_until(|| {
        program.next(LOOK);
        desk.read("all") == "0\n0\n"
    });
    assert!(program.instances().len() >= 2);
}

#[test]
fn a_copy_in_whose_place_none_can_be_started_is_told_each_time_and_no_oftener_than_once_a_second() {
    let desk = Desk::new();
    let folder = desk.folder.path().join("its");
    fs::create_dir(&folder).unwrap();
    let mut program = desk.program("exec sleep 600", |command| {
        command.restart = true;
        command.dir = Some(folder.display().to_string());
    });
    deploy(&mut program, &desk.config(), 1);
    fs::remove_dir(&folder).unwrap();
    assert!(program.act(0, Act::Kill));
    let mut told = Vec::new();
    await_until(|| {
        told.extend(program.next(LOOK).map(|said| (said.at_ns, said.event)));
        told.len() == 3
    });
    let why =
        |event: &Event| matches!(event, Event::NotReplaced(why) if why.contains("cannot start instance 1"));
    assert!(matches!(told[0].1, Event::Ended) && why(&told[1].1) && why(&told[2].1), "{told:?}");
    assert!(told[2].0 - told[1].0 >= 1_000_000_000, "{told:?}");
    fs::create_dir(&folder).unwrap();
    await_until(|| {
        program.next(LOOK);
        program.instances().len() == 2
    });
}

#[test]
fn copies_are_as_many_as_they_are_scaled_to_and_the_youngest_leave_first() {
    let desk = Desk::new();
    let mut program = desk.program("echo $BENCH_INSTANCE >> all; exec sleep 600", |_| ());
    program.apply(&desk.config()).unwrap();
    assert!(program.instances().is_empty(), "none is started before it is said how many");
    assert_eq!(program.scale(2, &[]).unwrap(), [0; 0]);
    assert_eq!(program.scale(3, &[0, 1]).unwrap(), [0; 0]);
    await_until(|| desk.read("all").lines().count() == 3);
    assert_eq!(program.scale(1, &[0, 1, 2]).unwrap(), [2, 1]);
    await_until(|| {
        program.next(LOOK);
        program.instances().iter().map(|one| one.stopped_ns.is_none()).eq([true, false, false])
    });
    // One that is on its way out, or gone, is none of those that are there.
    assert_eq!(program.scale(2, &[0]).unwrap(), [0; 0]);
    await_until(|| desk.read("all").lines().count() == 4);
    assert!(desk.read("all").ends_with("3\n"), "its number is nobody else's: {}", desk.read("all"));
}

#[test]
fn copies_are_ready_once_each_of_them_has_shown_it() {
    let desk = Desk::new();
    // The second says it when it is told to.
    let script = "[ $BENCH_INSTANCE = 0 ] || until [ -e go ]; do sleep 0.01; done; echo serving on $BENCH_INSTANCE; exec sleep 600";
    let mut program = desk.program(script, |command| {
        command.ready = Some(spec::Ready::Log(r"^serving on \d$".to_owned()));
    });
    deploy(&mut program, &desk.config(), 2);
    await_until(|| program.last_words().iter().any(|(_, words)| words.contains("serving")));
    assert!(!program.ready(&Gathered::default()), "one of two is not ready yet");
    fs::write(desk.folder.path().join("go"), "").unwrap();
    await_until(|| program.ready(&Gathered::default()));
}

#[test]
fn a_program_is_paused_with_all_that_it_started_and_ends_when_it_is_let_on() {
    let desk = Desk::new();
    let script = "(while :; do sleep 0.01; echo x >> beat; done) & trap 'exit 0' TERM; echo up > up; wait";
    let mut program = desk.program(script, |command| command.grace = Span::from_secs(60));
    deploy(&mut program, &desk.config(), 1);
    await_until(|| desk.read("up") == "up\n" && !desk.read("beat").is_empty());
    assert!(program.act(0, Act::Pause) && !program.act(1, Act::Pause));
    let state = |pid: u32| fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    await_until(|| {
        let all: Vec<String> = program.processes().into_iter().map(state).collect();
        let stopped = all.iter().filter(|one| one.contains(") T ")).count();
        // A shell that was about to start something sleeps until that has begun (D), which is stopped itself;
        // what had just ended (Z) is cleared away by nobody while its parent is stopped.
        stopped >= 1
            && all.len() >= 2
            && all.iter().all(|one| [") T ", ") D ", ") Z "].iter().any(|state| one.contains(state)))
    });
    assert!(program.act(0, Act::Resume));
    let before = desk.read("beat").len();
    await_until(|| desk.read("beat").len() > before);
    assert!(program.act(0, Act::Stop));
    await_until(|| program.next(LOOK).is_some_and(|said| matches!(said.event, Event::Ended)));
    program.launch(&Launch { place_of: Some(0), ..Launch::default() }).unwrap();
    await_until(|| program.instances().len() == 2);
    assert!(program.act(1, Act::Kill));
    await_until(|| {
        program.next(LOOK).is_some_and(|said| said.instance == 1 && matches!(said.event, Event::Ended))
    });
}
