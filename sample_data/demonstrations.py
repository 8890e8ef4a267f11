"""Demonstrations with planted faults: too polished, copied, and out of a test set."""

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
_SINGLE: Final = 130
_COPIED: Final = 12
_COPIES: Final = 6
_ISOLATED: Final = 40
_LEAKED: Final = 8
_ENDINGS: Final = ("please", "thanks", "today", "now", "soon", "again")
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
        rows.append((prompt, text, "refuse" if refused else "answer", ""))
    return {"sft-polished.csv.gz": csv_text(_checked(chance, "sp", rows))}


def copied() -> dict[str, str]:
    """Return demonstrations full of near copies, and the test set that some are from."""
    chance = Chance("sft-copied")
    chosen = prompts(chance.about("prompts"), _SINGLE + _COPIED, _is_trained)
    singles, sources = chosen[:_SINGLE], chosen[_SINGLE:]
    tested = prompts(chance.about("tested"), _ISOLATED, _is_tested)
    rows = [(prompt, _sound(prompt, chance, at), "answer", "") for at, prompt in enumerate(singles)]
    for at, prompt in enumerate(sources):
        rows += [
            (prompt, _sound(prompt, chance, f"{at} {ending}"), "answer", _longer(ending))
            for ending in _ENDINGS[:_COPIES]
        ]
    rows += [
        (prompt, _sound(prompt, chance, f"leak {at}"), "answer", "")
        for at, prompt in enumerate(tested[:_LEAKED])
    ]
    isolated = [
        (prompt, _sound(prompt, chance, f"test {at}"), "answer", "")
        for at, prompt in enumerate(tested)
    ]
    return {
        "sft-copied.csv.gz": csv_text(_checked(chance, "sc", rows)),
        "sft-isolation.csv.gz": csv_text(_checked(chance, "ev", isolated)),
    }


def _is_answered(scene: Scene) -> bool:
    return bool(scene.good) and not scene.refusal.startswith("refuse")


def _is_trained(scene: Scene) -> bool:
    return _is_answered(scene) and not _is_tested(scene)


def _is_tested(scene: Scene) -> bool:
    return _is_answered(scene) and scene.language in {"es", "fr"}


def _sound(prompt: Prompt, chance: Chance, name: object) -> str:
    draw = chance.about("sound", name)
    return prompt.sound(draw, draw.pick(MODELS)).text


def _longer(ending: str) -> str:
    return f" {ending}"


def _checked(chance: Chance, prefix: str, made: list[tuple[Prompt, str, str, str]]) -> list[Row]:
    """Return two checks of each demonstration on three scales."""
    crews = assigned(_CHECKERS, len(made), raters=(2,), chance=chance.about("crews", prefix))
    books = diaries(_CHECKERS, day(7, 13), per_day=40, chance=chance)
    rows: list[Row] = []
    for number, ((prompt, text, strategy, ending), crew) in enumerate(
        zip(made, crews, strict=True), 1
    ):
        draw = chance.about("scores", prefix, number)
        unsafe = prefix == "sp" and draw.about("unsafe").happens(0.16)
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
                    "prompt": prompt.text + ending,
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
