//! The ground that a panel is drawn on: what its axes hold, and what lies behind and before its points.

use super::super::svg::percent;
use super::put;
use super::text::escaped;
use crate::report::document::{Drawing, Figure, Panel, Point, Role, Scale, Series};

/// How wide the axes of all panels are, in cm; with their marks and names they fit the lines of most papers' pages.
pub const WIDTH: f64 = 11.5;
/// The room beside the first and the last level, as a part of what lies between them.
pub const BESIDE: f64 = 0.08;

/// What all panels of a figure share.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// The figure.
    pub figure: &'a Figure,
    /// How long a step of a course is.
    pub step: f64,
    /// Where the common axis ends.
    end: f64,
}

impl<'a> Ground<'a> {
    /// Of all panels.
    pub fn of(figure: &'a Figure) -> Self {
        let points = figure.panels.iter().flat_map(|panel| &panel.series).flat_map(|series| &series.points);
        let last = points.map(|point| point.x).fold(0.0, f64::max);
        let step = match figure.places() {
            [first, second, ..] => second.x - first.x,
            _ => 1.0,
        };
        Ground { figure, step, end: if figure.drawing == Drawing::Course { last + step } else { last } }
    }

    /// Where a point lies on the common axis, as the picture has it: of shares, by nines; of bars, one beside the other.
    pub fn place(&self, at: usize, point: &Point) -> String {
        match (self.figure.drawing, self.figure.x.scale) {
            (Drawing::Bars, _) => at.to_string(),
            (_, Scale::Nines) => nines(point.x),
            _ => point.x.to_string(),
        }
    }
}

/// Whether words stand on rows, and numbers go to the right.
pub fn on_rows(figure: &Figure) -> bool {
    figure.drawing == Drawing::Dots && figure.x.scale == Scale::Words
}

fn nines(share: f64) -> String {
    format!("{:.6}", -(1.0 - share).max(1e-12).log10())
}

/// How high a panel is, in cm.
pub fn height(figure: &Figure, panel: &Panel) -> f64 {
    match figure.drawing {
        Drawing::Course | Drawing::Bars => 2.6,
        Drawing::Dots if on_rows(figure) => rows_height(figure, panel),
        Drawing::Dots | Drawing::Lines | Drawing::Scatter => 5.5,
    }
}

/// What stands in the brackets of an axis.
pub fn options(
    ground: &Ground<'_>,
    (at, panel): (usize, &Panel),
    legend: Option<&[(usize, &str)]>,
) -> Vec<String> {
    let figure = ground.figure;
    let height = height(figure, panel);
    let mut all = vec![
        format!("scale only axis, width={WIDTH}cm, height={height:.1}cm"),
        "grid=major, grid style={gray!25}, tick align=outside, tick pos=left, scaled ticks=false".to_owned(),
        "/pgf/number format/1000 sep={}, tick label style={font=\\scriptsize}, label style={font=\\footnotesize}".to_owned(),
        format!("title style={{font=\\scriptsize, text width={WIDTH}cm, align=center}}, title={{{}}}", title(figure, (at, panel))),
    ];
    let value = panel.y.title();
    let (across, up) = if on_rows(figure) { ('y', 'x') } else { ('x', 'y') };
    all.push(format!("{up}label={{{}}}", escaped(&value)));
    all.push(match panel.y.scale {
        Scale::Log => decades(panel, up),
        Scale::Linear | Scale::Nines | Scale::Words => format!("{up}min=0"),
    });
    if !on_rows(figure) {
        // As wide in each panel, so that axes stand above one another.
        all.push("yticklabel style={text width=1.1cm, align=right}".to_owned());
    }
    all.extend(common(ground, (at, panel), across));
    if let Some(names) = legend {
        let longest = names.iter().map(|(_, name)| name.chars().count()).max().unwrap_or_default();
        let columns = (80 / (longest + 8)).clamp(1, 4);
        all.push(format!(
            "legend columns={columns}, legend style={{at={{(0,0)}}, yshift=-1.1cm, anchor=north west, draw=none, font=\\scriptsize, cells={{anchor=west}}}}"
        ));
    }
    all
}

