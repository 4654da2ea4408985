//! What the host gives the load: open files and local ports. The soft limit of files is bench's own business; a hard one is told with its remedy.

use std::fs;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::LoadError;
use crate::plan::Needs;

/// What is to be had on this host; `None` for as many as one likes, or where it is not told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Open files of this process, the hard limit.
    pub open_files: Option<u64>,
    /// Local ports that the kernel gives out.
    pub ports: Option<u64>,
}

impl Limits {
    /// Those of this host.
    pub fn of_host() -> Self {
        let range = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
        let mut ends = range.split_whitespace().filter_map(|end| end.parse::<u64>().ok());
        let ports = ends.next().zip(ends.next()).map(|(first, last)| (last + 1).saturating_sub(first));
        Limits { open_files: getrlimit(Resource::Nofile).maximum, ports }
    }

    /// What is not enough, with the remedy.
    pub fn lacking(self, needs: Needs) -> Vec<String> {
        let mut lacking = Vec::new();
        let short = |limit: Option<u64>, need: u64| limit.filter(|limit| *limit < need);
        if let Some(limit) = short(self.open_files, needs.open_files) {
            lacking.push(format!(
                "{need} open files are needed, and the hard limit is {limit}; raise it with `ulimit -Hn {need}` as root, or `nofile` in \
                 /etc/security/limits.conf",
                need = needs.open_files
            ));
        }
        if let Some(limit) = short(self.ports, needs.ports) {
            lacking.push(format!(
                "{} local ports are needed, and the kernel gives {limit}; widen them with `sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\"`",
                needs.ports
            ));
        }
        lacking
    }
}

/// Sees to it that the host gives what is needed: raises the soft limit of open files, refuses where that is not enough.
pub fn provide(needs: Needs) -> Result<(), LoadError> {
    let lacking = Limits::of_host().lacking(needs);
    if !lacking.is_empty() {
        return Err(LoadError::Limits { what: lacking.join("; ") });
    }
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_some_and(|current| current < needs.open_files) {
        let raised = Rlimit { current: Some(needs.open_files), maximum: limit.maximum };
        setrlimit(Resource::Nofile, raised).map_err(|error| LoadError::System { source: error.into() })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_enough_is_named_with_its_remedy() {
        let needs = Needs { open_files: 5_128, ports: 5_000 };
        let enough = Limits { open_files: Some(5_128), ports: None };
        assert_eq!(enough.lacking(needs), Vec::<String>::new());
        let lacking = Limits { open_files: Some(4_096), ports: Some(1_000) }.lacking(needs);
        assert!(lacking[0].contains("4096") && lacking[0].contains("ulimit -Hn 5128"), "{lacking:?}");
        assert!(lacking[1].contains("1000") && lacking[1].contains("ip_local_port_range"), "{lacking:?}");
    }

    #[test]
    fn the_soft_limit_is_raised_to_what_is_needed() {
        let before = getrlimit(Resource::Nofile);
        let low = Rlimit { current: Some(200), maximum: before.maximum };
        setrlimit(Resource::Nofile, low).unwrap();
        provide(Needs { open_files: 300, ports: 0 }).unwrap();
        assert_eq!(getrlimit(Resource::Nofile).current, Some(300));
        setrlimit(Resource::Nofile, before).unwrap();
    }
}
