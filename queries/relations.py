"""The relations a statement may name: records within a scope, as one chain of CTEs.

Text comes from allow-lists only (tables, columns, roles); every value is a bound parameter. A
statement names what it wants (`scope`, `scope_item`, ...) and gets that and what it rests on.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import md5
from typing import Final

from queries.batches import State
from queries.composition import Relation
from queries.looks import LOOK
from queries.schema import ANNOTATION_DIMENSIONS, RECORD_TABLES, ROLES
from queries.scope import Parameters, Scope, matches
from queries.selects import quoted, select
from queries.statements import statement
from queries.text_facts import text_relations

MERGED_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "item": ("item_id",),
    "item_attribute": ("item_id", "name"),
    "response": ("item_id", "response_id"),
    "probe": ("item_id", "question", "type"),
    "person": ("person_key",),
}
"""Tables whose rows are merged over parts: of every column the value of the latest part."""
_ANSWER: Final = (*RECORD_TABLES["annotation"], "week", "vendor", "annotator_group")
SUBMITTED: Final = {
    **RECORD_TABLES["annotation"],
    **dict.fromkeys(("week", "vendor", "annotator_group"), "varchar"),
    "part": "integer",
}
"""Columns of `scope_submitted`: what is known of a submitted answer, for every population."""
_SUBMITTED: Final = ("status = 'submitted'", "value is not null")
_LABEL: Final = {
    "question": "varchar",
    "label": "varchar",
    "code": "bigint",
    "weight_1": "bigint",
    "weight_2": "bigint",
}
_CHOSEN_ITEM: Final = "item_id in (select item_id from filtered_item)"
_VISIBLE_ITEM: Final = "item_id in (select item_id from visible_item)"
_VISIBLE_PERSON: Final = "{} in (select person_key from scope_annotation)"
_SHIPPABLE: Final = (
    "select item_id from scope_submitted union all"
    " select item_id from scope_response where text is not null union all"
    " select item_id from scope_resolution where value is not null"
)
"""Items with an answer, a response or a resolved label to ship, once for each."""
_ACCEPTED: Final = (
    "select distinct item_id from shippable_item"
    " where item_id not in (select item_id from held_items)"
)
_ASKED: Final = "question = any($scope_questions::varchar[])"


@dataclass(frozen=True, slots=True)
class Records:
    """Where the rows of a batch lie: the files of each table, in the order of the parts."""

    state: State
    files: Mapping[str, Sequence[str]]
    vendor: str | None = None


def literal_glob(path: str) -> str:
    """Return a path in which characters that DuckDB would expand stand for themselves.

    Examples
    --------
    >>> literal_glob("store [1]")
    'store [[]1]'
    """
    return re.sub(r"([\[*?])", r"[\1]", path)


def label_weights(label: str) -> tuple[int, int]:
    """Return two numbers of 50 bits for a label; their sums over a unit identify its labels.

    Two different sets of labels have equal sums with a chance of about 2⁻¹⁰⁰, and a sum of 8,000
    weights stays below 2⁶³.
    """
    digest = int(md5(label.encode(), usedforsecurity=False).hexdigest(), 16)
    mask = (1 << 50) - 1
    return digest & mask, (digest >> 64) & mask


def enumerable(state: State, scope: Scope) -> dict[str, tuple[str, ...]]:
    """Return question -> labels of the questions in scope that have patterns and known labels."""
    return {
        question.name: question.labels
        for question in state.questions
        if question.labels is not None
        and question.name not in state.unpatterned
        and scope.asks(question.name)
    }


def relations(
    records: Records,
    scope: Scope,
    *,
    populations: Sequence[tuple[str, Sequence[str]]] | None = None,
    labels: Mapping[str, Sequence[str]] | None = None,
    dimensions: Iterable[str] | None = None,
) -> dict[str, Relation]:
    """Return every relation a statement may name, each resting on those before it.

    Parameters
    ----------
    records : the files to read
    scope : filters and viewer
    populations : names and roles; the scope's own when None
    labels : question -> labels that make patterns; the enumerable ones when None
    dimensions : item attributes for strata; those of the batch when None
    """
    state = records.state
    chosen = populations or [(scope.population_name, scope.population_roles)]
    found: dict[str, Relation] = {}
    for table in RECORD_TABLES:
        found[f"record_{table}"] = _record(records, table)
        if table in MERGED_KEYS:
            found[f"merged_{table}"] = _merged(records, table)
    found["filtered_item"] = _filtered_item(scope)
    found["scope_annotation"] = _annotation(records, scope)
    found["visible_item"] = Relation("select distinct item_id from scope_annotation")
    found |= _item_tables(records, scope)
    found |= _people_tables(records, scope)
    found["scope_attribute"] = _attribute(state.dimensions if dimensions is None else dimensions)
    found["scope_population"] = Relation(
        "select unnest($scope_populations::varchar[]) as population",
        {"scope_populations": [name for name, _ in chosen]},
    )
    found["scope_question"] = _questions(state, scope)
    found["scope_label"] = label_relation(enumerable(state, scope) if labels is None else labels)
    found["scope_submitted"] = Relation(
        select(quoted(SUBMITTED), "scope_annotation", where=_SUBMITTED)
    )
    found["scope_look"] = Relation(LOOK)
    found["scope_answer"] = _answers(state, chosen)
    found["scope_member"] = _members(state, scope)
    found["planted_item"] = _planted()
    found["scope"] = _scope(state)
    found["scope_vote"] = _votes()
    found["scope_unit"] = _units()
    found |= text_relations()
    found |= _shipping(scope)
    return found


def _shipping(scope: Scope) -> dict[str, Relation]:
    """Build what ships and with which labels, for the statements that export it."""
    rules = {"rules": json.dumps(dict(scope.rules), ensure_ascii=False)}
    return {
        "held_items": Relation(statement("held_items").text),
        "ordinary_texts": Relation(statement("ordinary_texts").text),
        "shipping_items": Relation(statement("shipping_items").text, materialized=True),
        "shipped_labels": Relation(statement("shipped_labels").text, {**rules}, materialized=True),
        "shippable_item": Relation(_SHIPPABLE),
        "accepted_item": Relation(_ACCEPTED),
    }


def _record(records: Records, table: str) -> Relation:
    files = records.files.get(table, ())
    columns = quoted(RECORD_TABLES[table])
    if not files:
        nulls = [f'null::{kind} as "{name}"' for name, kind in RECORD_TABLES[table].items()]
        return Relation(select([*nulls, "0 as part"], "(select 1)", where=["false"]))
    parameters: Parameters = {f"scope_files_{table}": [literal_glob(file) for file in files]}
    source = f"read_parquet($scope_files_{table}::varchar[])"
    if table not in records.state.repeated:
        return Relation(select([*columns, "0 as part"], source), parameters)
    parameters[f"scope_names_{table}"] = list(files)
    part = f"list_position($scope_names_{table}::varchar[], filename) as part"
    source = f"read_parquet($scope_files_{table}::varchar[], filename = true)"
    return Relation(select([*columns, part], source), parameters)


def _merged(records: Records, table: str) -> Relation:
    columns, source = RECORD_TABLES[table], f"record_{table}"
    if table not in records.state.repeated:
        return Relation(select(quoted(columns), source))
    keys = quoted(MERGED_KEYS[table])
    latest = [f'arg_max("{c}", part) as "{c}"' for c in columns if c not in MERGED_KEYS[table]]
    return Relation(select([*keys, *latest], source, group_by=keys))


def _filtered_item(scope: Scope) -> Relation:
    texts: list[str] = []
    parameters = Parameters()
    for number, (dimension, values) in enumerate(scope.item_filters().items()):
        condition, bound = matches("value", f"scope_stratum_{number}", values)
        name = f"scope_dimension_{number}"
        where = [f"name = ${name}", condition]
        texts.append(select(["item_id"], "merged_item_attribute", where=where))
        parameters |= {name: dimension, **bound}
    return Relation(" intersect ".join(texts) or select(["item_id"], "merged_item"), parameters)


def _annotation(records: Records, scope: Scope) -> Relation:
    """Build every answer that may be seen: all roles, rounds and states."""
    parameters, where = Parameters(), []
    vendor, group, source = "null::varchar", "null::varchar", "record_annotation as a"
    if records.vendor is not None:
        vendor, parameters["scope_vendor"] = "$scope_vendor::varchar", records.vendor
    if {"person.vendor", "person.annotator_group"} & records.state.filled:
        source += " left join merged_person as p on a.person_key = p.person_key"
        vendor, group = f"coalesce(p.vendor, {vendor})", "p.annotator_group"
    if scope.questions is not None:
        where.append(_ASKED)
        parameters["scope_questions"] = list(scope.questions)
    for number, (dimension, values) in enumerate(scope.answer_filters().items()):
        condition, bound = matches(dimension, f"scope_answer_{number}", values)
        where.append(condition)
        parameters |= bound
    if scope.item_filters():
        where.append(_CHOSEN_ITEM)
    if not scope.viewer.sees_all_of(records.state):
        where.append("vendor = any($scope_viewer::varchar[])")
        parameters["scope_viewer"] = sorted(scope.viewer.vendors or ())
    columns = [
        *quoted(RECORD_TABLES["annotation"], "a."),
        "a.part",
        "cast(cast(date_trunc('week', a.annotated_at) as date) as varchar) as week",
        f"{vendor} as vendor",
        f"{group} as annotator_group",
    ]
    text = select([*quoted(_ANSWER), "part"], f"({select(columns, source)})", where=where)
    return Relation(text, parameters)


def _item_tables(records: Records, scope: Scope) -> dict[str, Relation]:
    """Build the tables about items: those chosen by attribute, and seen by the viewer."""
    where = [_CHOSEN_ITEM] if scope.item_filters() else []
    hidden = not scope.viewer.sees_all_of(records.state)
    where += [_VISIBLE_ITEM] if hidden else []
    sources = {
        **{table: f"merged_{table}" for table in ("item", "item_attribute", "response", "probe")},
        "signal": "record_signal",
        "resolution": "record_resolution",
    }
    conditions = dict.fromkeys(sources, where)
    if "resolution" in records.state.repeated:
        latest = "row_number() over (partition by item_id, question order by part desc) as recency"
        columns = [*quoted(RECORD_TABLES["resolution"]), latest]
        sources["resolution"] = f"({select(columns, 'record_resolution')})"
        conditions["resolution"] = [*where, "recency = 1"]
    # A link leads to other people's disputes: only those who see everything see it.
    sources["knowledge_link"] = "record_knowledge_link"
    conditions["knowledge_link"] = ["false"] if hidden else []
    return {
        f"scope_{table}": Relation(
            select(quoted(RECORD_TABLES[table]), source, where=conditions[table])
        )
        for table, source in sources.items()
    }


def _people_tables(records: Records, scope: Scope) -> dict[str, Relation]:
    """Build the tables about people and what they did: only those the viewer may see."""
    chosen = [_CHOSEN_ITEM] if scope.item_filters() else []
    hidden = not scope.viewer.sees_all_of(records.state)

    def table(name: str, source: str, person: str, where: Sequence[str]) -> Relation:
        conditions = [*where, *([_VISIBLE_PERSON.format(person)] if hidden else [])]
        parameters: Parameters = {}
        if _ASKED in conditions and scope.questions is not None:
            parameters["scope_questions"] = list(scope.questions)
        return Relation(select(quoted(RECORD_TABLES[name]), source, where=conditions), parameters)

    asked = [_ASKED] if scope.questions is not None else []
    return {
        "scope_person": table("person", "merged_person", "person_key", []),
        "scope_review": table("review", "record_review", "person_key", [*chosen, *asked]),
        "scope_event": table("event", "record_event", "actor_key", chosen),
    }


def _attribute(dimensions: Iterable[str]) -> Relation:
    where = ["value is not null", "value <> ''", "name = any($scope_dimensions::varchar[])"]
    columns = ["item_id", "name as dimension", "value as stratum"]
    names = [name for name in dimensions if name not in ANNOTATION_DIMENSIONS]
    return Relation(
        select(columns, "merged_item_attribute", where=where), {"scope_dimensions": names}
    )


def _questions(state: State, scope: Scope) -> Relation:
    chosen = [question for question in state.questions if scope.asks(question.name)]
    return Relation(
        "select unnest($scope_question_name::varchar[]) as question,"
        " unnest($scope_question_level::varchar[]) as level",
        {
            "scope_question_name": [question.name for question in chosen],
            "scope_question_level": [question.level for question in chosen],
        },
    )


def label_relation(labels: Mapping[str, Sequence[str]]) -> Relation:
    """Build the labels that make patterns, question by question, with their weights."""
    rows = [
        (question, label, code, *label_weights(label))
        for question, known in labels.items()
        for code, label in enumerate(known)
    ]
    texts = [f"unnest($scope_label_{name}::{kind}[]) as {name}" for name, kind in _LABEL.items()]
    return Relation(
        f"select {', '.join(texts)}",
        {f"scope_label_{name}": [row[at] for row in rows] for at, name in enumerate(_LABEL)},
    )


def _answers(state: State, populations: Sequence[tuple[str, Sequence[str]]]) -> Relation:
    """Build the answers that count, one a person, item and question, for each population."""
    texts: list[str] = []
    parameters = Parameters()
    columns = quoted(("population", *_ANSWER))
    for number, (name, roles) in enumerate(populations):
        where = []
        if not set(state.roles) <= set(roles):
            allowed = ", ".join(f"'{role}'" for role in ROLES if role in roles)
            where.append(f"role in ({allowed})")
        population = f"$scope_population_{number}::varchar as population"
        chosen = [population, *quoted(_ANSWER), "part"]
        texts.append(select(chosen, "scope_submitted", where=where))
        parameters[f"scope_population_{number}"] = name
    source = f"({' union all '.join(texts)})"
    if "annotation" not in state.repeated:
        return Relation(select(columns, source), parameters)
    # First round first; within a round the later part corrects the earlier one.
    place = (
        "row_number() over (partition by population, question, item_id, person_key"
        " order by coalesce(round, 1), part desc, annotated_at, value) as place"
    )
    ranked = f"({select([*columns, place], source)})"
    return Relation(select(columns, ranked, where=["place = 1"]), parameters, materialized=True)


def _members(state: State, scope: Scope) -> Relation:
    """Build the items in scope, answered or not; a filter on answers leaves those that have one."""
    hidden = not scope.viewer.sees_all_of(state)
    seen = [_VISIBLE_ITEM] if hidden else []
    if scope.answer_filters() or scope.questions is not None:
        return Relation(select(["distinct item_id"], "scope_answer"))
    if scope.item_filters() or hidden:
        return Relation(select(["item_id"], "filtered_item", where=seen))
    everything = [select(["item_id"], table) for table in ("merged_item", "record_annotation")]
    return Relation(" union ".join(everything))


def _planted() -> Relation:
    """Build the items that test people instead of being worked on."""
    where = ["type in ('golden', 'trap')", "item_id is not null"]
    return Relation(select(["item_id"], "merged_probe", where=where))


def _scope(state: State) -> Relation:
    where = ["item_id not in (select item_id from planted_item)"] if state.has_probes else []
    return Relation(select(quoted(("population", *_ANSWER)), "scope_answer", where=where))


def _votes() -> Relation:
    """Build the answers that have a label which makes patterns, with the weights of the label."""
    columns = ["population", "item_id", "person_key", "role", "value", *ANNOTATION_DIMENSIONS]
    source = (
        "scope inner join scope_label"
        " on scope.question = scope_label.question and scope.value = scope_label.label"
    )
    shown = [f"scope.{name}" for name in ("question", *columns)]
    return Relation(select([*shown, "weight_1", "weight_2"], source))


def _units() -> Relation:
    """Build an item's pattern, as sums of weights: overall, and within a stratum of its answers."""
    texts = []
    for dimension in ("", *ANNOTATION_DIMENSIONS):
        stratum = dimension or "''"
        columns = ["question", "population", f"'{dimension}' as dimension", f"{stratum} as stratum"]
        keys = ["question", "population", *([dimension] if dimension else []), "item_id"]
        sums = [f"cast(sum(weight_{n}) as bigint) as sum_{n}" for n in (1, 2)]
        where = [f"{dimension} is not null"] if dimension else []
        columns += ["item_id", *sums]
        texts.append(select(columns, "scope_vote", where=where, group_by=keys))
    return Relation(" union all ".join(texts), materialized=None)
