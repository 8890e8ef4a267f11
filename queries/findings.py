"""What an examination finds, and what to do about it."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

Level = Literal["error", "warning", "note"]
LEVELS: Final[tuple[Level, ...]] = get_args(Level)
"""The worst first."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or worth knowing.

    An error means that data are lost or numbers cannot be trusted, a warning that something will go
    wrong or is slow, a note that somebody may wonder about it.
    """

    level: Level
    what: str
    where: str
    do: str
