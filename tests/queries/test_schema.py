import pytest

from queries.schema import ANNOTATION_DIMENSIONS, RECORD_TABLES, STATISTIC_TABLES
from queries.statements import names, statement

TYPES = {"varchar", "bigint", "integer", "double", "boolean", "timestamp"}


@pytest.mark.parametrize("table", RECORD_TABLES)
def test_record_table_has_known_types(table: str) -> None:
    assert set(RECORD_TABLES[table].values()) <= TYPES


def test_record_tables_hold_keys_and_no_names_of_people() -> None:
    columns = {column for table in RECORD_TABLES.values() for column in table}
    assert not columns & {"annotator_id", "reviewer_id", "actor_id", "person_id", "name_of_person"}


def test_statistic_tables_are_the_statistic_files() -> None:
    assert set(STATISTIC_TABLES) == set(names("statistics"))


@pytest.mark.parametrize("name", STATISTIC_TABLES)
def test_statistic_file_gives_the_columns_of_the_contract(name: str) -> None:
    assert list(statement(name).columns.items()) == list(STATISTIC_TABLES[name].items())


@pytest.mark.parametrize("name", STATISTIC_TABLES)
def test_statistic_row_states_question_and_population(name: str) -> None:
    assert list(STATISTIC_TABLES[name])[:2] == ["question", "population"]


def test_dimensions_of_answers_are_columns_or_derived() -> None:
    assert ANNOTATION_DIMENSIONS == ("week", "vendor", "annotator_group", "guideline_version")
