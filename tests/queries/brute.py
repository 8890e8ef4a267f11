"""Every statistic once more, in plain Python, straight from its definition."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import combinations
from math import floor, log
from typing import Any

from queries.relations import label_weights

Row = Mapping[str, Any]
Part = Mapping[str, Sequence[Row]]


@dataclass
class Batch:
    """Rows of several parts, in the order they were imported."""

    parts: Sequence[Part]
    vendor: str | None = None
    levels: Mapping[str, str] = field(default_factory=lambda: {"label": "nominal"})

    def merged(self, table: str, *keys: str) -> dict[tuple[Any, ...], dict[str, Any]]:
        found: dict[tuple[Any, ...], dict[str, Any]] = {}
        for part in self.parts:
            for row in part.get(table, ()):
                known = found.setdefault(tuple(row[key] for key in keys), {})
                known |= {name: value for name, value in row.items() if value is not None}
        return found

    def planted(self) -> set[str]:
        probes = self.merged("probe", "item_id", "question", "type").values()
        return {row["item_id"] for row in probes if row["type"] in ("golden", "trap")}

    def answers(
        self, roles: Sequence[str], keep: Callable[[Row], bool] = lambda _: True
    ) -> list[dict[str, Any]]:
        """One answer a person, item and question: lowest round, then latest part."""
        people = self.merged("person", "person_key")
        best: dict[tuple[Any, ...], tuple[tuple[int, int], dict[str, Any]]] = {}
        for number, part in enumerate(self.parts):
            for row in part.get("annotation", ()):
                full = self._dimensions(row, people)
                if row["status"] != "submitted" or row["value"] is None or row["role"] not in roles:
                    continue
                if not keep(full):
                    continue
                key = (row["question"], row["item_id"], row["person_key"])
                rank = (row.get("round") or 1, -number)
                if key not in best or rank < best[key][0]:
                    best[key] = (rank, full)
        return [row for _, row in best.values() if row["item_id"] not in self.planted()]

    def _dimensions(self, row: Row, people: Mapping[tuple[Any, ...], Row]) -> dict[str, Any]:
        person = people.get((row["person_key"],), {})
        time = row.get("annotated_at")
        monday = None if time is None else (time - timedelta(days=time.weekday())).date()
        return {
            "strength": None,
            **row,
            "week": None if monday is None else monday.isoformat(),
            "vendor": person.get("vendor", self.vendor),
            "annotator_group": person.get("annotator_group"),
            "guideline_version": row.get("guideline_version"),
        }

    def attributes(self, item: str) -> list[tuple[str, str]]:
        rows = self.merged("item_attribute", "item_id", "name").values()
        return [(row["name"], row["value"]) for row in rows if row["item_id"] == item]

    def strata(self, rows: Sequence[Row]) -> Iterator[tuple[str, str, list[Row]]]:
        """Yield dimension, stratum and the answers in it."""
        yield "", "", list(rows)
        found: dict[tuple[str, str], list[Row]] = {}
        for row in rows:
            of_answer = [
                (name, row[name])
                for name in ("week", "vendor", "annotator_group", "guideline_version")
                if row[name] is not None
            ]
            for place in (*self.attributes(row["item_id"]), *of_answer):
                found.setdefault(place, []).append(row)
        for (dimension, stratum), chosen in found.items():
            yield dimension, stratum, chosen


def pattern_id(labels: Mapping[str, int]) -> str:
    sums = [0, 0]
    for label, count in labels.items():
        for place, weight in enumerate(label_weights(label)):
            sums[place] += weight * count
    return f"{sums[0]}-{sums[1]}"


def units(rows: Sequence[Row]) -> dict[tuple[str, str], Counter[str]]:
    found: dict[tuple[str, str], Counter[str]] = {}
    for row in rows:
        found.setdefault((row["question"], row["item_id"]), Counter())[row["value"]] += 1
    return found


def unit_patterns(batch: Batch, rows: Sequence[Row]) -> Counter[tuple[Any, ...]]:
    """(question, dimension, stratum, pattern, label, count) -> multiplicity."""
    found: Counter[tuple[Any, ...]] = Counter()
    for dimension, stratum, chosen in batch.strata(rows):
        for (question, _), labels in units(chosen).items():
            for label, count in labels.items():
                key = (question, dimension, stratum, pattern_id(labels), label, count)
                found[key] += 1
    return found


def group_patterns(batch: Batch, rows: Sequence[Row]) -> Counter[tuple[Any, ...]]:
    """(question, dimension, stratum, contents of the group) -> number of groups."""
    items = batch.merged("item", "item_id")
    found: Counter[tuple[Any, ...]] = Counter()
    for dimension, stratum, chosen in batch.strata(rows):
        groups: dict[tuple[Any, ...], Counter[str]] = {}
        for (question, item), labels in units(chosen).items():
            group = items.get((item,), {}).get("group_id")
            key = (question, group, item if group is None else None)
            groups.setdefault(key, Counter())[pattern_id(labels)] += 1
        for (question, *_), contents in groups.items():
            found[question, dimension, stratum, tuple(sorted(contents.items()))] += 1
    return found


def cluster_patterns(batch: Batch, rows: Sequence[Row]) -> Counter[tuple[Any, ...]]:
    """(question, dimension, stratum, pattern of a group, label, count) -> multiplicity."""
    items = batch.merged("item", "item_id")
    found: Counter[tuple[Any, ...]] = Counter()
    for dimension, stratum, chosen in batch.strata(rows):
        groups: dict[tuple[Any, ...], Counter[str]] = {}
        for (question, item), labels in units(chosen).items():
            group = items.get((item,), {}).get("group_id")
            key = (question, group, item if group is None else None)
            groups.setdefault(key, Counter()).update(labels)
        for (question, *_), labels in groups.items():
            for label, count in labels.items():
                found[question, dimension, stratum, pattern_id(labels), label, count] += 1
    return found


def annotator_patterns(rows: Sequence[Row]) -> Counter[tuple[Any, ...]]:
    patterns = {key: pattern_id(labels) for key, labels in units(rows).items()}
    return Counter(
        (
            row["question"],
            row["person_key"],
            patterns[row["question"], row["item_id"]],
            row["value"],
        )
        for row in rows
    )


def annotator_pairs(rows: Sequence[Row]) -> Counter[tuple[Any, ...]]:
    found: Counter[tuple[Any, ...]] = Counter()
    by_unit: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        by_unit.setdefault((row["question"], row["item_id"]), []).append(row)
    for (question, _), given in by_unit.items():
        for a, b in combinations(sorted(given, key=lambda row: row["person_key"]), 2):
            found[
                question,
                a["person_key"],
                a["role"],
                b["person_key"],
                b["role"],
                a["value"],
                b["value"],
            ] += 1
    return found


def annotator_labels(batch: Batch, rows: Sequence[Row]) -> Counter[tuple[Any, ...]]:
    return Counter(
        (row["question"], row["person_key"], row["role"], dimension, stratum, row["value"])
        for dimension, stratum, chosen in batch.strata(rows)
        for row in chosen
    )


def label_mix(batch: Batch, rows: Sequence[Row]) -> Counter[tuple[Any, ...]]:
    return Counter(
        (
            row["question"],
            row["week"],
            row["person_key"],
            row["guideline_version"],
            dimension,
            stratum,
            row["value"],
        )
        for row in rows
        for dimension, stratum in [("", ""), *batch.attributes(row["item_id"])]
    )


def durations(batch: Batch, rows: Sequence[Row]) -> Counter[tuple[Any, ...]]:
    return Counter(
        (
            row["question"],
            row["person_key"],
            dimension,
            stratum,
            floor(log(row["duration_seconds"] * 1000 + 1) / log(1.02)),
        )
        for dimension, stratum, chosen in batch.strata(rows)
        for row in chosen
        if row.get("duration_seconds") is not None
    )


def unit_moments(batch: Batch, rows: Sequence[Row]) -> dict[tuple[Any, ...], list[float]]:
    """(question, dimension, stratum, m) -> units and the nine sums."""
    found: dict[tuple[Any, ...], list[float]] = {}
    numeric = [row for row in rows if batch.levels[row["question"]] in ("interval", "ratio")]
    for dimension, stratum, chosen in batch.strata(numeric):
        for (question, _), labels in units(chosen).items():
            numbers = [float(label) for label, count in labels.items() for _ in range(count)]
            mean = sum(numbers) / len(numbers)
            d = sum((number - mean) ** 2 for number in numbers)
            s, t = sum(numbers), sum(number**2 for number in numbers)
            sums = [1.0, d, s, t, d * d, d * s, d * t, s * s, s * t, t * t]
            key = (question, dimension, stratum, len(numbers))
            old = found.get(key, [0.0] * len(sums))
            found[key] = [a + b for a, b in zip(old, sums, strict=True)]
    return found
