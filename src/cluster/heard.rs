//! What a client of librdkafka tells of its connections: told apart by how much it says, so that the first reason that mattered is the one that is given.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::ClientContext;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::error::KafkaError;
use rdkafka::producer::{BaseProducer, DeliveryResult, Producer, ProducerContext};
use rdkafka::types::RDKafkaErrorCode;

use super::{ClientSettings, ClusterError};

/// Codes by which a broker, or the client itself, says no.
const REFUSALS: [RDKafkaErrorCode; 9] = [
    RDKafkaErrorCode::Authentication,
    RDKafkaErrorCode::SSL,
    RDKafkaErrorCode::Fatal,
    RDKafkaErrorCode::SaslAuthenticationFailed,
    RDKafkaErrorCode::UnsupportedSASLMechanism,
    RDKafkaErrorCode::ClusterAuthorizationFailed,
    RDKafkaErrorCode::GroupAuthorizationFailed,
    RDKafkaErrorCode::TopicAuthorizationFailed,
    RDKafkaErrorCode::TransactionalIdAuthorizationFailed,
];

/// Whether somebody says no in an error that is known by its words alone, as librdkafka has them for each code.
pub fn is_refusal(words: &str) -> bool {
    REFUSALS.iter().any(|code| words.contains(&code.to_string()))
}

/// How long a cluster may take to answer, whatever is told meanwhile.
const ANSWERS_WITHIN: Duration = Duration::from_secs(20);
/// How long an answer is looked for at once.
const LOOK: Duration = Duration::from_millis(250);
/// And news of connections.
const NEWS: Duration = Duration::from_millis(20);

/// What a listener that hangs up may mean.
const HINT: &str = " (does this listener want TLS, or a login? see `security.protocol`)";
/// What one means that does not go on once it has seen who comes.
const OF_CERTIFICATES: &str =
    " (which certificate does this listener want to be shown? see `ssl.certificate.location`)";

/// How much a reason says, the most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// A broker, or the client itself, says no: it will say so again.
    Refused,
    /// A connection that was made is lost.
    Lost,
    /// No connection is made.
    Away,
}

impl Weight {
    /// How long it is waited for another server, or for the same one, to do better.
    pub const fn patience(self) -> Duration {
        match self {
            Weight::Refused => Duration::from_secs(2),
            Weight::Lost => Duration::from_secs(5),
            Weight::Away => Duration::from_secs(10),
        }
    }

    fn of(code: RDKafkaErrorCode, words: &str) -> Self {
        // librdkafka knows the marks of a wrong listener, and gives them the code of a lost connection.
        let wrong_listener = words.contains("security.protocol") || words.contains("listener?");
        let wrong_certificate = certificate_hint(words).is_some();
        match code {
            _ if REFUSALS.contains(&code) || wrong_listener || wrong_certificate => Weight::Refused,
            RDKafkaErrorCode::Resolve => Weight::Away,
            _ if words.contains("Connect to ") || words.contains("onnection setup timed out") => Weight::Away,
            _ => Weight::Lost,
        }
    }
}

/// What was told, the first of each weight; may be shared with the client that tells it.
#[derive(Clone, Debug, Default)]
pub struct Heard(Arc<Mutex<Vec<Told>>>);

#[derive(Clone, Debug)]
struct Told {
    weight: Weight,
    words: String,
    since: Instant,
}

impl Heard {
    /// Notes a reason; the first of its weight stays.
    pub fn note(&self, weight: Weight, words: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.iter().all(|told| told.weight != weight) {
            all.push(Told { weight, words: words.to_owned(), since: Instant::now() });
        }
    }

    /// Notes an error event of librdkafka.
    pub fn note_error(&self, error: &KafkaError, words: &str) {
        let code = error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Unknown);
        // That all brokers are down follows from what was told of each.
        if code != RDKafkaErrorCode::AllBrokersDown {
            self.note(Weight::of(code, words), without_state(words));
        }
    }

    /// Notes a line of librdkafka's log: that a broker hung up is told nowhere else.
    pub fn note_log(&self, facility: &str, line: &str) {
        if facility == "FAIL" {
            let words = line
                .strip_prefix("[thrd:")
                .and_then(|line| line.split_once("]: "))
                .map_or(line, |(_, words)| words);
            let weight = Weight::of(RDKafkaErrorCode::BrokerTransportFailure, words);
            let hint =
                if weight == Weight::Lost { HINT } else { certificate_hint(words).unwrap_or_default() };
            self.note(weight, &format!("{}{hint}", without_state(words)));
        }
    }

    /// A configuration whose client tells its log to who listens to it.
    pub fn loud(config: &ClientConfig) -> ClientConfig {
        let mut loud = config.clone();
        loud.set_log_level(RDKafkaLogLevel::Info);
        loud
    }

    /// The first reason of those that say most; `None` where nothing was told.
    pub fn reason(&self) -> Option<String> {
        self.heaviest().map(|(_, words)| words)
    }

    /// The same with how much it says.
    pub fn heaviest(&self) -> Option<(Weight, String)> {
        self.first_of_most().map(|told| (told.weight, told.words))
    }

    /// The first reason by which somebody said no, once it has lasted for so long that it will not be taken back.
    pub fn refusal(&self) -> Option<String> {
        let told = self.first_of_most().filter(|told| told.weight == Weight::Refused)?;
        (told.since.elapsed() > told.weight.patience()).then_some(told.words)
    }

    /// Whether what was told has lasted for so long that nothing better will come.
    pub fn is_settled(&self) -> bool {
        self.first_of_most().is_some_and(|told| told.since.elapsed() > told.weight.patience())
    }

    fn first_of_most(&self) -> Option<Told> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().min_by_key(|told| told.weight).cloned()
    }
}

