"""People who copy from each other vote once."""

import numpy as np

from metrics.cliques import as_one_voter, copied_groups
from metrics.dawid_skene import one_coin
from metrics.latent_truth import hard_labels, label_sets
from metrics.signals import Signal


def sign(person: str, *others: str, is_enough: bool = True) -> Signal:
    return Signal(
        person=person, kind="dependence", question="q", side="high", value=1.0, expected=0.5,
        n=99, n_unit="items of the pair", p_value=1e-9, notable=True, detectable=True, note="",
        others=others, is_enough=is_enough,
    )  # fmt: skip


def test_only_sure_copies_make_a_group() -> None:
    loose = sign("c", "a", "b", is_enough=False)
    assert copied_groups([sign("a", "b", "c"), sign("b", "a", "c"), loose]) == (("a", "b"),)


def test_nobody_who_copied_leaves_everything_as_it_was() -> None:
    sets = label_sets(("x", "y"), ("a", "b"), [(0, 0, 0), (0, 1, 1), (1, 1, 0)])
    merged, voter = as_one_voter(sets, [])
    assert merged.annotator.tolist() == sets.annotator.tolist()
    assert (merged.start.tolist(), voter.tolist()) == (sets.start.tolist(), [0, 1])


def test_a_member_votes_where_the_first_did_not() -> None:
    sets = label_sets(("x", "y"), ("a", "b"), [(0, 0, 0), (0, 1, 1), (1, 1, 1)])
    merged, _ = as_one_voter(sets, [("a", "b")])
    assert (merged.annotator.tolist(), merged.label.tolist()) == ([0, 0], [0, 1])
    assert merged.start.tolist() == [0, 1, 2]


def test_copies_do_not_outvote_the_others() -> None:
    """Three share one person's guesses; two who are right nine times in ten judge by themselves."""
    draw = np.random.default_rng(1)
    truth = draw.integers(0, 2, 400)
    right = draw.random((400, 2)) < 0.9
    guess = np.where(draw.random(400) < 0.5, truth, 1 - truth)
    said = np.column_stack([np.where(right, truth[:, None], 1 - truth[:, None]), *[guess] * 3])
    members = [(item, who, int(said[item, who])) for item in range(400) for who in range(5)]
    sets = label_sets(("x", "y"), tuple("abcde"), members)
    merged, _ = as_one_voter(sets, [("c", "d", "e")])
    together, apart = (
        np.mean(hard_labels(each, one_coin(each)) == truth) for each in (sets, merged)
    )
    assert together < 0.7
    assert apart > 0.85
