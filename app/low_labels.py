"""Replies that ship as examples although they were rated low."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.preferences import verdicts
from queries.batches import Question
from queries.errors import InputError


def low_labels(question: Question) -> tuple[str, ...]:
    """Return the labels that say a reply is bad: `false` and the like, else the lowest of a scale.

    Examples
    --------
    >>> low_labels(Question("ok", "nominal", ("false", "true")))
    ('false',)
    >>> low_labels(Question("quality", "ordinal", ("1", "2", "3")))
    ('1',)
    >>> low_labels(Question("topic", "nominal", ("art", "law")))
    ()
    """
    try:
        return verdicts(question)[1]
    except InputError:
        labels = question.labels or ()
        return labels[:1] if question.level == "ordinal" and len(labels) > 1 else ()


def rated_low(
    questions: Iterable[Question], labels: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return for every question how many items that ship have one of its low labels.

    Parameters
    ----------
    labels : question, value and number of items that ship with it
    """
    shipped = list(labels)
    found = []
    for question in questions:
        low = low_labels(question)
        rows = [row for row in shipped if row["question"] == question.name and row["value"] in low]
        if rows:
            count = sum(int(row["items"]) for row in rows)
            named = [label for label in low if any(row["value"] == label for row in rows)]
            found.append({"question": question.name, "labels": named, "items": count})
    return found
