"""How long Dawid and Skene's model takes, beside crowd-kit's, with as many steps.

Usage: python benchmarks/dawid_skene.py [--answers N] [--people N] [--labels N] [--steps N]
                                        [--python PATH] [--rounds N]

One million answers by 200 people, 5 labels, three an item. Both programs start from the shares of
votes and take the same number of steps; time is of the fit alone, answers in memory, best of the
rounds. `--python` names an interpreter that has crowd-kit 1.4 (no dependency of this project:
`python3 -m venv ck && ck/bin/pip install crowd-kit`); without it only our time is printed.
Printed: both times, on the wall and of the processor (compare these where other work runs), their
ratios, the largest difference of any chance, and the largest memory.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from metrics.dawid_skene import dawid_skene
from metrics.latent_truth import posteriors
from metrics.tables import LabelSets

THEIRS = """
import json, sys, time
import numpy as np, pandas as pd
from crowdkit.aggregation import DawidSkene
folder, steps, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rows = np.load(folder + "/answers.npy")
frame = pd.DataFrame(rows, columns=["task", "worker", "label"])
best = worked = float("inf")
for _ in range(rounds):
    model = DawidSkene(n_iter=steps, tol=-1)
    started, busy = time.perf_counter(), time.process_time()
    chances = model.fit_predict_proba(frame)
    best = min(best, time.perf_counter() - started)
    worked = min(worked, time.process_time() - busy)
chances = chances.sort_index()[sorted(chances.columns)]
np.save(folder + "/chances.npy", chances.to_numpy())
print(json.dumps({"seconds": best, "processor": worked}))
"""


def answers(number: int, people: int, labels: int, seed: int) -> np.ndarray:
    """Draw answers (item, person, label), sorted by item; three different people an item."""
    generator = np.random.default_rng(seed)
    items = number // 3
    truth = generator.integers(labels, size=items)
    skill = generator.beta(8, 3, size=people)
    first = generator.integers(people, size=items)
    person = first[:, None] + np.array([0, 1, 2]) * generator.integers(1, people // 3, (items, 1))
    person %= people
    right = generator.random((items, 3)) < skill[person]
    slips = generator.integers(labels, size=(items, 3))
    label = np.where(right, truth[:, None], slips)
    return np.column_stack([np.repeat(np.arange(items), 3), person.ravel(), label.ravel()])


def sets_of(rows: np.ndarray, people: int, labels: int) -> LabelSets:
    """Make every item a set of its own, as the worst case has it."""
    items = int(rows[-1, 0]) + 1
    return LabelSets(
        labels=tuple(map(str, range(labels))),
        annotators=tuple(map(str, range(people))),
        start=np.append(np.searchsorted(rows[:, 0], np.arange(items)), len(rows)),
        annotator=rows[:, 1],
        label=rows[:, 2],
        multiplicity=np.ones(items, dtype=np.int64),
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--answers", type=int, default=1_000_000)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--labels", type=int, default=5)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--python", type=Path)
    chosen = parser.parse_args()
    rows = answers(chosen.answers, chosen.people, chosen.labels, seed=1)
    sets = sets_of(rows, chosen.people, chosen.labels)
    ours = worked = float("inf")
    for _ in range(chosen.rounds):
        started, busy = time.perf_counter(), time.process_time()
        model = dawid_skene(sets, steps=chosen.steps, tolerance=-np.inf, starts=0)
        ours = min(ours, time.perf_counter() - started)
        worked = min(worked, time.process_time() - busy)
    # Ours asks for chances once more after the last step, so one step less gives the same.
    model = dawid_skene(sets, steps=chosen.steps - 1, tolerance=-np.inf, starts=0)
    chances = np.concatenate([block for _, block in posteriors(sets, model)])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(f"{len(rows):,} answers, {chosen.steps} steps: {ours:.2f} s"
          f" ({worked:.2f} s of processor), process {memory:.0f} MB")  # fmt: skip
    if chosen.python is None:
        print("crowd-kit: no interpreter was named")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        np.save(f"{folder}/answers.npy", rows)
        told = subprocess.run(
            [chosen.python, "-c", THEIRS, folder, str(chosen.steps), str(chosen.rounds)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        theirs = json.loads(told.stdout.splitlines()[-1])
        difference = np.abs(chances - np.load(f"{folder}/chances.npy")).max()
    print(f"crowd-kit: {theirs['seconds']:.2f} s ({theirs['processor']:.2f} s of processor),"
          f" {theirs['seconds'] / ours:.1f} times as long"
          f" ({theirs['processor'] / worked:.1f} times the processor);"
          f" chances differ by at most {difference:.1e}")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
