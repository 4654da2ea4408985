//! Promises of consumers in containers, on real ones: of an image, and of a service of somebody's compose file.
#![expect(clippy::print_stderr, reason = "a skipped promise is told aloud")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use kafka_bench::consumers::{Event, Gathered};
use kafka_bench::spec::Topic;
use kafka_bench::timeline::Clock;
use rustix::process::Signal;
use serde_json::Value;

use crate::results::each_has_its_result;
use crate::support::{Desk, Talking, admin, control_group, may_write, number, plain, signal};

/// Runs the reference consumer as anybody's program. What it says goes where its container's output goes. Many are killed: nobody waits long for their sessions.
const CONSUMER: &str = r#"
echo "instance $BENCH_INSTANCE of $BENCH_INSTANCES with $SECRET"
export BENCH_CONSUMER="{\"servers\": \"$BENCH_SERVERS\", \"group\": \"$BENCH_GROUP\", \"topic\": \"$BENCH_TOPIC\", \"trial\": 1,
 \"instance\": ${BENCH_INSTANCE:-0}, \"threads\": 1, \"seed\": 1, \"clock\": $CLOCK, \"properties\": {\"session.timeout.ms\": \"6000\"}}"
exec /bin/bench consumer
"#;
const DOCKERFILE: &str = "FROM scratch\nCOPY rootfs/ /\nCOPY busybox /bin/sh\nCOPY busybox /bin/sleep\nCOPY consumer.sh /\nCMD [\"/bin/sh\", \"/consumer.sh\"]\n";
/// Where containers are nested in one, they may not have more than that.
const CONTAINERS_CONF: &str = "[containers]\ndefault_ulimits = [\"nofile=4096:4096\", \"nproc=4096:4096\"]\n";

/// A folder with an image to be built: bench, what it is linked to, and a shell. None where no container can be run, which is said.
struct Yard {
    desk: Desk,
}

impl Yard {
    fn new(backend: &str, rest: &str) -> Option<Self> {
        let desk = Desk::new(&format!(
            "topic: {{ partitions: 4 }}\nworkload: {{ rate: 400/s, message: {{ size: 200B }} }}\n\
             consumers:\n  instances: 2\n  backend: {backend}\nphases: {{ warm_up: 2s, measure: 6s, drain: 20s }}\n{rest}"
        ));
        let yard = Yard { desk };
        let image = yard.path("image");
        fs::create_dir_all(&image).unwrap();
        fs::write(yard.path("containers.conf"), CONTAINERS_CONF).unwrap();
        fs::write(image.join("Consumer"), DOCKERFILE).unwrap();
        fs::write(image.join("consumer.sh"), CONSUMER).unwrap();
        let there = fs::copy("/bin/busybox", image.join("busybox")).is_ok();
        let gather = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/image");
        let mut gathering = Command::new("bash");
        gathering.arg(gather).arg("--gather").arg(&image).arg(env!("CARGO_BIN_EXE_bench"));
        let gathered = gathering.output().unwrap();
        assert!(gathered.status.success(), "{gathered:?}");
        let built = there && yard.podman(&["build", "--quiet", "--file", "image/Consumer", "image"]).is_ok();
        let lives = yard.podman(&["version"]).and_then(|_| {
            let built = yard.podman(&["build", "--quiet", "--file", "image/Consumer", "image"])?;
            yard.podman(&["run", "--rm", "--network", "host", built.trim(), "/bin/sh", "-c", "exit 0"])
        });
        if let (true, Ok(_)) = (built, &lives) {
            return Some(yard);
        }
        eprintln!("skipped: no container can be run here (podman, runc, busybox-static): {lives:?}");
        None
    }

    fn path(&self, name: &str) -> PathBuf {
        self.desk.folder.path().join(name)
    }

    fn with_engine(&self, mut command: Command) -> Command {
        command.current_dir(self.desk.folder.path());
        command.env("CONTAINERS_CONF", self.path("containers.conf")).env("SECRET", "hunter2-of-the-test");
        command.env_remove("DOCKER_HOST");
        command
    }

    fn bench(&self, arguments: &[&str]) -> Command {
        self.with_engine(self.desk.bench(arguments))
    }

    /// What podman prints, or its words.
    fn podman(&self, arguments: &[&str]) -> Result<String, String> {
        let mut command = Command::new("podman");
        command.args(arguments);
        let output = self.with_engine(command).output().map_err(|error| error.to_string())?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }

