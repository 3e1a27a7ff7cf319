"""Functions that no exception ends, and some that one does."""

from __future__ import annotations

import atexit
import hashlib
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path


def hang() -> None:
    """Compute in C, for hours, without a look at signals."""
    hashlib.pbkdf2_hmac("sha256", b"password", b"salt", 2_000_000_000)


def hangs(folder: str) -> str:
    Path(folder, "pid").write_text(str(os.getpid()))
    hang()
    return folder


def hangs_once(folder: str) -> str:
    first = Path(folder, "first")
    if not first.exists():
        first.touch()
        hang()
    return "second"


def catches_all() -> int:
    while True:
        with suppress(BaseException):
            time.sleep(10)


def deaf(seconds: float) -> float:
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
    time.sleep(seconds)
    return seconds


def tidies_up(folder: str) -> int:
    Path(folder, "pid").write_text(str(os.getpid()))
    try:
        time.sleep(60)
    finally:
        Path(folder, "tidy").touch()
    return 1


def starts_others(folder: str) -> None:
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    Path(folder, "pid").write_text(str(sleeper.pid))
    hang()


def raises(text: str) -> None:
    raise ValueError(text)


def exits() -> None:
    sys.exit(3)


def dies() -> None:
    os._exit(4)


def kills_itself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def waits(folder: str) -> None:
    def stop(*_: object) -> None:
        Path(folder, "told").touch()
        sys.exit(7)

    signal.signal(signal.SIGTERM, stop)
    Path(folder, "pid").write_text(str(os.getpid()))
    while True:
        time.sleep(0.05)


def says(lines: int) -> int:
    atexit.register(print, "at exit")
    for number in range(lines):
        sys.stdout.write(f"out {number}\n")
        sys.stdout.flush()
        sys.stderr.write(f"err {number}\n")
    return lines


def stands_in(folder: str) -> str:
    return folder


def raises_then_hangs(folder: str) -> None:
    with Path(folder, "tries").open("a") as tries:
        tries.write("x")
    raise ValueError("first")
