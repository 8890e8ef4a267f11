"""Did the texts change? Two-sample tests on many features at once, and what they rest on.

scikit-learn is loaded only when texts are compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from metrics.tables import Floats

FEWEST_TEXTS: Final = 100
MOST_TEXTS: Final = 2000
_FOLDS: Final = 5
_DRIVERS: Final = 8


@dataclass(frozen=True, slots=True)
class TextShift:
    """How well a classifier tells texts of the batch from texts of the reference.

    Attributes
    ----------
    auc : area under the curve on held-out groups; 0.5 cannot tell, 1 always can
    error : its standard deviation when nothing changed
    p_value : one-sided, by groups; nan without a test
    more, less : words that speak for the batch, and for the reference
    n : texts used of the reference and of the batch
    reason : why there is no test
    """

    auc: float
    error: float
    p_value: float
    more: tuple[str, ...]
    less: tuple[str, ...]
    n: tuple[int, int]
    reason: str = ""


def null_error(first: int, second: int) -> float:
    """Return the standard deviation of the area under the curve when nothing differs.

    References
    ----------
    Lopez-Paz, Oquab (2017), Revisiting classifier two-sample tests, arXiv:1610.06545; Mann, Whitney
    (1947), 10.1214/aoms/1177730491

    Examples
    --------
    >>> round(null_error(200, 200), 7), round(null_error(500, 500), 7)
    (0.0289036, 0.0182665)
    """
    return sqrt((first + second + 1) / (12 * first * second))


def mean_discrepancy(first: ArrayLike, second: ArrayLike, gamma: float) -> tuple[float, float]:
    """Squared maximum mean discrepancy with a Gaussian kernel, biased and unbiased.

    References
    ----------
    Gretton et al. (2012), A kernel two-sample test, JMLR 13:723

    Examples
    --------
    >>> [round(each, 6) for each in mean_discrepancy([[0.0], [1.0]], [[2.0], [3.0]], 0.5)]
    [1.162376, 0.768906]
    """
    x, y = np.asarray(first, np.float64), np.asarray(second, np.float64)
    within_x, within_y, across = (
        np.exp(-gamma * np.square(a[:, None, :] - b[None, :, :]).sum(axis=-1))
        for a, b in ((x, x), (y, y), (x, y))
    )
    biased = within_x.mean() + within_y.mean() - 2.0 * across.mean()
    n, m = len(x), len(y)
    unbiased = (
        (within_x.sum() - n) / (n * (n - 1))
        + (within_y.sum() - m) / (m * (m - 1))
        - 2.0 * across.mean()
    )
    return float(biased), float(unbiased)


def text_shift(
    reference: Sequence[str],
    batch: Sequence[str],
    groups: tuple[Sequence[str], Sequence[str]],
    *,
    seed: int = 0,
) -> TextShift:
    """Train a classifier to tell texts of the batch from the reference; name what gives it away.

    Did the prompts change, and in what? Words weighted by TF-IDF, logistic regression, five folds
    that never split a group. It misleads where texts carry a date or an id.

    Parameters
    ----------
    groups : group of every text; the same group on both sides stays in one fold
    seed : of the sample, where a side has more than `MOST_TEXTS` texts
    """
    sizes = len(reference), len(batch)
    chosen = [_sampled(size, seed + place) for place, size in enumerate(sizes)]
    texts = [reference[at] for at in chosen[0]] + [batch[at] for at in chosen[1]]
    group = [groups[0][at] for at in chosen[0]] + [groups[1][at] for at in chosen[1]]
    side = np.repeat([0, 1], [len(each) for each in chosen])
    n = len(chosen[0]), len(chosen[1])
    clusters = tuple(len({group[at] for at in np.flatnonzero(side == one)}) for one in (0, 1))
    if min(n) < FEWEST_TEXTS or min(clusters) < _FOLDS * 4:
        reason = f"{min(n)} texts on one side, {FEWEST_TEXTS} are needed"
        return TextShift(np.nan, np.nan, np.nan, (), (), n, reason)
    scores, more, less = _told_apart(texts, side, group, seed)
    auc = _area(scores, side)
    # Texts of one group are one observation: the null law counts groups.
    error = null_error(*clusters)
    return TextShift(auc, error, float(ndtr(-(auc - 0.5) / error)), more, less, n)


def _told_apart(
    texts: list[str], side: np.ndarray, group: list[str], seed: int
) -> tuple[Floats, tuple[str, ...], tuple[str, ...]]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold

    folds = StratifiedGroupKFold(n_splits=_FOLDS, shuffle=True, random_state=seed)
    scores = np.zeros(len(texts))
    for train, test in folds.split(texts, side, group):
        words = TfidfVectorizer(max_features=20_000, sublinear_tf=True)
        model = LogisticRegression(max_iter=500)
        model.fit(words.fit_transform([texts[at] for at in train]), side[train])
        # Centred by fold: each has an intercept of its own, which would order folds, not texts.
        raw = model.decision_function(words.transform([texts[at] for at in test]))
        scores[test] = raw - np.median(raw)
    words = TfidfVectorizer(max_features=20_000, sublinear_tf=True, min_df=3)
    model = LogisticRegression(max_iter=500).fit(words.fit_transform(texts), side)
    names, weight = words.get_feature_names_out(), model.coef_[0]
    order = np.argsort(weight)
    return (
        scores,
        tuple(str(names[at]) for at in order[::-1][:_DRIVERS]),
        tuple(str(names[at]) for at in order[:_DRIVERS]),
    )


def _area(scores: Floats, side: np.ndarray) -> float:
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(side, scores))


def _sampled(size: int, seed: int) -> list[int]:
    if size <= MOST_TEXTS:
        return list(range(size))
    drawn = np.random.default_rng(seed).choice(size, MOST_TEXTS, replace=False)
    return sorted(int(at) for at in drawn)
