//! The logic of files on a tree of files; on the kernel's own where this host has any and lets itself be written.

use super::*;

const V1: (&str, &str) = (
    "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n\
     32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct\n\
     36 31 0:33 /docker/ab /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n\
     41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n",
    "9:name=systemd:/\n4:memory:/docker/ab/scope\n2:cpu,cpuacct:/user\n0::/\n",
);

const V2: (&str, &str) =
    ("30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n", "0::/user.slice/run.scope\n");

/// A tree of files as a kernel of that kind would show them.
fn tree((mountinfo, own): (&str, &str)) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let proc = root.path().join("proc/self");
    fs::create_dir_all(&proc).unwrap();
    fs::write(proc.join("mountinfo"), mountinfo).unwrap();
    fs::write(proc.join("cgroup"), own).unwrap();
    root
}

#[test]
fn of_v1_the_folders_of_both_controllers_are_found_also_in_a_container() {
    let root = tree(V1);
    let hierarchy = Hierarchy::find(root.path()).unwrap();
    let folders: Vec<PathBuf> = ["sys/fs/cgroup/cpu,cpuacct/user/x", "sys/fs/cgroup/memory/scope/x"]
        .map(|folder| root.path().join(folder))
        .to_vec();
    assert_eq!((hierarchy.version, hierarchy.under("x")), (Version::V1, folders));
}

#[test]
fn limits_of_v1_are_written_where_they_are_read() {
    let root = tree(V1);
    let group = RunGroup::of_run(Hierarchy::find(root.path()).unwrap(), "r1").unwrap();
    let instance = group.instance("i0").unwrap();
    assert_eq!(instance.set_quota(50_000, 2_200).unwrap(), 2_200);
    assert_eq!(instance.set_quota(50_000, 20).unwrap(), 1_000, "the kernel takes no less");
    instance.set_memory(1 << 30).unwrap();
    let [cpu, memory] = instance.folders() else { panic!("{instance:?}") };
    assert_eq!(fs::read_to_string(cpu.join("cpu.cfs_period_us")).unwrap(), "50000");
    assert_eq!(fs::read_to_string(memory.join("memory.limit_in_bytes")).unwrap(), "1073741824");
    for (folder, name, text) in [
        (cpu, "cpu.stat", "nr_periods 7\nnr_throttled 3\nthrottled_time 1500\n"),
        (cpu, "cpuacct.usage", "42\n"),
        (memory, "memory.usage_in_bytes", "4096\n"),
        (memory, "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n"),
    ] {
        fs::write(folder.join(name), text).unwrap();
    }
    let counted = CgroupUse {
        cpu_ns: 42,
        periods: 7,
        throttled_periods: 3,
        throttled_ns: 1_500,
        memory_bytes: 4_096,
        oom_kills: 1,
    };
    assert_eq!(instance.read().unwrap(), counted);
    std::mem::forget(group); // its removal is for a real hierarchy
}

fn v2_tree() -> (tempfile::TempDir, PathBuf) {
    let root = tree(V2);
    let own = root.path().join("sys/fs/cgroup/user.slice/run.scope");
    fs::create_dir_all(own.join("bench-r1")).unwrap();
    fs::write(own.join("cgroup.controllers"), "cpuset cpu io memory pids\n").unwrap();
    // The kernel would add up; here the second write stands for both.
    fs::write(own.join("cgroup.subtree_control"), "cpu memory\n").unwrap();
    fs::write(own.join("bench-r1/cgroup.subtree_control"), "cpu memory\n").unwrap();
    (root, own)
}

#[test]
fn limits_of_v2_are_written_where_they_are_read() {
    let (root, own) = v2_tree();
    let group = RunGroup::of_run(Hierarchy::find(root.path()).unwrap(), "r1").unwrap();
    let instance = group.instance("i0").unwrap();
    assert_eq!(instance.folders(), [own.join("bench-r1/i0")]);
    fs::write(own.join("bench-r1/i0/memory.swap.max"), "max").unwrap();
    assert_eq!(instance.set_quota(50_000, 2_200).unwrap(), 2_200);
    instance.set_memory(4096).unwrap();
    let reads = |name: &str| fs::read_to_string(own.join("bench-r1/i0").join(name)).unwrap();
    assert_eq!(
        (reads("cpu.max"), reads("memory.max"), reads("memory.swap.max")),
        ("2200 50000".into(), "4096".into(), "0".into())
    );
    for (name, text) in [
        ("cpu.stat", "usage_usec 5\nuser_usec 4\nnr_periods 2\nnr_throttled 1\nthrottled_usec 9\n"),
        ("memory.current", "8192\n"),
        ("memory.events", "low 0\nhigh 0\nmax 3\noom 1\noom_kill 2\noom_group_kill 0\n"),
    ] {
        fs::write(own.join("bench-r1/i0").join(name), text).unwrap();
    }
    let counted = instance.read().unwrap();
    assert_eq!((counted.cpu_ns, counted.throttled_ns, counted.oom_kills), (5_000, 9_000, 2));
    std::mem::forget(group);
}

