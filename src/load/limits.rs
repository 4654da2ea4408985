//! What the host gives the load and the brokers beside it: open files, local ports, memory. The soft limit of files is bench's own business; a hard one is told with its remedy.

use std::fs;
use std::path::Path;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::LoadError;
use crate::consumers::emulation::cgroup::own_memory;
use crate::plan::Needs;

/// What is to be had on this host; `None` for as many as one likes, or where it is not told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Open files of this process, the hard limit.
    pub open_files: Option<u64>,
    /// Local ports that the kernel gives out.
    pub ports: Option<u64>,
    /// Bytes of memory of this host, or of the control group that bench runs in where that has less.
    pub memory: Option<u64>,
}

impl Limits {
    /// Those of this host.
    pub fn of_host() -> Self {
        let range = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
        let mut ends = range.split_whitespace().filter_map(|end| end.parse::<u64>().ok());
        let ports = ends.next().zip(ends.next()).map(|(first, last)| (last + 1).saturating_sub(first));
        let memory = [memory_of_host(), own_memory(Path::new("/"))].into_iter().flatten().min();
        Limits { open_files: getrlimit(Resource::Nofile).maximum, ports, memory }
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
        if let Some(limit) = short(self.memory, needs.broker_memory) {
            let mib = |bytes: u64| bytes / (1 << 20);
            lacking.push(format!(
                "the brokers that bench starts take {} MiB of memory together, and there are {} here; write a smaller `heap` or fewer `brokers` under \
                 `cluster: kafka:`",
                mib(needs.broker_memory),
                mib(limit)
            ));
        }
        lacking
    }
}

/// `MemTotal` of `/proc/meminfo`, in bytes.
fn memory_of_host() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib * 1024)
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
        let needs = Needs { open_files: 5_128, ports: 5_000, broker_memory: 3 << 30 };
        let enough = Limits { open_files: Some(5_128), ports: None, memory: Some(3 << 30) };
        assert_eq!(enough.lacking(needs), Vec::<String>::new());
        let few = Limits { open_files: Some(4_096), ports: Some(1_000), memory: Some(2 << 30) };
        let lacking = few.lacking(needs);
        assert!(lacking[0].contains("4096") && lacking[0].contains("ulimit -Hn 5128"), "{lacking:?}");
        assert!(lacking[1].contains("1000") && lacking[1].contains("ip_local_port_range"), "{lacking:?}");
        assert!(lacking[2].contains("take 3072 MiB") && lacking[2].contains("2048 here"), "{lacking:?}");
        assert!(Limits::of_host().memory.is_some_and(|bytes| bytes > 1 << 20), "{:?}", Limits::of_host());
    }

    #[test]
    fn the_soft_limit_is_raised_to_what_is_needed() {
        let before = getrlimit(Resource::Nofile);
        let low = Rlimit { current: Some(200), maximum: before.maximum };
        setrlimit(Resource::Nofile, low).unwrap();
        provide(Needs { open_files: 300, ..Needs::default() }).unwrap();
        assert_eq!(getrlimit(Resource::Nofile).current, Some(300));
        setrlimit(Resource::Nofile, before).unwrap();
    }
}
