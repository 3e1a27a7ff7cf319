"""Tasks and the pipelines made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from dagger_providers.card.functions import plain_function, reference_of, signature_text
from dagger_providers.errors import ModelError, UsageError
from dagger_providers.model.arguments import check_task
from dagger_providers.model.branches import check_repeat, check_switch
from dagger_providers.model.checks import check_dag
from dagger_providers.model.descriptions import description_of
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
        description: What it is for: the function's docstring.
        inputs: For each argument, where it comes from.
        outputs: What is kept of the result, by name.
        within: The loops that it runs in, outermost first.
        after: Nodes that must have run before, though nothing of theirs is read.
        on_failure: The reference of a function whose result stands in when all tries failed. It
            gets those of the arguments that it has names for, and the exception as ``error``.
        options: What every runtime understands.
        runtime_options: What one runtime understands, by runtime.

    Raises:
        ModelError: An input is no argument of the function, an argument without default has no
            input, or a name is not valid.
    """

    kind: Literal["task"] = "task"
    function: str
    signature: str = ""
    description: str = ""
    inputs: FrozenMapping[Input] = EMPTY
    outputs: FrozenMapping[Output] = EMPTY
    within: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    on_failure: str = ""
    options: Options = DEFAULT_OPTIONS
    runtime_options: RuntimeOptions = EMPTY

    def __init__(
        self, function: Any = None, inputs: Any = EMPTY, outputs: Any = EMPTY, **values: Any
    ) -> None:
        if callable(function):
            if not hasattr(plain_function(function), "__code__"):
                raise ModelError(f"a task takes a plain Python function, not {function!r:.80}")
            values.setdefault("signature", signature_text(function))
            values.setdefault("description", description_of(function))
            function = reference_of(function)
        super().__init__(function=function, inputs=inputs, outputs=outputs, **values)
        check_task(self)


_CODE_ROOT = "_code_root"


