"""The preference batches: accepted, undecided, rejected, unrepresentative, edge cases."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from sample_data.chance import Chance
from sample_data.people import Annotator
from sample_data.preferences import (
    Judgement,
    Pair,
    Plan,
    day,
    flat_row,
    judgements,
    nested_row,
    sided_row,
)
from sample_data.scenes import Scene
from sample_data.writing import csv_text, json_lines


def _shares(clear: float, close: float, weak: float) -> Callable[[Scene], Mapping[str, float]]:
    return lambda _scene: {"clear": clear, "close": close, "weak": weak}


def _harder_is_closer(scene: Scene) -> Mapping[str, float]:
    """Return the shares of a batch in which the easy prompts are also the easy comparisons."""
    return {
        "easy": {"clear": 0.8, "close": 0.1, "weak": 0.1},
        "medium": {"clear": 0.2, "close": 0.5, "weak": 0.3},
        "hard": {"clear": 0.1, "close": 0.6, "weak": 0.3},
    }[scene.difficulty]


def _crew(*names: str, **traits: float) -> tuple[Annotator, ...]:
    """Return good annotators with small personal differences, half of them on the late team."""
    people = []
    for place, name in enumerate(names):
        own = Chance("person", name)
        person = Annotator(
            f"ann_{name}",
            group=("day", "late")[place % 2],
            noise=traits.get("noise", 0.3) * (0.85 + 0.3 * own.uniform()),
            tie_width=traits.get("tie_width", 0.14) * (0.8 + 0.4 * own.uniform()),
            first_bias=own.normal(0.02),
            careless=0.03,
            pace=0.8 + 0.4 * own.uniform(),
        )
        people.append(person)
    return tuple(people)


def two_or_three(pair: Pair, chance: Chance) -> int:
    """Return the raters of a fully overlapping batch."""
    del pair
    return 3 if chance.happens(0.45) else 2


CLEAN: Final = Plan(
    batch="preference-accepted",
    prefix="ca",
    items=450,
    people=_crew("moreau", "okafor", "lindqvist", "haddad", "nakamura", "silva", "petrov", "byrne"),
    opened=day(6, 8),
    gaps=_shares(0.76, 0.13, 0.11),
    raters=two_or_three,
    keep=lambda scene: scene.task in {"cooking", "travel", "coding", "customer_service"},
    per_day=16,
    second_pairs=0.2,
)
UNDECIDED: Final = Plan(
    batch="preference-undecided",
    prefix="to",
    items=150,
    people=_crew("duarte", "kowalczyk", "mbeki", "rossi", "tanaka", noise=0.85),
    opened=day(6, 15),
    gaps=_shares(0.3, 0.44, 0.26),
    raters=lambda _pair, _chance: 2,
    keep=lambda scene: scene.task in {"writing", "customer_service", "legal"},
    per_day=25,
)
REJECTED: Final = Plan(
    batch="preference-rejected",
    prefix="ra",
    items=320,
    people=_crew("aydin", "fontaine", "gupta", "horvat", "jansen", "ekström", noise=2.2),
    opened=day(5, 18),
    gaps=_shares(0.25, 0.45, 0.3),
    raters=two_or_three,
    keep=lambda scene: scene.task in {"cooking", "travel", "coding", "customer_service"},
    per_day=45,
)
PRIORITY: Final = Plan(
    batch="preference-easy-overlap",
    prefix="eo",
    items=480,
    people=_crew("adeyemi", "brandt", "castellano", "doyle", "eriksen", "farouk", noise=0.5),
    opened=day(6, 22),
    gaps=_harder_is_closer,
    raters=lambda pair, chance: 2 if _is_easy(pair) and chance.happens(0.93) else 1,
    keep=lambda scene: scene.task != "safety",
    per_day=22,
)
ONE_ANNOTATOR: Final = Plan(
    batch="edge-one-annotator",
    prefix="e1",
    items=24,
    people=_crew("solberg"),
    opened=day(7, 6),
    gaps=_shares(0.6, 0.2, 0.2),
    raters=lambda _pair, _chance: 1,
    keep=lambda scene: scene.task in {"home", "explaining"},
)
ALL_AGREE: Final = Plan(
    batch="edge-all-agree",
    prefix="ea",
    items=24,
    people=_crew("ito", "weber", "nowak"),
    opened=day(7, 6),
    gaps=_shares(1.0, 0.0, 0.0),
    raters=lambda _pair, _chance: 3,
    keep=lambda scene: scene.task in {"travel", "cooking"},
)


def _is_easy(pair: Pair) -> bool:
    """Return whether a careless planner would send the pair to a second person."""
    return pair.prompt.scene.difficulty == "easy"


def accepted() -> dict[str, str]:
    """Return the accepted batch: a nested export, several pairs a prompt."""
    rows = [nested_row(given) for given in judgements(CLEAN)]
    return {"preference-accepted.jsonl.gz": json_lines(rows)}


def plain(plan: Plan, name: str) -> dict[str, str]:
    """Return a batch as one flat table."""
    return {name: csv_text([flat_row(given) for given in judgements(plan)])}


def undecided() -> dict[str, str]:
    """Return the batch whose interval straddles the threshold."""
    rows = [sided_row(given) for given in judgements(UNDECIDED)]
    return {"preference-undecided.csv.gz": csv_text(rows)}


def rejected() -> dict[str, str]:
    """Return the batch below the floor."""
    return plain(REJECTED, "preference-rejected.csv.gz")


def easy_overlap() -> dict[str, str]:
    """Return the batch whose second judgements were spent on easy pairs."""
    return plain(PRIORITY, "preference-easy-overlap.csv.gz")


def one_annotator() -> dict[str, str]:
    """Return the smallest honest batch: one person, no overlap."""
    return plain(ONE_ANNOTATOR, "edge-one-annotator.csv")


def all_agree() -> dict[str, str]:
    """Return a batch in which everybody always gives the same label."""
    rows = [flat_row(_always_first(given)) for given in judgements(ALL_AGREE)]
    return {"edge-all-agree.csv": csv_text(rows)}


def _always_first(given: Judgement) -> Judgement:
    """Return the judgement with the better answer in place A and A as the answer given."""
    pair = given.pair
    best, other = sorted((pair.first, pair.second), key=lambda answer: -answer.quality)
    choice = replace(given.choice, winner="A", strength=2, reasons="", note="")
    return replace(given, pair=replace(pair, first=best, second=other), choice=choice)
