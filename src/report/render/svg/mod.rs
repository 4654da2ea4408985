//! A figure as SVG: panels one below the other, each with its axes. Where nothing is known, nothing is drawn.
//!
//! Why a layer of our own: the scaling figure of `results/partitions` was drawn with `plotters` 0.3 too. Its ground, ticks and lines were as good as ours.
//! But it writes a colour into each element, so that a page's dark scheme, a pinned treatment and links from dots to trials have nothing to hold
//! on to; it has no text for screen readers and no steps, its legend lay upon the data, and with its usual grid the file was 54 kB against 8.

mod canvas;
mod lanes;
mod marks;
mod plot;
mod rows;
mod scale;
mod style;
mod words;

pub use canvas::escaped;
pub use lanes::{Lane, beside, room};
pub use scale::{Scale, percent};
pub use style::{colours, dashes, light, rules};
pub use words::{place, told};

use canvas::{Anchor, Canvas, shortened, width};
use plot::{COURSE, NARROW, Plot, Sheet, WIDE};

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
    let mut bottom = draw(&mut canvas, figure, WIDE, top);
    for note in figure.notes.iter().flat_map(|note| textwrap::wrap(note, NOTES)) {
        bottom += 15.0;
        canvas.write((12.0, bottom), Anchor::Start, "soft", &note);
    }
    let (title, told) = (escaped(&heading(figure)), escaped(&told(figure)));
    let (width, height) = (WIDE.width, bottom + 12.0);
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
    let sheet = if has_narrow(figure) { WIDE } else { COURSE };
    let height = draw(&mut canvas, figure, sheet, 0.0);
    // Where there is another for narrow screens, a page shows one of them.
    let wide = has_narrow(figure).then_some("wide");
    // What is a little higher than a sheet of paper is drawn smaller on it, so that it is not cut.
    let page = (1.2..2.2).contains(&(height / sheet.width)).then_some("page").filter(|_| sheet == WIDE);
    let class = wide.into_iter().chain(page).collect::<Vec<_>>().join(" ");
    let class = if class.is_empty() { class } else { format!(" class=\"{class}\"") };
    format!("<svg{class} viewBox=\"0 0 {} {height:.0}\"{}{}</svg>\n", sheet.width, named(figure), canvas.text)
}

/// The same for a screen too narrow for the other, which stands before it and names both; none of a course that does not lead, or behind a row: of those a page has too many.
pub fn narrow(figure: &Figure) -> Option<String> {
    has_narrow(figure).then(|| {
        let id = name_of(&figure.id);
        on_narrow(figure, &format!(" role=\"img\" aria-labelledby=\"{id}-t {id}-d\">\n"))
    })
}

/// The figure where there is little room for it, and no other.
pub fn small(figure: &Figure) -> String {
    on_narrow(figure, &named(figure))
}

fn on_narrow(figure: &Figure, named: &str) -> String {
    let mut canvas = Canvas::default();
    let height = draw(&mut canvas, figure, NARROW, 0.0);
    format!(
        "<svg class=\"narrow\" viewBox=\"0 0 {} {height:.0}\"{named}{}</svg>\n",
        NARROW.width, canvas.text
    )
}

fn has_narrow(figure: &Figure) -> bool {
    (figure.drawing != Drawing::Course && !figure.is_one_of_many) || figure.leads
}

