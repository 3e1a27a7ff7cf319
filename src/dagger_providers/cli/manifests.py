"""Compile a pipeline to the files that a target takes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagger_providers.dsl.find import find_part
from dagger_providers.errors import UsageError

if TYPE_CHECKING:
    from dagger_providers.model import DAG


def written_by(to: str, output: Path | None) -> tuple[Path, ...]:
    """Return the files that a target's manifest consists of: that of Airflow has one beside it."""
    if output is None:
        return ()
    return (output, output.with_suffix(".json")) if to == "airflow" else (output,)


def write(
    to: str, dag: DAG, output: Path, given: Mapping[str, str | None], *, outputs: bool = False
) -> None:
    """Write the manifest of a target.

    Args:
        to: ``airflow``, ``argo`` or ``kfp``.
        dag: The pipeline.
        output: The file to write.
        given: Options by name; None where one is not given.
        outputs: Whether KFP shows the pipeline's outputs as its own.

    Raises:
        UsageError: The target lacks an option, or takes none of that name, or the file is one that
            the pipeline comes from.
        CapabilityError: The target cannot run the pipeline.
    """
    options: dict[str, Any] = {n: value for n, value in given.items() if value is not None}
    if to == "airflow":
        from dagger_providers.airflow import dag_file

        dag_file(dag, output, **options)
        return
    from dagger_providers import argo, kfp

    _check_options(to, options)
    store = options.pop("store", None)
    if store is None:
        raise UsageError(f"{to} needs --store, the URI of the store that its containers reach")
    if to == "kfp":
        kfp.compile(dag, output, store=store, outputs=outputs, **options)
    else:
        argo.workflow(dag, output, store=store, **options)


def component(
    ref: str, output: Path | None, given: Mapping[str, Any], *, any_callable: bool
) -> str:
    """Return a task, or one of a pipeline's nodes, as a component of KFP.

    Args:
        ref: The task or the pipeline.
        output: The file to write it to; None only returns it.
        given: Options of `dagger_providers.kfp.component` by name; None where one is not given.
        any_callable: Whether a document may name functions that are not decorated.

    Raises:
        UsageError: An option is for pipelines, or a name does not exist.
        CapabilityError: KFP cannot run it so.
    """
    from dagger_providers import kfp

    options = {name: value for name, value in given.items() if value}
    _check_options("kfp", options)
    return kfp.component(find_part(ref, any_callable=any_callable), output, **options)


def _check_options(to: str, options: Mapping[str, Any]) -> None:
    """Refuse options of Airflow's for another target."""
    if "launcher" in options:
        raise UsageError(f"--launcher is for airflow; {to} runs each task in a container")
    for name in ("store_conn_id", "dag_id"):
        if name in options:
            raise UsageError(f"--{name.replace('_', '-')} is for airflow; {to} has no such thing")
