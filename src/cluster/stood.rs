//! What stood there before a run deployed consumers, and how it is brought back: by the run itself, or by `bench clean` after it.

use serde::{Deserialize, Serialize};

use super::engine::EngineError;
use super::marked::{RUN, kill_marked, marked};
use super::{Engine, Service};

/// What was seen of one thing that consumers may change, before they did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stood {
    /// No process of the run; each has the run's id in its environment.
    NoProcesses,
    /// No container of the run at this engine; each has a label with the run's id.
    NoContainers(Engine),
    /// A service of somebody's compose file, with what ran of it.
    Service(Service),
}

/// Why something could not be brought back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRestored {
    /// The engine would not.
    #[error("its containers: {0}")]
    Containers(#[source] EngineError),
    /// Compose would not.
    #[error(transparent)]
    Service(EngineError),
    /// They would not go.
    #[error("{}", .0.iter().map(|pid| format!("process {pid} of its consumers")).collect::<Vec<_>>().join(", "))]
    Processes(Vec<u32>),
}

impl Stood {
    /// Whether something of a run, by its id, is there that was not. Of a service its containers tell.
    pub fn is_disturbed(&self, run: &str) -> Result<bool, NotRestored> {
        match self {
            Stood::NoProcesses => Ok(!marked(RUN, run).is_empty()),
            Stood::NoContainers(engine) => {
                let left = engine.of_run(run).map_err(NotRestored::Containers)?;
                Ok(!left.is_empty())
            }
            Stood::Service(_) => Ok(false),
        }
    }

    /// Brings it back after that run; what was done, in words, where anything was.
    pub fn restore(&self, run: &str) -> Result<Option<String>, NotRestored> {
        match self {
            Stood::NoProcesses => {
                let (killed, living) = kill_marked(RUN, run);
                if !living.is_empty() {
                    return Err(NotRestored::Processes(living));
                }
                Ok((killed > 0).then(|| format!("{killed} processes of its consumers")))
            }
            Stood::NoContainers(engine) => {
                let count = engine.remove_of_run(run).map_err(NotRestored::Containers)?;
                Ok((count > 0).then(|| format!("{count} containers")))
            }
            Stood::Service(service) => {
                // Who calls this may have another environment than the run had.
                service.check_environment().and_then(|()| service.restore()).map_err(NotRestored::Service)?;
                let (name, file, count) = (&service.name, service.file.display(), service.instances);
                Ok(Some(format!(
                    "what was changed of the service {name} of {file}, of which {count} run again"
                )))
            }
        }
    }
}

/// Brings all of it back where a run has left anything of its consumers, or may have: each, whatever becomes of the others. What could not be brought back is
/// told of all of them.
pub fn restore_what_is_left(stood: &[Stood], run: &str) -> Result<(), Vec<NotRestored>> {
    // Of what does not answer nobody knows that it is as it was.
    let is_left = |one: &Stood| one.is_disturbed(run).unwrap_or(true);
    if !stood.iter().any(is_left) {
        return Ok(());
    }
    let failed: Vec<NotRestored> = stood.iter().filter_map(|one| one.restore(run).err()).collect();
    if failed.is_empty() { Ok(()) } else { Err(failed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processes_that_a_run_has_left_are_found_and_gone_afterwards_and_others_live() {
        let run = format!("stood-{}", std::process::id());
        let start = |run: &str| std::process::Command::new("sleep").arg("600").env(RUN, run).spawn().unwrap();
        let (mut own, mut other) = (start(&run), start("another"));
        let stood = Stood::NoProcesses;
        while !stood.is_disturbed(&run).unwrap() {
            std::thread::yield_now();
        }
        restore_what_is_left(std::slice::from_ref(&stood), &run).unwrap();
        assert!(!own.wait().unwrap().success());
        assert!(!stood.is_disturbed(&run).unwrap());
        assert_eq!(stood.restore(&run).unwrap(), None, "there is nothing to do any more");
        assert!(other.try_wait().unwrap().is_none());
        other.kill().unwrap();
        other.wait().unwrap();
    }

    #[test]
    fn what_cannot_be_brought_back_keeps_nothing_else_from_it_and_all_of_it_is_told() {
        let run = format!("stood-still-{}", std::process::id());
        let mut own = std::process::Command::new("sleep").arg("600").env(RUN, &run).spawn().unwrap();
        let gone = |name: &str| Engine { program: format!("no-such-engine-{name}"), ..Engine::default() };
        let service =
            Service { program: vec!["no-such-compose".to_owned()], file: "/".into(), ..Service::default() };
        let stood = [
            Stood::NoContainers(gone("a")),
            Stood::Service(service),
            Stood::NoProcesses,
            Stood::NoContainers(gone("b")),
        ];
        while !Stood::NoProcesses.is_disturbed(&run).unwrap() {
            std::thread::yield_now();
        }
        let failed = restore_what_is_left(&stood, &run).unwrap_err();
        let told: Vec<String> = failed.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 3, "{told:?}");
        for (told, named) in told.iter().zip(["no-such-engine-a", "no-such-compose", "no-such-engine-b"]) {
            assert!(told.contains(named), "{told}");
        }
        assert!(!own.wait().unwrap().success(), "its processes are gone all the same");
    }

    #[test]
    fn what_was_noted_is_read_again() {
        let service = Service { name: "reader".to_owned(), instances: 2, ..Service::default() };
        let all = [Stood::Service(service), Stood::NoContainers(Engine::default()), Stood::NoProcesses];
        let text = serde_json::to_string(&all).unwrap();
        assert_eq!(serde_json::from_str::<Vec<Stood>>(&text).unwrap(), all);
    }
}