/// What to look at where a broker ends a connection by TLS's own word for it, an alert, which OpenSSL and rustls tell each in its way: it knows the certificate
/// that it was shown not, or wants one at all.
pub fn certificate_hint(words: &str) -> Option<&'static str> {
    let is_alert = words.contains(" alert ") || words.contains(" alert:");
    let words = words.to_ascii_lowercase();
    (is_alert && (words.contains("certificate") || words.contains("unknown ca"))).then_some(OF_CERTIFICATES)
}

/// How long librdkafka was in which of its states is of no use to who reads it.
fn without_state(words: &str) -> &str {
    words.rsplit_once(" (after ").map_or(words, |(words, _)| words).trim()
}

impl ClientContext for Heard {
    fn error(&self, error: KafkaError, reason: &str) {
        self.note_error(&error, reason);
    }

    fn log(&self, _: RDKafkaLogLevel, facility: &str, line: &str) {
        self.note_log(facility, line);
    }
}

impl ProducerContext for Heard {
    type DeliveryOpaque = ();

    fn delivery(&self, _: &DeliveryResult<'_>, (): ()) {}
}

/// Waits until any broker answers; gives up when the reason why none does is plain.
pub(super) fn reach(settings: &ClientSettings, config: &ClientConfig) -> Result<(), ClusterError> {
    let heard = Heard::default();
    // A producer, since a consumer's errors come out among its messages.
    let asker: BaseProducer<Heard> = Heard::loud(config)
        .create_with_context(heard.clone())
        .map_err(|error| settings.client_error(&error))?;
    let deadline = Instant::now() + ANSWERS_WITHIN;
    loop {
        let answer = asker.client().fetch_metadata(None, LOOK);
        asker.poll(NEWS);
        let Err(error) = answer else { return Ok(()) };
        if heard.is_settled() || Instant::now() > deadline {
            let reason = heard.reason().unwrap_or_else(|| error.to_string());
            return Err(ClusterError::Unreachable {
                servers: settings.resolved_servers().unwrap_or_default(),
                reason: settings.redacted(&reason),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_the_first_of_those_that_say_most() {
        let heard = Heard::default();
        assert_eq!((heard.reason(), heard.is_settled()), (None, false));
        let tell = |code, words| heard.note_error(&KafkaError::Global(code), words);
        tell(
            RDKafkaErrorCode::BrokerTransportFailure,
            "a:1/bootstrap: Connect to ipv4#1.2.3.4:1 failed: Connection refused (after 0ms in state CONNECT)",
        );
        assert_eq!(
            heard.reason().unwrap(),
            "a:1/bootstrap: Connect to ipv4#1.2.3.4:1 failed: Connection refused"
        );
        tell(RDKafkaErrorCode::AllBrokersDown, "2/2 brokers are down");
        heard.note_log("CONFWARN", "[thrd:app]: a property means nothing");
        assert!(heard.reason().unwrap().ends_with("Connection refused"));
        heard.note_log("FAIL", "[thrd:b:1/bootstrap]: b:1/bootstrap: Disconnected (after 3ms in state UP)");
        assert_eq!(heard.reason().unwrap(), format!("b:1/bootstrap: Disconnected{HINT}"));
        tell(
            RDKafkaErrorCode::Authentication,
            "b:1/bootstrap: SASL authentication error: no such user (after 3ms in state AUTH_REQ)",
        );
        tell(RDKafkaErrorCode::SSL, "a later one");
        tell(RDKafkaErrorCode::BrokerTransportFailure, "b:1/bootstrap: Disconnected");
        assert_eq!(heard.reason().unwrap(), "b:1/bootstrap: SASL authentication error: no such user");
        assert!(!heard.is_settled(), "another server may still let it in");
    }

    #[test]
    fn a_certificate_that_a_broker_will_not_have_is_a_refusal_and_the_property_is_named() {
        let heard = Heard::default();
        heard.note_log(
            "FAIL",
            "[thrd:ssl://a:1/bootstrap]: ssl://a:1/bootstrap: Receive failed: error:0A000412:SSL routines::sslv3 alert bad certificate: SSL alert number 42 (after 3ms in state UP)",
        );
        let reason = heard.reason().unwrap();
        assert!(
            reason.contains("bad certificate") && reason.contains("`ssl.certificate.location`"),
            "{reason}"
        );
        assert_eq!(heard.heaviest().unwrap().0, Weight::Refused);
        assert!(certificate_hint("received fatal alert: CertificateRequired").is_some());
        assert_eq!(certificate_hint("Disconnected"), None);
    }

    #[test]
    fn a_wrong_listener_is_a_refusal_though_its_code_is_that_of_a_lost_connection() {
        let code = RDKafkaErrorCode::BrokerTransportFailure;
        let of_tls = "x: Disconnected: requesting ApiVersion: might be caused by incorrect security.protocol configuration (connecting to a SSL listener?)";
        assert_eq!(Weight::of(code, of_tls), Weight::Refused);
        assert_eq!(Weight::of(code, "x: Disconnected"), Weight::Lost);
    }
}
