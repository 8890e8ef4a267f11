"""Duplicates: how much of a batch is there more than once, and how much is in a test set."""

from dataclasses import dataclass
from math import sqrt

from metrics.estimates import Estimate
from metrics.tables import ItemCounts


@dataclass(frozen=True, slots=True)
class TextCounts:
    """Texts there are, and how many are left when those that are the same count once."""

    texts: int
    different: int


def detection_probability(similarity: float, rows: int = 5, bands: int = 20) -> float:
    """Chance that locality-sensitive hashing looks at a pair of texts at all.

    How many near duplicates does the search miss? Signatures are cut into `bands` of `rows` values;
    a pair is looked at when one band is equal. It misleads where the hashes are not random.

    Parameters
    ----------
    similarity : float, 0 to 1
        Jaccard index of the two texts.
    rows, bands : int, at least 1

    References
    ----------
    Leskovec, Rajaraman and Ullman (2014), Mining of Massive Datasets, 2nd ed., ch. 3.4

    Examples
    --------
    >>> round(detection_probability(0.8), 6)
    0.999644
    """
    if not 0 <= similarity <= 1 or rows < 1 or bands < 1:
        raise ValueError(f"similarity {similarity}, rows {rows}, bands {bands} make no search")
    return 1.0 - (1.0 - similarity**rows) ** bands


def minhash_deviation(similarity: float, permutations: int = 100) -> float:
    """Deviation of the Jaccard index that a MinHash signature estimates.

    Why are candidates compared by their real Jaccard index? With 100 permutations an estimate of
    .8 is off by .04 in one of three pairs.

    References
    ----------
    Broder (1997), On the resemblance and containment of documents, doi:10.1109/SEQUEN.1997.666900

    Examples
    --------
    >>> round(minhash_deviation(0.8), 3)
    0.04
    """
    if not 0 <= similarity <= 1 or permutations < 1:
        raise ValueError(f"similarity {similarity} with {permutations} permutations")
    return sqrt(similarity * (1.0 - similarity) / permutations)


def exact_duplicate_share(counts: TextCounts) -> Estimate:
    """Share of texts that another item has letter for letter.

    Answers how much of the batch was delivered twice. Case, blanks and punctuation do not count,
    and prompts of one group (one prompt judged in several comparisons) are one text. Of five
    copies four are duplicates. It is a census: there is no interval.

    It misleads where short texts repeat rightly, such as "Translate this:" before a context, and
    says nothing of texts that differ in one word: see `near_duplicate_share`.

    Parameters
    ----------
    counts : TextCounts
        Texts that are not blank, and different ones.

    Returns
    -------
    Estimate
        0, all different, to nearly 1, all the same. Undefined without texts. `provenance` has the
        effective number of texts.

    Raises
    ------
    ValueError
        When there are more different texts than texts.

    References
    ----------
    Lee et al. (2022), Deduplicating training data makes language models better,
    doi:10.18653/v1/2022.acl-long.577

    Examples
    --------
    >>> exact_duplicate_share(TextCounts(texts=200, different=150)).value
    0.25
    """
    return _redundant(counts, "texts equal after case, blanks and punctuation, all looked at")


def near_duplicate_share(counts: TextCounts) -> Estimate:
    """Share of texts that are nearly the same as another one of the batch.

    Answers how many items teach nothing new. Two texts are near duplicates when the Jaccard index
    of their shingles (three words; four characters in scripts without blanks) reaches the
    similarity asked for; what hangs together is one cluster, and of each cluster all but one text
    are duplicates. The number of clusters and single texts is the effective n.

    It misleads where a chain of small changes links texts that are unlike (look at the cluster),
    and on texts of a few words, where one other word makes a text different. The search looks at
    a pair of similarity .8 with a chance of .9996, at one of .6 with .80, so a lower similarity
    asked for finds fewer of what there is.

    Parameters
    ----------
    counts : TextCounts
        Texts that are not blank, and clusters, where a text alone is one.

    Returns
    -------
    Estimate
        0, all different, to nearly 1. Undefined without texts; missing_input before the search.

    Raises
    ------
    ValueError
        When there are more clusters than texts.

    References
    ----------
    Broder (1997), doi:10.1109/SEQUEN.1997.666900; Lee et al. (2022),
    doi:10.18653/v1/2022.acl-long.577

    Examples
    --------
    >>> found = near_duplicate_share(TextCounts(texts=200, different=120))
    >>> found.value, found.provenance["effective_n"]
    (0.4, 120)
    """
    return _redundant(counts, "MinHash candidates, verified by the Jaccard index of shingles")


def contamination_share(counts: ItemCounts) -> Estimate:
    """Share of items whose prompt or response is in an evaluation set.

    Answers whether training on this batch would spoil a test: an item counts when its prompt, or
    its response of five words and more, is the same as or a near duplicate of one in the isolation
    list. It is a census against that list: there is no interval.

    It misleads about lists that were not given, about translations and paraphrases, and about
    items that quote a test inside a longer text.

    Parameters
    ----------
    counts : ItemCounts
        Items that overlap, and items looked at.

    Returns
    -------
    Estimate
        0, nothing, to 1. Undefined without items; missing_input without a list.

    Raises
    ------
    ValueError
        When more items overlap than there are.

    References
    ----------
    Brown et al. (2020), Language models are few-shot learners, appendix C, arXiv:2005.14165

    Examples
    --------
    >>> contamination_share(ItemCounts(inside=3, total=200)).value
    0.015
    """
    if not 0 <= counts.inside <= counts.total:
        raise ValueError(f"{counts.inside} items cannot be among {counts.total}")
    return _census(
        counts.inside, counts.total, "items", "overlap with the isolation list, all items looked at"
    )


def conflicting_duplicates(counts: ItemCounts) -> Estimate:
    """Prompts that occur more than once and were given different labels.

    Answers whether the batch teaches two opposite things about one prompt. The label of an item is
    its most frequent answer. A count of all repeated prompts, so there is no interval.

    It misleads where the responses differ and so may rightly be labelled differently: read the
    pairs.

    Parameters
    ----------
    counts : ItemCounts
        Repeated prompts with different labels, and all repeated prompts that were answered.

    Returns
    -------
    Estimate
        0 to the number of repeated prompts, lower is better. Always defined.

    Raises
    ------
    ValueError
        When more prompts conflict than are repeated.

    References
    ----------
    Northcutt, Athalye and Mueller (2021), Pervasive label errors in test sets, arXiv:2103.14749

    Examples
    --------
    >>> conflicting_duplicates(ItemCounts(inside=2, total=9)).value
    2.0
    """
    if not 0 <= counts.inside <= counts.total:
        raise ValueError(f"{counts.inside} prompts cannot be among {counts.total}")
    value = float(counts.inside)
    return Estimate(
        value=value,
        low=value,
        high=value,
        n=counts.total,
        n_unit="repeated prompts",
        about="batch",
        method="count of all prompts that occur more than once, no sample",
        is_count=True,
    )


def _redundant(counts: TextCounts, method: str) -> Estimate:
    if not 0 <= counts.different <= counts.texts or (counts.texts and not counts.different):
        raise ValueError(f"{counts.different} different among {counts.texts} texts")
    found = _census(counts.texts - counts.different, counts.texts, "texts", method)
    return found.but(provenance={"effective_n": counts.different})


def _census(inside: int, total: int, n_unit: str, method: str) -> Estimate:
    blank = Estimate(n=total, n_unit=n_unit, about="batch", method=method)
    if not total:
        return blank.but(status="undefined", reason=f"there are no {n_unit} to look at")
    value = inside / total
    return blank.but(value=value, low=value, high=value)
