"""Text coverage: the topics of a reference batch, and which of them a batch lacks.

The one place where prompts themselves reach Python: they are read in blocks, of the reference at
most `FITTED` of them, and only counts by topic leave this module.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from app.sources import Row
from metrics.estimates import Estimate
from metrics.tables import ItemCounts
from metrics.text_coverage import text_coverage
from queries.batches import BatchInfo
from queries.errors import InputError
from queries.scope import Scope, Viewer
from queries.store import Store

if TYPE_CHECKING:
    from app.measure import Request

FITTED = 20_000
TOPICS = 20
LEAST = 5
SEED = 42
MEASURED_AT_ONCE = 5_000
_PER_TOPIC = 5
_NEAR = 0.95
"""A prompt belongs to a topic when it is no farther out than 95 % of the reference's own."""
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of the reference: its words, prompts there and here, and examples from there."""

    words: tuple[str, ...]
    reference: int
    items: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Topics:
    """All topics; `outside` counts prompts of the batch that lie near none of them."""

    topics: tuple[Topic, ...]
    outside: int
    prompts: int

    def estimate(self, least: int = LEAST) -> Estimate:
        """Return the share of topics with enough prompts."""
        hit = sum(topic.items >= least for topic in self.topics)
        estimate = text_coverage(ItemCounts(hit, len(self.topics)))
        return estimate.but(provenance={"prompts": self.prompts, "outside": self.outside})


def estimates(request: "Request", question: str | None, by: tuple[str, ...]) -> Iterator[Row]:
    """Yield the share of topics that are covered (see `app.sources`)."""
    del question
    if by or request.where:
        raise InputError("text_coverage compares all prompts of a batch; it has no strata")
    yield Row(_estimate(request), population="all")


def _estimate(request: "Request") -> Estimate:
    blank = Estimate(about="batch", n_unit="topics", status="missing_input")
    name = request.options.get("reference")
    if not name:
        return blank.but(reason="a reference batch is needed: option reference")
    reference = request.store.batch(name, request.viewer)
    if reference.batch_id == request.batch.batch_id:
        raise InputError(f"batch {name!r} cannot be its own reference")
    for each in (request.batch, reference):
        if "item.prompt" not in each.filled:
            return blank.but(reason=f"batch {each.batch_id!r} has no prompts")
    topics = int(request.arguments.get("topics", TOPICS))
    found = compare(request.store, request.batch, reference, request.viewer, topics=topics)
    if found is None:
        return blank.but(reason="the reference has fewer than 10 prompts with words in common")
    return found.estimate(int(request.arguments.get("least", LEAST)))


def compare(
    store: Store,
    batch: BatchInfo,
    reference: BatchInfo,
    viewer: Viewer,
    *,
    topics: int = TOPICS,
    progress: Progress = lambda _what, _share: None,
) -> Topics | None:
    """Find the topics of the reference, and count the prompts of both in them.

    Returns None where the reference is too small or has no words to speak of.
    """
    progress("reading the reference", 0.0)
    rows = _words(store, reference, viewer, 0).to_pylist()
    model = _fitted([row["words"] for row in rows], topics)
    if model is None:
        return None
    progress("placing the batch", 0.5)
    counts = np.zeros(model.size, dtype=np.int64)
    seen = 0
    while True:
        block = _words(store, batch, viewer, seen)["words"].to_pylist()
        if not block:
            break
        label, distance = model.place(block)
        counts += np.bincount(label[distance <= model.reach[label]], minlength=model.size)
        seen += len(block)
        progress("placing the batch", 0.5 + 0.5 * min(seen / max(batch.items, 1), 1.0))
    examples = [[rows[place]["item_id"] for place in nearest] for nearest in model.nearest]
    found = tuple(
        Topic(model.drivers[at], int(model.own[at]), int(counts[at]), tuple(examples[at]))
        for at in range(model.size)
    )
    return Topics(found, seen - int(counts.sum()), seen)


def _words(store: Store, batch: BatchInfo, viewer: Viewer, offset: int) -> Any:
    scope = Scope(batch.batch_id, "all", viewer=viewer)
    return store.fetch("prompt_words", scope, limit=FITTED, offset=offset)


@dataclass(frozen=True, slots=True)
class _Model:
    """What was fitted on the reference."""

    steps: Any
    middles: Any
    reach: Any
    own: Any
    drivers: list[tuple[str, ...]]
    nearest: list[list[int]]

    @property
    def size(self) -> int:
        return len(self.middles)

    def place(self, texts: list[str]) -> tuple[Any, Any]:
        """Return the nearest topic of each text and how far its middle is."""
        return _nearest(self.steps.transform(texts), self.middles)


def _nearest(points: Any, middles: Any) -> tuple[Any, Any]:
    distances = np.sqrt(
        np.maximum(
            (points**2).sum(axis=1)[:, None] - 2 * points @ middles.T + (middles**2).sum(axis=1), 0
        )
    )
    label = distances.argmin(axis=1)
    return label, distances[np.arange(len(points)), label]


def _fitted(texts: list[str], topics: int) -> _Model | None:
    """Fit on the reference; None when it has too few texts or words."""
    from sklearn.cluster import KMeans  # noqa: PLC0415 - heavy, and only needed here
    from sklearn.decomposition import TruncatedSVD  # noqa: PLC0415
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import Normalizer  # noqa: PLC0415

    if len(texts) < 10:
        return None
    words = TfidfVectorizer(min_df=2, max_df=0.5, max_features=20_000, sublinear_tf=True)
    try:
        weights = words.fit_transform(texts)
    except ValueError:  # no word occurs twice
        return None
    size = min(50, weights.shape[1] - 1, len(texts) - 1)
    if size < 2:
        return None
    svd, unit = TruncatedSVD(size, random_state=SEED), Normalizer(copy=False)
    points = unit.fit_transform(svd.fit_transform(weights))
    number = max(2, min(topics, len(texts) // 5))
    means = KMeans(number, n_init=3, random_state=SEED).fit(points)
    label, distance = _nearest(points, means.cluster_centers_)
    own = np.bincount(label, minlength=number)
    reach = np.array(
        [np.quantile(distance[label == at], _NEAR) if own[at] else 0.0 for at in range(number)]
    )
    terms = np.array(words.get_feature_names_out())
    overall = np.asarray(weights.mean(axis=0)).ravel()
    drivers, nearest = [], []
    for at in range(number):
        member = np.flatnonzero(label == at)
        inside = np.asarray(weights[member].mean(axis=0)).ravel() if len(member) else 2 * overall
        lift = inside - overall
        drivers.append(tuple(str(term) for term in terms[np.argsort(-lift)[:_PER_TOPIC]]))
        nearest.append([int(one) for one in member[np.argsort(distance[member])[:3]]])
    return _Model(
        make_pipeline(words, svd, unit), means.cluster_centers_, reach, own, drivers, nearest
    )
