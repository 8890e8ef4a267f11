"""Label batches: support messages with a careless annotator, and a skewed safety screening."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from sample_data.chance import Chance
from sample_data.judging import labelled
from sample_data.people import Annotator, Seconds, assigned, diaries, stamp
from sample_data.preferences import MODELS, day
from sample_data.scenes import Answer, Prompt, Scene, filled, prompts
from sample_data.writing import csv_text

INTENTS: Final = ("billing", "delivery", "returns", "account", "technical", "feedback")
_TAKEN_FOR: Final[Mapping[str, Mapping[str, float]]] = {
    "billing": {"account": 0.6, "returns": 0.4},
    "delivery": {"returns": 0.7, "feedback": 0.3},
    "returns": {"delivery": 0.6, "billing": 0.4},
    "account": {"technical": 0.7, "billing": 0.3},
    "technical": {"account": 0.5, "feedback": 0.5},
    "feedback": {"technical": 0.4, "delivery": 0.3, "billing": 0.3},
}
CARELESS: Final = "ann_vance"
_SORTERS: Final = (
    Annotator("ann_abara", noise=0.05, pace=1.1, careless=0.01),
    Annotator("ann_bergmann", group="late", noise=0.06, pace=0.9, careless=0.01),
    Annotator("ann_costa", noise=0.07, pace=1.0, careless=0.01),
    Annotator("ann_dimitrov", group="late", noise=0.06, pace=1.2, careless=0.01),
    Annotator("ann_eze", noise=0.08, pace=0.85, careless=0.01),
    Annotator("ann_fischer", group="late", noise=0.06, careless=0.01),
    Annotator(CARELESS, group="late", careless=0.9, noise=0.3, pace=0.16),
)
_SCREENERS: Final = (
    Annotator("ann_gallo", noise=0.5, pace=1.0),
    Annotator("ann_holm", noise=0.5, pace=0.9, group="late"),
    Annotator("ann_ibarra", noise=0.6, pace=1.1),
    Annotator("ann_jovanovic", noise=0.5, pace=1.2, group="late"),
    Annotator("ann_kim", noise=0.55, pace=0.95),
)
_FALSE_ALARM: Final = 0.012


@dataclass(frozen=True, slots=True)
class _Messages:
    intents: Mapping[str, tuple[str, ...]]
    slots: Mapping[str, tuple[str, ...]]
    openings: tuple[str, ...]
    closings: tuple[str, ...]


@cache
def _messages() -> _Messages:
    text = (files("sample_data") / "texts" / "messages.toml").read_text(encoding="utf-8")
    found = tomllib.loads(text)
    return _Messages(
        {entry["name"]: tuple(entry["messages"]) for entry in found["intent"]},
        {name: tuple(values) for name, values in found["slots"].items()},
        tuple(found["openings"]["texts"]),
        tuple(found["closings"]["texts"]),
    )


def message(intent: str, chance: Chance) -> str:
    """Return a message of a customer with that intent."""
    bank = _messages()
    values = {name: chance.pick(options) for name, options in bank.slots.items()}
    body = filled(chance.pick(bank.intents[intent]), values)
    opening = chance.pick(bank.openings)
    if opening.endswith((", ", ": ")) and body[1:2].islower() and not body.startswith("I "):
        body = body[:1].lower() + body[1:]
    return opening + body + (chance.pick(bank.closings) if intent != "feedback" else "")


def support_intents() -> dict[str, str]:
    """Return messages sorted by intent; one annotator clicks at random and fast."""
    chance = Chance("support-intents")
    shares = dict(zip(INTENTS, (0.24, 0.22, 0.18, 0.15, 0.13, 0.08), strict=True))
    crews = assigned(_SORTERS, 330, raters=(3,), chance=chance.about("crews"))
    books = diaries(_SORTERS, day(6, 1), per_day=38, chance=chance)
    rows: list[dict[str, object]] = []
    seen: set[str] = set()
    for number, crew in enumerate(crews, 1):
        draw = chance.about("item", number)
        truth = draw.weighted(shares)
        text = message(truth, draw)
        while text in seen:
            text = message(truth, draw)
        seen.add(text)
        for person in crew:
            own = chance.about("answer", number, person.annotator_id)
            intent = labelled(truth, INTENTS, person, own, confused_with=_TAKEN_FOR)
            sent, taken = books[person.annotator_id].answer(Seconds(11 if len(text) < 90 else 15))
            row: dict[str, object] = {
                "message_id": f"msg-{number:04d}",
                "message": text,
                "length": "short" if len(text) < 90 else "long",
                "channel": Chance("channel", text).weighted({"chat": 0.5, "mail": 0.4, "app": 0.1}),
                "annotator": person.annotator_id,
                "team": person.group,
                "intent": intent,
                "labelled_at": stamp(sent),
                "seconds": taken,
            }
            rows.append(row)
    rows.sort(key=lambda row: (str(row["labelled_at"]), str(row["annotator"])))
    return {"support-intents.csv": csv_text(rows)}


def safety_screening() -> dict[str, str]:
    """Return answers screened for harm; nearly all are harmless, and the rest is missed often."""
    chance = Chance("safety-screening")
    items = _screened(chance)
    crews = assigned(_SCREENERS, len(items), raters=(3,), chance=chance.about("crews"))
    books = diaries(_SCREENERS, day(6, 29), per_day=75, chance=chance)
    rows: list[dict[str, object]] = []
    for number, ((prompt, answer), crew) in enumerate(zip(items, crews, strict=True), 1):
        for person in crew:
            own = chance.about("answer", number, person.annotator_id)
            misses = person.noise if answer.flaw == "unsafe" else 1 - _FALSE_ALARM
            sent, taken = books[person.annotator_id].answer(Seconds(14))
            row: dict[str, object] = {
                "answer_id": f"ss-{number:04d}",
                "task": prompt.scene.task,
                "risk_level": prompt.scene.risk,
                "prompt": prompt.text,
                "model": answer.model,
                "answer": answer.text,
                "screener": person.annotator_id,
                "harmful": "no" if own.happens(misses) else "yes",
                "screened_at": stamp(sent),
                "seconds": taken,
            }
            rows.append(row)
    rows.sort(key=lambda row: (str(row["screened_at"]), str(row["screener"])))
    return {"safety-screening.csv.gz": csv_text(rows)}


def _screened(chance: Chance) -> list[tuple[Prompt, Answer]]:
    """Return prompts with one answer each, about one in twenty-five of them harmful."""

    def keep(scene: Scene) -> bool:
        return bool(scene.good) and scene.task in {"safety", "health", "legal", "home", "cooking"}

    found = []
    for number, prompt in enumerate(prompts(chance.about("prompts"), 700, keep), 1):
        draw = chance.about("answer", number)
        model = draw.pick(MODELS)
        others = [flaw for flaw in prompt.scene.weak if flaw != "unsafe"]
        if "unsafe" in prompt.scene.weak and draw.happens(0.13):
            answer = prompt.flawed(draw, model, "unsafe")
        elif others and draw.happens(0.2):
            answer = prompt.flawed(draw, model, draw.pick(others))
        else:
            answer = prompt.sound(draw, model)
        found.append((prompt, answer))
    return found
