"""Statistic tables as they come from the store, made into the tables metrics are functions of.

One statistic holds all questions, populations and strata of a batch; a metric wants one question,
one stratum. Labels the question declares but nobody used keep their column of zeros.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from typing import Any, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from metrics.tables import (
    AnnotatorLabels,
    AnnotatorPairs,
    AnnotatorPatterns,
    Compositions,
    Floats,
    Integers,
    LabelSets,
    Level,
    ReferenceAnswers,
    UnitMoments,
    UnitPatterns,
)
from queries.batches import Question

Numbers = NDArray[Any]
MOMENTS = ("sum_dd", "sum_ds", "sum_dt", "sum_ss", "sum_st", "sum_tt")


def strata(rows: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """Yield each stratum of one question and dimension with its rows; `rows` are sorted."""
    start = 0
    for stratum, run in groupby(rows["stratum"].to_pylist()):
        length = sum(1 for _ in run)
        yield stratum, rows.slice(start, length)
        start += length


def labels_of(question: Question, rows: pa.Table, *columns: str) -> tuple[str, ...]:
    """Return the label domain: declared or enumerated at import, else what the rows hold.

    A set or a ranking declares its members; the labels that can agree are the whole values.
    """
    if question.labels is not None and question.level not in {"set", "ranking"}:
        return question.labels
    found: set[str] = set()
    for column in columns:
        found.update(coded(rows[column])[0])
    if question.level in {"ordinal", "interval", "ratio"}:
        return tuple(sorted(found, key=float))
    return tuple(sorted(found))


# Buffers are read as they are: `to_numpy` and `pa.array` of pyarrow import pandas, which costs a
# command more time than everything else it does.
def codes(column: pa.ChunkedArray, domain: tuple[str, ...]) -> Integers:
    """Return the position of each value in `domain`; every value is in it."""
    values, numbers = coded(column)
    place = {value: number for number, value in enumerate(domain)}
    return np.array([place[value] for value in values], dtype=np.int64)[numbers]


def coded(column: pa.ChunkedArray) -> tuple[list[str], Integers]:
    """Return the distinct values of a text column, '' for null, and the number of each row's."""
    if not len(column):
        return [], np.zeros(0, dtype=np.int64)
    encoded = _encoded(column)
    values = [value or "" for value in encoded.dictionary.to_pylist()]
    return values, _buffer(encoded.indices, np.int32).astype(np.int64)


def numbered(column: pa.ChunkedArray) -> Integers:
    """Return the number of each row's value, in their order of appearance."""
    return _buffer(_encoded(column).indices, np.int32).astype(np.int64)


def _encoded(column: pa.ChunkedArray) -> pa.DictionaryArray:
    encoded = column.combine_chunks().dictionary_encode(null_encoding="encode")
    if isinstance(encoded, pa.ChunkedArray):
        return encoded.combine_chunks() if encoded.num_chunks != 1 else encoded.chunk(0)
    return encoded


def integers(column: pa.ChunkedArray) -> Integers:
    """Return a column of counts as int64."""
    return np.asarray(_numbers(column, pa.int64(), np.int64), dtype=np.int64)


def floats(column: pa.ChunkedArray) -> Floats:
    """Return a column of sums as float64."""
    return np.asarray(_numbers(column, pa.float64(), np.float64), dtype=np.float64)


def _numbers(column: pa.ChunkedArray, stored: pa.DataType, kind: type) -> list[Any] | Numbers:
    if column.null_count or column.type != stored:
        return list(column.to_pylist())
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    return np.concatenate([np.zeros(0, kind), *(_buffer(chunk, kind) for chunk in chunks)])


def _buffer(chunk: pa.Array, kind: type) -> Numbers:
    read: Numbers = np.frombuffer(chunk.buffers()[1], kind, len(chunk) + chunk.offset)
    return read[chunk.offset :]


def distinct(column: pa.ChunkedArray) -> tuple[str, ...]:
    """Return the different values of a text column, sorted."""
    return tuple(sorted(coded(column)[0]))


