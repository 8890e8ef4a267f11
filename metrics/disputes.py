"""Disputes: what arbitration makes of them, how long they stay open, and what comes of them."""

from dataclasses import dataclass

import numpy as np

from metrics.estimates import Estimate
from metrics.intervals import proportion
from metrics.review_tables import ACCEPTED, OVERTURNED, Disputes, ReviewPairs, names, total
from metrics.survival import Survival, kaplan_meier, median_time

ARBITRATION = "arbitration"
HOURS_A_DAY = 24.0


@dataclass(frozen=True, slots=True)
class Sided:
    """How often arbitration sided with one reviewer, by what the reviewer had decided."""

    reviewer: str
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class RuleDisputes:
    """Disputes under one rule, and how many came after one on it had been settled."""

    rule: str
    disputes: int
    repeats: Estimate


@dataclass(frozen=True, slots=True, eq=False)
class DisputeSummary:
    """All there is to say about the disputes of a batch.

    Attributes
    ----------
    total, still_open : disputes, and those no arbitration has decided
    rate : disputes among the answers reviewed
    annotator_upheld : share of arbitrations that left the answer under review as it was
    precision : share of arbitrated escalations that changed something, or led to a rule or example
    linked : share of disputes whose item a knowledge link leads on from
    ageing, median : Kaplan-Meier over days, and its median; None without times
    """

    total: int
    still_open: int
    annotator_upheld: Estimate
    precision: Estimate
    linked: Estimate
    ageing: Survival | None
    median: Estimate


def summary(disputes: Disputes) -> DisputeSummary:
    """Sum up the disputes of a batch.

    Does arbitration settle things, and how fast? Only disputed answers reach it, so none of its
    shares says anything about the rest. Escalation precision near 0 means everything is passed on,
    near 1 that only the certain cases are.
    """
    closed = disputes.take(disputes.state == "closed")
    escalated = closed.take(closed.reviewer != "")
    useful = (escalated.outcome == OVERTURNED) | (escalated.linked == "true")
    kept = total(closed, closed.outcome == ACCEPTED)
    ageing = survival(disputes)
    everything = int(disputes.count.sum())
    return DisputeSummary(
        total=everything,
        still_open=total(disputes, disputes.state == "open"),
        annotator_upheld=proportion(
            kept, kept + total(closed, closed.outcome == OVERTURNED), n_unit="arbitrations"
        ),
        precision=proportion(
            total(escalated, useful), int(escalated.count.sum()), n_unit="escalations"
        ),
        linked=proportion(
            total(disputes, disputes.linked == "true"), everything, n_unit="disputes"
        ),
        ageing=ageing,
        median=median_time(ageing)
        if ageing is not None
        else Estimate(
            n_unit="disputes",
            status="missing_input" if everything else "undefined",
            reason="no times of escalation and arbitration" if everything else "no disputes",
        ),
    )


def survival(disputes: Disputes, *, confidence: float = 0.95) -> Survival | None:
    """Share of disputes still open after so many days; None where no dispute has an age."""
    aged = disputes.take(disputes.age_hours >= 0)
    if not len(aged.count):
        return None
    hours, place = np.unique(aged.age_hours, return_inverse=True)
    ends = np.bincount(place, weights=aged.count * (aged.state == "closed"), minlength=len(hours))
    left = np.bincount(place, weights=aged.count * (aged.state == "open"), minlength=len(hours))
    return kaplan_meier(
        hours / HOURS_A_DAY,
        ends.round().astype(np.int64),
        left.round().astype(np.int64),
        confidence=confidence,
    )


def by_rule(disputes: Disputes) -> list[RuleDisputes]:
    """Disputes and repeats of every rule, most disputed first.

    Which rule keeps coming back after it was settled? A dispute repeats when another one on the
    same rule was closed before it opened; what names no rule cannot repeat and stands last.
    """
    found = []
    for rule in names(disputes.rule):
        own = disputes.take(disputes.rule == rule)
        n = int(own.count.sum())
        repeats = proportion(total(own, own.is_repeat == "true"), n, n_unit="disputes")
        found.append(RuleDisputes(rule, n, repeats))
    return sorted(found, key=lambda one: (not one.rule, -one.disputes, one.rule))


def sided_with(pairs: ReviewPairs) -> list[Sided]:
    """How often arbitration left each reviewer's decision standing, of the disputed ones.

    Whom does arbitration prove right? Near one half is what two careful people who differ would
    get; somebody who loses most is the one to look at.
    """
    before = pairs.take((pairs.stage_later == ARBITRATION) & (pairs.stage != ARBITRATION))
    found = []
    for reviewer in names(before.reviewer):
        own = before.take((before.reviewer == reviewer) & (before.upheld != ""))
        n = int(own.count.sum())
        if n:
            stood = total(own, own.upheld == "true")
            found.append(Sided(reviewer, proportion(stood, n, n_unit="arbitrations")))
    return found
