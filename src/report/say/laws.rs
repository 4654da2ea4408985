//! How throughput grew with what it was given more of: speed-up, efficiency, partitions' staircase, and laws where there are enough sizes.

use super::law;
use crate::alike::together;
use crate::analyse::{Findings, Fitted, Growing, How, Reading, Residual, Size, Summary, best};
use crate::record::Manifest;
use crate::report::document::{Cell, Column, Row, Section, Table};
use crate::report::number::{UNKNOWN, plain, reading, within};
use crate::stats::{FEWEST_BLOCKS, Law, Range, Withheld};

/// Under a heading that says what was emulated; none where no size of consumers grew under overload.
pub fn section(manifest: &Manifest, findings: &Findings, emulated: &str) -> Option<Section> {
    let (factor, all) = law::all(manifest, findings)?;
    if all.is_empty() {
        return None;
    }
    let mut section = Section::new("laws", format!("How it grew{emulated}"));
    section.table(sizes(&factor, &all));
    if findings.searched.is_some() {
        section.say(["Of each size this is what came through at the bound at which its search broke, or, where an SLO broke before anything is known to have held it back, at the next load that did. Where none did, the size is left out."]);
    }
    section.say([
        format!(
            "Speed-up is throughput over that of the smallest size that is here: the geometric mean of ratios within blocks, in brackets {}; without an interval that of medians. Efficiency is speed-up over size.",
            How::StudentOfLogs.told()
        ),
        "The staircase is the most that whole partitions allow, ⌈P/n⌉ of P for the busiest consumer, and never more than the busiest partition's measured share allows. In overload the others go on while the busiest falls behind, so speed-up may lie above it; sustained it does not.".to_owned(),
    ]);
    if all.iter().any(|(_, growing)| !growing.fits.is_empty()) {
        section.table(laws(&all));
        section.say([
            "Laws by least squares over all valid trials, 0 ≤ σ ≤ 1 and κ ≥ 0: linear γN, Amdahl γN/(1 + σ(N−1)), USL γN/(1 + σ(N−1) + κN(N−1)). Of two the one with less AICc says more with fewer numbers.",
            "In brackets 95 % intervals over the blocks that have all sizes, each fitted by itself: by Student's t of 6 such blocks or more, by BCa bootstrap of the blocks from 10 on; without brackets there is no interval. Where κ's covers 0, no retrograde term was detected. Sizes with more consumers than partitions are left out of every fit, and nothing is said beyond twice the greatest size, nor beyond the partitions: where the size of greatest throughput goes up to `> x`, it may lie there, or nowhere.",
        ]);
        section.say(withheld(&all));
        section.list(all.iter().filter_map(|(name, growing)| told(&factor, name, growing)));
        section.table(residuals(&factor, &all));
        section.say(["Residuals are what trials did beyond what a law gives, in percent of that: median (least – greatest) of the valid trials of a size. Those of every trial stand in the report as JSON (`laws`)."]);
    }
    section.say(refused(&all));
    Some(section)
}

/// Why laws that are fitted have no intervals, each reason once, with the laws that it is true of.
fn withheld(all: &[(String, Growing)]) -> Vec<String> {
    let fits = all.iter().flat_map(|(name, growing)| growing.fits.iter().map(move |one| (name, one)));
    let whys = fits.filter_map(|(name, fitted)| {
        let why = match fitted.intervals.err()? {
            Withheld::FewBlocks(blocks) => {
                let have = if blocks == 1 { "block has" } else { "blocks have" };
                format!("{blocks} {have} all sizes, and it takes {FEWEST_BLOCKS}")
            }
            Withheld::NoEnd => "the blocks lie so far apart that γ has no upper end".to_owned(),
            Withheld::Below(number) => format!(
                "the blocks put {number} below 0 beyond doubt, as what grows faster than in proportion does: none of these laws tells that"
            ),
        };
        let law = fitted.fit.law.name();
        Some((why, if name.is_empty() { law.to_owned() } else { format!("{law} with {name}") }))
    });
    let told = |(why, laws): (String, Vec<String>)| {
        format!("No intervals and no band of {}: {why}.", laws.join(", "))
    };
    together(whys).into_iter().map(told).collect()
}

