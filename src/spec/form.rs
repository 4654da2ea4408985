//! The keys of an experiment file, declared once: what may stand where, and what it is for.

use super::backend::BACKEND;
use super::backlog::BACKLOG;
use super::event::EVENTS;
use super::key::{Form, Key, key};
use super::machine::{CREDITS, EMULATION, INSTANCE_TYPE, PRICES};
use super::message::MESSAGE;
use super::network::NETWORK;
use super::output::OUTPUT;
use super::scrape::OBSERVE;
use super::search::SEARCH;

/// How an amount may be drawn.
pub const AMOUNT: &[Key] = &[
    key(
        "exponential",
        Form::Keys(&[key("mean", Form::Span, "Mean of the distribution.")]),
        "Drawn anew for each message, exponentially distributed.",
    ),
    key(
        "log_normal",
        Form::Keys(&[
            key("median", Form::Span, "Median of the distribution."),
            key("sigma", Form::Text, "Standard deviation of the logarithm, 0 to 5."),
        ]),
        "Drawn anew for each message, log-normally distributed.",
    ),
];

const KAFKA: &[Key] = &[
    key("version", Form::Text, "Version of Apache Kafka, 3.3 to 4.3, default 4.3.1."),
    key("brokers", Form::Count(1), "Brokers on this host, default 1, at most 9, with one controller quorum."),
    key("heap", Form::Bytes, "The heap of each JVM, default 1GiB, of several brokers 512MiB."),
    key("config", Form::Properties, "Broker settings that go over bench's own."),
];

const BOOTSTRAP: &[Key] = &[
    key("servers", Form::Text, "`host:port`, several separated by commas."),
    key(
        "properties",
        Form::Properties,
        "librdkafka's properties for every client of the run; `${ENV}` for secrets.",
    ),
];

const TOPIC: &[Key] = &[
    key(
        "partitions",
        Form::CountOrDefault(1),
        "Number of partitions, default 1; -1: what the cluster has as its default.",
    ),
    key(
        "replication",
        Form::CountOrDefault(1),
        "Replicas of each partition, default 1; -1: what the cluster has as its default.",
    ),
    key(
        "prefix",
        Form::Text,
        "How the names of the run's topics begin, before what bench calls them; default nothing.",
    ),
    key("config", Form::Properties, "Kafka's topic settings."),
    key(
        "count",
        Form::Count(1),
        "Topics of that kind in each trial, default 1; each gets as many of the messages, and groups read all of them.",
    ),
    EXISTING,
    key(
        "pattern",
        Form::Text,
        "All topics that are there already and whose whole name matches this regular expression, found when the run begins; each gets as many of the messages.",
    ),
    RESET,
];

const EXISTING: Key = key(
    "existing",
    Form::Text,
    "Name of a topic that is there already: it is never made, altered or taken away, and nothing else of it can be set.",
);

const RESET: Key = key(
    "reset",
    Form::Text,
    "Where groups begin on a topic that is there already: `latest`, `earliest`, a moment (RFC 3339) or how long ago.",
);

/// One of several topics that are there already.
const ONE_OF_TOPICS: &[Key] = &[
    EXISTING,
    key("share", Form::Share, "Its part of the messages; without any in the list, each topic gets as many."),
    RESET,
];

const TRANSACTIONS: &[Key] = &[
    key("commit_every", Form::Span, "Time from the beginning of a transaction to its end, default 100ms."),
    key("abort", Form::Share, "Share of the transactions that are aborted, default 0%."),
];

const FLEET: &[Key] = &[
    key("name", Form::Text, "Its name, unique in the workload."),
    key("producers", Form::Count(1), "Kafka clients in it, default 1."),
    key("share", Form::Share, "Its part of the offered rate; default 100% for a single fleet."),
    key(
        "client",
        Form::Words(&["librdkafka", "light", "auto"]),
        "What sends: librdkafka, bench's own light client, or (default auto) light in all treatments if any has a fleet of more than 50 producers.",
    ),
    key(
        "split",
        Form::Any(&[
            Form::Words(&["even"]),
            Form::OneOf(&[key(
                "zipf",
                Form::All(&[key(
                    "exponent",
                    Form::Number(0.0, 10.0),
                    "The k-th producer sends 1 / k^exponent.",
                )]),
                "Few producers send much, many send little.",
            )]),
            Form::List(&Form::Share),
        ]),
        "How its share is split among its producers, default even; a list holds one share a producer, 100% together.",
    ),
    key("partition", Form::Count(0), "The partition that all of its messages go to, counted from 0."),
    key("properties", Form::Properties, "librdkafka's properties for its producers."),
    key(
        "transactions",
        Form::Keys(TRANSACTIONS),
        "Its producers send in transactions, each its own; needs `client: librdkafka` and a rate.",
    ),
];

