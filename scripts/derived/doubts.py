"""Why a trial is not to be believed, or not in all that might be read of it: the ids of `doubts` in trials.csv that its record, its series and its
histograms tell."""

import math

from .counts import p99

# Those that spoil a trial: it counts in nothing.
SPOILS = {
    "rebalance", "instance_died", "broker_error", "histogram_overflow", "clock_jump", "steal", "cpu_quota", "load_cpu_short", "host_cpu_short",
    "unwatched", "event_missed", "fleet_fell_behind", "stall", "emulated_share", "emulated_time", "emulation_unwatched", "oom_kill",
    "distance",
}
# Those that are true of what was asked.
LIMITS = {
    "saturating", "saturated", "not_steady", "idle_instances", "empty_partitions", "hot_partition", "quota", "second_copies", "foreign_messages",
    "on_credits", "followed_from_outside", "share_group", "rare_commits", "late_acks", "committed_ahead", "went_back", "scaled_down", "few_seconds", "cut_moves",
    "emulated_overhead", "ack_slump", "little", "few_samples",
}
# A reader says at least thrice in so many seconds that it lives.
SILENCE_S = 3.0


def limits(trial):
    """Those of a trial with a window that limit it, but for `cut_moves`, which is of all trials of a treatment."""
    record, asked, found = trial.record, trial.asked, set()
    followed, backlog, books = record.get("followed"), record.get("backlog"), record.get("books") or {}
    trend = trial.trend()
    shared = bool(followed) and followed.get("by") == "share_group"
    seconds = asked["measure_s"]
    if asked["rate_msgs_per_s"] is None:
        found.add("saturating")
    if trend == 1 and asked["rate_msgs_per_s"] is not None:
        found.add("saturated")
    if trend == -1 and not backlog:
        found.add("not_steady")
    if asked["instances"] is not None and asked["threads"] is not None and not shared and asked["instances"] * asked["threads"] > asked["partitions"]:
        found.add("idle_instances")
    members = record.get("members") or []
    if record.get("topics") and any(not one["partitions"] for one in members) and len(members) <= asked["partitions"]:
        found.add("idle_instances")
    if any(ms is not None and ms > seconds * 1e3 * 0.01 for ms in map(trial.throttled_ms, ("produce_throttled_ms", "fetch_throttled_ms"))):
        found.add("quota")
    if books.get("foreign"):
        found.add("foreign_messages")
    if record["unattributed_redeliveries"] + max(0, (books.get("received_unacked") or 0) - (books.get("in_flight") or 0)) > 0:
        found.add("second_copies")
    if any(burst(group) for group in record["emulated"]):
        found.add("on_credits")
    if followed:
        found.add("share_group" if shared else "followed_from_outside")
        interval = followed.get("commit_interval_s")
        if not shared:
            found |= {"rare_commits"} if interval is not None and interval / seconds >= 0.1 else set()
            found |= {of for of, key in (("late_acks", "late"), ("committed_ahead", "ahead"), ("went_back", "rewinds")) if followed.get(key)}
        found |= {"scaled_down"} if record["emulated"] else set()
    found |= of_partitions(record)
    found |= {"emulated_overhead"} if overhead(record) > 10 else set()
    found |= {of for of, so in (("few_seconds", few_seconds), ("ack_slump", slumped), ("little", off_little), ("few_samples", few_samples)) if so(trial)}
    return found


def few_samples(trial):
    """Of percentiles that a report leads with, and of those that a response or an SLO names."""
    names = [f"{tag}_{of}_ms" for tag in trial.known for of in ("p50", "p99")]
    return any(trial.of(name) == (None, "too few") for name in [*names, *trial.asked_of])


def little(trial):
    """(mean backlog, what came out of it times how long it was in there, what edges and readings account for); none where it cannot be said."""
    asked, tag = trial.asked, "end_to_end_latency" if trial.asked["instances"] is not None else "ack_latency"
    if asked["rate_msgs_per_s"] is None or tag not in trial.known or trial.given_up or trial.record.get("backlog"):
        return None
    levels = ([] if trial.seen_before is None else [trial.seen_before]) + [of[1:] for of in trial.seen]
    values, count = trial.known[tag], sum(count for _, count in trial.known[tag])
    if trial.late[tag][1] or not count or trial.seen_before is None or len(levels) < 5 or any(low < high for low, high in levels):
        return None
    all_of, n = [low for low, _ in levels], len(levels)
    level = (sum(all_of) - (all_of[0] + all_of[-1]) / 2) / (n - 1)
    if level <= 0:
        return None
    done = trial.processed_in_window if asked["instances"] is not None else trial.acked
    mean, squares = (sum((ns / 1e9) ** power * of for ns, of in values) / count for power in (1, 2))
    rate = done / asked["measure_s"]
    expected = rate * mean
    edges = (all_of[0] + all_of[-1]) * (squares / (2 * mean) if mean > 0 else 0) / asked["measure_s"]
    varies = rate * rate * max(squares - mean * mean, 0) + expected
    middle, most = sum(all_of) / n, math.floor(4 * (n / 100) ** (2 / 9))
    apart = lambda lag: sum((a - middle) * (b - middle) for a, b in zip(all_of, all_of[lag:])) / n
    hang = sum(2 * (1 - lag / (most + 1)) * apart(lag) for lag in range(1, min(most, n - 1) + 1))
    error = max(math.sqrt(varies / n), math.sqrt((apart(0) + max(hang, 0)) / n))
    return level, expected, edges + trial.quantile(0.01, n - 1) * error


