"""One step of a plan as its operator holds it, and the command that runs it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal, TypeAlias

from airflow.configuration import conf

from dagger_providers.card import Card, dumps, in_image
from dagger_providers.card.argv import card_options, parameter_options
from dagger_providers.execution import index_from, node_path
from dagger_providers.execution.chunks import is_chunk
from dagger_providers.planning import Step
from dagger_providers.planning.held import Declared
from dagger_providers.storage import open_store
from dagger_providers.storage.store import open_parent

Gives: TypeAlias = Literal["", "value", "parts"]


@dataclass(frozen=True, slots=True)
class Node:
    """One step of a plan: what an operator must know when its task runs.

    In a serialized DAG it is only its text, which names the step and the content of its card: a
    changed card is a new version of the DAG, and no card makes a DAG's JSON longer.

    Attributes:
        address: The step's address; also the task's id.
        card: The text of its card.
        parameters: Names of the pipeline's parameters that it reads.
        emits: Whether it tells the indices of a loop.
        env: Environment variables of its process.
        resources: The CPU and memory that it asks for, as Kubernetes writes them.
        code_root: The folder that ``file.py:name`` functions are relative to.
        is_hook: Whether it is a hook, which may have nothing to do.
        gives: What XCom carries of its result: nothing, the value, or the value part by part.
        outlets: For each asset that it writes, the name of the output that this is; empty for what
            it does beside.
        whole: What tells of a whole run of the pipeline, see `planning.whole`; None for a task that
            is in none.
        declared: What the pipeline's parameters are, whose values its run gives; None where the
            task is given them otherwise.
        gate: The id of a task: where that is skipped, so is the node, which else runs after
            skipped tasks too.
    """

    address: str
    card: str
    parameters: tuple[str, ...] = ()
    emits: bool = False
    env: Mapping[str, str] = field(default_factory=dict)
    resources: Mapping[str, str] = field(default_factory=dict)
    code_root: str | None = None
    is_hook: bool = False
    gives: Gives = ""
    outlets: tuple[str, ...] = ()
    whole: Card | None = field(default=None, repr=False)
    declared: Declared | None = field(default=None, repr=False)
    gate: str = ""

    def __str__(self) -> str:
        return f"{self.address} {sha256(self.card.encode()).hexdigest()[:16]}"


def node_of(
    step: Step, code_root: str | None, image: str = "", outlets: tuple[str, ...] = ()
) -> Node:
    """Return what an operator must know of a step, and of the image that it runs in."""
    return Node(
        address=step.address,
        card=dumps(in_image(step.card, image)),
        parameters=step.parameters,
        emits=bool(step.card.emits),
        env=dict(step.options.env),
        resources=_resources(step),
        code_root=code_root,
        is_hook=bool(step.card.when),
        outlets=outlets,
    )


def _resources(step: Step) -> dict[str, str]:
    asked = step.options.resources
    if asked is None:
        return {}
    return {name: text for name in ("cpu", "memory") if (text := getattr(asked, name)) is not None}


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a pipeline.

    Attributes:
        store: Path or URI of the store that holds all runs.
        run_id: The run's name in it.
        parameters: The value of each of the pipeline's parameters.
    """

    store: str
    run_id: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def folder(self) -> str:
        """Full path or URI of the run's folder."""
        return open_store(self.store).join("runs", self.run_id)


def node_command(node: Node, index: str, run: Run) -> list[str]:
    """Return the arguments after ``python -m dagger_providers run-node`` that run a node.

    A card or parameters too long for an argv are put into the store, under names that say their
    content.
    """
    command = card_options(node.card, run.store)
    command += ["--store", run.store, "--run-id", run.run_id]
    if index:
        command += ["--index", index]
    command += _parameters(node, run)
    if node.code_root:
        command += ["--code-root", node.code_root]
    if node.emits:
        command += ["--emit", emitted_location(node, run)]
        command += ["--emit-limit", str(conf.getint("core", "max_map_length", fallback=1024))]
    return command


def _parameters(node: Node, run: Run) -> list[str]:
    return parameter_options(parameter_texts(node, run), run.folder)


def parameter_texts(node: Node, run: Run) -> dict[str, str]:
    """Return the JSON text of each parameter that a node reads."""
    values = {name: run.parameters[name] for name in node.parameters if name in run.parameters}
    return {name: _json(value) for name, value in values.items()}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def emitted_location(node: Node, run: Run) -> str:
    """Return where a node writes the indices of the loop that it feeds."""
    return open_store(run.folder).join("emitted", f"{node.address}.json")


def emitted(node: Node, run: Run) -> list[str]:
    """Return the indices that a node has written."""
    store, name = open_parent(emitted_location(node, run))
    indices: list[str] = json.loads(store.read_bytes(name))
    return indices


def node_folder(node: Node, index: str, run: Run) -> str:
    """Return full path or URI of the folder that holds a node's commit record."""
    return open_store(run.folder).join(execution_path(node, index))


def execution_path(node: Node, index: str) -> str:
    """Return the folder of one execution in its run; that of a chunk holds nothing."""
    if is_chunk(index):
        return f"{node_path(node.address, ())}/{index}"
    return node_path(node.address, index_from(index))
