"""The dashboard as a person has it: a server process and headless Chromium.

Tests in this folder take `demo_url` (the sample store), or `serve` for a store of their own, and
`page`, which fails the test at its end when the page logged an error, showed an exception, or sent
a request off the machine.
"""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
COMMAND = Path(sys.executable).with_name("batchgate")
READY_SECONDS = 90.0
PATIENCE_MS = 30_000
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what lies in this folder, and skip it with its reason where there is no Chromium."""
    here = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in here:
        item.add_marker(pytest.mark.browser)
        if not CHROMIUM.exists():
            item.add_marker(pytest.mark.skip(reason=f"{CHROMIUM} is not installed"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


@contextmanager
def running(log: Path, *arguments: str) -> Iterator[str]:
    """Run `batchgate ARGUMENTS --no-browser --port N` until the block ends; yield its address."""
    # A module named like one of ours in the caller's folder: it must never be imported.
    (log.parent / "metrics.py").write_text('raise RuntimeError("imported from the caller")\n')
    port = _free_port()
    command = [str(COMMAND), *arguments, "--no-browser", "--port", str(port)]
    with (
        log.open("w") as output,
        subprocess.Popen(command, cwd=log.parent, stdout=output, stderr=output) as server,
    ):
        try:
            deadline = time.monotonic() + READY_SECONDS
            while not _answers(port):
                assert server.poll() is None, f"the server ended: {log.read_text()}"
                assert time.monotonic() < deadline, f"the server is not ready: {log.read_text()}"
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            try:
                server.wait(timeout=20)
            finally:
                server.kill()
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.fixture(scope="session")
def demo_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder the sample store is built in by `demo_url`."""
    return tmp_path_factory.mktemp("demo") / "store"


@pytest.fixture(scope="session")
def demo_url(demo_store: Path) -> Iterator[str]:
    """Address of the dashboard that `batchgate demo` serves."""
    with running(demo_store.parent / "server.log", "demo", "--store", str(demo_store)) as url:
        yield url


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[Path], str]]:
    """Serve a store of the test's own: `serve(folder)` returns the address."""
    with ExitStack() as servers:
        yield lambda folder: servers.enter_context(
            running(tmp_path / "server.log", "serve", "--store", str(folder))
        )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium; a module's own, because its event loop must not outlive the module."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, serve: Callable[[Path], str]) -> Iterator[Page]:
    """Open a page of 1440 by 900 in a fresh profile; what went wrong on it fails the test."""
    del serve  # only asked for so that the page is closed before its server
    errors: list[str] = []
    abroad: list[str] = []

    def note_message(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(f"{message.text} ({message.location.get('url', '')})")

    def note_address(url: str) -> None:
        address = urlsplit(url)
        if address.scheme not in {"data", "blob"} and address.hostname != "127.0.0.1":
            abroad.append(url)

    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    opened = context.new_page()
    opened.on("console", note_message)
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("websocket", lambda websocket: note_address(websocket.url))
    context.on("request", lambda request: note_address(request.url))
    yield opened
    exceptions = opened.locator('[data-testid="stException"]').all_inner_texts()
    context.close()
    assert errors == []
    assert abroad == []
    assert exceptions == []


@pytest.fixture
def settle(page: Page) -> Callable[[], None]:
    """Return a call that waits until the script has run and nothing is still being drawn."""

    def wait() -> None:
        quiet = '[data-testid="stApp"][data-test-script-state="notRunning"]'
        expect(page.locator(quiet)).to_be_attached(timeout=PATIENCE_MS)
        expect(page.locator('[data-testid="stSkeleton"]')).to_have_count(0, timeout=PATIENCE_MS)

    return wait
