#!/usr/bin/env python3
"""Derives every claim of a run again, from its records alone.

    scripts/claims.py DIR...                   asks the `bench` beside it (target/release/bench, else PATH; BENCH=...) for the claims
    scripts/claims.py DIR --report report.json takes them from `bench report DIR --format json`

It reads trials.csv, manifest.json, each trial's trial.json, series.csv and latency.hlog, and nothing that bench reckoned from them: percentiles come from
the histograms, by rank over all messages due in the window; rates from the series; money from the manifest's prices. What it gets must be what trials.csv
says, and what each sentence says, digit for digit. Python's standard library is all that it needs, and it shares no line with bench.

How trials ended, whether their books balance, whether their backlog grew, and most of what spoils a trial is derived too. What it cannot derive it takes from
trials.csv, and says so: such a claim is `not checked`, with what it rests on, and never `ok`.

Exit 0: nothing differs; 1: something differs, each thing is named; 2: it cannot be read.
"""

import base64, csv, itertools, json, math, os, re, shutil, struct, subprocess, sys, zlib
from fractions import Fraction
from pathlib import Path

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
    return metric.startswith("cost_") and "_usd" in metric


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
    raw = zlib.decompress(packed[8:8 + length])
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


def added(histograms):
    whole = {}
    for each in histograms:
        for value, count in each.items():
            whole[value] = whole.get(value, 0) + count
    return whole


def at_rank(pairs, rank):
    below = 0
    for value, count in pairs:
        below += count
        if below >= rank:
            return value
    return None


# ---- one trial ----------------------------------------------------------------------------------------------------------------------------------

# Of the metrics that are neither in series nor in histograms: where the trial's own record has them.
OF_RECORD = {
    "load_cpu_cores": ("load_cpu_cores",), "load_rss_max_mib": ("load_rss_max_mib",), "cluster_cpu_cores": ("cluster", "cpu_cores"),
    "consumers_cpu_cores": ("consumers", "cpu_cores"), "consumers_rss_max_mib": ("consumers", "rss_max_mib"), "host_cpu_percent": ("host", "cpu_percent"),
    "connect_s": ("spent_s", "connect"), "oom_kills": ("oom_kills",), "lost": ("books", "lost"), "duplicates": ("books", "duplicates"),
    "refused": ("books", "refused"), "failed": ("books", "failed"),
}
# Doubts that spoil a trial and that its record tells; and those that bench concludes from more than is read here.
SPOILS = {
    "rebalance", "instance_died", "broker_error", "histogram_overflow", "clock_jump", "steal", "cpu_quota", "load_cpu_short", "host_cpu_short",
    "unwatched", "event_missed", "fleet_fell_behind",
}
CONCLUDED = {"stall", "emulated_share", "emulated_time", "emulation_unwatched", "oom_kill"}


