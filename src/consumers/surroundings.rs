//! What consumers find where bench starts them: variables, and files for what those that are not ours are told, or for what is too long for a variable.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::{BadConfig, Config};
use crate::cluster::{ProcessGroup, RUN};
use crate::spec::secrets::Redaction;

/// The variable that tells the processes of one group in one trial from all others.
pub const GROUP: &str = "BENCH_GROUP";

/// The longest text that goes by a variable, in bytes: Linux takes 128 KiB of each with its name, and thousands of topics have longer names together.
pub(super) const LONGEST_VARIABLE: usize = 100_000;

/// Where a program's output goes: a new file each time.
pub type NewFile = Box<dyn Fn() -> io::Result<File>>;

/// Who is told of each process group that was started, so that `bench clean` finds it.
pub type NoteGroup = Box<dyn Fn(ProcessGroup) -> io::Result<()>>;

/// What bench knows of consumers that are not ours before they are started.
pub struct Surroundings {
    /// The run's short id.
    pub run: String,
    /// How many instances the treatment has.
    pub instances: u32,
    /// Whether their group is a share group: its clients refuse to be told where to begin.
    pub shares: bool,
    /// The folder of files that only this user may read; made where it is not there.
    pub private: PathBuf,
    /// Where output goes.
    pub output: NewFile,
    /// What no output may hold that is written down or said.
    pub hidden: Redaction,
    /// Who is told of process groups.
    pub note_group: NoteGroup,
}

/// Where they find their files.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// What a Kafka client is told.
    pub(super) properties: PathBuf,
    /// The names of all topics, one a line.
    pub(super) topics: PathBuf,
}

impl Surroundings {
    /// What each of them learns, of the instance with that number where they differ; a type only where it is emulated. Names of topics that are too long for a
    /// variable stand in their file alone.
    pub(super) fn variables(
        &self,
        config: &Config,
        slot: Option<u32>,
        instance_type: Option<&str>,
        files: &Found,
    ) -> io::Result<Vec<(&'static str, String)>> {
        let servers = config.resolved_servers(variable).map_err(|bad| io::Error::other(bad.to_string()))?;
        let mut all = vec![
            (RUN, self.run.clone()),
            (GROUP, config.group.clone()),
            ("BENCH_TOPICS", files.topics.display().to_string()),
            ("BENCH_PARTITIONS", config.topic.partitions().to_string()),
            ("BENCH_SERVERS", servers),
            ("BENCH_INSTANCES", self.instances.to_string()),
            ("BENCH_PROPERTIES", files.properties.display().to_string()),
        ];
        let names = config.topic.joined();
        all.extend((names.len() <= LONGEST_VARIABLE).then_some(("BENCH_TOPIC", names)));
        all.extend(slot.map(|slot| ("BENCH_INSTANCE", slot.to_string())));
        all.extend(instance_type.map(|name| ("BENCH_INSTANCE_TYPE", name.to_owned())));
        Ok(all)
    }

    /// Writes a file of what a Kafka client is told, in the form of Java's properties, and one of the topics' names; the first may hold secrets. Nobody else may
    /// look into their folder, whatever their own mode.
    pub(super) fn write_files(&self, config: &Config, mode: u32) -> io::Result<Files> {
        let named = |kind: &str| self.private.join(format!("{}.{kind}", config.group));
        let failed = |bad: BadConfig| io::Error::other(bad.to_string());
        let mut all = BTreeMap::from([
            ("bootstrap.servers".to_owned(), config.resolved_servers(variable).map_err(failed)?),
            ("group.id".to_owned(), config.group.clone()),
        ]);
        if !self.shares {
            all.insert("auto.offset.reset".to_owned(), "earliest".to_owned());
        }
        all.extend(config.resolved(variable).map_err(failed)?);
        let mut text = String::new();
        for (name, value) in &all {
            // A text takes all that is written to it.
            writeln!(text, "{name}={}", escaped(value)).ok();
        }
        let names = config.topic.names().fold(String::new(), |all, name| all + name + "\n");
        let properties = write(&named("properties"), &text, mode)?;
        Ok(Files { properties, topics: write(&named("topics"), &names, mode)? })
    }

    /// Writes a file of that name that nobody else may read.
    pub(super) fn write_private(&self, name: &str, text: &str) -> io::Result<Lent> {
        write(&self.private.join(name), text, 0o600)
    }
}

/// The files of consumers that are not ours.
#[derive(Debug)]
pub(super) struct Files {
    properties: Lent,
    topics: Lent,
}

impl Files {
    /// Where they lie on this host.
    pub(super) fn found(&self) -> Found {
        Found { properties: self.properties.0.clone(), topics: self.topics.0.clone() }
    }
}

/// A file that lies there as long as this does.
#[derive(Debug)]
pub(super) struct Lent(PathBuf);

impl Lent {
    /// Where it lies, from the root on.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        // What cannot be removed now goes with the folder.
        fs::remove_file(&self.0).ok();
    }
}

/// Writes a file into a folder that nobody else may look into.
pub(super) fn write(path: &Path, text: &str, mode: u32) -> io::Result<Lent> {
    if let Some(folder) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut file = File::options().write(true).create(true).truncate(true).mode(mode).open(path)?;
    let lent = Lent(std::path::absolute(path)?);
    io::Write::write_all(&mut file, text.as_bytes())?;
    Ok(lent)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A value as `java.util.Properties` reads it back.
pub(super) fn escaped(value: &str) -> String {
    let mut text = String::new();
    for (at, sign) in value.chars().enumerate() {
        match sign {
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            ' ' if at == 0 => text.push_str("\\ "),
            _ => text.push(sign),
        }
    }
    text
}
