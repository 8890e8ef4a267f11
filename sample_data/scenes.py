"""Prompts and answers, composed from the scenes under `texts/`.

A scene is a situation somebody brings to an assistant. Its `slots` are filled at random, `good`
holds complete answers, `more` sentences that make an answer better, `weak` answers by the flaw
they have. A slot named "big|small" fills two places at once, so that they fit together.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from sample_data.chance import Chance

# How much a flaw costs in the eyes of a careful judge; a complete answer stands at 0.5.
FLAW_QUALITY: Final[Mapping[str, float]] = {
    "too_long": -0.45,
    "wrong_format": -0.5,
    "cold_tone": -0.55,
    "vague": -0.65,
    "over_refusal": -0.8,
    "ignores_constraint": -0.9,
    "overconfident": -1.0,
    "wrong_fact": -1.1,
    "unsafe": -1.4,
}
_GREETINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("", "", "", "", "Hi! ", "Hello, ", "Quick question: ", "Hey there. "),
    "de": ("", "", "", "Hallo, ", "Kurze Frage: "),
    "fr": ("", "", "", "Petite question : "),
    "es": ("", "", "", "Hola, ", "Una pregunta: "),
}
_THANKS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("", "", "", "", "", " Thanks!", " Thank you.", " Many thanks in advance."),
    "de": ("", "", "", " Danke!", " Vielen Dank."),
    "fr": ("", "", "", " Merci !"),
    "es": ("", "", "", " ¡Gracias!"),
}


@dataclass(frozen=True, slots=True)
class Scene:
    """One situation with the texts that can be made from it."""

    scene_id: str
    task: str
    difficulty: str
    risk: str
    language: str
    output_format: str
    refusal: str
    context: str
    prompts: tuple[str, ...]
    slots: Mapping[str, tuple[str, ...]]
    good: tuple[str, ...]
    more: tuple[str, ...]
    weak: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """A candidate answer with the quality a careful judge sees in it; flaw is '' when sound."""

    text: str
    quality: float
    flaw: str
    model: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """A scene with its slots filled."""

    scene: Scene
    text: str
    values: Mapping[str, str]

    def sound(self, chance: Chance, model: str) -> Answer:
        """Return a complete answer with up to two further sentences."""
        extras = chance.whole(0, min(2, len(self.scene.more)))
        parts = [chance.pick(self.scene.good), *chance.sample(self.scene.more, extras)]
        joint = "\n\n" if "\n" in parts[0] else " "
        text = filled(parts[0] + joint * bool(extras) + " ".join(parts[1:]), self.values)
        return Answer(text, 0.5 + 0.15 * extras + chance.normal(0.15), "", model)

    def flawed(self, chance: Chance, model: str, flaw: str = "") -> Answer:
        """Return an answer with one flaw of the scene."""
        kind = flaw or chance.pick(tuple(self.scene.weak))
        text = filled(self.scene.weak[kind], self.values)
        return Answer(text, FLAW_QUALITY[kind] + chance.normal(0.15), kind, model)


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return the text with `<slot>` replaced by its value."""
    for name, value in values.items():
        text = text.replace(f"<{name}>", value)
    # A sentence that begins with a slot still begins with a capital letter.
    return text[:1].upper() + text[1:] if text[:1].islower() else text


@cache
def scenes() -> tuple[Scene, ...]:
    """Return all scenes, in the order of the files."""
    folder = files("sample_data") / "texts"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    found: list[Scene] = []
    for name in names:
        document = tomllib.loads((folder / name).read_text(encoding="utf-8"))
        found.extend(_scene(entry) for entry in document.get("scene", []))
    return tuple(found)


def prompts(
    chance: Chance, count: int, keep: Callable[[Scene], bool] = lambda scene: bool(scene.good)
) -> list[Prompt]:
    """Return `count` different prompts over the scenes to keep, evenly and in mixed order."""
    chosen = [scene for scene in scenes() if keep(scene)]
    made: list[Prompt] = []
    seen: set[str] = set()
    turn = 0
    while len(made) < count:
        for scene in chance.about("turn", turn).sample(chosen, len(chosen)):
            prompt = _fill(scene, chance.about(scene.scene_id, turn))
            if prompt.text not in seen and len(made) < count:
                seen.add(prompt.text)
                made.append(prompt)
        turn += 1
    return made


def _fill(scene: Scene, chance: Chance) -> Prompt:
    values: dict[str, str] = {}
    for names, options in scene.slots.items():
        parts = chance.pick(options).split("|", names.count("|"))  # the last part may hold bars
        values.update(zip(names.split("|"), parts, strict=True))
    body = filled(chance.pick(scene.prompts), values)
    greeting = chance.pick(_GREETINGS[scene.language])
    if greeting.endswith((", ", ": ")) and body[1:2].islower():
        body = body[:1].lower() + body[1:] if not body.startswith("I ") else body
    return Prompt(scene, greeting + body + chance.pick(_THANKS[scene.language]), values)


def _scene(entry: Mapping[str, object]) -> Scene:
    def texts(name: str) -> tuple[str, ...]:
        found = entry.get(name, [])
        return tuple(str(text) for text in found) if isinstance(found, list) else ()

    def table(name: str) -> Mapping[str, object]:
        found = entry.get(name, {})
        return found if isinstance(found, dict) else {}

    slots = {
        name: tuple(str(value) for value in values) if isinstance(values, list) else ()
        for name, values in table("slots").items()
    }
    return Scene(
        scene_id=str(entry["id"]),
        task=str(entry["task"]),
        difficulty=str(entry["difficulty"]),
        risk=str(entry.get("risk", "low")),
        language=str(entry.get("language", "en")),
        output_format=str(entry.get("format", "paragraph")),
        refusal=str(entry.get("refusal", "answer")),
        context=str(entry.get("context", "")),
        prompts=texts("prompts"),
        slots=slots,
        good=texts("good"),
        more=texts("more"),
        weak={flaw: str(text) for flaw, text in table("weak").items()},
    )