class Trial:
    def __init__(self, run, row):
        self.row, self.name = row, row["trial"]
        self.folder = run / "trials" / self.name
        self.record = json.loads((self.folder / "trial.json").read_text())
        self.asked = self.record["asked"]
        self.known, self.late, self.rates, self.levels = {}, {}, {}, {}
        self.taken = set()
        self.has_window = self.record["end"] == "completed"
        self.processed_in_window = 0
        if self.has_window:
            self.read()
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
        return "doubtful" if self.spoiled() or CONCLUDED & set(self.doubts()) else "valid"

    def balances(self):
        books = self.record.get("books")
        if not books:
            return False
        of = lambda *names: sum(books.get(name) or 0 for name in names)
        known = all(books.get(name) is not None for name in ("received", "unread", "lost"))
        read = not known or of("acked") == of("received", "unread", "lost", "aborted")
        return read and of("due") == of("sent", "refused") and of("sent") == of("acked", "failed", "in_flight")

    def spoiled(self):
        """What spoils it, as its record and its histograms tell."""
        of, host, found = self.record, self.record.get("host"), set()
        for name, key in (("rebalance", "rebalances"), ("instance_died", "deaths"), ("broker_error", "broker_errors"), ("histogram_overflow", "out_of_range")):
            if of.get(key):
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
        if self.asked["rate_msgs_per_s"] is not None:
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
        levels, told = {"backlog": [], "lag": []}, 0
        for row in series:
            told += 0 if self.asked["instances"] is not None else count(row, "untold")
            backlog = count(row, "backlog_messages")
            levels["backlog"].append((float(row["t_s"]), max(0, backlog - told), backlog))
            if row.get("unprocessed_messages"):
                known = count(row, "unprocessed_messages")
                levels["lag"].append((float(row["t_s"]), known, known + count(row, "lag_unknown_messages")))
        # Of a group that is followed from outside commits come in steps: each level is the least of those since the one before.
        step = (self.record.get("followed") or {}).get("commit_interval_s") or 0.0
        least = lambda all, at, end: min(of[end] for of in all if all[at][0] - step - 1e-6 < of[0] <= all[at][0])
        in_window = lambda t: quarter(warm_up) <= quarter(t) < quarter(warm_up + measure)
        self.levels = {
            name: [(all[at][0], (least(all, at, 1) + least(all, at, 2)) / 2) for at in range(len(all)) if in_window(all[at][0])]
            for name, all in levels.items()
        }
        all_of = levels["backlog"]
        ends = lambda at: (least(all_of, at, 1), least(all_of, at, 2))
        before = [at for at, of in enumerate(all_of) if quarter(of[0]) + 1 == quarter(warm_up)]
        within = [at for at, of in enumerate(all_of) if in_window(of[0])]
        start = ends(before[0]) if before else (0, 0) if quarter(warm_up) == 0 else None
        self.backlog = (start, ends(within[-1])) if start and within else None
        self.due = sum(count(row, "due") for row in inside)
        self.given_up = sum(count(row, "refused") + count(row, "failed") for row in inside)
        self.per_second = self.due / measure
        total = lambda key: sum(count(row, key) for row in inside)
        untold, blind = sum(count(row, "untold") for row in series), False
        if untold and all(count(row, "acked") == 0 for row in series):
            blind = True
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
        if self.asked["rate_msgs_per_s"] is None:
            return  # at `rate: max` nothing was due at a time of its own
        end = self.record.get("watched_s")
        watched = (max(float(row["t_s"]) for row in series) if end is None else end) - warm_up
        seconds = math.ceil(measure)
        logged, sums = {}, {}
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
        for tag in LATENCIES:
            if (tag in OF_CONSUMERS and not consumers) or (tag == "ack_latency" and blind):
                continue
            if tag in (TOLD if self.record.get("followed") else OF_CONSUMERS - TOLD):
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

    def rank(self, n, part):
        return n if part is None else max(1, math.ceil(n * part - 1e-9))

    def percentile(self, tag, part):
        """(low, high) in ms; (None, why) where it is not said. `part` none: the greatest."""
        if tag not in self.known:
            return (None, "")
        n, _, bounds = self.late[tag]
        if part is not None and n * (1 - part) < 10 - 1e-6:
            return (None, "too few")
        rank = self.rank(n, part)
        high = at_rank(self.known[tag], rank)
        low = at_rank(sorted(self.known[tag] + bounds), rank)
        if low is None:
            return (None, "")
        return (min(low, INF if high is None else high) / 1e6, INF if high is None else high / 1e6)

    def of(self, metric):
        """What a metric is, as its two ends; from the records where they tell it, else from the table."""
        if not self.has_window and (metric in ("lost",) or "latency" in metric or "delay" in metric):
            return self.cell(metric)
        tag, part = latency(metric)
        if tag:
            return self.percentile(tag, part)
        if self.has_window and metric in self.rates:
            return (self.rates[metric], self.rates[metric])
        return self.cell(metric)

    def width(self, metric):
        """How far at most what was there lies from what was read: a column of rates and lags, of latencies a bucket; 0 where nothing is known."""
        if latency(metric)[0]:
            return (self.of(metric)[0] or 0.0) / 1024
        for unit in ("_msgs_per_s", "_mib_per_s", "_messages"):
            if metric.endswith(unit):
                return self.of(metric.replace(unit, "_width" + unit))[0] or 0.0
        if metric.endswith("_usd_per_million"):
            return (self.of(metric)[0] or 0.0) * self.coarse()
        return 0.0

    def coarse(self):
        """How finely the messages were counted that money is divided by, as a share of them."""
        rate, width = self.of("processed_msgs_per_s")[0], self.of("processed_width_msgs_per_s")[0]
        return width / rate if rate and width else 0.0

    def cell(self, metric):
        at = self.record if metric in OF_RECORD and self.has_window else None
        for key in OF_RECORD.get(metric, ()):
            at = at.get(key) if at else None
        if at is not None and self.row.get(metric):
            return (float(at), float(at))
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
        values = self.known[tag] + bounds
        limit = int(max(bound, 0.0) * 1e6)
        delays = self.known["send_delay"]
        steps = [value for value, _ in delays] + [0]
        return any(
            sum(c for v, c in values if v > limit + t) > allowed + sum(c for v, c in delays if v > t) for t in steps
        )

    def verdict(self, slo):
        metric, bound, sign = slo["metric"], slo["bound"], slo["comparison"]
        holds = {"<": lambda v: v < bound, "<=": lambda v: v <= bound, ">": lambda v: v > bound, ">=": lambda v: v >= bound}[sign]
        low, high = self.of(metric)
        up = sign in (">", ">=")
        if low is None:
            return "undecided"
        bound_only = self.row["cost_basis"] not in ("", "offered") and metric in (
            "cost_credit_aware_usd_per_million", "cost_sticker_usd_per_million")
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
        return "held" if held else "broken"

    def slope_error(self, metric):
        """How far a slope may lie to either side, at 95 % each: `docs/method.md`, Verdicts; 0 of what is no slope."""
        of = {"backlog_slope_msgs_per_s": "backlog", "lag_slope_msgs_per_s": "lag", "lag_trend_percent": "lag"}.get(metric)
        points = self.levels[of] if of and self.has_window else []
        m = len(points)
        if m < 5:
            return 0.0
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
        low, high = 0.0, 1000.0
        for _ in range(200):
            t = (low + high) / 2
            low, high = (t, high) if two_sided(t, dof) > 0.1 else (low, t)
        half = low * error
        return half * 100 / self.per_second if metric == "lag_trend_percent" and self.per_second else half

    # Money, in whole nano-dollars.

    def cost(self, prices, sticker=False):
        """Nano-dollars of a million messages; none where that is not said."""
        if not self.row["cost_basis"]:
            return None
        self.taken |= {"cost_basis", "cost_good_msgs_per_s"}
        window = round(self.asked["measure_s"] * 1000)
        total = 0
        for group in self.record["emulated"]:
            kind = group["instance_type"]
            for instance in group["instances"]:
                up = round(instance["window_up_s"] * 1000)
                total += times(nano(prices["instances"][kind["name"]]["usd"]), up, window)
                ran = up - round(instance.get("window_boot_s", 0) * 1000)
                if sticker or group.get("credit_mode") != "unlimited" or ran <= 0:
                    continue
                used = instance.get("full_size_vcpus")
                used = instance["used_vcpus"] if used is None else used
                above = round(min(used, kind["vcpus"]) * 1e6) - kind["credits"]["milli_per_hour"] * 1_000_000 // 60_000
                if above > 0:
                    total += times(nano(prices["surplus"][kind["name"]]["usd"]), above * ran, 1_000_000 * window)
        total += sum(nano(self.row[key]) for key in (
            "cost_brokers_usd_per_hour", "cost_storage_usd_per_hour", "cost_transfer_usd_per_hour") if self.row.get(key))
        good = round(float(self.row["cost_good_msgs_per_s"]) * window / 1000)
        return times(total, 1_000_000 * window, good * 3_600_000)

    def off(self):
        works = [one["work"] for group in self.record["emulated"] for one in group["instances"] if one.get("work")]
        return max([abs((work["got_percent"] / work["due_percent"] - 1) * 100) for work in works], default=0.0)


