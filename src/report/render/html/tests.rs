use super::*;
use crate::analyse::{Reading, Summary};
use crate::report::document::{Axis, Cell, Column, Drawing, Figure, Panel, Point, Row, Series, Table};

const EVIL: &str = "<script>alert(1)</script>&\"'</style>";

/// Words that come from files are as bad as they can be, wherever they stand.
fn document() -> Document {
    let inner = Row { cells: vec![Cell::Label(EVIL.to_owned())], id: "t7".to_owned(), ..Row::default() };
    let trials = Table { id: "trials", columns: vec![Column::new("trial", None, "")], rows: vec![inner] };
    let row = Row {
        cells: vec![Cell::Label(EVIL.to_owned()), Cell::Summary(Summary::of([1.0, 2.0].map(Reading::Value)))],
        doubts: vec![EVIL.to_owned()],
        opens: vec![Part::Table(trials)],
        id: EVIL.to_owned(),
        ..Row::default()
    };
    let mut section = Section::new("treatments", EVIL);
    let columns = vec![Column::new(EVIL, None, EVIL), Column::of("ack p99", "ack_latency_p99_ms")];
    section.table(Table { id: "treatments", columns, rows: vec![row] });
    section.say([EVIL]);
    section.list([EVIL.to_owned()]);
    let points = vec![Point { x: 1.0, y: Some(2.0), n: 1, ..Point::default() }];
    section.figure(Figure {
        id: "scaling".to_owned(),
        title: EVIL.to_owned(),
        drawing: Drawing::Dots,
        x: Axis { labels: vec![EVIL.to_owned()], ..Axis::new(EVIL, EVIL) },
        panels: vec![Panel {
            title: EVIL.to_owned(),
            series: vec![Series { name: EVIL.to_owned(), of: EVIL.to_owned(), points, ..Series::default() }],
            ..Panel::default()
        }],
        notes: vec![EVIL.to_owned()],
        ..Figure::default()
    });
    Document { title: EVIL.to_owned(), question: EVIL.to_owned(), sections: vec![section] }
}

#[test]
fn nothing_that_a_file_says_is_more_than_text() {
    let page = html(&document());
    assert_eq!(page.matches("<script>").count(), 1, "bench's own alone");
    assert_eq!(page.matches("</style>").count(), 1);
    let script = page.split("<script>").nth(1).unwrap().split("</script>").next().unwrap();
    let policy = format!("'sha256-{}'", STANDARD.encode(digest(&SHA256, script.as_bytes())));
    assert!(page.contains(&policy), "only that script may run");
    assert!(page.contains("default-src 'none'"), "nothing may be asked for");
}

#[test]
fn a_page_asks_for_nothing_outside_of_it() {
    let page = html(&document());
    for outside in ["http://", "https://", "src=", "url(", "@import", "<link"] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn a_row_opens_its_trials_and_a_dot_leads_to_one_of_them() {
    let page = html(&document());
    assert!(page.contains("<summary>1 trial<span class=\"vh\">"), "{page}");
    assert!(page.contains("<tr id=\"t7\">"), "{page}");
    assert!(
        page.contains("[1]</sup>") && page.contains("<ol class=\"marks\">"),
        "a doubt has a mark and its sentence"
    );
}

#[test]
fn a_unit_stands_in_the_head_of_its_column_and_suits_its_numbers() {
    let page = html(&document());
    assert!(page.contains("ack p99 <small>ms</small>"), "{page}");
    assert!(page.contains("1.50 (1.00 – 2.00)") || page.contains("1.5 (1.0 – 2.0)"), "{page}");
}
