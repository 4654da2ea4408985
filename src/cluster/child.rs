//! Child processes that die with bench, whatever ends bench.
//!
//! The kernel's parent-death signal follows the *thread* that started the child, so all children are started by one thread that never ends.
#![expect(
    unsafe_code,
    reason = "between fork and exec only `pre_exec` can ask for the parent-death signal, and it is unsafe to call"
)]

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus};
use std::sync::{OnceLock, mpsc};
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Pid, Signal, getppid, kill_process, set_parent_process_death_signal};

type Order = (Command, mpsc::SyncSender<io::Result<Child>>);

/// Starts a child in a process group of its own (a Ctrl-C in the terminal reaches bench alone) that is killed when bench ends.
pub fn spawn(mut command: Command) -> io::Result<Child> {
    static SPAWNER: OnceLock<mpsc::Sender<Order>> = OnceLock::new();
    let spawner = SPAWNER.get_or_init(|| {
        let (orders, received) = mpsc::channel::<Order>();
        // A failure to start the thread shows at the first order: its channel is closed.
        std::thread::Builder::new().name("spawner".to_owned()).spawn(move || serve(&received)).ok();
        orders
    });
    command.process_group(0);
    let parent = rustix::process::getpid();
    // SAFETY: the closure makes two system calls and allocates nothing.
    unsafe {
        command.pre_exec(move || {
            set_parent_process_death_signal(Some(Signal::KILL))?;
            // The parent may have died before the signal was asked for.
            if getppid() == Some(parent) { Ok(()) } else { Err(io::Error::from_raw_os_error(3)) }
        });
    }
    let gone = || io::Error::other("the thread that starts children is gone");
    let (answer, child) = mpsc::sync_channel(1);
    spawner.send((command, answer)).map_err(|_| gone())?;
    child.recv().map_err(|_| gone())?
}

fn serve(orders: &mpsc::Receiver<Order>) {
    while let Ok((mut command, answer)) = orders.recv() {
        answer.send(command.spawn()).ok();
    }
}

/// Sends a signal; a child that has ended already is no error.
pub fn signal(child: &Child, signal: Signal) {
    send(child.id(), signal);
}

/// Sends a signal to a process of this host, by its number; whether it could be sent. One that has ended already needs none.
pub fn send(pid: u32, signal: Signal) -> bool {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    pid.is_none_or(|pid| matches!(kill_process(pid, signal), Ok(()) | Err(Errno::SRCH)))
}

/// Asks a child to end, waits for at most `grace`, then kills it.
pub fn terminate(child: &mut Child, grace: Duration) -> io::Result<ExitStatus> {
    // Of one that was waited for the number may be another's by now.
    if let Some(status) = child.try_wait()? {
        return Ok(status);
    }
    let deadline = Instant::now() + grace;
    signal(child, Signal::TERM);
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill()?;
    child.wait()
}
