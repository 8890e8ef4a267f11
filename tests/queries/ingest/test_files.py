"""Faults of whole files: refused before anything is written, told so that they can be mended."""

import gzip
import os
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from queries.errors import InputError

if TYPE_CHECKING:
    from tests.queries.ingest.conftest import Desk

ROWS = "item,who,label\n1,ann,good\n2,ann,bad\n"
Refused = Callable[..., str]


def test_an_empty_file_is_refused(refused: Refused) -> None:
    assert "answers.csv: the file is empty" in refused("")


@pytest.mark.parametrize("content", ["\n\n  \n", "\ufeff", "\ufeff\n"])
def test_a_file_of_white_space_is_refused(refused: Refused, content: str) -> None:
    assert "the file is empty" in refused(content)


def test_a_header_without_rows_is_refused(refused: Refused) -> None:
    assert "answers.csv: no data rows" in refused("item,who,label\n")


def test_a_blank_first_line_is_refused(refused: Refused) -> None:
    assert "line 1 is blank" in refused("\n" + ROWS)


def test_a_binary_file_is_refused(refused: Refused) -> None:
    assert "is a binary file" in refused(bytes(range(256)) * 8)


@pytest.mark.parametrize(
    ("start", "told"),
    [
        (b"PK\x03\x04rest", "an Excel workbook or an archive that is not called .zip"),
        (b"%PDF-1.7", "a PDF"),
        (b"\x28\xb5\x2f\xfdrest", "compressed with zstd"),
        ("item,who\n".encode("utf-16"), "UTF-16 text"),
        (b"SQLite format 3\x00", "an SQLite database"),
    ],
)
def test_a_foreign_file_is_named(refused: Refused, start: bytes, told: str) -> None:
    assert told in refused(start)


def test_a_byte_that_is_not_utf8_is_told_with_offset_and_line(refused: Refused) -> None:
    content = b"item,who,label\n1,ann,g\xfcd\n"
    message = refused(content)
    assert "byte 0xFC at offset 22 (line 2)" in message
    assert "save or export the file as UTF-8" in message


def test_a_letter_cut_at_a_block_boundary_is_still_utf8(desk: "Desk") -> None:
    filler = "x" * ((1 << 20) - len("item,who,label\n1,ann,") - 1)
    report = desk.take(f"item,who,label\n1,ann,{filler}ü\n")
    assert report.annotations == 1


def test_text_that_ends_inside_a_letter_is_refused(refused: Refused) -> None:
    assert "byte 0xC3 at offset 21" in refused("item,who,label\n1,ann,ü".encode()[:-1])


