"""Relations under a name, and the chain of those that a select rests on."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from queries.scope import Parameters

_KEPT: Final = {True: "materialized ", False: "not materialized ", None: ""}


@dataclass(frozen=True, slots=True)
class Relation:
    """A named select with the values bound in it; `materialized` None leaves that to the engine."""

    text: str
    parameters: Parameters = field(default_factory=dict)
    materialized: bool | None = False


def needed(available: Mapping[str, Relation], text: str) -> set[str]:
    """Return the relations that a select names, and those they rest on."""
    wanted: set[str] = set()
    pending = [text]
    while pending:
        words = set(re.findall(r"\w+", pending.pop()))
        new = (words & available.keys()) - wanted
        wanted |= new
        pending += [available[name].text for name in new]
    return wanted


def compose(available: Mapping[str, Relation], text: str) -> tuple[str, Parameters]:
    """Put the relations that a select names in front of it; return the text and their values."""
    wanted = needed(available, text)
    chosen = {name: relation for name, relation in available.items() if name in wanted}
    if not chosen:
        return text, {}
    parts = ",\n".join(
        f"{name} as {_KEPT[relation.materialized]}({relation.text})"
        for name, relation in chosen.items()
    )
    values = {key: value for each in chosen.values() for key, value in each.parameters.items()}
    own = text.removeprefix("with ")
    return f"with {parts}{',' if own != text else ''}\n{own}", values