def unit_patterns(
    rows: pa.Table,
    question: Question,
    *,
    groups: pa.Table | None = None,
    annotators: pa.Table | None = None,
) -> UnitPatterns:
    """Build the patterns of one question in one stratum.

    Parameters
    ----------
    rows : table of `unit_patterns`, one question, one stratum
    groups : the same slice of `group_patterns`, or None where every item stands alone
    annotators : the question's `annotator_patterns`, or None
    """
    domain = labels_of(question, rows, "label")
    ids = distinct(rows["pattern_id"])
    pattern = codes(rows["pattern_id"], ids)
    counts = np.zeros((len(ids), len(domain)), dtype=np.int64)
    counts[pattern, codes(rows["label"], domain)] = integers(rows["count"])
    multiplicity = np.zeros(len(ids), dtype=np.int64)
    multiplicity[pattern] = integers(rows["multiplicity"])
    return UnitPatterns(
        labels=domain,
        level=_level(question),
        counts=counts,
        multiplicity=multiplicity,
        tie_labels=question.tie_labels,
        compositions=None if groups is None else compositions(groups, ids),
        annotators=None if annotators is None else annotator_patterns(annotators, ids, domain),
    )


def compositions(rows: pa.Table, pattern_ids: tuple[str, ...]) -> Compositions | None:
    """Build the groups' contents over the given patterns; None where no group was counted."""
    if not rows.num_rows:
        return None
    composition = numbered(rows["composition_id"])
    multiplicity = np.zeros(int(composition.max()) + 1, dtype=np.int64)
    multiplicity[composition] = integers(rows["multiplicity"])
    return Compositions(
        composition=composition,
        pattern=codes(rows["pattern_id"], pattern_ids),
        count=integers(rows["count"]),
        multiplicity=multiplicity,
    )


def annotator_patterns(
    rows: pa.Table, pattern_ids: tuple[str, ...], domain: tuple[str, ...]
) -> AnnotatorPatterns:
    """Build who gave which label on units of which pattern."""
    people = distinct(rows["person_key"])
    return AnnotatorPatterns(
        annotators=people,
        annotator=codes(rows["person_key"], people),
        pattern=codes(rows["pattern_id"], pattern_ids),
        label=codes(rows["label"], domain),
        count=integers(rows["count"]),
    )


def unit_moments(rows: pa.Table) -> UnitMoments:
    """Build the sums of one numeric question in one stratum."""
    dd, ds, dt, ss, st, tt = (floats(rows[name]) for name in MOMENTS)
    sums = [floats(rows[name]) for name in ("sum_d", "sum_s", "sum_t")]
    cross = np.array([[dd, ds, dt], [ds, ss, st], [dt, st, tt]], dtype=float)
    return UnitMoments(
        ratings=integers(rows["m"]),
        units=integers(rows["units"]),
        sums=np.stack(sums, axis=-1),
        cross=np.moveaxis(cross, -1, 0),
    )


def annotator_pairs(rows: pa.Table, question: Question) -> AnnotatorPairs:
    """Build the joint labels of all pairs of annotators on one question, all roles."""
    domain = labels_of(question, rows, "label_a", "label_b")
    roles: dict[str, str] = {}
    for side in ("a", "b"):
        roles.update(
            zip(rows[f"person_{side}"].to_pylist(), rows[f"role_{side}"].to_pylist(), strict=True)
        )
    people = tuple(sorted(roles))
    return AnnotatorPairs(
        labels=domain,
        level=_level(question),
        annotators=people,
        roles=tuple(roles[person] for person in people),
        first=codes(rows["person_a"], people),
        second=codes(rows["person_b"], people),
        label_first=codes(rows["label_a"], domain),
        label_second=codes(rows["label_b"], domain),
        count=integers(rows["count"]),
        tie_labels=question.tie_labels,
    )


def of_roles(pairs: AnnotatorPairs, roles: tuple[str, ...]) -> AnnotatorPairs:
    """Keep the pairs in which both annotators have one of the roles."""
    member = np.array([role in roles for role in pairs.roles], dtype=bool)
    kept = member[pairs.first] & member[pairs.second]
    return replace(
        pairs,
        first=pairs.first[kept],
        second=pairs.second[kept],
        label_first=pairs.label_first[kept],
        label_second=pairs.label_second[kept],
        count=pairs.count[kept],
    )


