"""Disks that are full, too small or read-only."""

import json
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from benchmarks.soak_export import Export, Outcome, alpha, batchgate, look_after
from queries.store import Store


def full(told: Export, folder: Path, sizes: Sequence[int]) -> Outcome:
    """Import under a limit on the size of files, then on a file system that is too small."""
    outcome = limited_files(told, folder, sizes)
    if namespace() is None:
        outcome.notes.append("no file system can be mounted here: a full disk was not tried")
        return outcome
    for size in sizes:
        full_disk(told, folder, size, outcome)
    return outcome


def limited_files(told: Export, folder: Path, sizes: Sequence[int]) -> Outcome:
    """Import under a limit on the size of files, which needs no privileges."""
    outcome = Outcome("full")
    store = folder / "limited"
    told.into(store, "before")
    Store.open(store).close()
    codes = []
    for size in sizes:
        command = ["prlimit", f"--fsize={size}", *told.command(store, f"b{size}")]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        codes.append(done.returncode)
        refused_in_one_line(f"files of {size} bytes", done.returncode, done.stderr, outcome)
        look_after(told, store, f"b{size}", outcome)
    outcome.notes.append(f"limits of {list(sizes)} bytes a file: exit codes {codes}")
    shutil.rmtree(store)
    return outcome


def refused_in_one_line(where: str, code: int, error: str, outcome: Outcome) -> None:
    """Expect success, or one line on standard error that needs no programmer."""
    plain = error.count("\n") == 1 and "unexpected" not in error and "Traceback" not in error
    outcome.expect(code == 0 or (code == 5 and plain), f"{where}: exit code {code}: {error}")


def full_disk(told: Export, folder: Path, room: int, outcome: Outcome) -> None:
    """Import where so many bytes are free beside a store, then with room again."""
    prefix = namespace() or []
    small = folder / "small"
    store = small / "store"
    doctor = batchgate("doctor", "--store", str(store), "--json")
    asked = ("metric", "krippendorff_alpha", "--batch", "full", "--store", str(store), "--json")
    answers = run_inside(
        prefix,
        folder,
        [
            f"mount -t tmpfs tmpfs {small}",
            f"cp -r {told.peace} {store}",
            f"mount -o remount,size=$(($(df --output=used -k {small} | tail -1) + {room // 1024}))k"
            f" {small}",
            told.command(store, "full"),
            doctor,
            f"mount -o remount,size=1g {small}",
            [*told.command(store, "full"), "--replace"],
            told.command(store, "full"),
            batchgate(*asked),
            doctor,
        ],
    )
    codes = [code for code, _, _ in answers]
    where = f"{room} bytes free"
    refused_in_one_line(where, codes[3], answers[3][2], outcome)
    # The disk that is full is a finding itself; everything else must be whole.
    for code, output, error in (answers[4], answers[9]):
        findings = json.loads(output)["findings"] if output else [{"where": error, "what": code}]
        bad = [each for each in findings if each.get("level", "error") == "error"]
        bad = [each for each in bad if "of disk are free" not in str(each["what"])]
        outcome.expect(not bad, f"{where}: {bad}")
    outcome.expect(0 in {codes[6], codes[7]}, f"{where}: next import: {answers[7][2]}")
    found = json.loads(answers[8][1])[0]["value"] if codes[8] == 0 else None
    outcome.expect(found == told.alpha, f"{where}: alpha {found}, in peace {told.alpha}")
    outcome.notes.append(f"{where} on the disk: exit code {codes[3]} {answers[3][2].strip()[-90:]}")


def readonly(told: Export, folder: Path) -> Outcome:
    """Read a store that cannot be written, by all commands that only read."""
    outcome = Outcome("readonly")
    prefix = namespace()
    if prefix is None:
        outcome.notes.append("no file system can be mounted here: read-only was not tried")
        return outcome
    small = folder / "small"
    place = ("--store", str(small / "store"))
    reading = [
        batchgate("batches", *place),
        batchgate("metric", "krippendorff_alpha", "--batch", "b", *place),
        batchgate("audit", "b", *place),
        batchgate("doctor", "--deep", *place),
        batchgate("backup", str(folder / "copy"), *place),
    ]
    setup = [
        f"mount -t tmpfs tmpfs {small}",
        f"cp -r {told.peace} {small / 'store'}",
        f"rm -f {small / 'store'}/*.lock",
        f"mount -o remount,ro {small}",
    ]
    commands = [*setup, told.command(small / "store", "new"), *reading]
    answers = run_inside(prefix, folder, commands)[len(setup) :]
    code, _, error = answers[0]
    outcome.expect(code == 5, f"the import ended with {code}: {error}")
    refused_in_one_line("import", code, error, outcome)
    for command, (code, _, error) in zip(reading, answers[1:], strict=True):
        allowed = {0, 1, 3, 4} if "audit" in command else {0}
        outcome.expect(code in allowed and not error, f"{command[3]} ended with {code}: {error}")
    outcome.expect(alpha(folder / "copy", "b") == told.alpha, "the copy has another alpha")
    outcome.notes.append(f"import: {answers[0][2].strip()}")
    return outcome


def namespace() -> list[str] | None:
    """Return the command that runs another where it may mount; None where nobody lets us."""
    for prefix in (["unshare", "--mount"], ["unshare", "--map-root-user", "--mount"]):
        if shutil.which("unshare"):
            tried = [*prefix, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
            if subprocess.run(tried, check=False, capture_output=True).returncode == 0:
                return prefix
    return None


def run_inside(
    prefix: Sequence[str], folder: Path, commands: Sequence[str | Sequence[str]]
) -> list[tuple[int, str, str]]:
    """Run commands one after the other; return exit code, output and error of each."""
    (folder / "small").mkdir(exist_ok=True)
    lines = []
    for number, command in enumerate(commands):
        text = command if isinstance(command, str) else shlex.join(command)
        lines.append(f"{text} >{folder}/{number}.out 2>{folder}/{number}.err; echo $?")
    done = subprocess.run(
        [*prefix, "sh", "-c", "\n".join(lines)], check=True, capture_output=True, text=True
    )
    return [
        (int(code), (folder / f"{number}.out").read_text(), (folder / f"{number}.err").read_text())
        for number, code in enumerate(done.stdout.split())
    ]
