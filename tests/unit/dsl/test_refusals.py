"""What recording cannot get right is refused, once each, with what to write instead."""

from __future__ import annotations

from typing import Any

import pytest

from dagger_providers import dag, task
from dagger_providers.errors import BuildError, ModelError
from unit.dsl.refused import REFUSED


@pytest.mark.parametrize("name", REFUSED)
def test_a_pipeline_is_refused(name: str) -> None:
    pipeline, part = REFUSED[name]
    with pytest.raises((BuildError, ModelError)) as refusal:
        pipeline.build()
    text = str(refusal.value)
    assert part in text
    assert "\n" not in text
    assert len(text) < 500


def test_a_refusal_leaves_nothing_behind() -> None:
    pipeline, _ = REFUSED["fold"]
    texts = []
    for _ in range(2):
        with pytest.raises(BuildError) as refusal:
            pipeline.build()
        texts.append(str(refusal.value))
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    ("make", "part"),
    [
        (lambda: task(lambda x: x), "a lambda has no name"),
        (lambda: task(len), "takes a plain Python function, not <built-in function len>"),
        (lambda: task(task(plain)), "takes a plain Python function, not <task"),
        (lambda: task(positional_only), "'positional_only' has positional-only arguments"),
        (lambda: task(variadic), "'variadic' takes *args"),
        (lambda: task(asynchronous), "'asynchronous' is async"),
        (lambda: dag(keywords), "'keywords' takes **kwargs"),
        (lambda: dag(generator), "'generator' is a generator"),
        (lambda: task(retry=3), "@task has no option retry; its options: name, retries"),
        (lambda: dag(retries=3), "@dag has no option retries; its options: name, on_success"),
        (lambda: Holder().method(1), "'method' is a method"),
    ],
)
def test_a_decorator_refuses(make: Any, part: str) -> None:
    with pytest.raises(BuildError) as refusal:
        make()
    assert part in str(refusal.value)


def plain(x: int) -> int:
    return x


def positional_only(x: int, /) -> int:
    return x


def variadic(*xs: int) -> int:
    return len(xs)


async def asynchronous(x: int) -> int:
    return x


def keywords(**xs: int) -> int:
    return len(xs)


def generator(x: int) -> Any:
    yield x


class Holder:
    @task
    def method(self, x: int) -> int:
        return x
