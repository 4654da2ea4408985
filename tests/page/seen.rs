//! How a page looks: at any width, light and dark, on paper.

use std::path::Path;

use super::browser::{Page, View, WIDE, browser, pictures};
use super::{committed, name, pages, wrong};

const NARROW: View = View { width: 400, ..WIDE };
/// What A4 leaves between its margins, in CSS pixels.
const PAPER: View = View { width: 687, paper: true, ..WIDE };

fn open_all(page: &Page) {
    page.find("look.opened()");
}

#[test]
fn every_committed_page_loads_without_a_complaint_and_asks_for_nothing() {
    let Some(browser) = browser() else { return };
    for file in pages() {
        let page = browser.open(&file, "", WIDE);
        assert_eq!(page.complaints(), [""; 0], "{}", file.display());
        assert_eq!(page.documents(), 1, "{}", file.display());
    }
}

/// Each page as it is opened and with everything open, and a picture of the first for people.
#[test]
fn nothing_is_cut_covered_or_pale_on_any_screen() {
    let Some(browser) = browser() else { return };
    let mut wrongs = Vec::new();
    for file in pages() {
        let page = browser.open(&file, "", WIDE);
        for (view, dark) in [(NARROW, false), (NARROW, true), (WIDE, false), (WIDE, true)] {
            let view = View { dark, ..view };
            page.look(view);
            let height = page.find("document.documentElement.scrollHeight").as_f64().unwrap();
            let scheme = if dark { "dark" } else { "light" };
            let picture = pictures().join(format!("{}-{}-{scheme}.png", name(&file), view.width));
            page.picture(&picture, (view.width, height.min(9_000.0)));
        }
        open_all(&page);
        for (view, functions) in [
            (NARROW, ["cut", "covered"].as_slice()),
            (WIDE, ["cut", "covered", "pale"].as_slice()),
            (View { dark: true, ..WIDE }, ["pale"].as_slice()),
        ] {
            page.look(view);
            wrongs.extend(functions.iter().flat_map(|one| wrong(&page, &name(&file), view, one)));
        }
    }
    assert!(wrongs.is_empty(), "{}", wrongs.join("\n"));
}

#[test]
fn on_a_narrow_screen_figures_fit_and_what_lies_beyond_a_frame_is_said() {
    let Some(browser) = browser() else { return };
    let mut wrongs = Vec::new();
    let mut said = 0;
    for file in pages() {
        for view in [NARROW, View { script: false, ..NARROW }, WIDE] {
            let page = browser.open(&file, "", view);
            for open in [false, true] {
                if open {
                    open_all(&page);
                }
                page.drawn();
                let found = page.lines(&format!("look.unsaid({})", view.script));
                wrongs
                    .extend(found.iter().map(|line| format!("{} at {view:?}, {open}: {line}", name(&file))));
                said += page.lines("[...document.querySelectorAll('.beyond')].filter(look.seen).map(one => one.textContent)").len();
            }
        }
    }
    assert!(wrongs.is_empty(), "{}", wrongs.join("\n"));
    assert!(said > 0);
}

#[test]
fn a_frame_counts_the_columns_on_both_of_its_sides() {
    let Some(browser) = browser() else { return };
    let page = browser.open(&super::run_of("partitions").join("report.html"), "", NARROW);
    let said = || {
        page.drawn();
        page.find("document.querySelector('#treatments .beyond').textContent").as_str().unwrap().to_owned()
    };
    let all = page.find("document.querySelectorAll('table[data-id=treatments] > thead th').length");
    let number = |text: &str| text.split(' ').find_map(|word| word.parse::<u64>().ok()).unwrap();
    let first = said();
    assert!(first.ends_with("on the right") && number(&first) < all.as_u64().unwrap(), "{first}");
    page.find("document.querySelector('#treatments .scroll').scrollLeft = 60");
    let both = said();
    assert!(both.contains("on the left, ") && both.ends_with("on the right"), "{both}");
    page.find("document.querySelector('#treatments .scroll').scrollLeft = 9999");
    let last = said();
    assert!(last.ends_with("on the left"), "{last}");
}

/// What all courses of a page share is drawn as if each had it: where no rule reaches it, it is black.
#[test]
fn the_course_of_a_trial_is_drawn_on_light_ground() {
    let Some(browser) = browser() else { return };
    let mut seen = 0;
    for file in committed() {
        for width in [400, 1_400] {
            let page = browser.open(&file, "", View { width, ..WIDE });
            page.find(
                "document.querySelectorAll('[data-id=treatments] tr.more details').forEach((one, at) => { one.open = at < 2; })",
            );
            if page.find("document.querySelector('[data-id=treatments] tr.more figure svg use') !== null")
                == true
            {
                let dark = page.darkness("[data-id=treatments] tr.more figure svg");
                assert!(dark < 0.2, "{dark:.2} of a course of {} is dark", name(&file));
                seen += 1;
            }
        }
    }
    assert!(seen > 8, "{seen}");
}

#[test]
fn every_section_is_printed_whole_on_a4() {
    let Some(browser) = browser() else { return };
    let mut wrongs = Vec::new();
    for file in pages() {
        let name = name(&file);
        let page = browser.open(&file, "", View { dark: true, ..PAPER });
        wrongs.extend(["cut", "covered", "pale"].iter().flat_map(|one| wrong(&page, &name, PAPER, one)));
        let hidden = page.lines(
            "[...document.querySelectorAll('section')].filter(one => !look.seen(one) || !one.offsetHeight).map(one => one.id)",
        );
        wrongs.extend(hidden.iter().map(|section| format!("{name} lacks `{section}` on paper")));
        let printed = page.printed();
        let printed = String::from_utf8_lossy(&printed);
        let size = printed.split("/MediaBox").nth(1).unwrap().split(']').next().unwrap();
        if size.trim() != "[0 0 594.95996 841.91998" {
            wrongs.push(format!("{name} is printed on {size}"));
        }
        for title in page.lines("[...document.querySelectorAll('h2')].map(one => one.textContent)") {
            let title = title.split(['(', '–', '—', '’']).next().unwrap().trim();
            // Letters beyond Latin make it UTF-16.
            let wide: Vec<String> = title.encode_utf16().map(|unit| format!("{unit:04X}")).collect();
            let is_told = [format!("/Title ({title}"), format!("/Title <FEFF{}", wide.concat())];
            if !is_told.iter().any(|told| printed.contains(told)) {
                wrongs.push(format!("{name}'s PDF lacks `{title}`"));
            }
        }
    }
    assert!(wrongs.is_empty(), "{}", wrongs.join("\n"));
}

/// Small enough for a README: the head of a page. Fonts differ from machine to machine: `results/page.png` is a copy of what this leaves on one of them.
#[test]
fn a_picture_of_a_page_is_there_for_the_readme() {
    let Some(browser) = browser() else { return };
    let run = super::run_of("partitions");
    let view = View { width: 1_000, ..WIDE };
    let page = browser.open(&run.join("report.html"), "", view);
    let picture = pictures().join("page.png");
    page.picture(&picture, (view.width, 900.0));
    assert_small(&picture);
    assert_small(&Path::new(env!("CARGO_MANIFEST_DIR")).join("results/page.png"));
}

fn assert_small(picture: &Path) {
    let bytes = std::fs::metadata(picture).unwrap().len();
    assert!((10_000..200_000).contains(&bytes), "{bytes} bytes in {}", picture.display());
}
