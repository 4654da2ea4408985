//! How an instance is replaced by one of another type, and how long a new one takes until its program runs.

use std::fmt;

use crate::spec::key::{Form, Key, key};
use crate::spec::{Amount, Deed, Event, Machine, Settings};
use crate::units::Span;

/// How long a new instance takes until its program is started.
pub(super) const BOOT: Key = key(
    "boot",
    Form::Any(&[
        Form::Span,
        Form::OneOf(&[
            key("fixed", Form::Span, "Always the same."),
            key(
                "exponential",
                Form::All(&[key("mean", Form::Span, "Mean of the distribution.")]),
                "Drawn for each instance by the seed of the trial, exponentially distributed.",
            ),
            key(
                "log_normal",
                Form::All(&[
                    key("median", Form::Span, "Median of the distribution."),
                    key("sigma", Form::Number(0.0, 5.0), "Standard deviation of the logarithm."),
                ]),
                "Drawn for each instance by the seed of the trial, log-normally distributed.",
            ),
        ]),
    ]),
    "How long a new instance takes from its launch, from which on it is paid for, until its program is started; default 0s.",
);

/// What may be said of an upgrade.
pub(super) const UPGRADE: &[Key] = &[
    key("instance_type", Form::Text, "What each instance is replaced by, such as t3.medium; required."),
    key(
        "how",
        Form::Words(&["replace", "beside"]),
        "`replace` (default): each leaves cleanly, and another is launched in its place; `beside`: the new ones are launched at once, and the old ones leave when the overlap is over.",
    ),
    key(
        "group",
        Form::Words(&["same", "another"]),
        "Of `beside`, whether the new ones join the group (default), or read all in a group of their own from where the first has committed: then both process everything while they overlap.",
    ),
    key(
        "overlap",
        Form::Span,
        "Of `beside`, how long old and new run together, from when the last new one was started; default 10s.",
    ),
    BOOT,
];

/// A group's instances are replaced by others of another type.
#[derive(Clone, Debug, PartialEq)]
pub struct Upgrade {
    /// What each new one is made of.
    pub machine: Machine,
    /// In which order.
    pub how: How,
    /// How long each takes until its program is started.
    pub boot: Amount,
}

/// In which order old instances leave and new ones come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The old ones leave first.
    Replace,
    /// The new ones come first, and both run for so long.
    Beside(Span),
    /// The same, and the new ones are a group of their own.
    BesideInAnother(Span),
}

impl Deed {
    /// Whether another instance takes the place of each that leaves.
    pub fn replaces(&self) -> bool {
        match self {
            Deed::Restart(..) => true,
            Deed::Upgrade(upgrade) => upgrade.how == How::Replace,
            _ => false,
        }
    }
}

impl Settings {
    /// How many groups of their own instances of this group are put into, one after the other, beside which those before go on for a while.
    pub fn read_beside(&self, group: &str) -> usize {
        let another = |event: &&Event| match &event.deed {
            Deed::Upgrade(upgrade) => matches!(upgrade.how, How::BesideInAnother(_)),
            _ => false,
        };
        self.events.iter().filter(|event| event.group_name == group).filter(another).count()
    }
}

impl fmt::Display for Upgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "replaced by as many {}", self.machine.instance.name)?;
        match self.how {
            How::Replace => f.write_str(", each after the old one has left"),
            How::Beside(overlap) => write!(f, ", which run beside them for {overlap}"),
            How::BesideInAnother(overlap) => {
                write!(f, ", which run beside them for {overlap} in a group of their own")
            }
        }?;
        write!(f, "{}", Boots(self.boot))
    }
}

/// Shows itself as the end of a sentence; as nothing where nothing is waited for.
pub(super) struct Boots(pub(super) Amount);

impl fmt::Display for Boots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Amount::Fixed(Span::ZERO) => Ok(()),
            Amount::Fixed(boot) => write!(f, ", started {boot} after its launch"),
            Amount::Exponential { mean } => {
                write!(f, ", started after its launch by a time with the mean {mean} (exponential)")
            }
            Amount::LogNormal { median, sigma } => {
                write!(
                    f,
                    ", started after its launch by a time with the median {median} (log-normal, sigma {sigma})"
                )
            }
        }
    }
}
