//! Apache Kafka's jars: those of `KAFKA_HOME`, or fetched once from their Maven artifacts into the user's cache folder.

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{env, fs, io};

use super::talk::Talk;
use super::{ClusterError, child};

/// A JVM takes the names of files by its locale; this one has all letters.
pub const LOCALE: &str = "C.UTF-8";

const POM: &str = include_str!("pom.xml");

/// The folder with the jars of a Kafka of that version (of `KAFKA_HOME`, whatever its version, where that is set); fetches them if they are not
/// there, which is told first.
pub fn jars(version: &str, talk: &mut Talk<'_>) -> Result<PathBuf, ClusterError> {
    if let Some(home) = env::var_os("KAFKA_HOME") {
        let libs = Path::new(&home).join("libs");
        // A broker runs in a folder of its own.
        let libs = std::path::absolute(&libs).unwrap_or(libs);
        return if holds_kafka(&libs) { Ok(libs) } else { Err(ClusterError::NoJars { path: libs }) };
    }
    let jars = cache_folder()?.join(format!("kafka-{version}"));
    if !holds_kafka(&jars) {
        (talk.tell)(&format!("fetching Apache Kafka {version} from its Maven artifacts"));
        fetch(version, &jars, talk.stop)?;
    }
    Ok(jars)
}

/// All jars of a folder.
pub fn class_path(jars: &Path) -> OsString {
    jars.join("*").into_os_string()
}

/// The version that the server's jar names, `kafka_2.13-4.3.1.jar`.
pub fn version_of(jars: &Path) -> Option<String> {
    let entries = fs::read_dir(jars).ok()?.flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut versions: Vec<String> = names
        .filter_map(|name| {
            Some(name.strip_prefix("kafka_2.")?.strip_suffix(".jar")?.split_once('-')?.1.to_owned())
        })
        .filter(|version| {
            version.split('.').count() >= 3 && !version.contains(|c: char| c.is_ascii_uppercase())
        })
        .collect();
    versions.sort_by_key(String::len);
    versions.into_iter().next()
}

/// `$XDG_CACHE_HOME/kafka-bench`, by default in `~/.cache`.
pub fn cache_folder() -> Result<PathBuf, ClusterError> {
    user_folder("XDG_CACHE_HOME", ".cache")
}

/// `$XDG_STATE_HOME/kafka-bench`, by default in `~/.local/state`.
pub fn state_folder() -> Result<PathBuf, ClusterError> {
    user_folder("XDG_STATE_HOME", ".local/state")
}

/// A relative path, or an empty one, names nothing: it would be another folder wherever bench is called.
fn user_folder(variable: &'static str, default: &str) -> Result<PathBuf, ClusterError> {
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let folder = absolute(variable).or_else(|| Some(absolute("HOME")?.join(default)));
    folder.map(|folder| folder.join("kafka-bench")).ok_or(ClusterError::NoHome { variable })
}

fn holds_kafka(jars: &Path) -> bool {
    let entries = fs::read_dir(jars).into_iter().flatten().flatten();
    entries.into_iter().any(|jar| jar.file_name().to_string_lossy().starts_with("kafka_2."))
}

/// Fetches into a folder beside the wanted one and renames it: a run that fetches the same at the same time does no harm.
fn fetch(version: &str, jars: &Path, stop: &dyn Fn() -> bool) -> Result<(), ClusterError> {
    let own = jars.with_file_name(format!("kafka-{version}.{}", std::process::id()));
    let failed = |source: io::Error| ClusterError::Files { path: own.clone(), source };
    fs::create_dir_all(&own).map_err(failed)?;
    fs::write(own.join("pom.xml"), POM.replace("@VERSION@", version)).map_err(failed)?;
    let mut maven = Command::new("mvn");
    maven
        .args(["-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=jars"])
        .current_dir(&own)
        .env("LC_ALL", LOCALE);
    // Into a file, so that nobody has to read while it is watched.
    let said = own.join("maven.log");
    let output = File::create(&said).map_err(failed)?;
    let errors = output.try_clone().map_err(failed)?;
    maven.stdin(Stdio::null()).stdout(output).stderr(errors);
    let mut fetching = child::spawn(maven).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => ClusterError::Missing { program: "mvn", package: "maven" },
        _ => failed(source),
    })?;
    let status = loop {
        if let Some(status) = fetching.try_wait().map_err(failed)? {
            break status;
        }
        if stop() {
            fetching.kill().and_then(|()| fetching.wait()).map_err(failed)?;
            fs::remove_dir_all(&own).ok();
            return Err(ClusterError::Stopped);
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    if !status.success() {
        let said = fs::read_to_string(&said).unwrap_or_default();
        let reason =
            said.lines().find(|line| line.contains("ERROR")).unwrap_or("maven gave no reason").to_owned();
        fs::remove_dir_all(&own).ok();
        return Err(ClusterError::Fetch { version: version.to_owned(), reason });
    }
    let renamed = fs::rename(own.join("jars"), jars);
    fs::remove_dir_all(&own).ok();
    // Another run may have been first; what counts is that the jars are there.
    if holds_kafka(jars) { Ok(()) } else { renamed.map_err(failed) }
}
