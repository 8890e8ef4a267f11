"""The `.sql` files: one select each, with a header that says what it needs and gives.

A header is the comment at the top of the file:

    -- name: what a row is.
    --
    -- Grain: ...
    -- Parameters:
    --   $limit bigint = 50: how many rows at most
    -- Columns:
    --   item_id varchar: the item
"""

import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal

Kind = Literal["statistics", "records"]
Value = str | int | float | bool | None
KINDS: Final[tuple[Kind, ...]] = ("statistics", "records")
_FOLDER: Final = Path(__file__).parent
_COLUMN: Final = re.compile(r"^--   (\w+) (varchar|bigint|double|date): (\S.*)$")
_PARAMETER: Final = re.compile(
    r"^--   \$(\w+) (varchar|bigint|double|boolean)(?: = (\S+))?: (\S.*)$"
)
_ADDITIVE: Final = re.compile(r"^-- Additive over batches in (\w+), by all other columns", re.M)
_ORDER: Final = re.compile(r"\border by\s+([\w.,\s]+)$")
_COMMENT: Final = re.compile(r"--[^\n]*")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A `$name` of a statement; optional, with the value it has when nobody gives one."""

    name: str
    type: str
    default: Value
    description: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One `.sql` file.

    `text` is the select without comments, `columns` maps column -> type and `descriptions`
    column -> meaning, both in order; `additive` is the column that adds up over all others, empty
    where there is no such column or are several.
    """

    name: str
    kind: Kind
    text: str
    header: str
    columns: dict[str, str]
    descriptions: dict[str, str]
    parameters: dict[str, Parameter]
    additive: str = ""

    @property
    def sha256(self) -> str:
        """Hash of the select; changing a comment does not change a statistic."""
        return sha256(self.text.encode()).hexdigest()

    @property
    def is_in_column_order(self) -> bool:
        """Whether rows are sorted by the first columns, as the grain needs: sorted by all then."""
        found = _ORDER.search(self.text)
        keys = [key.split(".")[-1].strip() for key in found[1].split(",")] if found else []
        return bool(keys) and keys == list(self.columns)[: len(keys)]

    def reads(self, relation: str) -> bool:
        """Whether the statement names that relation."""
        return re.search(rf"\b{relation}\b", self.text) is not None


def parse(name: str, kind: Kind, source: str) -> Statement:
    r"""Read a `.sql` file into a statement.

    Examples
    --------
    >>> source = "-- n: rows.\n-- Columns:\n--   n bigint: how many\nselect 1 as n\n"
    >>> parse("n", "records", source).columns
    {'n': 'bigint'}
    """
    lines = source.splitlines()
    header = [line for line in lines if line.startswith("--")]
    columns = [match for line in header if (match := _COLUMN.match(line))]
    parameters = [match for line in header if (match := _PARAMETER.match(line))]
    return Statement(
        name=name,
        kind=kind,
        text=re.sub(r"\n\s*\n+", "\n", _COMMENT.sub("", source)).strip(),
        header="\n".join(header),
        columns={match[1]: match[2] for match in columns},
        descriptions={match[1]: match[3] for match in columns},
        parameters={
            match[1]: Parameter(match[1], match[2], _default(match[3], match[2]), match[4])
            for match in parameters
        },
        additive=found[1] if (found := _ADDITIVE.search("\n".join(header))) else "",
    )


@cache
def statement(name: str) -> Statement:
    """Return the statement of that name.

    Raises
    ------
    ValueError
        When no file has that name.
    """
    for kind in KINDS:
        path = _FOLDER / kind / f"{name}.sql"
        if name.isidentifier() and path.is_file():
            return parse(name, kind, path.read_text(encoding="utf-8"))
    message = f"no statement is called {name!r}; there are {', '.join(names())}"
    raise ValueError(message)


def names(kind: Kind | None = None) -> tuple[str, ...]:
    """Return the names of all statements, or of one kind."""
    kinds = KINDS if kind is None else (kind,)
    return tuple(sorted(path.stem for each in kinds for path in (_FOLDER / each).glob("*.sql")))


def _default(text: str | None, kind: str) -> Value:
    if text is None or text == "null":
        return None
    if kind == "bigint":
        return int(text)
    if kind == "double":
        return float(text)
    return text == "true" if kind == "boolean" else text.strip("'")
