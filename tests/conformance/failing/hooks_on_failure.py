"""A task fails in a loop: the hooks on failure and on exit run, and know what failed."""

from typing import Any

from dagger_providers import dag, task

DRAWING = "[invert (fails)] -> total, then failure -> exit"


@task
def invert(number: int) -> float:
    return 1 / number


@task
def total(values: list[float]) -> float:
    return sum(values)


def success(record: dict[str, Any]) -> None:
    raise AssertionError(record)


@task
def failure(record: dict[str, Any]) -> None:
    assert record["status"] == "failed", record
    assert record["failure"] == {
        "node": "invert[1]",
        "address": "invert",
        "index": "1",
        "type": "ZeroDivisionError",
        "message": "division by zero",
    }, record
    assert record["nodes"]["invert"] == {"status": "failed", "done": 1, "items": 2}, record
    assert record["nodes"]["total"] == {"status": "unfinished", "done": 0, "items": 1}, record
    assert record["parameters"] == {"numbers": [2, 0]}, record


@task
def leave(record: dict[str, Any]) -> None:
    assert record["failure"]["node"] == "invert[1]", record
    assert record["nodes"]["on_failure"]["status"] == "succeeded", record
    assert record["nodes"]["on_success"]["status"] == "skipped", record


@dag(on_success=success, on_failure=failure, on_exit=leave)
def hooks_on_failure(numbers: list[int]):
    return total([invert(number) for number in numbers])


PIPELINE = hooks_on_failure
PARAMETERS = {"numbers": [2, 0]}
NODE = "invert[1]"
TYPE = "ZeroDivisionError"
MESSAGE = "division by zero"
TRACEBACK = "return 1 / number"
NEVER = ("total", "on_success")
COMMITTED = ("on_failure", "on_exit")
