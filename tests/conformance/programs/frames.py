"""Data frames travel as Parquet: yielded, mapped, gathered and given back."""

from collections.abc import Iterator

import pandas as pd

from dagger_providers import dag, task

DRAWING = "split (yields frames) -> [add] -> together; [add] -> out"


@task
def split(carriers: list[str]) -> Iterator[pd.DataFrame]:
    for number, carrier in enumerate(carriers):
        yield pd.DataFrame({"carrier": carrier, "delay": [number, None], "n": [1, 2]})


@task
def add(rows: pd.DataFrame, minutes: float) -> pd.DataFrame:
    return rows.assign(delay=rows.delay + minutes)


@task
def together(frames: list[pd.DataFrame]) -> pd.DataFrame:
    if not frames:
        return pd.DataFrame({"carrier": [], "delay": [], "n": []})
    return pd.concat(frames, ignore_index=True)


@task
def mean(rows: pd.DataFrame) -> dict[str, float]:
    return {str(name): float(value) for name, value in rows.groupby("carrier").delay.mean().items()}


@dag
def frames(carriers: list[str]):
    late = [add(rows, 0.5) for rows in split(carriers)]
    rows = together(late)
    return {"late": late, "rows": rows, "mean": mean(rows)}


def _rows(carrier: str, delay: float) -> pd.DataFrame:
    return pd.DataFrame({"carrier": carrier, "delay": [delay, None], "n": [1, 2]})


PIPELINE = frames
RUNS = [
    ({"carriers": []}, {"late": [], "rows": ..., "mean": {}}),
    (
        {"carriers": ["AA", "UA"]},
        {
            "late": [_rows("AA", 0.5), _rows("UA", 1.5)],
            "rows": pd.concat([_rows("AA", 0.5), _rows("UA", 1.5)], ignore_index=True),
            "mean": {"AA": 0.5, "UA": 1.5},
        },
    ),
]
