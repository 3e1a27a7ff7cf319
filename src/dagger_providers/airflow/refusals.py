"""Find what Airflow cannot do with a pipeline, before a DAG is made; imports no Airflow."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from importlib.util import find_spec
from itertools import chain
from typing import Any

from dagger_providers.airflow import capabilities as rules
from dagger_providers.airflow.options import (
    dag_option_refusals,
    default_options,
    given_to,
    native_of,
    start_refusals,
    task_option_refusals,
)
from dagger_providers.card.axes import Axis
from dagger_providers.errors import UsageError
from dagger_providers.model import DAG
from dagger_providers.planning import Plan
from dagger_providers.planning.capabilities import (
    ArtifactRules,
    Deployment,
    Refusal,
    artifact_refusals,
    image_refusals,
    live_steps,
    native_tasks,
    nested_with_options,
)
from dagger_providers.storage.schemes import has_driver, scheme_of

_ARTIFACTS = ArtifactRules(rules.RELATIVE_ARTIFACT, rules.LOCAL_ARTIFACT)

LAUNCHERS = ("process", "container", "kubernetes")
"""What runs a task; the first is meant when none is named."""

IN_IMAGES = frozenset({"container", "kubernetes"})
"""Those whose tasks run in container images."""

_LONGEST_ID = 250
_LONGEST_GROUP = 200
_ID = re.compile(r"[\w.-]+")


def check_launcher(launcher: str) -> str:
    """Return the launcher.

    Raises:
        UsageError: There is no such launcher.
    """
    if launcher not in LAUNCHERS:
        raise UsageError(f"no launcher {launcher!r}; there are: {', '.join(sorted(LAUNCHERS))}")
    return launcher


def check(
    dag: DAG,
    lowered: Plan,
    to: Deployment,
    dag_id: str | None = None,
    store_conn_id: str | None = None,
) -> Iterator[Refusal]:
    """Yield all that Airflow cannot do with a pipeline, by itself or as it is configured here."""
    if to.variant in IN_IMAGES and None in {to.store, to.image}:
        to = _as_configured(to, store_conn_id)
    yield from refusals(dag, lowered, to, dag_id or dag.name)
    asked = given_to(dag, "airflow")
    yield from schedule_refusals(lowered, asked.get("schedule"))
    yield from start_refusals(dag.name, asked)
    yield from _native_arguments(dag, lowered, to.variant)


def _as_configured(to: Deployment, store_conn_id: str | None) -> Deployment:
    """Fill in what the deployment's ``airflow.cfg`` says; reading it imports Airflow."""
    from dagger_providers.airflow.settings import option, store_named

    store = store_named(store_conn_id) if to.store is None else to.store
    image = option("image") if to.image is None else to.image
    return Deployment(to.variant, store, image)


def refusals(dag: DAG, lowered: Plan, to: Deployment, dag_id: str) -> Iterator[Refusal]:
    """Yield what makes it impossible to run a pipeline on Airflow."""
    return chain(
        store_refusals(to),
        artifact_refusals(lowered, to, _ARTIFACTS),
        _ids(lowered, dag_id),
        _steps(lowered, to),
        _nested(dag),
        _natives(dag, lowered),
        _options(dag, lowered, to.variant),
        _parameters(lowered),
    )


def _ids(lowered: Plan, dag_id: str) -> Iterator[Refusal]:
    if not _ID.fullmatch(dag_id) or len(dag_id) > _LONGEST_ID:
        yield rules.DAG_ID.at(
            f"pipeline {dag_id!r}",
            f"{dag_id!r} is no id of a DAG: Airflow takes up to {_LONGEST_ID} letters, digits, "
            "'_', '-' and '.'",
        )
    for address in lowered.all_steps:
        if len(address) > _LONGEST_ID:
            yield rules.LONG_TASK_ID.at(
                f"task {address!r}",
                f"the id of task {address!r} has {len(address)} characters, and Airflow takes "
                f"{_LONGEST_ID}",
            )
    for group in lowered.groups:
        names = "_".join(loop.rpartition(".")[2] for loop in group.space)
        if len(group.steps) > 1 and len(names) > _LONGEST_GROUP - len("_each_"):
            yield rules.LONG_GROUP_ID.at(
                f"loop {', '.join(group.space)!r}",
                f"the names of the loops around task {min(group.steps)!r} have {len(names)} "
                "characters and make the id of a task group, of which Airflow takes "
                f"{_LONGEST_GROUP - len('_each_')}",
            )


