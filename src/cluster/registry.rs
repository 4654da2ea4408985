//! What living runs have made: one small file a run in the user's state folder, so that `bench clean` finds what a dead one left, also one of an older bench.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{ClusterError, Engine, ProcessGroup, Service, Stood, state_folder};
use crate::books::Topics;
use crate::spec::{Properties, secrets};

/// One run's file. A key that is not known stands for something that only a newer bench can take away.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunEntry {
    /// Short id of the run.
    pub run: String,
    /// Its process.
    pub pid: u32,
    /// When that process started, in the kernel's ticks since boot: a pid alone may have been given anew.
    pub pid_started: u64,
    /// Which boot of the host that was.
    pub boot: String,
    /// The host's name.
    #[serde(default)]
    pub host: String,
    /// In which of the host's namespaces the pid means that process.
    #[serde(default)]
    pub pid_namespace: String,
    /// Servers of a cluster that was there before the run; `None` for a broker of its own, which died with it.
    pub servers: Option<String>,
    /// librdkafka's properties for that cluster, `${ENV}` references unresolved, secrets masked.
    pub properties: Properties,
    /// Topics it has made and not yet taken away, each with its group; once for each where there are several.
    pub topics: Vec<(String, Option<String>)>,
    /// Groups of its own on topics that were there before, not yet taken away.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Share groups of its own of which it has set where they begin, and not yet taken that away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub share_groups: Vec<String>,
    /// Folders it has made and not yet taken away.
    pub folders: Vec<PathBuf>,
    /// Control groups it has made and not yet taken away.
    #[serde(default)]
    pub cgroups: Vec<PathBuf>,
    /// What stood there before it deployed consumers, and may not stand so any more.
    #[serde(default)]
    pub stood: Vec<Stood>,
    /// Process groups of programs that it has started, and in which somebody may still be.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub process_groups: Vec<ProcessGroup>,
}

impl RunEntry {
    /// Notes a run of this process.
    pub fn open(run: &str) -> Result<Self, ClusterError> {
        let pid = std::process::id();
        let entry = RunEntry {
            run: run.to_owned(),
            pid,
            pid_started: process_started(pid).unwrap_or_default(),
            boot: boot_id(),
            host: host(),
            pid_namespace: pid_namespace(),
            ..RunEntry::default()
        };
        entry.save()?;
        Ok(entry)
    }

    /// Notes which cluster it uses.
    pub fn set_cluster(&mut self, servers: &str, properties: &Properties) -> Result<(), ClusterError> {
        self.servers = Some(servers.to_owned());
        self.properties = secrets::masked_all(properties);
        self.save()
    }

    /// Notes a folder, before it is made.
    pub fn add_folder(&mut self, folder: &Path) -> Result<(), ClusterError> {
        self.folders.push(folder.to_owned());
        self.save()
    }

    /// Notes control groups, before they are made.
    pub fn add_cgroups(&mut self, groups: &[PathBuf]) -> Result<(), ClusterError> {
        self.cgroups.extend_from_slice(groups);
        self.save()
    }

    /// Notes what stands there, before consumers change anything of it; what is known stays as it was seen first.
    pub fn note_stood(&mut self, stood: &[Stood]) -> Result<(), ClusterError> {
        let new: Vec<Stood> = stood.iter().filter(|one| !self.stood.contains(one)).cloned().collect();
        if new.is_empty() {
            return Ok(());
        }
        self.stood.extend(new);
        self.save()
    }

    /// Notes a process group that was started; those in which nobody is any more are forgotten.
    pub fn add_process_group(&mut self, group: ProcessGroup) -> Result<(), ClusterError> {
        self.process_groups.retain(ProcessGroup::is_there);
        self.process_groups.push(group);
        self.save()
    }

    /// Notes a topic and its groups, before they are made.
    pub fn add_topic(&mut self, topic: &str, groups: &[String]) -> Result<(), ClusterError> {
        self.add_topics(&Topics::one(topic, 0), groups)
    }

