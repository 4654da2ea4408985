//! What searches came to, all of it: a row a search, a row for each SLO of it, and the bounds by the other factor.

use crate::analyse::{Aim, Edge, Findings, RunVerdict, Searched, TreatmentFindings, number};
use crate::record::Manifest;
use crate::report::document::{
    Axis, Cell, Column, Drawing, Figure, Importance, Panel, Point, Role, Row, Scale, Section, Series, Table,
};
use crate::report::number::{UNKNOWN, plain};
use crate::search::{Passed, Stop};
use crate::spec::short_names;

/// Under its own heading; none where nothing was searched.
pub fn section(manifest: &Manifest, findings: &Findings, emulated: &str) -> Option<Section> {
    let searched = findings.searched.as_ref().filter(|all| !all.is_empty())?;
    let kind = searched.first()?.kind;
    let title = match kind {
        Aim::Capacity => "What it holds",
        Aim::Demand => "What it takes",
    };
    let mut section = Section::new("searched", format!("{title}{emulated}"));
    section.table(table(manifest, findings, searched));
    section.say(read(manifest, searched));
    section.table(own(manifest, searched));
    Some(section)
}

/// How the table is to be read.
fn read(manifest: &Manifest, searched: &[Searched]) -> Vec<String> {
    let confirm = manifest.search.as_ref().map_or(0, |line| line.confirm);
    let saved: usize = searched.iter().map(|one| one.came.saved).sum();
    let trials: usize = searched.iter().map(|one| one.came.trials).sum();
    let decide = manifest.search.as_ref().is_some_and(|line| line.alone_from.is_some());
    let decide = if decide { ", and they alone decide" } else { "" };
    let bounds = if searched.iter().all(|one| one.came.stop.is_some() && one.came.is_confirmed(&one.rules)) {
        format!(
            "Each bound was found first, and tried {confirm} times more, by turns: held / trials counts those alone{decide}."
        )
    } else {
        format!(
            "A bound is confirmed once it was tried {confirm} times more, and held in more than half of them, or in half or fewer: held / trials counts those alone{decide}. \
             Here not each bound is confirmed, and what is not may lie elsewhere."
        )
    };
    let mut said = vec![
        bounds,
        "An SLO's own boundary comes from the same trials; only that of all together is confirmed. Cliff: one step beyond, it is missed by a factor of two or more."
            .to_owned(),
    ];
    if searched.iter().any(|one| !one.rules.eases.is_empty()) {
        said.push(
            "Who has more to do costs less a message: of an SLO on that `holds` is the easiest that was tried and held it, of what all others hold, and what broke it lies below."
                .to_owned(),
        );
    }
    said.push(
        "Drawn again: from where to where the bounds lie in 95 % of 2,000 draws of as many trials of each value, with all of them weighed anew, and in how many of the draws both \
         are the same."
            .to_owned(),
    );
    said.push(if saved > 0 {
        format!("{trials} trials were made; {saved} more were allowed and not needed.")
    } else {
        format!("{trials} trials were made.")
    });
    said
}

fn label(text: impl Into<String>) -> Cell {
    Cell::Label(text.into())
}

fn leading(heading: &str, help: &str) -> Column {
    Column { importance: Importance::Leading, ..Column::new(heading, None, help) }
}

/// The columns of the other factors.
fn others(manifest: &Manifest) -> Vec<Column> {
    let names = short_names(&manifest.factors).into_iter().zip(&manifest.factors);
    let mut columns: Vec<Column> = names
        .map(|(name, factor)| Column {
            importance: Importance::Row,
            ..Column::new(name, None, format!("level of `{factor}`"))
        })
        .collect();
    columns.pop();
    columns
}

/// How many of those that confirm a bound held.
pub fn of(Passed { held, of }: Passed) -> Cell {
    Cell::Of(held as usize, of as usize)
}

/// A bound, by its label.
pub fn bound(one: &Searched, rung: Option<i64>) -> Cell {
    label(rung.map_or_else(|| UNKNOWN.to_owned(), |rung| one.label(rung)))
}

