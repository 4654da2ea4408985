"""Histograms as counts of values: put together, and read by rank."""

import math


def added(histograms):
    whole = {}
    for each in histograms:
        for value, count in each.items():
            whole[value] = whole.get(value, 0) + count
    return whole


def at_rank(pairs, rank):
    """The value of a rank, of values in rising order with their counts; none beyond the last."""
    below = 0
    for value, count in pairs:
        below += count
        if below >= rank:
            return value
    return None


def p99(histograms):
    """Of all values together; none of nothing."""
    whole = added(histograms)
    return at_rank(sorted(whole.items()), max(1, math.ceil(sum(whole.values()) * 0.99 - 1e-9)))
