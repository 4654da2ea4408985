//! Brokers formatted and started together, on ports that were free.

use std::ffi::OsString;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::{fs, io};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::java::Java;
use super::{Broker, BrokerSpec, Faces, LOG4J_FILE, OLD_LOG4J_FILE, PROPERTIES_FILE, UNPACKED, tail};
use crate::cluster::properties::{Place, Ports, names_voters, server_properties};
use crate::cluster::{ClusterError, Talk, artifacts};

/// Ports can be taken between the moment they are found free and the moment they are used.
const TRIES: u32 = 5;
const LOG4J: &str = include_str!("../log4j2.properties");
/// The same in the words of log4j 1, which Kafka had before 4.0.
const OLD_LOG4J: &str = include_str!("../log4j.properties");

/// What all brokers of a start have in common.
struct Start<'a> {
    spec: &'a BrokerSpec,
    jars: OsString,
    data: &'a Path,
    log: &'a Path,
    stop: &'a dyn Fn() -> bool,
    faces: &'a Faces,
}

/// Where brokers keep what they write.
#[derive(Clone, Copy, Debug)]
pub struct BrokerFiles<'a> {
    /// The topics' logs: a folder, by an absolute path.
    pub data: &'a Path,
    /// Their own log: a file.
    pub log: &'a Path,
}

impl Broker {
    /// Formats `data`, an absolute path, and starts a broker on it; its log goes to `log`. Ports are picked anew when one is taken meanwhile.
    pub fn start(
        spec: &BrokerSpec,
        data: &Path,
        log: &Path,
        talk: &mut Talk<'_>,
    ) -> Result<Self, ClusterError> {
        let lacking = || ClusterError::Broker { what: "was not started", log_tail: String::new() };
        Broker::start_all(spec, (1, &Faces::default()), BrokerFiles { data, log }, talk)?
            .pop()
            .ok_or_else(lacking)
    }

    /// The same for `count` brokers of one cluster, before which these faces stand, each in a folder of its own below `data`, and with a log of its own beside `log`.
    pub(in crate::cluster) fn start_all(
        spec: &BrokerSpec,
        (count, faces): (u32, &Faces),
        BrokerFiles { data, log }: BrokerFiles<'_>,
        talk: &mut Talk<'_>,
    ) -> Result<Vec<Self>, ClusterError> {
        let jars = artifacts::jars(&spec.version, talk)?;
        let version = artifacts::version_of(&jars);
        let times = if count > 1 { format!(" {count} times") } else { String::new() };
        (talk.tell)(&format!(
            "starting Apache Kafka {}{times}",
            version.as_deref().unwrap_or("of unknown version")
        ));
        // `KAFKA_HOME` may hold another version than was asked for.
        let spec = BrokerSpec { version: version.clone().unwrap_or_default(), ..spec.clone() };
        let start =
            Start { spec: &spec, jars: artifacts::class_path(&jars), data, log, stop: talk.stop, faces };
        let mut tried = 0;
        loop {
            tried += 1;
            let ports =
                free_ports(count).map_err(|source| ClusterError::Files { path: data.to_owned(), source })?;
            let logs: Vec<PathBuf> = (0..ports.len()).map(|index| start.log(index, ports.len())).collect();
            let begun: Vec<u64> =
                logs.iter().map(|log| fs::metadata(log).map_or(0, |log| log.len())).collect();
            match start.all(&ports) {
                Ok(mut brokers) => {
                    for broker in &mut brokers {
                        broker.version.clone_from(&version);
                    }
                    return Ok(brokers);
                }
                Err(ClusterError::Broker { .. })
                    if tried < TRIES
                        && logs.iter().zip(&begun).any(|(log, begun)| lost_a_port(log, *begun)) => {}
                Err(error) => {
                    // What is there is half of a broker; if it stays, `bench clean` knows it.
                    fs::remove_dir_all(data).ok();
                    return Err(error);
                }
            }
        }
    }
}

