"""Duplicates: items that are there twice, that contradict an equal, or that must stay unseen."""

from dataclasses import dataclass
from typing import Final

from metrics.estimates import Estimate
from metrics.minhash import detection_probability

NO_TEXT: Final = "no item has a prompt; import the texts to look for copies"


@dataclass(frozen=True, slots=True)
class Copies:
    """Items with a prompt, distinct prompts, clusters of near copies, and the overlap asked for."""

    items: int
    texts: int
    clusters: int
    threshold: float
    without_text: int = 0
    compared: int = 0
    largest: int = 0


@dataclass(frozen=True, slots=True)
class Marked:
    """Items that something was found about, of those that were looked at."""

    items: int
    total: int


def exact_duplicate_share(copies: Copies) -> Estimate:
    """Count the items whose prompt an earlier item has already, as a share.

    Answers how much of the batch was paid for twice. Prompts are compared after Unicode
    composition, small letters and single blanks, with their context in front. It is a census: every
    ordinary item with a prompt is looked at, so there is no interval.

    It misleads where one prompt is meant to come with several responses: there each item is
    another task. A prompt with one comma more is no exact copy; see `near_duplicate_share`.

    Parameters
    ----------
    copies : Copies
        Items and distinct prompts.

    Returns
    -------
    Estimate
        0 where all prompts differ, towards 1 where all are one. missing_input without prompts.

    References
    ----------
    Lee et al. (2022), Deduplicating Training Data Makes Language Models Better,
    doi:10.18653/v1/2022.acl-long.577.

    Examples
    --------
    >>> exact_duplicate_share(Copies(items=10, texts=8, clusters=7, threshold=0.7)).value
    0.2
    """
    return _share(copies.items - copies.texts, copies.items, "prompts hashed and counted", copies)


def near_duplicate_share(copies: Copies) -> Estimate:
    """Count the items beyond the first of each cluster of near copies, as a share.

    Answers how much of the batch says what another item says already. Two prompts are near copies
    when they share at least the threshold (.7) of their three-word runs; prompts without blanks
    between words are cut into runs of four characters. A cluster holds all that hang together.
    It is a census with a small blind spot: pairs are proposed by MinHash, which finds one at the
    threshold with the probability stated and closer ones nearly always, so the share is a lower
    bound. What is proposed is verified; no pair is counted by chance.

    It misleads on short prompts: one word changed in ten leaves less than .7, so only longer ones
    are near copies. A template filled in with other names is one cluster when little is filled in,
    whether that is a flaw or the plan. Chains join texts that are less alike at their ends.

    Parameters
    ----------
    copies : Copies
        Items, and clusters of near copies.

    Returns
    -------
    Estimate
        0 where no two are near, towards 1 where all are. missing_input without prompts.

    References
    ----------
    Broder (1997), On the resemblance and containment of documents,
    doi:10.1109/SEQUEN.1997.666900. Lee et al. (2022), doi:10.18653/v1/2022.acl-long.577.

    Examples
    --------
    >>> near_duplicate_share(Copies(items=10, texts=8, clusters=7, threshold=0.7)).value
    0.3
    """
    return _share(copies.items - copies.clusters, copies.items, _method(copies), copies)


def effective_items(copies: Copies) -> Estimate:
    """Count the clusters of near copies: the number of items when copies count once.

    Answers how large the batch really is. A census, computed as `near_duplicate_share` is, whose
    limits it has: it is an upper bound.

    It misleads as a quality figure: a thousand distinct prompts on one topic are a thousand.

    Parameters
    ----------
    copies : Copies
        Items, and clusters of near copies.

    Returns
    -------
    Estimate
        1 to the number of items with a prompt; higher is richer. missing_input without prompts.

    References
    ----------
    Broder (1997), doi:10.1109/SEQUEN.1997.666900.

    Examples
    --------
    >>> effective_items(Copies(items=10, texts=8, clusters=7, threshold=0.7)).value
    7.0
    """
    if not copies.items:
        return _missing(NO_TEXT)
    value = float(copies.clusters)
    whole = _share(0, copies.items, _method(copies), copies)
    return whole.but(value=value, low=value, high=value, is_count=True)


def conflicting_duplicates(marked: Marked) -> Estimate:
    """Count the items that have an equal which ships with another label, as a share.

    Answers how far the batch teaches two things at once. Equal are items with the same prompt and
    the same responses, compared as in `exact_duplicate_share`; the label is the one that ships: a
    resolution, an arbitration, else the majority. With the option `against`, equals are looked for
    in that other batch and not within this one. A census, no interval.

    It misleads where the order of responses carries the label, or where context that was not
    imported tells two items apart. Items whose votes are tied ship no label and are not counted.

    Parameters
    ----------
    marked : Marked
        Items with a contradicting equal, and items with a label.

    Returns
    -------
    Estimate
        0 where no two contradict. missing_input where no item has text and label.

    References
    ----------
    Northcutt, Jiang and Chuang (2021), Confident Learning, doi:10.1613/jair.1.12125, on label
    errors that survive a majority.

    Examples
    --------
    >>> conflicting_duplicates(Marked(items=4, total=200)).value
    0.02
    """
    if not marked.total:
        return _missing("no item has both a text and a label that ships")
    return _census(marked.items, marked.total, "equal texts with unlike labels, counted")


def contamination_share(marked: Marked) -> Estimate:
    """Count the items that hold a prompt or an answer of an evaluation list, as a share.

    Answers whether training on the batch would spoil an evaluation that must stay unseen. The list
    is a batch of its own, named by the option `against`. Prompts are held against its prompts,
    responses against its responses. An item counts when a text is equal to one of the list, or
    holds at least the threshold (.7) of the three-word runs of one, also inside a longer text.
    Every item is held against the whole list, without sampling: a census, no interval.

    It misleads on short texts: those of under eight words are compared for equality only, and on
    the answer side not at all, because "yes" is in every list. A paraphrase or a translation is
    not found. Runs that stand in more than 200 texts of the list are taken for its template.

    Parameters
    ----------
    marked : Marked
        Items found in the list, and items with a text.

    Returns
    -------
    Estimate
        0 where nothing of the list is in the batch. missing_input without texts or without a list.

    References
    ----------
    Brown et al. (2020), Language Models are Few-Shot Learners, arXiv:2005.14165, appendix C.

    Examples
    --------
    >>> contamination_share(Marked(items=3, total=300)).value
    0.01
    """
    if not marked.total:
        return _missing("no item has a text that could be held against the list")
    return _census(marked.items, marked.total, "all texts held against the whole list")


def _method(copies: Copies) -> str:
    chance = detection_probability(copies.threshold)
    return (
        f"MinHash, pairs verified at overlap {copies.threshold:g}; a pair at the threshold is"
        f" found with probability {chance:.3f}"
    )


def _share(inside: int, total: int, method: str, copies: Copies) -> Estimate:
    if not total:
        return _missing(NO_TEXT)
    facts = {"without_text": copies.without_text, "compared": copies.compared}
    return _census(inside, total, method).but(
        provenance={**facts, "texts": copies.texts, "largest_cluster": copies.largest}
    )


def _census(inside: int, total: int, method: str) -> Estimate:
    value = inside / total
    return Estimate(
        value=value, low=value, high=value, n=total, n_unit="items", about="batch", method=method
    )


def _missing(reason: str) -> Estimate:
    return Estimate(about="batch", status="missing_input", reason=reason)
