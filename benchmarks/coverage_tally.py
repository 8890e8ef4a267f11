"""True values of the simulated batches, and the counting of hits; see `coverage.py`."""

from dataclasses import dataclass

import numpy as np

from metrics.tables import Floats


def label_shares(labels: int, top_share: float) -> Floats:
    """Share of each label: the first as given, the others alike; all alike where it is 0."""
    if not top_share:
        return np.full(labels, 1.0 / labels)
    rest = (1.0 - top_share) / (labels - 1)
    return np.array([top_share, *[rest] * (labels - 1)])


def values_of(shares: Floats, alpha: float) -> dict[str, float]:
    blind = float((shares**2).sum())
    observed = alpha + (1.0 - alpha) * blind
    chance = float((shares * (1.0 - shares)).sum()) / (len(shares) - 1)
    return {"alpha": alpha, "ac1": (observed - chance) / (1.0 - chance), "percent": observed}


@dataclass
class Tally:
    """Outcomes of the runs of one point and coefficient."""

    ok_share: float
    ok_coverage: float
    coverage: float
    width: float

    @property
    def breaks(self) -> bool:
        """Whether coverage among batches with status ok is not 93 to 97 %."""
        return self.ok_share >= 0.2 and not 0.93 <= self.ok_coverage <= 0.97


def tally(parts: list[tuple[Floats, ...]], enough: np.ndarray, truth: float) -> Tally:
    value, low, high, beyond = (np.concatenate(column) for column in zip(*parts, strict=True))
    there = np.isfinite(value) & np.isfinite(low) & np.isfinite(high)
    hit = (low <= truth + 1e-12) & (truth - 1e-12 <= high)
    ok = enough & there & (beyond <= 1.0)
    return Tally(
        ok_share=float(ok.mean()),
        ok_coverage=float(hit[ok].mean()) if ok.any() else np.nan,
        coverage=float(hit[there].mean()) if there.any() else np.nan,
        width=float(np.median((high - low)[there])) if there.any() else np.nan,
    )


def joined(tallies: list[Tally]) -> Tally:
    """Return the tally of several sets of runs of equal size together."""
    ok = np.array([one.ok_share for one in tallies])
    hits = np.array([one.ok_coverage for one in tallies])
    return Tally(
        ok_share=float(ok.mean()),
        ok_coverage=float(np.nansum(ok * hits) / ok.sum()),
        coverage=float(np.mean([one.coverage for one in tallies])),
        width=float(np.median([one.width for one in tallies])),
    )


def summary(found: list[tuple[str, Tally]], title: str) -> None:
    print(f"\n{title}")
    for name in dict.fromkeys(name for name, _ in found):
        every = [one for kind, one in found if kind == name]
        for label, low, high in (("ok in 90 % of runs or more", 0.9, 1.1), ("split", 0.2, 0.9)):
            ok = [one.ok_coverage for one in every if low <= one.ok_share < high]
            if not ok:
                continue
            under, over = sum(c < 0.93 for c in ok), sum(c > 0.97 for c in ok)
            print(
                f"  {name:26s} {label:27s}: {len(ok):4d} of {len(every)} points, coverage "
                f"{min(ok):.3f} to {max(ok):.3f}, mean {np.mean(ok):.3f}; "
                f"below .93: {under}, above .97: {over}"
            )
