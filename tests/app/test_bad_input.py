"""What goes wrong in practice, through the command line: one clear line, nothing lost.

Each case starts from a store that holds one batch, and ends with that batch as it was.
"""

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli import ExitCode, app, run
from app.measure import measure
from queries.errors import InputError
from queries.ingest.mapping_file import parse_mapping
from queries.scope import Viewer
from queries.store import Store
from tests.app.conftest import MAPPING, krippendorff_rows

HEAD = "item,who,label,half\n"
GOOD = HEAD + "u1,A,1,x\nu1,B,1,x\nu2,A,2,x\nu2,B,1,x\n"
MORE = HEAD + "u3,A,1,x\nu3,B,1,x\n"
Files = dict[str, bytes]


@pytest.fixture
def folder(write_batch: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder to work in, with a store that holds the textbook example."""
    store = write_batch(krippendorff_rows())
    monkeypatch.chdir(store.parent)
    monkeypatch.setenv("BATCHGATE_STORE", str(store))
    return store.parent


def alpha(folder: Path) -> float:
    store = Store.open(folder / "store")
    batch = store.batch("b1", Viewer.owner())
    (row,) = measure(store, batch, "krippendorff_alpha", viewer=Viewer.owner())
    return row.estimate.value


def command(*words: str) -> int:
    return run(lambda: app(list(words), standalone_mode=False))


def importing(name: str, *more: str) -> tuple[str, ...]:
    return ("import", name, "--batch", "b2", "--mapping", "mapping.toml", *more)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.csv", b"", "empty"),
        ("header.csv", HEAD.encode(), "no "),
        ("binary.csv", bytes(range(256)) * 8, "binary.csv"),
        ("latin.csv", (GOOD + "u3,Zo\u00eb,1,x\n").encode("latin-1"), "UTF-8"),
        ("cut.csv.gz", gzip.compress(GOOD.encode() * 500)[:-30], "cut.csv.gz"),
        ("columns.csv", b"item,label,half\nu1,1,x\n", "who"),
        ("answers.jsonl", b'{"item": "u1", "who": "A"\n', "answers.jsonl"),
        ("answers.parquet", b"PAR1 not really", "answers.parquet"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: bytes,
    words: str,
) -> None:
    before = alpha(folder)
    (folder / name).write_bytes(content)
    assert command(*importing(name)) == ExitCode.USAGE
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1
    batches = Store.open(folder / "store").batches(Viewer.owner())
    assert ([batch.batch_id for batch in batches], alpha(folder)) == (["b1"], before)


def test_a_label_outside_the_domain_is_dropped_and_counted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f"u{n},{who},1,x\n" for n in range(30) for who in "AB")
    (folder / "rows.csv").write_text(HEAD + rows + "u30,A,9,x\n")
    assert command(*importing("rows.csv", "--json")) == ExitCode.ACCEPT
    report = json.loads(capsys.readouterr().out)
    assert [(loss["count"], loss["examples"][0]["found"]) for loss in report["dropped"]] == [
        (1, "9")
    ]


def test_too_many_labels_outside_the_domain_refuse_the_import(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "rows.csv").write_text(GOOD + "u3,A,9,x\n")
    assert command(*importing("rows.csv")) == ExitCode.USAGE
    assert "9" in capsys.readouterr().err


def test_a_duplicate_answer_is_counted_and_the_last_one_kept(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f"u{n},{who},1,x\n" for n in range(30) for who in "AB")
    (folder / "rows.csv").write_text(HEAD + rows + "u0,A,2,x\n")
    command(*importing("rows.csv", "--json"))
    report = json.loads(capsys.readouterr().out)
    assert (report["annotations"], sum(loss["count"] for loss in report["dropped"])) == (60, 1)


def test_strict_refuses_what_would_be_dropped(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f"u{n},{who},1,x\n" for n in range(30) for who in "AB")
    (folder / "rows.csv").write_text(HEAD + rows + "u0,A,2,x\n")
    assert command(*importing("rows.csv", "--strict")) == ExitCode.USAGE
    assert "--strict" in capsys.readouterr().err


def test_adding_to_an_unknown_batch_names_those_there_are(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "rows.csv").write_text(GOOD)
    assert command(*importing("rows.csv", "--add")) == ExitCode.USAGE
    assert "b1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[[criterion]]", "[[criterium]]", "criteri"),
        ("must_be", "must_bee", "must_be"),
        ('">= 0.2"', '"= 0.2"', "within"),
        ("krippendorff_alpha", "krippendorf_alpha", "krippendorff_alpha"),
        ("hard", "harsh", "soft"),
        ("[standard]", "[standard", "line"),
    ],
)
def test_a_typo_in_a_standard_names_file_key_and_what_is_allowed(
    folder: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, words: str
) -> None:
    text = (
        '[standard]\nname = "own"\nversion = "1.0.0"\nkind = "qa"\nobjective = "x"\n'
        'annotation_criteria = "y"\n[[criterion]]\nid = "a"\nmetric = "krippendorff_alpha"\n'
        'must_be = ">= 0.2"\nseverity = "hard"\n'
    )
    (folder / "own.toml").write_text(text.replace(old, new, 1))
    assert command("audit", "b1", "--standard", "own.toml") == ExitCode.USAGE
    error = capsys.readouterr().err
    assert "own.toml" in error
    assert words in error


def test_a_store_of_a_newer_version_says_which_one_is_supported(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = Store.open(folder / "store")
    with store.catalogue.write("pretending to be newer") as cursor:
        cursor.execute("update catalogue.meta set schema_version = 999")
    store.close()
    assert command("batches") == ExitCode.STORE
    error = capsys.readouterr().err
    assert "999" in error
    assert error.count("\n") == 1


def test_a_mapping_to_start_from_follows_the_one_line_of_the_error(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "other.csv").write_text("question_id,judge,winner\n1,ann,a\n1,ben,a\n")
    assert command("import", "other.csv", "--batch", "b2", "--kind", "qa") == ExitCode.USAGE
    message, attached = capsys.readouterr().err.split("\n\n", maxsplit=1)
    assert message.count("\n") == 0
    (folder / "start.toml").write_text(attached)
    words = ("import", "other.csv", "--batch", "b2", "--mapping", "start.toml")
    assert command(*words) == ExitCode.ACCEPT


@pytest.fixture
def new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where a store would be made by the first import, in a folder with nothing else."""
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path / "data")
    (tmp_path / "data" / "mapping.toml").write_text(MAPPING)
    (tmp_path / "data" / "good.csv").write_text(GOOD)
    (tmp_path / "data" / "bad.csv").write_bytes(bytes(range(256)) * 8)
    (tmp_path / "data" / "reserved.csv").write_text(GOOD)
    (tmp_path / "data" / "reserved.toml").write_text(MAPPING.replace("half =", "week ="))
    return tmp_path / "home" / "of" / "store"


