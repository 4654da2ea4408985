//! What figures and openings say of made-up runs.

use super::axes::Axes;
use super::{courses, distributions, front, limits, scaling};
use crate::analyse::{COURSES, Distribution, Findings, Pictures, Reading, TrialFindings, judge};
use crate::record::testing::{Synthetic, manifest, slo};
use crate::record::{Beside, Event, Folder, Manifest, PlanRow, Run, TreatmentLine};
use crate::report::document::{Dot, Figure, Part, Point, Role, Scale, Section, Series};
use crate::units::Latency;

/// Partitions and instances of a treatment, what its one trial processed each quarter second, and whether it saw a rebalance.
type Made = (u32, u32, u64, bool);

/// A run over partitions and instances, each treatment tried once.
fn made(all: &[Made]) -> (Manifest, Findings) {
    let mut manifest = manifest(&[]);
    manifest.factors.push("consumers.instances".to_owned());
    let mut trials = Vec::new();
    for (at, (partitions, instances, processed, doubtful)) in all.iter().enumerate() {
        let levels = vec![partitions.to_string(), instances.to_string()];
        let slug = levels.join("x");
        let known = manifest.treatments.iter().any(|line| line.slug == slug);
        if !known {
            manifest.treatments.push(TreatmentLine { slug: slug.clone(), levels, baseline: false });
        }
        let order = at as u32 + 1;
        let trial = Synthetic {
            order,
            repetition: order,
            treatment: slug,
            processed: *processed,
            ..Synthetic::default()
        };
        let mut record = trial.record();
        (record.asked.partitions, record.asked.instances) = (*partitions, Some(*instances));
        record.rebalances = u32::from(*doubtful);
        let judged = judge(&record, &trial.rows(), &trial.latencies());
        trials.push(TrialFindings::of(&manifest, record, judged));
    }
    (manifest.clone(), Findings::of(&manifest, trials))
}

fn figure_of(section: Option<Section>) -> Figure {
    let parts = section.unwrap().parts;
    parts
        .into_iter()
        .find_map(|part| if let Part::Figure(figure) = part { Some(*figure) } else { None })
        .unwrap()
}

fn series(figure: &Figure, role: Role, name: &str) -> Series {
    let all = figure.panels.iter().flat_map(|panel| &panel.series);
    all.filter(|series| series.role == role).find(|series| series.name == name).unwrap().clone()
}

fn at(series: &Series) -> Vec<(f64, f64)> {
    series.points.iter().map(|point| (point.x, point.y.unwrap())).collect()
}

#[test]
fn a_dot_for_every_trial_is_hollow_in_overload_and_crossed_where_it_does_not_count() {
    let (manifest, findings) =
        made(&[(1, 1, 50, false), (2, 1, 100, false), (2, 1, 90, true), (4, 1, 250, false)]);
    let figure = figure_of(scaling::section(&manifest, &findings, None));
    let dots = series(&figure, Role::Trials, "");
    let told: Vec<(f64, Dot, Option<u32>)> =
        dots.points.iter().map(|dot| (dot.x, dot.mark, dot.trial)).collect();
    assert_eq!(
        told,
        [
            (1.0, Dot::Saturated, Some(1)),
            (2.0, Dot::Saturated, Some(2)),
            (2.0, Dot::Doubtful, Some(3)),
            (4.0, Dot::Plain, Some(4))
        ]
    );
    let middle = series(&figure, Role::Measured, "");
    assert_eq!(at(&middle), [(1.0, 200.0), (2.0, 400.0), (4.0, 1000.0)], "the doubtful one is not in it");
}

#[test]
fn ideal_grows_with_the_factor_and_the_staircase_with_whole_partitions_and_neither_above_what_was_offered() {
    let (manifest, findings) =
        made(&[(4, 1, 60, false), (4, 2, 120, false), (4, 3, 120, false), (4, 4, 200, false)]);
    let figure = figure_of(scaling::section(&manifest, &findings, None));
    let ideal = at(&series(&figure, Role::Ideal, ""));
    assert_eq!(ideal, [(1.0, 240.0), (2.0, 480.0), (3.0, 720.0), (4.0, 960.0)]);
    let stairs = at(&series(&figure, Role::Staircase, ""));
    assert_eq!(
        stairs,
        [(1.0, 240.0), (2.0, 480.0), (3.0, 480.0), (4.0, 960.0)],
        "three share four partitions as two do"
    );
    let (manifest, findings) = made(&[(4, 1, 200, false), (4, 4, 240, false)]);
    let figure = figure_of(scaling::section(&manifest, &findings, None));
    assert_eq!(at(&series(&figure, Role::Ideal, ""))[3], (4.0, 1000.0), "no more was offered");
}

