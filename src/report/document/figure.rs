//! A figure as what it shows: axes with units, points with their gaps, where they come from. How it is drawn is the renderers' matter.

use crate::analyse::Interval;

/// Something to look at: panels over one common axis.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figure {
    /// A name that stays, and that a file may have.
    pub id: String,
    /// What it is of.
    pub title: String,
    /// How it is best drawn.
    pub drawing: Drawing,
    /// The axis that all panels share.
    pub x: Axis,
    /// From top to bottom.
    pub panels: Vec<Panel>,
    /// What was emulated; none where nothing was.
    pub emulated: Option<String>,
    /// Places on the common axis that mean something.
    pub rules: Vec<Rule>,
    /// Lengths of the common axis that have a name, from each place to the next; the last ends with the axis.
    pub spans: Vec<Rule>,
    /// How to read it: sentences.
    pub notes: Vec<String>,
    /// Whether it is what a run is first known by: no page has many of these.
    pub leads: bool,
    /// Whether its lines are whole trials, laid over each other at a place that has a mark.
    pub lays_trials_over: bool,
    /// Whether it is one of those behind the rows of a table, of which a page may have many, and whose numbers stand in a figure of all.
    pub is_one_of_many: bool,
}

/// How a figure is best drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Drawing {
    /// A step from each place to the next, as time goes.
    #[default]
    Course,
    /// A bar at each place.
    Bars,
    /// A dot a trial, and what they say together.
    Dots,
    /// A line from each point to the next.
    Lines,
    /// A dot a treatment.
    Scatter,
}

impl Drawing {
    /// A word for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Drawing::Course => "course",
            Drawing::Bars => "bars",
            Drawing::Dots => "dots",
            Drawing::Lines => "lines",
            Drawing::Scatter => "scatter",
        }
    }
}

/// What an axis measures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Axis {
    /// A few words.
    pub name: String,
    /// What its numbers are in; empty where they are in nothing.
    pub unit: String,
    /// What is written at each point, where points have names of their own.
    pub labels: Vec<String>,
    /// Where something was measured, and nowhere else; empty where it was all along.
    pub at: Vec<f64>,
    /// How far apart its numbers lie.
    pub scale: Scale,
}

/// How far apart numbers lie on an axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// As far as they differ, from nothing on.
    #[default]
    Linear,
    /// As far as their ratio.
    Log,
    /// Of shares: each further nine as far as the one before, as HdrHistogram's plots have it.
    Nines,
    /// Words: one beside the other, at 0, 1, 2.
    Words,
}

impl Scale {
    /// A word for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Scale::Linear => "linear",
            Scale::Log => "log",
            Scale::Nines => "nines",
            Scale::Words => "words",
        }
    }
}

impl Axis {
    /// One whose points have no names.
    pub fn new(name: impl Into<String>, unit: impl Into<String>) -> Self {
        Axis { name: name.into(), unit: unit.into(), ..Axis::default() }
    }

    /// Name and unit: `ack p99, ms`, `produce requests per second`.
    pub fn title(&self) -> String {
        match self.unit.as_str() {
            "" => self.name.clone(),
            unit if unit.starts_with("per ") => format!("{} {unit}", self.name),
            unit => format!("{}, {unit}", self.name),
        }
    }
}

/// One picture of a figure.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Panel {
    /// What tells it from the other panels where they show the same; empty where they do not.
    pub title: String,
    /// What it shows; always from nothing upwards.
    pub y: Axis,
    /// The metric, by its column in `trials.csv`; none where it is none.
    pub metric: Option<String>,
    /// How several instances were made into one point; none where a point is of one thing.
    pub together: Option<Together>,
    /// What is drawn in it.
    pub series: Vec<Series>,
    /// Heights that mean something.
    pub bounds: Vec<Rule>,
}

/// How several were made into one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Together {
    /// Their sum.
    Sum,
    /// The mean of each one's.
    Mean,
    /// The middle of the trials'.
    Median,
}

impl Together {
    /// As it stands beside an axis.
    pub const fn name(self) -> &'static str {
        match self {
            Together::Sum => "sum over instances",
            Together::Mean => "mean of instances",
            Together::Median => "median of valid trials",
        }
    }
}

/// Points that belong together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// What tells it from others of its panel; empty where there is one only.
    pub name: String,
    /// The treatment that all of it is of, by its slug; empty where it is of several.
    pub of: String,
    /// What it stands for.
    pub role: Role,
    /// What it is drawn with: series of one hue, in whichever figure, are of one thing.
    pub hue: usize,
    /// In rising order of `x`.
    pub points: Vec<Point>,
    /// From where on values were greater than can be said: the place, and what they are at least.
    pub beyond: Option<(f64, f64)>,
}

/// What a series stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// What was measured, together.
    #[default]
    Measured,
    /// What each trial measured.
    Trials,
    /// What twice as much of everything would give.
    Ideal,
    /// What partitions that are no fractions allow.
    Staircase,
    /// What nothing beats in both directions.
    Front,
    /// What a law that was fitted gives, with its band.
    Law,
}

