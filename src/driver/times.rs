//! When a trial's phases began and ended.

/// When a trial's phases began and ended, Unix ns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// Time 0: the start of the warm-up.
    pub zero: u64,
    /// Start and end of the window.
    pub window: (u64, u64),
    /// End of the drain, on the grid of quarters.
    pub drained: u64,
    /// When watching really ended: what had not come by then took longer.
    pub watched: u64,
}

impl Times {
    /// A moment (Unix ns) in seconds since time 0; negative before it.
    pub fn since_zero(&self, unix_ns: u64) -> f64 {
        (unix_ns as f64 - self.zero as f64) / 1e9
    }

    /// Name of the phase that a moment lies in.
    pub fn phase(&self, unix_ns: u64) -> &'static str {
        match unix_ns {
            at if at < self.window.0 => "warm_up",
            at if at < self.window.1 => "measure",
            _ => "drain",
        }
    }
}
