"""Typed fields of a record: times, durations, numbers, truth values, and what they cannot be.

A field that cannot be read becomes null and is counted; the answer itself stays.
"""

from dataclasses import dataclass
from typing import Final

from queries.ingest.mapping import ANSWER_FIELDS, Mapping, Time
from queries.ingest.text import fill, identifier, literal
from queries.schema import RECORD_TABLES, ROLES

STATUSES: Final = ("submitted", "draft", "skipped", "discarded")
_SECONDS: Final = {"ms": "/ 1000", "s": "", "min": "* 60", "h": "* 3600"}
_LONGEST: Final = 366 * 86400
"""Seconds; a longer answer is a broken clock."""

_ZONED: Final = "':[0-9.]+ ?([A-Za-z/_]+|[+-][0-9]{2}(:?[0-9]{2})?)$'"
# A space before an offset is common and not understood by the engine.
_ISO: Final = (
    "case when regexp_matches({text}, " + _ZONED + ") then timezone('UTC', try_cast("
    "regexp_replace({zoned}, ' ([+-][0-9]{2}:?[0-9]{2})$', '\\1') as timestamptz)) "
    "else {naive} end"
)
_OFFSETS: Final = {
    "PST": -8, "PDT": -7, "MST": -7, "MDT": -6, "CST": -6, "CDT": -5, "EST": -5, "EDT": -4,
    "CET": 1, "CEST": 2,
}  # fmt: skip
"""Zone names of exports that the engine does not know, or reads with daylight saving of its own."""
_NAME: Final = "regexp_extract({text}, '\\b(" + "|".join(_OFFSETS) + ")\\b')"
_FIXED: Final = (
    "case when {name} <> '' then replace({text}, {name}, {offsets}[list_position({names}, {name})])"
    " else {text} end"
)
_PLAUSIBLE: Final = (
    "case when {moment} between timestamp '1990-01-01' "
    "and cast(current_timestamp as timestamp) + interval 1 day then {moment} end"
)


@dataclass(frozen=True, slots=True)
class TypedField:
    """A field that is not text: the slot it is read from, how, and what is allowed in it."""

    name: str
    slot: str
    expression: str
    reason: str
    allowed: str


def moment(slot: str, time: Time, *, typed: bool) -> str:
    """Return the expression that reads a time as UTC without zone.

    Naive times are read in the session's time zone, which the importer sets to `[time] zone`.
    `typed` says that the file itself stores times, so that `[time] format` does not apply.
    """
    text = fill("tidy({slot})", slot=identifier(slot))
    if time.format in {"epoch", "epoch_ms"} and not typed:
        factor = "1e6" if time.format == "epoch" else "1e3"
        value = fill("number({text})", text=text)
        micros = f"cast({value} * {factor} as bigint)"
        parsed = f"case when abs({value}) < 1e14 then make_timestamp({micros}) end"
    elif time.format is not None and not typed:
        read = f"try_strptime({_fixed(text)}, {literal(time.format)})"
        parsed = f"timezone('UTC', cast({read} as timestamptz))"
    else:
        utc = time.zone in {None, "UTC", "Etc/UTC"}
        naive = (
            "try_cast({text} as timestamp)"
            if utc
            else ("timezone('UTC', try_cast({text} as timestamptz))")
        )
        parsed = fill(fill(_ISO, naive=naive, zoned=_fixed(text)), text=text)
    return fill(_PLAUSIBLE, moment=f"({parsed})")


def _fixed(text: str) -> str:
    """Return the expression that writes a known zone name as its offset."""
    names = ", ".join(map(literal, _OFFSETS))
    offsets = ", ".join(literal(f"GMT{hours:+d}") for hours in _OFFSETS.values())
    parts = {"names": f"[{names}]", "offsets": f"[{offsets}]"}
    return "(" + fill(_FIXED, name=fill(_NAME, text=text), text=text, **parts) + ")"


def naive_test(slot: str, time: Time, *, typed: bool) -> str | None:
    """Return the condition under which a time says no zone; None when it always does."""
    if time.format in {"epoch", "epoch_ms"} and not typed:
        return None
    if time.format is not None and not typed:
        return None if "%z" in time.format or "%Z" in time.format else "true"
    return f"not regexp_matches(tidy({identifier(slot)}), {_ZONED})"


