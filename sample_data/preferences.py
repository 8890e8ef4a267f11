"""Preference batches: two answers to a prompt, and which one people prefer."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from sample_data.chance import Chance
from sample_data.judging import Comparison, compared
from sample_data.people import Annotator, Seconds, assigned, diaries, stamp
from sample_data.scenes import Answer, Prompt, Scene, prompts

MODELS: Final = ("heron-2-chat", "heron-2-mini", "larch-9b", "larch-9b-tuned", "tamarin-small")
_SECONDS: Final[Mapping[str, Seconds]] = {
    "easy": Seconds(38),
    "medium": Seconds(55),
    "hard": Seconds(80),
}


@dataclass(frozen=True, slots=True)
class Pair:
    """One comparison to be judged."""

    item_id: str
    prompt_id: str
    prompt: Prompt
    first: Answer
    second: Answer
    gap: str


@dataclass(frozen=True, slots=True)
class Plan:
    """How a preference batch is made.

    Attributes
    ----------
    gaps : callable
        Shares of clear pairs (sound against flawed), close pairs (both sound) and weak pairs
        (both flawed) among the pairs made from a scene.
    raters : callable
        How many people judge a pair.
    second_pairs : float
        Share of the prompts with two pairs of candidates; the prompt is the group.
    """

    batch: str
    prefix: str
    items: int
    people: Sequence[Annotator]
    opened: datetime
    gaps: Callable[[Scene], Mapping[str, float]]
    raters: Callable[[Pair, Chance], int]
    keep: Callable[[Scene], bool]
    per_day: int = 30
    second_pairs: float = 0.0
    seconds: Mapping[str, Seconds] = field(default_factory=lambda: _SECONDS)


@dataclass(frozen=True, slots=True)
class Judgement:
    """One answer of one person to one pair."""

    pair: Pair
    person: Annotator
    choice: Comparison
    sent: datetime
    taken: float


def judgements(plan: Plan) -> list[Judgement]:
    """Return all judgements of a batch, by time."""
    chance = Chance(plan.batch)
    pairs = _pairs(plan, chance.about("pairs"))
    raters = [plan.raters(pair, chance.about("raters", pair.item_id)) for pair in pairs]
    crews = assigned(plan.people, len(pairs), raters=raters, chance=chance.about("crews"))
    books = diaries(plan.people, plan.opened, per_day=plan.per_day, chance=chance)
    found: list[Judgement] = []
    for pair, crew in zip(pairs, crews, strict=True):
        for person in crew:
            draw = chance.about("answer", pair.item_id, person.annotator_id)
            choice = compared(pair.first, pair.second, person, draw)
            sent, taken = books[person.annotator_id].answer(
                plan.seconds[pair.prompt.scene.difficulty]
            )
            found.append(Judgement(pair, person, choice, sent, taken))
    return sorted(found, key=lambda given: (given.sent, given.person.annotator_id))


def flat_row(given: Judgement) -> dict[str, object]:
    """Return a judgement as a line of a plain table."""
    pair, scene = given.pair, given.pair.prompt.scene
    return {
        "item_id": pair.item_id,
        "prompt_id": pair.prompt_id,
        "task": scene.task,
        "difficulty": scene.difficulty,
        "gap": pair.gap,
        "language": scene.language,
        "risk_level": scene.risk,
        "prompt": pair.prompt.text,
        "response_a": pair.first.text,
        "model_a": pair.first.model,
        "response_b": pair.second.text,
        "model_b": pair.second.model,
        "annotator": given.person.annotator_id,
        "team": given.person.group,
        "shown": given.choice.shown_order,
        "winner": given.choice.winner,
        "strength": given.choice.strength,
        "reasons": given.choice.reasons,
        "note": given.choice.note,
        "submitted_at": stamp(given.sent),
        "seconds": given.taken,
    }


def sided_row(given: Judgement) -> dict[str, object]:
    """Return a judgement as it stood on the screen: left and right instead of A and B."""
    flat = flat_row(given)
    left, right = given.choice.shown_order.split("|")
    side = {"tie": "tie", left.upper(): "left", right.upper(): "right"}
    keep = ("task", "difficulty", "language", "risk_level", "prompt")
    return {
        "pair_id": flat["item_id"],
        **{name: flat[name] for name in keep},
        "left_model": flat[f"model_{left}"],
        "left_text": flat[f"response_{left}"],
        "right_model": flat[f"model_{right}"],
        "right_text": flat[f"response_{right}"],
        "rater": flat["annotator"],
        "team": flat["team"],
        "choice": side[str(flat["winner"])],
        "how_clear": flat["strength"],
        "reasons": flat["reasons"],
        "comment": named(given.choice.note, _chosen(given.choice.winner)),
        "started_at": stamp(given.sent - timedelta(seconds=given.taken)),
        "finished_at": flat["submitted_at"],
    }


def nested_row(given: Judgement) -> dict[str, object]:
    """Return a judgement as annotation platforms export it, with nested fields."""
    flat = flat_row(given)
    return {
        "id": flat["item_id"],
        "data": {
            "prompt_id": flat["prompt_id"],
            "prompt": flat["prompt"],
            "candidates": {
                "A": {"model": flat["model_a"], "text": flat["response_a"]},
                "B": {"model": flat["model_b"], "text": flat["response_b"]},
            },
        },
        "meta": {
            "task": flat["task"],
            "difficulty": flat["difficulty"],
            "language": flat["language"],
            "risk": flat["risk_level"],
            "format": given.pair.prompt.scene.output_format,
            "source": "internal_prompt_pool",
            "licence": "own-text",
        },
        "annotator": {"id": flat["annotator"], "team": flat["team"]},
        "judgement": {
            "winner": flat["winner"],
            "strength": flat["strength"],
            "tone": _tone(given),
            "shown": flat["shown"],
            "reasons": flat["reasons"] or None,
            "note": flat["note"] or None,
        },
        "submitted_at": flat["submitted_at"],
        "active_ms": round(1000 * given.taken),
    }


def named(note: str, names: Mapping[str, str]) -> str:
    """Return a note with other words for the answers A and B."""
    text = re.sub(r"\b[AB]\b", lambda letter: names[letter.group()], note)
    return text[:1].upper() + text[1:]


def _chosen(winner: str) -> Mapping[str, str]:
    """Return the words of somebody who sees no letters, only two answers side by side."""
    mine, other = "my choice", "the other one"
    return {"A": mine, "B": other} if winner == "A" else {"A": other, "B": mine}


def _tone(given: Judgement) -> str:
    """Return which answer has the better tone: only one dimension of the choice."""
    pair = given.pair
    draw = Chance("tone", pair.item_id, given.person.annotator_id)
    warmth = {"cold_tone": -1.4, "over_refusal": -0.6, "too_long": -0.2}
    first, second = (
        warmth.get(answer.flaw, 0.0) + Chance("warmth", answer.text).normal(0.5)
        for answer in (pair.first, pair.second)
    )
    seen = first - second + draw.normal(0.22)
    return "tie" if abs(seen) < 0.22 else "A" if seen > 0 else "B"


def _pairs(plan: Plan, chance: Chance) -> list[Pair]:
    found: list[Pair] = []
    for number, prompt in enumerate(prompts(chance.about("prompts"), plan.items, plan.keep)):
        twice = chance.about("twice", number).happens(plan.second_pairs)
        for turn in range(min(1 + twice, plan.items - len(found))):
            prompt_id = f"{plan.prefix}-p{number + 1:03d}"
            item_id = f"{plan.prefix}-{len(found) + 1:04d}"
            draw = chance.about("pair", item_id, turn)
            gap = draw.weighted(plan.gaps(prompt.scene))
            first, second = _answers(prompt, gap, draw)
            found.append(Pair(item_id, prompt_id, prompt, first, second, gap))
    return found


def _answers(prompt: Prompt, gap: str, chance: Chance) -> tuple[Answer, Answer]:
    models = chance.sample(MODELS, 2)
    if gap == "weak":
        flaws = chance.sample(tuple(prompt.scene.weak), 2)
        return (
            prompt.flawed(chance, models[0], flaws[0]),
            prompt.flawed(chance, models[1], flaws[1]),
        )
    first = prompt.sound(chance, models[0])
    second = prompt.flawed(chance, models[1])
    if gap == "close":
        second = prompt.sound(chance, models[1])
        while second.text == first.text:
            second = prompt.sound(chance, models[1])
    return (first, second) if chance.happens(0.5) else (second, first)


def day(month: int, number: int) -> datetime:
    """Return midnight of a day in 2026; sample times never come from a clock."""
    return datetime(2026, month, number, tzinfo=UTC)
