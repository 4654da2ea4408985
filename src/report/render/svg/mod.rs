//! A figure as SVG: panels one below the other, each with its axes. Where nothing is known, nothing is drawn.
//!
//! Why a layer of our own: the scaling figure of `results/partitions` was drawn with `plotters` 0.3 too. Its ground, ticks and lines were as good as ours.
//! But it writes a colour into each element, so that a page's dark scheme, a pinned treatment and links from dots to trials have nothing to hold
//! on to; it has no text for screen readers and no steps, its legend lay upon the data, and with its usual grid the file was 54 kB against 8.

mod canvas;
mod marks;
mod plot;
mod rows;
mod scale;
mod style;
mod words;

pub use canvas::escaped;
pub use scale::{Scale, percent};
pub use style::{colours, dashes, light, rules};
pub use words::{place, told};

use canvas::{Anchor, Canvas, width};
use plot::{LEFT, Plot, RIGHT, WIDTH};

use crate::report::document::{Drawing, Figure, Panel, Rule, Scale as Kind, Series};

/// Between two panels, and below the last: its ticks and what the axis measures.
const GAP: f64 = 30.0;
const FOOT: f64 = 40.0;
/// Between two panels of a course, which share their ticks.
const COURSE_GAP: f64 = 18.0;
/// Lines of notes end here.
const NOTES: usize = 96;

/// The whole figure, to stand by itself: with its title, its notes, its colours.
pub fn svg(figure: &Figure) -> String {
    let mut canvas = Canvas::default();
    let mut top = 24.0;
    for line in textwrap::wrap(&heading(figure), NOTES - 14) {
        canvas.write((12.0, top), Anchor::Start, "name", &line);
        top += 16.0;
    }
    let mut bottom = draw(&mut canvas, figure, top);
    for note in figure.notes.iter().flat_map(|note| textwrap::wrap(note, NOTES)) {
        bottom += 15.0;
        canvas.write((12.0, bottom), Anchor::Start, "soft", &note);
    }
    let (title, told) = (escaped(&heading(figure)), escaped(&told(figure)));
    let (width, height) = (WIDTH, bottom + 12.0);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height:.0}\" viewBox=\"0 0 {width} {height:.0}\" role=\"img\">\n\
         <title>{title}</title>\n<desc>{told}</desc>\n<style>svg{{{}}}{}</style>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{}</svg>\n",
        colours(false),
        rules(),
        canvas.text
    )
}

/// The figure alone, within a page that has its title, its notes and the style.
pub fn inline(figure: &Figure) -> String {
    let mut canvas = Canvas::default();
    let height = draw(&mut canvas, figure, 0.0);
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {height:.0}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\">\n<title id=\"{id}-t\">{}</title>\n\
         <desc id=\"{id}-d\">{}</desc>\n{}</svg>\n",
        escaped(&figure.title),
        escaped(&told(figure)),
        canvas.text,
        id = name_of(&figure.id),
    )
}

/// What an element may be named: labels in a figure's name may have any letters.
fn name_of(id: &str) -> String {
    id.chars().map(|c| if c.is_alphanumeric() || "-._".contains(c) { c } else { '_' }).collect()
}

/// Title, and what was emulated.
pub fn heading(figure: &Figure) -> String {
    let emulated = figure.emulated.as_ref().map(|what| format!(" (emulated: {what})")).unwrap_or_default();
    format!("{}{emulated}", figure.title)
}

