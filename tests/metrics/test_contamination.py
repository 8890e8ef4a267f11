"""Containment in a list: by brute force over small texts, and its limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.contamination import SMALLEST, TEMPLATE, held, isolated
from metrics.shingles import WORDS, of_texts

WORD = st.text("abcdef", min_size=1, max_size=2)
TEXTS = st.lists(st.lists(WORD, min_size=1, max_size=20).map(" ".join), min_size=1, max_size=8)
LISTED = "name the three largest rivers of southern europe today"


def runs(text: str) -> set[tuple[str, ...]]:
    words = text.split(" ")
    return {tuple(words[at : at + WORDS]) for at in range(max(len(words) - WORDS, 0) + 1)}


@given(TEXTS, TEXTS)
def test_share_held_equals_brute_force(texts: list[str], listed: list[str]) -> None:
    found = held(of_texts(texts), isolated(of_texts(listed)), threshold=0.5)
    wanted = {}
    for at, text in enumerate(texts):
        shares = [
            len(runs(text) & runs(one)) / len(runs(one)) for one in listed
            if len(runs(one)) >= SMALLEST
        ]  # fmt: skip
        if shares and max(shares) >= 0.5:
            wanted[at] = pytest.approx(max(shares))
    assert dict(zip(found.text.tolist(), found.share.tolist(), strict=True)) == wanted


def test_short_text_of_the_list_is_not_looked_for() -> None:
    assert not len(held(of_texts(["yes that is right"]), isolated(of_texts(["yes that is"]))).text)


def test_template_of_the_list_is_not_evidence() -> None:
    template = "please read the following question with care and then answer it"
    listed = [f"{template} {n} {n}x {n}y {n}z {n}a {n}b" for n in range(TEMPLATE + 1)]
    found = held(of_texts([f"{template} something new"]), isolated(of_texts(listed)))
    assert found.text.tolist() == []


@pytest.mark.parametrize("texts", [[], [""], ["?"]])
def test_odd_list_finds_nothing(texts: list[str]) -> None:
    assert not len(held(of_texts([LISTED]), isolated(of_texts(texts))).text)


def test_odd_text_is_in_no_list() -> None:
    assert not len(held(of_texts(["", "?", "👍"]), isolated(of_texts([LISTED]))).text)