/// Why no law is fitted, each reason once, with what it is true of.
fn refused(all: &[(String, Growing)]) -> Vec<String> {
    let refused = all.iter().filter_map(|(name, growing)| Some((growing.refused.as_deref()?, name.as_str())));
    let told = |(why, names): (&str, Vec<&str>)| {
        if all.len() > 1 {
            format!("With {}: {why}.", names.join("; "))
        } else {
            format!("{}.", why.replacen("no law", "No law", 1))
        }
    };
    together(refused).into_iter().map(told).collect()
}

fn sizes(factor: &str, all: &[(String, Growing)]) -> Table {
    let several = all.len() > 1;
    let row = |name: &str, size: &Size| {
        let with = |middle: f64, range: Option<Range>, times: &str| match range {
            Some(range) => within(middle, range, times),
            None => format!("{middle:.2}{times}"),
        };
        let dash = || UNKNOWN.to_owned();
        // What has an interval stands with what that is of.
        let middle = size.speed_up.map(|ratio| ratio.mean).or(size.of_medians);
        let speed_up = middle.map_or_else(dash, |of| with(of, size.speed_up.map(|ratio| ratio.range), "×"));
        let efficiency = middle
            .map_or_else(dash, |of| with(of / size.times, size.efficiency().map(|(_, range)| range), ""));
        let stairs = size.staircase.map_or_else(dash, |of| format!("{of:.2}×"));
        let cells = [count(size.n), speed_up, efficiency, stairs];
        let name = several.then(|| name.to_owned());
        Row { cells: name.into_iter().chain(cells).map(Cell::Label).collect(), ..Row::default() }
    };
    let columns = [
        Column::new(factor, None, "the size"),
        Column::new("speed-up", None, "throughput over that of the smallest size"),
        Column::new("efficiency", None, "speed-up over size"),
        Column::new("staircase", None, "the most that whole partitions allow"),
    ];
    let first = several.then(|| Column::new("with", None, "what the sizes have in common"));
    Table {
        id: "growth",
        columns: first.into_iter().chain(columns).collect(),
        rows: all
            .iter()
            .flat_map(|(name, growing)| growing.sizes.iter().map(move |size| row(name, size)))
            .collect(),
    }
}

fn laws(all: &[(String, Growing)]) -> Table {
    let several = all.len() > 1;
    let row = |name: &str, fitted: &Fitted| {
        let fit = fitted.fit;
        let with = |value: f64, at: usize| match fitted.intervals {
            // The throughput of one is a number as any other; coefficients are small.
            Ok(ranges) if at == 0 => within(value, ranges[at], ""),
            Ok(ranges) => {
                format!("{} ({} – {})", small(value), small(ranges[at].low), small(ranges[at].high))
            }
            Err(_) => small(value),
        };
        let only = |is: bool, text: String| if is { text } else { UNKNOWN.to_owned() };
        let number = |of: Option<f64>| of.map_or_else(|| UNKNOWN.to_owned(), plain);
        let cells = [
            fit.law.name().to_owned(),
            with(fit.gamma, 0),
            only(fit.law != Law::Linear, with(fit.sigma, 1)),
            only(fit.law == Law::Usl, with(fit.kappa, 2)),
            fitted.peak.map_or_else(|| UNKNOWN.to_owned(), |peak| greatest(peak, fitted.peak_range)),
            number(fit.r2),
            number(fit.aicc),
        ];
        let name = several.then(|| name.to_owned());
        Row { cells: name.into_iter().chain(cells).map(Cell::Label).collect(), ..Row::default() }
    };
    let columns = [
        Column::new("law", None, "which"),
        Column::new("γ", None, "throughput of one, messages per second"),
        Column::new("σ", None, "contention: the share that is done one after another"),
        Column::new("κ", None, "coherency: what each waits for each"),
        Column::new("N*", None, "the size of greatest throughput, where it lies within what may be said"),
        Column::new("R²", None, "share of the variance that it explains"),
        Column::new("AICc", None, "less is better"),
    ];
    let first = several.then(|| Column::new("with", None, "what the sizes have in common"));
    Table {
        id: "laws",
        columns: first.into_iter().chain(columns).collect(),
        rows: all
            .iter()
            .flat_map(|(name, growing)| growing.fits.iter().map(move |fitted| row(name, fitted)))
            .collect(),
    }
}

