"""A mapping for a file that came without one: its canonical columns, or a guess to correct."""

import json
from collections.abc import Sequence
from typing import Final

from queries.errors import InputError
from queries.ingest.columns import Columns
from queries.ingest.mapping import FIELDS, Mapping


def recognised(table: Columns, constants: dict[str, str]) -> Mapping:
    """Return the mapping of a file whose columns already have the canonical names.

    Raises
    ------
    InputError
        With a mapping to start from, when they do not.
    """
    named = {name: name for name in FIELDS if name in table.names}
    if {"item_id", "annotator_id", "value"} <= set(named) | (set(constants) & {"annotator_id"}):
        return Mapping(columns=dict(named), constants=constants)
    found = ", ".join(table.names)
    raise InputError(
        f"{table.file.name}: cannot tell what its columns mean; it needs item_id, annotator_id and "
        f"value (found: {found}), or a mapping; save what follows as mapping.toml, correct it, and "
        "say --mapping mapping.toml",
        attached=_starter(table.names),
    )


_CLUES: Final = {
    "item_id": ("item", "question_id", "task_id", "sample", "example", "prompt_id", "unit", "id"),
    "annotator_id": ("annotator", "worker", "judge", "rater", "user", "labeler", "coder"),
    "answer": ("label", "winner", "answer", "rating", "score", "choice", "response", "value"),
}


def _starter(names: Sequence[str]) -> str:
    """Write a mapping for a file, the likely columns first."""
    left = list(names)
    guessed: dict[str, str] = {}
    for field, clues in _CLUES.items():
        ranked = (name for clue in clues for name in left if clue in name.lower())
        guessed[field] = next(ranked, left[0] if left else "?")
        left = [name for name in left if name != guessed[field]]
    quoted = {field: json.dumps(name) for field, name in guessed.items()}
    return (
        'kind = "preference"          # or sft, ranking, reward, qa\n'
        "[columns]\n"
        f"item_id = {quoted['item_id']}\n"
        f"annotator_id = {quoted['annotator_id']}\n"
        "[[question]]\n"
        f"name = {quoted['answer']}\n"
        f"column = {quoted['answer']}\n"
        'level = "nominal"             # or ordinal, interval, ratio, set, ranking\n'
        f"# other columns: {', '.join(left) or 'none'}\n"
    )
