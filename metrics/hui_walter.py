"""Two judges without a key: how good each of them is, from how often they agree in two populations.

Hui and Walter's model: every thing is bad or not, unknown which; both judges look at all things of
two populations that differ in their share of bad ones; each judge finds a bad thing with the same
chance everywhere (sensitivity), and lets a good one pass (specificity), independently of the other
once the truth is given.
"""

from dataclasses import dataclass
from math import isfinite, nan

import numpy as np
from scipy.special import gammaincc, xlogy

from metrics.tables import Floats, Integers

STARTS = 12
LEAST_APART = 0.1
"""Prevalences nearer than this make the solution a matter of luck."""
_ROUNDS = 20_000
_STILL = 1e-12
_TINY = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Mode:
    """One solution: what reproduces the counts best.

    `prevalence` (P,), `sensitivity` (2,), `specificity` (2,), with the log-likelihood.
    """

    prevalence: Floats
    sensitivity: Floats
    specificity: Floats
    log_likelihood: float

    @property
    def youden(self) -> Floats:
        """Se + Sp - 1 of each judge: 1 never errs, 0 guesses, below 0 says the opposite."""
        return self.sensitivity + self.specificity - 1

    def mirrored(self) -> "Mode":
        """Return the twin that fits as well: good and bad exchanged."""
        return Mode(
            1 - self.prevalence, 1 - self.specificity, 1 - self.sensitivity, self.log_likelihood
        )


@dataclass(frozen=True, slots=True, eq=False)
class HuiWalter:
    """The fit of the model.

    Attributes
    ----------
    mode : the solution in which judges are right more often than wrong
    mirror : the other one, with Se + Sp < 1, that the counts support equally
    low, high : limits of `mode` by parametric bootstrap; nan where not asked for or not defined
    starts, agreeing : starts, and how many of them ended at the best likelihood
    same_prevalence_p : how often equal prevalences would show populations as different as these
    misfit_p : how often the model would give counts as far from it as these; nan with two
        populations, where it fits whatever the counts are
    status, reason : ok, or undefined with the reason
    """

    mode: Mode
    mirror: Mode
    low: Mode
    high: Mode
    starts: int
    agreeing: int
    n: int
    same_prevalence_p: float
    misfit_p: float
    status: str
    reason: str


def hui_walter(
    counts: Integers | Floats, *, replicates: int = 0, confidence: float = 0.95, seed: int = 0
) -> HuiWalter:
    """Sensitivity and specificity of two judges without knowing the truth.

    How many bad answers do two reviewers find, when nobody knows which are bad? With two
    populations the fit is exact (six numbers from six), so nothing in the data can contradict the
    model. It misleads where the judges see each other's verdict or find the same things hard
    (errors then depend on each other and both look better than they are), where a population's bad
    things are harder to see, and where the prevalences are alike.

    Parameters
    ----------
    counts : ndarray of shape (P, 4), P at least 2
        Things per population: both say bad, only the first, only the second, neither.
    replicates : int
        Parametric bootstrap samples for the limits; 0 for none.
    seed : int
        Of starts and bootstrap.

    Returns
    -------
    HuiWalter
        Undefined, with the solution still in it, where the populations do not differ.

    Raises
    ------
    ValueError
        When counts are not of that shape, negative, or a population is empty.

    References
    ----------
    Hui and Walter (1980), Estimating the error rates of diagnostic tests, 10.2307/2530508

    Examples
    --------
    >>> fit = hui_walter(np.array([[14, 4, 9, 528], [887, 31, 37, 367]]))
    >>> fit.mode.sensitivity.round(4).tolist(), fit.mode.specificity.round(4).tolist()
    ([0.9661, 0.9688], [0.9933, 0.9841])
    """
    table = np.asarray(counts, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] < 2 or table.shape[1] != 4 or (table < 0).any():
        raise ValueError(f"counts of shape {table.shape}; needed are at least 2 rows of 4 counts")
    if not table.sum(axis=1).all():
        raise ValueError("a population without any thing says nothing; leave it out")
    random = np.random.default_rng(seed)
    mode, agreeing = _best(table, random)
    undefined = _not_defined(table, mode)
    low = high = Mode(np.full(len(table), nan), np.full(2, nan), np.full(2, nan), nan)
    if replicates and not undefined:
        low, high = _limits(table, mode, replicates, confidence, random)
    return HuiWalter(
        mode=mode,
        mirror=mode.mirrored(),
        low=low,
        high=high,
        starts=STARTS,
        agreeing=agreeing,
        n=int(table.sum()),
        same_prevalence_p=_same_populations(table),
        misfit_p=_misfit(table, mode),
        status="undefined" if undefined else "ok",
        reason=undefined,
    )


