//! What whoever waits for a broker is told, and how they are heard.

/// Told what is going on, and asked whether to give up.
pub struct Talk<'a> {
    /// Told what takes a while.
    pub tell: &'a mut dyn FnMut(&str),
    /// Whether somebody asked to stop.
    pub stop: &'a dyn Fn() -> bool,
}
