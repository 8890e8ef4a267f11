"""What must be said beside labels that a model inferred, before anybody rests on them."""

import numpy as np

from metrics.latent_truth import LatentTruth, parts
from metrics.tables import LabelSets

THIN = 20
"""Answers below which a person's own confusion matrix is mostly accident."""


def remarks(sets: LabelSets, model: LatentTruth) -> tuple[str, ...]:
    """Return sentences on what the fit hangs on; empty where nothing stands against it.

    Can these labels and accuracies be taken as they are? Silence is no proof: that people err
    independently cannot be seen from a fit.

    Parameters
    ----------
    sets : LabelSets
        What the model was fitted to.
    model : LatentTruth

    Examples
    --------
    >>> from metrics.dawid_skene import dawid_skene
    >>> from metrics.latent_truth import label_sets
    >>> sets = label_sets(("no", "yes"), ("ann",), [(0, 0, 0), (1, 0, 1)], [30, 30])
    >>> remarks(sets, dawid_skene(sets))
    ('no item has answers of two people: the model takes everybody at their word',)
    """
    if not sets.items:
        return ("there are no answers to learn from",)
    said = (
        _nothing_shared(sets),
        _unfinished(model),
        _other_modes(model),
        _apart(sets),
        _thin(model),
    )
    return tuple(one for one in said if one)


def _nothing_shared(sets: LabelSets) -> str:
    if np.diff(sets.start).max(initial=0) > 1:
        return ""
    return "no item has answers of two people: the model takes everybody at their word"


def _unfinished(model: LatentTruth) -> str:
    if model.converged:
        return ""
    return f"not converged after {model.steps} steps: the labels may still move"


def _other_modes(model: LatentTruth) -> str:
    better = model.better_modes
    if not better:
        return ""
    best = better[0]
    gain = best.log_likelihood - model.log_likelihood
    return (
        f"several solutions: {len(better)} of {len(model.modes)} other starts end more likely,"
        f" the best by {gain:.2f} in log-likelihood; it labels {best.other_labels:.1%} of the"
        " items otherwise"
    )


def _apart(sets: LabelSets) -> str:
    number = parts(sets)
    if number < 2:
        return ""
    return (
        f"{number} parts share no annotator and no item: people of different parts cannot be"
        " compared"
    )


def _thin(model: LatentTruth) -> str:
    thin = int((model.seen < THIN).sum())
    if not thin:
        return ""
    how = "their own confusion is mostly accident"
    if model.smoothing:
        how = f"{model.smoothing:g} answers of the crew's own confusion are added to everybody's"
    return f"{thin} of {len(model.annotators)} people have fewer than {THIN} answers: {how}"
