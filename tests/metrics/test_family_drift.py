"""Agreement and severity against a reference: planted shifts, none, and what cannot be compared."""

from math import isnan

import numpy as np
import pytest

from metrics.agreement import krippendorff_alpha
from metrics.drift_alarms import OTHER_LEVEL, alarms
from metrics.family_drift import FamilyShift, agreement_shift, severity_shift
from metrics.tables import AnnotatorPairs, UnitPatterns

SCALE = tuple(str(score) for score in range(1, 8))
CREW = ("ann", "bea", "cem", "dov", "eli", "fay")
LEVELS = {"ann": 0.5, "bea": -0.5}
Ratings = list[dict[str, str]]
Sides = tuple[UnitPatterns, AnnotatorPairs]


def agreed(reference: Sides, batch: Sides) -> FamilyShift:
    """Compare the agreement of both sides."""
    return agreement_shift(krippendorff_alpha(reference[0]), krippendorff_alpha(batch[0]), "q")


def ratings(
    seed: int,
    items: int = 150,
    *,
    noise: float = 0.7,
    strict: float = 0.0,
    crew=CREW,
    each: int = 3,
) -> Ratings:
    """Return items of a true quality, judged by people with levels; `cem` is lower by `strict`."""
    generator = np.random.default_rng(seed)
    levels = LEVELS | {"cem": -strict}
    found = []
    for quality in generator.normal(4, 1.2, items):
        people = generator.choice(crew, each, replace=False)
        scores = quality + generator.normal(0, noise, each)
        found.append(
            {
                str(who): str(int(np.clip(round(score + levels.get(str(who), 0.0)), 1, 7)))
                for who, score in zip(people, scores, strict=True)
            }
        )
    return found


@pytest.fixture
def sides(patterns_from_ratings):
    """Return a call that makes patterns and pairs of explicit ratings."""

    def build(
        units: Ratings, labels: tuple[str, ...] = SCALE, groups: list[int] | None = None
    ) -> Sides:
        people = tuple(sorted({who for unit in units for who in unit}))
        rows = [
            (people.index(a), people.index(b), labels.index(unit[a]), labels.index(unit[b]), 1)
            for unit in units
            for a in sorted(unit)
            for b in sorted(unit)
            if a < b
        ]
        columns = np.array(rows, dtype=np.int64).reshape(len(rows), 5).T
        pairs = AnnotatorPairs(labels, "interval", people, ("human",) * len(people), *columns)
        return patterns_from_ratings(units, labels, "interval", groups=groups), pairs

    return build


def raised(*shifts: FamilyShift) -> bool:
    """Return whether any is an alarm, judged as the report judges them."""
    found = alarms([one.p_value for one in shifts], [one.is_large for one in shifts], OTHER_LEVEL)
    return any(one.is_raised for one in found)


def test_person_who_became_stricter_is_found_and_named(sides) -> None:
    found = severity_shift(sides(ratings(1)), sides(ratings(2, strict=0.9)), "q")
    assert raised(found)
    assert found.person == "cem"
    assert found.low < -0.9 < found.high


def test_planted_severity_is_found_in_nine_of_ten_batches(sides) -> None:
    found = [
        severity_shift(sides(ratings(seed)), sides(ratings(seed + 500, strict=0.8)), "q")
        for seed in range(40)
    ]
    assert sum(raised(one) and one.person == "cem" for one in found) >= 36


def test_crew_that_moves_together_is_no_severity_of_one(sides) -> None:
    """A level common to all cannot be told from other items: it is the labels' to say."""
    lower = [
        {who: str(max(int(score) - 1, 1)) for who, score in unit.items()} for unit in ratings(4)
    ]
    assert not raised(severity_shift(sides(ratings(3)), sides(lower), "q"))


def test_crew_that_disagrees_more_is_found(sides) -> None:
    found = agreed(sides(ratings(1)), sides(ratings(2, noise=1.5)))
    assert raised(found)
    assert found.after < found.before
    assert found.high < 0