def into(store: Path, name: str, *more: str, mapping: str = "mapping.toml") -> int:
    words = ("import", name, "--batch", "b1", "--mapping", mapping, "--store", str(store))
    return command(*words, *more)


@pytest.mark.parametrize(
    ("name", "mapping"), [("bad.csv", "mapping.toml"), ("reserved.csv", "reserved.toml")]
)
def test_a_refused_first_import_leaves_no_store(new: Path, name: str, mapping: str) -> None:
    assert into(new, name, mapping=mapping) == ExitCode.USAGE
    assert not new.parents[1].exists()


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_a_refused_first_import_leaves_an_empty_folder_as_it_was(
    new: Path, more: tuple[str, ...]
) -> None:
    new.mkdir(parents=True)
    assert into(new, "bad.csv", *more) == ExitCode.USAGE
    assert list(new.parent.rglob("*")) == [new]


def test_a_rehearsal_in_an_empty_folder_leaves_it_empty(new: Path) -> None:
    new.mkdir(parents=True)
    assert into(new, "good.csv", "--dry-run") == 0
    assert list(new.parent.rglob("*")) == [new]


@pytest.mark.parametrize("made", [True, False])
def test_a_first_import_makes_the_store_and_nothing_beside_it(new: Path, made: bool) -> None:
    if made:
        new.mkdir(parents=True)
    assert into(new, "good.csv") == 0
    assert list(new.parent.iterdir()) == [new]
    (batch,) = Store.open(new).batches(Viewer.owner())
    assert batch.batch_id == "b1"


