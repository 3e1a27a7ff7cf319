"""Write a plan as KFP's ``PipelineSpec``: containers in its own loops and conditions.

Values never pass through KFP: its parameters carry those of the pipeline, the run's id, for a loop
the list of its positions, and for a switch the name of the branch that runs, unless KFP compares a
parameter of the pipeline itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from dagger_providers import __version__
from dagger_providers.card import Stored
from dagger_providers.kfp import importers
from dagger_providers.kfp.containers import (
    RUN_ID,
    STARTED,
    STARTED_FROM,
    TOLD,
    TOLD_AT,
    container,
    index_inputs,
)
from dagger_providers.kfp.dags import fill
from dagger_providers.kfp.definitions import Container, define, definitions, platform
from dagger_providers.kfp.exit_tasks import add_hooks
from dagger_providers.kfp.interface import BEGIN, EXPORT, NOTHING_ELSE, Interface
from dagger_providers.kfp.keys import Keys, keys_of
from dagger_providers.kfp.options import (
    PipelineOptions,
    TaskOptions,
    pipeline_options,
    pod_options,
    task_options,
)
from dagger_providers.kfp.parameters import declare
from dagger_providers.kfp.platform import executor_config
from dagger_providers.kfp.pods import PlatformOptions
from dagger_providers.kfp.protobuf import messages
from dagger_providers.kfp.refusals import refusals
from dagger_providers.kfp.tasks import Draft
from dagger_providers.kfp.validate import validate
from dagger_providers.kfp.wiring import declare_inputs, declare_outputs, hand_out, output_words
from dagger_providers.model import DAG
from dagger_providers.planning import NestedPlan, Step, nested_plan
from dagger_providers.planning.capabilities import Deployment, refuse
from dagger_providers.planning.manifests import Target
from dagger_providers.planning.naming import pipeline_name
from dagger_providers.planning.source import dag_of

if TYPE_CHECKING:
    from dagger_providers.planning.source import Pipeline


def pipeline_spec(
    pipeline: Pipeline, *, store: str, image: str | None = None, code_root: str | None = None
) -> Any:
    """Return a pipeline as KFP's ``PipelineSpec`` message, checked.

    For those who go on with the message; `dagger_providers.kfp.compile` gives its text, and says
    what the arguments mean and what is raised.
    """
    return manifest(pipeline, Target(store, image, code_root)).spec


class Manifest(NamedTuple):
    """What a pipeline is compiled to.

    Attributes:
        spec: KFP's ``PipelineSpec``.
        platform: What its pods are asked to have, in JSON form: the second document of KFP's YAML;
            empty when they are asked for nothing.
    """

    spec: Any
    platform: dict[str, Any]


def manifest(pipeline: Pipeline, target: Target) -> Manifest:
    """Compile a pipeline; raises as `dagger_providers.kfp.compile`."""
    dag = dag_of(pipeline)
    lowered = nested_plan(dag)
    refuse(refusals(dag, lowered, Deployment(store=target.store, image=target.image or "")))
    return emitted(dag, lowered, target)


def emitted(
    dag: DAG, lowered: NestedPlan, target: Target, interface: Interface = NOTHING_ELSE
) -> Manifest:
    """Compile a pipeline that KFP can do; see `refusals`."""
    options, imported = pipeline_options(dag), importers.importers(lowered)
    keys = keys_of(lowered, imported)
    steps = lowered.all_steps
    containers = {a: _container(s, lowered, target, options, interface) for a, s in steps.items()}
    taken = (key for name, key in keys.named.items() if name not in steps)
    defined = definitions(steps, containers, keys.named, taken)
    spec = messages().PipelineSpec(
        schema_version="2.1.0", sdk_version=f"dagger-providers-{__version__}"
    )
    define(spec, defined, _imports(spec, imported, keys))
    draft = Draft(spec, lowered, keys, defined, imported, options, interface)
    _describe(draft)
    if interface.outputs:
        declare_outputs(spec.components[f"comp-{defined[EXPORT].name}"], interface.outputs)
        declare_outputs(spec.root, interface.outputs)
    if lowered.hooks:
        add_hooks(draft)
    else:
        fill(draft, spec.root.dag, lowered.root, ())
        if interface.outputs:
            hand_out(spec.root.dag, keys.of(EXPORT), interface.outputs)
    validate(spec)
    return Manifest(spec, platform(defined))


def _imports(spec: Any, imported: Mapping[str, Stored], keys: Keys) -> dict[str, Any]:
    """Write the components of importers into a ``PipelineSpec``, and return their executors."""
    executors = {}
    for name, stored in imported.items():
        component = spec.components[f"comp-{keys.of(name)}"]
        component.executor_label = f"exec-{keys.of(name)}"
        importers.declare(component, stored)
        executors[component.executor_label] = {"importer": importers.executor(stored)}
    return executors


def _describe(draft: Draft) -> None:
    info, root, lowered = draft.spec.pipeline_info, draft.spec.root, draft.plan
    info.name = pipeline_name(draft.interface.name or lowered.name)
    info.description = lowered.description
    info.display_name = draft.options.display_name
    declare_inputs(root, draft.interface.inputs)
    if not draft.interface.begins:
        for name, source in lowered.parameters.items():
            declare(root.input_definitions.parameters[name], source)


# Containers


def _container(
    step: Step,
    lowered: NestedPlan,
    target: Target,
    options: PipelineOptions,
    interface: Interface,
) -> Container:
    """Return what a step becomes, and what its pod is asked to have."""
    own = task_options(step)
    kinds = {name: interface.how(name, lowered.parameters) for name in step.parameters}
    inputs = dict.fromkeys((RUN_ID, *index_inputs(step)), "STRING")
    inputs |= {name: how.type if how else "STRING" for name, how in kinds.items()}
    chooses = step.card.decides or step.address == BEGIN
    told = "LIST" if step.card.emits else "STRING" if chooses else ""
    return Container(
        container(step, kinds, target, own, _more_words(step, interface)),
        executor_config(_pod_options(options, own)),
        inputs,
        {TOLD: told} if told else {},
    )


def _more_words(step: Step, interface: Interface) -> list[str]:
    if step.address == EXPORT:
        return output_words(interface.outputs)
    return ["--new-run", TOLD_AT] if step.address == BEGIN else []


def _pod_options(pipeline: PipelineOptions, task: TaskOptions) -> PlatformOptions:
    asked = pod_options(pipeline, task)
    if not task.infrastructure_retries:
        return asked
    fields = {**asked.field_path_as_env, STARTED: STARTED_FROM}
    return asked.model_copy(update={"field_path_as_env": fields})
