#!/usr/bin/env python3
"""Derives every claim of a run again, from its records alone.

    scripts/claims.py DIR...                   asks the `bench` beside it (target/release/bench, else PATH; BENCH=...) for the claims
    scripts/claims.py DIR --report report.json takes them from `bench report DIR --format json`

It reads trials.csv, manifest.json, each trial's trial.json, series.csv and latency.hlog, and nothing that bench reckoned from them: percentiles come from
the histograms, by rank over all messages due in the window; rates from the series; money from the manifest's prices. What it gets must be what trials.csv
says, and what each sentence says, digit for digit; and each sentence is made again, whole, so that no figure stands with a name that is not its own. Python's standard library is all that it needs, and it shares no line with bench.

How trials ended, whether their books balance, whether their backlog grew, why they are doubted, what limits them, what events did to them, why a search ended and
what other draws of the same blocks would say is derived too (`derived/`). What it cannot derive it takes from trials.csv, and says so: such a claim is `not checked`,
with what it rests on, and never `ok`.

Exit 0: nothing differs; 1: something differs, each thing is named; 2: it cannot be read.
"""

import base64, csv, itertools, json, math, os, re, shutil, struct, subprocess, sys, zlib
from fractions import Fraction
from pathlib import Path

sys.dont_write_bytecode = True  # nothing is left beside the scripts
from derived import credits, doubts, drawn, events, limits, searched, window
from derived.counts import added, at_rank

INF = math.inf
LATENCIES = ["send_delay", "accept_delay", "ack_latency", "receive_latency", "end_to_end_latency", "committed_latency"]
OF_CONSUMERS = {"receive_latency", "end_to_end_latency", "committed_latency"}
# Consumers that are not ours tell nothing: of them it is read when they commit, and of ours it is not.
TOLD = {"receive_latency", "end_to_end_latency"}
FROM_DUE = {"ack_latency", "receive_latency", "end_to_end_latency", "committed_latency"}
QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99_9": 0.999}
# A table has six decimals: what is read from it may be off by half of the last.
HALF = 5.1e-7


# ---- numbers, as a report shows them ------------------------------------------------------------------------------------------------------------

def plain(value):
    """At least three digits that mean something."""
    size = abs(value)
    digits = 0 if size >= 99.95 else 1 if size >= 9.995 else 2 if size >= 0.995 else 3 if size >= 0.0005 else 0
    text = f"{value:.{digits}f}"
    return "0" if text == "-0" else text


def dollars(value):
    """Four digits."""
    digits = 2 if value >= 10 else 4 if value >= 0.0995 else int(3 - math.floor(math.log10(value))) if value > 0 else 0
    return f"{value:.{digits}f}"


def is_money(metric):
    return "_usd" in metric


def one(value, metric):
    return ("$" + dollars(value)) if is_money(metric) else plain(value)


def factor(ratio):
    """Three digits, and of small ones two decimals as long as they say something."""
    return f"{ratio:.2f}" if 0.0995 <= ratio < 9.995 else plain(ratio)


def suiting(unit, values):
    """(how many of what is shown make one of the unit, its name): of times what suits the greatest of them, where that leaves three digits of the least."""
    ms = {"ms": 1.0, "s": 1e3}.get(unit)
    own = [value * ms for value in values if value > 0] if ms else []
    if not own:
        return (1.0, unit)
    if max(own) < 1:
        return (1e3 * ms, "µs")
    return (ms / 1e3, "s") if max(own) >= 10_000 and min(own) >= 100 else (ms, "ms")


def reading(low, high, metric):
    """A value, `> low`, `low to high`."""
    if low is None:
        return "–"
    if low == high:
        return one(low, metric)
    sign, show = ("$", dollars) if is_money(metric) else ("", plain)
    if high == INF:
        return f"{sign}> {show(low)}"
    return f"{sign}{show(low)}" if show(low) == show(high) else f"{sign}{show(low)} to {show(high)}"


def spread(low, middle, high, metric):
    """`median (low – high)`, with as many digits as lie apart."""
    if is_money(metric):
        return f"${dollars(middle)}" + ("" if dollars(low) == dollars(middle) == dollars(high) else f" ({dollars(low)} – {dollars(high)})")
    apart = high - low
    if apart <= 0 or high <= 0:
        digits = len(plain(high).partition(".")[2])
    else:
        place = lambda of: math.floor(math.log10(abs(of)))
        digits = max(0, min(-place(apart / 3), 3 - place(high)))
    low, middle, high = (f"{of:.{digits}f}" for of in (low, middle, high))
    return middle if low == high else f"{middle} ({low} – {high})"


def near(shown, show, *values):
    """Whether these values, each as exact as its table, are shown so."""
    if show(*values) == shown:
        return True
    moved = [[of - HALF, of, of + HALF] for of in values]
    combine = [[]]
    for each in moved:
        combine = [head + [of] for head in combine for of in each]
    return any(show(*of) == shown for of in combine)


# ---- histograms ---------------------------------------------------------------------------------------------------------------------------------

def numbers(data):
    """ZigZag LEB128, of which a ninth byte has eight bits."""
    at = 0
    while at < len(data):
        value = shift = 0
        for count in range(9):
            byte = data[at]
            at += 1
            if count == 8:
                value |= byte << shift
                break
            value |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        yield (value >> 1) ^ -(value & 1)


def histogram(text):
    """{greatest value of a step in ns: how many} of an HdrHistogram V2, compressed, in base64."""
    packed = base64.b64decode(text)
    cookie, length = struct.unpack(">II", packed[:8])
    if cookie != 0x1C849314:
        raise ValueError("not a compressed histogram of V2")
    return plain_histogram(zlib.decompress(packed[8:8 + length]))


def plain_histogram(raw):
    """The same of one that is not compressed."""
    cookie, size, _, digits = struct.unpack(">IIII", raw[:16])
    lowest, highest = struct.unpack(">QQ", raw[16:32])
    if cookie & ~0xF0 != 0x1C849303:
        raise ValueError("not a histogram of V2")
    unit = int(math.log2(lowest))
    half_bits = math.ceil(math.log2(2 * 10 ** digits)) - 1
    half = 1 << half_bits
    counts, index = {}, 0
    for number in numbers(raw[40:40 + size]):
        if number < 0:
            index -= number
            continue
        if number:
            bucket = (index >> half_bits) - 1
            step = (index & (half - 1)) + half
            if bucket < 0:
                bucket, step = 0, step - half
            value = min(((step + 1) << (bucket + unit)) - 1, highest)
            counts[value] = counts.get(value, 0) + number
        index += 1
    return counts


# ---- one trial ----------------------------------------------------------------------------------------------------------------------------------

# Doubts that are derived; and those that are not of groups beyond the first, whose series and histograms are not read.
DERIVED = doubts.SPOILS | doubts.LIMITS
OF_FIRST = {"stall", "fleet_fell_behind"}
# What is read of a trial's events.
OF_EVENTS = ("detection_s", "unavailability_s", "recovery_s")
# What each is certainly not below where it was not seen to come, by its column.
ENDS_OF_EVENTS = {metric.replace("_s", "_least_s"): metric for metric in OF_EVENTS}


