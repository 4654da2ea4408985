//! Takes away what dead runs have left; never anything of a living one.

use std::fs;
use std::time::Duration;

use super::process_group::kill_groups;
use super::registry::{RunEntry, Unread, known_runs};
use super::{Admin, ClientSettings, ClusterError, NotRestored, remove_group};
use crate::spec::{Properties, secrets};

/// librdkafka's members count as living for 45 s after their last sign.
const PATIENCE: Duration = Duration::from_secs(50);

/// Takes away where a share group begins, by its name; what to say where that cannot be done.
pub type Forget<'a> = &'a dyn Fn(&Admin, &str) -> Result<(), String>;

/// What was done about one dead run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// Short id of the run.
    pub run: String,
    /// Topics, groups and folders that are gone now.
    pub removed: Vec<String>,
    /// What could not be taken away, and why; the run stays known.
    pub left: Vec<String>,
}

/// Cleans up after dead runs; with `bootstrap` only after those that used these servers.
/// Secrets that were not written down are taken from `given`; what is set of share groups is taken away by `forget`.
pub fn clean(
    bootstrap: Option<&str>,
    given: &Properties,
    forget: Forget<'_>,
) -> Result<Vec<Cleaned>, ClusterError> {
    // Looked at once: a run that ends while others are cleaned up cleans up after itself.
    let (known, unread) = known_runs()?;
    let is_meant = |entry: &RunEntry| entry.is_dead() && is_of(entry, bootstrap);
    let dead: Vec<RunEntry> = known.into_iter().filter(is_meant).collect();
    let cleaned = dead.into_iter().map(|entry| clean_or_tell(entry, given, forget));
    let unread = unread.into_iter().filter(|one| one.whose.as_ref().is_none_or(is_meant));
    Ok(cleaned.chain(unread.map(|one| unreadable(&one))).collect())
}

/// Whether a run was on these servers, where they are named.
fn is_of(entry: &RunEntry, bootstrap: Option<&str>) -> bool {
    let noted = entry.servers.as_deref();
    let resolved = || noted.and_then(|noted| secrets::resolve(noted).ok());
    bootstrap.is_none_or(|servers| noted == Some(servers) || resolved().as_deref() == Some(servers))
}

/// Of a dead run whose file cannot be read nobody here knows what it has left; where not even that can be read whose it is, it may live.
fn unreadable(Unread { path, why, .. }: &Unread) -> Cleaned {
    let left = format!(
        "`{}` cannot be read ({why}): a newer bench may have written it, and knows what to do with it; else take away what it names, and then the file",
        path.display()
    );
    let run = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Cleaned { run, left: vec![left], ..Cleaned::default() }
}

fn clean_or_tell(entry: RunEntry, given: &Properties, forget: Forget<'_>) -> Cleaned {
    let run = entry.run.clone();
    clean_run(entry, given, forget).unwrap_or_else(|error| Cleaned {
        run,
        left: vec![error.to_string()],
        ..Cleaned::default()
    })
}

