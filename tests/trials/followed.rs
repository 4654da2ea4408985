//! Promises of consumers that are not ours: started as programs, followed by what their group commits.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use kafka_bench::cluster::{cache_folder, marked};
use kafka_bench::consumers::{Event, Gathered};
use kafka_bench::spec::Topic;
use kafka_bench::timeline::Clock;
use kafka_bench::units::Latency;
use rustix::process::Signal;

use crate::secrets::files;
use crate::support::{Desk, Talking, admin, may_write, number, plain, servers, signal};
use crate::{groups, prefix};

/// A script that runs the reference consumer as anybody's program: configured by a file, its lines kept beside it.
const CONSUMER: &str = r#"
properties="{\"session.timeout.ms\": \"${SESSION:-45000}\"}"
if [ -n "$NEW_PROTOCOL" ]; then properties='{"group.protocol": "consumer"}'; fi
cat > config-$BENCH_INSTANCE.json <<END
{"servers": "$BENCH_SERVERS", "group": "$BENCH_GROUP", "topic": "$BENCH_TOPIC", "trial": 1, "instance": $BENCH_INSTANCE,
 "threads": 1, "seed": 1, "clock": $CLOCK, "output": "lines-$BENCH_INSTANCE.jsonl",
 "properties": $properties}
END
echo "instance $BENCH_INSTANCE of $BENCH_INSTANCES"
exec "$PROGRAM" consumer --config config-$BENCH_INSTANCE.json
"#;

/// An experiment whose consumers are started so; `command` is what more it says of them.
pub(crate) fn desk(run: &str, command: &str, rest: &str) -> Desk {
    let clock = serde_json::to_string(&Clock::anchor()).unwrap();
    let program = env!("CARGO_BIN_EXE_bench");
    let desk = Desk::new(&format!(
        "topic: {{ partitions: 4 }}\nworkload: {{ rate: 400/s, message: {{ size: 200B }} }}\n\
         consumers:\n  instances: 2\n  backend: {{ command: {{ run: '{run}', env: {{ PROGRAM: '{program}', CLOCK: '{clock}' }}{command} }} }}\n\
         phases: {{ warm_up: 2s, measure: 12s, drain: 20s }}\n{rest}"
    ));
    fs::write(desk.folder.path().join("consumer.sh"), CONSUMER).unwrap();
    desk
}

/// What the reference consumer itself has said.
fn own_report(folder: &Path, instances: u32) -> Gathered {
    let mut gathered = Gathered::default();
    for instance in 0..instances {
        let text = fs::read_to_string(folder.join(format!("lines-{instance}.jsonl"))).unwrap();
        for line in text.lines() {
            gathered.add(instance, 0, Event::Line(serde_json::from_str(line).unwrap()));
        }
    }
    gathered
}

fn in_books(row: &BTreeMap<String, String>) -> [&str; 6] {
    ["received", "received_unacked", "duplicates", "out_of_order", "lost", "end_to_end_latency_n"]
        .map(|column| row[column].as_str())
}

