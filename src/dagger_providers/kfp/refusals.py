"""Find what KFP cannot do with a pipeline, before it is compiled; imports nothing of KFP."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from dagger_providers.kfp import capabilities as rules
from dagger_providers.kfp.containers import CHANNEL, INDEX, RUN_ID
from dagger_providers.kfp.options import option_refusals
from dagger_providers.kfp.parameters import declaration_refusals
from dagger_providers.model import DAG
from dagger_providers.planning import Plan
from dagger_providers.planning.capabilities import Deployment, Refusal, live_steps


def refusals(dag: DAG, lowered: Plan, to: Deployment) -> Iterator[Refusal]:
    """Yield what makes it impossible to compile a pipeline, or to run what was compiled."""
    return chain(
        _place(lowered, to),
        _functions(lowered),
        _hooks(lowered),
        option_refusals(dag, lowered),
        _names(lowered),
        declaration_refusals(lowered),
    )


def _place(lowered: Plan, to: Deployment) -> Iterator[Refusal]:
    if to.store is not None and "://" not in to.store and not to.store.startswith("/"):
        yield rules.RELATIVE_STORE.at(
            "store", f"store {to.store!r} means another folder in each container"
        )
    if to.image is None or to.image:
        return
    for address, step in lowered.all_steps.items():
        if not step.options.image:
            place = f"task {address!r}"
            yield rules.NO_IMAGE.at(place, f"task {address!r} has no image to run in")


def _functions(lowered: Plan) -> Iterator[Refusal]:
    for address in live_steps(lowered):
        yield rules.LIVE_FUNCTION.at(
            f"task {address!r}",
            f"task {address!r} needs a function that lives only in this process (one of a "
            "notebook, or inside another function)",
        )


def _hooks(lowered: Plan) -> Iterator[Refusal]:
    for hook in lowered.hooks:
        if "." in hook.address:
            yield rules.NESTED_HOOK.at(
                f"hook {hook.address!r}",
                f"{hook.address!r} is a hook of a nested pipeline, and KFP has exit handlers in "
                "the outermost pipeline only",
            )


def _names(lowered: Plan) -> Iterator[Refusal]:
    for name in lowered.parameters:
        if name in {RUN_ID, INDEX} or name.startswith(CHANNEL):
            place = f"parameter {name!r}"
            yield rules.TAKEN_NAME.at(place, f"the parameter name {name!r} is taken")
