"""The documentation of a metric, taken apart so that a page can show it in its own order."""

import inspect
import re
from dataclasses import dataclass

from app.catalog import Metric

_HEADING = re.compile(r"^(?P<name>[A-Z][A-Za-z ]+)\n-{3,}\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Option:
    """One keyword of a metric: what it is called, what it may be, what it does."""

    name: str
    kind: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Manual:
    """A numpy docstring by sections; empty where the docstring has none of that name.

    Attributes
    ----------
    summary : what is measured, one line
    account : paragraphs on what it answers, how it is computed and when it misleads
    options : the documented parameters
    gives : what comes back, with the range and the meaning of its ends
    example : the worked example as it stands in the docstring
    references : publications
    """

    summary: str
    account: tuple[str, ...]
    options: tuple[Option, ...]
    gives: str
    example: str
    references: str


def manual(metric: Metric) -> Manual:
    """Return the documentation of a metric's function."""
    return parsed(metric.explanation)


def parsed(docstring: str) -> Manual:
    """Take a numpy docstring apart; what has no heading is its summary and account."""
    text = inspect.cleandoc(docstring)
    marks = list(_HEADING.finditer(text))
    ends = [mark.start() for mark in marks[1:]]
    sections = {
        mark["name"]: text[mark.end() : end].strip()
        for mark, end in zip(marks, [*ends, len(text)], strict=False)
    }
    opening = text[: marks[0].start()] if marks else text
    paragraphs = [_joined(block) for block in re.split(r"\n\s*\n", opening.strip())]
    return Manual(
        summary=paragraphs[0],
        account=tuple(paragraphs[1:]),
        options=_options(sections.get("Parameters", "")),
        gives=_joined(sections.get("Returns", "")).removeprefix("Estimate").strip(),
        example=sections.get("Examples", ""),
        references=_joined(sections.get("References", "")),
    )


def _options(section: str) -> tuple[Option, ...]:
    found: list[Option] = []
    for line in section.splitlines():
        if line and not line.startswith(" "):
            name, _, kind = line.partition(":")
            found.append(Option(name.strip(), kind.strip(), ""))
        elif found and line.strip():
            last = found[-1]
            found[-1] = Option(last.name, last.kind, f"{last.meaning} {line.strip()}".strip())
    return tuple(found)


def _joined(block: str) -> str:
    return " ".join(block.replace("`", "").split())
