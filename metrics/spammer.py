"""Spammer score: how much a person's answers say about the true label at all."""

import numpy as np

from metrics.tables import Floats


def spammer_score(confusion: Floats) -> Floats:
    """Score from 0, answers that have nothing to do with the truth, to 1, answers that settle it.

    Does it matter what this person says? It misleads read as accuracy: somebody who swaps two
    labels throughout scores 1, since the truth can be read off the answers all the same.

    Parameters
    ----------
    confusion : ndarray of shape (..., Q, Q)
        Chance of each answer (last axis) given the true label.

    Returns
    -------
    ndarray of shape (...)
        Sum over pairs of true labels of the squared distance of their rows, over Q (Q - 1). For
        two labels (true positive rate + true negative rate - 1)²; nan for one label.

    References
    ----------
    Raykar and Yu (2012), Eliminating spammers and ranking annotators for crowdsourced labeling
    tasks, JMLR 13:491

    Examples
    --------
    >>> float(spammer_score(np.array([[0.9, 0.1], [0.3, 0.7]])).round(4))
    0.36
    """
    labels = confusion.shape[-1]
    if labels < 2:
        return np.full(confusion.shape[:-2], np.nan)
    # Over all ordered pairs of rows: 2 Q sum of squares less 2 square of sums.
    squares = np.square(confusion).sum(axis=(-2, -1))
    together = np.square(confusion.sum(axis=-2)).sum(axis=-1)
    return np.asarray((labels * squares - together) / (labels * (labels - 1)))
