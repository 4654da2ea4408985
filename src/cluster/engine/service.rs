//! A service of somebody's compose file: how many of it stand there, more or fewer of it, and again as many as there were.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{DOCKER_HOST, Engine, EngineError, heard, said};

/// How long compose may take until containers are made or gone.
const WITHIN: Duration = Duration::from_mins(5);
/// Programs that understand a compose file beside the engine's own `compose`.
const STANDALONE: &str = "docker-compose";
/// Where compose finds the name of the project that its containers are of.
const PROJECT: &str = "COMPOSE_PROJECT_NAME";
/// Where it finds which profiles of the file hold, with a comma between two of them.
const PROFILES: &str = "COMPOSE_PROFILES";

/// A service, and what was seen of it before anything was changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// What is called, with its first words.
    pub program: Vec<String>,
    /// Where the daemon is, where the environment told.
    pub host: Option<String>,
    /// The owner's file.
    pub file: PathBuf,
    /// Its name in that file.
    pub name: String,
    /// Its containers that ran before.
    pub instances: u32,
    /// The engine whose containers they are.
    #[serde(default)]
    pub engine: Engine,
    /// Networks that compose had made before, for whatever files; none where that is not known, or does not matter since some of it ran.
    #[serde(default)]
    pub networks: Option<Vec<String>>,
    /// The project that its containers are of; none where the environment named none, and compose finds it by the file and its folder.
    #[serde(default)]
    pub project: Option<String>,
    /// Profiles of the file that hold, where the environment named them.
    #[serde(default)]
    pub profiles: Vec<String>,
    /// Variables that the file takes from the environment and that were not set.
    #[serde(default)]
    pub unset: Vec<String>,
}

impl Service {
    /// What stands there of a service; nothing is changed.
    pub fn observe(engine: &Engine, file: &str, name: &str) -> Result<Self, EngineError> {
        let file = std::path::absolute(file).unwrap_or_else(|_| PathBuf::from(file));
        let mut service = Service {
            program: program(engine)?,
            host: engine.host.clone(),
            file,
            name: name.to_owned(),
            instances: 0,
            engine: engine.clone(),
            networks: None,
            project: std::env::var(PROJECT).ok().filter(|name| !name.is_empty()),
            profiles: listed(&std::env::var(PROFILES).unwrap_or_default()),
            unset: Vec::new(),
        };
        service.project = service.told_project().or(service.project);
        let (services, unset) = service
            .services()
            .map_err(|reason| service.refused("does not understand the compose file", reason, true))?;
        service.unset = unset;
        if !services.lines().any(|line| line.trim() == name) {
            let has = services.split_whitespace().collect::<Vec<_>>().join(", ");
            return Err(service.refused(
                "has no such service",
                format!("`{name}`; the file has: {has}"),
                true,
            ));
        }
        let seen = engine.inspect(&service.ids()?.iter().map(String::as_str).collect::<Vec<_>>())?;
        let stopped = seen.iter().filter(|one| !one.state.running).count();
        if stopped > 0 {
            let reason = format!("`{name}` has {stopped} stopped containers, which would be made anew");
            return Err(service.refused("is not to be touched", reason, false));
        }
        service.instances = seen.len() as u32;
        service.networks = if seen.is_empty() { service.networks_now() } else { None };
        Ok(service)
    }

    /// The project, where compose tells its name: its first generation does not.
    fn told_project(&self) -> Option<String> {
        let told = self.call(None, &["config", "--format", "json"]).ok()?;
        let told: Value = serde_json::from_str(&told).ok()?;
        told["name"].as_str().map(str::to_owned)
    }

    /// The services of the file, one a line, and which variables it takes from the environment that are not set.
    fn services(&self) -> Result<(String, Vec<String>), String> {
        let (services, warned) = heard(self.command(None, &["config", "--services"]), WITHIN, &|| false)?;
        Ok((services, unset(&warned)))
    }

