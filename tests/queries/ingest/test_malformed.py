"""Malformed files of every kind, imported in this process; the large ones are a benchmark.

Every small file that must be refused, or of which a loss must be told, is read here once, and one
in four of the others; every other one with a mapping. The benchmark `malformed.py` reads all of
them in both ways through the command line.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pytest

from benchmarks.malformed import corpus, told_badly
from benchmarks.malformed_packed import special
from benchmarks.malformed_rows import BAD_ROW, MAPPING, Case
from queries.errors import InputError
from queries.ingest import import_batch
from queries.ingest.report import ImportReport
from queries.store import Store

EVERY = 4


def _cases() -> Iterator[tuple[Case, bool]]:
    others = 0
    for number, case in enumerate(corpus()):
        certain = case.outcome == "refused" or case.loses is not None
        others += not certain
        if certain or others % EVERY == 0:
            yield case, number % 3 == 0


CASES = list(_cases())


@dataclass(frozen=True)
class Bench:
    """A store that many files are tried on, and the mapping they have in common."""

    store: Store
    folder: Path
    mapping: Path

    def attempt(self, path: Path, *, mapped: bool) -> ImportReport | str:
        """Return the report, or the message of the refusal; nothing may be left behind."""
        mapping = self.mapping if mapped else None
        try:
            return import_batch(
                self.store, [path], batch_id="b", kind="qa", mapping=mapping, dry_run=True
            )
        except InputError as error:
            return " ".join(str(error).split())
        finally:
            assert not list((self.store.folder / "staging").iterdir())


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("malformed")
    store = Store.open(folder / "store", create=True)
    (folder / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    yield Bench(store, folder, folder / "mapping.toml")
    store.close()


def _places(report: ImportReport) -> set[tuple[str, int]]:
    losses = (*report.dropped, *report.coerced, *report.unknown)
    return {(each.column, each.record) for loss in losses for each in loss.examples}


@pytest.mark.parametrize(("case", "mapped"), CASES, ids=[case.name for case, _ in CASES])
def test_a_malformed_file_is_taken_whole_or_refused_in_words(
    bench: Bench, case: Case, *, mapped: bool
) -> None:
    path = bench.folder / case.name
    path.write_bytes(case.content)
    found = bench.attempt(path, mapped=mapped)
    path.unlink()
    if isinstance(found, str):
        assert case.outcome != "taken"
        assert told_badly(found, case.name) == []
        assert [word for word in case.says if word not in found] == []
    else:
        assert case.outcome != "refused"
        assert found.read == found.kept + sum(loss.count for loss in found.dropped)
        assert case.loses is None or (case.loses, BAD_ROW) in _places(found)


def test_the_corpus_is_the_same_every_time() -> None:
    assert list(islice(corpus(), 100)) == list(islice(corpus(), 100))


def test_the_corpus_names_every_file_once() -> None:
    assert max(Counter(case.name for case, _ in CASES).values()) == 1


def test_the_gate_reads_hundreds_of_files() -> None:
    assert len(CASES) >= 300


def test_what_is_no_regular_file_is_taken_or_refused_in_words(bench: Bench, tmp_path: Path) -> None:
    became = {}
    for path, outcome in special(tmp_path):
        found = bench.attempt(path, mapped=False)
        refused = isinstance(found, str)
        faults = told_badly(found, path.name) if isinstance(found, str) else []
        became[path.name] = ("refused" if refused else "taken", faults, outcome)
    assert {name: each for name, each in became.items() if each[0] != each[2] or each[1]} == {}
