"""Functions, and cards that run them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from dagger_providers.card import Card, OutputCard, Policy, Value
from dagger_providers.errors import UsageError
from dagger_providers.serializers import SerializerSpec

JSON = SerializerSpec("json")
tries: list[int] = []


def same(x: Any) -> Any:
    return x


def parts(n: int) -> Iterator[int]:
    yield from range(n)


def broken_parts(n: int) -> Iterator[int]:
    yield from range(n)
    raise ValueError("after the last")


def summed(xs: Iterable[int]) -> int:
    return sum(xs)


def first_and_rest(xs: Iterator[int]) -> list[int]:
    return [next(xs), *xs]


def flaky(until: int) -> int:
    tries.append(until)
    if len(tries) < until:
        raise ValueError(f"try {len(tries)}")
    return len(tries)


def misused() -> None:
    tries.append(0)
    raise UsageError("never right")


def card(
    function: Any, outputs: dict[str, OutputCard] | None = None, policy: Policy | None = None,
    **inputs: Any,
) -> Card:  # fmt: skip
    """Return a card whose inputs are bindings, or literals."""
    bound = {n: v if hasattr(v, "__match_args__") else Value(v) for n, v in inputs.items()}
    return Card(
        "node",
        f"{function.__module__}:{function.__name__}",
        inputs=bound,
        outputs={"out": OutputCard((), JSON)} if outputs is None else outputs,
        policy=policy or Policy(),
    )
