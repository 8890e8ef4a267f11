"""HTML pieces: what they say, and that nothing of the data gets out of its place."""

import math
import re

import pytest

from app import markup
from metrics.criteria import Bound
from metrics.estimates import Estimate
from tests.app.hostile import HOSTILE

FLOOR = Bound.parse(">= 0.35")
CEILING = Bound.parse("<= 0.05")
BAND = Bound.parse("within [0.45, 0.55]")
UNDECIDED = Estimate(value=0.33, low=0.24, high=0.42, n=118)
UNDEFINED = Estimate(status="undefined", reason="no item was judged twice")


def place(html: str, kind: str) -> float:
    """Return where a mark of a bar stands, in percent of its width."""
    (left,) = re.findall(rf'<i class="{kind}" style="left:([0-9.]+)%', html)
    return float(left)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "draw",
    [
        lambda text: markup.crumb("here", text),
        lambda text: markup.heading(text, text),
        lambda text: markup.banner("hold", text, text),
        lambda text: markup.facts([markup.Fact(text, text, text)]),
        lambda text: markup.note(text, text, items=[text]),
        lambda text: markup.missing(text, text, text),
        lambda text: markup.literal(text, text),
        markup.chip,
        lambda text: markup.definitions([(text, text)]),
        lambda text: markup.moments([(text, text, text, text)]),
        lambda text: markup.estimate_card(text, UNDEFINED.but(reason=text)),
        lambda text: markup.forest_row(text, UNDEFINED.but(reason=text), markup.axis([UNDECIDED])),
        lambda text: markup.item_row(
            name=text, under=text, text=text, answers=text, number=1, distinct=1
        ),
        lambda text: markup.criterion(
            title=text, under=text, state="missing", estimate=UNDEFINED, limits=FLOOR
        ),
    ],
)
def test_hostile_text_opens_no_element(draw: object, text: str) -> None:
    assert callable(draw)
    tags = set(re.findall(r"<\s*/?\s*([a-zA-Z0-9]+)", draw(text)))
    assert tags <= {
        *("div", "small", "b", "h2", "p", "span", "em", "ul", "li", "ol", "i"),
        *("pre", "dl", "dt", "dd"),
    }


def test_a_criterion_shows_value_interval_bound_and_n() -> None:
    row = markup.criterion(
        title="Agreement", under="hard", state="undecided", estimate=UNDECIDED, limits=FLOOR
    )
    assert all(text in row for text in (".33 [.24, .42]", "≥ .35", "118 items", "◐ undecided"))


def test_a_criterion_without_value_says_why() -> None:
    row = markup.criterion(
        title="Agreement", under="hard", state="missing", estimate=UNDEFINED, limits=FLOOR
    )
    assert "no item was judged twice" in row


@pytest.mark.parametrize(("bound", "good", "bad"), [(FLOOR, 0.5, 0.1), (CEILING, 0.01, 0.2)])
def test_good_lies_to_the_right_of_the_threshold(bound: Bound, good: float, bad: float) -> None:
    better = markup.bar(Estimate(value=good, low=good, high=good), bound, "pass")
    worse = markup.bar(Estimate(value=bad, low=bad, high=bad), bound, "fail")
    assert place(worse, "dot") < place(worse, "edge")
    assert place(better, "dot") > place(better, "edge")


def test_a_band_has_both_its_ends() -> None:
    assert markup.bar(UNDECIDED, BAND, "undecided").count('class="edge"') == 2


def test_a_bar_says_in_words_what_it_draws() -> None:
    assert (
        markup.in_words(UNDECIDED, FLOOR, "undecided")
        == ".33 [.24, .42], must be ≥ .35, 118 items, undecided"
    )


def test_bars_on_one_axis_are_in_the_order_of_their_values() -> None:
    low, high = Estimate(value=0.2, low=0.1, high=0.3), Estimate(value=0.6, low=0.5, high=0.7)
    on = markup.axis([low, high])
    assert place(markup.bar(low, on=on), "dot") < place(markup.bar(high, on=on), "dot")


def test_an_axis_does_not_leave_the_range_of_the_metric() -> None:
    on = markup.axis([Estimate(value=1.0, low=1.0, high=1.0)], within=(0.0, 1.0))
    assert max(on.ticks) <= 1.0


def test_an_axis_without_numbers_is_drawn_all_the_same() -> None:
    assert markup.axis([UNDEFINED]).ticks


def test_a_card_of_something_undefined_shows_the_reason_and_no_number() -> None:
    card = markup.estimate_card("Alpha", UNDEFINED)
    assert "not defined" in card
    assert "no item was judged twice" in card
    assert "bg-bar" not in card


def test_a_card_says_when_the_overlap_does_not_stand_for_the_batch() -> None:
    chosen = UNDECIDED.but(representative=False, provenance={"overlap": "chosen by priority"})
    assert "chosen by priority" in markup.estimate_card("Alpha", chosen)


def test_a_value_just_below_its_threshold_is_not_shown_as_equal_to_it() -> None:
    close = Estimate(value=0.349, low=0.24, high=0.42, n=9)
    assert ".349" in markup.estimate_card("Alpha", close, limits=FLOOR, state="undecided")


def test_bound_keeps_the_decimals_it_was_written_with() -> None:
    assert markup.must_be(Bound.parse(">= 0.667")) == "≥ .667"


def test_an_estimate_without_interval_says_so() -> None:
    point = Estimate(value=0.5, low=math.nan, high=math.nan, n=3)
    assert "no interval" in markup.estimate_card("Alpha", point)


def test_a_count_is_drawn_from_nothing_to_its_floor() -> None:
    count = Estimate(value=150, low=150, high=150, n=200, about="batch", is_count=True)
    bar = markup.bar(count, Bound.parse(">= 5000"), "fail")
    assert place(bar, "fill") < place(bar, "dot") < place(bar, "edge")
    assert "150, must be ≥ 5,000, 200 items, fail" in bar


def test_a_count_above_its_floor_stands_right_of_the_line() -> None:
    count = Estimate(value=900, low=900, high=900, n=2000, about="batch", is_count=True)
    bar = markup.bar(count, Bound.parse(">= 50"), "pass")
    assert place(bar, "edge") < place(bar, "dot") < 100
