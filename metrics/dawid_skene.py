"""Models of how people err: Dawid and Skene's, one coin, and MACE.

All infer the true labels and the people's quality at once, without gold. All rest on one
assumption: given the truth, people err independently. Who copies, or shares an error, is taken
for right.
"""

from dataclasses import replace

import numpy as np

from metrics.latent_truth import LatentTruth, fit
from metrics.tables import Floats, LabelSets


def dawid_skene(
    sets: LabelSets,
    *,
    smoothing: float = 0.0,
    starts: int = 8,
    steps: int = 500,
    tolerance: float = 1e-7,
    seed: int = 0,
) -> LatentTruth:
    """Infer true labels with a confusion matrix for each person (Dawid and Skene 1979).

    What is each item's label, and who confuses what? It misleads where people share errors, where
    several answers are right, where each has few answers (about 20 or fewer a person), and where
    it has several modes: `better_modes` tells of starts that ended somewhere more likely.

    Parameters
    ----------
    sets : LabelSets
    smoothing : float, 0 or more
        Answers worth of the crew's own confusion that are added to each person's counts, so that
        somebody with few answers is taken for one of the crew. 0 is the model as published.
    starts, steps, tolerance, seed
        As in `metrics.latent_truth.fit`.

    Returns
    -------
    LatentTruth
        Rows of `confusion` add up to 1; a true label of which a person saw nothing is uniform.

    References
    ----------
    Dawid and Skene (1979), Maximum likelihood estimation of observer error-rates using the EM
    algorithm, 10.2307/2346806
    """

    def maximize(joint: Floats, _: Floats) -> Floats:
        if smoothing:
            crew = _rows(joint.sum(axis=0))
            joint = joint + smoothing * crew
        return _rows(joint)

    found = fit(
        sets, "Dawid-Skene", maximize, starts=starts, steps=steps, tolerance=tolerance, seed=seed
    )
    return replace(found, smoothing=smoothing)


def one_coin(sets: LabelSets, *, starts: int = 0, seed: int = 0) -> LatentTruth:
    """Infer true labels with one accuracy for each person, errors spread evenly.

    Who is right how often, where answers are too few for a matrix each? It misleads where labels
    are confused in one direction: that looks like low accuracy of everybody.

    Parameters
    ----------
    sets : LabelSets
    starts, seed
        As in `metrics.latent_truth.fit`.

    References
    ----------
    Zhang, Chen, Zhou and Jordan (2016), Spectral methods meet EM: a provably optimal algorithm
    for crowdsourcing, JMLR 17(102)
    """

    def maximize(joint: Floats, _: Floats) -> Floats:
        labels = joint.shape[-1]
        seen = joint.sum(axis=(1, 2))
        right = np.einsum("aqq->a", joint)
        accuracy = np.divide(right, seen, out=np.full(len(seen), 1.0 / labels), where=seen > 0)
        slip = (1.0 - accuracy) / max(labels - 1, 1)
        matrix = np.broadcast_to(slip[:, None, None], joint.shape).copy()
        matrix[:, np.arange(labels), np.arange(labels)] = accuracy[:, None]
        return matrix

    return fit(sets, "one coin", maximize, starts=starts, seed=seed)


def mace(sets: LabelSets, *, smoothing: float = 0.5, starts: int = 0, seed: int = 0) -> LatentTruth:
    """Infer true labels with people who know, or else draw a label of their own habit.

    Who answers without looking? A person knows the label with some chance (`competence`), else
    says labels by a habit that has nothing to do with the item. It misleads on ordered labels,
    where near misses are not spam.

    Parameters
    ----------
    sets : LabelSets
    smoothing : float, above 0
        Answers added to each count, so that few answers do not decide.
    starts, seed
        As in `metrics.latent_truth.fit`.

    References
    ----------
    Hovy, Berg-Kirkpatrick, Vaswani and Hovy (2013), Learning whom to trust with MACE, NAACL
    """

    def maximize(joint: Floats, before: Floats) -> Floats:
        labels = joint.shape[-1]
        said_right = np.einsum("aqq->aq", joint)
        # Where the answer is right it was known, or the habit happened to say it.
        habit = np.einsum("aqq->aq", before) - competence(before)[:, None]
        chance = np.einsum("aqq->aq", before)
        by_habit = np.divide(habit, chance, out=np.ones_like(habit), where=chance > 0)
        by_habit = np.clip(by_habit, 0.0, 1.0) if before.std() > 0 else np.full_like(habit, 0.5)
        known = (said_right * (1.0 - by_habit)).sum(axis=1)
        habits = joint.sum(axis=1) - said_right * (1.0 - by_habit)
        seen = joint.sum(axis=(1, 2))
        knows = (known + smoothing) / (seen + 2.0 * smoothing)
        habits = (habits + smoothing) / (habits.sum(axis=1, keepdims=True) + smoothing * labels)
        spam = (1.0 - knows)[:, None, None] * habits[:, None, :]
        return np.asarray(spam + knows[:, None, None] * np.eye(labels))

    return fit(sets, "MACE", maximize, uniform_prior=True, starts=starts, seed=seed)


def competence(confusion: Floats) -> Floats:
    """Chance that a person of MACE knows the label: what is left when habit is taken off; (A,).

    A person's habit says label l as often whatever is true, so what says l more often where l is
    true than elsewhere is knowledge.
    """
    labels = confusion.shape[-1]
    if labels < 2:
        return np.ones(len(confusion))
    right = np.einsum("aqq->aq", confusion)
    elsewhere = (confusion.sum(axis=1) - right) / (labels - 1)
    return np.asarray((right - elsewhere).mean(axis=1))


def _rows(joint: Floats) -> Floats:
    """Make rows add up to 1; uniform where nothing was counted."""
    total = joint.sum(axis=-1, keepdims=True)
    uniform = np.full(joint.shape, 1.0 / joint.shape[-1])
    return np.asarray(np.divide(joint, total, out=uniform, where=total > 0))
