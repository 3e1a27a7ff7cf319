"""Compile a pipeline to the files that a target takes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from dagger_providers.errors import UsageError

if TYPE_CHECKING:
    from dagger_providers.model import DAG


def write(to: str, dag: DAG, output: Path, given: Mapping[str, str | None]) -> tuple[Path, ...]:
    """Write the manifest of a target, and return the files that it consists of.

    Args:
        to: ``airflow``, ``argo`` or ``kfp``.
        dag: The pipeline.
        output: The file to write.
        given: Options by name; None where one is not given.

    Raises:
        UsageError: The target lacks an option, or takes none of that name.
        CapabilityError: The target cannot run the pipeline.
    """
    options = {name: value for name, value in given.items() if value is not None}
    if to == "airflow":
        from dagger_providers.airflow import dag_file

        dag_file(dag, output, **options)
        return output, output.with_suffix(".json")
    from dagger_providers import argo, kfp

    if "launcher" in options:
        raise UsageError(f"--launcher is for airflow; {to} runs each task in a container")
    store = options.pop("store", None)
    if store is None:
        raise UsageError(f"{to} needs --store, the URI of the store that its containers reach")
    compile_to = {"argo": argo.workflow, "kfp": kfp.compile}[to]
    compile_to(dag, output, store=store, **options)
    return (output,)
