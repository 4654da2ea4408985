//! Faults of consumers in containers.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use kafka_bench::spec::{Source, StopSignal};

use super::compile;

fn of(backend: &str) -> Result<kafka_bench::plan::Plan, String> {
    compile(&format!("question: q\nworkload: {{rate: 1/s}}\nconsumers: {{backend: {backend}}}\n"), &[])
}

/// A compose file beside nothing else, and what is said of it.
fn composed(file: &str, more: &str) -> Result<kafka_bench::plan::Plan, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("compose.yaml");
    std::fs::write(&path, file).unwrap();
    of(&format!("{{compose: {{file: '{}', {more}}}}}", path.display()))
}

#[test]
fn what_containers_cannot_be_told_is_a_fault() {
    for (backend, told) in [
        ("{container: {}}", "`backend.container` has neither `image` nor `build`"),
        ("{container: {image: a, build: b}}", "`backend.container` has both `image` and `build`"),
        ("{container: {image: '--privileged'}}", "`--privileged` is no name of an image"),
        ("{container: {image: 'a b'}}", "`a b` is no name of an image"),
        ("{container: {image: a, dockerfile: b}}", "`dockerfile` is for an image that is built"),
        ("{container: {build: nowhere}}", "there is no `nowhere/Dockerfile`"),
        ("{container: {image: a, env: {BENCH_TOPIC: t}}}", "`BENCH_TOPIC` is set by bench itself"),
        ("{container: {image: a, ready: {log: '('}}}", "`(` is no regular expression"),
        ("{container: {image: a, imagine: b}}", "did you mean"),
        ("{compose: {}}", "`backend.compose` has no `file`"),
        ("{compose: {file: nowhere.yaml, service: a}}", "`nowhere.yaml` cannot be read: No such file"),
        ("{container: {image: a}, command: {run: x}}", "has both"),
    ] {
        let faults = of(backend).expect_err(told);
        assert!(faults.contains(told), "{backend}\n{faults}");
    }
    let services = "services: {orders: {image: a}, billing: {image: a}}\n";
    let faults = composed(services, "service: order").unwrap_err();
    assert!(
        faults.contains("has no service `order`") && faults.contains("the file has: orders, billing"),
        "{faults}"
    );
    assert!(composed("services: [", "service: order").unwrap_err().contains("cannot be read: "));
}

#[test]
fn events_meet_containers_as_they_meet_programs() {
    let events = "[{at: 15s, kill: {}}, {at: 16s, scale: {instances: 3}}, {at: 17s, pause: {for: 1s}}, {at: 18s, remove: {}}, {at: 19s, restart: {}}]";
    let plan = |backend: &str| {
        let text = format!(
            "question: q\nworkload: {{rate: 1/s}}\nconsumers: {{backend: {backend}}}\nevents: {events}\n"
        );
        compile(&text, &[]).unwrap()
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("compose.yaml");
    std::fs::write(&path, "services: {orders: {image: a}}\n").unwrap();
    let service = format!("{{compose: {{file: '{}', service: orders}}}}", path.display());
    for backend in ["{container: {image: a}}", service.as_str()] {
        assert_eq!(plan(backend).treatments[0].settings.events.len(), 5, "{backend}");
    }
}

#[test]
fn containers_have_all_that_is_written_of_them() {
    let text = "{container: {image: 'registry.example.org:5000/orders@sha256:ab', args: [-v, 'a b'], env: {A: '${B}'}, stop: SIGINT, \
         grace: 1s, restart: always}}";
    let plan = of(text).unwrap();
    let container = plan.treatments[0].settings.consumers[0].container().unwrap();
    assert_eq!(container.source, Source::Image("registry.example.org:5000/orders@sha256:ab".to_owned()));
    assert_eq!(container.args, ["-v", "a b"]);
    assert_eq!((container.stop, container.restart), (StopSignal::Int, true));
    assert_eq!(container.env["A"], "${B}");
}

#[test]
fn the_plan_shows_what_goes_over_a_compose_file_and_no_secret_of_it() {
    for (service, in_host) in [("{image: a}", true), ("{image: a, networks: [b]}", false)] {
        let file = format!("services: {{orders: {service}}}\n");
        let plan =
            composed(&file, "service: orders, env: {LEVEL: debug, PASSWORD: hunter2, TOKEN: '${TOKEN}'}");
        let shown = plan.unwrap().to_string();
        assert_eq!(shown.contains("+     network_mode: host"), in_host, "{shown}");
        for said in [
            "compose.yaml stays as it is",
            "+   orders:",
            "LEVEL: \"debug\"",
            "PASSWORD: null",
            "TOKEN: null",
        ] {
            assert!(shown.contains(said), "`{said}` is not in {shown}");
        }
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
