//! The container engine that is there, docker or podman: by its command line, and what it prints as JSON.

mod image;
mod service;

use std::fmt;
use std::io::{self, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use image::Image;
pub use service::Service;

use super::child;
use crate::spec::RUN_LABEL;

/// Engines that are tried, in this order.
const TRIED: [&str; 2] = ["docker", "podman"];
/// How long an engine may take for what it does at once.
const WITHIN: Duration = Duration::from_mins(1);
/// How often a call is looked at.
const LOOK: Duration = Duration::from_millis(2);
/// What a call has said is there when it ends; a child of it that holds its output open is not waited for longer than that.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// Where docker's client finds its daemon.
const DOCKER_HOST: &str = "DOCKER_HOST";

/// Why containers cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// None answers.
    #[error("no container engine answers here: {tried}; start one, or install `podman`")]
    None {
        /// Each, with its own words.
        tried: String,
    },
    /// Nothing understands compose files.
    #[error("no compose answers here: {tried}; install docker's plugin, or `docker-compose`")]
    NoCompose {
        /// Each, with its own words.
        tried: String,
    },
    /// It would not.
    #[error("{what}: {reason}")]
    Refused {
        /// What was asked of it.
        what: String,
        /// Its words.
        reason: String,
        /// Whether what was written is at fault, and not what the engine met.
        of_the_file: bool,
    },
}

/// An engine that answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Engine {
    /// The program that is called.
    pub program: String,
    /// What it says that it is, with its version.
    pub version: String,
    /// Where its daemon is, where the environment told.
    pub host: Option<String>,
}

/// What an engine knows of a container.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Inspected {
    /// Its id.
    pub id: String,
    /// How it is.
    pub state: State,
}

/// How a container is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct State {
    /// Its first process, on this host; 0 where none lives.
    pub pid: u32,
    /// Whether one lives.
    pub running: bool,
    /// How that ended.
    pub exit_code: i32,
    /// The kernel killed it for its memory, as far as the engine knows.
    #[serde(default, rename = "OOMKilled")]
    pub oom_killed: bool,
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.program, self.version)
    }
}

impl Engine {
    /// The first that answers.
    pub fn find() -> Result<Self, EngineError> {
        let host = std::env::var(DOCKER_HOST).ok();
        let mut tried = Vec::new();
        for program in TRIED {
            let engine = Engine { program: program.to_owned(), version: String::new(), host: host.clone() };
            match engine.call(&["version", "--format", "{{json .}}"], WITHIN) {
                Ok(text) => return Ok(Engine { version: version(&text), ..engine }),
                Err(reason) => tried.push(format!("`{program}`: {reason}")),
            }
        }
        Err(EngineError::None { tried: tried.join("; ") })
    }

