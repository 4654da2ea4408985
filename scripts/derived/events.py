"""What was done to a trial on purpose did: until when the group noticed, how long partitions stood still, when all was as before. By its record, `gaps.csv`,
its series and its histograms."""

import csv, math

from .counts import p99
from .doubts import of_all

INF = math.inf
NOTHING = (None, "")
# Seconds that all must be as before, one after the other: the lag of each, and the p99 of all messages due in them.
HOLD = 5


def worst(trial, metric):
    """Of all events of a trial the greatest, as its two ends; nothing where nothing is known of one; none where it is not derived here."""
    if not trial.record.get("injected"):
        return NOTHING
    if trial.record.get("groups"):
        return None
    each = aftermaths(trial)
    ends = [of[metric] for of in each]
    if not ends or any(low is None for low, _ in ends):
        return NOTHING
    return greatest(ends)


def greatest(ends):
    """Where one is only known to be at least so much, so is that."""
    known = [of for of in ends if of[0] is not None]
    if not known:
        return NOTHING
    most = max(low for low, _ in known)
    return (most, most if all(high < INF for _, high in known) else INF)


def aftermaths(trial):
    """What each event did that was asked for, by metric, in seconds as two ends."""
    if trial.aftermaths is None:
        trial.aftermaths = list(found(trial)) if trial.has_window else []
    return trial.aftermaths


def found(trial):
    asked = trial.asked
    done = [(one, one["asked_s"]) for one in trial.record.get("injected") or [] if one.get("asked_s") is not None]
    if not done:
        return
    start, end = asked["warm_up_s"], asked["warm_up_s"] + asked["measure_s"]
    steady, seconds, gaps = (start, done[0][1]), Seconds(trial), read_gaps(trial)
    for number, (one, at) in enumerate(done):
        until = min(done[number + 1][1] if number + 1 < len(done) else end, end)
        own = [of for of in gaps if of[0] == one["group"]]
        # Where nothing was to be done on purpose nobody told when partitions stood still.
        untold = one["kind"] == "died" and not own
        yield {
            "detection_s": detection(one, at, until),
            "unavailability_s": NOTHING if untold else unavailability(trial, own, steady, (at, until)),
            "recovery_s": seconds.recovery(steady, (at, until)),
            "peak_lag_messages": seconds.peak((at, until)),
        }


def read_gaps(trial):
    """(group, partition, from, to), the last none where a partition never went on."""
    path = trial.folder / "gaps.csv"
    if not path.exists():
        return []
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    return [(row["group"], int(row["partition"]), float(row["from_s"]), float(row["to_s"]) if row["to_s"] else None) for row in rows]


def detection(one, at, until):
    if one.get("detected_s") is not None:
        return (one["detected_s"] - at,) * 2
    # A group need not notice what is done to a broker.
    return NOTHING if of_all(one) or one["kind"] == "exhaust" else (until - at, INF)


def unavailability(trial, gaps, steady, after):
    """The longest gap of the partition that was worst off: more than a quarter second, and than twice any of its own before."""
    asked = trial.asked
    if asked["instances"] is None or trial.record.get("followed"):
        return NOTHING
    before = asked["partitions"]
    added = [one["partitions"] for one in trial.record["injected"] if one.get("partitions") and one.get("asked_s") is not None and one["asked_s"] <= after[0]]
    partitions = max([before, *added])

    def usual(partition):
        lengths = [to - max(since, steady[0]) for _, of, since, to in gaps if of == partition and to is not None and steady[0] < to <= steady[1]]
        return max([0.0, *lengths])

    each = [usual(partition) for partition in range(before)]
    more = max(partitions, before) / max(before, 1)
    ends = []
    for partition in range(partitions):
        limit = max(0.25, 2 * more * (each[partition] if partition < before else max([0.0, *each])))
        still = longest([of for of in gaps if of[1] == partition], limit, after)
        ends += [still] if still else []
    return greatest(ends + ([(0.0, 0.0)] if len(ends) < partitions else []))


