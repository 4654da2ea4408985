//! What the kernel's log says of containers. An engine that did not see a container die of its memory itself calls it killed, and no more.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;

use rustix::fs::OFlags;

/// A record is no longer than this.
const RECORD: usize = 8 << 10;

/// Whether the kernel has killed a process in the container of this id for its memory, as far as its log may be read.
pub(super) fn has_killed(id: &str) -> bool {
    let flags = OFlags::NONBLOCK.bits() as i32;
    let Ok(mut log) = File::options().read(true).custom_flags(flags).open("/dev/kmsg") else { return false };
    let mut record = vec![0; RECORD];
    loop {
        match log.read(&mut record) {
            Ok(length) if length > 0 => {
                if is_kill(&String::from_utf8_lossy(&record[..length]), id) {
                    return true;
                }
            }
            // Records were overwritten meanwhile: the next is there.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            _ => return false,
        }
    }
}

/// Whether a record tells of a process of that container.
fn is_kill(record: &str, id: &str) -> bool {
    let Some((_, of)) = record.split_once("task_memcg=") else { return false };
    record.contains("oom-kill:") && of.split(',').next().is_some_and(|group| group.contains(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kill_is_told_of_the_container_in_whose_group_the_process_was() {
        let record = "4,905,66232613099,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=libpod-ec74,mems_allowed=0,\
             oom_memcg=/libpod_parent/libpod-ec74,task_memcg=/libpod_parent/libpod-ec74,task=busybox,pid=29896,uid=0";
        assert!(is_kill(record, "ec74"));
        assert!(!is_kill(record, "busybox") && !is_kill("ec74", "ec74"));
    }
}
