//! Ctrl-C and its kin, a lost terminal among them, passed on to whoever must obey.
#![expect(clippy::print_stderr, reason = "talk goes to stderr")]

use std::io::IsTerminal;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::driver::Shutdown;

/// What an urgent stop may take for killing children and removing what they left.
const GRACE: Duration = Duration::from_millis(1_500);

/// Listens on a thread of its own until the process ends.
pub fn listen(shutdown: &Shutdown) {
    let shutdown = shutdown.clone();
    // Asked now: of one that is lost nobody can tell.
    let terminals = (std::io::stdout().is_terminal(), std::io::stderr().is_terminal());
    let listening = std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
            return;
        };
        runtime.block_on(pass_on(&shutdown, terminals));
    });
    if let Err(error) = listening {
        eprintln!("signals are not listened to: {error}");
    }
}

/// Whatever is waited for, the process ends: its children die with it, and `bench clean` knows what else is left.
#[expect(clippy::exit, reason = "asked twice, nothing may hold it up, whichever thread hangs where")]
fn end_soon(signal: i32) {
    std::thread::spawn(move || {
        std::thread::sleep(GRACE);
        std::process::exit(128 + signal);
    });
}

async fn pass_on(shutdown: &Shutdown, terminals: (bool, bool)) {
    let (interrupt, terminate, hang_up) =
        (SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup());
    let (Ok(mut interrupts), Ok(mut terminates)) = (signal(interrupt), signal(terminate)) else {
        return;
    };
    // Under `nohup` a lost terminal is to be survived: who listens no longer ignores.
    let mut hang_ups = if is_ignored(hang_up) { None } else { signal(hang_up).ok() };
    loop {
        let number = tokio::select! {
            _ = interrupts.recv() => interrupt.as_raw_value(),
            _ = terminates.recv() => terminate.as_raw_value(),
            () = next(&mut hang_ups) => hang_up.as_raw_value(),
        };
        if number == hang_up.as_raw_value() {
            let_go(terminals);
        }
        shutdown.ask(number);
        if shutdown.is_urgent() {
            eprintln!("stopping at once");
            end_soon(shutdown.signal().unwrap_or(number));
        } else {
            eprintln!("finishing what is measured so far; once more to stop at once");
        }
    }
}

/// What is said from now on goes nowhere, where it went to the terminal that is lost: writing there is an error, and a run has records to write.
fn let_go((stdout, stderr): (bool, bool)) {
    let Ok(nowhere) = std::fs::File::options().write(true).open("/dev/null") else { return };
    if stdout {
        rustix::stdio::dup2_stdout(&nowhere).ok();
    }
    if stderr {
        rustix::stdio::dup2_stderr(&nowhere).ok();
    }
}

async fn next(signals: &mut Option<Signal>) {
    match signals {
        Some(signals) => {
            signals.recv().await;
        }
        None => std::future::pending().await,
    }
}

/// By the mask of `/proc/self/status`, in which bit 0 is signal 1.
fn is_ignored(kind: SignalKind) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    mask >> (kind.as_raw_value() - 1) & 1 == 1
}
