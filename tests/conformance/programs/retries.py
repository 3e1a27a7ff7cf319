"""A task that works at the third try, for each item; a plain call has one try only."""

import os
from collections.abc import Iterator
from pathlib import Path

from dagger_providers import dag, task

DRAWING = "xs -> [flaky, 2 retries] -> listed; halfway (yields, fails, yields)"
PLAIN = "RuntimeError: try 1 of a"


@task(retries=2, retry_delay=0.01, retry_backoff=2.0, timeout="1m")
def flaky(folder: str, x: str) -> str:
    """Fail twice, counted by a file of this process, and clean up."""
    counter = Path(folder) / f"{os.getpid()}-{x}.txt"
    tries = int(counter.read_text()) + 1 if counter.exists() else 1
    if tries < 3:
        counter.write_text(str(tries))
        raise RuntimeError(f"try {tries} of {x}")
    counter.unlink()
    return f"{x} at try {tries}"


@task(retries=1)
def halfway(folder: str) -> Iterator[int]:
    """Fail in the middle of what is yielded, once."""
    mark = Path(folder) / f"{os.getpid()}-halfway"
    yield 1
    if not mark.exists():
        mark.touch()
        raise ValueError("between two items")
    mark.unlink()
    yield 2


@task
def listed(values: list[str]) -> list[str]:
    return values


@dag
def retries(folder: str, xs: list[str]):
    return {"tries": listed([flaky(folder, x) for x in xs]), "yielded": halfway(folder)}


_EXPECTED = {"tries": ["a at try 3", "b at try 3"], "yielded": [1, 2]}

PIPELINE = retries
RUNS = [({"folder": "SCRATCH", "xs": ["a", "b"]}, _EXPECTED)]
