"""What `dag` takes as a hook."""

from __future__ import annotations

from typing import Any

import pytest

from dagger_providers import DAG, FromRecord, dag, task
from dagger_providers.errors import BuildError
from unit.dsl.traced import once


def told(record: dict[str, Any], volume: int = 1) -> None: ...


def nothing() -> None: ...


def two(record: dict[str, Any], volume: int) -> None: ...


def named(*, record: dict[str, Any]) -> None: ...


@task(retries=3, image="hooks:1")
def careful(record: dict[str, Any]) -> None: ...


def pipeline(**hooks: Any) -> DAG:
    @dag(**hooks)
    def hooked() -> Any:
        return once()

    return hooked.build()


def test_a_function_and_a_task_are_hooks() -> None:
    made = pipeline(on_success=told, on_exit=careful)

    assert made.on_success is not None
    assert made.on_success.function.endswith(":told")
    assert made.on_success.inputs == {"record": FromRecord()}
    assert made.on_failure is None
    assert made.on_exit is not None
    assert (made.on_exit.options.retries, made.on_exit.options.image) == (3, "hooks:1")


def test_a_keyword_argument_takes_the_record() -> None:
    assert pipeline(on_exit=named).on_exit is not None


@pytest.mark.parametrize(
    ("hook", "text"),
    [
        (nothing, "on_exit gets one argument, the run's record, and 'nothing' takes ()"),
        (two, "and 'two' takes (record, volume)"),
        ("told", "on_exit takes a task or a function, not 'told'"),
        (dag(once.__wrapped__), "on_exit takes a task or a function, not <pipeline"),
    ],
)
def test_anything_else_is_refused(hook: Any, text: str) -> None:
    with pytest.raises(BuildError) as refusal:
        pipeline(on_exit=hook)
    assert text in str(refusal.value)
