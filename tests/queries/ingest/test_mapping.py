"""The mapping file: every fault names the file, the key, what was found and what is allowed."""

import re
import tomllib
from pathlib import Path

import pytest

from queries.errors import InputError
from queries.ingest.mapping import Mapping
from queries.ingest.mapping_file import (
    MappingFile,
    parse_mapping,
    read_mapping,
    refuse_incomplete,
)

KEYS = '[columns]\nitem_id = "i"\nannotator_id = "a"\n'
ASKED = KEYS + '[[question]]\nname = "q"\ncolumn = "c"\n'


def parsed(text: str) -> Mapping:
    return parse_mapping(tomllib.loads(text), "m.toml")


def fault(text: str) -> str:
    with pytest.raises(InputError) as caught:
        parsed(text)
    message = str(caught.value)
    assert message.startswith("mapping m.toml: ")
    return message.removeprefix("mapping m.toml: ")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (ASKED + "[colums]\n", "colums: not known; did you mean 'columns'?"),
        (ASKED + 'colum = "x"\n', "[[question]] 1 colum: not known; did you mean 'column'?"),
        (ASKED + 'level = "ordnal"\n', "[[question]] 1 level: found 'ordnal'; did you mean"),
        ('kind = "prefrence"\n' + ASKED, "kind: found 'prefrence'; did you mean 'preference'?"),
        (KEYS.replace("annotator_id", "anotator_id"), "[columns] anotator_id is not known"),
        (ASKED + '[constants]\nvender = "x"\n', "[constants] vender is not known; did you"),
        (ASKED + '[role]\nmatch = { "x*" = "robot" }\n', "[role] match x*: found 'robot'"),
        (ASKED + '[duplicates]\nkeep = "newest"\n', "[duplicates] keep: found 'newest'"),
        (ASKED + '[[probe]]\ntype = "gold"\nexpected = "g"\n', "[[probe]] 1 type: found 'gold'"),
        (
            ASKED + "[time]\nduration_seconds = { colum = 'x' }\n",
            "[time] duration_seconds colum: not",
        ),
        (ASKED + "labels = 3\n", "[[question]] 1 labels: found 3; input should be a valid list"),
    ],
)
def test_a_misspelt_word_is_told_with_the_nearest(text: str, told: str) -> None:
    assert fault(text).startswith(told)


@pytest.mark.parametrize("name", ["week", "vendor", "annotator_group", "guideline_version"])
def test_a_reserved_attribute_name_is_refused(name: str) -> None:
    assert f"[attributes] {name} is reserved" in fault(f'{ASKED}[attributes]\n{name} = "x"\n')


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (KEYS + '[[question]]\ncolumn = "c"\n', "[[question]] 1 name: is missing"),
        (ASKED + '[[question]]\nname = "q"\ncolumn = "d"\n', "every name once"),
        (ASKED + "labels = ['a', 'a']\n", "labels must be different"),
        (ASKED + "labels = ['a']\nrename = { x = 'b' }\n", "rename names 'b', not one of labels"),
        (ASKED + "labels = ['a']\nties = ['t']\n", "ties names 't', not one of labels"),
        (ASKED + "level = 'nominal'\nseparator = ';'\n", "separator goes with level"),
        (ASKED + "level = 'ranking'\n", "needs ranking ="),
        (ASKED + "[pair]\nfirst='x'\nsecond='y'\nquestions=['z']\n", "'z' names no question"),
        (ASKED + "[pair]\nfirst='x'\nsecond='y'\nflip={a='b'}\n", "so 'b' must become 'a'"),
        (ASKED + "[wide]\nquestion='q'\nannotators={a='b'}\n", "[wide] names the annotators"),
        (ASKED + "[[probe]]\ntype='trap'\n", "a probe needs when"),
        (ASKED + "[time]\nduration_seconds={start='x'}\n", "give either { column"),
        (ASKED + "[constants]\nannotator_id='x'\n", "named in [columns] and in [constants]"),
        (ASKED.replace('"a"', '["a", "b"]'), "only item_id and group_id take a list"),
    ],
)
def test_a_contradiction_is_told(text: str, told: str) -> None:
    assert told in fault(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[columns]\nannotator_id = "a"\n', "item_id is missing"),
        (ASKED.replace('annotator_id = "a"\n', ""), "annotator_id is missing"),
        (KEYS + '[[question]]\nname = "q"\n', "[[question]] q: column is missing"),
    ],
)
def test_what_a_plain_table_needs_is_told(text: str, told: str) -> None:
    with pytest.raises(InputError, match=re.escape(told)):
        refuse_incomplete(MappingFile(parsed(text), "m.toml"))


def test_all_faults_of_a_section_are_told_at_once() -> None:
    message = fault(ASKED + "labls = ['a']\nlevl = 'nominal'\n")
    assert "labls" in message
    assert "levl" in message


def test_numbers_and_truth_values_are_labels() -> None:
    question = parsed(ASKED + "labels = [1, 2.0, true]\nmissing = [-100]\n").question[0]
    assert (question.labels, question.missing) == (["1", "2", "true"], ["-100"])


def test_level_is_nominal_unless_said() -> None:
    assert parsed(ASKED).question[0].scale == "nominal"


def test_a_separator_means_sets() -> None:
    assert parsed(ASKED + "separator = ';'\n").question[0].scale == "set"


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_mapping(tmp_path / "none.toml")


def test_broken_toml_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text("kind = 'qa'\n[columns\n")
    with pytest.raises(InputError, match=r"mapping m\.toml: not valid TOML: .*line 2"):
        read_mapping(path)


def test_a_file_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_bytes(b"kind = '\xff'")
    with pytest.raises(InputError, match="not UTF-8 at byte 8"):
        read_mapping(path)


def test_the_hash_is_of_the_bytes_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(ASKED)
    first = read_mapping(path).sha256
    path.write_text(ASKED + "# a comment\n")
    assert read_mapping(path).sha256 != first