impl Start<'_> {
    /// Where the broker's log is: `broker.log` where it is the only one, else `broker-1.log`, counted from 1.
    fn log(&self, index: usize, count: usize) -> PathBuf {
        if count == 1 {
            return self.log.to_owned();
        }
        let name = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
        let mut file = format!("{}-{}", name(self.log.file_stem()), index + 1);
        if let Some(extension) = self.log.extension() {
            file = format!("{file}.{}", extension.to_string_lossy());
        }
        self.log.with_file_name(file)
    }

    /// Side by side: a JVM takes a second or more to come up.
    fn all(&self, ports: &[Ports]) -> Result<Vec<Broker>, ClusterError> {
        let files = |source: io::Error| ClusterError::Files { path: self.data.to_owned(), source };
        if self.data.exists() {
            fs::remove_dir_all(self.data).map_err(files)?;
        }
        let javas = (0..ports.len()).map(|index| self.put_up(Place { index, all: ports }));
        let javas = javas.collect::<Result<Vec<Java>, ClusterError>>()?;
        let id = cluster_id();
        let mut format = vec!["format", "-t", &id, "-c"];
        if ports.len() == 1 && !names_voters(&self.spec.version) {
            format.insert(1, "--standalone");
        }
        let formatting = javas.iter().map(|java| java.start("kafka.tools.StorageTool", "128m", &format));
        let formatting = formatting.collect::<Vec<_>>();
        let mut formatted = Vec::with_capacity(javas.len());
        for (child, java) in formatting.into_iter().zip(&javas) {
            // All are waited for, whatever became of the first.
            formatted.push(child.and_then(|mut child| {
                if child.wait().map_err(files)?.success() {
                    return Ok(());
                }
                Err(ClusterError::Broker { what: "could not format its storage", log_tail: tail(&java.log) })
            }));
        }
        formatted.into_iter().collect::<Result<(), ClusterError>>()?;
        let mut brokers = Vec::with_capacity(javas.len());
        for (index, java) in javas.into_iter().enumerate() {
            let process = Mutex::new(java.start_broker(self.spec.heap)?);
            let id = Place { index, all: ports }.id();
            let faces = self.faces.of(index, ports[index]);
            brokers.push(Broker { process, id, version: None, ports: ports[index], faces, java });
        }
        for broker in &brokers {
            broker.await_up(self.stop)?;
        }
        Ok(brokers)
    }

    /// Its folder, with all that it is told.
    fn put_up(&self, place: Place<'_>) -> Result<Java, ClusterError> {
        let files = |path: &Path| {
            let path = path.to_owned();
            move |source: io::Error| ClusterError::Files { path, source }
        };
        let data = match place.all.len() {
            1 => self.data.to_owned(),
            _ => self.data.join(place.id().to_string()),
        };
        fs::create_dir_all(data.join(UNPACKED)).map_err(files(&data))?;
        let properties = data.join(PROPERTIES_FILE);
        fs::write(&properties, server_properties(self.spec, place, self.faces))
            .map_err(files(&properties))?;
        let log4j = data.join(LOG4J_FILE);
        fs::write(&log4j, LOG4J).map_err(files(&log4j))?;
        let old = data.join(OLD_LOG4J_FILE);
        fs::write(&old, OLD_LOG4J).map_err(files(&old))?;
        Ok(Java { jars: self.jars.clone(), data, log: self.log(place.index, place.all.len()) })
    }
}

/// An id that no other cluster of this host has: from the clock and the process, in Kafka's own form.
fn cluster_id() -> String {
    let now =
        std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap_or_default();
    let id = (now.as_nanos() << 32) | u128::from(std::process::id());
    URL_SAFE_NO_PAD.encode(id.to_be_bytes())
}

fn free_ports(brokers: u32) -> io::Result<Vec<Ports>> {
    // All are held until all are known, so that they differ.
    let mut held = Vec::new();
    let mut all = Vec::new();
    for _ in 0..brokers {
        let mut ports: Ports = Ports::default();
        for port in &mut ports {
            let listener = TcpListener::bind("127.0.0.1:0")?;
            *port = listener.local_addr()?.port();
            held.push(listener);
        }
        all.push(ports);
    }
    Ok(all)
}

/// Whether the part of the log from byte `begun` on tells that a port was taken meanwhile.
fn lost_a_port(log: &Path, begun: u64) -> bool {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(text.get(begun as usize..).unwrap_or_default());
    text.contains("Address already in use") || text.contains("BindException")
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

    #[test]
    fn each_of_several_brokers_has_a_log_of_its_own_and_ports_that_no_other_has() {
        let spec = BrokerSpec {
            version: String::new(),
            heap: crate::units::Bytes::new(1),
            config: crate::spec::Properties::new(),
        };
        let start = Start {
            spec: &spec,
            jars: OsString::new(),
            data: Path::new("/d"),
            log: Path::new("/r/broker.log"),
            stop: &|| false,
            faces: &Faces::default(),
        };
        assert_eq!(start.log(0, 1), Path::new("/r/broker.log"));
        assert_eq!(start.log(2, 3), Path::new("/r/broker-3.log"));
        let ports: std::collections::BTreeSet<u16> = free_ports(3).unwrap().into_iter().flatten().collect();
        assert_eq!(ports.len(), 15);
    }
}