def test_nothing_moved_raises_no_alarm(sides) -> None:
    """Both families together, as the report judges them, in over 98 % of 300 comparisons."""
    found = []
    for seed in range(300):
        before, after = sides(ratings(2 * seed, 90)), sides(ratings(2 * seed + 1, 90))
        found.append(raised(agreed(before, after), severity_shift(before, after, "q")))
    assert np.mean(found) < 0.02


def test_moods_that_last_a_whole_prompt_raise_no_alarm(sides) -> None:
    """Ten answers to one prompt by the same three people are one observation, not ten.

    Counted as ten, 57 of 100 such comparisons were alarms.
    """

    def batch(seed: int) -> Sides:
        generator = np.random.default_rng(seed)
        units: Ratings = []
        for _ in range(40):
            people = generator.choice(CREW, 3, replace=False)
            moods = generator.normal(0, 1, 3)
            for quality in generator.normal(4, 0.5, 10):
                scores = np.clip(np.round(quality + moods), 1, 7)
                units.append(
                    {str(w): str(int(score)) for w, score in zip(people, scores, strict=True)}
                )
        return sides(units, groups=[place // 10 for place in range(400)])

    found = [severity_shift(batch(seed), batch(seed + 1000), "q") for seed in range(100)]
    assert not any(isnan(one.p_value) for one in found)
    assert sum(raised(one) for one in found) <= 2


def test_unanimous_batches_have_no_test_and_no_alarm(sides) -> None:
    one = sides([{"ann": "4", "bea": "4", "cem": "4"}] * 40)
    for found in (agreed(one, one), severity_shift(one, one, "q")):
        assert not raised(found)
        assert isnan(found.p_value)
        assert found.reason


def test_always_agreeing_has_no_error_to_compare_agreement_with(sides) -> None:
    same = sides([dict.fromkeys(CREW[:3], str(1 + place % 7)) for place in range(60)])
    found = agreed(same, same)
    assert isnan(found.p_value)
    assert "chance alone" in found.reason


def test_one_label_on_one_side_says_which_alpha_is_unknown(sides) -> None:
    flat = sides([{"ann": "4", "bea": "4", "cem": "4"}] * 40)
    found = agreed(sides(ratings(1)), flat)
    assert isnan(found.p_value)
    assert found.reason.startswith("alpha of the batch: ")


def test_always_agreeing_on_changing_labels_is_no_severity(sides) -> None:
    """Everybody gives the same score to an item: nobody is stricter, and chance has no size."""
    same = [dict.fromkeys(CREW[:3], str(1 + place % 7)) for place in range(60)]
    found = severity_shift(sides(same), sides(same), "q")
    assert not raised(found)
    assert isnan(found.p_value)
    assert found.reason


def test_crews_that_never_meet_are_compared_within_the_larger_block(sides) -> None:
    apart = ratings(1, crew=CREW[:4]) + [{"eli": "1", "fay": "2"}] * 30
    later = ratings(2, crew=CREW[:4]) + [{"eli": "6", "fay": "2"}] * 30
    found = severity_shift(sides(apart), sides(later), "q")
    assert found.n == 4
    assert not raised(found)


def test_pairs_that_never_meet_are_too_few_to_compare(sides) -> None:
    apart = [{"ann": "3", "bea": "4"}] * 30 + [{"cem": "3", "dov": "4"}] * 30
    found = severity_shift(sides(apart), sides(apart), "q")
    assert isnan(found.p_value)
    assert found.reason == "2 people scored 10 shared items on both sides, 3 are needed"


def test_one_person_cannot_be_compared(sides) -> None:
    alone = sides([{"ann": str(1 + place % 7)} for place in range(40)])
    for found in (agreed(alone, alone), severity_shift(alone, alone, "q")):
        assert isnan(found.p_value)
        assert found.reason


def test_one_item_cannot_be_compared(sides) -> None:
    one = sides(ratings(1, 1))
    for found in (agreed(one, one), severity_shift(one, one, "q")):
        assert isnan(found.p_value)
        assert found.reason


def test_wholly_new_crew_cannot_be_compared(sides) -> None:
    new = ratings(2, crew=("gus", "hal", "ida", "jon"))
    found = severity_shift(sides(ratings(1)), sides(new), "q")
    assert found.reason.startswith("0 people")
