//! What a million messages cost in a trial: rent, surplus credits and what else has a price, over the messages that count.
//!
//! `cost = 10⁶ · money per hour / good messages per hour`, both of the window (notes on method, 3.5). All money is whole nano-dollars.

use crate::units::{HOUR_MS, Money};

const MILLION: u128 = 1_000_000;

/// Which messages the money is divided by, and for how long that can go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The trial was steady: messages due in the window and processed.
    Offered,
    /// The same, while credits last: instances spent more of them than they earned.
    OfferedOnCredits,
    /// It was saturated: messages processed in the window, of which no latency can be said; an upper bound of what is sustained.
    Overload,
    /// The same, while credits last.
    OverloadOnCredits,
}

impl Basis {
    /// All of them; the ones that can go on for ever before those that cannot.
    pub const ALL: [Basis; 4] =
        [Basis::Offered, Basis::OfferedOnCredits, Basis::Overload, Basis::OverloadOnCredits];

    /// Of a trial.
    pub const fn of(saturated: bool, on_credits: bool) -> Self {
        match (saturated, on_credits) {
            (false, false) => Basis::Offered,
            (false, true) => Basis::OfferedOnCredits,
            (true, false) => Basis::Overload,
            (true, true) => Basis::OverloadOnCredits,
        }
    }

    /// As in `trials.csv`.
    pub const fn name(self) -> &'static str {
        match self {
            Basis::Offered => "offered",
            Basis::OfferedOnCredits => "offered_on_credits",
            Basis::Overload => "overload",
            Basis::OverloadOnCredits => "overload_on_credits",
        }
    }

    /// Whether it was saturated.
    pub const fn is_overload(self) -> bool {
        matches!(self, Basis::Overload | Basis::OverloadOnCredits)
    }

    /// Whether it holds only while credits last.
    pub const fn is_on_credits(self) -> bool {
        matches!(self, Basis::OfferedOnCredits | Basis::OverloadOnCredits)
    }

    /// Of trials of both: what one of them did on credits, all of them together do. None where one was saturated and the other was not.
    fn and(self, other: Basis) -> Option<Basis> {
        let on_credits = self.is_on_credits() || other.is_on_credits();
        (self.is_overload() == other.is_overload()).then(|| Basis::of(self.is_overload(), on_credits))
    }
}

/// The cost of one trial. What has no price is none and not included.
#[derive(Clone, Debug, PartialEq)]
pub struct Cost {
    /// What it is divided by.
    pub basis: Basis,
    /// Messages that count, in the window.
    pub good: u64,
    /// Length of the window, in milliseconds.
    pub window_ms: u64,
    /// Messages acked in it, what is kept and carried; none where that is not known.
    pub acked: Option<u64>,
    /// Rent of the instances.
    pub instances_per_hour: Money,
    /// Surplus credits at max(0, use − baseline), for instances in unlimited mode.
    pub surplus_per_hour: Money,
    /// Rent of the brokers.
    pub brokers_per_hour: Option<Money>,
    /// What is kept, at the topic's retention.
    pub storage_per_hour: Option<Money>,
    /// What crosses zones and regions.
    pub transfer_per_hour: Option<Money>,
    /// Whether storage and transfer count the bytes that went over the wire; else payloads alone, as nobody told of the wire.
    pub of_wire: bool,
    /// Share of the rent and the surplus credits that paid for CPU that was allowed and not used, in percent.
    pub idle_percent: Option<f64>,
    /// Surplus credits that a bill would hold at the end: those charged and those outstanding. None where credits ran faster than time.
    pub settlement: Option<Money>,
    /// What a bill would add because an instance is billed for a minute at least.
    pub minimum: Option<Money>,
}

impl Cost {
    /// All that is paid in an hour, surplus credits apart.
    pub fn sticker_per_hour(&self) -> Money {
        let priced = [self.brokers_per_hour, self.storage_per_hour, self.transfer_per_hour];
        self.instances_per_hour + priced.into_iter().flatten().sum()
    }

    /// Of a million messages, at the prices on the label.
    pub fn sticker_per_million(&self) -> Money {
        self.per_million(self.sticker_per_hour())
    }

    /// Of a million messages, with the surplus credits that they took.
    pub fn credit_aware_per_million(&self) -> Money {
        self.per_million(self.sticker_per_hour() + self.surplus_per_hour)
    }

    /// Messages that count, per second.
    pub fn good_per_second(&self) -> f64 {
        self.good as f64 * 1e3 / self.window_ms as f64
    }

    fn per_million(&self, per_hour: Money) -> Money {
        per_hour.times(MILLION * u128::from(self.window_ms), u128::from(self.good) * HOUR_MS)
    }
}

/// The costs of several trials, with the basis of all of them; none where there are none, where one has none, or where some were saturated and some were
/// not.
pub fn alike(costs: impl IntoIterator<Item = Option<Cost>>) -> Option<(Basis, Vec<Cost>)> {
    let all: Vec<Cost> = costs.into_iter().collect::<Option<_>>()?;
    let first = all.first()?.basis;
    let basis = all.iter().try_fold(first, |basis, cost| basis.and(cost.basis))?;
    Some((basis, all))
}
