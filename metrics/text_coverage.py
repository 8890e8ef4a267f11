"""Text coverage: how much of what a reference speaks of does a batch speak of?"""

from metrics.estimates import Estimate
from metrics.tables import ItemCounts


def text_coverage(counts: ItemCounts) -> Estimate:
    """Share of the topics of a reference batch that a batch holds often enough.

    Answers which kinds of prompts the reference has and this batch does not. Topics are clusters
    of the reference's prompts (TF-IDF, truncated SVD, k-means with a fixed seed), never of the
    batch's own; a topic is covered when at least `least` prompts of the batch lie as near to its
    middle as the reference's own do.

    It misleads where the reference is no model of what is wanted, where languages mix, and in the
    number of topics, which is chosen and not found. Words are compared, not meanings.

    Parameters
    ----------
    counts : ItemCounts
        Topics that are covered, and topics.

    Returns
    -------
    Estimate
        0 to 1, higher is fuller. A census of the batch under topics that are given, so there is no
        interval. Missing input without a reference.

    Raises
    ------
    ValueError
        When more topics are covered than there are.

    References
    ----------
    Deerwester et al. (1990), Indexing by latent semantic analysis,
    doi:10.1002/(SICI)1097-4571(199009)41:6<391::AID-ASI1>3.0.CO;2-9

    Examples
    --------
    >>> text_coverage(ItemCounts(inside=15, total=20)).value
    0.75
    """
    if not 0 <= counts.inside <= counts.total:
        raise ValueError(f"{counts.inside} topics cannot be among {counts.total}")
    blank = Estimate(
        n=counts.total,
        n_unit="topics",
        about="batch",
        method="TF-IDF, truncated SVD and k-means fitted on the reference",
    )
    if not counts.total:
        return blank.but(status="undefined", reason="the reference has no topics")
    value = counts.inside / counts.total
    return blank.but(value=value, low=value, high=value)
