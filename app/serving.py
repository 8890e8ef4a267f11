"""Start the dashboard: one Streamlit server on one store, nothing sent anywhere."""

import os
import runpy
import signal
import socket
import sys
from pathlib import Path
from types import FrameType

from queries.errors import InputError

MAIN = Path(__file__).with_name("server.py")
# Security and privacy options are flags, because a config.toml of the caller's folder would
# otherwise win over ours.
FLAGS = (
    "--browser.gatherUsageStats=false",
    "--server.fileWatcherType=none",
    "--server.showEmailPrompt=false",
    "--client.showErrorDetails=none",
    "--client.showErrorLinks=false",
    "--client.toolbarMode=viewer",
)
LOOPBACK = ("127.0.0.1", "localhost")


def start(store: Path, *, port: int, host: str, browser: bool) -> None:
    """Replace this process by the server; returns only by raising.

    Raises
    ------
    InputError
        When the port is taken or may not be used.
    """
    check_port(host, port)
    environment = {**os.environ, "BATCHGATE_STORE": str(store.resolve())}
    # -P: the caller's folder may hold a module named like one of ours, and would come first.
    command = [
        *(sys.executable, "-P", "-m", "app.serving", "run", str(MAIN)),
        f"--server.port={port}",
        f"--server.address={host}",
        f"--server.headless={str(not browser).lower()}",
        *FLAGS,
    ]
    if host not in LOOPBACK:
        # The shipped configuration answers to this machine's own names only. Whoever listens
        # elsewhere chose to be reached under names that we cannot know.
        command.append("--server.allowedHosts=*")
    sys.stdout.flush()
    os.execve(sys.executable, command, environment)  # noqa: S606


def check_port(host: str, port: int) -> None:
    """Refuse a port that cannot be listened on, before the server fails with a long message."""
    if not 1 <= port <= 65535:
        raise InputError(f"port {port} is not possible; use 1 to 65535")
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise InputError(
            f"cannot listen on {host}:{port}: {error.strerror or error};"
            " stop what listens there, or choose another port with --port"
        ) from None


def stopped(_number: int, _frame: FrameType | None) -> None:
    """End quietly: whoever stops the dashboard with Ctrl-C got what they asked for."""
    sys.exit(0)


def serve() -> None:
    """Be the server, with the arguments of `streamlit run`."""
    # The server shuts down on Ctrl-C by itself and then hands the signal to who was there before.
    signal.signal(signal.SIGINT, stopped)
    sys.argv[0] = "streamlit"
    runpy.run_module("streamlit", run_name="__main__")


if __name__ == "__main__":
    serve()
