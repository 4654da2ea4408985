//! Runs that nobody measured: with words as bad as they can be, and as large as they come. Made of a committed run's records.

use std::time::Instant;

use kafka_bench::record::{End, PlanRow, Run, SavedTrial, TreatmentLine, trial_name};
use kafka_bench::report::{Format, render};

use super::browser::{View, WIDE, browser, pictures};
use super::{found, run_of, wrong};

const EVIL: &str = "<script>window.ran = 1</script><img src=x onerror=\"window.ran = 1\"><b>&\"'</style>";
const LABEL: &str = "<b>&\"";

/// A page of a run whose question, labels and errors are not what one would wish.
pub fn evil() -> String {
    let mut run = Run::load(&run_of("instances")).unwrap();
    EVIL.clone_into(&mut run.manifest.question);
    EVIL.clone_into(&mut run.manifest.experiment);
    run.manifest.slos.iter_mut().for_each(|slo| slo.text.push_str(EVIL));
    let evil = |level: &mut String| {
        if level == "1 t3.medium" {
            EVIL.clone_into(level);
        }
    };
    run.manifest.treatments.iter_mut().flat_map(|one| &mut one.levels).for_each(evil);
    for trial in &mut run.trials {
        trial.record.levels.iter_mut().for_each(|(_, level)| evil(level));
    }
    run.trials[0].record.broker_errors.insert(EVIL.to_owned(), 3);
    run.trials[1].record.failures.insert(EVIL.to_owned(), 3);
    run.trials[2].record.end = End::Failed(format!("the broker said `{EVIL}`"));
    render(&run, Format::Html).unwrap()
}

/// Three factors, 300 trials, emulated and in overload; all trials of one treatment failed.
fn large() -> Run {
    let mut run = Run::load(&run_of("instances")).unwrap();
    let (trials, treatments) =
        (std::mem::take(&mut run.trials), std::mem::take(&mut run.manifest.treatments));
    run.plan.clear();
    run.manifest.factors.insert(0, "topic.partitions".to_owned());
    let label = |level: &String| if level == "2 t3.micro" { LABEL.to_owned() } else { level.clone() };
    for partitions in 1..=10 {
        let slug = |of: &str| format!("partitions={partitions},{of}");
        for one in &treatments {
            let levels = std::iter::once(partitions.to_string()).chain(one.levels.iter().map(label));
            let levels = levels.collect();
            run.manifest.treatments.push(TreatmentLine { slug: slug(&one.slug), levels, baseline: false });
        }
        for SavedTrial { path, record } in &trials {
            let mut record = record.clone();
            record.order += (partitions - 1) * trials.len() as u32;
            record.treatment = slug(&record.treatment);
            record.levels.iter_mut().for_each(|(_, level)| *level = label(level));
            record.levels.insert(0, ("topic.partitions".to_owned(), partitions.to_string()));
            record.trial = trial_name(record.order, &record.treatment, record.repetition);
            if partitions == 3 && record.treatment == run.manifest.treatments[20].slug {
                record.end = End::Failed(format!("the broker left: {EVIL}"));
                record.books = None;
            }
            run.plan.push(PlanRow {
                order: record.order,
                block: record.block,
                treatment: record.treatment.clone(),
                repetition: record.repetition,
                seed: record.seed,
            });
            run.trials.push(SavedTrial { path: path.clone(), record });
        }
    }
    run
}

#[test]
fn what_a_file_says_is_shown_and_never_run() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("evil.html");
    std::fs::write(&file, evil()).unwrap();
    let page = browser.open(&file, "", WIDE);
    page.find("look.opened()");
    assert_eq!(page.complaints(), [""; 0]);
    assert_eq!(page.find("typeof window.ran"), "undefined");
    assert_eq!(page.find("document.querySelectorAll('b, img, body script:not(:last-child)').length"), 0);
    let text = page.find("document.body.innerText");
    let text = text.as_str().unwrap();
    for said in [EVIL.to_owned(), format!("the broker said {EVIL}")] {
        assert!(text.contains(&said), "`{said}` is not in:\n{text}");
    }
    let cells =
        page.lines("[...document.querySelectorAll('th[scope=row], svg text')].map(one => one.textContent)");
    assert!(cells.iter().any(|cell| cell.contains("<script>window.ran = 1")), "{cells:?}");
    let marks = page.lines("[...document.querySelectorAll('.marks li')].map(one => one.textContent)");
    assert!(marks.iter().any(|mark| mark.contains("<script>")), "a broker's error is told: {marks:?}");
}

#[test]
fn a_page_of_three_factors_and_three_hundred_trials_is_light_and_whole() {
    let run = large();
    assert_eq!((run.trials.len(), run.manifest.treatments.len()), (300, 100));
    let html = render(&run, Format::Html).unwrap();
    assert!(html.len() <= 2 << 20, "{} bytes", html.len());
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("large.html");
    std::fs::write(&file, html).unwrap();
    let begin = Instant::now();
    let page = browser.open(&file, "", WIDE);
    let took = begin.elapsed();
    assert!(took.as_secs() < 10, "{took:?} to load");
    assert_eq!(page.complaints(), [""; 0]);
    let mut wrongs = Vec::new();
    for width in [400, 1_400] {
        let view = View { width, ..WIDE };
        page.look(view);
        let picture = pictures().join(format!("large-{width}-light.png"));
        page.picture(
            &picture,
            (width, page.find("Math.min(9000, document.documentElement.scrollHeight)").as_f64().unwrap()),
        );
        for function in ["cut", "covered", "pale"] {
            wrongs.extend(wrong(&page, "large", view, function));
        }
    }
    assert!(wrongs.is_empty(), "{}", wrongs.join("\n"));
    assert_eq!(found(&page, "cut"), [""; 0]);
    let text = page.find("document.body.textContent");
    for said in ["emulated", "failed", LABEL, "the broker left"] {
        assert!(text.as_str().unwrap().contains(said), "`{said}` is not told");
    }
    page.look(View { width: 687, paper: true, ..WIDE });
    assert_eq!(found(&page, "cut"), [""; 0], "on paper");
}
