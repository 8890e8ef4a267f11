"""The table format: columns by name, nested or not, typed or not, and those nobody named."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from queries.errors import InputError

if TYPE_CHECKING:
    from tests.queries.ingest.conftest import Desk

Refused = Callable[..., str]
KEYS = "kind = 'qa'\n[columns]\nitem_id = 'item'\nannotator_id = 'who'\n"
NESTED = """
kind = "qa"
[columns]
item_id = "task.id"
annotator_id = "meta.user.id"
[[question]]
name = "label"
column = "result.0.choice"
"""


def parquet(path: Path, query: str) -> Path:
    with duckdb.connect() as connection:
        connection.sql(query).write_parquet(str(path))
    return path


def test_canonical_names_need_no_mapping(desk: "Desk") -> None:
    desk.take("item_id,annotator_id,value\n1,ann,good\n", None)
    assert desk.answers("item_id", "question", "value") == [("1", "value", "good")]


def test_canonical_names_may_name_their_question(desk: "Desk") -> None:
    desk.take("item_id,annotator_id,question,value\n1,ann,tone,warm\n", None)
    assert desk.answers("question", "value") == [("tone", "warm")]


def test_other_canonical_columns_come_along(desk: "Desk") -> None:
    desk.take("item_id,annotator_id,value,prompt,role,team\n1,ann,x,Why?,expert,red\n", None)
    assert desk.rows("item", "prompt") == [("Why?",)]
    assert desk.answers("role") == [("expert",)]
    assert desk.rows("person", "team") == [("red",)]


def test_unknown_columns_without_a_mapping_are_listed_and_not_guessed(desk: "Desk") -> None:
    report = desk.take("item_id,annotator_id,value,rating\n1,ann,x,5\n", None)
    (loss,) = report.unknown
    assert loss.reason == "column 'rating' is not in the mapping"
    assert report.annotations == 1


def starter(desk: "Desk", content: str) -> str:
    """Return the mapping that comes with the refusal of a file nobody can read without one."""
    with pytest.raises(InputError, match="cannot tell what its columns mean") as caught:
        desk.take(content, None)
    assert "\n" not in str(caught.value)
    return caught.value.attached


def test_columns_nobody_can_tell_are_refused_with_a_mapping_to_start_from(desk: "Desk") -> None:
    mapping = starter(desk, "question_id,judge,winner,turn\n1,ann,a,1\n")
    assert 'item_id = "question_id"' in mapping
    assert 'annotator_id = "judge"' in mapping
    assert 'column = "winner"' in mapping
    assert "other columns: turn" in mapping


def test_the_mapping_to_start_from_imports_that_very_file(desk: "Desk") -> None:
    content = "question_id,judge,winner,turn\n1,ann,a,1\n"
    assert desk.take(content, starter(desk, content)).annotations == 1


def test_an_answer_column_of_another_name_is_not_guessed(desk: "Desk") -> None:
    assert 'column = "label"' in starter(desk, "item_id,annotator_id,label\n1,ann,a\n")


def test_the_starter_names_nested_fields(desk: "Desk") -> None:
    records = [
        {"task": {"id": f"t{n}", "prompt": "why?"}, "rating": {"quality": n % 3},
         "meta": {"user": {"id": f"u{who}"}}}
        for n in range(6) for who in range(2)
    ]  # fmt: skip
    content = "\n".join(map(json.dumps, records))
    with pytest.raises(InputError) as caught:
        desk.take(content, None, name="rated.jsonl")
    mapping = str(caught.value.attached)
    assert 'item_id = "task.id"' in mapping
    assert 'annotator_id = "meta.user.id"' in mapping
    assert 'column = "rating.quality"' in mapping
    assert "task.prompt" in mapping
    assert desk.take(content, mapping, name="rated.jsonl").kept == 12


def test_the_starter_prefers_columns_whose_values_fit(desk: "Desk") -> None:
    rows = [f"{n},one,prompt {n},w{who},ok" for n in range(9) for who in range(3)]
    mapping = starter(desk, "number,item_set,item_text,worker_name,label_text\n" + "\n".join(rows))
    assert 'item_id = "item_text"' in mapping
    assert 'annotator_id = "worker_name"' in mapping


def test_nested_fields_are_columns(desk: "Desk") -> None:
    record = {"task": {"id": 7}, "meta": {"user": {"id": "ann"}}, "result": [{"choice": "b"}]}
    desk.take(json.dumps(record) + "\n", NESTED, name="answers.jsonl")
    assert desk.answers() == [("7", "b")]


def test_a_nested_field_may_come_late_in_the_file(desk: "Desk") -> None:
    lines = [json.dumps({"item": f"i{n}", "who": "ann", "label": {"text": None}}) for n in (1, 2)]
    lines = [*lines * 1100, '{"item": "i3", "who": "ann", "label": {"text": null, "late": "b"}}']
    mapping = f"{KEYS}[[question]]\nname = 'q'\ncolumn = 'label.late'\nmissing = ['']\n"
    report = desk.take("\n".join(lines), mapping, name="answers.jsonl")
    assert report.annotations == 1


def test_json_objects_without_keys_are_records(desk: "Desk") -> None:
    content = "".join(f'{{"item":"{item}","who":"ann","label":"a"}}\n' for item in range(30))
    report = desk.take(content + "{}\n", name="a.jsonl")
    assert report.records == 31


def test_nested_fields_of_parquet_are_columns(desk: "Desk") -> None:
    query = "select {'id': 7} as task, {'user': {'id': 'ann'}} as meta, 'b' as label"
    path = parquet(desk.folder / "answers.parquet", query)
    desk.take(path, NESTED.replace("result.0.choice", "label"))
    assert desk.answers() == [("7", "b")]


@pytest.mark.parametrize(
    "name", ["meta.user", "a/b", "a~b", 'say "x"', "with space", "ü", "{reader}"]
)
def test_a_column_of_exactly_that_name_goes_first(desk: "Desk", name: str) -> None:
    mapping = f"{KEYS}[[question]]\nname = 'q'\ncolumn = '{name}'\n"
    record = {"item": "1", "who": "ann", name: "flat", "meta": {"user": "nested"}}
    desk.take(json.dumps(record) + "\n", mapping, name="answers.jsonl")
    assert desk.answers("value") == [("flat",)]


def test_a_missing_column_is_told_with_the_nearest(refused: Refused) -> None:
    message = refused("item,who,lable\n1,ann,a\n")
    assert message == (
        "answers.csv: no column 'label' ([[question]] label column); did you mean 'lable'?; "
        "allowed: item, who, lable"
    )


def test_a_missing_nested_field_is_told(refused: Refused) -> None:
    record = {"task": {"id": 7}, "meta": {"user": {"name": "x"}}, "result": [{"choice": "b"}]}
    message = refused(json.dumps(record) + "\n", NESTED, name="answers.jsonl")
    assert "no column 'meta.user.id' ([columns] annotator_id)" in message


def test_a_missing_nested_field_of_parquet_is_told(refused: Refused, desk: "Desk") -> None:
    path = parquet(desk.folder / "a.parquet", "select {'nr': 7} as task, 'ann' as meta")
    assert "no column 'task.id'" in refused(path, NESTED)


def test_a_column_missing_in_the_second_file_is_told(refused: Refused, desk: "Desk") -> None:
    files = [desk.write("item,who,label\n1,ann,a\n"), desk.write("item,who\n2,ann\n", "b.csv")]
    assert "b.csv: no column 'label'" in refused(files)


def test_keys_of_json_records_are_united(desk: "Desk") -> None:
    lines = (
        '{"item":"1","who":"ann","label":"a"}\n{"label":"b","who":"bo","item":"2","extra":[1]}\n'
    )
    report = desk.take(lines, name="answers.jsonl")
    assert report.annotations == 2
    assert [loss.reason for loss in report.unknown] == ["column 'extra' is not in the mapping"]


def test_an_array_of_json_objects_is_read(desk: "Desk") -> None:
    text = json.dumps([{"item": 1, "who": "ann", "label": True}], indent=2)
    desk.take(text, name="answers.json")
    assert desk.answers() == [("1", "true")]


def test_indented_json_objects_are_read(desk: "Desk") -> None:
    text = "\n".join(
        json.dumps({"item": number, "who": "ann", "label": 1.0}, indent=2) for number in (1, 2)
    )
    desk.take(text, name="answers.json")
    assert desk.answers() == [("1", "1"), ("2", "1")]


def test_gzipped_json_is_read(desk: "Desk") -> None:
    line = '{"item":"1","who":"ann","label":"a"}\n'
    assert desk.take(gzip.compress(line.encode()), name="answers.jsonl.gz").annotations == 1


def test_blank_lines_of_json_are_no_records(desk: "Desk") -> None:
    report = desk.take('{"item":"1","who":"ann","label":"a"}\n\n\n', name="answers.jsonl")
    assert report.records == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("2.0::double", "2"),
        ("2.5::float", "2.5"),
        ("3.00::decimal(8,2)", "3"),
        ("true", "true"),
        ("7::hugeint", "7"),
        ("date '2026-01-02'", "2026-01-02"),
        ("['b', 'a']", '["b","a"]'),
        ("'x'::blob", "x"),
        ("'x'::enum('x', 'y')", "x"),
    ],
)
def test_typed_columns_are_read_as_text(desk: "Desk", value: str, text: str) -> None:
    query = f"select 1.0::double as item, 'ann' as who, {value} as label"
    desk.take(parquet(desk.folder / "a.parquet", query))
    assert desk.answers() == [("1", text)]


def test_not_a_number_is_a_missing_answer(desk: "Desk") -> None:
    query = (
        "select i as item, 'ann' as who, if(i = 0, 'nan', '1')::double as label from range(30) t(i)"
    )
    report = desk.take(parquet(desk.folder / "a.parquet", query))
    assert [(loss.reason, loss.count) for loss in report.dropped] == [("no answer to label", 1)]


def test_ids_of_several_columns_are_joined_without_collisions(desk: "Desk") -> None:
    mapping = 'kind = "qa"\n[columns]\nitem_id = ["a", "b"]\nannotator_id = "who"\n'
    mapping += '[[question]]\nname = "label"\ncolumn = "label"\n'
    desk.take("a,b,who,label\nx/y,z,ann,1\nx,y/z,ann,2\n50%,z,ann,3\n", mapping)
    assert desk.answers() == [("50%25/z", "3"), ("x%2Fy/z", "1"), ("x/y%2Fz", "2")]


def test_an_id_with_a_missing_part_is_no_id(desk: "Desk") -> None:
    mapping = 'kind = "qa"\n[columns]\nitem_id = ["a", "b"]\nannotator_id = "who"\n'
    mapping += '[[question]]\nname = "label"\ncolumn = "label"\n'
    rows = "".join(f"x,{number},ann,1\n" for number in range(30))
    report = desk.take(f"a,b,who,label\n{rows}x,,ann,2\n", mapping)
    assert [loss.reason for loss in report.dropped] == ["no item id"]


def test_one_column_may_serve_twice(desk: "Desk") -> None:
    mapping = (
        'kind = "qa"\n[columns]\nitem_id = ["q", "turn"]\ngroup_id = "q"\nannotator_id = "who"\n'
    )
    mapping += '[attributes]\nturn = "turn"\n[[question]]\nname = "label"\ncolumn = "label"\n'
    desk.take("q,turn,who,label\n81,1.0,ann,a\n", mapping)
    assert desk.rows("item", "item_id", "group_id") == [("81/1.0", "81")]
    assert desk.rows("item_attribute", "*") == [("81/1.0", "turn", "1")]


def test_a_column_called_twice_in_the_header_is_told(refused: Refused) -> None:
    assert "2 columns are called 'label'" in refused("item,who,label,label\n1,ann,a,b\n")


def test_an_unnamed_index_column_does_no_harm(desk: "Desk") -> None:
    report = desk.take(",item,who,label\n0,1,ann,a\n")
    assert [loss.reason for loss in report.unknown] == ["column '' is not in the mapping"]


def test_a_constant_annotator_needs_no_column(desk: "Desk") -> None:
    mapping = 'kind = "qa"\n[columns]\nitem_id = "item"\n[constants]\nannotator_id = "ann"\n'
    mapping += '[[question]]\nname = "label"\ncolumn = "label"\n'
    assert desk.take("item,label\n1,a\n2,b\n", mapping).annotators == 1


def test_a_column_name_is_never_sql(desk: "Desk") -> None:
    name = 'x" from raw; drop table raw; --'
    mapping = f"{KEYS}[[question]]\nname = 'q'\ncolumn = '{name}'\n"
    path = parquet(
        desk.folder / "a.parquet",
        "select '1' as item, 'ann' as who, 'v' as \"{}\"".format(name.replace('"', '""')),
    )
    desk.take(path, mapping)
    assert desk.answers("value") == [("v",)]