    /// Refuses where the file takes something from the environment that was set when it was observed and is not now: what would be made is another service.
    pub fn check_environment(&self) -> Result<(), EngineError> {
        if self.instances == 0 {
            return Ok(());
        }
        let refused = |reason| self.refused("cannot bring back what was there", reason, false);
        let (_, unset) = self.services().map_err(refused)?;
        let gone: Vec<String> = unset.into_iter().filter(|name| !self.unset.contains(name)).collect();
        if gone.is_empty() {
            return Ok(());
        }
        let gone = gone.join(", ");
        Err(refused(format!(
            "the file takes {gone} from the environment, which was set for the run and is not set here; set it as it was, and clean up again"
        )))
    }

    /// Networks that compose has made; none where the engine does not tell.
    fn networks_now(&self) -> Option<Vec<String>> {
        let all = ["network", "ls", "--filter", "label=com.docker.compose.project", "--format", "{{.Name}}"];
        let told = self.engine.ask("cannot list networks", &all).ok()?;
        Some(told.split_whitespace().map(str::to_owned).collect())
    }

    /// Ids of its containers.
    pub fn ids(&self) -> Result<Vec<String>, EngineError> {
        let said = self.call(None, &["ps", "--all", "--quiet", &self.name]);
        let said = said.map_err(|reason| self.refused("cannot list containers", reason, false))?;
        Ok(said.split_whitespace().map(str::to_owned).collect())
    }

    /// Makes as many containers of it as that, as the owner's file with a patch over it says. `variables` are those that the patch only names.
    pub fn apply(
        &self,
        patch: &Path,
        variables: &[(String, String)],
        instances: u32,
    ) -> Result<(), EngineError> {
        self.scale((patch, variables), instances, &[])
    }

    /// The same, where those that run of it stay as they are.
    pub fn apply_beside(
        &self,
        patch: &Path,
        variables: &[(String, String)],
        instances: u32,
    ) -> Result<(), EngineError> {
        self.scale((patch, variables), instances, &["--no-recreate"])
    }

    fn scale(
        &self,
        (patch, variables): (&Path, &[(String, String)]),
        instances: u32,
        more: &[&str],
    ) -> Result<(), EngineError> {
        let scale = format!("{}={instances}", self.name);
        let up = ["up", "--detach", "--no-deps"];
        let arguments = [&up[..], more, &["--scale", &scale, &self.name]].concat();
        let mut call = self.command(Some(patch), &arguments);
        call.envs(variables.iter().map(|(name, value)| (name, value)));
        let done = said(call, WITHIN, &|| false);
        done.map(|_| ()).map_err(|reason| self.refused("cannot scale", reason, true))
    }

    /// The error of one of which fewer containers came than were asked for.
    pub fn too_few(&self, asked: usize, came: usize) -> EngineError {
        self.refused("cannot scale", format!("{came} containers came of {asked} that were asked for"), false)
    }

    /// Brings back what was seen before anything was changed: as many containers, made as the owner's file says.
    pub fn restore(&self) -> Result<(), EngineError> {
        let failed = |reason| self.refused("cannot bring back what was there", reason, false);
        if self.instances > 0 {
            let scale = format!("{}={}", self.name, self.instances);
            let up = ["up", "--detach", "--no-deps", "--scale", &scale, &self.name];
            return self.call(None, &up).map(|_| ()).map_err(failed);
        }
        // To scale to none would make the networks of the file.
        self.call(None, &["rm", "--stop", "--force", &self.name]).map_err(failed)?;
        if self.has_left_networks().map_err(failed)? {
            self.call(None, &["down"]).map_err(failed)?;
        }
        Ok(())
    }

    /// Whether compose made networks since, of the file of which no container is there: those are nobody's.
    fn has_left_networks(&self) -> Result<bool, String> {
        let Some(before) = &self.networks else { return Ok(false) };
        let new = self.networks_now().is_some_and(|now| now.iter().any(|one| !before.contains(one)));
        Ok(new && self.call(None, &["ps", "--all", "--quiet"])?.trim().is_empty())
    }

