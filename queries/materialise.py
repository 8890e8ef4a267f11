"""Statistics of a batch state, computed once and kept as Parquet.

A statistic is keyed by what it came from: the part digests in their order, the text of the `.sql`
file with its relations, and the populations. What did not change is not computed again, and a file
of another state, or of other software, can never be taken for this one.
"""

import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Final

import duckdb

from queries.batches import PartInfo, State
from queries.composition import Relation, compose
from queries.digest import file_sha256
from queries.relations import Records, enumerable, literal_glob, relations
from queries.schema import PEOPLE, ROLES
from queries.scope import Parameters, Scope, Viewer
from queries.sharing import shared
from queries.statements import Statement, names, statement

Populations = tuple[tuple[str, tuple[str, ...]], ...]
FORMAT: Final = 1
"""Part of every key: raise it when label weights or the digest of the inputs change meaning."""
REVIEWS: Final = (
    "review_transitions", "review_pairs", "review_mix", "review_times", "review_probes", "disputes",
)  # fmt: skip
"""Statistics of review actions, which have no role of their own."""
ITEMS: Final = ("attribute_combinations",)
"""Statistics of items, which have no role either."""
ALL_ROLES: Final = ("annotator_pairs", *REVIEWS, *ITEMS)
"""Statistics that are kept for all roles together."""
STREAMED: Final = ("label_sets",)
"""Statistics that grow with the items: always read from the records."""
ON_DEMAND: Final = (
    "agreement_course",
    "answer_repeats",
    "answer_runs",
    "golden_course",
    "paces",
    "probe_answers",
    "shared_notes",
    "shown_choices",
    "time_checks",
    "training_courses",
)
"""Statistics counted when somebody looks, so that no import waits; see `queries.first_use`."""
_NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "attribute_combinations": ("item_attribute.value",),
    "durations": ("annotation.duration_seconds",),
    "pair_outcomes": ("response.response_id",),
    **dict.fromkeys(REVIEWS, ("review.item_id",)),
    "review_times": ("review.started_at",),
    "review_probes": ("review.value_before", "probe.expected"),
    "disputes": ("review.decided_at",),
    "agreement_course": ("annotation.annotated_at",),
    "answer_runs": ("annotation.annotated_at",),
    "golden_course": ("annotation.annotated_at", "probe.expected"),
    "paces": ("annotation.duration_seconds",),
    "probe_answers": ("probe.expected",),
    "shared_notes": ("annotation.note",),
    "shown_choices": ("annotation.shown_order",),
    "time_checks": ("annotation.duration_seconds",),
    "training_courses": ("annotation.annotated_at", "event.activity"),
}
"""Columns without which a statistic has no rows; the others need answers."""
_NEEDS_ONE: Final[Mapping[str, frozenset[str]]] = {
    "answer_repeats": frozenset({"item.content_hash", "annotation.round"}),
    "annotator_reference": frozenset({"probe.expected", "resolution.value"}),
}
"""Columns of which a statistic needs one."""


@dataclass(frozen=True, slots=True)
class Statistic:
    """A statistic in the catalogue; `path` is inside the store, None where there are no rows."""

    name: str
    inputs_digest: str
    path: str | None
    rows: int
    sha256: str | None


def populations_of(state: State, name: str) -> Populations:
    """Return names and roles of the populations a statistic is kept for.

    People, and each single role that is not the same as people.
    """
    if name in ALL_ROLES:
        return (("all", ROLES),)
    single = tuple((role, (role,)) for role in state.roles if (role,) != state.people)
    return (("people", PEOPLE), *single) if state.people else single


def kept_population(state: State, name: str, roles: Sequence[str]) -> str | None:
    """Return the kept population that has exactly these roles in this batch, if there is one."""
    if name in {*REVIEWS, *ITEMS}:
        return "all"
    wanted = set(roles) & set(state.roles)
    for population, members in populations_of(state, name):
        if set(members) & set(state.roles) == wanted:
            return population
    return None


def applies(state: State, name: str) -> bool:
    """Whether a statistic can have rows in a batch."""
    if not state.filled.issuperset(_NEEDS.get(name, ("annotation.value",))):
        return False
    if name in _NEEDS_ONE and not _NEEDS_ONE[name] & state.filled:
        return False
    if name in {"cluster_patterns", "group_patterns"}:
        return state.has_groups
    if name == "unit_moments":
        return any(question.level in ("interval", "ratio") for question in state.questions)
    return True


def kept() -> tuple[str, ...]:
    """Return the names of the statistics that are kept."""
    return tuple(name for name in names("statistics") if name not in {*STREAMED, *ON_DEMAND})


def whole_batch(
    records: Records, name: str, labels: Mapping[str, Sequence[str]] | None = None
) -> dict[str, Relation]:
    """Return the relations a kept statistic of the batch is computed from."""
    everything = Scope("", viewer=Viewer.owner())
    chosen = populations_of(records.state, name)
    return relations(records, everything, populations=chosen, labels=labels)


