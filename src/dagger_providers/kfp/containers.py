"""The container of one step: the node command, its card, and where its inputs come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dagger_providers.kfp.options import TaskOptions
from dagger_providers.kfp.parameters import Native
from dagger_providers.model import Resources
from dagger_providers.model.options import amount
from dagger_providers.planning import Step
from dagger_providers.planning.manifests import COMMAND, Target, card_words

RUN_ID = "dagger-run-id"
"""The input of every component that says which run it belongs to."""
INDEX = "dagger-index"
"""The input of a component in a loop that says which item it is for; see `index_inputs`."""
TOLD = "Output"
"""The output of a component that a loop or a switch waits for: positions, or the branch that runs.
`kfp.local` finds no other name, nor one that came in from around."""
TOLD_AT = f"{{{{$.outputs.parameters['{TOLD}'].output_file}}}}"
"""Where a container writes it."""

STARTED = "DAGGER_STARTED"
"""The variable of a container that KFP may start again, which tells how often it has."""
STARTED_FROM = "metadata.annotations['workflows.argoproj.io/node-name']"
"""What it holds: Argo ends the name of a try of a node in its number, ``...executor(1)``."""

MOST_ITEMS = 256
"""Iterations of one loop; what is longer runs in chunks. Each iteration is several nodes of one
Argo Workflow object, whose size etcd limits: some 475 did not fit (kubeflow/pipelines#12131)."""

CHANNEL = "pipelinechannel--"
"""Starts the names of a loop's inputs, as in the SDK: backends know a loop's item by its name."""


def container(
    step: Step,
    parameters: Mapping[str, Native | None],
    target: Target,
    options: TaskOptions,
    more: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the container of a step as KFP's ``PipelineContainerSpec``, in JSON form.

    Args:
        step: What it runs.
        parameters: The pipeline's parameters that it reads, and which type of KFP each has.
        target: Where it runs.
        options: What it asks of KFP alone.
        more: Further words of its command.
    """
    image = step.options.image or target.image or ""
    arguments = [*card_words(step, target.store, image), "--store", target.store]
    arguments += ["--run-id", _input(RUN_ID)]
    if target.code_root:
        arguments += ["--code-root", target.code_root]
    for name in index_inputs(step):
        arguments += ["--index", _input(name)]
    for name, how in parameters.items():
        arguments += ["--param-as", how.kind, name] if how else ["--param", name]
        arguments.append(_input(name))
    if options.infrastructure_retries:
        arguments += ["--started", STARTED]
    if step.card.emits:
        arguments += ["--emit", TOLD_AT, "--emit-limit", str(MOST_ITEMS)]
    if step.card.decides:
        arguments += ["--choice", TOLD_AT]
    arguments += more
    env = {"PYTHONHASHSEED": "0", **step.options.env}
    made: dict[str, Any] = {
        "image": image,
        "command": list(COMMAND),
        "args": arguments,
        "env": [{"name": name, "value": value} for name, value in env.items()],
    }
    needed = resources_of(step, options)
    return {**made, "resources": needed} if needed else made


def index_inputs(step: Step) -> list[str]:
    """Return the inputs that say which item a step is for: one for each loop, outermost first."""
    depth = sum(not step.card.axes[axis].is_guard for axis in step.card.within)
    return [INDEX if not number else f"{INDEX}-{number + 1}" for number in range(depth)]


def _input(name: str) -> str:
    return f"{{{{$.inputs.parameters['{name}']}}}}"


def resources_of(step: Step, options: TaskOptions) -> dict[str, Any]:
    """Return what a container asks for, which is also its limit.

    KFP has each twice: as Kubernetes writes it, and in the fields that are all that its backends
    before 2.4 read, where processors and memory are numbers of cores and gigabytes.
    """
    wanted = step.options.resources or Resources()
    found: dict[str, Any] = {}
    for bound in ("Limit", "Request"):
        if wanted.cpu:
            found[f"resourceCpu{bound}"] = wanted.cpu
            found[f"cpu{bound}"] = amount(wanted.cpu)
        if wanted.memory:
            found[f"resourceMemory{bound}"] = wanted.memory
            found[f"memory{bound}"] = amount(wanted.memory) / 10**9
    if options.accelerator_type:
        kind, count = options.accelerator_type, str(options.accelerator_count)
        found["accelerator"] = {
            "resourceType": kind, "resourceCount": count, "type": kind, "count": count,
        }  # fmt: skip
    return found
