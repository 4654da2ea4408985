//! Whether each instance that is not ours has shown that it is ready.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use regex::Regex;

use super::output::Output;
use crate::spec::Ready;

/// How often an address is asked.
const EVERY: Duration = Duration::from_millis(200);
/// How long it may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_millis(500);

/// An instance that lives: its index, its number among equals, and what it writes.
pub(super) type Living<'a> = (u32, u32, &'a Output);

/// Asks instances, or looks at what they write.
pub(super) struct Readiness {
    how: How,
    seen: Mutex<Seen>,
}

enum How {
    /// None where the expression is none, which no plan has.
    Log(Option<Regex>),
    Http(String),
}

#[derive(Default)]
struct Seen {
    /// Numbers of those that were ready once.
    ready: BTreeSet<u32>,
    asked: Option<Instant>,
}

impl Readiness {
    pub(super) fn new(ready: &Ready) -> Self {
        let how = match ready {
            Ready::Log(text) => How::Log(Regex::new(text).ok()),
            Ready::Http(address) => How::Http(address.clone()),
        };
        Readiness { how, seen: Mutex::default() }
    }

    /// Whether all of these have shown it, and there is one.
    pub(super) fn of<'a>(&self, living: impl Iterator<Item = Living<'a>>) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let living: Vec<Living<'_>> = living.collect();
        if matches!(self.how, How::Log(_)) || seen.asked.is_none_or(|asked| asked.elapsed() >= EVERY) {
            seen.asked = Some(Instant::now());
            let waiting = living.iter().filter(|(index, ..)| !seen.ready.contains(index));
            let has_shown_it = |(_, slot, output): &&Living<'_>| match &self.how {
                How::Log(what) => what.as_ref().is_some_and(|what| output.matches(what)),
                How::Http(address) => {
                    answers(&address.replace(Ready::INSTANCE, &slot.to_string()), ANSWER_WITHIN)
                }
            };
            // One that is not ready keeps all others waiting: many that hang are not asked one after the other.
            let news: Vec<u32> = waiting.take_while(has_shown_it).map(|(index, ..)| *index).collect();
            seen.ready.extend(news);
        }
        !living.is_empty() && living.iter().all(|(index, ..)| seen.ready.contains(index))
    }
}

/// Whether an address answers 2xx within that long.
fn answers(address: &str, within: Duration) -> bool {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build();
    // One for each question: a connection that was left open would be nobody's to close.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let (Ok(client), Ok(runtime)) = (client, runtime) else { return false };
    let answer = runtime.block_on(async { client.get(address).timeout(within).send().await });
    // A name that nobody resolves is looked for in a thread of its own, which nothing ends before its time.
    runtime.shutdown_background();
    answer.is_ok_and(|answer| answer.status().is_success())
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn an_address_is_ready_when_it_answers_with_success_and_not_before() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/health", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            for status in ["503 Service Unavailable", "200 OK"] {
                let (mut stream, _) = listener.accept().unwrap();
                let mut asked = [0; 18];
                stream.read_exact(&mut asked).unwrap();
                assert_eq!(&asked, b"GET /health HTTP/1");
                let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
                stream.write_all(answer.as_bytes()).unwrap();
                // What is left of the question is read before the end, or the answer may be lost.
                stream.read_to_end(&mut Vec::new()).ok();
            }
        });
        let within = Duration::from_secs(20);
        assert!(!answers(&address, within) && answers(&address, within));
        server.join().unwrap();
        assert!(!answers(&address, within), "nobody is there any more");
        assert!(!answers("https://localhost/", within) && !answers("http://no such host/", within));
    }

    #[test]
    fn many_that_hang_are_not_asked_one_after_the_other() {
        // It is connected to, and never answers.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/$BENCH_INSTANCE", listener.local_addr().unwrap());
        let readiness = Readiness::new(&Ready::Http(address));
        let output = Output::of(std::io::empty(), tempfile::tempfile().unwrap());
        assert!(!readiness.of((0..20).map(|number| (number, number, &output))));
        listener.set_nonblocking(true).unwrap();
        let asked = std::iter::from_fn(|| listener.accept().ok()).count();
        assert_eq!(asked, 1);
    }
}
