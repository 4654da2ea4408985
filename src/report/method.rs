//! The figures of `docs/method.md`, drawn from made-up cases by what analyses and draws real ones: what the page says is what bench does.

use std::path::Path;

use super::document::{Axis, Dot, Drawing, Figure, Panel, Point, Role, Rule, Scale, Series};
use super::render;
use crate::analyse::{Apart, Findings, Load, Share, TrialFindings, Watched, judge};
use crate::record::testing::{MEASURE, Synthetic, WARM_UP, manifest};
use crate::record::{Latencies, empty_histogram};
use crate::spec::Metric;
use crate::stats::{median_ranks, staircase};
use crate::units::{Latency, Quantile};

fn at(x: f64, y: Option<f64>) -> Point {
    Point { x, y, n: 1, ..Point::default() }
}

fn series(name: &str, hue: usize, points: Vec<Point>) -> Series {
    Series { name: name.to_owned(), of: name.to_owned(), hue, points, ..Series::default() }
}

/// A figure is what its file holds; where it is not, what it would be lies in the folder for temporary files, with its name in the message.
fn is_as_drawn(id: &str, drawing: Drawing, x: Axis, panels: Vec<Panel>) {
    let figure =
        Figure { id: format!("method-{id}"), title: id.to_owned(), drawing, x, panels, ..Figure::default() };
    let drawn = render::svg(&figure);
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/method-{id}.svg"));
    let found = std::fs::read_to_string(&committed).unwrap_or_default();
    let left = std::env::temp_dir().join(format!("method-{id}.svg"));
    if found != drawn {
        std::fs::write(&left, &drawn).unwrap();
    }
    assert!(found == drawn, "docs/method-{id}.svg is not what bench draws: it would be {}", left.display());
}

#[test]
fn the_figure_of_censoring_is_what_bench_draws() {
    // 100 messages a second for ten seconds, each a second's later than those of the second before; those of the last three never came.
    let mut latencies = Latencies::new();
    for second in 0..7 {
        let mut histogram = empty_histogram();
        for message in 0..100_u64 {
            histogram.record((200 + 400 * second as u64 + 4 * message) * 1_000_000).unwrap();
        }
        latencies.add(second, Latency::EndToEnd, &histogram);
    }
    let watched = Watched::new(&latencies, Latency::EndToEnd, 1_000, &[100; 10], 10.0, 14.0);
    let percents: Vec<f64> = (1..=49).map(|at| f64::from(at) * 2.0).collect();
    let read = |percent: &f64| watched.read(Quantile::At(percent / 100.0));
    let known = percents.iter().map(|percent| at(*percent, read(percent).value())).collect();
    let beyond = percents.iter().find_map(|percent| {
        let of = read(percent);
        of.value().is_none().then(|| of.at_least().map(|least| (*percent, least)))?
    });
    let alone = |percent: &f64| at(*percent, watched.read_known(Quantile::At(percent / 100.0)).value());
    let all = Series { beyond, ..series("of all that were due", 0, known) };
    let survivors =
        series("of those that came, which bench never shows", 1, percents.iter().map(alone).collect());
    let panel = Panel { y: Axis::new("end-to-end", "ms"), series: vec![all, survivors], ..Panel::default() };
    is_as_drawn("censoring", Drawing::Lines, Axis::new("percentile", "%"), vec![panel]);
}

#[test]
fn the_figure_of_steady_and_saturated_is_what_bench_draws() {
    let cases = [(250, 0), (246, 0), (240, 0), (257, 600)];
    let drawn = |(hue, (processed, backlog)): (usize, (u64, u64))| {
        let trial = Synthetic { processed, backlog, ..Synthetic::default() };
        let rows = trial.rows();
        let judged = judge(&trial.record(), &rows, &trial.latencies());
        let window = rows.iter().skip(WARM_UP as usize).take(MEASURE as usize);
        let points = window.map(|row| at(row.t_s - 2.0, Some(row.backlog_messages as f64))).collect();
        let name = format!("{} of 250 processed: {}", processed, Load::of([&judged]).name());
        series(&name, hue, points)
    };
    let panel = Panel {
        y: Axis::new("backlog", "messages"),
        series: cases.into_iter().enumerate().map(drawn).collect(),
        ..Panel::default()
    };
    is_as_drawn("saturated", Drawing::Lines, Axis::new("time in the window", "s"), vec![panel]);
}

