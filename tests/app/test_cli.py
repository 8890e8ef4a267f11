"""The command line as a shell sees it: output, errors of one line, exit codes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.catalog import METRICS
from app.cli import ExitCode, app, run
from tests.conftest import Shelf

Run = Callable[..., tuple[int, str, str]]
MAPPING = """
kind = "qa"
[columns]
item_id = "item"
annotator_id = "who"
[[question]]
name = "answer"
column = "label"
labels = ["no", "yes"]
"""
# The keys DESIGN 9.2 promises.
METRIC_KEYS = {
    "metric", "batch", "question", "population", "slice", "options", "value", "low", "high",
    "confidence", "n", "n_unit", "about", "method", "status", "reason",
}  # fmt: skip
AUDIT_KEYS = {
    "batch", "kind", "standard", "batch_digest", "verdict", "criteria", "traceable", "reviewable",
    "sustainable", "fit_for", "evidence_sha256",
}  # fmt: skip
CRITERION_KEYS = {
    "id", "metric", "question", "slice", "severity", "must_be", "state", "settle", "estimate",
}  # fmt: skip
BATCH_KEYS = {
    "batch", "dataset", "kind", "vendor", "attempt", "items", "annotations", "annotators",
    "verdict", "decision", "imported_at",
}  # fmt: skip
IMPORT_KEYS = {
    "batch", "part", "items", "annotations", "annotators", "reviews", "dropped", "coerced",
    "unknown", "digest",
}  # fmt: skip


@pytest.fixture
def batchgate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Run a command line in an empty folder; return exit code, output, error."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str) -> tuple[int, str, str]:
        code = run(lambda: app(list(arguments), standalone_mode=False))
        output = capsys.readouterr()
        return code, output.out, output.err

    return command


@pytest.fixture
def imported(batchgate: Run, shelf: Shelf) -> Run:
    """Return the same with a batch of 120 items in the store."""
    rows = [
        f"u{item},{who},{'yes' if (item + (who == 'B' and item % 7 == 0)) % 2 else 'no'}"
        for item in range(120)
        for who in ("A", "B", "C")
    ]
    Path("rows.csv").write_text("item,who,label\n" + "\n".join(rows) + "\n")
    Path("mapping.toml").write_text(MAPPING)

    def fill() -> None:
        done = batchgate("import", "rows.csv", "--batch", "b1", "--mapping", "mapping.toml")
        assert (done[0], done[2]) == (0, "")

    shelf.filled(Path("batchgate-store"), "120 items of the command line", fill)
    return batchgate


def fields(output: str) -> Any:
    return json.loads(output)


def test_import_prints_what_was_promised(imported: Run) -> None:
    arguments = ("rows.csv", "--batch", "b2", "--mapping", "mapping.toml", "--json")
    _, output, _ = imported("import", *arguments)
    assert fields(output).keys() >= IMPORT_KEYS


def test_dry_run_writes_nothing(batchgate: Run) -> None:
    Path("rows.csv").write_text("item,who,label\nu1,A,yes\n")
    Path("mapping.toml").write_text(MAPPING)
    arguments = ("rows.csv", "--batch", "b1", "--mapping", "mapping.toml", "--dry-run")
    assert batchgate("import", *arguments)[0] == 0
    assert not Path("batchgate-store").exists()


def test_metric_prints_what_was_promised(imported: Run) -> None:
    _, output, _ = imported("metric", "krippendorff_alpha", "--batch", "b1", "--json")
    (row,) = fields(output)
    assert row.keys() >= METRIC_KEYS


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_answers_for_every_batch(imported: Run, metric: str) -> None:
    code, output, _ = imported("metric", metric, "--batch", "b1", "--json")
    assert code == 0
    assert isinstance(fields(output), list)


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_prints_a_table(imported: Run, metric: str) -> None:
    code, output, error = imported("metric", metric, "--batch", "b1")
    assert (code, error) == (0, "")
    assert output


def test_audit_prints_what_was_promised(imported: Run) -> None:
    _, output, _ = imported("audit", "b1", "--json")
    audit = fields(output)
    assert audit.keys() >= AUDIT_KEYS
    assert all(row.keys() >= CRITERION_KEYS for row in audit["criteria"])


@pytest.fixture
def lossy(batchgate: Run) -> Run:
    """Return the same with a batch whose answers were given twice, which the mapping states."""
    rows = [f"u{item},{who},yes" for item in range(40) for who in ("A", "B", "A")]
    Path("rows.csv").write_text("item,who,label\n" + "\n".join(rows) + "\n")
    Path("mapping.toml").write_text(MAPPING + '[duplicates]\nkeep = "last"\n')
    batchgate("import", "rows.csv", "--batch", "b1", "--mapping", "mapping.toml")
    return batchgate


def test_audit_says_what_share_the_import_lost(lossy: Run) -> None:
    _, output, _ = lossy("audit", "b1")
    told = " ".join(output.split())
    assert "lost on import: 40 of 120 answers (33 %), most of it: 40 rows dropped: answered" in told


def test_audit_counts_what_the_import_lost(lossy: Run) -> None:
    _, output, _ = lossy("audit", "b1", "--json")
    assert fields(output)["import"] == {"read": 120, "dropped": 40, "foreseen": 0}


def test_import_of_a_table_says_how_many_answers_were_read(batchgate: Run) -> None:
    Path("rows.csv").write_text("item,who,label\nu1,A,yes\nu2,A,no\n")
    Path("mapping.toml").write_text(MAPPING)
    _, output, _ = batchgate("import", "rows.csv", "--batch", "b1", "--mapping", "mapping.toml")
    assert "2 answers read, 2 kept" in output


@pytest.fixture
def thin_strata(batchgate: Run) -> Run:
    """Judge a batch that is clear as a whole and thin in one of its strata."""
    rows = [
        f"u{item},{who},{'yes' if (item + (who == 'B' and item % 9 == 0)) % 2 else 'no'},"
        f"{'rare' if item < 8 else 'usual'}"
        for item in range(240)
        for who in ("A", "B")
    ]
    Path("rows.csv").write_text("item,who,label,kind\n" + "\n".join(rows) + "\n")
    Path("mapping.toml").write_text(MAPPING + '[attributes]\nkind = "kind"\n')
    Path("own.toml").write_text(
        '[standard]\nname = "own"\nversion = "1.0.0"\nkind = "qa"\n[[criterion]]\nid = "a"\n'
        'metric = "percent_agreement"\nmust_be = ">= 0.7"\nseverity = "hard"\nby = ["kind"]\n'
    )
    batchgate("import", "rows.csv", "--batch", "b1", "--mapping", "mapping.toml")
    return batchgate


def test_accepted_batch_says_which_strata_were_left_open(thin_strata: Run) -> None:
    code, output, _ = thin_strata("audit", "b1", "--standard", "own.toml")
    told = " ".join(output.split())
    assert code == ExitCode.ACCEPT
    assert "1 of 2 strata is not decided, which the standard allows" in told
    assert "hard, allowed" in told


def test_what_would_settle_a_stratum_names_it(thin_strata: Run) -> None:
    _, output, _ = thin_strata("audit", "b1", "--standard", "own.toml")
    assert "a · answer · kind=rare: " in output


def test_table_heads_are_shown_whole(imported: Run) -> None:
    _, output, _ = imported("metric", "percent_agreement", "--batch", "b1")
    assert "value [interval]" in output


def test_metric_that_fits_no_question_says_what_it_takes(imported: Run) -> None:
    _, output, _ = imported("metric", "mean_score", "--batch", "b1")
    assert " ".join(output.split()) == (
        "mean_score takes ordinal, interval or ratio questions; batch 'b1' asks answer (nominal)"
    )


def test_metric_on_a_question_it_does_not_take_says_the_same(imported: Run) -> None:
    code, _, error = imported("metric", "mean_score", "--batch", "b1", "--question", "answer")
    assert code == ExitCode.USAGE
    assert "mean_score takes ordinal, interval or ratio questions" in error


def test_audit_exits_with_the_verdict(imported: Run) -> None:
    code, output, _ = imported("audit", "b1", "--json")
    assert code == ExitCode[fields(output)["verdict"].upper()]


def test_audit_takes_a_standard(imported: Run) -> None:
    Path("own.toml").write_text(
        '[standard]\nname = "own"\nversion = "1.0.0"\nkind = "qa"\nobjective = "x"\n'
        'annotation_criteria = "y"\n[[criterion]]\nid = "a"\nmetric = "percent_agreement"\n'
        'must_be = ">= 0.2"\nseverity = "hard"\nminimum_n = 10\norigin = "test"\nowner = "me"\n'
    )
    code, output, _ = imported("audit", "b1", "--standard", "own.toml", "--json")
    assert (code, fields(output)["standard"]["name"]) == (ExitCode.ACCEPT, "own")


def test_batches_prints_what_was_promised(imported: Run) -> None:
    _, output, _ = imported("batches", "--json")
    (row,) = fields(output)
    assert row.keys() >= BATCH_KEYS


def test_batches_marks_a_batch_that_is_superseded(imported: Run) -> None:
    arguments = ("rows.csv", "--mapping", "mapping.toml", "--set", "supersedes=b1")
    assert imported("import", *arguments, "--batch", "b2")[0] == 0
    _, output, _ = imported("batches", "--json")
    found = {row["batch"]: (row["supersedes"], row["superseded_by"]) for row in fields(output)}
    assert found == {"b1": (None, ["b2"]), "b2": ("b1", [])}
    assert "superseded by b2" in imported("batches")[1]


BACKUP_KEYS = {
    "folder", "files", "bytes", "batches", "schema_version", "data_version", "decision_head",
    "left_out",
}  # fmt: skip
DOCTOR_KEYS = {
    "store", "deep", "machine", "schema_version", "data_version", "batches", "files", "bytes",
    "findings", "errors", "warnings", "notes",
}  # fmt: skip


def test_backup_prints_what_was_promised(imported: Run) -> None:
    code, output, _ = imported("backup", "copy", "--json")
    assert (code, fields(output).keys()) == (ExitCode.ACCEPT, BACKUP_KEYS)


def test_backup_gives_the_same_verdict(imported: Run) -> None:
    code, output, error = imported("backup", "copy")
    assert (code, error) == (ExitCode.ACCEPT, "")
    assert "1 batch" in output
    assert imported("audit", "b1", "--json") == imported("audit", "b1", "--json", "--store", "copy")


def test_doctor_prints_what_was_promised(imported: Run) -> None:
    code, output, _ = imported("doctor", "--deep", "--json")
    assert (code, fields(output).keys()) == (ExitCode.ACCEPT, DOCTOR_KEYS)
    assert fields(output)["errors"] == 0


def test_doctor_that_finds_an_error_exits_with_5(imported: Run) -> None:
    next(Path("batchgate-store").glob("batches/*/parts/*/annotation.parquet")).unlink()
    code, output, error = imported("doctor")
    assert (code, error) == (ExitCode.STORE, "")
    assert "a file is gone: records of batch 'b1'" in " ".join(output.split())
    assert "1 error" in output


def test_metrics_lists_the_catalogue(batchgate: Run) -> None:
    _, output, _ = batchgate("metrics", "--json")
    assert [entry["id"] for entry in fields(output)] == list(METRICS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("metric", "kripendorff_alpha", "--batch", "b1"), "did you mean krippendorff_alpha"),
        (("metric", "krippendorff_alpha", "--batch", "b9"), "b9"),
        (("metric", "krippendorff_alpha", "--batch", "b1", "--question", "x"), "it has: answer"),
        (("metric", "krippendorff_alpha", "--batch", "b1", "-o", "level"), "name=value"),
        (("metric", "krippendorff_alpha"), "--batch"),
        (("audit", "b9"), "b9"),
        (("audit", "b1", "--standard", "no.toml"), "no.toml"),
        (("import", "no.csv", "--batch", "b2"), "no.csv"),
        (("import", "rows.csv", "--batch", "b1", "--mapping", "mapping.toml"), "--replace"),
        (("import", "rows.csv", "--batch", "b2", "--add", "--replace"), "exclude each other"),
        (("import", "rows.csv", "--batch", "b2", "--kind", "poem"), "sft"),
        (
            ("import", "rows.csv", "--batch", "b2", "--set", "supersedes=b0", "--dry-run"),
            "supersedes: found 'b0'; allowed: a batch of this store; there are b1",
        ),
        (("backup", "batchgate-store/copy"), "lies inside the store"),
        (("doctor", "--store", "nowhere"), "there is no store at"),
        (("frobnicate",), "frobnicate"),
    ],
)
def test_a_mistake_of_the_caller_is_one_line_and_exit_code_2(
    imported: Run, arguments: tuple[str, ...], message: str
) -> None:
    code, _, error = imported(*arguments)
    assert code == ExitCode.USAGE
    assert error.count("\n") == 1
    assert message in error


def test_a_folder_without_a_store_says_what_to_do(batchgate: Run) -> None:
    code, _, error = batchgate("batches", "--store", "nowhere")
    assert "check --store or BATCHGATE_STORE" in error
    assert code in {ExitCode.USAGE, ExitCode.STORE}
    assert "nowhere" in error


def test_an_unexpected_error_shows_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    def broken() -> None:
        raise RuntimeError("wires\ncrossed")

    assert run(broken) == ExitCode.STORE
    assert capsys.readouterr().err.count("\n") == 1


def test_no_word_at_all_shows_the_help(batchgate: Run) -> None:
    code, output, _ = batchgate("--help")
    assert code == 0
    assert "Commands" in output


def test_nothing_wraps_in_a_pipe(imported: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    long = "batch-" + "x" * 150
    Path("more.csv").write_text("item,who,label\nu1,A,yes\nu1,B,yes\n")
    words = ("import", "more.csv", "--batch", long, "--mapping", "mapping.toml")
    assert imported(*words)[0] == 0
    assert any(long in line for line in imported("batches")[1].splitlines())


def test_a_pipe_told_its_width_keeps_to_it(imported: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    assert max(map(len, imported("metrics")[1].splitlines())) <= 120
