//! One Apache Kafka broker, started and stopped by bench: KRaft mode, three listeners, a log of its own.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};

use super::properties::{LOGS, server_properties};
use super::talk::Talk;
use super::{ClusterError, artifacts, child};
use crate::spec::Properties;
use crate::units::Bytes;

/// A broker that has not come up by then will not.
const UP_WITHIN: Duration = Duration::from_mins(1);
/// Ports can be taken between the moment they are found free and the moment they are used.
const TRIES: u32 = 5;
const PROPERTIES_FILE: &str = "server.properties";
const UNPACKED: &str = "unpacked";
const LOG4J_FILE: &str = "log4j2.properties";
const LOG4J: &str = include_str!("log4j2.properties");

/// What to start.
#[derive(Clone, Debug)]
pub struct BrokerSpec {
    /// Version of Apache Kafka.
    pub version: String,
    /// The JVM's heap.
    pub heap: Bytes,
    /// Settings that go over bench's own.
    pub config: Properties,
}

/// A running broker; its data goes when it stops.
#[derive(Debug)]
pub struct Broker {
    process: Mutex<Child>,
    version: Option<String>,
    ports: [u16; 4],
    java: Java,
}

/// How its JVMs are started.
#[derive(Debug)]
struct Java {
    jars: OsString,
    data: PathBuf,
    log: PathBuf,
}

impl Java {
    fn start(&self, main: &str, heap: &str, arguments: &[&str]) -> Result<Child, ClusterError> {
        let log = &self.log;
        let files = |source: io::Error| ClusterError::Files { path: log.clone(), source };
        let output = File::options().create(true).append(true).open(log).map_err(files)?;
        let errors = output.try_clone().map_err(files)?;
        let mut command = Command::new(java_program());
        command.args([format!("-Xms{heap}"), format!("-Xmx{heap}")]).args(JVM);
        // It runs in its own folder, whose path may hold what would part a list or end a word, and reads paths as UTF-8 whatever the user's locale.
        command.current_dir(&self.data).env("LC_ALL", artifacts::LOCALE);
        command.arg(format!("-Dlog4j2.configurationFile={LOG4J_FILE}"));
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

    fn start_broker(&self, heap: Bytes) -> Result<Child, ClusterError> {
        self.start("kafka.Kafka", &format!("{}m", heap.get() >> 20), &[])
    }
}

impl Broker {
    /// Formats `data`, an absolute path, and starts a broker on it; its log goes to `log`. Ports are picked anew when one is taken meanwhile.
    pub fn start(
        spec: &BrokerSpec,
        data: &Path,
        log: &Path,
        talk: &mut Talk<'_>,
    ) -> Result<Self, ClusterError> {
        let jars = artifacts::jars(&spec.version, talk)?;
        let version = artifacts::version_of(&jars);
        (talk.tell)(&format!("starting Apache Kafka {}", version.as_deref().unwrap_or("of unknown version")));
        let mut tried = 0;
        loop {
            tried += 1;
            let ports =
                free_ports().map_err(|source| ClusterError::Files { path: data.to_owned(), source })?;
            let begun = fs::metadata(log).map_or(0, |log| log.len());
            match Broker::try_start(spec, &artifacts::class_path(&jars), (data, log), (ports, talk.stop)) {
                Ok(mut broker) => {
                    broker.version = version;
                    return Ok(broker);
                }
                Err(ClusterError::Broker { .. }) if tried < TRIES && lost_a_port(log, begun) => {}
                Err(error) => {
                    // What is there is half of a broker; if it stays, `bench clean` knows it.
                    fs::remove_dir_all(data).ok();
                    return Err(error);
                }
            }
        }
    }

    fn try_start(
        spec: &BrokerSpec,
        jars: &OsString,
        (data, log): (&Path, &Path),
        (ports, stop): ([u16; 4], &dyn Fn() -> bool),
    ) -> Result<Self, ClusterError> {
        let files = |path: &Path| {
            let path = path.to_owned();
            move |source: io::Error| ClusterError::Files { path, source }
        };
        if data.exists() {
            fs::remove_dir_all(data).map_err(files(data))?;
        }
        fs::create_dir_all(data.join(UNPACKED)).map_err(files(data))?;
        let properties = data.join(PROPERTIES_FILE);
        fs::write(&properties, server_properties(spec, ports)).map_err(files(&properties))?;
        let log4j = data.join(LOG4J_FILE);
        fs::write(&log4j, LOG4J).map_err(files(&log4j))?;
        let java = Java { jars: jars.clone(), data: data.to_owned(), log: log.to_owned() };
        let format = ["format", "--standalone", "-t", &cluster_id(), "-c"];
        let mut formatting = java.start("kafka.tools.StorageTool", "128m", &format)?;
        if !formatting.wait().map_err(files(data))?.success() {
            return Err(ClusterError::Broker { what: "could not format its storage", log_tail: tail(log) });
        }
        let process = java.start_broker(spec.heap)?;
        let broker = Broker { process: Mutex::new(process), version: None, ports, java };
        broker.await_up(log, stop)?;
        Ok(broker)
    }

