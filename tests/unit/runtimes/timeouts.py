"""Pipelines of tasks that have a timeout."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

from dagger_providers import dag, task


def hang() -> None:
    """Compute in C, for hours, without a look at signals."""
    hashlib.pbkdf2_hmac("sha256", b"password", b"salt", 2_000_000_000)


@task
def before(item: int) -> int:
    return item


@task(timeout=0.2, retries=1)
def hangs_first(item: int, folder: str) -> int:
    first = Path(folder, str(item))
    if item in {1, 6} and not first.exists():
        first.touch()
        hang()
    return item * 10


@task
def after(item: int) -> int:
    return item + 1


@dag
def resumed(items: list[int], folder: str):
    """Some items of the second of three steps hang in their first try."""
    return [after(hangs_first(before(item), folder)) for item in items]


@task(timeout=0.2)
def hangs() -> int:
    hang()
    return 1


@dag
def hanging():
    return after(hangs())


@task(timeout=60)
def hangs_long(mark: str) -> int:
    Path(mark).write_text(str(os.getpid()))
    hang()
    return 1


@dag
def hanging_long(mark: str):
    return hangs_long(mark)


@task(timeout=60)
def fails(text: str) -> int:
    raise UnicodeDecodeError("utf-8", text.encode(), 0, 1, "invalid")


@dag
def failing(text: str):
    return fails(text)


@task(timeout=0.2, retries=1, retry_delay=60)
def waits_long(mark: str) -> int:
    Path(mark).write_text(str(os.getpid()))
    hang()
    return 1


@dag
def waiting_long(mark: str):
    return waits_long(mark)


@task(timeout=5)
def naps(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


@dag
def napping(times: list[float]):
    return [naps(seconds) for seconds in times]
