//! What consumers that are not ours find where bench starts them: variables, and a file of properties.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::{BadConfig, Config};
use crate::cluster::RUN;

/// The variable that tells the processes of one group in one trial from all others.
pub const GROUP: &str = "BENCH_GROUP";

/// Where a program's output goes: a new file each time.
pub type NewFile = Box<dyn Fn() -> io::Result<File>>;

/// What bench knows of consumers that are not ours before they are started.
pub struct Surroundings {
    /// The run's short id.
    pub run: String,
    /// How many instances the treatment has.
    pub instances: u32,
    /// The folder of files that only this user may read; made where it is not there.
    pub private: PathBuf,
    /// Where output goes.
    pub output: NewFile,
}

impl Surroundings {
    /// What each of them learns, of the instance with that number where they differ; a type only where it is emulated.
    pub(super) fn variables(
        &self,
        config: &Config,
        slot: Option<u32>,
        instance_type: Option<&str>,
        properties: &Path,
    ) -> io::Result<Vec<(&'static str, String)>> {
        let servers = config.resolved_servers(variable).map_err(|bad| io::Error::other(bad.to_string()))?;
        let mut all = vec![
            (RUN, self.run.clone()),
            (GROUP, config.group.clone()),
            ("BENCH_TOPIC", config.topic.joined()),
            ("BENCH_PARTITIONS", config.topic.partitions().to_string()),
            ("BENCH_SERVERS", servers),
            ("BENCH_INSTANCES", self.instances.to_string()),
            ("BENCH_PROPERTIES", properties.display().to_string()),
        ];
        all.extend(slot.map(|slot| ("BENCH_INSTANCE", slot.to_string())));
        all.extend(instance_type.map(|name| ("BENCH_INSTANCE_TYPE", name.to_owned())));
        Ok(all)
    }

    fn path(&self, config: &Config) -> PathBuf {
        self.private.join(format!("{}.properties", config.group))
    }

    /// Writes a file of what a Kafka client is told, in the form of Java's properties; it may hold secrets. Nobody else may look into its folder, whatever
    /// its own mode.
    pub(super) fn write_properties(&self, config: &Config, mode: u32) -> io::Result<PathBuf> {
        let path = self.path(config);
        let failed = |bad: BadConfig| io::Error::other(bad.to_string());
        let mut all = BTreeMap::from([
            ("auto.offset.reset".to_owned(), "earliest".to_owned()),
            ("bootstrap.servers".to_owned(), config.resolved_servers(variable).map_err(failed)?),
            ("group.id".to_owned(), config.group.clone()),
        ]);
        all.extend(config.resolved(variable).map_err(failed)?);
        let mut text = String::new();
        for (name, value) in &all {
            // A text takes all that is written to it.
            writeln!(text, "{name}={}", escaped(value)).ok();
        }
        self.write(&path, &text, mode)
    }

    /// Writes a file of that name that nobody else may read.
    pub(super) fn write_private(&self, name: &str, text: &str) -> io::Result<PathBuf> {
        self.write(&self.private.join(name), text, 0o600)
    }

    fn write(&self, path: &Path, text: &str, mode: u32) -> io::Result<PathBuf> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.private)?;
        // In one step: another instance may be reading it.
        let beside = path.with_extension("part");
        let mut file = File::options().write(true).create(true).truncate(true).mode(mode).open(&beside)?;
        io::Write::write_all(&mut file, text.as_bytes())?;
        fs::rename(&beside, path)?;
        std::path::absolute(path)
    }

    /// Takes that file away.
    pub(super) fn remove_properties(&self, config: &Config) {
        // What cannot be removed now goes with the folder.
        fs::remove_file(self.path(config)).ok();
    }
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
