"""The one place where a select is put together, out of names from allow-lists and bound values."""

from collections.abc import Iterable


def select(
    columns: Iterable[str],
    source: str,
    *,
    where: Iterable[str] = (),
    group_by: Iterable[str] = (),
    order_by: Iterable[str] = (),
    limit: int | None = None,
) -> str:
    """Return the text of a select.

    Every argument is text of this program: names of tables and columns, expressions, `$name` of a
    bound value. Nothing that a user gave ever comes here.

    Examples
    --------
    >>> select(["item_id"], "item", where=["risk_level = $risk", "source is not null"])
    'select item_id from item where risk_level = $risk and source is not null'
    """
    clauses = [
        ("where", " and ".join(where)),
        ("group by", ", ".join(group_by)),
        ("order by", ", ".join(order_by)),
        ("limit", "" if limit is None else str(limit)),
    ]
    words = ["select", ", ".join(columns), "from", source]
    for keyword, text in clauses:
        if text:
            words += [keyword, text]
    return " ".join(words)


def quoted(columns: Iterable[str], prefix: str = "") -> list[str]:
    """Return column names that may be keywords, such as `at`, as identifiers."""
    return [f'{prefix}"{column}"' for column in columns]