def nano(text):
    return int(round(Fraction(str(text).lstrip("$").split("/")[0]) * 10 ** 9))


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
ALWAYS = {"lost", "duplicates", "refused", "failed", "out_of_order", "oom_kills", "connect_s", "received_unacked", "received_aborted", "foreign", "aborted", KNEE}


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
            self.trials = [Trial(folder, row) for row in csv.DictReader(file)]
        self.slos = self.manifest.get("slos", [])
        self.prices = self.manifest.get("prices") or {}
        self.counted = None

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

    def readings(self, metric, slug):
        return [of for of in (trial.of(metric) for trial in self.valid(slug)) if of[0] is not None]

    def median(self, metric, slug):
        """The middle of what trials say, as its two ends; (None, "") of nothing."""
        all_of = self.readings(metric, slug)
        if is_money(metric) and slug and len({t.row["cost_basis"].startswith("over") for t in self.valid(slug)}) != 1:
            return (None, "")
        if not all_of:
            return (None, "")
        return (middle(sorted(of[0] for of in all_of)), middle(sorted(of[1] for of in all_of)))

    def ends(self, metric, slug):
        all_of = self.readings(metric, slug)
        if not all_of or any(of[0] != of[1] for of in all_of):
            return None
        return (min(of[0] for of in all_of), max(of[0] for of in all_of), len(all_of))

    def look(self):
        """Which look at the run this is: adding repetitions is a further one."""
        return 1 + sum(1 for of in self.manifest.get("resumed", []) if of.get("added_repetitions", 0) > 0)

    def risk(self):
        """What this look may risk, so that all that may ever follow come to 5 %."""
        look = self.look()
        return 0.032 if look == 1 else (0.05 - 0.032) * 0.5 ** (look - 1)

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
                if credits or any(trial.row.get("credit_knee_s") for trial in valid):
                    return set()
            else:
                known = [slug for slug in self.treatments() if self.readings(metric, slug)]
                if known:
                    return self.of_response(metric, asked[at + 1:], known)
        return set()

    def of_response(self, metric, others, known):
        factors = self.factors()
        found, ends = set(), None
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
            found |= {(each, frozenset(ends)) for each in [metric, *others] if self.are_comparable(each, *ends)}
            if len(factors) == 1:
                found |= {(metric, frozenset((end, slug))) for slug in known if slug not in ends for end in ends}
        else:
            group, least, most = self.extremes(metric, known)
            if not group:
                return found
            for each in [metric, *others]:
                if self.are_comparable(each, least, most):
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
        taken = [metric for metric in TAKEN if knows(metric, usable)] if len(usable) > 1 and self.same_load(usable) else []
        consumed = any(trial.asked["instances"] is not None for slug in slugs for trial in self.of(slug))
        priced = [COST] if any(self.basis(slug) for slug in slugs) else []
        return asked or done or priced or taken or ["processed_msgs_per_s" if consumed else "acked_msgs_per_s"]

    def lines(self):
        return [line for line in self.manifest["treatments"] if not line.get("baseline")]

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
        own = next(line["levels"] for line in self.lines() if line["slug"] == slug)
        at = factor["at"]
        like = [line for line in self.lines() if [*line["levels"][:at], *line["levels"][at + 1:]] == [*own[:at], *own[at + 1:]]]
        return [line["slug"] for line in sorted(like, key=lambda line: factor["levels"].index(line["levels"][at]))]

    def same_load(self, slugs):
        offered = [self.median("offered_msgs_per_s", slug) for slug in slugs]
        known = all(low is not None and low == high for low, high in offered) and all(self.load(slug) == "steady" for slug in slugs)
        return known and len(slugs) > 1 and max(of[0] for of in offered) / min(of[0] for of in offered) - 1 <= 0.02

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
        """Of fewer than six trials what all agree in; of more the sign test, at what this look at the run may risk."""
        each = [trial.verdict(slo) for trial in self.valid(slug)]
        n = len(each)
        if n < 6:
            return each[0] if len(set(each)) == 1 else "undecided"
        risk = self.risk()
        held, broken = each.count("held"), each.count("broken")
        side, most = ("held", held) if held >= broken else ("broken", broken)
        p = min(1.0, 2 * sum(math.comb(n, k) for k in range(n - most + 1)) / 2 ** n)
        return side if 2 * most > n and p <= risk else "undecided"

    def basis(self, slug):
        names = [trial.row["cost_basis"] for trial in self.valid(slug)]
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

    def lead(self, ahead, behind, prices=None):
        percent, off, same = self.ahead(ahead, behind, prices)
        if percent < 0.01 or same:
            return "tie"
        if percent < off:
            return "not_told_apart"
        each = [{int(of.row["block"]): of for of in self.valid(slug)} for slug in (ahead, behind)]
        costs = [{block: of.cost(prices or self.prices) / 1e9 for block, of in side.items()} for side in each]
        blurs = [{block: of.coarse() * cost[block] for block, of in side.items()} for side, cost in zip(each, costs)]
        found = paired(*costs, blurs, all(cost > 0 for side in costs for cost in side.values()))
        return "clear" if found and found[0] > 0 and found[1] <= self.level() else "not_told_apart"

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
        told, found = SPOILS & set(trial.doubts()), trial.spoiled()
        # At `rate: max` some of them are told and spoil nothing.
        if told != found and trial.asked["rate_msgs_per_s"] is not None:
            wrong.append(f"trials.csv, {trial.name}, doubts: it says {sorted(told)}, the records say {sorted(found)}")
        expected = {}
        for tag in LATENCIES:
            for name, part in list(QUANTILES.items()) + [("max", None)]:
                low, high = trial.percentile(tag, part)
                expected[f"{tag}_{name}_ms"] = low if low == high else None
            if tag in trial.late:
                expected[f"{tag}_n"], expected[f"{tag}_censored"] = trial.late[tag][:2]
        expected.update(trial.rates)
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
        must(piece in text, f"`{piece}` does not stand in the sentence")
    shown = on["shown"][0] if on["shown"] else None
    if kind in ("median", "summary"):
        low, high = run.median(on["metric"], on["treatment"])
        if low is None:
            must(said is None, f"the report says {said}, the records say nothing")
        elif isinstance(said, dict):
            must(low != high and same(said.get("beyond", said.get("least")), low), f"the report says {said}, the records say {low} to {high}")
        else:
            must(said is not None and low == high and same(said, low), f"the report says {said}, the records say {low}" + ("" if low == high else f" to {high}"))
        if low is not None and shown is not None and not isinstance(said, dict):
            metric = on["metric"]
            # In what the medians of all treatments are shown in, which stands behind it.
            medians = [run.median(metric, slug)[0] for slug in run.treatments()]
            many, unit = suiting(on["unit"], [of for of in medians if of is not None])
            if on["unit"] in ("ms", "s"):
                must(re.search(re.escape(shown) + rf"( to [0-9.]+)? {unit}\b", text) or re.search(rf"to {re.escape(shown)} {unit}\b", text), f"`{shown}` is not said to be in {unit}")
            if kind == "median":
                must(near(shown, lambda v: one(v * many, metric), low), f"the report shows {shown}, the records give {one(low * many, metric)}")
            elif on.get("around", {}).get("how") == "spread":
                ends = run.ends(metric, on["treatment"])
                if ends:
                    around = lambda *of: spread(*(end * many for end in of), metric)
                    must(near(shown, around, ends[0], low, ends[1]), f"the report shows {shown}, the records give {around(ends[0], low, ends[1])}")
            elif "around" not in on:
                must(near(shown, lambda v: one(v * many, metric), low), f"the report shows {shown}, the records give {one(low * many, metric)}")
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
        must(not any(run.readings(on["metric"], slug) for slug in run.treatments()), "some trial has a value")
    elif kind == "load":
        must(said == run.load(on["treatment"]), f"the report says {said}, the records say {run.load(on['treatment'])}")
    elif kind == "same_load":
        offered = [run.median("offered_msgs_per_s", slug)[0] for slug in on["treatments"]]
        steady = all(run.load(slug) == "steady" for slug in on["treatments"])
        must(steady and None not in offered and max(offered) / min(offered) - 1 <= 0.02, f"offered were {offered}, all steady: {steady}")
    elif kind == "verdict":
        slo = next(slo for slo in run.slos if slo["text"] == on["slo"])
        for each in on["trials"]:
            found = next(trial for trial in run.trials if trial.name == each["trial"]).verdict(slo)
            must(found == each["verdict"], f"{each['trial']}: the report says {each['verdict']}, the records say {found}")
        found = run.verdict(slo, on["treatment"])
        must(said == found, f"the report says {said}, the records say {found}")
    elif kind == "volumes":
        held = broken = undecided = None
        for slug in sorted(on["treatments"], key=lambda slug: volume(run, slug)):
            verdicts = [run.verdict(slo, slug) for slo in run.slos]
            if "broken" in verdicts:
                broken = volume(run, slug) if broken is None else broken
            elif "undecided" in verdicts:
                undecided = volume(run, slug) if broken is None and undecided is None else undecided
            elif broken is None and undecided is None:
                held = volume(run, slug)
        for key, found in (("held", held), ("broken", broken), ("undecided", undecided)):
            must(on[key] == found, f"{key}: the report says {on[key]}, the records say {found}")
        must(on["tried"] == len(on["treatments"]), f"{len(on['treatments'])} were tried")
    elif kind == "search":
        value = lambda slug: volume(run, slug) if on["of"] == "capacity" else float(last_level(run, slug))
        # From easy to hard: what broke in half or more of the trials, neighbours that fall pooled.
        order = sorted(on["treatments"], key=value, reverse=on["of"] == "demand")
        all_hold = lambda trial: all(trial.verdict(slo) == "held" for slo in run.slos)
        pools = []
        for slug in order:
            own = run.valid(slug)
            pools.append([float(sum(not all_hold(trial) for trial in own)) if own else 1.0, float(len(own) or 1), [slug]])
            while len(pools) > 1 and pools[-2][0] * pools[-1][1] >= pools[-1][0] * pools[-2][1]:
                last = pools.pop()
                pools[-1] = [pools[-1][0] + last[0], pools[-1][1] + last[1], pools[-1][2] + last[2]]
        good = [slug for broke, trials, slugs in pools if broke / trials < 0.5 for slug in slugs]
        bad = [slug for broke, trials, slugs in pools if broke / trials >= 0.5 for slug in slugs]
        for key, found in (("holds", good[-1:]), ("breaks", bad[:1])):
            must(on[key] == (value(found[0]) if found else None), f"{key}: the report says {on[key]}, the records give {found}")
            own = [trial for trial in run.trials if trial.name in on[f"confirm_{key}"]]
            held = sum(all_hold(trial) for trial in own)
            counted = f"all held in {held} of {len(own)} trial{'' if len(own) == 1 else 's'}"
            must(found and {trial.row["treatment"] for trial in own} <= set(found[-1:] if key == "holds" else found[:1]), f"the trials that confirm {key} are of others")
            if own:
                must(counted in text or text.startswith("By itself"), f"the records say: {counted}")
            backed.append(counted)
    elif kind == "doubt":
        found = [trial.name for trial in run.trials if on["id"] in trial.doubts()]
        if on["id"] not in SPOILS:
            unsure.append(f"the doubt `{on['id']}` of trials.csv")
        must(found == on["trials"], f"the report names {on['trials']}, the table {found}")
        must(shown == f"`{on['id']}` in {len(found)} of {len(run.trials)} trials", f"the table names {len(found)} of {len(run.trials)}")
    elif kind == "limit":
        for slug in on["treatments"]:
            # Of the valid trials; where there is none, of those that were ended or spoiled by what bound them.
            own = [trial.row["limiting_factor"] for trial in run.valid(slug)]
            own = own or [trial.row["limiting_factor"] for trial in run.of(slug) if trial.row["limiting_factor"] not in ("", "load", "not_known", "unknown")]
            must(2 * own.count(on["factor"]) > len(own), f"{slug}: the report says {on['factor']}, the table {own}")
        backed += on["pieces"]
        unsure.append("what limits a trial, `limiting_factor` of trials.csv, bench concluded from more than is read here")
    elif kind == "outcomes":
        own = run.trials if on["treatment"] is None else run.of(on["treatment"])
        valid = sum(trial.valid for trial in own)
        must((on["valid"], on["trials"]) == (valid, len(own)), f"the report says {on['valid']} of {on['trials']}, the records {valid} of {len(own)}")
        counts = [len(run.valid(slug)) for slug in run.treatments()]
        must((on["least"], on["most"]) == (min(counts), max(counts)), f"treatments have from {min(counts)} to {max(counts)} valid trials")
        doubted = sorted({of for trial in own for of in CONCLUDED & set(trial.doubts())})
        if doubted:
            unsure.append("trials are left out for " + ", ".join(f"`{of}`" for of in doubted) + ", which trials.csv concludes")
        nothing = re.match(NOTHING, text)
        if on["treatment"] is None and not nothing:
            each = str(counts[0]) if min(counts) == max(counts) else f"{min(counts)} to {max(counts)}"
            counted = f"{valid} of {len(own)} trials count, {each} of each treatment"
            must(counted in text, f"the records say: {counted}")
            backed.append(counted)
        else:
            reasons = list(filter(None, map(reason, own)))
            spoiled = [of for trial in own if trial.outcome in ("doubtful", "broken") for of in trial.doubts()[:1]]
            causes = [sum(trial.record["oom_kills"] > 0 for trial in own), sum(trial.record["deaths"] > 0 for trial in own)]
            causes += [len(reasons), *(of.count(one) for of in (reasons, spoiled) for one in set(of))]
            if nothing:
                must(valid == 0, f"{valid} trials count")
                head = f"None of {len(own)} trials counts" if len(own) > 1 else "The only trial does not count"
                must(head in text, f"the records say: {head}")
                counted = [head, *(f"{why} in {reasons.count(why)}" for why in set(reasons)), *reasons]
                must(any(piece in text for piece in counted[1:]) or not reasons, f"the records say: {counted[1:]}")
                counted += [f"in {count}" for count in causes if count and not reasons]
            else:
                counted = [f"in {count} of {len(own)} trials" for count in causes if count]
                must(any(piece in text for piece in counted), f"the records say: {counted}")
            backed += [*counted, *reasons]
    elif kind == "emulated":
        some = sum(bool(trial.record["emulated"]) for trial in run.trials)
        must((on["trials"], on["of"]) == (some, len(run.trials)), f"the records say {some} of {len(run.trials)}")
        if some:
            groups = [group for trial in run.trials for group in trial.record["emulated"]]
            scales = " or ".join(sorted({plain(group["vcpu_percent"]) for group in groups}))
            must(f"1 vCPU = {scales} % of a core" in text, f"the records say 1 vCPU = {scales} % of a core")
            speeds = {f"credit time × {group['time_scale']}" for group in groups if group["time_scale"] != 1 and group.get("credit_mode")}
            must(all(speed in text for speed in speeds), f"the records say {speeds}")
            backed += [f"1 vCPU = {scales} % of a core", *speeds]
        else:
            must("Nothing was emulated" in text, "the records say that nothing was emulated")
    elif kind == "knee":
        knees = [trial for trial in run.valid(on["treatment"]) if trial.row.get("credit_knee_s")]
        unsure.append("when credits ran out, `credit_knee_s` of trials.csv, bench concluded from the courses of instances")
        must((said is not None) == bool(knees), f"{len(knees)} trials have a knee")
        if knees and said:
            row = knees[0].row
            must(same(said["found_s"], float(row["credit_knee_s"])), f"the table says {row['credit_knee_s']} s")
            must(same(said["predicted_s"], float(row["credit_knee_predicted_s"])), f"the table says {row['credit_knee_predicted_s']} s")
            minutes = float(row["credit_knee_s"]) * int(row["credit_time_scale"] or 1) / 60
            must(abs(said["minutes"] - minutes) < 1e-3, f"the table gives {minutes} minutes")
            scale = int(row["credit_time_scale"] or 1)
            pieces = [f"predicts {plain(float(row['credit_knee_predicted_s']))} s"]
            pieces += [f"at {scale} times the speed of credits: {plain(minutes)} minutes"] if scale != 1 else []
            found = [float(trial.row["credit_knee_s"]) for trial in knees]
            pieces += [f"({plain(min(found))} – {plain(max(found))} s in {len(found)} trials)"] if len(found) > 1 else []
            if on["shown"]:
                must(all(piece in text for piece in pieces), f"the table gives {pieces}")
            backed += [*pieces, "after time 0"]
    elif kind == "burst":
        lasts = []
        for trial in run.valid(on["treatment"]):
            for group in trial.record["emulated"]:
                if group.get("credit_mode") != "standard":
                    continue
                base = group["instance_type"]["credits"]["milli_per_hour"] / 60_000
                use = lambda one: min(one["used_vcpus"] if one.get("full_size_vcpus") is None else one["full_size_vcpus"], group["instance_type"]["vcpus"])
                ran = lambda one: one["window_up_s"] - one.get("window_boot_s", 0)
                above = [one for one in group["instances"] if ran(one) > 0 and use(one) - base > base * 0.02
                         and (one["balance_start_credits"] - one["balance_end_credits"]) * 60 / (ran(one) * group["time_scale"]) > base * 0.02]
                if above:
                    most = max(above, key=use)
                    if most["balance_end_credits"] >= 1:
                        lasts.append(most["balance_start_credits"] * 60 / (use(most) - base))
        found = min(lasts, default=None)
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
            pieces = f"{count} instance{'' if count == 1 else 's'}"
            must(on["treatment"] == wins[0][2] and pieces in text, f"the records say {wins[0]}")
            unsure = any(of[3] != "no" for of in rivals if of[0] < count)
            must(("of fewer it is undecided" in text) == unsure, f"of fewer instances the records say {rivals}")
    elif kind == "standing":
        must(said == run.standing(on["treatment"]), f"the report says {said}, the records {run.standing(on['treatment'])}")
    else:
        wrong.append(f"{on['what']}: this script does not know how to derive a `{kind}`")
    return wrong