#[test]
fn a_reference_consumer_that_is_followed_from_outside_is_seen_as_it_sees_itself() {
    let desk = desk("sh consumer.sh", "", "slos: [ \"p99(committed) < 60s\", \"unread <= 0\" ]\n");
    let output = desk.run(&[]);
    let told = plain(&fs::read(desk.results().join("report.md")).unwrap());
    let row = desk.trials().remove(0);
    let code = if row["outcome"] == "valid" { 0 } else { 4 };
    assert_eq!(output.status.code(), Some(code), "{row:?}");
    assert_eq!((in_books(&row), row["unread"].as_str()), ([""; 6], "0"), "unknown is not zero");
    assert!(told.contains("unread 0, lost unknown, duplicates unknown"), "{told}");

    // Counts are equal: what it says that it processed is what its commits passed, and all that was acked.
    let own = own_report(desk.folder.path(), 2);
    let followed = &desk.record()["followed"];
    let committed = followed["committed"].as_u64().unwrap();
    assert_eq!((committed, followed["late"].as_u64()), (own.processed(), Some(0)), "{followed}");
    assert_eq!(committed.to_string(), row["acked"]);
    assert_eq!(
        (followed["by"].as_str(), followed["told"].as_u64()),
        (Some("offsets_topic"), Some(committed))
    );
    let on_its_way = followed["every_ms"].as_f64().unwrap();
    assert!((1.0..500.0).contains(&on_its_way), "{followed}");
    assert_eq!((followed["members"].as_u64(), followed["rewinds"].as_u64()), (Some(2), Some(0)));
    // It commits once a second, and each commit is told at once.
    let interval_s = followed["commit_interval_s"].as_f64().unwrap();
    assert!((0.75..=1.5).contains(&interval_s), "{followed}");

    // A message is committed after it was processed, and within a commit's time and a record's way of that.
    let end_to_end = own.latencies()[&Latency::EndToEnd].sum(0, u64::MAX).dense();
    let ms = |part: f64| end_to_end.value_at_quantile(part) as f64 / 1e6;
    for (part, column) in [(0.5, "p50_ms"), (0.9, "p90_ms"), (0.99, "p99_ms")] {
        let seen = number(&row, &format!("committed_latency_{column}"));
        // The host may let a commit wait, too.
        assert!(
            seen >= ms(part) && seen <= ms(part) + 1_000.0 + on_its_way + 250.0,
            "{column}: {seen} {}",
            ms(part)
        );
    }
    let median = number(&row, "committed_latency_p50_ms");
    assert!(median > 300.0, "half of the messages wait for more than half a second: {median}");
    let processed = number(&row, "processed_msgs_per_s");
    assert!((processed - number(&row, "offered_msgs_per_s")).abs() < 80.0, "{row:?}");
    assert!(number(&row, "time_lag_max_ms") > 500.0, "{row:?}");
    assert!(row["saturated"] == "false" || row["outcome"] != "valid", "steps are no growth: {row:?}");
    assert!(row["doubts"].contains("followed_from_outside"), "{row:?}");
    assert!(number(&row, "consumers_cpu_cores") > 0.0, "{row:?}");

    // Its output is kept with the trial, the folder is whole, and nothing is left.
    let kept = fs::read_to_string(desk.trial().join("output-promise-1.log")).unwrap();
    assert_eq!(kept, "instance 1 of 2\n");
    desk.whole();
    assert!(!groups(&servers()).iter().any(|group| group.contains(&prefix(&desk))));
    assert_eq!(of_run(&desk), Vec::<u32>::new());
}

/// Processes that a run has started as its consumers and that still live.
fn of_run(desk: &Desk) -> Vec<u32> {
    marked("BENCH_RUN", run_id(&desk.results()))
}

fn run_id(results: &Path) -> &str {
    results.file_name().unwrap().to_str().unwrap().rsplit('-').next().unwrap()
}

/// The broker of these tests has been fetched, and brings Kafka's own tools.
fn jars() -> PathBuf {
    servers();
    match std::env::var_os("KAFKA_HOME") {
        Some(home) => Path::new(&home).join("libs"),
        None => cache_folder().unwrap().join("kafka-4.3.1"),
    }
}