/// The axis that all panels share.
fn common(ground: &Ground<'_>, (at, panel): (usize, &Panel), across: char) -> Vec<String> {
    let figure = ground.figure;
    let labels = |places: Vec<String>, labels: Vec<String>| {
        let labels: Vec<String> = labels.iter().map(|label| format!("{{{}}}", escaped(label))).collect();
        format!("{across}tick={{{}}}, {across}ticklabels={{{}}}", places.join(","), labels.join(","))
    };
    let mut all = Vec::new();
    let is_last = at + 1 == figure.panels.len();
    if (figure.drawing != Drawing::Course || is_last) && !on_rows(figure) {
        all.push(format!("xlabel={{{}}}", escaped(&figure.x.title())));
    }
    if figure.drawing == Drawing::Bars {
        let points = panel.series.first().map(|series| series.points.as_slice()).unwrap_or_default();
        let name = |(at, point): (usize, &Point)| {
            figure.x.labels.get(at).cloned().unwrap_or_else(|| point.x.to_string())
        };
        let places = (0..points.len()).map(|at| at.to_string()).collect();
        all.push(format!(
            "ybar, bar width=8pt, {}",
            labels(places, points.iter().enumerate().map(name).collect())
        ));
        return all;
    }
    match figure.x.scale {
        Scale::Words => {
            let rows = figure.x.labels.len();
            let places = (0..rows).map(|at| at.to_string()).collect();
            all.push(format!(
                "{across}min=-0.5, {across}max={}.5, {}",
                rows.saturating_sub(1),
                labels(places, figure.x.labels.clone())
            ));
            if on_rows(figure) {
                all.push("y dir=reverse, yticklabel style={text width=4cm, align=right}".to_owned());
            }
        }
        Scale::Nines => {
            let whole = nines(ground.end).parse::<f64>().unwrap_or_default().max(1.0);
            let mut shares: Vec<f64> =
                (0..=whole.floor() as i32).map(|nines| 1.0 - 10_f64.powi(-nines)).collect();
            shares.insert(1, 0.5);
            let places = shares.iter().map(|share| nines(*share)).collect();
            all.push(format!(
                "xmin=0, xmax={whole}, {}",
                labels(places, shares.into_iter().map(percent).collect())
            ));
        }
        Scale::Linear | Scale::Log => {
            if figure.x.scale == Scale::Log {
                all.push("xmode=log".to_owned());
            }
            if figure.drawing == Drawing::Course {
                all.push(format!("xmin=0, xmax={}", ground.end));
            } else if figure.x.at.is_empty() {
                all.push("xmin=0, enlarge x limits={upper, value=0.25}".to_owned());
            } else {
                let levels: Vec<String> = figure.x.at.iter().map(f64::to_string).collect();
                let (from, to) = ends(figure);
                // The same in every panel, whatever has data.
                all.push(format!("xmin={from}, xmax={to}, {}", labels(levels.clone(), levels)));
            }
        }
    }
    all
}

/// Where the axis of levels begins and ends.
fn ends(figure: &Figure) -> (f64, f64) {
    let is_log = figure.x.scale == Scale::Log;
    let seen = |level: &f64| if is_log { level.max(f64::MIN_POSITIVE).log10() } else { *level };
    let (least, most) = figure
        .x
        .at
        .iter()
        .map(seen)
        .fold((f64::INFINITY, f64::NEG_INFINITY), |ends, level| (ends.0.min(level), ends.1.max(level)));
    let pad = if most > least { (most - least) * BESIDE } else { 1.0 };
    let shown = |at: f64| if is_log { 10_f64.powf(at) } else { at };
    let rounded = |value: f64| format!("{value:.6}").parse::<f64>().unwrap_or(value);
    (rounded(shown(least - pad)), rounded(shown(most + pad)))
}

/// From one power of ten to another, as a scale of ratios begins and ends.
fn decades(panel: &Panel, up: char) -> String {
    let points = panel.series.iter().flat_map(|series| &series.points);
    let values = points.filter_map(|point| point.y).chain(panel.bounds.iter().map(|bound| bound.x));
    let (least, most) = values
        .filter(|value| *value > 0.0)
        .fold((f64::INFINITY, 0.0_f64), |(least, most), value| (least.min(value), most.max(value)));
    let mode = format!("{up}mode=log, log ticks with fixed point");
    if least > most {
        return mode;
    }
    let (from, to) = (least.log10().floor() as i32, most.log10().ceil() as i32);
    let to = to.max(from + 1);
    let ticks: Vec<String> = (from..=to).map(|power| format!("1e{power}")).collect();
    format!("{mode}, {up}min=1e{from}, {up}max=1e{to}, {up}tick={{{}}}", ticks.join(","))
}

/// As high as its rows need.
fn rows_height(figure: &Figure, panel: &Panel) -> f64 {
    (figure.x.labels.len() as f64 * (panel.hues().len() as f64 * 0.5 + 0.4)).clamp(1.5, 20.0)
}

