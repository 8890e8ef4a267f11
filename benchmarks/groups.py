"""How often members of a minority that sees items otherwise are flagged, and spammers among them.

Usage: python benchmarks/groups.py [--runs N] [--seed N]

Crews of 40 people, five answers to each of 1,600 items, three labels, accuracy .9 (standard
deviation .03). A minority gives another answer to a share of the items, as carefully as the rest.
Printed: the share of batches in which any member of the minority is flagged, where nobody named the
groups and where the records name them; then the share in which one spammer, a member of a named
group, is flagged.
"""

import argparse

import numpy as np
from annotators_crews import Batch, Crew, pairs_of, patterns_of

from metrics.flags import flags
from metrics.information import information_signals
from metrics.leave_one_out import agreement_signals
from metrics.own_group import as_divergence, own_group, with_their_group

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


def flagged(batch: Batch, size: int, *, named: bool) -> set[str]:
    patterns = patterns_of(CREW, batch)
    signals = [*agreement_signals(patterns, "q"), *information_signals(patterns, "q")]
    if named:
        pairs = pairs_of(CREW, batch)
        groups = {
            name: "few" if place < size else "many" for place, name in enumerate(pairs.annotators)
        }
        found = own_group(pairs, groups)
        if found is not None:
            signals = as_divergence(signals, with_their_group(found), "q")
    return {one.person for one in flags(signals)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20261123)
    chosen = parser.parse_args()
    draw = np.random.default_rng(chosen.seed)
    print("minority, share of items: flagged unnamed, flagged named; spammer in few, in many")
    for size in (4, 8, 12):
        few = {f"p{place:03d}" for place in range(size)}
        for share in (0.1, 0.2, 0.4):
            count = np.zeros(4)
            for _ in range(chosen.runs):
                honest = drawn(size, share, None, draw)
                count[:2] += [
                    bool(few & flagged(honest, size, named=named)) for named in (False, True)
                ]
                for place, spammer in enumerate((0, SPAMMER), start=2):
                    found = flagged(drawn(size, share, spammer, draw), size, named=True)
                    count[place] += f"p{spammer:03d}" in found
            told = " ".join(f"{each:.3f}" for each in count / chosen.runs)
            print(f"  {size:2d} {share} {told}", flush=True)


if __name__ == "__main__":
    main()
