//! Apache Kafka's jars: those of `KAFKA_HOME`, or fetched once from their Maven artifacts into the user's cache folder.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, io};

use super::ClusterError;

const POM: &str = include_str!("pom.xml");

/// The class path of a Kafka of that version; fetches it if it is not there, which `tell` is told of first.
pub fn class_path(version: &str, tell: &mut dyn FnMut(&str)) -> Result<OsString, ClusterError> {
    if let Some(home) = env::var_os("KAFKA_HOME") {
        let libs = Path::new(&home).join("libs");
        return if holds_kafka(&libs) {
            Ok(all_jars(&libs))
        } else {
            Err(ClusterError::NoJars { path: libs })
        };
    }
    let jars = cache_folder()?.join(format!("kafka-{version}"));
    if !holds_kafka(&jars) {
        tell(&format!("fetching Apache Kafka {version} from its Maven artifacts"));
        fetch(version, &jars)?;
    }
    Ok(all_jars(&jars))
}

/// `$XDG_CACHE_HOME/kafka-bench`, by default in `~/.cache`.
pub fn cache_folder() -> Result<PathBuf, ClusterError> {
    user_folder("XDG_CACHE_HOME", ".cache")
}

/// `$XDG_STATE_HOME/kafka-bench`, by default in `~/.local/state`.
pub fn state_folder() -> Result<PathBuf, ClusterError> {
    user_folder("XDG_STATE_HOME", ".local/state")
}

fn user_folder(variable: &str, default: &str) -> Result<PathBuf, ClusterError> {
    let set = env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    let folder = set.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(default)));
    folder.map(|folder| folder.join("kafka-bench")).ok_or(ClusterError::NoHome)
}

fn holds_kafka(jars: &Path) -> bool {
    let entries = fs::read_dir(jars).into_iter().flatten().flatten();
    entries.into_iter().any(|jar| jar.file_name().to_string_lossy().starts_with("kafka_2."))
}

fn all_jars(jars: &Path) -> OsString {
    jars.join("*").into_os_string()
}

/// Fetches into a folder beside the wanted one and renames it: a run that fetches the same at the same time does no harm.
fn fetch(version: &str, jars: &Path) -> Result<(), ClusterError> {
    let own = jars.with_file_name(format!("kafka-{version}.{}", std::process::id()));
    let failed = |source: io::Error| ClusterError::Files { path: own.clone(), source };
    fs::create_dir_all(&own).map_err(failed)?;
    fs::write(own.join("pom.xml"), POM.replace("@VERSION@", version)).map_err(failed)?;
    let mut maven = Command::new("mvn");
    maven.args(["-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=jars"]).current_dir(&own);
    let output = maven.stdin(Stdio::null()).output().map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => ClusterError::Missing { program: "mvn", package: "maven" },
        _ => failed(source),
    })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stdout);
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