    /// Ids of living and dead containers of the one run there is.
    fn of_run(&self) -> Vec<String> {
        let results = self.desk.results();
        let run = results.file_name().unwrap().to_str().unwrap().rsplit('-').next().unwrap().to_owned();
        let filter = format!("label=kafka-bench.run={run}");
        let listed = self.podman(&["ps", "-a", "-q", "--no-trunc", "--filter", &filter]).unwrap();
        listed.lines().map(str::to_owned).collect()
    }

    /// Puts this very program into the image, stripped, as `/bin/pipeline`.
    fn with_program(&self) {
        let (image, own) = (self.path("image"), std::env::current_exe().unwrap());
        let installed = Command::new("install").arg("-s").arg(own).arg(image.join("pipeline")).status();
        assert!(installed.unwrap().success());
        fs::write(image.join("Consumer"), format!("{DOCKERFILE}COPY pipeline /bin/pipeline\n")).unwrap();
    }

    /// Has somebody's pipeline run beside the reference consumer, in one of the containers: a part of this very program, as `/bin/pipeline`.
    fn with_results_on(&self, topic: &str) {
        let pipeline = format!(
            "RESULTS={topic} /bin/pipeline --exact --ignored --nocapture results::a_pipeline_that_is_told_by_its_environment > /dev/null 2>&1 &\n"
        );
        let consumer = CONSUMER.replace("exec /bin/bench", &(pipeline + "exec /bin/bench"));
        fs::write(self.path("image").join("consumer.sh"), consumer).unwrap();
        let four = Topic { partitions: 4, replication: 1, ..Topic::default() };
        admin().create_topic(topic, &four).unwrap();
    }
}

/// A container that is nobody's business; it ends with this.
struct Other<'a>(&'a Yard, String);

impl<'a> Other<'a> {
    fn start(yard: &'a Yard) -> Self {
        let built = yard.podman(&["build", "--quiet", "--file", "image/Consumer", "image"]).unwrap();
        let idle = ["run", "-d", "--network", "host", "--label", "kafka-bench.run=another", built.trim()];
        let id = yard.podman(&[&idle[..], &["/bin/sleep", "600"]].concat()).unwrap();
        Other(yard, id.trim().to_owned())
    }

    fn lives(&self) -> bool {
        self.0.podman(&["container", "inspect", "--format", "{{.State.Running}}", &self.1]).unwrap().trim()
            == "true"
    }
}

impl Drop for Other<'_> {
    fn drop(&mut self) {
        self.0.podman(&["rm", "--force", "--time", "0", &self.1]).unwrap();
    }
}

fn clock() -> String {
    serde_json::to_string(&Clock::anchor()).unwrap()
}

fn of_image(more: &str) -> String {
    format!(
        "{{ container: {{ build: image, dockerfile: Consumer, env: {{ CLOCK: '{}', SECRET: '${{SECRET}}' }}{more} }} }}",
        clock()
    )
}

/// What the reference consumer itself has said, as it is kept with the trial.
fn own_report(trial: &Path, instances: u32) -> Gathered {
    let mut gathered = Gathered::default();
    for instance in 0..instances {
        let text = fs::read_to_string(trial.join(format!("output-promise-{instance}.log"))).unwrap();
        for line in text.lines().filter(|line| line.starts_with('{')) {
            gathered.add(instance, 0, Event::Line(serde_json::from_str(line).unwrap()));
        }
    }
    gathered
}

/// Messages whose results can be told apart.
const ORDERS: &str =
    "workload.message={ template: '{\"n\":{{sequence}}}', headers: [ { name: order, field: uuid } ] }";

