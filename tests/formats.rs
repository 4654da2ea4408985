//! A report in all its formats: made of records alone, valid, and with the same numbers in each.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::ValueEnum;
use kafka_bench::analyse::Findings;
use kafka_bench::record::Run;
use kafka_bench::report::{Format, figures_of, render};
use serde_json::Value;

/// The committed runs, each with its folder.
fn runs() -> Vec<(PathBuf, Run)> {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("results");
    let folders = |of: &Path| -> Vec<PathBuf> {
        let mut all: Vec<PathBuf> =
            std::fs::read_dir(of).unwrap().map(|entry| entry.unwrap().path()).collect();
        all.retain(|path| path.is_dir());
        all.sort();
        all
    };
    let made = folders(&results).into_iter().flat_map(|experiment| folders(&experiment));
    let runs: Vec<_> = made
        .filter(|folder| folder.join("report.md").exists())
        .map(|folder| (folder.clone(), Run::load(&folder).unwrap()))
        .collect();
    assert!(runs.len() >= 9, "{} runs were found", runs.len());
    runs
}

fn json(run: &Run) -> Value {
    serde_json::from_str(&render(run, Format::Json).unwrap()).unwrap()
}

fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(Result::unwrap).collect()
}

#[test]
fn all_formats_and_figures_are_made_of_records_alone_byte_for_byte_again() {
    // The largest say nothing more, and take long to draw.
    let small: Vec<_> = runs().into_iter().filter(|(_, run)| run.trials.len() <= 15).collect();
    assert!(small.len() >= 4, "{} small runs", small.len());
    for (folder, run) in small {
        let again = Run::load(&folder).unwrap();
        for format in Format::value_variants() {
            assert!(
                render(&run, *format).unwrap() == render(&again, *format).unwrap(),
                "{format:?} of {}",
                folder.display()
            );
        }
        let figures = |run: &Run| figures_of(run, &Findings::from_run(run).unwrap()).unwrap();
        let all = figures(&run);
        assert!(all == figures(&again), "{}", folder.display());
        let mut names: Vec<&String> = all.iter().map(|(name, _)| name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all.len(), "two figures of {} have one name", folder.display());
        assert!(names.iter().all(|name| !name.contains(['/', '\\'])), "{names:?}");
    }
}

#[test]
fn the_json_report_of_each_committed_run_is_what_the_schema_says_and_nothing_else() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("results/report.schema.json");
    let mut schema: Value = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    // Whoever reads must bear further keys; whoever writes must declare them.
    tighten(&mut schema);
    let validator = jsonschema::validator_for(&schema).unwrap();
    for (folder, run) in runs() {
        let report = json(&run);
        let wrong: Vec<String> = validator
            .iter_errors(&report)
            .take(3)
            .map(|error| format!("{}: {error:.200}", error.instance_path()))
            .collect();
        assert!(wrong.is_empty(), "{}: {wrong:#?}", folder.display());
        assert!(report["report_format"].is_u64());
    }
}

