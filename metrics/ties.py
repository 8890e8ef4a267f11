"""Ties as a label of their own, or left out before anything is counted."""

from dataclasses import replace
from typing import Literal

import numpy as np

from metrics.tables import AnnotatorPatterns, UnitPatterns

Ties = Literal["class", "exclude"]


def with_ties(patterns: UnitPatterns, ties: Ties) -> UnitPatterns:
    """Patterns with tie labels kept as a class, or with every tie rating taken away.

    Excluding takes ratings away, not items: an item with the votes a, a, tie keeps two votes.
    The tie labels leave the label domain too, so chance agreement is that of a decisive vote.

    Parameters
    ----------
    patterns : UnitPatterns
    ties : {"class", "exclude"}

    Raises
    ------
    ValueError
        When ties are to be excluded and the question declares no tie label.
    """
    if ties == "class":
        return patterns
    if ties != "exclude":
        raise ValueError(f"ties must be class or exclude, found {ties!r}")
    if not patterns.tie_labels:
        raise ValueError("ties=exclude needs a question with tie labels, this one declares none")
    kept = np.array([label not in patterns.tie_labels for label in patterns.labels], dtype=bool)
    return replace(
        patterns,
        labels=tuple(label for label in patterns.labels if label not in patterns.tie_labels),
        counts=patterns.counts[:, kept],
        tie_labels=(),
        annotators=_decisive(patterns.annotators, kept),
    )


def _decisive(who: AnnotatorPatterns | None, kept: np.ndarray) -> AnnotatorPatterns | None:
    if who is None:
        return None
    chosen = kept[who.label]
    place = np.cumsum(kept) - 1
    return AnnotatorPatterns(
        annotators=who.annotators,
        annotator=who.annotator[chosen],
        pattern=who.pattern[chosen],
        label=place[who.label[chosen]],
        count=who.count[chosen],
    )
