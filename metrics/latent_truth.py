"""What is true when nobody says: labels inferred together with how far each person is right.

One mechanism serves all models: expectation and maximization over sets of labels. A model says
only how it makes each person's confusion matrix from expected counts; see `metrics.dawid_skene`.

Shapes are given in capitals: S sets, E entries, A annotators, Q labels.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from metrics.tables import Floats, Integers, LabelSets

BLOCK = 40_000
"""Sets whose chances are held at once; few enough to stay near the processor."""
CONVERGED = 1e-7
"""Change of the log-likelihood for each item below which nothing moves any more."""
MOST_STEPS = 500
STARTS = 8
"""Random starts beside the two pinned ones."""
SAME_MODE = 1e-3
"""Log-likelihoods nearer to each other than this are one mode."""
STOPPED_SHORT = 10 * CONVERGED
"""The same for each item: what may be missing when the iteration stops."""


@dataclass(frozen=True, slots=True)
class Mode:
    """Where one start ended: log-likelihood, and the share of items that then get another label."""

    start: str
    log_likelihood: float
    other_labels: float


@dataclass(frozen=True, slots=True, eq=False)
class LatentTruth:
    """A fitted model.

    Attributes
    ----------
    name : of the model
    prior : ndarray of shape (Q,), share of each true label
    confusion : ndarray of shape (A, Q, Q)
        Chance that an annotator says the second label where the first is true.
    seen : ndarray of shape (A,)
        Answers of each annotator.
    log_likelihood : of the labels; nan without any
    steps : of the iteration; `converged` says whether it had come to rest
    modes : where other starts ended, best first; empty where none was tried
    smoothing : answers of the crew's own confusion that were added to each person's; 0 is none
    items : it was fitted to
    """

    name: str
    labels: tuple[str, ...]
    annotators: tuple[str, ...]
    prior: Floats
    confusion: Floats
    seen: Integers
    log_likelihood: float
    steps: int
    converged: bool
    modes: tuple[Mode, ...] = ()
    smoothing: float = 0.0
    items: int = 0

    @property
    def accuracy(self) -> Floats:
        """Expected share of right answers of each annotator; (A,)."""
        return np.asarray(np.einsum("q,aqq->a", self.prior, self.confusion))

    @property
    def better_modes(self) -> tuple[Mode, ...]:
        """Starts that ended somewhere more likely: the answer hangs on where one begins."""
        # Starts stop a little before the top, further from it the more items there are.
        bar = self.log_likelihood + max(SAME_MODE, STOPPED_SHORT * self.items)
        return tuple(mode for mode in self.modes if mode.log_likelihood > bar)


Maximize = Callable[[Floats, Floats], Floats]
"""Expected counts (A, Q true, Q said) and the confusion before, to the confusion (A, Q, Q)."""


def fit(
    sets: LabelSets,
    name: str,
    maximize: Maximize,
    *,
    uniform_prior: bool = False,
    steps: int = MOST_STEPS,
    tolerance: float = CONVERGED,
    starts: int = STARTS,
    seed: int = 0,
) -> LatentTruth:
    """Fit a model from the shares of votes, and see where other starts end.

    Parameters
    ----------
    sets : LabelSets
    name, maximize : the model
    uniform_prior : all labels alike before anybody answered, for models that do not learn it
    steps, tolerance : when to stop
    starts : random starts to try beside the majority; 0 tries nothing else
    seed : of the random starts

    Returns
    -------
    LatentTruth
        From the start with the shares of votes, always; whether another start found a more
        likely mode is told, not followed, so that the same data give the same answer.
    """
    rule = _Rule(maximize, uniform_prior, steps, tolerance)
    found = _climb(sets, name, _Votes(), rule)
    if not sets.items or not starts:
        return found
    mine = _hard(sets, found)
    number = float(sets.multiplicity.sum())
    modes = []
    others: list[tuple[str, _Start]] = [("majority", _Majority())]
    others += [(f"random {n + 1}", _Shaken(seed + n)) for n in range(starts)]
    for which, start in others:
        end = _climb(sets, name, start, rule)
        other = float(((_hard(sets, end) != mine) * sets.multiplicity).sum()) / number
        modes.append(Mode(which, end.log_likelihood, other))
    modes.sort(key=lambda mode: -mode.log_likelihood)
    return replace(found, modes=tuple(modes))


def posteriors(sets: LabelSets, model: LatentTruth) -> Iterator[tuple[slice, Floats]]:
    """Yield blocks of sets with the chance of each label to be true; (S, Q) in all."""
    prior, confusion = _log(model.prior), _log(model.confusion)
    for part, block in _blocks(sets):
        yield part, _chances(block, prior, confusion)[0]


def hard_labels(sets: LabelSets, model: LatentTruth) -> Integers:
    """Return the likeliest label of each set, the first in order where several are; (S,)."""
    return _hard(sets, model)


def vote_shares(sets: LabelSets) -> Iterator[tuple[slice, Floats]]:
    """Yield blocks of sets with the share of votes for each label; (S, Q) in all."""
    for part, block in _blocks(sets):
        yield part, _Votes()(block, part, len(sets.labels))


def _hard(sets: LabelSets, model: LatentTruth) -> Integers:
    found = [chances.argmax(axis=1) for _, chances in posteriors(sets, model)]
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


_Start = Callable[[csr_matrix, slice, int], Floats]


class _Votes:
    """Chances as votes are: the pinned start."""

    def __call__(self, block: csr_matrix, _: slice, labels: int) -> Floats:
        votes = np.asarray(block @ np.tile(np.eye(labels), (block.shape[1] // labels, 1)))
        return np.asarray(votes / votes.sum(axis=1, keepdims=True))


class _Majority:
    """The label with most votes for certain, the first in order where several have as many."""

    def __call__(self, block: csr_matrix, part: slice, labels: int) -> Floats:
        votes = _Votes()(block, part, labels)
        return np.asarray(np.eye(labels)[votes.argmax(axis=1)])


@dataclass(frozen=True, slots=True)
class _Shaken:
    """Votes with a good deal of chance in them."""

    seed: int

    def __call__(self, block: csr_matrix, part: slice, labels: int) -> Floats:
        # By block, so that blocks differ; a set's own draw hangs on nothing but its place.
        generator = np.random.default_rng((self.seed, part.start))
        votes = _Votes()(block, part, labels)
        drawn = generator.dirichlet(np.full(labels, 0.7), size=len(votes))
        return np.asarray(0.5 * votes + 0.5 * drawn)


@dataclass(frozen=True, slots=True)
class _Rule:
    maximize: Maximize
    uniform_prior: bool
    steps: int
    tolerance: float


def _climb(sets: LabelSets, name: str, start: _Start, rule: _Rule) -> LatentTruth:
    """Take steps of expectation and maximization from a start until nothing moves."""
    size, labels = len(sets.annotators), len(sets.labels)
    joint, classes = _counted(sets, start)
    seen = joint.sum(axis=(1, 2)).round().astype(np.int64)
    confusion = rule.maximize(joint, np.full((size, labels, labels), 1.0 / max(labels, 1)))
    likelihood, converged, taken = np.nan, False, 0
    most = rule.steps if sets.items else 0
    prior = _shares(classes, uniform=rule.uniform_prior)
    while taken < most and not converged:
        taken += 1
        joint, classes, now = _expected(sets, prior, confusion)
        converged = bool(now - likelihood < rule.tolerance * sets.items)
        likelihood = now
        if not converged:
            prior = _shares(classes, uniform=rule.uniform_prior)
            confusion = rule.maximize(joint, confusion)
    return LatentTruth(
        name,
        sets.labels,
        sets.annotators,
        prior,
        confusion,
        seen,
        likelihood,
        taken,
        converged,
        items=sets.items,
    )


def _shares(classes: Floats, *, uniform: bool) -> Floats:
    if uniform or not classes.sum():
        return np.full(len(classes), 1.0 / max(len(classes), 1))
    return np.asarray(classes / classes.sum())


def _blocks(sets: LabelSets) -> Iterator[tuple[slice, csr_matrix]]:
    """Yield blocks of sets as matrices of sets by (annotator, label), entries counted."""
    labels = len(sets.labels)
    width = len(sets.annotators) * labels
    code = (sets.annotator * labels + sets.label).astype(np.int32)
    for begin in range(0, len(sets.multiplicity), BLOCK):
        part = slice(begin, min(begin + BLOCK, len(sets.multiplicity)))
        low, high = int(sets.start[part.start]), int(sets.start[part.stop])
        rows = sets.start[part.start : part.stop + 1] - low
        ones = np.ones(high - low)
        yield part, csr_matrix((ones, code[low:high], rows), shape=(len(rows) - 1, width))


def _counted(sets: LabelSets, start: _Start) -> tuple[Floats, Floats]:
    """Count (A, Q true, Q said) and the items of each class by the chances of a start."""
    labels = len(sets.labels)
    joint = np.zeros((len(sets.annotators) * labels, labels))
    classes = np.zeros(labels)
    for part, block in _blocks(sets):
        weighted = start(block, part, labels) * sets.multiplicity[part, None]
        joint += block.T @ weighted
        classes += weighted.sum(axis=0)
    return _turned(joint, labels), classes


def _turned(joint: Floats, labels: int) -> Floats:
    """Turn counts of (A x Q said, Q true) to (A, Q true, Q said)."""
    return np.asarray(joint.reshape(-1, labels, labels).transpose(0, 2, 1))


def _expected(sets: LabelSets, prior: Floats, confusion: Floats) -> tuple[Floats, Floats, float]:
    """Take one pass over all sets: expected counts, items of each class, log-likelihood."""
    labels = len(sets.labels)
    joint = np.zeros((len(sets.annotators) * labels, labels))
    classes, likelihood = np.zeros(labels), 0.0
    log_prior, log_confusion = _log(prior), _log(confusion)
    for part, block in _blocks(sets):
        chances, logs = _chances(block, log_prior, log_confusion)
        weight = sets.multiplicity[part]
        likelihood += float(np.einsum("s,s->", weight, logs))
        chances *= weight[:, None]
        joint += block.T @ chances
        classes += chances.sum(axis=0)
    return _turned(joint, labels), classes, likelihood


def _chances(block: csr_matrix, prior: Floats, confusion: Floats) -> tuple[Floats, Floats]:
    """Chance of each label for each set of a block, and the log-likelihood of the set."""
    labels = len(prior)
    said = np.ascontiguousarray(confusion.transpose(0, 2, 1)).reshape(-1, labels)
    logs = np.asarray(block @ said)
    logs += prior
    # Column by column: numpy takes several times as long for the maximum of many short rows.
    top = reduce(np.maximum, logs.T)
    logs -= top[:, None]
    np.exp(logs, out=logs)
    # No product of matrices: it would be shared out over processors that wait for each other.
    total = np.einsum("sq->s", logs)
    logs /= total[:, None]
    return logs, top + np.log(total)


def _log(shares: Floats) -> Floats:
    """Logarithm with a floor: what was never seen is as good as impossible, not minus infinity."""
    return np.asarray(np.log(np.maximum(shares, 1e-300)))


def label_sets(
    labels: Sequence[str],
    annotators: Sequence[str],
    members: Sequence[tuple[int, int, int]],
    multiplicity: Sequence[int] | None = None,
) -> LabelSets:
    """Build label sets from members (set, annotator, label), sorted or not.

    Examples
    --------
    >>> sets = label_sets(("no", "yes"), ("ann", "ben"), [(0, 0, 1), (0, 1, 1), (1, 0, 0)], [3, 1])
    >>> sets.items, sets.start.tolist()
    (4, [0, 2, 3])
    """
    rows = np.array(members, dtype=np.int64).reshape(-1, 3)
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    number = int(rows[:, 0].max(initial=-1)) + 1
    start = np.concatenate([[0], np.cumsum(np.bincount(rows[:, 0], minlength=number))])
    times = np.ones(number, dtype=np.int64) if multiplicity is None else multiplicity
    return LabelSets(
        tuple(labels),
        tuple(annotators),
        start.astype(np.int64),
        rows[:, 1],
        rows[:, 2],
        np.asarray(times, dtype=np.int64),
    )


def parts(sets: LabelSets) -> int:
    """Return the number of parts that no annotator connects: people of two cannot be compared."""
    size = len(sets.annotators)
    if not len(sets.annotator):
        return 0
    which = np.repeat(np.arange(len(sets.multiplicity)), np.diff(sets.start))
    ones = np.ones(len(which), dtype=np.int8)
    whole = size + len(sets.multiplicity)
    graph = csr_matrix((ones, (sets.annotator, size + which)), shape=(whole, whole))
    _, part = connected_components(graph, directed=False)
    return len(np.unique(part[sets.annotator]))
