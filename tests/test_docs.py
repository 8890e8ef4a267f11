"""The README is held to the product: its commands, tables, examples and outputs are real.

Run as a script, this module writes the README anew with the outputs and tables of this version.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, get_args

import pytest
import typer.main
from pydantic import BaseModel

from app import cli
from app.catalog import METRICS
from app.standards import load
from app.standards.model import StandardFile
from queries.ingest.mapping import CONSTANTS, Duration, Mapping
from queries.ingest.mapping_file import read_mapping

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
BLOCK = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
METRIC_TABLE = re.compile(r"(?<=<!-- metrics -->\n).*?(?=<!-- /metrics -->)", re.DOTALL)
# People's keys are salted, so a digest differs from store to store.
HASH = re.compile(r"\b[0-9a-f]{6,64}(…[0-9a-f]{4})?")
COMMANDS = typer.main.get_command(cli.app).commands  # type: ignore[attr-defined]


def blocks(text: str) -> list[re.Match[str]]:
    return list(BLOCK.finditer(text))


def example(name: str) -> str:
    """Return the block of the README that shows the file `name`."""
    (body,) = [b["body"] for b in blocks(README.read_text()) if b["info"].endswith(f" {name}")]
    return body


def options(command: str) -> set[str]:
    found = COMMANDS[command]
    # A group has no options of its own: those of its commands stand in its row.
    within = getattr(found, "commands", {command: found}).values()
    return {
        name
        for each in within
        for parameter in each.params
        for name in parameter.opts
        if name.startswith("-") and name != "--help"
    }


def command_lines(text: str) -> list[list[str]]:
    """Every `batchgate ...` in a code span or after a prompt, split into words."""
    typed = re.findall(r"^\$ (batchgate .*)$", text, re.MULTILINE)
    typed += re.findall(r"(?<!`)`(batchgate [^`\n]+)`", text)
    return [shlex.split(line.split("|")[0]) for line in typed]


def command_rows(text: str) -> dict[str, list[str]]:
    """Options per command as the README's table of commands has them."""
    rows = re.findall(r"^\| `batchgate ([a-z]+)[^|]*\|[^|]*\|([^|]*)\|$", text, re.MULTILINE)
    return {command: re.findall(r"`(-[-a-z]+)", cells) for command, cells in rows}


def metric_table() -> str:
    rows = [f"| `{metric.id}` | {metric.title} | {metric.asks} |" for metric in METRICS.values()]
    return "\n".join(["| id | name | question it answers |", "|---|---|---|", *rows, ""])


