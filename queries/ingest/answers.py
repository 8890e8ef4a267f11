"""Which answers are kept: every one that is dropped is counted under one reason.

Works on the temporary relations `answers`, `raw`, `people`, `person_roles` and `value_map`; leaves
the view `kept`, whose columns are those of the annotation table behind the record number.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import duckdb

from queries.errors import InputError
from queries.ingest.fields import ALLOWED
from queries.ingest.report import EXAMPLES, Code, Example, Loss
from queries.ingest.table import Staged
from queries.ingest.text import fill, literal, make_enum
from queries.ingest.values import Asked

_ANY_FAULT: Final = """
select exists (select 1 from raw where item_id is null)
    or exists (select 1 from people where annotator_id is null)
    or exists (select 1 from value_map where fault is not null)
    or (select coalesce(sum(answers), 0) from value_map) <> $read
    or {fields}
"""
_FAULTS: Final = """
create or replace temp table faults as
select a.record, a.question, a.annotator, a.raw, a.role, a.status, v.found,
    case
        {pair}
        when a.item_id is null then 'item'
        when p.annotator_id is null then 'annotator'
        when coalesce(a.question, '') = '' then 'question'
        when not list_contains($role::varchar[], coalesce(a.role, 'human')) then 'role'
        when not list_contains($status::varchar[], a.status) then 'status'
        when a.status <> 'submitted' and v.fault in ('missing', 'declared') then null
        else v.fault
    end as fault
from answers as a
left join people as p on p.annotator is not distinct from a.annotator
left join value_map as v on v.question = a.question and v.raw is not distinct from a.raw
"""
_PAIR_FAULT: Final = (
    "when a.record in (select rowid from raw where pair_first is null or pair_second is null) "
    "then 'pair'"
)
_COUNT: Final = """
select fault, question, count(*) from faults where fault is not null
group by fault, question order by fault, question
"""
_EXAMPLES: Final = """
select record, annotator, raw, role, status, found from faults
where fault = $fault and question is not distinct from $question order by record limit $limit
"""

_KEPT: Final = """
create or replace temp view kept as
select
    a.record, a.item_id, a.question, p.person_key, {role} as role, {value} as value,
    a.strength, a.round, a.blind, a.shown_order, a.status, a.annotated_at, a.duration_seconds,
    a.guideline_version, a.assist, a.reason_tags, a.note
from answers as a
join (
    select annotator, person_key, role from people join person_roles using (annotator_id)
) as p on p.annotator = a.annotator
{values}
where a.item_id is not null {conditions}
"""
_VALUES: Final = """
create or replace temp table good_values as
select question, raw, {value} as value, {turned_value} as turned_value
from value_map where fault is null
"""
_VALUED: Final = """
join good_values as v on v.question = a.question and v.raw = a.raw
"""
# A skipped or discarded task is kept without an answer: how often people skip is evidence.
_SOME_VALUED: Final = """
left join value_map as v on v.question = a.question and v.raw is not distinct from a.raw
"""
_ASKED: Final = (
    "and (v.fault is null or a.status <> 'submitted' and v.fault in ('missing', 'declared'))"
)

_MAY_REPEAT: Final = """
select exists (
    select 1 from raw semi join (select item_id from items where crowded) using (item_id)
    group by hash(item_id, {keys}) having count(*) > 1
)
"""
_SPELLED_TWICE: Final = "select count(annotator_id) <> count(distinct annotator_id) from people"
_REPEATS: Final = """
create or replace temp table repeats as
select record, question, item_id, value from (
    select record, question, item_id, value, row_number() over (
        partition by item_id, question, person_key, round, status = 'submitted' order by {order}
    ) as place
    from kept
) where place > 1
"""
_ORDERS: Final = {
    "last": "annotated_at desc nulls last, record desc",
    "first": "annotated_at asc nulls last, record asc",
    "error": "record asc",
}
_REPEATED: Final = """
select record, question, item_id, value, count(*) over () from repeats order by record limit $limit
"""
_EARLIER: Final = """
create or replace temp table repeats as
select k.record, k.question, k.item_id, k.value
from {kept} as k
semi join read_parquet($files) as e
    on e.item_id = k.item_id and e.question = k.question and e.person_key = k.person_key
    and e.round is not distinct from k.round
    and (e.status = 'submitted') = (k.status = 'submitted')