const ARRIVALS: &[Form] = &[
    Form::Words(&["poisson", "constant"]),
    Form::OneOf(&[key(
        "bursts",
        Form::All(&[
            key("on", Form::Span, "How long a producer sends."),
            key("off", Form::Span, "How long it is silent then."),
        ]),
        "Poisson while a producer is on, nothing while it is off; the mean rate is kept.",
    )]),
];

const FROM_TO: &[Key] = &[
    key("from", Form::RateOrZero, "The rate at second 0."),
    key("to", Form::RateOrZero, "The rate at the end, which holds on."),
    key("over", Form::Span, "How long the way takes."),
];

const TRACE: &[Key] = &[
    key("file", Form::Text, "A CSV of `second,msgs_per_s`, beside the experiment file; required."),
    key("from", Form::Span, "The trace's second that is second 0 of the trial, default 0s."),
    key("scale", Form::Number(0.001, 1e6), "What its rates are multiplied with, default 1."),
    key(
        "speed",
        Form::Number(0.001, 1e6),
        "How many times faster it is played, default 1; its rates stay as they are.",
    ),
];

const SHAPE: Form = Form::OneOf(&[
    key("constant", Form::RateOrZero, "Always the same."),
    key("ramp", Form::All(FROM_TO), "A straight line from one rate to another."),
    key(
        "steps",
        Form::List(&Form::All(&[
            key("rate", Form::RateOrZero, "The step's rate."),
            key("for", Form::Span, "How long it lasts; the last one holds on."),
        ])),
        "One rate after the other.",
    ),
    key(
        "spike",
        Form::All(&[
            key("to", Form::RateOrZero, "The rate while it lasts; nothing before and after."),
            key("at", Form::Span, "When it begins."),
            key("for", Form::Span, "How long it lasts."),
        ]),
        "On top of what it is added to, for a while.",
    ),
    key(
        "sine",
        Form::All(&[
            key("amplitude", Form::Rate, "How far it goes up and down."),
            key("period", Form::Span, "From one top to the next."),
        ]),
        "Up and down around 0, to be added to something else.",
    ),
    key("trace", Form::Keys(TRACE), "Rates from a file; a row holds until the next one's second."),
]);

const WORKLOAD: &[Key] = &[
    key(
        "rate",
        Form::Volume,
        "Offered by all fleets together, or `max`: as much as the clients' queues take; or `shape`.",
    ),
    key(
        "shape",
        Form::Any(&[SHAPE, Form::List(&SHAPE)]),
        "The rate over time, second 0 being the start of the warm-up: one curve, or a list that is added up.",
    ),
    key(
        "arrivals",
        Form::Any(ARRIVALS),
        "How the gaps between a producer's messages are drawn, default poisson.",
    ),
    key(
        "until",
        Form::Words(&["broken"]),
        "`broken`: `rate` is where volume begins; it is doubled until an SLO breaks, then narrowed down to 10%.",
    ),
    key("message", Form::Keys(MESSAGE), "What each message is like."),
    key("fleets", Form::Named(FLEET), "Who sends; default one fleet `all` of one producer."),
];

const CONSUMERS: &[Key] = &[
    key(
        "group",
        Form::Text,
        "Name of the group, default the file's stem, required in a list; each trial appends its own suffix.",
    ),
    key("instances", Form::Count(1), "Instances, default 1."),
    key("threads", Form::Count(1), "Consumers (members of the group) in each instance, default 1."),
    key("fan_out", Form::Count(1), "Groups of this kind, each of which reads all, default 1; not in a list."),
    key(
        "group_type",
        Form::Words(&["consumer", "share"]),
        "Kafka's type of the group, default `consumer`; a share group (KIP-932) is followed by what its coordinator tells of it.",
    ),
    key("backend", Form::OneOf(BACKEND), "What runs them, default `process`."),
    key("properties", Form::Properties, "librdkafka's properties for its consumers."),
    key(
        "output",
        Form::Keys(OUTPUT),
        "The topic that consumers which are not ours write their results to: each result is then followed back to its message.",
    ),
    key(
        "instance_type",
        Form::Text,
        "What each instance is made of, such as t3.micro; left out: a share of this host as it is.",
    ),
    key("credits", Form::Keys(CREDITS), "CPU credits of a burstable instance type."),
];