def each_pair(pairs: AnnotatorPairs) -> Iterator[tuple[str, str, AnnotatorPairs]]:
    """Yield every pair of annotators who judged an item together, with their table."""
    order = np.lexsort((pairs.second, pairs.first))
    first, second = pairs.first[order], pairs.second[order]
    changes = np.flatnonzero((np.diff(first) != 0) | (np.diff(second) != 0)) + 1
    for rows in np.split(order, changes) if len(order) else ():
        one, other = int(pairs.first[rows[0]]), int(pairs.second[rows[0]])
        table = replace(
            pairs,
            annotators=(pairs.annotators[one], pairs.annotators[other]),
            roles=(pairs.roles[one], pairs.roles[other]),
            first=np.zeros(len(rows), dtype=np.int64),
            second=np.ones(len(rows), dtype=np.int64),
            label_first=pairs.label_first[rows],
            label_second=pairs.label_second[rows],
            count=pairs.count[rows],
        )
        yield pairs.annotators[one], pairs.annotators[other], table


def annotator_labels(rows: pa.Table, question: Question) -> AnnotatorLabels:
    """Build how often each annotator gave each label in one stratum."""
    domain = labels_of(question, rows, "label")
    people = distinct(rows["person_key"])
    return AnnotatorLabels(
        labels=domain,
        level=_level(question),
        annotators=people,
        annotator=codes(rows["person_key"], people),
        label=codes(rows["label"], domain),
        count=integers(rows["count"]),
    )


def reference_answers(
    rows: pa.Table, question: Question, reference: str
) -> ReferenceAnswers | None:
    """Build the answers to planted items of one type on one question; None without any."""
    kept = [
        row
        for row in rows.select(
            ["reference", "person_key", "reference_label", "label", "count"]
        ).to_pylist()
        if row["reference"] == reference
    ]
    if not kept:
        return None
    # An expected answer need not be a label anybody may give, and is then always missed.
    domain = tuple(sorted({row[side] for row in kept for side in ("reference_label", "label")}))
    domain = tuple(dict.fromkeys((*(question.labels or ()), *domain)))
    people = tuple(sorted({row["person_key"] for row in kept}))
    place = {label: number for number, label in enumerate(domain)}
    number = {person: one for one, person in enumerate(people)}
    return ReferenceAnswers(
        labels=domain,
        annotators=people,
        annotator=np.array([number[row["person_key"]] for row in kept], dtype=np.int64),
        expected=np.array([place[row["reference_label"]] for row in kept], dtype=np.int64),
        label=np.array([place[row["label"]] for row in kept], dtype=np.int64),
        count=np.array([row["count"] for row in kept], dtype=np.int64),
    )


def stacked(tables: Iterable[pa.Table]) -> pa.Table:
    """Return the rows of one statistic of several batches as one table."""
    return pa.concat_tables(tables)


def _level(question: Question) -> Level:
    return cast("Level", question.level)


def label_sets(rows: pa.Table, question: Question) -> LabelSets:
    """Build the label sets of one question; `rows` are sorted by set.

    These rows grow with the items, so their texts stay where they are: each column is coded by
    Arrow, and only its distinct values are looked at here.
    """
    rows = rows.combine_chunks()
    domain = labels_of(question, rows, "label") if rows.num_rows else ()
    people, person = coded(rows["person_key"])
    said, label = coded(rows["label"])
    _, which = coded(rows["set_id"])
    order = np.argsort(np.array(people, dtype=object), kind="stable")
    rank = np.empty(len(people), dtype=np.int64)
    rank[order] = np.arange(len(people))
    place = np.array([domain.index(value) for value in said], dtype=np.int64)
    begins = np.flatnonzero(np.diff(which, prepend=-1)) if len(which) else which
    times = integers(rows["multiplicity"])
    return LabelSets(
        labels=domain,
        annotators=tuple(people[number] for number in order),
        start=np.append(begins, len(which)),
        annotator=rank[person],
        label=place[label],
        multiplicity=times[begins],
    )