class Shell:
    """Runs a block's prompt lines in one folder and keeps the last exit code, as a shell does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.code = 0
        scripts = str(Path(sys.executable).parent)
        self.environment = {
            "PATH": os.pathsep.join([scripts, os.environ["PATH"]]),
            "HOME": str(folder),
            "COLUMNS": "100",
            "LC_ALL": "C.UTF-8",
        }

    def run(self, line: str) -> str:
        if line == "echo $?":
            return f"{self.code}\n"
        done = subprocess.run(
            shlex.split(line),
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        self.code = done.returncode
        return re.sub(r" +$", "", done.stdout + done.stderr, flags=re.MULTILINE)


def as_it_should_be(text: str, folder: Path) -> str:
    """Return the README with the metric table and every output as this version makes them."""
    shell = Shell(folder)

    def renewed(match: re.Match[str]) -> str:
        words = match["info"].split()
        if len(words) == 2:
            (folder / words[1]).write_text(match["body"])
        if words[:1] != ["console"]:
            return match[0]
        lines = [line for line in match["body"].splitlines() if line.startswith("$ ")]
        shown = "".join(f"{line}\n{shell.run(line[2:])}" for line in lines)
        same = HASH.sub("#", shown) == HASH.sub("#", match["body"])
        return match[0] if same else f"```{match['info']}\n{shown}```"

    return METRIC_TABLE.sub(lambda _: metric_table(), BLOCK.sub(renewed, text))


@pytest.fixture(scope="module")
def renewed(tmp_path_factory: pytest.TempPathFactory) -> str:
    return as_it_should_be(README.read_text(), tmp_path_factory.mktemp("readme"))


def test_outputs_and_tables_are_what_this_version_prints(renewed: str) -> None:
    assert renewed.splitlines() == README.read_text().splitlines()


def test_first_screen_holds_two_commands_that_set_themselves_up() -> None:
    screen = "\n".join(README.read_text().splitlines()[:40])
    commands = [line for block in blocks(screen) for line in block["body"].splitlines()]
    set_up = "python3 -m venv .venv && .venv/bin/pip install -q 'uv<1' && .venv/bin/uv run "
    assert commands == [set_up + "batchgate demo", set_up + "pytest"]


def test_gate_takes_its_test_command_from_the_readme() -> None:
    gate = (ROOT / ".ci" / "run").read_text()
    (pattern,) = re.findall(r"grep -E '([^']+)' README\.md", gate)
    found = re.findall(pattern, README.read_text(), re.MULTILINE)
    assert len(found) == 1
    assert 'bash -c "$test_command"' in gate


@pytest.mark.parametrize("words", command_lines(README.read_text()), ids=" ".join)
def test_command_line_of_the_readme_exists(words: list[str]) -> None:
    _, command, *rest = [*words, "--help"]
    used = {word.split("=")[0] for word in rest if re.match(r"--?[a-z]", word)}
    if command == "--help":
        return
    assert used - {"--help"} <= options(command)


def test_table_of_commands_names_every_command() -> None:
    assert set(command_rows(README.read_text())) == set(COMMANDS)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_table_of_commands_names_every_option(command: str) -> None:
    assert set(command_rows(README.read_text())[command]) == options(command)


def test_exit_codes_of_the_readme_are_those_of_the_command_line() -> None:
    rows = re.findall(r"^\| ([0-9]) \| `([a-z]+)`", README.read_text(), re.MULTILINE)
    assert {name.upper(): int(code) for code, name in rows} == {
        code.name: code.value for code in cli.ExitCode
    }


@pytest.mark.parametrize("name", ["mapping.toml", "every-key.toml", "wide.toml"])
def test_mapping_example_loads(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(example(name))
    assert read_mapping(tmp_path / name).mapping.kind


@pytest.mark.parametrize("name", ["standard.toml", "every-key-of-a-standard.toml"])
def test_standard_example_loads(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(example(name))
    assert load(tmp_path / name, METRICS).criteria


def keys(model: type[BaseModel]) -> set[str]:
    """Names of all keys of a file, those of its sections included."""
    schema = model.model_json_schema()
    sections = [schema, *schema.get("$defs", {}).values()]
    return {key for section in sections for key in section.get("properties", {})}


def test_mapping_examples_show_every_key() -> None:
    shown = set(re.findall(r"\w+", example("every-key.toml") + example("wide.toml")))
    assert keys(Mapping) - shown == set()


def test_standard_example_shows_every_key() -> None:
    shown = set(re.findall(r"\w+", example("every-key-of-a-standard.toml")))
    assert keys(StandardFile) - shown == set()


def test_commands_section_names_every_fact_that_can_be_set() -> None:
    section = README.read_text().split("### Commands")[1].split("### Exit codes")[0]
    assert set(CONSTANTS) - {"standard_sha256"} - set(re.findall(r"`(\w+)`", section)) == set()


def test_units_of_durations_are_those_of_the_mapping() -> None:
    units = get_args(Duration.model_fields["unit"].annotation)
    assert f"# {', '.join(units)};" in example("every-key.toml")


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each command prints with --json on the README's own example."""
    shell = Shell(tmp_path_factory.mktemp("json"))
    for name in ("answers.csv", "mapping.toml", "standard.toml"):
        (shell.folder / name).write_text(example(name))
    lines = {
        "import": "import answers.csv --mapping mapping.toml --batch first",
        "metric": "metric gwet_ac1 --batch first",
        "audit": "audit first --standard standard.toml",
        "batches": "batches",
        "annotators": "annotators --batch first",
        "backup": "backup copy",
    }
    return {name: json.loads(shell.run(f"batchgate {line} --json")) for name, line in lines.items()}


@pytest.mark.parametrize(
    "command", ["import", "metric", "audit", "annotators", "batches", "backup"]
)
def test_json_has_the_keys_of_the_readme(command: str, documents: dict[str, Any]) -> None:
    pattern = rf"^\| `batchgate {command}` \| ([^|]*) \|$"
    (cell,) = re.findall(pattern, README.read_text(), re.MULTILINE)
    document = documents[command]
    one = document[0] if isinstance(document, list) else document
    nested = {*one["criteria"][0], *one["traceable"][0]} if command == "audit" else set()
    assert set(re.findall(r"`(\w+)`", cell)) - {"criteria"} == (set(one) | nested) - {"criteria"}


def test_developers_section_names_every_folder() -> None:
    section = README.read_text().split("## For developers")[1]
    folders = {
        path.name
        for package in ("app", "metrics", "queries")
        for path in [ROOT / package, *(ROOT / package).rglob("*/")]
        if path.is_dir() and path.name != "__pycache__"
    }
    assert {name for name in folders if f" {name}/ " not in section} == set()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        README.write_text(as_it_should_be(README.read_text(), Path(scratch)))
