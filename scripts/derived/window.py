"""Numbers of a trial's window that are neither rates of its series nor percentiles: books, wire, levels and their growth, partitions, a backlog's drain, and
how finely each of them was read."""

import base64, math

MIB = 1 << 20
NOTHING = (None, "")
BOOKS = {
    "due", "sent", "refused", "acked", "failed", "in_flight", "received", "received_unacked", "duplicates", "out_of_order", "unread", "aborted",
    "received_aborted", "foreign",
}


def of(trial, name):
    """A number as its two ends, the same where it is known; none of what is not derived here."""
    if name in BOOKS:
        return known((trial.record.get("books") or {}).get(name))
    if name == "lost":
        # What no broker acked can be lost without anyone's knowing.
        lost = (trial.record.get("books") or {}).get("lost")
        return known(None if lost == 0 and trial.untold else lost)
    if name.startswith("output_") and not name.startswith("output_latency"):
        return known(((trial.record.get("followed") or {}).get("results") or {}).get(name[len("output_"):]))
    if name == "oom_kills":
        return known(trial.record["oom_kills"])
    if name == "connect_s":
        return known(trial.record["spent_s"].get("connect"))
    if not trial.has_window:
        return NOTHING if name in OF_WINDOW or name in LEVELS or name in DRAINED else None
    if name in LEVELS:
        return LEVELS[name](trial)
    if name in DRAINED:
        return DRAINED[name](trial)
    return known(OF_WINDOW[name](trial)) if name in OF_WINDOW else None


def known(value):
    return NOTHING if value is None else (float(value), float(value))


def between(ends):
    """Of (least, most) levels; nothing of none."""
    return NOTHING if ends is None else (float(ends[0]), float(ends[1]))


# ---- what is counted ----------------------------------------------------------------------------------------------------------------------------

def told(*path):
    """What a record has under these keys."""
    def read(trial):
        at = trial.record
        for key in path:
            at = at.get(key) if at else None
        return at
    return read


def wire(read):
    return lambda trial: read(trial.record["wire"]) if trial.record.get("wire") else None


def cpu_per_million(trial):
    """CPU of the brokers over what was acked; of how many messages it is nobody knows where some asked for no ack."""
    cluster = trial.record.get("cluster")
    if not cluster or not trial.acked or trial.untold:
        return None
    return cluster["cpu_cores"] * trial.asked["measure_s"] / trial.acked * 1e6


def fetched(trial):
    of = trial.record.get("fetched")
    return of["bytes"] / MIB / of["seconds"] if of else None


def processed_mib(trial):
    """Payload of what was processed; of which sizes it was that a group committed nobody knows."""
    asked = trial.asked
    if asked["instances"] is None or (trial.record.get("followed") and asked["sizes_drawn"]):
        return None
    counted = [trial.number(row, "processed_bytes") for row in trial.inside]
    if None in counted:
        counted = [trial.processed_in_window * asked["message_bytes"]]
    return sum(counted) / asked["measure_s"] / MIB


def throttled(key):
    def read(trial):
        all_of = [trial.number(row, key) for row in trial.inside]
        return None if None in all_of else sum(all_of)
    return read


def busiest(trial):
    """(which partition got most of the window's messages, the first of equals, its share in percent)."""
    counts = (trial.record.get("partitions") or {}).get("acked_in_window") or []
    if not sum(counts):
        return None
    at = counts.index(max(counts))
    return at, 100.0 * counts[at] / sum(counts)


def fairness(*path):
    return told("fairness", *path)


# ---- levels -------------------------------------------------------------------------------------------------------------------------------------

def greatest(levels):
    return (max(of[1] for of in levels), max(of[2] for of in levels)) if levels else None


def last(trial, key, beyond=None):
    """The last that was read in the two seconds before the window's end."""
    rows = [of for of in (trial.level(row, key, beyond) for row in trial.inside[max(0, len(trial.inside) - 8):]) if of]
    return rows[-1][1:] if rows else None


def all_of(trial, key, beyond=None):
    return [of for of in (trial.level(row, key, beyond) for row in trial.inside) if of]


def slope(levels):
    """Growth a second, by least squares; the least where those before the middle are at their most and those behind it at their least."""
    if len(levels) < 2:
        return None
    middle = sum(of[0] for of in levels) / len(levels)
    under = sum((of[0] - middle) ** 2 for of in levels)
    if under <= 0:
        return None

    def through(before, behind):
        values = [(of[0] - middle, of[before if of[0] - middle < 0 else behind]) for of in levels]
        mean = sum(value for _, value in values) / len(values)
        return sum(far * (value - mean) for far, value in values) / under

    return through(2, 1), through(1, 2)