class Trial:
    def __init__(self, run, row, events):
        self.row, self.name = row, row["trial"]
        self.folder = run / "trials" / self.name
        self.record = json.loads((self.folder / "trial.json").read_text())
        self.asked = self.record["asked"]
        self.known, self.late, self.rates, self.levels = {}, {}, {}, {}
        self.taken = set()
        self.errors = {}
        self.events, self.aftermaths = events, None
        self.slos, self.prices, self.brokers = [], {}, 1
        self.series, self.inside, self.logged, self.ends, self.backlog_start = [], [], {}, {}, None
        self.acked, self.untold, self.costs, self.asked_of, self.verdicts = None, 0, {}, [], {}
        self.seen, self.seen_before = [], None
        self.has_window = self.record["end"] == "completed"
        self.processed_in_window = 0
        if self.has_window:
            self.read()
        self.found = self.derived_spoils() if self.record["end"] == "completed" else set()
        self.outcome = self.derived_outcome()
        self.valid = self.outcome == "valid"
        self.saturated = self.derived_saturated()

    def doubts(self):
        return [of for of in self.row["doubts"].split(";") if of]

    def derived_outcome(self):
        """By how it ended, its books, and what spoils it; of doubts that are not derived here what the table says."""
        if self.record["end"] != "completed":
            return "interrupted" if self.record["end"] == "interrupted" else "failed"
        if not self.balances():
            return "broken"
        return "doubtful" if self.spoiled() or self.of_others() else "valid"

    def of_others(self):
        """What trials.csv says that spoils a group beyond the first, of what is not derived."""
        return OF_FIRST & set(self.doubts()) - self.found if self.record.get("groups") else set()

    def spoiled(self):
        """What is driven as hard as it goes ends at somebody's CPU: then that is the finding, and spoils nothing."""
        return self.found - ({"load_cpu_short", "host_cpu_short", "unwatched"} if self.asked["rate_msgs_per_s"] is None else set())

    def derived_doubts(self):
        """All that its record tells but for `cut_moves`, which its treatment tells."""
        return self.found | doubts.limits(self) if self.has_window else set()

    def balances(self):
        return all(self.is_balanced(of.get("books")) for of in [self.record, *(self.record.get("groups") or [])])

    def is_balanced(self, books):
        if not books:
            return False
        of = lambda *names: sum(books.get(name) or 0 for name in names)
        known = all(books.get(name) is not None for name in ("received", "unread", "lost"))
        read = not known or of("acked") == of("received", "unread", "lost", "aborted")
        return read and of("due") == of("sent", "refused") and of("sent") == of("acked", "failed", "in_flight")

    def derived_spoils(self):
        """What spoils it, as its record, its series and its histograms tell."""
        of, host, found = self.record, self.record.get("host"), doubts.of_emulation(self.record) | doubts.of_distance(self.record)
        if self.has_window and doubts.standstills(self):
            found.add("stall")
        for name, key in (("rebalance", "rebalances"), ("instance_died", "deaths"), ("broker_error", "broker_errors"), ("histogram_overflow", "out_of_range")):
            if any(one.get(key) for one in [of, *(of.get("groups") or [])]):
                found.add(name)
        if abs(of.get("clock_step_ms") or 0) > 10:
            found.add("clock_jump")
        if any(one.get("trouble") or one.get("asked_s") is None for one in of.get("injected") or []):
            found.add("event_missed")
        if host and host["steal_percent"] > 10:
            found.add("steal")
        limit = (host or {}).get("limit")
        if limit and limit["throttled_s"] > 0.01 * limit["over_s"]:
            found.add("cpu_quota")
        long = of.get("load_wait_ms") is None or of["load_wait_ms"] > 0.5
        if (of.get("load_busiest_thread_cores") or 0) > 0.9 or ((of.get("load_run_delay") or 0) > 0.1 and long):
            found.add("load_cpu_short")
        if host is None:
            found.add("unwatched")
        elif host["cpu_percent"] > 95:
            found.add("host_cpu_short")
        if self.fell_behind():
            found.add("fleet_fell_behind")
        return found

    def fell_behind(self):
        """Whether p99 of send delay is above 5 ms and above a tenth of a latency that counts from due."""
        delays = self.known.get("send_delay")
        if not delays:
            return False
        delay = at_rank(delays, self.rank(sum(count for _, count in delays), 0.99)) / 1e6
        limits = []
        for tag in ("ack_latency", "end_to_end_latency", "committed_latency"):
            if tag in self.known:
                low = at_rank(sorted(self.known[tag] + self.late[tag][2]), self.rank(self.late[tag][0], 0.99))
                limits += [] if low is None else [max(5.0, low / 1e7)]
        return any(delay > limit for limit in limits or [5.0])

    def derived_saturated(self):
        """`true` where the backlog grew by more than a hundredth of what was offered and by more than what comes in a quarter second; empty where not known."""
        if not self.has_window:
            return ""
        if self.asked["rate_msgs_per_s"] is None:
            return "true"
        return {None: "", 1: "true"}.get(self.trend(), "false")

    def trend(self):
        """Whether the backlog grew (1), fell (-1) or neither (0); none where that is not known."""
        if not self.has_window or self.backlog is None:
            return None
        (start_least, start_most), (end_least, end_most) = self.backlog
        watched = (self.record.get("followed") or {}).get("every_ms", 0) / 1e3
        threshold = max(0.01 * self.due, (0.25 + watched) * self.per_second)
        way = lambda grown: (grown > threshold) - (grown < -threshold)
        least, most = way(end_least - start_most + self.given_up), way(end_most - start_least + self.given_up)
        return least if least == most else None

    def read(self):
        warm_up, measure = self.asked["warm_up_s"], self.asked["measure_s"]
        with open(self.folder / "series.csv", newline="") as file:
            series = list(csv.DictReader(file))
        quarter = lambda s: round(s * 4)
        count = lambda row, key: int(row.get(key) or 0)
        inside = [row for row in series if quarter(warm_up) <= quarter(float(row["t_s"])) < quarter(warm_up + measure)]
        self.has_window = bool(series)
        self.series, self.inside = series, inside
        levels, told = {"backlog": [], "lag": []}, 0
        for row in series:
            told += 0 if self.asked["instances"] is not None else count(row, "untold")
            backlog = count(row, "backlog_messages")
            levels["backlog"].append((float(row["t_s"]), max(0, backlog - told), backlog))
            lag = self.level(row, "unprocessed_messages", None)
            levels["lag"] += [lag] if lag else []
        # Of a group that is followed from outside commits come in steps, and so does what is read of transactions: each level is the least of those since the one before.
        step = (self.record.get("followed") or {}).get("commit_interval_s") or 0.0
        step += (self.asked.get("transaction_s") or 0.0) if self.asked["instances"] is not None else 0.0
        least = lambda all, at, end: min(of[end] for of in all if all[at][0] - step - 1e-6 < of[0] <= all[at][0])
        in_window = lambda t: quarter(warm_up) <= quarter(t) < quarter(warm_up + measure)
        self.ends = {
            name: [(all[at][0], least(all, at, 1), least(all, at, 2)) for at in range(len(all)) if in_window(all[at][0])]
            for name, all in levels.items()
        }
        # The same as it was seen, in whatever steps it went.
        self.seen = [of for of in levels["backlog"] if in_window(of[0])]
        self.levels = {name: [(t, (low + high) / 2) for t, low, high in all] for name, all in self.ends.items()}
        all_of = levels["backlog"]
        ends = lambda at: (least(all_of, at, 1), least(all_of, at, 2))
        before = [at for at, of in enumerate(all_of) if quarter(of[0]) + 1 == quarter(warm_up)]
        within = [at for at, of in enumerate(all_of) if in_window(of[0])]
        # Of a backlog that was written before, what was left when the load began; of records that do not tell it nothing.
        backlog = (self.record.get("backlog") or {}) if self.asked["instances"] is not None else {}
        left = max(0, backlog["messages"] - backlog["processed_before"]) if backlog.get("processed_before") is not None else 0
        start = ends(before[0]) if before else (left, left) if quarter(warm_up) == 0 else None
        self.backlog, self.backlog_start = (start, ends(within[-1])) if start and within else None, start
        self.seen_before = all_of[before[0]][1:] if before else start
        self.due = sum(count(row, "due") for row in inside)
        self.given_up = sum(count(row, "refused") + count(row, "failed") for row in inside)
        self.per_second = self.due / measure
        total = lambda key: sum(count(row, key) for row in inside)
        untold, blind = sum(count(row, "untold") for row in series), False
        if untold and all(count(row, "acked") == 0 for row in series):
            blind = True
        self.untold, self.acked = untold, None if blind else total("acked")
        self.rates = {"sent_msgs_per_s": total("sent") / measure}
        producers, wire = self.asked.get("producers"), self.record.get("wire") or {}
        if producers:
            # One piece of each that makes them happen may lie on the other side of an edge: a message, or a request.
            self.rates["sent_width_msgs_per_s"] = min(producers, total("sent")) / measure
            if wire.get("requests") and not blind:
                self.rates["acked_width_msgs_per_s"] = min(producers * wire["records"] / wire["requests"], total("acked")) / measure
        if self.asked["rate_msgs_per_s"] is not None:
            self.rates["offered_msgs_per_s"] = total("due") / measure
        if not blind:
            self.rates["acked_msgs_per_s"] = total("acked") / measure
        consumers = self.asked["instances"] is not None
        if consumers:
            self.rates["processed_msgs_per_s"] = total("processed") / measure
            followed, done = self.record.get("followed"), total("processed")
            # Of a group that is followed from outside, what it commits at once.
            piece = done / measure * (followed["commit_interval_s"] or 0) if followed else self.asked["instances"] * self.asked["threads"]
            if not followed or followed["commit_interval_s"] is not None:
                self.rates["processed_width_msgs_per_s"] = min(piece, done) / measure
        self.processed_in_window = total("processed")
        watched = self.watched_until() - warm_up
        seconds = math.ceil(measure)
        logged, sums = self.logged, {}
        for line in (self.folder / "latency.hlog").read_text().splitlines():
            if not line.startswith("Tag="):
                continue
            tag, start, _, _, packed = line[4:].split(",", 4)
            if tag.endswith("_of_window"):
                sums[tag[:-len("_of_window")]] = packed
            elif tag in LATENCIES:
                second = math.floor(float(start) - warm_up + 0.0005)
                if 0 <= second < seconds:
                    logged.setdefault(tag, {})[second] = histogram(packed)
        if self.asked["rate_msgs_per_s"] is None:
            return  # at `rate: max` nothing was due at a time of its own
        for tag in LATENCIES:
            if (tag in OF_CONSUMERS and not consumers) or (tag == "ack_latency" and blind):
                continue
            if tag in (TOLD if self.record.get("followed") else OF_CONSUMERS - TOLD):
                continue
            if tag == "committed_latency" and not self.tells_ages():
                continue
            # Nobody waits for what was aborted, nor for an ack of what no broker tells.
            less = "aborted" if tag in OF_CONSUMERS else "untold" if tag == "ack_latency" else None
            due = [0] * seconds
            for row in inside:
                second = (quarter(float(row["t_s"])) - quarter(warm_up)) // 4
                if second < seconds:
                    due[second] += max(0, count(row, "due") - (count(row, less) if less else 0))
            own = logged.get(tag, {})
            known = added(own.values())
            if tag in sums and histogram(sums[tag]) != known:
                raise ValueError(f"{self.name}: the window's sum of {tag} is not the sum of its seconds")
            seen = sum(known.values())
            n = self.record["due_in_window"] - (total(less) if less else 0)
            left = censored = max(0, n - seen)
            bounds = []
            for second in reversed(range(seconds)):
                silent = min(left, max(0, due[second] - sum(own.get(second, {}).values())))
                left -= silent
                bounds.append((int(max(0.0, watched - min(second + 1.0, measure)) * 1e9), silent))
            bounds.append((int(max(0.0, watched - measure) * 1e9), left))
            self.known[tag] = sorted(known.items())
            self.late[tag] = (max(n, seen), censored, [of for of in bounds if of[1]])

    # What `derived/` asks of it.

    plain = staticmethod(plain_histogram)

    def quantile(self, p, freedom):
        return two_sided_quantile(p, freedom)

    def number(self, row, key):
        return float(row[key]) if row.get(key) else None

    def level(self, row, key, most):
        """(when, at least, at most); none where it was not read. Messages of unknown fate may be in a lag, or not."""
        low = self.number(row, key)
        if low is None:
            return None
        high = low + int(row.get("lag_unknown_messages") or 0) if most is None else self.number(row, most)
        return (float(row["t_s"]), low, low if high is None else high)

    def total(self, key):
        return sum(int(row.get(key) or 0) for row in self.inside)

    def watched_until(self):
        """Where the record does not tell, only the start of the last row is certain."""
        end = self.record.get("watched_s")
        return max([0.0, *(float(row["t_s"]) for row in self.series)]) if end is None else end

    def grown(self):
        """Messages by which the backlog grew at least; none where that is not known."""
        return None if self.backlog is None else self.backlog[1][0] - self.backlog[0][1] + self.given_up

    def throttled_ms(self, key):
        return window.throttled(key)(self) if self.has_window else None

    def tells_ages(self):
        """Of a share group, and of what is held to a part of a core, nobody knows how old messages were."""
        followed = self.record.get("followed")
        return not followed or (followed.get("by") != "share_group" and not self.record["emulated"])

    def grows_beyond_doubt(self, of):
        """Whether a level grew by more than chance: two are asked, and each has half of the error."""
        found = slope_of(self.levels[of])
        return bool(found) and found[0] - two_sided_quantile(0.05, found[2]) * found[1] > 0

    def rank(self, n, part):
        return n if part is None else max(1, math.ceil(n * part - 1e-9))

    def percentile(self, tag, part):
        """(low, high) in ms; (None, why) where it is not said. `part` none: the greatest."""
        if tag not in self.known:
            return (None, "")
        n, _, bounds = self.late[tag]
        return self.ranked(self.known[tag], n, bounds, part)

    def ranked(self, values, n, bounds, part):
        """The same of values, of so many, of which the others took no less than these bounds."""
        if part is not None and n * (1 - part) < 10 - 1e-6:
            return (None, "too few")
        rank = self.rank(n, part)
        high = at_rank(values, rank)
        low = at_rank(sorted(values + bounds), rank)
        if low is None:
            return (None, "")
        return (min(low, INF if high is None else high) / 1e6, INF if high is None else high / 1e6)

    def of(self, metric):
        """What a metric is, as its two ends; from the records where they tell it, else from the table."""
        if not self.has_window and ("latency" in metric or "delay" in metric):
            return self.cell(metric)
        tag, part = latency(metric)
        if tag:
            return self.percentile(tag, part)
        if self.has_window and metric in self.rates:
            return (self.rates[metric], self.rates[metric])
        found = window.of(self, metric)
        if found is None and metric in OF_EVENTS:
            found = events.worst(self, metric) or self.worst(metric)
        if found is None and metric in ENDS_OF_EVENTS:
            found = events.least(self.of(ENDS_OF_EVENTS[metric]))
        if found is None and metric in OF_MONEY:
            value = OF_MONEY[metric](self)
            found = (None, "") if value is None else (value, value)
        if found is None and metric in OF_LITTLE and self.has_window:
            law = doubts.little(self)
            found = (OF_LITTLE[metric](*law),) * 2 if law else (None, "")
        if found is None and metric.startswith("credit_knee"):
            found = (None, "") if self.knee() is None else (self.knee()[metric != KNEE],) * 2
        return self.cell(metric) if found is None else found

    def worst(self, metric):
        """The same of what was done to several groups, which `events.csv` has as bench concluded it."""
        self.taken.add(metric)
        ends = []
        for row in self.events:
            known, least = row[metric], row[metric.replace("_s", "_least_s")]
            if not known and not least:
                return (None, "")
            ends.append((float(known), float(known)) if known else (float(least), INF))
        least = max(low for low, _ in ends)
        return (least, least if all(high < INF for _, high in ends) else INF)

    def width(self, metric):
        """How far at most what was there lies from what was read: a column of rates and lags, of latencies a bucket, of a drain its steps; 0 where nothing is
        known."""
        if latency(metric)[0]:
            return (self.of(metric)[0] or 0.0) / 1024
        if metric.endswith("_usd_per_million"):
            return (self.of(metric)[0] or 0.0) * self.coarse()
        unit = next((unit for unit in ("_msgs_per_s", "_mib_per_s", "_per_s", "_messages", "_ms", "_s") if metric.endswith(unit)), None)
        column = unit and metric[:-len(unit)] + "_width" + unit
        return self.of(column)[0] or 0.0 if column in self.rates or column in window.OF_WINDOW else 0.0

    def coarse(self):
        """How finely the messages were counted that money is divided by, as a share of them."""
        rate, width = self.of("processed_msgs_per_s")[0], self.of("processed_width_msgs_per_s")[0]
        return width / rate if rate and width else 0.0

    def cell(self, metric):
        text = self.row.get(metric) or ""
        if text:
            self.taken.add(metric)
        if text == "":
            low, high = (self.row.get(metric.replace("_messages", f"_{end}_messages")) or "" for end in ("least", "most"))
            return (float(low), float(high)) if low and high else (None, "")
        return (float(text), float(text))

    def is_above_without_delay(self, tag, part, bound):
        """Whether it lies above the bound however much of it was bench's own lateness."""
        if tag not in FROM_DUE or "send_delay" not in self.known:
            return True
        n, _, bounds = self.late[tag]
        allowed = n - self.rank(n, part)
        values, delays = (sorted(of, reverse=True) for of in (self.known[tag] + bounds, self.known["send_delay"]))
        limit = int(max(bound, 0.0) * 1e6)
        above = delayed = at = late = 0
        # From the greatest delay down: ever more lie above, ever more were delayed by more.
        for t in [value for value, _ in delays] + [0]:
            while late < len(delays) and delays[late][0] > t:
                delayed, late = delayed + delays[late][1], late + 1
            while at < len(values) and values[at][0] > limit + t:
                above, at = above + values[at][1], at + 1
            if above > allowed + delayed:
                return True
        return False

    def verdict(self, slo):
        """Found once, with what it takes from the table."""
        if slo["text"] not in self.verdicts:
            before, self.taken = self.taken, set()
            self.verdicts[slo["text"]] = (self.derived_verdict(slo), self.taken)
            self.taken = before
        found, taken = self.verdicts[slo["text"]]
        self.taken |= taken
        return found

    def derived_verdict(self, slo):
        metric, bound, sign = slo["metric"], slo["bound"], slo["comparison"]
        holds = {"<": lambda v: v < bound, "<=": lambda v: v <= bound, ">": lambda v: v > bound, ">=": lambda v: v >= bound}[sign]
        low, high = self.of(metric)
        up = sign in (">", ">=")
        if low is None:
            return "undecided"
        bound_only = metric in ("cost_credit_aware_usd_per_million", "cost_sticker_usd_per_million") and self.basis() not in ("", "offered")
        if bound_only and low < bound:
            return "undecided"
        if high == INF:
            if low < bound:
                return "undecided"
            held = up
        elif holds(low) != holds(high):
            return "undecided"
        else:
            held = holds(low)
            error = self.slope_error(metric)
            if holds(low - error) != holds(high + error):
                return "undecided"
        tag, part = latency(metric)
        if held == up and tag and not self.is_above_without_delay(tag, part, bound):
            return "undecided"
        # A lag may be less than was read by what was acked, or passed, meanwhile.
        width = self.width(metric) if metric.startswith(("lag_", "time_lag_")) else 0.0
        if held == up and holds(low - width) != held:
            return "undecided"
        return "held" if held else "broken"

    def slope_error(self, metric):
        """The same each time, found once."""
        if metric not in self.errors:
            self.errors[metric] = self.derived_slope_error(metric)
        return self.errors[metric]

    def derived_slope_error(self, metric):
        """How far a slope may lie to either side, at 95 % each: `docs/method.md`, Verdicts; 0 of what is no slope."""
        of = {"backlog_slope_msgs_per_s": "backlog", "lag_slope_msgs_per_s": "lag", "lag_trend_percent": "lag"}.get(metric)
        found = slope_of(self.levels[of]) if of and self.has_window else None
        half = two_sided_quantile(0.1, found[2]) * found[1] if found else 0.0
        return half * 100 / self.per_second if metric == "lag_trend_percent" and self.per_second else half

    # Money, in whole nano-dollars.

    def basis(self):
        """Which messages money is divided by, as a word; empty where nothing is said of it."""
        known = self.has_window and self.record["emulated"] and self.saturated and self.good()
        rents = self.prices.get("instances") or {}
        if not known or any(group["instance_type"]["name"] not in rents for group in self.record["emulated"]):
            return ""
        return ("overload" if self.saturated == "true" else "offered") + ("_on_credits" if any(map(doubts.burst, self.record["emulated"])) else "")

    def good(self):
        """Messages that count: those due in the window that were processed; of an SLO on end-to-end latency that did not hold only as many as would hold it with
        those that were within its bound. Under overload, and of programs that are not ours, all that were processed in the window."""
        if self.saturated == "true" or self.record.get("followed"):
            return self.processed_in_window
        known = self.known.get("end_to_end_latency")
        if known is None:
            return 0
        good = sum(count for _, count in known)
        for slo in self.slos:
            tag, part = latency(slo["metric"])
            if tag == "end_to_end_latency" and slo["comparison"] in ("<", "<=") and self.verdict(slo) != "held":
                within = sum(count for value, count in known if value / 1e6 <= slo["bound"])
                good = min(good, int(within / (1.0 if part is None else part)))
        return good

    def knee(self):
        if "knee" not in self.costs:
            self.costs["knee"] = credits.knee(self)
        return self.costs["knee"]

    def cost(self, prices, sticker=False):
        """Nano-dollars of a million messages; none where that is not said."""
        if not self.basis():
            return None
        window = round(self.asked["measure_s"] * 1000)
        total = 0
        for group in self.record["emulated"]:
            kind = group["instance_type"]
            # A program that is not ours had so much less of an instance, in millionths.
            part = round(group["vcpu_percent"] * 10_000) if self.record.get("followed") else 1_000_000
            for instance in group["instances"]:
                up = round(instance["window_up_s"] * 1000)
                total += times(nano(prices["instances"][kind["name"]]["usd"]), up * part, window * 1_000_000)
                ran = up - round(instance.get("window_boot_s", 0) * 1000)
                if sticker or group.get("credit_mode") != "unlimited" or ran <= 0:
                    continue
                used = instance.get("full_size_vcpus")
                used = instance["used_vcpus"] if used is None else used
                above = round(min(used, kind["vcpus"]) * 1e6) - kind["credits"]["milli_per_hour"] * 1_000_000 // 60_000
                if above > 0:
                    lent = times(nano(prices["surplus"][kind["name"]]["usd"]), above * ran, 1_000_000 * window)
                    total += times(lent, part, 1_000_000)
        for key in ("cost_brokers_usd_per_hour", "cost_storage_usd_per_hour", "cost_transfer_usd_per_hour"):
            if self.row.get(key):
                self.taken.add(key)
                total += nano(self.row[key])
        return times(total, 1_000_000 * window, self.good() * 3_600_000)

    def crossing(self):
        """Nano-dollars of what crossed zones and regions, for a million messages processed in the window; none where that is not said."""
        window, total = round(self.asked["measure_s"] * 1000), None
        if not self.has_window or not self.processed_in_window:
            return None
        for border, directions in (("zone", 2), ("region", 1)):
            price, often = self.prices.get("cross_" + border), self.prices.get(border + "_crossings")
            if not price:
                continue
            if often is None and self.record.get("network"):
                bytes_per_hour = self.carried(border)
            elif self.record.get("wire"):
                wire = self.record["wire"]
                bytes_per_hour = wire["bytes"] * 3_600_000 // max(round(wire["seconds"] * 1000), 1)
            else:
                self.taken.add("crossing_usd_per_million")
                return nano(self.row["crossing_usd_per_million"]) if self.row["crossing_usd_per_million"] else None
            if bytes_per_hour is None:
                return None
            total = (total or 0) + times(nano(price["usd"]), bytes_per_hour * directions * round((1 if often is None else often) * 1000), 10 ** 12)
        return None if total is None else times(total, 1_000_000 * window, self.processed_in_window * 3_600_000)

    def carried(self, border):
        """Bytes that a proxy carried across a border in an hour like the window, both ways; none where that was not read."""
        network, total = self.record["network"], 0
        end = self.asked["warm_up_s"] + self.asked["measure_s"]
        moved = [one for one in self.record.get("injected") or [] if one["kind"] == "network" and (one["asked_s"] or end) < end]
        if moved and not any(away.get("event") for away in network):
            return None
        for role in {away["role"] for away in network}:
            own = [away for away in network if away["role"] == role]
            across = [away for away in own if away.get("crosses") == border]
            if not across:
                continue
            if any(not (away.get("carried") or {}).get("seconds") for away in own):
                return None
            ms = sum(round(away["carried"]["seconds"] * 1000) for away in own)
            of = sum(away["carried"]["to_brokers_bytes"] + away["carried"]["from_brokers_bytes"] for away in across)
            total += of * 3_600_000 // max(ms, 1)
        return total

    def off(self):
        works = [one["work"] for group in self.record["emulated"] for one in group["instances"] if one.get("work")]
        return max([abs((work["got_percent"] / work["due_percent"] - 1) * 100) for work in works], default=0.0)


def nano(text):
    return int(round(Fraction(str(text).lstrip("$").split("/")[0]) * 10 ** 9))


def dollars_of(nanos):
    return None if nanos is None else nanos / 1e9


OF_LITTLE = {
    "little_error_percent": lambda level, expected, _: abs(level - expected) / level * 100,
    "little_unexplained_percent": lambda level, expected, excused: max(abs(level - expected) - excused, 0) / level * 100,
}
OF_MONEY = {
    "cost_credit_aware_usd_per_million": lambda trial: dollars_of(trial.cost(trial.prices)),
    "cost_sticker_usd_per_million": lambda trial: dollars_of(trial.cost(trial.prices, sticker=True)),
    "crossing_usd_per_million": lambda trial: dollars_of(trial.crossing()),
    "cost_good_msgs_per_s": lambda trial: trial.good() * 1e3 / round(trial.asked["measure_s"] * 1000) if trial.basis() else None,
}