def typed_fields(
    mapping: Mapping, slots: frozenset[str], times: frozenset[str]
) -> dict[str, TypedField]:
    """Return the typed fields that the files have, by name.

    `times` are the slots whose column is stored as a time by every file.
    """
    found: dict[str, TypedField] = {}

    def add(name: str, slot: str, expression: str, reason: str, allowed: str) -> None:
        found[name] = TypedField(name, slot, expression, reason, allowed)

    for name, macro, reason, allowed in _PLAIN:
        if name in slots:
            add(name, name, fill(macro, slot=identifier(name)), reason, allowed)
    if "annotated_at" in slots:
        said = mapping.time.format or "ISO 8601, or [time] format"
        expression = moment("annotated_at", mapping.time, typed="annotated_at" in times)
        reason = "time cannot be read or is impossible; it is left out"
        add("annotated_at", "annotated_at", expression, reason, said)
    duration = mapping.time.duration_seconds
    if "duration_start" in slots:
        start = moment("duration_start", mapping.time, typed="duration_start" in times)
        end = moment("duration_end", mapping.time, typed="duration_end" in times)
        seconds = f"((epoch_us({end}) - epoch_us({start})) / 1e6)"
        _add_duration(found, "duration_end", seconds)
    elif "duration_seconds" in slots:
        scale = _SECONDS[duration.unit] if duration else ""
        _add_duration(found, "duration_seconds", f'(number("duration_seconds") {scale})')
    return found


def _add_duration(found: dict[str, TypedField], slot: str, seconds: str) -> None:
    expression = f"case when {seconds} between 0 and {_LONGEST} then {seconds} end"
    reason = "duration cannot be read or is impossible"
    allowed = "a number from 0 to a year, and an end that is not before the start"
    found["duration_seconds"] = TypedField("duration_seconds", slot, expression, reason, allowed)


_PLAIN: Final = (
    ("strength", "number({slot})", "strength is no number", "a number"),
    ("round", "try_cast(whole({slot}) as integer)", "round is no whole number", "1, 2, ..."),
    ("blind", "truth({slot})", "blind is neither true nor false", "true, false"),
    ("length", "whole({slot})", "length is no whole number", "a whole number"),
    (
        "inclusion_probability",
        "case when number({slot}) > 0 and number({slot}) <= 1 then number({slot}) end",
        "inclusion_probability is no probability",
        "a number above 0, at most 1",
    ),
)


def answer_fields(
    mapping: Mapping, slots: frozenset[str], typed: dict[str, TypedField]
) -> dict[str, str]:
    """Return the expression of every column of an answer besides its keys and its value."""
    expressions: dict[str, str] = {}
    for name in ANSWER_FIELDS:
        kind = RECORD_TABLES["annotation"][name]
        if name in typed:
            expression = typed[name].expression
            if name == "strength" and mapping.pair_negates:
                expression = f"(case when turned then -1 else 1 end) * {expression}"
        elif name in slots:
            expression = _text_field(name)
        elif name in mapping.constants and name != "role":  # a person's role, where none fits
            expression = f"cast({literal(mapping.constants[name])} as {kind})"
        elif name == "shown_order" and mapping.pair is not None:
            expression = "case when turned then 'b|a' else 'a|b' end"
        else:
            expression = "'submitted'" if name == "status" else f"cast(null as {kind})"
        expressions[name] = expression
    return expressions


def _text_field(name: str) -> str:
    quoted = identifier(name)
    if name == "note":
        # Free text stays as it was written; a blank says nothing.
        return fill("case when tidy({text}) <> '' then {text} end", text=quoted)
    if name in {"role", "status"}:
        default = "'submitted'" if name == "status" else "null"
        return f"coalesce(nullif(lower(tidy({quoted})), ''), {default})"
    return f"neat({quoted})"


ALLOWED: Final = {"role": ROLES, "status": STATUSES}
"""Text fields with a fixed domain: an answer outside it is dropped."""
