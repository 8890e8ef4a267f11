"""Batches judged by annotators of different accuracy; see `coverage.py`."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from coverage_tally import Tally, label_shares, tally, values_of

from metrics.agreement import gwet_ac1, krippendorff_alpha, percent_agreement
from metrics.tables import AnnotatorPatterns, Floats, UnitPatterns


@dataclass(frozen=True)
class Crew:
    """A batch judged by annotators of different accuracy."""

    annotators: int
    items: int
    per_item: int
    labels: int
    top_share: float
    accuracy: float
    deviation: float
    uneven: bool = False  # workloads as 1, 1/2, 1/3, ... instead of equal

    @property
    def shares(self) -> Floats:
        """True shares of the labels."""
        return label_shares(self.labels, self.top_share)


def crew_batch(crew: Crew, generator: np.random.Generator) -> UnitPatterns:
    """One batch: every item goes to `per_item` random annotators of the crew."""
    mean, variance = crew.accuracy, crew.deviation**2
    weight = mean * (1.0 - mean) / variance - 1.0
    hit = generator.beta(mean * weight, (1.0 - mean) * weight, size=crew.annotators)
    # The first of waiting times: drawn without replacement with chances as the workloads.
    waits = generator.exponential(size=(crew.items, crew.annotators))
    rank = np.arange(1, crew.annotators + 1) if crew.uneven else 1.0
    who = (waits * rank).argsort(axis=1)[:, : crew.per_item]
    truth = generator.choice(crew.labels, p=crew.shares, size=(crew.items, 1))
    guess = generator.choice(crew.labels, p=crew.shares, size=who.shape)
    answer = np.where(generator.random(who.shape) < hit[who], truth, guess)
    per_item = (answer[..., None] == np.arange(crew.labels)).sum(axis=1)
    counts, pattern, multiplicity = np.unique(
        per_item, axis=0, return_inverse=True, return_counts=True
    )
    entries = np.stack(
        [who.ravel(), np.repeat(pattern.ravel(), crew.per_item), answer.ravel()], axis=1
    )
    entries, number = np.unique(entries, axis=0, return_counts=True)
    return UnitPatterns(
        labels=tuple(str(label) for label in range(crew.labels)),
        level="nominal",
        counts=counts,
        multiplicity=multiplicity,
        annotators=AnnotatorPatterns(
            tuple(str(one) for one in range(crew.annotators)),
            entries[:, 0],
            entries[:, 1],
            entries[:, 2],
            number,
        ),
    )


def simulated_crew(crew: Crew, runs: int, generator: np.random.Generator) -> dict[str, Tally]:
    truth = values_of(crew.shares, crew.accuracy**2)
    metrics = {"alpha": krippendorff_alpha, "ac1": gwet_ac1, "percent": percent_agreement}
    rows: dict[str, list[tuple[float, float, float, bool]]] = {name: [] for name in metrics}
    for _ in range(runs):
        patterns = crew_batch(crew, generator)
        for name, metric in metrics.items():
            found = metric(patterns, about="annotators")
            rows[name].append((found.value, found.low, found.high, found.status == "ok"))
    found = {}
    for name in metrics:
        value, low, high, ok = np.array(rows[name]).T
        found[name] = tally([(value, low, high, np.zeros(runs))], ok > 0, truth[name])
    return found


def crews(*, quick: bool) -> Iterator[Crew]:
    grid = product((10, 20, 40), (100, 300), (2, 3), (2, 5), (0.0,), (0.8,), (0.05, 0.15))
    extra = (
        Crew(10, 100, 10, 3, 0.0, 0.8, 0.1),
        Crew(15, 300, 3, 3, 0.8, 0.8, 0.1),
        Crew(30, 1000, 3, 3, 0.8, 0.7, 0.15),
        Crew(12, 100, 3, 3, 0.0, 0.6, 0.2),
    )
    for number, crew in enumerate([*(Crew(*parts) for parts in grid), *extra]):
        if not quick or number % 7 == 0:
            yield crew