/// What tells a panel from the others, how several became one, and above the first what was emulated: a picture is taken without its caption.
fn title(figure: &Figure, (at, panel): (usize, &Panel)) -> String {
    let words: Vec<String> =
        [panel.title.clone(), panel.made_of()].into_iter().filter(|words| !words.is_empty()).collect();
    let own = escaped(&words.join(", "));
    match figure.emulated.as_ref().filter(|_| at == 0) {
        Some(what) if own.is_empty() => escaped(&format!("emulated: {what}")),
        Some(what) => format!("{}\\\\{own}", escaped(&format!("emulated: {what}"))),
        None => own,
    }
}

/// Lengths that have a name, shaded by turns, and what is only known to be so much at least.
pub fn behind(page: &mut String, ground: &Ground<'_>, (at, panel): (usize, &Panel)) {
    let figure = ground.figure;
    for (number, span) in figure.spans.iter().enumerate() {
        let to = figure.spans.get(number + 1).map_or(ground.end, |next| next.x);
        if number % 2 == 0 {
            put(
                page,
                format_args!(
                    "\\fill[gray!10] ({{axis cs:{},0}}|-{{rel axis cs:0,0}}) rectangle ({{axis cs:{to},0}}|-{{rel axis cs:0,1}});",
                    span.x
                ),
            );
        }
        if at == 0 {
            put(
                page,
                format_args!(
                    "\\node[font=\\tiny, anchor=north west] at ({{axis cs:{},0}}|-{{rel axis cs:0,1}}) {{{}}};",
                    span.x,
                    escaped(&span.name)
                ),
            );
        }
    }
    for series in &panel.series {
        hatched(page, series);
    }
}

/// Above the part of a curve that is only known to be so high at least, up to the head of the panel.
fn hatched(page: &mut String, series: &Series) {
    let Some((share, least)) = series.beyond else { return };
    let above = series.points.iter().filter(|point| point.x >= share);
    let known = above.filter_map(|point| Some((nines(point.x), point.y?)));
    let all: Vec<(String, f64)> = std::iter::once((nines(share), least)).chain(known).collect();
    let Some((last, _)) = all.last() else { return };
    let places: Vec<String> = all.iter().map(|(x, y)| format!("({x},{y})")).collect();
    put(
        page,
        format_args!(
            "\\addplot[draw=none, pattern=north east lines, pattern color=gray!60, forget plot] coordinates {{{}}} -- ({{axis cs:{last},{least}}}|-{{rel axis cs:0,1}}) -- ({{axis cs:{},{least}}}|-{{rel axis cs:0,1}}) -- cycle;",
            places.join(" "),
            nines(share)
        ),
    );
}

/// Places and heights that mean something.
pub fn before(page: &mut String, ground: &Ground<'_>, panel: &Panel) {
    let figure = ground.figure;
    for rule in &figure.rules {
        put(
            page,
            format_args!(
                "\\draw[dashed, red!70!black] ({{axis cs:{0},0}}|-{{rel axis cs:0,0}}) node[anchor=south west, font=\\tiny] {{{1}}} -- ({{axis cs:{0},0}}|-{{rel axis cs:0,1}});",
                rule.x,
                escaped(&rule.name)
            ),
        );
    }
    let known = panel
        .series
        .iter()
        .filter(|series| series.role != Role::Front)
        .flat_map(|series| &series.points)
        .find(|point| point.y.is_some());
    for (bound, point) in panel.bounds.iter().filter_map(|bound| Some((bound, known?))) {
        let x = ground.place(0, point);
        let name = escaped(&bound.name);
        // A plot that shows nothing, so that the axis reaches it.
        if on_rows(figure) {
            put(
                page,
                format_args!(
                    "\\addplot[draw=none, mark=none, forget plot] coordinates {{({},{x})}};",
                    bound.x
                ),
            );
            put(
                page,
                format_args!(
                    "\\draw[dashed, red!70!black] ({{axis cs:{0},0}}|-{{rel axis cs:0,0}}) -- ({{axis cs:{0},0}}|-{{rel axis cs:0,1}}) node[anchor=north east, font=\\tiny] {{{name}}};",
                    bound.x
                ),
            );
        } else {
            put(
                page,
                format_args!(
                    "\\addplot[draw=none, mark=none, forget plot] coordinates {{({x},{})}};",
                    bound.x
                ),
            );
            put(
                page,
                format_args!(
                    "\\draw[dashed, red!70!black] ({{rel axis cs:0,0}}|-{{axis cs:{x},{0}}}) -- ({{rel axis cs:1,0}}|-{{axis cs:{x},{0}}}) node[anchor=north east, font=\\tiny] {{{name}}};",
                    bound.x
                ),
            );
        }
    }
}
