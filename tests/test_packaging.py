"""The wheel holds everything the installed product reads, and nothing of the workshop."""

import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("app", "metrics", "queries", "sample_data")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Names of the files in a wheel built from this tree; hatchling needs no network for it."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return ZipFile(path).namelist()


def _sources() -> list[str]:
    return sorted(
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )


def test_wheel_holds_every_file_of_the_packages(wheel: list[str]) -> None:
    """An ignore rule for a data suffix would drop sample data without a word."""
    assert {name for name in wheel if ".dist-info/" not in name} == set(_sources())


@pytest.mark.parametrize(
    "pattern",
    [
        "queries/statistics/*.sql",
        "queries/records/*.sql",
        "queries/migrations/0001_*.sql",
        "app/standards/*.toml",
        "app/.streamlit/config.toml",
        "app/main.py",
        "app/views/*.py",
        "sample_data/*",
        "*.dist-info/licenses/LICENSE",
        "*.dist-info/entry_points.txt",
    ],
)
def test_wheel_holds(wheel: list[str], pattern: str) -> None:
    assert any(fnmatch(name, pattern) for name in wheel)


def test_wheel_brings_no_other_top_level_name(wheel: list[str]) -> None:
    tops = {name.split("/")[0] for name in wheel}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)
