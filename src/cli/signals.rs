//! Ctrl-C and its kin, passed on to whoever must obey.
#![expect(clippy::print_stderr, reason = "talk goes to stderr")]

use tokio::signal::unix::{SignalKind, signal};

use crate::driver::Shutdown;

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
        } else {
            eprintln!("finishing what is measured so far; once more to stop at once");
        }
    }
}
