"""Column contracts: what a record table, a statistic table and a part hold.

Everything that writes or reads Parquet goes by these two mappings of table -> column -> DuckDB
type. A record table is always written with all of its columns in this order; what an export does
not have becomes a typed null, so that parts of one batch read as one relation.
"""

from typing import Final

RECORD_TABLES: Final[dict[str, dict[str, str]]] = {
    "item": {
        "item_id": "varchar",
        "prompt": "varchar",
        "context": "varchar",
        "group_id": "varchar",
        "content_hash": "varchar",
        "source": "varchar",
        "licence": "varchar",
        "risk_level": "varchar",
        "set_role": "varchar",
        "inclusion_probability": "double",
    },
    "item_attribute": {
        "item_id": "varchar",
        "name": "varchar",
        "value": "varchar",
    },
    "response": {
        "item_id": "varchar",
        "response_id": "varchar",
        "model": "varchar",
        "text": "varchar",
        "length": "bigint",
    },
    "question": {
        "name": "varchar",
        "level": "varchar",
        "labels": "varchar",
        "tie_labels": "varchar",
        "declared": "boolean",
    },
    "annotation": {
        "item_id": "varchar",
        "question": "varchar",
        "person_key": "varchar",
        "role": "varchar",
        "value": "varchar",
        "strength": "double",
        "round": "integer",
        "blind": "boolean",
        "shown_order": "varchar",
        "status": "varchar",
        "annotated_at": "timestamp",
        "duration_seconds": "double",
        "guideline_version": "varchar",
        "assist": "varchar",
        "reason_tags": "varchar",
        "note": "varchar",
    },
    "review": {
        "item_id": "varchar",
        "question": "varchar",
        "person_key": "varchar",
        "stage": "varchar",
        "selection": "varchar",
        "reviewer_key": "varchar",
        "decision": "varchar",
        "value_before": "varchar",
        "value_after": "varchar",
        "error_tags": "varchar",
        "severity": "varchar",
        "blind": "boolean",
        "rule_ref": "varchar",
        "guidance": "varchar",
        "note": "varchar",
        "started_at": "timestamp",
        "decided_at": "timestamp",
    },
    "resolution": {
        "item_id": "varchar",
        "question": "varchar",
        "value": "varchar",
        "rule": "varchar",
        "votes": "bigint",
        "confidence": "double",
        "decided_by": "varchar",
    },
    "probe": {
        "item_id": "varchar",
        "question": "varchar",
        "type": "varchar",
        "expected": "varchar",
    },
    "signal": {
        "item_id": "varchar",
        "response_id": "varchar",
        "step": "bigint",
        "type": "varchar",
        "name": "varchar",
        "version": "varchar",
        "value": "double",
        "failure_reason": "varchar",
    },
    "event": {
        "item_id": "varchar",
        "from_state": "varchar",
        "to_state": "varchar",
        "actor_key": "varchar",
        "role": "varchar",
        "at": "timestamp",
        "hours": "double",
        "cost": "double",
        "activity": "varchar",
    },
    "person": {
        "person_key": "varchar",
        "team": "varchar",
        "vendor": "varchar",
        "tier": "varchar",
        "language": "varchar",
        "annotator_group": "varchar",
    },
    "knowledge_link": {
        "link_id": "varchar",
        "from_type": "varchar",
        "from_id": "varchar",
        "to_type": "varchar",
        "to_id": "varchar",
        "at": "timestamp",
    },
}

_KEY: Final = {"question": "varchar", "population": "varchar"}
_STRATUM: Final = {"dimension": "varchar", "stratum": "varchar"}

STATISTIC_TABLES: Final[dict[str, dict[str, str]]] = {
    "unit_patterns": {
        **_KEY,
        **_STRATUM,
        "pattern_id": "varchar",
        "label": "varchar",
        "count": "bigint",
        "multiplicity": "bigint",
    },
    "group_patterns": {
        **_KEY,
        **_STRATUM,
        "composition_id": "varchar",
        "pattern_id": "varchar",
        "count": "bigint",
        "multiplicity": "bigint",
    },
    "unit_moments": {
        **_KEY,
        **_STRATUM,
        "m": "bigint",
        "units": "bigint",
        "sum_d": "double",
        "sum_s": "double",
        "sum_t": "double",
        "sum_dd": "double",
        "sum_ds": "double",
        "sum_dt": "double",
        "sum_ss": "double",
        "sum_st": "double",
        "sum_tt": "double",
    },
    "annotator_patterns": {
        **_KEY,
        "person_key": "varchar",
        "pattern_id": "varchar",
        "label": "varchar",
        "count": "bigint",
    },
    "annotator_pairs": {
        **_KEY,
        "person_a": "varchar",
        "role_a": "varchar",
        "person_b": "varchar",
        "role_b": "varchar",
        "label_a": "varchar",
        "label_b": "varchar",
        "count": "bigint",
    },
    "annotator_labels": {
        **_KEY,
        "person_key": "varchar",
        "role": "varchar",
        **_STRATUM,
        "label": "varchar",
        "count": "bigint",
    },
    "annotator_reference": {
        **_KEY,
        "person_key": "varchar",
        "reference": "varchar",
        "reference_label": "varchar",
        "label": "varchar",
        "count": "bigint",
    },
    "label_mix": {
        **_KEY,
        "week": "varchar",
        "person_key": "varchar",
        "guideline_version": "varchar",
        **_STRATUM,
        "label": "varchar",
        "count": "bigint",
    },
    "pair_outcomes": {
        **_KEY,
        "option_a": "varchar",
        "option_b": "varchar",
        "first_shown": "varchar",
        "length_bin": "bigint",
        "margin": "double",
        "outcome": "varchar",
        "count": "bigint",
    },
    "review_transitions": {
        **_KEY,
        "stage": "varchar",
        "selection": "varchar",
        "blind": "varchar",
        "reviewer_key": "varchar",
        "person_key": "varchar",
        "value_before": "varchar",
        "value_after": "varchar",
        "decision": "varchar",
        "count": "bigint",
    },
    "durations": {
        **_KEY,
        "person_key": "varchar",
        **_STRATUM,
        "log_bin": "bigint",
        "count": "bigint",
    },
    "label_sets": {
        **_KEY,
        "block": "bigint",
        "set_id": "varchar",
        "person_key": "varchar",
        "label": "varchar",
        "multiplicity": "bigint",
    },
}

ROLES: Final = ("human", "expert", "model", "rule")
PEOPLE: Final = ("human", "expert")
PROBE_TYPES: Final = ("golden", "trap", "audit", "reference")
ANNOTATION_DIMENSIONS: Final = ("week", "vendor", "annotator_group", "guideline_version")
"""Dimensions of a single answer; the names are reserved and refused as item attributes."""

MAXIMUM_LABELS: Final = 200
"""A question with more distinct values is not enumerable: its labels are null."""
PATTERN_LABELS: Final = 24
PATTERN_UNITS: Final = 100_000
"""Patterns and pairs are kept up to this many labels, or up to this many rated items."""
MAXIMUM_DIMENSIONS: Final = 12
MAXIMUM_STRATA: Final = 200
"""Attributes beyond these are not materialised; a filter on them runs on the records."""
