//! Claims with their trails, for people and for programs.

use std::fmt::Write;

use serde_json::{Value, json};

use super::{Given, Trail, follow};
use crate::analyse::Findings;
use crate::record::Manifest;
use crate::report::say::Claim;

/// One claim, its rows, and the arithmetic.
pub fn text(manifest: &Manifest, findings: &Findings, (number, of): (usize, usize), claim: &Claim) -> String {
    let mut text = format!("Claim {number} of {of}: {}\n", claim.text);
    let mut told: Vec<Given> = Vec::new();
    for (at, trail) in follow(manifest, findings, &claim.on).iter().enumerate() {
        // Writing to a string cannot fail.
        writeln!(text, "\n{}. {}", at + 1, trail.what).ok();
        rows(&mut text, trail, &mut told);
        for line in &trail.arithmetic {
            writeln!(text, "   = {line}").ok();
        }
    }
    if claim.on.is_empty() {
        text.push_str("\nIt rests on no number.\n");
    }
    text
}

/// Its rows, but for those that stand above already.
fn rows(text: &mut String, trail: &Trail, told: &mut Vec<Given>) {
    let new: Vec<&Given> = trail.rows.iter().filter(|row| !told.contains(row)).collect();
    if new.len() < trail.rows.len() {
        writeln!(text, "   {} rows that stand above", trail.rows.len() - new.len()).ok();
    }
    let wide =
        |of: fn(&Given) -> &str| new.iter().map(|row| of(row).chars().count()).max().unwrap_or_default();
    let (trial, column) = (wide(|row| &row.trial), wide(|row| &row.column));
    let mut file = "";
    for row in &new {
        let own = row.file.rsplit('/').next().unwrap_or_default();
        if own != file {
            let place = if row.file.contains('/') { format!("trials/…/{own}") } else { row.file.clone() };
            writeln!(text, "   {place}").ok();
            file = own;
        }
        let value = match (row.value.as_str(), row.bound.as_str()) {
            ("", "") => "(empty)".to_owned(),
            ("", bound) => format!("(empty: {bound})"),
            (value, _) => value.to_owned(),
        };
        writeln!(text, "     {:trial$}  {:column$}  {value}", row.trial, row.column).ok();
    }
    told.extend(new.into_iter().cloned());
}

/// All claims for programs.
pub fn json(manifest: &Manifest, findings: &Findings, claims: &[Claim]) -> Value {
    let one = |(at, claim): (usize, &Claim)| {
        let on: Vec<Value> = follow(manifest, findings, &claim.on).into_iter().map(evidence).collect();
        json!({ "number": at + 1, "text": claim.text, "evidence": on })
    };
    claims.iter().enumerate().map(one).collect()
}

fn evidence(trail: Trail) -> Value {
    let row = |row: &Given| {
        let bound = Some(&row.bound).filter(|bound| !bound.is_empty());
        json!({ "trial": row.trial, "file": row.file, "column": row.column, "value": row.value, "bound": bound })
    };
    let rows: Vec<Value> = trail.rows.iter().map(row).collect();
    let mut whole = trail.told;
    for (key, value) in [
        ("kind", json!(trail.kind)),
        ("what", json!(trail.what)),
        ("rows", json!(rows)),
        ("arithmetic", json!(trail.arithmetic)),
        ("shown", json!(trail.shown)),
    ] {
        whole.insert(key.to_owned(), value);
    }
    Value::Object(whole)
}
