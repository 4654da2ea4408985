"""When the credits of an instance ran out, by the course of its CPU in `instances.csv`, and by the use that was recorded before."""

import csv


def knee(trial):
    """(when its CPU broke off, when its balance was spent at the use before), in seconds since time 0; none where no instance in standard mode has one."""
    path = trial.folder / "instances.csv"
    if not path.exists():
        return None
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    for group in trial.record["emulated"]:
        if group.get("credit_mode") != "standard" or not group["instance_type"].get("credits"):
            continue
        base = group["instance_type"]["credits"]["milli_per_hour"] * 1_000_000 // 60_000 / 1e6
        for one in group["instances"]:
            found = of_instance([row for row in rows if row["group"] == group["group"] and int(row["instance"]) == one["instance"]], base, group["time_scale"])
            if found:
                return found
    return None


def of_instance(rows, base, scale):
    used = [float(row["used_vcpus"]) for row in rows]
    mean = lambda of: sum(of) / len(of)

    def error(part):
        middle = mean(part)
        return sum((of - middle) ** 2 for of in part)

    # Two levels, such that they fit best by least squares.
    at = min(range(2, len(used) - 1), key=lambda at: error(used[:at]) + error(used[at:]), default=None)
    if at is None:
        return None
    before, after = mean(used[:at]), mean(used[at:])
    edge, first = rows[at], rows[0]
    # A load that ends is no knee: there the credits are spent, down to the one over which an instance is slowed.
    if before - after < 0.1 * before or not edge["balance_credits"] or float(edge["balance_credits"]) > 1 or not first["balance_credits"]:
        return None
    began = float(first["balance_credits"]) + (used[0] - base) * scale / 60
    above = (before - base) * scale
    if began <= 1 or above <= 0:
        return None
    # The first second holds the break's level in part where it lies inside of it.
    part = min(max((used[at] - after) / (before - after), 0.0), 1.0)
    return float(edge["t_s"]) + part, float(first["t_s"]) + began * 60 / above