impl Role {
    /// A word for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Role::Measured => "measured",
            Role::Trials => "trials",
            Role::Ideal => "ideal",
            Role::Staircase => "staircase",
            Role::Front => "front",
            Role::Law => "law",
        }
    }

    /// Whether it was measured, and not reckoned.
    pub const fn is_measured(self) -> bool {
        matches!(self, Role::Measured | Role::Trials)
    }
}

/// One point, or the gap where one would be.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// Where on the common axis.
    pub x: f64,
    /// How much; none where it is not known, and nothing is drawn there.
    pub y: Option<f64>,
    /// How many instances or trials it was made of.
    pub n: usize,
    /// What lies around it, and how that came; none where nothing does.
    pub interval: Option<Interval>,
    /// What must be known of it.
    pub mark: Dot,
    /// The trial that it is of, by its order in the plan; none where it is of several.
    pub trial: Option<u32>,
}

/// What must be known of a point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dot {
    /// Nothing.
    #[default]
    Plain,
    /// It is of overload, or a bound: what is sustained lies below.
    Saturated,
    /// It is of a trial that is not to be believed.
    Doubtful,
    /// It is at least so much.
    AtLeast,
}

impl Dot {
    /// A word for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Dot::Plain => "plain",
            Dot::Saturated => "saturated",
            Dot::Doubtful => "doubtful",
            Dot::AtLeast => "at_least",
        }
    }
}

/// A place on an axis that means something.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Where.
    pub x: f64,
    /// A word.
    pub name: String,
}

impl Axis {
    /// What is written at a place where words stand; none where numbers do.
    pub fn word(&self, x: f64) -> Option<&str> {
        let at = x.round().max(0.0) as usize;
        (self.scale == Scale::Words).then(|| self.labels.get(at).map_or("", String::as_str))
    }
}

impl Series {
    /// Whether a point of it is only known to be so much at least.
    pub fn is_bound(&self, point: &Point) -> bool {
        point.mark == Dot::AtLeast || self.beyond.is_some_and(|(from, _)| point.x >= from)
    }
}

impl Figure {
    /// Whether its points are of levels that were tried, with nothing known between them.
    pub fn has_levels(&self) -> bool {
        !self.x.at.is_empty() || self.x.scale == Scale::Words
    }

    /// The points of the first panel, which all others share the places of.
    pub fn places(&self) -> &[Point] {
        let series = self.panels.first().and_then(|panel| panel.series.first());
        series.map(|series| series.points.as_slice()).unwrap_or_default()
    }
}

impl Panel {
    /// Whether there are trials of a series' hue at a place, be it that none of them counts.
    pub fn has_trials(&self, series: &Series, x: f64) -> bool {
        let own = self.series.iter().filter(|one| one.role == Role::Trials && one.hue == series.hue);
        own.flat_map(|one| &one.points).any(|point| (point.x - x).abs() < f64::EPSILON && point.y.is_some())
    }

    /// What it measures, after what tells it from the others.
    pub fn heading(&self) -> String {
        self.titled(&self.y.title())
    }

    /// A name, after what tells the panel from the others.
    pub fn titled(&self, name: &str) -> String {
        if self.title.is_empty() { name.to_owned() } else { format!("{}: {name}", self.title) }
    }

    /// What a series of it is of: what tells the panel from the others, and the series from its neighbours.
    pub fn of(&self, series: &Series) -> String {
        let names = [self.title.as_str(), series.name.as_str()].into_iter().filter(|name| !name.is_empty());
        names.collect::<Vec<_>>().join(", ")
    }

    /// How several became one point, and of how many: `median of valid trials, n = 3`; empty where a point is of one thing.
    pub fn made_of(&self) -> String {
        let Some(together) = self.together else { return String::new() };
        let n = self.n().map(|(least, most)| format!("n = {}", from_to(least, most)));
        std::iter::once(together.name().to_owned()).chain(n).collect::<Vec<_>>().join(", ")
    }

    /// The colours in it, each once, in rising order.
    pub fn hues(&self) -> Vec<usize> {
        let mut hues: Vec<usize> = self.series.iter().map(|series| series.hue).collect();
        hues.sort_unstable();
        hues.dedup();
        hues
    }

    /// The greatest of what is known; none where nothing is.
    pub fn most(&self) -> Option<f64> {
        let points = self.series.iter().flat_map(|series| &series.points);
        points.filter_map(|point| point.y).reduce(f64::max)
    }

    /// How many instances or trials a point is made of at the least and at the most, of those that are known.
    pub fn n(&self) -> Option<(usize, usize)> {
        let together = self.series.iter().filter(|series| series.role == Role::Measured);
        let points = together.flat_map(|series| &series.points);
        let known = points.filter(|point| point.y.is_some()).map(|point| point.n);
        Some((known.clone().min()?, known.max()?))
    }
}

/// `3`, or `2 to 3` where they differ.
pub fn from_to(least: usize, most: usize) -> String {
    if least == most { most.to_string() } else { format!("{least} to {most}") }
}