const PHASES: &[Key] = &[
    key(
        "prepare",
        Form::Span,
        "An unrecorded trial before the first; default 30s on a broker that bench starts, else 0s.",
    ),
    key("warm_up", Form::Span, "Load that is kept out of the window, default 10s."),
    key(
        "measure",
        Form::Span,
        "The window, at least 5s, default 30s; a trial lasts 48h at most, warm-up and drain included.",
    ),
    key("drain", Form::Span, "The longest wait for what is still unread, default 30s."),
];

const LOAD: &[Key] = &[
    key(
        "priority",
        Form::Words(&["normal", "realtime"]),
        "Of the thread that keeps time, default normal; realtime takes from what is measured and needs a privilege.",
    ),
    key("cores", Form::Cores, "Cores that pacers, senders and client threads may use, default all."),
];

/// The keys of an experiment file.
pub const EXPERIMENT: &[Key] = &[
    key("question", Form::Text, "The question that the report answers; required."),
    key(
        "cluster",
        Form::OneOf(&[
            key("kafka", Form::Keys(KAFKA), "Apache Kafka, started and stopped by bench."),
            key("bootstrap", Form::Keys(BOOTSTRAP), "A cluster that is there already."),
        ]),
        "The brokers, default `kafka: {}`; the same in all treatments.",
    ),
    key(
        "topic",
        Form::OneOrList(TOPIC, ONE_OF_TOPICS),
        "The topic: each trial gets a new one, or `count` of them, unless one is named that is there; or a list of topics that are there, with shares.",
    ),
    key("workload", Form::Keys(WORKLOAD), "What is sent; required."),
    key(
        "consumers",
        Form::Groups(CONSUMERS),
        "Who reads: one group, or a list of groups that each read everything; left out: producers alone.",
    ),
    key(
        "network",
        Form::Keys(NETWORK),
        "How far clients and brokers are from one another; needs brokers that bench starts.",
    ),
    key(
        "backlog",
        Form::OneOf(BACKLOG),
        "Messages that are written before the consumers are started, as if the load had gone on without them; they are drained beside the load, or at `rate: 0/s`.",
    ),
    key(
        "factors",
        Form::Factors,
        "What is varied: a path and its levels, or a name and labelled levels that set several paths.",
    ),
    key(
        "baseline",
        Form::Paths,
        "One tuned consumer thread over all partitions, tried in every block: paths of `consumers` and what it sets them to; `{}` for one instance of one thread and nothing else.",
    ),
    key(
        "search",
        Form::OneOf(SEARCH),
        "What each treatment is searched for: its levels follow from the trials so far.",
    ),
    EVENTS,
    key("phases", Form::Keys(PHASES), "How long each phase lasts, in multiples of 250ms."),
    key(
        "repetitions",
        Form::Count(1),
        "Trials of each treatment, default 1; of a search's either bound, once found, default and at least 6.",
    ),
    key("seed", Form::Count(0), "Everything drawn follows from it, default 1."),
    key(
        "responses",
        Form::Responses,
        "What the experiment measures, such as `cost` or `p99(ack)`: the answer is about the first; default: what the file is about.",
    ),
    key("slos", Form::Slos, "What must hold, such as `p99(end_to_end) < 250ms`."),
    key("load", Form::Keys(LOAD), "How the load's own threads are run."),
    key("observe", Form::Keys(OBSERVE), "What else is read while a trial runs; the same in all treatments."),
    key("emulation", Form::Keys(EMULATION), "How instance types are emulated; the same in all treatments."),
    key("prices", Form::Keys(PRICES), "What costs are made of; the same in all treatments."),
    key("instance_types", Form::Named(INSTANCE_TYPE), "Instance types of your own."),
];
