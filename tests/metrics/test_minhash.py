"""Near copies: bands and signatures against their formulas, overlap against brute force."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.minhash import (
    THRESHOLD,
    NearCopies,
    detection_probability,
    near_copies,
    signatures,
    standard_deviation,
)
from metrics.shingles import CHARACTERS, WORDS, joined, of_texts, overlaps

WORD = st.text("abcdefgh", min_size=1, max_size=4)
TEXTS = st.lists(st.lists(WORD, min_size=1, max_size=12).map(" ".join), min_size=2, max_size=12)


def brute(text: str) -> set[str]:
    """Cut a text of words into runs, one at a time."""
    words = text.split(" ")
    return {" ".join(words[at : at + WORDS]) for at in range(max(len(words) - WORDS, 0) + 1)}


def jaccard(one: str, other: str) -> float:
    a, b = brute(one), brute(other)
    return len(a & b) / len(a | b)


def search(texts: list[str], threshold: float = THRESHOLD) -> NearCopies:
    found = of_texts(texts)
    return near_copies(found, signatures(found), threshold=threshold)


def pairs_of(overlap: float, n: int = 4000, size: int = 48) -> tuple[np.ndarray, np.ndarray]:
    """Return signatures of pairs that share a fixed part of all their shingles."""
    rng = np.random.default_rng(7)
    shared = round(size * 2 * overlap / (1 + overlap))
    common = rng.integers(0, 2**49, (n, shared), dtype=np.uint64)
    signed = []
    for _ in range(2):
        own = rng.integers(0, 2**49, (n, size - shared), dtype=np.uint64)
        value = np.sort(np.hstack([common, own]), axis=1).ravel()
        from metrics.shingles import Shingles

        signed.append(signatures(Shingles(np.arange(0, n * size + 1, size), value)))
    return signed[0], signed[1]


# D-05: Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, r = 5, b = 20.
@pytest.mark.parametrize(
    ("similarity", "wanted"),
    [
        (0.2, 0.006381), (0.3, 0.047494), (0.4, 0.186050), (0.5, 0.470051),
        (0.6, 0.801902), (0.7, 0.974781), (0.8, 0.999644),
    ],
)  # fmt: skip
def test_detection_probability_is_the_published_one(similarity: float, wanted: float) -> None:
    assert detection_probability(similarity) == pytest.approx(wanted, abs=5e-7)


def test_standard_deviation_of_a_signature_is_that_of_a_share() -> None:
    assert standard_deviation(0.5, 100) == pytest.approx(0.05)


@pytest.mark.parametrize("overlap", [0.2, 0.5, 0.8])
def test_signatures_estimate_the_overlap_without_bias(overlap: float) -> None:
    one, other = pairs_of(overlap)
    shared = round(48 * 2 * overlap / (1 + overlap))
    truth = shared / (96 - shared)
    estimates = (one == other).mean(axis=1)
    assert estimates.mean() == pytest.approx(truth, abs=0.01)


@pytest.mark.parametrize("overlap", [0.2, 0.5, 0.8])
def test_signatures_stray_no_more_than_the_formula(overlap: float) -> None:
    one, other = pairs_of(overlap)
    assert (one == other).mean(axis=1).std() <= 1.1 * standard_deviation(overlap)


def test_bands_find_pairs_as_often_as_the_formula() -> None:
    one, other = pairs_of(0.5)
    found = (one == other).reshape(len(one), 20, 5).all(axis=2).any(axis=1).mean()
    assert found == pytest.approx(detection_probability(0.5), abs=0.04)


@given(TEXTS)
def test_overlap_equals_brute_force(texts: list[str]) -> None:
    one, other = np.triu_indices(len(texts), 1)
    found = overlaps(of_texts(texts), one, other)
    wanted = [jaccard(texts[a], texts[b]) for a, b in zip(one, other, strict=True)]
    assert found == pytest.approx(wanted)


@given(TEXTS)
def test_size_equals_brute_force(texts: list[str]) -> None:
    assert of_texts(texts).sizes.tolist() == [len(brute(text)) for text in texts]


@given(TEXTS)
def test_joined_blocks_are_the_same_as_one(texts: list[str]) -> None:
    whole, parts = of_texts(texts), joined([of_texts(texts[:1]), of_texts(texts[1:])])
    assert (whole.start.tolist(), whole.value.tolist()) == (
        parts.start.tolist(),
        parts.value.tolist(),
    )


@given(TEXTS)
def test_no_pair_is_joined_below_the_threshold(texts: list[str]) -> None:
    found = search(texts)
    for at, near in enumerate(found.nearest):
        assert near < 0 or jaccard(texts[at], texts[near]) >= THRESHOLD


@given(TEXTS)
def test_equal_texts_are_always_of_one_cluster(texts: list[str]) -> None:
    found = search([*texts, *texts])
    assert found.cluster[: len(texts)].tolist() == found.cluster[len(texts) :].tolist()


def test_clusters_are_those_of_brute_force_on_planted_copies() -> None:
    rng = np.random.default_rng(3)
    words = [f"w{n}" for n in range(2000)]
    texts = [" ".join(rng.choice(words, 40)) for _ in range(60)]
    texts += [text.rsplit(" ", 2)[0] + " one two" for text in texts[:25]]
    found = search(texts)
    assert found.clusters == 60


def test_chain_of_copies_is_one_cluster() -> None:
    words = [f"w{n}" for n in range(60)]
    texts = [" ".join(words[at : at + 45]) for at in (0, 5, 10, 15)]
    assert (jaccard(texts[0], texts[3]) < THRESHOLD, search(texts).clusters) == (True, 1)


def test_text_without_blanks_is_cut_into_characters() -> None:
    text = "請用三句話解釋光合作用的過程並舉一個例子"
    assert of_texts([text]).sizes.tolist() == [len(text) - CHARACTERS + 1]


def test_near_copy_without_blanks_is_found() -> None:
    text = "請用三句話解釋光合作用的過程並舉一個例子說明它為什麼重要而且與呼吸作用有何不同之處"
    assert search([text, text + "嗎", "完全不同的一句話沒有任何共同之處真的沒有"]).clusters == 2


@pytest.mark.parametrize("text", ["", "?", "?!... !!", "👍🏽👩‍👩‍👧", "a", "a b", "x" * 1_000_000])
def test_odd_text_is_alone_beside_another(text: str) -> None:
    assert search([text, "an ordinary sentence of words"]).clusters == 2


def test_one_text_is_one_cluster() -> None:
    assert search(["a"]).clusters == 1


def test_no_text_is_no_cluster() -> None:
    assert search([]).clusters == 0
