"""Topics of a reference that a batch lacks."""

import pytest

from app.text_coverage import text_coverage
from tests.app.test_duplicates import OWNER, Write, one, write

__all__ = ["write"]
THEMES = {
    "cooking": "boil onion garlic oven recipe soup butter pan",
    "travel": "train hotel airport luggage ticket passport island ferry",
    "code": "python function loop compile error variable class module",
    "garden": "tomato soil compost seed watering greenhouse rose hedge",
}


def prompts(*themes: str, each: int = 30) -> list[str]:
    """Return prompts of some themes; each lacks another word of its theme."""
    found = []
    for theme in themes:
        words = THEMES[theme].split()
        for number in range(each):
            left = [word for at, word in enumerate(words) if at != number % len(words)]
            found.append(f"question {theme}{number} about {' '.join(left)}")
    return found


def test_batch_on_all_topics_covers_all(write: Write) -> None:
    write(prompts(*THEMES), "reference")
    store, batch = write(prompts(*THEMES, each=20))
    assert one(store, batch, "text_coverage", against="reference").estimate.value == 1


def test_topic_that_lacks_is_named_by_its_words(write: Write) -> None:
    write(prompts(*THEMES), "reference")
    store, batch = write(prompts("cooking", "travel", "code"))
    found = text_coverage(store, batch, OWNER, "reference").topics
    lacking = [terms for terms, n in zip(found.terms, found.batch, strict=True) if n < found.least]
    assert lacking
    assert all(set(terms.split(", ")) <= set(THEMES["garden"].split()) for terms in lacking)


def test_example_of_a_topic_is_an_item_of_the_reference(write: Write) -> None:
    write(prompts(*THEMES), "reference")
    store, batch = write(prompts("cooking"))
    found = text_coverage(store, batch, OWNER, "reference")
    assert {name[:1] for name in found.examples} == {"i"}


def test_topics_are_the_same_when_looked_at_again(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(prompts(*THEMES), "reference")
    store, batch = write(prompts("cooking"))
    first = one(store, batch, "text_coverage", against="reference").estimate
    monkeypatch.setattr("app.text_coverage._search", None)
    assert one(store, batch, "text_coverage", against="reference").estimate == first


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        (["only one"], "need 50 or more"),
        ([f"w{n}" for n in range(60)], "words in common"),
        ([""], "has a prompt"),
    ],
)
def test_reference_without_topics_is_missing_input(
    write: Write, reference: list[str], reason: str
) -> None:
    write(reference, "reference")
    estimate = one(*write(["a b c"]), "text_coverage", against="reference").estimate
    assert (estimate.status, reason in estimate.reason) == ("missing_input", True)


def test_without_a_reference_it_is_missing_input(write: Write) -> None:
    assert one(*write(["a b c"]), "text_coverage").estimate.status == "missing_input"


def test_text_without_a_word_of_the_reference_is_outside(write: Write) -> None:
    write(prompts(*THEMES), "reference")
    store, batch = write(["?!", "👍", "光合作用", *prompts("cooking", each=6)])
    assert text_coverage(store, batch, OWNER, "reference").topics.outside == 3
