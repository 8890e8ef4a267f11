"""The command line's words for a backup and for what the doctor found."""

from app.console import console, safe
from app.text import count, counted
from queries.backup import Backup
from queries.doctor import Diagnosis
from queries.findings import LEVELS

_UNITS = ("bytes", "kB", "MB", "GB", "TB")
_SHOWN_LEFT_OUT = 3


def size(number: int) -> str:
    """Return a number of bytes as a person reads it.

    Examples
    --------
    >>> size(1_530_000)
    '1.5 MB'
    """
    value, unit = float(number), 0
    while value >= 1000 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.1f} {_UNITS[unit]}" if unit else f"{number} {_UNITS[0]}"


def print_backup(done: Backup) -> None:
    """Print what was copied, and which state of the store it is."""
    screen = console()
    screen.print(
        f"backed up to {safe(done.folder)}: {counted(done.files, 'files')},"
        f" {size(done.bytes)}, {counted(done.batches, 'batches')}"
    )
    screen.print(
        f"catalogue: schema version {done.schema_version}, change {count(done.data_version)};"
        f" head of the decisions {safe(done.decision_head or 'none yet')}",
        style="dim",
    )
    if done.left_out:
        shown = ", ".join(done.left_out[:_SHOWN_LEFT_OUT])
        screen.print(
            safe(
                f"left out {count(len(done.left_out))} damaged or missing statistics, which are"
                f" counted from the records when asked for: {shown}"
            )
        )


def print_diagnosis(found: Diagnosis) -> None:
    """Print what is wrong, the worst first, and what was looked at."""
    screen = console()
    for finding in found.findings:
        screen.print(f"[bold]{finding.level}[/bold] {safe(finding.where)}: {safe(finding.what)}")
        screen.print(safe(f"    {finding.do}"), style="dim")
    again = ", all digests and statistics counted again" if found.deep else ""
    levels = ", ".join(counted(found.count(each), f"{each}s") for each in LEVELS)
    screen.print(
        f"{levels}; {counted(found.batches, 'batches')}, {counted(found.files, 'files')}"
        f" ({size(found.bytes)}) as they were written{again}"
    )
    has = found.machine
    screen.print(
        safe(
            f"{has.software}, schema version {found.schema_version}, Python {has.python}, DuckDB"
            f" {has.duckdb}, {has.threads} threads on {has.cores} processors, memory limit"
            f" {size(has.memory_limit)} of {size(has.memory) if has.memory else 'unknown'},"
            f" {size(has.disk_free)} of disk free"
        ),
        style="dim",
    )
