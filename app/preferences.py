"""What a label says: which of two responses is preferred, or whether one is good."""

import re
from collections.abc import Sequence
from typing import Final

from queries.batches import Question
from queries.errors import InputError

_FIRST: Final = re.compile(r"(.*\b|.*_|^)(a|1|left|first|chosen)(\b.*|_.*|$)", re.IGNORECASE)
_SECOND: Final = re.compile(r"(.*\b|.*_|^)(b|2|right|second|rejected)(\b.*|_.*|$)", re.IGNORECASE)
_GOOD: Final = frozenset(
    {"true", "yes", "good", "1", "pass", "passed", "accept", "accepted", "approve", "approved",
     "ok", "correct", "positive", "helpful", "safe", "+"}
)  # fmt: skip
_BAD: Final = frozenset(
    {"false", "no", "bad", "0", "-1", "fail", "failed", "reject", "rejected", "incorrect",
     "negative", "unhelpful", "unsafe", "revise", "-"}
)  # fmt: skip


def sides(question: Question) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the labels that prefer the first response, and those that prefer the second.

    Numbers prefer the first where they are negative; words where they name it (`model_a`, `left`,
    `A-is-better`). Ties prefer none.

    Raises
    ------
    InputError
        When that cannot be told from the labels.

    Examples
    --------
    >>> sides(Question("winner", "nominal", ("model_a", "tie", "model_b"), ("tie",)))
    (('model_a',), ('model_b',))
    >>> sides(Question("strength", "interval", ("-2", "-1", "0", "1")))
    (('-2', '-1'), ('1',))
    """
    labels = [label for label in question.labels or () if label not in question.tie_labels]
    numbers = _numbers(labels)
    if numbers is not None and min(numbers, default=0) < 0:
        pairs = list(zip(labels, numbers, strict=True))
        return (
            tuple(label for label, number in pairs if number < 0),
            tuple(label for label, number in pairs if number > 0),
        )
    first = tuple(label for label in labels if _FIRST.fullmatch(label))
    second = tuple(label for label in labels if _SECOND.fullmatch(label))
    if first and second and not set(first) & set(second):
        return first, second
    shown = ", ".join(question.labels or ()) or "too many to list"
    raise InputError(
        f"question {question.name!r}: cannot tell which labels prefer the first response (found: "
        f"{shown}); rename them in the mapping to model_a, tie and model_b, or name another "
        "--question"
    )


def verdicts(question: Question) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the labels that call a response good, and those that call it bad.

    Raises
    ------
    InputError
        When that cannot be told from the labels.

    Examples
    --------
    >>> verdicts(Question("ok", "nominal", ("no", "yes")))
    (('yes',), ('no',))
    """
    labels = question.labels or ()
    good = tuple(label for label in labels if label.lower() in _GOOD)
    bad = tuple(label for label in labels if label.lower() in _BAD)
    if good and bad:
        return good, bad
    shown = ", ".join(labels) or "too many to list"
    raise InputError(
        f"question {question.name!r}: cannot tell which labels mean good and bad (found: {shown}); "
        "rename them in the mapping to true and false, or name another --question"
    )


def _numbers(labels: Sequence[str]) -> list[float] | None:
    try:
        return [float(label) for label in labels]
    except ValueError:
        return None
