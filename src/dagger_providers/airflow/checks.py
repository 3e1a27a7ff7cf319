"""What cannot run on Airflow, refused when the DAG is built."""

from __future__ import annotations

from dagger_providers.card.functions import LIVE_PREFIX, is_live
from dagger_providers.errors import CapabilityError
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


def check_plan(plan: Plan) -> None:
    """Refuse a plan with a step that no task could run.

    Raises:
        CapabilityError: A function lives in this process only, or an address is too long.
    """
    for step in plan.steps.values():
        if is_live(step.card.function):
            name = step.card.function.removeprefix(LIVE_PREFIX)
            raise CapabilityError(
                "airflow",
                f"task {step.address!r}: no worker can import {name}",
                "define it at the top level of a module or file",
            )
        if len(step.address) > _LONGEST_ID:
            raise CapabilityError(
                "airflow",
                f"the id of task {step.address!r} has {len(step.address)} characters, and Airflow "
                f"takes {_LONGEST_ID}",
                "give the nested pipelines shorter names",
            )


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