def off_little(trial):
    """Whether Little's law leaves more than a twentieth unexplained, of fewer than ten messages a tenth, where the backlog went on as it was."""
    of = little(trial) if not own_events(trial.record) and trial.trend() == 0 else None
    return bool(of) and max(abs(of[0] - of[1]) - of[2], 0) / of[0] * 100 > (10 if of[0] < 10 else 5)


def slumped(trial):
    """Whether at some moment more than a second's worth of the load waited for acks, and ten times what waits usually, and came later."""
    if trial.asked["rate_msgs_per_s"] is None or trial.untold:
        return False
    waits, left = [], 0
    for row in trial.series:
        count = lambda key: int(row.get(key) or 0)
        left += count("due") - count("refused") - count("failed") - count("acked") - count("untold")
        waits.append(max(left, 0))
    loaded = [int(row["due"]) for row in trial.series if int(row["due"]) > 0]
    usual, most = sorted(waits[:len(loaded)]), max(waits, default=0)
    if not usual:
        return False
    per_s = sum(loaded) / (len(loaded) * 0.25)
    at = len(waits) - 1 - waits[::-1].index(most)
    few = lambda waiting: waiting < 0.1 * most
    end = next((later for later in range(at, len(waits)) if few(waits[later])), None)
    begin = next((before + 1 for before in range(at - 1, -1, -1) if few(waits[before])), 0)
    start, over = trial.asked["warm_up_s"], trial.asked["warm_up_s"] + trial.asked["measure_s"]
    if end is None or most / per_s <= max(1.0, 10 * usual[len(usual) // 2] / per_s) or begin * 0.25 >= over or end * 0.25 <= start:
        return False
    return not any(span[0] < end * 0.25 and begin * 0.25 < span[1] for span in standstills(trial))


def of_partitions(record):
    partitions = record.get("partitions")
    if not partitions or any(one["kind"] == "topic" for one in record.get("injected") or []):
        return set()
    found, acked, inside = set(), partitions["acked"], partitions["acked_in_window"]
    if 0 < sum(count == 0 for count in acked) < len(acked):
        found.add("empty_partitions")
    if sum(inside):
        even, most = sum(inside) / len(inside), max(inside)
        if most / even > 1.5 and by_chance(most, even, record.get("wire"), len(inside)) <= 1e-3:
            found.add("hot_partition")
    return found


def by_chance(most, even, wire, partitions):
    """At most how often chance gives any of so many partitions that many messages: Bennett's inequality."""
    usual = largest = 1.0
    if wire and wire["batches"] and wire["records"]:
        if wire.get("records_squared") is None or wire.get("largest_batch") is None:
            usual = largest = max(wire["records"] / wire["batches"], 1.0)
        else:
            usual = 3 * max(wire["records_squared"] / wire["records"], 1.0)
            largest = max(usual, 3 * wire["largest_batch"])
    variance = even * usual
    beyond = largest * (most - even) / variance
    return partitions * math.exp(-variance / largest ** 2 * ((1 + beyond) * math.log1p(beyond) - beyond))


def burst(group):
    """The instance that is furthest above its baseline while its credits fall: (its use, baseline, balance before, after); none where none is."""
    if group.get("credit_mode") != "standard" or not group["instance_type"].get("credits"):
        return None
    base = group["instance_type"]["credits"]["milli_per_hour"] * 1_000_000 // 60_000 / 1e6
    found = []
    for one in group["instances"]:
        used = one.get("used_vcpus") if one.get("full_size_vcpus") is None else one["full_size_vcpus"]
        start, end, ran = one.get("balance_start_credits"), one.get("balance_end_credits"), max(one["window_up_s"] - one.get("window_boot_s", 0), 0)
        if None in (used, start, end) or ran <= 0:
            continue
        used = min(used, group["instance_type"]["vcpus"])
        spent = (start - end) * 60 / (ran * max(group["time_scale"], 1))
        if used - base > base * 0.02 and spent > base * 0.02:
            found.append((used, base, start, end))
    return max(found, key=lambda of: of[0], default=None)


def overhead(record):
    """What of its CPU the worst instance needed for other things than its work, in percent."""
    each = []
    for one in (one for group in record["emulated"] for one in group["instances"]):
        if one.get("allowed_vcpus") and one.get("overhead_vcpus") is not None:
            each.append(one["overhead_vcpus"] / one["allowed_vcpus"] * 100)
        elif one.get("work"):
            each.append(one["work"]["overhead_percent"])
    return max(each, default=0.0)


def of_emulation(record):
    """Those that spoil a trial whose instances were not what they should have been."""
    found, instances = set(), [one for group in record["emulated"] for one in group["instances"]]
    works = [one["work"] for one in instances if one.get("work")]
    if any(abs((work["got_percent"] / work["due_percent"] - 1) * 100) > 4 for work in works):
        found.add("emulated_share")
    if any(work["stretch"] > 1.1 for work in works):
        found.add("emulated_time")
    ran = lambda one: max(one["window_up_s"] - one.get("window_boot_s", 0), 0)
    if any(group["refused"] for group in record["emulated"]) or any(one.get("used_vcpus") is None and ran(one) > 1 for one in instances):
        found.add("emulation_unwatched")
    return found | ({"oom_kill"} if record["oom_kills"] else set())


def of_distance(record):
    """Where the round trip of somebody was not the one that was asked for, or no ping came back."""
    for one in record.get("network") or []:
        pings, carried = one.get("pings"), one.get("carried")
        soon_over = one.get("event") and carried and carried["seconds"] * 1e3 < one["rtt_ms"] + 1e3
        if abs(pings["median_ms"] - one["rtt_ms"]) > max(0.5, one["rtt_ms"] * 0.02) if pings else not soon_over:
            return {"distance"}
    return set()


# ---- a tail that a few seconds made -------------------------------------------------------------------------------------------------------------

def few_seconds(trial):
    """Whether p99 is less than half without the worst twentieth of the window's seconds."""
    if trial.record.get("injected") or trial.derived_saturated() != "false":
        return False
    tag = "end_to_end_latency" if trial.asked["instances"] is not None else "ack_latency"
    seconds = [of for _, of in sorted(trial.logged.get(tag, {}).items())]
    whole = p99(seconds)
    if whole is None:
        return False
    worst = sorted(seconds, key=lambda of: -sum(count for value, count in of.items() if value >= whole))
    few = max(1, math.ceil(len(seconds) * 0.05))
    without = p99(worst[few:]) if len(worst) > 2 * few else None
    return without is not None and without < 0.5 * whole


# ---- standstills --------------------------------------------------------------------------------------------------------------------------------

def of_all(event):
    """Whether something was done to brokers, the topic or the network of all: then it was done to all groups."""
    kind = event["kind"]
    return kind.endswith("_broker") or kind in ("topic", "config", "network") or (kind == "partition" and not event["instances"])


def own_events(record):
    """What was done to the first group, or to all."""
    return [one for one in record.get("injected") or [] if not record.get("groups") or one.get("group_number", 0) == 0 or of_all(one)]


def standstills(trial):
    """When brokers, consumers or an instance stood still, far longer than in the trial's own rhythm, and nobody had asked for it."""
    record, asked = trial.record, trial.asked
    start, end = asked["warm_up_s"], asked["warm_up_s"] + asked["measure_s"]
    caused = lambda some: [(one["asked_s"], one["caused_until_s"]) for one in some if one.get("asked_s") is not None and one.get("caused_until_s") is not None]
    own, brokers = caused(own_events(record)), caused(filter(of_all, record.get("injected") or []))
    asked_for = lambda span, those: any(span[0] < to and since < span[1] for since, to in those)
    acks = standstill(trial, True, (start, end), brokers, asked_for) if not trial.untold else None
    read = standstill(trial, False, (start, end), own, asked_for) if asked["instances"] is not None else None
    if read and acks and acks[0] < read[1] and read[0] < acks[1]:
        read = None
    silences = [(one["from_s"], one["to_s"]) for one in record.get("silences") or []]
    return [of for of in (acks, read) if of] + [of for of in silences if of[1] - of[0] > SILENCE_S and not asked_for(of, own)]


def standstill(trial, brokers, window, those, asked_for):
    """The longest span of the brokers, or else of the consumers, that stands out of the rhythm; none where none does."""
    gaps, idle, waiting, rows = [], None, 0, trial.series
    lost = (trial.record.get("books") or {}).get("lost") or 0
    for at, row in enumerate(rows):
        count = lambda key: int(row.get(key) or 0)
        done, came = (count("acked"), count("due")) if brokers else (count("processed"), count("acked") + count("untold"))
        if done > 0:
            begun, due = idle or (at, 0)
            gaps.append((begun, at, due))
            idle = None
        elif (came > 0 or waiting > 0) and idle is None:
            idle = (at, 0)
        if idle:
            idle = (idle[0], idle[1] + count("due"))
        waiting = 0 if brokers else max(0, count("unprocessed_messages") - lost)
    if idle:
        gaps.append((idle[0], len(rows), idle[1]))
    lengths = sorted(to - begun for begun, to, _ in gaps)
    n = len(lengths)
    p90 = lengths[max(0, -(-n * 9 // 10) - 1)] if n else 0
    often = 3 * lengths[n - 3] if n >= 3 else 0
    longest = max(8, math.ceil((3 + math.log10(max(n, 1))) * p90), often)
    start, end = window
    found = []
    for begun, to, due in gaps:
        span = (begun * 0.25, to * 0.25)
        if (brokers and due <= 1) or not (span[0] < end and start < span[1]) or asked_for(span, those):
            continue
        fills = span[0] <= start and span[1] >= end
        most = brokers and 2 * (min(span[1], end) - max(span[0], start)) > end - start
        rhythm = brokers or any(of[1] < len(rows) for of in gaps)
        if fills or most or (rhythm and span[1] - span[0] > longest * 0.25):
            found.append(span)
    return max(found, key=lambda span: span[1] - span[0], default=None)


# ---- beginnings ---------------------------------------------------------------------------------------------------------------------------------

def mser5(series):
    """(what is cut, the statistic, mean of all, mean of the rest, whether it settles in the half that may be cut); none of fewer than 40."""
    batches = [sum(series[at:at + 5]) / 5 for at in range(0, len(series) - 4, 5)]
    if len(batches) < 8:
        return None
    n, middle, squares, statistics = 0, 0.0, 0.0, []
    for batch in reversed(batches):
        n += 1
        off = batch - middle
        middle += off / n
        squares += off * (batch - middle)
        statistics.append(squares / (n * n))
    statistics.reverse()
    most = len(batches) // 2
    cut = min(range(most + 1), key=lambda at: statistics[at])
    mean = lambda of: sum(of) / len(of)
    return 5 * cut, statistics[cut], mean(batches), mean(batches[cut:]), cut < most


def settled(trial):
    """(seconds that are cut, throughput with and without them, p99 in ns with and without them); none where nothing is said of it."""
    record, asked = trial.record, trial.asked
    if not trial.has_window or record.get("backlog") or record.get("injected"):
        return None
    saturated = trial.derived_saturated() != "false"
    key = "processed" if asked["instances"] is not None else "acked"
    rates = [int(row[key]) * 4.0 for row in trial.inside]
    backlog = [float(row["backlog_messages"]) for row in trial.inside]
    tag = "end_to_end_latency" if asked["instances"] is not None else "ack_latency"
    seconds = sorted(trial.logged.get(tag, {}).items())
    tails = [math.log(max(of, 1)) for of in (p99([each]) for _, each in seconds) if of is not None]
    whole = len(seconds) >= math.floor(asked["measure_s"])
    if mser5(rates) is None:
        return None
    cut_s = 0.0
    for series, length, asked_too in ((rates, 0.25, True), (backlog, 0.25, not saturated), (tails, 1.0, whole and not saturated)):
        found = mser5(series) if asked_too else None
        if found and (not found[4] or (found[0] and abs(found[3] - found[2]) > 1.96 * math.sqrt(found[1]))):
            cut_s = max(cut_s, found[0] * length)
    mean = lambda of: sum(of) / max(len(of), 1)
    kept = min(int(cut_s * 4), len(rates))
    both = (p99(of for _, of in seconds), p99(of for second, of in seconds if second >= math.ceil(cut_s)))
    return cut_s, (mean(rates), mean(rates[kept:])), None if None in both else (both[0] / 1e6, both[1] / 1e6)


def cut_moves(trials, around):
    """The names of those of a treatment's valid trials that are cut, where the cut moves a median out of what lies around it (`around`, of values)."""
    found = [(trial, of) for trial, of in ((trial, settled(trial)) for trial in trials if trial.valid) if of]
    moved = False
    for pick in (lambda of: of[1], lambda of: of[2]):
        pairs = [pick(of) for _, of in found if pick(of)]
        ends = around([pair[0] for pair in pairs])
        middle = sorted(pair[1] for pair in pairs)
        if ends and middle:
            middle = (middle[(len(middle) - 1) // 2] + middle[len(middle) // 2]) / 2
            moved = moved or not ends[0] <= middle <= ends[1]
    return {trial.name for trial, of in found if of[0] > 0} if moved else set()