#[test]
fn of_throughput_that_was_only_what_was_offered_nothing_ideal_is_said() {
    let (manifest, findings) = made(&[(4, 1, 250, false), (4, 2, 250, false)]);
    let figure = figure_of(scaling::section(&manifest, &findings, None));
    assert!(figure.panels.iter().flat_map(|panel| &panel.series).all(|series| series.role.is_measured()));
}

#[test]
fn what_must_hold_and_what_was_offered_are_lines_where_they_are_near() {
    let (mut manifest, findings) = made(&[(1, 1, 100, false), (2, 1, 200, false)]);
    manifest.slos = vec![slo("processed >= 500/s"), slo("processed >= 9k/s")];
    let figure = figure_of(scaling::section(&manifest, &findings, None));
    let names: Vec<&str> = figure.panels[0].bounds.iter().map(|bound| bound.name.as_str()).collect();
    assert_eq!(names, ["processed >= 500/s", "asked for"]);
}

#[test]
fn words_are_rows_and_numbers_an_axis_and_further_factors_colours_and_panels() {
    let (mut manifest, findings) =
        made(&[(1, 1, 100, false), (2, 1, 200, false), (1, 2, 100, false), (2, 2, 200, false)]);
    let axes = Axes::of(&manifest, &findings);
    assert_eq!(
        (axes.axis().name.as_str(), axes.axis().scale, axes.axis().at),
        ("partitions", Scale::Linear, vec![1.0, 2.0])
    );
    assert_eq!((axes.hue(0), axes.hue(2)), ((0, "instances 1"), (1, "instances 2")));
    assert_eq!(axes.panels(&findings).len(), 1);
    manifest.factors.push("workload.fleets.all.client".to_owned());
    let mut findings = findings;
    for (at, treatment) in findings.treatments.iter_mut().enumerate() {
        treatment.levels.push(if at % 2 == 0 { "light" } else { "librdkafka" }.to_owned());
    }
    let axes = Axes::of(&manifest, &findings);
    let panels: Vec<(String, Vec<usize>)> = axes.panels(&findings);
    assert_eq!(
        panels,
        [("client light".to_owned(), vec![0, 2]), ("client librdkafka".to_owned(), vec![1, 3])]
    );
    for treatment in &mut findings.treatments {
        treatment.levels[0].insert(0, 'p');
        treatment.levels[1] = "1".to_owned();
    }
    let axis = Axes::of(&manifest, &findings).axis();
    assert_eq!((axis.scale, axis.labels), (Scale::Words, vec!["p1".to_owned(), "p2".to_owned()]));
}

fn distribution(of: &[(f64, Reading)]) -> Distribution {
    let censored = of.iter().filter(|(_, read)| !matches!(read, Reading::Value(_))).count() as u64;
    Distribution { n: 100, censored: censored * 10, points: of.to_vec() }
}

#[test]
fn a_curve_says_from_where_on_it_is_only_a_bound() {
    let (manifest, findings) = made(&[(1, 1, 100, false), (2, 1, 200, false)]);
    let whole = distribution(&[(0.0, Reading::Value(1.0)), (0.9, Reading::Value(2.0))]);
    let cut = distribution(&[
        (0.0, Reading::Value(1.0)),
        (0.9, Reading::Between(5.0, 6.0)),
        (0.99, Reading::Beyond(7.0)),
    ]);
    let of = |one: &Distribution| [(Latency::EndToEnd, one.clone())].into_iter().collect();
    let pictures = Pictures { distributions: vec![of(&whole), of(&cut)], ..Pictures::default() };
    let figure = distributions::figure(&manifest, &findings, &pictures).unwrap();
    let curves = &figure.panels[0].series;
    assert_eq!((curves[0].name.as_str(), curves[0].beyond), ("partitions 1, instances 1", None));
    assert_eq!(
        (curves[1].beyond, at(&curves[1])),
        (Some((0.9, 5.0)), vec![(0.0, 1.0), (0.9, 5.0), (0.99, 7.0)])
    );
    assert!(figure.notes.iter().any(|note| note.starts_with("Hatched")));
}

#[test]
fn what_is_not_concluded_comes_from_what_happened() {
    let (manifest, findings) =
        made(&[(1, 1, 100, false), (1, 1, 110, false), (2, 1, 200, true), (2, 1, 250, false)]);
    let run = Run { path: "x".into(), manifest, plan: Vec::new(), trials: Vec::new() };
    let said = limits::section(&run, &findings).parts.into_iter().find_map(|part| match part {
        Part::List(lines) => Some(lines.join(" ")),
        _ => None,
    });
    let said = said.unwrap();
    for told in [
        "One host ran the brokers",
        "tried were partitions 1 to 2; instances 1.",
        "1 of 2 treatments were in overload",
        "1 to 2 valid trials a treatment: fewer than 6 give no interval",
        "lay apart by up to 9.52 % of their median (processed, at partitions 1, instances 1)",
        "1 of 4 trials do not count",
        "Bench's own load took up to 0.250 of 2 cores",
        "within 2.00 µs of when they were due",
    ] {
        assert!(said.contains(told), "`{told}` is not in:\n{said}");
    }
    assert!(!said.contains("emulated"), "{said}");
}

