"""Which items are worth one more answer: how much surer the label that ships would become."""

from collections.abc import Sequence
from math import nan, sqrt

import numpy as np

from metrics.tables import Floats


def accuracy_from_agreement(agreement: float, labels: int) -> float:
    """Share of right answers that would give an agreement, if nothing but slips divides people.

    People who are right with chance a, and else say any other label alike, agree with chance
    a² + (1 - a)² / (Q - 1); solved for a. It misleads where there is no right answer, where
    errors are shared, and where some people are far better than others.

    Parameters
    ----------
    agreement : float, 0 to 1
        Share of pairs of answers to the same item that agree.
    labels : int, 2 or more
        Number of labels in use (Q).

    Returns
    -------
    float
        From 1 / Q to 1; nan where people agree less than guesses would.

    Examples
    --------
    >>> round(accuracy_from_agreement(0.73, 2), 4)
    0.8391
    """
    inside = (labels - 1) * (labels * agreement - 1.0)
    return (1.0 + sqrt(inside)) / labels if inside >= 0 else nan


def gain_of_one_more(votes: Sequence[int], labels: int, accuracy: float) -> float:
    """How much more often the label that ships is right after one more answer.

    Where is the next answer best spent? On an item that is split, not on one that is settled, nor
    on the last of many votes. The expected value of the chance of the likeliest label after the
    next answer, less that chance now. It misleads where people differ for good reasons: one more
    answer never settles a matter of taste.

    Parameters
    ----------
    votes : counts of the labels given so far, in any order; those not given may be left out
    labels : int, 2 or more
        Number of labels an item can have (Q), all alike before anybody answered.
    accuracy : float, above 1 / Q to 1
        Chance that an answer is right; see `accuracy_from_agreement`.

    Returns
    -------
    float
        From 0 to 1; nan where the accuracy is.

    Examples
    --------
    One answer each for two labels, then two for one of them:

    >>> round(gain_of_one_more([1, 1], 2, 0.8), 3), round(gain_of_one_more([2, 0], 2, 0.8), 3)
    (0.3, 0.0)
    """
    if not accuracy <= 1.0:
        return nan
    given = np.zeros(labels)
    given[: len(votes)] = votes
    slip = (1.0 - accuracy) / (labels - 1)
    now = _chances(given, accuracy, slip)
    said = slip + (accuracy - slip) * now
    after = [_chances(given + one, accuracy, slip).max() for one in np.eye(labels)]
    return max(float(said @ np.array(after) - now.max()), 0.0)


def _chances(given: Floats, accuracy: float, slip: float) -> Floats:
    """Chance of each label to be the right one, after the answers given."""
    with np.errstate(divide="ignore"):
        # A difference of votes is all that counts, and no power of a small number runs out.
        weight = np.exp((given - given.max()) * (np.log(accuracy) - np.log(max(slip, 1e-300))))
    return np.asarray(weight / weight.sum())