fn table(manifest: &Manifest, findings: &Findings, searched: &[Searched]) -> Table {
    let mut columns = others(manifest);
    columns.extend([
        leading("holds", "the hardest that was tried and held more often than not"),
        leading("held", "of the trials that confirm it, those in which all SLOs held"),
        leading(
            "breaks",
            "the least above it that half or more of its trials broke; – where nobody saw one broken",
        ),
        leading("held there", "of the trials that confirm it, those in which all SLOs held"),
        leading("binds", "the SLO whose own boundary this is; – where nobody saw one broken"),
        Column::new("edge", None, "how the SLO that binds is missed one step beyond"),
        Column::new(
            "drawn again",
            None,
            "the bounds of 95 % of the draws, and the share of draws with the same two",
        ),
        Column::new("limited by", None, "what bound most of the trials at the bound that broke; where the load was done there, also at the next that was held back"),
        Column::new("ended", None, "why no more trials were made"),
        Column::new("trials", None, "trials of the search"),
        Column::new("saved", None, "trials that were allowed and not needed"),
    ]);
    let row = |one: &Searched| {
        let came = &one.came;
        let binding: Vec<&str> = came
            .binding
            .iter()
            .filter_map(|slo| manifest.slos.get(*slo))
            .map(|slo| slo.text.as_str())
            .collect();
        let edges: Vec<&str> = came
            .binding
            .iter()
            .filter_map(|slo| one.edges.get(*slo).copied().flatten())
            .map(Edge::name)
            .collect();
        let mut cells: Vec<Cell> = one.levels.iter().cloned().map(Cell::Label).collect();
        cells.extend([
            bound(one, came.all.good),
            of(came.at_good),
            bound(one, came.all.broke),
            of(came.at_bad),
            label(if binding.is_empty() { UNKNOWN.to_owned() } else { binding.join(", ") }),
            label(edges.join(", ")),
            label(drawn_again(one)),
            label(limited(findings, one)),
            label(ended(one)),
            Cell::Count(Some(came.trials as u64)),
            Cell::Count(Some(came.saved as u64)),
        ]);
        Row { cells, ..Row::default() }
    };
    Table { id: "searches", columns, rows: searched.iter().map(row).collect() }
}

/// What bound the trials where the search broke; where the load was done there, also the next that were held back: an SLO may break before that.
fn limited(findings: &Findings, one: &Searched) -> String {
    let by = |of: &TreatmentFindings| of.limit.as_ref().map(|limit| limit.by);
    let Some((broke, own)) = findings.broken_at(one).and_then(|of| Some((of, by(of)?))) else {
        return UNKNOWN.to_owned();
    };
    let next = findings.held_back_at(one).filter(|next| next.slug != broke.slug);
    match next.and_then(|next| Some((next.levels.last()?, by(next)?))) {
        Some((level, next)) => format!("{}; with {level} {}", own.told(), next.told()),
        None => own.told().to_owned(),
    }
}

/// `481.2/s – 504/s (98.2 %)`.
fn drawn_again(one: &Searched) -> String {
    let Some(again) = one.again else { return UNKNOWN.to_owned() };
    let end = |rung: Option<i64>| rung.map_or_else(|| UNKNOWN.to_owned(), |rung| one.label(rung));
    format!("{} – {} ({} %)", end(again.holds), end(again.breaks), plain(again.same * 100.0))
}

/// Why a search ended, as in a table.
pub fn ended(one: &Searched) -> &'static str {
    match one.came.stop {
        None => "not over",
        Some(Stop::Found) if one.is_found() => "found",
        Some(Stop::Found) if one.verdict() == RunVerdict::Broken => "nothing holds",
        Some(Stop::Found) => "found, not confirmed",
        Some(Stop::NothingBreaks) => "nothing breaks",
        Some(Stop::NothingHolds) => "nothing holds",
        Some(Stop::NothingSaid) => "cannot be judged",
        Some(Stop::MostTrials) => "no trials left",
    }
}

