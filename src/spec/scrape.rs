//! Numbers of others that are read while a trial runs: whose page, which samples of it, and what is made of them.

use std::fmt;
use std::str::FromStr;

use super::key::{Form, Key, key};
use super::metric::{Better, Metric, Unit};
use crate::units::{NotAQuantity, Span};

const TARGET: &[Key] = &[
    key("url", Form::Text, "Its address, `http://localhost:9404/metrics`; `${ENV}` for secrets."),
    key("every", Form::Span, "How often it is read, 250ms to 60s, default 1s."),
    key(
        "metrics",
        Form::List(&Form::All(&[
            key("name", Form::Text, "Its column in `trials.csv`, which SLOs and `responses` may name."),
            key("select", Form::Text, "Which samples of the page: `http_requests_total{code=\"200\"}`."),
            key(
                "as",
                Form::Words(&["rate", "gauge", "quantile"]),
                "What is made of them: a counter's growth per second, a level's mean, or the greatest of a percentile.",
            ),
        ])),
        "What is read from it; the same name on several pages is one number of all of them.",
    ),
];

/// What stands under `observe`.
pub(super) const OBSERVE: &[Key] = &[key(
    "scrape",
    Form::List(&Form::Keys(TARGET)),
    "Pages in the text format of Prometheus or OpenMetrics that consumers, brokers or hosts give of themselves.",
)];

/// A page in the text format of Prometheus or in OpenMetrics.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Its address; `${ENV}` references unresolved.
    pub url: String,
    /// How often it is read.
    pub every: Span,
    /// What is read from it.
    pub metrics: Vec<Scraped>,
}

/// One number of a page, and what is made of its readings.
#[derive(Clone, Debug, PartialEq)]
pub struct Scraped {
    /// Its column in `trials.csv`.
    pub name: String,
    /// Which samples of the page it is.
    pub select: Selector,
    /// What is made of its readings.
    pub kind: Kind,
}

/// What is made of the readings of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Of a counter: its growth per second. One that begins anew goes on from where it was.
    Rate,
    /// Of a level: its mean over the time.
    Gauge,
    /// Of a percentile: the greatest, since percentiles are never averaged.
    Quantile,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 3] = [Kind::Rate, Kind::Gauge, Kind::Quantile];

    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Rate => "rate",
            Kind::Gauge => "gauge",
            Kind::Quantile => "quantile",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Of several samples at once, from several series or several pages: rates and levels are those of all together, of percentiles the greatest is said.
    pub fn together(self, values: impl Iterator<Item = f64>) -> Option<f64> {
        match self {
            Kind::Rate | Kind::Gauge => values.reduce(|sum, value| sum + value),
            Kind::Quantile => values.reduce(f64::max),
        }
    }
}

/// The metric that a user's name stands for: a plain number, of which nobody but the user knows which way is better.
pub fn metric_of(name: &str, kind: Kind) -> Metric {
    let meaning = match kind {
        Kind::Rate => "growth per second in the window, of all that was selected together",
        Kind::Gauge => "mean over the window, of all that was selected together",
        Kind::Quantile => "the greatest in the window, of all that was selected",
    };
    Metric {
        name: name.to_owned(),
        label: name.replace('_', " "),
        unit: Unit::Ratio,
        better: Better::Neither,
        meaning: format!("read from the pages of `observe.scrape`: {meaning}"),
        latency: None,
    }
}

/// The metric that is written so, one of these pages or one of bench's own.
pub fn metric(text: &str, targets: &[Target]) -> Option<Metric> {
    let named = |text: &str| {
        let all = targets.iter().flat_map(|target| &target.metrics);
        all.into_iter().find(|one| one.name == text).map(|one| metric_of(&one.name, one.kind))
    };
    Metric::written(text).or_else(|| named(text.trim()))
}

/// Which samples are meant: a name, and what labels must have or must not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    name: String,
    labels: Vec<Label>,
}

/// One of the labels in braces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Its name.
    pub name: String,
    /// Its value, without escapes.
    pub value: String,
    /// Whether it stands before a `=`, and not a `!=`.
    pub equal: bool,
}

