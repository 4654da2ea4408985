//! One real broker for all tests of this file, and `bench` called on it as a user would.
#![expect(clippy::print_stderr, reason = "a skipped promise is told aloud")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, OnceLock, mpsc};
use std::time::Duration;

use kafka_bench::cluster::{Admin, Broker, BrokerSpec, ClientSettings, Talk};
use kafka_bench::consumers::emulation::cgroup::RunGroup;
use kafka_bench::units::Bytes;
use kafka_protocol::messages::AlterClientQuotasRequest;
use kafka_protocol::messages::alter_client_quotas_request::{EntityData, EntryData, OpData};
use kafka_protocol::protocol::StrBytes;
use rustix::process::{Pid, Signal, kill_process};

use crate::wire::ask;

/// The broker of this test process; it dies with it.
pub fn servers() -> String {
    static BROKER: OnceLock<(Mutex<Broker>, tempfile::TempDir)> = OnceLock::new();
    let (broker, _) = BROKER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let spec =
            BrokerSpec { version: "4.3.1".to_owned(), heap: Bytes::new(512 << 20), config: BTreeMap::new() };
        let (data, log) = (folder.path().join("data"), folder.path().join("log"));
        (
            Mutex::new(
                Broker::start(&spec, &data, &log, &mut Talk { tell: &mut |_| (), stop: &|| false }).unwrap(),
            ),
            folder,
        )
    });
    broker.lock().unwrap().load_servers()
}

pub fn admin() -> Admin {
    Admin::connect(&ClientSettings { servers: servers(), properties: BTreeMap::new() }).unwrap()
}

/// A folder of its own for one test: the experiment, its results, and bench's state.
pub struct Desk {
    pub folder: tempfile::TempDir,
}

impl Desk {
    /// With an experiment on the shared broker; `rest` is what follows its `cluster:`.
    pub fn new(rest: &str) -> Self {
        Desk::with_cluster(&format!("{{ bootstrap: {{ servers: \"{}\" }} }}", servers()), rest)
    }

    /// With an experiment on a cluster of its own.
    pub fn with_cluster(cluster: &str, rest: &str) -> Self {
        let desk = Desk { folder: tempfile::tempdir().unwrap() };
        fs::write(desk.experiment(), format!("question: Does it hold?\ncluster: {cluster}\n{rest}")).unwrap();
        desk
    }

    pub fn experiment(&self) -> PathBuf {
        self.folder.path().join("promise.yaml")
    }

    pub fn bench(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bench"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("XDG_STATE_HOME", self.folder.path().join("state"));
        command.stdin(Stdio::null());
        command
    }

    pub fn run(&self, more: &[&str]) -> Output {
        self.bench(&[&["run", "promise.yaml"], more].concat()).output().unwrap()
    }

    /// The one results folder.
    pub fn results(&self) -> PathBuf {
        let mut runs: Vec<_> =
            fs::read_dir(self.folder.path().join("results/promise")).unwrap().flatten().collect();
        assert_eq!(runs.len(), 1);
        runs.remove(0).path()
    }

    /// The folder of its first trial, where there is but one.
    pub fn trial(&self) -> PathBuf {
        fs::read_dir(self.results().join("trials")).unwrap().next().unwrap().unwrap().path()
    }

    /// A run whose window has begun, and the process of its first instance.
    pub fn measuring(&self) -> (Talking, u32) {
        let run = Talking::start(self.bench(&["run", "promise.yaml"]));
        run.await_line("measure");
        let instance = children(run.child.id())[0];
        (run, instance)
    }

    /// What its runs have noted that is to be taken away, a file each while there is something.
    pub fn noted(&self) -> Vec<PathBuf> {
        let runs = fs::read_dir(self.folder.path().join("state/kafka-bench/runs"));
        runs.into_iter().flatten().flatten().map(|run| run.path()).collect()
    }

    /// What `bench verify` says of the results, which must be whole.
    pub fn whole(&self) -> String {
        let verified = self.bench(&["verify", self.results().to_str().unwrap()]).output().unwrap();
        let told = String::from_utf8(verified.stdout).unwrap();
        assert_eq!(verified.status.code(), Some(0), "{told}");
        told
    }

    /// Rows of `trials.csv`, by column.
    pub fn trials(&self) -> Vec<BTreeMap<String, String>> {
        self.rows("trials.csv")
    }

    /// What happened in its first trial, a line each.
    pub fn told(&self) -> String {
        fs::read_to_string(self.trial().join("events.jsonl")).unwrap()
    }

    /// The record of its first trial.
    pub fn record(&self) -> serde_json::Value {
        record_in(&self.trial())
    }

    /// Rows of `events.csv`, by column.
    pub fn events(&self) -> Vec<BTreeMap<String, String>> {
        self.rows("events.csv")
    }

    fn rows(&self, table: &str) -> Vec<BTreeMap<String, String>> {
        let mut reader = csv::Reader::from_path(self.results().join(table)).unwrap();
        reader.deserialize().map(Result::unwrap).collect()
    }
}

/// Whether control groups can be written here.
pub fn may_write() -> bool {
    let may = RunGroup::try_out().is_ok();
    if !may {
        // A test that promises nothing here must say so aloud.
        eprintln!("skipped: control groups cannot be written here");
    }
    may
}

