//! A rate that was seen somewhere, row by row.

use super::{Curve, Steps};

/// Rates from a CSV file: `second,msgs_per_s`. A row holds until the next one's second, the last for ever; nothing before the first.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace(Steps);

/// Why a text is no trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoTrace {
    /// The line, counted from 1; none where the text as a whole is wrong.
    pub line: Option<u64>,
    /// What is wrong with it.
    pub what: String,
}

impl Trace {
    /// Reads the text of a file. The header may be left out; other columns are passed over.
    pub fn parse(text: &str) -> Result<Self, NoTrace> {
        let mut columns = (0, 1);
        let mut rows: Vec<(f64, f64)> = Vec::new();
        let mut is_first = true;
        for (line, cells) in (1_u64..).zip(text.lines()) {
            let cells: Vec<&str> = cells.split(',').map(|cell| cell.trim().trim_matches('"')).collect();
            let no = |what: String| NoTrace { line: Some(line), what };
            if cells == [""] || cells[0].starts_with('#') {
                continue;
            }
            if std::mem::take(&mut is_first) && cells[0].parse::<f64>().is_err() {
                let place = |name: &str| cells.iter().position(|cell| *cell == name);
                let named = place("second").zip(place("msgs_per_s"));
                columns = named
                    .ok_or_else(|| no("the columns `second` and `msgs_per_s` were expected".to_owned()))?;
                continue;
            }
            let number = |column: usize, name: &str| {
                let cell = cells.get(column).copied().unwrap_or_default();
                let number = cell.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0);
                number.ok_or_else(|| no(format!("`{cell}` under `{name}` is not a number of 0 or more")))
            };
            let row = (number(columns.0, "second")?, number(columns.1, "msgs_per_s")?);
            if let Some(before) = rows.last().filter(|before| before.0 >= row.0) {
                return Err(no(format!("second {} does not come after second {}", row.0, before.0)));
            }
            rows.push(row);
        }
        if rows.is_empty() {
            return Err(NoTrace { line: None, what: "it has no rows".to_owned() });
        }
        Ok(Trace(Steps::from_rows(rows)))
    }
}

impl Curve for Trace {
    fn rate_at(&self, second: f64) -> f64 {
        self.0.rate_at(second)
    }

    fn integral(&self, second: f64) -> f64 {
        self.0.integral(second)
    }

    fn breaks(&self) -> Vec<f64> {
        self.0.breaks()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_holds_until_the_next_ones_second() {
        let trace = Trace::parse("second,msgs_per_s\n0,100\n2,0\n5,400\n").unwrap();
        assert_eq!(
            [0.0, 1.9, 2.0, 4.9, 5.0, 60.0].map(|second| trace.rate_at(second) as u32),
            [100, 100, 0, 0, 400, 400]
        );
        assert!((trace.integral(6.0) - 600.0).abs() < 1e-9);
    }

    #[test]
    fn columns_are_found_by_name_and_a_header_is_not_needed() {
        let named = Trace::parse("day,msgs_per_s,second\nmo,5,0\nmo,9,1.5\n").unwrap();
        assert_eq!(named, Trace::parse("0,5\r\n1.5,9\r\n\n").unwrap());
    }

    #[test]
    fn what_is_no_trace_is_told_with_its_line() {
        for (text, line, what) in [
            ("", None, "it has no rows"),
            ("second,msgs_per_s\n", None, "it has no rows"),
            ("time,rate\n0,1\n", Some(1), "the columns `second` and `msgs_per_s` were expected"),
            ("0,1\n1,many\n", Some(2), "`many` under `msgs_per_s` is not a number of 0 or more"),
            ("0,1\n1\n", Some(2), "`` under `msgs_per_s` is not a number of 0 or more"),
            ("0,-1\n", Some(1), "`-1` under `msgs_per_s` is not a number of 0 or more"),
            ("0,1\n0,2\n", Some(2), "second 0 does not come after second 0"),
        ] {
            assert_eq!(Trace::parse(text), Err(NoTrace { line, what: what.to_owned() }), "{text}");
        }
    }
}
