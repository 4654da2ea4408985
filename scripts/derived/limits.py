"""What bound a trial, by its record and its series: the queue that grew, and whoever is behind it."""

# Growth over what was offered or sent, from which on something did not keep up.
SHARE = 0.01


def limit(trial):
    """What bound a trial, in a word; empty of one that has no window, unless it was ended by what bound it."""
    if trial.record["oom_kills"]:
        return "memory"
    if not trial.has_window:
        return ""
    if trial.asked["rate_msgs_per_s"] is None:
        return queued(trial)
    trend = trial.trend()
    return "unknown" if trend is None else queued(trial) if trend == 1 else done(trial)


def decide(candidates):
    """The one that explains it, of (what, whether it does, none where the record does not tell)."""
    explaining = [kind for kind, explains in candidates if explains]
    if len(set(explaining)) == 1:
        return explaining[0]
    return "not_known" if explaining or all(explains is not None for _, explains in candidates) else "unknown"


def done(trial):
    """Where the backlog did not grow, or by fewer than arrive in a quarter second: the load was done, or too little waited to tell."""
    if "fleet_fell_behind" in trial.found:
        return "not_known"
    grown = trial.grown()
    if grown is not None and grown > SHARE * trial.due and trial.trend() == 0:
        return queued(trial) if any(map(trial.grows_beyond_doubt, ("backlog", "lag"))) else "not_known"
    return "load"


def queued(trial):
    """Where most of what waits came to wait: before the brokers had it, or after."""
    total, asked = trial.total, trial.asked
    sending = total("due") - total("acked") - total("untold")
    reads = any(row.get("unprocessed_messages") for row in trial.inside)
    reading = total("acked") - total("processed") - total("aborted") if reads else 0
    if asked["rate_msgs_per_s"] is None:
        behind = reading > max(SHARE * total("sent"), total("sent") / asked["measure_s"] / 4)
        sending, reading = (0, 1) if behind else (1, 0)
    sending, reading = max(sending, 0), max(reading, 0)
    return "not_known" if sending == reading else senders(trial) if sending > reading else readers(trial)


# ---- the host ---------------------------------------------------------------------------------------------------------------------------------------

def cores(trial):
    record, found = trial.record, trial.found
    if {"cpu_quota", "steal"} & found:
        return "host", True
    host = record.get("host")
    if not host:
        return "host", None
    busy = host["cpu_percent"] / 100 * host["cores"]
    used = [("broker_cpu", (record.get("cluster") or {}).get("cpu_cores")), ("consumers_cpu", (record.get("consumers") or {}).get("cpu_cores")),
            ("client", record.get("load_cpu_cores"))]
    most = next((kind for kind, of in used if of is not None and 2 * of > busy), "host")
    return most, "host_cpu_short" in found


def disk(trial):
    """Whether brokers waited for a disk most of the time; what the whole host waited only rules that out."""
    def share(key):
        read = [of for of in (trial.number(row, key) for row in trial.inside) if of is not None]
        return sum(read) / len(read) if read else None
    own, all_of = share("cluster_io_wait_percent"), share("host_io_wait_percent")
    if own is not None:
        return "broker_disk", 2 * own > 100
    return "broker_disk", False if all_of is not None and 2 * all_of <= 100 else None


def throttled(trial, key):
    told = trial.throttled_ms(key)
    if told is None:
        return "quota", None
    limits = [ms for ms in (trial.throttled_ms("produce_throttled_ms"), trial.throttled_ms("fetch_throttled_ms")) if ms is not None]
    least = trial.asked["measure_s"] * 1e3 * 0.01
    return "quota", any(ms > least for ms in limits) and told > least


# ---- those who send -----------------------------------------------------------------------------------------------------------------------------

def senders(trial):
    record = trial.record
    quota = throttled(trial, "produce_throttled_ms")
    thread = record.get("load_busiest_thread_cores")
    all_of = [quota, cores(trial), disk(trial), ("client", None if thread is None else "load_cpu_short" in trial.found and thread > 0.9)]
    if not quota[1]:
        wire, producers = record.get("wire") or {}, trial.asked.get("producers")
        known = wire.get("under_way_s") is not None and producers is not None
        all_of.append(("client", 2 * wire["under_way_s"] < wire["seconds"] * max(producers, 1) if known else None))
    return decide(all_of)


# ---- those who read -----------------------------------------------------------------------------------------------------------------------------

