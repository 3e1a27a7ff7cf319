"""A hook fails after a pipeline that succeeded: the run fails, and the last hook still runs."""

from typing import Any

from dagger_providers import dag, task

DRAWING = "one, then success (fails) -> exit"


@task
def one() -> int:
    return 1


@task(retries=1)
def success(record: dict[str, Any]) -> None:
    raise RuntimeError(f"nobody hears of {record['pipeline']}")


@task
def leave(record: dict[str, Any]) -> None:
    assert (record["status"], record["failure"]["node"]) == ("failed", "on_success"), record


@dag(on_success=success, on_failure=leave, on_exit=leave)
def hook_raises():
    return one()


PIPELINE = hook_raises
PARAMETERS: dict[str, Any] = {}
NODE = "on_success"
TYPE = "RuntimeError"
MESSAGE = "nobody hears of hook-raises"
TRACEBACK = "raise RuntimeError"
NEVER = ("on_success", "on_failure")
COMMITTED = ("one", "on_exit")
PLAIN = ""
