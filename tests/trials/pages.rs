//! Pages of numbers that others give of themselves, read while a trial runs. The pages are fakes, so that what they say is known; broker and consumers are real.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Instant;

use crate::support::{Desk, number};
use crate::undisturbed;

const SHORT: &str = "
topic: { partitions: 1 }
workload: { rate: 200/s, message: { size: 100B } }
consumers: { instances: 1 }
phases: { prepare: 0s, warm_up: 1s, measure: 6s, drain: 5s }
";

/// A page that says what `say` makes of the seconds since it began and of how often it was asked; nothing where that is none: whoever asks waits.
fn page(say: impl Fn(f64, u32) -> Option<String> + Send + Sync + 'static) -> (String, Arc<AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/metrics", listener.local_addr().unwrap());
    let (asked, say, began) = (Arc::new(AtomicU32::new(0)), Arc::new(say), Instant::now());
    let count = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (count, say) = (Arc::clone(&count), Arc::clone(&say));
            std::thread::spawn(move || {
                answer(&stream, &count, |asked| say(began.elapsed().as_secs_f64(), asked));
            });
        }
    });
    (url, asked)
}

fn answer(stream: &TcpStream, count: &AtomicU32, say: impl Fn(u32) -> Option<String>) {
    let mut lines = BufReader::new(stream).lines();
    loop {
        // A request has no body: it ends with an empty line.
        while let Some(Ok(line)) = lines.next() {
            if line.is_empty() {
                break;
            }
        }
        let Some(body) = say(count.fetch_add(1, SeqCst)) else { return std::thread::park() };
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n", body.len());
        if write!(&*stream, "{head}{body}").is_err() {
            return;
        }
    }
}

fn doubts(desk: &Desk) -> String {
    desk.trials().remove(0)["doubts"].clone()
}

#[test]
fn what_consumers_and_brokers_say_of_themselves_has_columns_and_slos_of_its_own() {
    let (url, asked) = page(|seconds, _| {
        Some(format!(
            "# TYPE served counter\nserved_total{{code=\"200\",path=\"/a,b\"}} {}\nserved_total{{code=\"500\"}} {}\nheap_bytes{{area=\"old\"}} 30\n\
             heap_bytes{{area=\"new\"}} 12\n# EOF\n",
            1_000.0 + 70.0 * seconds,
            5.0 * seconds
        ))
    });
    let (slow, _) =
        page(|_, asked| Some(format!("late{{quantile=\"0.99\"}} {}\n", if asked == 5 { 9 } else { 2 })));
    let rest = format!(
        "{SHORT}responses: [served]\nslos: [ \"served < 100\", \"worst < 5\" ]\nobserve: {{ scrape: [\n\
         {{ url: \"{url}\", every: 1s, metrics: [ {{ name: served, select: 'served_total{{code=\"200\",path=\"/a,b\"}}', as: rate }}, \
         {{ name: heap, select: heap_bytes, as: gauge }} ] }},\n\
         {{ url: \"{slow}\", metrics: [ {{ name: worst, select: 'late{{quantile=\"0.99\"}}', as: quantile }} ] }} ] }}\n"
    );
    let desk = Desk::new(&rest);
    let output = desk.run(&[]);
    let row = desk.trials().remove(0);
    // An SLO is broken.
    let code = if undisturbed(&row) { 1 } else { 4 };
    assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
    assert!((69.0..71.0).contains(&number(&row, "served")), "{row:?}");
    assert_eq!((number(&row, "heap"), number(&row, "worst")), (42.0, 9.0), "{row:?}");
    assert!(!doubts(&desk).contains("scrape_gap"), "{row:?}");
    assert!(asked.load(SeqCst) >= 7, "both edges and each second between");
    let report = std::fs::read_to_string(desk.results().join("report.md")).unwrap();
    assert!(report.contains("What others say of themselves") && report.contains("served_total"), "{report}");
    let treatments = std::fs::read_to_string(desk.results().join("treatments.csv")).unwrap();
    assert!(treatments.lines().next().unwrap().ends_with(
        "served_median,served_min,served_max,heap_median,heap_min,heap_max,worst_median,worst_min,worst_max"
    ));
    desk.whole();
}

#[test]
fn a_page_that_hangs_lies_or_is_away_is_a_gap_and_a_doubt_and_holds_up_nobody() {
    let (hangs, _) = page(|_, _| None);
    let (lies, _) = page(|_, _| Some("<html>welcome</html>\n".to_owned()));
    let (comes_back, _) = page(|seconds, _| Some(format!("up {seconds}\n")));
    let away = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let one = |url: &str, name: &str| {
        format!("{{ url: \"{url}\", metrics: [ {{ name: {name}, select: up, as: rate }} ] }}")
    };
    let pages =
        [one(&hangs, "a"), one(&lies, "b"), one(&format!("http://{away}/"), "c"), one(&comes_back, "d")]
            .join(", ");
    let desk = Desk::new(&format!("{SHORT}observe: {{ scrape: [ {pages} ] }}\n"));
    let output = desk.run(&[]);
    let row = desk.trials().remove(0);
    assert!(
        output.status.success() || row["outcome"] == "doubtful",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(doubts(&desk).contains("scrape_gap"), "{row:?}");
    assert_eq!(["a", "b", "c"].map(|name| row[name].as_str()), ["", "", ""], "unknown is not zero");
    assert!((0.99..1.01).contains(&number(&row, "d")), "{row:?}");
    let read = std::fs::read_to_string(desk.results().join("trials").join(&row["trial"]).join("scraped.csv"))
        .unwrap();
    for why in ["no answer within 1000 ms", "line 1 is no sample", "no connection"] {
        assert!(read.contains(why), "{why}: {read}");
    }
    desk.whole();
}
