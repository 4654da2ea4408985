//! Colours and strokes of figures. Eight hues that people who do not see red, green or blue still tell apart, each with its own stroke.

use std::fmt::Write;

use super::canvas::HUES;

/// On white, each at a contrast of 4.5 and more.
const LIGHT: [&str; HUES] =
    ["#0062a3", "#b34700", "#00704f", "#963c78", "#705300", "#3f3fa0", "#a80038", "#4d4d4d"];
/// On black.
const DARK: [&str; HUES] =
    ["#56b4e9", "#ff9a56", "#3dd6a3", "#f0a3d0", "#e8c547", "#b0b0ff", "#ff8aa8", "#c8c8c8"];
/// How often colours may come again with other strokes, and how many strokes further each time.
const ROUNDS: usize = 3;
const FURTHER: usize = 3;
const DASHES: [&str; HUES] = ["", "7 3", "2 3", "9 3 2 3", "4 2", "1 2", "12 3", "6 2 1 2 1 2"];

/// Variables for one of the two.
pub fn colours(dark: bool) -> String {
    let hues = if dark { DARK } else { LIGHT };
    let hues: Vec<String> = hues.iter().enumerate().map(|(at, hue)| format!("--h{at}:{hue}")).collect();
    let plain = if dark {
        "--ink:#e6e6e6;--soft:#b3b3b3;--line:#4a4a4a;--ground:#16181b;--raised:#202327;--warn:#ff9a8a;--link:#7cc4ff;--shade:#262a2f"
    } else {
        "--ink:#1a1a1a;--soft:#595959;--line:#d0d0d0;--ground:#fff;--raised:#f5f6f7;--warn:#a01a00;--link:#0058a3;--shade:#eef1f4"
    };
    format!("{plain};{}", hues.join(";"))
}

/// What each class looks like, whatever the colours.
pub fn rules() -> String {
    let mut rules = String::from(
        "svg{font:12px system-ui,sans-serif;fill:var(--ink)}\
         svg .c{text-anchor:middle}svg .e{text-anchor:end}svg .soft{fill:var(--soft)}svg .name{font-weight:600}\
         svg .g{stroke:var(--line);fill:none}svg .f{stroke:var(--soft);fill:none}\
         svg .rule{stroke:var(--warn);fill:none;stroke-dasharray:5 3}svg .rt{fill:var(--warn)}\
         svg .span{fill:var(--shade);stroke:none}svg .hatch{stroke:var(--soft);fill:none;stroke-width:.7;opacity:.75}\
         svg .l{fill:none;stroke-width:1.6}svg .d{stroke-width:1.3}svg .o{fill:var(--ground)}svg .m{fill:none;stroke-width:3}\
         svg .w{fill:none;stroke-width:1.1}svg .thin{fill:none;stroke-width:1;opacity:.7}\
         svg .i{fill:none;stroke-width:1;stroke-dasharray:8 4;opacity:.8}svg .st{fill:none;stroke-width:1.2;stroke-dasharray:1.5 3}\
         svg .pf{fill:none;stroke:var(--soft);stroke-width:1.2}\
         svg .law{fill:none;stroke-width:1.2;stroke-dasharray:10 3 3 3}",
    );
    for (at, dash) in DASHES.iter().enumerate() {
        // Writing to a string cannot fail.
        write!(
            rules,
            "svg .h{at}{{stroke:var(--h{at})}}svg .h{at}.d:not(.o),svg .h{at}.band{{fill:var(--h{at})}}"
        )
        .ok();
        if !dash.is_empty() {
            write!(rules, "svg .l.h{at}{{stroke-dasharray:{dash}}}").ok();
        }
    }
    for at in HUES..ROUNDS * HUES {
        let dash = if dashes(at).is_empty() { "none" } else { dashes(at) };
        write!(rules, "svg .l.{}{{stroke-dasharray:{dash}}}", hue(at).replace(' ', ".")).ok();
    }
    rules.push_str("svg .band{fill-opacity:.16;stroke-width:.6}");
    rules
}

/// The colour of a hue on white.
pub fn light(at: usize) -> &'static str {
    LIGHT[at % HUES]
}

/// Its strokes and the gaps between them; empty where it has no gaps. Where colours come again, others: no two of the first 24 have both alike.
pub fn dashes(at: usize) -> &'static str {
    DASHES[(at + at / HUES * FURTHER) % HUES]
}

/// The classes of a hue: its colour, and where colours come again, how often they did.
pub fn hue(at: usize) -> String {
    match at / HUES % ROUNDS {
        0 => format!("h{}", at % HUES),
        round => format!("h{} r{round}", at % HUES),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_curves_of_a_panel_are_drawn_alike_as_many_as_there_are() {
        let mut drawn: Vec<(&str, &str)> = (0..ROUNDS * HUES).map(|at| (light(at), dashes(at))).collect();
        drawn.sort_unstable();
        drawn.dedup();
        assert_eq!(drawn.len(), ROUNDS * HUES);
        let rules = rules();
        for at in 0..ROUNDS * HUES {
            let class = hue(at).replace(' ', ".");
            let dash = if dashes(at).is_empty() { "none" } else { dashes(at) };
            let rule = format!("svg .l.{class}{{stroke-dasharray:{dash}}}");
            assert!(at == 0 || rules.contains(&rule), "{at}: {rule}");
        }
    }
}