/// Panels, axes and legend from there on; gives where they end.
fn draw(canvas: &mut Canvas, figure: &Figure, top: f64) -> f64 {
    let mut top = legend(canvas, figure, top);
    if figure.drawing == Drawing::Dots && figure.x.scale == Kind::Words {
        return rows::draw(canvas, figure, top);
    }
    let many = figure.panels.len() > 1;
    let height = match figure.drawing {
        Drawing::Course | Drawing::Bars => 80.0,
        Drawing::Dots | Drawing::Lines | Drawing::Scatter if many => 170.0,
        Drawing::Dots | Drawing::Lines | Drawing::Scatter => 250.0,
    };
    let mut bottom = top;
    if let Some(first) = figure.panels.first() {
        let heights = figure.panels.len() as f64 * (height + 20.0 + COURSE_GAP) - COURSE_GAP - 20.0;
        Plot::of(figure, first, top + 20.0, height).spans(canvas, figure, top + 20.0 + heights);
    }
    for panel in &figure.panels {
        let plot = Plot::of(figure, panel, top + 20.0, height);
        name(canvas, figure.drawing, panel, top + 12.0);
        plot.frame(canvas, panel);
        marks::draw(canvas, figure, panel, &plot);
        bottom = plot.bottom();
        top = bottom + if figure.drawing == Drawing::Course { COURSE_GAP } else { GAP };
        if figure.drawing != Drawing::Course {
            plot.x_ticks(canvas, &figure.x.at);
            top += 14.0;
        }
    }
    if let (Drawing::Course, Some(panel)) = (figure.drawing, figure.panels.last()) {
        Plot::of(figure, panel, bottom - height, height).x_ticks(canvas, &figure.x.at);
    }
    canvas.write((f64::midpoint(LEFT, RIGHT), bottom + 32.0), Anchor::Middle, "", &figure.x.title());
    bottom + FOOT
}

/// What a panel measures, how several became one, and of how many.
fn name(canvas: &mut Canvas, drawing: Drawing, panel: &Panel, at: f64) {
    canvas.write((LEFT, at), Anchor::Start, "name", &panel.heading());
    let mut right = RIGHT;
    if drawing == Drawing::Course && panel.series.len() > 1 {
        for series in panel.series.iter().rev() {
            right -= width(&series.name);
            canvas.write((right, at), Anchor::Start, "soft", &series.name);
            canvas.line(
                (right - 24.0, at - 4.0),
                (right - 5.0, at - 4.0),
                &format!("l {}", style::hue(series.hue)),
            );
            right -= 34.0;
        }
        return;
    }
    let told = panel.made_of();
    if !told.is_empty() {
        canvas.write((right, at), Anchor::End, "soft", &told);
    }
}

/// What each hue stands for, a lone one too; gives where it ends. Courses have theirs beside each panel.
fn legend(canvas: &mut Canvas, figure: &Figure, top: f64) -> f64 {
    let mut known: Vec<(usize, &str)> = Vec::new();
    let measured = |series: &&Series| series.role.is_measured() && !series.name.is_empty();
    for series in figure.panels.iter().flat_map(|panel| &panel.series).filter(measured) {
        if !known.contains(&(series.hue, series.name.as_str())) {
            known.push((series.hue, &series.name));
        }
    }
    if known.is_empty()
        || matches!(figure.drawing, Drawing::Course | Drawing::Scatter)
        || told_by_panels(figure)
    {
        return top;
    }
    let (mut x, mut y) = (LEFT, top + 12.0);
    for (hue, name) in known {
        let wide = width(name) + 44.0;
        if x + wide > RIGHT && x > LEFT {
            (x, y) = (LEFT, y + 17.0);
        }
        let class = style::hue(hue);
        if figure.drawing == Drawing::Lines {
            canvas.line((x, y - 4.0), (x + 22.0, y - 4.0), &format!("l {class}"));
        } else {
            canvas.path(&canvas::shape(hue, (x + 14.0, y - 4.0), 4.0), &format!("d {class}"));
        }
        canvas.write((x + 27.0, y), Anchor::Start, "", name);
        x += wide;
    }
    y + 10.0
}

/// Whether hues begin anew in each panel, so that one legend would lie.
fn told_by_panels(figure: &Figure) -> bool {
    let mut names: Vec<(usize, &str)> = Vec::new();
    for series in
        figure.panels.iter().flat_map(|panel| &panel.series).filter(|series| series.role.is_measured())
    {
        match names.iter().find(|(hue, _)| *hue == series.hue) {
            Some((_, name)) if *name != series.name => return true,
            Some(_) => {}
            None => names.push((series.hue, &series.name)),
        }
    }
    false
}

/// A place on an axis with its word, such as `knee 12.3 s`; of an event its number alone.
fn rule_name(rule: &Rule, unit: &str) -> String {
    if rule.name.starts_with('[') { rule.name.clone() } else { format!("{} {:.1} {unit}", rule.name, rule.x) }
}

#[cfg(test)]
mod golden;
#[cfg(test)]
mod tests;