    /// A call of it, not made yet.
    pub fn command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).stdin(Stdio::null());
        if let Some(host) = &self.host {
            command.env(DOCKER_HOST, host);
        }
        command
    }

    /// What it prints; else its own words.
    fn call(&self, arguments: &[&str], within: Duration) -> Result<String, String> {
        said(self.command(arguments.iter().copied()), within, &|| false)
    }

    /// The same of what is done at once.
    pub fn ask(&self, what: &str, arguments: &[&str]) -> Result<String, EngineError> {
        self.call(arguments, WITHIN).map_err(|reason| EngineError::Refused {
            what: format!("{}: {what}", self.program),
            reason,
            of_the_file: false,
        })
    }

    /// Starts a container as this call says; its id.
    pub fn start(&self, mut call: Command) -> Result<String, EngineError> {
        call.stdin(Stdio::null());
        let refused = |reason| EngineError::Refused {
            what: format!("{} cannot start a container", self.program),
            reason,
            of_the_file: true,
        };
        let said = said(call, WITHIN, &|| false).map_err(refused)?;
        Ok(said.lines().last().unwrap_or_default().trim().to_owned())
    }

    /// How these containers are; those that are gone are left out.
    pub fn inspect(&self, ids: &[&str]) -> Result<Vec<Inspected>, EngineError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let what = "cannot look at a container";
        let text = self.ask(what, &[&["container", "inspect"], ids].concat())?;
        serde_json::from_str(&text).map_err(|error| EngineError::Refused {
            what: format!("{}: {what}", self.program),
            reason: error.to_string(),
            of_the_file: false,
        })
    }

    /// The first process of a container on this host; none where none lives.
    pub fn pid_of(&self, id: &str) -> Result<Option<u32>, EngineError> {
        Ok(self.inspect(&[id])?.first().map(|one| one.state.pid).filter(|pid| *pid > 0))
    }

    /// Ids of all containers that a run has made, living or not.
    pub fn of_run(&self, run: &str) -> Result<Vec<String>, EngineError> {
        self.listed(&[&of_run(run)])
    }

    /// Ids of the containers that pass all of these filters, living or not.
    fn listed(&self, filters: &[&str]) -> Result<Vec<String>, EngineError> {
        let mut arguments = vec!["ps", "--all", "--quiet", "--no-trunc"];
        arguments.extend(filters.iter().flat_map(|filter| ["--filter", *filter]));
        let text = self.ask("cannot list containers", &arguments)?;
        Ok(text.split_whitespace().map(str::to_owned).collect())
    }

    /// Kills these containers, and takes them away with what the engine kept of them.
    pub fn remove(&self, ids: &[String]) -> Result<(), EngineError> {
        if ids.is_empty() {
            return Ok(());
        }
        let mut arguments = vec!["rm", "--force", "--volumes"];
        arguments.extend(ids.iter().map(String::as_str));
        self.ask("cannot remove containers", &arguments).map(|_| ())
    }

    /// Takes away a run's container of that name, if there is one.
    pub fn remove_named(&self, run: &str, name: &str) -> Result<(), EngineError> {
        self.remove(&self.listed(&[&of_run(run), &format!("name=^{name}$")])?)
    }

    /// Takes away all that a run has left; how many they were.
    pub fn remove_of_run(&self, run: &str) -> Result<usize, EngineError> {
        let ids = self.of_run(run)?;
        self.remove(&ids)?;
        Ok(ids.len())
    }
}

/// What a program prints; else its words, or why it could not be called. `stop` tells when nobody wants to know any more.
fn said(command: Command, within: Duration, stop: &dyn Fn() -> bool) -> Result<String, String> {
    heard(command, within, stop).map(|(out, _)| out)
}

/// The same, with what it says beside that on stderr.
fn heard(
    mut command: Command,
    within: Duration,
    stop: &dyn Fn() -> bool,
) -> Result<(String, String), String> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let program = command.get_program().to_string_lossy().into_owned();
    let mut child = child::spawn(command).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => format!("`{program}` is not installed"),
        _ => format!("`{program}` cannot be called: {error}"),
    })?;
    let (out, err) = (read(child.stdout.take()), read(child.stderr.take()));
    let deadline = Instant::now() + within;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < deadline && !stop() => std::thread::sleep(LOOK),
            Ok(None) => {
                end(&mut child);
                if stop() {
                    return Err("stopped".to_owned());
                }
                return Err(format!("`{program}` gave no answer within {} s", within.as_secs()));
            }
            Err(error) => return Err(format!("`{program}` cannot be waited for: {error}")),
        }
    };
    let text = |from: mpsc::Receiver<Vec<u8>>| {
        String::from_utf8_lossy(&from.recv_timeout(LAST_WORDS).unwrap_or_default()).into_owned()
    };
    let (out, err) = (text(out), text(err));
    if status.success() {
        return Ok((out, err));
    }
    let words = words(&err);
    Err(if words.is_empty() { format!("`{program}` ended with {status}") } else { words })
}

fn end(child: &mut Child) {
    // It can only fail for a child that was reaped, and this one was not.
    child.kill().ok();
    child.wait().ok();
}

