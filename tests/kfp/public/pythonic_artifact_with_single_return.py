"""An imported dataset as an argument, a model as the result: both are values of Python.

Upstream's function writes its model by itself, as a pickle; here the result's annotation says how.
"""

import pandas as pd
from public_catalog import Run

from dagger_providers import artifact, dag, task

UPSTREAM = "pythonic_artifact_with_single_return"
CONTAINERS = (1, 1)
OBJECTS = {"plays/one.csv": b"line\nWho's there?\nLong live the king!\n"}


@task
def make_language_model(dataset: pd.DataFrame) -> dict[str, int]:
    words = [word for line in dataset.line for word in line.split()]
    return {word: len(word) for word in words}


@dag
def pythonic_artifact_with_single_return():
    return make_language_model(artifact("s3://bucket/plays/one.csv"))


PIPELINE = pythonic_artifact_with_single_return
RUNS = [Run(gives={"Who's": 5, "there?": 6, "Long": 4, "live": 4, "the": 3, "king!": 5})]
