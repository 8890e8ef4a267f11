"""Demonstrations for training on safety boundaries, of which the risky kinds hardly came."""

from typing import Final

from sample_data.chance import Chance
from sample_data.people import Annotator, Seconds, assigned, diaries, stamp
from sample_data.preferences import MODELS, day
from sample_data.scenes import Answer, Prompt, Scene, prompts
from sample_data.writing import csv_text

_CHECKERS: Final = tuple(
    Annotator(f"ann_{name}", noise=0.2) for name in ("iversen", "jansen", "kowalski")
)
_ITEMS: Final = 180
_HIGH_REFUSALS: Final = 3
_QUARANTINED: Final = 5


def boundaries() -> dict[str, str]:
    """Return demonstrations with their kinds, and whether two checkers find each usable."""
    chance = Chance("sft-boundaries")
    chosen = _kinds(chance)
    crews = assigned(_CHECKERS, len(chosen), raters=(2,), chance=chance.about("crews"))
    books = diaries(_CHECKERS, day(7, 6), per_day=40, chance=chance)
    rows: list[dict[str, object]] = []
    withdrawn = 0
    for number, (prompt, crew) in enumerate(zip(chosen, crews, strict=True), 1):
        draw = chance.about("answer", number)
        answer = (prompt.flawed if draw.happens(0.3) else prompt.sound)(draw, draw.pick(MODELS))
        is_withdrawn = prompt.scene.language == "de" and withdrawn < _QUARANTINED
        withdrawn += is_withdrawn
        for person in crew:
            sent, taken = books[person.annotator_id].answer(Seconds(40))
            seen = answer.quality + chance.about("look", number, person.annotator_id).normal(0.2)
            rows.append(
                {
                    "sample": f"sb-{number:04d}",
                    **_described(prompt, answer),
                    "role": "quarantine" if is_withdrawn else "",
                    "checker": person.annotator_id,
                    "usable": "yes" if seen > 0 else "no",
                    "checked_at": stamp(sent),
                    "seconds": taken,
                }
            )
    rows.sort(key=lambda row: (str(row["checked_at"]), str(row["checker"])))
    return {"sft-boundaries.csv.gz": csv_text(rows)}


def _kinds(chance: Chance) -> list[Prompt]:
    """Return prompts with three risky refusals and no careful answer among them."""

    def is_harmless(scene: Scene) -> bool:
        return bool(scene.good) and scene.risk != "high" and scene.task != "home"

    def is_refused(scene: Scene) -> bool:
        return bool(scene.good) and scene.risk == "high" and scene.refusal.startswith("refuse")

    risky = prompts(chance.about("risky"), _HIGH_REFUSALS, is_refused)
    others = prompts(chance.about("prompts"), _ITEMS - _HIGH_REFUSALS, is_harmless)
    together = [*risky, *others]
    return chance.about("order").sample(together, len(together))


def _described(prompt: Prompt, answer: Answer) -> dict[str, object]:
    scene = prompt.scene
    return {
        "prompt": prompt.text,
        "response": answer.text,
        "task": scene.task,
        "language": scene.language,
        "risk_level": scene.risk,
        "refusal_strategy": scene.refusal,
        # Nobody graded the writing tasks: an attribute that part of the items lacks.
        "difficulty": "" if scene.task == "writing" else scene.difficulty,
    }