def _steps(lowered: Plan, to: Deployment) -> Iterator[Refusal]:
    for address in live_steps(lowered):
        yield rules.LIVE_FUNCTION.at(
            f"task {address!r}",
            f"task {address!r} needs a function that lives only in this process (a notebook's, or "
            "one inside another)",
        )
    if to.variant in IN_IMAGES and not to.image:
        why = f"to run in, which the launcher {to.variant!r} needs"
        natives = {name for name, step in lowered.all_steps.items() if native_of(step) is not None}
        yield from image_refusals(lowered, rules.NO_IMAGE, why, exempt=natives)


def _nested(dag: DAG) -> Iterator[Refusal]:
    for address in nested_with_options(dag, "airflow", "kubernetes"):
        yield rules.NESTED_OPTIONS.at(
            f"pipeline {address!r}",
            f"nested pipeline {address!r} has options of a DAG or of pods, and its tasks are "
            "tasks of the outer one",
        )


def _natives(dag: DAG, lowered: Plan) -> Iterator[Refusal]:
    """Yield the operators of Airflow's own that stand where only the node command can run."""
    for address, task in native_tasks(dag):
        where = f"task {address!r}"
        if address not in lowered.all_steps:
            yield rules.NATIVE_INSIDE.at(
                where, f"{where} is an operator of Airflow's own in a repetition or a group"
            )
        elif task.options.allow_failure or task.on_failure:
            yield rules.NATIVE_OPTION.at(
                where,
                f"{where} is an operator of Airflow's own, and has allow_failure or on_failure",
            )
        elif any(not axis.is_guard for axis in _axes_around(lowered, address)):
            yield rules.NATIVE_LOOP.at(
                where,
                f"{where} is an operator of Airflow's own in a loop, and fails where that has more "
                "items than [core] max_map_length, which is 1,024 by default",
            )


def _axes_around(lowered: Plan, address: str) -> list[Axis]:
    return [lowered.axes[name] for name in lowered.all_steps[address].card.within]


def _native_arguments(dag: DAG, lowered: Plan, launcher: str) -> Iterator[Refusal]:
    """Yield what is wrong with the arguments of operators whose classes can be imported here."""
    natives = [step for step in lowered.all_steps.values() if native_of(step) is not None]
    if not natives or find_spec("airflow") is None:
        return
    if any(dag_option_refusals(dag, launcher)):  # told already
        return
    from dagger_providers.airflow.operators.native import problem_of

    shared = default_options(dag, launcher)
    for step in natives:
        if any(task_option_refusals(step, launcher)):
            continue
        where = f"task {step.address!r}"
        problem = problem_of(step, shared)
        if problem:
            yield rules.NATIVE_ARGUMENTS.at(where, f"{where}: {problem}")


def _options(dag: DAG, lowered: Plan, launcher: str) -> Iterator[Refusal]:
    yield from dag_option_refusals(dag, launcher)
    for step in lowered.all_steps.values():
        if step.runtime_options:
            yield from task_option_refusals(step, launcher)


def _parameters(lowered: Plan) -> Iterator[Refusal]:
    for name, source in lowered.parameters.items():
        if source.serializer.name != "json":
            yield rules.PARAMETER_SERIALIZER.at(
                f"parameter {name!r}",
                f"parameter {name!r} is written as {source.serializer.name}, and Airflow holds "
                "parameters as JSON",
            )


def store_refusals(to: Deployment) -> Iterator[Refusal]:
    """Yield why a store cannot be reached from where tasks run."""
    if to.store is None:
        return
    if not to.store and to.variant == "kubernetes":
        yield rules.NO_STORE.at(
            "store", "no store is named, and pods do not reach the folder in AIRFLOW_HOME"
        )
    elif to.store and "://" not in to.store and not to.store.startswith(("/", "~", "{{")):
        yield rules.RELATIVE_STORE.at(
            "store", f"store {to.store!r} means another folder in each process"
        )
    elif not has_driver(to.store) and not to.store.startswith("{{"):
        yield rules.UNKNOWN_STORE.at(
            "store",
            f"store {to.store!r}: no file system is known as {scheme_of(to.store)}://",
        )


def schedule_refusals(
    lowered: Plan, schedule: Any, given: Collection[str] = ()
) -> Iterator[Refusal]:
    """Yield the refusal of a schedule for a pipeline that must be given something to start.

    Args:
        lowered: The pipeline's plan.
        schedule: Its schedule; None for none.
        given: Parameters that have a value beside the pipeline's defaults.
    """
    required = [n for n, source in lowered.parameters.items() if source.required and n not in given]
    if schedule is not None and required:
        yield rules.SCHEDULE.at(
            f"pipeline {lowered.name!r}",
            f"a schedule starts pipeline {lowered.name!r} with no parameters, but "
            f"{', '.join(map(repr, required))} must be given",
        )