#[test]
fn the_figure_of_what_is_told_apart_is_what_bench_draws() {
    let cases: [(&[u64], &[u64]); 4] = [
        (&[200, 203, 201], &[240, 242, 241]),
        (&[200, 220, 210], &[225, 226, 221]),
        (&[180, 200, 220, 240], &[190, 211, 231, 252]),
        (&[200, 202], &[240, 243]),
    ];
    let metric = Metric::written("processed").unwrap();
    let (mut labels, mut one, mut other) = (Vec::new(), Vec::new(), Vec::new());
    for (x, (a, b)) in cases.into_iter().enumerate() {
        let manifest = manifest(&["a", "b"]);
        let trial = |slug: &str, at: usize, processed: u64| {
            let trial = Synthetic {
                repetition: at as u32 + 1,
                treatment: slug.to_owned(),
                due: 10_000,
                processed,
                ..Synthetic::default()
            };
            let judged = judge(&trial.record(), &trial.rows(), &trial.latencies());
            TrialFindings::of(&manifest, trial.record(), judged)
        };
        let of = |slug: &str, all: &[u64]| {
            all.iter().enumerate().map(|(at, processed)| trial(slug, at, *processed)).collect::<Vec<_>>()
        };
        let findings = Findings::of(&manifest, [of("a", a), of("b", b)].concat());
        let pair = (&findings.treatments[0], &findings.treatments[1]);
        labels.push(match Apart::of(&metric, pair, Share::ALONE) {
            Apart::Clear => "told apart".to_owned(),
            Apart::Tie => "the same".to_owned(),
            Apart::NotTold => "not told apart".to_owned(),
            Apart::Unknown => "too few trials".to_owned(),
        });
        let dots = |all: &[u64]| {
            let dot =
                |processed: &u64| Point { mark: Dot::Plain, ..at(x as f64, Some(*processed as f64 * 4.0)) };
            all.iter().map(dot).collect::<Vec<_>>()
        };
        one.extend(dots(a));
        other.extend(dots(b));
    }
    let trials = |name: &str, hue, points| Series { role: Role::Trials, ..series(name, hue, points) };
    let panel = Panel {
        y: Axis::new("processed", "messages/s"),
        series: vec![trials("a", 0, one), trials("b", 1, other)],
        ..Panel::default()
    };
    let labels = labels.iter().zip(1..).map(|(label, case)| format!("{case}: {label}")).collect();
    let x = Axis { labels, scale: Scale::Words, ..Axis::new("four made-up cases", "") };
    is_as_drawn("apart", Drawing::Dots, x, vec![panel]);
}

#[test]
fn the_figure_of_intervals_is_what_bench_draws() {
    let range = |n: u32| at(f64::from(n), Some(100.0 * (1.0 - 2.0 * 0.5_f64.powi(n as i32))));
    let ranks = |n: u32| {
        let ranks = median_ranks(n as usize, 0.95);
        at(f64::from(n), ranks.map(|ranks| 100.0 * ranks.coverage))
    };
    let panel = Panel {
        y: Axis::new("holds the median", "% of experiments"),
        series: vec![
            series("from the least to the greatest trial", 1, (2..=20).map(range).collect()),
            series("the order statistics that bench takes", 0, (2..=20).map(ranks).collect()),
        ],
        bounds: vec![Rule { x: 95.0, name: "95 %".to_owned() }],
        ..Panel::default()
    };
    is_as_drawn("intervals", Drawing::Lines, Axis::new("trials", ""), vec![panel]);
}

#[test]
fn the_figure_of_the_staircase_is_what_bench_draws() {
    let steps = |n: u64| at(n as f64, staircase(12, n));
    let ideal = |n: u64| at(n as f64, Some(n as f64));
    let panel = Panel {
        y: Axis::new("speed-up", "×"),
        series: vec![
            series("12 partitions, dealt out", 0, (1..=16).map(steps).collect()),
            series("each instance as good as the first", 1, (1..=16).map(ideal).collect()),
        ],
        ..Panel::default()
    };
    is_as_drawn("staircase", Drawing::Lines, Axis::new("instances", ""), vec![panel]);
}