fn tighten(schema: &mut Value) {
    match schema {
        Value::Object(keys) => {
            if keys.get("properties").is_some_and(Value::is_object)
                && !keys.contains_key("additionalProperties")
            {
                keys.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
            keys.values_mut().for_each(tighten);
        }
        Value::Array(all) => all.iter_mut().for_each(tighten),
        _ => {}
    }
}

#[test]
fn a_number_of_a_trial_is_the_same_in_json_in_csv_and_in_the_table_of_trials() {
    for (folder, run) in runs() {
        let report = json(&run);
        let long = rows(&render(&run, Format::Csv).unwrap());
        let trials = rows(&std::fs::read_to_string(folder.join("trials.csv")).unwrap());
        let mut compared = 0;
        for row in long.iter().filter(|row| row["group"].is_empty()) {
            let (trial, metric) = (&row["trial"], &row["metric"]);
            let of = report["trials"].as_array().unwrap().iter().find(|one| one["trial"] == **trial).unwrap();
            let told = &of["metrics"][metric];
            // Of six decimals at most, as all tables of a run.
            let same = |told: &Value, written: &str| match told.as_f64() {
                Some(value) => (written.parse::<f64>().unwrap() - value).abs() <= 5.001e-7,
                None => written.is_empty(),
            };
            assert!(same(told, &row["value"]), "{metric} of {trial}: {told} and {}", row["value"]);
            let ends = match row["bound"].as_str() {
                "" => [&Value::Null, &Value::Null],
                "at_least" => [&told["beyond"], &Value::Null],
                "between" => [&told["least"], &told["most"]],
                other => panic!("{other}"),
            };
            assert!(
                same(ends[0], &row["at_least"]) && same(ends[1], &row["at_most"]),
                "{metric} of {trial}: {told}"
            );
            assert_eq!(told.is_object(), !row["bound"].is_empty(), "{metric} of {trial}: {told}");
            let table = trials.iter().find(|one| one["trial"] == *trial).unwrap();
            // A column that came after a run was written is not in its table.
            if let Some(written) = table.get(metric) {
                assert_eq!(written, &row["value"], "{metric} of {trial}");
                compared += 1;
            }
        }
        assert!(compared > 80, "{compared} numbers of {}", folder.display());
    }
}

/// Tables in the order in which they are read, as their headings and their cells, both as they are shown.
type Tables = Vec<(Vec<String>, Vec<Vec<String>>)>;

#[test]
fn a_cell_reads_the_same_in_every_format_and_is_its_number() {
    for (folder, run) in runs() {
        let report = json(&run);
        let shown = shown(&report);
        let cells = |tables: &Tables| tables.iter().map(|(_, rows)| rows.clone()).collect::<Vec<_>>();
        let of = |format| render(&run, format).unwrap();
        assert!(!shown.is_empty());
        assert_eq!(cells(&shown), cells(&markdown(&of(Format::Md))), "Markdown of {}", folder.display());
        assert_eq!(cells(&shown), cells(&latex(&of(Format::Tex))), "TeX of {}", folder.display());
        assert_eq!(cells(&shown), cells(&page(&of(Format::Html))), "page of {}", folder.display());
        // A terminal may be too narrow for all columns: those that are there say the same.
        let plain = terminal(&of(Format::Text));
        assert_eq!(shown.len(), plain.len(), "tables of a terminal in {}", folder.display());
        for ((_, all), (_, some)) in shown.iter().zip(&plain) {
            for (all, some) in all.iter().zip(some) {
                let mut rest = all.iter();
                assert!(some.iter().all(|cell| rest.any(|other| other == cell)), "{some:?} of {all:?}");
            }
        }
    }
}

/// What JSON has of each table that stands in a section; each number that is shown is the cell's value, to the digits that are shown.
fn shown(report: &Value) -> Tables {
    let list = |of: &Value| of.as_array().cloned().unwrap_or_default();
    let parts = list(&report["sections"]).into_iter().flat_map(|section| list(&section["parts"]));
    let tables = parts.filter(|part| part["kind"] == "table");
    let text = |of: &Value| of.as_str().unwrap().to_owned();
    tables
        .map(|table| {
            let rows = list(&table["rows"]).into_iter().map(|row| {
                list(&row["cells"])
                    .iter()
                    .inspect(|cell| is_its_number(cell))
                    .map(|cell| text(&cell["shown"]))
                    .collect()
            });
            (list(&table["columns"]).iter().map(|column| text(&column["heading"])).collect(), rows.collect())
        })
        .collect()
}

fn is_its_number(cell: &Value) {
    let value = &cell["value"];
    let value = if value["median"].is_null() { value } else { &value["median"] };
    let exact = value
        .as_f64()
        .or_else(|| value["beyond"].as_f64())
        .or_else(|| value["within_blocks"]["mean"].as_f64());
    let exact = exact.or_else(|| value["factor"].as_f64());
    let (Some(exact), Some(shown)) = (exact, cell["shown"].as_str()) else { return };
    let number: String = shown
        .trim_start_matches(['>', '≥', '≤', '$', ' '])
        .chars()
        .take_while(|c| c.is_ascii_digit() || matches!(c, '.' | '-'))
        .collect();
    let ms = |unit: &str| match unit {
        "µs" => Some(1e-3),
        "ms" => Some(1.0),
        "s" => Some(1e3),
        _ => None,
    };
    let unit = |key: &str| cell[key].as_str().and_then(ms);
    let times = unit("unit").zip(unit("shown_in")).map_or(1.0, |(own, shown)| own / shown);
    let decimals = number.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let off = (number.parse::<f64>().unwrap() - exact * times).abs();
    assert!(off <= 0.5001 * 10_f64.powi(-(decimals as i32)), "{cell}");
}

/// Without the marks that point to sentences below a table.
fn unmarked(cell: &str) -> String {
    let cell = cell.trim();
    match cell.rfind(" [") {
        Some(at)
            if cell.ends_with(']') && cell[at + 2..cell.len() - 1].chars().all(|c| c.is_ascii_digit()) =>
        {
            cell[..at].to_owned()
        }
        _ => cell.to_owned(),
    }
}

/// Lines that begin with a bar, or have one; a ruled line below the headings.
fn ruled(text: &str, rule: &str, cells: impl Fn(&str) -> Vec<String>) -> Tables {
    let lines: Vec<&str> = text.lines().collect();
    let mut tables: Tables = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if line.trim_start().starts_with(rule) && at > 0 {
            let below = lines[at + 1..].iter().take_while(|line| line.contains('|'));
            tables.push((cells(lines[at - 1]), below.map(|line| cells(line)).collect()));
        }
    }
    tables
}

