"""Duplicates: texts that are there more than once, in this batch, in others, in a test set."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from app.sources import Row
from metrics.duplicates import (
    TextCounts,
    conflicting_duplicates,
    contamination_share,
    exact_duplicate_share,
    near_duplicate_share,
)
from metrics.estimates import Estimate
from metrics.tables import ItemCounts
from queries.batches import BatchInfo
from queries.errors import InputError
from queries.near_duplicates import (
    SEARCHED_AT_ONCE,
    Found,
    Progress,
    Settings,
    Side,
    kept,
    search,
)
from queries.scope import Scope, Viewer
from queries.store import Store

if TYPE_CHECKING:
    from app.measure import Request

EVALUATION = "evaluation"
"""Value of `set_role` that makes an item part of an isolation list."""
WORDS_OF_AN_ANSWER = 5
"""Shorter responses ("yes", "42") are in every test set and prove nothing."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Texts that are nearly the same, each with the number of its batch (0 is this one)."""

    members: tuple[tuple[int, str], ...]


def estimates(request: "Request", question: str | None, by: tuple[str, ...]) -> Iterator[Row]:
    """Yield what a metric on duplicates makes of a batch (see `app.sources`)."""
    del question
    if by or request.where:
        raise InputError(f"{request.metric.id} compares all texts of a batch; it has no strata")
    made: dict[str, Callable[[Request], Estimate]] = {
        "exact_duplicate_share": _exact,
        "near_duplicate_share": _near,
        "contamination_share": _contaminated,
        "conflicting_duplicates": _conflicting,
    }
    yield Row(made[request.metric.id](request), population="all")


def settings_of(side: str | None, similarity: float | None) -> Settings:
    """Return what is looked for; the prompt and .8 unless asked otherwise."""
    return Settings(cast("Side", side or "prompt"), 0.8 if similarity is None else similarity)


def found_or_searched(
    store: Store,
    batch: BatchInfo,
    viewer: Viewer,
    settings: Settings,
    against: Sequence[BatchInfo] = (),
) -> Found | None:
    """Return what is kept, or search a small batch at once; None where somebody has to ask.

    A viewer who may not see all of a batch is told nothing of what is like what.
    """
    if not all(viewer.sees_all_of(each) for each in (batch, *against)):
        return None
    found = kept(store, batch, against, settings)
    if found is not None:
        return found
    if sum(each.items for each in (batch, *against)) > SEARCHED_AT_ONCE:
        return None
    return search(store, batch, viewer, settings, against=against, keep=False)


def search_and_keep(
    store: Store,
    batch: BatchInfo,
    viewer: Viewer,
    *,
    settings: Settings,
    against: Sequence[BatchInfo] = (),
    progress: Progress,
) -> Found:
    """Return what is kept, or search and keep it."""
    found = kept(store, batch, against, settings)
    if found is not None:
        return found
    return search(store, batch, viewer, settings, against=against, progress=progress)


def isolation_lists(
    store: Store, batch: BatchInfo, viewer: Viewer, named: str | None = None
) -> list[BatchInfo]:
    """Return the batches this one must not overlap with.

    Those that are named, or every other batch with items whose `set_role` is `evaluation`.

    Raises
    ------
    InputError
        When a named batch does not exist, or is the batch itself.
    """
    if named:
        names = [name.strip() for name in named.split(",") if name.strip()]
        if batch.batch_id in names:
            raise InputError(f"batch {batch.batch_id!r} cannot be its own isolation list")
        return [store.batch(name, viewer) for name in names]
    return [
        each
        for each in store.batches(viewer)
        if each.batch_id != batch.batch_id
        and "item.set_role" in each.filled
        and _has_evaluation_items(store, each, viewer)
    ]


def clusters(found: Found, limit: int | None = None) -> list[Cluster]:
    """Return the clusters, the largest first."""
    members: dict[int, list[tuple[int, str]]] = {}
    for row in found.rows.select(["cluster", "source", "item_id"]).to_pylist():
        members.setdefault(row["cluster"], []).append((row["source"], row["item_id"]))
    ordered = sorted(members.values(), key=lambda each: (-len(each), each[0]))
    return [Cluster(tuple(dict.fromkeys(each))) for each in ordered[:limit]]


def overlapping(found: Found) -> dict[str, list[tuple[int, str]]]:
    """Return the items of the batch that share a cluster with an item of another batch."""
    pairs: dict[str, list[tuple[int, str]]] = {}
    for cluster in clusters(found):
        others = [each for each in cluster.members if each[0] != 0]
        for source, item in cluster.members:
            if source == 0 and others:
                pairs.setdefault(item, []).extend(others)
    return pairs


