"""Pipelines of ours as components of KFP: their graph, or all of it in one container."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from dagger_providers.card import Card
from dagger_providers.errors import UsageError
from dagger_providers.kfp import capabilities as rules
from dagger_providers.kfp.components import Component
from dagger_providers.kfp.emit import Manifest, emitted
from dagger_providers.kfp.interface import BEGIN, EXPORT, Interface
from dagger_providers.kfp.options import RUNTIMES
from dagger_providers.kfp.ports import (
    Port,
    Result,
    Wishes,
    parameter_port,
    result_ports,
    results_of_pipeline,
)
from dagger_providers.kfp.refusals import refusals
from dagger_providers.kfp.wiring import input_words, output_words
from dagger_providers.model import DAG, FrozenMapping, Options, thaw
from dagger_providers.model.frozen import EMPTY
from dagger_providers.model.hooks import hooks_of
from dagger_providers.planning import NestedPlan, Plan, Step, nested_plan
from dagger_providers.planning.capabilities import (
    Deployment,
    Refusal,
    airflow_only,
    live_steps,
    refuse,
)
from dagger_providers.planning.manifests import Target
from dagger_providers.planning.reading import closure, needs_of, parameters_of
from dagger_providers.serializers.records import replace as replace_card


def in_one_container(
    dag: DAG, name: str, wishes: Wishes, image: str | None, code_root: str | None
) -> Component:
    """Return a pipeline that runs as a whole in one container, as a component.

    Raises:
        CapabilityError: KFP cannot run it so.
        UsageError: It was not made by ``@dag``, or an output does not exist.
    """
    if dag.function is None:
        raise UsageError(
            f"pipeline {dag.name!r} was not made by @dag, and one container finds a pipeline by "
            "its function: leave one_container out, and give store=..."
        )
    lowered = nested_plan(dag)
    results = list(results_of_pipeline(dag, lowered))
    wishes.check((), tuple(result.name for result in results))
    inputs = _inputs(lowered, null=False)
    refuse(chain(_refusals(dag, lowered, image or ""), _refused(inputs)))
    taken = tuple(port for port in inputs if isinstance(port, Port))
    given = tuple(result_ports(iter(results), wishes).values())
    file = dag.function.partition(":")[0].endswith(".py")
    ref = f"{code_root}/{dag.function}" if file and code_root else dag.function
    words = (ref, *input_words(taken), *output_words(given))
    options = {runtime: dict(thaw(dag.runtime_options.get(runtime) or {})) for runtime in RUNTIMES}
    options["kfp"].pop("parallelism", None)
    step = Step(Card(name), (), (), Options(), FrozenMapping(options))
    return Component(name, dag.description, taken, given, words, image or "", step)


def _refusals(dag: DAG, lowered: Plan, image: str) -> Iterator[Refusal]:
    if not image:
        place = f"pipeline {dag.name!r}"
        yield rules.NO_IMAGE.at(place, f"{place} has no image to run in")
    for address, step in lowered.all_steps.items():
        if step.options.image not in {None, image}:
            yield rules.ONE_IMAGE.at(
                f"task {address!r}",
                f"task {address!r} asks for image {step.options.image!r}, and the pipeline runs in "
                f"one container of {image!r}",
            )
    for address in live_steps(lowered):
        yield rules.LIVE_FUNCTION.at(
            f"task {address!r}",
            f"task {address!r} needs a function that lives only in this process",
        )
    yield from airflow_only(dag, rules.AIRFLOW_ONLY)


def as_graph(dag: DAG, name: str, wishes: Wishes, target: Target) -> Manifest:
    """Return a pipeline as a component whose tasks are tasks of KFP; values pass the store.

    Each time that it is called it makes a run of its own in the store, below KFP's.

    Raises:
        CapabilityError: KFP cannot run it so.
        UsageError: An output does not exist.
    """
    lowered = nested_plan(dag)
    inputs = _inputs(lowered, null=True)
    asked = Deployment(store=target.store, image=target.image or "")
    hooks = (
        rules.NESTED_HOOK.at(
            f"hook {hook!r}", f"{hook!r} is a hook, and {rules.NESTED_HOOK.reason}"
        )
        for hook, _ in hooks_of(dag)
    )
    refuse(chain(refusals(dag, lowered, asked), hooks, _refused(inputs)))
    taken = tuple(port for port in inputs if isinstance(port, Port))
    extended, given = with_outputs(dag, lowered, wishes, None)
    begin = Step(Card(BEGIN), (), (), Options(), EMPTY)
    extended = replace(
        extended,
        steps={BEGIN: begin, **extended.steps},
        root=replace(extended.root, parts=(BEGIN, *extended.root.parts)),
    )
    return emitted(dag, extended, target, Interface(taken, given, name, begins=True))


def with_previews(
    dag: DAG, artifacts: Mapping[str, str], names: Sequence[str] | None, target: Target
) -> Manifest:
    """Compile a pipeline whose results are KFP's outputs too; see `with_outputs`."""
    lowered = nested_plan(dag)
    refuse(refusals(dag, lowered, Deployment(store=target.store, image=target.image or "")))
    extended, given = with_outputs(dag, lowered, Wishes(artifacts), names)
    return emitted(dag, extended, target, Interface(outputs=given))


def with_outputs(
    dag: DAG, lowered: NestedPlan, wishes: Wishes, names: Sequence[str] | None
) -> tuple[NestedPlan, tuple[Port, ...]]:
    """Return a plan with a last step that hands results to KFP, and what it hands on.

    Args:
        dag: The pipeline.
        lowered: Its plan.
        wishes: Which of them are artifacts, of which types.
        names: Which of the pipeline's outputs; None: all.

    Raises:
        UsageError: An output does not exist.
    """
    results = [one for one in results_of_pipeline(dag, lowered) if _is_named(one, names)]
    wishes.check((), tuple(result.name for result in results))
    unknown = [name for name in names or () if name not in dag.outputs]
    if unknown:
        has = ", ".join(dag.outputs) or "none"
        raise UsageError(f"pipeline {dag.name!r} has no output {unknown[0]!r}; it has: {has}")
    if not results:
        return lowered, ()
    card = Card(EXPORT, inputs={one.of: lowered.outputs[one.of] for one in results})
    card = replace_card(card, axes=closure(card, lowered.axes))
    step = Step(card, tuple(needs_of(card)), tuple(parameters_of(card)), Options(), EMPTY)
    extended = replace(
        lowered,
        steps={**lowered.steps, EXPORT: step},
        root=replace(lowered.root, parts=(*lowered.root.parts, EXPORT)),
    )
    return extended, tuple(result_ports(iter(results), wishes).values())


def _is_named(result: Result, names: Sequence[str] | None) -> bool:
    return names is None or result.of in names


def _inputs(lowered: Plan, *, null: bool) -> list[Port | Refusal]:
    return [parameter_port(n, source, null=null) for n, source in lowered.parameters.items()]


def _refused(inputs: list[Port | Refusal]) -> Iterator[Refusal]:
    return (one for one in inputs if isinstance(one, Refusal))