    /// Notes topics and the groups that read all of them, before they are made.
    pub fn add_topics(&mut self, topics: &Topics, groups: &[String]) -> Result<(), ClusterError> {
        // A group is taken away once, however many topics it reads.
        let mut groups = groups;
        for topic in topics.names() {
            self.note_topic(topic, std::mem::take(&mut groups));
        }
        self.save()
    }

    fn note_topic(&mut self, topic: &str, groups: &[String]) {
        self.topics.extend(groups.iter().map(|group| (topic.to_owned(), Some(group.clone()))));
        if groups.is_empty() {
            self.topics.push((topic.to_owned(), None));
        }
    }

    /// Notes groups of its own on a topic that was there before, before they are made.
    pub fn add_groups(&mut self, groups: &[String]) -> Result<(), ClusterError> {
        self.groups.extend_from_slice(groups);
        self.save()
    }

    /// Notes a share group, before it is set where it begins.
    pub fn add_share_group(&mut self, group: &str) -> Result<(), ClusterError> {
        self.share_groups.push(group.to_owned());
        self.save()
    }

    /// Forgets a share group of which nothing is set any more.
    pub fn remove_share_group(&mut self, group: &str) -> Result<(), ClusterError> {
        self.share_groups.retain(|name| name != group);
        self.save()
    }

    /// Forgets groups that are gone.
    pub fn remove_groups(&mut self, groups: &[String]) -> Result<(), ClusterError> {
        self.groups.retain(|name| !groups.contains(name));
        self.save()
    }

    /// Forgets a topic that is gone.
    pub fn remove_topic(&mut self, topic: &str) -> Result<(), ClusterError> {
        self.remove_topics(&Topics::one(topic, 0))
    }

    /// Forgets topics that are gone.
    pub fn remove_topics(&mut self, topics: &Topics) -> Result<(), ClusterError> {
        self.topics.retain(|(name, _)| topics.number(name, 0).is_none());
        self.save()
    }

    /// Topics, groups and settings of share groups that are left on a cluster that was there before.
    pub fn left_there(&self) -> usize {
        let all = self.topics.len() + self.groups.len() + self.share_groups.len();
        if self.servers.is_some() { all } else { 0 }
    }

    /// Whether nothing is.
    pub fn is_empty_handed(&self) -> bool {
        self.left_there() == 0
    }

    /// Forgets the run.
    pub fn finish(&self) -> Result<(), ClusterError> {
        let path = self.path()?;
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(ClusterError::Files { path, source })
            }
            _ => Ok(()),
        }
    }

    /// Whether the host has been started anew since: no process of then lives.
    pub fn is_of_another_boot(&self) -> bool {
        self.boot != boot_id()
    }

    /// Whether the process that made it is known to have ended. Of a process of another host, or of a container that shares this folder, nothing
    /// is known here.
    pub fn is_dead(&self) -> bool {
        let gone =
            || self.pid_namespace == pid_namespace() && process_started(self.pid) != Some(self.pid_started);
        self.host == host() && (self.is_of_another_boot() || gone())
    }

    /// Writes the file anew: beside, then renamed.
    pub fn save(&self) -> Result<(), ClusterError> {
        let path = self.path()?;
        let beside = path.with_extension("part");
        let failed = |source| ClusterError::Files { path: path.clone(), source };
        fs::create_dir_all(runs_folder()?).map_err(failed)?;
        let json = serde_json::to_vec_pretty(self).map_err(|error| failed(error.into()))?;
        fs::write(&beside, json).map_err(failed)?;
        fs::rename(&beside, &path).map_err(failed)
    }

    fn path(&self) -> Result<PathBuf, ClusterError> {
        Ok(runs_folder()?.join(format!("{}.json", self.run)))
    }
}

/// A file that cannot be read whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Where it lies.
    pub path: PathBuf,
    /// Why not.
    pub why: String,
    /// Whose it is and of which cluster, and nothing else; none where not even that can be read.
    pub whose: Option<RunEntry>,
}

