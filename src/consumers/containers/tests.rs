//! What is promised of containers where the engine fails.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::cluster::{Engine, Image};
use crate::consumers::surroundings::Surroundings;
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

#[test]
fn a_container_that_was_made_and_is_not_watched_does_not_go_on() {
    for (run, inspect, told) in
        [("1", "0", "cannot start a container"), ("0", "1", "cannot look at a container")]
    {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("engine"), ENGINE.replace("RUN", run).replace("INSPECT", inspect)).unwrap();
        fs::set_permissions(path("engine"), fs::Permissions::from_mode(0o755)).unwrap();
        let engine = Engine { program: path("engine").display().to_string(), ..Engine::default() };
        let container = spec::Container {
            source: Source::Image("orders".to_owned()),
            args: Vec::new(),
            env: Properties::new(),
            stop: StopSignal::Term,
            grace: Span::from_secs(1),
            restart: false,
            ready: None,
        };
        let around = Surroundings {
            run: "abcd".to_owned(),
            instances: 1,
            private: path("private"),
            output: Box::new(tempfile::tempfile),
        };
        let kind = ContainerKind::Images { container, image: Image::default() };
        let mut containers = Containers::new(Clock::anchor(), AskedContainers { kind, engine, around });
        let config = serde_json::from_value(serde_json::json!({
            "servers": "localhost:1", "group": "orders-001", "topic": "bench-abcd-001", "trial": 1, "instance": 0, "threads": 1, "seed": 1,
            "properties": {}, "clock": Clock::anchor(),
        }));
        let error = containers.apply(&config.unwrap(), 1).unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
        assert!(!path("made").exists(), "{told}: it goes on, and nobody knows of it");
        let asked = fs::read_to_string(path("asked")).unwrap();
        assert!(
            asked.contains("label=kafka-bench.run=abcd") && asked.contains("name=^orders-001-0$"),
            "{asked}"
        );
    }
}
