//! Folders that are whole, and folders of which something was changed, taken away or added.

use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use super::{Verified, verify};
use crate::analyse::{Findings, tables};
use crate::books::InstanceSecond;
use crate::record::testing::{Synthetic, emulated, manifest};
use crate::record::{
    Beside, Build, End, Event, Files, Folder, Manifest, PlanRow, ProducerRow, Run, SUMS, StoreError,
    TrialRecord,
};
use crate::report::files;
use crate::units::CreditMode;

const QUESTION: &[u8] = b"question: Does throughput grow with partitions?\n";

fn begun(out: &Path) -> (Folder, Manifest) {
    let folder = Folder::create(out, "demo", UNIX_EPOCH, "abcd").unwrap();
    folder.write_experiment(QUESTION).unwrap();
    folder.write_once("inputs/day.csv", b"t,rate\n0,1\n").unwrap();
    let row =
        |order: u32| PlanRow { order, block: order, treatment: slug(order), repetition: order, seed: 7 };
    folder.write_plan(&(1..=3).map(row).collect::<Vec<_>>()).unwrap();
    let manifest = manifest(&["a", "b"]);
    folder.write_manifest(&manifest).unwrap();
    (folder, manifest)
}

fn slug(order: u32) -> String {
    if order == 2 { "b".to_owned() } else { "a".to_owned() }
}

/// Saves a trial with all that a trial can have.
fn save(folder: &Folder, order: u32, end: End) {
    let treatment = slug(order);
    let levels = vec![("topic.partitions".to_owned(), treatment.clone())];
    let trial = Synthetic { order, repetition: order, treatment, levels, ..Synthetic::default() };
    let (record, audit) = trial.with_audit(100);
    let started = format!("2026-11-22T23:1{order}:45Z");
    let emulated = vec![emulated("t3.micro", CreditMode::Standard, 0.1, 1)];
    let record = TrialRecord { started, end, emulated, ..record };
    let books = record.books.unwrap();
    let half = |of: u64| of / 2;
    let producer = |producer: u32| ProducerRow {
        producer,
        due: half(books.due),
        sent: half(books.sent),
        acked: half(books.acked),
        ..ProducerRow::default()
    };
    let second = |t: u32| InstanceSecond { t_s: f64::from(t), used_vcpus: 0.5, ..InstanceSecond::default() };
    let events =
        [Event { t_s: 0.0, kind: "phase".to_owned(), text: "measure".to_owned(), details: [].into() }];
    let beside = Beside {
        groups: &[audit],
        producers: &[producer(0), producer(1)],
        instances: &(0..17).map(second).collect::<Vec<_>>(),
    };
    folder.save(&record, (&trial.latencies(), &trial.rows(), &events), beside).unwrap();
}

fn write_tables(folder: &Folder, manifest: &Manifest) {
    let findings = Findings::from_run(&Run::load(folder.path()).unwrap()).unwrap();
    for (name, table) in tables(manifest, &findings) {
        folder.write_table(name, &table).unwrap();
    }
}

/// What bench does when a run is through, by such a bench.
fn concluded(folder: &Folder, manifest: &Manifest, by: Option<Build>) {
    let finished = Some("2026-11-22T23:59:45Z".to_owned());
    let manifest = Manifest { finished, reports_by: by, ..manifest.clone() };
    write_tables(folder, &manifest);
    let run = Run { manifest: manifest.clone(), ..Run::load(folder.path()).unwrap() };
    for (name, text) in files(&run, &Findings::from_run(&run).unwrap()).unwrap() {
        folder.write(&name, text.as_bytes()).unwrap();
    }
    folder.write_manifest(&manifest).unwrap();
}

/// A run that is through, with every kind of file.
fn whole(out: &Path) -> Folder {
    let (folder, manifest) = begun(out);
    folder.write("broker.log", b"started\n").unwrap();
    (1..=3).for_each(|order| save(&folder, order, End::Completed));
    concluded(&folder, &manifest, Some(Build::this()));
    folder.seal().unwrap();
    folder
}

/// The same of a bench that kept no sums.
fn older(out: &Path) -> Folder {
    let (folder, manifest) = begun(out);
    (1..=3).for_each(|order| save(&folder, order, End::Completed));
    concluded(&folder, &manifest, None);
    fs::remove_file(folder.path().join(SUMS)).unwrap();
    folder
}

fn found(folder: &Folder) -> Verified {
    verify(folder.path()).unwrap()
}

fn faulty(found: &Verified) -> Vec<&str> {
    let mut files: Vec<&str> = found.faults.iter().map(|wrong| wrong.file.as_str()).collect();
    files.dedup();
    files
}