def trend(trial):
    """Growth of the lag over what was offered, in percent."""
    ends, offered = slope(trial.ends["lag"]), trial.rates.get("offered_msgs_per_s")
    return None if ends is None or not offered else tuple(end * 100.0 / offered for end in ends)


def of_partition(trial, which):
    partitions = trial.record.get("partitions") or {}
    lags = partitions.get("lag_end")
    at = which(trial, lags) if lags else None
    return None if at is None else (lags[at], lags[at] + partitions["lag_unknown"])


def busiest_of(trial, _):
    of = busiest(trial)
    return of and of[0]


def worst_of(_, lags):
    return lags.index(max(lags))


LAG, TIME = ("lag_messages", None), ("time_lag_ms", "time_lag_most_ms")
LEVELS = {
    "backlog_start_messages": lambda t: between(t.backlog_start),
    "backlog_end_messages": lambda t: between(t.ends["backlog"][-1][1:] if t.ends["backlog"] else None),
    "backlog_slope_msgs_per_s": lambda t: between(slope(t.ends["backlog"])),
    "lag_max_messages": lambda t: between(greatest(all_of(t, *LAG))),
    "lag_end_messages": lambda t: between(last(t, *LAG)),
    "lag_slope_msgs_per_s": lambda t: between(slope(t.ends["lag"])),
    "lag_trend_percent": lambda t: between(trend(t)),
    "time_lag_max_ms": lambda t: between(greatest(all_of(t, *TIME))),
    "time_lag_end_ms": lambda t: between(last(t, *TIME)),
    "lag_busiest_partition_messages": lambda t: between(of_partition(t, busiest_of)),
    "lag_worst_partition_messages": lambda t: between(of_partition(t, worst_of)),
}


def end_of(name, at):
    def read(trial):
        return LEVELS[name](trial)[at] if LEVELS[name](trial)[0] is not None else None
    return read


# ---- how finely it was read ---------------------------------------------------------------------------------------------------------------------

def reads_ms(trial):
    """How long a lag of the window took to be read: the longest, the last."""
    all_of = [of for of in (trial.number(row, "lag_read_ms") for row in trial.inside) if of is not None]
    return (max(all_of), all_of[-1]) if all_of else (None, None)


def acked_meanwhile(at):
    """What was acked, on the average over the window, while a lag was read."""
    def read(trial):
        ms = reads_ms(trial)[at]
        return None if ms is None or trial.acked is None else ms * trial.acked / trial.asked["measure_s"] / 1e3
    return read


def acked_of(trial, at):
    ms, counts = reads_ms(trial)[1], (trial.record.get("partitions") or {}).get("acked_in_window") or []
    return None if ms is None or at is None or at >= len(counts) else ms * counts[at] / trial.asked["measure_s"] / 1e3


def width_of_worst(trial):
    """The greatest lag is no less than the greatest that any partition is sure to have."""
    lags = (trial.record.get("partitions") or {}).get("lag_end")
    each = [acked_of(trial, at) for at in range(len(lags))] if lags else []
    return max(lags) - max(lag - of for lag, of in zip(lags, each)) if each and None not in each else None


def requests(trial):
    """How many requests may lie on the other side of an edge of the window: one of each producer."""
    of, producers = trial.record.get("wire"), trial.asked.get("producers")
    return min(producers, of["requests"]) if of and of["requests"] and producers is not None else None


def width_of_wire(trial):
    many, of = requests(trial), trial.record.get("wire")
    return None if many is None else many / of["requests"] * of["bytes"] / MIB / of["seconds"]


def width_of_processed_mib(trial):
    rate, width, mib = trial.rates.get("processed_msgs_per_s"), trial.rates.get("processed_width_msgs_per_s"), processed_mib(trial)
    return width * mib / rate if rate and width is not None and mib is not None else None


# ---- a backlog that was written before ----------------------------------------------------------------------------------------------------------

def step_s(trial):
    """The steps in which it is read whether a backlog is gone."""
    return 0.25 + ((trial.record.get("followed") or {}).get("commit_interval_s") or 0.0)