class DAG(Frozen):
    """A pipeline: named nodes, the loops they run in, and what comes in and goes out.

    A DAG that stands in another is one of its nodes: its ``inputs`` then say where each parameter
    comes from in the outer one, and its own nodes see only these parameters.

    Attributes:
        nodes: Tasks, nested DAGs, switches and repetitions by name.
        inputs: The parameters by name.
        outputs: What the pipeline gives back, by name.
        loops: The loops that nodes run in, by name.
        within: The loops of the outer DAG that this one runs in.
        after: Nodes of the outer DAG that must have run before.
        name: What the pipeline is called.
        function: The reference of the function that it was recorded from, if any.
        description: What the pipeline is for.
        group: A name; all nodes of the pipeline then run in one container, with what else of the
            outer DAG has this group.
        on_success: A hook: a task whose one input is `FromRecord`. It runs when the pipeline is
            over and all that it asks for is done.
        on_failure: The hook that runs when it is over, and something is not done.
        on_exit: The hook that runs after the others, in either case.
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
    group: str | None = None
    on_success: Task | None = None
    on_failure: Task | None = None
    on_exit: Task | None = None
    runtime_options: RuntimeOptions = EMPTY

    def __init__(
        self, nodes: Any = None, inputs: Any = EMPTY, outputs: Any = EMPTY, **values: Any
    ) -> None:
        super().__init__(nodes=nodes, inputs=inputs, outputs=outputs, **values)
        check_dag(self)

    @property
    def code_root(self) -> str | None:
        """The folder that functions of the form ``file.py:name`` are relative to.

        It is no part of the document: None, unless the DAG was recorded in this process from a file
        that Python cannot import by name.
        """
        found: str | None = self.__dict__.get(_CODE_ROOT)
        return found

    def rooted(self, folder: str | None) -> DAG:
        """Return the same DAG, with a `code_root`."""
        return self.having(**{_CODE_ROOT: folder}) if folder else self

    @property
    def order(self) -> tuple[str, ...]:
        """Names of the nodes, each after all that it waits for."""
        return execution_order(self)

    def node(self, address: str) -> AnyNode:
        """Return the node at a dotted address; the empty address is this DAG.

        Raises:
            UsageError: There is none.
        """
        return find_node(self, address)


class Case(Frozen):
    """One case of a switch.

    Attributes:
        value: The selector's value that chooses it: a str, an int or a bool, by type and value.
        node: The name of the branch that then runs.
    """

    value: bool | int | str
    node: str

    def __init__(self, value: Any, node: str, **values: Any) -> None:
        super().__init__(value=value, node=node, **values)


class Switch(Frozen):
    """Branches of which one runs, as a selector chooses.

    What is read of its result, each branch must offer. Nothing else of a branch can be read.

    Attributes:
        selector: Where the value comes from that chooses.
        nodes: The branches by name; each sees only the ``inputs``, as its parameters.
        cases: Which value chooses which branch.
        default: The name of the branch for any other value; without it, there must be a case.
        inputs: For each name that the branches read, where it comes from.
        within: The loops of the outer DAG that it runs in.
        after: Nodes of the outer DAG that must have run before.
    """

    kind: Literal["switch"] = "switch"
    selector: Input
    nodes: FrozenMapping[Node]
    cases: tuple[Case, ...] = ()
    default: str | None = None
    inputs: FrozenMapping[Input] = EMPTY
    within: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    def __init__(self, selector: Any = None, nodes: Any = None, **values: Any) -> None:
        super().__init__(selector=selector, nodes=nodes, **values)
        check_switch(self)


class Repeat(Frozen):
    """A node that is run again and again, until it says that it is done.

    The first turn gets the ``inputs``. Where what a turn gives has a key of that name, the next
    turn gets that instead. The result is that of the last turn.

    Attributes:
        node: What is repeated; it sees only the ``inputs``, as its parameters.
        until: The key of its result that ends the repetition when it is True; always a bool.
        max_iterations: So many turns at most.
        exhausted: What happens when the last of these did not end it: ``fail``, or ``return``.
        inputs: For each name that the node reads, what the first turn gets.
        within: The loops of the outer DAG that it runs in.
        after: Nodes of the outer DAG that must have run before.
    """

    kind: Literal["repeat"] = "repeat"
    node: Node
    until: str = "done"
    max_iterations: Annotated[int, Field(strict=True, ge=1)] = 10
    exhausted: Literal["fail", "return"] = "fail"
    inputs: FrozenMapping[Input] = EMPTY
    within: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    def __init__(self, node: Any = None, **values: Any) -> None:
        super().__init__(node=node, **values)
        check_repeat(self)


TURN = "turn"
"""What a repeated node is called in its address: ``refine.turn``."""

Node = Annotated[Task | DAG | Switch | Repeat, Field(discriminator="kind")]
AnyNode = Task | DAG | Switch | Repeat
DAG.model_rebuild()
Switch.model_rebuild()
Repeat.model_rebuild()


def children(node: AnyNode) -> Mapping[str, AnyNode]:
    """Return the nodes inside a node, by the names that their addresses have."""
    match node:
        case DAG() | Switch():
            return node.nodes
        case Repeat():
            return {TURN: node.node}
        case Task():
            return EMPTY


def find_node(dag: DAG, address: str) -> AnyNode:
    """See `DAG.node`."""
    found: AnyNode = dag
    walked: list[str] = []
    for name in (part for part in address.split(".") if part):
        if isinstance(found, Task):
            raise UsageError(f"{'.'.join(walked)!r} is a task: it has no node {name!r}")
        inner = children(found)
        if name not in inner:
            where = f"{'.'.join(walked)!r}" if walked else f"pipeline {dag.name!r}"
            raise UsageError(f"no node {name!r} in {where}; it has: {listed(inner)}")
        found = inner[name]
        walked.append(name)
    return found


def tasks(node: AnyNode, prefix: str = "") -> Iterable[tuple[str, Task]]:
    """Yield every task in a node and in those nested in it, with its address."""
    for name, inner in children(node).items():
        if isinstance(inner, Task):
            yield f"{prefix}{name}", inner
        else:
            yield from tasks(inner, f"{prefix}{name}.")