def inputs_digest(records: Records, parts: Sequence[PartInfo], name: str) -> str:
    """Return the key of a kept statistic."""
    state = records.state
    text, _ = compose(whole_batch(records, name, {}), statement(name).text)
    inputs = {
        "format": FORMAT,
        "statement": text,
        "parts": [part.digest for part in sorted(parts, key=lambda part: part.sequence)],
        "populations": populations_of(state, name),
        "dimensions": state.dimensions,
        "questions": [[q.name, q.level, q.labels] for q in state.questions],
        "unpatterned": state.unpatterned,
        "vendor": records.vendor,
    }
    return sha256(json.dumps(inputs, ensure_ascii=False).encode()).hexdigest()


def pattern_labels(
    cursor: duckdb.DuckDBPyConnection, records: Records, scope: Scope
) -> dict[str, Sequence[str]]:
    """Return question -> labels that make patterns, looking up those that are not enumerable."""
    state = records.state
    known: dict[str, Sequence[str]] = dict(enumerable(state, scope))
    unlisted = [
        question.name
        for question in state.questions
        if question.labels is None
        and question.name not in state.unpatterned
        and scope.asks(question.name)
    ]
    if not unlisted:
        return known
    text, values = compose(
        relations(records, scope),
        "select question, value from scope_annotation where status = 'submitted'"
        " and value is not null and question = any($unlisted::varchar[])"
        " group by question, value order by question, value",
    )
    found: dict[str, list[str]] = {}
    for question, value in cursor.execute(text, {**values, "unlisted": unlisted}).fetchall():
        found.setdefault(str(question), []).append(str(value))
    return {**known, **found}


def materialise(
    cursor: duckdb.DuckDBPyConnection,
    records: Records,
    parts: Sequence[PartInfo],
    *,
    root: Path,
    folder: str,
    existing: Mapping[str, Statistic],
    chosen: Sequence[str] | None = None,
) -> list[Statistic]:
    """Compute the statistics of a batch state that are not there yet.

    Parameters
    ----------
    cursor : a cursor of the store's own instance
    records, parts : the state to describe
    root : folder of the store
    folder : where statistics of the batch go, inside the store
    existing : inputs digest -> statistic already in the catalogue
    chosen : names; all that are kept at import where None
    """
    wanted = kept() if chosen is None else chosen
    keys = {name: inputs_digest(records, parts, name) for name in wanted}
    found = {
        name: existing.get(key, Statistic(name, key, None, 0, None)) for name, key in keys.items()
    }
    pending = [
        name for name in found if keys[name] not in existing and applies(records.state, name)
    ]
    if not pending:
        return list(found.values())
    labels = pattern_labels(cursor, records, Scope("", viewer=Viewer.owner()))

    def computed(name: str) -> Statistic:
        path = f"{folder}/{keys[name][:16]}/{name}.parquet"
        available = whole_batch(records, name, labels) | common
        query = compose(available, statement(name).text)
        with cursor.cursor() as own:
            return _write(own, query, root, path, replace(found[name], path=path))

    # Two at a time: while one waits for the disk or ends on a single thread, the other works.
    with (
        shared(cursor, records, whole_batch(records, "unit_patterns", labels), pending) as common,
        ThreadPoolExecutor(max_workers=2) as pool,
    ):
        done = {statistic.name: statistic for statistic in pool.map(computed, pending)}
    return list((found | done).values())


def matching(chosen: Statement, filters: Mapping[str, object]) -> tuple[list[str], Parameters]:
    """Return conditions that hold columns of a statistic to given values."""
    unknown = set(filters) - set(chosen.columns)
    if unknown:
        message = (
            f"{chosen.name} has no column {', '.join(sorted(unknown))}; "
            f"it has {', '.join(chosen.columns)}"
        )
        raise ValueError(message)
    given = {name: value for name, value in filters.items() if value is not None}
    conditions = [f"{name} = $filter_{name}" for name in given]
    return conditions, {f"filter_{name}": value for name, value in given.items()}


def _write(
    cursor: duckdb.DuckDBPyConnection,
    query: tuple[str, Parameters],
    root: Path,
    path: str,
    empty: Statistic,
) -> Statistic:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_suffix(".tmp")
    text, values = query
    destination = str(temporary).replace("'", "''")
    row = cursor.execute(
        f"copy ({text}) to '{destination}' (format parquet, compression zstd)", values
    ).fetchone()
    rows = int(row[0]) if row else 0
    if not rows:
        temporary.unlink()
        target.parent.rmdir()
        return Statistic(empty.name, empty.inputs_digest, None, 0, None)
    digest = file_sha256(temporary)
    publish(temporary, target)
    return Statistic(empty.name, empty.inputs_digest, path, rows, digest)


def publish(temporary: Path, target: Path) -> None:
    """Give a file its name once its bytes are on the disk."""
    sync(temporary)
    temporary.replace(target)
    sync(target.parent)


def sync(path: Path) -> None:
    """Write what the system still holds of a file or folder to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def kept_rows(chosen: Statistic, root: Path) -> str:
    """Return the file of a kept statistic, as DuckDB takes it."""
    return literal_glob(str(root / str(chosen.path)))
