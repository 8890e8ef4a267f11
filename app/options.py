"""Options of a metric as a person gives them, checked and made into keyword arguments."""

from collections.abc import Callable, Mapping
from typing import Any

from app.catalog import Metric
from queries.errors import InputError

NUMBERS: Mapping[str, Callable[[str], float | int]] = {
    "replicates": int,
    "seed": int,
    "confidence": float,
    "least": int,
    "floor": float,
    "enough": float,
    "words": int,
}


def arguments(metric: Metric, options: Mapping[str, str]) -> dict[str, Any]:
    """Check options against the catalogue and turn them into keyword arguments."""
    result: dict[str, Any] = {}
    for name, value in options.items():
        if name not in metric.options:
            known = ", ".join(metric.options)
            raise InputError(f"{metric.id} has no option {name!r}; its options are: {known}")
        allowed = metric.options[name]
        if allowed and value not in allowed:
            raise InputError(
                f"option {name}={value!r} of {metric.id} is not allowed; use one of:"
                f" {', '.join(allowed)}"
            )
        if name in NUMBERS:
            result[name] = _number(metric, name, value)
        elif name == "between":
            result[name] = _two_roles(value)
        elif name != "roles":
            result[name] = value
    return result


def _number(metric: Metric, name: str, value: str) -> float | int:
    try:
        number = NUMBERS[name](value)
    except ValueError:
        raise InputError(f"option {name}={value!r} of {metric.id} is not a number") from None
    if name == "confidence" and not 0 < number < 1:
        raise InputError(f"option confidence={value} must lie between 0 and 1, such as 0.95")
    if name == "replicates" and not 1 <= number <= 1_000_000:
        raise InputError(f"option replicates={value} must lie between 1 and 1000000")
    if name == "least" and number < 1:
        raise InputError(f"option least={value} must be 1 or more")
    if name == "words" and not 1 <= number <= 20:
        raise InputError(f"option words={value} must lie between 1 and 20")
    return number


def _two_roles(value: str) -> tuple[str, str]:
    roles = value.split(",")
    if len(roles) != 2 or not all(roles):
        raise InputError(f"option between={value!r} must name two roles, such as expert,model")
    return roles[0], roles[1]
