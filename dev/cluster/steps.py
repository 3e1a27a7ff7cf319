"""What every step shares: folders, lines of progress, commands, and how to give up."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
# Binaries and images stay in HOME; what runs keeps its data, logs and process ids in STATE.
HOME = CACHE / "dagger-providers" / "cluster"
STATE = HOME / "state"
LOGS = STATE / "logs"


def fail(message: str) -> NoReturn:
    """End the tool with one line that says what is missing and what to do."""
    sys.exit(f"cluster: {message}")


def say(message: str) -> None:
    """Print one line at once, whoever reads it."""
    print(f"cluster: {message}", flush=True)


@contextlib.contextmanager
def step(what: str) -> Iterator[None]:
    """Say what begins, and how long it took."""
    say(f"{what} ...")
    begun = time.monotonic()
    yield
    say(f"{what}: {time.monotonic() - begun:.0f} s")


def call(*command: str | Path, log: str, cwd: Path | None = None, **more: str) -> None:
    """Run a command with its output in a log; end the tool with the log's last lines if it fails.

    Args:
        command: Program and arguments.
        log: Name of the log below ``LOGS``, to which the output is added.
        cwd: Folder in which it runs.
        more: Variables on top of this process's environment.
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / f"{log}.log"
    with path.open("ab") as output:
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=cwd,
            env={**os.environ, **more},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        status = process.wait()
    except BaseException:
        # A build has children of its own, which would go on.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    if status:
        tail = "\n".join(path.read_text(errors="replace").splitlines()[-15:])
        fail(f"{command[0]} ended with {status}; the last lines of {path}:\n{tail}")


def text_of(*command: str | Path) -> str | None:
    """What a command prints, or ``None`` if it fails or is not there."""
    try:
        done = subprocess.run(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def wait_for(what: str, seconds: float, ready: Callable[[], object]) -> None:
    """Wait until ``ready`` says yes; end the tool if it does not in time."""
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            fail(f"{what} is not ready after {seconds:.0f} s; see the logs in {LOGS}")
        time.sleep(0.2)