/// What a figure shows, in words, for those who do not see it.
fn named(figure: &Figure) -> String {
    format!(
        " role=\"img\" aria-labelledby=\"{id}-t {id}-d\">\n<title id=\"{id}-t\">{}</title>\n<desc id=\"{id}-d\">{}</desc>\n",
        escaped(&figure.title),
        escaped(&told(figure)),
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
fn draw(canvas: &mut Canvas, figure: &Figure, sheet: Sheet, top: f64) -> f64 {
    let mut top = legend(canvas, figure, sheet, top);
    if figure.drawing == Drawing::Dots && figure.x.scale == Kind::Words {
        return rows::draw(canvas, figure, sheet, top);
    }
    let many = figure.panels.len() > 1;
    let height = match figure.drawing {
        Drawing::Course | Drawing::Bars => 80.0,
        Drawing::Dots | Drawing::Lines | Drawing::Scatter if many => 170.0,
        Drawing::Dots | Drawing::Lines | Drawing::Scatter => 250.0,
    };
    let mut bottom = top;
    let mut further = 0.0;
    if let (Drawing::Course, Some(first)) = (figure.drawing, figure.panels.first()) {
        let begin = top + head(figure.drawing, first, sheet);
        let heights =
            figure.panels.iter().map(|panel| head(figure.drawing, panel, sheet) + height + COURSE_GAP);
        let end = top + heights.sum::<f64>() - COURSE_GAP;
        Plot::of(figure, first, sheet, (begin, height)).spans(canvas, figure, end);
    }
    for panel in &figure.panels {
        name(canvas, figure.drawing, panel, (sheet, top + 12.0));
        let below = top + head(figure.drawing, panel, sheet);
        let plot = Plot::of(figure, panel, sheet, (below, height));
        plot.frame(canvas, panel);
        marks::draw(canvas, figure, panel, &plot);
        bottom = plot.bottom();
        top = bottom + if figure.drawing == Drawing::Course { COURSE_GAP } else { GAP };
        if figure.drawing != Drawing::Course {
            further = plot.x_ticks(canvas, &figure.x.at);
            top += 14.0 + further;
        }
    }
    if let (Drawing::Course, Some(panel)) = (figure.drawing, figure.panels.last()) {
        Plot::of(figure, panel, sheet, (bottom - height, height)).x_ticks(canvas, &figure.x.at);
    }
    let title = shortened(&figure.x.title(), sheet.width - 16.0);
    let middle = f64::midpoint(sheet.left, sheet.right);
    canvas.write((middle, bottom + 32.0 + further), Anchor::Middle, "", &title);
    bottom + FOOT + further
}

/// How high what is written above a panel is: a line, or two where one has no room.
fn head(drawing: Drawing, panel: &Panel, sheet: Sheet) -> f64 {
    let beside = if has_names(drawing, panel) {
        panel.series.iter().map(|series| width(&series.name) + 34.0).sum()
    } else {
        width(&panel.made_of())
    };
    let fits = beside <= 0.0 || width(&panel.heading()) + beside + 8.0 <= sheet.right - sheet.left;
    if fits { 20.0 } else { 35.0 }
}

/// Whether the series of a panel are named above it.
fn has_names(drawing: Drawing, panel: &Panel) -> bool {
    drawing == Drawing::Course && panel.series.len() > 1
}

/// What a panel measures, how several became one, and of how many: side by side where there is room, else one below the other.
fn name(canvas: &mut Canvas, drawing: Drawing, panel: &Panel, (sheet, at): (Sheet, f64)) {
    let is_one = head(drawing, panel, sheet) < 21.0;
    let heading = shortened(&panel.heading(), sheet.right - sheet.left);
    canvas.write((sheet.left, at), Anchor::Start, "name", &heading);
    let line = if is_one { at } else { at + 15.0 };
    if has_names(drawing, panel) {
        let mut right = sheet.right;
        for series in panel.series.iter().rev() {
            right -= width(&series.name);
            canvas.write((right, line), Anchor::Start, "soft", &series.name);
            let class = format!("l {}", style::hue(series.hue));
            canvas.line((right - 24.0, line - 4.0), (right - 5.0, line - 4.0), &class);
            right -= 34.0;
        }
    } else if is_one {
        canvas.write((sheet.right, line), Anchor::End, "soft", &panel.made_of());
    } else {
        canvas.write((sheet.left, line), Anchor::Start, "soft", &panel.made_of());
    }
}

/// What each hue stands for, a lone one too; gives where it ends. Courses have theirs beside each panel.
fn legend(canvas: &mut Canvas, figure: &Figure, sheet: Sheet, top: f64) -> f64 {
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
    known.sort_by_key(|(hue, _)| *hue);
    let Sheet { left, right, .. } = sheet;
    let (mut x, mut y) = (left, top + 12.0);
    for (hue, name) in known {
        let name = shortened(name, right - left - 44.0);
        let wide = width(&name) + 44.0;
        if x + wide > right && x > left {
            (x, y) = (left, y + 17.0);
        }
        let class = style::hue(hue);
        if figure.drawing == Drawing::Lines {
            canvas.line((x, y - 4.0), (x + 22.0, y - 4.0), &format!("l {class}"));
        }
        if figure.drawing != Drawing::Lines || figure.has_levels() {
            let x = if figure.drawing == Drawing::Lines { x - 3.0 } else { x };
            canvas.path(&canvas::shape(hue, (x + 14.0, y - 4.0), 4.0), &format!("d {class}"));
        }
        canvas.write((x + 27.0, y), Anchor::Start, "", &name);
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