#[test]
fn containers_are_measured_as_programs_are_they_come_and_go_their_image_is_in_the_record_and_none_is_left() {
    let events = "events: [ { at: 5s, add: {} }, { at: 7s, remove: {} } ]\n";
    let output = "output: { topic: container-results, match: { header: order } }\n";
    let backend = format!("{}\n  {output}", of_image(", grace: 2s").trim_end());
    let Some(yard) = Yard::new(&backend, &format!("slos: [ \"unread <= 0\" ]\n{events}")) else { return };
    yard.with_program();
    yard.with_results_on("container-results");
    let other = Other::start(&yard);
    let run = Talking::start(yard.bench(&["run", "promise.yaml", "--set", ORDERS]));
    run.await_line("measure");
    let ids = yard.of_run();
    assert_eq!(ids.len(), 2);
    // A command line, and what the engine is asked, can be read by others: no secret is in either.
    let seen = yard
        .podman(&["container", "inspect", "--format", "{{json .Config.CreateCommand}}", &ids[0]])
        .unwrap();
    assert!(seen.contains("SECRET") && !seen.contains("hunter2"), "{seen}");
    let mut run = run.child;
    run.wait().unwrap();
    let row = yard.desk.trials().remove(0);
    assert!(["valid", "doubtful"].contains(&row["outcome"].as_str()), "{row:?}");
    assert_eq!(row["unread"], "0", "{row:?}");
    let own = own_report(&yard.desk.trial(), 3);
    let followed = &yard.desk.record()["followed"];
    let committed = followed["committed"].as_u64().unwrap();
    assert_eq!((committed, committed.to_string()), (own.processed(), row["acked"].clone()), "{row:?}");
    assert!(number(&row, "consumers_cpu_cores") > 0.0, "{row:?}");
    // One came and one left, both within the window.
    let events = yard.desk.events();
    assert_eq!(events.len(), 2, "{events:?}");
    assert!(events.iter().all(|event| number(event, "done_s") < 9.0), "{events:?}");
    // Its results are followed, whoever else is in the container.
    each_has_its_result(&yard.desk.record(), &row, number(&row, "acked"));
    let kept = fs::read_to_string(yard.desk.trial().join("output-promise-1.log")).unwrap();
    assert!(kept.starts_with("instance 1 of 2 with ${SECRET}\n"), "{kept}");
    let manifest: Value =
        serde_json::from_slice(&fs::read(yard.desk.results().join("manifest.json")).unwrap()).unwrap();
    let image = &manifest["images"][0];
    let id = image["id"].as_str().unwrap();
    assert!(id.starts_with("sha256:") && id.len() == 71 && image["built"] == true, "{image}");
    let report = plain(&fs::read(yard.desk.results().join("report.md")).unwrap());
    assert!(report.contains(id) && report.contains("run by podman"), "{report}");
    yard.desk.whole();
    assert_eq!(yard.of_run(), Vec::<String>::new());
    assert!(other.lives(), "what is not bench's was touched");
    admin().delete_topic("container-results").unwrap();
}

#[test]
fn an_emulated_container_is_held_in_its_own_control_group() {
    if !may_write() {
        return;
    }
    let args = ", args: [ /bin/sh, -c, \"/bin/sh /consumer.sh & while :; do :; done\" ], grace: 1s";
    let Some(yard) = Yard::new(&of_image(args), "emulation: { vcpu: 20% }\n") else { return };
    let more = ["instances=1", "instance_type=t3.micro", "credits.mode=standard", "credits.start=exhausted"];
    let more: Vec<String> = more.iter().map(|one| format!("consumers.{one}")).collect();
    let more: Vec<&str> = more.iter().flat_map(|one| ["--set", one]).collect();
    let run = Talking::start(yard.bench(&[&["run", "promise.yaml"], &more[..]].concat()));
    run.await_line("measure");
    let ids = yard.of_run();
    let pid = yard.podman(&["container", "inspect", "--format", "{{.State.Pid}}", &ids[0]]).unwrap();
    let memory = control_group(pid.trim().parse().unwrap(), "memory");
    let limit = ["memory.limit_in_bytes", "memory.max"]
        .iter()
        .find_map(|name| fs::read_to_string(memory.join(name)).ok());
    assert_eq!(limit.unwrap().trim(), (1_u64 << 30).to_string(), "what a t3.micro has");
    let mut run = run.child;
    run.wait().unwrap();
    let row = yard.desk.trials().remove(0);
    assert!(["valid", "doubtful"].contains(&row["outcome"].as_str()), "{row:?}");
    assert!(row["doubts"].contains("scaled_down"), "{row:?}");
    let group = &yard.desk.record()["emulated"][0];
    let one = &group["instances"][0];
    // A tenth of two vCPUs, each a fifth of a core: the spinning shell takes all of it.
    let (used, allowed) = (one["used_vcpus"].as_f64().unwrap(), one["allowed_vcpus"].as_f64().unwrap());
    assert!((0.15..0.25).contains(&allowed), "{one}");
    assert!((0.8..1.1).contains(&(used / allowed)), "{one}");
    assert_eq!(group["refused"], 0, "{group}");
    assert!(number(&row, "consumers_cpu_cores") < 0.2 * 0.2 * 1.3, "{row:?}");
    assert_eq!(yard.of_run(), Vec::<String>::new());
}

