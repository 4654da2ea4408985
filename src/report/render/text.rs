//! A report for a terminal.

use tabled::Table;
use tabled::settings::Style;

use super::page::{Marks, page};
use crate::report::document::Document;

/// The whole report as plain text.
pub fn text(document: &Document) -> String {
    page(document, &Plain)
}

struct Plain;

impl Plain {
    fn underlined(title: &str, with: &str) -> String {
        format!("{title}\n{}\n", with.repeat(title.chars().count()))
    }
}

impl Marks for Plain {
    fn title(&self, title: &str) -> String {
        Plain::underlined(title, "=")
    }

    fn heading(&self, title: &str) -> String {
        Plain::underlined(title, "-")
    }

    fn flowing(&self, text: &str) -> String {
        text.to_owned()
    }

    fn line(&self, line: String) -> String {
        line
    }

    fn cell(&self, text: &str) -> String {
        text.to_owned()
    }

    fn ruled(&self, table: &mut Table) {
        table.with(Style::psql());
    }

    fn literal(&self, block: &str) -> String {
        block.to_owned()
    }

    fn is_close(&self) -> bool {
        true // the line below a heading is space enough
    }
}
