//! How a page is read: opened, sorted, filtered, pinned, by keyboard, without a script.

use super::browser::{Page, View, WIDE, browser};
use super::{pages, run_of};

fn of_partitions(fragment: &str) -> Option<Page> {
    Some(browser()?.open(&run_of("partitions").join("report.html"), fragment, WIDE))
}

fn holds(page: &Page, script: &str) {
    assert_eq!(page.find(script), true, "{script}");
}

#[test]
fn a_row_opens_its_trials_and_a_trial_its_course() {
    let Some(page) = of_partitions("") else { return };
    let seen = |selector: &str| {
        page.find(&format!("[...document.querySelectorAll('{selector}')].filter(look.seen).length"))
    };
    assert_eq!(seen("tr[id^=t]"), 0, "closed until somebody opens it");
    page.find("document.querySelector('tr.more summary').click()");
    assert_eq!(seen("tr[id^=t]"), 6);
    assert_eq!(seen("tr.more figure svg"), 0);
    page.find("document.querySelector('tr.more table tr.more summary').click()");
    assert_eq!(seen("tr.more figure svg"), 1);
}

#[test]
fn a_link_to_a_trial_opens_it() {
    let Some(page) = of_partitions("#t7") else { return };
    let is_seen = "(() => { const at = document.getElementById('t7'), box = at.getBoundingClientRect(); \
         return look.seen(at) && box.top >= 0 && box.top < innerHeight; })()";
    holds(&page, is_seen);
    holds(&page, "look.seen(document.querySelector('#t7 + tr figure svg'))");
    // A dot of a figure leads there too.
    page.find("location.hash = ''");
    page.find("document.querySelectorAll('details').forEach(one => { one.open = false; })");
    page.find(
        "new Promise(done => { addEventListener('hashchange', () => setTimeout(done)); \
         document.querySelector('figure a[href=\"#t7\"]').dispatchEvent(new MouseEvent('click', { bubbles: true })); })",
    );
    holds(&page, is_seen);
}

/// Slugs in their order, of those that are shown.
fn shown(page: &Page) -> Vec<String> {
    page.lines("[...document.querySelectorAll('table[data-id=treatments] > tbody')].filter(one => !one.hidden).map(one => one.dataset.of)")
}

#[test]
fn sorting_filtering_and_pinning_are_kept_in_the_fragment_and_come_back_with_it() {
    let Some(page) = of_partitions("") else { return };
    let first = shown(&page);
    let heads = "[...document.querySelectorAll('table[data-id=treatments] > thead th')]";
    page.find(&format!("{heads}.find(one => one.textContent.startsWith('processed')).firstChild.click()"));
    page.find(&format!("{heads}.find(one => one.textContent.startsWith('processed')).firstChild.click()"));
    let sorted = shown(&page);
    assert_ne!(sorted, first);
    page.find("(() => { const input = document.querySelector('.tools input'); input.value = 'instances 4'; input.oninput(); })()");
    let filtered = shown(&page);
    assert!(!filtered.is_empty() && filtered.len() < first.len(), "{filtered:?}");
    page.find("document.querySelector('tbody:not([hidden]) button.pin').click()");
    let fragment = page.find("location.hash");
    let fragment = fragment.as_str().unwrap();
    assert!(["sort=", "filter=", "pin="].iter().all(|key| fragment.contains(key)), "{fragment}");

    let again = of_partitions(fragment).unwrap();
    assert_eq!(shown(&again), filtered);
    holds(&again, "document.querySelectorAll('th[aria-sort=descending]').length === 1");
    holds(&again, "document.querySelector('.tools input').value === 'instances 4'");
    let pinned = again.lines("[...document.querySelectorAll('tbody.pin')].map(one => one.dataset.of)");
    assert_eq!(pinned, filtered[..1]);
    // Its trials alone stand out in the figures.
    let bright = again.lines(
        "[...document.querySelectorAll('#fig-scaling svg a:not(.dim)')].map(one => one.getAttribute('href'))",
    );
    let own = again.lines("[...document.querySelectorAll('tbody.pin tr[id^=t]')].map(one => '#' + one.id)");
    assert!(!bright.is_empty() && bright.iter().all(|dot| own.contains(dot)), "{bright:?} of {own:?}");
    assert_eq!(again.complaints(), [""; 0]);
}