def test_a_store_that_somebody_else_made_meanwhile_takes_the_import(
    new: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other_is_faster(store: Store, batch: object) -> None:
        monkeypatch.undo()
        monkeypatch.chdir(files)
        assert into(new, "good.csv", "--batch", "b2") == 0

    files = Path.cwd()
    monkeypatch.setattr("app.intake.cross_check", other_is_faster)
    assert into(new, "good.csv") == 0
    assert {each.batch_id for each in Store.open(new).batches(Viewer.owner())} == {"b1", "b2"}


def test_an_added_part_says_which_facts_of_the_batch_it_changes(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "good.csv").write_text(GOOD)
    (folder / "more.csv").write_text(MORE)
    assert command(*importing("good.csv", "--set", "overlap_design=all")) == 0
    capsys.readouterr()
    facts = ("--set", "overlap_design=random", "--set", "owner=ana")
    assert command(*importing("more.csv", "--add", *facts)) == 0
    told = capsys.readouterr().out
    assert "note: overlap_design of the whole batch was 'all' and is now 'random'" in told
    assert "note: owner of the whole batch was not given and is now 'ana'" in told


def test_a_part_that_changes_no_fact_says_nothing_of_them(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "good.csv").write_text(GOOD)
    (folder / "more.csv").write_text(MORE)
    assert command(*importing("good.csv", "--set", "overlap_design=all")) == 0
    assert command(*importing("more.csv", "--add", "--set", "overlap_design=all")) == 0
    assert "whole batch" not in capsys.readouterr().out


def test_changed_facts_are_kept_with_the_report_of_the_part(folder: Path) -> None:
    (folder / "good.csv").write_text(GOOD)
    (folder / "more.csv").write_text(MORE)
    assert command(*importing("good.csv")) == 0
    assert command(*importing("more.csv", "--add", "--set", "owner=ana")) == 0
    store = Store.open(folder / "store")
    part = store.batch("b2", Viewer.owner()).parts[-1]
    assert "owner of the whole batch" in json.dumps(store.report(part.part_key))


def test_an_added_part_prints_its_size_and_that_of_the_batch(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "more.csv").write_text(GOOD)
    (folder / "again.csv").write_text(HEAD + "u2,C,1,x\nu3,C,1,x\n")
    assert command(*importing("more.csv")) == 0
    assert command(*importing("again.csv", "--add")) == 0
    assert (
        "added to b2: 2 items, 2 annotations, 1 annotator; the batch has 3 items, 6 annotations,"
        " 3 annotators"
    ) in " ".join(capsys.readouterr().out.split())


def test_a_file_that_is_in_is_not_added_again(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "good.csv").write_text(GOOD)
    assert command(*importing("good.csv")) == 0
    assert command(*importing("good.csv", "--add")) == ExitCode.USAGE
    told = capsys.readouterr().err
    assert "good.csv is in batch 'b2' already: part 1 (" in told
    assert told.count("\n") == 1


def test_an_added_part_cannot_change_the_standard(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "more.csv").write_text(GOOD)
    assert command(*importing("more.csv")) == 0
    assert command(*importing("more.csv", "--add", "--set", "standard=x.toml")) == ExitCode.USAGE
    assert "keeps the standard that it was opened with" in capsys.readouterr().err


def test_a_replaced_batch_keeps_its_standard(folder: Path) -> None:
    (folder / "more.csv").write_text(GOOD)
    (folder / "own.toml").write_text(
        '[standard]\nname = "own"\nversion = "1.0.0"\nkind = "qa"\n[[criterion]]\nid = "a"\n'
        'metric = "percent_agreement"\nmust_be = ">= 0.7"\nseverity = "hard"\n'
    )
    assert command(*importing("more.csv", "--set", "standard=own.toml")) == 0
    assert command(*importing("more.csv", "--replace")) == 0
    assert Store.open(folder / "store").batch("b2", Viewer.owner()).standard == "own 1.0.0"


def test_a_refused_later_import_leaves_the_store(new: Path) -> None:
    assert into(new, "good.csv") == 0
    assert into(new, "bad.csv", "--batch", "b2") == ExitCode.USAGE
    assert len(Store.open(new).batches(Viewer.owner())) == 1


def test_a_single_bracket_question_is_told_the_double_one() -> None:
    with pytest.raises(InputError, match=r"write \[\[question\]\]"):
        parse_mapping({"question": {"name": "winner"}}, "m.toml")


def test_a_reader_that_goes_away_leaves_the_exit_code() -> None:
    command = f"{sys.executable} -m app metrics | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["/bin/bash", "-c", command], check=False)
    assert done.returncode == 0