fn markdown(text: &str) -> Tables {
    ruled(text, "|--", |line| {
        let inner = line.trim().trim_start_matches('|').trim_end_matches('|');
        inner.split('|').map(|cell| unmarked(&cell.replace('\\', ""))).collect()
    })
}

fn terminal(text: &str) -> Tables {
    let is_rule = |line: &str| line.contains('+') && line.chars().all(|c| c == '-' || c == '+');
    let marked: Vec<String> =
        text.lines().map(|line| if is_rule(line) { format!("|--{line}") } else { line.to_owned() }).collect();
    ruled(&marked.join("\n"), "|--", |line| line.split('|').map(unmarked).collect())
}

/// Tables that were cut for their pages are one again.
fn latex(text: &str) -> Tables {
    let mut tables: Tables = Vec::new();
    let mut was_cut = false;
    for line in text.lines() {
        if line.contains("\\benchcaption{table}") {
            was_cut = line.contains(", continued}");
        }
        if line.starts_with("\\toprule") && !was_cut {
            tables.push((Vec::new(), Vec::new()));
        }
        let Some(row) = line.strip_suffix(" \\\\") else { continue };
        let cells: Vec<String> = row.split(" & ").map(unescaped).collect();
        let (headings, rows) = tables.last_mut().unwrap();
        if headings.is_empty() {
            *headings = cells;
        } else if *headings != cells {
            rows.push(cells);
        }
    }
    tables
}

fn unescaped(cell: &str) -> String {
    let mut cell = cell.split("\\textsuperscript{").next().unwrap_or_default().to_owned();
    for (from, to) in [
        ("\\texttimes{}", "×"),
        ("\\textendash{}", "–"),
        ("\\ensuremath{\\geq}", "≥"),
        ("\\ensuremath{\\leq}", "≤"),
        ("\\textgreater{}", ">"),
        ("\\textless{}", "<"),
        ("\\textmu{}", "µ"),
        ("\\textquotesingle{}", "'"),
        ("\\_", "_"),
        ("\\%", "%"),
        ("\\$", "$"),
        ("\\&", "&"),
        ("\\#", "#"),
        ("{[}", "["),
        ("{]}", "]"),
        ("{*}", "*"),
        ("-{}-", "--"),
    ] {
        cell = cell.replace(from, to);
    }
    cell
}

