"""The contract of every `.sql` file."""

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import sqlglot
from sqlglot import expressions as exp

from queries import statements
from queries.batches import State
from queries.composition import compose
from queries.relations import Records, relations
from queries.scope import Scope, Viewer
from queries.statements import names, statement

FOLDER = Path(statements.__file__).parent
ALL = [*names("statistics"), *names("records")]
TYPES = {"varchar": "VARCHAR", "bigint": "BIGINT", "double": "DOUBLE", "date": "DATE"}
KEYWORDS = re.compile(
    r"\b(SELECT|FROM|WHERE|GROUP|ORDER|JOIN|UNION|WITH|AS|AND|OR|CASE|WHEN|COUNT|SUM|MIN|MAX|CAST)\b"
)

# What a statistic may be made of, so that another engine gives the same counts. Lists, maps,
# ordered aggregates, quantiles, date differences, samples, engine hashes are not here, on purpose.
# Length counts characters and trim takes blanks off, in every engine.
PORTABLE = {
    exp.Select, exp.From, exp.Join, exp.With, exp.CTE, exp.Subquery, exp.Union, exp.Table,
    exp.TableAlias, exp.Alias, exp.Identifier, exp.Column, exp.Literal, exp.Where, exp.Group,
    exp.Having, exp.Order, exp.Ordered, exp.Window, exp.RowNumber, exp.Lag, exp.Lead, exp.Paren,
    exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.LT, exp.GT, exp.GTE, exp.LTE, exp.Is, exp.In,
    exp.Null, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.DPipe, exp.Case, exp.If,
    exp.Coalesce, exp.Cast, exp.TryCast, exp.DataType, exp.Star,
    exp.Count, exp.Sum, exp.Min, exp.Max, exp.VariancePop,
    exp.Ln, exp.Floor, exp.MD5, exp.Substring, exp.Chr, exp.Translate,
    exp.Nullif, exp.Length, exp.Lower, exp.Trim,
}  # fmt: skip


@pytest.fixture(scope="module")
def cursor() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    yield connection
    connection.close()


def source(name: str) -> str:
    return (FOLDER / statement(name).kind / f"{name}.sql").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ALL)
def test_file_holds_exactly_one_statement(cursor: duckdb.DuckDBPyConnection, name: str) -> None:
    assert len(cursor.extract_statements(source(name))) == 1


@pytest.mark.parametrize("name", ALL)
def test_header_begins_with_the_name_of_the_file(name: str) -> None:
    assert source(name).startswith(f"-- {name}: ")


@pytest.mark.parametrize("name", ALL)
def test_header_states_the_grain(name: str) -> None:
    assert "\n-- Grain: " in source(name)


@pytest.mark.parametrize("name", names("statistics"))
def test_statistic_header_says_what_is_additive(name: str) -> None:
    assert "\n-- Additive over batches in " in source(name)


@pytest.mark.parametrize("name", ALL)
def test_header_lists_the_parameters_of_the_statement(name: str) -> None:
    used = set(re.findall(r"\$(\w+)", statement(name).text))
    assert used == set(statement(name).parameters)


@pytest.mark.parametrize("name", names("statistics"))
def test_statistic_takes_no_parameters(name: str) -> None:
    assert not statement(name).parameters


@pytest.mark.parametrize("name", ALL)
def test_result_has_the_columns_and_types_of_the_header(
    cursor: duckdb.DuckDBPyConnection, name: str
) -> None:
    empty = relations(Records(State(), {}), Scope("", viewer=Viewer.owner()))
    text, values = compose(empty, statement(name).text)
    values |= {each.name: each.default for each in statement(name).parameters.values()}
    result = cursor.sql(text, params=values)
    found = dict(zip(result.columns, map(str, result.types), strict=True))
    wanted = {column: TYPES[kind] for column, kind in statement(name).columns.items()}
    assert list(found.items()) == list(wanted.items())


@pytest.mark.parametrize("name", [each for each in ALL if each not in {"counts"}])
def test_result_is_empty_on_an_empty_batch(cursor: duckdb.DuckDBPyConnection, name: str) -> None:
    empty = relations(Records(State(), {}), Scope("", viewer=Viewer.owner()))
    text, values = compose(empty, statement(name).text)
    values |= {each.name: each.default for each in statement(name).parameters.values()}
    assert cursor.execute(text, values).fetchall() == []


@pytest.mark.parametrize("name", ALL)
def test_every_column_is_described(name: str) -> None:
    assert all(len(text) > 2 for text in statement(name).descriptions.values())


@pytest.mark.parametrize("name", ALL)
def test_keywords_are_in_lower_case(name: str) -> None:
    assert not KEYWORDS.search(statement(name).text)


@pytest.mark.parametrize("name", [each for each in ALL if each != "presence"])
def test_columns_are_named_and_not_starred(name: str) -> None:
    assert not re.search(r"select\s+\*", statement(name).text)


@pytest.mark.parametrize("name", [each for each in ALL if each != "counts"])
def test_rows_come_in_a_stated_order(name: str) -> None:
    assert "\norder by" in statement(name).text


@pytest.mark.parametrize("name", names("statistics"))
def test_statistic_uses_portable_constructs_only(name: str) -> None:
    tree = sqlglot.parse_one(statement(name).text, read="duckdb")
    used = {type(node) for node in tree.walk()}
    assert used <= PORTABLE, {kind.__name__ for kind in used - PORTABLE}


@pytest.mark.parametrize("name", names("statistics"))
def test_statistic_transpiles_to_spark(name: str) -> None:
    text = sqlglot.transpile(
        statement(name).text,
        read="duckdb",
        write="spark",
        unsupported_level=sqlglot.ErrorLevel.RAISE,
    )
    assert len(text) == 1


def test_unknown_statement_names_those_there_are() -> None:
    with pytest.raises(ValueError, match="unit_patterns"):
        statement("no_such_statement")


@pytest.mark.parametrize("name", ["../store", "unit_patterns; drop table x", ""])
def test_name_of_a_statement_is_no_path(name: str) -> None:
    with pytest.raises(ValueError, match="no statement is called"):
        statement(name)
