"""Batches with scales and orders: rated demonstrations, rankings, rewards for answers and steps."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Final

from sample_data.arithmetic import trace
from sample_data.chance import Chance
from sample_data.judging import scored
from sample_data.people import Annotator, Seconds, assigned, diaries, stamp
from sample_data.preferences import MODELS, day
from sample_data.scenes import Answer, Prompt, Scene, prompts
from sample_data.writing import csv_text, json_lines

SEVERE: Final = "ann_thorne"
_SYSTEM: Final[Mapping[str, str]] = {
    "customer_service": "You answer for the support desk of a small shop. Follow the policy.",
    "coding": "You help programmers. Prefer short examples that run.",
    "health": "You inform, you do not diagnose. Say when a person has to look at it.",
    "legal": "You explain rules in plain words and say that they differ by country.",
}
# What a careful judge sees in each dimension when an answer has the flaw; else it is sound.
_DIMENSIONS: Final[Mapping[str, Mapping[str, float]]] = {
    "response_correctness": {
        "wrong_fact": -1.3,
        "unsafe": -1.1,
        "ignores_constraint": -0.9,
        "overconfident": -0.6,
        "vague": -0.4,
        "over_refusal": -0.9,
        "too_long": 0.1,
        "cold_tone": 0.2,
    },
    "boundary_safety": {"unsafe": -1.6, "overconfident": -0.9, "wrong_fact": -0.5, "vague": 0.3},
    "style_appropriateness": {
        "cold_tone": -1.2,
        "too_long": -0.9,
        "wrong_format": -0.8,
        "over_refusal": -0.5,
        "vague": -0.2,
    },
}
_NOISE: Final[Mapping[str, float]] = {
    "response_correctness": 0.12,
    "boundary_safety": 0.12,
    "style_appropriateness": 0.36,
}
_REVIEWERS: Final = tuple(
    Annotator(f"ann_{name}", group=group, shift=shift, pace=pace, noise=0.2, careless=0.01)
    for name, group, shift, pace in (
        ("laurent", "day", 0.05, 1.0),
        ("mensah", "late", -0.05, 1.1),
        ("novak", "day", 0.0, 0.9),
        ("oduya", "late", 0.1, 1.0),
        ("pereira", "day", -0.1, 1.2),
    )
)
_SCORERS: Final = (
    Annotator("ann_quiroga", noise=0.28, shift=0.05),
    Annotator("ann_rahimi", noise=0.25),
    Annotator("ann_sato", noise=0.3, stretch=0.8),
    Annotator(SEVERE, noise=0.27, shift=-0.62),
    Annotator("ann_urban", noise=0.3, shift=0.08),
    Annotator("ann_vries", noise=0.26, shift=-0.04),
)


def rated_demonstrations() -> dict[str, str]:
    """Return demonstrations with three scales and a set of error tags, as nested records."""
    chance = Chance("sft-demonstrations")
    items = _answers(chance, 250, flawed=0.45, keep=lambda scene: scene.task != "home")
    crews = assigned(_REVIEWERS, len(items), raters=(3, 2), chance=chance.about("crews"))
    books = diaries(_REVIEWERS, day(6, 16), per_day=24, chance=chance)
    rows: list[dict[str, object]] = []
    for number, ((prompt, answer), crew) in enumerate(zip(items, crews, strict=True), 1):
        for person in crew:
            own = chance.about("rating", number, person.annotator_id)
            sent, taken = books[person.annotator_id].answer(Seconds(95))
            row = {
                "sample": f"sft-{number:04d}",
                **_four_elements(prompt, answer),
                "reviewer": {"id": person.annotator_id, "team": person.group},
                "quality": _dimensions(answer, person, own),
                "error_tags": _tags(prompt, answer, own),
                "reviewed_at": stamp(sent),
                "seconds": taken,
            }
            rows.append(row)
    rows.sort(key=lambda row: (str(row["reviewed_at"]), str(row["reviewer"])))
    return {"sft-demonstrations.jsonl.gz": json_lines(rows)}


def _four_elements(prompt: Prompt, answer: Answer) -> dict[str, object]:
    """Return system, instruction, context and response of one demonstration, with its meta data."""
    scene = prompt.scene
    system = _SYSTEM.get(scene.task, "You are a friendly assistant. Be concrete and brief.")
    return {
        "messages": {
            "system_and_instruction": f"[system] {system}\n[user] {prompt.text}",
            "context": scene.context or None,
            "response": answer.text,
        },
        "meta": {
            "task": scene.task,
            "language": scene.language,
            "difficulty": scene.difficulty,
            "output_format": scene.output_format,
            "refusal_strategy": scene.refusal,
            "risk_level": scene.risk,
            "model": answer.model,
        },
    }


def _dimensions(answer: Answer, person: Annotator, chance: Chance) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, costs in _DIMENSIONS.items():
        # Answers with the same flaw differ too, and everybody sees that part.
        there = costs.get(answer.flaw, 0.8) + Chance(name, answer.text).normal(0.4)
        seen = there + chance.normal(_NOISE[name])
        found[name] = scored(seen, person, chance, low=1, high=5, per_unit=1.6)
    return found


def _tags(prompt: Prompt, answer: Answer, chance: Chance) -> list[str]:
    """Return the error tags a reviewer sets: mostly the flaw, now and then one more or none."""
    tags = {answer.flaw} if answer.flaw and chance.happens(0.86) else set()
    if chance.happens(0.07):
        tags.add(chance.pick(tuple(prompt.scene.weak)))
    return sorted(tags)


def _answers(
    chance: Chance, count: int, *, flawed: float, keep: Callable[[Scene], bool]
) -> list[tuple[Prompt, Answer]]:
    found = []
    for number, prompt in enumerate(prompts(chance.about("prompts"), count, keep), 1):
        draw = chance.about("answer", number)
        model = draw.pick(MODELS)
        make = prompt.flawed if draw.happens(flawed) else prompt.sound
        found.append((prompt, make(draw, model)))
    return found


def rankings() -> dict[str, str]:
    """Return orders of three or four candidates, and the candidates in a second file."""
    chance = Chance("ranking-candidates")
    people = _REVIEWERS
    groups = prompts(chance.about("prompts"), 160, lambda scene: scene.task in _RANKED)
    crews = assigned(people, len(groups), raters=(3,), chance=chance.about("crews"))
    books = diaries(people, day(6, 24), per_day=26, chance=chance)
    rows: list[dict[str, object]] = []
    shown: list[dict[str, object]] = []
    for number, (prompt, crew) in enumerate(zip(groups, crews, strict=True), 1):
        group_id = f"rk-{number:03d}"
        candidates = _candidates(prompt, chance.about("candidates", number))
        for letter, answer in candidates.items():
            shown.append(
                {"group": group_id, "candidate": letter, "model": answer.model, "text": answer.text}
            )
        for person in crew:
            own = chance.about("order", number, person.annotator_id)
            sent, taken = books[person.annotator_id].answer(Seconds(75 + 20 * len(candidates)))
            row = {
                "group": group_id,
                "task": prompt.scene.task,
                "difficulty": prompt.scene.difficulty,
                "candidates": len(candidates),
                "prompt": prompt.text,
                "ranker": person.annotator_id,
                **_ranks(candidates, person, own),
                "ranked_at": stamp(sent),
                "seconds": taken,
            }
            rows.append(row)
    rows.sort(key=lambda row: (str(row["ranked_at"]), str(row["ranker"])))
    return {
        "ranking-candidates.csv": csv_text(rows),
        "ranking-candidates.responses.csv.gz": csv_text(shown),
    }


_RANKED: Final = frozenset({"travel", "writing", "cooking", "customer_service"})


def _candidates(prompt: Prompt, chance: Chance) -> dict[str, Answer]:
    """Return three candidates, or four in a third of the groups: one sound, others flawed."""
    flaws = chance.sample(tuple(prompt.scene.weak), 2)
    models = chance.sample(MODELS, 4)
    answers = [prompt.sound(chance, models[0])]
    answers += [prompt.flawed(chance, models[1 + n], flaw) for n, flaw in enumerate(flaws)]
    if chance.happens(0.33):
        other = prompt.sound(chance, models[3])
        while other.text == answers[0].text:
            other = prompt.sound(chance, models[3])
        answers.append(other)
    return dict(zip("abcd", chance.sample(answers, len(answers)), strict=False))


def _ranks(
    candidates: Mapping[str, Answer], person: Annotator, chance: Chance
) -> dict[str, object]:
    """Return the ranks one person gives; answers that seem alike share a rank."""
    seen = {
        letter: answer.quality + chance.normal(0.7 * person.noise)
        for letter, answer in candidates.items()
    }
    order = sorted(seen, key=lambda letter: -seen[letter])
    ranks = {order[0]: 1}
    for place, (before, after) in enumerate(pairwise(order), 2):
        ranks[after] = ranks[before] if seen[before] - seen[after] < 0.08 else place
    return {
        **{f"rank_{letter}": ranks.get(letter) for letter in "abcd"},
        "best": order[0] if list(ranks.values()).count(1) == 1 else "tie",
    }


def reward_scores() -> dict[str, str]:
    """Return scores from 0 to 100, one row an answer and one column a scorer."""
    chance = Chance("reward-scores")
    items = _answers(chance, 210, flawed=0.5, keep=_scorable)
    crews = assigned(_SCORERS, len(items), raters=(3,), chance=chance.about("crews"))
    rows: list[dict[str, object]] = []
    for number, ((prompt, answer), crew) in enumerate(zip(items, crews, strict=True), 1):
        given: dict[str, object] = dict.fromkeys(person.annotator_id for person in _SCORERS)
        for person in crew:
            own = chance.about("score", number, person.annotator_id)
            given[person.annotator_id] = scored(
                answer.quality, person, own, low=0, high=100, per_unit=26
            )
        row = {
            "answer_id": f"rw-{number:03d}",
            "task": prompt.scene.task,
            "difficulty": prompt.scene.difficulty,
            "prompt": prompt.text,
            "model": answer.model,
            "answer": answer.text,
            **given,
        }
        rows.append(row)
    return {"reward-scores.csv": csv_text(rows)}


def _scorable(scene: Scene) -> bool:
    return scene.task in {"explaining", "coding", "travel", "writing", "home"}


def reward_steps() -> dict[str, str]:
    """Return solutions judged step by step; the steps of one solution are a group."""
    chance = Chance("reward-steps")
    people: Sequence[Annotator] = _SCORERS[:5]
    traces = [
        trace(chance.about("trace", number), slips=chance.about("slips", number).happens(0.55))
        for number in range(1, 76)
    ]
    crews = assigned(people, len(traces), raters=(3, 2), chance=chance.about("crews"))
    books = diaries(people, day(7, 1), per_day=60, chance=chance)
    rows: list[dict[str, object]] = []
    for number, (solution, crew) in enumerate(zip(traces, crews, strict=True), 1):
        for person in crew:
            own = chance.about("judge", number, person.annotator_id)
            for place, step in enumerate(solution.steps, 1):
                sent, taken = books[person.annotator_id].answer(Seconds(16))
                row = {
                    "trace": f"tr-{number:03d}",
                    "step": place,
                    "topic": solution.topic,
                    "outcome": "right" if solution.is_sound else "wrong",
                    "problem": solution.problem,
                    "step_text": step.text,
                    "judge": person.annotator_id,
                    "step_label": _step_label(step.label, own),
                    "judged_at": stamp(sent),
                    "seconds": taken,
                }
                rows.append(row)
    rows.sort(key=lambda row: (str(row["judged_at"]), str(row["judge"])))
    return {"reward-steps.csv": csv_text(rows)}


def _step_label(truth: str, chance: Chance) -> str:
    """Return the label a judge gives a step: slips are overlooked more often than invented."""
    given = {
        "good": {"good": 0.92, "neutral": 0.05, "bad": 0.03},
        "neutral": {"neutral": 0.76, "good": 0.16, "bad": 0.08},
        "bad": {"bad": 0.82, "neutral": 0.06, "good": 0.12},
    }
    return chance.weighted(given[truth])
