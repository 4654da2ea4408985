//! How far clients and brokers are from one another, as it is written.

mod presets;

use std::fmt;

use super::key::{Form, Key, key};
use crate::units::{Bandwidth, Span};

pub use presets::{ANOTHER_ZONE, MEASURED, NEAR};
pub(super) use presets::{preset, regions};

/// How a link is written.
const LINK: Form = Form::Any(&[
    Form::Text,
    Form::Keys(&[
        key(
            "between",
            Form::Text,
            "Two regions (`us-east-1/eu-west-2`), `another-zone` or `near`: what is not written beside it is as there.",
        ),
        key("rtt", Form::Span, "The round trip, default 0s."),
        key("jitter", Form::Span, "Standard deviation of the round trip, default 0s."),
        key("loss", Form::Share, "Segments that are lost; only `0%`, since a proxy of TCP loses none."),
        key(
            "bandwidth",
            Form::Bandwidth,
            "Of each connection in each direction, such as `5Gbps`; default without a limit.",
        ),
        key(
            "instance",
            Form::Words(&["unlimited", "baseline"]),
            "Of consumers with an `instance_type`: `baseline`, each instance receives and sends no more than its type always may, all its connections together; default `unlimited`.",
        ),
        key(
            "burst",
            Form::Span,
            "How long each instance may first go at its type's peak beyond that, default 0s: its network credits are spent. AWS says 5 to 60 minutes, and no size.",
        ),
        key(
            "crosses",
            Form::Words(&["nothing", "zone", "region"]),
            "What is paid for: `zone` or `region`, by the prices of `prices: transfer:`; default as the preset, else nothing.",
        ),
    ]),
]);

/// What stands under `network`, of a file and of an event.
pub(super) const NETWORK: &[Key] = &[
    key("producers", LINK, "From the producers to the brokers."),
    key("consumers", LINK, "From the consumers to the brokers."),
    key("brokers", LINK, "From each broker to the others; their quorum of controllers stays near."),
];

/// Who is at a distance from the brokers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The load.
    Producers,
    /// The consumers under test.
    Consumers,
    /// The brokers, from one another.
    Brokers,
}

impl Role {
    /// In the order of the file's keys.
    pub const ALL: [Role; 3] = [Role::Producers, Role::Consumers, Role::Brokers];

    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Role::Producers => "producers",
            Role::Consumers => "consumers",
            Role::Brokers => "brokers",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Role::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// What bytes cross that somebody is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Border {
    /// From one availability zone to another.
    Zone,
    /// From one region to another.
    Region,
}

impl Border {
    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Border::Zone => "zone",
            Border::Region => "region",
        }
    }
}

/// How far a role is from the brokers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// The preset that it was written by; none where numbers were.
    pub place: Option<&'static str>,
    /// The round trip.
    pub rtt: Span,
    /// Standard deviation of the round trip.
    pub jitter: Span,
    /// Of each connection in each direction; none without a limit.
    pub bandwidth: Option<Bandwidth>,
    /// How long each instance may go beyond what its type always may send and receive, at the type's peak; none where that is no limit.
    pub instance: Option<Span>,
    /// What is paid for.
    pub crosses: Option<Border>,
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rtt == Span::ZERO {
            f.write_str("near (no delay)")?;
        } else {
            write!(f, "{} away", ms(self.rtt))?;
        }
        if self.jitter > Span::ZERO {
            write!(f, " ± {}", ms(self.jitter))?;
        }
        if let Some(bandwidth) = self.bandwidth {
            write!(f, ", {bandwidth} a connection")?;
        }
        match self.instance {
            None => {}
            Some(Span::ZERO) => f.write_str(", each instance at its type's baseline")?,
            Some(burst) => write!(f, ", each instance at its type's baseline after {burst} at its peak")?,
        }
        match self.place {
            Some(place) if place != NEAR => write!(f, " ({place})"),
            _ => Ok(()),
        }
    }
}

/// A time as networks are spoken of: `76.5 ms`.
fn ms(span: Span) -> String {
    format!("{} ms", span.as_millis_f64())
}

/// How far each role is; none of those that reach the brokers directly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// By role, in the order of [`Role::ALL`].
    links: [Option<Link>; 3],
}

impl Network {
    /// That of a role; none where it reaches the brokers directly.
    pub fn of(&self, role: Role) -> Option<&Link> {
        self.links[role as usize].as_ref()
    }

    /// Puts a role at that distance.
    pub fn put(&mut self, role: Role, link: Link) {
        self.links[role as usize] = Some(link);
    }

    /// Those that are at some distance, be it none.
    pub fn links(&self) -> impl Iterator<Item = (Role, &Link)> {
        Role::ALL.into_iter().zip(&self.links).filter_map(|(role, link)| Some((role, link.as_ref()?)))
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told: Vec<String> = self.links().map(|(role, link)| format!("{} {link}", role.name())).collect();
        f.write_str(&told.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_says_who_is_how_far_away() {
        let mut network = Network::default();
        network.put(Role::Consumers, preset("us-east-1/eu-west-2").unwrap());
        network.put(
            Role::Producers,
            Link { rtt: Span::from_millis(20), bandwidth: "5Gbps".parse().ok(), ..Link::default() },
        );
        assert_eq!(
            network.to_string(),
            "producers 20 ms away, 5Gbps a connection; consumers 76.5 ms away ± 0.19 ms (us-east-1/eu-west-2)"
        );
        assert_eq!(preset(NEAR).unwrap().to_string(), "near (no delay)");
        let [spent, full] =
            [0, 300].map(|burst| Link { instance: Some(Span::from_secs(burst)), ..Link::default() });
        assert_eq!(spent.to_string(), "near (no delay), each instance at its type's baseline");
        assert_eq!(
            full.to_string(),
            "near (no delay), each instance at its type's baseline after 5m at its peak"
        );
    }
}
