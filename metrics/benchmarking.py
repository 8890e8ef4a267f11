"""Words for a coefficient that take its uncertainty into account (Gwet's benchmarking)."""

from dataclasses import dataclass
from math import isnan
from typing import Literal

from scipy.special import ndtr

Scale = Literal["landis_koch", "fleiss", "altman"]

# Lower end and name of each class, best first. Landis and Koch (1977) 10.2307/2529310; Fleiss
# (1981), Statistical methods for rates and proportions; Altman (1991), Practical statistics for
# medical research.
SCALES: dict[Scale, tuple[tuple[float, str], ...]] = {
    "landis_koch": (
        (0.8, "almost perfect"),
        (0.6, "substantial"),
        (0.4, "moderate"),
        (0.2, "fair"),
        (0.0, "slight"),
        (-1.0, "poor"),
    ),
    "fleiss": ((0.75, "excellent"), (0.4, "intermediate to good"), (-1.0, "poor")),
    "altman": (
        (0.8, "very good"),
        (0.6, "good"),
        (0.4, "moderate"),
        (0.2, "fair"),
        (-1.0, "poor"),
    ),
}
ASSURANCE = 0.95


@dataclass(frozen=True, slots=True)
class BenchmarkClass:
    """One class of a scale.

    Attributes
    ----------
    name : word of the scale
    from_value : lower end of the class
    probability : that the true coefficient is in this class or a better one
    """

    name: str
    from_value: float
    probability: float


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A coefficient in words.

    Attributes
    ----------
    name : best class that is reached with the assurance asked for
    probability : that the true coefficient is in this class or a better one
    point_name : class of the point estimate, for comparison
    classes : all classes, best first
    """

    name: str
    probability: float
    point_name: str
    classes: tuple[BenchmarkClass, ...]


def benchmark(
    coefficient: float,
    standard_error: float,
    *,
    scale: Scale = "landis_koch",
    assurance: float = ASSURANCE,
) -> Benchmark | None:
    """Class of a scale that a coefficient reaches with enough probability.

    What may we call this agreement, given how uncertain it is? A class by the point estimate
    promotes small samples at random. It misleads as a gate: the classes are conventions, the same
    for a toxicity flag and for a matter of taste; a standard sets a threshold of its own.

    Parameters
    ----------
    coefficient : float, -1 to 1
        A chance-corrected coefficient: alpha, AC1, kappa.
    standard_error : float, above 0
    scale : {"landis_koch", "fleiss", "altman"}
    assurance : float in (0, 1)
        Probability that the class must reach.

    Returns
    -------
    Benchmark or None
        None where the coefficient or its error is undefined or the error is 0: there is nothing
        to be sure of then.

    Raises
    ------
    ValueError
        When the coefficient is outside -1 .. 1, the error negative, or the assurance not in
        (0, 1).

    References
    ----------
    Gwet (2014), Handbook of inter-rater reliability, 4th ed., chapter 6; R irrCAC, vignette
    "Benchmarking agreement coefficients"

    Examples
    --------
    The point estimate reads substantial, but only moderate is sure.

    >>> words = benchmark(0.77544, 0.14295)
    >>> words.point_name, words.name, round(words.probability, 5)
    ('substantial', 'moderate', 0.99542)
    """
    if not 0 < assurance < 1:
        raise ValueError(f"assurance {assurance} must be between 0 and 1, such as 0.95")
    if coefficient < -1 or coefficient > 1 or standard_error < 0:
        raise ValueError(
            f"coefficient {coefficient} and standard error {standard_error} must be "
            "in -1 .. 1 and at least 0"
        )
    if isnan(coefficient) or not standard_error > 0:
        return None
    classes = tuple(
        BenchmarkClass(name, low, _at_least(coefficient, standard_error, low))
        for low, name in SCALES[scale]
    )
    # The lowest class reaches down to -1, where the probability is 1.
    reached = next(entry for entry in classes if entry.probability > assurance)
    point = next((e for e in classes if coefficient >= e.from_value), classes[-1])
    return Benchmark(reached.name, reached.probability, point.name, classes)


def _at_least(coefficient: float, standard_error: float, low: float) -> float:
    """P(true coefficient >= low) for a normal truncated to -1 .. 1."""
    if low <= -1:
        return 1.0
    above = ndtr((coefficient - low) / standard_error)
    above -= ndtr((coefficient - 1) / standard_error)
    inside = ndtr((coefficient + 1) / standard_error) - ndtr((coefficient - 1) / standard_error)
    return float(above / inside)
