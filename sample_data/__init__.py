"""Small invented batches of every kind, with planted defects, for the demo and the tests.

The files are written by `python -m sample_data.generate`; what was planted where stands in
`PLANTED.toml` and, for people, in `README.md`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Addition:
    """A later part of a sample batch: files with their own mapping, or of a format that has one."""

    files: tuple[str, ...]
    mapping: str | None = None
    format: str = "auto"


@dataclass(frozen=True, slots=True)
class SampleBatch:
    """One sample batch: its files, how they are read, and what it shows.

    Attributes
    ----------
    files, mapping, standard : names of files in `folder()`; no standard means that of the kind
    settings : facts of the batch, as `batchgate import --set` takes them
    additions : parts to add after the first import
    shows : one sentence
    """

    batch_id: str
    kind: str
    files: tuple[str, ...]
    mapping: str
    shows: str
    settings: Mapping[str, str] = field(default_factory=dict)
    standard: str | None = None
    additions: tuple[Addition, ...] = ()


def _triage(batch_id: str, shows: str, submitted_at: str, attempt: str) -> SampleBatch:
    return SampleBatch(
        batch_id,
        "qa",
        (f"{batch_id}.csv.gz",),
        "triage.mapping.toml",
        shows,
        {
            "dataset": "ticket-triage",
            "overlap_design": "all",
            "planned_items": "480",
            "owner": "data-ops",
            "vendor": "harbourline",
            "attempt": attempt,
            "submitted_at": submitted_at,
        },
    )


def folder() -> Path:
    """Return the folder that holds the sample files, wherever the package is installed."""
    return Path(str(files("sample_data")))


def _facts(dataset: str, design: str, planned: int, **more: str) -> dict[str, str]:
    return {
        "dataset": dataset,
        "overlap_design": design,
        "planned_items": str(planned),
        "owner": "data-ops",
        "attempt": "1",
        **more,
    }


BATCHES = (
    SampleBatch(
        "preference-rejected",
        "preference",
        ("preference-rejected.csv.gz",),
        "preference-table.mapping.toml",
        "The first attempt at assistant-preferences: rushed, agreement hardly above chance.",
        _facts(
            "assistant-preferences", "all", 320, vendor="quillworks", guideline_version="pref-3.0"
        ),
    ),
    SampleBatch(
        "preference-accepted",
        "preference",
        ("preference-accepted.jsonl.gz",),
        "preference-accepted.mapping.toml",
        "A clean second attempt: every pair judged by two or three people, nothing to object to.",
        _facts(
            "assistant-preferences",
            "all",
            450,
            vendor="harbourline",
            guideline_version="pref-3.1",
            attempt="2",
            supersedes="preference-rejected",
            template_version="pairs-1.2",
            example_version="examples-7",
            opened_at="2026-06-05",
            submitted_at="2026-06-19",
        ),
    ),
    SampleBatch(
        "preference-undecided",
        "preference",
        ("preference-undecided.csv.gz",),
        "preference-undecided.mapping.toml",
        "Close comparisons: the interval of alpha lies on both sides of the threshold.",
        _facts("tone-preferences", "all", 150, vendor="quillworks", guideline_version="pref-3.1"),
    ),
    SampleBatch(
        "preference-easy-overlap",
        "preference",
        ("preference-easy-overlap.csv.gz",),
        "preference-table.mapping.toml",
        "Second judgements were spent on easy prompts, so a high alpha speaks for those only.",
        _facts(
            "everyday-preferences",
            "priority",
            480,
            vendor="harbourline",
            guideline_version="pref-3.1",
        ),
    ),
    SampleBatch(
        "sft-demonstrations",
        "sft",
        ("sft-demonstrations.jsonl.gz",),
        "sft-demonstrations.mapping.toml",
        "Rated demonstrations: correctness and safety are firm, style is a matter of taste.",
        _facts("demonstrations", "all", 250, vendor="harbourline", guideline_version="rubric-2.0"),
    ),
    SampleBatch(
        "sft-boundaries",
        "sft",
        ("sft-boundaries.csv.gz",),
        "sft-boundaries.mapping.toml",
        "A set for training on boundaries in which the risky kinds hardly came.",
        _facts("boundaries", "all", 180, vendor="quillworks", guideline_version="bounds-1.1"),
        standard="sft-boundaries.standard.toml",
    ),
    SampleBatch(
        "evaluation-list",
        "sft",
        ("evaluation-list.csv",),
        "sft-flooded.mapping.toml",
        "What an evaluation asks and expects, and what must therefore never be trained on.",
        _facts("evaluations", "unknown", 40, guideline_version="rubric-2.0"),
    ),
    SampleBatch(
        "sft-flooded",
        "sft",
        ("sft-flooded.csv",),
        "sft-flooded.mapping.toml",
        "A third of the prompts are near copies of three, and some come from an evaluation.",
        _facts(
            "demonstrations", "unknown", 260, vendor="quillworks", guideline_version="rubric-2.0"
        ),
        standard="sft-flooded.standard.toml",
    ),
    SampleBatch(
        "sft-polished",
        "sft",
        ("sft-polished.csv.gz",),
        "sft-checked.mapping.toml",
        "Refuses what is harmless, begins with the same phrase, and hides unsafe items in a mean.",
        _facts("assistant-answers", "all", 240, vendor="quillworks", guideline_version="sft-2.0"),
        standard="sft-polished.standard.toml",
    ),
    SampleBatch(
        "support-intents",
        "sft",
        ("support-intents.csv",),
        "support-intents.mapping.toml",
        "Good annotators and one who clicks at random, six times as fast as the others.",
        _facts(
            "support-messages", "all", 330, vendor="harbourline", guideline_version="intent-1.0"
        ),
    ),
    SampleBatch(
        "safety-screening",
        "qa",
        ("safety-screening.csv.gz",),
        "safety-screening.mapping.toml",
        "Nearly everything is harmless: 96 % raw agreement, AC1 above .9, alpha near .4.",
        _facts(
            "release-screening", "all", 700, vendor="harbourline", guideline_version="screen-2.2"
        ),
    ),
    SampleBatch(
        "qa-inspection",
        "qa",
        ("qa-inspection.tsv.gz",),
        "qa-inspection.mapping.toml",
        "Inspectors, an expert and a model judge drafts; golden and trap items test the people.",
        _facts("draft-inspection", "all", 350),
    ),
    SampleBatch(
        "review-chain",
        "qa",
        ("review-chain.csv.gz",),
        "review-chain.mapping.toml",
        "Answers reviewed in five stages: one reviewer waves all through, one checks own work.",
        _facts("draft-review", "all", 700, vendor="harbourline", guideline_version="review-2.0"),
        additions=(
            Addition(
                (
                    "review-chain/reviews.csv.gz",
                    "review-chain/knowledge_links.csv",
                    "review-chain/events.csv",
                ),
                format="bundle",
            ),
        ),
    ),
    SampleBatch(
        "ranking-candidates",
        "ranking",
        ("ranking-candidates.csv",),
        "ranking-candidates.mapping.toml",
        "Three or four candidates in order by three people each.",
        _facts("candidate-groups", "all", 160, vendor="harbourline", guideline_version="rank-1.1"),
        additions=(
            Addition(
                ("ranking-candidates.responses.csv.gz",),
                "ranking-candidates.responses.mapping.toml",
            ),
        ),
    ),
    SampleBatch(
        "reward-scores",
        "reward",
        ("reward-scores.csv",),
        "reward-scores.mapping.toml",
        "Scores from 0 to 100 in a wide table; one scorer is far more severe than the rest.",
        _facts("answer-scores", "all", 210, vendor="harbourline", guideline_version="score-1.3"),
    ),
    SampleBatch(
        "reward-steps",
        "reward",
        ("reward-steps.csv",),
        "reward-steps.mapping.toml",
        "Worked problems judged step by step; the steps of a solution belong together.",
        _facts("worked-problems", "all", 360, vendor="harbourline", guideline_version="steps-0.9"),
    ),
    SampleBatch(
        "messy-export",
        "preference",
        ("messy-export.csv",),
        "messy-export.mapping.toml",
        "A table as it comes by mail: the import says what it dropped, changed and ignored.",
        _facts("walk-through", "all", 130, vendor="harbourline", guideline_version="pref-3.1"),
    ),
    SampleBatch(
        "edge-one-annotator",
        "preference",
        ("edge-one-annotator.csv",),
        "preference-table.mapping.toml",
        "One annotator only: there is nobody to agree with.",
        _facts("edge-cases", "all", 24, vendor="harbourline", guideline_version="pref-3.1"),
    ),
    SampleBatch(
        "edge-all-agree",
        "preference",
        ("edge-all-agree.csv",),
        "preference-table.mapping.toml",
        "Everybody always gives the same label, so agreement beyond chance does not exist.",
        _facts("edge-cases", "all", 24, vendor="harbourline", guideline_version="pref-3.1"),
    ),
    _triage(
        "triage-reference",
        "What later batches of ticket triage are compared with: nothing moved yet.",
        "2026-03-20",
        "1",
    ),
    _triage(
        "triage-guideline",
        "In the middle of the batch the guideline became stricter; nothing else changed.",
        "2026-04-20",
        "2",
    ),
    _triage(
        "triage-people",
        "Labels moved, but not the judgement of anybody: half of the team is new and stricter.",
        "2026-05-20",
        "3",
    ),
    _triage(
        "triage-hidden",
        "Labels seem to stand still: easier items hide that the guideline became stricter.",
        "2026-06-20",
        "4",
    ),
)