fn read(from: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (to, all) = mpsc::channel();
    let gather = move || {
        let mut text = Vec::new();
        if let Some(mut from) = from {
            // What was read before an error is all there is.
            from.read_to_end(&mut text).ok();
        }
        to.send(text).ok();
    };
    // Without a thread nothing is heard.
    std::thread::Builder::new().name("engine".to_owned()).spawn(gather).ok();
    all
}

/// The sentence of an engine's talk that says what is wrong, without what engines put before it.
fn words(talk: &str) -> String {
    let lines: Vec<&str> = talk.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let is_error = |line: &&&str| line.to_ascii_lowercase().contains("error");
    let last = lines.iter().rev().find(is_error).or(lines.last()).copied().unwrap_or_default();
    let mut last = last;
    for before in ["docker: ", "ERROR: ", "Error: ", "Error response from daemon: "] {
        last = last.strip_prefix(before).unwrap_or(last);
    }
    last.to_owned()
}

/// Docker tells of client and server, podman of a client alone; docker's client may talk to podman.
fn version(text: &str) -> String {
    let told: Value = serde_json::from_str(text).unwrap_or_default();
    let server = &told["Server"];
    let of_server = &server["Components"][0];
    let podman = of_server["Name"].as_str().is_some_and(|name| name.starts_with("Podman"));
    let all = [&of_server["Version"], &server["Version"], &told["Client"]["Version"]];
    let version = all.into_iter().find_map(Value::as_str).unwrap_or("of unknown version");
    if podman { format!("for podman {version}") } else { version.to_owned() }
}

/// The filter of a run's containers.
fn of_run(run: &str) -> String {
    format!("label={RUN_LABEL}={run}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_is_quoted_with_the_sentence_that_says_what_is_wrong() {
        for (talk, expected) in [
            ("Error: inspecting object: nope: image not known\n", "inspecting object: nope: image not known"),
            (
                "docker: Error response from daemon: No such image: x.\n\nRun 'docker run --help' for more information\n",
                "No such image: x.",
            ),
            ("step 1\nCannot connect to the Docker daemon\n", "Cannot connect to the Docker daemon"),
            ("", ""),
        ] {
            assert_eq!(words(talk), expected);
        }
    }

    #[test]
    fn its_version_is_that_of_whoever_does_the_work() {
        for (text, expected) in [
            (r#"{"Client":{"Version":"4.3.1"}}"#, "4.3.1"),
            (
                r#"{"Client":{"Version":"28.2.2"},"Server":{"Version":"27.0.1","Components":[{"Name":"Engine","Version":"27.0.1"}]}}"#,
                "27.0.1",
            ),
            (
                r#"{"Client":{"Version":"28.2.2"},"Server":{"Components":[{"Name":"Podman Engine","Version":"4.3.1"}]}}"#,
                "for podman 4.3.1",
            ),
            ("what", "of unknown version"),
        ] {
            assert_eq!(version(text), expected);
        }
    }

    #[test]
    fn a_program_that_is_missing_hangs_or_fails_says_so() {
        let call = |arguments: &[&str], within| {
            let mut command = Command::new(arguments[0]);
            command.args(&arguments[1..]);
            said(command, within, &|| false)
        };
        let minute = Duration::from_mins(1);
        assert_eq!(call(&["no-such-engine"], minute).unwrap_err(), "`no-such-engine` is not installed");
        assert_eq!(call(&["sh", "-c", "echo Error: no >&2; exit 3"], minute).unwrap_err(), "no");
        assert!(call(&["false"], minute).unwrap_err().contains("exit status: 1"));
        assert_eq!(call(&["echo", "x"], minute).unwrap(), "x\n");
        let hung = call(&["sleep", "600"], Duration::from_millis(20)).unwrap_err();
        assert!(hung.contains("gave no answer"), "{hung}");
    }
}