def drained(trial):
    """(seconds that it took as two ends, messages a second until then); none where there was no backlog."""
    backlog = trial.record.get("backlog")
    if not backlog:
        return None
    since = lambda t: t - backlog["started_s"]
    done, took = backlog.get("processed_before") or 0, None
    for row in trial.series:
        done += int(row["processed"])
        rate = trial.asked["rate_msgs_per_s"]
        rate = int(row["due"]) * 4 if rate is None else rate
        if int(row["backlog_messages"]) <= rate * step_s(trial):
            took = since(float(row["t_s"]) + 0.25)
            break
    if backlog.get("gone"):
        took, done = since(backlog["gone"]["at_s"]), backlog["gone"]["processed"]
    if took is None:
        return (since(trial.watched_until()), math.inf), None
    return (took, took), done / took if took > 0 else None


def age(part):
    """How old the messages of a backlog were when they were processed, by rank over all of them, in ms."""
    def read(trial):
        backlog = trial.record.get("backlog")
        if not backlog or not backlog.get("ages") or not trial.tells_ages():
            return NOTHING
        values = sorted(trial.plain(base64.b64decode(backlog["ages"])).items())
        seen = sum(count for _, count in values)
        late = max(0, backlog["messages"] - seen)
        bounds = [(int(max(0.0, trial.watched_until()) * 1e9), late)] if late else []
        return trial.ranked(values, max(backlog["messages"], seen), bounds, part)
    return read


def of_drain(at):
    def read(trial):
        of = drained(trial)
        return NOTHING if of is None else of[0] if at == 0 else known(of[1])
    return read


def width_of_drain(trial):
    of = drained(trial)
    return None if of is None or of[0][1] == math.inf else step_s(trial)


def width_of_drained(trial):
    of = drained(trial)
    return of[1] * step_s(trial) / of[0][0] if of and of[1] is not None and 0 < of[0][0] and of[0][1] < math.inf else None


DRAINED = {
    "backlog_written_messages": lambda t: known((t.record.get("backlog") or {}).get("messages")),
    "time_to_drain_s": of_drain(0),
    "drained_msgs_per_s": of_drain(1),
    "age_p50_ms": age(0.5),
    "age_p99_ms": age(0.99),
}

OF_WINDOW = {
    "consumers_cpu_cores": told("consumers", "cpu_cores"),
    "consumers_rss_max_mib": told("consumers", "rss_max_mib"),
    "cluster_cpu_cores": told("cluster", "cpu_cores"),
    "cluster_cpu_s_per_million": cpu_per_million,
    "load_cpu_cores": told("load_cpu_cores"),
    "load_rss_max_mib": told("load_rss_max_mib"),
    "host_cpu_percent": told("host", "cpu_percent"),
    "requests_per_s": wire(lambda of: of["requests"] / of["seconds"]),
    "records_per_batch": wire(lambda of: of["records"] / of["batches"] if of["batches"] else None),
    "wire_mib_per_s": wire(lambda of: of["bytes"] / MIB / of["seconds"]),
    "fetched_mib_per_s": fetched,
    "processed_mib_per_s": processed_mib,
    "busiest_partition_percent": lambda t: (busiest(t) or (None, None))[1],
    "fairness_jain": fairness("jain"),
    "producer_slowest_percent": fairness("slowest", "percent"),
    "producer_fastest_percent": fairness("fastest", "percent"),
    "produce_throttled_ms": throttled("produce_throttled_ms"),
    "fetch_throttled_ms": throttled("fetch_throttled_ms"),
    "lag_max_least_messages": end_of("lag_max_messages", 0),
    "lag_max_most_messages": end_of("lag_max_messages", 1),
    "lag_end_least_messages": end_of("lag_end_messages", 0),
    "lag_end_most_messages": end_of("lag_end_messages", 1),
    "lag_max_width_messages": acked_meanwhile(0),
    "lag_end_width_messages": acked_meanwhile(1),
    "lag_busiest_partition_width_messages": lambda t: acked_of(t, busiest_of(t, None)),
    "lag_worst_partition_width_messages": width_of_worst,
    "time_lag_max_width_ms": lambda t: reads_ms(t)[0],
    "time_lag_end_width_ms": lambda t: reads_ms(t)[1],
    "processed_width_mib_per_s": width_of_processed_mib,
    "requests_width_per_s": lambda t: requests(t) / t.record["wire"]["seconds"] if requests(t) is not None else None,
    "wire_width_mib_per_s": width_of_wire,
    "fetched_width_mib_per_s": lambda t: fetched(t) * min(1.0, 1.0 / t.record["fetched"]["seconds"]) if t.record.get("fetched") else None,
    "time_to_drain_width_s": width_of_drain,
    "drained_width_msgs_per_s": width_of_drained,
}
