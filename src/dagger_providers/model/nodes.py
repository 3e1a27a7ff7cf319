"""Tasks and the pipelines made of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from dagger_providers.card.functions import plain_function, reference_of, signature_text
from dagger_providers.errors import ModelError, UsageError
from dagger_providers.model.arguments import check_task
from dagger_providers.model.checks import check_dag
from dagger_providers.model.frozen import EMPTY, Frozen, FrozenMapping
from dagger_providers.model.json_data import thaw
from dagger_providers.model.names import listed
from dagger_providers.model.options import DEFAULT_OPTIONS, Options, check_runtime_options
from dagger_providers.model.order import execution_order
from dagger_providers.model.outputs import Output
from dagger_providers.model.values import Input, Loop

RuntimeOptions = Annotated[
    Any,
    BeforeValidator(check_runtime_options),
    PlainSerializer(thaw),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "object"}}),
]


class Task(Frozen):
    """A function, with where its arguments come from and what is kept of its result.

    Attributes:
        function: Its reference, ``module:name`` or ``file.py:name``; a callable is accepted.
        signature: The function's arguments as text, to notice other code in an image.
        inputs: For each argument, where it comes from.
        outputs: What is kept of the result, by name.
        within: The loops that it runs in, outermost first.
        after: Nodes that must have run before, though nothing of theirs is read.
        options: What every runtime understands.
        runtime_options: What one runtime understands, by runtime.

    Raises:
        ModelError: An input is no argument of the function, an argument without default has no
            input, or a name is not valid.
    """

    kind: Literal["task"] = "task"
    function: str
    signature: str = ""
    inputs: FrozenMapping[Input] = EMPTY
    outputs: FrozenMapping[Output] = EMPTY
    within: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    options: Options = DEFAULT_OPTIONS
    runtime_options: RuntimeOptions = EMPTY

    def __init__(
        self, function: Any = None, inputs: Any = EMPTY, outputs: Any = EMPTY, **values: Any
    ) -> None:
        if callable(function):
            if not hasattr(plain_function(function), "__code__"):
                raise ModelError(f"a task takes a plain Python function, not {function!r:.80}")
            values.setdefault("signature", signature_text(function))
            function = reference_of(function)
        super().__init__(function=function, inputs=inputs, outputs=outputs, **values)
        check_task(self)


class DAG(Frozen):
    """A pipeline: named nodes, the loops they run in, and what comes in and goes out.

    A DAG that stands in another is one of its nodes: its ``inputs`` then say where each parameter
    comes from in the outer one, and its own nodes see only these parameters.

    Attributes:
        nodes: Tasks and nested DAGs by name.
        inputs: The parameters by name.
        outputs: What the pipeline gives back, by name.
        loops: The loops that nodes run in, by name.
        within: The loops of the outer DAG that this one runs in.
        after: Nodes of the outer DAG that must have run before.
        name: What the pipeline is called.
        function: The reference of the function that it was recorded from, if any.
        description: What the pipeline is for.
        runtime_options: What one runtime understands, by runtime.

    Raises:
        ModelError: Something refers to what does not exist, or is read where a loop that it
            depends on has no current item.
        CyclicDependencyError: Nodes wait for each other.
    """

    kind: Literal["dag"] = "dag"
    nodes: FrozenMapping[Node]
    inputs: FrozenMapping[Input] = EMPTY
    outputs: FrozenMapping[Input] = EMPTY
    loops: FrozenMapping[Loop] = EMPTY
    within: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    name: str = "pipeline"
    function: str | None = None
    description: str = ""
    runtime_options: RuntimeOptions = EMPTY

    def __init__(
        self, nodes: Any = None, inputs: Any = EMPTY, outputs: Any = EMPTY, **values: Any
    ) -> None:
        super().__init__(nodes=nodes, inputs=inputs, outputs=outputs, **values)
        check_dag(self)

    @property
    def order(self) -> tuple[str, ...]:
        """Names of the nodes, each after all that it waits for."""
        return execution_order(self)

    def node(self, address: str) -> Task | DAG:
        """Return the node at a dotted address; the empty address is this DAG.

        Raises:
            UsageError: There is none.
        """
        return find_node(self, address)


Node = Annotated[Task | DAG, Field(discriminator="kind")]
DAG.model_rebuild()


def find_node(dag: DAG, address: str) -> Task | DAG:
    """See `DAG.node`."""
    found: Task | DAG = dag
    walked: list[str] = []
    for name in (part for part in address.split(".") if part):
        if isinstance(found, Task):
            raise UsageError(f"{'.'.join(walked)!r} is a task: it has no node {name!r}")
        if name not in found.nodes:
            where = f"{'.'.join(walked)!r}" if walked else f"pipeline {dag.name!r}"
            raise UsageError(f"no node {name!r} in {where}; it has: {listed(found.nodes)}")
        found = found.nodes[name]
        walked.append(name)
    return found


def tasks(dag: DAG, prefix: str = "") -> Iterable[tuple[str, Task]]:
    """Yield every task of a DAG and of those nested in it, with its address."""
    for name, node in dag.nodes.items():
        if isinstance(node, DAG):
            yield from tasks(node, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", node
