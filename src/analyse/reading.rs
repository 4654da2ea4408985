//! A metric's value in one trial, or why there is none.

/// A metric's value in one trial, or why there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Reading {
    /// Known.
    Value(f64),
    /// Longer than this, because we did not watch longer: empty in tables of data, `> …` in reports.
    Beyond(f64),
    /// Not less than the first and not more than the second, because the fate of some messages is not known, or some were watched for less time than
    /// others took: empty in tables of data, `… to …` in reports.
    Between(f64, f64),
    /// Not said, because too few samples lie beyond the percentile.
    TooFew,
    /// Not recorded, or not applicable.
    #[default]
    Empty,
}

impl Reading {
    /// Between these two; the value where they are the same, nothing where either is not known.
    pub fn between(least: Option<f64>, most: Option<f64>) -> Self {
        match (Reading::from(least), Reading::from(most)) {
            (Reading::Value(least), Reading::Value(most)) if least < most => Reading::Between(least, most),
            (Reading::Value(value), Reading::Value(_)) => Reading::Value(value),
            _ => Reading::Empty,
        }
    }

    /// The same in another unit: so many of the new are one of the old.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        match self {
            Reading::Value(value) => Reading::Value(value * factor),
            Reading::Beyond(value) => Reading::Beyond(value * factor),
            Reading::Between(least, most) => Reading::Between(least * factor, most * factor),
            Reading::TooFew | Reading::Empty => self,
        }
    }

    /// The value, where it is known.
    pub fn value(self) -> Option<f64> {
        match self {
            Reading::Value(value) => Some(value),
            _ => None,
        }
    }

    /// What it is longer than, where no more is known of it.
    pub fn beyond(self) -> Option<f64> {
        match self {
            Reading::Beyond(least) => Some(least),
            _ => None,
        }
    }

    /// The value, or what it is certainly not below.
    pub fn at_least(self) -> Option<f64> {
        match self {
            Reading::Value(value) | Reading::Beyond(value) | Reading::Between(value, _) => Some(value),
            Reading::TooFew | Reading::Empty => None,
        }
    }

    /// The value, or what it is certainly not above.
    pub fn at_most(self) -> Option<f64> {
        match self {
            Reading::Value(value) | Reading::Between(_, value) => Some(value),
            Reading::Beyond(_) | Reading::TooFew | Reading::Empty => None,
        }
    }

    /// What it is certainly not above, or where nobody knows that, not below.
    pub fn furthest(self) -> Option<f64> {
        self.at_most().or(self.at_least())
    }
}

impl From<Option<f64>> for Reading {
    fn from(value: Option<f64>) -> Self {
        match value {
            Some(value) if value.is_finite() => Reading::Value(value),
            _ => Reading::Empty,
        }
    }
}
