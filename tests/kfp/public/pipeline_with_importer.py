"""Imported datasets, one of them in a condition.

Upstream's second URI is a parameter, which an artifact's cannot be (a task reads such a location by
itself): ours is written down. Its `reimport` and metadata cannot be said. A dataset is a table.
"""

from typing import NamedTuple

import pandas as pd
from public_catalog import Run

from dagger_providers import artifact, dag, switch, task

UPSTREAM = "pipeline_with_importer"
CONTAINERS = (3, 2)
ADDED = {"nothing"}
DIFFERS = (
    "the URI of an artifact is no parameter's, and its importer stands outside branches: it is "
    "imported once, at the start, whatever branch is chosen"
)
OBJECTS = {
    "plays/one.csv": b"line\nWho's there?\n",
    "plays/two.csv": b"line\nLong live the king!\n",
}


class Trained(NamedTuple):
    scalar: str
    model: str


@task
def train(dataset: pd.DataFrame) -> Trained:
    return Trained("123", f"trained with: {dataset.line[0]}")


@task
def nothing(**ignored: object) -> None:
    """Be the `Else` of an `If` that has none."""


@dag
def pipeline_with_importer():
    one = train(artifact("s3://bucket/plays/one.csv"))
    again = switch(one.scalar, {"123": train}, default=nothing)
    return {"one": one.model, "two": again(dataset=artifact("s3://bucket/plays/two.csv"))}


PIPELINE = pipeline_with_importer
RUNS = [
    Run(
        gives={
            "one": "trained with: Who's there?",
            "two": Trained("123", "trained with: Long live the king!"),
        }
    )
]