def contaminated(
    store: Store, batch: BatchInfo, viewer: Viewer, lists: Sequence[BatchInfo]
) -> dict[str, list[tuple[int, str]]] | None:
    """Return the items in an isolation list, by prompt or response; None before the search."""
    pairs: dict[str, list[tuple[int, str]]] = {}
    for settings in contamination_settings(batch):
        found = found_or_searched(store, batch, viewer, settings, lists)
        if found is None:
            return None
        for item, others in overlapping(found).items():
            pairs.setdefault(item, []).extend(others)
    return {item: list(dict.fromkeys(others)) for item, others in sorted(pairs.items())}


def contamination_settings(batch: BatchInfo) -> list[Settings]:
    """Return the searches that contamination needs: prompts, and responses where there are any."""
    chosen = [Settings("prompt", 0.8, role=EVALUATION)]
    if "response.text" in batch.filled:
        chosen.append(Settings("response", 0.8, role=EVALUATION, shortest=WORDS_OF_AN_ANSWER))
    return chosen


def _has_evaluation_items(store: Store, batch: BatchInfo, viewer: Viewer) -> bool:
    rows = store.fetch("set_roles", Scope(batch.batch_id, "all", viewer=viewer))
    return EVALUATION in rows["set_role"].to_pylist()


def _text_counts(request: "Request", side: str) -> TextCounts:
    scope = Scope(request.batch.batch_id, "all", viewer=request.viewer)
    for row in request.store.fetch("text_counts", scope).to_pylist():
        if row["side"] == side:
            return TextCounts(row["texts"], row["different"])
    return TextCounts(0, 0)


def _side(request: "Request") -> str:
    return request.options.get("side", "prompt")


def _lacks_text(request: "Request", side: str) -> Estimate | None:
    column = "item.prompt" if side == "prompt" else "response.text"
    if column in request.batch.filled:
        return None
    reason = f"the batch has no {side}s (column {column})"
    return Estimate(about="batch", n_unit="texts", status="missing_input", reason=reason)


def _exact(request: "Request") -> Estimate:
    side = _side(request)
    return _lacks_text(request, side) or exact_duplicate_share(_text_counts(request, side))


def _near(request: "Request") -> Estimate:
    side = _side(request)
    lacking = _lacks_text(request, side)
    if lacking is not None:
        return lacking
    settings = settings_of(side, request.arguments.get("similarity"))
    found = found_or_searched(request.store, request.batch, request.viewer, settings)
    if found is None:
        return _unsearched(request.batch, "texts")
    return near_duplicate_share(near_counts(found))


def near_counts(found: Found) -> TextCounts:
    """Return how many texts there are, and how many when each cluster counts once."""
    texts = {(row["unit"], row["document"]) for row in _own(found)}
    number = len({row["cluster"] for row in _own(found)})
    return TextCounts(found.texts[0], found.texts[0] - len(texts) + number)


def _own(found: Found) -> list[dict[str, object]]:
    rows = found.rows.select(["cluster", "source", "unit", "document"]).to_pylist()
    return [row for row in rows if row["source"] == 0]


def _contaminated(request: "Request") -> Estimate:
    lacking = _lacks_text(request, "prompt")
    if lacking is not None:
        return lacking.but(n_unit="items")
    store, batch, viewer = request.store, request.batch, request.viewer
    lists = isolation_lists(store, batch, viewer, request.options.get("against"))
    if not lists:
        reason = (
            "no batch has items with set_role evaluation; import the test set with"
            " `--set set_role=evaluation`, or name a batch with the option against"
        )
        return Estimate(about="batch", status="missing_input", reason=reason)
    pairs = contaminated(store, batch, viewer, lists)
    if pairs is None:
        return _unsearched(batch, "items")
    scope = Scope(batch.batch_id, "all", viewer=viewer)
    total = store.fetch("item_counts", scope, dimension="")["items"].to_pylist()
    estimate = contamination_share(ItemCounts(len(pairs), total[0] if total else 0))
    return estimate.but(provenance={"against": ", ".join(each.batch_id for each in lists)})


def _conflicting(request: "Request") -> Estimate:
    lacking = _lacks_text(request, "prompt")
    if lacking is not None:
        return lacking.but(is_count=True)
    scope = Scope(request.batch.batch_id, viewer=request.viewer)
    rows = request.store.fetch("conflicting_texts", scope, limit=1_000_000)
    per_question = {
        row["question"]: (row["total"], row["repeated"])
        for row in rows.select(["question", "total", "repeated"]).to_pylist()
    }
    return conflicting_duplicates(
        ItemCounts(
            sum(conflicts for conflicts, _ in per_question.values()),
            sum(repeated for _, repeated in per_question.values()),
        )
    )


def _unsearched(batch: BatchInfo, n_unit: str) -> Estimate:
    reason = (
        "texts have not been compared yet: "
        f"`batchgate duplicates --batch {batch.batch_id}` or the page Soundness does it once"
    )
    return Estimate(about="batch", n_unit=n_unit, status="missing_input", reason=reason)
