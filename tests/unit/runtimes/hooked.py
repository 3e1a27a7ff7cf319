"""Pipelines with hooks; each hook writes a line of a file that the pipeline is given."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

from dagger_providers import dag, task


@task
def numbers(n: int) -> list[int]:
    return list(range(n))


@task
def invert(x: float, log: str) -> float:
    return 1 / x


@task
def gather(xs: list[float]) -> list[float]:
    return xs


@task
def stop_at(x: int, log: str) -> int:
    if x:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(10)
    return x


@task
def note(text: str, log: str) -> str:
    write(log, {"hook": text})
    return text


@task
def end_process(log: str) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 1


@task
def no_list() -> Any:
    return 5


def write(log: str, line: Any) -> None:
    with Path(log).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def lines(log: Path) -> list[dict[str, Any]]:
    text = log.read_text(encoding="utf-8") if log.exists() else ""
    return [json.loads(line) for line in text.splitlines()]


def names(log: Path) -> list[str]:
    return [line["hook"] + (f"[{i}]" if (i := line.get("index")) else "") for line in lines(log)]


def tell(record: dict[str, Any], when: str) -> None:
    write(record["parameters"]["log"], {"hook": f"{record['pipeline']}:{when}", **record})


def success(record: dict[str, Any]) -> None:
    tell(record, "success")


def failure(record: dict[str, Any]) -> None:
    tell(record, "failure")


@task
def leave(record: dict[str, Any]) -> None:
    tell(record, "exit")


@task
def broken(record: dict[str, Any]) -> None:
    tell(record, "broken")
    raise RuntimeError("a hook broke")


@task(retries=2)
def third_time(record: dict[str, Any]) -> None:
    tell(record, "try")
    if len(lines(Path(record["parameters"]["log"]))) < 3:
        raise RuntimeError("again")


ALL: dict[str, Any] = {"on_success": success, "on_failure": failure, "on_exit": leave}


@dag(**ALL)
def flat(numbers: list[int], log: str):
    return gather([invert(x, log) for x in numbers])


@dag(**ALL)
def each(x: int, log: str):
    return invert(x, log)


@dag(**ALL)
def outer(numbers: list[int], log: str):
    return gather([each(x, log) for x in numbers])


@dag(on_exit=leave)
def first(log: str):
    return note("first", log)


@dag(on_exit=leave)
def soon(log: str):
    return note.options(after=first(log))("second", log)


@dag(on_success=broken, on_failure=failure, on_exit=leave)
def broken_hook(log: str):
    return note("step", log)


@dag(on_exit=broken)
def each_broken(x: int, log: str):
    return invert(x, log)


@dag(**ALL)
def broken_inside(numbers: list[int], log: str):
    return gather([each_broken(x, log) for x in numbers])


@dag(on_failure=broken, on_exit=leave)
def both_fail(numbers: list[int], log: str):
    return gather([invert(x, log) for x in numbers])


@dag(on_exit=third_time)
def tried_again(log: str):
    return invert(1, log)


@dag(**ALL)
def interrupted(numbers: list[int], log: str):
    return gather([stop_at(x, log) for x in numbers])


@dag(**ALL)
def killed(log: str):
    return end_process(log)


@dag(**ALL)
def not_a_list(log: str):
    return gather([each(x, log) for x in no_list()])


@dag(**ALL)
def in_a_group(log: str):
    one = invert.options(group="g", name="one")(1, log)
    return invert.options(group="g", name="two")(one, log)
