"""Find what several threads or processes of this machine cannot do with a pipeline."""

from __future__ import annotations

from collections.abc import Iterator

from dagger_providers.model import DAG
from dagger_providers.planning import Plan
from dagger_providers.planning.capabilities import Deployment, Refusal, airflow_only, live_steps
from dagger_providers.runtimes.local import capabilities as rules

VARIANTS = ("processes", "threads", "command")
"""What runs items when there are several jobs."""


def refusals(dag: DAG, lowered: Plan, to: Deployment) -> Iterator[Refusal]:
    """Yield what makes it impossible to run here; the empty variant is one process alone."""
    yield from airflow_only(dag, rules.AIRFLOW_ONLY)
    yield from _of_variant(lowered, to)


def _of_variant(lowered: Plan, to: Deployment) -> Iterator[Refusal]:
    match to.variant:
        case "":
            return _in_one_process(lowered, to.store)
        case "threads":
            return _in_threads(lowered)
        case _:
            return _in_processes(lowered, to.store)


def _in_one_process(lowered: Plan, store: str | None) -> Iterator[Refusal]:
    if not (store or "").startswith("memory://"):
        return
    for address, step in lowered.steps.items():
        if step.card.policy.timeout is not None:
            yield rules.TIMEOUT_IN_MEMORY.at(
                f"node {address!r}",
                f"node {address!r} has a timeout, which takes a process of its own, and memory:// "
                "lives in one",
            )


def _in_threads(lowered: Plan) -> Iterator[Refusal]:
    for address, step in lowered.all_steps.items():
        for option, rule in _NOT_IN_THREADS.items():
            if getattr(step.options, option):
                yield rule.at(
                    f"node {address!r}",
                    f"node {address!r} has the option {option}, which threads of one process "
                    "cannot keep",
                )


_NOT_IN_THREADS = {"timeout": rules.TIMEOUT_IN_THREADS, "env": rules.ENV_IN_THREADS}


def _in_processes(lowered: Plan, store: str | None) -> Iterator[Refusal]:
    for address in live_steps(lowered):
        yield rules.LIVE_FUNCTION.at(
            f"node {address!r}",
            f"node {address!r} needs a function that only this process has (a notebook's, or "
            "defined in another function)",
        )
    if (store or "").startswith("memory://"):
        yield rules.MEMORY_STORE.at("store", "memory:// lives in one process")
