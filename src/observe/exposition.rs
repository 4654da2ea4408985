//! Reads a page of numbers in the text format of Prometheus (0.0.4) or in OpenMetrics (1.0): its samples, without their types and comments.
//!
//! Ours, since of the two parsers that are kept one cuts labels at commas within their values, which selects other samples than were meant, and the other's
//! licence does not fit.

use crate::spec::scrape::{cut_labels, cut_name};

/// One number.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample<'a> {
    /// Of what.
    pub name: &'a str,
    /// Labels by their names.
    pub labels: Vec<(String, String)>,
    /// The number; not always one (`NaN`), and not always finite.
    pub value: f64,
}

/// All samples of a page; or the first line that is none, counted from 1. A page that ends in the middle of a line was cut.
pub fn samples(page: &str) -> Result<Vec<Sample<'_>>, String> {
    let mut samples = Vec::new();
    if !page.is_empty() && !page.ends_with('\n') && !page.ends_with("# EOF") {
        return Err("the page is cut".to_owned());
    }
    for (at, line) in page.lines().enumerate() {
        let line = line.trim();
        if !line.is_empty() && !line.starts_with('#') {
            samples.push(sample(line).ok_or_else(|| format!("line {} is no sample", at + 1))?);
        }
    }
    Ok(samples)
}

/// `name{label="value"} 1.5 1700000000000 # {trace="x"} 0.5`: what stands behind the value is a time, or an example.
fn sample(line: &str) -> Option<Sample<'_>> {
    let (name, rest) = cut_name(line)?;
    let (labels, values) = cut_labels(rest.trim_start())?;
    // Something must part a name from its value.
    let parted = rest.starts_with(|c: char| c == '{' || c.is_whitespace());
    if !parted || labels.iter().any(|label| !label.equal) {
        return None;
    }
    let mut words = values.split_whitespace();
    let value = words.next()?.parse().ok()?;
    let time_is_one = words.next().is_none_or(|word| word == "#" || word.parse::<f64>().is_ok());
    let labels = labels.into_iter().map(|label| (label.name, label.value)).collect();
    time_is_one.then_some(Sample { name, labels, value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_have_their_labels_whatever_stands_in_them() {
        let page = "# HELP hits Requests.\n# TYPE hits counter\nhits_total{path=\"/a,b=\\\"c\\\"}\",code=\"200\"} 1027 1395066363000\n\
            hits_total{code=\"500\",} 3.5e2 # {trace_id=\"x\"} 0.67\n\nup 1\nheat{} -Inf\n  spaced { a = \"b\" }   7\nnone NaN\n# EOF\n";
        let all = samples(page).unwrap();
        let of = |at: usize| (all[at].name, all[at].value, all[at].labels.len());
        assert_eq!(
            (of(0), of(1), of(2)),
            (("hits_total", 1027.0, 2), ("hits_total", 350.0, 1), ("up", 1.0, 0))
        );
        assert_eq!(all[0].labels[0], ("path".to_owned(), "/a,b=\"c\"}".to_owned()));
        assert_eq!((of(3), of(4)), (("heat", f64::NEG_INFINITY, 0), ("spaced", 7.0, 1)));
        assert!(all[5].value.is_nan());
    }

    #[test]
    fn what_is_no_page_of_numbers_is_told_by_its_line() {
        assert_eq!(samples("up 1\n<html>\n"), Err("line 2 is no sample".to_owned()));
        for wrong in
            ["up\n", "up one\n", "up{a=b} 1\n", "up{a=\"b\" 1\n", "1up 1\n", "up-x 1\n", "up 1 soon\n"]
        {
            assert!(samples(wrong).is_err(), "{wrong}");
        }
        assert_eq!(samples("up 1\nhits 10"), Err("the page is cut".to_owned()));
        assert_eq!(samples("").unwrap(), []);
    }
}