#[test]
fn nothing_is_on_the_front_that_another_beats_in_both_ways() {
    let of = |cost, ms, is_bound| front::Place { cost, ms, is_bound };
    let places = [
        of(1.0, 9.0, false),
        of(2.0, 9.0, false),
        of(3.0, 4.0, false),
        of(0.5, 1.0, true),
        of(4.0, 5.0, false),
    ];
    let front: Vec<(f64, f64)> =
        front::front(places.iter()).iter().map(|point: &Point| (point.x, point.y.unwrap())).collect();
    assert_eq!(front, [(1.0, 9.0), (3.0, 4.0)]);
}

/// As many trials of one treatment as that, on disk.
fn saved(out: &std::path::Path, trials: u32) -> Run {
    let folder = Folder::create(out, "demo", std::time::UNIX_EPOCH, "abcd").unwrap();
    folder.write_manifest(&manifest(&["a"])).unwrap();
    let mut plan = Vec::new();
    for order in 1..=trials {
        let trial = Synthetic { order, repetition: order, processed: 200, ..Synthetic::default() };
        let of = |t_s, kind: &str, text: &str| Event {
            t_s,
            kind: kind.to_owned(),
            text: text.to_owned(),
            details: std::collections::BTreeMap::new(),
        };
        let events = [
            of(-1.0, "ready", "before time 0"),
            of(2.0, "phase", "measure"),
            of(3.5, "rebalance", "a <b> went"),
        ];
        folder
            .save(&trial.record(), (&trial.latencies(), &trial.rows(), &events), Beside::default())
            .unwrap();
        plan.push(PlanRow { order, block: order, treatment: "a".to_owned(), repetition: order, seed: 7 });
    }
    folder.write_plan(&plan).unwrap();
    Run::load(folder.path()).unwrap()
}

#[test]
fn a_row_opens_its_trials_and_a_trial_its_course_with_phases_and_events() {
    let out = tempfile::tempdir().unwrap();
    let run = saved(out.path(), 2);
    let findings = Findings::from_run(&run).unwrap();
    let pictures = Pictures::of(&run, &findings).unwrap();
    let document = super::document(&run, &findings, Some(&pictures));
    let rows = |parts: &[Part]| {
        let table = parts
            .iter()
            .find_map(|part| if let Part::Table(table) = part { Some(table.clone()) } else { None });
        table.unwrap().rows
    };
    let treatments = document.sections.iter().find(|section| section.id == "treatments").unwrap();
    let trials = rows(&rows(&treatments.parts)[0].opens);
    assert_eq!(trials.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["t1", "t2"]);
    let course = trials[0]
        .opens
        .iter()
        .find_map(|part| if let Part::Figure(figure) = part { Some(figure) } else { None });
    let course = course.unwrap();
    let spans: Vec<(f64, &str)> = course.spans.iter().map(|span| (span.x, span.name.as_str())).collect();
    assert_eq!(spans, [(0.0, "warm-up"), (2.0, "measure"), (12.0, "drain")]);
    assert_eq!(course.notes, ["[1] 3.5 s: a <b> went."]);
    let offered = &course.panels[0].series[0];
    assert_eq!(
        (offered.name.as_str(), at(offered)[0], at(offered)[12]),
        ("offered", (0.0, 1000.0), (12.0, 0.0))
    );
    let delay = course.panels.iter().find(|panel| panel.y.name == "send delay p99").unwrap();
    assert!(
        delay.series[0].points[13].y.is_none(),
        "nothing was due in the drain: that is a gap, and not nothing"
    );
}

#[test]
fn courses_beyond_thirty_are_left_out_and_said_to_be() {
    let out = tempfile::tempdir().unwrap();
    let run = saved(out.path(), COURSES as u32 + 1);
    let findings = Findings::from_run(&run).unwrap();
    let pictures = Pictures::of(&run, &findings).unwrap();
    assert_eq!(pictures.courses.len(), COURSES);
    assert!(courses::left_out(&findings).unwrap().contains("The courses of 30 of 31 trials are here"));
    let all = &pictures.distributions[0][&Latency::EndToEnd];
    assert_eq!(
        (all.n, all.censored),
        (31 * 10_000, 31 * 2_000),
        "the messages of all valid trials are one distribution"
    );
    assert!(all.points.is_sorted_by(|one, other| one.1.at_least() <= other.1.at_least()));
}