/// What is found with a file of other bytes, which are put back.
fn changed(folder: &Folder, file: &str, change: impl FnOnce(&mut Vec<u8>)) -> Verified {
    let path = folder.path().join(file);
    let was = fs::read(&path).unwrap();
    let mut bytes = was.clone();
    change(&mut bytes);
    assert_ne!(was, bytes);
    fs::write(&path, bytes).unwrap();
    let found = found(folder);
    fs::write(&path, was).unwrap();
    found
}

/// Replaces what must be there.
fn replace(from: &'static str, to: &'static str) -> impl FnOnce(&mut Vec<u8>) {
    move |bytes| *bytes = String::from_utf8(bytes.clone()).unwrap().replacen(from, to, 1).into_bytes()
}

#[test]
fn a_whole_folder_is_whole_and_so_sha256sum_says() {
    let out = tempfile::tempdir().unwrap();
    let folder = whole(out.path());
    let found = found(&folder);
    assert_eq!(found.faults, []);
    assert_eq!(found.notes, [""; 0]);
    assert_eq!((found.kept, found.trials), (found.files - 1, 3));
    let made = ["trials.csv", "groups.csv", "treatments.csv", "report.md", "report.html"];
    assert_eq!(found.made[..5], made);
    assert!(found.made.len() > 5, "and figures: {:?}", found.made);
    let mut sha256sum = std::process::Command::new("sha256sum");
    let status = sha256sum.args(["--check", "--strict", "--quiet", SUMS]).current_dir(folder.path()).status();
    assert!(status.unwrap().success());
}

#[test]
fn a_changed_byte_of_any_file_is_found_and_its_file_named() {
    let out = tempfile::tempdir().unwrap();
    let folder = whole(out.path());
    let files = Files::of(folder.path()).unwrap().whole;
    for end in
        ["latency.hlog", "latency-audit.hlog", "series-audit.csv", "instances.csv", "producers.csv", ".svg"]
    {
        assert!(files.iter().any(|file| file.ends_with(end)), "{end}: {files:?}");
    }
    for file in files.iter().filter(|file| *file != SUMS) {
        let found = changed(&folder, file, |bytes| {
            let at = bytes.len() / 2;
            bytes[at] ^= 1;
        });
        assert!(faulty(&found).contains(&file.as_str()), "{file}: {found:?}");
        assert!(found.faults.iter().any(|wrong| wrong.file == *file && wrong.what.contains("SHA-256")));
    }
    let found = changed(&folder, SUMS, |bytes| bytes[3] = if bytes[3] == b'1' { b'2' } else { b'1' });
    assert_eq!(faulty(&found), ["broker.log"], "the first of its lines");
    let found = changed(&folder, SUMS, |bytes| bytes[3] = b'x');
    assert!(faulty(&found).contains(&SUMS), "{found:?}");
}

#[test]
fn a_file_that_is_missing_and_one_that_was_added_are_found() {
    let out = tempfile::tempdir().unwrap();
    let folder = whole(out.path());
    for file in Files::of(folder.path()).unwrap().whole {
        let path = folder.path().join(&file);
        let was = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let found = found(&folder);
        let own: Vec<_> = found.faults.iter().filter(|wrong| wrong.file == file).collect();
        assert_eq!(
            own.iter().map(|wrong| wrong.what.as_str()).collect::<Vec<_>>(),
            ["is missing"],
            "{found:?}"
        );
        fs::write(path, was).unwrap();
    }
    for file in
        ["notes.txt", "trials/001-a-r1/latency-other.hlog", "trials/009-a-r9/trial.json", "inputs/x.csv"]
    {
        fs::create_dir_all(folder.path().join(file).parent().unwrap()).unwrap();
        fs::write(folder.path().join(file), "x").unwrap();
        let found = found(&folder);
        assert!(faulty(&found).contains(&file), "{found:?}");
        fs::remove_file(folder.path().join(file)).unwrap();
    }
}

