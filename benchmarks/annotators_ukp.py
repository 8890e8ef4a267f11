"""Does the posterior accuracy order people as gold labels do? On UKP ConvArg1.

Usage: python benchmarks/annotators_ukp.py FOLDER [--splits N] [--seed N]

FOLDER holds judgments.csv.gz and pairs.csv.gz (which of two arguments is more convincing). Items
are split in halves at random; score and plain leave-one-out agreement see one half, accuracy
against the gold labels is counted on the other, and the other way round. Spearman's correlation
over the annotators with 20 or more judgments, averaged over the splits; the interval of the
difference draws annotators with replacement, the same ones for both.
"""

import argparse
import csv
import gzip
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

from metrics.leave_one_out import leave_one_out
from metrics.posterior_accuracy import consensus_evidence, posterior_accuracy
from metrics.tables import AnnotatorPatterns, Floats, Integers, UnitPatterns

LABELS = ("a1", "equal", "a2")
FEWEST = 20


def rows_of(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def patterns_of(item: Integers, person: Integers, label: Integers, people: int) -> UnitPatterns:
    """Count answers into the tables that a store would give."""
    _, item = np.unique(item, return_inverse=True)
    votes = np.zeros((item.max() + 1, len(LABELS)), dtype=np.int64)
    np.add.at(votes, (item, label), 1)
    counts, pattern, many = np.unique(votes, axis=0, return_inverse=True, return_counts=True)
    entries = np.stack([person, pattern.ravel()[item], label], axis=1)
    entries, number = np.unique(entries, axis=0, return_counts=True)
    names = tuple(f"{one:05d}" for one in range(people))
    return UnitPatterns(
        LABELS, "nominal", counts, many, annotators=AnnotatorPatterns(names, *entries.T, number)
    )


def measured(patterns: UnitPatterns, people: int) -> Floats:
    """Return posterior accuracy and plain leave-one-out agreement by person."""
    evidence = consensus_evidence(patterns)
    found = np.full((2, people), np.nan)
    if evidence is not None:
        names, accuracy, _ = posterior_accuracy([evidence])
        found[0, [int(name) for name in names]] = accuracy.value
    found[1] = leave_one_out(patterns).standing.observed
    return found


def correlations(values: Floats, accuracy: Floats, chosen: Integers) -> Floats:
    kept = chosen[np.isfinite(values[:, chosen]).all(axis=0) & np.isfinite(accuracy[chosen])]
    return np.array([spearmanr(one[kept], accuracy[kept])[0] for one in values])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--splits", type=int, default=10)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=20261123)
    chosen = parser.parse_args()
    generator = np.random.default_rng(chosen.seed)
    gold_of = {
        (row["topic"], row["pair_id"]): row["gold_label"]
        for row in rows_of(chosen.folder / "pairs.csv.gz")
    }
    rows = rows_of(chosen.folder / "judgments.csv.gz")
    names, person = np.unique([row["worker_id"] for row in rows], return_inverse=True)
    keys = [f"{row['topic']}/{row['pair_id']}" for row in rows]
    items, item = np.unique(keys, return_inverse=True)
    label = np.array([LABELS.index(row["value"]) for row in rows])
    gold = np.array(
        [
            LABELS.index(known) if (known := gold_of[row["topic"], row["pair_id"]]) else -1
            for row in rows
        ]
    )
    people = len(names)
    busy = np.flatnonzero(np.bincount(person, minlength=people) >= FEWEST)
    tables: list[tuple[Floats, Floats]] = []
    for _ in range(chosen.splits):
        half = generator.permutation(len(items)) < len(items) // 2
        for seen in (half[item], ~half[item]):
            values = measured(patterns_of(item[seen], person[seen], label[seen], people), people)
            judged = ~seen & (gold >= 0)
            n = np.bincount(person[judged], minlength=people)
            right = np.bincount(person[judged], (label == gold)[judged], people)
            with np.errstate(invalid="ignore"):
                tables.append((values, right / n))
    point = np.mean([correlations(*table, busy) for table in tables], axis=0)
    draws = np.array(
        [
            np.mean([correlations(*table, again) for table in tables], axis=0)
            for again in (generator.choice(busy, len(busy)) for _ in range(chosen.draws))
        ]
    )
    low, high = np.quantile(draws[:, 0] - draws[:, 1], [0.025, 0.975])
    print(f"{len(busy)} annotators with {FEWEST} or more judgments, {chosen.splits} splits")
    print(f"score {point[0]:.3f}, leave-one-out agreement {point[1]:.3f}")
    print(f"difference {point[0] - point[1]:+.3f} [{low:+.3f}, {high:+.3f}]")


if __name__ == "__main__":
    main()
