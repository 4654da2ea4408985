"""What was done to a trial on purpose did: until when the group noticed, how long partitions stood still, when all was as before. By its record, `gaps.csv`,
its series and its histograms."""

import csv, math

from .doubts import of_all

INF = math.inf
NOTHING = (None, "")
# Seconds that all must be as before, one after the other.
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
        yield {
            "detection_s": detection(one, at, until),
            "unavailability_s": unavailability(trial, [of for of in gaps if of[0] == one["group"]], steady, (at, until)),
            "recovery_s": seconds.recovery(steady, (at, until)),
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
        self.due, lags = [0] * count, [[] for _ in range(count)]
        for row in trial.inside:
            second = (round(float(row["t_s"]) * 4) - round(self.start * 4)) // 4
            if second < count:
                self.due[second] += max(0, int(row["due"]) - int(row.get("aborted") or 0))
                lag = row.get("unprocessed_messages") or row.get("lag_messages")
                lags[second] += [float(lag)] if lag else []
        self.lag = list(map(median, lags))
        tag = "ack_latency" if asked["instances"] is None else "committed_latency" if trial.record.get("followed") else "end_to_end_latency"
        logged = trial.logged.get(tag, {})
        self.p99 = [self.tail(logged, second) for second in range(count)]

    def tail(self, logged, second):
        """p99 in ms as two ends; above it nobody knows how far, where more than one in a hundred messages never came through."""
        if not self.due[second] or not logged:
            return NOTHING
        own = logged.get(second, {})
        came, below, ms = sum(own.values()), 0, 0.0
        rank = max(1, math.ceil(came * 0.99 - 1e-9))
        for value in sorted(own):
            below += own[value]
            if below >= rank:
                ms = value / 1e6
                break
        return (ms, ms) if own and came >= 0.99 * self.due[second] else (ms, INF)

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
        p99_most = upper([self.p99[at][0] for at in before if self.p99[at][0] is not None and self.p99[at][1] < INF], 10.0)
        if lag_most is None and p99_most is None:
            return NOTHING

        def as_before(second):
            lag = None if lag_most is None or self.lag[second] is None else self.lag[second] <= lag_most
            low, high = self.p99[second]
            tail = None if low is None else False if high == INF else None if p99_most is None else low <= p99_most
            return (lag is not None or tail is not None) and lag is not False and tail is not False

        first, end = max(0, math.floor(after[0] - self.start)), self.within(after).stop
        begins = lambda second: max(self.start + second - after[0], 0.0)
        for second in range(first, end):
            if second + HOLD <= end and all(map(as_before, range(second, second + HOLD))):
                return (begins(second),) * 2
        off = [second for second in range(first, end) if not as_before(second)]
        return (begins(off[-1] + 1) if off else 0.0, INF)