#[test]
fn changed_digits_of_a_folder_without_sums_are_found_by_what_the_records_tell_twice() {
    let out = tempfile::tempdir().unwrap();
    let folder = older(out.path());
    let (first, all) = ("trials/001-a-r1", found(&folder));
    assert_eq!(all.faults, []);
    assert!(all.notes.len() == 1 && all.notes[0].starts_with("there is no `SHA256SUMS`"), "{:?}", all.notes);
    let record = format!("{first}/trial.json");
    let of = |file: &str| format!("{first}/{file}");
    let cases: [(String, &'static str, &'static str, &str); 14] = [
        (of("latency.hlog"), "Tag=ack_latency,5.000", "Tag=ack_latency,6.000", "is out of its order"),
        (of("latency-audit.hlog"), "HISTFAAAA", "HISTFBAAA", "not a histogram of the length"),
        (
            of("series.csv"),
            "measure,250",
            "measure,251",
            "`due` comes to 12001 messages, and the trial's books have 12000",
        ),
        (of("series.csv"), "2.25,", "2.26,", "row 10 begins at 2.26 s"),
        (of("series.csv"), ",untold", ",untolt", "a column that this bench does not know, `untolt`"),
        (of("producers.csv"), "6000", "6001", "`due` comes to 12001 messages"),
        (of("events.jsonl"), "\"t_s\"", "\"t-s\"", "line 1: missing field `t_s`"),
        (
            record.clone(),
            "\"due\": 12000",
            "\"due\": 12001",
            "has books that do not close: due = 12001 is not",
        ),
        (record.clone(), "\"seed\": 7", "\"seed\": 8", "than its row in `plan.csv`"),
        (record.clone(), "\"watched_s\"", "\"watched-s\"", "does not know, `watched-s`"),
        ("manifest.json".to_owned(), "\"finished\"", "\"finisheb\"", "does not know, `finisheb`"),
        ("trials.csv".to_owned(), ",12000,", ",12001,", "row 1, `due`: `12001`, and the records say `12000`"),
        (
            "treatments.csv".to_owned(),
            ",12000,",
            ",12001,",
            "row 1, `due_median`: `12001`, and the records say `12000`",
        ),
        (
            "report.md".to_owned(),
            "1000",
            "1001",
            "it has 1001 where the records say 1000; the first line that differs is line",
        ),
    ];
    for (file, from, to, told) in cases {
        let found = changed(&folder, &file, replace(from, to));
        let own: Vec<_> = found.faults.iter().filter(|wrong| wrong.file == file).collect();
        assert!(own.iter().any(|wrong| wrong.what.contains(told)), "{file}: {found:?}");
    }
    for file in ["report.md", "trials.csv", "plan.csv", "experiment.yaml", &record, &of("latency.hlog")] {
        let was = fs::read(folder.path().join(file)).unwrap();
        fs::remove_file(folder.path().join(file)).unwrap();
        assert!(faulty(&found(&folder)).contains(&file), "{file}");
        fs::write(folder.path().join(file), was).unwrap();
    }
    fs::write(folder.path().join("notes.txt"), "x").unwrap();
    assert_eq!(faulty(&found(&folder)), ["notes.txt"]);
}

#[test]
fn a_later_format_is_refused_and_a_changed_digit_that_says_so_is_found() {
    let out = tempfile::tempdir().unwrap();
    let folder = whole(out.path());
    let found = changed(&folder, "manifest.json", replace("\"format\": 1", "\"format\": 2"));
    assert_eq!(faulty(&found), ["manifest.json"]);
    let text = fs::read_to_string(folder.path().join("manifest.json")).unwrap();
    folder.unseal().unwrap();
    folder.write("manifest.json", text.replacen("\"format\": 1", "\"format\": 2", 1).as_bytes()).unwrap();
    folder.seal().unwrap();
    let refused = verify(folder.path()).unwrap_err();
    assert!(matches!(refused, StoreError::TooNew { .. }), "{refused}");
    assert!(matches!(verify(out.path()), Err(StoreError::Io { .. })), "a folder that is none of a run");
}

#[test]
fn whenever_bench_dies_the_folder_is_whole_as_far_as_it_got() {
    let out = tempfile::tempdir().unwrap();
    let (folder, manifest) = begun(out.path());
    let whole = |when: &str| {
        let found = found(&folder);
        assert_eq!(found.faults, [], "{when}");
        found
    };
    whole("after the manifest");
    for order in 1..=3 {
        let before = fs::read(folder.path().join(SUMS)).unwrap();
        save(&folder, order, End::Completed);
        let after = fs::read(folder.path().join(SUMS)).unwrap();
        folder.write(SUMS, &before).unwrap();
        let told = whole("a trial has its name and no sums yet");
        assert!(told.notes[0].contains(&format!("trials/00{order}")), "{:?}", told.notes);
        folder.write(SUMS, &after).unwrap();
        whole("a trial is saved and is in no table yet");
        write_tables(&folder, &manifest);
        whole("a trial is in the tables");
    }
    concluded(&folder, &manifest, Some(Build::this()));
    fs::create_dir(folder.path().join("trials/.004-a-r4.part")).unwrap();
    let told = whole("all is written and has no sum yet");
    assert!(told.notes.iter().any(|note| note.contains(".004-a-r4.part")), "{:?}", told.notes);
    folder.seal().unwrap();
    assert_eq!(whole("sealed").made.len(), 7);
    folder.unseal().unwrap();
    let again = manifest.clone().resumed_by(manifest.clone());
    folder.write_manifest(&again).unwrap();
    let told = whole("gone on with");
    assert!(told.notes.iter().any(|note| note.starts_with("`report.md` is of before")), "{:?}", told.notes);
    save(&folder, 3, End::Completed);
    assert_eq!(whole("a trial was done anew").trials, 4);
    fs::write(folder.path().join("superseded/003-a-r3/series.csv"), "").unwrap();
    assert_eq!(faulty(&found(&folder)), ["superseded/003-a-r3/series.csv"], "the old one keeps its sums");
}