def reason(trial):
    """Why a trial that did not come to its end did not: the first line of what was told, without what follows it."""
    end = trial.record["end"]
    if isinstance(end, dict):
        return end["failed"].splitlines()[0].split("; ")[0] if end["failed"] else ""
    return "" if end == "completed" else end


def shares(run, on, must):
    """Whether an error is shared by all that the report compares, at this look."""
    found = (run.family(), run.look())
    must((on["among"], on["look"]) == found, f"the report has {on['among']} comparisons at look {on['look']}, the plan and the trials give {found[0]} at look {found[1]}")


def last_level(run, slug):
    return next(line["levels"][-1] for line in run.manifest["treatments"] if line["slug"] == slug)


def volume(run, slug):
    """Messages per second, of the last level: `1.04k/s`."""
    text = next(line["levels"][-1] for line in run.manifest["treatments"] if line["slug"] == slug)
    number, unit = re.fullmatch(r"([0-9.]+)([kMG]?)/s", text.replace(" ", "")).groups()
    return float(Fraction(number) * {"": 1, "k": 1000, "M": 10 ** 6, "G": 10 ** 9}[unit])


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


def one_run(folder, report):
    claims = asked(folder, report)["claims"]
    run, wrong = Run(folder), []
    cells = check_table(run, wrong)
    print(f"{folder}: {len(run.trials)} trials, {cells} cells of trials.csv derived from series and histograms, {len(claims)} claims")
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
        found += [f"the number {number} rests on nothing" for number in unbacked(run, claim, backed)]
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
    print(f"  not derived of any trial: that nothing is missing of {', '.join(sorted(CONCLUDED))} (doubts)")
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
