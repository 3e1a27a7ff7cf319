"""What cannot run on Airflow, refused when the DAG is built."""

from __future__ import annotations

from dagger_providers.card import dumps
from dagger_providers.card.functions import LIVE_PREFIX
from dagger_providers.errors import CapabilityError
from dagger_providers.model import DAG
from dagger_providers.planning import Plan, Step

LAUNCHERS = ("kubernetes", "process")
_LONGEST_ID = 250


def check_launcher(launcher: str) -> str:
    """Return the launcher.

    Raises:
        CapabilityError: There is no such launcher.
    """
    if launcher not in LAUNCHERS:
        raise CapabilityError(
            "airflow", f"no launcher {launcher!r}", f"there are: {', '.join(LAUNCHERS)}"
        )
    return launcher


def check_store(store: str, launcher: str) -> None:
    """Refuse a store that would be another folder for every process.

    Args:
        store: Path or URI; empty for the folder in Airflow's home.
        launcher: What runs tasks.

    Raises:
        CapabilityError: It is a relative path, or none that pods could reach.
    """
    if not store and launcher == "kubernetes":
        raise CapabilityError(
            "airflow",
            "no store is named, and pods do not reach the folder in AIRFLOW_HOME",
            "give to_airflow(..., store='s3://bucket/runs') or [dagger_providers] store_uri",
        )
    if store and "://" not in store and not store.startswith(("/", "~", "{{")):
        raise CapabilityError(
            "airflow",
            f"store {store!r} means another folder in each process",
            "give a URI such as s3://bucket/runs, or an absolute path",
        )


def check_plan(plan: Plan) -> None:
    """Refuse a plan with a step that no task could run.

    Raises:
        CapabilityError: A function lives in this process only, or an address is too long.
    """
    for step in plan.steps.values():
        if f'"{LIVE_PREFIX}' in dumps(step.card):
            raise CapabilityError(
                "airflow",
                f"task {step.address!r} needs a function that lives only in this process (a "
                "notebook's, or one inside another)",
                "define it at the top level of a module or file",
            )
        if len(step.address) > _LONGEST_ID:
            raise CapabilityError(
                "airflow",
                f"the id of task {step.address!r} has {len(step.address)} characters, and Airflow "
                f"takes {_LONGEST_ID}",
                "give the nested pipelines shorter names",
            )


def check_nested(dag: DAG, prefix: str = "") -> None:
    """Refuse options of a nested pipeline, whose tasks are tasks of the outer DAG.

    Raises:
        CapabilityError: There are some.
    """
    for name, node in dag.nodes.items():
        if isinstance(node, DAG):
            if node.runtime_options.get("airflow"):
                raise CapabilityError(
                    "airflow",
                    f"nested pipeline {prefix + name!r} has options of a DAG, and its tasks are "
                    "tasks of the outer one",
                    "set them on its tasks, or on the outer pipeline",
                )
            check_nested(node, f"{prefix}{name}.")


def image_of(step: Step, image: str | None) -> str:
    """Return the container image of a step.

    Raises:
        CapabilityError: None is named.
    """
    found = step.options.image or image
    if not found:
        raise CapabilityError(
            "airflow",
            f"task {step.address!r} has no container image, which the launcher 'kubernetes' needs",
            "give to_airflow(..., image=...), @task(image=...) or [dagger_providers] image",
        )
    return found
