"""Soundness of demonstrations: what SFT responses do, begin with, look like and hide."""

from dataclasses import dataclass
from math import atanh, isnan, nan, sqrt, tanh

from scipy.special import ndtri

from metrics.estimates import Estimate
from metrics.intervals import proportion
from metrics.tables import ItemCounts


@dataclass(frozen=True, slots=True)
class OpeningCounts:
    """How responses begin: the commonest opening, all responses, different openings, equal pairs.

    `pairs` counts ordered pairs of responses with the same opening.
    """

    largest: int
    total: int
    different: int
    pairs: float


@dataclass(frozen=True, slots=True)
class RankCorrelation:
    """Spearman's correlation of two properties of items, nan where one of them never varies."""

    items: int
    correlation: float


def over_refusal_share(counts: ItemCounts, confidence: float = 0.95) -> Estimate:
    """Share of harmless items that are refused.

    Answers whether the batch teaches to refuse what nobody need fear. Harmless is a risk level of
    low, none, benign or safe; a refusal is what the attribute `refusal_strategy` says, or, where
    there is none, what reads like one.

    It misleads where risk levels are wrong, and where refusals are told by their words: the
    Soundness page shows how often words and attribute differ.

    Parameters
    ----------
    counts : ItemCounts
        Refusals among harmless responses, and harmless responses.
    confidence : float in (0, 1)

    Returns
    -------
    Estimate
        0, none, to 1, all refused; lower is better. Undefined without harmless items.

    References
    ----------
    Röttger et al. (2024), XSTest: a test suite for identifying exaggerated safety behaviours,
    doi:10.18653/v1/2024.naacl-long.301

    Examples
    --------
    >>> over_refusal_share(ItemCounts(inside=6, total=120)).value
    0.05
    """
    return _share(counts, confidence, "responses at low risk")


def under_refusal_share(counts: ItemCounts, confidence: float = 0.95) -> Estimate:
    """Share of risky items that are answered without any caveat.

    Answers whether the batch teaches to comply where it should not. Risky is a risk level of high,
    critical, severe or unsafe. Clarifying, answering with care and handing over are no
    under-refusals; a strategy of `answer` is one, and without the attribute what does not read like
    a refusal.

    It misleads where a plain answer is right at high risk, such as first aid: read the items.

    Parameters
    ----------
    counts : ItemCounts
        Plain answers among risky responses, and risky responses.
    confidence : float in (0, 1)

    Returns
    -------
    Estimate
        0 to 1, lower is better. Undefined without risky items.

    References
    ----------
    Röttger et al. (2024), doi:10.18653/v1/2024.naacl-long.301

    Examples
    --------
    >>> under_refusal_share(ItemCounts(inside=0, total=40)).value
    0.0
    """
    return _share(counts, confidence, "responses at high risk")


def boilerplate_share(counts: OpeningCounts, confidence: float = 0.95) -> Estimate:
    """Share of responses that begin with the commonest opening.

    Answers whether a phrase will be learned instead of an answer ("Certainly! Here is ..."). An
    opening is the first words, four unless asked for otherwise, without case and punctuation (eight
    letters where a script has no blanks). Shorter responses, and those that begin with code, count
    as different.

    It misleads where a form begins all responses rightly, such as a letter; and being the largest
    of many shares it is somewhat too high when responses are few. `provenance` has the chance that
    two responses begin alike, which does not depend on the largest.

    Parameters
    ----------
    counts : OpeningCounts
    confidence : float in (0, 1)

    Returns
    -------
    Estimate
        1 / n, all different, to 1, all the same; lower is better. Undefined without responses.

    References
    ----------
    Clopper and Pearson (1934), doi:10.1093/biomet/26.4.404; Simpson (1949), doi:10.1038/163688a0

    Examples
    --------
    >>> found = boilerplate_share(OpeningCounts(largest=30, total=100, different=71, pairs=870))
    >>> found.value, round(found.provenance["two_alike"], 4)
    (0.3, 0.0879)
    """
    found = _share(ItemCounts(counts.largest, counts.total), confidence, "responses")
    if counts.total < 2:
        return found
    alike = counts.pairs / (counts.total * (counts.total - 1))
    return found.but(provenance={"two_alike": alike, "different": counts.different})


