"""The additive model of labels behind a decomposition: cells, columns, least squares.

Shapes: N entries, K cells, A people, X other columns, Q labels.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from metrics.distinct import distinct_rows
from metrics.tables import Floats, Integers

_ESTIMABLE: Final = 1e-7


@dataclass(frozen=True, slots=True, eq=False)
class MixCells:
    """Answers of both sides by what may have caused a shift.

    Entry k: on side `side[k]` (0 reference, 1 batch), to items of stratum `stratum[k]`, person
    `person[k]` under version `version[k]` gave label `label[k]` `count[k]` times.

    Attributes
    ----------
    labels : tuple of Q labels
    attribute : the attribute of items whose values the strata are; empty where there is none
    knows_versions : whether it is known which guideline people worked by
    """

    labels: tuple[str, ...]
    side: Integers
    stratum: Integers
    person: Integers
    version: Integers
    label: Integers
    count: Integers
    attribute: str = ""
    knows_versions: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Cells with their answers and shares; `design` (K, X) holds all columns but the people's."""

    side: Integers
    stratum: Integers
    person: Integers
    version: Integers
    answers: Floats
    share: Floats
    design: Floats
    people: int


@dataclass(frozen=True, slots=True, eq=False)
class Contrast:
    """A sum of coefficients: on people (A,), and on the other columns (X,)."""

    person: Floats
    other: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """Value of a contrast for every label (Q,), its error, and whether the design gives it."""

    value: Floats
    error: Floats
    is_estimable: bool


def tabulated(cells: MixCells) -> Cells:
    """Return the cells that hold answers, with the columns of the model."""
    keys = np.stack([cells.side, cells.stratum, cells.person, cells.version], axis=1)
    kinds, place = distinct_rows(keys)
    given = np.zeros((len(kinds), len(cells.labels)))
    np.add.at(given, (place, cells.label), cells.count)
    answers = given.sum(axis=1)
    kinds, given, answers = kinds[answers > 0], given[answers > 0], answers[answers > 0]
    side, stratum, person, version = (
        np.unique(column, return_inverse=True)[1] for column in kinds.T
    )
    return Cells(
        side,
        stratum,
        person,
        version,
        answers,
        given / answers[:, None],
        _design(side, stratum, version, answers),
        int(person.max()) + 1,
    )


def _design(side: Integers, stratum: Integers, version: Integers, answers: Floats) -> Floats:
    """Return dummy columns of strata, versions, and what else changed in each shared stratum.

    A stratum of one side only is taken to have changed as the shared ones did on average.
    """
    strata, versions = np.eye(stratum.max() + 1), np.eye(version.max() + 1)
    mixes = mix_of(side, stratum, answers)
    shared = np.asarray(mixes.min(axis=0) > 0)
    common = np.where(shared, mixes.mean(axis=0), 0.0)
    if shared.any():
        lands = np.where(shared[:, None], strata, common / common.sum())[:, shared]
    else:
        lands = np.ones((len(strata), 1))
    return np.concatenate(
        [strata[stratum], versions[version], lands[stratum] * (side - 0.5)[:, None]], axis=1
    )


def mix_of(side: Integers, kind: Integers, answers: Floats) -> Floats:
    """Return the share of each kind of cell on each side, shape (2, kinds)."""
    mix = np.zeros((2, int(kind.max()) + 1))
    np.add.at(mix, (side, kind), answers)
    return np.asarray(mix / mix.sum(axis=1, keepdims=True))


def contrasts_of(table: Cells) -> dict[str, Contrast]:
    """Return what each cause adds to the shift, as sums of coefficients."""
    strata, versions = int(table.stratum.max()) + 1, int(table.version.max()) + 1
    width = table.design.shape[1]
    gap = {
        name: mix[1] - mix[0]
        for name, mix in (
            ("item_mix", mix_of(table.side, table.stratum, table.answers)),
            ("annotator_mix", mix_of(table.side, table.person, table.answers)),
            ("guideline", mix_of(table.side, table.version, table.answers)),
        )
    }
    nobody = np.zeros(table.people)
    items, version, rest = np.zeros(width), np.zeros(width), np.zeros(width)
    items[:strata] = gap["item_mix"]
    version[strata : strata + versions] = gap["guideline"]
    # Columns of what else changed are -1/2 in the reference and 1/2 in the batch.
    own = [_weighted(table, side) for side in (0, 1)]
    rest[strata + versions :] = (own[1] - own[0])[strata + versions :]
    return {
        "item_mix": Contrast(nobody, items),
        "annotator_mix": Contrast(gap["annotator_mix"], np.zeros(width)),
        "guideline": Contrast(nobody, version),
        "residual": Contrast(nobody, rest),
    }