    /// Kills it without a warning and starts it again on the same ports and data.
    pub fn restart(&self, spec: &BrokerSpec) -> Result<(), ClusterError> {
        {
            let mut process = self.process();
            let ended = process.kill().and_then(|()| process.wait());
            ended.map_err(|source| ClusterError::Files { path: self.java.data.clone(), source })?;
            *process = self.java.start_broker(spec.heap)?;
        }
        self.await_up(&self.java.log, &|| false)
    }

    fn await_up(&self, log: &Path, stop: &dyn Fn() -> bool) -> Result<(), ClusterError> {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", self.control_servers())
            .set("log_level", "0")
            .set("reconnect.backoff.ms", "20");
        config.set("reconnect.backoff.max.ms", "50");
        let client: BaseConsumer =
            config.create().map_err(|source| ClusterError::Client { reason: source.to_string() })?;
        let deadline = Instant::now() + UP_WITHIN;
        while Instant::now() < deadline {
            if stop() {
                return Err(ClusterError::Stopped);
            }
            if !self.is_alive() {
                return Err(ClusterError::Broker { what: "died while it started", log_tail: tail(log) });
            }
            if client
                .fetch_metadata(None, Duration::from_millis(200))
                .is_ok_and(|found| !found.brokers().is_empty())
            {
                return Ok(());
            }
        }
        Err(ClusterError::Broker { what: "did not come up within a minute", log_tail: tail(log) })
    }

    /// Where producers connect.
    pub fn load_servers(&self) -> String {
        format!("127.0.0.1:{}", self.ports[0])
    }

    /// Where consumers connect.
    pub fn consumer_servers(&self) -> String {
        format!("127.0.0.1:{}", self.ports[1])
    }

    /// Where bench itself asks and commands.
    pub fn control_servers(&self) -> String {
        format!("127.0.0.1:{}", self.ports[2])
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.process().id()
    }

    /// The version of its jars; `None` where their names do not tell.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    fn process(&self) -> MutexGuard<'_, Child> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where its partitions lie.
    pub fn logs(&self) -> PathBuf {
        self.java.data.join(LOGS)
    }

    /// Whether it still runs.
    pub fn is_alive(&self) -> bool {
        matches!(self.process().try_wait(), Ok(None))
    }

    /// Stops it and removes its data.
    pub fn stop(self) -> Result<(), ClusterError> {
        let files = |source| ClusterError::Files { path: self.java.data.clone(), source };
        // Its data goes anyway: an orderly shutdown would only take time.
        let ended = {
            let mut process = self.process();
            process.kill().and_then(|()| process.wait())
        };
        ended.map_err(files)?;
        fs::remove_dir_all(&self.java.data).map_err(files)
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        // The last resort of a path that did not stop it.
        if self.is_alive() {
            let mut process = self.process();
            process.kill().ok();
            process.wait().ok();
        }
        fs::remove_dir_all(&self.java.data).ok();
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

/// An id that no other broker of this host has: from the clock and the process, in Kafka's own form.
fn cluster_id() -> String {
    let now =
        std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap_or_default();
    let id = (now.as_nanos() << 32) | u128::from(std::process::id());
    URL_SAFE_NO_PAD.encode(id.to_be_bytes())
}

fn free_ports() -> io::Result<[u16; 4]> {
    // All four are held until all are known, so that they differ.
    let held = [(); 4].map(|()| TcpListener::bind("127.0.0.1:0"));
    let mut ports = [0; 4];
    for (port, listener) in ports.iter_mut().zip(held) {
        *port = listener?.local_addr()?.port();
    }
    Ok(ports)
}

/// The one that `JAVA_HOME` names, as `scripts/bench` looked for it, else that of the path.
fn java_program() -> PathBuf {
    let home = std::env::var_os("JAVA_HOME").map(|home| Path::new(&home).join("bin/java"));
    let home = home.and_then(|java| std::path::absolute(java).ok());
    home.filter(|java| java.is_file()).unwrap_or_else(|| PathBuf::from("java"))
}

/// Whether the part of the log from byte `begun` on tells that a port was taken meanwhile.
fn lost_a_port(log: &Path, begun: u64) -> bool {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(text.get(begun as usize..).unwrap_or_default());
    text.contains("Address already in use") || text.contains("BindException")
}

/// What went wrong first, as far as the log tells it, and its last lines.
pub fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(20);
    let is_error =
        |line: &&&str| line.contains("ERROR") || line.contains("FATAL") || line.starts_with("Exception");
    let first = lines[..from].iter().find(is_error).map(|line| format!("{line}\n[…]\n"));
    first.unwrap_or_default() + &lines[from..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_was_lost_is_found_wherever_this_start_tells_of_it() {
        let log = tempfile::NamedTempFile::new().unwrap();
        let before = "java.net.BindException: Address already in use\n";
        let noise = "INFO shutting down\n".repeat(300);
        fs::write(log.path(), format!("{before}{noise}")).unwrap();
        assert!(!lost_a_port(log.path(), before.len() as u64), "an earlier start's words");
        fs::write(log.path(), format!("{noise}ERROR Address already in use\n{noise}")).unwrap();
        assert!(lost_a_port(log.path(), 0));
        assert!(tail(log.path()).starts_with("ERROR Address already in use\n[…]\n"));
    }
}
