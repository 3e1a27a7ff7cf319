"""Pipelines whose tasks fail in the ways that code and processes can."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from dagger_providers import dag, task


class FiveArgumentsError(Exception):
    """Cannot be made again from a text, as `UnicodeDecodeError` cannot."""

    def __init__(self, one: int, two: int, three: int, four: int, five: int) -> None:
        super().__init__(one, two, three, four, five)
        self.total = one + two + three + four + five


class OwnMessageError(Exception):
    """Its pickle makes another message: what pickling calls is its class with its message."""

    def __init__(self, code: int) -> None:
        super().__init__(f"code {code}")


class UnpicklableError(Exception):
    """Holds what no pickle can."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.held = lambda: None


class BrokenTextError(Exception):
    """Cannot even be shown."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


RAISED: dict[str, Any] = {
    "plain": lambda: ValueError("no such flight"),
    "five": lambda: FiveArgumentsError(1, 2, 3, 4, 5),
    "own": lambda: OwnMessageError(7),
    "unpicklable": lambda: UnpicklableError("held"),
    "broken": lambda: BrokenTextError("x"),
    "key": lambda: KeyError("carrier"),
    "decode": lambda: UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"),
    "lines": lambda: ValueError("first\nsecond"),
    "exit": lambda: SystemExit(0),
}


@task
def fail(how: str) -> int:
    raise RAISED[how]()


@task
def after(value: int) -> int:
    return value


@dag
def failing(how: str = "plain"):
    return after(fail(how))


@task
def fail_at(item: int, at: int) -> int:
    if item == at:
        raise ValueError(f"item {item}")
    return item


@task
def total(items: list[int]) -> int:
    return sum(items)


@dag
def failing_item(items: list[int], at: int):
    return total([fail_at(item, at) for item in items])


@task
def end_process(how: str) -> int:
    sys.stdout.flush()
    if how == "exit":
        os._exit(3)
    os.kill(os.getpid(), getattr(signal, how))
    time.sleep(30)
    return 0


@dag
def dying(how: str = "exit"):
    return after(end_process(how))


@task
def nap(seconds: float, mark: str) -> int:
    Path(mark).touch()
    time.sleep(seconds)
    return 1


@dag
def napping(marks: list[str], seconds: float = 60.0):
    return total([nap(seconds, mark) for mark in marks])


@task(timeout=0.3)
def too_long() -> int:
    while True:
        time.sleep(0.01)


@dag
def slow():
    return after(too_long())


@task
def mark(folder: str, name: str, seconds: float) -> str:
    time.sleep(seconds)
    Path(folder, name).touch()
    return name


@task
def follow(previous: str, folder: str) -> str:
    Path(folder, f"after-{previous}").touch()
    return previous


@dag
def two_branches(folder: str):
    """One branch fails at once; the other is in its first step then."""
    bad = fail("plain")
    good = mark(folder, "good", 0.5)
    return {"bad": after(bad), "good": follow(good, folder)}


@task
def chatter(lines: int) -> int:
    for number in range(lines):
        sys.stdout.write(f"{'x' * 1000} {number}\n")
        sys.stderr.write(f"{'y' * 1000} {number}\n")
    sys.stdout.write('{"done": [], "failure": null}\n')
    os.write(1, b'["not", "ours"]\n')
    sys.stdin.read()
    return lines


@dag
def talking(lines: int = 200):
    return after(chatter(lines))


@task
def has_key() -> dict[str, int]:
    return {"there": 1}


@dag
def missing_key():
    return after(has_key()["gone"])


@task
def number() -> Any:
    return 3


@dag
def loop_over_a_number():
    return total([after(item) for item in number()])


@task
def two() -> list[int]:
    return [1, 2]


@task
def three() -> list[int]:
    return [1, 2, 3]


@task
def add(one: int, other: int) -> int:
    return one + other


@dag
def unequal():
    return total([add(x, y) for x, y in zip(two(), three(), strict=True)])


@task(env={"WHO": "env option"})
def who() -> str:
    return os.environ["WHO"]


@dag
def environment():
    return who()
