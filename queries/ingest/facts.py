"""Facts of the whole batch, from `[constants]` and `--set`: typed, checked, told apart."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, get_args

from queries.batches import FACTS, BatchFacts, BatchInfo
from queries.errors import InputError
from queries.ingest.fields import ALLOWED
from queries.ingest.mapping import BATCH_FIELDS, Kind
from queries.ingest.report import Loss
from queries.ingest.text import closest

KINDS: Final = get_args(Kind)
_DESIGNS: Final = ("random", "all", "priority", "unknown")


def batch_facts(constants: dict[str, str], kind: str) -> BatchFacts:
    """Return the facts among the constants of an import.

    Raises
    ------
    InputError
        When a value cannot be what it is said to be.
    """
    for name, allowed in ALLOWED.items():
        if name in constants and constants[name] not in allowed:
            raise InputError(
                f"{name}: found {constants[name]!r}{closest(constants[name], allowed)}"
            )
    for name, read in _ROW_TYPED.items():
        if name in constants:
            read(name, constants[name])
    facts: dict[str, Any] = {}
    for name in BATCH_FIELDS:
        if name in constants:
            facts[name] = _TYPED.get(name, _text)(name, constants[name])
    return BatchFacts(kind=kind, **facts)


def changed_facts(before: BatchInfo | None, given: BatchFacts) -> tuple[Loss, ...]:
    """Return a note for every fact that an import changes; facts are those of the whole batch."""
    if before is None:
        return ()
    told = {name: (getattr(before, name), getattr(given, name)) for name in FACTS}
    return tuple(
        Loss(f"{name} of the whole batch was {_said(old)} and is now {_said(new)}", 1, fault=False)
        for name, (old, new) in told.items()
        if new is not None and new != old and name != "standard_sha256"
    )


def _said(value: object) -> str:
    """Return a fact as the command takes it."""
    if value is None:
        return "not given"
    return value.isoformat() + "Z" if isinstance(value, datetime) else repr(value)


def batch_kind(said: str | None, mapped: str | None, batch: BatchInfo | None) -> str:
    """Return the kind of the batch: from the command, the mapping or the batch itself.

    Raises
    ------
    InputError
        When nothing says it, or two of them say different things.
    """
    sources = {
        "--kind": said,
        "the mapping": mapped,
        "the batch": batch.kind if batch is not None else None,
    }
    given = {source: kind for source, kind in sources.items() if kind is not None}
    for source, kind in given.items():
        if kind not in KINDS:
            raise InputError(f"{source}: found kind {kind!r}{closest(kind, KINDS)}")
    if len(set(given.values())) > 1:
        told = ", ".join(f"{source} says {kind}" for source, kind in given.items())
        raise InputError(f"kind: {told}; a batch has one kind")
    if not given:
        raise InputError(
            f"kind: nothing says what kind of records these are; allowed: {', '.join(KINDS)}; "
            'say --kind KIND, or kind = "..." in the mapping'
        )
    return next(iter(given.values()))


def _text(_name: str, value: str) -> str:
    return value


def _count(name: str, value: str) -> int:
    if not value.isdecimal():
        raise InputError(f"{name}: found {value!r}; allowed: a whole number, 0 or more")
    return int(value)


def _probability(name: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = 0.0
    if not 0 < number <= 1:
        raise InputError(f"{name}: found {value!r}; allowed: a number above 0, at most 1")
    return number


def _truth(name: str, value: str) -> bool:
    if value not in {"true", "false"}:
        raise InputError(f"{name}: found {value!r}; allowed: true, false")
    return value == "true"


def _time(name: str, value: str) -> datetime:
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        message = f"{name}: found {value!r}; allowed: a time such as 2026-05-01T09:00:00Z"
        raise InputError(message) from None
    aware = time if time.tzinfo is not None else time.replace(tzinfo=UTC)
    return aware.astimezone(UTC).replace(tzinfo=None)


def _design(name: str, value: str) -> str:
    if value not in _DESIGNS:
        raise InputError(f"{name}: found {value!r}{closest(value, _DESIGNS)}")
    return value


_TYPED: Final[dict[str, Callable[[str, str], Any]]] = {
    "attempt": _count,
    "planned_items": _count,
    "opened_at": _time,
    "submitted_at": _time,
    "released_at": _time,
    "overlap_design": _design,
}
_ROW_TYPED: Final[dict[str, Callable[[str, str], Any]]] = {
    "round": _count,
    "blind": _truth,
    "inclusion_probability": _probability,
}
