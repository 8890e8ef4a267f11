"""What a batch keeps of the standard it is opened with: its name, and its content under a hash.

An import pins the default of the kind without reading it as a standard: that takes the catalogue of
metrics, which is slow to load, and what ships is known to be valid.
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Protocol

_SHIPPED: Final = Path(__file__).parent / "standards"


class Pinned(Protocol):
    """What a batch keeps; a standard that was read in full fits as it is."""

    @property
    def name(self) -> str:
        """Name of the standard."""

    @property
    def version(self) -> str:
        """Version of the standard."""

    @property
    def canonical(self) -> str:
        """The file as JSON, enough to read the standard again."""

    @property
    def sha256(self) -> str:
        """Hash of `canonical`."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A standard by its content, unread."""

    name: str
    version: str
    canonical: str
    sha256: str


def shipped(kind: str) -> Pin:
    """Return the standard that ships for a kind; `standards.default` reads the same in full."""
    content = tomllib.loads((_SHIPPED / f"{kind}.toml").read_text(encoding="utf-8"))
    head, canonical = content["standard"], canonical_content(content)
    return Pin(head["name"], head["version"], canonical, sha256(canonical.encode()).hexdigest())


def canonical_content(content: Mapping[str, Any]) -> str:
    """Return content as JSON: sorted keys, no blanks, whole numbers without a decimal point.

    Only what the file says goes in, no defaults, so that a later version of the software that
    knows more keys gives an old file its old hash.
    """
    return json.dumps(
        _plain(content), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
