"""A data frame as CSV, because its task says so."""

import pandas as pd

from dagger_providers import dag, task

DRAWING = "table (csv) -> lines"


@task(serializer="csv")
def table(n: int) -> pd.DataFrame:
    return pd.DataFrame({"n": range(n), "text": [f'row {i}, "quoted"' for i in range(n)]})


@task
def total(rows: pd.DataFrame) -> int:
    return int(rows.n.sum())


@dag
def csv(n: int):
    rows = table(n)
    return {"rows": rows, "total": total(rows)}


PIPELINE = csv
RUNS = [
    (
        {"n": 3},
        {
            "rows": pd.DataFrame(
                {"n": [0, 1, 2], "text": ['row 0, "quoted"', 'row 1, "quoted"', 'row 2, "quoted"']}
            ),
            "total": 3,
        },
    )
]
