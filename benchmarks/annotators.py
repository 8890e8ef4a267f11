"""How often an honest crew is flagged, a spammer caught, and a posterior interval right.

Usage: python benchmarks/annotators.py [--runs N] [--seed N]

Crews of 40 people with unequal work (the busiest 20 times the idlest) and five answers an item are
drawn; the code of `metrics` gives signs, flags and posterior accuracies. Clean crews: the share of
batches with any flag on anybody. Spammers: the share of runs in which the one who answers at
random is flagged, and how often another is. Intervals: the share of people whose true rate lies in
theirs, for counts drawn from a prior, and for accuracies of whole batches that nobody knows the
truth of.
"""

import argparse
import time
from itertools import product

import numpy as np
from annotators_crews import Crew, drawn, judged, patterns_of

from metrics.posterior_accuracy import consensus_evidence, posterior_accuracy
from metrics.shrinkage import beta_binomial

CLEAN = (
    *(Crew(labels, mean, sd) for labels, mean in ((2, 0.75), (2, 0.9), (5, 0.7))
      for sd in (0.0, 0.03, 0.05)),
    Crew(2, 0.9, top_share=0.9),
    Crew(3, 0.8, top_share=0.7),
    Crew(5, 0.7, hard=0.3),
    Crew(2, 0.9, hard=0.3),
    Crew(3, 0.8, items=400),
    Crew(3, 0.8, items=6400),
    Crew(3, 0.8, per_item=3),
    Crew(3, 0.8, per_item=2),
    Crew(3, 0.8, people=8, items=400),
    Crew(5, 0.7, level="ordinal"),
    Crew(3, 0.8, golden=20),
    Crew(3, 0.9, golden=20, traps=10),
    Crew(3, 0.8, traps=30),
)  # fmt: skip
CAUGHT = (
    *(Crew(5, 0.7, spam=spam, spam_items=50) for spam in ("uniform", "constant")),
    *(Crew(2, 0.9, spam=spam, spam_items=50) for spam in ("uniform", "constant")),
    *(Crew(2, 0.75, spam=spam, spam_items=400) for spam in ("uniform", "constant")),
    Crew(5, 0.7, spam="uniform", spam_items=50, people=10, items=400),
    Crew(2, 0.75, spam="uniform", spam_items=400, per_item=3),
    Crew(5, 0.7, spam="uniform", spam_items=50, level="ordinal"),
    *(Crew(2, 0.75, spam="uniform", spam_items=n) for n in (50, 100, 200)),
    *(Crew(5, 0.7, spam="uniform", spam_items=n) for n in (10, 20, 30)),
)


def clean(crew: Crew, runs: int, generator: np.random.Generator) -> float:
    return float(np.mean([bool(judged(crew, generator)[0]) for _ in range(runs)]))


def caught(crew: Crew, runs: int, generator: np.random.Generator) -> tuple[float, float, float]:
    """Return how often the spammer is flagged, another is, and the spammer is said to be unseen."""
    found = np.zeros((runs, 3))
    for run in range(runs):
        raised, unseen = judged(crew, generator)
        people = {one.person for one in raised}
        found[run] = "p000" in people, bool(people - {"p000"}), "p000" in unseen
    return tuple(found.mean(axis=0))  # type: ignore[return-value]


def coverage_of_counts(
    people: int, mean: float, sd: float, runs: int, generator: np.random.Generator
) -> float:
    weight = mean * (1 - mean) / sd**2 - 1
    inside = []
    for _ in range(runs):
        rate = generator.beta(mean * weight, (1 - mean) * weight, people)
        trials = np.clip(generator.pareto(1.0, people) * 20, 1, 1000).astype(np.int64)
        hits = generator.binomial(trials, rate)
        found = beta_binomial(hits.astype(np.float64), trials.astype(np.float64))
        inside.append(np.mean((found.low <= rate) & (rate <= found.high)))
    return float(np.mean(inside))


def coverage_of_batches(crew: Crew, runs: int, generator: np.random.Generator) -> float:
    inside = []
    for _ in range(runs):
        batch = drawn(crew, generator)
        evidence = consensus_evidence(patterns_of(crew, batch))
        if evidence is None:
            continue
        _, found, _ = posterior_accuracy([evidence])
        inside.append(np.mean((found.low <= batch.accuracy) & (batch.accuracy <= found.high)))
    return float(np.mean(inside))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--only", choices=["clean", "caught", "coverage"])
    chosen = parser.parse_args()
    generator = np.random.default_rng(chosen.seed)
    started = time.perf_counter()
    if chosen.only in {None, "clean"}:
        print("batches of honest crews with any flag")
        for crew in CLEAN:
            print(f"  {clean(crew, chosen.runs, generator):.3f}  {crew}", flush=True)
    if chosen.only in {None, "caught"}:
        print("spammers: flagged, somebody else flagged, said not to be visible")
        for crew in CAUGHT:
            own, other, unseen = caught(crew, chosen.runs, generator)
            print(f"  {own:.3f} {other:.3f} {unseen:.3f}  {crew}", flush=True)
    if chosen.only in {None, "coverage"}:
        print("intervals that contain the true rate")
        kinds = product((10, 40, 200), ((0.75, 0.1), (0.8, 0.05), (0.9, 0.05), (0.95, 0.03)))
        for people, (mean, sd) in kinds:
            share = coverage_of_counts(people, mean, sd, chosen.runs, generator)
            print(f"  {share:.3f}  counts, {people} people, rates {mean} sd {sd}", flush=True)
        for crew in (Crew(2, 0.75), Crew(2, 0.9), Crew(5, 0.7), Crew(3, 0.8, 0.1)):
            share = coverage_of_batches(crew, chosen.runs, generator)
            print(f"  {share:.3f}  batches without known truth, {crew}", flush=True)
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
