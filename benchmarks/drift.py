"""How often drift alarms are false, what they find, and whether causes are named right.

    nice -n 10 python -m benchmarks.drift [PART] [--runs N]

PART is one of false, power, causes, monitor; all of them without it. Items come in prompts of 4
with 3 annotations each; prompts and items have tendencies of their own, so that answers hang
together.
"""

import argparse
from collections import Counter
from collections.abc import Iterator

import numpy as np
from scipy.special import ndtri

from metrics.clusters import Clusters, cluster_sums
from metrics.decomposition import CAUSES, Decomposition, decompose
from metrics.drift_alarms import LABEL_LEVEL, alarms, is_large
from metrics.mix_model import MixCells
from metrics.monitoring import limit_for, monitored
from metrics.shift_tests import label_shift, shift_p_values, slice_p_value
from metrics.tables import Floats

ITEMS_A_PROMPT, ANNOTATIONS = 4, 3
EVEN = np.full(5, 0.2)
SKEWED = np.array([0.55, 0.25, 0.12, 0.06, 0.02])
OF_PROMPT, OF_ITEM = 8.0, 1.5
"""Concentration of prompts around the shares, and of items around their prompt."""


def answers(generator: np.random.Generator, items: int, shares: Floats) -> Clusters:
    """Return the answers of a slice by prompt."""
    prompts = -(-items // ITEMS_A_PROMPT)
    of_prompt = generator.dirichlet(shares * OF_PROMPT, prompts)
    of_items = generator.standard_gamma(
        np.repeat(of_prompt[:, None, :], ITEMS_A_PROMPT, axis=1) * OF_ITEM + 1e-9
    )
    of_items /= of_items.sum(axis=2, keepdims=True)
    counts = generator.multinomial(ANNOTATIONS, of_items).sum(axis=1)
    labels = tuple("abcde"[: len(shares)])
    return Clusters(labels, counts, np.ones(prompts, dtype=np.int64), "groups")


def judged(slices: list[tuple[Clusters, Clusters]]) -> list[bool]:
    """Return which slices raise an alarm, judged together as the product does."""
    p_values = [float(slice_p_value(shift_p_values(*pair))) for pair in slices]
    large = [bool(is_large(*(cluster_sums(side).shares for side in pair))) for pair in slices]
    found = alarms(p_values, large, LABEL_LEVEL)
    return [one.is_raised for one in found]


def false_alarms(runs: int) -> Iterator[str]:
    """Nothing changed: 20 slices of 5 labels."""
    for name, shares in (("even", EVEN), ("skewed", SKEWED)):
        for items in (50, 200, 1000):
            generator = np.random.default_rng(items)
            hits = sum(
                any(
                    judged(
                        [
                            (answers(generator, items, shares), answers(generator, items, shares))
                            for _ in range(20)
                        ]
                    )
                )
                for _ in range(runs)
            )
            yield f"no change, {name} labels, {items} items a slice: alarm in {hits / runs:.2%}"


def power(runs: int) -> Iterator[str]:
    """Two labels of one slice of 500 items shift by 10 points, against a reference of 5,000."""
    moved = {"even": EVEN + np.array([0.1, -0.1, 0, 0, 0])}
    moved["skewed"] = SKEWED + np.array([-0.1, 0.1, 0, 0, 0])
    for name, shares in (("even", EVEN), ("skewed", SKEWED)):
        generator = np.random.default_rng(1)
        seen = 0
        for _ in range(runs):
            slices = [
                (answers(generator, 5000, shares), answers(generator, 500, shares))
                for _ in range(19)
            ]
            changed = answers(generator, 500, moved[name])
            seen += judged([*slices, (answers(generator, 5000, shares), changed)])[-1]
        told = told_beforehand(generator, shares, moved[name], runs)
        yield (
            f"10 points of two labels, {name}, 500 items against 5,000: found {seen / runs:.1%};"
            f" by a test told beforehand what moves {told:.1%}"
        )


def told_beforehand(
    generator: np.random.Generator, shares: Floats, moved: Floats, runs: int
) -> float:
    """Return how often the best single contrast finds a shift whose direction it knows.

    It knows the covariance as well, and is one test a slice instead of one a label.
    """
    pairs = [
        (answers(generator, 5000, shares), answers(generator, 500, moved)) for _ in range(runs)
    ]
    found = np.array([label_shift(*pair).moved for pair in pairs])
    covariance = np.cov(found.T)
    contrast = np.linalg.pinv(covariance) @ (moved - shares)
    values = found @ contrast / np.sqrt(contrast @ covariance @ contrast)
    return float(np.mean(np.abs(values) > -ndtri(LABEL_LEVEL / 20 / 2)))


def rows(
    generator: np.random.Generator,
    *,
    items: float = 0.0,
    people: float = 0.0,
    guideline: float = 0.0,
    rest: float = 0.0,
    aliased: str = "",
) -> MixCells:
    """Return two batches of 2,000 items whose share of yes moves by the given parts.

    `aliased` makes a design in which nothing can tell causes apart: `people` (no person on both
    sides) or `guideline` (each version on one side only).
    """
    base, found = np.array([0.3, 0.5]), []
    person = np.append(np.zeros(20), np.full(20, 2.0 * people)) + generator.normal(0, 0.02, 40)
    crews = (0, 20), (20, 40) if aliased == "people" else (10, 30)
    if not people and aliased != "people":
        crews = (0, 20), (0, 20)
    if aliased == "people":
        person[20:] = people + generator.normal(0, 0.02, 20)
    for side in (0, 1):
        count = 2000 // ITEMS_A_PROMPT
        second = 0.3 + side * items / (base[1] - base[0])
        size = ITEMS_A_PROMPT * ANNOTATIONS
        stratum = np.repeat(generator.random(count) < second, size).astype(int)
        share = 1.0 if aliased == "guideline" else 0.5
        version = np.repeat(generator.random(count) < share * side * bool(guideline), size)
        who = generator.integers(*crews[side], len(stratum))
        lean = np.repeat(generator.normal(0, 0.08, count), size)
        lean += np.repeat(generator.normal(0, 0.15, 2000), ANNOTATIONS)
        chance = base[stratum] + person[who] + version * guideline / share + side * rest + lean
        yes = generator.random(len(stratum)) < chance
        columns = [np.full(len(stratum), side), stratum, who, version, yes]
        found.append(np.stack(columns, axis=1).astype(np.int64))
    kinds, times = np.unique(np.concatenate(found), axis=0, return_counts=True)
    side, stratum, who, version, yes = kinds.T
    return MixCells(("no", "yes"), side, stratum, who, version, yes, times, attribute="task")


def split(cells: MixCells) -> Decomposition:
    """Return the parts of the share of yes."""
    return decompose(cells, design_effect=1.5, clusters=(500, 500))[1]


def causes(runs: int) -> Iterator[str]:
    """One cause, three at once, none, and designs that cannot tell."""
    planted = {"item_mix": "items", "annotator_mix": "people", "guideline": "guideline"}
    planted["residual"] = "rest"
    for number, (cause, name) in enumerate(planted.items()):
        generator = np.random.default_rng(number)
        named = Counter(split(rows(generator, **{name: 0.1})).main_cause for _ in range(runs))
        yield f"10 points by {cause} alone: named right in {named[(cause,)] / runs:.1%}"
    generator = np.random.default_rng(9)
    named = Counter(split(rows(generator)).main_cause for _ in range(runs))
    yield f"no cause: none named in {named[()] / runs:.1%}"
    found = [split(rows(generator, items=0.08, people=0.08, guideline=0.08)) for _ in range(runs)]
    sure = [one for one in found if not one.not_separable]
    means = {cause: np.mean([one.parts[cause].value for one in sure]) for cause in CAUSES}
    told = ", ".join(f"{cause} {100 * mean:+.1f}" for cause, mean in means.items())
    errors = {
        cause: np.sqrt(np.mean([(one.parts[cause].value - truth) ** 2 for one in sure]))
        for cause, truth in zip(CAUSES, (0.08, 0.08, 0.08, 0.0), strict=True)
    }
    off = ", ".join(f"{cause} {100 * error:.1f}" for cause, error in errors.items())
    yield f"three causes of 8 points each: shared out as {told}; typical error {off}"
    for design, cause in (("people", "annotator_mix"), ("guideline", "guideline")):
        found = [split(rows(generator, aliased=design, **{design: 0.1})) for _ in range(runs)]
        right = sum({cause, "residual"} <= set(one.not_separable) for one in found)
        yield f"aliased by {design}: said so in {right / runs:.1%}"


def monitor(runs: int) -> Iterator[str]:
    """Batches of 200 items against a fixed reference, 5 labels watched together."""
    most = 600
    for name, shares in (("even", EVEN), ("skewed", SKEWED)):
        for size in (20_000, 2000, 500):
            generator = np.random.default_rng(size)
            found = np.array(
                [first_signal(generator, shares, size, most) for _ in range(max(runs // 10, 20))]
            )
            error = found.std() / np.sqrt(len(found))
            yield (
                f"in control, {name}, reference of {size}: {found.mean():.0f} batches or more to a"
                f" false signal (error {error:.0f}; counted to {most}, {np.mean(found == most):.0%}"
                f" longer), within 20 in {np.mean(found <= 20):.1%}"
            )
        generator = np.random.default_rng(5)
        other = shares + np.array([-0.04, 0.04, 0, 0, 0])
        found = np.array(
            [first_signal(generator, shares, 2000, 60, other) for _ in range(max(runs // 10, 20))]
        )
        yield f"4 points between two labels, {name}: found after {found.mean():.1f} batches"


def first_signal(
    generator: np.random.Generator,
    shares: Floats,
    reference_items: int,
    most: int,
    batches: Floats | None = None,
) -> int:
    """Return which batch signals first, as the product follows them; `most` where none does."""
    reference = answers(generator, reference_items, shares)
    own = label_shift(reference, reference).error / np.sqrt(2.0)
    width = limit_for(len(shares))
    values: list[Floats] = []
    parts: list[Floats] = []
    for number in range(1, most):
        drawn = answers(generator, 200, shares if batches is None else batches)
        shift = label_shift(reference, drawn)
        error = np.where(shift.error > 0, shift.error, np.inf)
        values.append(shift.standardised)
        parts.append(np.minimum(own**2 / error**2, 1.0))
        if number % 20 and number + 1 < most:
            continue
        signals = [
            monitored(column, reference_share=part, width=width).signals
            for column, part in zip(np.array(values).T, np.array(parts).T, strict=True)
        ]
        if (hits := np.flatnonzero(np.any(signals, axis=0))).size:
            return int(hits[0]) + 1
    return most


def main() -> None:
    parts = {"false": false_alarms, "power": power, "causes": causes, "monitor": monitor}
    parser = argparse.ArgumentParser()
    parser.add_argument("part", nargs="?", choices=list(parts))
    parser.add_argument("--runs", type=int, default=2000)
    given = parser.parse_args()
    for name, part in parts.items():
        if given.part in (None, name):
            for line in part(given.runs):
                print(line, flush=True)


if __name__ == "__main__":
    main()
