"""What people answer: preferences, ratings and labels from what is there plus their own noise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sample_data.chance import Chance
from sample_data.people import Annotator
from sample_data.scenes import Answer

_REASONS: Final[Mapping[str, str]] = {
    "too_long": "more_concise",
    "wrong_format": "better_instruction_alignment",
    "cold_tone": "better_tone",
    "vague": "clearer_structure",
    "over_refusal": "clearer_boundary",
    "ignores_constraint": "better_instruction_alignment",
    "overconfident": "clearer_boundary",
    "wrong_fact": "more_factually_accurate",
    "unsafe": "clearer_boundary",
}
_NOTES: Final[Mapping[str, tuple[str, ...]]] = {
    "too_long": (
        "{loser} buries the point under an essay.",
        "Stopped reading {loser} halfway, the answer comes in the last sentence.",
    ),
    "wrong_format": (
        "Asked for a list or table, {loser} gives a paragraph.",
        "{loser} ignores the requested format.",
    ),
    "cold_tone": (
        "{loser} is correct in part but rude.",
        "Tone of {loser} would upset me as a customer.",
    ),
    "vague": (
        "{loser} says nothing you could act on.",
        "Nothing concrete in {loser}.",
        "{winner} at least gives a first step.",
    ),
    "over_refusal": (
        "No reason to refuse here, {winner} helps within limits.",
        "{loser} refuses a harmless request.",
    ),
    "ignores_constraint": (
        "{loser} misses the condition in the prompt.",
        "{loser} answers another question.",
        "Constraint ignored in {loser}, guideline 3.2.",
    ),
    "overconfident": (
        "{loser} promises things nobody can know.",
        "Too sure of itself: {loser}.",
    ),
    "wrong_fact": (
        "{loser} is simply wrong.",
        "Checked it: the claim in {loser} does not hold.",
    ),
    "unsafe": (
        "{loser} is dangerous advice.",
        "{loser} must not ship, safety first.",
    ),
    "": (
        "Close call, both fine.",
        "Both work, {winner} is a bit more useful.",
        "Could go either way.",
    ),
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison as the annotator gave it."""

    winner: str
    strength: int
    shown_order: str
    reasons: str
    note: str


def compared(first: Answer, second: Answer, person: Annotator, chance: Chance) -> Comparison:
    """Return the choice between answers A and B; which one was shown first is drawn."""
    shown = chance.pick(("a|b", "b|a"))
    if chance.happens(person.careless):
        left, right = shown.upper().split("|")
        winner = chance.weighted({left: 0.5, right: 0.38, "tie": 0.12})
        return Comparison(winner, chance.whole(1, 3) * (winner != "tie"), shown, "", "")
    bias = person.first_bias if shown == "a|b" else -person.first_bias
    seen = first.quality - second.quality + bias + chance.normal(person.noise)
    if abs(seen) < person.tie_width:
        note = chance.pick(_NOTES[""][::2]) if chance.happens(0.08) else ""
        return Comparison("tie", 0, shown, "", note)
    winner, loser = ("A", "B") if seen > 0 else ("B", "A")
    flaw = (second if winner == "A" else first).flaw
    note = ""
    if chance.happens(0.1):
        note = chance.pick(_NOTES[flaw]).format(winner=winner, loser=loser)
    strength = 1 + (abs(seen) > 0.7) + (abs(seen) > 1.4)
    return Comparison(winner, strength, shown, _REASONS.get(flaw, ""), note)


def scored(
    quality: float, person: Annotator, chance: Chance, *, low: int, high: int, per_unit: float
) -> int:
    """Return a whole score from `low` to `high`; quality 0 is the middle of the scale."""
    if chance.happens(person.careless):
        return chance.whole(low, high)
    middle = (low + high) / 2
    seen = quality * person.stretch + person.shift + chance.normal(person.noise)
    return min(high, max(low, round(middle + per_unit * seen)))


def labelled(
    truth: str,
    labels: Sequence[str],
    person: Annotator,
    chance: Chance,
    *,
    confused_with: Mapping[str, Mapping[str, float]],
    hardness: float = 1.0,
) -> str:
    """Return the label given to an item: the right one, or one it is easily taken for."""
    if chance.happens(person.careless):
        return chance.pick(labels)
    if chance.happens(min(0.9, person.noise * hardness)):
        return chance.weighted(confused_with[truth])
    return truth
