"""Whether there is enough data for an interval to mean what it says.

The rules use only what is visible in the data and were set by simulation
(`benchmarks/coverage.py`). For coefficients of agreement what decides is not how many
disagreements were seen: a rule that looks at them keeps the unlucky samples and lets the
interval miss more often than it says. It looks at what the sample could have shown:

- groups of items, since intervals rest on them;
- items that would show a disagreement if labels were dealt blindly (two ratings on one item of
  a skewed question hardly ever can);
- items with a label other than the commonest one, on which alone a coefficient under skew rests,
  and groups that hold them: ten alike items of one prompt are one observation;
- how alike the items of a group are (design effect): both numbers of items are asked for again
  after division by it.

What single groups can do to one value is a rule of its own, `metrics.unseen`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metrics.spread import Spread
from metrics.tables import Compositions, Floats, Integers
from metrics.wording import whole

MINIMUM_UNITS = 20
MINIMUM_EFFECTIVE = 8.0
MINIMUM_TELLING = 40.0
MINIMUM_MINORITY = 25.0
MINIMUM_MINORITY_CLUSTERS = 15.0
# The same after division by the design effect: less, as items of one group are not quite one.
MINIMUM_TELLING_APART = 30.0
MINIMUM_MINORITY_APART = 15.0
# Groups with another label than the commonest if each group were of one mind: fewer, and a sample
# may have missed them all.
MINIMUM_MINORITY_ALIKE = 5.0
MINIMUM_ANNOTATORS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What a sample could have shown about agreement; shapes (...).

    Attributes
    ----------
    clusters : groups of items (items where they stand alone) that can be compared; groups of
        unequal size count as their effective number
    telling : expected number of items with a disagreement if labels were dealt blindly
    minority : items times the share of labels other than the commonest
    minority_clusters : effective number of groups that hold those labels; not less than
        `minority` where items stand alone
    minority_alike : groups times the share of labels other than the commonest
    design_effect : how many times as uncertain a share is as from as many independent items; 1
        where items stand alone
    """

    clusters: Floats
    telling: Floats
    minority: Floats
    minority_clusters: Floats
    minority_alike: Floats | float = np.inf
    design_effect: Floats | float = 1.0

    def growth(self) -> Floats:
        """Return the factor by which the data must grow to suffice; 1 or less where they do."""
        needs = (
            (MINIMUM_UNITS, self.clusters),
            (MINIMUM_TELLING, self.telling),
            (MINIMUM_MINORITY, self.minority),
            (MINIMUM_MINORITY_CLUSTERS, self.minority_clusters),
            (MINIMUM_MINORITY_ALIKE, self.minority_alike),
            (MINIMUM_TELLING_APART, self.telling / self.design_effect),
            (MINIMUM_MINORITY_APART, self.minority / self.design_effect),
        )
        with np.errstate(divide="ignore"):
            factors = [need / np.asarray(there, dtype=np.float64) for need, there in needs]
        return np.asarray(np.max(np.broadcast_arrays(*factors), axis=0))


def agreement_evidence(
    counts: Integers,
    weights: Floats,
    clusters: Floats | None = None,
    minority_clusters: Floats | None = None,
    design_effect: Floats | float = 1.0,
) -> Evidence:
    """Evidence on agreement in items with two ratings or more.

    Parameters
    ----------
    counts : ndarray of shape (P, Q)
        Label counts of distinct items.
    weights : ndarray of shape (..., P)
        How often each occurs.
    clusters, minority_clusters : ndarray of shape (...), optional
        Effective groups; items where absent.
    design_effect : ndarray of shape (...), optional
        How alike the items of a group are; see `design_effect_of`.

    Examples
    --------
    One hundred items with two ratings each, labels half and half: 50 would disagree blindly.

    >>> evidence = agreement_evidence(np.array([[2, 0], [1, 1], [0, 2]]), np.array([40., 20, 40]))
    >>> float(evidence.clusters), float(evidence.telling), float(evidence.minority)
    (100.0, 50.0, 50.0)
    """
    ratings = counts.sum(axis=-1)
    pairable = ratings >= 2
    weights = np.where(pairable, weights, 0.0)
    items = weights.sum(axis=-1)
    given = weights @ counts.astype(np.float64)
    share = given / np.maximum(given.sum(axis=-1, keepdims=True), 1.0)
    telling = np.zeros_like(items)
    for number in np.unique(ratings[pairable]):
        alike = (share**number).sum(axis=-1)
        telling = telling + weights[..., ratings == number].sum(axis=-1) * (1.0 - alike)
    minority_share = 1.0 - share.max(axis=-1, initial=0.0)
    minority = items * minority_share
    clusters = items if clusters is None else clusters
    return Evidence(
        clusters=clusters,
        telling=telling,
        minority=minority,
        minority_clusters=minority if minority_clusters is None else minority_clusters,
        minority_alike=clusters * minority_share,
        design_effect=design_effect,
    )


