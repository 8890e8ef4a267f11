"""How often clean reviewers are flagged, and how often a rubber stamp and a severe one are caught.

    python -m benchmarks.reviewers [BATCHES]

A batch: answers of twelve annotators, one in five wrong, reviewed by a crew with unequal work; a
third is looked at again by two leads, a fifth blind by two of the crew, 60 answers have a known
truth. Clean reviewers differ: chances to catch and to refuse with a standard deviation of .05 and
.03, pace with one of .3 in its logarithm.
"""

import sys
from dataclasses import dataclass

import numpy as np

from metrics.review_flags import review_flags
from metrics.review_pace import BASE
from metrics.review_signals import review_signals
from metrics.review_tables import KnownReviews, ReviewMix, ReviewPairs, Reviews, ReviewTimes

ACCEPTED, OVERTURNED = "accepted", "overturned"


@dataclass(frozen=True)
class Crew:
    """Who reviews: chances to catch and to refuse, pace, share of the work."""

    finds: np.ndarray
    refuses: np.ndarray
    pace: np.ndarray
    work: np.ndarray


def crew(random: np.random.Generator, size: int, odd: str = "") -> Crew:
    found = Crew(
        finds=np.clip(random.normal(0.8, 0.05, size), 0.5, 1),
        refuses=np.clip(random.normal(0.06, 0.03, size), 0, 1),
        pace=np.exp(random.normal(0, 0.3, size)) * 40,
        work=random.dirichlet(np.full(size, 4.0)),
    )
    found.work[0] = 1 / size
    if odd == "rubber_stamp":
        found.finds[0], found.refuses[0], found.pace[0] = 0.1, 0.01, 6
    elif odd == "severe":
        found.finds[0], found.refuses[0] = 0.9, 0.35
    return found


def flags(random: np.random.Generator, people: Crew, answers: int) -> set[tuple[str, str]]:
    size = len(people.work)
    wrong = random.random(answers) < 0.2
    annotator = random.integers(0, 12, answers)
    golden = random.random(answers) < 60 / answers
    who = random.choice(size, answers, p=people.work / people.work.sum())
    week = np.arange(answers) * 8 // answers
    reviews, pairs, mix, times, known = ([] for _ in range(5))

    def verdict(one: int, at: int) -> str:
        chance = people.finds[one] if wrong[at] else people.refuses[one]
        return OVERTURNED if random.random() < chance else ACCEPTED

    for at in range(answers):
        name, label = f"r{who[at]:02d}", f"a{annotator[at]}"
        truth = "wrong" if wrong[at] else "right"
        found = verdict(who[at], at)
        place = ("q", "pre_review", "all")
        reviews.append((*place, "", name, label, "x", "", "", found, 1))
        mix.append((*place, name, "week", str(week[at]), found, 1))
        seconds = people.pace[who[at]] * np.exp(random.normal(0, 0.5))
        times.append(("q", "pre_review", name, found, int(np.log(seconds * 1000 + 1) / BASE), 1))
        if golden[at]:
            known.append(("q", "golden", "pre_review", name, truth, found, 1))
        if random.random() < 1 / 3:
            again = OVERTURNED if random.random() < (0.95 if wrong[at] else 0.02) else ACCEPTED
            pairs.append(
                (
                    *("q", "pre_review", "secondary_review", "random", "", name, "lead", label),
                    *(found, again, again, "true" if again == found else "false", 1),
                )
            )
        if random.random() < 1 / 5:
            one, other = sorted(random.choice(size, 2, replace=False))
            said = verdict(one, at), verdict(other, at)
            names = f"r{one:02d}", f"r{other:02d}"
            pairs.append(
                (
                    *("q", "blind_review", "blind_review", "random", "true", *names, label),
                    *(*said, said[1], "true" if said[0] == said[1] else "false", 1),
                )
            )
    signals = review_signals(
        Reviews.of(reviews),
        ReviewPairs.of(pairs),
        ReviewMix.of(mix),
        ReviewTimes.of(times),
        KnownReviews.of(known),
    )
    return {(one.person, one.flag) for one in review_flags(signals)}


def main() -> None:
    batches = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    print("clean crews: batches with anybody flagged")
    for size, answers in ((4, 600), (8, 1200), (20, 4000)):
        random = np.random.default_rng(1)
        hit = [flags(random, crew(random, size), answers) for _ in range(batches)]
        kinds = sorted({flag for one in hit for _, flag in one})
        share = np.mean([bool(one) for one in hit])
        print(f"{size:3} reviewers, {answers:5} reviews: {share:.1%}", *kinds)
    print("one odd reviewer of eight: flagged; batches with anybody else flagged")
    for odd in ("rubber_stamp", "severe"):
        for each in (30, 60, 150, 300):
            random = np.random.default_rng(2)
            hit = [flags(random, crew(random, 8, odd), each * 8) for _ in range(batches // 2)]
            caught = np.mean([("r00", odd) in one for one in hit])
            others = np.mean([any(who != "r00" for who, _ in one) for one in hit])
            print(f"{odd:12} with about {each:3} reviews: {caught:.0%}; {others:.1%}")


if __name__ == "__main__":
    main()
