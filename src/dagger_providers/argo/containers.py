"""The container template of one step: the node command, its card, and what it asks of its pod."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dagger_providers.argo.options import Options
from dagger_providers.argo.parameters import word
from dagger_providers.model import FromParam
from dagger_providers.planning import Step
from dagger_providers.planning.manifests import COMMAND, Target, card_words

INDEX = "index"
"""The input of a template in a loop that says which item it is for."""
INDICES = "indices"
"""The output of a step that a loop waits for: its indices."""
INDICES_PATH = "/tmp/dagger-indices.json"  # noqa: S108 - in a container of its own
MOST_ITEMS = 500
"""Items of one loop; what is longer runs in chunks. Each item is two nodes or more of one object,
which Argo compresses and etcd limits (argo-workflows docs/offloading-large-workflows.md)."""

RETRIES = 2
"""How often Argo starts a container again that ended with neither 0, 1 nor 2."""
RETRY = "lastRetry.exitCode not in ['1', '2']"
"""The user's failure and bad input are final; the code is -1 when the pod was lost."""


def template(
    step: Step, parameters: Mapping[str, FromParam], target: Target, options: Options
) -> dict[str, Any]:
    """Return the template of a step, without its name.

    Args:
        step: What it runs.
        parameters: The pipeline's parameters that it reads.
        target: Where it runs.
        options: What it asks of Argo alone, and what the pipeline asks for all containers.
    """
    made: dict[str, Any] = {
        "container": _container(step, parameters, target, options),
        **_pod(options),
    }
    if step.card.within:
        made["inputs"] = {"parameters": [{"name": INDEX}]}
    if step.card.emits:
        output = {"name": INDICES, "valueFrom": {"path": INDICES_PATH}}
        made["outputs"] = {"parameters": [output]}
    retries = options.get("infrastructure_retries", RETRIES)
    if retries:
        # Always: the expression alone decides (argo-workflows docs/retries.md).
        made["retryStrategy"] = {
            "expression": RETRY, "limit": str(retries), "retryPolicy": "Always",
        }  # fmt: skip
    return made


def _container(
    step: Step, parameters: Mapping[str, FromParam], target: Target, options: Options
) -> dict[str, Any]:
    image = step.options.image or target.image or ""
    env = {"PYTHONHASHSEED": "0", **step.options.env}
    made: dict[str, Any] = {
        "image": image,
        "command": list(COMMAND),
        "args": _arguments(step, parameters, target, image),
        "env": [{"name": name, "value": value} for name, value in env.items()],
    }
    wanted = step.options.resources
    amounts = {"cpu": wanted.cpu, "memory": wanted.memory} if wanted else {}
    asked = {name: amount for name, amount in amounts.items() if amount}
    if asked:
        made["resources"] = {"limits": asked, "requests": asked}
    for name, field in _CONTAINER.items():
        if name in options:
            made[field] = options[name]
    return made


def _arguments(
    step: Step, parameters: Mapping[str, FromParam], target: Target, image: str
) -> list[str]:
    words = card_words(step, target.store, image)
    words += ["--store", target.store, "--run-id", "{{workflow.uid}}"]
    if target.code_root:
        words += ["--code-root", target.code_root]
    if step.card.within:
        words += ["--index", f"{{{{inputs.parameters.{INDEX}}}}}"]
    for name, source in parameters.items():
        words += ["--param", name, word(name, source)]
    if step.card.emits:
        words += ["--emit", f"{{{{outputs.parameters.{INDICES}.path}}}}"]
        words += ["--emit-limit", str(MOST_ITEMS)]
    return words


_CONTAINER = {
    "env_from": "envFrom",
    "image_pull_policy": "imagePullPolicy",
    "volume_mounts": "volumeMounts",
}
"""Options that are a container's, and what it calls them."""

_POD = {
    "active_deadline_seconds": "activeDeadlineSeconds",
    "affinity": "affinity",
    "node_selector": "nodeSelector",
    "priority_class_name": "priorityClassName",
    "service_account_name": "serviceAccountName",
    "tolerations": "tolerations",
    "volumes": "volumes",
}
"""Options that are a template's, and what it calls them."""


def _pod(options: Options) -> dict[str, Any]:
    made = {field: options[name] for name, field in _POD.items() if name in options}
    metadata = {name: options[name] for name in ("annotations", "labels") if name in options}
    if metadata:
        made["metadata"] = metadata
    if "image_pull_secrets" in options:  # a template has no field for them
        patch = {"imagePullSecrets": options["image_pull_secrets"]}
        made["podSpecPatch"] = json.dumps(patch, sort_keys=True)
    return made
