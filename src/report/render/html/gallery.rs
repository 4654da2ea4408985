//! Many runs on one page, each with its answer, its figure, and the way to its own page.

use super::super::svg::small;
use super::text::{escaped, flowing};
use super::{head, put};
use crate::report::document::Figure;

/// One run, as far as it can be told.
#[derive(Clone, Debug, Default)]
pub struct Card {
    /// The experiment's name.
    pub name: String,
    /// What was asked.
    pub question: String,
    /// What it answered, or why there is no answer.
    pub answer: String,
    /// When it began.
    pub date: String,
    /// How it ended, one word or two.
    pub outcome: String,
    /// Whether that is to be seen at once.
    pub is_bad: bool,
    /// Its report, from where the page lies; none where there is none.
    pub link: Option<String>,
    /// What was emulated; none where nothing was.
    pub emulated: Option<String>,
    /// What answers it.
    pub figure: Option<Figure>,
}

const STYLE: &str = "\
.runs{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,24rem),1fr));gap:1rem;padding:0;margin:1rem 0;list-style:none;max-width:none}
.runs>li{border:1px solid var(--line);border-radius:6px;padding:.8rem;min-width:0}
.runs h2{margin:0;border:0;padding:0}
.runs .picture svg{display:block;min-width:0;max-width:none}
";

/// The whole page.
pub fn gallery(title: &str, cards: &[Card]) -> String {
    let mut page = String::with_capacity(64 * 1024);
    head(&mut page, (title, STYLE), None);
    let count = cards.len();
    put(
        &mut page,
        format_args!(
            "<header>\n<h1>{}</h1>\n<p>{count} run{}, the earliest first. Each name leads to the run's report.</p>\n</header>\n<main>\n<ul class=\"runs\">",
            escaped(title),
            if count == 1 { "" } else { "s" }
        ),
    );
    for (at, one) in cards.iter().enumerate() {
        card(&mut page, at, one);
    }
    page.push_str("</ul>\n</main>\n</body>\n</html>\n");
    page
}

fn card(page: &mut String, at: usize, card: &Card) {
    let name = escaped(&card.name);
    let name = match &card.link {
        Some(link) => format!("<a href=\"{}\">{name}</a>", escaped(link)),
        None => name,
    };
    let (date, outcome) = (escaped(&card.date), escaped(&card.outcome));
    let emulated = card.emulated.as_ref().map(|what| format!(" · emulated: {}", escaped(what)));
    let emulated = emulated.unwrap_or_default();
    let class = if card.is_bad { " class=\"broken\"" } else { "" };
    put(
        page,
        format_args!(
            "<li>\n<h2>{name}</h2>\n<p class=\"notes\">{date} · <span{class}>{outcome}</span>{emulated}</p>"
        ),
    );
    put(
        page,
        format_args!(
            "<p class=\"question\">{}</p>\n<p>{}</p>",
            flowing(&card.question),
            flowing(&card.answer)
        ),
    );
    if let Some(figure) = &card.figure {
        // Names within a page are each given once.
        let figure = Figure { id: format!("run{at}-{}", figure.id), ..figure.clone() };
        put(page, format_args!("<div class=\"picture\">\n{}</div>", small(&figure)));
    }
    page.push_str("</li>\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_runs_is_text_and_nothing_outside_of_the_page_is_asked_for() {
        let bad = "<script>alert(1)</script>\"><b>&";
        let of = || bad.to_owned();
        let card = Card {
            name: of(),
            question: of(),
            answer: of(),
            date: of(),
            outcome: of(),
            link: Some(of()),
            emulated: Some(of()),
            ..Card::default()
        };
        let page = gallery(bad, &[card]);
        assert!(!page.contains("<script") && !page.contains("<b>"), "{page}");
        assert!(page.contains("default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'"), "{page}");
    }
}