/// What each law leaves of each size, in percent of what it gives there.
fn residuals(factor: &str, all: &[(String, Growing)]) -> Table {
    let several = all.len() > 1;
    let of_size = |own: &[Residual], n: f64| {
        let own = own.iter().filter(|one| (one.n - n).abs() < 1e-9);
        Summary { likely: None, ..Summary::of(own.map(|one| Reading::Value(one.part() * 100.0))) }
    };
    let row = |name: &str, growing: &Growing, n: f64| {
        let own = growing.fits.iter().map(|fitted| Cell::Label(percent(&of_size(&fitted.residuals, n))));
        let first = several.then(|| Cell::Label(name.to_owned()));
        Row { cells: first.into_iter().chain([Cell::Label(count(n))]).chain(own).collect(), ..Row::default() }
    };
    let sizes = |growing: &Growing| {
        let mut sizes: Vec<f64> = growing
            .fits
            .first()
            .map(|fitted| fitted.residuals.iter().map(|one| one.n).collect())
            .unwrap_or_default();
        sizes.dedup_by(|a, b| (*a - *b).abs() < 1e-9);
        sizes
    };
    let rows = all.iter().flat_map(|(name, growing)| {
        sizes(growing).into_iter().map(move |n| row(name, growing, n)).collect::<Vec<_>>()
    });
    let law = |law: Law| {
        Column::new(format!("{} %", law.name()), None, "residuals of that law, in percent of what it gives")
    };
    let first = several.then(|| Column::new("with", None, "what the sizes have in common"));
    let columns = first.into_iter().chain([Column::new(factor, None, "the size")]).chain(Law::ALL.map(law));
    Table { id: "residuals", columns: columns.collect(), rows: rows.collect() }
}

/// `−1.2 (−2.0 – 0.3)`.
fn percent(of: &Summary) -> String {
    let told = |value: f64| if value.abs() < 0.05 { "0.0".to_owned() } else { format!("{value:+.1}") };
    let [middle, low, high] =
        [of.median, of.min, of.max].map(|one| one.value().map_or_else(|| UNKNOWN.to_owned(), told));
    if of.n > 1 { format!("{middle} ({low} – {high})") } else { middle }
}

fn count(n: f64) -> String {
    if n.fract() == 0.0 { format!("{n:.0}") } else { plain(n) }
}

/// Coefficients are small: three digits that mean something, however far behind the point.
fn small(value: f64) -> String {
    if value != 0.0 && value.abs() < 0.01 { format!("{value:.2e}") } else { plain(value) }
}

/// The size of greatest throughput, with its interval where it has one: `31.3 (24.0 – > 32.0)`.
fn greatest(peak: f64, range: Option<(f64, Reading)>) -> String {
    let around = range.map(|(low, high)| format!(" ({} – {})", plain(low), reading(high)));
    plain(peak) + &around.unwrap_or_default()
}

/// Where efficiency is least, with its interval; where each interval holds 1 or lies above it, that none is known to be less.
fn least_efficient(factor: &str, growing: &Growing) -> Option<String> {
    let of = |size: &Size| {
        // As the table has it: of blocks, where there are enough.
        let of_medians = || Some((size.of_medians? / size.times, None));
        let of_blocks = size.efficiency().map(|(mean, range)| (mean, Some(range)));
        let (mean, range) = of_blocks.or_else(of_medians)?;
        Some((size.n, mean, range))
    };
    let all = || growing.sizes.iter().filter(|size| size.times > 1.0).filter_map(of);
    let (n, mean, range) = all().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let shown = range.map_or_else(|| plain(mean) + " (no interval)", |range| within(mean, range, ""));
    Some(if all().all(|(_, _, range)| range.is_some_and(|range| range.high >= 1.0)) {
        format!("no efficiency lies below 1 beyond chance, the least is {shown}")
    } else {
        format!("efficiency is least at {factor} {}, {shown}", count(n))
    })
}

