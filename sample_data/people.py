"""Invented annotators: how they judge, when they work and how long an answer takes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from sample_data.chance import Chance

_DAY_STARTS: Final = (time(7, 30), time(8, 0), time(8, 30), time(9, 0))
_LUNCH_BREAK: Final = timedelta(minutes=35)
_WEEKEND: Final = 5


@dataclass(frozen=True, slots=True)
class Annotator:
    """One invented person, or a model that judges.

    Attributes
    ----------
    noise : float
        Spread of what the person sees around the quality that is there.
    tie_width : float
        Differences below it are called a tie.
    shift : float
        Added to every score: below zero is severe, above zero lenient.
    stretch : float
        Use of the scale around its middle: below one stays in the middle.
    first_bias : float
        Liking for the answer shown first.
    careless : float
        Share of answers given without looking.
    pace : float
        Time taken compared with others.
    """

    annotator_id: str
    vendor: str = "harbourline"
    group: str = "day"
    tier: str = "regular"
    role: str = "human"
    noise: float = 0.35
    tie_width: float = 0.15
    shift: float = 0.0
    stretch: float = 1.0
    first_bias: float = 0.0
    careless: float = 0.0
    pace: float = 1.0


@dataclass(frozen=True, slots=True)
class Seconds:
    """How long answers take: median and spread of the logarithm."""

    median: float
    spread: float = 0.45


class Diary:
    """The working days of one annotator: gives each answer a time and a duration.

    Nobody works at the weekend; days begin between half past seven and nine (UTC), have a break
    around noon and end after `per_day` answers.
    """

    def __init__(
        self, person: Annotator, first_day: datetime, *, per_day: int, chance: Chance
    ) -> None:
        self._person = person
        self._chance = chance
        self._per_day = per_day
        self._done_today = 0
        self._rested = False
        self._now = self._morning(first_day + timedelta(days=chance.whole(0, 1)))

    def answer(self, seconds: Seconds) -> tuple[datetime, float]:
        """Return when the next answer was sent and how many seconds it took."""
        if self._done_today >= self._per_day:
            self._now = self._morning(self._now + timedelta(days=1))
            self._done_today, self._rested = 0, False
        if self._now.hour >= 12 and not self._rested:
            self._now += _LUNCH_BREAK
            self._rested = True
        median = seconds.median * self._person.pace
        taken = round(max(1.2, self._chance.log_normal(median, seconds.spread)), 1)
        pause = self._chance.log_normal(9, 0.7)
        if self._chance.happens(0.03):
            pause += self._chance.log_normal(420, 0.5)
        self._now += timedelta(seconds=taken)
        sent = self._now.replace(microsecond=0)
        self._now += timedelta(seconds=pause)
        self._done_today += 1
        return sent, taken

    def _morning(self, day: datetime) -> datetime:
        while day.weekday() >= _WEEKEND:
            day += timedelta(days=1)
        start = datetime.combine(day.date(), self._chance.pick(_DAY_STARTS), day.tzinfo)
        return start + timedelta(seconds=self._chance.whole(0, 900))


def diaries(
    people: Sequence[Annotator], first_day: datetime, *, per_day: int, chance: Chance
) -> dict[str, Diary]:
    """Return a diary for each annotator."""
    return {
        person.annotator_id: Diary(
            person, first_day, per_day=per_day, chance=chance.about("diary", person.annotator_id)
        )
        for person in people
    }


def assigned(
    people: Sequence[Annotator], items: int, *, raters: Sequence[int], chance: Chance
) -> list[list[Annotator]]:
    """Return who judges each item: `raters[i]` people, the work spread evenly."""
    load = dict.fromkeys(range(len(people)), 0)
    crews: list[list[Annotator]] = []
    for item in range(items):
        order = sorted(load, key=lambda number: (load[number], chance.uniform()))
        crew = order[: raters[item % len(raters)]]
        for number in crew:
            load[number] += 1
        crews.append([people[number] for number in crew])
    return crews


def stamp(moment: datetime) -> str:
    """Return the time as exports write it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