def longest(gaps, limit, after):
    """The longest gap after an event as its two ends; none where none is longer than the limit."""
    found = []
    for _, _, since, to in gaps:
        since = max(since, after[0])
        if since >= after[1] or (to is not None and to <= after[0]):
            continue
        over = to is not None and to <= after[1]
        length = (to if over else after[1]) - since
        # What a killed instance did since its last line nobody knows: a gap may seem to begin so much earlier.
        if length > (limit if over else max(limit, 1.5)):
            found.append((length, over))
    if not found:
        return None
    most = max(length for length, _ in found)
    return (most, most if all(over for _, over in found) else INF)


def median(values):
    values = sorted(values)
    return (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2 if values else None


def upper(before, least):
    """The upper end of what is as before: the middle and the greater of three deviations and a tenth, and at least so much."""
    middle = median(before)
    if middle is None:
        return None
    mad = median([abs(of - middle) for of in before])
    return middle + max(3 * 1.4826 * mad, 0.1 * middle, least)


class Seconds:
    """A trial second by second, from the window's start on."""

    def __init__(self, trial):
        asked = trial.asked
        self.start, count = asked["warm_up_s"], math.floor(asked["measure_s"])
        self.due, lags, self.lags = [0] * count, [[] for _ in range(count)], []
        for row in trial.inside:
            second = (round(float(row["t_s"]) * 4) - round(self.start * 4)) // 4
            if second < count:
                self.due[second] += max(0, int(row["due"]) - int(row.get("aborted") or 0))
                lag = row.get("unprocessed_messages") or row.get("lag_messages")
                lags[second] += [float(lag)] if lag else []
                self.lags += [(float(row["t_s"]) + 0.25, float(lag))] if lag else []
        self.lag = list(map(median, lags))
        tag = "ack_latency" if asked["instances"] is None else "committed_latency" if trial.record.get("followed") else "end_to_end_latency"
        self.logged = trial.logged.get(tag, {})

    def tail(self, seconds):
        """p99 in ms of the messages due in seconds, as two ends; above it nobody knows how far, where more than one in a hundred messages never came through."""
        due = sum(self.due[second] for second in seconds)
        if not due or not self.logged:
            return NOTHING
        own = [self.logged.get(second, {}) for second in seconds]
        came, ms = sum(sum(of.values()) for of in own), (p99(own) or 0) / 1e6
        return (ms, ms) if came and came >= 0.99 * due else (ms, INF)

    def peak(self, after):
        lags = [lag for t, lag in self.lags if after[0] < t <= after[1]]
        return (max(lags),) * 2 if lags else NOTHING

    def within(self, time):
        """The whole seconds of a time."""
        at = lambda t: max(t - self.start, 0.0)
        end = min(math.floor(at(time[1])), len(self.due))
        return range(min(math.ceil(at(time[0])), end), end)

    def recovery(self, steady, after):
        """From an event until lag and p99 are in the band of the steady part, and stay."""
        before = self.within(steady)
        load = median([self.due[at] for at in before]) or 0.0
        lag_most = upper([self.lag[at] for at in before if self.lag[at] is not None], 0.1 * load)
        # Like is set against like; a steady part that is shorter is one piece.
        long = min(HOLD, len(before))
        pieces = [self.tail(range(at, at + long)) for at in range(before.start, before.stop - long + 1)] if long else []
        p99_most = upper([low for low, high in pieces if low is not None and high < INF], 10.0)
        if lag_most is None and p99_most is None:
            return NOTHING

        def lag_is_as_before(second):
            if lag_most is not None and self.lag[second] is not None:
                return self.lag[second] <= lag_most
            return p99_most is not None and self.tail([second])[0] is not None

        def tail_is_as_before(second):
            low, high = self.tail(range(second, second + HOLD))
            return high != INF and (low is None or p99_most is None or low <= p99_most)

        first, end = max(0, math.floor(after[0] - self.start)), self.within(after).stop
        begins = lambda second: max(self.start + second - after[0], 0.0)
        held = range(first, end - HOLD + 1)
        for second in held:
            if all(map(lag_is_as_before, range(second, second + HOLD))) and tail_is_as_before(second):
                return (begins(second),) * 2
        off = [second for second in range(first, end) if not lag_is_as_before(second)] + [second for second in held if not tail_is_as_before(second)]
        return (begins(max(off) + 1) if off else 0.0, INF)