/// What fits best, what it leaves over, and whether anything turns down.
fn told(factor: &str, name: &str, growing: &Growing) -> Option<String> {
    let best = best(&growing.fits)?;
    let with = if name.is_empty() { String::new() } else { format!("With {name}: ") };
    let least = least_efficient(factor, growing).map_or_else(String::new, |least| format!("; {least}"));
    let usl = growing.fits.iter().find(|one| one.fit.law == Law::Usl);
    let retrograde = match usl.and_then(|one| one.intervals.ok()) {
        Some([_, _, kappa]) if kappa.low > 0.0 => {
            "; throughput turns down further on (κ's interval lies above 0)"
        }
        Some(_) => "; no retrograde term detected",
        None => "",
    };
    Some(format!("{with}{} says most with fewest numbers (AICc){retrograde}{least}.", best.fit.law.name()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::Ratio;
    use crate::stats::Fit;

    /// Of one to four, these speed-ups with what lies to either side of them; none where they have no interval.
    fn grown(speed_ups: [(f64, Option<f64>); 3]) -> Growing {
        let size = |(n, (mean, side)): (f64, (f64, Option<f64>))| Size {
            n,
            times: n,
            speed_up: side.map(|side| Ratio {
                pairs: 6,
                mean,
                range: Range { low: mean - side, high: mean + side },
            }),
            of_medians: Some(mean),
            staircase: None,
        };
        let first = Size { speed_up: None, ..size((1.0, (1.0, None))) };
        let further = [2.0, 3.0, 4.0].into_iter().zip(speed_ups).map(size);
        let sizes = std::iter::once(first).chain(further).collect();
        Growing { sizes, fits: Vec::new(), refused: None, drawn: None }
    }

    #[test]
    fn an_efficiency_is_the_least_only_where_its_interval_tells_it_from_one() {
        let told = |of| least_efficient("instances", &grown(of)).unwrap();
        let even = [(1.998, Some(0.01)), (3.001, Some(0.006)), (4.001, Some(0.012))];
        assert_eq!(
            told(even),
            "no efficiency lies below 1 beyond chance, the least is 0.999 (0.994 – 1.004)"
        );
        let uneven = [(2.003, Some(0.003)), (3.006, Some(0.003)), (3.036, Some(0.011))];
        assert_eq!(told(uneven), "efficiency is least at instances 4, 0.759 (0.756 – 0.762)");
        let few = [(2.0, None), (2.99, None), (3.96, None)];
        assert_eq!(told(few), "efficiency is least at instances 4, 0.990 (no interval)");
    }

    #[test]
    fn the_size_of_greatest_throughput_stands_with_its_interval() {
        assert_eq!(greatest(31.31, Some((24.04, Reading::Beyond(32.0)))), "31.3 (24.0 – > 32.0)");
        assert_eq!(greatest(31.31, Some((24.04, Reading::Value(40.1)))), "31.3 (24.0 – 40.1)");
        assert_eq!(greatest(31.31, None), "31.3");
    }

    #[test]
    fn why_a_law_has_no_intervals_is_told_once_with_its_name() {
        let fitted = |law: Law, intervals: Result<[Range; 3], Withheld>| {
            let fit = Fit { law, gamma: 1.0, sigma: 0.0, kappa: 0.0, sse: 1.0, r2: None, aicc: None };
            Fitted::bare(fit, intervals)
        };
        let growing = |fits: Vec<Fitted>| Growing { sizes: Vec::new(), fits, refused: None, drawn: None };
        let told =
            [Range { low: 1.0, high: 1.0 }, Range { low: 0.0, high: 0.0 }, Range { low: 0.0, high: 0.0 }];
        let below = Withheld::Below("σ");
        let all = [(
            String::new(),
            growing(vec![
                fitted(Law::Linear, Ok(told)),
                fitted(Law::Amdahl, Err(below)),
                fitted(Law::Usl, Err(below)),
            ]),
        )];
        let said = withheld(&all);
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(
            said[0].starts_with(
                "No intervals and no band of Amdahl, USL: the blocks put σ below 0 beyond doubt"
            ),
            "{said:?}"
        );
        let few = [("wait=5ms".to_owned(), growing(vec![fitted(Law::Linear, Err(Withheld::FewBlocks(3)))]))];
        assert_eq!(
            withheld(&few),
            ["No intervals and no band of linear with wait=5ms: 3 blocks have all sizes, and it takes 6."]
        );
        let one = [(String::new(), growing(vec![fitted(Law::Linear, Err(Withheld::FewBlocks(1)))]))];
        assert_eq!(
            withheld(&one),
            ["No intervals and no band of linear: 1 block has all sizes, and it takes 6."]
        );
    }
}