def minority_by_item(counts: Integers, weights: Floats) -> Floats:
    """Share of each item's ratings that are not the commonest label; 0 with one rating; (P,)."""
    ratings = counts.sum(axis=-1)
    pairable = ratings >= 2
    commonest = (np.where(pairable, weights, 0.0) @ counts).argmax() if counts.size else 0
    common = counts[:, commonest] if counts.size else ratings
    return np.where(pairable, 1.0 - common / np.maximum(ratings, 1), 0.0)


def effective_number(sizes: Floats, weights: Floats) -> Floats:
    """How many equal parts say as much as parts of these sizes: (sum)² / sum of squares.

    Parameters
    ----------
    sizes, weights : ndarray of shape (..., K)
        Sizes, and how many parts are of each size.

    Examples
    --------
    One group of four items and four of one say as much as 3.2 equal ones:

    >>> float(effective_number(np.array([4.0, 1.0]), np.array([1.0, 4.0])))
    3.2
    """
    total = (weights * sizes).sum(axis=-1)
    squares = (weights * sizes * sizes).sum(axis=-1)
    return np.asarray(total * total / np.where(squares > 0, squares, 1.0))


def by_group(amounts: Floats, groups: Compositions) -> Floats:
    """Sum an amount of each distinct item over the items of a group; (P,) to (C,)."""
    given = groups.count * amounts[groups.pattern]
    return np.asarray(np.bincount(groups.composition, given, len(groups.multiplicity)), np.float64)


def design_effect_of(amounts: Floats, counted: Floats, groups: Compositions) -> Floats:
    """How many times the variance of a mean over items grows as items come in groups; 1 or more.

    (Sum over groups of squared sums of deviations) / (sum over items of squared deviations): 1
    where items of a group have nothing in common, the size of the group where they are copies.

    Parameters
    ----------
    amounts : ndarray of shape (P,)
        Amount of each distinct item.
    counted : ndarray of shape (P,)
        1 for items that count, else 0.
    groups : Compositions

    Examples
    --------
    Two groups of three copies:

    >>> groups = Compositions(*map(np.array, ([0, 1], [0, 1], [3, 3], [1, 1])))
    >>> float(design_effect_of(np.array([1.0, 0.0]), np.ones(2), groups))
    3.0
    """
    number = groups.multiplicity.astype(np.float64)
    items = max(float(number @ by_group(counted, groups)), 1.0)
    centre = float(number @ by_group(amounts * counted, groups)) / items
    deviations = (amounts - centre) * counted
    apart = float(number @ by_group(deviations**2, groups))
    together = float(number @ by_group(deviations, groups) ** 2)
    return np.asarray(max(together / apart, 1.0) if apart > 0 else 1.0)


def label_evidence(
    counts: Integers, weights: Floats, label: int, clusters: Floats | None = None
) -> Evidence:
    """Evidence on agreement about one label: only items that carry it count.

    The ratings beside the one that says the label can always differ, so each such item tells. Where
    the label is nearly all there is, they hardly ever do: other labels are asked for as well.
    """
    holds = (counts.sum(axis=-1) >= 2) & (counts[:, label] > 0)
    items = np.where(holds, weights, 0.0).sum(axis=-1)
    clusters = items if clusters is None else clusters
    given = np.where(counts.sum(axis=-1) >= 2, weights, 0.0) @ counts.astype(np.float64)
    others = 1.0 - given[..., label] / np.maximum(given.sum(axis=-1), 1.0)
    return Evidence(
        clusters,
        telling=items,
        minority=items,
        minority_clusters=clusters,
        minority_alike=clusters * others,
    )