/// The folder of the control group that a process is in, by what the kernel says: that of a controller of v1, or of v2 where it has none.
pub fn control_group(pid: u32, controller: &str) -> PathBuf {
    let groups = fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap();
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    let has = |list: &str, one: &str| list.split(',').any(|listed| listed == one);
    let folder = |kind: &str, controller: &str| {
        let path = groups.lines().find_map(|line| {
            let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
            has(controllers, controller).then(|| path.trim_start_matches('/'))
        })?;
        let mount = mounts.lines().find(|line| {
            line.split_once(" - ").is_some_and(|(_, rest)| {
                let mut rest = rest.split(' ');
                rest.next() == Some(kind) && (controller.is_empty() || rest.any(|all| has(all, controller)))
            })
        })?;
        Some(Path::new(mount.split(' ').nth(4)?).join(path))
    };
    folder("cgroup", controller).or_else(|| folder("cgroup2", "")).unwrap()
}

/// A report without its line breaks.
pub fn plain(report: &[u8]) -> String {
    String::from_utf8_lossy(report).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A number of a row.
pub fn number(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} is `{}`", row[column]))
}

/// A run in the background whose talk can be awaited.
pub struct Talking {
    pub child: Child,
    lines: mpsc::Receiver<String>,
}

impl Talking {
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (tell, lines) = mpsc::channel();
        std::thread::spawn(move || {
            stderr.lines().map_while(Result::ok).for_each(|line| tell.send(line).unwrap_or(()));
        });
        Talking { child, lines }
    }

    /// Waits until a line of its talk holds `what`.
    pub fn await_line(&self, what: &str) {
        let limit = Duration::from_secs(90);
        loop {
            let line = self.lines.recv_timeout(limit).unwrap_or_else(|_| panic!("`{what}` was never said"));
            if line.contains(what) {
                return;
            }
        }
    }

    pub fn signal(&self, of: Signal) {
        signal(self.child.id(), of);
    }
}

/// Children of a process, by what the kernel says.
pub fn children(pid: u32) -> Vec<u32> {
    let is_child = |entry: &fs::DirEntry| {
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        let parent: u32 = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()?;
        (parent == pid).then(|| entry.file_name().to_str()?.parse().ok()).flatten()
    };
    fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| is_child(&entry)).collect()
}

/// Processes that work in this folder, by what the kernel says, whoever their parent is by now: those of a desk's runs.
pub fn working_in(folder: &Path) -> Vec<u32> {
    let folder = folder.canonicalize().unwrap();
    let works = |entry: &fs::DirEntry| {
        let at = fs::read_link(entry.path().join("cwd")).ok()?;
        at.starts_with(&folder).then(|| entry.file_name().to_str()?.parse().ok()).flatten()
    };
    fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| works(&entry)).collect()
}

/// Those of a process's children that are brokers.
pub fn brokers(pids: &[u32]) -> Vec<u32> {
    let is_java =
        |pid: &u32| fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == "java");
    pids.iter().copied().filter(is_java).collect()
}

/// Sends a signal to a process.
pub fn signal(pid: u32, signal: Signal) {
    kill_process(Pid::from_raw(pid as i32).unwrap(), signal).unwrap();
}

/// Lets a process stand still for so long: that nothing happens has no event to be awaited.
pub fn freeze(pid: u32, seconds: u64) {
    signal(pid, Signal::STOP);
    std::thread::sleep(Duration::from_secs(seconds));
    signal(pid, Signal::CONT);
}

/// The record of a trial, by its folder.
pub fn record_in(trial: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(trial.join("trial.json")).unwrap()).unwrap()
}

/// Whether a process stands still.
pub fn stands_still(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.contains(") T ")
}

/// Waits until something holds of which nobody tells: it is looked at again and again, and by others in between.
pub fn await_that(within: Duration, what: &str, holds: impl Fn() -> bool) {
    let deadline = std::time::Instant::now() + within;
    while !holds() {
        assert!(std::time::Instant::now() < deadline, "{what}");
        std::thread::yield_now();
    }
}

/// Waits until none of these processes runs any more (a zombie does not run).
pub fn await_gone(pids: &[u32]) {
    let runs = |pid: &u32| {
        let stat =
            fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat")).unwrap_or_default();
        stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
    };
    await_that(Duration::from_secs(10), &format!("still there: {pids:?}"), || !pids.iter().any(runs));
}

/// Gives a client of that id, or every client whatever its id, a quota for bytes a second.
pub fn set_quotas(server: &str, client: Option<&'static str>, quotas: &[(&'static str, f64)]) {
    let whom = EntityData::default()
        .with_entity_type(StrBytes::from_static_str("client-id"))
        .with_entity_name(client.map(StrBytes::from_static_str));
    let op = |(key, value): &(&'static str, f64)| {
        OpData::default().with_key(StrBytes::from_static_str(key)).with_value(*value).with_remove(false)
    };
    let entry = EntryData::default().with_entity(vec![whom]).with_ops(quotas.iter().map(op).collect());
    let request = AlterClientQuotasRequest::default().with_entries(vec![entry]).with_validate_only(false);
    let answer = ask(server, 1, &request);
    assert!(answer.entries.iter().all(|entry| entry.error_code == 0), "{answer:?}");
}