fn clean_run(mut entry: RunEntry, given: &Properties, forget: Forget<'_>) -> Result<Cleaned, ClusterError> {
    let mut cleaned = Cleaned { run: entry.run.clone(), ..Cleaned::default() };
    // First: what still runs might go on writing.
    entry.stood.retain(|stood| match stood.restore(&cleaned.run) {
        Ok(done) => {
            cleaned.removed.extend(done);
            false
        }
        Err(error) => {
            cleaned.left.push(error.to_string());
            true
        }
    });
    kill_left(&mut entry, &mut cleaned);
    for folder in std::mem::take(&mut entry.folders) {
        match fs::remove_dir_all(&folder) {
            Ok(()) => cleaned.removed.push(format!("folder {}", folder.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                cleaned.left.push(format!("folder {}: {error}", folder.display()));
                entry.folders.push(folder);
            }
        }
    }
    for group in std::mem::take(&mut entry.cgroups) {
        let there = group.exists();
        match remove_group(&group) {
            Ok(()) if there => cleaned.removed.push(format!("cgroup {}", group.display())),
            Ok(()) => {}
            Err(error) => {
                cleaned.left.push(format!("cgroup {}: {error}", group.display()));
                entry.cgroups.push(group);
            }
        }
    }
    let left_there = entry.left_there();
    if let Some(servers) = entry.servers.clone().filter(|_| left_there > 0) {
        let connected = with_secrets(&entry.properties, given).and_then(|properties| {
            Admin::connect(&ClientSettings { servers, properties }).map_err(|error| error.to_string())
        });
        match connected {
            Ok(admin) => {
                clean_cluster(&admin, &mut entry, &mut cleaned);
                forget_begins(&mut entry, &mut cleaned, |group| forget(&admin, group));
            }
            Err(error) => cleaned.left.push(format!("{left_there} topics and groups: {error}")),
        }
    }
    if cleaned.left.is_empty() {
        entry.finish()?;
    } else {
        entry.save()?;
    }
    Ok(cleaned)
}

/// Kills whoever is still in process groups that the run has started, and was not found by his environment.
fn kill_left(entry: &mut RunEntry, cleaned: &mut Cleaned) {
    let groups = std::mem::take(&mut entry.process_groups);
    if entry.is_of_another_boot() {
        return;
    }
    let (killed, living) = kill_groups(&groups);
    if killed > 0 {
        cleaned.removed.push(format!("{killed} processes in process groups of its consumers"));
    }
    if !living.is_empty() {
        cleaned.left.push(NotRestored::Processes(living).to_string());
        entry.process_groups = groups;
    }
}

/// What was noted, with the secrets that were not.
fn with_secrets(noted: &Properties, given: &Properties) -> Result<Properties, String> {
    let whole = |(name, value): (&String, &String)| match given.get(name) {
        _ if value != secrets::MASK => Ok((name.clone(), value.clone())),
        Some(secret) => Ok((name.clone(), secret.clone())),
        None => Err(format!("`{name}` was not written down; give it with `--property {name}=…`")),
    };
    noted.iter().map(whole).collect()
}

fn clean_cluster(admin: &Admin, entry: &mut RunEntry, cleaned: &mut Cleaned) {
    entry.topics.retain(|(topic, group)| {
        // As where a trial ends: groups before their topics.
        let group_gone = group.as_ref().map(|group| {
            admin.delete_group(group, &|waited| waited < PATIENCE).map(|()| format!("group {group}"))
        });
        let topic_gone = admin.delete_topic(topic).map(|()| format!("topic {topic}"));
        let mut stays = false;
        for done in group_gone.into_iter().chain([topic_gone]) {
            match done {
                // A topic of several groups stands there once for each of them, and is gone with the first.
                Ok(removed) if cleaned.removed.contains(&removed) => {}
                Ok(removed) => cleaned.removed.push(removed),
                Err(error) => {
                    stays = true;
                    cleaned.left.push(error.to_string());
                }
            }
        }
        stays
    });
    entry.groups.retain(|group| match admin.delete_group(group, &|waited| waited < PATIENCE) {
        Ok(()) => {
            cleaned.removed.push(format!("group {group}"));
            false
        }
        Err(error) => {
            cleaned.left.push(error.to_string());
            true
        }
    });
}

fn forget_begins(entry: &mut RunEntry, cleaned: &mut Cleaned, forget: impl Fn(&str) -> Result<(), String>) {
    entry.share_groups.retain(|group| match forget(group) {
        Ok(()) => {
            cleaned.removed.push(format!("where the share group {group} begins"));
            false
        }
        Err(why) => {
            cleaned.left.push(format!("where the share group {group} begins: {why}"));
            true
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::ProcessGroup;

    #[test]
    fn what_is_set_of_a_share_group_is_taken_away_or_told_and_stays_known() {
        let mut entry = RunEntry {
            servers: Some("b:9092".to_owned()),
            share_groups: vec!["a".to_owned(), "b".to_owned()],
            ..RunEntry::default()
        };
        assert_eq!(entry.left_there(), 2);
        let mut cleaned = Cleaned::default();
        let forget = |group: &str| if group == "a" { Ok(()) } else { Err("no".to_owned()) };
        forget_begins(&mut entry, &mut cleaned, forget);
        assert_eq!((entry.share_groups.as_slice(), cleaned.removed.len()), (&["b".to_owned()][..], 1));
        assert!(cleaned.left[0].contains("share group b") && cleaned.left[0].ends_with(": no"));
    }

    #[test]
    fn whoever_is_left_in_a_group_of_this_boot_is_killed_and_its_number_is_anybodys_after_the_next() {
        let mut command = std::process::Command::new("/bin/sleep");
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.arg("600").env_clear().spawn().unwrap();
        let groups = vec![ProcessGroup::led_by(child.id()).unwrap()];
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap().trim().to_owned();
        let entry = |boot: &str| RunEntry {
            boot: boot.to_owned(),
            process_groups: groups.clone(),
            ..RunEntry::default()
        };
        let clean = |mut entry: RunEntry| {
            let mut cleaned = Cleaned::default();
            kill_left(&mut entry, &mut cleaned);
            assert!(entry.process_groups.is_empty() && cleaned.left.is_empty(), "{cleaned:?}");
            cleaned.removed
        };
        assert!(clean(entry("before")).is_empty() && child.try_wait().unwrap().is_none());
        assert_eq!(clean(entry(&boot)), ["1 processes in process groups of its consumers"]);
        assert!(!child.wait().unwrap().success());
    }

    #[test]
    fn runs_of_other_clusters_are_not_meant_where_one_is_named() {
        let of =
            |servers: Option<&str>| RunEntry { servers: servers.map(str::to_owned), ..RunEntry::default() };
        let meant = |servers, bootstrap| is_of(&of(servers), bootstrap);
        assert!(meant(Some("b:9092"), Some("b:9092")) && !meant(Some("c:9092"), Some("b:9092")));
        assert!(!meant(None, Some("b:9092")), "its broker was its own, and died with it");
        assert!(meant(None, None) && meant(Some("c:9092"), None));
    }

    #[test]
    fn a_secret_that_was_not_written_down_is_asked_for_by_name() {
        let of = |value: &str| Properties::from([("sasl.password".to_owned(), value.to_owned())]);
        assert_eq!(with_secrets(&of("${P}"), &Properties::new()), Ok(of("${P}")));
        assert!(
            with_secrets(&of("***"), &Properties::new()).unwrap_err().contains("--property sasl.password=…")
        );
        assert_eq!(with_secrets(&of("***"), &of("hunter2")), Ok(of("hunter2")));
    }
}
