"""How often members of a minority that sees items otherwise are flagged, and spammers among them.

Usage: python benchmarks/groups.py [--runs N] [--seed N]

Crews of 40 people, five answers to each of 1,600 items, three labels, accuracy .9 (standard
deviation .03). A minority gives another answer to a share of the items, as carefully as the rest.
Printed: the share of batches in which any member of the minority is flagged, were groups unknown to
the product, where nobody named them, and where the records do; then the share in which one spammer,
a member of the minority or not, is flagged where nobody named groups and where the records do. Then
several spammers of 40, who answer alone or copy a share of their answers from each other: the share
of them that is flagged, were groups unknown, and with the product's search for unnamed groups.
"""

import argparse
from itertools import product

import numpy as np
from annotators_crews import Batch, Crew, pairs_of, patterns_of

from metrics.dependence import dependence_signals
from metrics.flags import flags
from metrics.information import information_signals
from metrics.leave_one_out import agreement_signals
from metrics.own_group import (
    apart_together,
    as_divergence,
    own_group,
    possible_members,
    with_their_group,
)

CREW = Crew(3, 0.9)
SPAMMER = 39


def drawn(size: int, share: float, spammer: int | None, draw: np.random.Generator) -> Batch:
    who = np.argsort(draw.random((CREW.items, CREW.people)), axis=1)[:, : CREW.per_item]
    accuracy = np.clip(draw.normal(CREW.accuracy, 0.03, CREW.people), 0.5, 0.99)
    truth = draw.integers(0, CREW.labels, (CREW.items, 1))
    differs = (who < size) & (draw.random((CREW.items, 1)) < share)
    seen = (truth + differs) % CREW.labels
    wrong = (seen + draw.integers(1, CREW.labels, who.shape)) % CREW.labels
    label = np.where(draw.random(who.shape) < accuracy[who], seen, wrong)
    if spammer is not None:
        label = np.where(who == spammer, draw.integers(0, CREW.labels, who.shape), label)
    return Batch(who, label, truth.ravel(), accuracy)


def colluding(crew: Crew, spammers: int, copied: float, draw: np.random.Generator) -> Batch:
    """Draw spammers who share a part of their guesses; the first people are the spammers."""
    who = np.argsort(draw.random((crew.items, crew.people)), axis=1)[:, : crew.per_item]
    accuracy = np.clip(draw.normal(crew.accuracy, 0.03, crew.people), 0.5, 0.99)
    truth = draw.integers(0, crew.labels, (crew.items, 1))
    wrong = (truth + draw.integers(1, crew.labels, who.shape)) % crew.labels
    label = np.where(draw.random(who.shape) < accuracy[who], truth, wrong)
    shared = np.broadcast_to(draw.integers(0, crew.labels, (crew.items, 1)), who.shape)
    own = draw.integers(0, crew.labels, who.shape)
    blind = np.where(draw.random(who.shape) < copied, shared, own)
    return Batch(who, np.where(who < spammers, blind, label), truth.ravel(), accuracy)


def flagged(batch: Batch, crew: Crew = CREW, few: int = 0) -> tuple[set[str], set[str], set[str]]:
    """Return who is flagged: groups unknown, unnamed, and named where `few` is the minority."""
    patterns, pairs = patterns_of(crew, batch), pairs_of(crew, batch)
    signals = [
        *agreement_signals(patterns, "q"),
        *information_signals(patterns, "q"),
        *dependence_signals(pairs, "q"),
    ]
    together = apart_together(pairs, possible_members(signals, "q"))
    names = {one: "few" if place < few else "many" for place, one in enumerate(pairs.annotators)}
    found = own_group(pairs, names)
    named = frozenset() if found is None else with_their_group(found)
    excused = (frozenset(), together, together | named)
    unknown, unnamed, known = (
        {one.person for one in flags(as_divergence(signals, each, "q"))} for each in excused
    )
    return unknown, unnamed, known


def minorities(runs: int, draw: np.random.Generator) -> None:
    print("minority, share of items: any of it flagged (3 ways); spammer in it, outside (2 ways)")
    for size, share in product((4, 8), (0.2, 0.4)):
        few = {f"p{place:03d}" for place in range(size)}
        count = np.zeros(7)
        for _ in range(runs):
            honest = flagged(drawn(size, share, None, draw), few=size)
            found = [bool(few & each) for each in honest]
            for spammer in (0, SPAMMER):
                seen = flagged(drawn(size, share, spammer, draw), few=size)[1:]
                found += [f"p{spammer:03d}" in each for each in seen]
            count += found
        print(f"  {size:2d} {share}", *(f"{each:.3f}" for each in count / runs), flush=True)


def collusion(runs: int, draw: np.random.Generator) -> None:
    print("labels, right, spammers, copied: share of them flagged, groups unknown and unnamed")
    for (labels, right), spammers, copied in product(
        ((3, 0.9), (2, 0.75), (5, 0.7)), (3, 6), (0.0, 0.5, 0.8, 1.0)
    ):
        crew = Crew(labels, right)
        several = {f"p{place:03d}" for place in range(spammers)}
        count = np.zeros(2)
        for _ in range(runs):
            found = flagged(colluding(crew, spammers, copied, draw), crew)
            count += [len(several & each) / spammers for each in found[:2]]
        shares = " ".join(f"{each:.3f}" for each in count / runs)
        print(f"  {labels} {right} {spammers} {copied} {shares}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20261123)
    chosen = parser.parse_args()
    draw = np.random.default_rng(chosen.seed)
    minorities(chosen.runs, draw)
    collusion(max(chosen.runs // 4, 1), draw)


if __name__ == "__main__":
    main()