"""
_WITHOUT: Final = """
create or replace temp table {name} as
select k.* from {kept} as k
anti join repeats on repeats.record = k.record and repeats.question = k.question
"""

_REASONS: Final[dict[str, tuple[Code, str, str | None]]] = {
    "pair": ("missing_field", "an option of the pair is not named", "two named options"),
    "item": ("missing_field", "no item id", "an id"),
    "annotator": ("missing_field", "no annotator id", "an id"),
    "question": ("missing_field", "no question named", "the name of a question"),
    "role": ("unknown_label", "role is not known", ", ".join(ALLOWED["role"])),
    "status": ("unknown_label", "status is not known", ", ".join(ALLOWED["status"])),
    "missing": ("no_answer", "no answer to {question}", "an answer, or the text in `missing`"),
    "declared": ("no_answer", "no answer to {question}, as the mapping foresees", None),
    "number": ("unreadable", "answer to {question} is no number", "a number"),
    "twice": ("unreadable", "answer to {question} ranks an option twice", "every option once"),
    "domain": ("unknown_label", "answer to {question} is not one of its labels", None),
}


def drop_faults(
    cursor: duckdb.DuckDBPyConnection, staged: Staged, asked: Sequence[Asked]
) -> Iterator[Loss]:
    """Make the view `kept`, and tell what it leaves out and why."""
    statused = "status" in staged.names
    conditions = _ASKED if statused else ""
    for name in ALLOWED:
        if name in staged.names:
            allowed = ", ".join(literal(value) for value in ALLOWED[name])
            conditions += f" and coalesce(a.{name}, {literal(ALLOWED[name][0])}) in ({allowed})"
    _list_values(cursor)
    kept = fill(
        _KEPT,
        role="coalesce(a.role, p.role)" if "role" in staged.names else "p.role",
        value="case when a.turned then v.turned_value else v.value end"
        if staged.mapping.pair is not None
        else "v.value",
        values=_SOME_VALUED if statused else _VALUED,
        conditions=conditions,
    )
    cursor.execute(kept)
    fields = "true" if statused or "role" in staged.names else "false"
    found = cursor.execute(fill(_ANY_FAULT, fields=fields), {"read": staged.read}).fetchone()
    if found is None or not found[0]:
        return
    pair = _PAIR_FAULT if staged.mapping.pair is not None else ""
    domains = {name: list(values) for name, values in ALLOWED.items()}
    cursor.execute(fill(_FAULTS, pair=pair), domains)
    labels = {question.name: question.labels for question in asked}
    for fault, question, count in cursor.execute(_COUNT).fetchall():
        code, reason, rule = _REASONS[str(fault)]
        domain = labels.get(question) or ()
        examples = tuple(
            _examples(
                cursor, staged, fault, question, ", ".join(domain) if fault == "domain" else rule
            )
        )
        told = reason.replace("{question}", question or "a question")
        yield Loss(told, int(count), examples, fault=fault != "declared", code=code)


def _list_values(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make `good_values`, the answers that may be kept: an enumerated type where they are few."""
    source = "unnest([value, turned_value]) from value_map where fault is null"
    cast = "cast({name} as value_name)" if make_enum(cursor, "value_name", source) else "{name}"
    names = {name: fill(cast, name=name) for name in ("value", "turned_value")}
    cursor.execute(fill(_VALUES, **names))


def _examples(
    cursor: duckdb.DuckDBPyConnection,
    staged: Staged,
    fault: str,
    question: str | None,
    allowed: str | None,
) -> Iterator[Example]:
    parameters = {"fault": fault, "question": question, "limit": EXAMPLES}
    rows = cursor.execute(_EXAMPLES, parameters).fetchall()
    column = _column(staged, fault, question)
    for record, annotator, raw, role, status, label in rows:
        shown = {"annotator": annotator, "role": role, "status": status, "domain": label}
        found = shown.get(fault, raw if fault in {"missing", "number", "twice"} else None)
        yield staged.example(record, column, found, allowed)


