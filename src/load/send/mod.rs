//! Due → sent: the hot path, and the seam behind which the clients stand.

mod client;
mod refusals;
mod saturator;
mod sender;
mod wait;
mod waiting_line;

pub use client::{Clients, Handed, Outgoing};
pub use refusals::Refusals;
pub use saturator::{BURST, Saturator};
pub use sender::{Lane, Sender, Sent};
pub use wait::Waiting;
pub use waiting_line::{Waiter, WaitingLine};