def _weighted(table: Cells, side: int) -> Floats:
    chosen = table.side == side
    weights = table.answers[chosen]
    return np.asarray(weights @ table.design[chosen] / weights.sum())


def shift_of(table: Cells) -> Floats:
    """Return the share of every label in the batch less that in the reference, shape (Q,)."""
    means = [
        table.answers[table.side == side] @ table.share[table.side == side]
        / table.answers[table.side == side].sum()
        for side in (0, 1)
    ]  # fmt: skip
    return np.asarray(means[1] - means[0])


def chance_of_mix(table: Cells, levels: Floats, clusters: tuple[int, int] | None) -> Floats:
    """Return the variance of item mix by which items happened to come, for every label (Q,)."""
    mixes = mix_of(table.side, table.stratum, table.answers)
    strata = levels[: mixes.shape[1]]
    answers = [int(table.answers[table.side == side].sum()) for side in (0, 1)]
    found = np.zeros(levels.shape[1])
    for mix, number in zip(mixes, clusters or answers, strict=True):
        found += (mix @ strata**2 - (mix @ strata) ** 2) / max(number, 1)
    return np.maximum(found, 0.0)


class LeastSquares:
    """Normal equations with the people's columns, which may be thousands, swept out."""

    def __init__(self, table: Cells) -> None:
        self._table = table
        weights, people = table.answers, table.people
        self._diagonal = np.bincount(table.person, weights, people)
        self._between = self._by_person(weights[:, None] * table.design)
        own = table.design.T @ (weights[:, None] * table.design)
        self._schur = own - self._between.T @ (self._between / self._diagonal[:, None])
        values, vectors = np.linalg.eigh(self._schur)
        kept = values > 1e-9 * max(float(np.abs(own).max()), 1.0)
        self._basis = vectors[:, kept]
        self._inverse = (vectors[:, kept] / values[kept]) @ vectors[:, kept].T
        self._given = self._by_person(weights[:, None] * table.share)
        right = table.design.T @ (weights[:, None] * table.share)
        right -= self._between.T @ (self._given / self._diagonal[:, None])
        self.coefficients: Floats = self._inverse @ right
        """Of all columns but the people's, shape (X, Q)."""

    def solve(self, contrast: Contrast, design_effect: float) -> Solved:
        """Return the value of a contrast for every label, with its error."""
        table = self._table
        reduced = contrast.other - self._between.T @ (contrast.person / self._diagonal)
        outside = reduced - self._basis @ (self._basis.T @ reduced)
        size = max(float(np.abs(reduced).max()), float(np.abs(contrast.person).max()), 1e-3)
        other = self._inverse @ reduced
        person = (contrast.person - self._between @ other) / self._diagonal
        # What the share of each cell weighs in the value of the contrast.
        pull = table.answers * (table.design @ other + person[table.person])
        value = pull @ table.share
        return Solved(
            value,
            self._error(pull, design_effect),
            is_estimable=bool(np.abs(outside).max() <= _ESTIMABLE * size * len(reduced)),
        )

    def _error(self, pull: Floats, design_effect: float) -> Floats:
        """Return the larger of two errors: of sampled items, and of people who change alone."""
        table = self._table
        share = np.clip(table.answers @ table.share / table.answers.sum(), 1e-9, 1.0)
        by_item = design_effect * (pull**2 / table.answers).sum() * share * (1.0 - share)
        other = self.coefficients
        person = (self._given - self._between @ other) / self._diagonal[:, None]
        left = table.share - table.design @ other - person[table.person]
        sums = self._by_person(pull[:, None] * left)
        number = max(table.people, 2)
        by_person = number / (number - 1.0) * np.square(sums).sum(axis=0)
        return np.asarray(np.sqrt(np.maximum(by_item, by_person)))

    def _by_person(self, amounts: Floats) -> Floats:
        """Add the rows of each person up, shape (A, columns)."""
        columns = [np.bincount(self._table.person, column, self._table.people)
                   for column in amounts.T]  # fmt: skip
        return np.stack(columns, axis=1)
