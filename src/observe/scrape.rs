//! Reads pages of numbers that others give of themselves, again and again, until it is told to stop. What does not come is a gap.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use super::exposition::{Sample, samples};
use crate::record::ScrapedRow;
use crate::spec::scrape::{Kind, Scraped, Target};
use crate::timeline::Clock;

/// A page that takes longer is not read: the next reading comes first.
const LONGEST: Duration = Duration::from_secs(5);
/// A page beyond this is none that anybody reads every second.
const LARGEST: usize = 16 << 20;
/// A rate is over so many series at most: a page that has others each time would fill the memory.
const MOST_SERIES: usize = 100_000;
/// Whoever wants the readings to end waits no longer than this.
const STEP: Duration = Duration::from_millis(20);
const ACCEPT: &str = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5";

/// When a page is read: from a moment on, at every so many ns, and once more at another moment.
#[derive(Clone, Copy, Debug)]
pub struct When {
    /// Time 0, Unix ns: readings count from there.
    pub zero: u64,
    /// The window, Unix ns: readings fall on its beginning, on its end, and on whole steps between and around them.
    pub window: (u64, u64),
}

impl When {
    /// The first moment after `now` at which a page is read.
    fn next(self, now: u64, every: u64) -> u64 {
        let (start, end) = self.window;
        let step = if now < start {
            start - (start - now - 1) / every * every
        } else {
            start + ((now - start) / every + 1) * every
        };
        if now < end && end < step { end } else { step }
    }
}

/// Reads the page `number` of the file until `stop` is set, and tells each number of each reading. The address has no references any more.
pub fn follow(
    (number, target, url): (u32, &Target, &str),
    when: When,
    (clock, stop): (Clock, &AtomicBool),
    mut tell: impl FnMut(ScrapedRow),
) {
    let every = target.every.as_nanos();
    let mut counters: Vec<Counter> = target.metrics.iter().map(|_| Counter::default()).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build();
    let reader = runtime
        .map_err(|error| error.to_string())
        .and_then(|runtime| Ok((runtime, client.map_err(|error| in_words(&error))?)));
    let patience = LONGEST.min(target.every.as_duration());
    let mut next = when.next(clock.now(), every);
    while !stop.load(Relaxed) {
        let now = clock.now();
        if now < next {
            std::thread::sleep(Duration::from_nanos(next - now).min(STEP));
            continue;
        }
        let began = Instant::now();
        let page = match &reader {
            Ok((runtime, client)) => runtime.block_on(async {
                let late = |_| Err(format!("no answer within {} ms", patience.as_millis()));
                tokio::time::timeout(patience, fetch(client, url)).await.unwrap_or_else(late)
            }),
            Err(why) => Err(why.clone()),
        };
        let read = page.as_ref().map_err(Clone::clone).and_then(|page| samples(page));
        let at = clock.now();
        let (t_s, took_ms) = ((at as f64 - when.zero as f64) / 1e9, began.elapsed().as_secs_f64() * 1e3);
        for (one, counter) in target.metrics.iter().zip(&mut counters) {
            let value = read.as_ref().map_err(Clone::clone).and_then(|all| value(one, counter, all));
            let (value, why) = match value {
                Ok((value, anew)) => (Some(value), anew.unwrap_or_default()),
                Err(why) => (None, why),
            };
            tell(ScrapedRow { t_s, took_ms, page: number, name: one.name.clone(), value, why });
        }
        next = when.next(clock.now(), every);
    }
    if let Ok((runtime, _)) = reader {
        // A name that nobody resolves is looked for in a thread of its own, which nothing ends before its time.
        runtime.shutdown_background();
    }
}

async fn fetch(client: &reqwest::Client, url: &str) -> Result<String, String> {
    let answer = client.get(url).header(reqwest::header::ACCEPT, ACCEPT).send().await;
    let mut answer = answer.map_err(|error| in_words(&error))?;
    if !answer.status().is_success() {
        return Err(format!("the answer is {}", answer.status()));
    }
    let mut page = Vec::new();
    while let Some(more) = answer.chunk().await.map_err(|error| in_words(&error))? {
        page.extend_from_slice(&more);
        if page.len() > LARGEST {
            return Err(format!("the page is larger than {} MiB", LARGEST >> 20));
        }
    }
    String::from_utf8(page).map_err(|_| "the page is no text".to_owned())
}

/// An error with its causes and without the address, in which a secret may be.
fn in_words(error: &reqwest::Error) -> String {
    let mut words = if error.is_connect() { "no connection" } else { "no answer" }.to_owned();
    let mut cause = std::error::Error::source(error);
    let mut last = None;
    while let Some(error) = cause {
        last = Some(error.to_string());
        cause = error.source();
    }
    if let Some(last) = last {
        words = format!("{words}: {last}");
    }
    words
}

/// How far the counters of a number have come since they were read first, by series.
#[derive(Debug, Default)]
struct Counter {
    last: HashMap<String, f64>,
    grown: f64,
    begun: bool,
    /// There were too many series, of which none is known any more.
    overfull: bool,
}

impl Counter {
    /// A counter that is less than it was began anew at nothing; so did one that was not there before. What it came to before it began anew, where it did.
    fn add(&mut self, series: String, value: f64) -> Option<f64> {
        let before = self.last.insert(series, value);
        match before {
            Some(before) if value >= before => self.grown += value - before,
            None if !self.begun => {}
            _ => self.grown += value,
        }
        before.filter(|before| value < *before)
    }

    /// Whether it has come to more series than are kept: from then on it tells nothing, for nobody knows any more what was there before.
    fn is_overfull(&mut self) -> bool {
        self.overfull |= self.last.len() > MOST_SERIES;
        if self.overfull {
            self.last = HashMap::new();
        }
        self.overfull
    }
}