def cell_probabilities(prevalence: Floats, sensitivity: Floats, specificity: Floats) -> Floats:
    """Return the chance of each cell: shape (..., P, 4) from (..., P), (..., 2), (..., 2)."""
    bad, good = _conditional(sensitivity, specificity)
    return (
        prevalence[..., None] * bad[..., None, :] + (1 - prevalence[..., None]) * good[..., None, :]
    )


def _conditional(sensitivity: Floats, specificity: Floats) -> tuple[Floats, Floats]:
    """Return the chance of ++, +-, -+, -- for bad and for good things: shapes (..., 4)."""

    def cells(first: Floats, second: Floats) -> Floats:
        no_first, no_second = 1 - first, 1 - second
        return np.stack(
            [first * second, first * no_second, no_first * second, no_first * no_second], axis=-1
        )

    return (
        cells(sensitivity[..., 0], sensitivity[..., 1]),
        cells(1 - specificity[..., 0], 1 - specificity[..., 1]),
    )


def _best(table: Floats, random: np.random.Generator) -> tuple[Mode, int]:
    """Fit from several starts; return the best solution and how many starts found it."""
    populations = len(table)
    positive = (table[:, 0] + (table[:, 1] + table[:, 2]) / 2) / table.sum(axis=1)
    prevalence = np.clip(random.uniform(0.05, 0.95, (STARTS, populations)), 0.02, 0.98)
    prevalence[0] = np.clip(positive, 0.02, 0.98)
    sensitivity = random.uniform(0.55, 0.98, (STARTS, 2))
    specificity = random.uniform(0.55, 0.98, (STARTS, 2))
    sensitivity[0] = specificity[0] = 0.9
    tables = np.broadcast_to(table, (STARTS, *table.shape))
    fitted = _expectation_maximisation(tables, prevalence, sensitivity, specificity)
    likelihood = _log_likelihood(tables, *fitted)
    best = int(np.argmax(likelihood))
    agreeing = int((likelihood > likelihood[best] - 1e-4).sum())
    prevalence, sensitivity, specificity = (part[best] for part in fitted)
    mode = Mode(prevalence, sensitivity, specificity, float(likelihood[best]))
    return _upright(mode), agreeing


def _upright(mode: Mode) -> Mode:
    return mode if mode.youden.sum() >= 0 else mode.mirrored()


def _expectation_maximisation(
    tables: Floats, prevalence: Floats, sensitivity: Floats, specificity: Floats
) -> tuple[Floats, Floats, Floats]:
    """Fit many tables (R, P, 4) at once; every step raises the likelihood of each."""
    n = tables.sum(axis=-1)
    for _ in range(_ROUNDS):
        bad, good = _conditional(sensitivity, specificity)
        left = prevalence[..., None] * bad[..., None, :]
        right = (1 - prevalence[..., None]) * good[..., None, :]
        expected = tables * left / np.maximum(left + right, 1e-300)
        clean = tables - expected
        each, rest = expected.sum(axis=-2), clean.sum(axis=-2)
        total, sound = each.sum(axis=-1), rest.sum(axis=-1)
        found = np.stack([each[..., 0] + each[..., 1], each[..., 0] + each[..., 2]], axis=-1)
        passed = np.stack([rest[..., 2] + rest[..., 3], rest[..., 1] + rest[..., 3]], axis=-1)
        new = (
            expected.sum(axis=-1) / n,
            found / np.maximum(total, 1e-300)[..., None],
            passed / np.maximum(sound, 1e-300)[..., None],
        )
        old = (prevalence, sensitivity, specificity)
        moved = max(float(np.abs(a - b).max()) for a, b in zip(new, old, strict=True))
        prevalence, sensitivity, specificity = (np.clip(part, 0.0, 1.0) for part in new)
        if moved < _STILL:
            break
    return prevalence, sensitivity, specificity


