"""A search told again from its trials, in the order in which they were planned: what each was made for, what would come next, and why nothing does."""

import math

# A rung without a trial to be believed is tried that often; an SLO's own boundary is looked for so many doublings above where the first one breaks.
TRIES, BEYOND = 3, 3


class Ladder:
    """What may be tried, from easy to hard: loads that grow by ratios, or numbers of instances, of which more is easier."""

    def __init__(self, search, load):
        self.levels = sorted(set(search["levels"]), reverse=True) if search["kind"] == "demand" else None
        if self.levels:
            self.load, self.doubling = load, None
            self.start, self.ends = (len(self.levels) - 1) // 2, (0, len(self.levels) - 1)
        else:
            self.first = search.get("from_msgs_per_s") or 1.0
            tolerance = search.get("tolerance_percent")
            tolerance = 0.05 if tolerance is None else tolerance / 100
            self.doubling = max(1, math.ceil(math.log(2) / math.log1p(tolerance) - 1e-9))
            self.start, self.ends = 0, (-6 * self.doubling, 20 * self.doubling)

    def value(self, rung):
        """To three digits, where steps are as fine as 9 % to four."""
        if self.levels:
            return float(self.levels[rung])
        load = self.first * 2 ** (rung / self.doubling)
        return self.first if rung == 0 else float(f"{load:.3e}" if 2 ** (1 / self.doubling) < 1.09 else f"{load:.2e}")

    def rung(self, value):
        if self.levels:
            return next((at for at, level in enumerate(self.levels) if abs(level - value) < 0.5), None)
        near = round(math.log2(value / self.first) * self.doubling)
        return next((rung for rung in (near - 1, near, near + 1) if abs(self.value(rung) / value - 1) < 1e-9), None)

    def sustained(self, rung, overload):
        """The hardest that what came through a saturated trial would be enough for."""
        if not 0 < overload < math.inf:
            return None
        if not self.levels:
            return math.floor(math.log2(overload / self.first) * self.doubling + 1e-9)
        needed = self.load / (overload / self.value(rung))
        return max(0, sum(level >= needed - 1e-9 for level in self.levels) - 1)