/// Tables of the page's sections: what stands behind rows, and the numbers of figures, is left out.
fn page(text: &str) -> Tables {
    let mut tables: Tables = Vec::new();
    // Of each table within which we are, whether it is one of a section.
    let mut within: Vec<bool> = Vec::new();
    for part in text.split('<').skip(1) {
        let (tag, words) = part.split_once('>').unwrap();
        let is_own = within == [true];
        if tag.starts_with("table") {
            within.push(within.is_empty() && tag.contains("data-id="));
            if within == [true] {
                tables.push((Vec::new(), Vec::new()));
            }
        } else if tag.starts_with("/table") {
            within.pop();
        }
        if !is_own {
            // Of something behind a row.
        } else if tag.starts_with("tr") {
            let (headings, rows) = tables.last_mut().unwrap();
            if !headings.is_empty() && !tag.contains("class=\"more\"") {
                rows.push(Vec::new());
            }
        } else if tag.starts_with("th scope=\"col\"") {
            tables.last_mut().unwrap().0.push(words.to_owned());
        } else if tag.starts_with("th scope=\"row\"") || (tag.starts_with("td") && !tag.contains("colspan")) {
            let words =
                words.replace("&gt;", ">").replace("&lt;", "<").replace("&quot;", "\"").replace("&#39;", "'");
            tables
                .last_mut()
                .unwrap()
                .1
                .last_mut()
                .unwrap()
                .push(words.replace("&amp;", "&").trim().to_owned());
        }
    }
    tables
}

/// Compiles a document that lies in a folder; what pdflatex said of a failure.
fn compile(dir: &Path, name: &str) -> Result<(), String> {
    let mut command = Command::new("pdflatex");
    command.args(["-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", name]).current_dir(dir);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let wrong = said.lines().skip_while(|line| !line.starts_with('!')).take(8).collect::<Vec<_>>().join("\n");
    if output.status.success() { Ok(()) } else { Err(format!("{name}: {wrong}")) }
}

#[test]
fn a_report_and_all_its_figures_compile_where_pdflatex_is_installed() {
    if Command::new("pdflatex").arg("--version").output().is_err() {
        eprintln!(
            "NOT CHECKED: pdflatex is not installed, so no TeX was compiled (Debian: texlive-latex-recommended, texlive-pictures)"
        );
        return;
    }
    let out = tempfile::tempdir().unwrap();
    // Axes of numbers, rows of words with credits over time and money, bars.
    for of in ["partitions", "instances", "crowd"] {
        let all = runs();
        let (_, run) = all.iter().find(|(_, run)| run.manifest.experiment == of).unwrap();
        let dir = out.path().join(of);
        std::fs::create_dir(&dir).unwrap();
        std::fs::write(dir.join("report.tex"), render(run, Format::Tex).unwrap()).unwrap();
        compile(&dir, "report.tex").unwrap_or_else(|wrong| panic!("{of}: {wrong}"));
    }
    let all = runs();
    let (_, run) = all.iter().find(|(_, run)| run.manifest.experiment == "knee").unwrap();
    for (name, text) in figures_of(run, &Findings::from_run(run).unwrap()).unwrap() {
        std::fs::write(out.path().join(name), text).unwrap();
    }
    compile(out.path(), "figures.tex").unwrap_or_else(|wrong| panic!("{wrong}"));
    // A question may be anything.
    let mut run = run.clone();
    run.manifest.question =
        "\\input{/etc/passwd} 50 % of $x$ & #1 _ ^ ~ {a} }{ [b] `c_\\d` ` 1 × – → ≥ ≤ µ μ ö ß 你 Ω \u{200b} «» <script>\u{7}".to_owned();
    run.manifest.experiment = "\\\\[1cm] %&$#_{}~^".to_owned();
    let text = render(&run, Format::Tex).unwrap();
    std::fs::write(out.path().join("bad.tex"), &text).unwrap();
    compile(out.path(), "bad.tex").unwrap_or_else(|wrong| panic!("{wrong}"));
    assert!(text.contains("\\textbackslash{}input\\{/etc/passwd\\}"), "a file's words are no commands");
}
