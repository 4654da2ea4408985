//! A reason not to believe a trial.

/// A reason not to believe a trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Doubt {
    /// Its name in `trials.csv`.
    pub id: &'static str,
    /// Whether it spoils the trial, or only limits what may be said of it.
    pub spoils: bool,
    /// What was found, with the limit.
    pub what: String,
    /// What to do.
    pub hint: &'static str,
    /// The number in it that went beyond its limit; none where it is no number's.
    pub figure: Option<Figure>,
}

/// A number that went beyond its limit: the greater, the worse.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// What was found.
    pub value: f64,
    /// What it may be.
    pub limit: f64,
    /// What both are in, as it is written behind a number.
    pub unit: &'static str,
}

impl Doubt {
    /// With its number.
    #[must_use]
    pub(super) fn of(self, value: f64, limit: f64, unit: &'static str) -> Self {
        Doubt { figure: Some(Figure { value, limit, unit }), ..self }
    }
}

pub(super) fn spoils(id: &'static str, what: String, hint: &'static str) -> Doubt {
    Doubt { id, spoils: true, what, hint, figure: None }
}

pub(super) fn limits(id: &'static str, what: String, hint: &'static str) -> Doubt {
    Doubt { id, spoils: false, what, hint, figure: None }
}