def test_a_truncated_gzip_is_refused(refused: Refused) -> None:
    whole = gzip.compress((ROWS + "3,bo,good\n" * 5000).encode())
    message = refused(whole[: len(whole) // 2], name="answers.csv.gz")
    assert "answers.csv.gz: the gzip file is cut off" in message


def test_a_damaged_gzip_is_refused(refused: Refused) -> None:
    whole = bytearray(gzip.compress(os.urandom(2000).hex().encode()))
    whole[200:220] = b"\xff" * 20
    assert "broken gzip" in refused(bytes(whole), name="answers.csv.gz")


def test_a_gzip_of_nothing_is_refused(refused: Refused) -> None:
    assert "the file is empty" in refused(gzip.compress(b""), name="answers.csv.gz")


def test_a_gzip_bomb_is_refused_before_it_is_unpacked(refused: Refused) -> None:
    packer = zlib.compressobj(9, wbits=31)
    block = b"1,ann," + b"x" * (1 << 20)
    parts = [packer.compress(ROWS.encode()), *(packer.compress(block) for _ in range(120))]
    bomb = b"".join([*parts, packer.flush()])
    tracemalloc.start()
    message = refused(bomb, name="answers.csv.gz")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "answers.csv.gz: unpacks to more than 200 times its size" in message
    assert peak < 30_000_000


@pytest.mark.parametrize("name", ["answers.csv.gz", "answers.csv", "answers.gz"])
def test_gzip_is_known_by_its_content(desk: "Desk", name: str) -> None:
    assert desk.take(gzip.compress(ROWS.encode()), name=name).annotations == 2


def test_a_gzip_of_several_members_is_read_to_its_end(desk: "Desk") -> None:
    both = gzip.compress(ROWS.encode()) + gzip.compress(b"3,bo,good\n")
    assert desk.take(both, name="answers.csv.gz").annotations == 3


def test_a_missing_file_is_told(refused: Refused, desk: "Desk") -> None:
    assert "no such file" in refused(desk.folder / "nowhere.csv")


def test_a_folder_that_is_no_bundle_is_refused(refused: Refused, desk: "Desk") -> None:
    folder = desk.folder / "exports"
    folder.mkdir()
    assert "is a folder and no bundle" in refused(folder)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_an_unreadable_file_is_told(refused: Refused, desk: "Desk") -> None:
    path = desk.write(ROWS)
    path.chmod(0)
    assert "cannot be read" in refused(path)


def test_no_file_at_all_is_told(refused: Refused) -> None:
    assert "no file to import" in refused([])


def test_mixed_formats_are_refused(refused: Refused, desk: "Desk") -> None:
    lines = desk.write('{"item":"3","who":"bo","label":"good"}\n', "more.jsonl")
    message = refused([desk.write(ROWS), lines])
    assert "mixed formats: answers.csv is csv, more.jsonl is json" in message


def test_the_same_content_twice_is_refused(refused: Refused, desk: "Desk") -> None:
    message = refused([desk.write(ROWS), desk.write(ROWS, "copy.csv")])
    assert "copy.csv: the same content as answers.csv" in message


def test_a_row_with_too_few_fields_is_refused_with_its_line(refused: Refused) -> None:
    message = refused(ROWS + "3,bo\n")
    assert "answers.csv: line 4 has 2 columns, the header has 3" in message


def test_a_row_with_too_many_fields_is_refused_with_its_line(refused: Refused) -> None:
    assert "line 4 has 4 columns, the header has 3" in refused(ROWS + "3,bo,a,b\n")


def test_a_quote_that_never_ends_is_refused(refused: Refused) -> None:
    assert "a quoted field that does not end" in refused(ROWS + '3,bo,"good\n')


def test_mixed_line_ends_are_refused(refused: Refused) -> None:
    assert "line ends" in refused("item,who,label\r\n1,ann,good\n2,ann,bad\r\n")


def test_broken_json_is_told_with_its_line(refused: Refused) -> None:
    content = '{"item":"1","who":"ann","label":"a"}\n{"item":"2","who":\n'
    message = refused(content, name="answers.jsonl")
    assert "answers.jsonl: line 2 is not JSON" in message


def test_json_cut_in_its_last_line_is_refused(refused: Refused) -> None:
    content = '{"item":"1","who":"ann","label":"a"}\n{"item":"2","who":"a'
    assert "line 2 is not JSON" in refused(content, name="answers.jsonl")


def test_json_that_holds_no_objects_is_refused(refused: Refused) -> None:
    content = '{"item":"1","who":"ann","label":"a"}\n[1, 2]\n'
    assert "1 records are no JSON objects" in refused(content, name="answers.jsonl")


def test_a_record_of_many_megabytes_is_told_without_the_engines_words(refused: Refused) -> None:
    message = refused('{"item": "1", "who": "' + "x" * 35_000_000, name="answers.jsonl")
    assert "records of up to 16 MB" in message
    assert "maximum_object_size" not in message


def test_csv_named_json_is_refused(refused: Refused) -> None:
    assert "allowed: one JSON object a line" in refused(ROWS, name="answers.jsonl")


def test_json_with_a_byte_order_mark_is_told(refused: Refused) -> None:
    content = '\ufeff{"item":"1","who":"ann","label":"a"}\n'
    assert "byte order mark" in refused(content, name="answers.jsonl")


def test_a_parquet_file_cut_off_is_refused(refused: Refused, desk: "Desk") -> None:
    path = desk.folder / "answers.parquet"
    with duckdb.connect() as connection:
        connection.sql("select '1' as item, 'a' as who, 'x' as label").write_parquet(str(path))
    message = refused(path.read_bytes()[:-20], name="cut.parquet")
    assert "cut.parquet: not a whole Parquet file, its end is cut off" in message


def test_text_named_parquet_is_refused(refused: Refused) -> None:
    assert "it does not begin as Parquet" in refused(ROWS, name="answers.parquet")


def test_a_parquet_file_with_broken_content_is_refused(refused: Refused) -> None:
    assert "broken.parquet: cannot be read" in refused(
        b"PAR1" + b"\x07" * 200 + b"PAR1", name="broken.parquet"
    )


def test_parquet_is_known_by_its_content(desk: "Desk") -> None:
    path = desk.folder / "answers.data"
    with duckdb.connect() as connection:
        query = "copy (select '1' as item, 'a' as who, 'x' as label) to $path (format parquet)"
        connection.execute(query, {"path": str(path)})
    assert desk.take(path).annotations == 1


@pytest.mark.parametrize("name", ["a[1].csv", "a*.csv", "what?.csv", "it's.csv", "ü ß.csv"])
def test_a_file_name_is_never_a_pattern(desk: "Desk", name: str) -> None:
    desk.write("item,who,label\n9,zoe,good\n", "a1.csv")
    report = desk.take(ROWS, name=name)
    assert report.annotations == 2


@pytest.mark.parametrize(
    ("name", "delimiter"),
    [("a.csv", ","), ("a.csv", ";"), ("a.tsv", "\t"), ("a.txt", "\t"), ("a.csv", "|")],
)
def test_the_delimiter_is_found(desk: "Desk", name: str, delimiter: str) -> None:
    assert desk.take(ROWS.replace(",", delimiter), name=name).annotations == 2


def test_a_byte_order_mark_is_no_part_of_the_first_column(desk: "Desk") -> None:
    assert desk.take("\ufeff" + ROWS).annotations == 2


def test_windows_line_ends_are_read(desk: "Desk") -> None:
    desk.take(ROWS.replace("\n", "\r\n"))
    assert desk.answers() == [("1", "good"), ("2", "bad")]


def test_a_row_that_begins_with_a_number_sign_is_no_comment(desk: "Desk") -> None:
    assert desk.take("item,who,label\n#1,ann,good\n2,ann,bad\n").annotations == 2


def test_a_field_over_the_usual_line_limit_is_read(desk: "Desk") -> None:
    note = "x" * 3_000_000
    desk.take(
        f"item,who,label,why\n1,ann,good,{note}\n",
        'kind = "qa"\n[columns]\nitem_id = "item"\nannotator_id = "who"\nnote = "why"\n'
        '[[question]]\nname = "label"\ncolumn = "label"\n',
    )
    assert desk.answers("length(note)") == [(3_000_000,)]


def test_several_files_are_one_part(desk: "Desk") -> None:
    more = desk.write("label,item,who\nbad,3,bo\n", "more.csv")
    report = desk.take([desk.write(ROWS), more])
    assert (report.records, report.annotations) == (3, 3)


def test_a_record_is_counted_within_its_file(desk: "Desk") -> None:
    rows = "".join(f"{number},bo,good\n" for number in range(10, 60))
    more = desk.write("item,who,label\n" + rows + "99,,good\n", "more.csv")
    report = desk.take([desk.write(ROWS), more])
    example = report.dropped[0].examples[0]
    assert (example.file, example.record) == ("more.csv", 51)


def test_errors_are_input_errors(desk: "Desk") -> None:
    with pytest.raises(InputError):
        desk.take(Path("nowhere.csv"))
