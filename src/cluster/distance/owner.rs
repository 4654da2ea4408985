//! Whose a connection is: the sockets of processes, by what the kernel says of them.

use std::collections::{BTreeSet, HashMap};
use std::fs;

use super::shared::Held;

/// Local ports of the TCP sockets that these processes have.
pub fn ports_of(pids: &[u32]) -> BTreeSet<u16> {
    let ports = ports();
    pids.iter().flat_map(|pid| sockets(*pid)).filter_map(|inode| ports.get(&inode).copied()).collect()
}

/// Local ports of those who are held, each with its number.
pub fn holders(held: &[Held]) -> HashMap<u16, u64> {
    let ports = ports();
    let of = |one: &Held| {
        let sockets: Vec<u64> = one.pids.iter().flat_map(|pid| sockets(*pid)).collect();
        let own = sockets.into_iter().filter_map(|inode| ports.get(&inode).copied());
        own.map(|port| (port, one.number)).collect::<Vec<_>>()
    };
    held.iter().flat_map(of).collect()
}

/// Local ports of all TCP sockets of this host, by their inodes.
fn ports() -> HashMap<u64, u16> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| fs::read_to_string(path).unwrap_or_default());
    tables.iter().flat_map(|table| table.lines().skip(1).filter_map(port)).collect()
}

/// Inode and local port, of a line as `man 5 proc_net` has them.
fn port(line: &str) -> Option<(u64, u16)> {
    let mut fields = line.split_whitespace();
    let (_, port) = fields.nth(1)?.rsplit_once(':')?;
    Some((fields.nth(7)?.parse().ok()?, u16::from_str_radix(port, 16).ok()?))
}

fn sockets(pid: u32) -> Vec<u64> {
    let files = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    let inode = |file: fs::DirEntry| {
        let link = fs::read_link(file.path()).ok()?;
        link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
    };
    files.filter_map(inode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn the_ports_of_a_process_are_those_of_its_sockets() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let ports = ports_of(&[std::process::id()]);
        assert!(ports.contains(&socket.local_addr().unwrap().port()), "{ports:?}");
        assert_eq!(ports_of(&[u32::MAX]), BTreeSet::new());
    }

    #[test]
    fn a_line_of_the_table_has_inode_and_port() {
        let line = "   1: 0100007F:A1B2 0100007F:2384 01 00000000:00000000 02:000AF2D1 00000000  1000        0 4711 2 0 20 4 30 10 -1";
        assert_eq!(port(line), Some((4711, 0xA1B2)));
    }
}