#[test]
fn kafkas_own_console_consumer_is_followed_without_changing_a_line_of_it_and_so_are_its_results() {
    let results = Topic { partitions: 3, replication: 1, ..Topic::default() };
    admin().create_topic("console-results", &results).unwrap();
    let java = format!("java -Xmx128m -cp \"{}/*\" org.apache.kafka.tools", jars().display());
    let run = format!(
        "{java}.consumer.ConsoleConsumer --bootstrap-server $BENCH_SERVERS --topic $BENCH_TOPIC --group $BENCH_GROUP \
         --command-config $BENCH_PROPERTIES | {java}.ConsoleProducer --bootstrap-server $BENCH_SERVERS --topic console-results --timeout 10",
    );
    let desk = desk(&run, "", "");
    // Under Java's own names, of which librdkafka knows one and not the other.
    let told = "consumers.properties={ auto.commit.interval.ms: 2000, max.poll.records: 50 }";
    let orders = "workload.message={ template: '{\"id\":\"{{uuid}}\"}' }";
    let output = "consumers.output={ topic: console-results, match: { json: /id } }";
    let sets = ["consumers.instances=1", told, orders, output].map(|set| ["--set", set]).concat();
    let run = Talking::start(desk.bench(&[&["run", "promise.yaml"], &sets[..]].concat()));
    run.await_line("measure");
    let began = Instant::now();
    // It stands still while Kafka's own tool is asked: what it has committed stays, and messages come.
    let reader = |pid: &u32| {
        let called = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        called.starts_with("java") && called.contains("tools.consumer.ConsoleConsumer")
    };
    let reader = of_run(&desk).into_iter().find(|pid| reader(pid)).unwrap();
    signal(reader, Signal::STOP);
    let group = format!("promise-{}001", prefix(&desk));
    let asked = began.elapsed().as_secs_f64();
    let (answer, answers) = channel();
    let tool = std::thread::spawn(move || answer.send(lag_by_kafkas_own_tool(&group)).unwrap());
    let soon = answers.recv_timeout(Duration::from_secs(4));
    signal(reader, Signal::CONT);
    // Where others keep the host busy it takes longer, and the reader goes on meanwhile.
    let told_lag = soon.or_else(|_| answers.recv()).unwrap();
    let answered = began.elapsed().as_secs_f64();
    tool.join().unwrap();
    let mut run = run.child;
    run.wait().unwrap();
    let row = desk.trials().remove(0);
    let told = format!("{row:?}\n{}", desk.told());
    assert!(["valid", "doubtful"].contains(&row["outcome"].as_str()), "{told}");
    assert_eq!((in_books(&row), row["unread"].as_str()), ([""; 6], "0"), "{told}");
    let followed = &desk.record()["followed"];
    assert_eq!(followed["committed"].as_f64(), Some(number(&row, "acked")), "{followed}");
    let interval_s = followed["commit_interval_s"].as_f64().unwrap();
    assert!((1.75..=2.75).contains(&interval_s), "{followed}");
    assert!(row["doubts"].contains("rare_commits"), "{told}");
    assert!((500.0..6_000.0).contains(&number(&row, "committed_latency_p50_ms")), "{told}");
    // It hands on what it reads, each message once and in its order.
    let counts = ["output_missing", "output_doubled", "output_out_of_order", "output_unknown"];
    assert_eq!(counts.map(|column| row[column].as_str()), ["0"; 4], "{told}");
    assert_eq!(followed["results"]["messages"].as_f64(), Some(number(&row, "acked")), "{followed}");
    assert!(number(&row, "output_latency_p50_ms") < number(&row, "committed_latency_p50_ms"), "{told}");
    // What the tool says lies between what was read of the same lag around that time.
    let readings = lags_between(&desk, asked - 0.3, answered + 0.3);
    let (least, most) = (*readings.iter().min().unwrap(), *readings.iter().max().unwrap());
    // It may have come after the last reading before the reader went on: a quarter second's messages later, half as many again by chance.
    let within = least..=most + 150;
    assert!(within.contains(&told_lag), "the tool says {told_lag}, and bench read {readings:?}");
    let stood_still = soon.is_err() || told_lag > 200;
    assert!(stood_still, "for as long as the tool took to start: {told_lag} of {readings:?}");
    desk.whole();
    admin().delete_topic("console-results").unwrap();
}

/// A group's lag as Kafka's own tool tells it, all partitions together.
fn lag_by_kafkas_own_tool(group: &str) -> u64 {
    let mut tool = Command::new("java");
    tool.args(["-Xmx128m", "-cp", &format!("{}/*", jars().display())]);
    tool.args(["org.apache.kafka.tools.consumer.group.ConsumerGroupCommand", "--describe"]);
    let said = tool.args(["--bootstrap-server", &servers(), "--group", group]).output().unwrap();
    let table = String::from_utf8(said.stdout).unwrap();
    let rows = || table.lines().filter(|line| !line.trim().is_empty()).map(|line| line.split_whitespace());
    let mut head = rows().next().unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&said.stderr)));
    let lag = head.position(|column| column == "LAG").unwrap();
    let lags = rows().skip(1).map(|mut row| row.nth(lag).unwrap().parse::<u64>().unwrap());
    lags.sum()
}