#[test]
fn without_cpu_and_memory_there_is_nothing_to_write_to_and_the_fix_is_named() {
    let (root, own) = v2_tree();
    fs::write(own.join("cgroup.controllers"), "hugetlb\n").unwrap();
    let told = Hierarchy::find(root.path()).unwrap_err().to_string();
    assert!(told.contains("Delegate=yes") && told.contains("enforce: work"), "{told}");
    assert!(Hierarchy::find(tree(("", "")).path()).is_err());
}

#[test]
fn a_write_that_the_kernel_did_not_keep_is_an_error() {
    let (root, own) = v2_tree();
    fs::write(own.join("cgroup.subtree_control"), "memory\n").unwrap();
    // A file that cannot be written stands for a kernel that refuses.
    fs::remove_file(own.join("cgroup.subtree_control")).unwrap();
    fs::create_dir(own.join("cgroup.subtree_control")).unwrap();
    let error = RunGroup::of_run(Hierarchy::find(root.path()).unwrap(), "r1").unwrap_err();
    assert!(matches!(error, CgroupError::Refused { .. }), "{error}");
}

#[test]
fn the_kernels_own_groups_are_limited_counted_and_removed() {
    let Ok(hierarchy) = Hierarchy::find(Path::new("/")) else { return };
    let name = format!("test-{}", std::process::id());
    let Ok(group) = RunGroup::of_run(hierarchy, &name) else { return };
    let instance = group.instance("i0").unwrap();
    assert_eq!(instance.set_quota(50_000, 5_000).unwrap(), 5_000);
    instance.set_memory(64 << 20).unwrap();
    assert_eq!(instance.read().unwrap().oom_kills, 0);
    let folders = instance.folders().to_vec();
    assert!(folders.iter().all(|folder| folder.exists()));
    // A process that sits in the group is killed with it.
    let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
    for door in instance.doors() {
        fs::write(door, child.id().to_string()).unwrap();
    }
    let reaper = std::thread::spawn(move || child.wait().unwrap());
    drop(group);
    assert!(!reaper.join().unwrap().success());
    assert!(folders.iter().all(|folder| !folder.exists()));
}

#[test]
fn the_tightest_limit_of_ones_own_group_and_those_above_is_found_with_what_it_stopped() {
    let root = tree(V1);
    let cpu = root.path().join("sys/fs/cgroup/cpu,cpuacct");
    let own = cpu.join("user");
    fs::create_dir_all(&own).unwrap();
    let write = |folder: &Path, name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    assert_eq!(OwnLimit::find(root.path()), None, "no group to be seen");
    for (folder, quota) in [(&cpu, "-1\n"), (&own, "50000\n")] {
        write(folder, "cpu.cfs_quota_us", quota);
        write(folder, "cpu.cfs_period_us", "100000\n");
        write(folder, "cpu.stat", "nr_periods 713\nnr_throttled 401\nthrottled_time 12500\n");
    }
    let limit = OwnLimit::find(root.path()).unwrap();
    assert_eq!((limit.cores, limit.folder()), (0.5, own.as_path()));
    assert_eq!(limit.read(), Some(Throttled { periods: 713, throttled_periods: 401, throttled_ns: 12_500 }));
    write(&cpu, "cpu.cfs_quota_us", "25000\n");
    assert_eq!(OwnLimit::find(root.path()).unwrap().folder(), cpu, "the one above is tighter");

    let root = tree(V2);
    let slice = root.path().join("sys/fs/cgroup/user.slice");
    let own = slice.join("run.scope");
    fs::create_dir_all(&own).unwrap();
    write(&own, "cpu.stat", "usage_usec 9\nnr_periods 2\nnr_throttled 1\nthrottled_usec 3\n");
    write(&own, "cpu.max", "max 100000\n");
    write(&slice, "cpu.stat", "usage_usec 9\nnr_periods 20\nnr_throttled 10\nthrottled_usec 30\n");
    write(&slice, "cpu.max", "150000 100000\n");
    let limit = OwnLimit::find(root.path()).unwrap();
    assert_eq!((limit.cores, limit.folder()), (1.5, slice.as_path()));
    assert_eq!(limit.read().unwrap().throttled_ns, 30_000);
    write(&slice, "cpu.max", "max 100000\n");
    assert_eq!(OwnLimit::find(root.path()), None);
}

#[test]
fn the_memory_of_ones_own_group_is_the_least_of_those_above_it() {
    let (root, own) = v2_tree();
    assert_eq!(own_memory(root.path()), None);
    fs::write(own.join("memory.max"), "max\n").unwrap();
    fs::write(own.parent().unwrap().join("memory.max"), "1073741824\n").unwrap();
    assert_eq!(own_memory(root.path()), Some(1 << 30));
    fs::write(own.join("memory.max"), "536870912\n").unwrap();
    assert_eq!(own_memory(root.path()), Some(1 << 29));
    let root = tree(V1);
    let own = root.path().join("sys/fs/cgroup/memory/scope");
    fs::create_dir_all(&own).unwrap();
    fs::write(own.join("memory.limit_in_bytes"), "268435456\n").unwrap();
    assert_eq!(own_memory(root.path()), Some(1 << 28));
}
