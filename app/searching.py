"""Searches that take long: done when somebody asks first, read ever after."""

from collections.abc import Callable, Mapping

from app.progress import tell
from queries.batches import BatchInfo
from queries.errors import InputError
from queries.kept_findings import Asked, Found, keep_finding, read_finding
from queries.scope import Viewer
from queries.store import Store


def kept_or_searched(
    store: Store,
    batch: BatchInfo,
    kind: str,
    asked: Asked,
    search: Callable[[], Found],
) -> Found:
    """Return what was found before, or search once and keep it."""
    found = read_finding(store, batch, kind, asked)
    if found is None:
        found = search()
        tell("found", 1.0)
        keep_finding(store, batch, kind, asked, found)
    return found


def number(options: Mapping[str, str], name: str, default: float) -> float:
    """Return an option that is an overlap, from .3 to 1."""
    text = options.get(name)
    if text is None:
        return default
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"option {name}={text!r} is not a number") from None
    if not 0.3 <= value <= 1:
        raise InputError(f"option {name}={text} must lie between 0.3 and 1, such as {default:g}")
    return value


def other_batch(store: Store, viewer: Viewer, name: str, batch: BatchInfo) -> BatchInfo:
    """Return the batch that an option `against` names; it must be another one."""
    if name == batch.batch_id:
        raise InputError(f"option against={name} names the batch itself; name another batch")
    return store.batch(name, viewer)
