"""Run a pipeline on the runtime that a command line names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dagger_providers.errors import UsageError
from dagger_providers.model import DAG
from dagger_providers.runtimes.local import run_dag
from dagger_providers.tracking import Listener, Run


def run_on(
    runtime: str, dag: DAG, parameters: Mapping[str, Any], listen: Listener, **options: Any
) -> Run:
    """Run a pipeline.

    Args:
        runtime: One of `RUNTIMES`.
        dag: The pipeline.
        parameters: Values of its parameters by name.
        listen: Hears what happens.
        options: Those of the command ``run`` by name, each with its default where it is not given.

    Raises:
        UsageError: An option is for another runtime.
    """
    return _RUNTIMES[runtime](dag, parameters, listen, options)


def _local(
    dag: DAG, parameters: Mapping[str, Any], listen: Listener, options: Mapping[str, Any]
) -> Run:
    _refuse(options, "local", {"image": "runs no containers: for images, give --runtime kfp-local"})
    own = {name: value for name, value in options.items() if name != "image"}
    return run_dag(dag, parameters, check=False, listen=listen, **own)


def _kfp_local(
    dag: DAG, parameters: Mapping[str, Any], listen: Listener, options: Mapping[str, Any]
) -> Run:
    from dagger_providers.testing.kfp_run import run_by_kfp

    _refuse(
        options,
        "kfp-local",
        {
            "jobs": "decides itself what runs at a time: leave out --jobs",
            "workers": "runs each node by its command: leave out --workers",
            "cache": "has the cache of the tasks' environment: set DAGGER_CACHE=off, and leave out "
            "--no-cache",
        },
    )
    own = {name: options[name] for name in ("store", "run_id", "image")}
    return run_by_kfp(dag, parameters, listen=listen, **own)


def _refuse(options: Mapping[str, Any], runtime: str, others: Mapping[str, str]) -> None:
    for name, why in others.items():
        if options[name] != _USUAL[name]:
            raise UsageError(f"the runtime {runtime} {why}")


_USUAL = {"cache": True, "image": None, "jobs": 1, "workers": "processes"}

_RUNTIMES: Mapping[str, Callable[[DAG, Mapping[str, Any], Listener, Mapping[str, Any]], Run]] = {
    "local": _local,
    "kfp-local": _kfp_local,
}

RUNTIMES = tuple(_RUNTIMES)
"""What `run` can run pipelines on."""