impl Selector {
    /// Whether it means a sample of that name with these labels; a label that is not there is empty, as in Prometheus.
    pub fn selects(&self, name: &str, labels: &[(String, String)]) -> bool {
        let value =
            |name: &str| labels.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value);
        self.name == name
            && self.labels.iter().all(|label| (value(&label.name) == label.value) == label.equal)
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        for (at, label) in self.labels.iter().enumerate() {
            let (before, sign) = (if at == 0 { "{" } else { "," }, if label.equal { "=" } else { "!=" });
            let value = label.value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            write!(f, "{before}{}{sign}\"{value}\"", label.name)?;
        }
        if self.labels.is_empty() { Ok(()) } else { f.write_str("}") }
    }
}

impl FromStr for Selector {
    type Err = NotAQuantity;

    fn from_str(text: &str) -> Result<Self, NotAQuantity> {
        let hint = "a selector is `http_requests_total{code=\"200\",path!=\"/\"}`, or a name alone";
        read(text.trim())
            .ok_or_else(|| NotAQuantity { what: format!("`{text}` selects nothing"), hint: hint.to_owned() })
    }
}

fn read(text: &str) -> Option<Selector> {
    let (name, rest) = cut_name(text)?;
    let (labels, rest) = cut_labels(rest.trim_start())?;
    rest.is_empty().then(|| Selector { name: name.to_owned(), labels })
}

/// Labels in braces, `{code="200",path!="/",}`, none where there is no brace, and what follows them.
pub fn cut_labels(text: &str) -> Option<(Vec<Label>, &str)> {
    let mut labels = Vec::new();
    let Some(after) = text.strip_prefix('{') else { return Some((labels, text)) };
    let mut rest = after.trim_start();
    while !rest.starts_with('}') {
        let (name, after) = cut_name(rest)?;
        let after = after.trim_start();
        let (equal, after) = match after.strip_prefix("!=") {
            Some(after) => (false, after),
            None => (true, after.strip_prefix('=')?),
        };
        let (value, after) = cut_text(after.trim_start())?;
        labels.push(Label { name: name.to_owned(), value, equal });
        rest = after.trim_start();
        rest = match rest.strip_prefix(',') {
            Some(rest) => rest.trim_start(),
            None => rest.starts_with('}').then_some(rest)?,
        };
    }
    Some((labels, &rest[1..]))
}

/// A name of a metric or a label, and what follows it.
pub fn cut_name(text: &str) -> Option<(&str, &str)> {
    let in_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let (name, rest) = text.split_at(text.find(|c: char| !in_name(c)).unwrap_or(text.len()));
    (!name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit())).then_some((name, rest))
}

/// A text in quotes without its escapes (`\\`, `\"`, `\n`), and what follows it.
fn cut_text(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut letters = text.strip_prefix('"')?.char_indices();
    while let Some((at, c)) = letters.next() {
        match c {
            '"' => return Some((value, &text[at + 2..])),
            '\\' => value.push(match letters.next()?.1 {
                'n' => '\n',
                other => other,
            }),
            c => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_means_samples_by_their_name_and_labels() {
        let of = |text: &str, labels: &[(&str, &str)]| {
            let labels: Vec<(String, String)> =
                labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            text.parse::<Selector>().unwrap().selects("hits", &labels)
        };
        assert!(of("hits", &[("code", "200")]) && !of("hit", &[]));
        assert!(of("hits{code=\"200\"}", &[("code", "200"), ("path", "/")]));
        assert!(!of("hits{code=\"200\"}", &[("code", "500")]) && !of("hits{code=\"200\"}", &[]));
        assert!(
            of("hits{code!=\"200\"}", &[]) && of("hits { code = \"a,b}\\\"\" , }", &[("code", "a,b}\"")])
        );
        let text = "hits{code=\"a\\\\b\",path!=\"\"}";
        assert_eq!(text.parse::<Selector>().unwrap().to_string(), text);
        for wrong in [
            "",
            "1hits",
            "hits{",
            "hits{code}",
            "hits{code=200}",
            "hits{code=~\"2..\"}",
            "hits{} x",
            "hits{a=\"1\" b=\"2\"}",
        ] {
            assert!(wrong.parse::<Selector>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn of_several_percentiles_the_greatest_is_said_and_nothing_is_averaged() {
        let all = [1.0, 5.0, 3.0];
        assert_eq!(Kind::Quantile.together(all.into_iter()), Some(5.0));
        assert_eq!(Kind::Gauge.together(all.into_iter()), Some(9.0));
        assert_eq!(Kind::Rate.together(std::iter::empty()), None, "nothing is not zero");
    }
}