/// The lags that were read between two moments, in seconds since the window began, in the order of time.
fn lags_between(desk: &Desk, from_s: f64, to_s: f64) -> Vec<u64> {
    let began = desk.told().lines().find_map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        (line["text"] == "measure").then(|| line["t_s"].as_f64().unwrap())
    });
    let mut rows = csv::Reader::from_path(desk.trial().join("series.csv")).unwrap();
    let rows = rows.deserialize().map(Result::<BTreeMap<String, String>, _>::unwrap);
    // A row is of the quarter second that begins then, and lag is read at its end.
    let at = |row: &BTreeMap<String, String>| number(row, "t_s") + 0.25 - began.unwrap();
    let within = rows.filter(|row| (from_s..to_s).contains(&at(row)));
    within.filter_map(|row| row["lag_messages"].parse().ok()).collect()
}

#[test]
fn a_share_group_is_followed_by_what_its_broker_tells_and_partitions_do_not_bound_it() {
    // Such a client refuses to be told where to begin, which one of a group of consumers is.
    let run = format!(
        "grep -q auto.offset.reset $BENCH_PROPERTIES || told=\"--command-config $BENCH_PROPERTIES\"; \
         exec java -Xmx128m -cp \"{}/*\" org.apache.kafka.tools.consumer.ConsoleShareConsumer --bootstrap-server $BENCH_SERVERS \
         --topic $BENCH_TOPIC --group $BENCH_GROUP $told > /dev/null",
        jars().display()
    );
    let run_as = |more: &[&str]| {
        let desk = desk(&run, "", "");
        let sets = [&["topic.partitions=1", "phases.warm_up=3s", "phases.measure=5s"], more].concat();
        let output = desk.run(&sets.iter().flat_map(|set| ["--set", set]).collect::<Vec<_>>());
        let told = plain(&output.stdout) + &String::from_utf8_lossy(&output.stderr);
        (desk, told)
    };
    let (desk, told) = run_as(&["consumers.group_type=share", "backlog={ messages: 2k }"]);
    let row = desk.trials().remove(0);
    let told = format!("{row:?}\n{told}");
    assert!(["valid", "doubtful"].contains(&row["outcome"].as_str()), "{told}");
    let followed = &desk.record()["followed"];
    assert_eq!((followed["by"].as_str(), followed["members"].as_u64()), (Some("share_group"), Some(2)));
    assert_eq!(followed["lag_by"].as_str(), Some("broker"), "{followed}");
    assert_eq!(followed["committed"].as_f64(), Some(number(&row, "acked")), "{followed}\n{told}");
    assert_eq!((row["unread"].as_str(), row["committed_latency_n"].as_str()), ("0", ""), "{told}");
    let (processed, acked) = (number(&row, "processed_msgs_per_s"), number(&row, "acked_msgs_per_s"));
    assert!((processed - acked).abs() <= number(&row, "processed_width_msgs_per_s") + 40.0, "{told}");
    assert!(!row["lag_max_messages"].is_empty(), "{told}");
    // It begins where the backlog does: what it would have passed over counts as done, too.
    let got = |instance: u32| -> u64 {
        let said = fs::read_to_string(desk.trial().join(format!("output-promise-{instance}.log"))).unwrap();
        let (_, count) = said.split_once("Processed a total of ").unwrap_or_else(|| panic!("{said}"));
        count.split(' ').next().unwrap().parse().unwrap()
    };
    assert!((got(0) + got(1)) as f64 >= number(&row, "acked"), "{} and {}: {told}", got(0), got(1));
    assert_eq!(row["backlog_written_messages"], "2000", "{told}");
    let ages = ["age_p50_ms", "age_p99_ms"].map(|column| row[column].as_str());
    assert_eq!((ages, &desk.record()["backlog"]["ages"]), ([""; 2], &serde_json::Value::Null), "{told}");
    let doubts = &row["doubts"];
    assert!(doubts.contains("share_group") && !doubts.contains("idle_instances"), "{told}");
    assert!(
        !doubts.contains("rebalance"),
        "the second had its part of the partition when the load began: {told}"
    );
    let report = plain(&fs::read(desk.results().join("report.md")).unwrap());
    assert!(report.contains("partitions do not bound it"), "{report}");
    desk.whole();
    let left: Vec<String> =
        groups(&servers()).into_iter().filter(|group| group.contains(&prefix(&desk))).collect();
    assert_eq!(left, [""; 0], "{told}");

    let (desk, told) = run_as(&["consumers.group_type=consumer"]);
    let end = desk.record()["end"].to_string();
    assert!(end.contains("is a share group") && end.contains("group_type: share"), "{end}\n{told}");
}

