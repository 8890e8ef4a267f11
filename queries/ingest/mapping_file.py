"""Reading a mapping file, and telling what is wrong with it.

Every fault is told with the file, the key, what was found and what is allowed; a misspelt key is
told with the key that was probably meant.
"""

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from queries.errors import InputError
from queries.ingest.mapping import (
    Duplicates,
    Duration,
    Mapping,
    Pair,
    Probe,
    Question,
    Roles,
    Section,
    Time,
    When,
    Wide,
)
from queries.ingest.text import closest


@dataclass(frozen=True, slots=True)
class MappingFile:
    """A mapping with the name it is quoted by and the hash that goes into the catalogue."""

    mapping: Mapping
    name: str
    sha256: str | None = None


def read_mapping(path: Path) -> MappingFile:
    """Read and check a mapping file.

    Raises
    ------
    InputError
        Naming the file, the key, what was found and what is allowed.
    """
    try:
        content = path.read_bytes()
        values = tomllib.loads(content.decode())
    except OSError as error:
        raise InputError(f"mapping {path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        message = f"mapping {path.name}: not UTF-8 at byte {error.start}; save it as UTF-8"
        raise InputError(message) from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"mapping {path.name}: not valid TOML: {error}") from None
    return MappingFile(
        parse_mapping(values, path.name), path.name, hashlib.sha256(content).hexdigest()
    )


def refuse_incomplete(told: MappingFile) -> None:
    """Raise InputError where a mapping is not enough to read a plain table by."""
    try:
        told.mapping.names_a_table()
    except ValueError as error:
        raise InputError(f"mapping {told.name}: {error}") from None


def parse_mapping(values: dict[str, Any], name: str) -> Mapping:
    """Check the content of a mapping file that is quoted as `name` in errors."""
    try:
        return Mapping.model_validate(values)
    except ValidationError as error:
        faults = [_told(dict(fault)) for fault in error.errors(include_url=False)]
        raise InputError(f"mapping {name}: {'; '.join(dict.fromkeys(faults))}") from None


_SECTIONS: Final[dict[str, type[Section]]] = {
    "time": Time, "duration_seconds": Duration, "role": Roles, "question": Question, "pair": Pair,
    "duplicates": Duplicates, "wide": Wide, "probe": Probe, "when": When,
}  # fmt: skip


def _told(fault: dict[str, Any]) -> str:
    """Turn one pydantic error into: key, found, allowed."""
    location, kind = fault["loc"], fault["type"]
    place = _place(location)
    if kind == "value_error":
        return f"{place}: {fault['ctx']['error']}" if place else str(fault["ctx"]["error"])
    if kind == "extra_forbidden":
        names = [part for part in location[:-1] if isinstance(part, str)]
        section = _SECTIONS.get(names[-1], Mapping) if names else Mapping
        return f"{place}: not known{closest(str(location[-1]), section.model_fields)}"
    if kind == "list_type" and location in {("question",), ("probe",)}:
        return f"[{place}]: there may be several; write [[{place}]]"
    if kind == "missing":
        return f"{place}: is missing"
    if kind == "literal_error":
        allowed = [
            word.strip(" '") for word in fault["ctx"]["expected"].replace(" or ", ",").split(",")
        ]
        return f"{place}: found {fault['input']!r}{closest(str(fault['input']), allowed)}"
    return f"{place}: found {fault['input']!r}; {fault['msg'][0].lower()}{fault['msg'][1:]}"


def _place(location: tuple[str | int, ...]) -> str:
    """Write a pydantic location the way the file is written: `[[question]] 2, level`."""
    parts: list[str] = []
    for index, part in enumerate(location):
        if isinstance(part, int):
            parts.append(f"{part + 1}")
        elif part.startswith(("function-", "literal[", "list[", "dict[", "str")):
            continue  # which branch of a union failed is no place in the file
        elif index == 0 and len(location) > 1:
            parts.append(f"[[{part}]]" if part in {"question", "probe"} else f"[{part}]")
        else:
            parts.append(part)
    return " ".join(parts)
