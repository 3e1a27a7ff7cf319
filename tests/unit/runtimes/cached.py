"""Pipelines whose tasks note in a file that they ran."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagger_providers import dag, loop, task


def ran(folder: str, what: str) -> None:
    with Path(folder, "ran.txt").open("a") as notes:
        notes.write(f"{what}\n")


@task
def numbers(n: int) -> list[int]:
    return list(range(n))


@task(cache=True)
def square(folder: str, x: int) -> int:
    ran(folder, f"square {x}")
    return x * x


@task
def total(xs: list[int]) -> int:
    return sum(xs)


@dag
def squares(folder: str, n: int = 3):
    return total([square(folder, x) for x in numbers(n)])


@dag
def labelled(folder: str):
    return [
        square.options(cache="one")(folder, 5),
        square.options(cache="two")(folder, 5),
        square.options(cache=False)(folder, 5),
    ]


@dataclass
class Model:
    slope: float


@task(cache=True)
def value(folder: str) -> dict[str, list[int]]:
    ran(folder, "value")
    return {"a": [1]}


@task(cache=True)
def model(folder: str) -> Model:
    ran(folder, "model")
    return Model(0.5)


@task(cache=True)
def stream(folder: str) -> Iterator[Model]:
    ran(folder, "stream")
    yield from (Model(1.0), Model(2.0))


@task(cache=True)
def nothing(folder: str) -> Iterator[int]:
    ran(folder, "nothing")
    yield from ()


@task(cache=True)
def file(folder: str) -> Path:
    ran(folder, "file")
    place = Path(folder, "made.txt")
    place.write_text("text")
    return place


@task(cache=True)
def directory(folder: str) -> Path:
    ran(folder, "directory")
    place = Path(folder, "made")
    (place / "deep").mkdir(parents=True, exist_ok=True)
    (place / "deep" / "a.txt").write_text("a")
    (place / "b.txt").write_text("b")
    return place


@task(cache=True, serializer="pickle")
def pickled(folder: str) -> set[int]:
    ran(folder, "pickled")
    return {1, 2}


@task(cache=True)
def keys(folder: str) -> dict[str, int]:
    ran(folder, "keys")
    return {"one": 1, "two": 2}


@task
def seen(a: dict[str, list[int]], b: Model, c: list[Model], d: list[int], e: Path, f: Path) -> str:
    names = sorted(str(name.relative_to(f)) for name in f.rglob("*.txt"))
    return f"{a} {b} {c} {d} {e.read_text()} {names}"


@task
def count(xs: set[int], one: int, two: int) -> int:
    return len(xs) + one + two


@dag
def kinds(folder: str):
    both = keys(folder)
    return {
        "seen": seen(
            value(folder), model(folder), stream(folder), nothing(folder), file(folder),
            directory(folder),
        ),
        "count": count(pickled(folder), both["one"], both["two"]),
    }  # fmt: skip


def stand_in(x: int) -> int:
    return -x


@task(cache=True, on_failure=stand_in)
def recovers(folder: str, x: int) -> int:
    ran(folder, f"recovers {x}")
    raise ValueError("no")


@task(cache=True, allow_failure=True)
def may_fail(folder: str, x: int) -> int:
    ran(folder, f"may_fail {x}")
    if x:
        raise ValueError("no")
    return x


@dag
def failures(folder: str):
    return total([*[recovers(folder, 1)], *[may_fail(folder, x) for x in numbers(2)]])


@task(cache=True, retries=2)
def flaky(folder: str) -> int:
    ran(folder, "flaky")
    tries = Path(folder, "ran.txt").read_text().count("flaky")
    if tries < 3:
        raise ValueError("not yet")
    return tries


@dag
def retried(folder: str):
    return flaky(folder)


@task(cache=True)
def turn(folder: str, x: int) -> dict[str, Any]:
    ran(folder, f"turn {x}")
    return {"x": x + 1, "done": x >= 3}


@dag
def turns(folder: str, start: int = 0):
    return loop(turn, until="done")(folder=folder, x=start)["x"]


@dag
def grouped(folder: str, n: int = 2):
    found = numbers.options(group="together")(n)
    return total.options(group="together")(
        [square.options(group="together")(folder, x) for x in found]
    )


@task
def fresh() -> str:
    return secrets.token_hex()


@task(cache=True)
def noted(folder: str, given: str) -> int:
    ran(folder, "noted")
    return len(given)


@dag
def changing(folder: str):
    return noted(folder, fresh())


@task(cache=True, env={"MODE": "fast"})
def mode(folder: str) -> str:
    import os

    ran(folder, "mode")
    return os.environ["MODE"]


@dag
def modes(folder: str):
    return [mode(folder), mode.options(env={"MODE": "slow"})(folder)]