def times(amount, over, under):
    """The part over / under, rounded half up."""
    return (amount * over + under // 2) // under if under else 0


def latency(metric):
    for tag in LATENCIES:
        if metric.startswith(tag + "_") and metric.endswith("_ms"):
            of = metric[len(tag) + 1:-3]
            if of == "max":
                return tag, None
            if of.startswith("p"):
                return tag, float(of[1:].replace("_", ".")) / 100
    return None, None


COST, KNEE = "cost_credit_aware_usd_per_million", "credit_knee_s"
TAKEN = ["cluster_cpu_s_per_million", "requests_per_s", "ack_latency_p99_ms", "end_to_end_latency_p99_ms"]
# Work that comes through, which compares overload with overload and is a bound beside what kept up; and what compares whatever the load was.
RATES = {"processed_msgs_per_s", "processed_mib_per_s", "acked_msgs_per_s"}
ALWAYS = {"lost", "duplicates", "refused", "failed", "out_of_order", "oom_kills", "connect_s", "received_unacked", "received_aborted", "foreign", "aborted", KNEE,
          "backlog_written_messages", "time_to_drain_s", "drained_msgs_per_s", "age_p50_ms", "age_p99_ms"}


def counted(label):
    """(a number, what stands behind it) of a level: `20k/s` is 20,000 a second; none of words."""
    found = re.match(r"-?[0-9.-]*", label).group()
    rest = label[len(found):]
    try:
        value = float(found)
    except ValueError:
        return None
    if rest.startswith("k"):
        value, rest = value * 1e3, rest[1:]
    elif rest.startswith("M/"):
        value, rest = value * 1e6, rest[1:]
    return None if " " in rest else (value, rest)


def pairs_of(what, slugs):
    return {(what, frozenset(two)) for two in itertools.combinations(slugs, 2)}


# ---- a run --------------------------------------------------------------------------------------------------------------------------------------

class Run:
    def __init__(self, folder):
        self.folder = folder
        self.manifest = json.loads((folder / "manifest.json").read_text())
        with open(folder / "trials.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        events = {}
        if (folder / "events.csv").exists():
            with open(folder / "events.csv", newline="") as file:
                for row in csv.DictReader(file):
                    events.setdefault(row["trial"], []).append(row)
        self.trials = [Trial(folder, row, events.get(row["trial"], [])) for row in rows]
        self.slos = self.manifest.get("slos", [])
        self.prices = self.manifest.get("prices") or {}
        for trial in self.trials:
            trial.slos, trial.prices = self.slos, self.prices
            trial.asked_of = [of["metric"] for of in [*self.manifest.get("responses", []), *self.slos] if latency(of["metric"])[0]]
        self.added = [of["started"] for of in self.manifest.get("resumed", []) if of.get("added_repetitions", 0) > 0]
        # SLOs, by their place, that more to do holds: who has more to do costs less a message.
        self.eases = [at for at, slo in enumerate(self.slos) if slo["metric"].endswith("_usd_per_million") and slo["comparison"] in ("<", "<=")]
        self.counted = self.chosen = None
        self.moved_by_cut, self.searches = {}, {}

    def treatments(self):
        return [line["slug"] for line in self.manifest["treatments"] if not line.get("baseline")]

    def beside(self, baseline):
        """Treatments that have the same levels of all that is not of consumers."""
        line = next(line for line in self.manifest["treatments"] if line["slug"] == baseline)
        alike = lambda other: all(own in ("baseline", level) for own, level in zip(line["levels"], other["levels"]))
        return [other["slug"] for other in self.manifest["treatments"] if not other.get("baseline") and alike(other)]

    def baselines(self):
        return [line["slug"] for line in self.manifest["treatments"] if line.get("baseline")]

    def of(self, slug):
        return [trial for trial in self.trials if trial.row["treatment"] == slug]

    def valid(self, slug):
        return [trial for trial in self.of(slug) if trial.valid]

    def weighing(self, slug):
        """The trials that a value of a search is weighed by: all of them, and once as many confirm it as the manifest says, those alone."""
        own, alone = self.valid(slug), self.manifest["search"].get("alone_from")
        others = self.levels(slug)[:-1]
        played = self.played({"levels": others, "treatments": [line["slug"] for line in self.lines() if line["levels"][:-1] == others]})
        confirming = [trial for trial in own if trial.name in played.confirming]
        return confirming if alone and len(confirming) >= alone else own

    def doubts(self, trial):
        """All that are derived of a trial, by its own record and by its treatment's trials."""
        slug = trial.row["treatment"]
        if slug not in self.moved_by_cut:
            self.moved_by_cut[slug] = doubts.cut_moves(self.of(slug), ends_of)
        return trial.derived_doubts() | ({"cut_moves"} if trial.name in self.moved_by_cut[slug] else set())

    def drawn_again(self, slug):
        """(from how many blocks, in what share of draws of whole blocks this treatment is the cheapest of those that keep up and hold all SLOs)."""
        if self.chosen is None:
            self.chosen = self.choose_again()
        return self.chosen[0], self.chosen[1].get(slug, 0) / 10_000

    def choose_again(self):
        slugs = self.treatments()
        by_block = []
        for slug in slugs:
            own = {}
            for trial in self.valid(slug):
                cost = trial.cost(self.prices) if trial.basis() == "offered" else None
                steady = trial.saturated == "false" and trial.trend() == 0
                own[int(trial.row["block"])] = (cost, steady, [trial.verdict(slo) for slo in self.slos], self.part(trial))
            by_block.append(own)
        blocks = sorted({block for own in by_block for block in own})
        parts = [max(own[block][3] for own in by_block if block in own) for block in blocks]
        counts, at_once = {}, {}
        for draw in drawn.resamples(len(blocks)):
            # In whatever order blocks are drawn.
            key = tuple(sorted(draw))
            if key not in at_once:
                at_once[key] = self.cheapest_of(slugs, by_block, [(blocks[at], parts[at]) for at in key])
            counts[at_once[key]] = counts.get(at_once[key], 0) + 1
        return len(blocks), counts

    def cheapest_of(self, slugs, by_block, draw):
        """Of one draw of blocks, each with the look that it was made for; none where nothing keeps up and holds."""
        found = []
        for slug, own in zip(slugs, by_block):
            trials = [(part, own[block]) for block, part in draw if block in own]
            costs = sorted(of[0] for _, of in trials if of[0] is not None)
            holds = all(of[1] for _, of in trials) and all(
                decided([(part, of[2][at]) for part, of in trials]) == "held" for at in range(len(self.slos)))
            if costs and holds:
                found.append((middle([cost / 1e9 for cost in costs]), slug))
        return min(found, key=lambda of: of[0])[1] if found else None

    def played(self, on):
        """A search told again from its trials, in the order in which they were planned."""
        key = tuple(on["levels"])
        if key not in self.searches:
            self.searches[key] = self.play(on["treatments"])
        return self.searches[key]

    def play(self, slugs):
        line = self.manifest["search"]
        load = next((trial.asked["rate_msgs_per_s"] for slug in slugs for trial in self.of(slug) if trial.asked["rate_msgs_per_s"] is not None), 1.0)
        ladder = searched.Ladder(line, load)
        history = []
        for slug in slugs:
            rung = ladder.rung(float(self.levels(slug)[-1]) if line["kind"] == "demand" else volume(self, slug))
            for trial in (trial for trial in self.of(slug) if rung is not None and trial.record["end"] != "interrupted"):
                said = [trial.verdict(slo) for slo in self.slos] if trial.valid else None
                through = "processed_msgs_per_s" if trial.asked["instances"] is not None else "acked_msgs_per_s"
                history.append((trial.record["order"], rung, said, trial.rates.get(through) if trial.valid and trial.saturated == "true" else None, trial.name))
        history.sort()
        found = searched.Search(line, ladder, [of[1:4] for of in history], self.eases)
        found.purposes = {of[4]: made[1] for of, made in zip(history, found.tried)}
        found.confirming = {name for name, purpose in found.purposes.items() if purpose == "confirm"}
        return found

    def readings(self, metric, slug):
        return [of for of in (trial.of(metric) for trial in self.valid(slug)) if of[0] is not None]

    def median(self, metric, slug):
        """The middle of what trials say, as its two ends; (None, "") of nothing."""
        all_of = self.readings(metric, slug)
        if is_money(metric) and slug and len({t.basis().startswith("over") for t in self.valid(slug)}) != 1:
            return (None, "")
        return summed_up(all_of)["median"] if all_of else (None, "")

    def around(self, metric, slug):
        """(how it came, its lower end, its upper end, each as two ends) of what stands around a median: from six trials on two order statistics, of fewer the
        least and the greatest; none of fewer than two."""
        all_of = self.readings(metric, slug)
        if len(all_of) < 2:
            return None
        of = summed_up(all_of)
        return ("order_statistics", *of["likely"]) if of["likely"] else ("spread", of["least"], of["most"])

    def part(self, trial):
        """For which look a trial was made, from 0: after how many of the times that repetitions were added it began."""
        return sum(1 for of in self.added if of <= trial.row["started"])

    def look(self):
        """Which look at the run this is, of those at which a treatment had three trials: with fewer nothing is told apart."""
        parts = [sorted(self.part(trial) for trial in trials) for trials in map(self.valid, self.treatments() + self.baselines())]
        first = min((of[2] for of in parts if len(of) > 2), default=None)
        return 1 if first is None else max(1, 1 + len(self.added) - first)

    def risk(self):
        return risk_of(self.look())

    def level(self):
        return self.risk() / self.family()

    def at(self):
        """As a sentence tells the level."""
        percent = f"{self.risk() * 100:.4f}".rstrip("0").rstrip(".")
        return f"at {percent} %" + (f" for {self.family()} comparisons" if self.family() > 1 else "")

    def apart(self, metric, one, other):
        """Student's t of what lies between the two in each block, all comparisons of the report sharing what this look may risk."""
        level = self.level()
        sides = []
        for slug in (one, other):
            each = [(int(trial.row["block"]), trial.of(metric)) for trial in self.valid(slug)]
            sides.append([of for of in each if of[1][0] is not None])
        a, b = sides
        if any(of[1][0] != of[1][1] for of in a + b):
            # Of some only a bound is known: all of the one must lie beyond all of the other.
            if min(len(a), len(b)) < 3:
                return "unknown"
            beyond = lambda low, high: max(of[1][1] for of in low) < min(of[1][0] for of in high)
            chance = 2 / math.comb(len(a) + len(b), len(a))
            return "clear" if (beyond(a, b) or beyond(b, a)) and chance <= level else "not_told_apart"
        blurs = [{int(trial.row["block"]): trial.width(metric) for trial in self.valid(slug)} for slug in (one, other)]
        a, b = ({block: of[0] for block, of in side} for side in sides)
        if a and b and len(set(a.values()) | set(b.values())) == 1:
            return "tie"
        logs = all(of > 0 for of in [*a.values(), *b.values()])
        found = paired(a, b, blurs, logs)
        if found is None:
            return "unknown"
        mean, p = found
        # Two medians are shown: what lies the other way round within blocks is not told.
        agree = (middle(sorted(b.values())) - middle(sorted(a.values()))) * mean > 0
        return "clear" if p <= level and agree else "not_told_apart"

    # Which comparisons a report tells, or would have told had they come out otherwise.

    def family(self):
        """How many they are, each counted once: what is compared, and the two."""
        if self.counted is None:
            self.counted = max(1, len(self.comparisons()))
        return self.counted

    def comparisons(self):
        found = set()
        for basis in ("offered", "offered_on_credits", "overload", "overload_on_credits"):
            found |= pairs_of("cost, " + basis, self.ranking(basis))
        found |= {("one thread", frozenset((one, rival))) for one in self.baselines() for rival in self.beside(one)}
        if not self.manifest.get("until_broken") and not self.manifest.get("search"):
            found |= self.of_answer()
        return found

    def of_answer(self):
        """Of the first response that a sentence can be made of, and what is told beside it."""
        asked = self.responses()
        for at, metric in enumerate(asked):
            if metric == COST:
                if any(self.standing(slug) not in ("no instance type", "no valid trial") for slug in self.treatments()):
                    return set()
            elif metric == KNEE:
                valid = [trial for slug in self.treatments() for trial in self.valid(slug)]
                firsts = [self.valid(slug)[0] for slug in self.treatments() if self.valid(slug)]
                credits = any(of.record["emulated"] and of.record["emulated"][0].get("credit_mode") for of in firsts)
                if credits or any(trial.knee() for trial in valid):
                    return set()
            else:
                known = [slug for slug in self.treatments() if self.readings(metric, slug)]
                if known:
                    return self.of_response(metric, asked[at + 1:], known)
        return set()

    def leading(self, metric, known):
        """The two that an answer begins with, and the group they were chosen from: the least and the greatest of all numbers, of no group; else of those that
        may be compared with the most others the least and the greatest; nothing of fewer than two."""
        factors, ends = self.factors(), None
        corners = [self.corner(factors, last) for last in (False, True)]
        if len(factors) == 1:
            row = [slug for slug in self.row(factors[0], known[0]) if slug in known]
            ends = (row[0], row[-1]) if len(row) > 1 else None
        elif len(factors) > 1 and metric not in RATES and self.same_load(known):
            row = self.row(factors[0], corners[1]) if corners[1] else []
            ends = (row[0], row[-1]) if row else None
        elif all(corners):
            ends = tuple(corners)
        if ends and all(of["numbers"] for of in factors) and ends[0] != ends[1] and self.are_comparable(metric, *ends):
            return ends, []
        group, least, most = self.extremes(metric, known)
        return ((least, most), group) if group else (None, [])

    def of_response(self, metric, others, known):
        factors = self.factors()
        found, (ends, group) = set(), self.leading(metric, known)
        corners = [self.corner(factors, last) for last in (False, True)]
        if ends is None:
            return found
        if not group:
            found |= {(each, frozenset(ends)) for each in [metric, *others] if self.are_comparable(each, *ends)}
            if len(factors) == 1:
                found |= {(metric, frozenset((end, slug))) for slug in known if slug not in ends for end in ends}
        else:
            for each in [metric, *others]:
                if self.are_comparable(each, *ends):
                    found |= pairs_of(each, group)
        if len(factors) > 1 and all(corners):
            for factor in factors:
                for row in (self.row(factor, corner) for corner in corners):
                    if not factor["numbers"] and len(factor["levels"]) != 2:
                        found |= pairs_of(metric, self.extremes(metric, row)[0])
                    elif row[0] != row[-1] and self.are_comparable(metric, row[0], row[-1]):
                        found.add((metric, frozenset((row[0], row[-1]))))
        return found

    def responses(self):
        """What the file asks; else what was done on purpose, money, what one load took, throughput."""
        asked = [of["metric"] for of in self.manifest.get("responses", [])]
        knows = lambda metric, slugs: any(self.readings(metric, slug) for slug in slugs)
        slugs = self.treatments()
        usable = [slug for slug in slugs if self.load(slug) != "unknown"]
        done = [metric for metric in ("unavailability_s", "recovery_s") if knows(metric, slugs)]
        drained = [metric for metric in ("time_to_drain_s", "drained_msgs_per_s") if knows(metric, slugs)]
        taken = [metric for metric in TAKEN if knows(metric, usable)] if len(usable) > 1 and self.same_load(usable) else []
        consumed = any(trial.asked["instances"] is not None for slug in slugs for trial in self.of(slug))
        priced = [COST] if any(self.basis(slug) for slug in slugs) else []
        return asked or done or drained or priced or taken or ["processed_msgs_per_s" if consumed else "acked_msgs_per_s"]

    def lines(self):
        return [line for line in self.manifest["treatments"] if not line.get("baseline")]

    def levels(self, slug):
        return next(line["levels"] for line in self.manifest["treatments"] if line["slug"] == slug)

    def factors(self):
        """Each with its levels, of numbers from the least to the greatest."""
        found = []
        for at in range(len(self.manifest["factors"])):
            levels = list(dict.fromkeys(line["levels"][at] for line in self.lines()))
            read = [counted(level) for level in levels]
            numbers = None not in read and len({unit for _, unit in read}) <= 1
            levels = [level for _, level in sorted(zip((of[0] for of in read), levels), key=lambda of: of[0])] if numbers else levels
            found.append({"at": at, "levels": levels, "numbers": numbers})
        return found

    def corner(self, factors, last):
        wanted = [of["levels"][-1 if last else 0] for of in factors if of["levels"]]
        return next((line["slug"] for line in self.lines() if line["levels"] == wanted), None)

    def row(self, factor, slug):
        own = self.levels(slug)
        at = factor["at"]
        like = [line for line in self.lines() if [*line["levels"][:at], *line["levels"][at + 1:]] == [*own[:at], *own[at + 1:]]]
        return [line["slug"] for line in sorted(like, key=lambda line: factor["levels"].index(line["levels"][at]))]

    def same_load(self, slugs):
        offered = [self.median("offered_msgs_per_s", slug) for slug in slugs]
        known = all(low is not None and low == high for low, high in offered) and all(map(self.keeps_up, slugs))
        return known and len(slugs) > 1 and max(of[0] for of in offered) / min(of[0] for of in offered) - 1 <= 0.02

    def limit(self, slug):
        """What bound most of its valid trials; nothing where they disagree."""
        own = [limits.limit(trial) for trial in self.valid(slug)]
        return next((of for of in own if 2 * own.count(of) > len(own)), "")

    def keeps_up(self, slug):
        """Whether nothing of what was offered was left: the backlog did not grow, or fell where it was written before."""
        asked = all(trial.record.get("backlog") for trial in self.valid(slug))
        return self.load(slug) == "steady" or (self.load(slug) == "draining" and asked)

    def sign(self, metric, one, other):
        """How two may be compared by a metric: `=`, as a bound (`~`), or not at all."""
        if metric.startswith("cost_") and self.basis(one) != self.basis(other):
            return None
        tag, loads = latency(metric)[0], {self.load(one), self.load(other)}
        if metric in ALWAYS or tag == "send_delay" or loads == {"steady"}:
            return "="
        if tag:
            return None
        if loads == {"overload"}:
            return "="
        return "~" if metric in RATES and loads == {"overload", "steady"} else None

    def are_comparable(self, metric, one, other):
        ends = [self.median(metric, slug) for slug in (one, other)]
        return all(low is not None and low == high for low, high in ends) and self.sign(metric, one, other) is not None

    def extremes(self, metric, slugs):
        """All that may be compared with the most others, the least of them and the greatest; nothing of fewer than two."""
        values = {slug: self.median(metric, slug) for slug in slugs}
        known = [slug for slug in slugs if values[slug][0] is not None and values[slug][0] == values[slug][1]]
        groups = [[other for other in known if self.sign(metric, one, other) == "="] for one in known]
        group = max(groups, key=len, default=[])
        if len(group) < 2:
            return [], None, None
        order = sorted(group, key=lambda slug: values[slug][0])
        return group, order[0], order[-1]

    def load(self, slug):
        trials = self.valid(slug)
        saturated = [trial.saturated for trial in trials]
        if not trials or "" in saturated:
            return "unknown"
        if all(of == "true" for of in saturated):
            return "overload"
        if "true" in saturated:
            return "mixed"
        return "draining" if any(trial.trend() == -1 for trial in trials) else "steady"

    def verdict(self, slo, slug):
        return decided([(self.part(trial), trial.verdict(slo)) for trial in self.valid(slug)])

    def judged(self, trial):
        """What a trial says of all SLOs together."""
        found = {trial.verdict(slo) for slo in self.slos}
        return "broken" if "broken" in found else "undecided" if "undecided" in found else "held"

    def weighed(self, trial):
        """The same to go on by in a search."""
        return searched.weighed([trial.verdict(slo) for slo in self.slos], True if trial.saturated == "true" else None, self.eases)

    def basis(self, slug):
        names = [trial.basis() for trial in self.valid(slug)]
        if not names or "" in names or len({of.split("_")[0] for of in names}) != 1:
            return None
        credits = any(of.endswith("_on_credits") for of in names)
        return names[0].split("_")[0] + ("_on_credits" if credits else "")

    def costs(self, slug, prices=None, sticker=False):
        return sorted(trial.cost(prices or self.prices, sticker) for trial in self.valid(slug))

    def cost(self, slug, prices=None, sticker=False):
        of = self.costs(slug, prices, sticker)
        return times(of[(len(of) - 1) // 2] + of[len(of) // 2], 1, 2)

    def standing(self, slug):
        trials, verdicts = self.valid(slug), [self.verdict(slo, slug) for slo in self.slos]
        load, basis = self.load(slug), self.basis(slug)
        if not trials:
            return "no valid trial"
        if any(not trial.record["emulated"] for trial in trials):
            return "no instance type"
        if "broken" in verdicts:
            return "broken"
        if load in ("mixed", "unknown"):
            return load
        if "undecided" in verdicts:
            return "undecided"
        if load == "overload":
            return "overload"
        if basis is None:
            return "unpriced" if all(trial.processed_in_window for trial in trials) else "nothing processed"
        if load == "draining":
            return "draining"
        return "on credits" if basis.endswith("_on_credits") else "held"

    def ranking(self, basis, prices=None):
        wanted = {"offered": {"held"}, "offered_on_credits": {"on credits"}}.get(basis)
        slugs = [slug for slug in self.treatments() if self.basis(slug) == basis]
        slugs = [slug for slug in slugs if wanted is None or self.standing(slug) in wanted]
        return sorted(slugs, key=lambda slug: self.cost(slug, prices))

    def off(self, ahead, behind):
        """How far what emulated instances got is off, where that is more than the one is ahead of the other; none where it is not."""
        percent, off, same = self.ahead(ahead, behind)
        return off if not same and 0.01 <= percent < off else None

    def ahead(self, one, other, prices=None):
        """How many percent one is cheaper than the other, how far emulation is off in either, and whether both cost the same."""
        low, high = self.cost(one, prices), self.cost(other, prices)
        off = max(trial.off() for slug in (one, other) for trial in self.valid(slug))
        return (1 - low / high) * 100 if high else 0.0, off, low == high

    def why(self, ahead, behind, prices=None):
        """Whether one leads the other clearly; else why not: they cost the same, emulation is off by more, too few blocks, chance."""
        percent, off, same = self.ahead(ahead, behind, prices)
        if percent < 0.01 or same:
            return "tie"
        if percent < off:
            return "off"
        each = [{int(of.row["block"]): of for of in self.valid(slug)} for slug in (ahead, behind)]
        costs = [{block: of.cost(prices or self.prices) / 1e9 for block, of in side.items()} for side in each]
        blurs = [{block: of.coarse() * cost[block] for block, of in side.items()} for side, cost in zip(each, costs)]
        found = paired(*costs, blurs, all(cost > 0 for side in costs for cost in side.values()))
        if found is None:
            return "few"
        return "clear" if found[0] > 0 and found[1] <= self.level() else "chance"

    def lead(self, ahead, behind, prices=None):
        why = self.why(ahead, behind, prices)
        return why if why in ("tie", "clear") else "not_told_apart"

    def moved(self):
        """Each price a fifth up and a fifth down, by itself."""
        for up in (True, False):
            over = 120 if up else 80
            for table, word in (("instances", "the rent of"), ("surplus", "the surplus credits of")):
                for name in sorted(self.prices.get(table) or {}):
                    prices = json.loads(json.dumps(self.prices))
                    usd = times(nano(prices[table][name]["usd"]), over, 100)
                    prices[table][name]["usd"] = f"{usd // 10**9}.{usd % 10**9:09d}"
                    yield f"{word} {name}", up, prices

    def level_at(self, basis, price, up):
        """Which one the cheapest would no longer be told apart from, that it led clearly; none where another would be the cheapest, or none is lost."""
        now = self.ranking(basis)
        prices = next((prices for of, way, prices in self.moved() if (of, way) == (price, up)), None)
        if prices is None:
            return None
        then = self.ranking(basis, prices)
        place = {slug: at for at, slug in enumerate(then)}
        if then[0] != now[0] and self.lead(now[0], then[0]) == "clear" and self.lead(then[0], now[0], prices) == "clear":
            return None
        for slug in now[1:]:
            ahead, behind = (now[0], slug) if place[now[0]] < place[slug] else (slug, now[0])
            if self.lead(now[0], slug) == "clear" and self.lead(ahead, behind, prices) != "clear":
                return slug
        return None

    def tippings(self, basis):
        now, found = self.ranking(basis), []
        for price, up, prices in self.moved():
            then = self.ranking(basis, prices)
            place = {slug: at for at, slug in enumerate(then)}

            def changed(ahead, behind):
                return place[behind] < place[ahead] and self.lead(ahead, behind) == "clear" and self.lead(behind, ahead, prices) == "clear"

            def lost(slug):
                ahead, behind = (now[0], slug) if place[now[0]] < place[slug] else (slug, now[0])
                return self.lead(now[0], slug) == "clear" and self.lead(ahead, behind, prices) != "clear"

            other = now and then[0] in now and changed(now[0], then[0])
            level = not other and any(lost(slug) for slug in now[1:])
            pairs = any(changed(a, b) for at, a in enumerate(now) for b in now[at + 1:])
            if level or pairs:
                found.append((price, up, then[0], bool(other or level), then))
        return found


def slope_of(points):
    """(slope, its standard error, degrees of freedom) of a level over time: `docs/method.md`, Verdicts; none of fewer than five readings."""
    m = len(points)
    if m < 5:
        return None
    time, level = sum(t for t, _ in points) / m, sum(y for _, y in points) / m
    squares = sum((t - time) ** 2 for t, _ in points)
    slope = sum((t - time) * (y - level) for t, y in points) / squares
    rests = [y - level - slope * (t - time) for t, y in points]
    scores = [(t - time) * rest for (t, _), rest in zip(points, rests)]
    lags = math.floor(4 * (m / 100) ** (2 / 9))
    def long_run(of):
        at = lambda lag: sum(a * b for a, b in zip(of, of[lag:]))
        return at(0) + sum(2 * (1 - lag / (lags + 1)) * at(lag) for lag in range(1, min(lags, len(of) - 1) + 1))
    variance, power = long_run(scores), sum(of * of for of in scores)
    if power > 0:
        share = sum(a * b for a, b in zip(scores, scores[1:])) / power + 4 / m
        share = min(max(share, -0.98), 0.98)
        rest = [b - share * a for a, b in zip(scores, scores[1:])]
        variance = max(variance, long_run(rest) / (1 - share) ** 2)
    error = math.sqrt(max(variance, 0.0) * m / (m - 2)) / squares
    # No less than that of readings which keep a share of their neighbour; where few are left that say something new, than that of a random walk.
    power, pairs = sum(rest * rest for rest in rests), list(zip(rests, rests[1:]))
    kept = min(max((m * sum(a * b for a, b in pairs) / power + 2) / (m - 4), 0.0), 0.99) if power > 0 else 0.0
    left = m * (1 - kept) / (1 + kept)
    if left < 14:
        step = (points[-1][0] - points[0][0]) / (m - 1)
        error = max(error, math.sqrt(1.2 * sum((b - a) ** 2 for a, b in pairs) / (m - 2) / m) / step)
        dof = m - 2
    else:
        shaken = sum((b - kept * a) ** 2 for a, b in pairs) / (m - 3)
        error = max(error, math.sqrt(shaken / squares) / (1 - kept))
        dof = min(left, m) - 2
    return slope, error, dof


def decided(made):
    """What verdicts of trials come to, of (for which look a trial was made, what it says), look by look. Of fewer than six trials what all agree in; of more the
    sign test, at what so many looks at six or more may risk. What a look has told stands as long as all trials since agree with it."""
    each, found, looks = [], "undecided", 0
    for part in sorted({of[0] for of in made}):
        since = [of[1] for of in made if of[0] == part]
        each += since
        n, before = len(each), found if looks else "undecided"
        if n < 6:
            found = each[0] if len(set(each)) == 1 else "undecided"
            continue
        looks += 1
        held, broken = each.count("held"), each.count("broken")
        side, most = ("held", held) if held >= broken else ("broken", broken)
        p = min(1.0, 2 * sum(math.comb(n, k) for k in range(n - most + 1)) / 2 ** n)
        now = side if 2 * most > n and p <= risk_of(looks) else "undecided"
        found = before if now == "undecided" and set(since) == {before} else now
    return found


def ends_of(values):
    """What lies around the median of values: from six on two order statistics, of fewer the least and the greatest; none of fewer than two."""
    values, rank = sorted(values), median_rank(len(values))
    return (values[rank - 1], values[-rank]) if rank else (values[0], values[-1]) if len(values) > 1 else None


def paired(a, b, blurs, logs):
    """(mean of what lies between two in each block that has both, how often chance alone would put it so far from nothing), by Student's t; none of fewer than
    three blocks. `logs`: of logarithms. Readings have a width (`blurs`), and whatever lies within it is equally likely: its standard uncertainty is the
    width over the root of three, and trials are never known to scatter less."""
    scale = math.log if logs else float
    both = [block for block in a if block in b]
    if len(both) < 3:
        return None
    gaps = [scale(b[block]) - scale(a[block]) for block in both]
    mean = sum(gaps) / len(gaps)
    blur = [blurred[block] / (side[block] if logs else 1) for side, blurred in zip((a, b), blurs) for block in both]
    read = sum(of ** 2 / 3 for of in blur) / len(both)
    error = math.sqrt(max(sum((of - mean) ** 2 for of in gaps) / (len(gaps) - 1), read) / len(gaps))
    return mean, two_sided(abs(mean) / error, len(gaps) - 1) if error > 0 else float(mean == 0)


def two_sided(t, freedom):
    """How often Student's t lies as far from nothing: I(freedom / (freedom + t²); freedom / 2, 1/2), by its continued fraction (Lentz)."""
    a, b, x = freedom / 2, 0.5, freedom / (freedom + t * t)
    flip = x > (a + 1) / (a + b + 2)
    if flip:
        a, b, x = b, a, 1 - x
    if x <= 0:
        return 0.0 if not flip else 1.0
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)) / a
    tiny = 1e-300
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1) or tiny)
    fraction = d
    for m in range(1, 500):
        for over in (m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))):
            d = 1 / (1 + over * d or tiny)
            c = 1 + over / c or tiny
            fraction *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    whole = front * fraction
    return 1 - whole if flip else whole


