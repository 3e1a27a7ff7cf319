"""Turn a recording into the model: names, outputs, serializers and options."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from inspect import cleandoc
from typing import Any

from dagger_providers.card.annotations import hints
from dagger_providers.card.functions import reference_of, signature_text
from dagger_providers.dsl.decorators import DagFunction, Recordable
from dagger_providers.dsl.outputs import OutputNames, output_of
from dagger_providers.dsl.parameters import parameter, with_default
from dagger_providers.dsl.recording import Captured, NodeRecord, Recording
from dagger_providers.dsl.references import Tree
from dagger_providers.dsl.literals import literal
from dagger_providers.errors import BuildError
from dagger_providers.model import (
    DAG,
    ForEach,
    FromItem,
    FromList,
    FromNodeOutput,
    FromParam,
    FromValue,
    FrozenMapping,
    Loop,
    Options,
    Task,
)
from dagger_providers.model.frozen import EMPTY
from dagger_providers.model.options import DEFAULT_OPTIONS

_OPTIONS = frozenset(Options.model_fields)

Build = Callable[[DagFunction[..., Any]], DAG]


def assemble(
    function: DagFunction[..., Any],
    recording: Recording,
    result: dict[str, Tree] | Tree | None,
    build: Build,
) -> DAG:
    """Return the model of one recorded pipeline; ``build`` builds the pipelines it calls."""
    return _Assembly(function, recording, result, build).dag()


class _Assembly:
    """The names and outputs that all parts of one model agree on."""

    def __init__(
        self,
        function: DagFunction[..., Any],
        recording: Recording,
        result: dict[str, Tree] | Tree | None,
        build: Build,
    ) -> None:
        self.function = function
        self.recording = recording
        self.place = f"pipeline {function.__name__!r}"
        self.results = {"return_value": result} if isinstance(result, tuple) else result or {}
        self.nested = {
            number: build(node.function)
            for number, node in enumerate(recording.nodes)
            if isinstance(node.function, DagFunction)
        }
        self.names = _node_names(recording.nodes, self.place)
        self.loops = _loop_names(recording, self.names)
        self.outputs: dict[int, OutputNames] = {}
        self._find_outputs()
        self._options: dict[int, tuple[Options, Any]] = {}
        self._tasks: dict[int, tuple[str, str, dict[str, Any]]] = {}

    def dag(self) -> DAG:
        recording, function = self.recording, self.function
        settings = function.settings
        return DAG(
            nodes={self.names[n]: self._node(n, node) for n, node in enumerate(recording.nodes)}
            or self._refuse_empty(),
            inputs={name: parameter(function, name) for name in _parameters(function)},
            outputs={name: self._input(tree) for name, tree in self.results.items()},
            loops={self.loops[n]: self._loop(n) for n in range(len(recording.axes))},
            name=settings.get("name") or function.__name__.replace("_", "-").strip("-"),
            function=reference_of(function),
            description=cleandoc(function.__doc__ or ""),
            runtime_options=settings.get("runtime_options") or EMPTY,
        )

    def _refuse_empty(self) -> Any:
        raise BuildError(f"{self.place} calls no task")

    # Outputs

    def _find_outputs(self) -> None:
        for node in self.recording.nodes:
            for tree in node.inputs.values():
                self._use(tree)
        for tree in self.results.values():
            self._use(tree)
        for axis in self.recording.axes:
            if axis.over is not None:
                self._use(axis.over, iterated=True)

    def _use(self, tree: Tree, *, iterated: bool = False) -> None:
        for kind, origin, path in _origins(tree):
            if kind == "node" and origin not in self.nested:
                names = self.outputs.get(origin)
                if names is None:
                    names = self.outputs[origin] = OutputNames()
                names.add(path, iterated=iterated and tree[0] == "node")

    # Parts of the model

    def _loop(self, number: int) -> Loop:
        axis = self.recording.axes[number]
        return Loop(
            over=self._input(axis.over) if axis.over is not None else None,
            zips=tuple(self.loops[n] for n in axis.zips),
            within=tuple(self.loops[n] for n in axis.within),
        )

    def _node(self, number: int, node: NodeRecord) -> Task | DAG:
        within = tuple(self.loops[n] for n in node.axes)
        after = tuple(self.names[n] for n in node.after)
        nested = self.nested.get(number)
        if nested is not None:
            return nested.model_copy(
                update={
                    "inputs": FrozenMapping(self._nested_inputs(node, nested)),
                    "within": within,
                    "after": after,
                }
            )
        function = node.function
        reference, signature, annotations = self._static(function)
        options, runtime_options = self._settings(function)
        names = self.outputs.get(number)
        return Task.model_construct(
            kind="task",
            function=reference,
            signature=signature,
            inputs=FrozenMapping({
                argument: self._argument(tree, annotations.get(argument), function, argument)
                for argument, tree in node.inputs.items()
            }),
            outputs=FrozenMapping({
                name: output_of(function, reference, path, iterated=iterated)
                for name, path, iterated in names.named()
            })
            if names
            else EMPTY,
            within=within,
            after=after,
            options=options,
            runtime_options=runtime_options,
        )

    def _static(self, function: Recordable[..., Any]) -> tuple[str, str, dict[str, Any]]:
        key = id(function.__wrapped__)
        if key not in self._tasks:
            self._tasks[key] = (
                reference_of(function),
                signature_text(function),
                hints(function),
            )
        return self._tasks[key]

    def _settings(self, function: Recordable[..., Any]) -> tuple[Options, Any]:
        if not function.settings:
            return DEFAULT_OPTIONS, EMPTY
        key = id(function)
        if key not in self._options:
            given = {n: v for n, v in function.settings.items() if n in _OPTIONS}
            checked = Task(
                function.__wrapped__.__name__,
                options=Options(**given),
                runtime_options=function.settings.get("runtime_options") or EMPTY,
            )
            self._options[key] = checked.options, checked.runtime_options
        return self._options[key]

    def _argument(
        self, tree: Tree, annotation: Any, function: Recordable[..., Any], name: str
    ) -> Any:
        if tree[0] == "value":
            return FromValue.model_construct(
                kind="value", value=self._literal(tree, annotation, function, name)
            )
        return self._input(tree)

    def _literal(
        self, tree: Tree, annotation: Any, function: Recordable[..., Any], name: str
    ) -> Any:
        value = tree[1].value if isinstance(tree[1], Captured) else tree[1]
        return literal(value, annotation, f"{self.place}: {function.__name__}({name}=...)")

    def _nested_inputs(self, node: NodeRecord, nested: DAG) -> dict[str, Any]:
        annotations = hints(node.function)
        inputs: dict[str, Any] = {}
        for name, declared in nested.inputs.items():
            if name in node.inputs:
                inputs[name] = self._argument(
                    node.inputs[name], annotations.get(name), node.function, name
                )
            else:
                inputs[name] = with_default(declared)
        return inputs

    def _input(self, tree: Tree) -> Any:
        match tree:
            case ("param", name, path):
                return FromParam.model_construct(
                    kind="param",
                    name=name,
                    required=True,
                    default=None,
                    path=path,
                )
            case ("item", axis, path):
                return FromItem.model_construct(kind="item", loop=self.loops[axis], path=path)
            case ("node", number, path):
                return self._node_output(number, path)
            case ("list", elements):
                return FromList(tuple(map(self._input, elements)))
            case ("each", axis, elements):
                return ForEach(self.loops[axis], tuple(map(self._input, elements)))
            case ("value", value, *_):
                data = value.value if isinstance(value, Captured) else value
                return FromValue(literal(data, None, f"{self.place}: a literal"))
        raise AssertionError(tree)

    def _node_output(self, number: int, path: tuple[Any, ...]) -> FromNodeOutput:
        name = self.names[number]
        nested = self.nested.get(number)
        if nested is None:
            output = self.outputs[number].name(path)
            return FromNodeOutput.model_construct(
                kind="node", node=name, output=output, serializer=None, path=()
            )
        if "return_value" in nested.outputs and len(nested.outputs) == 1:
            return FromNodeOutput(name, "return_value", path=path)
        if not path or path[0][1] not in nested.outputs:
            what = f"[{path[0][1]!r}]" if path else " as a whole"
            raise BuildError(
                f"{self.place}: pipeline {nested.name!r} is read{what}; it gives: "
                f"{', '.join(nested.outputs) or 'nothing'}; read one of these by its key"
            )
        return FromNodeOutput(name, path[0][1], path=path[1:])


def _parameters(function: Recordable[..., Any]) -> tuple[str, ...]:
    code = function.__wrapped__.__code__
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


def _origins(tree: Tree) -> Iterator[Tree]:
    match tree[0]:
        case "list":
            for element in tree[1]:
                yield from _origins(element)
        case "each":
            for element in tree[2]:
                yield from _origins(element)
        case "value":
            return
        case _:
            yield tree


_INVALID = re.compile(r"[^a-zA-Z0-9-]+")


def _node_names(nodes: list[NodeRecord], place: str) -> list[str]:
    """Name nodes by their function: ``fit``, or ``fit-1``, ``fit-2`` when it is called often."""
    explicit: list[str | None] = [node.function.settings.get("name") for node in nodes]
    taken = Counter(name for name in explicit if name)
    repeated = [name for name, times in taken.items() if times > 1]
    if repeated:
        raise BuildError(f"{place}: several nodes are named {repeated[0]!r}; names are unique")
    natural = [_INVALID.sub("-", node.function.__name__).strip("-") or "node" for node in nodes]
    calls = Counter(n for n, given in zip(natural, explicit, strict=True) if given is None)
    reserved = set(taken) | {name for name, times in calls.items() if times == 1}
    numbers: Counter[str] = Counter()
    names: list[str] = []
    used: set[str] = set(taken)
    for given, name in zip(explicit, natural, strict=True):
        chosen = given
        if chosen is None and calls[name] == 1 and name not in used:
            chosen = name
        while chosen is None:
            numbers[name] += 1
            candidate = f"{name[:58]}-{numbers[name]}"
            chosen = candidate if candidate not in used and candidate not in reserved else None
        used.add(chosen)
        names.append(chosen)
    return names


def _loop_names(recording: Recording, names: list[str]) -> list[str]:
    """Name loops by what they run over: ``carriers``, ``split``, ``split-2``."""
    found: list[str] = []
    for axis in recording.axes:
        base = "-and-".join(found[n] for n in axis.zips if n < len(found)) or "zip"
        if axis.over is not None:
            base = _loop_label(axis.over, names, found)
        base = _INVALID.sub("-", base).strip("-")[:56] or "loop"
        number = 1
        name = base
        while name in found:
            number += 1
            name = f"{base}-{number}"
        found.append(name)
    return found


def _loop_label(over: Tree, names: list[str], loops: list[str]) -> str:
    match over:
        case ("param", name, path):
            origin = str(name)
        case ("node", number, path):
            origin = names[number]
        case ("item", axis, path):
            origin = f"{loops[axis]}-item"
        case _:
            return "loop"
    return "-".join([origin, *(str(step[1]) for step in path)])


