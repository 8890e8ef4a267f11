"""Texts of a batch in blocks, as bytes with offsets: no text becomes an object in Python."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from queries.fetching import Fetcher
from queries.scope import Scope, Viewer
from queries.store import Store

if TYPE_CHECKING:
    import pyarrow as pa

Side = Literal["prompt", "answer"]
BLOCK_ROWS: Final = 16_384
_BLOCK_BYTES: Final = 32 << 20


@dataclass(frozen=True, slots=True, eq=False)
class TextBlock:
    """Some texts, one behind the other.

    Attributes
    ----------
    rows : item_id, text_key and items of each text
    data : bytes of all texts, UTF-8
    start : text i is `data[start[i]:start[i + 1]]`
    """

    rows: "pa.Table"
    data: NDArray[np.uint8]
    start: NDArray[np.int64]


def text_blocks(store: Store, batch_id: str, viewer: Viewer, side: Side) -> Iterator[TextBlock]:
    """Yield every distinct text of one side of a batch, in blocks of at most 32 MB."""
    fetcher = Fetcher(
        store.reading(batch_id, viewer), "distinct_texts", Scope(batch_id, "all", viewer=viewer)
    )
    for table in fetcher.stream({"side": side}, rows=BLOCK_ROWS):
        yield from _blocks(table)


def _blocks(table: "pa.Table") -> Iterator[TextBlock]:
    import pyarrow as pa  # noqa: PLC0415 - slow to import, and few commands read texts

    column = table["text"].cast(pa.large_string()).combine_chunks()
    _, offsets, data = _buffers(column)
    start = np.frombuffer(offsets, np.int64)[column.offset : column.offset + len(column) + 1]
    held = np.frombuffer(data, np.uint8)
    rows = table.drop_columns(["text"])
    first = 0
    while first < len(column):
        room = int(start[first]) + _BLOCK_BYTES
        end = max(int(np.searchsorted(start, room, side="right")) - 1, first + 1)
        low, high = int(start[first]), int(start[end])
        yield TextBlock(
            rows.slice(first, end - first), held[low:high], start[first : end + 1] - low
        )
        first = end


def _buffers(column: Any) -> tuple[Any, Any, Any]:
    chunk = column.chunk(0) if hasattr(column, "chunk") else column
    found: tuple[Any, Any, Any] = tuple(chunk.buffers())
    return found
