"""Paths that hold several files: a zip archive of one export, and the folder of a bundle."""

import os
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from queries.errors import InputError

BUNDLE: Final[dict[str, str]] = {
    "items": "item",
    "item_attributes": "item_attribute",
    "responses": "response",
    "annotations": "annotation",
    "reviews": "review",
    "resolutions": "resolution",
    "probes": "probe",
    "signals": "signal",
    "events": "event",
    "people": "person",
    "knowledge_links": "knowledge_link",
}
"""Name of a file of a bundle, without suffixes -> record table."""
FACTS: Final = "batch.toml"

_MEMBERS: Final = 10_000
_PLAIN: Final = 100_000_000
_LINE_END: Final = 2
FOLD: Final = 200
"""What is packed and over the plain size may grow at most so many times when it is unpacked."""
_SUFFIX: Final = 16


@dataclass(frozen=True, slots=True)
class Found:
    """A file to open, under the name that messages quote; `inside` of an archive or a bundle."""

    path: Path
    name: str
    inside: bool = False


def stem(name: str) -> str:
    """Return the name of a file without folders and suffixes.

    >>> stem("bundle/annotations.jsonl.gz")
    'annotations'
    """
    return name.rsplit("/", maxsplit=1)[-1].split(".", maxsplit=1)[0]


def expand(paths: Sequence[Path], unpacked: Path) -> list[Found]:
    """Return the files behind the paths; archives are unpacked into the folder `unpacked`.

    Raises
    ------
    InputError
        When an archive is broken, encrypted or suspiciously dense, or a folder is no bundle.
    """
    found: list[Found] = []
    for number, path in enumerate(paths):
        if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises for a name that is too long
            found += _bundle(path)
        elif os.path.isfile(path) and _is_zip(path):  # noqa: PTH113 - as above
            found += _members(path, unpacked / str(number))
        else:
            found.append(Found(path, path.name))
    return found


def is_dense(size: int, packed: Path) -> bool:
    """Whether so many unpacked bytes are more than the packed file can honestly hold."""
    return size > max(_PLAIN, FOLD * packed.stat().st_size)


def _bundle(folder: Path) -> list[Found]:
    files = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    known = [path for path in files if path.name == FACTS or stem(path.name) in BUNDLE]
    if not known:
        raise InputError(
            f"{folder.name}: is a folder and no bundle ({FACTS}, items.*, annotations.* ...); "
            "name the files in it"
        )
    return [Found(path, f"{folder.name}/{path.name}", inside=True) for path in files]


def _is_zip(path: Path) -> bool:
    """Whether a file is a zip archive of exported files; a workbook is one of something else."""
    try:
        with path.open("rb") as stream:
            return stream.read(4) == b"PK\x03\x04" and path.suffix.lower() == ".zip"
    except OSError:
        return False  # told when the file is opened


def _members(path: Path, folder: Path) -> Iterator[Found]:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            infos = [info for info in infos if not info.filename.startswith("__MACOSX/")]
            _refuse_dense(path, infos)
            infos = [info for info in infos if not _is_blank(archive, info)] or infos
            folder.mkdir(parents=True)
            for number, info in enumerate(infos):
                # By number: a name from outside never becomes a path.
                target = folder / f"{number}{Path(info.filename).suffix[:_SUFFIX]}"
                with archive.open(info) as source, target.open("wb") as sink:
                    shutil.copyfileobj(source, sink, 1 << 20)
                yield Found(target, f"{path.name}/{info.filename}", inside=True)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        message = f"{path.name}: broken zip archive ({error}); export or copy the file again"
        raise InputError(message) from None
    except RuntimeError:
        raise InputError(f"{path.name}: the zip archive is encrypted; unpack it first") from None


def _is_blank(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bool:
    """Whether a member holds nothing: somebody without work. In a bundle it is a file cut off."""
    if info.file_size > _LINE_END or stem(info.filename) in BUNDLE:
        return False
    return not archive.read(info).strip()


def _refuse_dense(path: Path, infos: Sequence[zipfile.ZipInfo]) -> None:
    if not infos:
        raise InputError(f"{path.name}: the zip archive is empty; allowed: the files of an export")
    if len(infos) > _MEMBERS:
        raise InputError(
            f"{path.name}: {len(infos)} files in the archive, allowed: {_MEMBERS}; "
            "unpack it and name the files that hold answers"
        )
    # Never more is read of a member than its entry says, so the entries can be trusted.
    size = sum(info.file_size for info in infos)
    if is_dense(size, path):
        raise InputError(
            f"{path.name}: {size} bytes in {path.stat().st_size} bytes of archive, more than "
            f"{FOLD} times; if this is no mistake, unpack it and name the files"
        )
