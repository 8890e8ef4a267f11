"""Blind double reviews: which items, by whom, without anybody seeing an answer."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np

from queries.batches import BatchInfo
from queries.draws import BLIND_REVIEW, Order, drawn_items, keys_of, record_orders
from queries.errors import InputError
from queries.scope import Scope, Viewer
from queries.store import Store

EACH: Final = 2
"""Reviewers of every item."""
COLUMNS: Final = (
    "item_id", "question", "stage", "selection", "reviewer_id", "blind", "value_after", "note",
    "prompt", "context", "responses",
)  # fmt: skip
"""Columns of a work order; with `value_after` filled in it can be imported as reviews."""


@dataclass(frozen=True, slots=True)
class BlindDraw:
    """A draw as it was recorded: its orders, and what it was drawn from."""

    batch: str
    seed: str
    items: int
    population: int
    barred: int
    orders: tuple[Order, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the draw as `batchgate sample draw --json` prints it."""
        return {
            "batch": self.batch,
            "purpose": BLIND_REVIEW,
            "seed": self.seed,
            "items": self.items,
            "population": self.population,
            "barred": self.barred,
            "orders": [
                {"order": one.plan_id, "reviewer_id": one.name, "items": list(one.items)}
                for one in self.orders
            ],
        }


def draw_blind_review(
    store: Store,
    batch: BatchInfo,
    viewer: Viewer,
    *,
    n: int,
    reviewers: Sequence[str],
    seed: str | None = None,
) -> BlindDraw:
    """Draw items at random, give each to two reviewers, and record who got what.

    Nobody gets an item they answered or reviewed before; an item that was drawn for a blind review
    before is not drawn again. Without a seed one comes from the digest of the batch and the number
    of earlier draws, so that anybody can repeat the draw.

    Raises
    ------
    InputError
        When there are fewer than two reviewers, or not enough items two of them may review.
    """
    _refuse(n, reviewers)
    found = keys_of(store, reviewers)
    keys = [found[name][0] for name in reviewers]
    earlier, drawn = drawn_items(store, batch.batch_id, BLIND_REVIEW)
    rows = store.fetch("drawable_items", Scope(batch.batch_id, viewer=viewer)).to_pylist()
    free = {
        row["item_id"]: [at for at, key in enumerate(keys) if key not in row["people"].split()]
        for row in rows
        if row["item_id"] not in drawn
    }
    open_items = [item for item, able in free.items() if len(able) >= EACH]
    if n > len(open_items):
        raise InputError(
            f"--n {n}: only {len(open_items)} of {len(rows)} items of batch {batch.batch_id!r} can "
            f"be reviewed by two of these {len(reviewers)} reviewers, who may not have answered or "
            f"reviewed them before ({len(drawn)} were drawn before); name more reviewers or fewer "
            "items"
        )
    seed = seed or sha256(f"{batch.digest} {BLIND_REVIEW} {earlier}".encode()).hexdigest()[:12]
    random = np.random.default_rng(int(sha256(seed.encode()).hexdigest()[:16], 16))
    chosen = [open_items[at] for at in random.permutation(len(open_items))[:n]]
    orders = _assigned(chosen, free, list(zip(keys, reviewers, strict=True)), random)
    stem = sha256(f"{batch.batch_id} {seed}".encode()).hexdigest()[:8]
    orders = [replace(one, plan_id=f"{stem}-{at}") for at, one in enumerate(orders, 1)]
    record_orders(
        store,
        orders,
        batch_id=batch.batch_id,
        batch_digest=batch.digest,
        seed=seed,
        probability=n / len(open_items),
        strangers={name: (key, salt) for name, (key, salt) in found.items() if salt is not None},
    )
    barred = len(free) - len(open_items)
    return BlindDraw(batch.batch_id, seed, n, len(open_items), barred, tuple(orders))


def write_orders(
    store: Store, batch: BatchInfo, viewer: Viewer, draw: BlindDraw, folder: Path
) -> list[Path]:
    """Write one CSV file a reviewer, with the texts and without any answer.

    Raises
    ------
    InputError
        When the folder holds a file of that name already, or cannot be written.
    """
    texts = _texts(store, batch, viewer, {item for one in draw.orders for item in one.items})
    written = []
    for one in draw.orders:
        safe = re.sub(r"[^\w.-]+", "_", one.name)[:60].strip("._")
        path = folder / f"{one.plan_id}-{safe}.csv"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8", newline="") as file:
                rows = csv.DictWriter(file, COLUMNS, restval="")
                rows.writeheader()
                rows.writerows(_lines(batch, one, texts))
        except OSError as error:
            raise InputError(f"{path}: {error.strerror}; name another folder with -o") from error
        written.append(path)
    return written


def _refuse(n: int, reviewers: Sequence[str]) -> None:
    if n < 1:
        raise InputError(f"--n {n}: at least 1 item must be drawn")
    twice = sorted({name for name in reviewers if list(reviewers).count(name) > 1})
    if twice:
        raise InputError(f"--reviewer names {', '.join(map(repr, twice))} twice")
    if len(reviewers) < EACH:
        raise InputError(
            f"{len(reviewers)} reviewers: every item goes to two; give --reviewer twice or more"
        )


def _assigned(
    items: Sequence[str],
    free: Mapping[str, Sequence[int]],
    people: Sequence[tuple[str, str]],
    random: np.random.Generator,
) -> list[Order]:
    """Give each item to the two of its free reviewers who have least to do, ties at random."""
    given: list[list[str]] = [[] for _ in people]
    for item in items:
        tie = random.random(len(people))
        able = sorted(free[item], key=lambda at: (len(given[at]), tie[at]))
        for at in able[:EACH]:
            given[at].append(item)
    # Each reviewer has an order of their own, so that place tells nothing about the other one.
    return [
        Order(key, name, tuple(items[at] for at in random.permutation(len(items))))
        for (key, name), items in zip(people, given, strict=True)
        if items
    ]


def _texts(
    store: Store, batch: BatchInfo, viewer: Viewer, items: set[str]
) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    scope = Scope(batch.batch_id, viewer=viewer)
    for item in items:
        rows = store.fetch("item", scope, item_id=item).to_pylist()
        texts = {name: rows[0][name] or "" for name in ("prompt", "context")} if rows else {}
        responses = store.fetch("responses", scope, item_id=item).to_pylist()
        texts["responses"] = "\n\n".join(
            f"[{row['response_id']}] {row['text'] or ''}" for row in responses
        )
        found[item] = texts
    return found


def _lines(
    batch: BatchInfo, order: Order, texts: Mapping[str, Mapping[str, str]]
) -> list[dict[str, str]]:
    return [
        {
            "item_id": item,
            "question": question.name,
            "stage": "blind_review",
            "selection": "random",
            "reviewer_id": order.name,
            "blind": "true",
            **texts[item],
        }
        for item in order.items
        for question in batch.questions
    ]