    fn command(&self, patch: Option<&Path>, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.program.first().map_or(STANDALONE, String::as_str));
        command.args(self.program.iter().skip(1)).arg("--file").arg(&self.file);
        if let Some(patch) = patch {
            command.arg("--file").arg(patch);
        }
        // Whoever cleans up may have another environment than the run had.
        command.env_remove(PROJECT).env_remove(PROFILES);
        if let Some(project) = &self.project {
            command.arg("--project-name").arg(project);
        }
        command.args(self.profiles.iter().flat_map(|profile| ["--profile", profile]));
        command.args(arguments).stdin(Stdio::null());
        // What is relative in the owner's file is so to its folder, also where a second file lies elsewhere.
        if let Some(folder) = self.file.parent() {
            command.current_dir(folder);
        }
        if let Some(host) = &self.host {
            command.env(DOCKER_HOST, host);
        }
        command
    }

    fn call(&self, patch: Option<&Path>, arguments: &[&str]) -> Result<String, String> {
        said(self.command(patch, arguments), WITHIN, &|| false)
    }

    fn refused(&self, what: &str, reason: String, of_the_file: bool) -> EngineError {
        let what = format!(
            "{} {what} (service `{}` of `{}`)",
            self.program.join(" "),
            self.name,
            self.file.display()
        );
        EngineError::Refused { what, reason, of_the_file }
    }
}

