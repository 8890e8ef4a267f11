"""How often 95 % intervals of agreement contain the truth, and whether the status says so.

Usage: python benchmarks/coverage.py [--quick] [--runs N] [--all] [--once] [--only GRID] [--other]

Batches are drawn from models whose true coefficients are known in closed form; the code of
`metrics` computes value, interval and status for every one of them. A point of the grid is one
kind of batch. Printed for each point: the share of runs with status ok, coverage among them, and
coverage over all runs with an interval. The summary says how many points break 93 to 97 %: among
thousands some do so by the luck of the draw alone, so each that does is drawn anew with ten times
as many batches, and only these count (`--once` leaves that out).
`--other` runs the metrics and the workloads of `coverage_other` instead.
"""

import argparse
import time
from collections.abc import Iterator
from itertools import product

import numpy as np
from coverage_batches import MODELS, Point, simulated
from coverage_crews import crews, simulated_crew
from coverage_other import other_points, simulated_other, uneven_crews
from coverage_tally import Tally, joined, summary

ITEMS = (30, 50, 100, 200, 300, 1000)
ANNOTATORS = (2, 3, 5)
LABELS = (2, 3, 5)
TOP_SHARES = (0.0, 0.8, 0.97)  # share of the commonest label; 0 is balanced
AGREEMENT = (0.2, 0.6, 0.9)
GROUP_SIZES = (1, 4)
AGAIN = 10


def points(*, quick: bool) -> Iterator[Point]:
    grid = product(MODELS, GROUP_SIZES, ITEMS, ANNOTATORS, LABELS, TOP_SHARES, AGREEMENT)
    for number, parts in enumerate(grid):
        if not quick or number % 7 == 0:
            yield Point(*parts)


def repeats(*, quick: bool) -> Iterator[Point]:
    """Yield batches of large groups of near-repeats, every seventeenth point of a wide grid."""
    kinds = ((0.7, False), (0.95, False), (0.7, True), (1.0, True))
    sizes, groups = (6, 15, 40), (30, 50, 90, 130)
    shares, agreement = (0.0, 0.6, 0.75, 0.95), (0.05, 0.35, 0.8)
    grid = product(MODELS, sizes, groups, (2, 4), (2, 4), shares, agreement, kinds)
    for number, (model, size, many, people, labels, share, alpha, (alike, copies)) in enumerate(
        grid
    ):
        if number % (119 if quick else 17) == 0:
            yield Point(model, size, size * many, people, labels, share, alpha, alike, copies)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="every seventh point, fewer runs")
    parser.add_argument("--runs", type=int, default=0, help="batches a point")
    parser.add_argument("--all", action="store_true", help="print every point")
    parser.add_argument(
        "--once", action="store_true", help="do not draw anew what breaks 93 to 97 %%"
    )
    parser.add_argument("--only", choices=["process", "repeats", "annotators"])
    parser.add_argument("--other", action="store_true", help="further metrics, uneven workloads")
    parser.add_argument("--seed", type=int, default=20261122)
    chosen = parser.parse_args()
    generator = np.random.default_rng(chosen.seed)
    started = time.perf_counter()
    quick = chosen.quick
    grids = (
        ("process", points, simulated, 1000 if quick else 2000),
        ("repeats", repeats, simulated, 500 if quick else 2000),
        ("annotators", crews, simulated_crew, 200 if quick else 1000),
    )
    others = (
        ("process", other_points, simulated_other, 500 if quick else 2000),
        ("annotators", uneven_crews, simulated_crew, 200 if quick else 1000),
    )
    for about, kinds, run, runs in others if chosen.other else grids:
        if chosen.only not in {None, about}:
            continue
        found: list[tuple[str, Tally]] = []
        for kind in kinds(quick=quick):
            tallies = run(kind, chosen.runs or runs, generator)
            if not chosen.once and any(one.breaks for one in tallies.values()):
                again = [run(kind, chosen.runs or runs, generator) for _ in range(AGAIN)]
                tallies = {
                    name: joined([each[name] for each in again]) if one.breaks else one
                    for name, one in tallies.items()
                }
            for name, one in tallies.items():
                found.append((name, one))
                if chosen.all or one.breaks:
                    print(
                        f"{name:8s} {kind} ok {one.ok_share:.2f} coverage {one.ok_coverage:.3f} "
                        f"(all runs {one.coverage:.3f}) width {one.width:.3f}"
                    )
        summary(found, f"{about}, {chosen.runs or runs} runs a point")
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
