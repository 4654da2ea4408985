//! Where a broker of bench's own keeps its data: checked before anything is fetched or started.

use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, StatVfsMountFlags, access, statvfs};

use super::{ClusterError, cache_folder};
use crate::units::Bytes;

/// What a broker writes beside the messages of a trial.
const BESIDE: u64 = 128 << 20;

/// The folder that was asked for, by default one under the cache, which must have room for logs of so many bytes. Nothing is made there.
pub fn work_folder(asked: Option<&Path>, logs: u64) -> Result<PathBuf, ClusterError> {
    let folder = match asked {
        None => cache_folder()?.join("data"),
        Some(asked) => std::path::absolute(asked)
            .map_err(|source| ClusterError::Files { path: asked.to_owned(), source })?,
    };
    let is_there = |path: &&Path| path.exists();
    let Some(nearest) = folder.ancestors().find(is_there) else { return Ok(folder) };
    let failed = |source: io::Error| ClusterError::Files { path: nearest.to_owned(), source };
    if !nearest.is_dir() {
        return Err(failed(io::ErrorKind::NotADirectory.into()));
    }
    access(nearest, Access::WRITE_OK | Access::EXEC_OK).map_err(|errno| failed(errno.into()))?;
    let system = statvfs(nearest).map_err(|errno| failed(errno.into()))?;
    let mounted = system.f_flag;
    if mounted.contains(StatVfsMountFlags::RDONLY) {
        return Err(failed(io::ErrorKind::ReadOnlyFilesystem.into()));
    }
    if mounted.contains(StatVfsMountFlags::NOEXEC) {
        return Err(ClusterError::NoExec { path: nearest.to_owned() });
    }
    let (has, needs) = (system.f_bavail.saturating_mul(system.f_frsize), logs.saturating_add(BESIDE));
    if has < needs {
        let [has, needs] = [has, needs].map(Bytes::new);
        return Err(ClusterError::NoRoom { path: nearest.to_owned(), has, needs });
    }
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_holds_no_broker_is_refused_with_its_reason_and_nothing_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("not/there, yet");
        assert_eq!(work_folder(Some(&deep), 0).unwrap(), deep);
        assert!(!deep.exists());
        assert!(work_folder(Some(Path::new("relative")), 0).unwrap().is_absolute());
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let told = work_folder(Some(&file.join("below")), 0).unwrap_err().to_string();
        assert!(told.contains("not a directory") && told.contains("file"), "{told}");
        let told = work_folder(Some(&deep), 1 << 60).unwrap_err().to_string();
        assert!(told.contains("--work DIR"), "{told}");
        // What every Linux has: a file system of the kernel's own that nothing is run from.
        let told = work_folder(Some(Path::new("/proc/self")), 0).unwrap_err().to_string();
        assert!(told.contains("/proc/self"), "{told}");
    }
}