/// A row a search and SLO.
fn own(manifest: &Manifest, searched: &[Searched]) -> Table {
    let mut columns = others(manifest);
    columns.extend([
        leading("SLO", "as written"),
        leading("holds", "the hardest that was tried with which it held more often than not"),
        leading(
            "breaks",
            "the least above it with which half or more of the trials broke it; – where nobody saw it broken",
        ),
        Column::new("edge", None, "how it is missed there"),
        Column::new(
            "binds",
            None,
            "whether its boundary is that of all together; – where nobody saw one broken",
        ),
    ]);
    let rows = searched.iter().flat_map(|one| {
        manifest.slos.iter().enumerate().map(|(at, slo)| {
            let boundary = one.came.each.get(at);
            let mut cells: Vec<Cell> = one.levels.iter().cloned().map(Cell::Label).collect();
            cells.extend([
                label(slo.text.clone()),
                bound(one, boundary.and_then(|own| own.good)),
                bound(one, boundary.and_then(|boundary| boundary.broke)),
                label(one.edges.get(at).copied().flatten().map(Edge::name).unwrap_or_default()),
                label(match one.came.all.broke {
                    None => UNKNOWN,
                    Some(_) if one.came.binding.contains(&at) => "yes",
                    Some(_) => "no",
                }),
            ]);
            Row { cells, ..Row::default() }
        })
    });
    Table { id: "boundaries", columns, rows: rows.collect() }
}

/// Both bounds by the one other factor; none where there is no single one, or fewer than two searches.
pub fn figure(manifest: &Manifest, findings: &Findings, emulated: Option<String>) -> Option<Figure> {
    let searched = findings.searched.as_ref()?;
    let [factor, _] = manifest.factors.as_slice() else { return None };
    if searched.len() < 2 {
        return None;
    }
    let labels: Vec<&str> = searched.iter().filter_map(|one| Some(one.levels.first()?.as_str())).collect();
    let numbers: Option<Vec<f64>> = labels.iter().map(|label| Some(number(label)?.0)).collect();
    let places = numbers.clone().unwrap_or_else(|| (0..labels.len()).map(|at| at as f64).collect());
    let kind = searched.first()?.kind;
    let points = |rung: &dyn Fn(&Searched) -> Option<i64>| {
        let point = |(one, x): (&Searched, &f64)| Point {
            x: *x,
            y: rung(one).map(|rung| one.value(rung)),
            n: one.came.trials,
            ..Point::default()
        };
        let mut points: Vec<Point> = searched.iter().zip(&places).map(point).collect();
        points.sort_by(|one, other| one.x.total_cmp(&other.x));
        points
    };
    let holds = points(&|one| one.came.all.good);
    let ideal = holds.first().and_then(|first| Some((first.x, first.y?))).filter(|(x, _)| *x > 0.0);
    let mut series = vec![
        Series { name: "holds".to_owned(), points: holds.clone(), ..Series::default() },
        Series {
            name: "breaks".to_owned(),
            hue: 1,
            points: points(&|one| one.came.all.broke),
            ..Series::default()
        },
    ];
    if let (Some((x, y)), true, Aim::Capacity) = (ideal, numbers.is_some(), kind) {
        let points = holds.iter().map(|one| Point { x: one.x, y: Some(y * one.x / x), ..Point::default() });
        series.push(Series {
            name: "in proportion".to_owned(),
            role: Role::Ideal,
            points: points.collect(),
            ..Series::default()
        });
    }
    let name = short_names(&manifest.factors).first().copied().unwrap_or(factor).to_owned();
    let x = if numbers.is_some() {
        Axis { at: holds.iter().map(|one| one.x).collect(), ..Axis::new(name.clone(), "") }
    } else {
        let labels = labels.iter().map(|label| (*label).to_owned()).collect();
        Axis { labels, scale: Scale::Words, ..Axis::new(name.clone(), "") }
    };
    let (what, unit) = match kind {
        Aim::Capacity => ("capacity", "messages/s"),
        Aim::Demand => ("demand", "instances"),
    };
    Some(Figure {
        id: what.to_owned(),
        title: format!("{}, by {name}", if kind == Aim::Capacity { "Capacity" } else { "Demand" }),
        drawing: Drawing::Lines,
        x,
        panels: vec![Panel { y: Axis::new(what, unit), series, ..Panel::default() }],
        notes: vec![
            "Between the two lines lies what was searched: all SLOs hold at the one, and not at the other."
                .to_owned(),
        ],
        emulated,
        ..Figure::default()
    })
}
