"""Pipelines that read artifacts in a bucket."""

import pandas as pd

from dagger_providers import artifact, dag, switch, task

WORDS = b'["a", "sky"]'
ROWS = b"n\n1\n41\n"
DIGEST = "4e8fca9dbd781e27b3a3fd8da787d53d2e86f8b1d3b04d8296fb50a6225bcd4b"


@task
def length(word: str) -> int:
    return len(word)


@task
def total(rows: pd.DataFrame, more: list[int]) -> int:
    return int(rows.n.sum()) + sum(more)


@task
def kind() -> str:
    return "all"


@dag
def in_a_bucket():
    rows = artifact("s3://bucket/in/rows.csv", sha256=DIGEST)
    lengths = [length(word) for word in artifact("s3://bucket/words.json")]
    return {"total": total(rows, lengths), "again": switch(kind(), {"all": total})(rows, [])}


@dag
def elsewhere():
    return total(artifact("https://host/rows.csv"), [])
