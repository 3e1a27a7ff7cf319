"""Optional artifacts of tasks and of a nested pipeline: one is imported, the others are left out.

Upstream's run may be given one too; the parameters of ours are JSON, so that no table is one.
"""

import pandas as pd
from public_catalog import Run

from dagger_providers import artifact, dag, task

UPSTREAM = "components_with_optional_artifacts"
CONTAINERS = (4, 4)
OBJECTS = {"plays/one.csv": b"line\nWho's there?\n"}


def told(dataset: pd.DataFrame | None) -> str:
    return "none" if dataset is None else str(dataset.line[0])


@task
def show(dataset: pd.DataFrame | None = None) -> str:
    return told(dataset)


@task
def show_in_python(dataset: pd.DataFrame | None = None) -> str:
    return told(dataset)


@dag
def inner(dataset=None):
    return show_in_python(dataset)


@dag
def components_with_optional_artifacts():
    outer = [show(None), show()]
    return {"outer": outer, "inner": [inner(artifact("s3://bucket/plays/one.csv")), inner()]}


PIPELINE = components_with_optional_artifacts
RUNS = [Run(gives={"outer": ["none", "none"], "inner": ["Who's there?", "none"]})]
