//! What the courses of a page have in common: it is written once, and each of them points to it.

use std::fmt::Write;

/// Of fewer courses it would not save anything.
const LEAST: usize = 3;
/// How the picture of a course begins, and where what it draws does: after its title and its words.
const BEGIN: &str = "<svg viewBox=";
const WORDS: &str = "</desc>\n";
const END: &str = "</svg>";

/// What is used elsewhere is styled by what it is within there: rules are of what lies within a picture, so that it brings one along.
const WITHIN: &str = "<svg class=\"shared\" overflow=\"visible\">";

/// The page with frames, ticks and names that all of its courses have drawn once.
pub fn shared(page: &str) -> String {
    let pieces = pieces(page);
    let courses: Vec<&str> =
        pieces.iter().filter(|(_, is_course)| *is_course).map(|(text, _)| *text).collect();
    let Some((first, others)) = courses.split_first().filter(|(_, others)| others.len() + 1 >= LEAST) else {
        return page.to_owned();
    };
    let others: Vec<Vec<&str>> = others.iter().map(|course| course.lines().collect()).collect();
    let common: Vec<&str> = first
        .lines()
        .filter(|line| whole(line) && others.iter().all(|course| course.contains(line)))
        .collect();
    let mut written = String::with_capacity(page.len());
    for (at, (text, is_course)) in pieces.into_iter().enumerate() {
        if !is_course {
            match text.split_once("<body>\n").filter(|_| at == 0) {
                Some((head, rest)) => {
                    // Writing to a string cannot fail.
                    writeln!(
                        written,
                        "{head}<body>\n<svg class=\"shared\" aria-hidden=\"true\"><defs><g id=\"course-frame\">{WITHIN}\n{}\n</svg></g></defs></svg>",
                        common.join("\n")
                    )
                    .ok();
                    written.push_str(rest);
                }
                None => written.push_str(text),
            }
            continue;
        }
        written.push_str("<use href=\"#course-frame\"/>\n");
        for line in text.lines().filter(|line| !common.contains(line)) {
            written.extend([line, "\n"]);
        }
    }
    written
}

/// Elements that stand on one line; what begins on one and ends on another stays where it is.
fn whole(line: &str) -> bool {
    line.ends_with("/>") || (line.starts_with("<text") && line.ends_with("</text>"))
}

/// The page in its order, and of each piece whether it is what a course draws.
fn pieces(page: &str) -> Vec<(&str, bool)> {
    let mut pieces = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(begin) = page[at..].find(BEGIN).map(|found| at + found) {
        at = begin + BEGIN.len();
        let line = page[begin..].lines().next().unwrap_or_default();
        let Some(end) = page[begin..].find(END).map(|found| begin + found) else { break };
        let Some(body) = page[begin..end].find(WORDS).map(|found| begin + found + WORDS.len()) else {
            continue;
        };
        if line.contains("aria-labelledby=\"course-") {
            pieces.extend([(&page[from..body], false), (&page[body..end], true)]);
            (from, at) = (end, end);
        }
    }
    pieces.push((&page[from..], false));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(courses: usize) -> String {
        let course = |at: usize| {
            format!(
                "<figure>\n<svg viewBox=\"0 0 9 9\" role=\"img\" aria-labelledby=\"course-{at}-t\">\n<title>{at}</title>\n<desc>{at}</desc>\n\
                 <text x=\"1\">CPU</text>\n<path d=\"M{at}\"/>\n<g data-of=\"a\">\n<path class=\"g\"/>\n</g>\n</svg>\n</figure>\n"
            )
        };
        format!("<body>\n<p>CPU</p>\n{}</body>", (0..courses).map(course).collect::<String>())
    }

    #[test]
    fn what_all_courses_draw_is_written_once_and_what_one_draws_stays_with_it() {
        let text = shared(&page(3));
        assert_eq!(text.matches("<text x=\"1\">CPU</text>").count(), 1, "{text}");
        assert!(text.contains("<g id=\"course-frame\"><svg "), "rules reach into it: {text}");
        assert_eq!(text.matches("<use href=\"#course-frame\"/>").count(), 3, "{text}");
        assert_eq!(text.matches("</g>").count(), 4, "what begins on one line is not torn: {text}");
        for at in 0..3 {
            let own = format!("<desc>{at}</desc>\n<use href=\"#course-frame\"/>\n<path d=\"M{at}\"/>\n");
            assert!(text.contains(&own), "{text}");
        }
        assert!(text.find("id=\"course-frame\"") < text.find("<p>CPU</p>"), "{text}");
    }

    #[test]
    fn a_page_of_few_courses_or_none_is_as_it_was() {
        for courses in 0..3 {
            assert_eq!(shared(&page(courses)), page(courses));
        }
    }
}