class Search:
    """`trials`: (rung, what it said of each SLO or none where it is not to be believed, what came through where it was saturated). `eases`: SLOs, by their place,
    that too little breaks."""

    def __init__(self, search, ladder, trials, eases):
        self.ladder, self.trials, self.eases = ladder, trials, eases
        self.confirm, self.alone, self.most = search["confirm"], search.get("alone_from") or 0, search["max_trials"]
        # (rung, why it was made, what it said, overload)
        self.tried, self.stop = [], None
        self.play()

    def play(self):
        """Round by round: what was asked for is what the next trials are."""
        left = list(self.trials)
        while self.stop is None:
            asks = self.next()
            if not asks:
                return
            planned = sum(count for _, count, _ in asks)
            own, left = left[:planned], left[planned:]
            for rung, said, overload in own:
                purpose = next((purpose for asked, _, purpose in asks if asked == rung), "probe")
                self.tried.append((rung, purpose, said, overload))
            if len(own) < planned:
                return

    def next(self):
        """What is tried next, as (rung, how often, what for); nothing where `stop` says why."""
        asks = self.wanted()
        if asks and len(self.tried) + sum(count for _, count, _ in asks) > self.most:
            self.stop, asks = "most_trials", []
        return asks

    def wanted(self):
        probe = lambda rung: [(rung, 1, "probe")]
        if not self.tried:
            return probe(self.ladder.start)
        for rung, *_ in self.tried:
            own = [one for one in self.tried if one[0] == rung]
            if all(one[2] is None for one in own) and len(own) < TRIES:
                return probe(rung)
        good, bad = self.bounds(lambda one: weighed(one[2], one[3], self.eases))
        first = next(((rung, overload) for rung, _, _, overload in self.tried if overload is not None), None)
        hint = first and self.ladder.sustained(*first)
        rung = self.between(good, bad, hint)
        if self.stop:
            return []
        if rung is not None:
            return probe(rung)
        confirmed = lambda of: sum(one[0] == of and one[1] == "confirm" and one[2] is not None for one in self.tried)
        asks = [(of, 1, "confirm") for of in (good, bad) if of is not None and confirmed(of) < self.confirm]
        if asks:
            return asks
        rung = self.others(good, bad, hint)
        if rung is None:
            self.stop = "found"
            return []
        return probe(rung)

    def votes(self, said):
        """By rung: trials that held, and all. One that no trial to be believed was had of counts as one that does not hold."""
        confirming = lambda rung: sum(one[0] == rung and one[1] == "confirm" and one[2] is not None for one in self.tried)
        alone = {rung for rung, *_ in self.tried if self.alone and confirming(rung) >= self.alone}
        votes = {}
        for one in self.tried:
            rung, purpose, told, _ = one
            if told is not None and (purpose == "confirm" or rung not in alone):
                held, of = votes.get(rung, (0, 0))
                votes[rung] = (held + (said(one) == "held"), of + 1)
        return votes

    def bounds(self, said):
        """The hardest that holds more often than not, and the easiest that does not, where what is harder breaks no less often."""
        votes = self.votes(said)
        for rung, *_ in self.tried:
            votes.setdefault(rung, (0, 1))
        return self.parted(votes)

    def parted(self, votes):
        pools = []
        for rung, (held, of) in sorted(votes.items()):
            pools.append([of - held, of, [rung]])
            while len(pools) > 1 and pools[-2][0] * pools[-1][1] >= pools[-1][0] * pools[-2][1]:
                missed, trials, rungs = pools.pop()
                pools[-1] = [pools[-1][0] + missed, pools[-1][1] + trials, pools[-1][2] + rungs]
        good = [rung for missed, of, rungs in pools if 2 * missed < of for rung in rungs]
        bad = [rung for missed, of, rungs in pools if 2 * missed >= of for rung in rungs]
        return (good[-1] if good else None), (bad[0] if bad else None)

    def between(self, good, bad, hint):
        """On the way to two neighbours; none where they are found."""
        easiest, hardest = self.ladder.ends
        doubling = self.ladder.doubling
        if doubling is None:
            return inside(easiest - 1 if good is None else good, hardest + 1 if bad is None else bad, hint)
        if good is not None and bad is not None:
            return inside(good, bad, hint)
        if good is not None:
            if good >= hardest:
                self.stop = "nothing_breaks"
                return None
            return min(good + doubling, hardest)
        if bad is None:
            return self.ladder.start
        # Only what broke says that less may hold.
        if not any(one[0] == bad and one[2] is not None and weighed(*one[2:], self.eases) == "broken" for one in self.tried):
            self.stop = "nothing_said"
            return None
        if bad <= easiest:
            self.stop = "nothing_holds"
            return None
        below = bad - doubling if hint is None else hint if hint < bad else bad - min(hint - bad + 1, doubling)
        return max(below, easiest)

    def others(self, good, bad, hint):
        """On the way to the boundary of an SLO that is not the first to break."""
        for at in self.eases:
            votes = self.votes(lambda one, at=at: one[2][at])
            turned = self.parted({-rung: of for rung, of in votes.items() if good is None or rung <= good})
            if None not in turned and inside(-turned[1], -turned[0], None) is not None:
                return inside(-turned[1], -turned[0], None)
        slos = len(next((said for _, _, said, _ in self.tried if said is not None), []))
        own = [self.bounds(lambda one, at=at: one[2][at]) for at in range(slos) if at not in self.eases]
        (easiest, hardest), doubling = self.ladder.ends, self.ladder.doubling
        if doubling is None:
            ways = (inside(easiest - 1 if low is None else low, hardest + 1 if high is None else high, hint) for low, high in own)
            return next((rung for rung in ways if rung is not None), None)
        ways = (inside(low, high, hint) for low, high in own if low is not None and high is not None)
        rung = next((rung for rung in ways if rung is not None), None)
        if rung is not None or bad is None:
            return rung
        top, furthest = max(rung for rung, *_ in self.tried), min(hardest, bad + BEYOND * doubling)
        # What is saturated says no more of those that held when it is offered more.
        is_open = any(high is None for _, high in own) and hint is None and top < furthest
        return min(top + doubling, furthest) if is_open else None


def weighed(said, overload, eases):
    """What a trial says of all SLOs together to go on by: too little, where more could be done, says nothing against what is harder."""
    return together(["held" if at in eases and of == "broken" and overload is None else of for at, of in enumerate(said)])


def together(said):
    return next((word for word in ("broken", "undecided") if word in said), "held")


def inside(good, bad, hint):
    """Between two rungs: away from the hint by steps that double, else half way; none where there is none between them."""
    if bad - good < 2:
        return None
    half = (good + bad) // 2
    if hint is None:
        return half
    if good < hint < bad:
        return hint
    return min(half, good + (good - hint) + 1) if hint <= good else max(half, bad - (hint - bad) - 1)
