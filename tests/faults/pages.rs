//! What is wrong with pages that are to be read is told with its place and what to write.

use super::compile;

fn faults(rest: &str) -> String {
    compile(&format!("question: q\nworkload: {{rate: 5/s}}\n{rest}"), &[]).expect_err(rest)
}

#[test]
fn a_page_is_told_what_it_lacks_and_a_number_what_it_cannot_be_called() {
    let one = |metric: &str| format!("observe: {{scrape: [{{url: \"http://x/\", metrics: [{metric}]}}]}}\n");
    let wrong = [
        ("observe: {scrape: []}\n".to_owned(), "x.yaml:3:19: `observe.scrape` is empty", ""),
        ("observe: {scrape: [{}]}\n".to_owned(), "x.yaml:3:20: a page has no `url`", "write `url: "),
        ("observe: {scrape: [{url: \"http://x/\"}]}\n".to_owned(), "x.yaml:3:20: a page has no `metrics`", "write `metrics: "),
        ("observe: {scrape: [{url: localhost, metrics: [{name: a, select: b, as: rate}]}]}\n".to_owned(), "x.yaml:3:26: `localhost` is no address of a page", "http://"),
        ("observe: {scrape: [{url: \"https://x/\", metrics: [{name: a, select: b, as: rate}]}]}\n".to_owned(), "pages over TLS are not built yet", "a proxy"),
        ("observe: {scrape: [{url: \"http://x/\", every: 10ms, metrics: [{name: a, select: b, as: rate}]}]}\n".to_owned(), "a page cannot be read every 10ms", "every 250ms to 1m"),
        (one("{name: a, select: b}"), "`observe.scrape.metrics` has no `as`", ""),
        (one("{name: a, select: b, as: mean}"), "`mean`", "`gauge`"),
        (one("{name: acked, select: b, as: rate}"), "`acked` is the name of another column", "call it otherwise"),
        (one("{name: due_max, select: b, as: rate}"), "`due_max` is the name of another column", "call it otherwise"),
        (one("{name: 1st, select: b, as: rate}"), "no column can be called `1st`", "a letter first"),
        (one("{name: a, select: 'b{c}', as: rate}"), "`b{c}` selects nothing", "a selector is"),
        (one("{name: a, select: b, as: rate}, {name: a, select: c, as: gauge}"), "`a` is a rate on another page, and a gauge here", "the same `as`"),
        (one("{name: a, select: b, as: rate}, {name: a_min, select: c, as: gauge}"), "would have a column of the same name", "call one of them otherwise"),
        ("factors: {observe.scrape: [1, 2]}\n".to_owned(), "`observe` must be the same for all trials", ""),
        ("slos: [\"heap < 5\"]\n".to_owned(), "`heap` is nothing that an SLO can name", "a name of `observe.scrape`"),
        ("responses: [heap]\n".to_owned(), "`heap` is no metric", ""),
    ];
    for (text, what, hint) in wrong {
        let told = faults(&text);
        assert!(told.contains(what) && told.contains(hint), "{text}: {told}");
    }
}

#[test]
fn slos_and_responses_may_name_the_numbers_of_pages() {
    let good = "question: q\nworkload: {rate: 5/s}\nslos: [\"heap < 1.5\"]\nresponses: [heap, acked]\n\
        observe: {scrape: [{url: \"http://${HOST_OF_PAGE}/\", every: 1m, metrics: [{name: heap, select: 'jvm_memory{area!=\"x\"}', as: gauge}]}]}\n";
    compile(good, &[]).unwrap();
}