#[test]
fn what_another_version_wrote_is_whole_and_it_is_told_which_numbers_differ() {
    let out = tempfile::tempdir().unwrap();
    let folder = whole(out.path());
    let rewrite = |file: &str, change: &dyn Fn(&str) -> String| {
        let text = fs::read_to_string(folder.path().join(file)).unwrap();
        folder.write(file, change(&text).as_bytes()).unwrap();
    };
    let reseal = |by: &str| {
        folder.unseal().unwrap();
        let by = Build { bench_version: by.to_owned(), ..Build::this() };
        let manifest = Manifest::load(folder.path()).unwrap();
        folder.write_manifest(&Manifest { reports_by: Some(by), ..manifest }).unwrap();
        rewrite("report.md", &|text| text.replacen("1000", "1001", 1));
        rewrite("trials.csv", &|text| {
            let cut = |line: &str| line.rsplit_once(',').unwrap().0.to_owned() + "\n";
            text.lines().map(cut).collect()
        });
        folder.seal().unwrap();
        found(&folder)
    };
    let ours = reseal("0.1.0");
    assert_eq!(faulty(&ours), ["trials.csv", "report.md"], "the sums hold, and the records say otherwise");
    let theirs = reseal("0.0.9");
    assert_eq!(theirs.faults, []);
    let told = |what: &str| theirs.notes.iter().any(|note| note.contains(what));
    assert!(
        told("`trials.csv` was written before there were columns `drain_pace` and 1 more"),
        "{:?}",
        theirs.notes
    );
    assert!(told("`report.md` is as bench 0.0.9 wrote it") && told("it has 1001"), "{:?}", theirs.notes);
}

#[test]
fn reports_that_are_written_again_get_new_sums_and_no_other_file_does() {
    let out = tempfile::tempdir().unwrap();
    let folder = whole(out.path());
    folder.write("report.md", b"of another version\n").unwrap();
    assert_eq!(faulty(&found(&folder)), ["report.md"]);
    let run = Run::load(folder.path()).unwrap();
    let reports = files(&run, &Findings::from_run(&run).unwrap()).unwrap();
    folder.rewrite(&reports).unwrap();
    let whole = found(&folder);
    assert_eq!((whole.faults.as_slice(), whole.kept), (&[][..], whole.files - 1));
    folder.write("trials.csv", b"trial\n").unwrap();
    folder
        .write(
            "manifest.json",
            &[fs::read(folder.path().join("manifest.json")).unwrap(), b" ".to_vec()].concat(),
        )
        .unwrap();
    folder.rewrite(&reports).unwrap();
    assert_eq!(faulty(&found(&folder)), ["manifest.json", "trials.csv"], "what was changed stays found");
}

#[test]
fn a_folder_with_nothing_in_it_is_found() {
    let out = tempfile::tempdir().unwrap();
    for folder in [whole(out.path()), older(&out.path().join("older"))] {
        fs::create_dir_all(folder.path().join("trials/004-a-r4")).unwrap();
        assert_eq!(faulty(&found(&folder)), ["trials/004-a-r4/"]);
    }
}

#[test]
fn a_folder_that_is_sealed_later_says_when_and_every_file_is_kept_from_then_on() {
    let out = tempfile::tempdir().unwrap();
    let folder = older(out.path());
    assert!(folder.seal_later(UNIX_EPOCH, &Build::this()).unwrap());
    let sealed = found(&folder);
    assert_eq!((sealed.faults.as_slice(), sealed.kept), (&[][..], sealed.files - 1));
    assert_eq!(sealed.sealed, Some(format!("1970-01-01T00:00:00Z by {}", Build::this())));
    let mut sha256sum = std::process::Command::new("sha256sum");
    let status = sha256sum.args(["--check", "--strict", "--quiet", SUMS]).current_dir(folder.path()).status();
    assert!(status.unwrap().success());
    let run = Run::load(folder.path()).unwrap();
    folder.rewrite(&files(&run, &Findings::from_run(&run).unwrap()).unwrap()).unwrap();
    assert_eq!(found(&folder).sealed, sealed.sealed, "reports that are made again keep it");
    let changed = changed(&folder, "experiment.yaml", |bytes| bytes[12] ^= 1);
    assert_eq!(faulty(&changed), ["experiment.yaml"], "which no record tells twice");
    assert!(!folder.seal_later(UNIX_EPOCH, &Build::this()).unwrap(), "one that has sums keeps them");
}
