"""Hooks of a pipeline that succeeds: each gets the record, and raises if it is another."""

from typing import Any

from dagger_providers import dag, task

DRAWING = "numbers -> [halve] -> total, then success -> exit"


@task
def numbers(n: int) -> list[int]:
    return list(range(n))


@task
def halve(number: int, by: int) -> float:
    return number / by


@task
def total(values: list[float]) -> float:
    return sum(values)


def state(items: int) -> dict[str, Any]:
    return {"status": "succeeded" if items else "skipped", "done": items, "items": items}


def expected(record: dict[str, Any], **hooks: Any) -> dict[str, Any]:
    n = record["parameters"]["n"]
    nodes = {"numbers": state(1), "halve": state(n), "total": state(1), **hooks}
    return {
        "run_id": record["run_id"],
        "pipeline": "halves",
        "index": "",
        "status": "succeeded",
        "failure": None,
        "nodes": nodes,
        "parameters": {"n": n, "by": 2},
    }


@task(retries=1)
def success(record: dict[str, Any]) -> None:
    assert record["run_id"]
    assert record == expected(record), record


def failure(record: dict[str, Any]) -> None:
    raise AssertionError(record)


@task
def leave(record: dict[str, Any]) -> str:
    assert record == expected(record, on_success=state(1), on_failure=state(0)), record
    return "what a hook returns is not kept"


@dag(name="halves", on_success=success, on_failure=failure, on_exit=leave)
def hooks(n: int, by: int = 2):
    return total([halve(number, by) for number in numbers(n)])


PIPELINE = hooks
RUNS = [({"n": 3}, 1.5), ({"n": 0}, 0)]
