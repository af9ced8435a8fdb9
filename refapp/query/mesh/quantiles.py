"""Quantiles of what a histogram counts, as Prometheus estimates them."""

import math
from collections.abc import Mapping


def quantile(share: float, buckets: Mapping[float, float]) -> float | None:
    """The value below which a share of the observations lies; None when there are none.

    Within a bucket the observations are taken to be spread evenly, the first begins at 0, and what is above the last
    finite bound is taken to be there: so does `histogram_quantile`
    (https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile).

    Args:
        share: from 0 to 1.
        buckets: how many observations are not above each bound; the last bound is infinite.
    """
    bounds = sorted(buckets)
    # Rates of buckets that were scraped at different moments may not rise.
    counts: list[float] = []
    for bound in bounds:
        counts.append(max(buckets[bound], counts[-1] if counts else 0.0))
    if not bounds or not math.isinf(bounds[-1]) or counts[-1] <= 0:
        return None
    rank = share * counts[-1]
    place = next((place for place, count in enumerate(counts[:-1]) if count >= rank), len(bounds) - 1)
    if place == len(bounds) - 1:
        return bounds[-2] if len(bounds) > 1 else None
    start, below = (bounds[place - 1], counts[place - 1]) if place else (min(0.0, bounds[0]), 0.0)
    inside = counts[place] - below
    return bounds[place] if inside <= 0 else start + (bounds[place] - start) * (rank - below) / inside
