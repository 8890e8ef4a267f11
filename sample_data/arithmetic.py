"""Worked word problems in steps, some with one slip: the texts of the step-reward batch."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sample_data.chance import Chance


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a solution and what a careful judge says about it: good, neutral or bad."""

    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Trace:
    """A problem with its solution, step by step."""

    topic: str
    problem: str
    steps: tuple[Step, ...]

    @property
    def is_sound(self) -> bool:
        """Whether no step is bad."""
        return all(step.label != "bad" for step in self.steps)


_ASIDES: Final = (
    "Let me write down what is given before I calculate.",
    "I check the units first: everything is in the same one.",
    "It helps to estimate: the result should not be far from that.",
    "So far so good; now the last part.",
    "I read the question again to see what is asked.",
)


def trace(chance: Chance, *, slips: bool) -> Trace:
    """Return a random worked problem; with `slips`, one calculating step is wrong."""
    topic, make = chance.pick(_PROBLEMS)
    slip = chance.whole(0, 2) if slips else -1
    problem, right = make(chance.about("numbers"), -1)
    _, lines = make(chance.about("numbers"), slip)
    steps = [
        Step(line, "good" if line == right[number] else "bad" if number == slip else "neutral")
        for number, line in enumerate(lines)
    ]
    if chance.happens(0.6):
        steps.insert(chance.whole(0, 1), Step(chance.pick(_ASIDES), "neutral"))
    return Trace(topic, problem, tuple(steps))


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d} euro"


def _tickets(chance: Chance, slip: int) -> tuple[str, list[str]]:
    adults, children, price = chance.whole(2, 5), chance.whole(1, 4), 100 * chance.whole(6, 19)
    off = chance.pick((10, 20, 25))
    place = chance.pick(("The zoo", "The cable car", "The science museum", "The boat trip"))
    problem = (
        f"{place} costs {_money(price)} for adults and half of that for children. A group of "
        f"{adults} adults and {children} children gets {off} % off. What do they pay?"
    )
    full = adults * price + (price if slip == 0 else 0)
    half = children * price // (1 if slip == 1 else 2)
    total = full + half
    pay = total * off // 100 if slip == 2 else total * (100 - off) // 100
    return problem, [
        f"Adults: {adults} times {_money(price)} is {_money(full)}.",
        f"Children pay half: {children} times {_money(price)} divided by 2 is {_money(half)}.",
        f"Together {_money(total)}; with {off} % off they pay {_money(pay)}.",
        f"Answer: {_money(pay)}.",
    ]


def _paint(chance: Chance, slip: int) -> tuple[str, list[str]]:
    length, width, height = chance.whole(3, 7), chance.whole(2, 5), 2.5
    cover, coats = chance.pick((15, 18, 20)), 2
    room = chance.pick(("bedroom", "studio", "hallway", "classroom corner"))
    problem = (
        f"A {room} measures {length} m by {width} m and is {height} m high. The four walls get two "
        f"coats; one can covers {cover} square metres. How many cans are needed?"
    )
    around = 2 * (length + width) if slip != 0 else length + width
    area = round(around * height, 1)
    painted = round(area * (coats if slip != 1 else 1), 1)
    cans = math.floor(painted / cover) if slip == 2 else math.ceil(painted / cover)
    return problem, [
        f"The walls are {around} m long in total, times {height} m makes {area} square metres.",
        f"For two coats the paint must cover {painted} square metres.",
        f"{painted} divided by {cover} is {painted / cover:.2f}, so {cans} cans.",
        f"Answer: {cans} cans.",
    ]


def _train(chance: Chance, slip: int) -> tuple[str, list[str]]:
    hour, minute = chance.whole(6, 15), chance.whole(0, 59)
    legs = (chance.whole(45, 130), chance.whole(35, 95))
    change, delay = chance.whole(8, 25), chance.whole(5, 40)
    town = chance.pick(("Eastford", "Marienau", "Pont-Clair", "Lindby"))
    problem = (
        f"A train leaves at {hour}:{minute:02d} with a delay of {delay} minutes. The first leg "
        f"takes {legs[0]} minutes, the change {change} minutes, the second leg to {town} {legs[1]} "
        "minutes. When does it arrive, if the connection waits?"
    )
    travel = sum(legs) + (0 if slip == 0 else change)
    with_delay = travel - delay if slip == 1 else travel + delay
    end = 60 * hour + minute + with_delay
    clock = f"{end // 60}:{end % 60:02d}"
    if slip == 2:
        clock = f"{hour + with_delay // 100}:{(minute + with_delay) % 60:02d}"
    return problem, [
        f"Both legs and the change together take {travel} minutes.",
        f"With the delay it is {with_delay} minutes after {hour}:{minute:02d}.",
        f"{with_delay} minutes after {hour}:{minute:02d} is {clock}.",
        f"Answer: it arrives in {town} at {clock}.",
    ]


def _fuel(chance: Chance, slip: int) -> tuple[str, list[str]]:
    distance, use = 10 * chance.whole(18, 64), chance.whole(5, 9)
    price = chance.whole(151, 189)
    riders = chance.whole(2, 4)
    problem = (
        f"{riders} friends drive {distance} km. The car needs {use} litres per 100 km, a litre "
        f"costs {_money(price)}. They share the fuel equally. What does each pay?"
    )
    litres = distance * use / (10 if slip == 0 else 100)
    cost = round(litres * price) + (1000 if slip == 1 else 0)
    share = round(cost / (riders + 1 if slip == 2 else riders))
    return problem, [
        f"{distance} km need {distance} divided by 100 times {use}, which is {litres:.1f} litres.",
        f"They cost {litres:.1f} times {_money(price)}, which is {_money(cost)}.",
        f"Divided by {riders} friends, each pays {_money(share)}.",
        f"Answer: {_money(share)} each.",
    ]


def _savings(chance: Chance, slip: int) -> tuple[str, list[str]]:
    goal, start = 100 * chance.whole(6, 20), 10 * chance.whole(5, 24)
    week = chance.pick((15, 20, 25, 35))
    thing = chance.pick(("a used bicycle", "a guitar", "a language course", "a sewing machine"))
    problem = (
        f"Somebody saves for {thing} that costs {goal} euro. {start} euro are there already, every "
        f"week {week} euro are added. After how many weeks is it enough?"
    )
    missing = goal + start if slip == 0 else goal - start
    ratio = missing / (week * 4 if slip == 1 else week)
    weeks = math.floor(ratio) if slip == 2 else math.ceil(ratio)
    return problem, [
        f"{goal} {'plus' if slip == 0 else 'minus'} {start} is {missing} euro still to save.",
        f"{missing} divided by the weekly {week} euro is {ratio:.2f}.",
        f"Only whole weeks count, so {weeks} weeks.",
        f"Answer: after {weeks} weeks.",
    ]


_PROBLEMS: Final[tuple[tuple[str, Callable[[Chance, int], tuple[str, list[str]]]], ...]] = (
    ("tickets", _tickets),
    ("paint", _paint),
    ("train", _train),
    ("fuel", _fuel),
    ("savings", _savings),
)
