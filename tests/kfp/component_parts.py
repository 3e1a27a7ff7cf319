"""Tasks that are components of handwritten pipelines in the tests."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

import pandas as pd

from dagger_providers import dag, task


class Shade(Enum):
    DARK = "dark"
    LIGHT = "light"


@dataclass
class Line:
    slope: float
    points: int
    note: str = ""


@dataclass
class Noted:
    note: str | None = None


class Halves(NamedTuple):
    rows: pd.DataFrame
    total: float


class Named(TypedDict):
    size: int
    words: list[str]


class Guess:
    """Stands for an estimator."""

    def __init__(self, value: float) -> None:
        self.value = value

    def predict(self, rows: Any) -> list[float]:
        return [self.value] * len(rows)


@task(retries=1, timeout="5m", resources={"cpu": "500m", "memory": "1Gi"}, env={"PLACE": "here"})
def make(
    n: int,
    scale: float = 2.0,
    shade: Shade = Shade.DARK,
    skip: list[int] | None = None,
    tail: str | None = None,
) -> pd.DataFrame:
    """Make rows.

    More of it.

    Args:
        n: How many.
        skip: Which not.
    """
    assert isinstance(scale, float)
    assert isinstance(shade, Shade)
    assert all(type(x) is int for x in skip or ())
    kept = [i for i in range(n) if i not in (skip or ())]
    return pd.DataFrame({"x": kept, "y": [scale * i for i in kept], "t": [tail] * len(kept)})


@task
def fit(rows: pd.DataFrame) -> Line:
    return Line(float(rows.y.iloc[1] - rows.y.iloc[0]), len(rows))


@task
def told(line: Line, options: dict[str, Any] = {"a": [1]}, shade: Shade = Shade.LIGHT) -> str:  # noqa: B006
    assert type(line.points) is int
    assert type(options["a"][0]) is int
    return f"{shade.value}: {line.slope} for {line.points}"


@task
def halves(rows: pd.DataFrame, by: int) -> Halves:
    return Halves(rows[rows.x < by], float(rows.y.sum()))


@task
def numbers(n: int) -> list[int]:
    return list(range(n))


@task
def stream(n: int) -> Iterator[int]:
    yield from range(n)


@task
def joined(parts: list[pd.DataFrame]) -> int:
    return sum(map(len, parts))


@task
def first(rows: pd.DataFrame | None = None, missing: int = 7) -> int:
    return missing if rows is None else len(rows)


@task
def score(line: Line) -> dict[str, float]:
    return {"slope": line.slope, "points": line.points}


@task
def page(line: Line) -> str:
    return f"<p>{line.slope}</p>"


@task(serializer="pickle")
def train(rows: pd.DataFrame) -> Guess:
    return Guess(float(rows.y.mean()))


@task
def predict(model: Guess, rows: pd.DataFrame) -> list[float]:
    return model.predict(rows)


@task
def naming(words: list[str]) -> Named:
    return {"size": len(words), "words": words}


@task
def kinds(  # noqa: PLR0917 - one of each
    day: date,
    wait: timedelta,
    line: Line,
    lines: list[Line],
    by_name: dict[str, list[int]],
    noted: Noted,
    anything: Any,
    file: Path,
    data: bytes,
    untyped,
) -> None: ...


@task
def large() -> int:
    return 2**53 + 1


@task(group="g")
def grouped(n: int) -> int:
    return n


@dag
def flow(n: int = 3):
    return told(fit(make.options(retries=5)(n)))


@dag
def listed(ks: list[int], wide: list[int] | None = None):
    lines, rows = [], []
    for k in ks:
        table = make(k)
        rows.append(table)
        lines.append(fit(table))
    return {"lines": lines, "rows": rows, "first": first(missing=5)}


@task
def ended(record: dict[str, Any]) -> None: ...


@dag(on_exit=ended)
def hooked(n: int = 1):
    return first(missing=n)


@dag
def imaged(n: int = 1):
    return first.options(image="own:1")(missing=n)
