"""Intake: pin the standard, import, then compute alpha once more with another program."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from app.founding import OvertakenError, founded, is_free
from app.pinning import Pinned, shipped
from metrics.limits import LARGEST_CROSS_CHECK
from queries.batches import BatchInfo, Mode
from queries.errors import InputError
from queries.ingest import import_batch
from queries.ingest.mapping_file import MappingFile, read_mapping
from queries.ingest.report import ImportReport
from queries.schema import MAXIMUM_LABELS
from queries.scope import Viewer
from queries.store import Store

KINDS = ("sft", "preference", "ranking", "reward", "qa")


def bring_in(
    folder: Path,
    paths: Sequence[Path],
    *,
    batch_id: str,
    kind: str | None = None,
    format_name: str = "auto",
    mapping: Path | None = None,
    settings: Mapping[str, str] | None = None,
    mode: Mode = "new",
    strict: bool = False,
    dry_run: bool = False,
    progress: Callable[[str, float], None] = lambda _stage, _done: None,
) -> ImportReport:
    """Import files as a batch or a part of one; makes the store where there is none.

    The setting `standard` names a file to judge the batch by; without it the default of the kind
    is pinned. A pinned standard is kept by content, so that its file may change or go.

    Raises
    ------
    InputError
        For anything about the files, the mapping or the options; nothing was written then.
    StoreError
        When the store cannot be opened or written.
    """
    if kind is not None and kind not in KINDS:
        raise InputError(f"kind {kind!r} is not one of {', '.join(KINDS)}")
    told = read_mapping(mapping) if mapping is not None else None
    facts = dict(settings or {})
    path = facts.pop("standard", None)
    if path is not None and mode == "add":
        raise InputError(
            "--set standard: a batch keeps the standard that it was opened with; judge it by"
            " another one with `batchgate audit --standard`"
        )
    standard = _pinned(path, kind, told) if mode != "add" else None

    older = facts.get("supersedes") or (told.mapping.constants if told else {}).get("supersedes")

    def into(store: Store) -> ImportReport:
        if older is not None:  # the import says so too, but only after reading everything
            store.refuse_superseding(batch_id, older)
        pin = standard
        if mode == "replace" and path is None:
            pin = _of_other_kind(store, batch_id, kind or (told.mapping.kind if told else None))
        if pin is not None:
            facts["standard"] = f"{pin.name} {pin.version}"
            facts["standard_sha256"] = pin.sha256
            if not dry_run:
                store.keep_standard(pin.sha256, pin.canonical)
        report = import_batch(
            store,
            paths,
            batch_id=batch_id,
            kind=kind,
            format=format_name,
            mapping=told,
            settings=facts,
            mode=mode,
            strict=strict,
            dry_run=dry_run,
            progress=progress,
        )
        if not dry_run:
            cross_check(store, store.batch(batch_id, Viewer.owner()))
        return report

    return _at(folder.expanduser().resolve(), into, found=mode == "new", keep=not dry_run)


def _at(
    folder: Path, into: Callable[[Store], ImportReport], *, found: bool, keep: bool
) -> ImportReport:
    """Import into the store of a folder; `found` makes one where there is none."""
    if found and is_free(folder):
        try:
            with founded(folder, keep=keep) as store:
                return into(store)
        except OvertakenError:
            pass
    return into(Store.open(folder, create=found))


def cross_check(store: Store, batch: BatchInfo) -> None:
    """Keep the difference between our alpha and that of the `krippendorff` package.

    Only where the package can hold the data; a second computation is a check, not a burden.
    """
    chosen = [
        question
        for question in batch.questions
        if question.name not in batch.unpatterned
        and batch.items * (len(question.labels or ()) or MAXIMUM_LABELS) ** 2 <= LARGEST_CROSS_CHECK
    ]
    if chosen:
        # Loads SciPy, which takes as long as the import of a small file.
        from app.second_opinion import differences

        store.keep_cross_checks(batch.digest, *differences(store, batch, chosen))


def _of_other_kind(store: Store, batch_id: str, kind: str | None) -> Pinned | None:
    """Return a standard for a batch that changes its kind; others keep theirs when replaced."""
    before = store.batch(batch_id, Viewer.owner()).kind
    return None if kind is None or kind == before else shipped(kind)


def _pinned(path: str | None, kind: str | None, told: MappingFile | None) -> Pinned | None:
    """Return the standard a new batch is opened with."""
    kind = kind or (told.mapping.kind if told else None)
    if path is None:
        return shipped(kind) if kind in KINDS else None
    # Reading a standard in full loads every metric.
    from app.catalog import METRICS
    from app.standards import load

    standard = load(Path(path), METRICS)
    if kind is not None and standard.kind != kind:
        raise InputError(
            f"standard {path} is for {standard.kind} batches and this one is {kind};"
            " name a standard of that kind with --set standard=FILE"
        )
    return standard