def _column(staged: Staged, fault: str, question: str | None) -> str:
    slots = {
        "pair": "pair_first", "item": "item_id", "annotator": "annotator_id",
        "question": "question_name", "role": "role", "status": "status",
    }  # fmt: skip
    if fault in slots:
        return staged.column(slots[fault])
    matching = [answer.slot for answer in staged.answers if answer.question in {question, None}]
    return " or ".join(dict.fromkeys(staged.column(slot) for slot in matching)) or "value"


def drop_repeats(
    cursor: duckdb.DuckDBPyConnection, staged: Staged, earlier: Sequence[str]
) -> tuple[str, list[Loss], list[Loss]]:
    """Keep one of the answers that one annotator gave to one question of one item.

    Returns
    -------
    tuple
        The relation with the answers that stay, what was dropped, and what replaces answers of
        the `earlier` parts (files of the annotation table).

    Raises
    ------
    InputError
        With keep = "error", when there is such an answer.
    """
    rule = staged.mapping.duplicates
    keep = rule.keep if rule is not None else "last"
    meant = rule is not None and "keep" in rule.model_fields_set
    kept, dropped, replaced = "kept", [], []
    if _may_repeat(cursor, staged):
        cursor.execute(fill(_REPEATS, order=_ORDERS[keep]))
        what = f"answered twice by one annotator; the {keep} one is kept"
        dropped = _repeated(cursor, staged, what, keep, declared=meant)
        if dropped:
            cursor.execute(fill(_WITHOUT, name="kept_once", kept=kept))
            kept = "kept_once"
    if earlier:
        cursor.execute(fill(_EARLIER, kept=kept), {"files": list(earlier)})
        if keep == "first":
            what = "answered in an earlier part already; the first one is kept"
            more = _repeated(cursor, staged, what, keep, declared=True)
            if more:
                cursor.execute(fill(_WITHOUT, name="kept_new", kept=kept))
                kept = "kept_new"
            dropped += more
        else:
            what = "replaces an answer of an earlier part"
            replaced = _repeated(cursor, staged, what, keep, declared=True)
    return kept, dropped, replaced


def _may_repeat(cursor: duckdb.DuckDBPyConnection, staged: Staged) -> bool:
    """Look by hashes of whole records: cheap, and nearly always the end of it."""
    query = fill(_MAY_REPEAT, keys=staged.answer_keys)
    for test in (query, _SPELLED_TWICE):
        found = cursor.execute(test).fetchone()
        if found is not None and found[0]:
            return True
    return False


def _repeated(
    cursor: duckdb.DuckDBPyConnection, staged: Staged, what: str, keep: str, *, declared: bool
) -> list[Loss]:
    rows = cursor.execute(_REPEATED, {"limit": EXAMPLES}).fetchall()
    if not rows:
        return []
    examples = tuple(
        staged.example(record, question, value, f"one answer on {item}")
        for record, question, item, value, _ in rows
    )
    if keep == "error":
        raise InputError(
            f"{rows[0][4]} answers were given twice by one annotator ({examples[0]}); "
            'correct the file, or say [duplicates] keep = "last" or "first"'
        )
    code: Code = "replaced" if what.startswith("replaces") else "duplicate"
    remedy = "" if declared else _remedy(staged)
    return [Loss(what, int(rows[0][4]), examples, fault=not declared, code=code, remedy=remedy)]


def _remedy(staged: Staged) -> str:
    """Say by which columns answers count as repeated: one that names no single thing is the fault.

    A team in place of a person, or a task in place of an item, makes most answers look repeated.
    """
    keys = [("item", "item_id"), ("annotator", "annotator_id"), ("question", "question_name")]
    keys += [("round", "round")]
    named = [f"{word} ({staged.column(slot)})" for word, slot in keys if slot in staged.names]
    return (
        f"answers count as repeated by {', '.join(named)}: check that each of these columns is what"
        " the mapping calls it; if annotators did answer twice, say so with [duplicates] and"
        ' keep = "last" or keep = "first" in the mapping'
    )
