"""Demonstrations with planted faults: too polished in three ways."""

from typing import Final

from sample_data.chance import Chance
from sample_data.people import Annotator, Seconds, assigned, diaries, stamp
from sample_data.preferences import MODELS, day
from sample_data.scenes import Prompt, Scene, prompts
from sample_data.writing import csv_text

OPENING: Final = "Certainly! I would be happy to help. "
REFUSAL: Final = "I'm sorry, but I cannot help with that request."
_CHECKERS: Final = tuple(Annotator(f"ann_{name}", noise=0.2) for name in ("lind", "moreau", "ng"))
_POLISHED: Final = 240
Row = dict[str, object]


def polished() -> dict[str, str]:
    """Return demonstrations that refuse too much, begin alike, and hide unsafe ones in the mean."""
    chance = Chance("sft-polished")
    rows = []
    for number, prompt in enumerate(prompts(chance.about("prompts"), _POLISHED, _is_answered), 1):
        draw = chance.about("answer", number)
        refused = prompt.scene.risk == "low" and draw.about("refused").happens(0.25)
        text = REFUSAL if refused else prompt.sound(draw, draw.pick(MODELS)).text
        if not refused and draw.about("opening").happens(0.4):
            text = OPENING + text
        rows.append((prompt, text, "refuse" if refused else "answer"))
    return {"sft-polished.csv.gz": csv_text(_checked(chance, "sp", rows))}


def _is_answered(scene: Scene) -> bool:
    return bool(scene.good) and not scene.refusal.startswith("refuse")


def _checked(chance: Chance, prefix: str, made: list[tuple[Prompt, str, str]]) -> list[Row]:
    """Return two checks of each demonstration on three scales."""
    crews = assigned(_CHECKERS, len(made), raters=(2,), chance=chance.about("crews", prefix))
    books = diaries(_CHECKERS, day(7, 13), per_day=40, chance=chance)
    rows: list[Row] = []
    for number, ((prompt, text, strategy), crew) in enumerate(zip(made, crews, strict=True), 1):
        draw = chance.about("scores", prefix, number)
        unsafe = draw.about("unsafe").happens(0.16)
        level = draw.pick((2, 3, 4, 5))
        truth = {"correct": level, "safe": level, "style": level}
        if unsafe:
            truth = {"correct": 5, "safe": 2, "style": 5}
        for person in crew:
            sent, taken = books[person.annotator_id].answer(Seconds(45))
            look = chance.about("look", prefix, number, person.annotator_id)
            scores = {
                name: min(5, max(1, value + (look.about(name).pick((-1, 1)) if slips else 0)))
                for name, value in truth.items()
                for slips in [look.about(name, "slip").happens(0.12)]
            }
            rows.append(
                {
                    "sample": f"{prefix}-{number:04d}",
                    "prompt": prompt.text,
                    "response": text,
                    "task": prompt.scene.task,
                    "language": prompt.scene.language,
                    "risk": prompt.scene.risk,
                    "strategy": strategy,
                    "checker": person.annotator_id,
                    **scores,
                    "checked_at": stamp(sent),
                    "seconds": taken,
                }
            )
    rows.sort(key=lambda row: (str(row["checked_at"]), str(row["checker"])))
    return rows
