//! Ctrl-C and its kin, passed on to whoever must obey.
#![expect(clippy::print_stderr, reason = "talk goes to stderr")]

use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

use crate::driver::Shutdown;

/// What an urgent stop may take for killing children and removing what they left.
const GRACE: Duration = Duration::from_millis(1_500);

/// Listens on a thread of its own until the process ends.
pub fn listen(shutdown: &Shutdown) {
    let shutdown = shutdown.clone();
    let listening = std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
            return;
        };
        runtime.block_on(pass_on(&shutdown));
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

async fn pass_on(shutdown: &Shutdown) {
    let (interrupt, terminate) = (SignalKind::interrupt(), SignalKind::terminate());
    let (Ok(mut interrupts), Ok(mut terminates)) = (signal(interrupt), signal(terminate)) else {
        return;
    };
    loop {
        let number = tokio::select! {
            _ = interrupts.recv() => interrupt.as_raw_value(),
            _ = terminates.recv() => terminate.as_raw_value(),
        };
        shutdown.ask(number);
        if shutdown.is_urgent() {
            eprintln!("stopping at once");
            end_soon(shutdown.signal().unwrap_or(number));
        } else {
            eprintln!("finishing what is measured so far; once more to stop at once");
        }
    }
}
