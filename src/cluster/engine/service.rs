//! A service of somebody's compose file: how many of it stand there, more or fewer of it, and again as many as there were.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{DOCKER_HOST, Engine, EngineError, said};

/// How long compose may take until containers are made or gone.
const WITHIN: Duration = Duration::from_mins(5);
/// Programs that understand a compose file beside the engine's own `compose`.
const STANDALONE: &str = "docker-compose";

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
        };
        let services = service
            .call(None, &["config", "--services"])
            .map_err(|reason| service.refused("does not understand the compose file", reason, true))?;
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
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// A fake of the engine and of compose, which keeps what it was asked. Of the project's containers and of networks it tells what lies in files.
    const FAKE: &str = r#"#!/bin/sh
here=$(dirname "$0")
echo "$@" | sed 's/^--file [^ ]* //' >> "$here/asked"
case "$*" in
"network ls"*) cat "$here/networks" ;;
*"ps --all --quiet") cat "$here/others" ;;
esac
"#;

    /// What compose was asked to do where so many ran before, and these networks and other containers of the file are there afterwards.
    fn restored(instances: u32, networks: Option<Vec<String>>, after: &str, others: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for (name, text) in [("fake", FAKE), ("networks", after), ("others", others)] {
            fs::write(path(name), text).unwrap();
        }
        fs::set_permissions(path("fake"), fs::Permissions::from_mode(0o755)).unwrap();
        let program = path("fake").display().to_string();
        let service = Service {
            program: vec![program.clone()],
            file: path("compose.yaml"),
            name: "orders".to_owned(),
            instances,
            engine: Engine { program, ..Engine::default() },
            networks,
            ..Service::default()
        };
        service.restore().unwrap();
        let asked = fs::read_to_string(path("asked")).unwrap();
        let done = |line: &&str| ["up", "rm", "down"].contains(&line.split(' ').next().unwrap_or_default());
        asked.lines().filter(done).map(str::to_owned).collect()
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
}
