//! The keys of instance types, credits, emulation and prices.

use super::key::{Form, Key, key};
use crate::units::{CreditMode, Per};

/// CPU credits of a group's instances.
pub(super) const CREDITS: &[Key] = &[
    key(
        "mode",
        Form::Words(&CreditMode::WORDS),
        "What happens when credits are spent; default as AWS has it: unlimited, of T2 and types of your own standard.",
    ),
    key(
        "start",
        Form::Credits,
        "Credits at the start of the warm-up: cold (default), full, exhausted, or `30 credits`.",
    ),
    key(
        "time_scale",
        Form::Count(1),
        "Earning and spending are so many times faster, default 1; needs a constant rate.",
    ),
];

/// How instance types are emulated.
pub(super) const EMULATION: &[Key] = &[
    key("vcpu", Form::Share, "What one emulated vCPU is of a core of this host, default 10%."),
    key(
        "enforce",
        Form::Words(&["auto", "cgroup", "work"]),
        "`cgroup` (auto is the same): limits of the kernel behind the consumers' own pacing; `work`: the pacing alone.",
    ),
    key(
        "out_of_memory",
        Form::Words(&["fail", "restart"]),
        "What follows when the kernel kills an instance for its memory: the trial fails (default), or it is started again.",
    ),
];

/// An instance type of the file's own.
pub(super) const INSTANCE_TYPE: &[Key] = &[
    key("name", Form::Text, "Its name; one of the catalogue is replaced."),
    key("vcpus", Form::Count(1), "Virtual CPUs; required."),
    key("memory", Form::Bytes, "Its memory."),
    key("threads_per_core", Form::Count(1), "vCPUs that share a core."),
    key("credits_per_hour", Form::Milli, "CPU credits that it earns; left out: fixed performance."),
    key("max_credits", Form::Milli, "The most that it keeps, default a day of earning."),
    key("price", Form::Price(Per::Hour), "Rent of an hour."),
    key("surplus", Form::Price(Per::VcpuHour), "Price of a surplus vCPU-hour."),
];

const CROSSING: &[Key] = &[
    key(
        "price",
        Form::Price(Per::Gigabyte),
        "Of a gigabyte that crosses; of a zone, in each of both directions; required.",
    ),
    key("crossings", Form::Milli, "How often each produced byte crosses, default 1."),
];

/// What costs are made of.
pub(super) const PRICES: &[Key] = &[
    key("region", Form::Text, "Where the prices hold, default us-east-1, the catalogue's."),
    key(
        "file",
        Form::Text,
        "A table of prices (CSV: item, price, and, if wanted, date, source, region), beside the experiment; prices here go over it.",
    ),
    key("instances", Form::Prices(Per::Hour), "Rent of an hour by instance type, over the catalogue's."),
    key(
        "surplus",
        Form::Prices(Per::VcpuHour),
        "A surplus vCPU-hour by instance type, over the catalogue's.",
    ),
    key("brokers", Form::Price(Per::Hour), "An hour of one broker; left out: brokers are not included."),
    key("storage", Form::Price(Per::GigabyteMonth), "A gigabyte for a month; left out: not included."),
    key(
        "transfer",
        Form::Keys(&[
            key("cross_zone", Form::Keys(CROSSING), "Between zones; left out: not included."),
            key("cross_region", Form::Keys(CROSSING), "Between regions; left out: not included."),
        ]),
        "Traffic that is paid for.",
    ),
];
