//! The format of an experiment file, declared once: what may stand where. Unknown keys, factor paths and the JSON schema all follow from it.

use crate::units::Per;

/// What may stand under a key.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// Any text.
    Text,
    /// A whole number of at least this.
    Count(u64),
    /// The same, or -1 for what the cluster has as its default.
    CountOrDefault(u64),
    /// A number of bytes with its unit.
    Bytes,
    /// A time with its unit.
    Span,
    /// Bits per second with their unit.
    Bandwidth,
    /// Messages per second, or `max`.
    Volume,
    /// Messages per second.
    Rate,
    /// Messages per second, or none at all: `0/s`.
    RateOrZero,
    /// A number from the first to the second.
    Number(f64, f64),
    /// A number, not negative, of at most three decimals.
    Milli,
    /// `true` or `false`.
    Switch,
    /// A state of CPU credits.
    Credits,
    /// A price for one of these.
    Price(Per),
    /// A mapping of names that are not ours to prices.
    Prices(Per),
    /// A percentage.
    Share,
    /// A time, fixed or drawn.
    Amount,
    /// One of these words.
    Words(&'static [&'static str]),
    /// A mapping with some of these keys.
    Keys(&'static [Key]),
    /// A mapping with exactly one of these keys.
    OneOf(&'static [Key]),
    /// A mapping with all of these keys.
    All(&'static [Key]),
    /// A list, not empty, of this.
    List(&'static Form),
    /// A list, be it empty, of this.
    Items(&'static Form),
    /// One of these, told apart by whether they are scalars, mappings or lists.
    Any(&'static [Form]),
    /// A mapping of names that are not ours to texts, numbers or booleans.
    Properties,
    /// A list of mappings, each with a name of its own.
    Named(&'static [Key]),
    /// A list of cores, counted from 0.
    Cores,
    /// A mapping, or a list of such mappings, each with a `group` of its own.
    Groups(&'static [Key]),
    /// A mapping of the first of these, or a list of mappings of the second, which have no names of their own.
    OneOrList(&'static [Key], &'static [Key]),
    /// A list of conditions.
    Slos,
    /// A list of metrics, not empty.
    Responses,
    /// Factors and their levels.
    Factors,
    /// Paths of the format, and what they are set to.
    Paths,
    /// Planned, and a fault until then.
    Later,
}

/// A key of the format.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// As written.
    pub name: &'static str,
    /// What may stand under it.
    pub form: Form,
    /// What it is for, in a sentence.
    pub says: &'static str,
}

impl Key {
    /// The keys that may stand under it; none where no mapping does.
    pub const fn inside(&self) -> &'static [Key] {
        match self.form {
            Form::Keys(keys) | Form::OneOf(keys) | Form::Named(keys) | Form::OneOrList(keys, _) => keys,
            _ => &[],
        }
    }
}

/// A key.
pub(super) const fn key(name: &'static str, form: Form, says: &'static str) -> Key {
    Key { name, form, says }
}

/// A key that is planned.
pub(super) const fn later(name: &'static str) -> Key {
    key(name, Form::Later, "Not built yet.")
}
