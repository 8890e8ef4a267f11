"""What an import says in view of the parts that the batch has already."""

from collections.abc import Iterable

from queries.batches import BatchFacts, BatchInfo, PartInfo
from queries.errors import InputError
from queries.ingest.files import InputFile
from queries.ingest.report import Loss

BUNDLE = "bundle"


def refuse_again(
    batch: BatchInfo, files: Iterable[InputFile], file_format: str, mapping_sha256: str | None
) -> tuple[Loss, ...]:
    """Refuse a file that a live part was read from in the same way; note one read otherwise.

    Another mapping may take something else from the same file. A bundle may repeat its items and
    people, so that only one whose every file is in is refused.

    Raises
    ------
    InputError
        When the file is in; nothing was written then.
    """
    known = {
        source.sha256: (number, part)
        for number, part in enumerate(batch.parts, start=1)
        for source in part.source_files
    }
    given = list(files)
    again = [file for file in given if file.source.sha256 in known]
    if not again or (file_format == BUNDLE and len(again) < len(given)):
        return ()
    number, part = known[again[0].source.sha256]
    where = f"in batch {batch.batch_id!r} already: {_told(number, part)}"
    if (part.format, part.mapping_sha256) == (file_format, mapping_sha256):
        message = (
            f"{again[0].name} is {where}; nothing was written; leave it out of --add, or say "
            "--replace to put it in place of all that the batch holds"
        )
        raise InputError(message)
    text = f"{again[0].name} is {where}, read by another mapping; make sure no answer counts twice"
    return (Loss(text, 1, fault=False),)


def unstated_guideline(
    before: BatchInfo | None, given: BatchFacts, part: PartInfo
) -> tuple[Loss, ...]:
    """Note that answers state no guideline version although the batch goes by one."""
    version = given.guideline_version or (before.guideline_version if before else None)
    answers = part.tables.get("annotation")
    if version is None or answers is None:
        return ()
    lacking = answers.rows - answers.filled.get("guideline_version", 0)
    if not lacking:
        return ()
    text = (
        f"answers of this part that state no guideline version; the batch says {version!r}: where "
        f"they followed it, import them with --set guideline_version={version}"
    )
    return (Loss(text, lacking, fault=False),)


def _told(number: int, part: PartInfo) -> str:
    at = f", imported {part.imported_at:%Y-%m-%d %H:%M} UTC" if part.imported_at else ""
    return f"part {number} ({part.part_key}){at}"
