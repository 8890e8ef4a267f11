"""What a record of each kind must have, and how each of its columns is read from text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from queries.ingest.fields import moment
from queries.ingest.mapping import Time
from queries.ingest.text import fill, identifier, literal
from queries.schema import PROBE_TYPES, RECORD_TABLES, ROLES

STAGES: Final = ("pre_review", "secondary_review", "arbitration", "spot_check", "blind_review")
SELECTIONS: Final = ("random", "flagged", "all")
SIGNALS: Final = ("rule", "verifier", "judge", "online")
DECISIONS: Final[dict[str, tuple[str, ...]]] = {
    "approve": ("accept", "accepted", "approved", "pass", "passed", "ok", "confirm", "confirmed"),
    "reject": ("rejected", "fail", "failed"),
    "revise": (
        "revised", "return", "returned", "rework", "return-for-rework", "fix", "fixed", "edit",
        "edited", "correct", "corrected", "overturn", "overturned",
    ),
    "escalate": ("escalated",),
    "comment": ("commented",),
}  # fmt: skip
"""A reviewer's decision, and the words tools have for it; other words are kept as they are."""

PEOPLE: Final = {
    "annotator_id": "person_key",
    "reviewer_id": "reviewer_key",
    "actor_id": "actor_key",
}
"""Columns with ids from outside, and the keys the store has in their place."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a record of one table must have.

    Attributes
    ----------
    required : columns without which a record says nothing
    unsaid : required columns that may be blank without any loss: then nothing was set
    domains : column -> values it may have
    verbatim : texts that are kept as they were written
    valued : columns that hold an answer to the record's question
    span : two times of which the first comes first
    """

    required: tuple[str, ...]
    unsaid: tuple[str, ...] = ()
    domains: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    verbatim: tuple[str, ...] = ()
    valued: tuple[str, ...] = ()
    span: tuple[str, str] | None = None


RULES: Final[dict[str, Rules]] = {
    "item": Rules(("item_id",), verbatim=("prompt", "context")),
    "item_attribute": Rules(("item_id", "name", "value"), unsaid=("value",)),
    "response": Rules(("item_id", "response_id"), verbatim=("text",)),
    "review": Rules(
        ("item_id",),
        domains={"stage": STAGES, "selection": SELECTIONS},
        verbatim=("guidance", "note"),
        valued=("value_before", "value_after"),
        span=("started_at", "decided_at"),
    ),
    "resolution": Rules(("item_id", "question", "value"), valued=("value",)),
    "probe": Rules(("item_id", "type"), domains={"type": PROBE_TYPES}, valued=("expected",)),
    "signal": Rules(
        ("item_id", "type", "name"), domains={"type": SIGNALS}, verbatim=("failure_reason",)
    ),
    "event": Rules((), domains={"role": ROLES}),
    "person": Rules(("annotator_id",)),
    "knowledge_link": Rules(("from_id", "to_id")),
}

_TYPED: Final = {
    "double": ("number({said})", "a number"),
    "bigint": ("whole({said})", "a whole number"),
    "boolean": ("truth({said})", "true or false"),
    "inclusion_probability": (
        "case when number({said}) > 0 and number({said}) <= 1 then number({said}) end",
        "a number above 0, at most 1",
    ),
}
"""Type, or name of a column -> how it is read from text, and what is allowed."""
# The map's columns get names of their own: else `question` and `value` would mean the map's.
_ANSWER: Final = """coalesce(
    (select mapped_value
        from side_map as mapped(mapped_question, mapped_raw, answers_of, first_of, mapped_value)
        where mapped_question = {asked} and mapped_raw = {said} and mapped.fault is null),
    case when {asked} is null then nullif(canonical({said}), '') end
)"""
ASKED: Final = "coalesce(nullif(canonical({question}), ''), {only})"
"""The question a record speaks of: the one it names, else the only one there is."""


def reading(table: str, column: str, *, time: Time, asked: str) -> tuple[str, str | None]:
    """Return the expression that reads a column, and what is allowed in it (None: any text).

    `asked` is the expression of the record's question.
    """
    # Inside a subquery a bare name would mean the column of its own table.
    rules, said = RULES[table], f"s.{identifier(column)}"
    if column in rules.valued:
        return fill(_ANSWER, said=said, asked=asked), "an answer to the question"
    if column in rules.domains:
        listed = ", ".join(map(literal, rules.domains[column]))
        word = fill("lower(tidy({said}))", said=said)
        return f"case when {word} in ({listed}) then {word} end", ", ".join(rules.domains[column])
    kind = RECORD_TABLES[table].get(column, "varchar")
    if kind == "timestamp":
        return moment(column, time, typed=False), "a time such as 2026-05-01T09:00:00Z"
    if column in _TYPED or kind in _TYPED:
        macro, allowed = _TYPED.get(column, _TYPED.get(kind, ("", "")))
        return fill(macro, said=said), allowed
    return (asked if column == "question" else _text(table, column)), None


def _text(table: str, column: str) -> str:
    """Return the expression of a column that may hold any text."""
    said = f"s.{identifier(column)}"
    if column in PEOPLE:
        return fill("(select key from side_keys where id = neat({said}))", said=said)
    if column in RULES[table].verbatim:
        return fill("case when tidy({said}) <> '' then {said} end", said=said)
    if (table, column) == ("review", "decision"):
        return _decision(said)
    return fill("nullif(canonical({said}), '')" if column == "value" else "neat({said})", said=said)


def _decision(said: str) -> str:
    """Return the expression that gives one word for what tools call by many."""
    word = fill("nullif(lower(tidy({said})), '')", said=said)
    cases = " ".join(
        f"when {word} in ({', '.join(map(literal, words))}) then {literal(decision)}"
        for decision, words in DECISIONS.items()
    )
    return f"case {cases} else {word} end"
