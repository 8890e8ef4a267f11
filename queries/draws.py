"""Samples that were drawn: plans and their items in the ledger. Append only."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from queries import ledger
from queries.catalogue import now
from queries.errors import InputError

if TYPE_CHECKING:
    from queries.store import Store

BLIND_REVIEW: Final = "blind-review"


@dataclass(frozen=True, slots=True)
class Order:
    """The items of one reviewer, in the order of the work.

    `plan_id` is given when the order is recorded, `key` and `name` are the reviewer's.
    """

    key: str
    name: str
    items: tuple[str, ...]
    plan_id: str = ""


def keys_of(store: "Store", names: Sequence[str]) -> dict[str, tuple[str, str | None]]:
    """Return name -> key, and the salt of a new key for people the store does not know yet."""
    with store.catalogue.read() as cursor:
        known = ledger.read_people(cursor, list(names))
    found: dict[str, tuple[str, str | None]] = {}
    for name in names:
        salt = None if name in known else secrets.token_hex(16)
        key = known.get(name) or sha256(f"{salt}{name}".encode()).hexdigest()[:16]
        found[name] = key, salt
    return found


def drawn_items(store: "Store", batch_id: str, population: str) -> tuple[int, set[str]]:
    """Return how many plans a batch has for a population, and the items they hold."""
    values = {"batch_id": batch_id, "population": population}
    with store.catalogue.read() as cursor:
        plans = cursor.execute(
            "select count(distinct seed) from catalogue.sampling_plan"
            " where batch_id = $batch_id and population = $population",
            values,
        ).fetchone()
        rows = cursor.execute(
            "select item_id from catalogue.sampling_draw where plan_id in"
            " (select plan_id from catalogue.sampling_plan"
            " where batch_id = $batch_id and population = $population)",
            values,
        ).fetchall()
    return int(plans[0]) if plans else 0, {str(row[0]) for row in rows}


def record_orders(
    store: "Store",
    orders: Sequence[Order],
    *,
    batch_id: str,
    batch_digest: str,
    seed: str,
    probability: float,
    strangers: Mapping[str, tuple[str, str]],
) -> None:
    """Write the orders of one draw in one transaction.

    Parameters
    ----------
    probability : chance with which each item was drawn
    strangers : name -> key and salt of reviewers the store does not know yet

    Raises
    ------
    InputError
        When a draw of that seed is there already.
    """
    at = now()
    with store.catalogue.write("drawing a sample") as cursor:
        row = cursor.execute(
            "select count(*) from catalogue.sampling_plan where batch_id = $batch_id"
            " and population = $population and seed = $seed",
            {"batch_id": batch_id, "population": BLIND_REVIEW, "seed": seed},
        ).fetchone()
        if row and row[0]:
            raise InputError(
                f"batch {batch_id!r} has a {BLIND_REVIEW} draw with seed {seed} already; leave "
                "--seed out for a new one"
            )
        if strangers:
            ledger.write_people(cursor, strangers, at)
        for order in orders:
            values = {
                "plan_id": order.plan_id,
                "batch_id": batch_id,
                "population": BLIND_REVIEW,
                "strata": f'{{"reviewer": "{order.key}"}}',
                "items": len(order.items),
                "seed": seed,
                "batch_digest": batch_digest,
                "at": at,
            }
            cursor.execute(
                "insert into catalogue.sampling_plan (plan_id, batch_id, population, strata,"
                " items, looks, seed, batch_digest, created_at) values ($plan_id, $batch_id,"
                " $population, $strata, $items, 1, $seed, $batch_digest, $at)",
                values,
            )
            cursor.execute(
                "insert into catalogue.sampling_draw (plan_id, item_id, look,"
                " inclusion_probability) select $plan_id, unnest($chosen::varchar[]), 1, $p",
                {"plan_id": order.plan_id, "chosen": list(order.items), "p": probability},
            )
