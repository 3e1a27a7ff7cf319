"""Run a pipeline, or one node of it, on this machine."""

from typing import Any

from dagger_providers.model import DAG
from dagger_providers.runtimes.local.run import run as run_dag
from dagger_providers.tracking import Run

OPTIONS = ("store", "run_id", "jobs", "workers", "check", "listen", "cache")
"""Names that `pipeline.run(...)` takes as options of the run, not as parameters."""


def run(dag: DAG, given: dict[str, Any]) -> Run:
    """Run a pipeline with parameters and options in one mapping, as ``pipeline.run`` has them.

    A name that is both is the pipeline's parameter.
    """
    options = {name: given[name] for name in OPTIONS if name in given and name not in dag.inputs}
    parameters = {name: value for name, value in given.items() if name not in options}
    return run_dag(dag, parameters, **options)


__all__ = ["OPTIONS", "run", "run_dag"]