def readers(trial):
    pool = cores(trial)
    if pool[1]:
        return pool[0]
    asked, told = trial.asked, trial.record.get("members") or []
    if not told or len(told) < asked["instances"] * asked["threads"] or any(one["over_s"] <= 0 for one in told):
        return "unknown"
    without = [one for one in told if not one["partitions"]]
    owners = [one for one in told if one["partitions"]]
    full = [one for one in owners if 2 * one["starved_s"] < one["over_s"]]
    starved = [one for one in owners if one not in full]
    if not full:
        return decide([throttled(trial, "fetch_throttled_ms"), disk(trial), pool])
    candidates = [partitions(trial, full, starved, without), hot(trial, full, starved)]
    # Where some have time left, whatever the others' time goes to is not all that holds them back.
    if not starved and not without:
        candidates += own_work(trial, full)
    return decide(candidates)


def busy(member):
    return min(max((member["over_s"] - member["idle_s"]) / member["over_s"], 0.0), 1.0)


def partitions(trial, full, starved, without):
    """Too few for all, or fewer for those that have time left."""
    if without:
        fewer = trial.asked["partitions"] < len(full) + len(starved) + len(without)
        return "partitions", fewer and not starved
    if not starved:
        return "partitions", False
    acked = (trial.record.get("partitions") or {}).get("acked_in_window")
    messages = lambda one: sum(acked[at] for at in one["partitions"] if at < len(acked))
    if acked is None or not sum(map(messages, full)):
        return "partitions", None
    got, held = sum(map(messages, full)), sum(len(one["partitions"]) for one in full)
    share, of_partitions, of_consumers = got / sum(acked), held / len(acked), len(full) / (len(full) + len(starved))
    each, how_busy = got / len(full), sum(map(busy, full)) / len(full)
    more = min(len(one["partitions"]) for one in full) > max(len(one["partitions"]) for one in starved)
    by_count = of_partitions / of_consumers > share / of_partitions
    return "partitions", more and by_count and all(2 * busy(one) > how_busy * messages(one) / each for one in starved)


def hot(trial, full, starved):
    """The busiest partition, where the doubt names it and its owner can do no more while others could."""
    acked = (trial.record.get("partitions") or {}).get("acked_in_window")
    if not acked:
        return "hot_partition", None
    at = acked.index(max(acked)) if max(acked) else 0
    return "hot_partition", "hot_partition" in trial.found and any(at in one["partitions"] for one in full) and bool(starved)


def own_work(trial, full):
    """Whatever more than half of their time went to."""
    total = lambda key: sum(one[key] for one in full)
    own = sum(max(one["over_s"] - one["idle_s"] - one["wait_s"] - one["disk_s"], 0.0) for one in full)
    kind, is_busy = cpu(trial, full, own)
    return [("downstream_wait", 2 * total("wait_s") > total("over_s")), ("consumers_disk", 2 * total("disk_s") > total("over_s")),
            (kind, None if is_busy is None else is_busy and 2 * own > total("over_s"))]


def cpu(trial, full, own_s):
    record = trial.record
    group = emulated(record, full)
    if not group:
        used = record.get("consumers")
        wanted = own_s / sum(one["over_s"] for one in full) * len(full)
        return "consumers_cpu", None if not used else 2 * used["cpu_cores"] > wanted
    busy_ones = {one["instance"] for one in full}
    own = [one for one in group["instances"] if one["instance"] in busy_ones]
    used = [one["used_vcpus"] if one.get("full_size_vcpus") is None else one["full_size_vcpus"] for one in own]
    allowed = [one.get("allowed_vcpus") for one in own]
    if not own or None in used or None in allowed:
        return "consumers_cpu", None
    used, allowed = sum(used) / len(own), sum(allowed) / len(own)
    # A thread never gets more than one of them.
    has = min(group["instance_type"]["vcpus"], trial.asked["threads"] or 1)
    spent = group.get("credit_mode") is not None and allowed < has
    return "credits" if spent else "consumers_cpu", 2 * used > min(allowed, has)


def emulated(record, full):
    """The emulated instances of the group that a record speaks of; of several types those of which most of these members are."""
    groups, name = record["emulated"], record.get("group")
    alone = groups[0] if len(groups) == 1 else None
    if name is None:
        return alone
    its = [of for of in groups if name == of["group"] or name.startswith(of["group"] + "-")]
    members = lambda group: sum(any(one["instance"] == member["instance"] for one in group["instances"]) for member in full)
    # Of equals the last.
    return max(reversed(its), key=lambda group: (len(group["group"].encode()), members(group)), default=alone)
