"""Turn the record of a switch or a loop into its node of the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from dagger_providers.card.annotations import hints
from dagger_providers.dsl.composers import POSITIONAL, SELECTOR, LoopFunction, SwitchFunction
from dagger_providers.dsl.decorators import DagFunction, Recordable
from dagger_providers.dsl.inputs import Inputs
from dagger_providers.dsl.outputs import WHOLE, OutputNames
from dagger_providers.dsl.parameters import default_of
from dagger_providers.dsl.records import NodeRecord
from dagger_providers.dsl.references import Tree
from dagger_providers.model import Case, FrozenMapping, Repeat, Switch

Given: TypeAlias = Mapping[str, Tree]
"""The arguments of one function, as trees."""

Part: TypeAlias = Callable[[Recordable[..., Any], Given, "OutputNames | None"], Any]
"""Makes the node of one function that a composition is made of; None: the outputs that are read."""


def compose(
    record: NodeRecord, part: Part, inputs: Inputs, within: tuple[str, ...], after: tuple[str, ...]
) -> Switch | Repeat:
    """Return the node of a recorded switch or loop.

    Raises:
        BuildError: A literal cannot be written.
        ModelError: A branch does not offer what is read, or a loop has no end.
    """
    function = record.function
    if isinstance(function, SwitchFunction):
        return _switch(function, record, part, inputs, within, after)
    assert isinstance(function, LoopFunction)  # noqa: S101 - there are two
    return _repeat(function, record, part, inputs, within, after)


def _switch(
    function: SwitchFunction,
    record: NodeRecord,
    part: Part,
    inputs: Inputs,
    within: tuple[str, ...],
    after: tuple[str, ...],
) -> Switch:
    given = dict(record.inputs)
    selector, positional = given.pop(SELECTOR), given.pop(POSITIONAL)[1]
    names = list(given)
    nodes = {}
    for case, branch in function.parts.items():
        own = dict(zip(names[:positional], branch.names, strict=False))
        trees = {own.get(name, name): _handed(name, tree) for name, tree in given.items()}
        nodes[case] = part(branch, trees, None)
    return Switch(
        selector=inputs.of(selector),
        nodes=nodes,
        cases=tuple(Case(value, case) for case, value in function.cases),
        default=function.default,
        inputs=_references(given, inputs),
        within=within,
        after=after,
    )


def _repeat(
    function: LoopFunction,
    record: NodeRecord,
    part: Part,
    inputs: Inputs,
    within: tuple[str, ...],
    after: tuple[str, ...],
) -> Repeat:
    body = function.body
    annotations = hints(body)
    first = {
        name: inputs.argument(
            tree, annotations.get(name), f"loop({body.__name__})({name}=...): what is given"
        )
        for name, tree in _with_defaults(body, record.inputs)
    }
    trees = {name: ("param", name, ()) for name in first}
    return Repeat(
        node=part(body, trees, _kept(body, annotations)),
        until=function.until,
        max_iterations=function.max_iterations,
        exhausted=function.exhausted,
        inputs=first,
        within=within,
        after=after,
    )


def _handed(name: str, tree: Tree) -> Tree:
    """Return where a branch finds an argument: a literal stands in the branch itself."""
    return tree if tree[0] == "value" else ("param", name, ())


def _references(given: Given, inputs: Inputs) -> FrozenMapping[Any]:
    found = {name: inputs.of(tree) for name, tree in given.items() if tree[0] != "value"}
    return FrozenMapping(found)


def _with_defaults(body: Recordable[..., Any], given: Given) -> Iterator[tuple[str, Tree]]:
    """Yield all arguments of a body: each turn may give any of them."""
    for name in body.names:
        if name in given:
            yield name, given[name]
        else:
            yield name, ("default", default_of(body, name))


def _kept(body: Recordable[..., Any], annotations: Mapping[str, Any]) -> OutputNames | None:
    """Return which parts of a task's mapping are kept: each on its own, where all are known."""
    if isinstance(body, DagFunction):
        return None
    returned = annotations.get("return")
    keys = getattr(returned, "__required_keys__", None)
    if keys is None or getattr(returned, "__optional_keys__", None):
        return WHOLE
    names = OutputNames()  # the whole is added where it is read
    for key in sorted(keys):
        names.add((("key", key),), iterated=False)
    return names