def is_enough(evidence: Evidence) -> NDArray[np.bool_]:
    """Whether an interval of a coefficient of agreement can be trusted; shape (...)."""
    return np.asarray(evidence.growth() <= 1.0)


def lacking(evidence: Evidence, unit: str) -> str:
    """Sentence that says what is too little for agreement, empty where nothing is.

    Numbers are rounded down: part of an item means nothing to a reader, and what does not suffice
    must not read as if it did.

    Parameters
    ----------
    evidence : Evidence of one estimate
    unit : str
        What was resampled, in the plural: items, groups.
    """
    if evidence.clusters < MINIMUM_UNITS:
        some = f"{whole(evidence.clusters)} {unit}"
        if unit != "items":
            some = f"the equivalent of {some} of equal size"
        return f"too little data: {some}, {MINIMUM_UNITS} are needed"
    if evidence.minority < MINIMUM_MINORITY:
        return (
            "too little data: labels other than the commonest make up"
            f" {whole(evidence.minority)} items' worth of the answers,"
            f" {MINIMUM_MINORITY:.0f} are needed"
        )
    if evidence.minority_clusters < MINIMUM_MINORITY_CLUSTERS:
        return (
            "too little data: labels other than the commonest sit in the equivalent of"
            f" {whole(evidence.minority_clusters)} {unit}, {MINIMUM_MINORITY_CLUSTERS:.0f} are"
            " needed"
        )
    if evidence.telling < MINIMUM_TELLING:
        return (
            f"too little data: people who guess would differ on {whole(evidence.telling)} items"
            f" only, {MINIMUM_TELLING:.0f} are needed"
        )
    return _lacking_apart(evidence, unit)


def _lacking_apart(evidence: Evidence, unit: str) -> str:
    if evidence.minority_alike < MINIMUM_MINORITY_ALIKE:
        return (
            "too little data: labels other than the commonest may belong to as few as"
            f" {whole(evidence.minority_alike)} {unit}, {MINIMUM_MINORITY_ALIKE:.0f} are needed"
        )
    minority = evidence.minority / evidence.design_effect
    if minority < MINIMUM_MINORITY_APART:
        return (
            f"too little data: the {unit} hold items that are alike, so labels other than the "
            f"commonest are worth {whole(minority)} independent items, "
            f"{MINIMUM_MINORITY_APART:.0f} are needed"
        )
    telling = evidence.telling / evidence.design_effect
    if telling < MINIMUM_TELLING_APART:
        return (
            f"too little data: the {unit} hold items that are alike, so people who guess would "
            f"differ on the worth of {whole(telling)} independent items only, "
            f"{MINIMUM_TELLING_APART:.0f} are needed"
        )
    return ""


def is_sufficient(spread: Spread) -> NDArray[np.bool_]:
    """Whether an interval built from a spread can be trusted, for other quantities; shape (...).

    Examples
    --------
    >>> one = np.ones(())
    >>> bool(is_sufficient(Spread(one, 30 * one, 100 * one, 40 * one)))
    True
    """
    enough = (spread.units >= MINIMUM_UNITS) & (spread.effective >= MINIMUM_EFFECTIVE)
    return np.asarray(enough)


def shortage(spread: Spread, unit: str) -> str:
    """Sentence that says what is too little for other quantities, empty where nothing is.

    Parameters
    ----------
    spread : Spread of one value
    unit : str
        What was deleted, in the plural: items, groups.
    """
    if spread.units < MINIMUM_UNITS:
        return f"too little data: {whole(spread.units)} {unit}, {MINIMUM_UNITS} are needed"
    if not is_sufficient(spread):
        return (
            f"too little data: the interval rests on the equivalent of {whole(spread.effective)} "
            f"{unit}, {MINIMUM_EFFECTIVE:g} are needed"
        )
    return ""