def two_sided_quantile(p, freedom):
    """The t that Student's t lies beyond, to either side, with this probability."""
    low, high = 0.0, 1000.0
    for _ in range(200):
        t = (low + high) / 2
        low, high = (t, high) if two_sided(t, freedom) > p else (low, t)
    return low


def risk_of(look):
    """What a look may risk, so that all that may ever follow come to 5 %."""
    return 0.032 if look == 1 else (0.05 - 0.032) * 0.5 ** (look - 1)


def median_rank(n):
    """The greatest l for which the l-th from below and the l-th from above enclose the median of n values, whatever they are distributed like, in 95 % of cases
    or more: each value lies below it like a coin that falls, so they miss it where fewer than l do, on either side. None of fewer than six."""
    missed, rank = 0, None
    for l in range(1, n // 2 + 1):
        missed += 2 * math.comb(n, l - 1)
        if 20 * missed > 2 ** n:
            break
        rank = l
    return rank


def summed_up(readings):
    """Median, least, greatest and, from six on, the two order statistics around the median, of readings as two ends each. A bound may belong further up, never
    further down: an order statistic is known as long as only values stand at or before it."""
    if not any(low < high < INF for low, high in readings):
        order = sorted(readings, key=lambda of: (of[0], of[1] == INF))
        known = next((at for at, of in enumerate(order) if of[1] == INF), len(order))
        at = lambda low, high: (middle([order[low][0], order[high][0]]),) * 2 if high < known else (middle([order[low][0], order[high][0]]), INF)
        n, rank = len(order), median_rank(len(order))
        likely = (at(rank - 1, rank - 1), at(n - rank, n - rank)) if rank else None
        return {"median": at((n - 1) // 2, n // 2), "least": at(0, 0), "most": at(n - 1, n - 1), "likely": likely}
    # Where some lie between two ends, each statistic lies between those of the lower and those of the upper ends.
    low = summed_up([(of, of) for of, _ in readings])
    high = summed_up([(most, most) if most < INF else (least, INF) for least, most in readings])
    join = lambda one, other: (one[0], max(other[0], one[0]) if other[1] < INF else INF)
    both = {key: join(low[key], high[key]) for key in ("median", "least", "most")}
    return {**both, "likely": tuple(map(join, low["likely"], high["likely"])) if low["likely"] else None}


def shown_around(middle_of, ends, many, metric):
    """A median and what lies around it; of an end that lies between two itself, the outer one."""
    scaled = lambda of: tuple(end * many for end in of)
    if ends is None:
        return reading(*scaled(middle_of), metric)
    low, high = scaled(ends[0]), scaled(ends[1])
    low = (low[0], low[0]) if low[0] < low[1] < INF else low
    high = (high[1], high[1]) if high[0] < high[1] < INF else high
    if all(of[0] == of[1] for of in (low, middle_of, high)):
        return spread(low[0], middle_of[0] * many, high[0], metric)
    told = [reading(*of, metric) for of in (scaled(middle_of), low, high)]
    return told[0] if told[0] == told[1] == told[2] else f"{told[0]} ({told[1].lstrip('$')} – {told[2].lstrip('$')})"


def middle(ascending):
    n = len(ascending)
    low, high = ascending[(n - 1) // 2], ascending[n // 2]
    return low if low == high else (low + high) / 2


# ---- the table, against what the records say ------------------------------------------------------------------------------------------------------

def check_table(run, wrong):
    checked = 0
    for trial in run.trials:
        for key, found in (("outcome", trial.outcome), ("saturated", trial.saturated)):
            checked += 1
            if trial.row[key] != found:
                wrong.append(f"trials.csv, {trial.name}, {key}: it says {trial.row[key] or 'nothing'}, the records say {found or 'nothing'}")
        if not trial.has_window:
            continue
        told, found = DERIVED & set(trial.doubts()), run.doubts(trial)
        # What spoils a further group spoils the trial, and is of records that are not read here.
        if told != found | trial.of_others():
            wrong.append(f"trials.csv, {trial.name}, doubts: it says {sorted(told)}, the records say {sorted(found)}")
        found, checked = limits.limit(trial), checked + 1
        if trial.row["limiting_factor"] != found:
            wrong.append(f"trials.csv, {trial.name}, limiting_factor: it says {trial.row['limiting_factor'] or 'nothing'}, the records say {found or 'nothing'}")
        expected = {}
        for tag in LATENCIES:
            for name, part in list(QUANTILES.items()) + [("max", None)]:
                low, high = trial.percentile(tag, part)
                expected[f"{tag}_{name}_ms"] = low if low == high else None
            if tag in trial.late:
                expected[f"{tag}_n"], expected[f"{tag}_censored"] = trial.late[tag][:2]
        expected.update(trial.rates)
        for key in [*window.BOOKS, "lost", *window.OF_WINDOW, *window.LEVELS, *window.DRAINED, *OF_MONEY, *OF_LITTLE, KNEE, "credit_knee_predicted_s", *OF_EVENTS, *ENDS_OF_EVENTS]:
            low, high = trial.of(key)
            expected[key] = low if low == high else None
        for key, value in expected.items():
            if key not in trial.row:
                continue
            text, checked = trial.row[key], checked + 1
            said = float(text) if text else None
            if (said is None) != (value is None) or (said is not None and abs(said - value) > HALF):
                wrong.append(f"trials.csv, {trial.name}, {key}: it says {text or 'nothing'}, the records say {value}")
    return checked


# ---- claims ---------------------------------------------------------------------------------------------------------------------------------------

def same(said, found, off=1e-9):
    """Two numbers of bench and of ours, of which ours may come from a table."""
    return abs(said - found) <= max(HALF * 2, abs(found) * off)


def check(run, text, on, backed, unsure):
    """What is wrong with one piece of evidence. Into `backed` goes each piece of the sentence that was derived, into `unsure` what was taken as bench concluded
    it."""
    for trial in run.trials:
        trial.taken.clear()
    wrong = derive(run, text, on, backed, unsure)
    taken = sorted({metric for trial in run.trials for metric in trial.taken})
    if taken:
        unsure.append("of trials.csv, which bench concluded: " + ", ".join(f"`{metric}`" for metric in taken))
    return wrong


def derive(run, text, on, backed, unsure):
    """The same, of what is derived here."""
    kind, wrong = on["kind"], []
    backed += on["shown"]

    def must(is_so, what):
        if not is_so:
            wrong.append(f"{on['what']}: {what}")

    said = on.get("value")
    # Where no trial counts, the sentence has other words for it.
    shown_pieces = [] if kind == "outcomes" and re.match(NOTHING, text) else on["shown"]
    for piece in shown_pieces:
        # Of many that cost the same some are named, and of the others the most that one costs.
        is_one_of_more = kind == "cost" and " more at up to $" in text
        must(piece in text or is_one_of_more, f"`{piece}` does not stand in the sentence")
    shown = on["shown"][0] if on["shown"] else None
    if kind in ("median", "summary"):
        low, high = run.median(on["metric"], on["treatment"])
        if low is None:
            must(said is None, f"the report says {said}, the records say nothing")
        else:
            must(is_told(said, (low, high)), f"the report says {said}, the records say {low}" + ("" if low == high else f" to {high}"))
        if low is not None and shown is not None and (kind == "summary" or not isinstance(said, dict)):
            metric = on["metric"]
            # In what the medians of all treatments are shown in, which stands behind it.
            medians = [run.median(metric, slug)[0] for slug in run.treatments()]
            many, unit = suiting(on["unit"], [of for of in medians if of is not None])
            if on["unit"] in ("ms", "s"):
                must(re.search(re.escape(shown) + rf"( to [0-9.]+)? {unit}\b", text) or re.search(rf"to {re.escape(shown)} {unit}\b", text), f"`{shown}` is not said to be in {unit}")
            if kind == "median":
                must(near(shown, lambda v: one(v * many, metric), low), f"the report shows {shown}, the records give {one(low * many, metric)}")
            else:
                summarized(run, on, many, must)
    elif kind == "ratio":
        metric = on["metric"]
        before, after = run.median(metric, on["from"])[0], run.median(metric, on["to"])[0]
        if said is not None:
            found = after / before
            must(abs(said - found) <= 1e-9 * found + HALF * (1 / before + after / before ** 2), f"the report says {said}, the records say {after} / {before} = {found}")
            show = lambda a, b: on["sign"] + (" " if on["sign"] else "") + factor(b / a) + "×"
            if shown is not None:
                must(near(shown, show, before, after), f"the report shows {shown}, the records give {show(before, after)}")
        shares(run, on, must)
        apart = run.apart(metric, on["from"], on["to"])
        must(on["apart"] == apart, f"the report says {on['apart']}, the trials {apart}")
        words = {"not_told_apart": "not told apart", "unknown": "too few trials to know their spread"}.get(apart, "")
        must(words in text, f"the sentence does not say: {words}")
    elif kind == "apart":
        shares(run, on, must)
        apart = run.apart(on["metric"], *on["treatments"])
        must(on["apart"] == apart, f"the report says {on['apart']}, the trials {apart}")
    elif kind == "unknown":
        must(not any(run.readings(on["metric"], slug) for slug in on["treatments"]), "some trial has a value")
        backed.append(f"{len(on['treatments'])} treatments")
    elif kind == "load":
        must(said == run.load(on["treatment"]), f"the report says {said}, the records say {run.load(on['treatment'])}")
    elif kind == "same_load":
        offered = [run.median("offered_msgs_per_s", slug)[0] for slug in on["treatments"]]
        steady = all(map(run.keeps_up, on["treatments"]))
        must(steady and None not in offered and max(offered) / min(offered) - 1 <= 0.02, f"offered were {offered}, all kept up: {steady}")
    elif kind == "verdict":
        slo = next(slo for slo in run.slos if slo["text"] == on["slo"])
        for each in on["trials"]:
            found = next(trial for trial in run.trials if trial.name == each["trial"]).verdict(slo)
            must(found == each["verdict"], f"{each['trial']}: the report says {each['verdict']}, the records say {found}")
        found = run.verdict(slo, on["treatment"])
        must(said == found, f"the report says {said}, the records say {found}")
    elif kind == "volumes":
        held = broken = undecided = again = None
        for slug in sorted(on["treatments"], key=lambda slug: volume(run, slug)):
            verdicts = [run.verdict(slo, slug) for slo in run.slos]
            if "broken" in verdicts:
                broken = volume(run, slug) if broken is None else broken
            elif "undecided" in verdicts:
                undecided = volume(run, slug) if broken is None and undecided is None else undecided
            elif broken is None and undecided is None:
                held = volume(run, slug)
            else:
                again = volume(run, slug)
        for key, found in (("held", held), ("broken", broken), ("undecided", undecided), ("again", again)):
            must(on[key] == found, f"{key}: the report says {on[key]}, the records say {found}")
        must(on["tried"] == len(on["treatments"]), f"{len(on['treatments'])} were tried")
    elif kind == "search":
        value, order = tried(run, on)
        good, bad, broke = boundary(run, order, run.weighed, True)
        found = bad if bad != broke else None
        must(on["undecided"] == (value(found) if found else None), f"undecided: the report says {on['undecided']}, the records give {found}")
        for key, found in (("holds", good), ("breaks", broke)):
            must(on[key] == (value(found) if found else None), f"{key}: the report says {on[key]}, the records give {found}")
            own = [trial for trial in run.trials if trial.name in on[f"confirm_{key}"]]
            held = sum(run.judged(trial) == "held" for trial in own)
            counted = f"all held in {held} of {plural(len(own), 'trial')}"
            must({trial.row["treatment"] for trial in own} <= {found}, f"the trials that confirm {key} are of others")
            if own and "search_purpose" in own[0].row:
                known = [trial.name for trial in run.valid(found) if trial.row["search_purpose"] == "confirm"]
                must(known == on[f"confirm_{key}"], f"the trials that confirm {key} are, by the table, {known}")
            known = [trial.name for trial in run.valid(found) if trial.name in run.played(on).confirming] if found else []
            must(known == on[f"confirm_{key}"], f"the trials that confirm {key} are, by the rounds told again, {known}")
            if key == "holds" and "search_purpose" in run.trials[0].row:
                told = {trial.name: trial.row["search_purpose"] for slug in on["treatments"] for trial in run.of(slug) if trial.row["search_purpose"]}
                must(told == run.played(on).purposes, "what trials were made for is, by the rounds told again, something else")
            if own:
                must(counted in text or text.startswith("By itself"), f"the records say: {counted}")
            backed.append(counted)
    elif kind == "doubt":
        found = [trial.name for trial in run.trials if on["id"] in trial.doubts()]
        if on["id"] not in DERIVED:
            unsure.append(f"the doubt `{on['id']}` of trials.csv")
        must(found == on["trials"], f"the report names {on['trials']}, the table {found}")
        must(shown == f"`{on['id']}` in {len(found)} of {len(run.trials)} trials", f"the table names {len(found)} of {len(run.trials)}")
    elif kind == "limit":
        for slug in on["treatments"]:
            # Of the valid trials; where there is none, of those that were ended or spoiled by what bound them.
            own = list(map(limits.limit, run.valid(slug)))
            own = own or [of for of in map(limits.limit, run.of(slug)) if of not in ("", "load", "not_known", "unknown")]
            must(2 * own.count(on["factor"]) > len(own), f"{slug}: the report says {on['factor']}, the records {own}")
        backed += on["pieces"]
    elif kind == "outcomes":
        own = run.trials if on["treatment"] is None else run.of(on["treatment"])
        valid = sum(trial.valid for trial in own)
        must((on["valid"], on["trials"]) == (valid, len(own)), f"the report says {on['valid']} of {on['trials']}, the records {valid} of {len(own)}")
        counts = [len(run.valid(slug)) for slug in run.treatments()]
        must((on["least"], on["most"]) == (min(counts), max(counts)), f"treatments have from {min(counts)} to {max(counts)} valid trials")
        doubted = sorted({of for trial in own for of in trial.of_others()})
        if doubted:
            unsure.append("trials are left out for " + ", ".join(f"`{of}`" for of in doubted) + ", which trials.csv concludes")
        nothing = re.match(NOTHING, text)
        if on["treatment"] is None and not nothing:
            counted = how_many_count(run)
            must(counted in text, f"the records say: {counted}")
            backed.append(counted)
        elif nothing:
            must(valid == 0, f"{valid} trials count")
            backed.append(nothing_counts(run))
        else:
            backed += [came_out(run, on["treatment"]), f"and {plural(len(failing(run)) - NAMED, 'more treatment')}"]
    elif kind == "emulated":
        some = sum(bool(trial.record["emulated"] or trial.record.get("network")) for trial in run.trials)
        must((on["trials"], on["of"]) == (some, len(run.trials)), f"the records say {some} of {len(run.trials)}")
        away = {}
        for link in (link for trial in run.trials for link in trial.record.get("network", [])):
            away.setdefault(link["role"], set()).add(link["rtt_ms"])
        for role, trips in away.items():
            *others, last = [f"{trip:g}" for trip in sorted(trips)]
            told = f"{role} {', '.join(others)} or {last} ms away" if others else f"{role} {last} ms away"
            must(told in text, f"the records say: {told}")
            backed.append(told)
        groups = [group for trial in run.trials for group in trial.record["emulated"]]
        if groups:
            scales = " or ".join(sorted({plain(group["vcpu_percent"]) for group in groups}))
            must(f"1 vCPU = {scales} % of a core" in text, f"the records say 1 vCPU = {scales} % of a core")
            speeds = {f"credit time × {group['time_scale']}" for group in groups if group["time_scale"] != 1 and group.get("credit_mode")}
            must(all(speed in text for speed in speeds), f"the records say {speeds}")
            backed += [f"1 vCPU = {scales} % of a core", *speeds]
        elif not some:
            must("Nothing was emulated" in text, "the records say that nothing was emulated")
    elif kind == "knee":
        knees = [trial for trial in run.valid(on["treatment"]) if trial.knee()]
        must((said is not None) == bool(knees), f"{len(knees)} trials have a knee")
        if knees and said:
            (at, predicted), scale = knees[0].knee(), knees[0].record["emulated"][0]["time_scale"]
            must(same(said["found_s"], at), f"the records say {at} s")
            must(same(said["predicted_s"], predicted), f"the records say {predicted} s")
            minutes = at * scale / 60
            must(abs(said["minutes"] - minutes) < 1e-3, f"the records give {minutes} minutes")
            pieces = [f"predicts {plain(predicted)} s"]
            pieces += [f"at {scale} times the speed of credits: {plain(minutes)} minutes"] if scale != 1 else []
            found = [trial.knee()[0] for trial in knees]
            pieces += [f"({plain(min(found))} – {plain(max(found))} s in {len(found)} trials)"] if len(found) > 1 else []
            if on["shown"]:
                must(all(piece in text for piece in pieces), f"the records give {pieces}")
            backed += [*pieces, "after time 0"]
    elif kind == "burst":
        lasts = bursts_of(run, on["treatment"])
        found = min(lasts, default=None)
        backed += [f"{lasting(found)} at this use"] if found is not None else []
        must((said is None) == (found is None) and (said is None or abs(said - found) < 1e-3), f"the report says {said} s, the records say {found}")
    elif kind == "cost":
        found = run.cost(on["treatment"], sticker=on["sticker"])
        must(same(said, found / 1e9), f"the report says {said}, the records say {found / 1e9}")
        must(shown == "$" + dollars(found / 1e9), f"the report shows {shown}, the records give ${dollars(found / 1e9)}")
        column = "cost_sticker_usd_per_million" if on["sticker"] else "cost_credit_aware_usd_per_million"
        for trial in run.valid(on["treatment"]):
            must(nano(trial.row[column]) == trial.cost(run.prices, on["sticker"]), f"{trial.name}: the table says {trial.row[column]}, its parts give {trial.cost(run.prices, on['sticker']) / 1e9}")
        must(on["basis"] == run.basis(on["treatment"]), f"the table says {run.basis(on['treatment'])}")
    elif kind == "less":
        found = 100 * (1 - run.cost(on["treatment"]) / run.cost(on["than"]))
        must(abs(said - found) < 1e-6 and shown == f"{plain(found)} %", f"the records say {found}")
    elif kind == "ranking":
        order = run.ranking(on["basis"])
        must(said == order, f"the records say {order}")
        leads = [None] + [run.lead(order[0], slug) for slug in order[1:]]
        must(on["leads"] == leads, f"leads are {leads}")
        offs = [run.off(order[0], slug) for slug in order[1:]]
        backed += [f"off by up to {plain(max(off for off in offs if off))} %"] if any(offs) else []
        backed += [f"{len(order) - NAMED} more"] if len(order) > NAMED else []
        again = re.match(r"Drawn again from its (\d+) blocks, .* in ([\d.]+ % of \d+ resamples)", text)
        if again:
            blocks, share = run.drawn_again(order[0])
            must(int(again[1]) == blocks, f"the records have {blocks} blocks")
            must(again[2] == f"{plain(share * 100)} % of 10000 resamples", f"other draws give {plain(share * 100)} %")
            backed += [f"{again[1]} blocks", again[2]]
    elif kind == "sensitivity":
        backed.append("20 %")
        found = [(price, up, cheapest, answers, order) for price, up, cheapest, answers, order in run.tippings(on["basis"])]
        report = [(of["price"], of["up"], of["cheapest"], of["answers"], of["order"]) for of in said if not of["price"].startswith(("the rent of brokers", "storage", "transfer"))]
        must(report == found, f"the report says {report}, the records {found}")
    elif kind == "beaten":
        baseline, metric = on["baseline"], on["metric"]
        shares(run, on, must)
        rivals, before = [], run.median(metric, baseline)[0]
        for slug in filter(run.of, run.beside(baseline)):
            asked, load = run.of(slug)[0].asked, run.load(slug)
            after, apart = run.median(metric, slug)[0], run.apart(metric, baseline, slug)
            like = None not in (before, after) and load in ("overload", "steady") and run.load(baseline) == "overload"
            beats = "undecided" if not like else "yes" if apart == "clear" and after > before else "no" if apart in ("clear", "tie") else "undecided"
            rivals.append((asked["instances"], asked["threads"], slug, beats))
        rivals.sort(key=lambda of: of[:2])
        wins = [of for of in rivals if of[3] == "yes"]
        kept_up = run.load(baseline) in ("steady", "draining")
        found = "kept_up" if kept_up else "at" if wins else "never" if rivals and all(of[3] == "no" for of in rivals) else "undecided"
        must(said == found, f"the report says {said}, the records {found}")
        if found != "kept_up":
            must([(of["treatment"], of["beats"]) for of in on["rivals"]] == [of[2:] for of in rivals], f"the records say {rivals}")
            must(run.at() in text, f"the records say: {run.at()}")
        if found == "at":
            count = wins[0][0]
            pieces = plural(count, "instance")
            must(on["treatment"] == wins[0][2] and pieces in text, f"the records say {wins[0]}")
            unsure = any(of[3] != "no" for of in rivals if of[0] < count)
            must(("of fewer it is undecided" in text) == unsure, f"of fewer instances the records say {rivals}")
    elif kind == "standing":
        must(said == run.standing(on["treatment"]), f"the report says {said}, the records {run.standing(on['treatment'])}")
    else:
        wrong.append(f"{on['what']}: this script does not know how to derive a `{kind}`")
    return wrong


def bursts_of(run, slug):
    """How long credits last at the use of the instances that are furthest above their baseline, of those that still have some, in seconds."""
    found = [doubts.burst(group) for trial in run.valid(slug) for group in trial.record["emulated"]]
    return [start * 60 / (used - base) for used, base, start, end in filter(None, found) if end >= 1]


def lasting(seconds):
    """In seconds, from ten minutes on in minutes, from a day on in hours."""
    step = 1 if seconds < 600 else 60 if seconds < 86_400 else 3600
    left, told = math.floor(seconds / step + 0.5) * step, []
    for length, word in ((31_557_600, "year"), (2_630_016, "month"), (86_400, "day"), (3600, "h"), (60, "m"), (1, "s")):
        count, left = divmod(left, length)
        told += [f"{count}{word}{'s' if count > 1 and len(word) > 1 else ''}"] if count else []
    return " ".join(told) or "0s"


def summarized(run, on, many, must):
    """Whether what stands around a median is what its trials give."""
    metric, told, shown = on["metric"], on.get("around"), on["shown"][0]
    found, of = run.around(metric, on["treatment"]), run.median(metric, on["treatment"])
    must((told is None) == (found is None), f"around it the report has {told}, the trials give {found}")
    if found and told:
        ends = [told["low"], told["high"]]
        alike = told["how"] == found[0] and all(is_told(said, end) for said, end in zip(ends, found[1:]))
        exact = [end[0] if end[0] == end[1] else end for end in found[1:]]
        must(alike, f"around it the report has {told['how']} {ends[0]} to {ends[1]}, the trials give {found[0]} {exact[0]} to {exact[1]}")
    around = found and found[1:]
    known = [of, *(around or [])]
    if all(low == high for low, high in known):
        # As exact as a table: what lies between two roundings may be shown as either.
        show = lambda mid, *ends: shown_around((mid, mid), [(end, end) for end in ends] or None, many, metric)
        must(near(shown, show, *(low for low, _ in known)), f"the report shows {shown}, the records give {shown_around(of, around, many, metric)}")
    else:
        must(shown == shown_around(of, around, many, metric), f"the report shows {shown}, the records give {shown_around(of, around, many, metric)}")


def is_told(said, found):
    """Whether a reading of the report is one of ours, as two ends."""
    if isinstance(said, dict):
        least, most = said.get("beyond", said.get("least")), said.get("most")
        return found[0] != found[1] and least is not None and same(least, found[0]) and (most is None if found[1] == INF else most is not None and same(most, found[1]))
    return said is not None and found[0] == found[1] and same(said, found[0])


# What spoils a trial, in the order in which the first is told.
FIRST = ["books", "fleet_fell_behind", "cpu_quota", "load_cpu_short", "host_cpu_short", "steal", "unwatched", "clock_jump", "stall", "event_missed", "rebalance",
         "instance_died", "broker_error", "histogram_overflow", "distance", "emulated_share", "emulated_time", "emulation_unwatched", "oom_kill"]


def why_not(trial):
    """Why a trial does not count, the first that matters, as a clause with its place among others; none of one that counts."""
    end = trial.record["end"]
    if trial.record["oom_kills"]:
        return 0, "killed for memory"
    if isinstance(end, dict):
        # Where the first line only leads over to what follows, without that.
        line = (end["failed"].splitlines() or [""])[0].rstrip()
        return 2, (line[:-1].rsplit("; ", 1)[0] if line.endswith(":") else line).rstrip(".:")
    if end == "interrupted":
        return 3, "interrupted"
    if trial.record["deaths"]:
        return 1, "an instance died"
    found = trial.spoiled() | trial.of_others() | (set() if trial.balances() else {"books"})
    return (4, f"spoiled by `{next(of for of in FIRST if of in found)}`") if found else None


def reasons(run, slug):
    """Why trials of a treatment do not count, with how many each, most frequent first. What the host spoiled is one trial less, and no finding while others count."""
    found = [why for why in map(why_not, run.of(slug)) if why and (why[0] < 3 or not run.valid(slug))]
    return sorted(((why, found.count(why)) for why in sorted(set(found))), key=lambda of: -of[1])


def failing(run):
    return [slug for slug in run.treatments() if reasons(run, slug)]


def came_out(run, slug):
    return ", ".join(f"{why} in {count} of {len(run.of(slug))} trials" for (_, why), count in reasons(run, slug))


def nothing_counts(run):
    """Where no trial counts; of baselines too."""
    found = {}
    for why, count in (of for slug in run.treatments() + run.baselines() for of in reasons(run, slug)):
        found[why] = found.get(why, 0) + count
    order = sorted(sorted(found.items()), key=lambda of: -of[1])
    if len(order) == 1 and len(run.trials) == 1:
        return f"The only trial does not count, so there is no answer: {order[0][0][1]}."
    told = [f"{why} in {count}" for (_, why), count in order[:NAMED]]
    told += [f"and for {len(order) - NAMED} other reasons"] if len(order) > NAMED else []
    return f"None of {len(run.trials)} trials counts, so there is no answer: {', '.join(told)}."


def shares(run, on, must):
    """Whether an error is shared by all that the report compares, at this look."""
    found = (run.family(), run.look())
    must((on["among"], on["look"]) == found, f"the report has {on['among']} comparisons at look {on['look']}, the plan and the trials give {found[0]} at look {found[1]}")


def how_many_count(run):
    counts = [len(run.valid(slug)) for slug in run.treatments()]
    each = str(counts[0]) if min(counts) == max(counts) else f"{min(counts)} to {max(counts)}"
    return f"{sum(trial.valid for trial in run.trials)} of {len(run.trials)} trials count, {each} of each treatment"


def volume(run, slug):
    """Messages per second, of the last level: `1.04k/s`."""
    number, unit = re.fullmatch(r"([0-9.]+)([kMG]?)/s", run.levels(slug)[-1].replace(" ", "")).groups()
    return float(Fraction(number) * {"": 1, "k": 1000, "M": 10 ** 6, "G": 10 ** 9}[unit])


# ---- sentences, made once more --------------------------------------------------------------------------------------------------------------------

# A figure that is right beside a name that is not its own is wrong: each sentence is made from the records again, whole, and must be the one that stands there.

LABELS = {
    "due": "messages due", "sent": "messages sent", "refused": "messages refused", "acked": "messages acked", "failed": "messages failed",
    "in_flight": "messages in flight", "received": "messages received", "received_unacked": "messages received unacked", "duplicates": "duplicates",
    "out_of_order": "messages out of order", "unread": "messages unread", "lost": "messages lost", "aborted": "messages aborted",
    "received_aborted": "aborted messages received", "foreign": "messages of others", "offered_msgs_per_s": "offered", "sent_msgs_per_s": "sent",
    "acked_msgs_per_s": "acked", "processed_msgs_per_s": "processed", "processed_mib_per_s": "processed payload",
    "backlog_start_messages": "backlog at the start", "backlog_end_messages": "backlog at the end", "backlog_slope_msgs_per_s": "growth of the backlog",
    "lag_max_messages": "greatest committed lag", "lag_end_messages": "lag at the end", "lag_slope_msgs_per_s": "growth of the lag",
    "lag_trend_percent": "lag trend", "time_lag_max_ms": "greatest time lag", "time_lag_end_ms": "time lag at the end",
    "consumers_cpu_cores": "CPU of the consumers", "consumers_rss_max_mib": "memory of the consumers", "cluster_cpu_cores": "broker CPU",
    "cluster_cpu_s_per_million": "broker CPU", "load_cpu_cores": "CPU of the load", "host_cpu_percent": "host CPU", "requests_per_s": "produce requests",
    "records_per_batch": "records per batch", "wire_mib_per_s": "bytes on the wire", "fetched_mib_per_s": "bytes fetched", "busiest_partition_percent": "share of the busiest partition",
    "lag_busiest_partition_messages": "lag of the busiest partition", "lag_worst_partition_messages": "lag of the worst partition",
    "fairness_jain": "fairness (Jain)", "producer_slowest_percent": "slowest producer", "producer_fastest_percent": "fastest producer",
    "load_rss_max_mib": "memory of bench", "connect_s": "time to connect", "oom_kills": "instances killed for memory",
    "cost_sticker_usd_per_million": "cost at the prices on the label", "cost_credit_aware_usd_per_million": "cost", "credit_knee_s": "credits ran out",
    "backlog_written_messages": "backlog written", "time_to_drain_s": "time to drain", "drained_msgs_per_s": "drained", "age_p50_ms": "age p50",
    "age_p99_ms": "age p99", "detection_s": "detection", "unavailability_s": "unavailability", "recovery_s": "recovery",
    "detection_least_s": "detection, at least", "unavailability_least_s": "unavailability, at least", "recovery_least_s": "recovery, at least",
    "output_missing": "results missing", "output_doubled": "results doubled", "output_out_of_order": "results out of order",
    "cost_good_msgs_per_s": "messages that count for cost", "cost_instances_usd_per_hour": "rent of the instances",
    "cost_surplus_usd_per_hour": "surplus credits", "cost_brokers_usd_per_hour": "rent of the brokers", "cost_storage_usd_per_hour": "storage",
    "cost_transfer_usd_per_hour": "transfer", "cost_idle_percent": "idle share of the money", "cost_settlement_usd": "surplus at the end",
    "cost_minimum_usd": "least that is billed", "credit_knee_predicted_s": "credits predicted to run out", "lag_max_least_messages": "greatest lag, at least",
    "lag_max_most_messages": "greatest lag, at most", "lag_end_least_messages": "lag at the end, at least",
    "lag_end_most_messages": "lag at the end, at most", "lag_max_width_messages": "width of the lag's readings",
    "lag_end_width_messages": "width of the lag at the end", "lag_busiest_partition_width_messages": "width of the busiest partition's lag",
    "lag_worst_partition_width_messages": "width of the greatest partition's lag", "time_lag_max_width_ms": "width of the time lag's readings",
    "time_lag_end_width_ms": "width of the time lag at the end", "sent_width_msgs_per_s": "width of the sent rate",
    "acked_width_msgs_per_s": "width of the acked rate", "processed_width_msgs_per_s": "width of the processed rate",
    "processed_width_mib_per_s": "width of the processed bytes", "requests_width_per_s": "width of the produce requests",
    "wire_width_mib_per_s": "width of the bytes on the wire", "fetched_width_mib_per_s": "width of the bytes fetched",
    "time_to_drain_width_s": "width of the time to drain", "drained_width_msgs_per_s": "width of the drained rate",
    "produce_throttled_ms": "producers throttled", "fetch_throttled_ms": "consumers throttled", "little_error_percent": "error of Little's law",
    "little_unexplained_percent": "unexplained error of Little's law", "output_unknown": "results of nothing known",
    "crossing_usd_per_million": "crossing of zones and regions",
}
# What stands behind a number, by how its metric's name ends.
AFTER = {
    "_usd_per_million": " per million messages", "_usd_per_hour": " per hour", "_s_per_million": " s per million messages",
    "_msgs_per_s": " messages per second", "_mib_per_s": " MiB/s", "requests_per_s": " per second", "_mib": " MiB", "_percent": " %", "_cores": " cores",
    "_ms": " ms", "_s": " s",
}
LIMITS = {
    "consumers_cpu": "the consumers' CPU", "credits": "spent credits", "downstream_wait": "the wait that the file sets for each message",
    "consumers_disk": "the consumers' disk", "partitions": "partitions", "hot_partition": "the hot partition", "broker_cpu": "the brokers' CPU",
    "broker_disk": "the brokers' disk", "quota": "the cluster's quota", "client": "the producers' client", "memory": "memory", "host": "the host's CPU",
}
UNSURE = {"not_told_apart": "not told apart", "unknown": "too few trials to know their spread"}
# Doubts that an answer tells in other words.
IN_WORDS = {"saturated", "saturating", "few_samples"}
# More in one place are told by how many they are.
NAMED = 3
# Where a treatment stands that may not be ranked by cost, and why.
STANDINGS = {
    "held": "held", "on credits": "only while credits last", "draining": "a backlog was worked off in the window", "overload": "it did not keep up",
    "unpriced": "no price of it is known", "nothing processed": "nothing was processed", "undecided": "an SLO is undecided",
    "unknown": "whether it kept up is not known", "mixed": "it kept up in some trials and not in others", "broken": "it broke an SLO",
    "no instance type": "it has no instance type", "no valid trial": "no valid trial",
}


class NotMade(Exception):
    """Why a sentence is not made here."""


def label(metric):
    tag, of = next(((tag, metric[len(tag) + 1:]) for tag in [*LATENCIES, "output_latency"] if metric.startswith(tag + "_")), (None, ""))
    if tag:
        name = "end-to-end" if tag == "end_to_end_latency" else re.sub("_latency$", "", tag).replace("_", " ")
        return f"{name} {re.sub('_ms$', '', of).replace('_', '.')}"
    if metric not in LABELS:
        raise NotMade(f"what `{metric}` is called in sentences")
    return LABELS[metric]


def begun(before, text):
    return text if before else text[:1].upper() + text[1:]


def unit_again(unit):
    """The unit beside a second number: a long one is not said twice."""
    return unit if len(unit) <= 4 else ""


def plural(count, word):
    return f"{count} {word}{'' if count == 1 else 's'}"


def listed(names):
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


class Teller:
    """Makes the sentences of one run. What it is given of a claim says which sentence it is, never what stands in it."""

    def __init__(self, run, claims):
        self.run, self.claims = run, claims
        # Figures that were shown and derived: one that lies between two roundings may be shown as either.
        self.shown = {}
        for on in (on for claim in claims for on in claim["evidence"] if on["shown"]):
            if on["kind"] in ("median", "ratio"):
                self.shown[on["kind"], on["metric"], on.get("treatment"), on.get("from"), on.get("to")] = on["shown"][0]

    # Names and figures.

    def factor_names(self):
        paths = self.run.manifest["factors"]
        first = self.run.manifest["treatments"][0]["slug"]
        names = [part.partition("=")[0] for part in re.split(r",(?=[^,=]+=)", first)] if paths else []
        if len(names) != len(paths) or not all(path.endswith(name) for path, name in zip(paths, names)):
            raise NotMade("what factors are called in sentences")
        return names

    def of_levels(self, levels):
        return ", ".join(f"{name}={level}" for name, level in zip(self.factor_names(), levels))

    def name(self, slug):
        return self.of_levels(self.run.levels(slug)) or slug

    def unit(self, metric):
        """(how many of what is shown make one of the metric, what stands behind it)."""
        after = next((after for end, after in AFTER.items() if metric.endswith(end)), "")
        if after not in (" ms", " s"):
            return 1.0, after
        medians = [self.run.median(metric, slug)[0] for slug in self.run.treatments()]
        many, unit = suiting(after.strip(), [of for of in medians if of is not None])
        return many, f" {unit}"

    def value(self, metric, slug):
        low, high = self.run.median(metric, slug)
        if low is None:
            return "–"
        many, _ = self.unit(metric)
        told = self.shown.get(("median", metric, slug, None, None))
        if told and low == high and near(told, lambda v: one(v * many, metric), low):
            return told
        return reading(low * many, high * many, metric)

    def times(self, metric, before, after):
        """`≥ 2.00×`; nothing of nothing."""
        low, high = (self.run.median(metric, slug)[0] for slug in (before, after))
        if low <= 0 or high < 0:
            return None
        bound = self.run.sign(metric, before, after) == "~"
        sign = "" if not bound else "≥ " if self.run.load(before) == "overload" else "≤ "
        show = lambda a, b: sign + factor(b / a) + "×"
        told = self.shown.get(("ratio", metric, None, before, after))
        return told if told and near(told, show, low, high) else show(low, high)

    def called(self, metric, *slugs):
        """A metric's name; of what comes through where nothing keeps up that it is overload throughput."""
        if metric not in RATES:
            return label(metric)
        return "overload throughput" if all(self.run.load(slug) == "overload" for slug in slugs) else "throughput"

    def money(self, slug, sticker=False):
        return "$" + dollars(self.run.cost(slug, sticker=sticker) / 1e9)

    # What a metric did between two, among several, by each factor.

    def known(self, metric):
        return [slug for slug in self.run.treatments() if self.run.readings(metric, slug)]

    def went(self, metric, before, after):
        _, unit = self.unit(metric)
        apart, name = self.run.apart(metric, before, after), self.called(metric, before, after)
        if apart == "tie":
            return f"{name} stayed at {self.value(metric, before)}{unit}"
        beside = ", ".join(filter(None, [self.times(metric, before, after), UNSURE.get(apart)]))
        return f"{name} went from {self.value(metric, before)} to {self.value(metric, after)}{unit}" + (f" ({beside})" if beside else "")

    def main(self, metric):
        known = self.known(metric)
        load = "At the same load, " if self.run.same_load(known) else ""
        ends, group = self.run.leading(metric, known)
        if ends is None:
            raise NotMade("of what cannot be compared")
        if group:
            told = self.best_and_worst(metric, load, ends, group) + self.left_out(metric, known, ends[0])
        else:
            told = f"{load}{'from' if load else 'From'} {self.name(ends[0])} to {self.name(ends[1])} {self.went(metric, *ends)}"
            told += self.between(metric, known, ends) if len(self.run.factors()) == 1 else ""
        told += self.without(metric)
        if metric in RATES and all(self.run.load(slug) == "steady" for slug in ends):
            told += "; both kept up with what was offered: the limits lie higher"
        return told + "."

    def best_and_worst(self, metric, load, ends, group):
        def end(slug):
            beside = [of for of in group if of not in ends and self.run.apart(metric, slug, of) != "clear"]
            others = self.name(beside[0]) if len(beside) == 1 else f"{len(beside)} others"
            return self.name(slug) + (f" (not told apart from {others})" if beside else "")

        (least, most), (low, high) = ends, (self.value(metric, slug) for slug in ends)
        name, (_, unit), apart = begun(load, self.called(metric, *ends)), self.unit(metric), self.run.apart(metric, *ends)
        if apart == "tie":
            return f"{load}{name} is {low}{unit} with {end(least)} and with {end(most)} alike"
        beside = ", ".join(filter(None, [self.times(metric, *ends), UNSURE.get(apart)]))
        beside = f" ({beside})" if beside else ""
        return f"{load}{name} is least with {end(least)} at {low}{unit}, and greatest with {end(most)} at {high}{unit_again(unit)}{beside}"

    def left_out(self, metric, known, least):
        medians = {slug: self.run.median(metric, slug) for slug in known}
        out = [slug for slug in known if medians[slug][0] != medians[slug][1] or self.run.sign(metric, least, slug) != "="]
        parts = []
        for load in ("overload", "steady", "draining", "mixed", "unknown"):
            own = [slug for slug in out if self.run.load(slug) == load]
            if own:
                parts.append(f"{self.who(own)} ({load}{self.span(metric, own)})")
        return f"; not compared with them: {', '.join(parts)}" if parts else ""

    def without(self, metric):
        """Those whose trials count and tell nothing of it."""
        own = [slug for slug in self.run.treatments() if self.run.valid(slug) and not self.run.readings(metric, slug)]
        return f"; not known with {self.who(own)}" if own else ""

    def who(self, slugs):
        """Each by its name; of many how many they are."""
        return f"{len(slugs)} treatments" if len(slugs) > NAMED else ", ".join(map(self.name, slugs))

    def span(self, metric, slugs):
        """From the least to the greatest of what they came to; nothing where one of them is only known to lie between two numbers."""
        medians = {slug: self.run.median(metric, slug) for slug in slugs}
        if any(low is None or low != high < math.inf for low, high in medians.values()):
            return ""
        order = sorted(slugs, key=lambda slug: medians[slug][0])
        least, most = (self.value(metric, slug) for slug in (order[0], order[-1]))
        _, unit = self.unit(metric)
        return f", {least if least == most else f'{least} to {most}'}{unit_again(unit)}"

    def between(self, metric, known, ends):
        """Those of the middle that trials tell apart from both ends, and that lie beyond them."""
        _, unit = self.unit(metric)
        values = {slug: self.run.median(metric, slug) for slug in known}
        values = {slug: low for slug, (low, high) in values.items() if low == high}
        clear = [slug for slug in values if slug not in ends and all(self.run.apart(metric, end, slug) == "clear" for end in ends)]
        low, high = sorted(values[slug] for slug in ends)
        told = ""
        for word, beyond in (("greatest", [of for of in clear if values[of] > high]), ("least", [of for of in clear if values[of] < low])):
            if beyond:
                of = (max if word == "greatest" else min)(beyond, key=values.get)
                told += f"; {word} with {self.name(of)} at {self.value(metric, of)}{unit}"
        return told

    def answered(self):
        """What the answer begins with: of which response, between which two, and the responses behind it."""
        asked = self.run.responses()
        for at, metric in enumerate(asked):
            if self.known(metric):
                ends, _ = self.run.leading(metric, self.known(metric))
                if metric not in (COST, KNEE) and ends:
                    return metric, ends, asked[at + 1:]
                break
        raise NotMade("which two are compared")

    def others(self):
        _, ends, metrics = self.answered()
        told = []
        for metric in metrics:
            if self.run.are_comparable(metric, *ends):
                told.append(self.went(metric, *ends) + self.beyond(metric, ends))
            elif any(self.run.readings(metric, slug) for slug in ends):
                _, unit = self.unit(metric)
                one, other = (f"{self.value(metric, slug)}{unit}" for slug in ends)
                told.append(f"{label(metric)} is {one} with the one and {other} with the other (not to be compared)")
        return f"From the one to the other {', '.join(told)}."

    def beyond(self, metric, ends):
        """What another treatment came to, all of whose trials lie beyond all of both, and its median by 5 %; of three trials or more, each with a value."""
        spreads = {}
        for slug in self.run.treatments():
            all_of = self.run.readings(metric, slug)
            if len(all_of) >= 3 and all(low == high for low, high in all_of) and self.run.median(metric, slug)[0] is not None:
                spreads[slug] = (min(all_of)[0], self.run.median(metric, slug)[0], max(all_of)[0])
        if any(end not in spreads for end in ends):
            return ""
        low, high = min(spreads[end][0] for end in ends), max(spreads[end][2] for end in ends)
        lower, upper = min(spreads[end][1] for end in ends) * (1 - 0.05), max(spreads[end][1] for end in ends) * (1 + 0.05)
        alike = [slug for slug in spreads if slug not in ends and all(self.run.sign(metric, end, slug) == "=" for end in ends)]
        most = max((slug for slug in alike if spreads[slug][0] > high and spreads[slug][1] >= upper), key=lambda slug: spreads[slug][1], default=None)
        least = min((slug for slug in alike if spreads[slug][2] < low and spreads[slug][1] <= lower), key=lambda slug: spreads[slug][1], default=None)
        _, unit = self.unit(metric)
        told = [f"to {self.value(metric, slug)}{unit_again(unit)} with {self.name(slug)}" for slug in (most, least) if slug]
        return f" and came {' and '.join(told)}" if told else ""

    def by_factor(self):
        metric, _, _ = self.answered()
        factors, names = self.run.factors(), self.factor_names()
        corners = [self.run.corner(factors, last) for last in (False, True)]
        parts = []
        for of in factors:
            own = []
            for corner in corners:
                row = self.run.row(of, corner)
                if of["numbers"] or len(of["levels"]) == 2:
                    ends = (row[0], row[-1]) if row[0] != row[-1] and self.run.are_comparable(metric, row[0], row[-1]) else None
                else:
                    ends = self.run.extremes(metric, row)[1:] if self.run.extremes(metric, row)[0] else None
                if ends:
                    own.append(self.gave(metric, (of, names), ends, corner))
            own = list(dict.fromkeys(own))
            parts += [" and ".join(own)] if own else []
        return f"By itself, {'; '.join(parts)}."

    def gave(self, metric, factor, ends, corner):
        of, names = factor
        name, (low, high) = names[of["at"]], (self.run.levels(slug)[of["at"]] for slug in ends)
        who = f"{name} {low} → {high}" if of["numbers"] else f"{name}={high} over {name}={low}"
        apart, (_, unit) = self.run.apart(metric, *ends), self.unit(metric)
        gave = "1.00×" if apart == "tie" else self.times(metric, *ends)
        gave = gave or f"{self.value(metric, ends[1])}{unit} in place of {self.value(metric, ends[0])}{unit}"
        apart = f" ({UNSURE[apart]})" if apart in UNSURE else ""
        others = [f"{name}={level}" for at, (name, level) in enumerate(zip(names, self.run.levels(corner))) if at != of["at"]]
        return f"{who} gave {gave}{apart} at {', '.join(others)}"

    def each(self, metric):
        known, (_, unit) = self.known(metric), self.unit(metric)
        told = [f"{self.value(metric, slug)}{unit} with {self.name(slug)} ({self.run.load(slug)})" for slug in known[:NAMED]]
        told += [f"and {len(known) - NAMED} more"] if len(known) > NAMED else []
        return f"{begun('', label(metric))} cannot be compared: {', '.join(told)}."

    # Of one treatment alone.

    def summed(self, on):
        """`throughput 198 messages per second, no instances killed for memory`; of one treatment, whose name is the second."""
        slugs = {of["treatment"] for of in on}
        if len(slugs) != 1:
            raise NotMade("of several treatments")
        slug, told = slugs.pop(), []
        for metric in (of["metric"] for of in on):
            many, unit = self.unit(metric)
            shown = self.summary(metric, slug, many, next(of for of in on if of["metric"] == metric))
            told.append(f"no {self.called(metric, slug)}" if shown == "0" and metric in ("oom_kills", "records_per_batch", "fairness_jain")
                        else f"{self.called(metric, slug)} {shown}{unit}")
        return ", ".join(told), slug

    def summary(self, metric, slug, many, on):
        of, around = self.run.median(metric, slug), self.run.around(metric, slug)
        known = [of, *(around[1:] if around else [])]
        show = lambda mid, *ends: shown_around((mid, mid), [(end, end) for end in ends] or None, many, metric)
        if all(low == high for low, high in known) and on["shown"] and near(on["shown"][0], show, *(low for low, _ in known)):
            return on["shown"][0]
        return shown_around(of, around and around[1:], many, metric)

    def alone(self, on):
        told, slug = self.summed(on)
        return f"With {self.name(slug)}: {told}." if self.run.manifest["factors"] else f"{begun('', told)}."

    # Money.

    def held_asked(self):
        return "holds the SLOs" if self.run.slos else "kept up"

    def costs(self, on, text):
        """What a ranking comes to; on which basis is read from its evidence."""
        basis = next(of["basis"] for of in on if of["kind"] == "ranking")
        order = self.run.ranking(basis)
        if not order:
            raise NotMade("of a ranking of nothing")
        first, level = order[0], self.level(order)
        if basis.startswith("overload"):
            when = "Under overload, while credits last," if basis.endswith("on_credits") else "Under overload"
            if level:
                return f"{when} the least for a million is that of {level}; what they sustain costs as much or more."
            if len(order) == 1:
                return f"{when} a million costs {self.money(first)} with {self.name(first)}; what it sustains costs as much or more."
            less = f"{self.less(*order[:2])} less than {self.name(order[1])}"
            return f"{when} {self.name(first)} processes a million for the least, {self.money(first)}, {less}; what it sustains costs as much or more."
        if basis != "offered":
            lasts = [of for slug in [first] for of in bursts_of(self.run, slug)]
            use = f", {lasting(min(lasts))} at this use" if lasts else ""
            return f"While credits last{use}, {level or f'{self.name(first)} at {self.money(first)} per million messages'}: that is no capacity."
        asked, price = self.held_asked(), f"{self.money(first)} per million messages"
        if text.startswith("Drawn again"):
            blocks, share = self.run.drawn_again(first)
            return f"Drawn again from its {blocks} blocks, {self.name(first)} is the cheapest that {asked} in {plain(share * 100)} % of 10000 resamples."
        if len(order) == 1:
            alone = sum(len(self.run.ranking(of)) for of in ("offered", "offered_on_credits", "overload", "overload_on_credits")) == 1
            told = f"{self.name(first)} {asked} at {price}; there is nothing to compare its cost with." if alone else (
                f"Only {self.name(first)} of those compared by cost {asked}: {price}.")
        elif level:
            told = f"Cheapest that {asked}: {level}."
        else:
            told = f"Cheapest that {asked}: {self.name(first)} at {price}, {self.less(*order[:2])} less than {self.name(order[1])} ({self.money(order[1])})."
        beside = [of for of in on if of["kind"] == "summary"]
        if not beside:
            return told
        told_of, slug = self.summed(beside)
        if slug != first:
            return f"{self.name(first)} is the cheapest, not {self.name(slug)}"
        return f"{told.rstrip('.')}; with {self.name(first)}: {told_of}."

    def less(self, one, other):
        return f"{plain(100 * (1 - self.run.cost(one) / self.run.cost(other)))} %"

    def level(self, order):
        """The cheapest with all that are not told apart from it, and why; none where it is alone."""
        first, why = order[0], {slug: self.run.why(order[0], slug) for slug in order[1:]}
        level = [slug for slug in order[1:] if why[slug] != "clear"]
        if not level:
            return None
        named = [f"{self.name(slug)} at {self.money(slug)}" for slug in [first, *level]]
        most = max([first, *level], key=self.run.cost)
        named = " and ".join(named) if len(named) <= NAMED else f"{', '.join(named[:NAMED])} and {len(named) - NAMED} more at up to {self.money(most)}"
        offs = [self.run.ahead(first, slug)[1] for slug in level if why[slug] == "off"]
        reasons = [f"what emulated instances got is off by up to {plain(max(offs))} %"] if offs else []
        reasons += ["chance alone might make the difference"] if "chance" in why.values() else []
        reasons += ["too few trials to know their spread"] if "few" in why.values() else []
        return f"{named} per million messages ({'not told apart: ' + ', '.join(reasons) if reasons else 'a tie'})"

    def sensitivity(self, on, text):
        """Which price would change the order; prices that are not derived stand here as they are told."""
        order, tips = self.run.ranking(on["basis"]), on["value"]
        moved = lambda tip: f"{tip['price']} {'up' if tip['up'] else 'down'} by 20 %"
        answers, behind = [tip for tip in tips if tip["answers"]], [tip for tip in tips if not tip["answers"]]
        if text.startswith("Which is the cheapest"):
            level = lambda tip: self.run.level_at(on["basis"], tip["price"], tip["up"])
            beside = lambda tip: f"not told apart from {self.name(level(tip))}" if level(tip) else self.name(tip["cheapest"])
            told = "; ".join(f"{moved(tip)} ({beside(tip)})" for tip in answers)
            return f"Which is the cheapest changes with {told}." if answers else "no price changes which is the cheapest"
        if text.startswith("The order behind"):
            return f"The order behind the cheapest changes with {'; '.join(map(moved, behind))}." if behind else "no price changes the order"
        clear = not answers and all(self.run.lead(order[0], slug) == "clear" for slug in order[1:])
        return "No single price changes which is the cheapest by going 20 % up or down." if clear else "which is the cheapest is not clear, or changes"

    def sticker(self, on):
        order = self.run.ranking("offered")
        other = min(order, key=lambda slug: self.run.cost(slug, sticker=True))
        low, high = self.money(other, True), self.money(order[0], True)
        so = other != order[0] and all(self.run.lead(order[0], slug) == "clear" for slug in order[1:])
        return (f"Of that, surplus credits are a part: at the prices on the label alone the median of {self.name(other)} is {low}, that of "
                f"{self.name(order[0])} {high}.") if so else "prices on the label say the same"

    def perhaps(self):
        """Those that might be the cheapest, were more known of them."""
        run, order = self.run, self.run.ranking("offered")
        least = run.cost(order[0]) if order else None

        def might(slug, standing):
            if standing == "no valid trial":
                return any(trial.outcome == "doubtful" for trial in run.of(slug))
            priced = run.valid(slug) and run.basis(slug) is not None
            return standing in ("unpriced", "mixed") or standing in ("undecided", "unknown", "draining") and (least is None or not priced or run.cost(slug) < least)

        parts = []
        for standing, why in STANDINGS.items():
            own = [self.name(slug) for slug in run.treatments() if run.standing(slug) == standing and might(slug, standing)]
            more = f" and {len(own) - NAMED} more" if len(own) > NAMED else ""
            parts += [f"{'; '.join(own[:NAMED])}{more} ({why})"] if own else []
        return f"Not compared{', and perhaps cheaper' if order else ''}: {'; '.join(parts)}."

    def no_cheapest(self):
        standings, asked = [self.run.standing(slug) for slug in self.run.treatments()], self.held_asked()
        if set(standings) <= {"broken", "overload"}:
            return f"No configuration {asked}."
        if "on credits" in standings:
            return f"No configuration is known that {asked} for longer than its credits last."
        return f"No configuration that {asked} can be compared by cost."

    def beaten(self, on):
        levels = zip(self.factor_names(), self.run.levels(on["baseline"]))
        kept = ", ".join(f"{name}={level}" for name, level in levels if level != "baseline")
        cost = f"COST with {kept}" if len(self.run.baselines()) > 1 and kept else "COST"
        if on["value"] == "kept_up":
            return f"{cost}: not known, as one thread over all partitions kept up with all that was offered."
        if on["value"] == "never":
            return f"{cost}: nothing that was measured beats one thread over all partitions ({self.run.at()})."
        if on["value"] != "at":
            return f"{cost}: undecided, as nothing that was measured is known to beat one thread over all partitions ({self.run.at()})."
        rival = on["treatment"]
        asked = self.run.of(rival)[0].asked
        size = plural(asked["instances"], "instance") + (f" of {asked['threads']} threads" if asked["threads"] != 1 else "")
        fewer = any(of["beats"] != "no" and of["instances"] < asked["instances"] for of in on["rivals"])
        price = f", {self.money(rival)} per million" if self.run.basis(rival) else ""
        times = self.times(on["metric"], on["baseline"], rival)
        told = f"{times}, {self.run.at()}" if times else self.run.at()
        return f"{cost}: {size}{price}, until this beats one thread over all partitions ({told}){'; of fewer it is undecided' if fewer else ''}."

    # Searches.

    def search(self, on, limit, text):
        """What a search came to, and why it ended."""
        run = self.run
        demand, (_, order) = on["of"] == "demand", tried(run, on)
        good, bad, broke = boundary(run, order, run.weighed, True)
        # What eases is the other way round, of what all others hold.
        turned = order[order.index(good)::-1] if good else order[::-1]
        own = [boundary(run, turned if at in run.eases else order, lambda trial, slo=slo: trial.verdict(slo), False) for at, slo in enumerate(run.slos)]
        level = lambda slug: run.levels(slug)[-1]
        binding, hangs = [], None
        if broke:
            binding = [at for at, (_, _, of) in enumerate(own) if of and at not in run.eases and order.index(of) <= order.index(broke)]
            binding = binding or most_often(run, broke, lambda verdict: verdict == "broken")
        elif bad:
            hangs = next(iter(most_often(run, bad, lambda verdict: verdict != "held")), None)
        if text.startswith("By itself"):
            return [self.by_itself([(slo, of) for at, (slo, of) in enumerate(zip(run.slos, own)) if at not in binding and at != hangs and of[0] and at not in run.eases])]
        confirming = run.played(on).confirming
        again = {key: [trial for trial in run.valid(slug) if trial.name in confirming] if slug else []
                 for key, slug in (("holds", good), ("breaks", broke))}
        held = {key: sum(run.judged(trial) == "held" for trial in trials) for key, trials in again.items()}
        passed = {key: f"all held in {held[key]} of {plural(len(trials), 'trial')}" if trials else "not confirmed by trials of its own"
                  for key, trials in again.items()}
        what = ("Demand" if demand else "Capacity") + (f" at {self.of_levels(on['levels'])}" if on["levels"] else "")
        open_at = bad if bad != broke else None
        found = (self.demand if demand else self.capacity)(what, [slug and level(slug) for slug in (good, open_at, broke)], passed)
        edges = []
        for at in binding:
            slo, (_, _, own_broke) = run.slos[at], own[at]
            edge = {"cliff": ", a cliff", "smooth": ", smoothly", None: ""}[cliff(run, slo, own_broke)]
            edges.append(f"`{slo['text']}` binds{edge}")
        binds = f"; {', and '.join(edges)}" if edges else f"; it hangs on `{run.slos[hangs]['text']}`" if hangs is not None else ""
        for at in (at for at in run.eases if own[at][2]):
            from_it = own[at][0] and (f"with {level(own[at][0])} or fewer" if demand else f"from {level(own[at][0])} on")
            binds += f"; `{run.slos[at]['text']}` holds {from_it or 'with none of these'}"
        by = ""
        if limit:
            partitions = run.of(broke)[0].asked["partitions"] if broke else 0
            by = plural(partitions, "partition") if limit["factor"] == "partitions" else LIMITS.get(limit["factor"], "?")
            # Where the load was done at the bound, an SLO broke before anything held the trials back: the next that was.
            done = lambda slug: run.load(slug) != "overload" and run.limit(slug) in ("load", "")
            beyond = order[order.index(broke):] if broke else []
            next_held = next((slug for slug in beyond if not done(slug)), None) if broke and run.limit(broke) == "load" else broke
            place = "there" if next_held == broke else f"with {level(next_held)}" if next_held else "?"
            by = f"; limited {place} by {by}" if limit["treatments"] == [next_held] else "; what limits is told of another treatment"
        word = self.why_ended(run.played(on).stop, again, held, (good, open_at, broke))
        return [f"{found}{binds}{by}{word}."]

    def capacity(self, what, bounds, passed):
        good, open_at, broke = bounds
        unsaid = f"whether {open_at} holds cannot be said"
        least = f"whether {open_at}, the least that was tried, holds cannot be said"
        if good and broke:
            return f"{what} lies between {good} ({passed['holds']}) and {broke} ({passed['breaks']})" + (f"; {unsaid}" if open_at else "")
        if good:
            return f"{what} is {good} or more" + (f" ({passed['holds']}): {unsaid}" if open_at else ": more was not tried")
        if broke:
            return f"{what} is below {broke}" + (f"; {least}" if open_at else ", the least that was tried")
        return f"{what} is not known: " + (least if open_at else "no trial was made")

    def demand(self, what, bounds, passed):
        good, open_at, broke = bounds
        asked = self.run.manifest["search"]["levels"]
        count = lambda of: plural(int(of), "instance")
        are = "is" if open_at == "1" else "are"
        unsaid = f"whether {open_at} {are} enough cannot be said"
        most = lambda of: f"the most that {'may be' if int(of) == max(asked) else 'were'} tried"
        if good and broke:
            fewer, open_too = (" or fewer", f"; {unsaid}") if open_at else ("", "")
            return f"{what} is {count(good)}{fewer} ({passed['holds']}); with {broke} it does not hold ({passed['breaks']}){open_too}"
        if good:
            further = unsaid if open_at else f"fewer {'may not be' if int(good) == min(asked) else 'were not'} tried"
            return f"{what} is {count(good)} or fewer ({passed['holds']}): {further}"
        of_most = f"whether {open_at}, {most(open_at)}, {are} enough cannot be said" if open_at else ""
        if broke:
            return f"{what} is more than {count(broke)} ({passed['breaks']})" + (f"; {of_most}" if open_at else f", {most(broke)}")
        return f"{what} is not known: " + (of_most or "no trial was made")

    def why_ended(self, stop, again, held, bounds):
        """Why a search ended, where that is no confirmed bound; nothing else."""
        (good, open_at, broke), asked = bounds, self.run.manifest["search"]["confirm"]
        level = lambda slug: self.run.levels(slug)[-1]
        if stop is None:
            return " (the search is not over)"
        if stop == "nothing_said":
            return " (what was tried last cannot be judged)"
        if stop in ("nothing_breaks", "nothing_holds"):
            return ""
        against = []
        if good and len(again["holds"]) >= asked and 2 * held["holds"] <= len(again["holds"]):
            against.append(f"tried again, {level(good)} held in no more than half")
        if broke and len(again["breaks"]) >= asked and 2 * held["breaks"] > len(again["breaks"]):
            against.append(f"tried again, {level(broke)} held in more than half")
        enough = all(len(again[key]) >= asked for key, slug in (("holds", good), ("breaks", broke)) if slug)
        confirmed = asked > 0 and enough and not against and not open_at
        if stop == "most_trials" and good and confirmed:
            return " (an SLO's own boundary was still looked for: no more trials were allowed)"
        told = "that was not asked for" if not asked else ", and ".join(against)
        if asked and open_at:
            told = f"{level(open_at)} was tried again, and cannot be judged" if stop == "found" else ""
        if told:
            return f" (not confirmed: {told})"
        return " (not confirmed: no more trials were allowed)" if stop == "most_trials" else ""

    def by_itself(self, boundaries):
        """Of each SLO and its own boundary."""
        level, parts = lambda slug: self.run.levels(slug)[-1], []
        for slo, (good, bad, broke) in boundaries:
            unsaid = f"whether with {level(bad)} cannot be said" if bad != broke else ""
            end = f" and not with {level(broke)}" + (f" ({unsaid})" if unsaid else "") if broke else f", and {unsaid}" if unsaid else " and was not broken"
            parts.append(f"`{slo['text']}` holds with {level(good)}{end}")
        return f"By itself, {'; '.join(parts)}."

    def volumes(self, on):
        run, at = self.run, self.of_levels(on["levels"])
        at = f"At {at}: " if at else ""
        by = {volume(run, slug): slug for slug in on["treatments"]}

        def told(rate):
            offered = run.median("offered_msgs_per_s", by[rate])
            came = plain(offered[0]) if offered[0] is not None and offered[0] == offered[1] else plain(rate)
            return self.run.levels(by[rate])[-1] + (f" ({came}/s came)" if came != plain(rate) else "")

        held, broken, undecided, again = (on[key] for key in ("held", "broken", "undecided", "again"))
        if held is not None:
            grew = " though its backlog grew: in the long run it does not hold" if run.load(by[held]) in ("overload", "mixed") else ""
            first = f"{told(held)} was {'a' if again is not None else 'the greatest'} volume at which all held{grew}"
        elif again is not None and undecided is None:
            first = "at the least volume that was tried not all held"
        else:
            first = "at which volume all hold is not known" if undecided is not None else "at no volume that was tried did all hold"
        slos = ", ".join(f"`{slo['text']}`" for slo in run.slos if broken is not None and run.verdict(slo, by[broken]) == "broken")
        open_at = self.run.levels(by[undecided])[-1] if undecided is not None else None
        if broken is not None:
            above = f"at {open_at} it cannot be said, {told(broken)} broke {slos}" if open_at else f"{told(broken)} the least that broke {slos}"
        else:
            above = f"at {open_at} it cannot be said, and none that was tried broke" if open_at else "none that broke was reached"
        above += f"; all held again at {told(again)}" if again is not None else ""
        return f"{begun(at, at + first)}, {above} ({plural(len(by), 'volume')} tried)."

    def at_volumes(self):
        """What the responses read at the greatest volume that held and at the least that broke."""
        found = [on for other in self.claims for on in other["evidence"] if on["kind"] == "volumes"]
        if len(found) != 1:
            raise NotMade("of several searches")
        by = {volume(self.run, slug): slug for slug in found[0]["treatments"]}
        ends = [by[found[0][key]] for key in ("held", "broken")]
        told = []
        for metric in dict.fromkeys(metric for metric in self.run.responses() if metric not in RATES):
            _, unit = self.unit(metric)
            low, high = (f"{self.value(metric, slug)}{unit} at {self.run.levels(slug)[-1]}" for slug in ends)
            told.append(f"{label(metric)} was {low} and {high}")
        single = " (one trial: its spread is not known)" if any(len(self.run.valid(slug)) < 2 for slug in ends) else ""
        return f"{begun('', ', '.join(told))}{single}."

    # Verdicts, doubts, and what stands beside an answer.

    def verdicts(self):
        run, parts = self.run, []
        slugs = run.treatments()
        for slo in run.slos:
            for word in ("broken", "undecided"):
                all_of = [slug for slug in slugs if run.valid(slug) and run.verdict(slo, slug) == word]
                if not all_of:
                    continue
                if len(all_of) == len(slugs):
                    who = "" if len(slugs) == 1 else " everywhere"
                elif len(all_of) > NAMED:
                    who = f" in {len(all_of)} of {len(slugs)} treatments"
                else:
                    who = " with " + ", with ".join(map(self.name, all_of))
                parts.append(f"`{slo['text']}` is {word}{who}")
        return f"{'; '.join(parts)}." if parts else "The SLO held." if len(run.slos) == 1 else "All SLOs held."

    def limited(self, on):
        run, order = self.run, list(LIMITS)
        slugs, parts = run.treatments(), []
        for of in sorted(on, key=lambda of: (of["factor"] != "partitions", order.index(of["factor"]))):
            own = [slug for slug in slugs if slug in of["treatments"]]
            if of["factor"] == "partitions":
                asked = [run.of(slug)[0].asked for slug in own if run.of(slug)]
                for partitions, count, threads in sorted({(of["partitions"], of["instances"] * of["threads"], of["threads"] > 1) for of in asked}):
                    parts.append((plural(count, "consumer" if threads else "instance"), count > 1, plural(partitions, "partition")))
                continue
            if len(own) == len(slugs):
                who = "it" if len(own) == 1 else f"all {len(own)} treatments"
            else:
                who = listed([self.name(slug) for slug in own]) if len(own) <= NAMED else f"{len(own)} of {len(slugs)} treatments"
            parts.append((who, len(own) > 1, LIMITS[of["factor"]]))
        who, several, by = parts[0]
        first = f"{begun('', who)} {'are' if several else 'is'} limited by {by}"
        return ", ".join([first, *(f"{who} by {by}" for who, _, by in parts[1:])]) + "."

    def ground(self):
        run = self.run
        counts = ({}, {})
        for trial in run.trials:
            for of in set(trial.doubts()) - IN_WORDS:
                side = counts[of in doubts.SPOILS and not trial.valid]
                side[of] = side.get(of, 0) + 1
        told = [", ".join(f"`{of}` in {count} of {len(run.trials)} trials" for of, count in sorted(side.items())) for side in counts]
        parts = [self.emulated()] if any(trial.record["emulated"] for trial in run.trials) else []
        parts += [f"emulated {self.away()}"] if any(trial.record.get("network") for trial in run.trials) else []
        parts += [f"{words} {of}" for words, of in zip(("limited by", "left out as doubtful:"), told) if of]
        return f"{begun('', '; '.join(parts))}."

    def away(self):
        """Who was how far from the brokers."""
        by_role, held = {}, set()
        for of in (of for trial in self.run.trials for of in trial.record.get("network") or []):
            by_role.setdefault(of["role"], set()).add(of["rtt_ms"])
            held |= {of["role"]} if of.get("instance_burst_s") is not None else set()
        far = lambda all_of: " or ".join(filter(None, [", ".join(f"{of:g}" for of in all_of[:-1]), f"{all_of[-1]:g}"]))
        return "network by a proxy: " + ", ".join(
            f"{role} {far(sorted(all_of))} ms away" + (" with the network of their instance type" if role in held else "") for role, all_of in sorted(by_role.items()))

    def emulated(self):
        groups = [group for trial in self.run.trials for group in trial.record["emulated"]]
        scale = lambda group: f", credit time × {group['time_scale']}" if group["time_scale"] != 1 else ""
        modes = sorted({f"credits {of['credit_mode']} from {of.get('credit_start') or 'unknown'}{scale(of)}" for of in groups if of.get("credit_mode")})
        fixed = sorted({of["instance_type"]["name"] for of in groups if not of.get("credit_mode")})
        said = [f"1 vCPU = {' or '.join(sorted({plain(of['vcpu_percent']) for of in groups}))} % of a core"]
        said += [" or ".join(modes)] if modes else []
        said += [f"{' and '.join(fixed)} of fixed performance"] if modes and fixed else []
        alone = " by pacing alone" if all(of.get("enforced_by") == "work" for of in groups) else ""
        return f"emulated{alone}: {', '.join(said)}"

    def knee(self, slug):
        run = self.run
        who = f"With {self.name(slug)} credits" if run.manifest["factors"] else "Credits"
        trials = run.valid(slug)
        knees = [(trial.knee()[0], trial) for trial in trials if trial.knee()]
        if not knees:
            if trials[0].record["emulated"][0].get("credit_start") == "exhausted":
                return f"{who} were spent before it began."
            return f"{who} were not spent in the {plain(trials[0].asked['warm_up_s'] + trials[0].asked['measure_s'])} s that were watched."
        found, trial = knees[0]
        scale = trial.record["emulated"][0]["time_scale"]
        real = f", at {scale} times the speed of credits: {plain(found * scale / 60)} minutes of the real instance" if scale != 1 else ""
        all_of = [of for of, _ in knees]
        spread = f" ({plain(min(all_of))} – {plain(max(all_of))} s in {len(knees)} trials)" if len(knees) > 1 else ""
        return f"{who} were spent {plain(found)} s after time 0{spread}; the recorded use predicts {plain(trial.knee()[1])} s{real}."

    def failing(self):
        """What failed, of each treatment."""
        run, of = self.run, failing(self.run)
        killed = lambda slug: not run.valid(slug) and all(why[0] == 0 for why, _ in reasons(run, slug))
        lead = "Not with" if all(map(killed, of)) else "No valid trial with" if not any(map(run.valid, of)) else "Not all trials came through with"
        parts = [f"{self.name(slug)}: {came_out(run, slug)}" for slug in of[:NAMED]]
        parts += [f"and {plural(len(of) - NAMED, 'more treatment')}"] if len(of) > NAMED else []
        return f"{lead} {'; '.join(parts)}."

    def beside(self):
        """What stands beside a median, as many trials as there are."""
        run = self.run
        consumed = any(trial.asked["instances"] is not None for trial in run.trials)
        counts = [len(run.readings("processed_msgs_per_s" if consumed else "acked_msgs_per_s", slug)) for slug in run.treatments()]
        if max(counts) < 6:
            return ["Beside a median stand the least and the greatest of its trials: of fewer than 6 there is no interval."]
        some = ", of less than 6 trials least – greatest, no interval" if any(2 <= count < 6 for count in counts) else ""
        percentiles = [f"{tag}_{name}_ms" for tag in LATENCIES for name in QUANTILES]
        few = any(0 < len(run.readings(of, slug)) < 6 for of in percentiles for slug in run.treatments() if len(run.valid(slug)) >= 6)
        less = ", and of what too few of them tell, the least and the greatest"
        return [f"Beside a median stands its 95 % interval by order statistics{some}{of}." for of in ([less] if few else ["", less])]

    def sentences(self, claim):
        """All that the sentence of this claim may be."""
        on, text = claim["evidence"], claim["text"]
        kinds = [of["kind"] for of in on]
        of = lambda kind: [one for one in on if one["kind"] == kind]
        first = kinds[0] if kinds else ""
        if text.startswith("Beside a median"):
            return self.beside()
        if first == "search":
            return self.search(on[0], next(iter(of("limit")), None), text)
        if first == "volumes":
            return [self.volumes(on[0])]
        if first == "outcomes" and on[0]["treatment"] is None:
            return [nothing_counts(self.run) if re.match(NOTHING, text) else how_many_count(self.run) + "."]
        if first == "outcomes":
            return [self.failing()]
        if "beaten" in kinds:
            return [self.beaten(of("beaten")[0])]
        if first == "cost" and all(one.get("sticker", False) for one in on):
            return [self.sticker(on)]
        if first == "standing" and not text.startswith("No configuration"):
            return [self.perhaps()]
        if "ranking" in kinds:
            return [self.costs(on, text)]
        if first == "sensitivity":
            return [self.sensitivity(on[0], text)]
        if first == "standing":
            return [self.no_cheapest()]
        if first == "verdict":
            return [self.verdicts()]
        if first == "limit":
            return [self.limited(on)]
        if first == "doubt" or (first == "emulated" and on[0]["trials"]):
            return [self.ground()]
        if first == "emulated":
            return ["Nothing was emulated."]
        if first == "knee":
            spent = "Credits were spent within the window: what a million cost in it is a mixture of before and after, and is said of neither."
            return [spent] if text == spent else [self.knee(on[0]["treatment"])]
        if first == "summary":
            before = "Over the window, before and after: "
            return [before + self.summed(on)[0] + "."] if text.startswith(before) else [self.alone(on)]
        if first == "unknown":
            reasons = ["too few messages lie beyond it", "no treatment has an instance type with a price", "no treatment has credits", "no valid trial tells it"]
            name = "When credits ran out" if on[0]["metric"] == KNEE else begun("", label(on[0]["metric"]))
            return [f"{name} is not known: {why}." for why in reasons]
        if text.startswith("From the one to the other"):
            return [self.others()]
        if text.startswith("By itself"):
            return [self.by_factor()]
        if kinds[:2] == ["median", "load"]:
            return [self.each(on[0]["metric"])]
        if kinds[:3] == ["median", "median", "ratio"]:
            return [self.main(on[0]["metric"])]
        if set(kinds) == {"median"}:
            return [self.at_volumes()]
        raise NotMade("the whole of it")


def misplaced(teller, claim, unsure):
    """What is wrong with how names, numbers and words stand together in a sentence."""
    told = claim["text"]
    try:
        made = teller.sentences(claim)
    except (NotMade, LookupError, TypeError, ValueError, AttributeError, StopIteration, ArithmeticError) as why:
        # A form that nobody thought of here is no fault of the sentence, and nothing that was checked.
        left = str(why) if isinstance(why, NotMade) else repr(why)
        unsure.append(f"that each number of the sentence stands with its own name: not made again here is {left}")
        return []
    if told in made:
        return []
    begin = lambda of: len(os.path.commonprefix([of, told]))
    return [f"by the records the sentence is: {max(made, key=begin)}"]


def tried(run, on):
    """(the number that a treatment of a search was tried with, its treatments from easy to hard)."""
    demand = on["of"] == "demand"
    value = lambda slug: float(run.levels(slug)[-1]) if demand else volume(run, slug)
    return value, sorted(on["treatments"], key=value, reverse=demand)


def boundary(run, order, said, to_go_on):
    """Of treatments from easy to hard: (the hardest that holds more often than not, the easiest that does not, the easiest above the one that holds which half
    or more of its trials broke). `to_go_on`: one of which no trial counts stands as if it had not held."""
    pools = []
    for slug in order:
        own = [said(trial) for trial in run.weighing(slug)]
        if not own and not (to_go_on and run.of(slug)):
            continue
        pools.append([sum(of != "held" for of in own) if own else 1, len(own) or 1, [slug]])
        while len(pools) > 1 and pools[-2][0] * pools[-1][1] >= pools[-1][0] * pools[-2][1]:
            missed, trials, slugs = pools.pop()
            pools[-1] = [pools[-1][0] + missed, pools[-1][1] + trials, pools[-1][2] + slugs]
    good = [slug for missed, trials, slugs in pools if 2 * missed < trials for slug in slugs][-1:]
    bad = [slug for missed, trials, slugs in pools if 2 * missed >= trials for slug in slugs][:1]
    above = order[order.index(good[0]) + 1:] if good else order
    broken = lambda slug: sum(said(trial) == "broken" for trial in run.weighing(slug))
    broke = [slug for slug in above if run.valid(slug) and 2 * broken(slug) >= len(run.weighing(slug))][:1]
    return tuple(of[0] if of else None for of in (good, bad, broke))


def most_often(run, slug, so):
    """The SLO of which the trials of a treatment say so most often, the first of equals; nothing where none does."""
    counts = [sum(so(trial.verdict(slo)) for trial in run.weighing(slug)) for slo in run.slos]
    return [counts.index(max(counts))] if max(counts, default=0) else []


def cliff(run, slo, slug):
    """How an SLO is missed there, by the median of its trials: `cliff` by a factor of two or more, `smooth` by less; none where that is not known."""
    low, high = run.median(slo["metric"], slug) if slug else (None, "")
    if low is None:
        return None
    up = slo["comparison"] in (">", ">=")
    is_cliff = lambda value: value * 2 <= slo["bound"] if up else value > 0 and value >= 2 * slo["bound"]
    return None if is_cliff(low) != is_cliff(high) else "cliff" if is_cliff(low) else "smooth"


# How an answer begins where no trial counts.
NOTHING = r"None of \d+ trials counts|The only trial does not count"
# What stands beside a median says how it is made, of whatever run: the level of an interval, and the fewest trials that have one.
METHOD = ("95 % interval by order statistics", "of less than 6 trials least – greatest, no interval", "of fewer than 6 there is no interval")


def unbacked(run, claim, backed):
    """Numbers of a sentence that were derived from nothing, that are no name, and do not tell of the method."""
    text = claim["text"]
    for words in METHOD:
        text = text.replace(words, " ")
    names = [label for line in run.manifest["treatments"] for label in line["levels"]]
    for piece in sorted(set(backed), key=len, reverse=True) + sorted(set(names), key=len, reverse=True):
        text = text.replace(piece, " ")
    text = re.sub(r"`[^`]*`", " ", text)
    return re.findall(r"(?<![A-Za-z0-9_.])\d[\d.]*", text)


def asked(folder, report):
    if report:
        return json.loads(sys.stdin.read() if report == "-" else Path(report).read_text())
    beside = Path(__file__).resolve().parent.parent / "target/release/bench"
    bench = os.environ.get("BENCH") or (str(beside) if beside.exists() else shutil.which("bench"))
    if not bench:
        raise OSError("no `bench` beside this script or on PATH: give `--report FILE`, or set BENCH")
    done = subprocess.run([bench, "report", str(folder), "--format", "json"], capture_output=True, text=True)
    if done.returncode:
        raise OSError(done.stderr.strip())
    return json.loads(done.stdout)


def available(trial, row):
    """Of partitions and whole seconds from an event until the next or the window's end in which something was due, the percentage in which something came in
    time; nothing where nobody counted it."""
    path = trial.folder / "in_time.csv"
    if not path.exists():
        return None
    start, measured = trial.asked["warm_up_s"], math.floor(trial.asked["measure_s"])
    first = math.ceil(max(float(row["at_s"]) - start, 0))
    end = min(math.floor(float(row["at_s"]) + float(row["watched_s"]) - start + 1e-6), measured)
    with open(path, newline="") as file:
        own = [of for of in csv.DictReader(file) if of["group"] == row["group"] and first <= int(of["second"]) < end]
    due, came = (sum(int(of[key]) for of in own) for key in ("due", "in_time"))
    return 100 * came / due if due else None


def check_cells(trial, row, found, wrong):
    """What is derived of an event against its row of events.csv."""
    # Runs of before a number was told are without it until they are rendered anew.
    found = {name: ends for name, ends in found.items() if name in row}
    for name, (low, high) in found.items():
        cells = (row.get(name) or None, row.get(name.replace("_s", "_least_s")) or None)
        known, least = (None, None) if low is None else (None, low) if high == INF else (low, None)
        same = lambda cell, end: (cell is None) == (end is None) and (cell is None or abs(float(cell) - end) < 1e-5)
        if not same(cells[0], known) or (known is None and "_s" in name and not same(cells[1], least)):
            wrong.append(f"{trial.name} {name} of {row['event']}: {cells[0] or f'> {cells[1]}'} in events.csv, {(low, high)} by seconds and gaps")
    return len(found)


def check_events(run, wrong):
    """Cells of events.csv against the seconds and gaps that trials have; how many were derived."""
    count = 0
    for trial in run.trials:
        alone = not trial.record.get("groups") and not trial.record.get("followed") and trial.asked["instances"] is not None
        done = [row for row in trial.events if row.get("at_s")]
        for row, found in zip(done, events.aftermaths(trial) if alone else []):
            count += check_cells(trial, row, found, wrong)
        for row in trial.events:
            told = row.get("availability_percent") or None
            # Runs of before it was counted have another number there until they are rendered anew.
            if "in_time_ms" not in row:
                continue
            found, count = available(trial, row), count + 1
            if (found is None) != (told is None) or (told and abs(float(told) - found) > 0.01):
                wrong.append(f"{trial.name} availability_percent of {row['event']}: {told} in events.csv, {found} by in_time.csv")
    return count


def one_run(folder, report):
    claims = asked(folder, report)["claims"]
    run, wrong = Run(folder), []
    teller = Teller(run, claims)
    cells = check_table(run, wrong)
    events = check_events(run, wrong)
    beside = f", {events} of events.csv from seconds and gaps" if events else ""
    print(f"{folder}: {len(run.trials)} trials, {cells} cells of trials.csv derived from series and histograms{beside}, {len(claims)} claims")
    for line in wrong:
        print(f"  differs: {line}")
    failed, unchecked = len(wrong), []
    for claim in claims:
        backed = []
        unsure = []
        found = [line for on in claim["evidence"] for line in check(run, claim["text"], on, backed, unsure)]
        beside = [on["treatments"][0] for on in claim["evidence"] if on["kind"] == "apart" and on["apart"] in ("not_told_apart", "tie")]
        for count in {beside.count(slug) for slug in beside} - {1}:
            piece = f"not told apart from {count} others"
            found += [] if piece in claim["text"] else [f"the trials say: {piece}"]
            backed.append(piece)
        loads = [run.load(slug) for slug in {on["treatment"] for on in claim["evidence"] if on["kind"] == "load"}]
        backed += [f"{loads.count(load)} treatments ({load}" for load in set(loads)]
        found += [f"the number {number} rests on nothing" for number in unbacked(run, claim, backed)]
        found += misplaced(teller, claim, unsure)
        word = "differs" if found else "not checked" if unsure else "ok"
        print(f"  {claim['number']:>3} {word:<11} {claim['text']}")
        for line in found:
            print(f"      {line}")
        for line in dict.fromkeys(unsure):
            print(f"      not checked: {line}")
        if unsure:
            unchecked.append(claim["number"])
        failed += len(found)
    if unchecked:
        print(f"  not checked, or not all of it: {', '.join(str(number) for number in unchecked)} of {len(claims)} claims")
    if any(trial.record.get("groups") for trial in run.trials):
        print(f"  not derived of groups beyond the first: that nothing is missing of {', '.join(sorted(OF_FIRST))} (doubts)")
    return failed, len(unchecked)


def main(arguments):
    report, folders = None, []
    while arguments:
        argument = arguments.pop(0)
        if argument in ("-h", "--help"):
            print(__doc__)
            return 0
        if argument == "--report" and arguments:
            report = arguments.pop(0)
        elif argument.startswith("-"):
            print(f"error: `{argument}` is no option\n\n{__doc__}", file=sys.stderr)
            return 2
        else:
            folders.append(Path(argument))
    if not folders or (report and len(folders) > 1):
        print(__doc__, file=sys.stderr)
        return 2
    failed = left = 0
    for folder in folders:
        try:
            wrong, unchecked = one_run(folder, report)
            failed, left = failed + wrong, left + unchecked
        except (OSError, ValueError, KeyError) as why:
            print(f"error: {folder}: {why!r}", file=sys.stderr)
            return 2
    so = f"nothing differs; {left} claims are not checked, or not all of them" if left else "every claim is derived"
    print(f"{failed} things differ" if failed else so)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
