//! What was read from the pages of others while a trial ran.

use serde::{Deserialize, Serialize};

/// One reading of one number of one page: a line of `scraped.csv`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScrapedRow {
    /// When the answer was there, in seconds since time 0.
    pub t_s: f64,
    /// How long it took, in ms.
    pub took_ms: f64,
    /// Which page, counted from 0 in the order of the file.
    pub page: u32,
    /// The number's name.
    pub name: String,
    /// The number; of a rate the counter's growth since the first reading, in which a counter that began anew goes on. Empty where there was none.
    pub value: Option<f64>,
    /// Why there was none; where there was one, that a counter began anew, and else empty.
    pub why: String,
}

/// A number of the pages, as the manifest tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScrapedLine {
    /// Which page, counted from 0.
    pub page: u32,
    /// Its address; `${ENV}` references unresolved.
    pub url: String,
    /// How often it is read.
    pub every_ms: u64,
    /// The number's name, which is its column's.
    pub name: String,
    /// Which samples it is.
    pub select: String,
    /// `rate`, `gauge` or `quantile`.
    pub kind: String,
}
