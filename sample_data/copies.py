"""Demonstrations flooded with near copies, and an evaluation list some of them were taken from."""

from datetime import timedelta
from typing import Final

from sample_data.chance import Chance
from sample_data.people import stamp
from sample_data.preferences import MODELS, day
from sample_data.scenes import Prompt, Scene, prompts, scenes
from sample_data.writing import csv_text

NEAR_COPIES: Final = 80
EXACT_COPIES: Final = 6
LEAKED_PROMPTS: Final = 8
LEAKED_ANSWERS: Final = 4
_OWN: Final = 162
_LISTED: Final = 40
_FLOODS: Final = (
    "Write a short product text for our new water bottle in {}. It keeps drinks cold for a whole"
    " day, fits every bicycle holder and is made of recycled steel. Use a warm tone, no more than"
    " eighty words, and end with an invitation to visit the shop in the old town.",
    "Our team of {} people moves to another office next month. Draft a message that tells everybody"
    " when to pack, who brings the boxes, where the labels are and whom to ask about parking."
    " Keep it friendly and list the steps in the order in which they have to be done.",
    "Explain to a class of {} pupils why the moon looks different every week. Do not use formulas,"
    " compare it with a ball and a lamp in a dark room, and finish with two questions that the"
    " pupils can answer by going outside on a clear evening.",
)
_FILLINGS: Final = (
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "red", "blue", "green", "yellow", "black", "white", "grey", "violet", "orange", "silver",
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip
_REVIEWERS: Final = ("rev_ida", "rev_jon", "rev_kim")
_LONG: Final = 12
Row = dict[str, object]


def copies() -> dict[str, str]:
    """Return the list, and the batch with what was planted in it."""
    chance = Chance("copies")
    own = prompts(chance.about("prompts"), _OWN + LEAKED_ANSWERS, _is_own)
    # The list asks long things only, so that what was taken from it can be told.
    asked = prompts(
        chance.about("list"), 3 * _LISTED, lambda scene: bool(scene.good) and not _is_own(scene)
    )
    listed = [one for one in asked if len(one.text.split()) >= _LONG][:_LISTED]
    own, hosts = own[:_OWN], own[_OWN:]
    rows = [_row(chance, one.text, _answer(chance, one), one.scene.task) for one in own]
    for number in range(NEAR_COPIES):
        text = _FLOODS[number % 3].format(_FILLINGS[number // 3])
        rows.append(_row(chance, text, f"Here is draft {number + 1}.", "writing"))
    for number in range(EXACT_COPIES):
        again = dict(rows[number * 7])
        again["prompt"] = f"  {again['prompt']} ".upper() if number % 2 else again["prompt"]
        again["mark"] = _other(str(again["mark"])) if number < 2 else again["mark"]
        rows.append(again)
    rows += [
        _row(chance, f"{one.text} Answer in our house style.", "See the guide.", one.scene.task)
        for one in listed[:LEAKED_PROMPTS]
    ]
    for one, host in zip(listed[-LEAKED_ANSWERS:], hosts, strict=True):
        rows.append(_row(chance, f"{host.text} (a)", _answer(chance, one), host.scene.task))
    order = chance.about("order").sample(range(len(rows)), len(rows))
    evaluation = [_row(chance, one.text, _answer(chance, one), one.scene.task) for one in listed]
    return {
        "sft-flooded.csv": csv_text(_numbered("fl", [rows[at] for at in order], chance)),
        "evaluation-list.csv": csv_text(_numbered("ev", evaluation, chance)),
    }


def _is_own(scene: Scene) -> bool:
    """Whether the batch has prompts of the scene; the list has those of the others."""
    return bool(scene.good) and scenes().index(scene) % 4 > 0


def _answer(chance: Chance, prompt: Prompt) -> str:
    draw = chance.about("answer", prompt.text)
    return prompt.sound(draw, draw.pick(MODELS)).text


def _row(chance: Chance, text: str, answer: str, task: str) -> Row:
    mark = "drop" if chance.about("mark", text).happens(0.1) else "keep"
    return {"task": task, "prompt": text, "response": answer, "mark": mark}


def _other(mark: str) -> str:
    return "drop" if mark == "keep" else "keep"


def _numbered(prefix: str, rows: list[Row], chance: Chance) -> list[Row]:
    return [
        {
            "sample": f"{prefix}-{number:03d}",
            **row,
            "reviewer": chance.about("who", prefix, number).pick(_REVIEWERS),
            "reviewed_at": stamp(day(7, 6) + timedelta(minutes=9 * number)),
        }
        for number, row in enumerate(rows, 1)
    ]
