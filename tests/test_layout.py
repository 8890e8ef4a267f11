"""The house keeps its shape: what may lie where, and which names would break something."""

import ast
import sys
from fnmatch import fnmatch
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("app", "metrics", "queries", "sample_data")
TOP_LEVEL = {
    *PACKAGES,
    "tests",
    "benchmarks",
    ".ci",
    "pyproject.toml",
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "LICENSE",
    ".gitignore",
}
DRAWS = (
    "app/main.py",
    "app/server.py",
    "app/views/*",
    "app/components.py",
    "app/state.py",
    "app/access.py",
)
VAGUE = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}


def _modules(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _ignored(name: str) -> bool:
    rules = (ROOT / ".gitignore").read_text().split()
    return name == ".git" or any(fnmatch(name, rule.strip("/")) for rule in rules)


def _imports(path: Path) -> set[str]:
    """Top-level names of every module that `path` imports, also inside functions."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    return names


def test_top_level_holds_only_what_the_design_names() -> None:
    found = {path.name for path in ROOT.iterdir() if not _ignored(path.name)}
    assert found <= TOP_LEVEL


def test_top_level_holds_every_part() -> None:
    assert {path.name for path in ROOT.iterdir()} >= TOP_LEVEL


def test_gate_is_one_file() -> None:
    assert [path.name for path in (ROOT / ".ci").iterdir()] == ["run"]


@pytest.mark.parametrize("name", ["app/app.py", "app/pages"])
def test_names_that_streamlit_takes_amiss_are_absent(name: str) -> None:
    """`app/app.py` runs as a second entry script; a folder `pages` brings back old navigation."""
    assert not (ROOT / name).exists()


@pytest.mark.parametrize("folder", ["app", "queries"])
def test_no_module_hides_another_import(folder: str) -> None:
    """Streamlit puts `app/` first on the path: a module there hides every namesake."""
    ours = {path.stem for path in (ROOT / folder).iterdir() if path.suffix == ".py"}
    if folder == "app":
        ours |= {path.name for path in (ROOT / folder).iterdir() if path.is_dir()}
    theirs = {*sys.stdlib_module_names, *packages_distributions(), *PACKAGES, "tests"}
    assert not ours & (theirs - {"__init__", "__main__", "__pycache__", ".streamlit"})


@pytest.mark.parametrize("path", _modules(*PACKAGES, "benchmarks"), ids=_name)
def test_module_reads_as_one_thought(path: Path) -> None:
    lines = path.read_text().count("\n")
    assert lines < 400


@pytest.mark.parametrize("path", _modules(*PACKAGES, "benchmarks"), ids=_name)
def test_module_name_says_a_concept(path: Path) -> None:
    assert path.stem not in VAGUE


@pytest.mark.parametrize("path", _modules(*PACKAGES), ids=_name)
def test_streamlit_stays_where_pages_are_drawn(path: Path) -> None:
    draws = any(fnmatch(_name(path), pattern) for pattern in DRAWS)
    assert draws or "streamlit" not in _imports(path)


@pytest.mark.parametrize("folder", sorted({path.parent for path in _modules(*PACKAGES)}), ids=_name)
def test_package_folder_says_what_it_is_for(folder: Path) -> None:
    opening = folder / "__init__.py"
    assert opening.exists()
    assert ast.get_docstring(ast.parse(opening.read_text()))


def test_lock_files_stay_out() -> None:
    """A lock file names the hosts of the registry it was made from."""
    assert _ignored("uv.lock")
