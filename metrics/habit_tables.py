"""Sufficient statistics of habits: what the metrics on how people work are functions of.

Shapes are given in capitals: A annotators; entry k of a column speaks of `count[k]` answers of
annotator `annotator[k]` (0..A-1).
"""

from dataclasses import dataclass

from metrics.tables import Integers


@dataclass(frozen=True, slots=True, eq=False)
class Paces:
    """How long answers took, on a logarithmic scale, by stratum (task, length).

    `log_bin` is floor(ln(milliseconds + 1) / ln(1.02)); `stratum` numbers what answers are
    compared within (0..S-1).
    """

    annotators: tuple[str, ...]
    annotator: Integers
    stratum: Integers
    log_bin: Integers
    count: Integers


@dataclass(frozen=True, slots=True, eq=False)
class TimeChecks:
    """What shows whether a person's times are times; each of shape (A,).

    Attributes
    ----------
    timed, zero, negative : answers with a time, with 0, and with less than 0
    commonest : answers with the person's commonest positive time
    followed, same : answers that follow another one of the person, and those of them with exactly
        the same positive time; 0 where the order is not known
    alike : pairs of answers of the person with exactly the same positive time
    """

    annotators: tuple[str, ...]
    timed: Integers
    zero: Integers
    negative: Integers
    commonest: Integers
    followed: Integers
    same: Integers
    alike: Integers


@dataclass(frozen=True, slots=True, eq=False)
class AnswerRuns:
    """Runs of one label in the order a person answered: `count[k]` runs of `length[k]` answers."""

    labels: tuple[str, ...]
    annotators: tuple[str, ...]
    annotator: Integers
    label: Integers
    length: Integers
    count: Integers


@dataclass(frozen=True, slots=True, eq=False)
class ShownChoices:
    """Answers by what was shown first: the chosen option's place (from 0), out of how many.

    `order` numbers the different orders in which options were shown.
    """

    annotators: tuple[str, ...]
    annotator: Integers
    order: Integers
    place: Integers
    options: Integers
    count: Integers


@dataclass(frozen=True, slots=True, eq=False)
class AgreementCourse:
    """Agreement with the others along a person's work.

    Answers in tenth `tenth[k]` (0..9) of the person's work on items with `votes[k]` answers, of
    which `same[k]` are the person's label, the person's own included.
    """

    annotators: tuple[str, ...]
    annotator: Integers
    tenth: Integers
    votes: Integers
    same: Integers
    count: Integers


@dataclass(frozen=True, slots=True, eq=False)
class RepeatedAnswers:
    """Answers of one person to one item, first and again: `same[k]` (0 or 1) of `count[k]`."""

    annotators: tuple[str, ...]
    annotator: Integers
    same: Integers
    count: Integers


@dataclass(frozen=True, slots=True, eq=False)
class GoldenCourse:
    """Answers to golden items, new ones and those that had been in use.

    `is_old[k]` and `is_right[k]` are 0 or 1; the item was answered by `answers[k]` people, of whom
    `right[k]` were right, the person included.
    """

    annotators: tuple[str, ...]
    annotator: Integers
    is_old: Integers
    is_right: Integers
    answers: Integers
    right: Integers
    count: Integers


@dataclass(frozen=True, slots=True, eq=False)
class SharedNotes:
    """Long notes of two people on the same items: entry k has `both[k]` items with a note of each.

    `identical[k]` of them have the same text, apart from case and blanks at its ends.
    """

    annotators: tuple[str, ...]
    first: Integers
    second: Integers
    both: Integers
    identical: Integers
