"""Tasks of ours as components of KFP, for pipelines that are written by hand with its SDK."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dagger_providers import __version__
from dagger_providers.card import Card, dumps
from dagger_providers.card.functions import (
    function_here,
    is_live,
    load,
    reference_of,
    signature_text,
)
from dagger_providers.dsl.decorators import TaskFunction
from dagger_providers.dsl.outputs import OutputNames, outputs_of
from dagger_providers.dsl.settings import options_of, stand_in_of
from dagger_providers.kfp import capabilities as rules
from dagger_providers.kfp.containers import resources_of
from dagger_providers.kfp.emit import Manifest
from dagger_providers.kfp.options import TaskOptions, step_refusals, task_options
from dagger_providers.kfp.platform import executor_config
from dagger_providers.kfp.ports import (
    Port,
    Wishes,
    argument,
    result_ports,
    results_of_task,
)
from dagger_providers.kfp.protobuf import messages
from dagger_providers.kfp.validate import validate
from dagger_providers.kfp.wiring import (
    declare_inputs,
    declare_outputs,
    hand_in,
    hand_out,
    input_words,
    output_words,
)
from dagger_providers.model import Task
from dagger_providers.planning import Step, card_of
from dagger_providers.planning.capabilities import Refusal, refuse
from dagger_providers.planning.manifests import COMMAND, without_braces
from dagger_providers.planning.naming import pipeline_name
from dagger_providers.serializers.records import replace
from dagger_providers.serializers.typeforms import is_typed_dict, unwrap


@dataclass(frozen=True, slots=True)
class Component:
    """A component of one container.

    Attributes:
        name: What it is called.
        description: What it does, in a line or more.
        inputs: Its arguments.
        outputs: Its results.
        arguments: What follows the node command.
        image: The container image.
        step: The task's options; those of the card are in `arguments`.
    """

    name: str
    description: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    arguments: tuple[str, ...]
    image: str
    step: Step

    def manifest(self) -> Manifest:
        """Return it as KFP's ``PipelineSpec`` of one task, as the SDK writes a component."""
        key = pipeline_name(self.name)
        spec = messages().PipelineSpec(
            schema_version="2.1.0", sdk_version=f"dagger-providers-{__version__}"
        )
        spec.pipeline_info.name = key
        spec.pipeline_info.description = self.description
        component = spec.components[f"comp-{key}"]
        component.executor_label = f"exec-{key}"
        for definitions in (component, spec.root):
            declare_inputs(definitions, self.inputs)
            declare_outputs(definitions, self.outputs)
        options = task_options(self.step)
        task = spec.root.dag.tasks[key]
        task.task_info.name = options.display_name or key
        task.component_ref.name = f"comp-{key}"
        task.caching_options.enable_cache = True
        if options.infrastructure_retries:
            task.retry_policy.max_retry_count = options.infrastructure_retries
        hand_in(task, self.inputs)
        hand_out(spec.root.dag, key, self.outputs)
        container = self._container(options)
        executors = {f"exec-{key}": {"container": container}}
        spec.deployment_spec.update({"executors": executors})
        validate(spec)
        return Manifest(spec, _platform(f"exec-{key}", options))

    def _container(self, options: TaskOptions) -> dict[str, Any]:
        made: dict[str, Any] = {
            "image": self.image,
            "command": list(COMMAND),
            "args": [*_env_words(self.step), *self.arguments],
        }
        needed = resources_of(self.step, options)
        return {**made, "resources": needed} if needed else made


def _env_words(step: Step) -> list[str]:
    """Return the options that set the environment: the SDK cannot load a container that has one.

    (kfp.dsl.structures: it takes the list of a manifest for a mapping.)
    """
    env = {"PYTHONHASHSEED": "0", **step.options.env}
    return [word for name, value in env.items() for word in ("--env", name, value)]


