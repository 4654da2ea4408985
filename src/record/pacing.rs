//! What the thread that keeps time asked of the kernel, and what it got: a number of send delay means nothing without it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One thing that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish<T> {
    /// What; null for nothing.
    pub asked: Option<T>,
    /// What was read back afterwards; null where the kernel does not tell.
    pub got: Option<T>,
}

impl<T: PartialEq> Wish<T> {
    /// Whether nothing else is there than was asked for.
    pub fn is_given(&self) -> bool {
        self.asked.is_none() || self.asked == self.got
    }
}

/// How the thread that keeps time was scheduled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pacing {
    /// `normal` or `realtime`, as the file has it.
    pub priority: String,
    /// The kernel's policy: `other` or `fifo 10`.
    pub policy: Wish<String>,
    /// What it may run at a stretch, in µs: the shorter, the sooner it is let in. The kernel tells it from 6.12 on.
    pub slice_us: Wish<u64>,
    /// How late a sleep may end, in ns.
    pub timer_slack_ns: Wish<u64>,
    /// The cores that the load's threads may use.
    pub cores: Wish<Vec<u32>>,
}

impl Pacing {
    /// Whether the kernel gave all that was asked for.
    pub fn is_given(&self) -> bool {
        self.policy.is_given()
            && self.slice_us.is_given()
            && self.timer_slack_ns.is_given()
            && self.cores.is_given()
    }
}

impl fmt::Display for Pacing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told = vec![wish(&self.policy, "policy ", "")];
        told.extend(self.slice_us.asked.map(|_| wish(&self.slice_us, "slice ", " µs")));
        told.push(wish(&self.timer_slack_ns, "timer slack ", " ns"));
        let list = |cores: &Vec<u32>| cores.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        let cores =
            Wish { asked: self.cores.asked.as_ref().map(list), got: self.cores.got.as_ref().map(list) };
        told.push(wish(&cores, "cores ", ""));
        write!(f, "{}: {}", self.priority, told.join("; "))
    }
}

fn wish<T: fmt::Display + PartialEq>(wish: &Wish<T>, before: &str, after: &str) -> String {
    match (&wish.asked, &wish.got) {
        (Some(asked), Some(got)) if asked != got => format!("{before}{asked}{after} asked, {got}{after} got"),
        (_, Some(got)) => format!("{before}{got}{after}"),
        (Some(asked), None) => format!("{before}{asked}{after} asked, not told"),
        (None, None) => format!("{before}unknown"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_given_is_said() {
        let pacing = Pacing {
            priority: "realtime".to_owned(),
            policy: Wish { asked: Some("fifo 10".to_owned()), got: Some("other".to_owned()) },
            slice_us: Wish { asked: None, got: Some(100) },
            timer_slack_ns: Wish { asked: Some(1), got: Some(1) },
            cores: Wish { asked: None, got: Some(vec![0, 1]) },
        };
        assert!(!pacing.is_given());
        let said = "realtime: policy fifo 10 asked, other got; timer slack 1 ns; cores 0, 1";
        assert_eq!(pacing.to_string(), said);
        let json = serde_json::to_string(&pacing).unwrap();
        assert_eq!(serde_json::from_str::<Pacing>(&json).unwrap(), pacing);
    }
}