#[test]
fn without_a_script_everything_is_there() {
    let Some(browser) = browser() else { return };
    for file in pages() {
        let with = browser.open(&file, "", WIDE);
        let without = browser.open(&file, "", View { script: false, ..WIDE });
        holds(&without, "document.querySelectorAll('.tools, button').length === 0");
        let said = "look.said()";
        assert_eq!(without.lines(said), with.lines(said), "{}", file.display());
        // Rows open by themselves; of a comparison there is none to open.
        if file.ends_with("report.html") {
            holds(&with, "document.querySelectorAll('.tools, button').length > 0");
            holds(&without, "document.querySelectorAll('tr.more > td > details > summary').length > 0");
        }
    }
}

#[test]
fn a_keyboard_reaches_all_that_can_be_used_and_sees_where_it_is() {
    let Some(page) = of_partitions("") else { return };
    let kinds = ["a", "button", "summary", "input", "div"];
    let usable = page.find(
        "[...document.querySelectorAll('a[href]:not([tabindex=\"-1\"]), button, summary, input, .scroll')].filter(look.seen).length",
    );
    let usable = usable.as_u64().unwrap();
    let mut reached = std::collections::BTreeSet::new();
    let mut unseen = std::collections::BTreeSet::new();
    for step in 0..usable {
        page.press("Tab", 9);
        let at = page.lines(
            "(() => { const at = document.activeElement, style = getComputedStyle(at); \
             return [at.localName, String([...document.querySelectorAll('*')].indexOf(at)), String(at.matches(':focus-visible') && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2)]; })()",
        );
        assert_ne!(at[0], "body", "left after {step} of {usable}");
        if at[2] != "true" {
            unseen.insert(at[0].clone());
        }
        reached.insert((at[0].clone(), at[1].clone()));
    }
    assert_eq!(reached.len() as u64, usable);
    for kind in kinds {
        assert!(reached.iter().any(|(name, _)| name == kind), "no {kind} is reached");
    }
    assert!(unseen.is_empty(), "no mark of focus on {unseen:?}");
    // And opens what it has reached.
    page.find("document.querySelector('tr.more summary').focus()");
    page.press("Enter", 13);
    holds(&page, "document.querySelector('tr.more details').open");
}

#[test]
fn the_first_key_leads_past_the_links_to_the_answer() {
    let Some(page) = of_partitions("") else { return };
    page.press("Tab", 9);
    holds(&page, "document.activeElement.matches('a.skip') && document.activeElement.offsetHeight > 10");
    page.press("Enter", 13);
    holds(&page, "location.hash === '#main'");
    page.press("Tab", 9);
    holds(&page, "document.activeElement.closest('main') !== null");
}

/// What a screen reader has of a page: headings that nest, tables with heads, and figures that are told.
#[test]
fn headings_are_in_order_and_every_figure_is_told_in_words() {
    let Some(browser) = browser() else { return };
    for file in pages() {
        for width in [400, 1_400] {
            let page = browser.open(&file, "", View { width, ..WIDE });
            page.find("look.opened()");
            let levels =
                page.lines("[...document.querySelectorAll('h1,h2,h3,h4')].map(one => one.localName)");
            let levels: Vec<u32> = levels.iter().map(|name| name[1..].parse().unwrap()).collect();
            assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1, "{}", file.display());
            assert!(levels[0] == 1 && levels.windows(2).all(|two| two[1] <= two[0] + 1), "{levels:?}");
            let untold = page.lines(
                "[...document.querySelectorAll('svg:not(.shared)')].filter(look.seen).filter(svg => svg.getAttribute('role') !== 'img' || \
                 svg.getAttribute('aria-labelledby').split(' ').some(id => !document.getElementById(id) || document.getElementById(id).textContent.length < 8)).map(svg => svg.outerHTML.slice(0, 120))",
            );
            assert_eq!(untold, [""; 0], "{}", file.display());
            let bare = page.lines(
                "[...document.querySelectorAll('table')].filter(one => !one.tHead || [...one.tHead.rows[0].cells].some(cell => cell.scope !== 'col') || \
                 [...one.tBodies].some(body => body.rows[0] && body.rows[0].cells[0].scope !== 'row')).map(one => one.outerHTML.slice(0, 120))",
            );
            assert_eq!(bare, [""; 0], "{}", file.display());
        }
    }
}

#[test]
fn a_question_of_credits_is_answered_by_the_first_figure() {
    let page = std::fs::read_to_string(run_of("knee").join("report.html")).unwrap();
    let seen = page.split("<section id=\"scaling\">").nth(1).expect("something is seen");
    let seen = seen.split("</section>").next().unwrap();
    assert!(
        seen.contains("id=\"fig-credits-001-base-r1\"") && seen.contains(">knee 32.1 s</text>"),
        "{seen}"
    );
    assert_eq!(page.matches("id=\"fig-credits-001-base-r1\"").count(), 1, "and by no second one");
}