def _platform(executor: str, options: TaskOptions) -> dict[str, Any]:
    config = executor_config(options)
    deployment = {"deploymentSpec": {"executors": {executor: config}}}
    return {"platforms": {"kubernetes": deployment}} if config else {}


# Tasks


def component_of_task(
    function: TaskFunction[..., Any],
    model: Task,
    name: str,
    wishes: Wishes,
    image: str | None,
    code_root: str | None,
) -> Component:
    """Return a task as a component; raises as `as_component`."""
    place = f"task {name!r}"
    step = Step(card_of(name, model), (), (), model.options, model.runtime_options)
    chosen = model.options.image or image or ""
    results = list(results_of_task(function, model.outputs))
    wishes.check(function.names, tuple(result.name for result in results))
    found = [argument(function, one, wishes) for one in function.names]
    refuse([*_refusals(place, step, chosen), *(one for one in found if isinstance(one, Refusal))])
    inputs = tuple(port for port in found if isinstance(port, Port))
    outputs = result_ports(iter(results), wishes)
    card = replace(
        step.card,
        inputs={port.of: port.binding for port in inputs},
        outputs={one.of: step.card.outputs[one.of] for one in results},
        cache=None,
    )
    words = [*_card_words(card, code_root), *input_words(inputs)]
    words += output_words(outputs.values())
    description = " ".join((function.__doc__ or "").split("\n\n")[0].split())
    return Component(name, description, inputs, tuple(outputs.values()), tuple(words), chosen, step)


def _card_words(card: Card, code_root: str | None) -> list[str]:
    words = ["--card", without_braces(dumps(card))]
    return [*words, "--code-root", code_root] if code_root else words


def _refusals(place: str, step: Step, image: str) -> Iterable[Refusal]:
    options = step.options
    given = [name for name in ("group", "allow_failure") if getattr(options, name)]
    if given:
        yield rules.ALONE.at(
            place, f"{place} has {' and '.join(given)}, which mean something in a pipeline only"
        )
    if not image:
        yield rules.NO_IMAGE.at(place, f"{place} has no image to run in")
    if any(map(is_live, step.card.functions)):
        yield rules.LIVE_FUNCTION.at(
            place, f"{place} needs a function that lives only in this process"
        )
    yield from step_refusals(step)


def task_model(function: TaskFunction[..., Any], parts: Sequence[str] | None) -> Task:
    """Return a task that stands alone, as a model.

    Args:
        function: The task.
        parts: The keys or fields of its result that are outputs; none: the result as a whole is
            one; None: what its annotation or its serializers name.
    """
    names = OutputNames()
    kind, known = _parts(function)
    for part in known if parts is None else parts:
        names.add(((kind, part),), iterated=False)
    if not list(names.named()):
        names.add((), iterated=False)
    options, runtime_options = options_of(function)
    return Task.trusted(
        function=reference_of(function),
        signature=signature_text(function),
        outputs=outputs_of(function, names),
        on_failure=stand_in_of(function),
        options=options,
        runtime_options=runtime_options,
    )


def _parts(function: TaskFunction[..., Any]) -> tuple[str, tuple[str, ...]]:
    """Return how the parts of a result are read, and those that are known by name."""
    from dagger_providers.card.annotations import hints

    returned = unwrap(hints(function).get("return"))
    if hasattr(returned, "_fields"):  # a named tuple
        return "attribute", tuple(returned._fields)
    if is_typed_dict(returned):
        return "key", tuple(returned.__annotations__)
    given = function.settings.get("serializer")
    by_key = isinstance(given, Mapping) and not isinstance(given.get("options"), Mapping)
    return "key", tuple(given) if by_key and isinstance(given, Mapping) else ()


def task_function(task: Task, root: str | None) -> TaskFunction[..., Any]:
    """Return the function of a task of a model, with the options that it has there.

    Raises:
        UsageError: There is no such function here.
    """
    found: Any = function_here(task.function) or load(task.function, root)
    return found if isinstance(found, TaskFunction) else TaskFunction(found, {})
