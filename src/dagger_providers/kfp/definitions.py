"""Components and executors of a pipeline: what its tasks run, each definition once.

Tasks of one function that ask for the same differ in their card only. They share a component, and
the card is an input of it, constant in each task.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from dagger_providers.kfp.parameters import set_type, set_value
from dagger_providers.planning import Step
from dagger_providers.planning.naming import sanitized, unique

CARD = "dagger-card"
"""The input of a component that several tasks share: the card of the task's step."""


class Container(NamedTuple):
    """What a step becomes, whatever its task is called.

    Attributes:
        made: KFP's ``PipelineContainerSpec`` in JSON form, whose first arguments give the card.
        config: What its pod is asked to have, in JSON form.
        inputs: The types of its input parameters.
        outputs: The types of its output parameters.
    """

    made: dict[str, Any]
    config: dict[str, Any]
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]


class Definition(NamedTuple):
    """What a task runs.

    Attributes:
        name: What component and executor are called, without what KFP puts before.
        container: What they are.
        card: The text or the place of the card, where that is an input; else empty.
    """

    name: str
    container: Container
    card: str = ""

    def give_card(self, task: Any) -> None:
        """Give a task its card, where that is an input."""
        if self.card:
            set_value(task.inputs.parameters[CARD].runtime_value.constant, self.card)


def definitions(
    steps: Mapping[str, Step],
    containers: Mapping[str, Container],
    keys: Mapping[str, str],
    taken: Iterable[str],
) -> dict[str, Definition]:
    """Return what each step's task runs.

    Args:
        steps: The steps by address.
        containers: What each becomes.
        keys: What each step's task is called.
        taken: What other components are called.
    """
    alike: dict[str, list[str]] = {}
    for address, step in steps.items():
        alike.setdefault(_what_is_shared(step, containers[address]), []).append(address)
    several = [group for group in alike.values() if len(group) > 1]
    shared = {address for group in several for address in group}
    names = {*taken, *(keys[address] for address in steps if address not in shared)}
    found = {a: Definition(keys[a], containers[a]) for a in steps}
    for group in several:
        function = steps[group[0]].card.function
        name = unique(sanitized(function.rpartition(":")[2]) or keys[group[0]], names)
        container = _taking_card(containers[group[0]])
        for address in group:
            found[address] = Definition(name, container, containers[address].made["args"][1])
    return found


def _what_is_shared(step: Step, container: Container) -> str:
    """Return text that is the same for steps that may share a component."""
    if not step.card.function:
        return f"step {step.address}"
    words = container.made["args"]
    rest = {**container.made, "args": [words[0], *words[2:]]}
    return json.dumps([step.card.function, rest, *container[1:]])


def _taking_card(container: Container) -> Container:
    option, _, *words = container.made["args"]
    words = [option, f"{{{{$.inputs.parameters['{CARD}']}}}}", *words]
    inputs = {CARD: "STRING", **container.inputs}
    return container._replace(made={**container.made, "args": words}, inputs=inputs)


def define(
    spec: Any, found: Mapping[str, Definition], imports: Mapping[str, dict[str, Any]]
) -> None:
    """Write components and executors into a ``PipelineSpec``.

    Args:
        spec: The message.
        found: What each step's task runs.
        imports: The executors of importers, in JSON form.
    """
    each = {definition.name: definition.container for definition in found.values()}
    for name, container in each.items():
        component = spec.components[f"comp-{name}"]
        component.executor_label = f"exec-{name}"
        _declare(component.input_definitions, container.inputs)
        _declare(component.output_definitions, container.outputs)
    executors = {f"exec-{name}": {"container": one.made} for name, one in each.items()}
    spec.deployment_spec.update({"executors": {**executors, **imports}})


def _declare(side: Any, types: Mapping[str, str]) -> None:
    for name, kind in types.items():
        set_type(side.parameters[name], kind)


def platform(found: Mapping[str, Definition]) -> dict[str, Any]:
    """Return KFP's platform document in JSON form; empty where nothing is asked for."""
    configs = {f"exec-{one.name}": one.container.config for one in found.values()}
    executors = {label: config for label, config in configs.items() if config}
    deployment = {"deploymentSpec": {"executors": executors}}
    return {"platforms": {"kubernetes": deployment}} if executors else {}
