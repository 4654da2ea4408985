//! Keeps the house: imports point to lower floors, files of a room make no circle, no file is longer than 400 lines.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const LONGEST: usize = 400;

/// A file of the house: its module path (`["cluster", "broker"]`, a room's own file has one part) and its text.
type Files = BTreeMap<Vec<String>, String>;

#[test]
fn imports_point_to_lower_floors() {
    assert_eq!(upward(&floors(&read("lib.rs")), &sources()), Vec::<String>::new());
}

#[test]
fn files_of_a_room_make_no_circle() {
    assert_eq!(circles(&sources()), Vec::<String>::new());
}

#[test]
fn no_file_is_longer_than_the_wall() {
    let long = |(path, text): (&Vec<String>, &String)| {
        let lines = text.lines().count();
        (lines > LONGEST).then(|| format!("{} has {lines} lines", path.join("::")))
    };
    assert_eq!(sources().iter().filter_map(long).collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn every_room_stands_on_a_floor() {
    let floors = floors(&read("lib.rs"));
    let homeless: BTreeSet<String> =
        sources().keys().map(|path| path[0].clone()).filter(|room| !floors.contains_key(room)).collect();
    assert!(homeless.is_empty(), "not in `src/lib.rs`: {homeless:?}");
}

/// Whoever meets one in a report looks for it there.
#[test]
fn every_doubt_stands_in_the_table_of_the_results() {
    let page = fs::read_to_string(src().join("../results/README.md")).unwrap();
    let known: BTreeSet<&str> =
        page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let own = sources().into_iter().filter(|(path, _)| path.iter().all(|part| part != "tests"));
    let mut all = BTreeSet::new();
    for (_, text) in own {
        let text = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
        for call in ["limits(", "spoils("] {
            let rest = text.split(call).skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"'));
            all.extend(rest.filter_map(|rest| rest.split('"').next()).map(str::to_owned));
        }
    }
    assert!(all.contains("rebalance") && all.len() > 30, "{all:?}");
    let missing: Vec<&String> = all.iter().filter(|id| !known.contains(id.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn read(name: &str) -> String {
    fs::read_to_string(src().join(name)).unwrap()
}

/// All files but `lib.rs` and `main.rs`, which see all.
fn sources() -> Files {
    let mut files = Files::new();
    let mut folders = vec![src()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let inside = path.strip_prefix(src()).unwrap().with_extension("");
                let mut module: Vec<String> =
                    inside.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
                if module.last().is_some_and(|last| last == "mod") {
                    module.pop();
                }
                files.insert(module, fs::read_to_string(&path).unwrap());
            }
        }
    }
    files.retain(|module, _| module != &["lib"] && module != &["main"]);
    assert!(files.len() > 10, "the sources were not found");
    files
}

/// Each room's floor, as the headings in `lib.rs` say.
fn floors(lib: &str) -> BTreeMap<String, u32> {
    let mut floors = BTreeMap::new();
    let mut floor = 0;
    for line in lib.lines() {
        if let Some(rest) = line.strip_prefix("// Floor ") {
            floor = rest.split(':').next().unwrap().parse().unwrap();
        } else if let Some(room) = line.strip_prefix("pub mod ") {
            floors.insert(room.trim_end_matches(';').to_owned(), floor);
        }
    }
    floors
}

/// Imports of other rooms that are not on a lower floor.
fn upward(floors: &BTreeMap<String, u32>, files: &Files) -> Vec<String> {
    let mut wrong = BTreeSet::new();
    for (file, text) in files {
        for target in targets(file, text) {
            let (Some(from), Some(to)) =
                (floors.get(&file[0]), target.first().and_then(|room| floors.get(room)))
            else {
                continue;
            };
            if file[0] != target[0] && to >= from {
                wrong.insert(format!("{} imports `{}`", file.join("::"), target[0]));
            }
        }
    }
    wrong.into_iter().collect()
}

/// Files that can be reached from themselves over imports. A room's own file is aside: it gathers what its files export.
fn circles(files: &Files) -> Vec<String> {
    let mut edges: BTreeMap<&[String], BTreeSet<&[String]>> = BTreeMap::new();
    for (file, text) in files {
        for target in targets(file, text) {
            let owner = (2..=target.len()).rev().find_map(|length| files.get_key_value(&target[..length]));
            if let Some((owner, _)) = owner.filter(|(owner, _)| *owner != file && !file.starts_with(owner)) {
                edges.entry(file).or_default().insert(owner);
            }
        }
    }
    let in_circle = |start: &&Vec<String>| {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&[String]> = vec![start];
        while let Some(next) = open.pop() {
            for &target in edges.get(next).into_iter().flatten() {
                if target == start.as_slice() {
                    return true;
                }
                if seen.insert(target) {
                    open.push(target);
                }
            }
        }
        false
    };
    let gathers = |file: &&Vec<String>| files.keys().any(|other| other != *file && other.starts_with(file));
    let nodes = files.keys().filter(|file| !gathers(file));
    nodes.filter(in_circle).map(|file| file.join("::")).collect()
}

/// What the file names through `crate` and `super`, as paths from the crate's root.
fn targets(file: &[String], text: &str) -> Vec<Vec<String>> {
    let tokens = tokens(text);
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let inside = at > 0 && tokens[at - 1] == "::";
        if !inside
            && matches!(&*tokens[at], "crate" | "super")
            && tokens.get(at + 1).is_some_and(|next| next == "::")
        {
            let mut base = if tokens[at] == "crate" { Vec::new() } else { file[..file.len() - 1].to_vec() };
            at += 2;
            while tokens.get(at).is_some_and(|token| token == "super") {
                base.pop();
                at += 2;
            }
            at = expand(&tokens, at, base, &mut found);
        } else {
            at += 1;
        }
    }
    found
}

/// Reads a path or a tree in braces from `at` on; says where it ends.
fn expand(tokens: &[String], mut at: usize, mut base: Vec<String>, found: &mut Vec<Vec<String>>) -> usize {
    while let Some(token) = tokens.get(at) {
        if token == "{" {
            at += 1;
            while tokens.get(at).is_some_and(|token| token != "}") {
                at = expand(tokens, at, base.clone(), found);
                while tokens.get(at).is_some_and(|token| token != "," && token != "}") {
                    at += 1; // `as another_name`
                }
                at += usize::from(tokens.get(at).is_some_and(|token| token == ","));
            }
            return at + 1;
        }
        base.push(token.clone());
        at += 1;
        if tokens.get(at).is_none_or(|token| token != "::") {
            break;
        }
        at += 1;
    }
    found.push(base);
    at
}

/// Words, `::` and single signs, without comments and the insides of strings.
fn tokens(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    while at < chars.len() {
        let rest = &chars[at..];
        let length = match rest {
            ['/', '/', ..] => rest.iter().position(|c| *c == '\n').unwrap_or(rest.len()),
            ['/', '*', ..] => {
                rest.windows(2).skip(2).position(|two| two == ['*', '/']).map_or(rest.len(), |end| end + 4)
            }
            ['r', '"', ..] | ['r', '#', '"' | '#', ..] => raw_string(rest),
            ['"', ..] => string(rest),
            ['\'', '\\', _, '\'', ..] => 4,
            ['\'', _, '\'', ..] => 3,
            [':', ':', ..] => 2,
            [first, ..] if is_word(*first) => rest.iter().position(|c| !is_word(*c)).unwrap_or(rest.len()),
            _ => 1,
        };
        let token: String = rest[..length].iter().collect();
        at += length;
        let plain =
            token == "::" || token.starts_with(is_word) && !token.contains('"') || token.chars().count() == 1;
        if plain && !token.trim().is_empty() {
            tokens.push(token);
        }
    }
    tokens
}

fn string(rest: &[char]) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != '"' {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(rest.len())
}

fn raw_string(rest: &[char]) -> usize {
    let hashes = rest[1..].iter().take_while(|c| **c == '#').count();
    let mut end = vec!['"'];
    end.extend(vec!['#'; hashes]);
    let inside = &rest[hashes + 2..];
    inside
        .windows(end.len())
        .position(|window| window == end)
        .map_or(rest.len(), |at| at + hashes + 2 + end.len())
}

fn sample(files: &[(&str, &str)]) -> Files {
    let module = |name: &str| name.split("::").map(str::to_owned).collect();
    files.iter().map(|(name, text)| (module(name), (*text).to_owned())).collect()
}

const LIB: &str = "// Floor 1: low.\npub mod low;\npub mod beside;\n// Floor 2: high.\npub mod high;\n";

#[test]
fn an_import_up_or_beside_is_found_however_it_is_written() {
    for text in [
        "use crate::high::Thing;",
        "use crate::{beside::A, high};",
        "use crate::{\n    low::{B, C as D},\n    high::{self, x::Y},\n};",
        "fn f() { let x = crate::high::make(); }",
        "pub use crate :: beside :: A;",
        "const QUOTE: char = '\"'; use crate::high; const OTHER: char = '\"';",
        "use super::high::Thing;",
    ] {
        assert!(!upward(&floors(LIB), &sample(&[("low", text)])).is_empty(), "{text}");
    }
}

#[test]
fn an_import_down_and_talk_of_one_are_fine() {
    let text = "//! [`crate::high`]\n/* use crate::high; */ const A: &str = \"use crate::high\"; const B: &str = r#\"\" crate::high\"#;
                use crate::low::X; use std::high::Y; use crate::beside::{self, Z}; fn f<'a>(x: &'a str) {}";
    assert_eq!(
        upward(
            &floors(LIB),
            &sample(&[("high", text), ("low", text.split("use crate::low").next().unwrap())])
        ),
        [""; 0]
    );
}

#[test]
fn a_circle_of_files_is_found_and_a_rooms_own_file_is_no_part_of_it() {
    let mut files = sample(&[
        ("room", "mod a; mod b; mod c; pub use a::A; use crate::room::a::B;"),
        ("room::a", "use super::b::B;"),
        ("room::b", "use super::{A, c::C};"),
        ("room::c", "use super::A;"),
    ]);
    assert_eq!(circles(&files), [""; 0]);
    files.insert(vec!["room".into(), "c".into()], "fn f() { crate::room::a::g() }".into());
    assert_eq!(circles(&files), ["room::a", "room::b", "room::c"]);
}
