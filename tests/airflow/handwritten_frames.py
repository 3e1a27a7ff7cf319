"""Functions of data frames that handwritten DAGs run."""

from collections.abc import Iterator

import pandas as pd


def frames(n: int) -> Iterator[pd.DataFrame]:
    for number in range(n):
        yield pd.DataFrame({"x": range(number)})


def frame(n: int) -> pd.DataFrame:
    return pd.DataFrame({"x": range(n)})


def rows(frame: pd.DataFrame) -> int:
    return len(frame)