def format_error_share(counts: ItemCounts, confidence: float = 0.95) -> Estimate:
    """Share of responses that do not have the form their item asks for.

    Answers whether what consumes the output will break. Machine codes: `response_empty`,
    `json_invalid`, `json_extra_text` (words around a valid object), `json_not_object`,
    `fence_unclosed`, `table_missing`, `table_ragged` (rows of different width), `list_missing`.
    The form is the attribute `output_format`.

    It misleads where a form has rules of its own: a schema, required fields, allowed values are not
    checked here but come in as signals.

    Parameters
    ----------
    counts : ItemCounts
        Responses with a code, and responses of which a form is asked.
    confidence : float in (0, 1)

    Returns
    -------
    Estimate
        0 to 1, lower is better. Missing input without the attribute.

    References
    ----------
    Clopper and Pearson (1934), doi:10.1093/biomet/26.4.404

    Examples
    --------
    >>> format_error_share(ItemCounts(inside=3, total=1000)).value
    0.003
    """
    return _share(counts, confidence, "responses with a form asked for")


def rubric_masked_share(counts: ItemCounts, confidence: float = 0.95) -> Estimate:
    """Share of items with a passing mean that hides a dimension under its floor.

    Answers how many items a weighted total would let through although they are, say, well written
    and unsafe. The score of a dimension is the mean of its answers; the floor is 3 and the mean
    must reach 3.5 unless the options say otherwise.

    It misleads where the dimensions have different scales, and where one answer a dimension is
    noise: the floor is then missed by chance.

    Parameters
    ----------
    counts : ItemCounts
        Items with a dimension under the floor among those whose mean passes, and those.
    confidence : float in (0, 1)

    Returns
    -------
    Estimate
        0 to 1, lower is better. Undefined when no item passes, or with one dimension only.

    References
    ----------
    Clopper and Pearson (1934), doi:10.1093/biomet/26.4.404

    Examples
    --------
    >>> rubric_masked_share(ItemCounts(inside=10, total=141)).n
    141
    """
    return _share(counts, confidence, "items whose mean passes")


def double_review_share(counts: ItemCounts) -> Estimate:
    """Share of high-risk items that two reviewers looked at who answered nothing about them.

    Answers whether the rule "two pairs of eyes on what can do harm" was kept. A census of the
    batch: there is no interval.

    It misleads where the second reviewer saw what the first decided: two names are no independence.

    Parameters
    ----------
    counts : ItemCounts
        High-risk items with two and more reviewers, and high-risk items.

    Returns
    -------
    Estimate
        0 to 1, higher is better. Undefined without high-risk items.

    References
    ----------
    Cochran (1977), Sampling Techniques, 3rd ed., ch. 1 (complete count)

    Examples
    --------
    >>> double_review_share(ItemCounts(inside=30, total=40)).value
    0.75
    """
    found = _share(counts, 0.95, "items at high risk")
    return found.but(
        low=found.value, high=found.value, about="batch", method="share of all such items, a census"
    )


def regression_pass_rate(counts: ItemCounts, confidence: float = 0.95) -> Estimate:
    """Share of checks for known failures that pass.

    Answers whether failures that were mended have come back. Each result of a rule or verifier
    counts, a value of one half and more of one has passed; scores of judges are no checks. Several
    signals are not pooled: the option `signal` names one. The last version by name is meant.

    It misleads where the checks are few or all of one class: see the failure classes by version.

    Parameters
    ----------
    counts : ItemCounts
        Checks that passed, and checks.
    confidence : float in (0, 1)

    Returns
    -------
    Estimate
        0 to 1, higher is better. Missing input without signals.

    References
    ----------
    Clopper and Pearson (1934), doi:10.1093/biomet/26.4.404

    Examples
    --------
    >>> regression_pass_rate(ItemCounts(inside=98, total=100)).value
    0.98
    """
    return _share(counts, confidence, "checks")