#[test]
fn a_container_that_the_kernel_kills_for_its_memory_fails_its_trial_with_that_reason() {
    if !may_write() {
        return;
    }
    let args = ", args: [ /bin/sh, -c, \"x=a; while :; do x=$x$x; done\" ]";
    let Some(yard) = Yard::new(
        &of_image(args),
        "instance_types: [ { name: tiny, vcpus: 1, memory: 16MiB, price: 0.01 USD/h } ]\n",
    ) else {
        return;
    };
    let output =
        yard.bench(&["run", "promise.yaml", "--set", "consumers.instance_type=tiny"]).output().unwrap();
    assert_eq!(output.status.code(), Some(4), "{}", String::from_utf8_lossy(&output.stderr));
    let end = yard.desk.record()["end"].to_string();
    assert!(end.contains("the kernel killed instance 0 for its memory: a tiny has 16 MiB"), "{end}");
}

#[test]
fn what_a_killed_run_leaves_of_its_containers_is_cleaned_up_and_nothing_else() {
    let Some(yard) = Yard::new(&of_image(""), "") else { return };
    let other = Other::start(&yard);
    let run = Talking::start(yard.bench(&["run", "promise.yaml"]));
    run.await_line("measure");
    run.signal(Signal::KILL);
    let mut dead = run.child;
    dead.wait().unwrap();
    assert_eq!(yard.of_run().len(), 2, "there is something to clean up");
    let cleaned = yard.bench(&["clean"]).output().unwrap();
    let told = String::from_utf8_lossy(&cleaned.stdout).into_owned();
    assert!(told.contains("removed 2 containers"), "{told}{}", String::from_utf8_lossy(&cleaned.stderr));
    assert_eq!(yard.of_run(), Vec::<String>::new());
    assert!(other.lives(), "what is not bench's was touched");
}

#[test]
fn an_image_that_cannot_be_had_is_the_files_fault_and_an_engine_that_is_missing_the_hosts() {
    let Some(yard) = Yard::new(&of_image(""), "") else { return };
    let run = |set: &str, path: Option<&str>| {
        let mut command = yard.bench(&["run", "promise.yaml", "--set", set]);
        if let Some(path) = path {
            command.env("PATH", path);
        }
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, told) = run("consumers.backend={ container: { image: no-such-image } }", None);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("has no image `no-such-image`, and cannot pull it: "), "{told}");
    fs::write(yard.path("image/Broken"), "FROM scratch\nCOPY nothing /\n").unwrap();
    let (code, told) = run("consumers.backend={ container: { build: image, dockerfile: Broken } }", None);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("cannot build `image/Broken`: ") && told.contains("nothing"), "{told}");
    let (code, told) = run("consumers.threads=1", Some("/nonexistent"));
    assert_eq!(code, Some(3), "{told}");
    assert!(
        told.contains("error: no container engine answers here: `docker`: `docker` is not installed"),
        "{told}"
    );
}

#[test]
fn a_container_that_ends_at_once_or_cannot_start_fails_its_trial_in_its_own_words_or_the_engines() {
    let args = ", args: [ /bin/sh, -c, \"echo no such broker; exit 3\" ]";
    let Some(yard) = Yard::new(&of_image(args), "") else { return };
    assert_eq!(yard.bench(&["run", "promise.yaml"]).output().unwrap().status.code(), Some(4));
    let end = yard.desk.record()["end"].to_string();
    for said in ["ended on its own", "exit status: 3", "no such broker"] {
        assert!(end.contains(said), "`{said}` is not in {end}");
    }
    assert_eq!(yard.of_run(), Vec::<String>::new());
    fs::remove_dir_all(yard.path("results")).unwrap();
    let set = "consumers.backend.container.args=[ /no/such/program ]";
    assert_eq!(yard.bench(&["run", "promise.yaml", "--set", set]).output().unwrap().status.code(), Some(4));
    let end = yard.desk.record()["end"].to_string();
    assert!(end.contains("podman cannot start a container: ") && end.contains("/no/such/program"), "{end}");
    assert_eq!(yard.of_run(), Vec::<String>::new());
}

