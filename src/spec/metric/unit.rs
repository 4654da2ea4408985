//! What a metric is in: how a bound on it is written, and what stands after its number.

use crate::units::{Bytes, Money, NotAQuantity, Rate, Span};

/// What a metric is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Messages, deliveries of messages among them.
    Messages,
    /// Messages per second.
    MessagesPerSecond,
    /// Requests per second.
    RequestsPerSecond,
    /// 2^20 bytes per second.
    MibPerSecond,
    /// 2^20 bytes.
    Mib,
    /// Milliseconds.
    Millis,
    /// Seconds.
    Seconds,
    /// Cores: seconds of CPU per second.
    Cores,
    /// Seconds of CPU per million messages.
    SecondsPerMillion,
    /// Percent.
    Percent,
    /// A plain number, of things that are counted or of a ratio.
    Ratio,
    /// US dollars per million messages.
    UsdPerMillion,
    /// US dollars per hour.
    UsdPerHour,
    /// US dollars.
    Usd,
}

impl Unit {
    /// What stands after a number of it in a sentence, with the blank before it; money has its sign before the number.
    pub const fn after(self) -> &'static str {
        match self {
            Unit::Messages | Unit::Ratio | Unit::Usd => "",
            Unit::MessagesPerSecond => " messages per second",
            Unit::RequestsPerSecond => " per second",
            Unit::MibPerSecond => " MiB/s",
            Unit::Mib => " MiB",
            Unit::Millis => " ms",
            Unit::Seconds => " s",
            Unit::Cores => " cores",
            Unit::SecondsPerMillion => " s per million messages",
            Unit::Percent => " %",
            Unit::UsdPerMillion => " per million messages",
            Unit::UsdPerHour => " per hour",
        }
    }

    /// Its symbol, for columns and axes and for programs; empty for plain numbers.
    pub const fn symbol(self) -> &'static str {
        match self {
            Unit::Messages => "messages",
            Unit::MessagesPerSecond => "messages/s",
            Unit::RequestsPerSecond => "requests/s",
            Unit::MibPerSecond => "MiB/s",
            Unit::Mib => "MiB",
            Unit::Millis => "ms",
            Unit::Seconds => "s",
            Unit::Cores => "cores",
            Unit::SecondsPerMillion => "s/million messages",
            Unit::Percent => "%",
            Unit::Ratio => "",
            Unit::UsdPerMillion => "USD/million messages",
            Unit::UsdPerHour => "USD/h",
            Unit::Usd => "USD",
        }
    }

    /// Whether it is money.
    pub const fn is_money(self) -> bool {
        matches!(self, Unit::UsdPerMillion | Unit::UsdPerHour | Unit::Usd)
    }

    /// How its name ends in a column's name; what is left is a name for people who write.
    pub(super) const fn suffix(self) -> &'static str {
        match self {
            Unit::Messages => "_messages",
            Unit::MessagesPerSecond => "_msgs_per_s",
            Unit::RequestsPerSecond => "_per_s",
            Unit::MibPerSecond => "_mib_per_s",
            Unit::Mib => "_mib",
            Unit::Millis => "_ms",
            Unit::Seconds => "_s",
            Unit::Cores => "_cores",
            Unit::SecondsPerMillion => "_s_per_million",
            Unit::Percent => "_percent",
            Unit::Ratio => "",
            Unit::UsdPerMillion => "_usd_per_million",
            Unit::UsdPerHour => "_usd_per_hour",
            Unit::Usd => "_usd",
        }
    }

    /// A bound as written, in this unit: `250ms`, `1%`, `20k/s`, `512MiB`, `$0.60`, `0`.
    pub fn read(self, text: &str) -> Result<f64, NotAQuantity> {
        match self {
            Unit::Millis => text.parse::<Span>().map(Span::as_millis_f64),
            Unit::Seconds | Unit::SecondsPerMillion => text.parse::<Span>().map(Span::as_secs_f64),
            Unit::Percent => percent(text),
            Unit::MessagesPerSecond | Unit::RequestsPerSecond => {
                text.parse::<Rate>().map(Rate::as_per_second)
            }
            Unit::Messages => text.parse::<u64>().map(|count| count as f64).map_err(|_| NotAQuantity {
                what: format!("`{text}` is not a number of messages"),
                hint: "write a whole number, such as `0`".to_owned(),
            }),
            Unit::Mib => text.parse::<Bytes>().map(mib),
            Unit::MibPerSecond => {
                text.trim().strip_suffix("/s").unwrap_or(text).parse::<Bytes>().map(mib).map_err(|_| {
                    NotAQuantity {
                        what: format!("`{text}` is not a number of bytes per second"),
                        hint: "write `10MiB/s`".to_owned(),
                    }
                })
            }
            Unit::Cores | Unit::Ratio => {
                text.parse::<f64>().ok().filter(|number| number.is_finite()).ok_or_else(|| NotAQuantity {
                    what: format!("`{text}` is not a number"),
                    hint: "write a plain number, such as `0.5`".to_owned(),
                })
            }
            Unit::UsdPerMillion | Unit::UsdPerHour | Unit::Usd => {
                let amount = text.strip_prefix('$').ok_or_else(|| NotAQuantity {
                    what: format!("`{text}` is not money"),
                    hint: "write US dollars: `$0.60`".to_owned(),
                })?;
                amount.trim().parse::<Money>().map(Money::as_dollars)
            }
        }
    }
}

fn mib(bytes: Bytes) -> f64 {
    bytes.get() as f64 / f64::from(1 << 20)
}

/// A trend may be negative (a lag that shrinks) or above 100 %, so it is no share.
fn percent(text: &str) -> Result<f64, NotAQuantity> {
    let number = text.strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
    number.filter(|percent| percent.is_finite()).ok_or_else(|| NotAQuantity {
        what: format!("`{text}` is not a percentage"),
        hint: "write it in percent: `1%`".to_owned(),
    })
}
