//! A document for programs: each number as it is, its unit, and how it is shown.

use serde_json::{Value, json};

use crate::analyse::{How, Interval, Reading, Scaling, Sign, Summary};
use crate::report::document::{
    Cell, Column, Document, Dot, Figure, Panel, Part, Point, Row, Rule, Section, Table,
};
use crate::report::number::{self, Shown};

/// The sections of a report, in their order.
pub fn sections(document: &Document) -> Value {
    document.sections.iter().map(section).collect()
}

fn section(section: &Section) -> Value {
    let parts: Vec<Value> = section.parts.iter().map(part).collect();
    json!({ "id": section.id, "title": section.title, "parts": parts })
}

fn part(part: &Part) -> Value {
    match part {
        Part::Paragraph(sentences) => json!({ "kind": "paragraph", "sentences": sentences }),
        Part::Claims(from, sentences) => {
            let claims: Vec<usize> = (*from..).take(sentences.len()).collect();
            json!({ "kind": "paragraph", "sentences": sentences, "claims": claims })
        }
        Part::List(lines) => json!({ "kind": "list", "lines": lines }),
        Part::Table(of) => table(of),
        Part::Figure(of) => figure(of),
    }
}

fn table(table: &Table) -> Value {
    let columns: Vec<Value> = table.columns.iter().map(column).collect();
    let units = number::units(table);
    let rows: Vec<Value> = table.rows.iter().map(|one| row((&table.columns, &units), one)).collect();
    json!({ "kind": "table", "id": table.id, "columns": columns, "rows": rows })
}

fn column(column: &Column) -> Value {
    json!({
        "heading": column.heading,
        "metric": column.metric,
        "unit": column.unit.map(crate::spec::Unit::symbol),
        "help": column.help,
    })
}

fn row((columns, units): (&[Column], &[Shown]), row: &Row) -> Value {
    let cells = row.cells.iter().zip(columns.iter().zip(units));
    let cells: Vec<Value> = cells
        .map(|(cell, (column, unit))| {
            let mut told = json!({
                "value": value(cell),
                "unit": column.unit.map(crate::spec::Unit::symbol),
                "shown": number::cell_in(cell, *unit),
                "shown_in": unit.name,
            });
            if let Cell::Verdict(_, of) = cell {
                told["judged"] = summary(*of);
            }
            told
        })
        .collect();
    let mark = row.mark.as_ref();
    let mark = mark.map(|mark| json!({ "reason": mark.reason.name(), "sentence": mark.sentence }));
    let opens: Vec<Value> = row.opens.iter().map(part).collect();
    let mut told = json!({ "cells": cells, "mark": mark, "doubts": row.doubts });
    if !opens.is_empty() {
        told["opens"] = json!(opens);
    }
    told
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Label(text) => json!(text),
        Cell::Count(count) => json!(count),
        Cell::Of(part, of) => json!({ "n": part, "of": of }),
        Cell::Reading(of) => reading(*of),
        Cell::Summary(of) | Cell::Median(of) => summary(*of),
        Cell::Money(amount) => json!(amount.map(crate::units::Money::as_dollars)),
        Cell::Scaling(of) => json!(of.map(scaling)),
        Cell::Load(load) => json!(load.name()),
        Cell::Verdict(verdict, _) => json!(verdict.name()),
    }
}

/// A number, null, or an object where only bounds are known.
pub fn reading(of: Reading) -> Value {
    match of {
        Reading::Value(value) => json!(value),
        Reading::Beyond(value) => json!({ "beyond": value }),
        Reading::Between(least, most) => json!({ "least": least, "most": most }),
        Reading::TooFew | Reading::Empty => Value::Null,
    }
}

/// What trials say together.
pub fn summary(of: Summary) -> Value {
    json!({
        "n": of.n, "median": reading(of.median), "min": reading(of.min), "max": reading(of.max),
        "mean": reading(of.mean), "interval": of.interval().map(interval),
    })
}

fn interval(of: Interval) -> Value {
    json!({ "low": reading(of.low), "high": reading(of.high), "how": of.how.name() })
}

/// A factor and how it is to be read.
pub fn scaling(of: Scaling) -> Value {
    let sign = match of.sign {
        Sign::Equal => "=",
        Sign::AtLeast => ">=",
        Sign::AtMost => "<=",
    };
    let within = of.ratio.map(|ratio| {
        json!({
            "mean": ratio.mean, "pairs": ratio.pairs,
            "interval": { "low": ratio.range.low, "high": ratio.range.high, "how": How::StudentOfLogs.name() },
        })
    });
    json!({ "factor": of.factor, "sign": sign, "within_blocks": within })
}

fn figure(figure: &Figure) -> Value {
    let panels: Vec<Value> = figure.panels.iter().map(panel).collect();
    let rules = ruled(&figure.rules);
    json!({
        "kind": "figure", "id": figure.id, "title": figure.title, "emulated": figure.emulated, "drawing": figure.drawing.name(),
        "x": { "name": figure.x.name, "unit": figure.x.unit, "labels": figure.x.labels, "scale": figure.x.scale.name(), "at": figure.x.at },
        "panels": panels, "rules": rules, "spans": ruled(&figure.spans), "notes": figure.notes,
    })
}

fn ruled(rules: &[Rule]) -> Vec<Value> {
    rules.iter().map(|rule| json!({ "x": rule.x, "name": rule.name })).collect()
}

/// Points as columns of numbers: a trial has thousands of them.
fn panel(panel: &Panel) -> Value {
    let series: Vec<Value> = panel
        .series
        .iter()
        .map(|series| {
            let of = |read: fn(&Point) -> Value| series.points.iter().map(read).collect::<Vec<_>>();
            let marked = series.points.iter().any(|point| point.mark != Dot::Plain);
            let around = series.points.iter().any(|point| point.interval.is_some());
            json!({
                "name": series.name,
                "treatment": series.of,
                "role": series.role.name(),
                "beyond": series.beyond.map(|(x, y)| json!({ "x": x, "at_least": y })),
                "x": of(|point| json!(point.x)),
                "y": of(|point| json!(point.y)),
                "n": of(|point| json!(point.n)),
                "mark": marked.then(|| of(|point| json!(point.mark.name()))),
                "trial": series.points.iter().any(|point| point.trial.is_some()).then(|| of(|point| json!(point.trial))),
                "interval": around.then(|| of(|point| json!(point.interval.map(interval)))),
            })
        })
        .collect();
    json!({
        "title": panel.title, "bounds": ruled(&panel.bounds),
        "y": { "name": panel.y.name, "unit": panel.y.unit, "scale": panel.y.scale.name() }, "metric": panel.metric,
        "together": panel.together.map(crate::report::document::Together::name), "series": series,
    })
}