#[test]
fn a_program_that_ends_at_once_fails_its_trial_with_its_status_and_its_last_words() {
    let desk = desk("echo no such broker for $DATABASE >&2; exit 3", "", "");
    let database = "consumers.backend.command.env.DATABASE=pg://${LOGIN_OF_THE_TEST}@h";
    let mut run = desk.bench(&["run", "promise.yaml", "--set", database]);
    let output = run.env("LOGIN_OF_THE_TEST", "kim:hunter2").output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    let end = desk.record()["end"].to_string();
    // What a variable takes from the environment may be a secret, whatever its name is.
    let words = "no such broker for pg://${LOGIN_OF_THE_TEST}@h";
    for said in ["ended on its own", "exit status: 3", words] {
        assert!(end.contains(said), "`{said}` is not in {end}");
    }
    assert!(fs::read_to_string(desk.trial().join("output-promise-0.log")).unwrap().contains(words));
    for file in files(desk.folder.path()) {
        let text = fs::read(&file).unwrap();
        assert!(!String::from_utf8_lossy(&text).contains("hunter2"), "{}", file.display());
    }
    let said = plain(&output.stdout) + &plain(&output.stderr);
    assert!(!said.contains("hunter2"), "{said}");
    assert_eq!(of_run(&desk), Vec::<u32>::new());
}

#[test]
fn a_program_that_dies_under_load_makes_its_trial_doubtful_and_another_may_take_its_place() {
    let desk = desk("export SESSION=6000; exec sh consumer.sh", ", restart: always", "");
    let (run, instance) = desk.measuring();
    signal(instance, Signal::KILL);
    let mut run = run.child;
    run.wait().unwrap();
    let row = desk.trials().remove(0);
    assert_eq!(row["outcome"], "doubtful", "{row:?}");
    assert!(row["doubts"].contains("instance_died"), "{row:?}");
    let events = desk.told();
    assert!(events.contains("ended on its own"), "{events}");
    let last = fs::read_to_string(desk.trial().join("output-promise-2.log")).unwrap();
    assert!(last.contains("of 2"), "another took its place: {last}");
}

#[test]
fn a_program_that_never_joins_is_refused_with_its_last_lines() {
    let desk = desk("echo waiting for nothing; exec sleep 600", ", stop: SIGKILL", "");
    let output = desk.run(&[]);
    assert_eq!(output.status.code(), Some(4));
    let end = desk.record()["end"].to_string();
    for said in [
        "was not ready within 60 s",
        "0 members",
        "nobody has partitions [0, 1, 2, 3]",
        "waiting for nothing",
    ] {
        assert!(end.contains(said), "`{said}` is not in {end}");
    }
    assert_eq!(of_run(&desk), Vec::<u32>::new());
}

