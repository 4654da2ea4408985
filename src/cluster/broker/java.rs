//! How a broker's JVMs are started.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::{LOG4J_FILE, OLD_LOG4J_FILE, PROPERTIES_FILE, UNPACKED};
use crate::cluster::{ClusterError, artifacts, child};
use crate::units::Bytes;

/// How its JVMs are started.
#[derive(Debug)]
pub(super) struct Java {
    pub(super) jars: OsString,
    pub(super) data: PathBuf,
    pub(super) log: PathBuf,
}

impl Java {
    pub(super) fn start(&self, main: &str, heap: &str, arguments: &[&str]) -> Result<Child, ClusterError> {
        let log = &self.log;
        let files = |source: io::Error| ClusterError::Files { path: log.clone(), source };
        let output = File::options().create(true).append(true).open(log).map_err(files)?;
        let errors = output.try_clone().map_err(files)?;
        let mut command = Command::new(java_program());
        command.args([format!("-Xms{heap}"), format!("-Xmx{heap}")]).args(JVM);
        // It runs in its own folder, whose path may hold what would part a list or end a word, and reads paths as UTF-8 whatever the user's locale.
        command.current_dir(&self.data).env("LC_ALL", artifacts::LOCALE);
        command.arg(format!("-Dlog4j2.configurationFile={LOG4J_FILE}"));
        command.arg(format!("-Dlog4j.configuration=file:{OLD_LOG4J_FILE}"));
        // Codecs unpack their native parts there: the user's own may hold no programs, or be full.
        let mut unpacked = OsString::from("-Djava.io.tmpdir=");
        unpacked.push(self.data.join(UNPACKED));
        command.arg(unpacked);
        command.arg("-cp").arg(&self.jars).arg(main).args(arguments).arg(PROPERTIES_FILE);
        command.stdin(Stdio::null()).stdout(output).stderr(errors);
        child::spawn(command).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => {
                ClusterError::Missing { program: "java", package: "default-jre-headless" }
            }
            _ => ClusterError::Files { path: self.data.clone(), source },
        })
    }

    pub(super) fn start_broker(&self, heap: Bytes) -> Result<Child, ClusterError> {
        self.start("kafka.Kafka", &format!("{}m", heap.get() >> 20), &[])
    }
}

/// Kafka's own start script sets these; counters in a file would be left behind by a broker that is killed.
const JVM: [&str; 7] = [
    "-server",
    "-XX:+UseG1GC",
    "-XX:MaxGCPauseMillis=20",
    "-XX:InitiatingHeapOccupancyPercent=35",
    "-XX:+ExplicitGCInvokesConcurrent",
    "-XX:-UsePerfData",
    "-Djava.awt.headless=true",
];

/// The one that `JAVA_HOME` names, as `scripts/bench` looked for it, else that of the path.
fn java_program() -> PathBuf {
    let home = std::env::var_os("JAVA_HOME").map(|home| Path::new(&home).join("bin/java"));
    let home = home.and_then(|java| std::path::absolute(java).ok());
    home.filter(|java| java.is_file()).unwrap_or_else(|| PathBuf::from("java"))
}