/// What names the process of a run, and its cluster, in every file since the first.
const WHOSE: [&str; 7] = ["run", "pid", "pid_started", "boot", "host", "pid_namespace", "servers"];

/// The runs that are known of, dead and living, and the files that cannot be read.
pub fn known_runs() -> Result<(Vec<RunEntry>, Vec<Unread>), ClusterError> {
    runs_in(&runs_folder()?)
}

fn runs_in(folder: &Path) -> Result<(Vec<RunEntry>, Vec<Unread>), ClusterError> {
    let files = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Vec::new(), Vec::new())),
        files => files.map_err(|source| ClusterError::Files { path: folder.to_owned(), source })?,
    };
    let (mut runs, mut unread) = (Vec::new(), Vec::new());
    let paths = files.flatten().map(|file| file.path());
    for path in paths.filter(|path| path.extension().is_some_and(|extension| extension == "json")) {
        match fs::read(&path).map(|text| (read(&text), text)) {
            Ok((Ok(entry), _)) => runs.push(entry),
            Ok((Err(error), text)) => {
                unread.push(Unread { path, why: error.to_string(), whose: whose(&text) });
            }
            // Its run has ended meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => unread.push(Unread { path, why: error.to_string(), whose: None }),
        }
    }
    runs.sort_by(|a, b| a.run.cmp(&b.run));
    unread.sort_by(|a, b| a.path.cmp(&b.path));
    Ok((runs, unread))
}

/// A run as it is noted, by this bench or an older one: those noted engines and services by themselves, and looked for processes in any case.
fn read(text: &[u8]) -> Result<RunEntry, serde_json::Error> {
    let mut noted: Map<String, Value> = serde_json::from_slice(text)?;
    let engines: Vec<Engine> = take(&mut noted, "engines")?;
    let services: Vec<Service> = take(&mut noted, "services")?;
    let is_older = !noted.contains_key("stood");
    let mut entry: RunEntry = serde_json::from_value(Value::Object(noted))?;
    if is_older {
        let services = services.into_iter().map(Stood::Service);
        let engines = engines.into_iter().map(Stood::NoContainers);
        entry.stood = services.chain(engines).chain([Stood::NoProcesses]).collect();
    }
    Ok(entry)
}

/// Whose a file is that cannot be read whole; none where it does not tell that either.
fn whose(text: &[u8]) -> Option<RunEntry> {
    let mut noted: Map<String, Value> = serde_json::from_slice(text).ok()?;
    noted.retain(|key, _| WHOSE.contains(&key.as_str()));
    // What every file must have, and nobody asks for here.
    let rest = RunEntry::default();
    noted.insert("properties".to_owned(), serde_json::to_value(rest.properties).ok()?);
    noted.insert("topics".to_owned(), serde_json::to_value(rest.topics).ok()?);
    noted.insert("folders".to_owned(), serde_json::to_value(rest.folders).ok()?);
    serde_json::from_value(Value::Object(noted)).ok()
}

fn take<T: DeserializeOwned + Default>(
    noted: &mut Map<String, Value>,
    key: &str,
) -> Result<T, serde_json::Error> {
    noted.remove(key).map_or_else(|| Ok(T::default()), serde_json::from_value)
}

fn runs_folder() -> Result<PathBuf, ClusterError> {
    Ok(state_folder()?.join("runs"))
}

/// When a process started, in the kernel's ticks since boot: field 22 of `/proc/<pid>/stat`; the second may hold blanks and ends at the last parenthesis. None
/// where there is none.
pub fn process_started(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
}

fn host() -> String {
    fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_owned()
}