/// Podman behind docker's API, which docker-compose speaks; it ends with this.
struct Daemon(Child);

impl Daemon {
    fn start(yard: &Yard) -> Option<Self> {
        let has = |name: &str| Command::new(name).arg("--version").output().is_ok();
        if !has("docker-compose") || !has("docker") {
            eprintln!("skipped: no compose here (`docker-compose`, and docker's client)");
            return None;
        }
        let mut command = Command::new("podman");
        command.args(["system", "service", "--time", "0", &Self::address(yard)]);
        let daemon = Daemon(yard.with_engine(command).spawn().unwrap());
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while !yard.path("podman.sock").exists() {
            assert!(std::time::Instant::now() < deadline, "podman's service never came");
            std::thread::yield_now();
        }
        Some(daemon)
    }

    fn address(yard: &Yard) -> String {
        format!("unix://{}", yard.path("podman.sock").display())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        signal(self.0.id(), Signal::TERM);
        self.0.wait().unwrap();
    }
}

/// The owner's project, which only his environment names.
fn project() -> String {
    format!("promise-{}", std::process::id())
}

/// What he has set, and not everybody who cleans up.
fn owners_environment() -> [(&'static str, String); 2] {
    [("COMPOSE_PROJECT_NAME", project()), ("KEPT", "kept".to_owned())]
}

/// The filter of what compose makes of the file.
fn of_project() -> String {
    format!("label=com.docker.compose.project={}", project())
}

/// Environment and count of what runs of the service.
fn standing(yard: &Yard) -> Vec<BTreeMap<String, String>> {
    let ids = yard.podman(&["ps", "-q", "--filter", &of_project()]).unwrap();
    let env = |id: &str| {
        let text = yard.podman(&["container", "inspect", "--format", "{{json .Config.Env}}", id]).unwrap();
        let all: Vec<String> = serde_json::from_str(&text).unwrap();
        all.iter().filter_map(|one| one.split_once('=')).map(|(a, b)| (a.to_owned(), b.to_owned())).collect()
    };
    ids.lines().map(env).collect()
}

#[test]
fn a_service_of_a_compose_file_is_scaled_and_as_it_was_afterwards_also_after_a_kill() {
    let backend = format!(
        "{{ compose: {{ file: compose.yaml, service: orders, env: {{ CLOCK: '{}', SECRET: '${{SECRET}}' }}, grace: 2s }} }}",
        clock()
    );
    let Some(yard) = Yard::new("{ process: {} }", "") else { return };
    let experiment = fs::read_to_string(yard.desk.experiment()).unwrap();
    fs::write(yard.desk.experiment(), experiment.replace("{ process: {} }", &backend)).unwrap();
    let Some(_daemon) = Daemon::start(&yard) else { return };
    yard.with_results_on("compose-results");
    let image = yard.podman(&["build", "--quiet", "--file", "image/Consumer", "image"]).unwrap();
    let owners = format!(
        "version: \"3\"\nservices:\n  orders:\n    image: {0}\n    network_mode: host\n    stop_signal: SIGKILL\n    environment: {{ MINE: \"${{KEPT}}\" }}\n    volumes: [ \"{1}:/bin/pipeline:ro\" ]\n    \
         entrypoint: [ /bin/sh, -c, \"if [ -n \\\"$$BENCH_TOPIC\\\" ]; then exec /bin/sh /consumer.sh; fi; exec /bin/sleep 600\" ]\n  \
         other:\n    image: {0}\n",
        image.trim(),
        std::env::current_exe().unwrap().display()
    );
    fs::write(yard.path("compose.yaml"), &owners).unwrap();
    let compose = |arguments: &[&str]| {
        let mut command = yard.with_engine(Command::new("docker-compose"));
        command.args(arguments).env("DOCKER_HOST", Daemon::address(&yard)).envs(owners_environment());
        assert!(command.output().unwrap().status.success(), "{arguments:?}");
    };
    let bench = |arguments: &[&str]| {
        let mut command = yard.bench(arguments);
        command.env("DOCKER_HOST", Daemon::address(&yard)).envs(owners_environment());
        command
    };
    let planned = bench(&["plan", "promise.yaml"]).output().unwrap();
    let planned = String::from_utf8(planned.stdout).unwrap();
    for said in [
        "compose.yaml stays as it is",
        "+   orders:",
        "+       BENCH_TOPIC: \"<of the trial>\"",
        "+       SECRET: null",
    ] {
        assert!(planned.contains(said), "`{said}` is not in {planned}");
    }
    let scale = "events=[ { at: 5s, scale: { instances: 3 } } ]";
    let output = "consumers.output={ topic: compose-results, match: { header: order } }";
    let sets = [scale, output, ORDERS].map(|set| ["--set", set]).concat();
    let run = Talking::start(bench(&[&["run", "promise.yaml"], &sets[..]].concat()));
    run.await_line("measure");
    let during = standing(&yard);
    assert_eq!(during.len(), 2);
    assert!(during.iter().all(|env| env["MINE"] == "kept" && env["BENCH_INSTANCES"] == "2"), "{during:?}");
    let mut run = run.child;
    run.wait().unwrap();
    let row = yard.desk.trials().remove(0);
    assert!(["valid", "doubtful"].contains(&row["outcome"].as_str()), "{row:?}");
    assert_eq!((row["unread"].as_str(), number(&row, "consumers_cpu_cores") > 0.0), ("0", true), "{row:?}");
    let events = yard.desk.events();
    assert!(number(&events[0], "done_s") > 0.0, "{events:?}");
    // Its results are followed, in whichever of the containers they are made.
    each_has_its_result(&yard.desk.record(), &row, number(&row, "acked"));
    let third = fs::read_to_string(yard.desk.trial().join("output-promise-2.log")).unwrap();
    assert!(third.contains("of 2 with ${SECRET}"), "{third}");
    // Nothing stood there, not even a network.
    let left = yard.podman(&["ps", "-a", "-q", "--filter", &of_project()]).unwrap();
    let networks = yard.podman(&["network", "ls", "-q", "--filter", &of_project()]).unwrap();
    assert_eq!((left.trim(), networks.trim()), ("", ""));
    assert_eq!(
        fs::read_to_string(yard.path("compose.yaml")).unwrap(),
        owners,
        "the owner's file was written"
    );

    fs::remove_dir_all(yard.path("results")).unwrap();
    compose(&["up", "--detach", "--scale", "orders=1", "orders"]);
    assert_eq!(standing(&yard).len(), 1);
    let run = Talking::start(bench(&["run", "promise.yaml"]));
    run.await_line("measure");
    run.signal(Signal::KILL);
    let mut dead = run.child;
    dead.wait().unwrap();
    assert_eq!(standing(&yard).len(), 2, "there is something to clean up");
    // Whoever cleans up has another environment; without what the file takes of it he would make something else.
    let refused = bench(&["clean"]).env_remove("COMPOSE_PROJECT_NAME").env_remove("KEPT").output().unwrap();
    let told = plain(&[refused.stdout, refused.stderr].concat());
    assert!(!refused.status.success() && told.contains("the file takes KEPT from the environment"), "{told}");
    let cleaned = bench(&["clean"]).env_remove("COMPOSE_PROJECT_NAME").output().unwrap();
    assert!(cleaned.status.success(), "{}", String::from_utf8_lossy(&cleaned.stderr));
    let after = standing(&yard);
    assert_eq!(after.len(), 1, "{after:?}");
    assert!(!after[0].contains_key("BENCH_TOPIC") && after[0]["MINE"] == "kept", "{after:?}");
    compose(&["down"]);
    admin().delete_topic("compose-results").unwrap();
}

#[test]
fn bench_itself_is_an_image_of_nothing_but_itself() {
    let Some(yard) = Yard::new("{ process: {} }", "") else { return };
    let image = yard.podman(&["build", "--quiet", "image"]).unwrap();
    let run = ["run", "--rm", "--network", "host", "--volume"];
    let mounted = format!("{}:/bench", yard.desk.folder.path().display());
    let told = yard.podman(&[&run[..], &[&mounted, image.trim(), "run", "promise.yaml"]].concat());
    let row = yard.desk.trials().remove(0);
    assert!(["valid", "doubtful"].contains(&row["outcome"].as_str()), "{told:?} {row:?}");
    assert!(number(&row, "received") > 0.0, "{row:?}");
}