/// Three blocks of one, two and four instances over four partitions, and of one thread that does as much as two and a half.
fn beside_one_thread() -> (Manifest, Findings) {
    let sizes = [("1", 40_u64), ("2", 80), ("4", 160), ("baseline", 100)];
    let mut manifest = manifest(&[]);
    manifest.factors = vec!["consumers.instances".to_owned()];
    let line = |(label, _): &(&str, u64)| TreatmentLine {
        slug: (*label).to_owned(),
        levels: vec![(*label).to_owned()],
        baseline: *label == "baseline",
    };
    manifest.treatments = sizes.iter().map(line).collect();
    let mut trials = Vec::new();
    for block in 1..=3_u32 {
        for (at, (label, processed)) in (1..).zip(sizes) {
            let trial = Synthetic {
                order: (block - 1) * 4 + at,
                repetition: block,
                treatment: label.to_owned(),
                levels: vec![("consumers.instances".to_owned(), label.to_owned())],
                processed: processed + u64::from((block * at) % 3),
                ..Synthetic::default()
            };
            let mut record = trial.record();
            record.asked.instances = Some(label.parse().unwrap_or(1));
            record.baseline = label == "baseline";
            let judged = judge(&record, &trial.rows(), &trial.latencies());
            trials.push(TrialFindings::of(&manifest, record, judged));
        }
    }
    (manifest.clone(), Findings::of(&manifest, trials))
}

#[test]
fn what_it_takes_to_beat_one_thread_is_a_claim_a_table_and_a_line_of_its_own() {
    let (manifest, findings) = beside_one_thread();
    let claims = super::claims(&manifest, &findings);
    let (number, last) = claims.iter().enumerate().next_back().unwrap();
    let told = "COST: 4 instances, until this beats one thread over all partitions (";
    assert!(
        last.text.starts_with(told) && last.text.ends_with("at 3.2 % for 6 comparisons)."),
        "{}",
        last.text
    );
    let from = super::of_baseline(&manifest, &findings);
    assert_eq!(from.0, number + 1, "its number is the one that it is asked for by");
    let section = super::baseline::section(&manifest, &findings, "", from).unwrap();
    let Some(Part::Table(table)) = section.parts.get(1) else { panic!("no table") };
    let beats: Vec<String> = table.rows.iter().map(|row| format!("{:?}", row.cells[3])).collect();
    assert_eq!(beats, ["\"–\"", "\"no\"", "\"no\"", "\"yes\""].map(|word| format!("Label({word})")));
    let figure = figure_of(scaling::section(&manifest, &findings, None));
    let rule = figure.panels[0].bounds.iter().find(|rule| rule.name == "one thread").unwrap();
    assert!((rule.x - 404.0).abs() < 5.0, "{rule:?}");
    assert_eq!(figure.x.at, [1.0, 2.0, 4.0], "it is no level");
    let all = figure.panels.iter().flat_map(|panel| &panel.series).flat_map(|series| &series.points);
    assert!(all.clone().all(|point| point.trial != Some(4)), "and none of its trials is a dot");
    let answer = super::answer::sentences(&manifest, &findings).join(" ");
    assert!(!answer.contains("baseline"), "{answer}");
}

#[test]
fn a_law_is_a_curve_of_its_own_in_the_figure_with_its_residuals_below() {
    let all: Vec<Made> =
        [(8, 1, 40), (8, 2, 76), (8, 4, 138), (8, 8, 235)].map(|(p, i, n)| (p, i, n, false)).to_vec();
    let (manifest, findings) = made(&all.iter().chain(&all).copied().collect::<Vec<_>>());
    let figure = figure_of(scaling::section(&manifest, &findings, None));
    let law = figure.panels[0].series.iter().find(|series| series.role == Role::Law).unwrap();
    assert!(["Amdahl", "USL"].contains(&law.name.as_str()), "{}", law.name);
    assert_eq!((law.points[0].x, law.points.last().unwrap().x), (1.0, 8.0), "no further than the partitions");
    assert!(figure.notes.iter().any(|note| note.contains("the law that says most with fewest numbers")));
    let section = super::laws::section(&manifest, &findings, "").unwrap();
    let residuals = section.parts.iter().find_map(|part| match part {
        Part::Table(table) if table.id == "residuals" => Some(table),
        _ => None,
    });
    assert_eq!(residuals.unwrap().rows.len(), 4);
    let json = super::law::json(&manifest, &findings);
    assert_eq!(json[0]["fits"][1]["residuals"].as_array().unwrap().len(), 8);
    let three: Vec<Made> = all[..3].to_vec();
    let (manifest, findings) = made(&three);
    let figure = figure_of(scaling::section(&manifest, &findings, None));
    assert!(figure.panels[0].series.iter().all(|series| series.role != Role::Law), "three sizes have no law");
}