fn pid_namespace() -> String {
    fs::read_link("/proc/self/ns/pid").unwrap_or_default().display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_of_several_groups_is_noted_with_each_of_them() {
        let mut entry = RunEntry::default();
        entry.note_topic("t", &["orders-t".to_owned(), "audit-t".to_owned()]);
        entry.note_topic("u", &[]);
        let noted = [("t", Some("orders-t")), ("t", Some("audit-t")), ("u", None)];
        let noted = noted.map(|(topic, group)| (topic.to_owned(), group.map(str::to_owned)));
        assert_eq!(entry.topics, noted);
    }

    /// As it was noted before consumers told what they observe: engines and services by themselves.
    const OLDER: &str = r#"{
        "run": "0a1b2c", "pid": 1, "pid_started": 2, "boot": "of last week", "host": "h", "pid_namespace": "pid:[1]",
        "servers": "b:9092", "properties": {}, "topics": [["t", "orders-t"]], "folders": [], "cgroups": [],
        "engines": [{"program": "podman", "version": "4.3.1", "host": null}],
        "services": [{"program": ["docker-compose"], "host": null, "file": "/f.yaml", "name": "orders", "instances": 1}]
    }"#;

    #[test]
    fn what_an_older_bench_has_noted_is_taken_away_like_this_ones() {
        let stood = read(OLDER.as_bytes()).unwrap().stood;
        let engine =
            Engine { program: "podman".to_owned(), version: "4.3.1".to_owned(), ..Engine::default() };
        assert!(matches!(&stood[0], Stood::Service(service) if service.name == "orders"), "{stood:?}");
        assert_eq!(stood[1..], [Stood::NoContainers(engine), Stood::NoProcesses]);
        // Before there were containers, consumers were looked for all the same.
        let oldest = r#"{"run":"a","pid":1,"pid_started":2,"boot":"b","servers":null,"properties":{},"topics":[],"folders":[]}"#;
        assert_eq!(read(oldest.as_bytes()).unwrap().stood, [Stood::NoProcesses]);
        let own = RunEntry { run: "a".to_owned(), stood: vec![Stood::NoProcesses], ..RunEntry::default() };
        assert_eq!(read(&serde_json::to_vec(&own).unwrap()).unwrap(), own);
        let none = RunEntry { run: "a".to_owned(), ..RunEntry::default() };
        assert_eq!(read(&serde_json::to_vec(&none).unwrap()).unwrap(), none, "nothing that was not observed");
    }

    #[test]
    fn a_file_that_cannot_be_read_is_told_and_not_taken_for_none() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("old.json", OLDER);
        write("cut.json", &OLDER[..90]);
        write("newer.json", &OLDER.replace("\"engines\"", "\"volumes\": [\"v\"], \"engines\""));
        write("old.part", "being written");
        let (runs, unread) = runs_in(folder.path()).unwrap();
        assert_eq!(runs.iter().map(|run| run.run.as_str()).collect::<Vec<_>>(), ["0a1b2c"]);
        let named: Vec<_> = unread.iter().map(|one| one.path.file_stem().unwrap()).collect();
        assert_eq!(named, ["cut", "newer"]);
        assert!(unread[1].why.contains("unknown field `volumes`"), "{unread:?}");
        let whose = unread[1].whose.as_ref().unwrap();
        assert_eq!((whose.pid, whose.servers.as_deref(), whose.topics.len()), (1, Some("b:9092"), 0));
        assert_eq!(unread[0].whose, None);
        assert_eq!(runs_in(&folder.path().join("none")).unwrap(), (Vec::new(), Vec::new()));
    }

    #[test]
    fn a_run_lives_as_long_as_its_own_process_and_no_namesake() {
        let pid = std::process::id();
        let (pid_started, boot) = (process_started(pid).unwrap(), boot_id());
        let (host, pid_namespace) = (host(), pid_namespace());
        let entry = RunEntry { pid, pid_started, boot, host, pid_namespace, ..RunEntry::default() };
        assert!(!entry.is_dead());
        assert!(RunEntry { pid_started: entry.pid_started + 1, ..entry.clone() }.is_dead());
        assert!(RunEntry { boot: "another".to_owned(), ..entry.clone() }.is_dead());
        let unknown = RunEntry { pid_started: entry.pid_started + 1, ..entry };
        assert!(!RunEntry { host: "another".to_owned(), ..unknown.clone() }.is_dead());
        assert!(!RunEntry { pid_namespace: "another".to_owned(), ..unknown }.is_dead());
    }
}
