"""What was done to a trial on purpose did: until when the group noticed, how long partitions stood still, when all was as before. By its record, `gaps.csv`,
its series and its histograms."""

import csv, math

from .counts import added, at_rank, p99
from .doubts import of_all

INF = math.inf
NOTHING = (None, "")
# Seconds that all must be as before, one after the other: the lag of each, and the p99 of all messages due in them.
HOLD = 5


def least(ends):
    """What a number is certainly not below that was not seen to come; nothing of all others."""
    return (ends[0], ends[0]) if ends[0] is not None and ends[1] == INF else NOTHING


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
        acts = [of for of in (at, one.get("done_s"), one.get("booted_s")) if of is not None]
        # What is taken back when all is torn down was never taken back as far as this goes.
        acts += [of for of in [one.get("undone_s")] if of is not None and of < until]
        stood_still, back = (NOTHING, None) if untold else unavailability(trial, caused(own, trial, [*acts, one.get("detected_s")], until), own, steady, (at, until))
        recovered, again = seconds.recovery(steady, (at, until), max([*acts, back or at]))
        yield {
            "detection_s": detection(one, at, until),
            "unavailability_s": stood_still,
            "recovery_s": recovered,
            "out_again_s": again,
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
    # Nobody gave no sign for so long that others had to take it for gone.
    short = one["kind"] in ("pause", "partition") and None not in (one.get("undone_s"), one.get("session_s")) and one["undone_s"] - at < one["session_s"]
    # A group need not notice what is done to a broker.
    return NOTHING if short or of_all(one) or one["kind"] == "exhaust" else (until - at, INF)


def caused(gaps, trial, acts, until):
    """Gaps in which an event did something, or that begin no more than five seconds after that; and the first of each partition that was added."""
    seen, begun = [act for act in acts if act is not None and act < until], {}
    for _, partition, since, _ in gaps:
        begun[partition] = min(since, begun.get(partition, INF))
    during = lambda since, to: any(act < (INF if to is None else to) and since - act <= HOLD for act in seen)
    first_of_new = lambda partition, since: partition >= trial.asked["partitions"] and since == begun[partition]
    return [of for of in gaps if during(of[2], of[3]) or first_of_new(of[1], of[2])]


def unavailability(trial, gaps, all_gaps, steady, after):
    """The longest gap of the partition that was worst off: more than a quarter second, and than twice any of its own before; and when the last partition was back."""
    asked = trial.asked
    if asked["instances"] is None or trial.record.get("followed"):
        return NOTHING, None
    before = asked["partitions"]
    grown = [one["partitions"] for one in trial.record["injected"] if one.get("partitions") and one.get("asked_s") is not None and one["asked_s"] <= after[0]]
    partitions = max([before, *grown])

    def usual(partition):
        lengths = [to - max(since, steady[0]) for _, of, since, to in all_gaps if of == partition and to is not None and steady[0] < to <= steady[1]]
        return max([0.0, *lengths])

    each = [usual(partition) for partition in range(before)]
    more = max(partitions, before) / max(before, 1)
    ends, backs = [], []
    for partition in range(partitions):
        limit = max(0.25, 2 * more * (each[partition] if partition < before else max([0.0, *each])))
        still = longest([of for of in gaps if of[1] == partition], limit, after)
        ends += [still[0]] if still else []
        backs += [still[1]] if still and still[0][1] < INF else []
    return greatest(ends + ([(0.0, 0.0)] if len(ends) < partitions else [])), max(backs, default=None)


def longest(gaps, limit, after):
    """The longest gap after an event as its two ends, and when it ended; none where none is longer than the limit."""
    found = []
    for _, _, since, to in gaps:
        since = max(since, after[0])
        if since >= after[1] or (to is not None and to <= after[0]):
            continue
        over = to is not None and to <= after[1]
        length = (to if over else after[1]) - since
        # What a killed instance did since its last line nobody knows: a gap may seem to begin so much earlier.
        if length > (limit if over else max(limit, 1.5)):
            found.append((length, over, to))
    if not found:
        return None
    most, _, back = max(found, key=lambda of: of[0])
    return (most, most if all(over for _, over, _ in found) else INF), back


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
        whole = added(self.logged.get(second, {}) for second in seconds)
        # One in a hundred, rounded down, may be greater: of all that were due, of which those that never came are the greatest.
        of_all_due = max(due, sum(whole.values()))
        found = at_rank(sorted(whole.items()), of_all_due - of_all_due // 100)
        return ((p99([whole]) or 0) / 1e6, INF) if found is None else (found / 1e6,) * 2

    def peak(self, after):
        lags = [lag for t, lag in self.lags if after[0] < t <= after[1]]
        return (max(lags),) * 2 if lags else NOTHING

    def within(self, time):
        """The whole seconds of a time."""
        at = lambda t: max(t - self.start, 0.0)
        end = min(math.floor(at(time[1])), len(self.due))
        return range(min(math.ceil(at(time[0])), end), end)

    def recovery(self, steady, after, acted):
        """From an event until lag and p99 are in the band of the steady part, and stay, once it had acted; and in how many seconds after that they began to be out of it."""
        before = self.within(steady)
        load = median([self.due[at] for at in before]) or 0.0
        lag_most = upper([self.lag[at] for at in before if self.lag[at] is not None], 0.1 * load)
        # Like is set against like; a steady part that is shorter is one piece.
        long = min(HOLD, len(before))
        pieces = [self.tail(range(at, at + long)) for at in range(before.start, before.stop - long + 1)] if long else []
        p99_most = upper([low for low, high in pieces if low is not None and high < INF], 10.0)
        if lag_most is None and p99_most is None:
            return NOTHING, NOTHING

        def lag_is_as_before(second):
            if lag_most is not None and self.lag[second] is not None:
                return self.lag[second] <= lag_most
            return p99_most is not None and self.tail([second])[0] is not None

        def tail_is_as_before(second):
            low, high = self.tail(range(second, second + HOLD))
            return high != INF and (low is None or p99_most is None or low <= p99_most)

        def is_out(second):
            lags = [self.lag[at] for at in range(second, second + HOLD)]
            return not tail_is_as_before(second) or (lag_most is not None and any(lag is not None and lag > lag_most for lag in lags))

        at = lambda t: max(0, math.floor(t - self.start))
        first, end = at(after[0]), self.within(after).stop
        begins = lambda second: max(self.start + second - after[0], 0.0)
        held = range(first, end - HOLD + 1)
        fine = {second: all(map(lag_is_as_before, range(second, second + HOLD))) and tail_is_as_before(second) for second in held}
        # Until it has acted for the last time nobody has recovered whom that throws back; nor who was not watched for long enough then.
        before = [second for second in held if not fine[second] and second <= at(acted)]
        since = before[-1] + 1 if before else first
        if at(acted) in held:
            for second in range(since, held.stop):
                if fine[second]:
                    again = sum(not fine[later] and is_out(later) for later in range(second + HOLD, held.stop))
                    return (begins(second),) * 2, (float(again),) * 2
        off = [second for second in range(first, end) if not lag_is_as_before(second)] + [second for second in held if not tail_is_as_before(second)]
        return (begins(max(off) + 1) if off else 0.0, INF), NOTHING
