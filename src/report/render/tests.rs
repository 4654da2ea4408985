//! A made-up document in every format.

use super::{Screen, markdown, sections, text};
use crate::analyse::{Load, Reading, Summary};
use crate::report::document::{Cell, Column, Document, Mark, Reason, Row, Section, Table};

/// Two rows, the second marked; words that come from files are as bad as they can be.
fn document() -> Document {
    let row = |label: &str, values: &[f64], mark| Row {
        cells: vec![
            Cell::Label(label.to_owned()),
            Cell::Summary(Summary::of(values.iter().copied().map(Reading::Value))),
            Cell::Load(Load::Steady),
        ],
        mark,
        ..Row::default()
    };
    let broken = Mark { reason: Reason::Broken, sentence: "It broke `lost < 1`.".to_owned() };
    let mut section = Section::new("treatments", "Treatments <b>");
    section.table(Table {
        id: "treatments",
        columns: vec![
            Column::new("le|vel", None, "level of `level`"),
            Column::of("ack p99", "ack_latency_p99_ms"),
            Column::new("load", None, ""),
        ],
        rows: vec![row("a|b\\|c\n# d", &[1.0, 3.0, 2.0], None), row("e", &[4.0], Some(broken))],
    });
    section.say(["One sentence.", "Another."]);
    section.list(["# no heading\n\n- no list".to_owned(), "1. no number <script>".to_owned()]);
    Document {
        title: "demo".to_owned(),
        question: "---\n| no | table |\n\u{1b}[31m> no quotation".to_owned(),
        sections: vec![section],
    }
}

#[test]
fn text_from_files_breaks_no_layout_of_a_terminal() {
    insta::assert_snapshot!(text(&document(), &Screen::default()), @r"
demo
====
--- | no | table | [31m> no quotation

Treatments <b>
--------------
 le|vel     | ack p99 ms      | load
------------+-----------------+--------
 a|b\|c # d | 2.0 (1.0 – 3.0) | steady
 e [1]      | 4.00            | steady

[1] It broke `lost < 1`.

One sentence. Another.

- # no heading - no list
- 1. no number <script>
");
}

#[test]
fn text_from_files_breaks_no_layout_of_markdown() {
    insta::assert_snapshot!(markdown(&document()), @r"
# demo

--- | no | table | [31m> no quotation

## Treatments \<b>

| le\|vel       | ack p99 ms      | load   |
|---------------|-----------------|--------|
| a\|b\\\|c # d | 2.0 (1.0 – 3.0) | steady |
| e [1]         | 4.00            | steady |

[1] It broke `lost < 1`.

One sentence. Another.

- \# no heading - no list
- 1\. no number \<script>
");
}

#[test]
fn a_cell_for_programs_is_a_value_a_unit_and_what_is_shown() {
    let all = sections(&document());
    let table = &all[0]["parts"][0];
    assert_eq!(table["columns"][1]["metric"], "ack_latency_p99_ms");
    let cell = &table["rows"][0]["cells"][1];
    assert_eq!((cell["unit"].as_str(), cell["shown"].as_str()), (Some("ms"), Some("2.0 (1.0 – 3.0)")));
    assert_eq!(cell["value"]["median"], 2.0);
    assert_eq!(cell["value"]["interval"]["how"], "spread");
    assert_eq!(table["rows"][0]["mark"], serde_json::Value::Null);
    assert_eq!(table["rows"][1]["mark"]["reason"], "broken");
    assert_eq!(table["rows"][1]["cells"][1]["value"]["interval"], serde_json::Value::Null);
    assert_eq!(all[0]["parts"][1]["sentences"][1], "Another.");
}
