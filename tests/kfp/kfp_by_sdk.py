"""The pipelines that we compile, written with KFP's SDK: an oracle, and a measure of speed."""

import inspect
import re
from pathlib import Path
from typing import Any

from kfp import compiler, dsl

from dagger_providers.kfp.containers import RUN_ID, container, index_inputs
from dagger_providers.kfp.options import TaskOptions
from dagger_providers.kfp.parameters import encoded, native
from dagger_providers.model import DAG, FromParam, thaw
from dagger_providers.planning import NestedPlan, Plan, Step, nested_plan
from dagger_providers.planning.manifests import Target
from dagger_providers.planning.naming import unique_keys
from dagger_providers.planning.plan import Loop, Region

TYPES = {"BOOLEAN": bool, "NUMBER_DOUBLE": float, "NUMBER_INTEGER": int, "STRING": str}
PLACEHOLDER = re.compile(r"\{\{\$\.(?:inputs|outputs)\.parameters\['([^']*)'\].*")


def identifier(name: str) -> str:
    """What a Python function of the SDK can call an input."""
    return "indices" if name == "Output" else name.replace("-", "_")


def compile_by_sdk(pipeline: DAG, path: Path, *, image: str, store: str) -> None:
    """Compile a model by ``dsl.pipeline`` and ``dsl.container_component``."""
    lowered = nested_plan(pipeline)
    compile_containers(lowered, containers(lowered, Target(store, image)), path)


def containers(lowered: Plan, target: Target) -> dict[str, Any]:
    """The container of each step, as we write it."""
    return {
        a: container(s, kinds(s, lowered), target, TaskOptions()) for a, s in lowered.steps.items()
    }


def kinds(step: Step, lowered: Plan) -> dict[str, Any]:
    return {name: native(lowered.parameters[name]) for name in step.parameters}


def compile_containers(lowered: NestedPlan, made: dict[str, Any], path: Path) -> None:
    """Let the SDK write a pipeline of these containers; all that is done here is the SDK's work."""
    keys = unique_keys(lowered.steps)
    components = {
        address: component(step, keys[address], kinds(step, lowered), made[address])
        for address, step in lowered.steps.items()
    }
    accepted = signature(lowered)

    def record(*channels: Any) -> None:
        given = dict(zip(accepted.parameters, channels, strict=True))
        tasks: dict[str, Any] = {}

        def fill(region: Region, items: list[Any]) -> None:
            for part in region.parts:
                if isinstance(part, Loop):
                    with dsl.ParallelFor(tasks[part.indices_from].outputs["indices"]) as item:
                        fill(part.body, [*items, item])
                else:
                    step = lowered.steps[part]
                    indices = map(identifier, index_inputs(step))
                    inputs = {**given, **dict(zip(indices, items, strict=True))}
                    call(components, step, inputs, tasks)

        fill(lowered.root, [])

    record.__signature__ = accepted
    compiler.Compiler().compile(dsl.pipeline(name=lowered.name)(record), str(path))


def call(components: Any, step: Step, given: dict[str, Any], tasks: dict[str, Any]) -> None:
    own = [*step.parameters, *map(identifier, index_inputs(step))]
    task = components[step.address](
        **{identifier(RUN_ID): dsl.PIPELINE_JOB_ID_PLACEHOLDER}, **{n: given[n] for n in own}
    )
    task.set_caching_options(False).set_env_variable("PYTHONHASHSEED", "0")
    task.after(*(tasks[need] for need in step.needs))
    tasks[step.address] = task


def component(step: Step, key: str, read: dict[str, Any], made: dict[str, Any]) -> Any:
    ports: dict[str, Any] = {identifier(RUN_ID): str}
    ports |= dict.fromkeys(map(identifier, index_inputs(step)), str)
    for name, how in read.items():
        ports[name] = TYPES[how.type if how else "STRING"]
    if step.card.emits:
        ports["indices"] = dsl.OutputPath(list)

    def recorded(*handles: Any) -> dsl.ContainerSpec:
        ours = dict(zip(ports, handles, strict=True))
        args = [
            ours[identifier(found[1])] if (found := PLACEHOLDER.fullmatch(word)) else word
            for word in made["args"]
        ]
        return dsl.ContainerSpec(image=made["image"], command=made["command"], args=args)

    recorded.__name__ = key
    recorded.__signature__ = inspect.Signature(
        [
            inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=kind)
            for name, kind in ports.items()
        ]
    )
    return dsl.container_component(recorded)


def signature(lowered: Plan) -> inspect.Signature:
    parameters = [parameter(name, source) for name, source in lowered.parameters.items()]
    return inspect.Signature(sorted(parameters, key=lambda p: p.default is not p.empty))


def parameter(name: str, source: FromParam) -> inspect.Parameter:
    how = native(source)
    kind = TYPES[how.type if how else "STRING"]
    default = inspect.Parameter.empty
    if not source.required:
        default = encoded(source, thaw(source.default))
    return inspect.Parameter(
        name, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=kind, default=default
    )
