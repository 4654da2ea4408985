//! When a row begins: seconds, the time since 1970 in a unit, or a date and time of ISO 8601.

use std::time::UNIX_EPOCH;

/// 2000-01-01 and 2100-01-01 in seconds since 1970: what was measured on a Kafka lies between them.
const CENTURY_S: std::ops::Range<f64> = 946_684_800.0..4_102_444_800.0;
/// A trace in seconds of its own begins before its 116th day; a greater number is a date in digits, or some other clock.
const LATEST_START_S: f64 = 1e7;

/// The clock that a trace's times are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Seconds of its own.
    Seconds,
    /// Seconds since 1970.
    EpochSeconds,
    /// Milliseconds since 1970.
    EpochMillis,
    /// Microseconds since 1970.
    EpochMicros,
    /// Nanoseconds since 1970.
    EpochNanos,
    /// Dates and times with their zone.
    Zoned,
    /// Dates and times of a zone that was not written.
    Unzoned,
}

impl Clock {
    /// As a plan says it.
    pub const fn name(self) -> &'static str {
        match self {
            Clock::Seconds => "seconds",
            Clock::EpochSeconds => "epoch seconds",
            Clock::EpochMillis => "epoch milliseconds",
            Clock::EpochMicros => "epoch microseconds",
            Clock::EpochNanos => "epoch nanoseconds",
            Clock::Zoned => "ISO 8601",
            Clock::Unzoned => "ISO 8601 without a zone",
        }
    }

    /// The one that a first row's number is of; none where it is of no clock that we know.
    pub(super) fn of_number(first: f64) -> Option<Self> {
        let epochs = [Clock::EpochSeconds, Clock::EpochMillis, Clock::EpochMicros, Clock::EpochNanos];
        if (0.0..LATEST_START_S).contains(&first) {
            return Some(Clock::Seconds);
        }
        epochs.into_iter().find(|clock| clock.holds(first))
    }

    /// Whether a number can be a time of this clock.
    pub(super) fn holds(self, number: f64) -> bool {
        match self {
            Clock::Seconds => (0.0..CENTURY_S.start).contains(&number),
            _ => CENTURY_S.contains(&(number / self.per_second())),
        }
    }

    /// What one second is in its numbers.
    pub(super) const fn per_second(self) -> f64 {
        match self {
            Clock::EpochMillis => 1e3,
            Clock::EpochMicros => 1e6,
            Clock::EpochNanos => 1e9,
            _ => 1.0,
        }
    }
}

/// Seconds since 1970 of a date and time of ISO 8601, and whether it says its zone; without one it is taken as UTC. Date and time are apart by `T` or a
/// blank, seconds and time may be left out.
pub(super) fn calendar(text: &str) -> Option<(f64, Clock)> {
    let text = text.to_ascii_uppercase().replacen(' ', "T", 1);
    let (date, rest) = text.split_once('T').unwrap_or((&text, ""));
    let zone_at = rest.find(['Z', '+', '-', ' ']).unwrap_or(rest.len());
    let (time, zone) = rest.split_at(zone_at);
    let time = match time.len() {
        0 if rest.is_empty() => "00:00:00".to_owned(),
        5 => format!("{time}:00"),
        _ => time.replacen(',', ".", 1),
    };
    let east_s = match zone.trim_start() {
        "" | "Z" | "UTC" => 0.0,
        offset => offset_s(offset)?,
    };
    let since =
        humantime::parse_rfc3339_weak(&format!("{date}T{time}")).ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some((since.as_secs_f64() - east_s, if zone.is_empty() { Clock::Unzoned } else { Clock::Zoned }))
}

/// Seconds east of Greenwich: `+02:00`, `+0200`, `-03`.
fn offset_s(text: &str) -> Option<f64> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1.0, digits),
        ("-", digits) => (-1.0, digits),
        _ => return None,
    };
    let (hours, minutes) = match digits.len() {
        2 => (digits, "0"),
        4 => digits.split_at_checked(2)?,
        5 => digits.split_once(':').filter(|(hours, _)| hours.len() == 2)?,
        _ => return None,
    };
    let (hours, minutes): (u8, u8) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then(|| sign * (f64::from(hours) * 3600.0 + f64::from(minutes) * 60.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_are_read_with_their_zones() {
        let eight = 1_795_766_400.0;
        for text in [
            "2026-11-27T08:00:00Z",
            "2026-11-27 08:00:00Z",
            "2026-11-27t08:00:00.000z",
            "2026-11-27T09:00:00+01:00",
            "2026-11-27T13:30+0530",
            "2026-11-27 05:00:00 -03",
            "2026-11-27 08:00 UTC",
            "2026-11-27T08:00:00,000Z",
        ] {
            assert_eq!(calendar(text), Some((eight, Clock::Zoned)), "{text}");
        }
        assert_eq!(calendar("2026-11-27T08:00:00.25"), Some((eight + 0.25, Clock::Unzoned)));
        assert_eq!(calendar("2026-11-27"), Some((eight - 8.0 * 3600.0, Clock::Unzoned)));
        for text in [
            "27.11.2026 08:00",
            "11/27/2026",
            "2026/11/27",
            "08:00:00",
            "2026-02-30T00:00:00Z",
            "2026-11-27T25:00:00Z",
            "2026-11-27TZ",
            "2026-11-27T08:00:00+25:00",
            "2026-11-27T08:00:00 CET",
            "",
            "T",
            "2026-11-27T08",
            "5s",
            "1:30",
        ] {
            assert_eq!(calendar(text), None, "{text}");
        }
    }

    #[test]
    fn a_number_is_of_a_clock_of_this_century_or_counts_seconds_of_its_own() {
        for (first, clock) in [
            (0.0, Some(Clock::Seconds)),
            (86_400.5, Some(Clock::Seconds)),
            (1_795_766_400.0, Some(Clock::EpochSeconds)),
            (1_795_766_400_000.0, Some(Clock::EpochMillis)),
            (1_795_766_400_000_000.0, Some(Clock::EpochMicros)),
            (1_795_766_400_000_000_000.0, Some(Clock::EpochNanos)),
            (20_261_127.0, None),
            (202_611_270_800.0, None),
            (20_261_127_080_000.0, None),
            (-1.0, None),
        ] {
            assert_eq!(Clock::of_number(first), clock, "{first}");
        }
    }
}
