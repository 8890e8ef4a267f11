"""The sample store: every sample batch imported once, in the user's cache folder."""

import os
import shutil
import tempfile
from collections.abc import Callable
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from app.intake import bring_in
from queries.errors import StoreError
from sample_data import BATCHES, folder


def sample_store(target: Path | None, progress: Callable[[str, float], None]) -> Path:
    """Return the folder of the sample store, building it where it is not there yet.

    The default folder carries the version and a digest of the sample files in its name, so that
    an upgrade builds a new store and an interrupted build is never mistaken for a whole one: it is
    made aside and renamed when complete.
    """
    store = target or cache_folder() / f"sample-{version('batchgate')}-{sample_digest()}"
    if (store / "catalogue.duckdb").exists():
        return store
    try:
        store.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=store.parent, prefix=".sample-") as aside:
            built = Path(aside) / "store"
            build(built, progress)
            publish(built, store)
    except OSError as error:
        raise StoreError(
            f"cannot build the sample store in {store}: {error.strerror or error};"
            " name another folder with --store"
        ) from error
    return store


def build(store: Path, progress: Callable[[str, float], None]) -> None:
    """Import every sample batch, and its later parts, into a new store."""
    for number, batch in enumerate(BATCHES):
        progress(f"sample batch {batch.batch_id}", number / len(BATCHES))
        settings = dict(batch.settings)
        if batch.standard is not None:
            settings["standard"] = str(folder() / batch.standard)
        bring_in(
            store,
            [folder() / name for name in batch.files],
            batch_id=batch.batch_id,
            kind=batch.kind,
            mapping=folder() / batch.mapping,
            settings=settings,
        )
        for addition in batch.additions:
            bring_in(
                store,
                [folder() / name for name in addition.files],
                batch_id=batch.batch_id,
                mapping=folder() / addition.mapping if addition.mapping else None,
                format_name=addition.format,
                mode="add",
            )
    progress("sample store", 1.0)


def publish(built: Path, store: Path) -> None:
    """Put a complete store in place; where another process was faster, its store stays."""
    try:
        built.rename(store)
    except OSError:
        if not (store / "catalogue.duckdb").exists():
            raise
        shutil.rmtree(built)


def cache_folder() -> Path:
    """Return the user's cache folder for this product."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "batchgate"


def sample_digest() -> str:
    """Return a short digest over everything the sample store is made of."""
    digest = sha256(repr(BATCHES).encode())
    for path in sorted(folder().rglob("*")):
        if path.suffix in {".toml", ".gz", ".csv", ".jsonl", ".tsv"}:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