/// Names with a comma between two of them.
fn listed(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Variables that compose warns of since they are not set, each once: its first generation names them plainly, later ones in escaped quotes.
fn unset(warned: &str) -> Vec<String> {
    let named = |line: &str| {
        let (_, name) = line.split_once("The ")?;
        let (name, _) = name.split_once(" variable is not set")?;
        Some(name.trim_matches(['\\', '"']).to_owned())
    };
    let mut all: Vec<String> = warned.lines().filter_map(named).collect();
    all.sort();
    all.dedup();
    all
}

/// What understands compose files here.
fn program(engine: &Engine) -> Result<Vec<String>, EngineError> {
    let own = vec![engine.program.clone(), "compose".to_owned()];
    let mut tried = Vec::new();
    for program in [own, vec![STANDALONE.to_owned()]] {
        let mut call = Command::new(&program[0]);
        call.args(&program[1..]).arg("version").stdin(Stdio::null());
        match said(call, WITHIN, &|| false) {
            Ok(_) => return Ok(program),
            Err(reason) => tried.push(format!("`{}`: {reason}", program.join(" "))),
        }
    }
    Err(EngineError::NoCompose { tried: tried.join("; ") })
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// A fake of the engine and of compose, which keeps what it was asked. Of the project's containers and of networks it tells what lies in files, and it
    /// warns of what lies in one.
    const FAKE: &str = r#"#!/bin/sh
here=$(dirname "$0")
echo "$@" | sed 's/^--file [^ ]* //' >> "$here/asked"
case "$*" in
*"config --format json") cat "$here/told" ;;
*"config --services") cat "$here/warned" >&2; echo orders ;;
"network ls"*) cat "$here/networks" ;;
*"ps --all --quiet") cat "$here/others" ;;
esac
"#;

    struct Fake(tempfile::TempDir);

    impl Fake {
        fn new(texts: &[(&str, &str)]) -> Self {
            let fake = Fake(tempfile::tempdir().unwrap());
            let all = [("fake", FAKE), ("networks", ""), ("others", ""), ("warned", ""), ("told", "{}")];
            for (name, text) in all.iter().chain(texts) {
                fs::write(fake.path(name), text).unwrap();
            }
            fs::set_permissions(fake.path("fake"), fs::Permissions::from_mode(0o755)).unwrap();
            fake
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        fn engine(&self) -> Engine {
            Engine { program: self.path("fake").display().to_string(), ..Engine::default() }
        }

        fn service(&self, instances: u32) -> Service {
            Service {
                program: vec![self.path("fake").display().to_string()],
                file: self.path("compose.yaml"),
                name: "orders".to_owned(),
                instances,
                engine: self.engine(),
                ..Service::default()
            }
        }

        /// What compose was asked to do.
        fn done(&self) -> Vec<String> {
            let asked = fs::read_to_string(self.path("asked")).unwrap_or_default();
            let does =
                |line: &&str| ["up", "rm", "down"].iter().any(|word| line.split(' ').any(|one| one == *word));
            asked.lines().filter(does).map(str::to_owned).collect()
        }
    }

    /// What compose was asked to do where so many ran before, and these networks and other containers of the file are there afterwards.
    fn restored(instances: u32, networks: Option<Vec<String>>, after: &str, others: &str) -> Vec<String> {
        let fake = Fake::new(&[("networks", after), ("others", others)]);
        Service { networks, ..fake.service(instances) }.restore().unwrap();
        fake.done()
    }

    #[test]
    fn where_nothing_of_a_service_stood_no_network_is_left_and_none_of_others_is_taken_away() {
        let before = || Some(vec!["mine_default".to_owned()]);
        let gone = "rm --stop --force orders";
        assert_eq!(restored(0, before(), "mine_default\nshop_default\n", ""), [gone, "down"]);
        assert_eq!(restored(0, before(), "mine_default\n", ""), [gone], "it made none");
        assert_eq!(restored(0, before(), "shop_default\n", "c7\n"), [gone], "another service came meanwhile");
        assert_eq!(restored(0, None, "shop_default\n", ""), [gone], "nobody knows what was there");
        let again = "up --detach --no-deps --scale orders=2 orders";
        assert_eq!(restored(2, None, "shop_default\n", "c7\n"), [again]);
    }

    #[test]
    fn a_service_is_brought_back_in_the_project_where_it_was_seen_whatever_the_environment_says_then() {
        let fake = Fake::new(&[("told", r#"{"name": "prod", "services": {}}"#)]);
        let seen =
            Service::observe(&fake.engine(), &fake.path("compose.yaml").display().to_string(), "orders");
        let seen = seen.unwrap();
        assert_eq!(seen.project.as_deref(), Some("prod"));
        let later = Service { instances: 2, profiles: listed("eu, big,"), ..seen };
        let noted = serde_json::to_string(&later).unwrap();
        serde_json::from_str::<Service>(&noted).unwrap().restore().unwrap();
        let named =
            "--project-name prod --profile eu --profile big up --detach --no-deps --scale orders=2 orders";
        // The engine's own compose has a word before all others.
        assert!(fake.done()[0].ends_with(named), "{:?}", fake.done());
        let command = later.command(None, &[]);
        let taken: Vec<_> =
            command.get_envs().filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
        assert!([PROJECT, PROFILES].iter().all(|name| taken.contains(&OsStr::new(name))), "{taken:?}");
    }

    #[test]
    fn a_service_whose_file_takes_what_is_not_set_any_more_is_not_brought_back_as_another() {
        let warned = "WARNING: The TAG variable is not set. Defaulting to a blank string.\n\
            time=\"x\" level=warning msg=\"The \\\"ZONE\\\" variable is not set. Defaulting to a blank string.\"\n";
        let fake = Fake::new(&[("warned", warned)]);
        let seen = |unset: &[&str]| Service {
            unset: unset.iter().map(|name| (*name).to_owned()).collect(),
            ..fake.service(1)
        };
        let told = seen(&["ZONE"]).check_environment().unwrap_err().to_string();
        assert!(told.contains("the file takes TAG from the environment"), "{told}");
        assert_eq!(
            seen(&["TAG", "ZONE"]).check_environment(),
            Ok(()),
            "they were not set for the run either"
        );
        assert_eq!(Service { instances: 0, ..seen(&[]) }.check_environment(), Ok(()), "none is made");
        assert!(fake.done().is_empty());
    }
}
