"""Triage batches that drift: a reference, and three whose labels moved for known reasons."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sample_data.chance import Chance
from sample_data.labels import INTENTS, message
from sample_data.people import Annotator, Seconds, assigned, diaries, stamp
from sample_data.preferences import day
from sample_data.writing import csv_text

ITEMS: Final = 480
STRICTER: Final = 0.3
"""What the new guideline, or somebody of the strict crew, adds to the share of escalations."""
_USUAL: Final[Mapping[str, float]] = {"chat": 0.15, "mail": 0.5}
_KEPT: Final = 0.35
_EVEN: Final[Mapping[str, float]] = {"chat": 0.5, "mail": 0.5}
_MOSTLY_CHAT: Final[Mapping[str, float]] = {"chat": 0.9, "mail": 0.1}
_TEAM: Final = tuple(
    Annotator(f"ann_{name}", noise=0.03, pace=pace)
    for name, pace in (
        ("adeyemi", 1.0), ("brandt", 0.9), ("castro", 1.1), ("duarte", 1.0), ("ekman", 0.95),
        ("farkas", 1.05), ("greco", 1.0), ("haddad", 0.9),
    )
)  # fmt: skip
_STRICT: Final = tuple(
    Annotator(f"ann_{name}", noise=0.03, shift=-STRICTER, vendor="quillworks", group="late")
    for name in ("ivanova", "jensen", "kovac", "lindqvist")
)


@dataclass(frozen=True, slots=True)
class _Plan:
    """How one batch comes about; `revised` says of which items the new guideline was in force."""

    name: str
    prefix: str
    month: int
    mix: Mapping[str, float]
    crew: Sequence[Annotator]
    revised: Callable[[int], bool] = lambda _number: False


def reference() -> dict[str, str]:
    """Return the accepted batch that the others are compared with."""
    return _batch(_Plan("triage-reference", "ta", 3, _EVEN, _TEAM))


def new_guideline() -> dict[str, str]:
    """Return a batch in whose middle the guideline became stricter; all else is as before."""
    return _batch(
        _Plan("triage-guideline", "tb", 4, _EVEN, _TEAM, lambda number: number > ITEMS // 2)
    )


def new_people() -> dict[str, str]:
    """Return a batch in which half of the team was replaced by stricter people."""
    return _batch(_Plan("triage-people", "tc", 5, _EVEN, (*_TEAM[:4], *_STRICT)))


def hidden_guideline() -> dict[str, str]:
    """Return a batch whose easier items hide that the guideline became stricter."""
    return _batch(_Plan("triage-hidden", "td", 6, _MOSTLY_CHAT, _TEAM, lambda number: number > 254))


def _batch(plan: _Plan) -> dict[str, str]:
    chance = Chance(plan.name)
    crews = assigned(plan.crew, ITEMS, raters=(2,), chance=chance.about("crews"))
    books = diaries(plan.crew, day(plan.month, 2), per_day=40, chance=chance)
    channels = _evenly(plan.mix, chance.about("channels"))
    places = _places(channels, plan, chance)
    rows: list[dict[str, object]] = []
    seen: set[str] = set()
    for number, crew in enumerate(crews, 1):
        text = _text(chance.about("item", number), seen)
        channel, is_revised = channels[number - 1], plan.revised(number)
        for person in crew:
            own = chance.about("answer", number, person.annotator_id)
            share = _USUAL[channel] - person.shift + STRICTER * is_revised
            sent, taken = books[person.annotator_id].answer(Seconds(18))
            row: dict[str, object] = {
                "ticket": f"{plan.prefix}-{number:04d}",
                "message": text,
                "channel": channel,
                "annotator": person.annotator_id,
                "team": person.group,
                "triage": _triage(places[number - 1] + own.normal(person.noise), share),
                "guideline": "triage-2.0" if is_revised else "triage-1.0",
                "sent_at": stamp(sent),
                "seconds": taken,
            }
            rows.append(row)
    rows.sort(key=lambda row: (str(row["sent_at"]), str(row["annotator"])))
    return {f"{plan.name}.csv.gz": csv_text(rows)}


def _triage(place: float, share: float) -> str:
    if place < share:
        return "escalate"
    return "keep" if place < share + _KEPT * (1 - share) else "close"


def _evenly(mix: Mapping[str, float], chance: Chance) -> list[str]:
    """Return the channel of every item: exactly the mix, in random order."""
    channels: list[str] = []
    for name, share in mix.items():
        channels += [name] * round(ITEMS * share)
    return chance.sample(channels, len(channels))


def _places(channels: Sequence[str], plan: _Plan, chance: Chance) -> list[float]:
    """Return how pressing each item is, 0 most: spread evenly in every channel and version."""
    kinds = [(channel, plan.revised(number)) for number, channel in enumerate(channels, 1)]
    found = [0.0] * len(kinds)
    for kind in sorted(set(kinds)):
        members = [place for place, own in enumerate(kinds) if own == kind]
        order = chance.about("place", *kind).sample(members, len(members))
        for rank, place in enumerate(order):
            found[place] = (rank + 0.5) / len(members)
    return found


def _text(draw: Chance, seen: set[str]) -> str:
    text = message(draw.pick(INTENTS), draw)
    while text in seen:
        text = message(draw.pick(INTENTS), draw)
    seen.add(text)
    return text
