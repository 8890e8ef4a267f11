"""Text coverage: which topics of a reference does a batch hold?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from metrics.estimates import Estimate

LEAST: Final = 5
"""Items of the batch that make a topic covered."""
SMALLEST_REFERENCE: Final = 50
_COMPONENTS: Final = 50
_ITEMS_A_TOPIC: Final = 25
_MOST_TOPICS: Final = 60
_TERMS: Final = 5
_SEED: Final = 20_261_123
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Topics:
    """Topics of the reference, and how many texts of each side fall into them.

    Attributes
    ----------
    terms : words that set a topic apart
    reference, batch : texts of either side by topic
    example : place of the reference text in the middle of a topic
    outside : texts of the batch without any word of the reference, in no topic
    least : texts of the batch that make a topic covered
    """

    terms: tuple[str, ...]
    reference: Places
    batch: Places
    example: Places
    outside: int
    least: int = LEAST


def topics(reference: Sequence[str], batch: Sequence[str], *, least: int = LEAST) -> Topics:
    """Cut the reference into topics and count the texts of the batch in them.

    Words are weighted by TF-IDF, reduced by a truncated singular value decomposition and clustered
    by k-means, all fitted on the reference with a fixed seed; the batch is only assigned. Fitted on
    the batch, every topic it has would be one, and none that it lacks.

    Raises
    ------
    ValueError
        When the reference has too few texts, or no words in common among them.
    """
    from sklearn.cluster import KMeans  # noqa: PLC0415 - slow to import, used on demand
    from sklearn.decomposition import TruncatedSVD  # noqa: PLC0415
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import Normalizer  # noqa: PLC0415

    if len(reference) < SMALLEST_REFERENCE:
        raise ValueError(
            f"the reference has {len(reference)} texts; topics need {SMALLEST_REFERENCE} or more"
        )
    words = TfidfVectorizer(min_df=2, max_df=0.5, sublinear_tf=True, max_features=50_000)
    try:
        weighted = words.fit_transform(reference)
    except ValueError as error:
        raise ValueError("the texts of the reference have no words in common") from error
    if weighted.shape[1] <= _COMPONENTS // 10:
        raise ValueError("the texts of the reference have hardly any words in common")
    size = min(_COMPONENTS, weighted.shape[1] - 1)
    reduce = make_pipeline(TruncatedSVD(size, random_state=_SEED), Normalizer(copy=False))
    places = reduce.fit_transform(weighted)
    k = int(np.clip(len(reference) // _ITEMS_A_TOPIC, 2, _MOST_TOPICS))
    means = KMeans(k, n_init=4, random_state=_SEED).fit(places)
    held = np.zeros(k, np.int64)
    outside = 0
    if batch:
        given = words.transform(batch)
        known = np.asarray(given.sum(axis=1)).ravel() > 0
        outside = int(len(batch) - known.sum())
        if known.any():
            held = np.bincount(means.predict(reduce.transform(given[known])), minlength=k)
    terms = _terms(weighted, means.labels_, words.get_feature_names_out())
    example = np.argmin(means.transform(places), axis=0)
    counted = np.bincount(means.labels_, minlength=k)
    return Topics(terms, counted, held, example, outside, least)


def _terms(weighted: Any, labels: Places, names: Sequence[str]) -> tuple[str, ...]:
    """Return the words that weigh more in a topic than everywhere."""
    everywhere = np.asarray(weighted.mean(axis=0)).ravel()
    found = []
    for topic in range(int(labels.max()) + 1):
        inside = np.asarray(weighted[labels == topic].mean(axis=0)).ravel()
        best = np.argsort(-(inside - everywhere), kind="stable")[:_TERMS]
        found.append(", ".join(names[place] for place in best))
    return tuple(found)


def text_coverage(found: Topics) -> Estimate:
    """Measure the share of the reference's topics that hold enough items of the batch.

    Answers whether a batch speaks of all that an accepted batch, or the plan, speaks of. The
    reference is another batch, named by the option `against`; its prompts are cut into topics (see
    the method), and a topic is covered when at least five items (`least`) fall into it. The topics
    that lack are named by their words.

    It misleads in two ways. Topics are made of words: what is said in other words, or in another
    language than the reference, falls elsewhere. And a text always falls into its nearest topic,
    however far: a batch about something else covers topics by accident, so look at the examples.
    It is a description of this batch with one fixed cut into topics; another cut gives another
    figure, and no interval speaks of that.

    Parameters
    ----------
    found : Topics
        Texts of batch and reference by topic.

    Returns
    -------
    Estimate
        0 where no topic is covered, 1 where all are; n is the number of topics.

    References
    ----------
    Salton and Buckley (1988), doi:10.1016/0306-4573(88)90021-0; Deerwester et al. (1990), Indexing
    by latent semantic analysis.

    Examples
    --------
    >>> counts = np.array([9, 4, 0, 7])
    >>> text_coverage(Topics(("a", "b", "c", "d"), counts, counts, counts, 0)).value
    0.5
    """
    n = len(found.terms)
    value = float((found.batch >= found.least).sum()) / n
    return Estimate(
        value=value,
        low=value,
        high=value,
        n=n,
        n_unit="topics",
        about="batch",
        method=(
            f"TF-IDF, SVD and {n} k-means topics of the reference, seed {_SEED}; covered from"
            f" {found.least} items"
        ),
        provenance={"outside": found.outside, "items": int(found.batch.sum()) + found.outside},
    )