#[test]
fn a_killed_run_leaves_nothing_of_its_programs_after_clean() {
    // One child that the kernel does not kill with bench, in a session of its own, and one that has no environment.
    let desk = desk("setsid sleep 600 & env -i sleep 600 & SESSION=6000 sh consumer.sh & wait", "", "");
    let run = Talking::start(desk.bench(&["run", "promise.yaml"]));
    run.await_line("measure");
    let run_id = run_id(&desk.results()).to_owned();
    let private = std::env::temp_dir().join(format!("bench-{run_id}"));
    assert!(marked("BENCH_RUN", &run_id).len() >= 6 && private.exists());
    run.signal(Signal::KILL);
    let mut dead = run.child;
    dead.wait().unwrap();
    assert!(!marked("BENCH_RUN", &run_id).is_empty(), "there is something to clean up");
    let cleaned = desk.bench(&["clean"]).output().unwrap();
    let told = plain(&cleaned.stdout);
    assert!(cleaned.status.success() && told.contains("processes of its consumers"), "{told}");
    assert!(told.contains("2 processes in process groups of its consumers"), "{told}");
    assert_eq!(marked("BENCH_RUN", &run_id), Vec::<u32>::new());
    assert!(!private.exists());
    assert!(!groups(&servers()).iter().any(|group| group.contains(&prefix(&desk))));
}

#[test]
fn a_program_on_an_instance_type_gets_what_its_type_allows_and_no_more() {
    if !may_write() {
        return;
    }
    // The reference consumer as a program like any other, whose work would take forty cores.
    let desk = desk("exec \"$BENCH_PROGRAM\" consumer --cpu 100ms", "", "emulation: { vcpu: 20% }\n");
    let more = ["instances=1", "instance_type=t3.micro", "credits.mode=standard", "credits.start=exhausted"];
    let more: Vec<String> = more.iter().map(|one| format!("consumers.{one}")).collect();
    let more: Vec<&str> = more.iter().flat_map(|one| ["--set", one]).collect();
    let output = desk.run(&more);
    let row = desk.trials().remove(0);
    let told = format!("{row:?}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(["valid", "doubtful"].contains(&row["outcome"].as_str()), "{told}");
    assert!(row["doubts"].contains("scaled_down"), "{told}");
    let record = desk.record();
    let one = &record["emulated"][0]["instances"][0];
    // A tenth of two vCPUs, each a fifth of a core: its work takes all of it.
    let (used, allowed) = (one["used_vcpus"].as_f64().unwrap(), one["allowed_vcpus"].as_f64().unwrap());
    assert!((0.15..0.25).contains(&allowed), "{one}");
    assert!((0.8..1.1).contains(&(used / allowed)), "{one}");
    let cores = number(&row, "consumers_cpu_cores");
    assert!(cores < 0.2 * 0.2 * 1.3, "{cores} cores, {told}");
    for empty in ["committed_latency_p50_ms", "committed_latency_n"] {
        assert_eq!(row[empty], "", "{told}");
    }
    let hour = number(&row, "cost_instances_usd_per_hour");
    assert!((hour - 0.0104 * 0.2).abs() < 1e-6, "rent of the part that it was: {hour}");
    assert_eq!(of_run(&desk), Vec::<u32>::new());
    desk.whole();
}

#[test]
fn a_program_that_shows_itself_that_it_is_ready_is_waited_for_and_a_group_of_the_new_protocol_is_followed() {
    // It is in the group long before it says so.
    let run = "NEW_PROTOCOL=1 sh consumer.sh & while ! [ -s lines-$BENCH_INSTANCE.jsonl ]; do sleep 0.1; done; sleep 2; echo serving now; wait";
    let desk = desk(run, ", ready: { log: \"^serving\" }", "");
    desk.run(&[]);
    let row = desk.trials().remove(0);
    assert!(["valid", "doubtful"].contains(&row["outcome"].as_str()), "{row:?}");
    assert_eq!(row["unread"], "0", "{row:?}");
    let events = desk.told();
    assert!(events.contains("of every instance a line of its output matches `^serving`"), "{events}");
    assert!(desk.record()["spent_s"]["ready"].as_f64().unwrap() > 2.0, "{row:?}");
    // Its coordinator tells of such a group (KIP-848) by requests of its own, and its commits as those of any other.
    let followed = &desk.record()["followed"];
    let committed = followed["committed"].as_f64().unwrap();
    assert_eq!((followed["members"].as_u64(), committed), (Some(2), number(&row, "acked")), "{followed}");
    assert_eq!(followed["told"].as_f64(), Some(committed), "{followed}");
    assert!(!row["doubts"].contains("rebalance"), "nobody came or left: {events}");
}