/// The number; of a rate also that a counter began anew, where one did.
fn value(one: &Scraped, counter: &mut Counter, all: &[Sample<'_>]) -> Result<(f64, Option<String>), String> {
    let selected = all.iter().filter(|sample| one.select.selects(sample.name, &sample.labels));
    let selected: Vec<&Sample<'_>> = selected.filter(|sample| sample.value.is_finite()).collect();
    if selected.is_empty() {
        return Err(format!("no sample of the page is `{}`", one.select));
    }
    let series: BTreeMap<String, f64> =
        selected.iter().map(|sample| (series(sample), sample.value)).collect();
    if series.len() < selected.len() {
        // One of them is not so, and nobody knows which.
        return Err(format!("the page tells a series of `{}` twice", one.select));
    }
    if one.kind == Kind::Rate {
        let mut anew = None;
        for (series, value) in series {
            let before = counter.add(series, value);
            anew = anew.or_else(|| Some(format!("a counter began anew: {value} after {}", before?)));
        }
        if counter.is_overfull() {
            return Err(format!("`{}` has come to more than {MOST_SERIES} series", one.select));
        }
        counter.begun = true;
        return Ok((finite(counter.grown)?, anew));
    }
    let together = one.kind.together(series.into_values());
    let together = together.ok_or_else(|| "no sample has a number".to_owned())?;
    Ok((finite(together)?, None))
}

/// What a sample is of, in whatever order its labels stand.
fn series(sample: &Sample<'_>) -> String {
    let mut labels = sample.labels.clone();
    labels.sort();
    format!("{}{labels:?}", sample.name)
}

/// Numbers may be too large to be added up.
fn finite(sum: f64) -> Result<f64, String> {
    if sum.is_finite() { Ok(sum) } else { Err("the samples come to no number".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scraped(select: &str, kind: Kind) -> Scraped {
        Scraped { name: "x".to_owned(), select: select.parse().unwrap(), kind }
    }

    #[test]
    fn a_counter_that_begins_anew_goes_on_and_one_that_was_not_there_began_at_nothing() {
        let (one, mut counter) = (scraped("hits", Kind::Rate), Counter::default());
        let mut read = |page: &str| value(&one, &mut counter, &samples(page).unwrap());
        assert_eq!(read("hits{a=\"1\"} 100\n"), Ok((0.0, None)), "what was before is not ours");
        assert_eq!(read("hits{a=\"1\"} 130\nhits{a=\"2\"} 5\n"), Ok((35.0, None)));
        assert!(read("miss 1\n").unwrap_err().contains("`hits`"));
        let anew = Some("a counter began anew: 10 after 130".to_owned());
        assert_eq!(read("hits{a=\"2\"} 6\nhits{a=\"1\"} 10\n"), Ok((46.0, anew)), "and it is told");
    }

    #[test]
    fn a_page_that_tells_one_thing_twice_is_a_gap_and_no_number_grows_by_it() {
        let twice = "hits{a=\"1\",b=\"2\"} 1000\nhits{b=\"2\",a=\"1\"} 400\n";
        for kind in Kind::ALL {
            let (one, mut counter) = (scraped("hits", kind), Counter::default());
            for _ in 0..2 {
                let read = value(&one, &mut counter, &samples(twice).unwrap());
                assert!(read.unwrap_err().contains("a series of `hits` twice"), "{kind:?}");
            }
            let other = scraped("hit", kind);
            let whole = format!("{twice}hit 7\n");
            assert!(value(&other, &mut counter, &samples(&whole).unwrap()).is_ok(), "what was not asked for");
        }
    }

    #[test]
    fn a_page_that_has_other_series_each_time_is_a_gap_and_fills_no_memory() {
        let (one, mut counter) = (scraped("hits", Kind::Rate), Counter::default());
        let mut read = |from: usize, count: usize| {
            let line = |number: usize| format!("hits{{id=\"{number}\"}} 1\n");
            let page: String = (from..from + count).map(line).collect();
            value(&one, &mut counter, &samples(&page).unwrap())
        };
        assert_eq!(read(0, MOST_SERIES), Ok((0.0, None)));
        assert!(read(MOST_SERIES, 1).unwrap_err().contains("more than 100000 series"));
        assert!(read(0, 2).is_err(), "how far it has come nobody knows any more");
        assert!(counter.last.is_empty());
    }

    #[test]
    fn a_level_is_of_all_that_are_selected_and_what_is_no_number_is_none() {
        let read = |select: &str, kind, page: &str| {
            value(&scraped(select, kind), &mut Counter::default(), &samples(page).unwrap())
                .map(|(value, _)| value)
        };
        let page = "heap{area=\"old\"} 3\nheap{area=\"new\"} 4\nheap{area=\"odd\"} NaN\nlate{quantile=\"0.99\"} NaN\n";
        assert_eq!(read("heap", Kind::Gauge, page), Ok(7.0));
        assert_eq!(read("heap", Kind::Quantile, page), Ok(4.0));
        assert!(read("late", Kind::Quantile, page).is_err());
        let huge = "heap{area=\"old\"} 1e308\nheap{area=\"new\"} 1e308\n";
        assert!(read("heap", Kind::Gauge, huge).is_err());
    }

    #[test]
    fn readings_fall_on_both_edges_of_the_window() {
        let when = When { zero: 0, window: (10_500, 15_700) };
        let mut now = 0;
        let mut all = Vec::new();
        while now < 17_000 {
            now = when.next(now, 1_000);
            all.push(now);
        }
        assert_eq!(all[..2], [500, 1_500]);
        assert_eq!(all[9..], [9_500, 10_500, 11_500, 12_500, 13_500, 14_500, 15_500, 15_700, 16_500, 17_500]);
    }
}