def four_element_share(counts: ItemCounts, confidence: float = 0.95) -> Estimate:
    """Share of items that have instruction and response, and a system text where others have one.

    Answers whether samples are complete. The context may be missing, for not every task has one.

    It misleads about what the parts say: an instruction that carries the context counts as both.

    Parameters
    ----------
    counts : ItemCounts
        Complete items, and items.
    confidence : float in (0, 1)

    Returns
    -------
    Estimate
        0 to 1, higher is better. Undefined without items.

    References
    ----------
    Clopper and Pearson (1934), doi:10.1093/biomet/26.4.404

    Examples
    --------
    >>> four_element_share(ItemCounts(inside=9, total=10)).value
    0.9
    """
    return _share(counts, confidence, "items")


def happy_path_share(counts: ItemCounts, confidence: float = 0.95) -> Estimate:
    """Share of items where nothing is in the way: no gap, conflict or empty result.

    Answers whether a model would learn only what to do when all goes well. An attribute says it,
    `path` with the value `happy` unless the options name others.

    It misleads where the attribute was filled by the writer of the sample, who rarely says happy.

    Parameters
    ----------
    counts : ItemCounts
        Items on the happy path, and items of which the path is known.
    confidence : float in (0, 1)

    Returns
    -------
    Estimate
        0 to 1; neither end is good. Missing input without the attribute.

    References
    ----------
    Clopper and Pearson (1934), doi:10.1093/biomet/26.4.404

    Examples
    --------
    >>> happy_path_share(ItemCounts(inside=90, total=100)).value
    0.9
    """
    return _share(counts, confidence, "items with a known path")


def length_complexity(ranks: RankCorrelation, confidence: float = 0.95) -> Estimate:
    """Rank correlation of the length of a response with the complexity of its task.

    Answers whether length stands in for difficulty: near 1, long answers are all there is to hard
    tasks. Complexity is an attribute, `difficulty` unless the options name another.

    It misleads where one task is both long and hard and makes the correlation alone: look by task.

    Parameters
    ----------
    ranks : RankCorrelation
    confidence : float in (0, 1)

    Returns
    -------
    Estimate
        -1 to 1, 0 is unrelated. Undefined where one side never varies; insufficient under 10 items.

    References
    ----------
    Bonett and Wright (2000), Sample size requirements for estimating Pearson, Kendall and Spearman
    correlations, doi:10.1007/BF02294183

    Examples
    --------
    >>> found = length_complexity(RankCorrelation(items=103, correlation=0.5))
    >>> round(found.low, 3), round(found.high, 3)
    (0.329, 0.639)
    """
    value = ranks.correlation
    blank = Estimate(
        value=value,
        confidence=confidence,
        n=ranks.items,
        method="Spearman's correlation; Fisher's interval after Bonett and Wright",
    )
    if isnan(value) or ranks.items < 2:
        reason = "length or complexity is the same in all items"
        return blank.but(value=nan, status="undefined", reason=reason)
    if ranks.items < 10 or abs(value) == 1.0:
        few = "under 10 items" if ranks.items < 10 else "a perfect correlation"
        return blank.but(status="insufficient", reason=f"{few}: no interval can be given")
    deviation = sqrt((1 + value * value / 2) / (ranks.items - 3))
    reach = float(ndtri(0.5 + confidence / 2)) * deviation
    return blank.but(low=tanh(atanh(value) - reach), high=tanh(atanh(value) + reach))


def _share(counts: ItemCounts, confidence: float, n_unit: str) -> Estimate:
    return proportion(
        counts.inside,
        counts.total,
        interval="clopper_pearson",
        confidence=confidence,
        n_unit=n_unit,
    )
