"""Hooks of a pipeline as KFP's exit tasks."""

from __future__ import annotations

from typing import Any

from dagger_providers.kfp.dags import fill
from dagger_providers.kfp.interface import EXPORT
from dagger_providers.kfp.keys import HOOKS, OUTCOME, STEPS
from dagger_providers.kfp.protobuf import messages
from dagger_providers.kfp.tasks import Draft, Needed, add_dag, add_task, connect, take_in
from dagger_providers.kfp.wiring import declare_outputs, hand_out
from dagger_providers.planning import Step


def add_hooks(draft: Draft) -> None:
    """Add all steps as one task of the root, and the hooks as an exit task beside it.

    KFP's backend starts an exit task when the one task is over that it depends on, whatever
    became of it, and one exit task for each such task; so hooks that run one after the other
    are a DAG of the same shape.
    """
    root, steps = draft.spec.root.dag, draft.keys.of(STEPS)
    task, component = add_dag(draft, root, steps, ())
    needed = fill(draft, component.dag, draft.plan.root, ())
    take_in(component, needed.values())
    outputs = draft.interface.outputs
    if outputs:
        declare_outputs(component, outputs)
        hand_out(component.dag, draft.keys.of(EXPORT), outputs)
        hand_out(root, steps, outputs)
    connect(task, needed, {})
    hooks = {hook.address: hook.step for hook in draft.plan.hooks}
    last = hooks.pop("on_exit", None)
    if not hooks or last is None:
        _add_outcome(draft, root, [*hooks.values(), *filter(None, [last])], steps)
        return
    task, inner = add_dag(draft, root, draft.keys.of(HOOKS), [steps])
    _run_anyway(task)
    before, needed = _add_outcome(draft, inner.dag, list(hooks.values()), "")
    needed |= _add_hook(draft, inner.dag, last, before)
    take_in(inner, needed.values())
    connect(task, needed, {})


def _add_outcome(draft: Draft, dag: Any, steps: list[Step], before: str) -> tuple[str, Needed]:
    """Add hooks that do not wait for each other, as one task of a DAG.

    Returns:
        The task's key, and what it reads.
    """
    if len(steps) == 1:
        return draft.keys.of(steps[0].address), _add_hook(draft, dag, steps[0], before)
    task, inner = add_dag(draft, dag, draft.keys.of(OUTCOME), [before] if before else [])
    needed: Needed = {}
    for step in steps:
        needed |= _add_hook(draft, inner.dag, step, "")
    take_in(inner, needed.values())
    if before:
        _run_anyway(task)
    connect(task, needed, {})
    return draft.keys.of(OUTCOME), needed


def _add_hook(draft: Draft, dag: Any, step: Step, before: str) -> Needed:
    """Add a hook's task, which runs whatever became of what is before it."""
    add_task(draft, dag, step, [before] if before else [])
    task = dag.tasks[draft.keys.of(step.address)]
    if before:
        _run_anyway(task)
    return connect(task, {n: draft.parameter(n) for n in step.parameters}, {})


def _run_anyway(task: Any) -> None:
    """Let a task run when those are over that it depends on, whatever became of them."""
    policy = messages().PipelineTaskSpec.TriggerPolicy
    task.trigger_policy.strategy = policy.ALL_UPSTREAM_TASKS_COMPLETED