def _log_likelihood(tables: Floats, *parameters: Floats) -> Floats:
    cells = cell_probabilities(*parameters)
    found: Floats = xlogy(tables, np.maximum(cells, 1e-300)).sum(axis=(-1, -2))
    return found


def _limits(
    table: Floats, mode: Mode, replicates: int, confidence: float, random: np.random.Generator
) -> tuple[Mode, Mode]:
    """Draw tables from the fit, fit each from it, and take quantiles of the solutions."""
    cells = cell_probabilities(mode.prevalence, mode.sensitivity, mode.specificity)
    drawn = np.stack(
        [
            random.multinomial(int(n), chances / chances.sum(), size=replicates)
            for n, chances in zip(table.sum(axis=1), cells, strict=True)
        ],
        axis=1,
    ).astype(np.float64)
    start = [
        np.broadcast_to(np.clip(part, 0.02, 0.98), (replicates, len(part)))
        for part in (mode.prevalence, mode.sensitivity, mode.specificity)
    ]
    prevalence, sensitivity, specificity = _expectation_maximisation(drawn, *start)
    turned = (sensitivity + specificity - 1).sum(axis=1) < 0
    columns = (
        np.where(turned[:, None], 1 - prevalence, prevalence),
        np.where(turned[:, None], 1 - specificity, sensitivity),
        np.where(turned[:, None], 1 - sensitivity, specificity),
    )
    tail = (1 - confidence) / 2
    low, high = (
        [np.quantile(column, level, axis=0) for column in columns] for level in (tail, 1 - tail)
    )
    return Mode(low[0], low[1], low[2], nan), Mode(high[0], high[1], high[2], nan)


def _same_populations(table: Floats) -> float:
    """Return p of the likelihood ratio test that all populations have the same cells."""
    expected = table.sum(axis=0) * table.sum(axis=1, keepdims=True) / table.sum()
    ratio = 2 * float((xlogy(table, table) - xlogy(table, np.maximum(expected, 1e-300))).sum())
    used = int((table.sum(axis=0) > 0).sum())
    freedom = (len(table) - 1) * (used - 1)
    return float(gammaincc(freedom / 2, max(ratio, 0.0) / 2)) if freedom else 1.0


def _misfit(table: Floats, mode: Mode) -> float:
    """Return p of the likelihood ratio test of the model against the counts as they are."""
    freedom = 2 * len(table) - 4
    if not freedom:
        return nan
    cells = cell_probabilities(mode.prevalence, mode.sensitivity, mode.specificity)
    expected = np.maximum(cells * table.sum(axis=1, keepdims=True), 1e-300)
    ratio = 2 * float((xlogy(table, table) - xlogy(table, expected)).sum())
    return float(gammaincc(freedom / 2, max(ratio, 0.0) / 2))


def _not_defined(table: Floats, mode: Mode) -> str:
    """Say why the solution means nothing; empty where it does."""
    apart = float(mode.prevalence.max() - mode.prevalence.min())
    chance = _same_populations(table)
    if chance > 0.01 or not isfinite(apart) or apart < LEAST_APART:
        return (
            f"the populations are too much alike (prevalences {apart:.2f} apart, p = {chance:.2g}):"
            " many pairs of sensitivity and specificity fit equally"
        )
    if min(mode.youden) < _TINY:
        return "one of the two is no better than chance in every solution"
    return ""
