"""Coverage: does a batch hold what the plan asks for?"""

from metrics.estimates import Estimate
from metrics.tables import ItemCounts


def coverage_count(counts: ItemCounts) -> Estimate:
    """Count the items that one cell of a plan holds.

    Answers whether enough items of a kind were delivered: coding tasks in German, refusals in a
    polite tone. It is a census of the batch: every ordinary item is looked at, so there is no
    interval and nothing to test. Golden and trap items test people and are not counted; an item
    that nobody answered yet is. With `items=accepted`, as in the cells of a standard, only items
    count that ship and have something to ship: not rejected, quarantined or held out, and with an
    answer, a response or a resolved label. By a dimension of the answer, such as the week, an item
    counts where it has an answer.

    It misleads where attributes are missing or wrong: an item without a language is in no cell of
    that language. It says nothing of how unlike the items are; a hundred near copies are a hundred.

    Parameters
    ----------
    counts : ItemCounts
        Items of the cell, and items there are.

    Returns
    -------
    Estimate
        0 to the number of items, higher is fuller. Low, high and value are one number; n is the
        number of items looked at. Always defined: an empty cell is 0.

    Raises
    ------
    ValueError
        When the cell holds more items than there are, or fewer than none.

    References
    ----------
    Cochran (1977), Sampling Techniques, 3rd ed., ch. 1: a complete count has no sampling error.

    Examples
    --------
    >>> cell = coverage_count(ItemCounts(inside=150, total=1200))
    >>> cell.value, cell.low, cell.high, cell.n, cell.about
    (150.0, 150.0, 150.0, 1200, 'batch')
    """
    if not 0 <= counts.inside <= counts.total:
        raise ValueError(f"a cell of {counts.inside} items cannot be among {counts.total}")
    value = float(counts.inside)
    return Estimate(
        value=value,
        low=value,
        high=value,
        n=counts.total,
        n_unit="items",
        about="batch",
        method="count of all ordinary items, no sample",
        is_count=True,
    )


def coverage_share(counts: ItemCounts) -> Estimate:
    """Share of the accepted items of a batch that are of one cell of a plan.

    Answers whether the mix is the one that was ordered: 20 % refusals, 15 % high risk. It is a
    census of the batch, so there is no interval; hold it against a band (`within [a, b]`), not
    against one number. Whether a share is off by more than luck is tested on the page Coverage.

    It misleads beside a batch that is too small: 20 % of little is little. Ask for a number too.

    Parameters
    ----------
    counts : ItemCounts
        Accepted items of the cell, and accepted items there are.

    Returns
    -------
    Estimate
        0 to 1; n is the number of accepted items. Undefined where there is none.

    Raises
    ------
    ValueError
        When the cell holds more items than there are, or fewer than none.

    References
    ----------
    Cochran (1977), Sampling Techniques, 3rd ed., ch. 1: a complete count has no sampling error.

    Examples
    --------
    >>> coverage_share(ItemCounts(inside=30, total=120)).value
    0.25
    """
    if not 0 <= counts.inside <= counts.total:
        raise ValueError(f"a cell of {counts.inside} items cannot be among {counts.total}")
    if not counts.total:
        reason = "there is no accepted item"
        return Estimate(about="batch", status="undefined", reason=reason)
    value = counts.inside / counts.total
    return Estimate(
        value=value,
        low=value,
        high=value,
        n=counts.total,
        n_unit="items",
        about="batch",
        method="share of all accepted items, no sample",
    )
