"""The dashboard as a process: how it starts, and how it ends when somebody stops it."""

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from queries.store import Store

READY_SECONDS = 60
Server = tuple["subprocess.Popen[str]", int]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Start `batchgate serve` on an empty store; give the process and its port."""
    Store.open(tmp_path / "store", create=True).close()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = ["serve", "--store", str(tmp_path / "store"), "--no-browser", "--port", str(port)]
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("batchgate")), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    yield process, port
    process.kill()
    process.communicate()


def wait_until_ready(port: int) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            opener.open(f"http://127.0.0.1:{port}/_stcore/health", timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    pytest.fail("the server was not ready in time")


def test_dashboard_stopped_by_its_user_ends_quietly(server: Server) -> None:
    process, port = server
    wait_until_ready(port)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Aborted" not in said
    assert "Traceback" not in said
