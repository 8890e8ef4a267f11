"""What a question is asked of: batch, population, filters and who looks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from queries.batches import State
from queries.errors import InputError
from queries.schema import ANNOTATION_DIMENSIONS, PEOPLE, ROLES

Parameters = dict[str, object]
POPULATIONS: Final = ("people", "all", *ROLES)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks. `vendors` None sees everything, otherwise only what those vendors did."""

    name: str
    vendors: frozenset[str] | None = None

    @classmethod
    def owner(cls) -> Self:
        """Return the one who sees everything: the command line, the importer."""
        return cls("owner")

    def sees_all_of(self, state: State) -> bool:
        """Whether nothing of a batch is hidden from this viewer."""
        return self.vendors is None or (
            bool(state.vendors) and self.vendors.issuperset(state.vendors)
        )

    def sees_some_of(self, state: State) -> bool:
        """Whether anything of a batch is shown to this viewer."""
        return self.vendors is None or not self.vendors.isdisjoint(state.vendors)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a question is asked of.

    Attributes
    ----------
    batch : batch id
    population : "people" (human and expert), "all", or one role
    roles : roles in place of a population
    where : pairs of dimension and value; `*` in a value stands for any text. Values of the same
        dimension are alternatives, different dimensions must all match. An item attribute chooses
        items, a dimension of the answer (week, vendor, annotator_group, guideline_version) answers.
    questions : names of questions; None for all
    rules : pairs of question and the rule by which its shipping label is made; majority else
    may_be_empty : a value in `where` that nothing has is an empty scope and not a mistake
    viewer : who looks
    """

    batch: str
    population: str = "people"
    roles: tuple[str, ...] | None = None
    where: tuple[tuple[str, str], ...] = ()
    questions: tuple[str, ...] | None = None
    rules: tuple[tuple[str, str], ...] = ()
    may_be_empty: bool = field(default=False, kw_only=True)
    viewer: Viewer = field(kw_only=True)

    def __post_init__(self) -> None:
        """Refuse populations and roles that do not exist."""
        if self.population not in POPULATIONS:
            allowed = ", ".join(POPULATIONS)
            message = f"no population is called {self.population!r}; there are {allowed}"
            raise InputError(message)
        unknown = [role for role in self.roles or () if role not in ROLES]
        if unknown or self.roles == ():
            found = ", ".join(map(repr, unknown)) or "none"
            message = f"roles must be among {', '.join(ROLES)}; found {found}"
            raise InputError(message)

    @property
    def population_name(self) -> str:
        """Name of the population as every row states it: people, all, human, human+model ..."""
        if self.roles is None:
            return self.population
        return "+".join(role for role in ROLES if role in self.roles)

    @property
    def population_roles(self) -> tuple[str, ...]:
        """Roles that belong to the population."""
        if self.roles is not None:
            return tuple(role for role in ROLES if role in self.roles)
        return {"people": PEOPLE, "all": ROLES}.get(self.population, (self.population,))

    def item_filters(self) -> dict[str, list[str]]:
        """Return item attribute -> values it may have."""
        return self._filters(of_answers=False)

    def answer_filters(self) -> dict[str, list[str]]:
        """Return dimension of the answer -> values it may have."""
        return self._filters(of_answers=True)

    def asks(self, question: str) -> bool:
        """Whether a question is in scope."""
        return self.questions is None or question in self.questions

    def _filters(self, *, of_answers: bool) -> dict[str, list[str]]:
        chosen: dict[str, list[str]] = {}
        for dimension, value in self.where:
            if (dimension in ANNOTATION_DIMENSIONS) == of_answers:
                chosen.setdefault(dimension, []).append(value)
        return chosen


def matches(column: str, parameter: str, values: Sequence[str]) -> tuple[str, Parameters]:
    """Return a condition that a column has one of the values, in which `*` is any text."""
    conditions, parameters = [], Parameters()
    for number, value in enumerate(values):
        name = f"{parameter}_{number}"
        if "*" in value:
            escaped = re.sub(r"([\\%_])", r"\\\1", value).replace("*", "%")
            conditions.append(f"{column} like ${name} escape '\\'")
            parameters[name] = escaped
        else:
            conditions.append(f"{column} = ${name}")
            parameters[name] = value
    return f"({' or '.join(conditions)})", parameters
