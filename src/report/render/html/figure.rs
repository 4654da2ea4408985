//! A figure on a page: the picture, how to read it, its numbers as a table, and its data to take away.

use super::super::svg::{heading, inline, narrow, place};
use super::put;
use super::text::{encoded, escaped, flowing};
use crate::analyse::Reading;
use crate::report::csv::of_figure;
use crate::report::document::{Drawing, Figure, Panel, Point, Role, Scale, Series};
use crate::report::number::{plain, reading};

/// A link with more data than that would make the page heavy.
const MOST_DATA: usize = 16_000;

/// One figure.
pub fn figure(page: &mut String, figure: &Figure) {
    let id = escaped(&figure.id);
    put(
        page,
        format_args!(
            "<figure id=\"fig-{id}\">\n<figcaption>{}</figcaption>",
            super::titled(&heading(figure))
        ),
    );
    put(
        page,
        format_args!(
            "<div class=\"scroll picture\" tabindex=\"0\" role=\"region\" aria-label=\"{}\">\n{}{}</div>",
            escaped(&figure.title),
            inline(figure),
            narrow(figure).unwrap_or_default()
        ),
    );
    if !figure.notes.is_empty() {
        put(page, format_args!("<p class=\"notes\">{}</p>", flowing(&figure.notes.join(" "))));
    }
    if figure.drawing == Drawing::Course {
        let name = escaped(&figure.title);
        let files = if figure.id.starts_with("course") {
            "series.csv</code>, <code>latency.hlog</code> and <code>events.jsonl"
        } else {
            "instances.csv"
        };
        put(page, format_args!("<p class=\"notes\">Data: <code>trials/{name}/{files}</code>.</p>"));
    } else if figure.is_one_of_many {
        put(
            page,
            format_args!(
                "<p class=\"notes\">The numbers of its medians stand at the figure of all. All points: <code>bench report . --figures OUT</code> writes them to <code>{id}.csv</code>.</p>"
            ),
        );
    } else {
        numbers(page, figure);
    }
    page.push_str("</figure>\n");
}

/// What the picture shows, as a table, and as CSV.
fn numbers(page: &mut String, figure: &Figure) {
    put(page, format_args!("<details><summary>Numbers of this figure</summary>"));
    let data = encoded(&of_figure(figure));
    if data.len() > MOST_DATA {
        put(
            page,
            format_args!(
                "<p>All points: <code>bench report . --figures OUT</code> writes them to <code>{}.csv</code>.</p>",
                escaped(&figure.id)
            ),
        );
    } else {
        put(
            page,
            format_args!(
                "<p><a download=\"{id}.csv\" href=\"data:text/csv;charset=utf-8,{}\">{id}.csv</a></p>",
                data,
                id = escaped(&figure.id)
            ),
        );
    }
    put(
        page,
        format_args!(
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Numbers: {}\">",
            escaped(&figure.title)
        ),
    );
    put(
        page,
        format_args!(
            "<table>\n<thead><tr><th scope=\"col\">of</th><th scope=\"col\">{}</th><th scope=\"col\">measured</th><th scope=\"col\" class=\"n\">value</th><th scope=\"col\" class=\"n\">from</th><th scope=\"col\" class=\"n\">to</th><th scope=\"col\" class=\"n\">n</th></tr></thead>\n<tbody>",
            escaped(&figure.x.title())
        ),
    );
    for panel in &figure.panels {
        let shown = panel.series.iter().filter(|series| series.role == Role::Measured);
        shown.for_each(|series| rows(page, figure, panel, series));
    }
    page.push_str("</tbody>\n</table>\n</div>\n");
    page.push_str("</details>\n");
}

fn rows(page: &mut String, figure: &Figure, panel: &Panel, series: &Series) {
    let of = escaped(&panel.of(series));
    // Of a distribution what lies at whole nines: the rest is in the data.
    let told = |point: &&Point| {
        figure.x.scale != Scale::Nines
            || [0.0, 0.9, 0.99, 0.999, 0.9999, 0.99999].iter().any(|share| (point.x - share).abs() < 1e-9)
    };
    for point in series.points.iter().filter(told) {
        let shown = match point.y {
            Some(value) if series.is_bound(point) => reading(Reading::Beyond(value)),
            Some(value) => plain(value),
            None => "–".to_owned(),
        };
        let end = |end: Option<Reading>| end.map_or_else(String::new, reading);
        let (low, high) =
            (end(point.interval.map(|around| around.low)), end(point.interval.map(|around| around.high)));
        put(
            page,
            format_args!(
                "<tr><th scope=\"row\">{of}</th><td>{}</td><td>{}</td><td class=\"n\">{shown}</td><td class=\"n\">{low}</td><td class=\"n\">{high}</td><td class=\"n\">{}</td></tr>",
                escaped(&place(figure, point.x)),
                escaped(&panel.y.title()),
                point.n
            ),
        );
    }
}
